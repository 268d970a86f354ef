"""Data as other libraries hold it, by what an object offers: one file a kind."""
