"""The pictures of image studies show what models do: features, attention, confusions."""

from __future__ import annotations

import copy
import dataclasses

import numpy as np
import pytest
import torch
from matplotlib.figure import Figure
from PIL import Image
from typer.testing import CliRunner

from assay.cli.main import app
from assay.errors import UserError
from assay.methods.table import METHODS
from assay.methods.training import Training
from assay.models.cnn import Cnn2d
from assay.models.vit import Vit
from assay.report.drawing import png
from assay.report.images import attention as image_attention
from assay.report.images import confusion as image_confusion
from assay.report.images import pictures as image_pictures
from assay.report.images import recall as image_recall
from assay.report.images import tsne as image_tsne
from assay.report.images.study import document, write_images
from assay.runs.runner import job_of
from assay.settings import parse
from assay.studies.images import request as images
from assay.studies.images.looks import look, one_of_each, recall_by_class, some, spread
from assay.studies.images.request import ImageRequest
from assay.studies.images.study import Cell, ImageStudy, Measure, Size
from assay.studies.requests import pictured
from assay.studies.source import Source
from assay.studies.syncheck.request import Request
from assay.train.one_run import Run, train
from assay.types import Samples, Task

CLASSES = ("red", "green", "blue")
TRAINING = Training(epochs=3, steps=4, batch=8, learning_rate=3e-3, precision="fp32")
VIT = Vit(patch=8, dim=16, depth=2, heads=2, mlp=16)


def colourful(n, seed):
    """`n` noisy images of 16 x 16, each class brighter in a channel of its own."""
    rng, y = np.random.default_rng(seed), np.arange(n) % 3
    x = rng.normal(100, 20, (n, 3, 16, 16))
    x[np.arange(n), y] += 60
    return Samples(x.clip(0, 255).astype(np.uint8), y)


@pytest.fixture(scope="module")
def task():
    parts = [colourful(n, seed) for seed, n in enumerate((24, 30, 24, 6))]
    return Task("colours", CLASSES, *parts, normalise="channel", kind="image")


def job(task, method="no_adaptation", backbone=VIT):
    return job_of(method, Run(parse(method, METHODS, "method"), backbone, TRAINING, 7), task, None)


def trunks(job):
    """The network after every epoch of a run, and its confusion matrix in the end."""
    kept = []
    result = train(
        job.task,
        job.synthetic,
        job.cell.run,
        observe=lambda method, _: kept.append(copy.deepcopy(method.trunk_network())),
    )
    return kept, np.array(result.selections["last"]["confusion"])


def as_networks_see_it(task, samples):
    """Each channel by the mean and the deviation of all items that are trained on."""
    x = np.concatenate([part.x for part in (task.labelled, task.shots, task.unlabelled)]).astype(np.float64)
    mean, deviation = (f((0, 2, 3), keepdims=True).astype(np.float32) for f in (x.mean, x.std))
    seen = torch.from_numpy((samples.x.astype(np.float32) - mean) * (np.float32(1) / deviation))
    return seen.contiguous(memory_format=torch.channels_last)


# -- looking ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("method", "backbone"), [("no_adaptation", VIT), ("mcc", Cnn2d(width=4, depth=2))])
def test_features_and_recall_are_those_of_the_run(task, method, backbone):
    mine = job(task, method, backbone)
    seen = look(mine, task.test, [0, 2])
    kept, confusion = trunks(mine)
    x = as_networks_see_it(task, task.test)
    assert sorted(seen.features) == [0, 2]
    with torch.no_grad():
        for epoch, features in seen.features.items():
            assert features.dtype == np.float32
            assert features.tobytes() == kept[epoch](x).numpy().tobytes()
    assert not np.array_equal(seen.features[0], seen.features[2])
    assert np.array_equal(seen.y, task.test.y)
    assert seen.recall.shape == (3, 3)
    assert seen.recall[-1].tolist() == [confusion[i, i] / confusion[i].sum() for i in range(3)]


def test_attention_has_a_map_for_every_epoch_and_image_and_moves_with_the_weights(task):
    few = one_of_each(task.test, 3)
    seen, (kept, _) = look(job(task), few, [0, 1, 2]), trunks(job(task))
    x = as_networks_see_it(task, few)
    assert few.y.tolist() == [0, 1, 2]
    for epoch, trunk in enumerate(kept):
        with torch.no_grad():
            heads = trunk.attention(x).numpy()
        assert heads.shape == (3, 2, 2, 2)
        assert np.allclose(seen.attention[epoch], (heads[:, 0] + heads[:, 1]) / 2, rtol=1e-6)
    assert np.abs(seen.attention[0] - seen.attention[2]).max() > 1e-3
    assert look(job(task, backbone=Cnn2d(width=4, depth=2)), few, [2]).attention == {}


def test_recall_counts_items_of_the_true_class():
    matrices = np.array([[[3, 1, 0], [2, 2, 4]], [[0, 4, 0], [0, 0, 0]]])  # the last column is no class
    expected = [[3 / 4, 2 / 8], [0.0, np.nan]]
    assert np.array_equal(recall_by_class(matrices), expected, equal_nan=True)


def test_some_items_are_items_in_their_order(task):
    fewer = some(task.test, 12)
    place = [int(np.flatnonzero((task.test.x == x).all((1, 2, 3)))[0]) for x in fewer.x]
    assert len(set(place)) == 12
    assert place == sorted(place) != list(range(12))
    assert fewer.y.tolist() == task.test.y[place].tolist()
    assert some(task.test, 30) is task.test


def test_epochs_are_spread_from_the_first_to_the_last():
    spreads = {1: [0], 3: [0, 1, 2], 6: [0, 1, 3, 5], 400: [0, 3, 19, 88, 399]}
    assert {epochs: spread(epochs, 5) for epochs in spreads} == spreads


# -- drawing ------------------------------------------------------------------------------------------


def figure(monkeypatch, module, draw):
    """The figure that a function of a module writes, twice to the same bytes."""
    filled = []
    monkeypatch.setattr(module, "png", lambda fill, *size: filled.append(fill) or png(fill, *size))
    monkeypatch.setattr("assay.report.drawing.PIXELS_PER_INCH", 20)  # fewer pixels, drawn as they are
    first, again = draw(), draw()
    assert first == again
    assert first.startswith(b"\x89PNG")
    drawn = Figure()
    filled[0](drawn)
    return drawn


def test_every_item_is_a_mark_of_its_class(monkeypatch):
    rng, y = np.random.default_rng(0), np.arange(45) % 3
    clouds = [
        image_tsne.Cloud(name, rng.normal(5 * scale * np.eye(8)[y], 1), y, CLASSES)
        for name, scale in (("mixed", 0), ("apart", 1))
    ]
    drawn = figure(monkeypatch, image_tsne, lambda: image_tsne.tsne_png([clouds]))
    mixed, apart = drawn.axes
    assert (mixed.get_title(loc="left") or mixed.get_title()) == "mixed"
    for axes, cloud in zip(drawn.axes, clouds):
        places = image_tsne.embedded(cloud.features)
        for label, line in enumerate(axes.lines):
            assert np.array_equal(np.array(line.get_data()).T, places[y == label])
    legend = apart.get_legend()
    assert [text.get_text() for text in legend.get_texts()] == list(CLASSES)
    for line, handle in zip(apart.lines, legend.legend_handles, strict=True):
        assert (line.get_color(), line.get_marker()) == (handle.get_color(), handle.get_marker())
    centres = [np.array(line.get_data()).mean(1) for line in apart.lines]
    for own, line in zip(centres, apart.lines):
        items = np.array(line.get_data()).T
        near = [np.linalg.norm(items - centre, axis=1) for centre in centres]
        assert (np.argmin(near, 0) == [np.array_equal(c, own) for c in centres].index(True)).all()


def test_classes_are_told_apart_however_many():
    for count in (3, 10, 49, 90):
        assert len(set(image_tsne.marks(["x"] * count))) == count


def test_recall_is_drawn_over_the_epochs(monkeypatch):
    recall = np.array([[0.1, 0.9, np.nan], [0.2, 0.5, np.nan]])
    course = image_recall.Course("some", recall, CLASSES)
    (axes,) = figure(monkeypatch, image_recall, lambda: image_recall.recall_png([[course]])).axes
    assert [list(line.get_ydata()) for line in axes.lines[:2]] == [[10, 20], [90, 50]]
    assert list(axes.lines[0].get_xdata()) == [1, 2]


def test_attention_is_drawn_over_its_own_image(monkeypatch, task):
    rng, few = np.random.default_rng(1), task.test[:2]
    runs = {name: {epoch: rng.random((2, 2, 2)) for epoch in (0, 4)} for name in ("fixed", "never")}
    draw = lambda: image_attention.attention_png(few.x, few.y.astype(str), runs)  # noqa: E731
    drawn = figure(monkeypatch, image_attention, draw)
    grid = np.array(drawn.axes[:-1]).reshape(2, 7)
    titles = [axes.get_title().strip() for axes in grid[0, [2, 3, 5, 6]]]
    assert titles == ["epoch 1", "epoch 5"] * 2
    for row in range(2):
        shown = [grid[row, column].images for column in (2, 3, 5, 6)]
        expected = [maps[row] * 4 / maps[row].sum() for run in runs.values() for maps in run.values()]
        for (grey, heat), mine in zip(shown, expected, strict=True):
            assert np.allclose(heat.get_array(), mine)
            levels = few.x[row].astype(float)
            assert np.corrcoef(grey.get_array().ravel(), levels.mean(0).ravel())[0, 1] > 0.9999
            assert heat.get_extent() == grey.get_extent()
    assert len({axes.images[1].norm.vmax for axes in grid[:, [2, 3, 5, 6]].flat}) == 1


def test_bars_are_the_recall_of_each_class_and_lines_the_spread_over_seeds(monkeypatch):
    first = np.array([[[8, 2], [5, 5]], [[6, 4], [0, 10]]])
    second = np.array([[[10, 0], [10, 0]]])
    row = image_confusion.Compared("toy", {"base": first, "best": second}, ("a", "b"))
    drawn = figure(monkeypatch, image_confusion, lambda: image_confusion.confusion_png([row]))
    base, best, bars = drawn.axes[:3]
    assert [round(bar.get_height(), 9) for bar in bars.patches] == [70, 75, 100, 0]
    ends = [path.vertices[:, 1].tolist() for path in bars.collections[0].get_paths()]
    assert np.allclose(ends, [[60, 80], [50, 100]])
    assert np.allclose(base.images[0].get_array(), [[0.7, 0.3], [0.25, 0.75]])
    assert np.allclose(best.images[0].get_array(), [[1, 0], [1, 0]])


# -- of a study ---------------------------------------------------------------------------------------


def paint(folder, n, seed):
    """Two classes of photographs."""
    for label, name in enumerate(CLASSES[:2]):
        (folder / name).mkdir(parents=True)
        pixels = np.random.default_rng([seed, label]).normal(100 + 30 * label, 30, (n, 16, 16, 3))
        for number, image in enumerate(pixels.clip(0, 255).astype(np.uint8)):
            Image.fromarray(image).save(folder / name / f"{number:03}.png")


def study(cells):
    training = dataclasses.replace(TRAINING, epochs=2)
    networks = {"resnet": "cnn2d:width=4,depth=2", "vit": "vit:patch=8,dim=16,depth=1,heads=2,mlp=16"}
    size = Size({"photographs": ""}, "blender", {"": 16}, training, networks)
    measures = (Measure("test", "accuracy", "OOD"), Measure("iid", "accuracy", "IID"))
    return ImageStudy("?", "nobody", measures, _baseline, lambda size, protocol: cells, {"small": size})


def _baseline(labels):
    return {**labels, "method": "no_adaptation"} if "method" in labels else {**labels, "data": "fixed"}


TRIED = ("no_adaptation", "mcc", "dann")
ADAPTATION = [Cell({"task": "to toys", "method": name}, f"{name}:source=synthetic") for name in TRIED]
SUPERVISED = [
    Cell({"network": network, "augmentation": "none", "data": data}, backbone=network, items=items)
    for network in ("resnet", "vit")
    for data, items in (("fixed", 4), ("never repeated", None))
]


@pytest.fixture
def made(tmp_path, monkeypatch):
    """Runs a study of toys under a name, and gives its request and its runs."""
    return study_of_toys(tmp_path, monkeypatch)


def study_of_toys(folder, patch):
    """What `made` gives, in a folder."""
    for seed, (name, n) in enumerate(
        {"photos": 16, "train": 8, "test_iid": 4, "test_iid_no_background": 4}.items()
    ):
        paint(folder / name, n, seed)

    def make(name, cells, seeds):
        patch.setitem(images.STUDIES, name, study(cells))
        source = Source(f"{folder / 'photos'}:size=16", "", str(folder))
        request = ImageRequest(name, source=source, seeds=seeds, out=folder / "out")
        return request, request.run(1, None, "", False)

    return make


def test_adaptation_is_drawn_beside_its_best_method(made, monkeypatch):
    request, runs = made("rendered-adaptation", ADAPTATION, 2)
    drawn = {}
    monkeypatch.setattr(image_pictures, "tsne_png", lambda rows: drawn.setdefault("tsne", rows) and b"1")
    monkeypatch.setattr(image_pictures, "confusion_png", lambda rows: drawn.setdefault("all", rows) and b"2")
    paths = image_pictures.draw(request, runs, workers=1)
    name = "rendered-adaptation-corrected"
    assert [path.name for path in paths] == [f"{name}-{end}.png" for end in ("confusion", "tsne", "recall")]
    accuracy = {row.labels["method"]: row.mean(runs.measures[0]).mean for row in runs.table()}
    best = max(("mcc", "dann"), key=lambda method: accuracy[method])
    (row,), (compared,) = drawn["tsne"], drawn["all"]
    assert [f"to toys\n{method}, seed 0" for method in ("no_adaptation", best)] == [
        cloud.title.rpartition(":")[0] for cloud in row
    ]
    assert list(compared.cells) == ["no_adaptation", best]
    (cell,) = (cell for cell in runs.info["cells"] if cell["labels"]["method"] == best)
    records = [runs.records[run["key"]]["selections"]["last"] for run in cell["runs"]]
    assert compared.cells[best].tolist() == [record["confusion"] for record in records]
    first = request.planned()[: len(TRIED)]
    (mine,) = (planned.job for planned in first if planned.cell.labels["method"] == best)
    assert row[1].features.tobytes() == look(mine, mine.task.test, [1]).features[1].tobytes()
    assert [path.name for path in write_images(runs)][3:] == [path.name for path in paths]
    assert document(runs).count(f"](<./{name}-") == 4


def test_a_baseline_stands_beside_the_most_accurate_on_average():
    accuracy = {"mcc": (0.2, 0.9), "no_adaptation": (0.8, 0.8), "dann": (0.6, 0.6), "mcd": (0.3, 0.3)}
    cells = [
        image_pictures.Done(
            Cell({"task": task, "method": name}),
            {},
            {i: {"accuracy": v + more} for i, v in enumerate(values)},
        )
        for task, names, more in (("a", ("mcc", "no_adaptation", "dann"), 0), ("b", ("mcd", "dann"), 0.1))
        for name, values in accuracy.items()
        if name in names
    ]
    pairs = image_pictures._pairs(cells, _baseline)
    found = [[tuple(done.cell.labels.values()) for done in pair] for pair in pairs]
    assert found == [[("a", "no_adaptation"), ("a", "dann")], [("b", "dann")]]


def test_attention_is_drawn_of_vision_transformers_on_rendered_images(made, monkeypatch):
    request, runs = made("rendered-supervised", SUPERVISED, 1)
    drawn = []
    monkeypatch.setattr(image_pictures, "attention_png", lambda *told: drawn.append(told) or b"3")
    paths = image_pictures.draw(request, runs, workers=1)
    assert [path.name[29:] for path in paths] == ["-confusion.png", "-attention.png"]
    ((shown, names, maps),) = drawn
    assert names == ["green", "red"]
    rendered = request.planned()[0].job.task.further["iid"]
    assert all(any(np.array_equal(image, x) for x in rendered.x) for image in shown)
    assert [title.split(", ")[2] for title in maps] == ["fixed", "never repeated"]
    assert [list(run) for run in maps.values()] == [[0, 1], [0, 1]]


def test_pictures_of_other_studies_are_refused():
    said = "--pictures: syncheck-overall has none; those that do: rendered-supervised"
    with pytest.raises(UserError, match=said):
        pictured(Request("syncheck-overall"))
    refused = CliRunner().invoke(app, ["bench", "syncheck-overall", "--pictures", "--dry-run"])
    assert isinstance(refused.exception, UserError)
    assert str(refused.exception).startswith(said)
