"""How much synthetic data to use, with which labels, and what more would be worth."""
