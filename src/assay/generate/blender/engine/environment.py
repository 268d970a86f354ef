"""Finding Blender: the wheel in an environment of its own, or a program that is installed."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from assay.errors import UserError

BPY = "4.5"
VARIABLE = "ASSAY_BLENDER"
SCRATCH = "ASSAY_BLENDER_SCRATCH"
START = Path(__file__).parents[1] / "inside" / "start.py"
LIBRARIES = "libx11-6 libxrender1 libxfixes3 libxi6 libxkbcommon0 libxxf86vm1 libsm6 libice6 libgl1 libegl1"
SETUP = "assay blender setup"


@dataclass(frozen=True)
class Environment:
    """A command that begins a worker."""

    command: tuple[str, ...]

    def begin(self, threads: int = 1) -> tuple[str, ...]:
        """The command of a worker of so many threads."""
        program, *rest = self.command
        few = ("--threads", str(threads)) if "--background" in rest else ()
        return (program, *few, *rest, "--", str(threads))

    def variables(self, scratch: Path) -> dict[str, str]:
        """Environment variables of a worker that puts temporary files into `scratch`, those of Blender too.

        Its own threads decide, not those of numpy's libraries.
        """
        places = dict.fromkeys(("TMPDIR", "TEMP", "TMP", SCRATCH), str(scratch))
        threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
        return {**os.environ, **places, **threads, "PYTHONNOUSERSITE": "1"}


def find_environment() -> Environment:
    """Blender as ``ASSAY_BLENDER`` names it, else as `set_up` made it, else a ``blender`` on the path.

    Raises
    ------
    UserError
        If there is none; the message says the one command that mends it.
    """
    named = os.environ.get(VARIABLE)
    if named:
        return _named(Path(named))
    made = python_of(home())
    if made.is_file():
        return Environment((str(made), str(START)))
    program = shutil.which("blender")
    if program:
        return _program(program)
    raise UserError(
        f"blender: not installed; '{SETUP}' installs it for Assay (about 1 GB in {home()}), or {VARIABLE} "
        "names a Blender program (3.4 or newer) or a Python with bpy"
    )


def _named(path: Path) -> Environment:
    if not path.is_file():
        raise UserError(f"{VARIABLE}: {path}: no such file; expected a Blender program or a Python with bpy")
    if path.name.lower().startswith("blender"):
        return _program(str(path))
    return Environment((str(path), str(START)))


def _program(path: str) -> Environment:
    return Environment(
        (path, "--background", "--factory-startup", "--python-exit-code", "1", "--python", str(START))
    )


def home() -> Path:
    """Where `set_up` puts Blender."""
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache) / "assay" / f"blender-{BPY}"


def python_of(folder: Path) -> Path:
    """The Python of an environment."""
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def cannot_run(error: OSError, command: Sequence[str]) -> str:
    """One line on why a worker could not be run at all."""
    return f"blender: {command[0]}: {error.strerror}; {VARIABLE} names a Blender program or a Python with bpy"


def why_not(errors: str, command: Sequence[str], ended: str = "") -> str:
    """One line on why a worker did not begin, from what it said, or from how it `ended` if not by itself."""
    lines = [line.strip() for line in errors.splitlines() if line.strip()] or ["it said nothing"]
    missing = [line for line in lines if "cannot open shared object file" in line]
    if missing:
        library = missing[-1].split(": cannot open")[0].split()[-1]
        return f"blender: {library} is missing; on Debian or Ubuntu: apt-get install {LIBRARIES}"
    if any("No module named 'bpy'" in line for line in lines):
        return f"blender: {command[0]} has no bpy; '{SETUP}' installs one, or {VARIABLE} names another"
    if any("No module named 'numpy'" in line for line in lines):
        return f"blender: {command[0]} has no numpy; on Debian or Ubuntu: apt-get install python3-numpy"
    return f"blender: {command[0]} did not begin: {ended or lines[-1]}"
