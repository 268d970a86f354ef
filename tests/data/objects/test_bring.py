"""What Python holds becomes the same task as the same arrays; what is no data is refused with the way out."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from PIL import Image
from torch.utils.data import DataLoader, Dataset, IterableDataset, Subset, TensorDataset

import assay
from assay.data.objects import bring, looked_up
from assay.data.objects.looked_up import LookedUp, read_all
from assay.errors import UserError
from assay.generate.files import npz_bytes
from assay.lazy import lazy

N = 60
RNG = np.random.default_rng(0)
Y = np.arange(N) % 3
NAMES = np.array(["run", "sit", "walk"])
X = (RNG.normal(size=(N, 4)) + Y[:, None]).astype(np.float32)
PEOPLE = np.array([f"p{i // 6}" for i in range(N)])


class Frame:
    """As little of a data frame as is looked at."""

    dtypes = columns = ()

    def __init__(self, **columns):
        self.held = {name: np.asarray(values) for name, values in columns.items()}
        self.columns = list(columns)

    def __getitem__(self, name):
        return Column(self.held[name])

    def to_numpy(self):
        raise AssertionError("columns are asked one by one")


class Column:
    def __init__(self, values):
        self.values = values

    def __len__(self):
        return len(self.values)

    def to_numpy(self):
        return self.values

    def to_list(self):
        return self.values.tolist()


ROWS = [
    {**dict(zip(("f0", "f1", "f2", "f3"), x.tolist())), "activity": y, "person": p}
    for x, y, p in zip(X, NAMES[Y].tolist(), PEOPLE.tolist())
]


def frame(rows=slice(None), **more):
    columns = {f"f{i}": X[rows, i] for i in range(4)}
    return Frame(**columns, activity=NAMES[Y][rows], person=PEOPLE[rows], **more)


class Pairs(Dataset):
    """A data set of somebody's own."""

    def __init__(self, items, labels, classes=None):
        self.items, self.labels = items, labels
        if classes is not None:
            self.classes = classes

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, place):
        return self.items[place], self.labels[place]


class Pairs2(Dataset):
    def __init__(self, items):
        self.items = items

    def __len__(self):
        return len(self.items)

    def __getitem__(self, place):
        return self.items[place]


@pytest.fixture(scope="module")
def task():
    return assay.open_task((X, NAMES[Y], PEOPLE))


# -- columns by name ----------------------------------------------------------------------------------


def test_items_of_a_table_in_another_order_are_turned_to_that_of_the_real_one():
    colour = np.array(["red", "blue", "green"])[RNG.integers(0, 3, N)]
    real = assay.open_task(frame(colour=colour), label="activity")
    made = Frame(colour=np.where(colour == "green", "red", colour), activity=NAMES[Y])
    made.held |= {f"f{i}": X[:, i] for i in range(4)}
    made.columns += ["f3", "f1", "f0", "f2"]
    directly = assay.open_synthetic(made, real)
    read_before = assay.open_synthetic(assay.samples(made, label="activity"), real)
    assert np.array_equal(directly.x, read_before.x)
    assert read_before.features == real.labelled.features
    del made.held["f2"], made.columns[-1]
    with pytest.raises(UserError, match="column 'f2': not there, as numbers; columns: colour, f3, f1, f0"):
        assay.open_synthetic(assay.samples(made, label="activity"), real)


def test_what_was_made_for_a_table_knows_its_columns(tmp_path):
    colour = np.array(["red", "blue"])[np.arange(N) // 2 % 2]
    real = assay.open_task(frame(colour=colour), label="activity")
    made, factors = assay.synthesise("jitter", 20, real)
    path = tmp_path / "made.npz"
    path.write_bytes(npz_bytes(made, real.classes, factors))
    turned = assay.open_task(
        Frame(f3=X[:, 3], colour=colour, f0=X[:, 0], f2=X[:, 2], f1=X[:, 1], activity=NAMES[Y]),
        label="activity",
    )
    order = [real.labelled.features.numbers.index(number) for number in turned.labelled.features.numbers]
    found = assay.open_synthetic(str(path), turned)
    assert np.allclose(found.x, made.x[:, order])
    assert found.features == turned.labelled.features
    assert np.allclose(assay.open_synthetic(str(path), real).x, made.x)


# -- forms that are the same task ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "options"),
    [
        ((torch.from_numpy(X), list(NAMES[Y]), PEOPLE), {}),
        ({"x": X, "y": NAMES[Y], "group": PEOPLE}, {}),
        ({"features": X, "labels": NAMES[Y], "person": PEOPLE, "user": PEOPLE}, {}),
        (frame(), {"label": "activity", "group": "person"}),
        ((frame(), "activity", "person"), {}),
        ((Frame(**{f"f{i}": X[:, i] for i in range(4)}), NAMES[Y], PEOPLE), {}),
        ([{"x": x, "y": y, "group": p} for x, y, p in zip(X, NAMES[Y], PEOPLE)], None),
        ([{"walk": x, "label": y, "person": p} for x, y, p in zip(X, NAMES[Y], PEOPLE)], None),
        ([{"a": x, "b": 0, "label": y, "person": p} for x, y, p in zip(X, NAMES[Y], PEOPLE)], ["a"]),
        (list(zip(X, NAMES[Y], PEOPLE)), {}),
        (ROWS, {"label": "activity", "group": "person"}),
        ({key: [row[key] for row in ROWS] for key in ROWS[0]}, {"label": "activity"}),
        (np.rec.fromarrays([*X.T, NAMES[Y], PEOPLE], names="f0,f1,f2,f3,label,person"), {}),
    ],
)
def test_forms_of_the_same_data_are_the_same_task(task, data, options):
    if not isinstance(options, dict):
        data, options = Pairs2(data), {"columns": options} if options else {}
    opened = assay.open_task(data, **options)
    assert opened.digest() == task.digest()
    assert opened.classes == ("run", "sit", "walk")


def test_samples_keep_the_names_of_classes_and_columns(task):
    samples = assay.samples(frame(), label="activity", group="person")
    assert samples.classes == ("run", "sit", "walk")
    assert assay.split_task(samples).digest() == task.digest()
    assert assay.split_task(frame(), label="activity", group="person").digest() == task.digest()


def test_data_sets_of_pytorch_with_names_and_subsets():
    whole = TensorDataset(torch.from_numpy(X), torch.from_numpy(Y))
    plain = assay.open_task((X, Y))
    assert assay.open_task(whole).digest() == plain.digest()
    assert assay.open_task(Pairs(X, torch.from_numpy(Y))).digest() == plain.digest()
    named = assay.open_task(Subset(Pairs(X, Y, list(NAMES)), range(N)))
    assert named.classes == ("run", "sit", "walk")


def test_numbers_that_numpy_does_not_have_are_read():
    tensors = torch.from_numpy(X).bfloat16()
    for data in ((tensors, Y), Pairs(list(tensors), Y)):
        assert np.array_equal(assay.open_task(data).test.x, assay.open_task((tensors.float(), Y)).test.x)


def test_parts_are_kept_and_one_part_is_dealt_out():
    parts = {"train": slice(36), "val": slice(36, 45), "test": slice(45, None)}
    arrays = assay.open_task({name: (X[rows], NAMES[Y][rows]) for name, rows in parts.items()})
    assert [len(p) for _, p in arrays.parts()] == [36, 0, 0, 9, 15]
    frames = {name: frame(rows) for name, rows in parts.items()}
    tables = assay.open_task(frames, label="activity", drop=("person",))
    assert tables.digest() == arrays.digest()
    assert [len(p) for _, p in assay.open_task({"train": (X, Y)}).parts()] == [18, 0, 18, 6, 18]
    with pytest.raises(UserError, match="parts train, val; a task needs train and test"):
        assay.open_task({"train": (X, Y), "val": (X, Y)})


def test_parts_that_number_their_classes_differently_are_matched_by_name():
    y = np.where(Y == 2, 0, Y + 1)
    train, test = Pairs(X, Y, ["run", "sit", "walk"]), Pairs(X + 9, y, ["walk", "run", "sit"])
    task = assay.open_task({"train": train, "test": test})
    assert task.classes == ("run", "sit", "walk")
    assert np.array_equal(task.test.y, Y)


def test_synthetic_items_are_matched_by_names_of_classes_and_columns(task):
    real = assay.open_task(frame(), label="activity", drop="person")
    turned = Frame(f3=X[:, 3], f1=X[:, 1], extra=Y, activity=NAMES[Y], f0=X[:, 0], f2=X[:, 2])
    assert np.array_equal(assay.open_synthetic(turned, real).x, X)
    assert np.array_equal(assay.open_synthetic((X, NAMES[Y][::-1]), task).y, Y[::-1])
    assert (assay.open_synthetic((X, None), task).y == -1).all()
    with pytest.raises(UserError, match="unknown class 'ran'"):
        assay.open_synthetic((X[:1], ["ran"]), task)


# -- pictures, and what does not fit ------------------------------------------------------------------


def pictures(n=12, side=20):
    return [Image.fromarray(RNG.integers(0, 255, (side, side + 4, 3), dtype=np.uint8)) for _ in range(n)]


def test_pictures_become_square_items_and_stream_alike():
    data = Pairs(pictures(), np.arange(12) % 3)
    kept = assay.samples(data, stream=False, size=16)
    streamed = assay.samples(data, stream=True, size=16)
    assert kept.shape == (3, 16, 16)
    assert lazy(kept.x) is None
    assert lazy(streamed.x) is not None
    assert np.array_equal(np.asarray(streamed.x), kept.x)
    some = streamed[np.array([3, 1])]
    assert np.array_equal(np.asarray(some.x), kept.x[[3, 1]])
    assert streamed.digest() == assay.samples(data, stream=True, size=16).digest()
    assert some.digest() != streamed[np.array([1, 3])].digest()
    assert assay.samples(data).shape == (3, 20, 20), "no larger than the first"


def test_what_would_fill_the_memory_streams_and_trains_to_the_same_result(tmp_path, monkeypatch):
    data = Pairs([torch.from_numpy(x) for x in X.reshape(N, 1, 4)], Y)
    made = Pairs([torch.from_numpy(x) for x in X.reshape(N, 1, 4)[::-1] + 1], Y[::-1].copy())
    training = assay.Training(epochs=1, steps=2, batch=8)
    options = {"methods": ["mixed"], "seeds": 1, "training": training, "workers": 1}
    kept = assay.compare(data, made, out=tmp_path / "kept", **options)
    monkeypatch.setattr(looked_up, "fills", lambda *_: True)
    task = assay.open_task(data)
    assert lazy(task.labelled.x) is not None
    streamed = assay.compare(task, made, out=tmp_path / "streamed", **options)
    assert [run["error"] for run in streamed.runs] == [None, None]
    assert [r["accuracy"] for r in streamed.rows()] == [r["accuracy"] for r in kept.rows()]


def test_items_that_change_are_found_out():
    with pytest.raises(UserError, match=r"item 0 changes each time it is read \(a random transform\?\)"):
        read_all(lambda place: RNG.normal(size=3), 20)
    state = {"shift": 0.0}
    x = read_all(lambda place: X[place] + state["shift"], 20, stream=True)
    assert isinstance(x, LookedUp)
    state["shift"] = 1.0
    with pytest.raises(UserError, match="item 5 is not what it was"):
        x[5:6]


# -- refusals -----------------------------------------------------------------------------------------


class Walk(IterableDataset):
    def __iter__(self):
        yield from zip(X, Y)


class Sparse:
    def toarray(self):
        raise AssertionError("nobody asked for it")


class Endless:
    def __getitem__(self, place):
        return X[0], 0


class Broken(Pairs):
    def __getitem__(self, place):
        if place == 7:
            raise OSError("no such recording")
        return super().__getitem__(place)


@pytest.mark.parametrize(
    ("data", "options", "said"),
    [
        (X, {}, r"data: a ndarray of shape \(60, 4\) without labels: give \(x, y\)"),
        (DataLoader(TensorDataset(torch.from_numpy(X))), {}, r"a DataLoader: give its .dataset"),
        (Walk(), {}, r"a Walk that can only be walked through: give one with __getitem__ and __len__"),
        (3, {}, r"data: a int; expected a path"),
        (
            Pairs2([{"a": X[0], "b": 0, "label": 1}] * N),
            {},
            r"no 'image' among a, b, label.*; columns=a says",
        ),
        (
            [{"a": 1.0, "label": 0}, {"b": 1.0, "label": 1}],
            {},
            r"row 1: column 'a' is there or in row 0 alone",
        ),
        ({"a": [1.0, 2.0], "label": [0]}, {}, r"column 'label': 1 values; column 'a' has 2"),
        (
            {"train": frame(), "validation": frame()},
            {"label": "activity"},
            r"parts train, validation; a task needs",
        ),
        ((Sparse(), Y), {}, r"x: a sparse Sparse; give its .toarray\(\)"),
        (Endless(), {}, r"a Endless that does not say how many items it has: give it a __len__"),
        (Broken(X, Y), {}, r"item 7: OSError: no such recording"),
        (Pairs([*X[:-1], X[-1][:2]], Y), {}, r"item 59: shape \(2,\); item 0 has \(4,\)"),
        (Pairs([{}] * N, Y), {}, r"item 0: items of type dict; expected numbers, tensors or pictures"),
        (frame(), {}, r"no column is called label, y, target or class; label=COLUMN says it \(columns: f0"),
        (
            frame(),
            {"label": "sport"},
            r"column 'sport': not there; columns: f0, f1, f2, f3, activity, person",
        ),
        ((X, Y[:9]), {}, r"y: shape \(9,\); expected \(60,\)"),
        ((X, Y), {"label": "y"}, r"label: of tables and data sets of columns"),
        ((X, Y), {"sise": 3}, r"unknown option 'sise'"),
        (
            Frame(a=X[:, 0], x=np.array(["2020-01-01"] * N, "datetime64[D]"), label=Y),
            {},
            r"'x': dates; drop=x",
        ),
        ((frame(), "activity", "home"), {}, r"column 'home': not there"),
    ],
)
def test_what_is_no_data_is_refused_with_the_way_out(data, options, said):
    with pytest.raises(UserError, match=said):
        assay.open_task(data, **options)


def test_every_option_of_files_is_one_of_objects():
    known = {f.name for f in bring.fields(bring.ObjectTask)}
    from assay.data.arrays import ArrayFile

    assert {f.name for f in bring.fields(ArrayFile)} - {"path"} <= known
