"""Real and synthetic pictures as files side by side; and streamed ones, which are looked at once."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from assay.data.examine.facts import gather
from assay.data.examine.questions import examine
from assay.data.examine.survey import survey
from assay.data.image_files import ImageFiles
from assay.data.table import open_task, read_synthetic
from assay.errors import UserError
from assay.findings import Finding
from assay.types import Samples


def photographs(root: Path, size=(64, 48), ending="jpg", alpha=255, n=6, seed=0, **options) -> Path:
    rng = np.random.default_rng(seed)
    for name in ("ant", "bee"):
        (root / name).mkdir(parents=True)
        for i in range(n):
            pixels = rng.integers(0, 256, (size[1], size[0], 4), np.uint8)
            pixels[..., 3] = alpha
            image = Image.fromarray(pixels)
            (image if alpha < 255 else image.convert("RGB")).save(root / name / f"{i}.{ending}", **options)
    return root


def files_finding(real: Path, made: Path, size: int = 16) -> Finding:
    task = open_task(f"{real}:size={size}")
    found = examine(task, read_synthetic(made, task)).findings
    [finding] = [finding for finding in found if finding.code == "picture_files"]
    return finding


def test_files_that_are_alike_are_said_to_be(tmp_path):
    finding = files_finding(photographs(tmp_path / "real"), photographs(tmp_path / "made", seed=1))
    assert (finding.severity, finding.message) == ("note", "real and synthetic files are alike")
    assert finding.details[0].startswith("labelled: 100% JPEG, 64 × 48, 1.33 : 1, ")
    assert finding.details[1].startswith("synthetic: 100% JPEG, 64 × 48, 1.33 : 1, ")


@pytest.mark.parametrize(
    ("made", "size", "severity", "words"),
    [
        (
            {"ending": "png"},
            16,
            "note",
            ["synthetic files are 100% PNG, real ones 100% JPEG", "all are shrunk to 16 pixels"],
        ),
        (
            {"ending": "png"},
            32,
            "warn",
            ["traces of compression are left in one sort", "tell them apart"],
        ),
        ({"size": (256, 192)}, 16, "note", ["synthetic sides are 4 times as long", "all are shrunk"]),
        ({"size": (16, 12)}, 32, "warn", ["synthetic pictures are enlarged to 32 pixels", "tell them apart"]),
        ({"size": (48, 48)}, 16, "note", ["aspect 1.00 against 1.33"]),
        ({"quality": 5}, 16, "note", ["times the bytes a pixel"]),
        (
            {"ending": "png", "alpha": 9},
            16,
            "warn",
            ["100% of the synthetic pictures have transparency, 0% of"],
        ),
    ],
)
def test_what_differs_is_said_and_warned_of_where_items_keep_it(tmp_path, made, size, severity, words):
    finding = files_finding(
        photographs(tmp_path / "real"), photographs(tmp_path / "made", seed=1, **made), size
    )
    assert finding.severity == severity, finding.message
    assert [word for word in words if word not in finding.message] == [], finding.message
    assert bool(finding.touches) == (severity == "warn")
    assert "real files: 100% JPEG, 64 × 48" in finding.message


@pytest.mark.parametrize(("n", "words"), [(2, "are alike"), (4, "67% PNG, 33% JPEG, real ones 100% JPEG")])
def test_formats_differ_where_half_of_the_files_would_have_to_change(tmp_path, n, words):
    real, made = photographs(tmp_path / "real"), photographs(tmp_path / "made", seed=1)
    for path in [made / name / f"{i}.jpg" for name in ("ant", "bee") for i in range(n)]:
        Image.open(path).save(path.with_suffix(".png"))
        path.unlink()
    assert words in files_finding(real, made).message


def test_arrays_have_no_files_and_nothing_is_said(tmp_path):
    task = open_task(f"{photographs(tmp_path / 'real')}:size=16")
    made = Samples(task.labelled.x + 1, task.labelled.y)
    assert "picture_files" not in {finding.code for finding in examine(task, made).findings}


def test_findings_of_pictures_name_the_files(tmp_path):
    real = tmp_path / "real"
    photographs(real / "train"), photographs(real / "test", seed=1)
    (real / "train/bee/copy.jpg").write_bytes((real / "test/ant/3.jpg").read_bytes())
    (real / "test/ant/2.jpg").write_bytes((real / "test/ant/3.jpg").read_bytes())
    found = {finding.code: finding for finding in examine(open_task(f"{real}:size=16")).findings}
    assert "test item 2 (test/ant/2.jpg)" in found["duplicates_test"].message
    assert "test item 2 (test/ant/2.jpg)" in found["repeats"].details


# --- streamed pictures


def test_a_streamed_folder_is_examined_by_the_look_that_read_it(tmp_path, monkeypatch):
    real, made = photographs(tmp_path / "real"), photographs(tmp_path / "made", seed=1)
    Image.new("RGB", (20, 20), (5, 0, 255)).save(real / "ant" / "flat.png")
    task, streamed = (open_task(f"{real}:size=16,stream={stream}") for stream in ("false", "true"))
    samples = read_synthetic(made, streamed)
    monkeypatch.setattr(ImageFiles, "__getitem__", None)
    monkeypatch.setattr(ImageFiles, "blocks", None)
    for part, found in gather(streamed, samples).surveys.items():
        expected = survey(
            read_synthetic(made, task) if part == "synthetic" else dict(task.parts())[part], "image"
        )
        for name in ("hashes", "average", "constant", "dead", "low", "high"):
            assert np.array_equal(getattr(found, name), getattr(expected, name)), (part, name)
        np.testing.assert_allclose(found.mean, expected.mean, rtol=1e-6)
        np.testing.assert_allclose(found.deviation, expected.deviation, rtol=1e-6)
        assert (found.whole, found.dtype) == (True, np.uint8)


def test_a_streamed_copy_of_the_test_is_found_without_reading_it_again(tmp_path):
    real = photographs(tmp_path / "real")
    task = open_task(f"{real}:size=16,stream=true")
    codes = {finding.code for finding in examine(task, read_synthetic(real, task)).refusals}
    assert "synthetic_is_test" in codes


def test_other_streams_are_read_once_by_threads_and_all_that_is_bad_is_named(tmp_path):
    root = photographs(tmp_path / "real", n=70)
    paths = sorted(root.glob("*/*"))
    task = open_task(f"{root}:size=16")
    files = ImageFiles(paths, 16, open_task(f"{root}:size=16,stream=true").labelled.x.read)
    whole = survey(Samples(files), "image")
    assert np.array_equal(whole.hashes, survey(Samples(files[:]), "image").hashes)
    assert set(survey(task.test, "image").hashes) <= set(whole.hashes)
    for path in paths[3:5]:
        path.write_bytes(b"no")
    with pytest.raises(
        UserError, match=r"2 of 140 images cannot be read: .*ant/11\.jpg, .*ant/12\.jpg \(text\)"
    ):
        survey(Samples(files), "image")
