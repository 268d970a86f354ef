"""Notebooks run cell by cell in this process.

``python -m tests.support.notebooks PATH ...`` keeps in them what they print.
"""

from __future__ import annotations

import ast
import io
import json
import sys
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any


def run(path: Path) -> list[str]:
    """What each cell of code prints, the value of its last line too; an error ends it."""
    names: dict[str, Any] = {"__name__": "__main__"}
    return [printed("".join(cell["source"]), names, path.name) for cell in code_cells(read(path))]


def read(path: Path) -> dict[str, Any]:
    """The notebook as it is stored."""
    return json.loads(path.read_text(encoding="utf-8"))


def code_cells(notebook: dict[str, Any]) -> list[dict[str, Any]]:
    """Its cells of code, in their order."""
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


def printed(code: str, names: dict[str, Any], name: str) -> str:
    """Run one cell."""
    said, tree = io.StringIO(), ast.parse(code)
    with redirect_stdout(said):
        last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, name, "exec"), names)
        if last is not None:
            value = eval(compile(ast.Expression(last.value), name, "eval"), names)
            if value is not None:
                print(value)
    return said.getvalue()


def keep(path: Path) -> None:
    """Run a notebook and store the text that it printed."""
    notebook = read(path)
    for place, (cell, text) in enumerate(zip(code_cells(notebook), run(path), strict=True), 1):
        stream = {"name": "stdout", "output_type": "stream", "text": text.splitlines(keepends=True)}
        cell.update(outputs=[stream] if text else [], execution_count=place)
    path.write_text(json.dumps(notebook, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    for word in sys.argv[1:]:
        keep(Path(word).resolve())
