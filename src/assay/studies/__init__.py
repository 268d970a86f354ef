"""Studies: grids of runs, the runner, and the folder that runs are kept in."""
