"""A user's own files of arrays and tables: one file a format."""
