"""Commands and what they read, and places where nothing can be written though this user may be root."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from tests.support import command

QUICK = "--training epochs=1,steps=2"
MAKE = "generate digits-rendered -n 100 -o {out}/made.npz"
PACK = "data pack {given} --pattern {{class}}/{{user}}-{{trial}}.csv --packing packet_rate=100 -o {out}/p.npz"
COMPARE = f"compare digits -m real_only --seeds 1 {QUICK} --workers 1 --out {{out}}"


def made_for(folder: Path, words: str) -> dict[str, object]:
    """What the names in a command stand for; recordings, items and a comparison are made at the first use."""
    if "{given}" in words and not (folder / "given").exists():
        _recordings(folder / "given")
    if "{made}" in words and not (folder / "made.npz").exists():
        command.ended(MAKE.format(out=folder).split())
    if "{compared}" in words and not (folder / "compared").exists():
        command.ended(COMPARE.format(out=folder / "compared").split())
    names = {"made": folder / "made.npz", "given": folder / "given", "compared": folder / "compared"}
    return {**names, "quick": QUICK, "one": "--workers 1"}


def _recordings(folder: Path) -> None:
    rng = np.random.default_rng(0)
    for kind in ("sit", "walk"):
        for trial in range(3):
            path = folder / kind / f"1-{trial}.csv"
            path.parent.mkdir(parents=True, exist_ok=True)
            np.savetxt(path, rng.normal(size=(40, 30)), delimiter=",")


@contextmanager
def read_only(folder: Path) -> Iterator[Path]:
    """Context of a folder that can only be read: by its mode, a mount or a flag, whatever binds this user."""
    folder.mkdir(mode=0o500)
    undo: list[tuple[object, ...]] = []
    try:
        if not _refuses(folder) and _ran("mount", "--bind", folder, folder):
            undo.append(("umount", folder))
            _ran("mount", "-o", "remount,ro,bind", folder)
        if not _refuses(folder) and _ran("chattr", "+i", folder):
            undo.append(("chattr", "-i", folder))
        if not _refuses(folder):
            pytest.skip("no folder can be made read-only here")
        yield folder
    finally:
        for words in reversed(undo):
            _ran(*words)


def _ran(*words: object) -> bool:
    try:
        return not subprocess.run([*map(str, words)], capture_output=True, timeout=10, check=False).returncode
    except OSError:
        return False


def _refuses(folder: Path) -> bool:
    try:
        (folder / "probe").touch()
    except OSError:
        return True
    (folder / "probe").unlink()
    return False
