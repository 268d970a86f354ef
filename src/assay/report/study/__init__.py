"""The page, the tables and the figure of a published study."""
