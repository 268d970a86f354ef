"""The page of a comparison, its figures and its verdict."""
