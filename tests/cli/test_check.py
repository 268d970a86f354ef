"""What `assay data check` says of files: notes and warnings before the table, refusals instead of it."""

from __future__ import annotations

import numpy as np
import pytest
from typer.testing import CliRunner

from assay.cli.main import app
from assay.errors import UserError
from tests.support.examining import classes, pictures, signals


def check(*args: str):
    return CliRunner().invoke(app, ["data", "check", *args])


@pytest.fixture(autouse=True)
def files(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    np.savez("real.npz", x=pictures().transpose(0, 2, 3, 1).astype("u1"), y=classes())
    np.savez("made.npz", x=pictures(seed=1).astype("f4"), y=classes())
    np.savez("small.npz", x=(pictures(seed=1) / 255).astype("f4"), y=classes())
    np.savez("csi.npz", x=signals(shape=(3, 50, 30)), y=classes(), group=np.arange(60) // 6)


def test_notes_and_warnings_are_lines_before_the_table():
    done = check("csi.npz")
    lines = done.output.splitlines()
    assert done.exit_code == 0
    assert lines[0].startswith("warning: items of 3 × 50 × 30 look like CSI of 3 antennas")
    assert "note: whole groups are dealt out (deal=items deals items)" in lines
    assert any(line.startswith("note: groups: labelled 3 (18 items)") for line in lines)
    assert lines[-1] == "ok: csi.npz: items of shape (3, 50, 30), 3 classes, signal"


def test_synthetic_data_are_compared_channel_by_channel():
    done = check("made.npz", "--synthetic-for", "real.npz")
    assert done.exit_code == 0
    assert "    channel 3 has mean " in done.output
    assert "note: items of 12 × 12 × 3 read as 12 rows × 12 columns × 3 channels" in done.output


def test_a_refusal_is_the_one_error_unless_it_is_accepted():
    done = check("small.npz", "--synthetic-for", "real.npz")
    assert isinstance(done.exception, UserError)
    assert "by 255; accept=scale takes it nevertheless" in str(done.exception)
    assert done.output == ""
    for args in (("small.npz:accept=scale",), ("small.npz", "--accept", "scale")):
        taken = check(*args, "--synthetic-for", "real.npz")
        assert taken.exit_code == 0
        assert taken.output.startswith("warning: synthetic items are on another scale")
