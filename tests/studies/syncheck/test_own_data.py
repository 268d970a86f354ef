"""A study on the user's own data: no published number and no word of the published set-ups."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import numpy as np
import pytest

from assay.report.study.figure import plot_of
from assay.report.study.files import contents
from assay.report.study.table import notes, table
from assay.report.study.text import sentences, survival
from assay.runs.progress import Silent
from assay.studies.protocol import PROTOCOLS
from assay.studies.runs import StudyRuns
from assay.studies.source import Source
from assay.studies.syncheck.data import load, maker
from assay.studies.syncheck.request import Request
from assay.studies.syncheck.scenarios import SCENARIOS
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


def test_a_generator_of_ones_own_makes_the_items_once(tmp_path):
    made = (
        "import numpy as np\ndef make(task, n, rng):\n    place = rng.integers(len(task.labelled), size=n)\n"
    )
    code = tmp_path / "mine.py"
    code.write_text(f"{made}    return task.labelled.x[place], task.labelled.y[place]\n")
    source = Source(written(tmp_path / "mine.npz", 160, 0), synthetic=f"{code}:make")

    def loaded():
        make = maker(tmp_path / "out", "cpu", lambda *_: None)
        return load(source, SCENARIOS["csigan"].presets["small"], PROTOCOLS["corrected"], False, make)

    data = loaded()
    assert len(data.more) == 5 * len(data.task.real)
    assert np.isin(data.more.x[:, 0], data.task.labelled.x[:, 0]).all()
    assert data.names == {"main": f"{code}:make"}
    assert loaded().more.digest() == data.more.digest()
    assert len(list((tmp_path / "out" / "synthetic").glob("mine.py-*.npz"))) == 1
    code.write_text(f"{made}    return task.labelled.x[place] + 1, task.labelled.y[place]\n")
    assert loaded().more.digest() != data.more.digest()


def test_nothing_published_and_nothing_of_wifi_is_said(study):
    made = contents(study)
    page = unescape(made[".html"].decode())
    page_words = re.sub(r'data:[^"]*|<style>.*?</style>', "", page, flags=re.DOTALL)
    texts = [" ".join(sentences(study)), " ".join(notes(study)), made[".md"].decode(), page_words]
    for text in texts:
        own = text.replace(study.name, "")  # the name of its file holds that of the generator
        assert not re.search(WORDS, own, re.IGNORECASE), re.search(f".*({WORDS}).*", own, re.IGNORECASE)
    assert not any("published" in column for row in table(study) for column in row)
    plot = plot_of(study)
    assert [panel.title for panel in plot.panels] == ["mine, preset small"]
    assert made[".png"]


def test_places_are_named_for_what_they_are(study):
    places = {row["backbone"] for row in table(study)} if "backbone" in table(study)[0] else set()
    assert places in (set(), {"small network", "middle network", "large network"})
    assert study.info["scenario"] == "own data"


def test_what_survives_has_no_published_column(study):
    assert "published gain" not in survival(study, study)[0]
    assert "released gain here" in survival(study, study)[0]


def test_the_data_were_examined(study):
    assert {finding["code"] for finding in study.info["findings"]} >= {"layout", "ranges"}
