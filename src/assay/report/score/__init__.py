"""The page, the table and the items of a score."""
