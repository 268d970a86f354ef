"""One question in one run: what is in the data, the score, the comparison, the advice, the cheapest first."""
