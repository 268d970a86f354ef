"""The names of what networks are trained on: the processor, a GPU of NVIDIA or AMD, one of Apple."""

from __future__ import annotations

DEVICES = ("cpu", "cuda", "mps")
"""Apple's `mps` is taken when it is asked for, never by default: nothing here was measured on one."""
