"""The documents as a whole: the site builds without a warning, the tutorials run and end in a decision."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from tests.support import ROOT
from tests.support.notebooks import code_cells, read, run

pytestmark = pytest.mark.slow
NOTEBOOKS = sorted((ROOT / "docs" / "tutorials").glob("*.ipynb"))


def test_the_site_builds_and_fetches_nothing(tmp_path):
    for library in ("sphinx", "myst_parser", "numpydoc", "furo"):
        pytest.importorskip(library)
    words = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", ROOT / "docs", tmp_path]
    done = subprocess.run(words, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    pages = [page.read_text(encoding="utf-8") for page in tmp_path.rglob("*.html")]
    assert len(pages) > 40
    fetched = (
        r"<(?:script|img|iframe)[^>]*src=\"(?:https?:)?//|<link[^>]*stylesheet[^>]*href=\"(?:https?:)?//"
    )
    assert not [found for page in pages for found in re.findall(fetched, page)]
    styles = "".join(path.read_text(encoding="utf-8") for path in tmp_path.rglob("*.css"))
    assert not re.findall(r"url\([\"']?(?:https?:)?//|@import[^;]*//", styles)
    [reference] = [page for page in pages if 'id="assay.compare"' in page]
    assert 'id="assay.Model.predict"' in reference
    assert '<text fill="currentColor"' in (tmp_path / "concepts.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_tutorial_runs_and_ends_in_a_decision(path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    printed = run(path)
    assert "| real_only |" in "".join(printed)
    assert re.search(r"^(Use|No evidence|Do not|Cannot tell)", "\n".join(printed), re.MULTILINE), "a verdict"
    kept = ["".join(output["text"]) for cell in code_cells(read(path)) for output in cell["outputs"]]
    assert "| real_only |" in "".join(kept), "what it printed is in the file, too"
    assert path.stat().st_size < 40_000
    [last] = [cell for cell in read(path)["cells"] if cell["source"][0].startswith("## The decision")]
    assert "**" in "".join(last["source"])
