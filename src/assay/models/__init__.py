"""Backbones: networks from items to features."""
