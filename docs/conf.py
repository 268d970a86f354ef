"""The site: ``sphinx-build -W docs runs/site``, from pages that read well where they are, too."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from docutils import nodes
from myst_parser.parsers.sphinx_ import MystParser
from sphinx.application import Sphinx

from assay.version import __version__ as release  # noqa: F401

project = "Assay"
extensions = ["myst_parser", "sphinx.ext.autodoc", "numpydoc"]
exclude_patterns = ["conf.py"]
html_theme = "furo"
html_title = "Assay"
html_copy_source = False
html_show_sourcelink = False
myst_heading_anchors = 3
numpydoc_show_class_members = False
autodoc_typehints = "none"
autodoc_member_order = "bysource"
autodoc_default_options = {"members": True, "exclude-members": "set_fit_request, set_score_request"}
default_role = "code"
python_maximum_signature_line_length = 80
suppress_warnings = ["misc.highlighting_failure"]
highlight_language = "sh"


class NotebookParser(MystParser):
    """Notebooks as pages: their Markdown, their code, and what it printed."""

    supported = ("notebook",)

    def parse(self, inputstring: str, document: nodes.document) -> None:
        """Parse a notebook's cells as one page of Markdown."""
        super().parse("\n\n".join(map(as_markdown, json.loads(inputstring)["cells"])), document)


def as_markdown(cell: dict[str, Any]) -> str:
    """A cell as Markdown; of what was put out only text is kept."""
    source = "".join(cell["source"])
    if cell["cell_type"] != "code":
        return source
    printed = "".join("".join(output.get("text", ())) for output in cell["outputs"])
    return f"```python\n{source}\n```" + (f"\n\n```text\n{printed}\n```" if printed else "")


def outside(app: Sphinx, page: str, source: list[str]) -> None:
    """Links to files of the repository that are no pages: their names alone."""
    here = Path(app.srcdir, page).parent

    def plain(link: re.Match[str]) -> str:
        target = (here / link[2].partition("#")[0]).resolve()
        inside = target.is_relative_to(app.srcdir) and not target.is_dir()
        return link[0] if inside or ":" in link[2] else link[1]

    source[0] = re.sub(r"(?<!!)\[([^\]]+)\]\(([^)\s]+)\)", plain, source[0])


def drawn(app: Sphinx, doctree: nodes.document, *_: str) -> None:
    """Drawings stand in the page itself, so that their lines take the colour of its text."""
    for image in list(doctree.findall(nodes.image)):
        path = Path(app.srcdir, image["uri"])
        if path.parent.name == "words":
            svg = re.sub(r"<style>.*?</style>", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
            image.replace_self(
                nodes.raw(
                    "", svg.replace("<text ", '<text fill="currentColor" stroke="none" '), format="html"
                )
            )


def starred(*event: Any) -> None:
    """A star in a shape, ``(n, *shape)``, emphasises nothing."""
    lines: list[str] = event[-1]
    lines[:] = [re.sub(r"(?<![\w*`])\*(?=\w)", r"\\*", line) for line in lines]


def setup(app: Sphinx) -> None:
    """Notebooks, links and drawings."""
    app.add_source_suffix(".ipynb", "notebook")
    app.add_source_parser(NotebookParser)
    app.connect("source-read", outside)
    app.connect("autodoc-process-docstring", starred, priority=1)
    app.connect("doctree-resolved", drawn)
