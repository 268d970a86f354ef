"""What the documents tell their readers to do: links to follow, commands and Python to run."""

from __future__ import annotations

import functools
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import typer.main

from assay.cli.main import app
from tests.support import ROOT

RESULTS = sorted((ROOT / "docs" / "results").glob("*.md"))
DOCUMENTS = sorted(
    path for path in ROOT.rglob("*.md") if not any(part.startswith(".") for part in path.parts[1:])
)
FENCE = re.compile(r"^```(\w*).*?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PIPES = {"&&", "||", "|", ";", ">", "2>"}


class Command(NamedTuple):
    """A command of a document, as its words."""

    line: str
    words: list[str]


def python_blocks(path: Path) -> list[str]:
    """The fenced Python of a document."""
    return [code for language, code in FENCE.findall(path.read_text()) if language == "python"]


def commands(path: Path) -> Iterator[Command]:
    """Every command of the indented blocks, what continues a line joined, what is joined by ``&&`` apart."""
    prose = FENCE.sub("", path.read_text())
    for line in re.findall(r"^ {4}((?:.*\\\n)*.*)$", prose, re.MULTILINE):
        if starts(line):
            for words in parts(shlex.split(line.replace("\\\n", " "), comments=True)):
                yield Command(" ".join(words), words)


def starts(line: str) -> bool:
    """Whether a line in a block is a command."""
    return (
        re.match(r"(\w+=\S+ )*(assay|python3?|pip|torchrun|apt-get|sphinx-build|\.venv/\S+) ", line)
        is not None
    )


def parts(words: list[str]) -> Iterator[list[str]]:
    """The commands of one line, without variables before them and what is done with their output."""
    part: list[str] = []
    kept = True
    for word in [*words, "&&"]:
        if word in PIPES:
            if part:
                yield part
            part, kept = [], word in {"&&", ";"}
        elif kept and (part or not re.match(r"\w+=", word)):
            part.append(word)


def of_assay(path: Path) -> list[Command]:
    """The commands of Assay in a document, without the program's name."""
    found = (command for command in commands(path))
    return [Command(line, own) for line, words in found if (own := after_the_name(words))]


def after_the_name(words: list[str]) -> list[str]:
    """Arguments of Assay; none of another program."""
    for i, word in enumerate(words):
        if Path(word).name == "assay":
            return words[i + 1 :]
    return []


_verbs = functools.cache(lambda: typer.main.get_command(app))


def parse(words: list[str]) -> None:
    """Read a command line as far as its options; what is wrong raises."""
    command, rest = _verbs(), list(words)
    while rest and rest[0] in getattr(command, "commands", {}):
        command = command.commands[rest.pop(0)]  # type: ignore[attr-defined]
    command.make_context(str(command.name), rest)


def links(path: Path) -> list[str]:
    """Targets of a document's links and pictures that are in this repository."""
    text = re.sub(r"^(?: {4}.*|```.*?^```)$", "", path.read_text(), flags=re.MULTILINE)
    text = re.sub(r"`[^`]*`", "", text)
    found = re.findall(r"\]\(([^)\s]+)\)", text)
    return [link for link in found if not re.match(r"\w+:", link)]


def headings(path: Path) -> set[str]:
    """Anchors of a document, as GitHub makes them of its headings."""
    prose = FENCE.sub("", path.read_text())
    titles = re.findall(r"^#+ (.*)$", prose, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}
