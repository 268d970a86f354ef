"""The factors of variation: for each, frozen settings made of distributions, and how a value is drawn."""
