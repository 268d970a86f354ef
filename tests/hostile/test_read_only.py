"""A place where nothing can be written is refused in one line, before anything is trained."""

from __future__ import annotations

import pytest

from tests.hostile.places import PACK, made_for, read_only
from tests.support import command

LONG = "--training epochs=100000,steps=1000"
VERBS = {
    "generate": "generate csigan:epochs=100000 -n 10 -o {out}/made.npz",
    "pretrain": f"pretrain digits {LONG} -o {{out}}/t.safetensors",
    "train": f"train digits -m real_only {LONG} -o {{out}}/t.safetensors",
    "compare": f"compare digits -m real_only {LONG} --out {{out}}",
    "select": f"select digits digits-rendered {LONG} -o {{out}}/kept.npz",
    "score": f"score digits digits-rendered {LONG} --out {{out}}",
    "data pack": PACK,
    "report": "report {compared} -o {out}/r.html",
    "assess": f"assess digits digits-rendered {LONG} --out {{out}}",
    "advise": f"advise digits digits-rendered {LONG} --out {{out}}",
    "bench": f"bench syncheck-overall --task digits -s digits-rendered {LONG} --out {{out}}",
}
CHEAP = ("pretrain",)


def refused(words: str) -> str:
    """The one line that a command ends in, soon."""
    with command.running(words.split()) as process:
        assert process.wait(60) == 2, process.out + process.err
        *before, last = process.err.splitlines()
        assert not before, process.err
        return last


@pytest.mark.parametrize(
    "verb", [v if v in CHEAP else pytest.param(v, marks=pytest.mark.slow) for v in VERBS]
)
def test_what_can_only_be_read_is_refused_before_training(verb, places, tmp_path):
    given = made_for(places, VERBS[verb])
    (tmp_path / "file").touch()
    with read_only(tmp_path / "ro") as folder:
        for out in (folder, folder / "a" / "b", tmp_path / "file" / "under"):
            line = refused(VERBS[verb].format(out=out, **given))
            assert line.startswith(f"error: out: {tmp_path}/"), line
            assert "cannot be written (" in line
    assert {path.name for path in tmp_path.iterdir()} == {"file", "ro"}
