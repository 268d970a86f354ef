"""Published studies: declared grids of runs beside the published numbers."""
