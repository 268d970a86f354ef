"""A study on the user's own data: no published number and no word of the published set-ups."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import numpy as np
import pytest

from assay.report.study.figure import plot_of
from assay.report.study.files import contents, document
from assay.report.study.page import page
from assay.report.study.table import notes, table
from assay.report.study.text import sentences, survival
from assay.runs.progress import Silent
from assay.studies.runs import StudyRuns
from assay.studies.source import Source
from assay.studies.syncheck.request import Request
from tests.support.toys import blobs

WORDS = r"published|wi-?fi|csigan\)|rf-diffusion|signfi|widar|cross-domain|in-domain|cnn \d|resnet-\d"
TRAINING = "epochs=1,steps=2,batch=8"


def written(path: Path, n: int, seed: int) -> str:
    items = blobs(n, seed)
    np.savez(path, x=items.x, y=items.y)
    return str(path)


@pytest.fixture(scope="module", params=["overall", "backbone"])
def study(request, tmp_path_factory) -> StudyRuns:
    folder = tmp_path_factory.mktemp("own")
    source = Source(written(folder / "mine.npz", 160, 0), synthetic=written(folder / "made.npz", 64, 1))
    asked = Request(
        f"syncheck-{request.param}",
        source=source,
        training=TRAINING,
        seeds=1,
        out=folder / "out",
        device="cpu",
    )
    return asked.run(1, None, "", False, Silent())


def test_nothing_published_and_nothing_of_wifi_is_said(study):
    page_words = re.sub(r'data:[^"]*|<style>.*?</style>', "", unescape(page(study)), flags=re.DOTALL)
    texts = [" ".join(sentences(study)), " ".join(notes(study)), document(study), page_words]
    for text in texts:
        own = text.replace(study.name, "")  # the name of its file holds that of the generator
        assert not re.search(WORDS, own, re.IGNORECASE), re.search(f".*({WORDS}).*", own, re.IGNORECASE)
    assert not any("published" in column for row in table(study) for column in row)
    plot = plot_of(study)
    assert [panel.title for panel in plot.panels] == ["mine, preset small"]
    assert contents(study)[".png"]


def test_places_are_named_for_what_they_are(study):
    places = {row["backbone"] for row in table(study)} if "backbone" in table(study)[0] else set()
    assert places in (set(), {"small network", "middle network", "large network"})
    assert study.info["scenario"] == "own data"


def test_what_survives_has_no_published_column(study):
    assert "published gain" not in survival(study, study)[0]
    assert "released gain here" in survival(study, study)[0]


def test_the_data_were_examined(study):
    assert {finding["code"] for finding in study.info["findings"]} >= {"layout", "ranges"}
