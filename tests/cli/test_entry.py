"""Ways in: as a module, and what a shell completes."""

from __future__ import annotations

import runpy
import sys

import pytest

from assay.cli import main as cli


def test_as_a_module_it_is_the_same(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["assay", "--version"])
    with pytest.raises(SystemExit) as ended:
        runpy.run_module("assay", run_name="__main__")
    assert ended.value.code == 0
    assert capsys.readouterr().out.startswith("assay ")


def test_a_shell_completes_verbs_and_options(monkeypatch, capsys):
    for words, found in (("assay comp", "compare"), ("assay compare --save", "--save-models")):
        monkeypatch.setenv("_ASSAY_COMPLETE", "complete_bash")
        monkeypatch.setenv("COMP_WORDS", words)
        monkeypatch.setenv("COMP_CWORD", str(words.count(" ")))
        with pytest.raises(SystemExit):
            cli.app(prog_name="assay")
        assert capsys.readouterr().out.split() == [found]
