"""What holds for any arrays, any damage and any text."""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
import pytest
from annotated_types import Gt
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from assay.data.arrays import ArrayFile, read_own
from assay.data.split import SHARES, split_task
from assay.data.table import DATA_SETS, open_task
from assay.errors import UserError
from assay.generate.files import npz_bytes
from assay.generate.table import GENERATORS
from assay.methods.table import METHODS
from assay.methods.training import Training
from assay.models.table import BACKBONES
from assay.settings import as_dict, fingerprint, parse, split_options, with_options
from assay.types import Samples, Task

relaxed = settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)

NUMBERS = st.one_of(
    hnp.floating_dtypes(endianness="?", sizes=(16, 32, 64)),
    hnp.integer_dtypes(endianness="?"),
    hnp.unsigned_integer_dtypes(endianness="?"),
)


@st.composite
def samples(draw, most=12) -> Samples:
    n = draw(st.integers(0, most))
    shape = draw(hnp.array_shapes(min_dims=1, max_dims=3, max_side=4))
    dtype = draw(NUMBERS)
    options = {"min_value": -1000, "max_value": 1000} if dtype.kind == "f" else {}
    x = draw(hnp.arrays(dtype, (n, *shape), elements=hnp.from_dtype(dtype, **options)))
    whole = hnp.arrays(np.int64, n, elements=st.integers(-1, 2**40))
    return Samples(x, draw(whole), draw(whole))


def outcome(function, *args):
    """What comes back, be it the one error that may be raised."""
    try:
        return function(*args)
    except UserError as error:
        return error


# --- files


@relaxed
@given(samples())
def test_samples_come_back_equal_from_a_file(tmp_path, given):
    path = tmp_path / "my.npz"
    path.write_bytes(npz_bytes(given, (), {}))
    own = read_own(path, ArrayFile(path=str(path)))
    found = Samples(own.x, own.y, own.group)
    assert found.digest() == given.digest()
    assert (found.x.dtype, found.shape, len(found)) == (given.x.dtype, given.shape, len(given))


def task_file(save) -> bytes:
    rng = np.random.default_rng(0)
    buffer = io.BytesIO()
    save(
        buffer,
        x=rng.normal(size=(16, 3, 5)).astype(np.float32),
        y=np.arange(16) % 2,
        group=np.arange(16) % 3,
        classes=np.array(["sit", "stand"]),
        split=np.array(["labelled", "unlabelled", "validation", "test"])[np.arange(16) // 2 % 4],
    )
    return buffer.getvalue()


FILES = {"compressed": task_file(np.savez_compressed), "plain": task_file(np.savez)}


def assert_refused_or_whole(path: Path) -> None:
    """A task, or the one error with the name of the file in it; numpy may warn of what it finds."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        task = outcome(ArrayFile(path=str(path)).load)
    if isinstance(task, UserError):
        assert str(path) in str(task)
        return
    assert isinstance(task, Task)
    assert all(np.isfinite(part.x).all() for _, part in task.parts())
    assert len(task.labelled)
    assert len(task.test)


@settings(relaxed, max_examples=120)
@given(
    st.sampled_from(sorted(FILES)),
    st.lists(st.tuples(st.integers(0, 10**6), st.integers(1, 255)), min_size=1),
)
def test_a_damaged_file_is_refused_or_gives_a_whole_task(tmp_path, kind, damages):
    content = bytearray(FILES[kind])
    for place, change in damages:
        content[place % len(content)] ^= change
    (tmp_path / "my.npz").write_bytes(content)
    assert_refused_or_whole(tmp_path / "my.npz")


@settings(relaxed, max_examples=80)
@given(st.sampled_from(sorted(FILES)), st.floats(0, 1, exclude_max=True))
def test_a_truncated_file_is_refused(tmp_path, kind, share):
    content = FILES[kind]
    (tmp_path / "my.npz").write_bytes(content[: int(share * len(content))])
    with pytest.raises(UserError, match=r"my\.npz: "):
        open_task(str(tmp_path / "my.npz"))


@relaxed
@given(st.binary(max_size=300))
def test_any_bytes_are_refused(tmp_path, content):
    (tmp_path / "my.npz").write_bytes(content)
    with pytest.raises(UserError, match=r"my\.npz: "):
        open_task(str(tmp_path / "my.npz"))


ANY = st.one_of(
    hnp.arrays(
        st.one_of(NUMBERS, hnp.boolean_dtypes(), hnp.unicode_string_dtypes(max_len=3)), hnp.array_shapes()
    ),
    hnp.arrays(st.one_of(hnp.complex_number_dtypes(), hnp.byte_string_dtypes(max_len=3)), hnp.array_shapes()),
)


@settings(relaxed, max_examples=80)
@given(st.dictionaries(st.sampled_from(["x", "y", "group", "split", "classes", "more"]), ANY))
def test_any_arrays_give_a_whole_task_or_are_refused(tmp_path, arrays):
    np.savez(tmp_path / "my.npz", **arrays)
    assert_refused_or_whole(tmp_path / "my.npz")


# --- splits


@relaxed
@given(
    st.lists(st.integers(len(SHARES), 40), min_size=2, max_size=5), st.integers(0, 9), st.integers(0, 2**32)
)
def test_a_split_puts_every_item_in_one_part_and_every_class_in_every_part(sizes, unknown, seed):
    y = np.concatenate([np.repeat(np.arange(len(sizes)), sizes), np.full(unknown, -1)])
    given = Samples(np.arange(len(y), dtype=np.float64)[:, None], y, np.arange(len(y)))
    task = split_task(given, seed=seed)
    place = np.concatenate([part.group for _, part in task.parts()])
    assert sorted(place) == list(range(len(y)))
    for name, part in task.parts():
        np.testing.assert_array_equal(part.x[:, 0], part.group)
        if name in ("labelled", "validation", "test"):
            np.testing.assert_array_equal(part.y, y[part.group])
            assert part.counts(len(sizes)).min() >= 1
    assert set(task.unlabelled.y) == {-1}
    assert set(np.flatnonzero(y == -1)) <= set(task.unlabelled.group)
    assert np.bincount(y[task.unlabelled.group] + 1, minlength=len(sizes) + 1)[1:].min() >= 1
    assert task.digest() == split_task(given, seed=seed).digest()


def test_another_seed_gives_another_split():
    given = Samples(np.arange(40.0)[:, None], np.arange(40) % 2)
    assert split_task(given, seed=0).digest() != split_task(given, seed=1).digest()


# --- settings as text


@dataclass(frozen=True)
class Knobs:
    """A field of every type that settings have."""

    whole: int = 0
    positive: Annotated[int, Gt(0)] = 1
    number: float = 0.0
    share: Annotated[float, Gt(0)] | None = None
    flag: bool = False
    word: str = ""
    choice: Literal["one", "two"] = "one"
    several: tuple[int, ...] = ()
    perhaps: tuple[float, ...] | None = None


FINITE = st.floats(allow_nan=False, allow_infinity=False)
WORDS = st.text(st.characters(codec="utf-8", exclude_characters=",", exclude_categories=("Z", "C")))
KNOBS = st.builds(
    Knobs,
    whole=st.integers(),
    positive=st.integers(1),
    number=FINITE,
    share=st.none() | st.floats(0, exclude_min=True, allow_infinity=False),
    flag=st.booleans(),
    word=WORDS,
    choice=st.sampled_from(["one", "two"]),
    several=st.lists(st.integers()).map(tuple),
    perhaps=st.none()
    | st.lists(FINITE.filter(lambda number: "+" not in repr(number)), min_size=1).map(tuple),
)


def text_of(value) -> str:
    return "+".join(map(repr, value)) if isinstance(value, tuple) else str(value)


@settings(relaxed, max_examples=150)
@given(KNOBS)
def test_settings_come_back_from_their_text(knobs):
    options = ",".join(f"{key}={text_of(value)}" for key, value in vars(knobs).items())
    found = parse(f"knobs:{options}", {"knobs": Knobs()}, "thing")
    assert found == knobs
    assert fingerprint(as_dict(found)) == fingerprint(as_dict(knobs))


TABLES = {"task": DATA_SETS, "method": METHODS, "backbone": BACKBONES, "generator": GENERATORS}
KEYS = st.sampled_from(
    ["seed", "labelled", "epochs", "batch", "start", "slant", "width", "sources", "like", "x"]
)
VALUES = st.text(max_size=6) | st.sampled_from(
    ["nan", "inf", "-1", "0", "1e999", "none", "1+2", "9" * 5000, "1+x"]
)
PAIRS = st.lists(st.tuples(KEYS, VALUES).map("=".join)).map(",".join)


@settings(relaxed, max_examples=120)
@given(st.sampled_from(sorted(TABLES)), st.data())
def test_any_option_text_gives_settings_or_is_refused(what, data):
    table = TABLES[what]
    name = data.draw(st.sampled_from(sorted(table)) | st.text(max_size=5))
    options = data.draw(PAIRS | st.text(max_size=20))
    found = outcome(parse, f"{name}:{options}", table, what)
    if isinstance(found, UserError):
        assert all(part.strip() in str(found) for part in name.partition(":")[0].splitlines())
        return
    assert type(found) is type(table[name.partition(":")[0]])
    fingerprint(as_dict(found))


@relaxed
@given(PAIRS | st.text(max_size=20))
def test_any_training_text_gives_finite_settings_or_is_refused(options):
    found = outcome(with_options, Training(), options, "training")
    if isinstance(found, UserError):
        assert str(found).startswith("training: ")
        return
    assert np.isfinite(found.learning_rate)


@settings(relaxed, max_examples=80)
@given(st.text(max_size=30) | PAIRS.map("data:".__add__))
def test_the_path_and_the_options_are_the_text_again(text):
    path, options = split_options(text)
    assert text in (path, f"{path}:{options}")
    assert options == "" or "=" in options


def test_a_long_text_of_options_is_split_in_no_time():
    assert split_options("my.npz:a" + "=a" * 5000 + ",!")[1] == ""
