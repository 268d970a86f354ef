"""What is said when work is stopped: what there is then, and no more."""

from __future__ import annotations

from pathlib import Path

import pytest
import typer

from assay.cli.terminal import resumable_learning


def stopped(out: Path, capsys, *kept: str) -> str:
    """What is said when a generator is stopped that has kept these files."""
    with pytest.raises(typer.Exit) as end:
        _begun_and_stopped(out, kept)
    assert end.value.exit_code == 130
    return str(capsys.readouterr().err.strip())


def _begun_and_stopped(out: Path, kept: tuple[str, ...]) -> None:
    with resumable_learning(out):
        for name in kept:
            out.with_suffix(".checkpoints").mkdir()
            (out.with_suffix(".checkpoints") / name).touch()
        raise KeyboardInterrupt


def test_a_generator_that_keeps_nothing_speaks_of_no_checkpoints(tmp_path, capsys):
    assert stopped(tmp_path / "made.npz", capsys) == "stopped; nothing was written"


def test_one_that_keeps_some_says_where_they_are_and_how_to_go_on(tmp_path, capsys):
    said = stopped(tmp_path / "made.npz", capsys, "weights.safetensors")
    assert "made.checkpoints holds" in said
    assert "add --resume" in said
