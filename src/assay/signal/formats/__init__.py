"""Logs of other cards and tools, one file a format; each gives an `assay.signal.capture.Capture`."""
