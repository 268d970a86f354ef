"""The real libraries: pandas, polars, Hugging Face data sets, torchvision."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

import assay
from assay.errors import UserError
from assay.lazy import lazy
from tests.support.vision import torchvision_or_skip

pytestmark = pytest.mark.peers

N = 60
RNG = np.random.default_rng(0)
Y = np.arange(N) % 3
NAMES = np.array(["run", "sit", "walk"])
X = (RNG.normal(size=(N, 3)) + Y[:, None]).astype(np.float32)
TABLE = {
    **{f"f{i}": X[:, i] for i in range(3)},
    "activity": NAMES[Y],
    "person": [f"p{i // 6}" for i in range(N)],
}
PICTURES = [Image.fromarray(RNG.integers(0, 255, (20, 24, 3), dtype=np.uint8)) for _ in range(N)]


# -- frames -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_frames_are_the_task_of_their_numbers(library):
    DataFrame = pytest.importorskip(library).DataFrame
    task = assay.open_task(DataFrame(TABLE), label="activity", group="person")
    assert task.digest() == assay.open_task((X, NAMES[Y], TABLE["person"])).digest()
    assert assay.open_task((DataFrame(TABLE), "activity", "person")).digest() == task.digest()
    made = DataFrame({name: TABLE[name] for name in ("f2", "f0", "activity", "f1")})
    assert np.array_equal(assay.open_synthetic(made, task).x, X)
    beside = DataFrame({f"f{i}": X[:, i] for i in range(3)})
    assert assay.open_task((beside, DataFrame(TABLE)["activity"])).classes == task.classes


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_gaps_and_categories_of_frames(library):
    DataFrame = pytest.importorskip(library).DataFrame
    table = {"a": [1.5, None, *X[2:, 0].tolist()], "sort": ["u", "v"] * (N // 2), "label": NAMES[Y]}
    frame = DataFrame(table)
    with pytest.raises(
        UserError, match=r"column 'a': no value in 1 of 60 rows, first in row 1; missing=drop"
    ):
        assay.samples(frame)
    assert assay.samples(frame, missing="drop").x.shape == (N - 1, 3)


def test_types_of_columns_that_pandas_has():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(
        {
            "whole": pandas.array(range(N), dtype="Int64") % 7,
            "sort": pandas.Categorical(["u", "v"] * (N // 2)),
            "flag": pandas.array([True, False] * (N // 2), dtype="boolean"),
            "label": pandas.Series(NAMES[Y], dtype="string"),
        }
    )
    assert assay.samples(frame).shape == (4,)
    dated = frame.assign(when=pandas.date_range("2020-01-01", periods=N))
    with pytest.raises(UserError, match=r"column 'when': dates; drop=when"):
        assay.samples(dated)
    levels = pandas.DataFrame(X, columns=pandas.MultiIndex.from_tuples([("a", "b"), ("a", "c"), ("d", "e")]))
    with pytest.raises(UserError, match="names of several levels"):
        assay.samples(levels)


def test_a_lazy_frame_says_collect():
    polars = pytest.importorskip("polars")
    with pytest.raises(UserError, match=r"give frame.collect\(\)"):
        assay.open_task(polars.DataFrame(TABLE).lazy(), label="activity")


# -- Hugging Face -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def hub():
    return pytest.importorskip("datasets")


def of_images(hub, rows=slice(None), names=("run", "sit", "walk")):
    features = hub.Features(
        {"image": hub.Image(), "label": hub.ClassLabel(names=list(names)), "id": hub.Value("int64")}
    )
    data = {"image": PICTURES[rows], "label": Y[rows].tolist(), "id": list(range(N))[rows]}
    return hub.Dataset.from_dict(data, features)


def test_images_with_class_labels(hub):
    task = assay.open_task(of_images(hub))
    assert task.classes == ("run", "sit", "walk")
    assert (task.shape, task.kind) == ((3, 20, 20), "image")
    streamed = assay.open_task(of_images(hub), stream=True)
    assert lazy(streamed.labelled.x) is not None
    assert np.array_equal(np.asarray(streamed.test.x), task.test.x)
    smaller = assay.open_task(of_images(hub), size=8)
    assert assay.open_synthetic(of_images(hub), smaller).shape == (3, 8, 8)
    formatted = of_images(hub).with_format("torch")
    assert assay.open_task(formatted).digest() == task.digest()


def test_splits_are_parts(hub):
    splits = hub.DatasetDict(
        train=of_images(hub, slice(36)),
        validation=of_images(hub, slice(36, 45)),
        test=of_images(hub, slice(45, None)),
    )
    task = assay.open_task(splits)
    assert [len(part) for _, part in task.parts()] == [36, 0, 0, 9, 15]
    assert (
        assay.open_task(hub.DatasetDict(train=of_images(hub))).digest()
        == assay.open_task(of_images(hub)).digest()
    )


def test_columns_of_numbers(hub):
    data = hub.Dataset.from_dict(TABLE)
    task = assay.open_task(data, label="activity", group="person")
    assert task.digest() == assay.open_task((X, NAMES[Y], TABLE["person"])).digest()
    vectors = hub.Dataset.from_dict({"features": X.tolist(), "label": Y.tolist()}).cast_column(
        "label", hub.ClassLabel(names=list(NAMES))
    )
    assert assay.open_task(vectors).digest() == assay.open_task((X.astype(np.float64), NAMES[Y])).digest()
    splits = hub.DatasetDict(train=data.select(range(40)), test=data.select(range(40, N)))
    assert len(assay.open_task(splits, label="activity").test) == 20


def test_what_streams_from_its_source_is_refused(hub):
    with pytest.raises(UserError, match=r"give one that can be indexed \(streaming=False\)"):
        assay.open_task(of_images(hub).to_iterable_dataset())


def test_hugging_face_images_compare(hub, tmp_path):
    training = assay.Training(epochs=1, steps=2, batch=8)
    result = assay.compare(
        of_images(hub),
        of_images(hub, slice(None, None, -1)),
        methods=["mixed"],
        seeds=1,
        training=training,
        workers=1,
        out=tmp_path,
        accept=["synthetic_is_test"],
    )
    assert [run["error"] for run in result.runs] == [None, None]


# -- torchvision --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def vision():
    return torchvision_or_skip()


@pytest.fixture
def photos(tmp_path):
    for place, picture in enumerate(PICTURES):
        folder = tmp_path / "photos" / NAMES[Y[place]]
        folder.mkdir(parents=True, exist_ok=True)
        picture.save(folder / f"{place}.png")
    return tmp_path / "photos"


def test_an_image_folder_is_read_as_the_folder_is(vision, photos):
    data = vision.datasets.ImageFolder(photos)
    task = assay.open_task(data)
    assert task.digest() == assay.open_task(str(photos)).digest()
    assert task.labelled.files is not None
    streamed = assay.open_task(data, stream=True)
    assert lazy(streamed.test.x) is not None
    assert np.array_equal(np.asarray(streamed.test.x), task.test.x)


def test_a_transform_is_what_the_items_are(vision, photos):
    import torch
    from torchvision.transforms import v2

    steps = v2.Compose([v2.PILToTensor(), v2.Resize((12, 10)), v2.ToDtype(torch.float32, scale=True)])
    task = assay.open_task(vision.datasets.ImageFolder(photos, transform=steps))
    assert task.shape == (3, 12, 10)
    assert task.classes == ("run", "sit", "walk")
    assert 0.3 < task.labelled.x.max() <= 1
    flips = v2.Compose([v2.PILToTensor(), v2.Resize((12, 10)), v2.RandomHorizontalFlip()])
    with pytest.raises(UserError, match="changes each time it is read"):
        assay.open_task(vision.datasets.ImageFolder(photos, transform=flips))
