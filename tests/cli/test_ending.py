"""How a command ends that fits no verb."""

from __future__ import annotations

import sys

import pytest

from assay.cli.main import main


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("compare digits --seeds 99999999999", "error: Invalid value for '--seeds': "),
        ("compare digits --seedz 3", "error: No such option: --seedz"),
        ("blender tea", "error: No such command 'tea'"),
        ("score", "error: Missing argument 'task'"),
    ],
)
def test_a_command_line_that_fits_no_verb_is_one_line(words, said, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["assay", *words.split()])
    with pytest.raises(SystemExit) as end:
        main()
    told = capsys.readouterr().err
    assert end.value.code == 2
    assert told.startswith(said)
    assert f"{words.split()[0]} --help tells" in told
    assert len(told.splitlines()) == 1
