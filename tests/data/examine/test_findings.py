"""Findings as verbs, pages and verdicts take them."""

from __future__ import annotations

import json

import numpy as np
import pytest

from assay.errors import UserError
from assay.findings import Examination, Finding, Pair, accepting, examination
from assay.types import Samples, Task

NOTE = Finding("note", "layout", "read as 3 antennas")
WARNING = Finding("warn", "dead", "antenna 2 is constant", touches="one antenna is dead", first=3)
REFUSAL = Finding(
    "refuse",
    "scale",
    "0..1 against 0..255",
    way_out="multiply by 255",
    pairs=(Pair("test", 1, "shots", 2, 0.5),),
)


def test_refusals_come_first_then_warnings_then_notes():
    found = examination([NOTE, WARNING, REFUSAL, NOTE])
    assert [finding.severity for finding in found.findings] == ["refuse", "warn", "note"]
    assert (found.refusals, found.warnings, found.notes) == ((REFUSAL,), (WARNING,), (NOTE,))
    assert found.touching() == ("one antenna is dead",)


def test_a_refusal_is_one_line_with_the_way_out_and_the_option():
    with pytest.raises(UserError) as error:
        examination([NOTE, REFUSAL, Finding("refuse", "complex", "complex items")]).raise_refused()
    assert str(error.value) == (
        "0..1 against 0..255; multiply by 255; accept=scale takes it nevertheless (and 1 more: complex)"
    )


@pytest.mark.parametrize(
    "found", [examination([REFUSAL], ["scale"]), examination([*accepting(["scale"]), REFUSAL])]
)
def test_an_accepted_refusal_is_a_warning_that_says_so(found):
    found.raise_refused()
    assert [finding.line() for finding in found.warnings] == [
        "0..1 against 0..255 (taken nevertheless: accept=scale); multiply by 255"
    ]
    assert len(found.notes) == 1


def test_another_code_accepts_nothing_else_and_an_unknown_one_is_refused():
    with pytest.raises(UserError, match="multiply by 255"):
        examination([REFUSAL], ["complex"]).raise_refused()
    with pytest.raises(UserError, match=r"accept=scales: unknown; known: .*scale"):
        examination([REFUSAL], ["scales"])


def test_findings_are_plain_json():
    found = examination([REFUSAL, WARNING]).as_dicts()
    assert json.loads(json.dumps(found)) == found
    assert found[0]["pairs"][0] == {"part": "test", "item": 1, "other": "shots", "twin": 2, "distance": 0.5}
    assert Examination().as_dicts() == []


def test_findings_are_no_part_of_the_content_and_follow_the_items():
    plain, told = (Samples(np.eye(8), np.arange(8) % 2, findings=found) for found in ((), (NOTE,)))
    assert told[2:4].findings == told.without_labels().findings == plain.joined(told).findings == (NOTE,)
    tasks = [Task("t", ("a", "b"), plain, plain, findings=found) for found in ((), (NOTE,))]
    assert tasks[0].digest() == tasks[1].digest()
    assert plain.digest() == told.digest()
