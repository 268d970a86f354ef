"""Factors of variation: what is drawn for each picture."""
