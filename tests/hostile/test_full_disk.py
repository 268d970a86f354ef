"""A disk that takes no more: a line names file and reason, nothing half-written stays, later it goes on."""

from __future__ import annotations

import os
import resource
from pathlib import Path

import pytest

from tests.hostile.places import MAKE, PACK, made_for
from tests.support import command

LIMIT = "RLIMIT_FSIZE"
VERBS: dict[str, tuple[int, str]] = {
    "generate": (8, MAKE),
    "pretrain": (8, "pretrain digits {quick} -o {out}/t.safetensors"),
    "train": (8, "train digits -m real_only {quick} -o {out}/model.safetensors"),
    "data pack": (4, PACK),
    "compare, its samples": (2, "compare digits -m real_only --seeds 1 {quick} {one} --out {out}"),
    "compare, its runs": (6, "compare digits -m real_only --seeds 1 {quick} {one} --out {out}"),
    "compare, its page": (20, "compare digits -m real_only --seeds 1 {quick} {one} --out {out}"),
    "advise": (8, "advise digits {made} --seeds 1 {quick} {one} --out {out}"),
    "score": (8, "score digits {made} --scoring repeats=2 {quick} {one} --out {out}"),
    "select": (4, "select digits {made} --seeds 1 {quick} {one} -o {out}/kept.npz"),
    "report": (16, "report {compared} -o {out}/r.html"),
}
"""The largest file that the disk takes, KiB, and a command that writes a larger one."""
CHEAP = ("compare, its runs",)


def limited() -> None:
    """The command line where a file grows to so many KiB and no further."""
    most = int(os.environ[LIMIT]) * 1024
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
    from assay.cli.main import main

    main()


def files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    "verb", [v if v in CHEAP else pytest.param(v, marks=pytest.mark.slow) for v in VERBS]
)
def test_a_full_disk_is_told_leaves_nothing_half_written_and_ends_nothing(
    verb, places, tmp_path, monkeypatch
):
    most, words = VERBS[verb]
    out = tmp_path / "out"
    todo = words.format(out=out, **made_for(places, words)).split()
    monkeypatch.setenv(LIMIT, str(most))
    with command.running(todo, main=f"{__name__}:limited") as process:
        assert process.wait() == 2, process.err
        said = process.out + process.err
    *_, last = said.splitlines()
    assert last.startswith(f"error: out: {out}/"), said
    assert "cannot be written (File too large)" in last
    assert ".part" not in last, "a name that nobody gave"
    assert "Traceback" not in said
    before = files(tmp_path)
    command.ended(todo)
    assert before < files(tmp_path), "each of them is one of the files of the whole"
