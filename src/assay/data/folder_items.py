"""Listed picture files to items: all decoded once, bad ones told together, what they are kept beside them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Literal, cast

import numpy as np
from numpy.typing import NDArray

from assay.data.decoder import AHEAD, Decoder, looked_at
from assay.data.examine.rows import ROW, Rows, rows_of
from assay.data.folder_tree import Parts, shown
from assay.data.image_files import ImageFiles
from assay.data.picture import Facts, Unreadable, unreadable
from assay.errors import UserError
from assay.findings import Finding
from assay.item_files import ItemFiles

Bad = Literal["refuse", "skip"]


@dataclass(frozen=True)
class Pictures:
    """Items of the files that could be read.

    Attributes
    ----------
    x : array or `ImageFiles`, shape (n, 3, size, size)
    kept : int array, shape (n,)
        The place of each among the files that were asked for.
    files : ItemFiles
    findings : tuple of Finding
    """

    x: NDArray[np.uint8]
    kept: NDArray[np.int64]
    files: ItemFiles
    findings: tuple[Finding, ...]


def read_pictures(
    root: Path,
    paths: Sequence[Parts],
    size: int,
    decoder: Decoder,
    stream: bool = False,
    bad: Bad = "refuse",
    also_bad: Sequence[tuple[Parts, str]] = (),
    skippable: bool = True,
) -> Pictures:
    """All pictures of a folder; each is decoded once, streamed ones too, so that bad ones are known now.

    Parameters
    ----------
    root : Path
    paths : sequence of tuple of str
        Of pictures below the folder.
    size : int
        Side of the items in pixels.
    decoder : Decoder
    stream : bool
        Keep no pixels: they are read again when they are looked up.
    bad : {"refuse", "skip"}
        What to do where files cannot be read.
    also_bad : sequence of (tuple of str, str)
        Further files that cannot be read, and why.
    skippable : bool
        Whether the user can say ``bad=skip``: then a refusal offers it.

    Raises
    ------
    UserError
        If files cannot be read and `bad` is not ``skip``, with the first ten of them; if none is left.
    """
    files = [root.joinpath(*path) for path in paths]
    items = _Rows() if stream else _Pixels(np.empty((len(files), 3, size, size), np.uint8))
    reasons, facts, kept = list(also_bad), list[Facts](), list[int]()
    for place, look in enumerate(looked_at(files, partial(decoder.look, size=size))):
        if isinstance(look, Unreadable):
            reasons.append((paths[place], look.reason))
        else:
            items.add(look[0])
            facts.append(look[1])
            kept.append(place)
    way_out = "; bad=skip leaves out what cannot be read" if skippable else ""
    told = _bad_files(reasons, len(files) + len(also_bad), bad, way_out)
    x = items.of([files[place] for place in kept], size, decoder)
    names = [shown("/".join(paths[place])) for place in kept]
    table = _table([str(files[place]) for place in kept], names, facts, size, decoder.background)
    findings = (*told, *_notes(facts, decoder))
    return Pictures(cast(NDArray[np.uint8], x), np.array(kept, np.int64), table, findings)


@dataclass
class _Pixels:
    """Items that are kept in memory."""

    x: NDArray[np.uint8]
    n: int = 0

    def add(self, item: NDArray[np.uint8]) -> None:
        self.x[self.n] = item
        self.n += 1

    def of(self, files: Sequence[Path], size: int, decoder: Decoder) -> NDArray[np.uint8]:
        """The items; they know nothing of their files."""
        del files, size, decoder
        return self.x[: self.n]


@dataclass
class _Rows:
    """Items of which nothing is kept but what an examination asks for."""

    rows: list[Rows] = field(default_factory=lambda: [np.zeros(0, ROW)])
    waiting: list[NDArray[np.uint8]] = field(default_factory=list)

    def add(self, item: NDArray[np.uint8]) -> None:
        self.waiting.append(item)
        if len(self.waiting) == AHEAD:
            self._note()

    def of(self, files: Sequence[Path], size: int, decoder: Decoder) -> ImageFiles:
        """The files, to be read again."""
        self._note()
        return ImageFiles(files, size, decoder, np.concatenate(self.rows))

    def _note(self) -> None:
        if self.waiting:
            self.rows.append(rows_of(np.stack(self.waiting)))
            self.waiting = []


def _bad_files(reasons: Sequence[tuple[Parts, str]], n: int, bad: Bad, way_out: str) -> list[Finding]:
    """A warning of files that are left out since they cannot be read.

    Raises
    ------
    UserError
        If there are some and `bad` is not ``skip``.
    """
    if not reasons:
        return []
    lines = [(shown("/".join(path)), reason) for path, reason in sorted(reasons)]
    if bad == "refuse":
        raise UserError(unreadable(lines, n) + way_out)
    message = f"{unreadable(lines, n)}; left out"
    details = tuple(f"{path}: {reason}" for path, reason in lines)
    return [Finding("warn", "pictures_bad", message, count=len(lines), of=n, details=details)]


def _table(
    paths: Sequence[str], names: Sequence[str], facts: Sequence[Facts], size: int, background: str
) -> ItemFiles:
    def column(dtype: Any, value: Callable[[Facts], Any]) -> NDArray[Any]:
        return np.array([value(fact) for fact in facts], dtype)

    return ItemFiles(
        tuple(paths),
        tuple(names),
        column("U8", lambda fact: fact.format),
        column(np.int64, lambda fact: fact.width),
        column(np.int64, lambda fact: fact.height),
        column(np.int64, lambda fact: fact.bytes),
        column(np.bool_, lambda fact: fact.transparent),
        size,
        background,
    )


def _notes(facts: Sequence[Facts], decoder: Decoder) -> list[Finding]:
    """What was done to pictures that are more than one opaque picture of eight bits."""
    sorts = (
        (
            "pictures_transparent",
            [fact.transparent for fact in facts],
            f"have transparency: composited on {decoder.background}",
            "background=COLOUR takes another",
        ),
        (
            "pictures_animated",
            [fact.frames > 1 for fact in facts],
            "are animations or have several pages: the first of each is taken",
            "",
        ),
        (
            "pictures_deep",
            [fact.deep for fact in facts],
            "have 16 bits a channel: the upper eight are taken",
            "",
        ),
    )
    return [
        Finding(
            "note",
            code,
            f"{sum(hits)} of {len(facts)} pictures {what}",
            "",
            sum(hits),
            len(facts),
            hits.index(True),
            way_out,
        )
        for code, hits, what, way_out in sorts
        if any(hits)
    ]
