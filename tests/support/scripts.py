"""Scripts that are no part of the package, run as from the command line."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType

import pytest


def load(path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script as a module; what it imports may lie beside it."""
    monkeypatch.syspath_prepend(path.parent)
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, path.stem, module)
    spec.loader.exec_module(module)
    return module


def run(
    path: Path, words: str, monkeypatch: pytest.MonkeyPatch, constants: Mapping[str, object] | None = None
) -> None:
    """Run its `main` with words of the command line and other constants than its own."""
    module = load(path, monkeypatch)
    for name, value in (constants or {}).items():
        monkeypatch.setattr(module, name, value)
    monkeypatch.setattr(sys, "argv", [str(path), *words.split()])
    module.main()
