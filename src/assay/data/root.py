"""Where downloaded data sets lie, and what is kept lest it be computed again."""

from __future__ import annotations

import os
from pathlib import Path


def data_root() -> Path:
    """The folder that the environment variable ``ASSAY_DATA`` names, else ``~/.local/share/assay``."""
    return Path(os.environ.get("ASSAY_DATA") or Path.home() / ".local" / "share" / "assay")


def cache_root() -> Path:
    """The folder for what can be computed again: that of ``ASSAY_CACHE``, else ``~/.cache/assay``."""
    return Path(os.environ.get("ASSAY_CACHE") or Path.home() / ".cache" / "assay")
