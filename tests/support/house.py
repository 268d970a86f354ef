"""Which file of the house imports which, as CONTRIBUTING counts it."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.support import ROOT

HOUSE = ROOT / "src" / "assay"
EXEMPT = HOUSE / "generate" / "blender" / "inside"
"""Runs in Blender's own Python."""
ROOMS = (
    *(
        "errors",
        "version",
        "settings",
        "processes",
        "temporary",
        "files",
        "strict",
        "own",
        "outline",
        "findings",
        "lazy",
        "item_numbers",
        "item_files",
        "table_columns",
        "markup",
    ),
    *("types", "machine", "signal", "data", "metrics", "models", "generate", "methods", "train", "runs"),
    *("quality", "comparison", "advice", "studies", "report", "assessment", "cli", "__main__"),
)
"""From the bottom up; a room imports only rooms below it."""
INSIDE = {
    "report": (
        *("template", "drawing", "inline", "traces", "matrix", "item_names", "contact_sheet", "sheet_png"),
        *("portraits", "sheet", "findings", "comparison", "score", "advice", "assessment", "study", "images"),
        "battery",
        *("reopen", "write"),
    ),
    "studies": (
        *(
            "source",
            "protocol",
            "published",
            "forms",
            "trunk",
            "runs",
            "pools",
            "syncheck",
            "images",
            "battery",
            "requests",
        ),
    ),
    "generate/blender": (
        *("scene", "shapes", "settings", "stream", "engine", "sets", "weighting", "sampler", "fit"),
    ),
}
"""The same inside rooms."""


def graph() -> dict[Path, set[Path]]:
    """The files that each file imports, wherever in it the import stands."""
    modules = {_module(path): path for path in HOUSE.rglob("*.py")}
    return {
        path: {
            modules[name] for name in _names(ast.parse(path.read_text()), path, modules) if name in modules
        }
        for path in modules.values()
        if not path.is_relative_to(EXEMPT)
    }


def _module(path: Path) -> str:
    return ".".join(path.relative_to(HOUSE.parent).with_suffix("").parts).removesuffix(".__init__")


def _names(tree: ast.AST, path: Path, modules: Mapping[str, Path]) -> Iterator[str]:
    for node in _running(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            home = ".".join([*_module(path).split(".")[: -node.level], node.module or ""]).strip(".")
            home = home if node.level else str(node.module)
            named = [f"{home}.{alias.name}" for alias in node.names]
            yield from (name if name in modules else home for name in named)


def _running(node: ast.AST) -> Iterator[ast.AST]:
    """All nodes but those under ``TYPE_CHECKING``."""
    if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
        return
    yield node
    for child in ast.iter_child_nodes(node):
        yield from _running(child)


def upwards(imports: Mapping[Path, set[Path]], top: str, order: tuple[str, ...]) -> list[str]:
    """Each import of a file in a higher place of `order`, or in none, as ``FILE imports FILE``."""
    place = {name: i for i, name in enumerate(order)}
    found = []
    for path, others in imports.items():
        own = _room(path, top)
        for other in others if own else ():
            theirs = _room(other, top)
            if theirs and place.get(theirs, 99) > place.get(own, -1):
                found.append(f"{path.relative_to(HOUSE)} imports {other.relative_to(HOUSE)}")
    return sorted(found)


def _room(path: Path, top: str) -> str:
    """The place of a file below `top`; none for a file elsewhere, or for the face of `top` itself."""
    if not path.is_relative_to(HOUSE / top):
        return ""
    first = path.relative_to(HOUSE / top).parts[0]
    return first.removesuffix(".py").removesuffix("__init__")


def circles(imports: Mapping[Path, set[Path]]) -> list[str]:
    """Pairs of files that import each other, at once or by way of others."""
    reach = {path: _reached(imports, path) for path in imports}
    return sorted(
        f"{path.relative_to(HOUSE)} and {other.relative_to(HOUSE)}"
        for path, others in imports.items()
        for other in others
        if path in reach.get(other, ())
    )


def _reached(imports: Mapping[Path, set[Path]], start: Path) -> set[Path]:
    seen: set[Path] = set()
    todo = [start]
    while todo:
        for other in imports.get(todo.pop(), ()):
            if other not in seen:
                seen.add(other)
                todo.append(other)
    return seen
