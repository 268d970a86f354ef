"""What can be named, and with which options, read from the source: a mistake is refused before PyTorch loads.

The tables of methods, backbones, generators and data sets import all that they list, PyTorch among it, which
takes seconds. Here the same settings are rebuilt from the text of their files, with nothing that checking
them does not need, so that `assay.settings.parse` refuses what a user mistyped in no time, in the same words.
A test compares every one with the real settings.
"""

from __future__ import annotations

import ast
import builtins
import functools
import importlib
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

HOUSE = Path(__file__).parent
LIGHT = {*sys.stdlib_module_names, "annotated_types"}
"""Libraries that are imported; what comes from others is `_Anything`."""
BOTTOM = (
    *("assay.errors", "assay.settings", "assay.strict", "assay.files", "assay.version"),
    *("assay.own.place", "assay.own.installed"),
)
"""Files of the house that are imported as they are."""


class _Anything:
    """What stands for PyTorch and all that is as heavy: whatever is asked of it, it is that."""

    def __getattr__(self, name: str) -> _Anything:
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __call__(self, *_: Any, **__: Any) -> _Anything:
        return self

    def __mro_entries__(self, bases: tuple[Any, ...]) -> tuple[Any, ...]:
        return ()

    def __getitem__(self, key: Any) -> _Anything:
        return self

    def __or__(self, other: Any) -> _Anything:
        return self

    __ror__ = __or__


def table(file: str, name: str) -> Mapping[str, Any]:
    """Settings by the names in a table of the house, without what they build.

    Parameters
    ----------
    file : str
        Where the table stands, as ``methods/table.py``.
    name : str
        Its name there, as ``METHODS``.
    """
    return _Table(dict(_entries(file, name)))


def value(file: str, name: str) -> Any:
    """A class or function of the house, rebuilt: its body meets only what needs no other library."""
    return _value(file, name)


class _Table(Mapping[str, Any]):
    """A table whose entries are rebuilt when they are looked up."""

    def __init__(self, entries: Mapping[str, tuple[ast.expr, str]]) -> None:
        self.entries = entries

    def __getitem__(self, name: str) -> Any:
        return eval(ast.unparse(self.entries[name][0]), _Names(self.entries[name][1]))

    def __iter__(self) -> Iterator[str]:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self.entries)


def _entries(file: str, name: str) -> Iterator[tuple[str, tuple[ast.expr, str]]]:
    """Names, each with the expression that makes its settings and the file in which that stands."""
    found = _definitions(file)[name]
    shown = found.value if isinstance(found, ast.Assign | ast.AnnAssign) else None
    assert isinstance(shown, ast.Dict), f"{file}: {name} is no table"
    for key, value in zip(shown.keys, shown.values):
        if key is None:  # **OTHER
            assert isinstance(value, ast.Name)
            yield from _entries(*_home(file, value.id))
        else:
            yield ast.literal_eval(key), (value, file)


@functools.cache
def _definitions(file: str) -> dict[str, ast.stmt]:
    """What a file defines or imports at its top, by name."""
    found: dict[str, ast.stmt] = {}
    for node in ast.parse((HOUSE / file).read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            found[node.name] = node
        elif isinstance(node, ast.ImportFrom | ast.Import):
            found |= {alias.asname or alias.name: node for alias in node.names}
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found |= {part.id: node for t in targets for part in ast.walk(t) if isinstance(part, ast.Name)}
    return found


def _home(file: str, name: str) -> tuple[str, str]:
    """The file of the house that defines what another calls by a name, and its name there."""
    node = _definitions(file)[name]
    if not isinstance(node, ast.ImportFrom):
        return file, name
    path = str(node.module).removeprefix("assay.").replace(".", "/")
    return _home(f"{path}.py", _own(node, name))


def _own(node: ast.ImportFrom | ast.Import, name: str) -> str:
    return next(alias.name for alias in node.names if name in (alias.asname, alias.name))


@functools.cache
def _value(file: str, name: str) -> Any:
    """What a name stands for in a file."""
    node = _definitions(file).get(name)
    if isinstance(node, ast.ImportFrom | ast.Import):
        return _imported(node, file, name)
    return _executed(node, file, name) if node else vars(builtins)[name]


def _imported(node: ast.ImportFrom | ast.Import, file: str, name: str) -> Any:
    module = str(node.module) if isinstance(node, ast.ImportFrom) else _own(node, name)
    if module.startswith("assay.") and module not in BOTTOM:
        return _value(*_home(file, name))
    if module not in BOTTOM and module.partition(".")[0] not in LIGHT:
        return _Anything()
    found = importlib.import_module(module)
    return getattr(found, _own(node, name)) if isinstance(node, ast.ImportFrom) else found


class _Names(dict[str, Any]):
    """The names of a file, each rebuilt when a function asks for it; the body of a class does not ask."""

    def __init__(self, file: str) -> None:
        super().__init__(__name__=__name__, __package__=f"assay.{file.rpartition('/')[0].replace('/', '.')}")
        self.file = file

    def __missing__(self, name: str) -> Any:
        return _value(self.file, name)


class _Bare(ast.NodeTransformer):
    """Takes away what only a type checker reads: the types of functions, in the tree that is kept."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        node.returns = None
        for argument in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs):
            argument.annotation = None
        return node


def _executed(node: ast.stmt, file: str, name: str) -> Any:
    names, bare = _Names(file), _Bare().visit(node)
    for asked in _asked_at_once(bare) & set(_definitions(file)):
        names[asked] = _value(file, asked)
    exec(compile(ast.Module([bare], []), file, "exec", dont_inherit=True), names)
    return names[name]


def _asked_at_once(node: ast.AST) -> set[str]:
    """Names that are needed to define a class or function: those in the bodies of functions are not."""
    if isinstance(node, ast.FunctionDef):
        parts = [*node.decorator_list, node.args]
        return set().union(*map(_asked_at_once, parts))
    own = {node.id} if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) else set()
    return own.union(*map(_asked_at_once, ast.iter_child_nodes(node)))
