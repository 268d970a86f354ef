"""What is handed out: a wheel that installs and reads well, and files about it that say the same."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
import zipfile

import pytest

import assay
from tests.support import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def test_the_version_and_the_licence_are_said_once():
    cited = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert f"\nversion: {assay.__version__}\n" in cited
    assert f"\nlicense: {PROJECT['license']}\n" in cited
    assert PROJECT["version"] == assay.__version__


def test_workflow_runs_every_version_and_says_that_none_has_run():
    text = (ROOT / ".github" / "workflows" / "checks.yml").read_text(encoding="utf-8")
    assert text.startswith("# Unproven")
    [versions] = re.findall(r"python: \[(.*)\]", text)
    assert versions == '"3.11", "3.12", "3.13", "3.14"'
    [said] = re.findall(r"python: *>= *([\d.]+)|requires-python = \">=([\d.]+)\"", _project_text())
    assert "3.11" in said
    for verb in re.findall(r"run: assay (\w+)|^ +assay (\w+)", text, re.MULTILINE):
        assert next(filter(None, verb)) in _verbs()


def _project_text() -> str:
    return (ROOT / "pyproject.toml").read_text(encoding="utf-8")


def _verbs() -> set[str]:
    from assay.cli.main import app

    return {command.callback.__name__ for command in app.registered_commands if command.callback}


@pytest.mark.slow
def test_the_wheel_is_whole_and_twine_takes_it(tmp_path):
    pip = [sys.executable, "-m", "pip"]
    subprocess.run([*pip, "wheel", "-q", "--no-deps", "-w", tmp_path, ROOT], check=True)
    [wheel] = tmp_path.glob("assay-*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    sources = {str(p.relative_to(ROOT / "src")) for p in (ROOT / "src" / "assay").rglob("*.py")}
    assert sources <= set(names), "every file of the house"
    assert not [name for name in names if name.startswith("tests")]
    subprocess.run([*pip, "install", "-q", "--target", tmp_path / "twine", "twine"], check=True)
    code = "from twine.__main__ import main; main()"
    check = f"import sys; sys.path.insert(0, {str(tmp_path / 'twine')!r}); {code}"
    said = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", check, "check", "--strict", wheel],
        capture_output=True,
        text=True,
    )
    assert said.returncode == 0, said.stdout + said.stderr
