"""The tables and pictures of a study of rendered images."""
