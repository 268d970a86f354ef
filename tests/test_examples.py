from __future__ import annotations

import runpy
import sys
from pathlib import Path

EXAMPLES = Path(__file__).parent.parent / "examples"


def run(name: str):
    return runpy.run_path(str(EXAMPLES / name))


def test_your_own_data(tmp_path, capsys):
    run("your_own_data.py")["main"](str(tmp_path), seeds=1, epochs=2)
    printed = capsys.readouterr().out
    assert "| real_only |" in printed
    assert (tmp_path / "report.html").stat().st_size > 10_000


def test_leave_one_person_out(tmp_path, monkeypatch, real_data):
    table = tmp_path / "table.md"
    options = ["--out", str(tmp_path / "runs"), "--table", str(table), "--people", "3"]
    monkeypatch.setattr(sys, "argv", ["x", *options, "--seeds", "1", "--epochs", "1", "--steps", "2"])
    run("leave_one_person_out.py")["main"]()
    rows = [line for line in table.read_text().splitlines() if line.startswith("| ")]
    assert len(rows) == 4 * 4, "a head and three ways under four selections"
    assert not any("| - |" in row for row in rows)
