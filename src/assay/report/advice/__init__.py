"""Advice as sentences, tables and a figure."""
