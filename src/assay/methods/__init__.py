"""How to use synthetic data: one file a method."""
