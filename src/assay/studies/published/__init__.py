"""Published numbers, as data with their source, and how to look one up."""
