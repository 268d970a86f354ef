"""Installing Blender's wheel into an environment of its own, and trying it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from assay.errors import UserError
from assay.generate.blender.engine.environment import BPY, START, VARIABLE, Environment, home, python_of
from assay.generate.blender.engine.worker import Worker

REQUIREMENTS = (f"bpy=={BPY}.*", "numpy<2")
PYTHON = "3.11"
"""The only Python that the wheel of this Blender runs in."""


def set_up(again: bool = False) -> Path:
    """Install Blender's wheel into an environment of its own, and try it.

    Parameters
    ----------
    again : bool
        Install even if there is an environment already.

    Returns
    -------
    Path
        Its Python.

    Raises
    ------
    UserError
        If there is no Python for it, pip fails, or a library of the system is missing.
    """
    python = python_of(home())
    if again or not python.is_file():
        _install(home())
    check(Environment((str(python), str(START))))
    return python


def _install(folder: Path) -> None:
    """Made beside its place and then moved: a broken one is never found. (Its scripts name the old place, but
    Python itself does not care.)"""
    part = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.parent.mkdir(parents=True, exist_ok=True)
    _run([find_python(), "-m", "venv", str(part)])
    _run([str(python_of(part)), "-m", "pip", "install", "--no-input", *REQUIREMENTS])
    shutil.rmtree(folder, ignore_errors=True)
    part.rename(folder)


def find_python() -> str:
    """A Python of the version that the wheel needs."""
    if sys.version_info[:2] == tuple(int(part) for part in PYTHON.split(".")):
        return getattr(sys, "_base_executable", "") or sys.executable
    found = shutil.which(f"python{PYTHON}")
    if not found:
        raise UserError(f"blender: needs python{PYTHON} to install bpy {BPY}; install it, or set {VARIABLE}")
    return found


def _run(command: Sequence[str]) -> None:
    done = subprocess.run(command, stdout=sys.stderr, stderr=subprocess.PIPE, text=True)
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.strip()] or ["no reason given"]
        told = next((line for line in lines if line.startswith("ERROR")), lines[-1])
        raise UserError(f"{' '.join(command[:4])} ... failed: {told}")


def check(environment: Environment) -> str:
    """Begin a worker and end it; the version of its Blender.

    Raises
    ------
    UserError
        If it does not begin; names Debian's packages where a library is missing.
    """
    with Worker(environment) as worker:
        return worker.version
