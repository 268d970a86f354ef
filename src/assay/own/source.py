"""Text that changes when what a Python object does may change: what a run of it is known by."""

from __future__ import annotations

import hashlib
import inspect
import platform
import sys
import sysconfig
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import CodeType, FunctionType, MethodType, ModuleType
from typing import Any

PLAIN = (int, float, complex, str, bytes, bool, type(None))
STANDARD = Path(sysconfig.get_path("stdlib")).resolve()
INSTALLED = {"site-packages", "dist-packages"}


@dataclass(frozen=True)
class Told:
    """What is known of an object's code.

    Attributes
    ----------
    digest : str
        Twenty hexadecimal digits of its text.
    lasting : bool
        Whether another version of Python reads the same; false of a lambda and of code without a source.
    """

    digest: str
    lasting: bool


def told(thing: Any) -> Told:
    """What tells an object from others: its source, that of what it refers to, and the values that it holds.

    The walk goes on into the user's own modules and stops at libraries, which are named.
    """
    walk = _Walk()
    text = "\n".join(walk.of(thing))
    text += "" if walk.lasting else platform.python_version()
    return Told(hashlib.sha256(text.encode()).hexdigest()[:20], walk.lasting)


class _Walk:
    def __init__(self) -> None:
        self.lasting = True
        self.seen: dict[int, Any] = {}

    def of(self, thing: Any) -> Iterator[str]:
        if isinstance(thing, PLAIN):
            yield repr(thing)
        elif id(thing) not in self.seen:
            self.seen[id(thing)] = thing  # held, so that no other object takes its place
            yield from self._first(thing)

    def _first(self, thing: Any) -> Iterator[str]:
        if isinstance(thing, ModuleType):
            yield from self._module(thing)
        elif isinstance(thing, type):
            yield from self._class(thing)
        elif isinstance(thing, FunctionType):
            yield from self._function(thing)
        elif isinstance(thing, MethodType):
            yield from (*self.of(thing.__func__), *self.of(thing.__self__))
        elif isinstance(thing, partial):
            yield from (*self.of(thing.func), *self.of(thing.args), *self.of(thing.keywords))
        elif isinstance(thing, Mapping):
            yield from (line for pair in thing.items() for part in pair for line in self.of(part))
        elif isinstance(thing, list | tuple):
            yield from (line for part in thing for line in self.of(part))
        elif hasattr(thing, "state_dict") and hasattr(thing, "modules"):
            yield from self._network(thing)
        else:
            yield from (*self.of(type(thing)), _hash(thing))

    def _module(self, module: ModuleType) -> Iterator[str]:
        yield f"module {module.__name__} {getattr(module, '__version__', '')}"
        if is_own(module.__name__):
            yield self._text(module)

    def _class(self, kind: type) -> Iterator[str]:
        if not is_own(kind.__module__):
            yield f"class {kind.__module__}.{kind.__qualname__}"
            return
        yield self._text(kind)
        yield from (line for base in kind.__bases__ for line in self.of(base))
        yield from (line for part in vars(kind).values() for line in self._used(_bare(part)))

    def _function(self, function: FunctionType) -> Iterator[str]:
        if not is_own(function.__module__):
            yield f"function {function.__module__}.{function.__qualname__}"
            return
        yield self._text(function)
        yield from (*self.of(function.__defaults__), *self.of(function.__kwdefaults__))
        yield from self._used(function)

    def _used(self, function: Any) -> Iterator[str]:
        """What the names in a function's body stand for, and the values that it closes over."""
        if not isinstance(function, FunctionType):
            return
        for name in sorted(_names(function.__code__) & set(function.__globals__)):
            yield name
            yield from self.of(function.__globals__[name])
        for name, cell in zip(function.__code__.co_freevars, function.__closure__ or ()):
            yield name
            yield from self.of(_content(cell))

    def _network(self, network: Any) -> Iterator[str]:
        yield repr(network)
        yield from (line for part in network.modules() for line in self.of(type(part)))
        yield from (f"{name} {_tensor(value)}" for name, value in network.state_dict().items())

    def _text(self, thing: Any) -> str:
        """The source; of a lambda, which shares its line with others, and without one the instructions."""
        if getattr(thing, "__name__", "") != "<lambda>":
            try:
                return textwrap.dedent(inspect.getsource(thing))
            except (OSError, TypeError):
                pass
        self.lasting = False
        parts = [thing] if isinstance(thing, FunctionType) else list(map(_bare, vars(thing).values()))
        codes = (part.__code__ for part in parts if isinstance(part, FunctionType))
        return "\n".join(line for code in codes for line in _instructions(code))


def _bare(part: Any) -> Any:
    """The function in a static or class method or a property."""
    return getattr(part, "__func__", getattr(part, "fget", part))


def is_own(module: str | None) -> bool:
    """Whether a module is the user's: of no library, and not of Assay."""
    if not module or module.partition(".")[0] in ("assay", *sys.builtin_module_names):
        return False
    file = getattr(sys.modules.get(module), "__file__", None)
    path = Path(file or "").resolve()
    return file is None or not (path.is_relative_to(STANDARD) or INSTALLED & set(path.parts))


def _names(code: CodeType) -> set[str]:
    inner = (part for part in code.co_consts if isinstance(part, CodeType))
    return set(code.co_names).union(*map(_names, inner))


def _instructions(code: CodeType) -> Iterator[str]:
    yield f"{code.co_code.hex()} {code.co_names} {code.co_varnames}"
    for part in code.co_consts:
        yield from _instructions(part) if isinstance(part, CodeType) else (repr(part),)


def _content(cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # not yet filled: a function that refers to itself
        return None


def _tensor(value: Any) -> str:
    if type(value).__name__.startswith("Uninitialized"):  # of a lazy layer that has seen no item
        return "not drawn yet"
    array = value.detach().cpu().contiguous().numpy() if hasattr(value, "detach") else value
    return _hash(array)


def _hash(thing: Any) -> str:
    import joblib

    try:
        return str(joblib.hash(thing))
    except Exception:  # what cannot be pickled is told by its type and what it says of itself
        return repr(thing)
