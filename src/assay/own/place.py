"""Objects named by where they stand: ``MODULE:NAME`` or ``FILE.py:NAME``, with ``:key=value,...``."""

from __future__ import annotations

import ast
import functools
import hashlib
import importlib
import importlib.util
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from assay.errors import UserError
from assay.settings import once

PLACE = re.compile(r"(.+?\.py|[A-Za-z_]\w*(?:\.\w+)*):([A-Za-z_]\w*(?:\.\w+)*)(?::(.*))?")
LOADED = "assay_own_"
"""How the modules of files are called while they are loaded."""


@dataclass(frozen=True)
class Place:
    """Where an object stands.

    Attributes
    ----------
    home : str
        A module, or a file that ends in .py.
    name : str
        Of the object there; dots lead on.
    options : str
        ``key=value,...``, still text.
    """

    home: str
    name: str
    options: str = ""

    def __str__(self) -> str:
        return f"{self.home}:{self.name}"

    @property
    def is_file(self) -> bool:
        """Whether the home is a file."""
        return self.home.endswith(".py")

    def check(self, what: str) -> None:
        """Refuse a file or a module that is not there, without running any of it.

        Raises
        ------
        UserError
            If it is not.
        """
        if self.is_file:
            if not Path(self.home).is_file():
                raise UserError(f"{what} {self}: {self.home}: no such file")
        elif not _findable(self.home.partition(".")[0]):
            raise UserError(
                f"{what} {self}: no module named '{self.home}' here or among what is installed; "
                "a file is named with its .py"
            )

    def load(self, what: str) -> Any:
        """The object; its file or module is run if it was not before.

        Raises
        ------
        UserError
            If it is not there, or running its code ends in an error.
        """
        self.check(what)
        try:
            found: Any = _file_module(Path(self.home)) if self.is_file else _module(self.home)
        except Exception as error:  # the user's code, which may raise anything
            raise UserError(f"{what} {self}: {type(error).__name__}: {error}") from error
        for part in self.name.split("."):
            if not hasattr(found, part):
                raise UserError(f"{what} {self}: {self.home} defines no '{part}'")
            found = getattr(found, part)
        return found


def place_of(text: str) -> Place | None:
    """The place that a text names; None if it is of another form."""
    match = PLACE.fullmatch(text)
    return Place(match[1], match[2], match[3] or "") if match else None


def read_options(options: str, where: str) -> dict[str, Any]:
    """Arguments by name: numbers, true, None and the like as Python or Assay writes them, else text.

    Raises
    ------
    UserError
        If a part is not of the form key=value, or a key is given twice.
    """
    pairs = [item.partition("=") for item in options.split(",") if item]
    for key, equals, value in pairs:
        if not (equals and key.strip().isidentifier()):
            raise UserError(f"{where}: '{key}{equals}{value}' is not of the form key=value")
    return once([(key.strip(), _value(value.strip())) for key, _, value in pairs], where)


def write_options(options: Mapping[str, Any]) -> str:
    """The text of which `read_options` makes these."""
    return ",".join(f"{key}={value}" for key, value in options.items())


def _value(text: str) -> Any:
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return {"true": True, "false": False}.get(text, text)


def _findable(module: str) -> bool:
    _look_in(Path.cwd())
    return module in sys.modules or importlib.util.find_spec(module) is not None


def _module(name: str) -> ModuleType:
    _look_in(Path.cwd())
    return importlib.import_module(name)


def _file_module(path: Path) -> ModuleType:
    """The module that a file defines; run again when its text has changed."""
    path = path.resolve()
    return _run(path, hashlib.sha256(path.read_bytes()).hexdigest()[:12])


@functools.cache
def _run(path: Path, digest: str) -> ModuleType:
    import cloudpickle

    name = f"{LOADED}{path.stem}_{digest}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    _look_in(path.parent)
    sys.modules[name] = module  # dataclasses and pickles look there
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    cloudpickle.register_pickle_by_value(module)  # workers cannot import it by that name
    return module


def _look_in(folder: Path) -> None:
    """Let modules of a folder be imported, after all that can be already."""
    if str(folder) not in sys.path:
        sys.path.append(str(folder))
