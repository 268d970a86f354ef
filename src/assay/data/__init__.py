"""Real data in, one file a data set."""
