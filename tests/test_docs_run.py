"""The documents as a whole: the site builds without a warning, the tutorials run and end in a decision."""

from __future__ import annotations

import ast
import dataclasses
import importlib.util
import inspect
import re
import shutil
import subprocess
import sys

import pytest

import assay
from assay.cli import main as cli
from tests.support import ROOT
from tests.support.documents import DOCUMENTS, of_assay, python_blocks
from tests.support.notebooks import code_cells, read, run
from tests.support.workshop import SMALL, equip, names, signals

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


# -- commands and Python of the pages -------------------------------------------------------------------

LOGS = {ROOT / "CHANGELOG.md"}
PAGES = [path for path in DOCUMENTS if path.parent in (ROOT / "docs", ROOT)]
ONLY_READ = {
    r"^blender|generate '?blender": "Blender need not be here: tests/generate/blender",
    r"^bench .": "minutes to hours: tests/studies",
    r"visda|office-caltech|csi-har|esp32|s2rda|intel5300|logs": "downloaded data, or logs of a card",
    r"efficientnet|weights=": "a package of weights: tests/models",
    r"\b(TASK|SYN|FOLDER|MADE|PHOTOS|TRUNK|STUDY)\b|runs/(rendered|objects)": "stands for what readers have",
    r"^predict model.safetensors (photos/|digits|new.csv)": "another model than that of `mine.npz`",
    r"resnet1d:depth=18": "a network of 18 layers",
    r"mine.npz -s simulate-csi": "`mine.npz` as `data pack` leaves it: tests/data/packing",
}
"""Commands that are read as far as their options, by the default tests, and not run: why."""
NOT_RUN = {
    r"torchvision|datasets|dataset\b|frame\b": "of the extra `peers`: tests/data/objects/test_peers.py",
    r"onnx": "an extra: tests/train/test_onnx.py",
    r"GridSearchCV\(|search": "thirty fits: tests/comparison/test_estimator.py",
    r"efficientnet|vectors": "a package of weights: tests/models",
    r"Runs\.|\bruns\.|\(runs,": "of a finished study: tests/studies",
    r"Blender|render_set|learn_factors|learned|office": "Blender: tests/generate/blender",
}
"""Statements of Python that are compiled alone: why."""
SHORT = "epochs=2,steps=2,batch=8"
FLAGS = {
    "demo": {"--training": SHORT, "--seeds": "1"},
    "assess": {"--training": SHORT, "--seeds": "1", "--scoring": "repeats=1", "--parts": "score,comparison"},
    "compare": {"--training": SHORT, "--seeds": "1"},
    "score": {"--training": SHORT, "--scoring": "repeats=1"},
    "advise": {"--training": SHORT, "--seeds": "2", "--ratios": "0.5"},
    "select": {"--training": SHORT, "--seeds": "1"},
    "train": {"--training": SHORT},
    "generate": {"-n": "20"},
    "pretrain": {"--training": SHORT},
}


def why_not(text: str, reasons: dict[str, str]) -> str:
    """The reason why something is not run; none where it is."""
    return next((why for pattern, why in reasons.items() if re.search(pattern, text)), "")


def shortened(words: list[str]) -> list[str]:
    """The command at its shortest settings; what it says of training stays where it says more than length."""
    flags = FLAGS.get(words[0], {})
    words = [*words, *(word for flag in flags.items() if flag[0] not in words for word in flag)]
    for flag, value in flags.items():
        at = words.index(flag) + 1
        words[at] = f"{words[at]},{value}" if words[at].startswith("augment") else value
    return [*words, *(("--workers", "1") if words[0] in WORKING else ())]


WORKING = ("demo", "assess", "compare", "score", "advise", "select")
COMMANDS = {own.line: (path, own) for path in PAGES for own in of_assay(path)}
RUN = [pair for line, pair in COMMANDS.items() if not why_not(" ".join(pair[1].words), ONLY_READ)]
"""Each once: the last page that has it."""


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    """A folder with all that commands name, and a finished comparison with its models."""
    folder = tmp_path_factory.mktemp("bench")
    equip(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        task, made = assay.open_task("mine.npz"), assay.Samples(*signals(120, 1))
        out = {"out": "runs/mine", "save_models": True, "workers": 1}
        result = assay.compare(task, made, methods=["mixed"], seeds=1, training=SMALL, **out)
        result.best().save("model.safetensors")
    return folder


@pytest.mark.parametrize(("path", "command"), RUN, ids=[f"{p.stem}: {c.line[:70]}" for p, c in RUN])
def test_a_command_of_a_page_runs(path, command, bench, tmp_path, monkeypatch, capsys):
    shutil.copytree(bench, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("assay.report.write.write_report", lambda result, place: place)  # takes its time
    monkeypatch.setattr(sys, "argv", ["assay", *shortened(command.words)])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    said = capsys.readouterr()
    assert not ended.value.code, f"{path}: {command.line}\n{said.out}{said.err}"


def test_nothing_is_left_out_for_a_reason_that_is_gone():
    lines = [" ".join(own.words) for _, own in COMMANDS.values()]
    assert [p for p in ONLY_READ if not any(re.search(p, line) for line in lines)] == []
    assert len(RUN) > 30


@pytest.mark.parametrize("path", [p for p in PAGES if python_blocks(p)], ids=lambda path: path.stem)
def test_the_python_of_a_page_runs(path, bench, tmp_path, monkeypatch):
    shutil.copytree(bench, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    for name in ("assess", "compare", "score", "advise", "select"):
        monkeypatch.setattr(assay, name, short(getattr(assay, name)), raising=False)
    given = names()
    for block in python_blocks(path):
        for statement in ast.parse(block).body:
            code = ast.unparse(statement)
            compile(code, path.name, "exec")
            if isinstance(statement, ast.Import | ast.ImportFrom) or not why_not(code, NOT_RUN):
                exec(code, given)


def test_names_of_the_house_are_where_pages_say():
    said = {name for path in set(PAGES) - LOGS for name in dotted(path)}
    assert len(said) > 20
    groups = {f"assay.{kind}" for kind in ("generators", "methods", "metrics", "backbones", "augmentations")}
    assert [name for name in sorted(said - groups) if not found(name)] == [], "entry points aside"


def dotted(path) -> list[str]:
    """Names of modules, and of what is in them, as code in a page."""
    return re.findall(r"`(assay(?:\.\w+)+)", path.read_text())


def found(name: str) -> bool:
    """Whether a dotted name leads to a module or to something in one."""
    module, _, rest = name.partition(".")
    place = importlib.import_module(module)
    for part in rest.split("."):
        module = f"{module}.{part}"
        if not hasattr(place, part) and importlib.util.find_spec(module) is None:
            return False
        place = getattr(place, part, None) or importlib.import_module(module)
    return True


def short(function):
    """The same function at its shortest settings."""

    def called(*given, **settings):
        known = inspect.signature(function).parameters
        least = {"seeds": 1, "workers": 1, "scoring": assay.Scoring(repeats=1), "parts": ("score",)}
        training = dataclasses.replace(settings.pop("training", SMALL), epochs=2, steps=2, batch=8)
        least = {name: value for name, value in least.items() if name in known and len(given) < 3}
        return function(*given, **{**settings, **least, "training": training})

    return called
