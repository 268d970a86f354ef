"""Whole sets of pictures in a folder, with a manifest."""
