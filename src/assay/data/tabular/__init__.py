"""Tables to items: which column is what, numbers and categories of each."""
