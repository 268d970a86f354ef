"""Pure distances and scores between arrays: one file a metric."""
