"""Cores, processes, torchrun, Ray: all that differs between machines."""
