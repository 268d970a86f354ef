"""How good synthetic data is: scores that train models, and what they are made of."""
