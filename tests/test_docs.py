"""What the documents say can be followed: links lead somewhere, commands are read, the README's run."""

from __future__ import annotations

import re
import sys

import numpy as np
import pytest

import assay
from assay.cli import main as cli
from tests.support import ROOT
from tests.support.documents import (
    DOCUMENTS,
    RESULTS,
    commands,
    headings,
    links,
    of_assay,
    parse,
    python_blocks,
)
from tests.support.scripts import load

README = ROOT / "README.md"
SHORT = ("--training", "epochs=1,steps=2,batch=8", "--workers", "1")
TAILS = {
    "demo": (*SHORT, "--seeds", "1"),
    "assess": (*SHORT, "--parts", "score", "--scoring", "repeats=1"),
    "compare": (*SHORT, "--seeds", "1"),
    "score": (*SHORT, "--scoring", "repeats=1"),
    "advise": (*SHORT, "--seeds", "2", "--ratios", "0.5"),
    "select": (*SHORT, "--seeds", "1"),
}
"""What makes the README's commands short; they are otherwise run as they stand."""


@pytest.fixture(scope="module")
def mine(tmp_path_factory):
    """A folder with the README's `mine.npz` and `made.npz`."""
    folder = tmp_path_factory.mktemp("readme")
    y = np.arange(80) % 2
    x = np.random.default_rng(0).normal(0, 0.3, (120, 3)) + (np.arange(120) % 2)[:, None]
    np.savez(folder / "mine.npz", x=x[:80], y=y)
    np.savez(folder / "made.npz", x=x[80:] + 0.1, y=y[:40])
    return folder


def test_links_lead_somewhere():
    for path in DOCUMENTS:
        for link in links(path):
            place, _, anchor = link.partition("#")
            target = path.parent / place if place else path
            assert target.exists(), f"{path.relative_to(ROOT)}: {link}"
            if anchor and target.suffix == ".md":
                assert anchor in headings(target), f"{path.relative_to(ROOT)}: {link}"


def test_files_of_the_house_are_where_pages_say():
    for path in set(DOCUMENTS) - {ROOT / "CHANGELOG.md"}:
        named = re.findall(r"\b(?:src/assay|tests|examples|benchmarks)/[\w/.]*\w", path.read_text())
        assert [name for name in named if not (ROOT / name).exists()] == [], path


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_command_is_read_as_far_as_its_options(path):
    for command in of_assay(path):
        try:
            parse(command.words)
        except Exception as error:
            pytest.fail(f"{command.line}: {getattr(error, 'message', error)}")


@pytest.mark.parametrize("page", ["faq.md", "few_shots.md"])
def test_an_answer_has_its_numbers_from_the_pages_that_it_names(page):
    answers = (ROOT / "docs" / page).read_text().split("\n## ")
    for answer in answers:
        named = {link.partition("#")[0] for link in re.findall(r"\]\(([^)]+)\)", answer)} - {""}
        sources = " ".join((ROOT / "docs" / name).read_text() for name in named)
        numbers = set(re.findall(r"[+-]?\b\d+\.\d+", answer))
        assert [number for number in numbers if number not in sources] == [], answer.splitlines()[0]


def test_the_reference_has_every_public_name():
    named = re.findall(
        r"^\.\. auto\w+:: assay\.(\w+)$", (ROOT / "docs" / "reference.md").read_text(), re.MULTILINE
    )
    assert sorted(named) == sorted(set(assay.__all__) - {"__version__"})


def test_the_site_has_every_page():
    index = (ROOT / "docs" / "index.md").read_text()
    pages = [path.relative_to(ROOT / "docs") for path in (ROOT / "docs").rglob("*.md")]
    listed = set(re.findall(r"^([\w/]+)$", index, re.MULTILINE))
    assert {str(page.with_suffix("")) for page in pages} - {"index"} <= listed


@pytest.mark.parametrize("path", RESULTS, ids=lambda path: path.stem)
def test_a_page_of_results_says_which_commit_and_which_code(path, monkeypatch):
    told = load(ROOT / "benchmarks" / "stale_results.py", monkeypatch).measured(path)
    text = path.read_text()
    parts = {entry.of for entry in told}
    assert parts <= set(re.findall(r"^#+ (.+)$", text, re.MULTILINE)), "each is a heading of the page"
    assert {code for entry in told for code in entry.code if not (ROOT / code).exists()} == set()
    title = re.findall(r"^# (.+)$", text, re.MULTILINE)[0]
    sections = re.findall(r"^## (.+)\n((?:(?!## ).*\n)*)", text, re.MULTILINE)
    tables = {name for name, section in sections if re.search(r"^\|.*\d", section, re.MULTILINE)}
    assert title in parts or tables <= parts, "no table without"
    assert list(commands(path)), "and the command"


def test_the_readme_has_the_two_commands_and_fits_a_screen():
    text = README.read_text()
    assert "    python3 -m venv .venv && .venv/bin/pip install . && .venv/bin/assay demo\n" in text
    assert (
        "    python3 -m venv .venv && .venv/bin/pip install -e '.[test]' && .venv/bin/python -m pytest\n"
        in text
    )
    assert len(text.splitlines()) < 65
    verbs = {command.words[0] for command in of_assay(README)}
    assert verbs <= set(TAILS), "each is run below"
    others = {command.words[0] for command in commands(README)} - {"assay", ".venv/bin/assay"}
    assert others == {"python3", ".venv/bin/pip", ".venv/bin/python"}, (
        "what sets up and tests is run by .ci/run"
    )


@pytest.mark.parametrize("command", of_assay(README), ids=lambda command: command.words[0])
def test_a_command_of_the_readme_runs(command, mine, monkeypatch, capsys):
    monkeypatch.chdir(mine)
    monkeypatch.setattr("assay.report.write.write_report", lambda result, path: path)  # drawn once, below
    monkeypatch.setattr(sys, "argv", ["assay", *command.words, *TAILS[command.words[0]]])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    said = capsys.readouterr()
    assert not ended.value.code, said.out + said.err


def test_the_python_of_the_readme_runs(mine, monkeypatch, capsys):
    [code] = python_blocks(README)
    code = code.replace("seeds=5", "seeds=1").replace(
        "epochs=15, steps=40, batch=32", "epochs=1, steps=2, batch=8"
    )
    with np.load(mine / "mine.npz") as real, np.load(mine / "made.npz") as made:
        names = {"x": real["x"], "y": real["y"], "made_x": made["x"], "made_y": made["y"]}
    monkeypatch.chdir(mine)
    exec(compile(code, "README.md", "exec"), names)
    assert "| real_only |" in capsys.readouterr().out
    assert (mine / "report.html").stat().st_size > 10_000
    assert re.findall(r"epochs=\d+", code) == ["epochs=1"], "the settings that are made short are still there"
