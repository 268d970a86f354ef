"""What was found in the data, in the words of verdicts and in the lists of pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from assay.findings import Examination

WORDS = {"refuse": "refused", "warn": "warning", "note": "note"}


def found_in(info: Mapping[str, Any]) -> Examination:
    """What was found before anything trained; nothing in folders from before data were examined."""
    return Examination.from_dicts(info.get("findings", ()))


def no_advice(info: Mapping[str, Any]) -> list[str]:
    """Why nothing may be advised: methods learn from test items; none if nothing of the kind was found."""
    found = found_in(info).leaks
    return [f"No advice: {'; '.join(found)}, so that these numbers say nothing of new data."] if found else []


def leaks(info: Mapping[str, Any]) -> list[str]:
    """The same where nothing is advised anyhow."""
    return _found(found_in(info).leaks)


def doubts(info: Mapping[str, Any]) -> list[str]:
    """What else makes the numbers doubtful, in one sentence; none if there is nothing."""
    return _found(found_in(info).doubts)


def _found(clauses: tuple[str, ...]) -> list[str]:
    return [f"Found in the data: {'; '.join(clauses)}."] if clauses else []


def findings_list(info: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What a page lists: severity, in a word, the line, and lines for those who want to know more."""
    return [
        {"word": WORDS[finding.severity], "line": finding.line(), "details": finding.details}
        for finding in found_in(info).findings
    ]
