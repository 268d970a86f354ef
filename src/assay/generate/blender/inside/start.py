"""Begin a worker: ``python start.py`` where bpy is installed, or ``blender -b --python start.py``."""

import importlib
import sys
from pathlib import Path


def _import_by_path() -> None:
    """Make `inside` and `catalogue` importable, behind everything that Blender itself imports."""
    here = Path(__file__).resolve().parent
    sys.path[:] = [place for place in sys.path if Path(place or ".").resolve() != here]
    sys.path.append(str(here.parent))


if __name__ == "__main__":
    _import_by_path()
    importlib.import_module("inside.worker").main()
