"""The command lines by which the results of a folder were made, word by word."""

from __future__ import annotations

from pathlib import Path

from typing_extensions import TypedDict

from assay.files import json_bytes, replace_file, writing
from assay.strict import read_json, read_values, strict

FILE, REMEDY = "commands.json", "remove it"


@strict
class _File(TypedDict):
    commands: dict[str, str]


def keep_command(folder: Path, verb: str, command: str) -> None:
    """Write by which command a verb was called, in place of the one before."""
    with writing(folder):
        replace_file(folder / FILE, json_bytes({"commands": {**commands(folder), verb: command}}))


def commands(folder: Path) -> dict[str, str]:
    """The newest command of every verb; none where the results were made in Python.

    Raises
    ------
    UserError
        If the file is damaged.
    """
    if not (folder / FILE).is_file():
        return {}
    return read_values(_File, read_json(folder / FILE, REMEDY), str(folder / FILE), REMEDY)["commands"]
