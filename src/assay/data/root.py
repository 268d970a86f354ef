"""Where downloaded data sets lie."""

from __future__ import annotations

import os
from pathlib import Path


def data_root() -> Path:
    """The folder that the environment variable ``ASSAY_DATA`` names, else ``~/.local/share/assay``."""
    return Path(os.environ.get("ASSAY_DATA") or Path.home() / ".local" / "share" / "assay")
