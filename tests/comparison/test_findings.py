"""What was found in the data: before training, in the verdict, in every table, in JSON and on the page."""

from __future__ import annotations

import dataclasses
import json
import re
from html import unescape
from pathlib import Path

import numpy as np
import pytest

import assay
from assay.comparison.result import Comparison
from assay.comparison.summary import summarise
from assay.data.split import split_task
from assay.errors import UserError
from assay.report.assessment.page import page
from assay.runs.progress import Silent
from assay.types import Samples, Task
from tests.support.toys import FAST, MLP, blob_task, blobs

QUICK = {
    "methods": ["mixed"],
    "seeds": 1,
    "training": dataclasses.replace(FAST, epochs=1, steps=3),
    "backbone": MLP,
    "workers": 1,
    "watcher": Silent(),
}


def compared(task: Task, synthetic: Samples | None, out: Path, **options) -> Comparison:
    return assay.compare(task, synthetic, out=out, **{**QUICK, **options})


def leaking(count: int) -> Task:
    """Some test items are also labelled ones."""
    task = blob_task()
    x, y = task.test.x.copy(), task.test.y.copy()
    x[:count], y[:count] = task.labelled.x[:count], task.labelled.y[:count]
    return dataclasses.replace(task, test=Samples(x, y))


def made_of_tests(task: Task) -> Samples:
    """Items that are the test items, and teach them by heart."""
    return Samples(task.test.x, task.test.y)


def test_a_refusal_ends_it_before_anything_is_written(tmp_path):
    with pytest.raises(UserError, match="200 of 200 synthetic items are test items"):
        compared(blob_task(), made_of_tests(blob_task()), tmp_path / "out")
    assert not (tmp_path / "out").exists()
    with pytest.raises(UserError, match="accept=scales: unknown"):
        compared(blob_task(), None, tmp_path / "out", methods=None, accept=["scales"])


def test_a_verdict_never_says_use_while_the_test_is_learnt_from(tmp_path):
    training = dataclasses.replace(FAST, epochs=2, steps=40, learning_rate=1e-2)
    learning = {"training": training, "methods": ["synthetic_only"], "seeds": 3}
    task = blob_task(labelled=8, validation=8)
    honest = compared(task, made_of_tests(leaking(0)), tmp_path, accept=["synthetic_is_test"], **learning)
    assert any(line.difference and line.difference.is_above_zero for line in summarise(honest)), (
        "a planted gain"
    )
    text = assay.verdict(honest)
    assert text.startswith("No advice: 200 of 200 synthetic items are test items")
    assert not re.search(r"\buse\b", text, re.IGNORECASE)


def test_a_single_test_item_among_the_labelled_bars_use_and_is_only_warned_of(tmp_path, capsys):
    found = compared(leaking(1), blobs(40, 9), tmp_path)
    assert assay.verdict(found).startswith("No advice: 1 of 200 test items are also in labelled")
    said = capsys.readouterr()
    assert said.out == ""
    assert [line for line in said.err.splitlines() if line.startswith("warning: 1 of 200 test items")]


def test_findings_stand_in_json_on_the_page_and_after_reopening(tmp_path):
    compared(leaking(1), blobs(40, 9), tmp_path)
    stored = json.loads((tmp_path / "compare.json").read_text())["findings"]
    assert (stored[0]["severity"], stored[0]["code"], stored[0]["count"]) == ("warn", "duplicates_test", 1)
    html = unescape(page(Comparison.open(tmp_path)))
    assert "Found in the data" in html
    assert html.index("1 of 200 test items are also in labelled, the first is test item 0") < html.index(
        ">Result<"
    )
    assert all(finding["message"] in html for finding in stored), "notes too"


def test_a_comparison_from_before_data_were_examined_still_opens(tmp_path):
    compared(blob_task(), blobs(40, 9), tmp_path, seeds=3)
    info = json.loads((tmp_path / "compare.json").read_text())
    del info["findings"]
    (tmp_path / "compare.json").write_text(json.dumps(info))
    old = Comparison.open(tmp_path)
    assert "Found in the data" not in page(old)
    assert assay.verdict(old).startswith("No evidence either way")


def test_what_is_examined_already_is_not_examined_again(tmp_path, capsys):
    task = leaking(1)
    examined = assay.examine(task, blobs(40, 9))
    found = compared(task, blobs(40, 9), tmp_path, examined=examined)
    assert found.info["findings"] == examined.as_dicts()
    assert "warning" not in capsys.readouterr().err


def test_items_dealt_one_by_one_although_groups_exist_are_told_of_in_every_table(tmp_path):
    items = blobs(80, 3)
    grouped = Samples(items.x, items.y, np.arange(80) // 8)
    dealt = split_task(grouped, deal="items", kind="vector", normalise="none")
    told = "test groups are also in labelled: new groups may fare worse."
    found = compared(dealt, None, tmp_path / "items", methods=None)
    for selection in ("last", "validation", "oracle"):
        assert any(told in part for part in assay.table(found, selection).split("\n\n")[1:])
    assert told in assay.verdict(found)
    assert page(found).count(told) >= 2
    whole = compared(
        split_task(grouped, kind="vector", normalise="none"), None, tmp_path / "groups", methods=None
    )
    assert told not in assay.table(whole) + assay.verdict(whole)
