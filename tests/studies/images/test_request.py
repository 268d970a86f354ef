"""The studies of rendered images, and what they are made of."""

from __future__ import annotations

import dataclasses
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from assay.comparison.compare import compare
from assay.data.images import ImageFolder
from assay.errors import UserError
from assay.generate.table import TASKS
from assay.methods.contrastive import Contrastive, supervised_contrastive
from assay.methods.table import METHODS
from assay.methods.training import Training
from assay.models.checkpoint import save_trunk
from assay.models.mlp import Mlp
from assay.models.pretrained import Pretrained
from assay.models.table import BACKBONES
from assay.report.images.study import csv_text, document, table
from assay.runs.runner import job_of
from assay.settings import parse, with_options
from assay.studies.images import request as images
from assay.studies.images.adaptation import METHODS as ADAPTING
from assay.studies.images.plan import training_of
from assay.studies.images.request import ImageRequest
from assay.studies.images.runs import ImageRuns
from assay.studies.images.runs import describe as described
from assay.studies.images.study import Cell, ImageStudy, Measure, Scheme, Size
from assay.studies.requests import request_of
from assay.studies.source import Source
from assay.studies.trunk import pretrain
from assay.train.loop import _plan
from assay.train.one_run import train
from tests.support.toys import FAST, blob_task, blobs, built, run_of, same

CLASSES = ("dark", "light")


# -- more test sets -----------------------------------------------------------------------------------


def test_further_test_sets_are_measured_as_the_test_set_is():
    task, other = blob_task(), blobs(80, 33, spread=1.5)
    both = dataclasses.replace(task, further={"far": other, "near": task.test})
    history = train(both, None, run_of("real_only")).history
    alone = train(dataclasses.replace(task, test=other), None, run_of("real_only")).history
    for mine, theirs in zip(history, alone):
        far, near = mine["further"]["far"], mine["further"]["near"]
        assert far == {"accuracy": theirs["test_accuracy"], "recall": theirs["test_recall"]}
        assert near["accuracy"] == mine["test_accuracy"] != far["accuracy"]


def test_further_test_sets_are_part_of_a_tasks_identity_and_change_no_run_without_them():
    task = blob_task()
    first, second = ({"far": blobs(8, seed)} for seed in (1, 2))
    digests = {
        dataclasses.replace(task, further=f).digest() for f in ({}, first, second, {"a": first["far"]})
    }
    assert len(digests) == 4
    assert task.digest() in digests
    assert "further" not in train(task, None, run_of("real_only")).history[0]


def test_further_test_sets_must_fit():
    with pytest.raises(UserError, match="test odd y: 9"):
        dataclasses.replace(blob_task(), further={"odd": dataclasses.replace(blobs(8, 0), y=np.full(8, 9))})


# -- the order of items -------------------------------------------------------------------------------


@pytest.mark.parametrize("n", [24, 50, 7])
def test_a_pass_shows_every_item_once_before_any_comes_again(n):
    training = Training(epochs=4, steps=2, batch=3, reshuffle="pass")
    order = np.concatenate(
        [_plan(n, run_of("real_only", training=training), "x", e, training.batch).ravel() for e in range(4)]
    )
    assert len(order) == 24
    for start in range(0, 24, n):
        part = order[start : start + n]
        assert len(set(part)) == len(part)
        assert len(part) < n or set(part) == set(range(n))
    other = dataclasses.replace(training, reshuffle="epoch")
    anew = [
        _plan(n, run_of("real_only", training=other), "x", e, other.batch).ravel().tolist() for e in range(4)
    ]
    assert n == 7 or len({i for epoch in anew for i in epoch}) < 24


# -- pre-training -------------------------------------------------------------------------------------


def plain_contrastive(z, y, temperature):
    losses = []
    for i in range(len(z)):
        others = [a for a in range(len(z)) if a != i]
        below = sum(torch.exp(z[i] @ z[a] / temperature) for a in others)
        mine = [torch.log(torch.exp(z[i] @ z[p] / temperature) / below) for p in others if y[p] == y[i]]
        if mine:
            losses.append(-sum(mine) / len(mine))
    return sum(losses) / len(losses)


def test_the_contrastive_loss_is_that_of_its_equation():
    generator = torch.Generator().manual_seed(3)
    y = torch.tensor([0, 1, 0, 2, 1, 0])
    raw = torch.randn(6, 4, generator=generator, dtype=torch.float64)
    sides = []
    for loss in (supervised_contrastive, plain_contrastive):
        z = raw.clone().requires_grad_()
        value = loss(torch.nn.functional.normalize(z), y, 0.2)
        value.backward()
        sides.append((value.detach(), z.grad))
    assert torch.allclose(sides[0][0], sides[1][0], rtol=1e-12)
    assert torch.allclose(sides[0][1], sides[1][1], rtol=1e-9)


def test_the_contrastive_loss_of_strangers_is_nothing():
    z = torch.nn.functional.normalize(torch.randn(3, 4, generator=torch.Generator().manual_seed(0)))
    z.requires_grad_()
    loss = supervised_contrastive(z, torch.arange(3), 0.1)
    loss.backward()
    assert loss == 0
    assert torch.isfinite(z.grad).all()


def test_the_contrastive_term_draws_classes_together():
    def spread(weight):
        kept = []
        run = run_of(Contrastive(weight=weight, projection=8))
        train(blob_task(), None, run, observe=lambda method, _: kept.append(method))
        method, y = kept[-1], torch.from_numpy(blob_task().test.y)
        z = method.projection(method.features(torch.from_numpy(blob_task().test.x)))
        return float(supervised_contrastive(torch.nn.functional.normalize(z.detach()), y, 0.1))

    assert spread(2.0) < 0.9 * spread(0.0)


@pytest.fixture
def trunk(tmp_path):
    job = job_of("trunk", run_of("real_only"), blob_task(), None)
    kept = tmp_path / "trunk.safetensors"
    accuracy = pretrain(job, "mlp:width=32,dropout=0.1", kept)
    assert accuracy == train(blob_task(), None, run_of("real_only")).selections["last"]["accuracy"]
    return kept


def test_a_run_starts_from_the_trunk_that_was_kept(trunk):
    last = []
    train(blob_task(), None, run_of("real_only"), observe=lambda method, _: last.append(method))
    started = built(run_of("real_only", backbone=Pretrained(str(trunk)), seed=5), blob_task(), None)
    assert same(list(last[-1].trunk_network().parameters()), list(started.trunk_network().parameters()))
    fresh = built(run_of("real_only", seed=5), blob_task(), None)
    assert not same(list(fresh.trunk_network().parameters()), list(started.trunk_network().parameters()))
    assert started.network.head.weight.abs().sum() > 0, "the head is drawn"


def test_a_pre_trained_start_is_part_of_a_runs_identity(trunk, tmp_path):
    def key(path):
        return job_of("", run_of("real_only", backbone=Pretrained(str(path))), blob_task(), None).cell.key

    before = key(trunk)
    pretrain(job_of("", run_of("real_only", seed=1), blob_task(), None), "mlp:width=32,dropout=0.1", trunk)
    assert key(trunk) != before


def test_a_trunk_that_does_not_say_what_it_is_of_must_be_told(tmp_path):
    path = tmp_path / "foreign.pth"
    torch.save(Mlp(width=8).build((10,), torch.Generator()).state_dict(), path)
    with pytest.raises(UserError, match=r"foreign\.pth: does not say what network"):
        Pretrained(str(path)).build((10,), torch.Generator())
    Pretrained(str(path), "mlp:width=8").build((10,), torch.Generator())
    with pytest.raises(UserError, match="path: none given"):
        Pretrained().build((10,), torch.Generator())


def test_methods_without_a_single_backbone_say_so():
    method = built(run_of("syncheck"), blob_task(), blobs(8, 1))
    with pytest.raises(UserError, match="no single backbone"):
        method.trunk_network()


# -- what is declared ---------------------------------------------------------------------------------

DECLARED = [
    (name, size, protocol)
    for name, study in images.STUDIES.items()
    for size in study.sizes
    for protocol in ("corrected", "released")
]


@pytest.mark.parametrize(("name", "size", "protocol"), DECLARED)
def test_every_cell_that_is_declared_can_be_built(name, size, protocol):
    study = images.STUDIES[name]
    sized = study.sizes[size]
    cells = study.cells(sized, protocol)
    named = [json.dumps(dict(cell.labels)) for cell in cells]
    assert len(set(named)) == len(cells)
    for cell in cells:
        parse(cell.method, METHODS, "method")
        parse(sized.backbones[cell.backbone], BACKBONES, "backbone")
        training_of(cell, sized)
        assert cell.task in sized.tasks
        assert json.dumps(dict(study.baseline(cell.labels))) in named
        assert cell.items is None or cell.items <= sized.count(cell.synthetic)
        assert {*cell.published} <= {measure.name for measure in study.measures}


@pytest.mark.parametrize(("name", "size", "protocol"), DECLARED)
def test_every_task_that_is_declared_can_be_named(name, size, protocol):
    sized = images.STUDIES[name].sizes[size]
    for role, text in {**sized.tasks, **sized.released_tasks}.items():
        name, _, options = text.partition(":")
        settings = with_options(TASKS.get(name, ImageFolder(name)), options, role)
        assert settings.size == (224 if size == "full" else 64), role


def full(study, **options):
    return ImageRequest(study, preset="full", **options)


def test_the_published_size_has_the_published_numbers():
    fixed = [cell.items for cell in full("rendered-supervised").cells() if cell.labels["data"] == "fixed"]
    assert set(fixed) == {120_000}
    assert [cell.items for cell in full("rendered-quantity").cells()][:3] == [15_000, 60_000, 240_000]
    visda = parse(full("rendered-factors").size().tasks["photographs"], TASKS, "task")
    assert len(visda.class_names()) == 10
    steps = {
        cell.task: training_of(cell, full("rendered-adaptation").size()).steps
        for cell in full("rendered-adaptation").cells()
    }
    assert steps == {"S2RDA-49": 9187, "S2RDA-MS-39": 7312}
    released = full("rendered-adaptation", protocol="released").size().tasks
    assert {parse(text, TASKS, "task").protocol for text in released.values()} == {"released"}


def test_what_a_user_says_of_training_counts_in_every_row():
    request = ImageRequest("rendered-supervised", training="learning_rate=0.02")
    assert {training_of(cell, request.size()).learning_rate for cell in request.cells()} == {0.02}
    with pytest.raises(UserError, match="--training: augment: the rows of rendered-supervised set it"):
        ImageRequest("rendered-supervised", training="augment=weak").cells()


@pytest.mark.parametrize("data", ["fixed", "never repeated"])
def test_never_repeated_data_are_never_repeated(data):
    study = images.SUPERVISED
    for size in study.sizes.values():
        for cell in study.cells(size, "corrected"):
            training, count = training_of(cell, size), cell.items or size.count(cell.synthetic)
            seen = training.epochs * training.steps * training.batch
            assert cell.never_repeats == (cell.labels["data"] == "never repeated")
            if cell.never_repeats:
                assert training.reshuffle == "pass"
                assert seen <= count
            else:
                assert seen > 5 * count


def published(name, **labels):
    study = images.STUDIES[name]
    found = [
        cell.published
        for size in study.sizes.values()
        for cell in study.cells(size, "corrected")
        if labels.items() <= dict(cell.labels).items()
    ]
    return found[0]


def test_published_numbers_stand_at_their_cells():
    strong = {"network": "resnet", "augmentation": "strong", "data": "never repeated"}
    names = ("iid.accuracy", "iid_no_background.accuracy", "test.accuracy", "test.recall")
    assert published("rendered-supervised", **strong) == dict(zip(names, (96.26, 96.50, 42.82, 42.25)))
    vit = {"network": "vit", "augmentation": "none", "data": "fixed"}
    assert published("rendered-supervised", **vit)["iid.accuracy"] == 68.51
    assert published("rendered-factors", fixed="no background")["iid_no_background.accuracy"] == 94.75
    assert published("rendered-factors", fixed="camera location 4")["iid.accuracy"] == 33.79
    assert published("rendered-factors", fixed="material moss")["iid.accuracy"] == 68.62
    assert published("rendered-pretraining", **{"pre-training": "rendered", "method": "mcd"}) == {
        "test.recall": 56.6
    }
    s2rda = {"task": "S2RDA-49", "method": "srdc"}
    assert published("rendered-adaptation", **s2rda) == {"test.accuracy": 61.52, "test.recall": 52.98}
    for study in ("rendered-supervised", "rendered-factors"):
        for cell in images.STUDIES[study].cells(images.STUDIES[study].sizes["small"], "corrected"):
            assert "iid.accuracy" in cell.published


def test_released_adaptation_is_the_published_code_and_no_other():
    study = images.ADAPTATION
    for cell in study.cells(study.sizes["small"], "released"):
        settings = parse(cell.method, METHODS, "method")
        known = ADAPTING[cell.labels["method"]] != ""
        assert getattr(settings, "protocol", "corrected") == ("released" if known else "corrected")


@pytest.mark.parametrize(
    ("size", "weights", "trunk"), [("small", "", None), ("small", "x", 0.1), ("full", "y", 0.1)]
)
def test_networks_that_start_from_weights_learn_as_published(size, weights, trunk):
    study = images.ADAPTATION
    sized = dataclasses.replace(study.sizes[size], weights=weights)
    published = {
        "no_adaptation": 1e-4,
        "dann": 1e-4,
        "mcd": 1e-3,
        "rca": 1e-4,
        "srdc": 1e-4,
        "disclusterda": 1e-4,
    }
    for cell in study.cells(sized, "released"):
        settings = parse(cell.method, METHODS, "method")
        assert settings.trunk_rate == trunk
        assert (cell.scheme.weights if cell.scheme else "") == weights
        if (name := cell.labels["method"]) in published:
            assert settings.learning_rate == (published[name] if size == "full" else 0.01)


# -- a study on real files ----------------------------------------------------------------------------


def paint(folder, n, seed, contrast):
    """`n` images of each class, dark or light by `contrast` levels, in noise."""
    rng = np.random.default_rng(seed)
    for label, name in enumerate(CLASSES):
        (folder / name).mkdir(parents=True)
        for i in range(n):
            pixels = rng.normal(110 + contrast * label, 25, (16, 16, 3)).clip(0, 255).astype(np.uint8)
            Image.fromarray(pixels).save(folder / name / f"{i:03}.png")


MEASURES = (Measure("test", "accuracy", "OOD"), Measure("iid", "accuracy", "IID"))
SCHEME = Scheme("synthetic_only", "train", "photographs")
TOY = ImageStudy(
    "Is a toy worth it?",
    "nobody, 2026",
    MEASURES,
    lambda labels: {**labels, "start": "scratch"},
    lambda size, protocol: [
        Cell({"start": "scratch"}, published={"iid.accuracy": 90.0}),
        Cell({"start": "few"}, items=4, training={"augment": "weak"}),
        Cell({"start": "trunk"}, scheme=SCHEME),
    ],
    {
        "small": Size(
            tasks={"photographs": "digits"},
            renderer="blender",
            images={"": 20},
            training=dataclasses.replace(FAST, epochs=2, steps=2, batch=8),
            backbones={"resnet": "cnn2d:width=4,depth=2"},
        )
    },
)
FROM_WEIGHTS = dataclasses.replace(
    TOY,
    cells=lambda size, protocol: [Cell({"start": "scratch"}, scheme=Scheme(weights=size.weights))],
    takes_weights=True,
)


def toy_request(folder) -> ImageRequest:
    """The study on images of its own in a folder."""
    for seed, (name, n, contrast) in enumerate(
        [("photos", 20, 40), ("train", 10, 30), ("test_iid", 10, 30), ("test_iid_no_background", 10, 60)]
    ):
        paint(folder / name, n, seed, contrast)
    source = Source(f"{folder / 'photos'}:size=16", "", str(folder))
    return ImageRequest("toy", source=source, seeds=2, out=folder / "out")


@pytest.fixture
def request_of_toy(tmp_path, monkeypatch):
    monkeypatch.setitem(images.STUDIES, "toy", TOY)
    return toy_request(tmp_path)


def run(request):
    return request.run(workers=1, ray=None, retry="", tensorboard=False)


@pytest.fixture(scope="module")
def finished_once(tmp_path_factory):
    """The folder of images and of the study, all of which is run."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(images.STUDIES, "toy", TOY)
        request = toy_request(tmp_path_factory.mktemp("finished"))
        run(request)
    return request


@pytest.fixture
def finished(finished_once, tmp_path, monkeypatch):
    """The same study, finished in a folder of this test's own."""
    monkeypatch.setitem(images.STUDIES, "toy", TOY)
    shutil.copytree(finished_once.out, tmp_path / "out")
    return dataclasses.replace(finished_once, out=tmp_path / "out")


def opened(request) -> ImageRuns:
    """What is there of the study."""
    return ImageRuns.open(request.out, request.name)


def test_a_study_is_run_once_and_its_table_holds_what_its_runs_measured(finished):
    runs = opened(finished)
    assert len(runs.records) == 6
    rows = {row.labels["start"]: row for row in runs.table()}
    for cell in runs.info["cells"]:
        row = rows[cell["labels"]["start"]]
        for planned in cell["runs"]:
            history = runs.records[planned["key"]]["history"]
            assert row.values["test.accuracy"][planned["seed"]] == history[-1]["test_accuracy"]
            iid = [epoch["further"]["iid"]["accuracy"] for epoch in history]
            assert row.values["iid.accuracy"][planned["seed"]] == iid[-1]
            assert row.best["iid.accuracy"][planned["seed"]] == max(iid)
    ours, base = rows["few"].values["test.accuracy"], rows["scratch"].values["test.accuracy"]
    assert rows["few"].difference["test.accuracy"].mean == pytest.approx(
        np.mean([ours[s] - base[s] for s in (0, 1)])
    )
    assert rows["scratch"].difference["test.accuracy"] is None
    assert rows["scratch"].published == {}, "nobody published anything of these photographs"
    times = {key: record["about"]["finished"] for key, record in runs.records.items()}
    again = run(finished)
    again_times = {key: record["about"]["finished"] for key, record in again.records.items()}
    assert again_times == times
    assert document(again) == document(runs)


def test_the_trunk_of_a_scheme_is_trained_once_a_seed_and_started_from(finished, finished_once):
    runs = opened(finished)
    kept = sorted((finished.out / "trunks").iterdir())
    assert len(kept) == 2
    paths = {runs.records[r["key"]]["settings"]["backbone"]["path"] for r in runs.info["cells"][2]["runs"]}
    assert paths == {str(finished_once.out / "trunks" / path.name) for path in kept}
    before = [path.stat().st_mtime_ns for path in kept]
    run(finished)
    assert [path.stat().st_mtime_ns for path in kept] == before


def test_tables_name_every_cell_and_the_published_numbers(finished, monkeypatch):
    monkeypatch.setattr(images, "describe", lambda study, grid, own: described(study, grid, own=False))
    runs = run(finished)
    rows = table(runs)
    assert [row["start"] for row in rows] == ["scratch", "few", "trunk"]
    assert rows[0]["published %"] == "- / 90.0"
    assert rows[0]["difference"] == "(baseline)"
    assert "nobody, 2026" in document(runs)
    lines = csv_text(runs).splitlines()
    assert len(lines) == 1 + 3 * 2
    assert csv_text(opened(finished)).splitlines() == lines


def test_images_that_were_to_be_new_may_not_come_twice(request_of_toy, monkeypatch):
    new = dataclasses.replace(
        TOY, cells=lambda size, protocol: [Cell({"start": "scratch"}, never_repeats=True)]
    )
    monkeypatch.setitem(images.STUDIES, "toy", new)
    with pytest.raises(UserError, match="steps x batch is 32 images, and train has 20"):
        run(request_of_toy)


def test_what_nobody_asked_for_is_not_wanted(request_of_toy, tmp_path, monkeypatch):
    shutil.rmtree(tmp_path / "train")
    real = dataclasses.replace(
        TOY,
        measures=MEASURES[:1],
        cells=lambda size, protocol: [
            Cell({"start": "scratch"}, method="real_only", synthetic=""),
            Cell({"start": "trunk"}, scheme=SCHEME),
        ],
    )
    monkeypatch.setitem(images.STUDIES, "toy", real)
    runs = run(dataclasses.replace(request_of_toy, only="start=scratch"))
    assert [row["start"] for row in table(runs)] == ["scratch"]
    with pytest.raises(UserError, match="train: no such folder"):
        run(dataclasses.replace(request_of_toy, only="start=trunk"))


@pytest.mark.parametrize("study", ["rendered-supervised", "rendered-factors"])
def test_studies_without_a_released_protocol_say_so(study):
    with pytest.raises(UserError, match=f"--protocol: {study} is the same under both"):
        ImageRequest(study, protocol="released").cells()


def test_only_what_was_asked_for_is_run(request_of_toy):
    runs = run(dataclasses.replace(request_of_toy, only="start=few,seed=1"))
    assert [record["settings"]["seed"] for record in runs.records.values()] == [1]
    assert [row["start"] for row in table(runs)] == ["few"]
    for wrong, said in (("begin=few", "columns: seed, start"), ("start=late", "known: few, scratch, trunk")):
        with pytest.raises(UserError, match=said):
            run(dataclasses.replace(request_of_toy, only=wrong))


def test_images_of_other_classes_or_too_few_are_refused(request_of_toy, tmp_path):
    (tmp_path / "train" / "light").rename(tmp_path / "train" / "bright")
    with pytest.raises(UserError, match="train: classes bright, dark; those of photos are dark, light"):
        run(request_of_toy)
    (tmp_path / "train" / "bright").rename(tmp_path / "train" / "light")
    (tmp_path / "test_iid").rename(tmp_path / "elsewhere")
    with pytest.raises(UserError, match=r"test_iid: no such folder; --synthetic names the folder"):
        run(request_of_toy)
    assert not (request_of_toy.out / "toy-corrected.json").exists()


def test_a_first_part_of_a_set_holds_all_classes_alike(finished):
    info, source = opened(finished).info, finished.source
    assert [cell["synthetic"] for cell in info["cells"]] == [20, 4, 20]
    folder = images.Images(TOY.sizes["small"], Path(source.synthetic), True, False, source.task, 1, print)
    assert folder.samples("train", "photographs", 4).y.tolist() == [0, 1, 0, 1]


def test_a_forecast_renders_nothing(request_of_toy):
    alone = dataclasses.replace(request_of_toy, source=Source(request_of_toy.source.task))
    with pytest.raises(UserError, match=r"train: not rendered yet \(20 images\)"):
        alone.forecast(lambda tried: None)
    assert not alone.out.exists()


def test_a_forecast_counts_the_pre_training_and_does_none(request_of_toy, finished_once):
    grid, costs, done = request_of_toy.forecast(lambda tried: None)
    assert len(costs) == 8, "two trunks, then three cells, with two seeds each"
    assert {planned.job.cell.key for planned in grid} == {*costs}
    assert not done
    assert not request_of_toy.out.exists()
    assert len(finished_once.forecast(lambda tried: None)[2]) == 8


def test_a_study_can_start_from_weights_in_a_file(finished, tmp_path, monkeypatch):
    kept = next((finished.out / "trunks").iterdir())
    monkeypatch.setitem(images.STUDIES, "toy", FROM_WEIGHTS)
    source = dataclasses.replace(finished.source, weights=str(kept))
    started = run(dataclasses.replace(finished, source=source, out=tmp_path / "other"))
    backbones = [record["settings"]["backbone"] for record in started.records.values()]
    assert [backbone["path"] for backbone in backbones] == [str(kept)] * 2
    assert not (tmp_path / "other" / "trunks").exists()
    small = tmp_path / "small.safetensors"
    save_trunk(parse("cnn2d:width=2,depth=2", BACKBONES, "").build((3, 16, 16), torch.Generator()), small, {})
    wrong = dataclasses.replace(source, weights=str(small))
    with pytest.raises(UserError, match=r"small\.safetensors: .*the file is of another network"):
        run(dataclasses.replace(finished, source=wrong, out=tmp_path / "third"))
    assert not (tmp_path / "third").exists()
    told = dataclasses.replace(source, weights=f"{small},like=cnn2d:width=2")
    with pytest.raises(UserError, match=r"small\.safetensors: .*the file is of another network"):
        run(dataclasses.replace(finished, source=told, out=tmp_path / "third"))
    lost = dataclasses.replace(source, weights="lost.pth")
    with pytest.raises(UserError, match=r"lost\.pth: no such file"):
        run(dataclasses.replace(finished, source=lost, out=tmp_path / "third"))


@pytest.mark.parametrize("study", ["rendered-factors", "syncheck-overall"])
def test_weights_that_a_study_has_no_use_for_are_refused(study, tmp_path):
    source = Source(weights="trunk.safetensors")
    with pytest.raises(UserError, match=f"--weights: {study} trains from scratch"):
        request_of(study, "", "small", "corrected", source, "", None, "", tmp_path, (), None).cells()


def test_only_the_trunks_that_are_asked_for_are_trained(request_of_toy):
    run(dataclasses.replace(request_of_toy, only="start=trunk,seed=1"))
    assert len(list((request_of_toy.out / "trunks").iterdir())) == 1
    run(dataclasses.replace(request_of_toy, only="start=scratch", out=request_of_toy.out / "other"))
    assert not (request_of_toy.out / "other" / "trunks").exists()


def test_photographs_that_a_study_has_no_use_for_are_refused(request_of_toy):
    with pytest.raises(
        UserError, match="--task: rendered-adaptation is about tasks of its own: rendered to amazon"
    ):
        run(dataclasses.replace(request_of_toy, study="rendered-adaptation"))


def test_another_training_in_one_folder_is_named_by_what_differs(request_of_toy):
    run(dataclasses.replace(request_of_toy, only="start=scratch,seed=0"))
    with pytest.raises(UserError, match=r"another training \(steps is 2 there, 5 now\)"):
        run(dataclasses.replace(request_of_toy, training="steps=5"))
    assert not (request_of_toy.out / "trunks").exists(), "before anything is pre-trained"


def test_what_cannot_be_augmented_is_refused_before_anything_is_run(tmp_path):
    training = dataclasses.replace(FAST, augment="strong")
    with pytest.raises(UserError, match="augment"):
        compare(blob_task(), methods=["real_only"], training=training, out=tmp_path / "out")
    assert not (tmp_path / "out").exists()
