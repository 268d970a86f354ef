"""Weighted rendering: distributions of the factors learnt from unlabelled photographs.

Tang and Jia (CVPR 2023) draw every factor evenly and name weighted rendering as future work. Here pictures
are rendered, a classifier says how likely each is to be a photograph, and every factor's distribution moves
towards the values of the likely ones; then anew from there.
"""
