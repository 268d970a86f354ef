"""Everyday objects built in code, one file a class; needs NumPy alone."""
