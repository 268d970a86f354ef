"""What was found in data before anything trained: one list, told on the terminal, pages, JSON and verdict."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal, NamedTuple

from assay.errors import UserError
from assay.strict import closed, read_values

Severity = Literal["refuse", "warn", "note"]
SEVERITIES: tuple[Severity, ...] = ("refuse", "warn", "note")
REFUSALS = {
    "duplicates_test": "test items that are also among those that are learned from with labels",
    "synthetic_is_test": "synthetic items that are test items",
    "scale": "synthetic items on another scale than the real ones",
    "complex": "complex items, which only generators learn from",
}
"""What ``accept=CODE`` takes nevertheless."""
IN_TABLES = ("groups_both_sides",)
"""Codes of what every table of results says below it."""
ACCEPTED = "accepted"
"""Code of the finding that somebody said ``accept=CODE``; its `option` is that code."""


class Pair(NamedTuple):
    """Two items that are alike.

    Attributes
    ----------
    part, other : str
        Parts of the task, or "synthetic".
    item, twin : int
        Positions in them.
    distance : float
        Root mean square of their difference, each z-scored by itself: 0 for equal ones, 1.4 for strangers.
    """

    part: str
    item: int
    other: str
    twin: int
    distance: float


@closed
@dataclass(frozen=True)
class Finding:
    """Something that a reader of the results must know of the data.

    Parameters
    ----------
    severity : {"refuse", "warn", "note"}
        ``refuse``: nothing trains (exit code 2) unless ``accept=CODE`` is given; ``warn``: told wherever
        results are; ``note``: told by ``assay data check`` and on the page.
    code : str
        Stable name of the kind of finding: what ``accept`` takes.
    message : str
        One line without a full stop: part, count and what is wrong.
    part : str
        Part of the task it is about, or "synthetic"; empty if it is about all of them.
    count, of : int
        So many of so many items; 0 of 0 where there is nothing to count.
    first : int, optional
        Position of the first of those items in its part.
    way_out : str
        What the user can do about it, one line.
    option : str
        The option that takes it nevertheless; by default ``accept=CODE`` of a refusal.
    touches : str
        What a verdict must say because of it, a clause without a full stop; empty if it says nothing.
    bars_use : bool
        Whether no verdict may say "use" because of it.
    details : tuple of str
        Lines for those who want to know more: a channel, a file, a class each.
    pairs : tuple of Pair
        The items that are most alike.
    """

    severity: Severity
    code: str
    message: str
    part: str = ""
    count: int = 0
    of: int = 0
    first: int | None = None
    way_out: str = ""
    option: str = ""
    touches: str = ""
    bars_use: bool = False
    details: tuple[str, ...] = ()
    pairs: tuple[Pair, ...] = ()

    def __post_init__(self) -> None:
        if self.severity == "refuse" and not self.option:
            object.__setattr__(self, "option", f"accept={self.code}")

    def line(self) -> str:
        """The message, then the way out and the option, where there are any."""
        taken = f"{self.option} takes it nevertheless" if self.severity == "refuse" else ""
        return "; ".join(part for part in (self.message, self.way_out, taken) if part)

    def taken(self) -> Finding:
        """A refusal that the user takes nevertheless: a warning that says so."""
        return replace(self, severity="warn", message=f"{self.message} (taken nevertheless: {self.option})")


@dataclass(frozen=True)
class Examination:
    """All that was found, refusals first, then warnings, then notes."""

    findings: tuple[Finding, ...] = ()

    @property
    def refusals(self) -> tuple[Finding, ...]:
        """What must be mended or accepted before anything trains."""
        return self._of("refuse")

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """What is told wherever results are."""
        return self._of("warn")

    @property
    def notes(self) -> tuple[Finding, ...]:
        """What is told by the check and on the page."""
        return self._of("note")

    @property
    def bars_use(self) -> bool:
        """Whether no verdict may say "use"."""
        return any(finding.bars_use for finding in self.findings)

    @property
    def leaks(self) -> tuple[str, ...]:
        """The clauses of what bars "use", each once."""
        return _clauses(finding for finding in self.findings if finding.bars_use)

    @property
    def doubts(self) -> tuple[str, ...]:
        """The other clauses that a verdict must say, each once."""
        return _clauses(finding for finding in self.findings if not finding.bars_use)

    @property
    def table_notes(self) -> tuple[str, ...]:
        """What every table of results must say below it."""
        return _clauses(finding for finding in self.findings if finding.code in IN_TABLES)

    def touching(self) -> tuple[str, ...]:
        """Clauses that a verdict must say, each once."""
        return _clauses(self.findings)

    def lines(self) -> list[str]:
        """A line for each finding: ``error: ...``, ``warning: ...`` or ``note: ...``."""
        word = {"refuse": "error", "warn": "warning", "note": "note"}
        return [f"{word[finding.severity]}: {finding.line()}" for finding in self.findings]

    def as_dicts(self) -> list[dict[str, Any]]:
        """As plain JSON values: `Finding`'s fields, pairs as mappings."""
        return [
            {
                **asdict(finding),
                "details": list(finding.details),
                "pairs": [p._asdict() for p in finding.pairs],
            }
            for finding in self.findings
        ]

    @staticmethod
    def from_dicts(found: Iterable[Mapping[str, Any]]) -> Examination:
        """The examination that `as_dicts` wrote."""
        return Examination(tuple(read_values(Finding, finding, "findings") for finding in found))

    def raise_refused(self) -> None:
        """Raise a `UserError` of one line if anything is refused: the first, and the codes of the others."""
        if not self.refusals:
            return
        first, *more = self.refusals
        others = f" (and {len(more)} more: {', '.join(finding.code for finding in more)})" if more else ""
        raise UserError(first.line() + others)

    def _of(self, severity: Severity) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.severity == severity)


def _clauses(findings: Iterable[Finding]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(finding.touches for finding in findings if finding.touches))


def accepting(codes: Iterable[str]) -> tuple[Finding, ...]:
    """The findings that say that the user takes what these codes refuse, as ``accept=CODE`` asks.

    Raises
    ------
    UserError
        If a code is none of `REFUSALS`.
    """
    return tuple(Finding("note", ACCEPTED, f"accept={code}: {_meaning(code)}", option=code) for code in codes)


def _meaning(code: str) -> str:
    if code not in REFUSALS:
        raise UserError(f"accept={code}: unknown; known: {', '.join(REFUSALS)}")
    return f"{REFUSALS[code]} are taken nevertheless"


def examination(findings: Iterable[Finding], accept: Iterable[str] = ()) -> Examination:
    """Findings, each once and in order, with the refusals that somebody accepts made warnings.

    Parameters
    ----------
    findings : iterable of Finding
        Those of `accepting` among them count as further `accept`.
    accept : iterable of str
        Codes.
    """
    found = list(dict.fromkeys((*findings, *accepting(accept))))
    codes = {finding.option for finding in found if finding.code == ACCEPTED}
    refused = (finding.severity == "refuse" and finding.code in codes for finding in found)
    settled = [finding.taken() if is_taken else finding for finding, is_taken in zip(found, refused)]
    return Examination(tuple(sorted(settled, key=lambda finding: SEVERITIES.index(finding.severity))))
