"""Further inputs of the kinds that people bring, each with what must happen."""

from __future__ import annotations

import numpy as np
import pytest

from tests.support.examining import Input, classes, parts, pictures, signals

NAMES = np.array(["cat", "Big Dog", "emu"])


def real(x: np.ndarray | None = None, **more) -> dict:
    return {"x": pictures().astype("u1") if x is None else x, "y": classes(), **more}


def made(x: np.ndarray | None = None, **more) -> dict:
    return {"x": pictures(seed=1).astype("f4") if x is None else x, "y": classes(), **more}


def scaled(factor: float, offset: float = 0, dtype: str = "f4") -> dict:
    return made((pictures(seed=1) * factor + offset).astype(dtype))


def rgba(last: bool = True, floats: bool = False) -> np.ndarray:
    """Pictures whose border is transparent and black, and opaque within."""
    x = np.concatenate([pictures(), np.zeros((60, 1, 12, 12))], axis=1)
    x[:, 3, 2:10, 2:10] = 255
    x[:, :3] *= x[:, 3:] > 0
    x = (x / 255).astype("f4") if floats else x.astype("u1")
    return np.ascontiguousarray(x.transpose(0, 2, 3, 1)) if last else x


def copied(n: int, source: slice = slice(0, 60)) -> np.ndarray:
    """Synthetic signals of which the first n are real items of `source`, the others new."""
    return np.concatenate([PARTED["x"][source][:n], signals(60 - n, seed=9)])


PARTED = {"x": signals(120), "y": classes(120), "split": np.repeat(["labelled", "test"], 60)}
FOUR = {
    "x": signals(120),
    "y": classes(120),
    "split": np.resize(np.repeat(["train", "test", "val", "train"], 3), 120),
}
TABLE = {"x": (signals(60, (5,)) * [1, 2, 3, 4, 5] + 20).astype("f8"), "y": classes()}
ROUND = PARTED["x"][:60].round()
CODES = np.random.default_rng(5).integers(0, 2, (400, 4)).astype("f4")
"""Rows of a table that has sixteen different ones."""


def bursts(same: bool) -> dict:
    """Frames of twelve videos, dealt out by chance: neighbours differ by noise."""
    rng = np.random.default_rng(1)
    base = np.repeat(rng.uniform(0, 255, (12, 1, 16, 16)), 10, 0)
    x = (base if same else rng.uniform(0, 255, base.shape)) + rng.normal(0, 0.05, base.shape)
    return {"x": x.astype("f4"), "y": np.arange(120) // 10 % 2, "split": np.resize(["labelled", "test"], 120)}


INPUTS = {
    # --- labels
    "labels-with-gaps": Input(
        real(y=classes() * 3 + 2),
        found=(("note", "labels", "3 classes: 2, 5, 8"),),
        is_={"classes": ("2", "5", "8")},
    ),
    "labels-from-1-with-names": Input(
        real(y=classes() + 1, classes=NAMES),
        found=(("note", "labels", "1 to 3 read as the 3 names"),),
        is_={"classes": tuple(NAMES)},
    ),
    "labels-as-floats": Input(
        real(y=classes().astype("f8")), is_={"classes": ("0", "1", "2")}, never=("labels",)
    ),
    "labels-as-bytes": Input(
        real(y=NAMES.astype("S")[classes()]), is_={"classes": ("Big Dog", "cat", "emu")}
    ),
    "numerals-as-text-sort-as-numbers": Input(
        real(y=np.array(["10", "9", "2"])[classes()]), is_={"classes": ("2", "9", "10")}
    ),
    "text-with-names-keeps-their-order": Input(
        real(y=NAMES[classes()], classes=NAMES[::-1].copy()), is_={"classes": ("emu", "Big Dog", "cat")}
    ),
    "one-hot-of-booleans": Input(real(y=np.eye(3)[classes()] > 0), found=(("note", "labels", "one-hot"),)),
    "one-hot-with-unknown": Input(
        real(y=np.eye(3)[classes()] * (np.arange(60) > 2)[:, None]), is_={"unlabelled": 18, "test": 24}
    ),
    "empty-text-is-unknown": Input(
        real(y=np.where(np.arange(60) < 6, "", NAMES[classes()])), is_={"classes": ("Big Dog", "cat", "emu")}
    ),
    "probabilities": Input(real(y=np.full((60, 3), 1 / 3)), refused="y: shape (60, 3)|argmax"),
    "class-names-that-differ-in-case": Input(
        real(y=np.array(["cat", "Cat", "emu"])[classes()]),
        found=(("warn", "classes_alike", "Cat, cat|rename=Cat:cat"),),
    ),
    "class-names-made-one": Input(
        real(y=np.array(["cat", "Cat", "emu"])[classes()]),
        options="rename=Cat:cat",
        is_={"classes": ("cat", "emu")},
    ),
    "some-classes-in-another-order": Input(
        real(y=NAMES[classes()]),
        options="classes=emu+cat",
        found=(("note", "classes_left_out", "Big Dog"),),
        is_={"classes": ("emu", "cat")},
    ),
    "one-class-ignored": Input(real(), options="ignore=1", is_={"classes": ("0", "2")}),
    "a-class-that-is-not-there": Input(
        real(y=NAMES[classes()]), options="ignore=emus", refused="'emus'|'emu'"
    ),
    "a-renaming-without-a-name": Input(real(), options="rename=1", refused="rename=1|old:new"),
    "labels-of-minus-1-and-1": Input(
        real(y=np.where(classes(k=2), 1, -1)),
        found=(("note", "labels", "-1 and 1 read as two classes"),),
        is_={"classes": ("-1", "1"), "unlabelled": 18},
    ),
    "made-of-minus-1-and-1-too": Input(
        real(y=np.where(classes(k=2), 1, -1)),
        made(y=np.where(classes(k=2), -1, 1)),
        is_={"made_y": (1 - classes(k=2)).tolist()},
    ),
    "text-with-spaces-around-it": Input(
        real(y=np.array(["cat", " cat", "emu "])[classes()]), is_={"classes": ("cat", "emu")}
    ),
    # --- keys and parts
    "arrays-without-names": Input(
        {"arr_0": pictures().astype("u1"), "arr_1": classes()},
        found=(("note", "keys", "arr_0 as x, arr_1 as y"),),
        is_={"classes": ("0", "1", "2")},
    ),
    "pytorch-keys": Input(
        {
            "trainImages": pictures(30).astype("u1"),
            "trainLabels": classes(30),
            "valid_images": pictures(15, 2).astype("u1"),
            "valid_labels": classes(15),
            "test_images": pictures(15, 1).astype("u1"),
            "test_labels": classes(15),
        },
        is_={"labelled": 30, "validation": 15, "test": 15},
    ),
    "images-and-labels": Input(
        {"images": pictures().astype("u1"), "labels": classes()}, found=(("note", "keys", "images as x"),)
    ),
    "unlabelled-part-without-labels": Input(
        {
            "x_train": signals(30),
            "y_train": classes(30),
            "x_test": signals(15, seed=1),
            "y_test": classes(15),
            "x_unlabeled": signals(9, seed=2),
        },
        is_={"unlabelled": 9, "labelled": 30},
    ),
    "test-labels-missing": Input(
        {"x_train": signals(30), "y_train": classes(30), "x_test": signals(15)}, refused="y: missing for test"
    ),
    "parts-of-other-shapes": Input(
        {
            "x_train": signals(30),
            "y_train": classes(30),
            "x_test": signals(15, (5, 50)),
            "y_test": classes(15),
        },
        refused="x: the arrays of the parts do not fit together",
    ),
    "split-in-capitals": Input(
        real(split=parts(names=("TRAIN", "Valid", "Test"))), is_={"labelled": 30, "test": 15}
    ),
    "split-of-something-else": Input(
        real(split=np.full(60, "holdout")), refused="split: 'holdout'|train, val, test"
    ),
    "group-of-names": Input(
        real(group=np.repeat(["ann", "bob", "cid", "dan", "eve"], 12)),
        found=(("note", "deal", "whole groups"), ("note", "groups", "test")),
    ),
    "user-as-group": Input(real(user=np.arange(60) // 6), found=(("note", "keys", "user as group"),)),
    # --- groups
    "two-rooms": Input(
        real(group=np.arange(60) // 30), refused="2 groups for 4 parts|deal=items|shares=0.5+0+0+0.5"
    ),
    "two-rooms-two-parts": Input(
        real(group=np.arange(60) // 30),
        options="shares=0.5+0+0+0.5",
        is_={"labelled": 30, "test": 30, "unlabelled": 0, "validation": 0},
    ),
    "items-all-the-same": Input(
        real(group=np.arange(60) // 6),
        options="deal=items",
        found=(("note", "deal", "deal=items"), ("warn", "groups_both_sides", "also in labelled")),
    ),
    "a-class-of-one-group": Input(
        real(y=np.repeat([0, 1, 2], 20), group=np.r_[np.arange(40) // 5, np.full(20, 99)]),
        refused="class '2' stands in 1 of 9 groups|deal=items",
    ),
    "group-of-each-item": Input(real(group=np.arange(60)), never=("deal",), is_={"labelled": 18}),
    "shares-that-do-not-sum-to-1": Input(real(), options="shares=0.5+0.5+0.5+0.5", refused="shares|sum to 1"),
    # --- duplicates
    "test-items-that-choose-the-epoch": Input(
        {**FOUR, "x": np.where((FOUR["split"] == "val")[:, None, None], np.roll(FOUR["x"], 3, 0), FOUR["x"])},
        found=(("warn", "duplicates_test_validation", "30 of 30 test items are also in validation"),),
        never=("duplicates_test",),
    ),
    "transductive": Input(
        {
            **FOUR,
            "split": np.where(FOUR["split"] == "val", "unlabelled", FOUR["split"]),
            "x": np.where((FOUR["split"] == "val")[:, None, None], np.roll(FOUR["x"], 3, 0), FOUR["x"]),
        },
        found=(("warn", "duplicates_test_unlabelled", "30 of 30 test items are also in unlabelled"),),
    ),
    "zero-of-both-signs-is-one-number": Input(
        {**PARTED, "x": np.concatenate([ROUND, np.where(ROUND == 0, -0.0, ROUND)])},
        refused="60 of 60 test items are also in labelled",
    ),
    "made-copies-of-training-items": Input(
        PARTED,
        made(copied(20)),
        found=(("warn", "synthetic_is_labelled", "20 of 60 synthetic items are labelled items"),),
    ),
    "one-test-item-among-the-made": Input(
        PARTED,
        made(copied(1, slice(60, 120))),
        refused="1 of 60 synthetic items are test items, the first is synthetic item 0",
    ),
    "copies-in-another-type": Input(
        {**real(), "split": np.repeat(["train", "test"], 30)},
        made(np.concatenate([pictures(30, 5), pictures().astype("u1")[30:]]).astype("f8")),
        refused="30 of 60 synthetic items are test items",
    ),
    "rows-of-a-small-table-meet-by-chance": Input(
        {"x": CODES[:200], "y": classes(200, 2)},
        {"x": CODES[200:], "y": classes(200, 2)},
        options="accept=duplicates_test",
        found=(("warn", "synthetic_is_test", "of real labelled items"),),
    ),
    "one-item-many-times": Input(
        {**PARTED, "x": np.where(np.arange(120)[:, None, None] < 15, PARTED["x"][:1], PARTED["x"])},
        found=(
            ("warn", "repeats", "14 of 60 labelled items equal an earlier one; item 0 is there 15 times"),
        ),
    ),
    "neighbouring-frames-on-both-sides": Input(
        bursts(same=True),
        found=(("warn", "near_duplicates_test", "60 of 60 test items nearly equal a labelled one"),),
    ),
    "no-neighbouring-frames": Input(bursts(same=False), never=("near_duplicates_test",)),
    "made-test-items-with-a-little-noise": Input(
        {**PARTED, "x": np.concatenate([signals(60, (1, 16, 16)), signals(60, (1, 16, 16), 1)])},
        made(signals(60, (1, 16, 16), 1) * 1.0001),
        found=(("warn", "near_synthetic_test", "60 of 60 synthetic items nearly equal an item of test"),),
    ),
    # --- scales
    "bytes-by-256": Input(real(), scaled(1 / 256), refused="by 256"),
    "bytes-less-128": Input(real(), scaled(1, -128), refused="-128..127 against 0..255|add 128"),
    "half-and-half": Input(
        real(), scaled(1 / 255, -0.5), refused="-0.5..0.5 against 0..255|by 255 and add 127.5"
    ),
    "the-real-ones-are-0..1": Input(
        real((pictures() / 255).astype("f4")),
        scaled(1, dtype="u1"),
        refused="0..255 against 0..1|by 0.00392157",
    ),
    "signed-against-0..1": Input(
        real((pictures() / 255).astype("f4")),
        scaled(1 / 127.5, -1),
        refused="-1..1 against 0..1|by 0.5 and add 0.5",
    ),
    "sixteen-bits": Input(real(), scaled(257, dtype="u2"), refused="0..65535 against 0..255|by 0.00389105"),
    "by-means-and-deviations": Input(
        real(), scaled(1 / 58, -1.8), refused="another scale|multiply the synthetic numbers by"
    ),
    "volts-against-millivolts": Input(
        {"x": signals() * 1000, "y": classes()},
        {"x": signals(seed=1), "y": classes()},
        options="normalise=channel",
        refused="multiply the synthetic numbers by 1000;",
    ),
    "scales-that-drop-out": Input(
        {"x": signals() * 1000, "y": classes()},
        {"x": signals(seed=1), "y": classes()},
        found=(("note", "scale", "z-scored by itself"),),
        is_={"normalise": "item"},
    ),
    "dark-pictures-are-no-other-scale": Input(
        real(), scaled(0.5), found=(("note", "ranges", "real: uint8"),)
    ),
    "another-column-shifted": Input(
        TABLE,
        {"x": TABLE["x"][::-1] + [0, 0, 40, 0, 0] + 0.01, "y": TABLE["y"]},
        found=(("warn", "ranges", "1 of 5 features: feature 3|real deviations"),),
    ),
    "a-collapsed-generator-is-no-other-scale": Input(
        TABLE,
        {"x": 20 + (TABLE["x"] - 20) / 50, "y": TABLE["y"]},
        found=(("warn", "ranges", "5 of 5 features"),),
        never=("scale",),
    ),
    "pixels-laid-flat-on-another-scale": Input(
        real(pictures(side=12, channels=1).reshape(60, 144).astype("u1")),
        made((pictures(side=12, channels=1, seed=1).reshape(60, 144) / 255).astype("f4")),
        refused="0..1 against 0..255|by 255;",
    ),
    # --- constant, equal, missing
    "subcarriers-that-are-off": Input(
        {"x": np.where(np.isin(np.arange(30), (0, 15)), 0, signals(shape=(3, 50, 30))), "y": classes()},
        found=(("warn", "dead_channel", "subcarriers 1, 16 are constant in all 60 real items"),),
    ),
    "dead-pixels-of-the-made": Input(
        real(),
        made(np.where(np.arange(3)[:, None, None] == 2, 0, pictures(seed=1)).astype("f4")),
        found=(("warn", "dead_channel", "channel 3 is constant in all 60 synthetic items"),),
    ),
    "blank-pictures-of-the-made": Input(
        real(),
        made(np.where(np.arange(60)[:, None, None, None] < 7, 255, pictures(seed=1)).astype("f4")),
        found=(("warn", "constant_items", "synthetic: 7 of 60 items are constant"),),
    ),
    "a-feature-of-one-number": Input(
        {**TABLE, "x": np.where(np.arange(5) == 1, 3.0, TABLE["x"])},
        found=(("warn", "dead_channel", "feature 2 is constant"),),
    ),
    "made-of-one-class": Input(
        real(), made(y=np.ones(60, int)), found=(("warn", "one_class", "all 60 labels are equal: '1'"),)
    ),
    "made-without-a-class": Input(
        real(),
        made(y=classes() % 2),
        found=(("note", "classes_missing", "synthetic: no item of 1 of 3 classes: 2"),),
    ),
    "made-without-conditions": Input(
        real(), {"x": made()["x"]}, found=(("note", "no_labels", "no item has a condition"),)
    ),
    "validation-without-a-class": Input(
        real(split=np.where((classes() == 2) & (parts() == "validation"), "test", parts())),
        found=(("note", "classes_missing", "validation: no item of 1 of 3 classes: 2"),),
    ),
    # --- names of the made
    "made-without-names": Input(
        real(y=NAMES[classes()]),
        made(),
        found=(
            (
                "note",
                "labels_in_order",
                "no class names in made.npz: numbers are taken in the task's order, 0 is Big Dog",
            ),
        ),
        is_={"made_y": classes().tolist()},
    ),
    "made-with-names-in-other-case": Input(
        real(y=NAMES[classes()]),
        made(y=np.array(["CAT", "big_dog", "emu"])[classes()]),
        found=(("note", "classes_alike", "big_dog as Big Dog|CAT as cat"),),
        is_={"made_y": np.array([1, 0, 2])[classes()].tolist()},
    ),
    "made-with-a-name-misspelt": Input(
        real(y=NAMES[classes()]),
        made(y=np.array(["cst", "Big Dog", "emu"])[classes()]),
        refused="unknown class 'cst'|nearest: 'cat'|rename=cst:cat|ignore=cst",
    ),
    "made-renamed-and-ignored": Input(
        real(y=NAMES[classes()]),
        made(y=np.array(["hound", "logs", "emu"])[classes()]),
        made_options="rename=hound:Big Dog,ignore=logs",
        found=(("note", "classes_left_out", "logs"),),
        is_={"made_y": [0, 2] * 20},
    ),
    "numbers-renamed": Input(
        real(y=NAMES[classes()]),
        made(),
        made_options="rename=0:cat+1:Big Dog",
        is_={"made_y": np.array([1, 0, 2])[classes()].tolist()},
    ),
    "made-counts-from-1-as-the-task-does": Input(
        real(y=classes() + 1),
        made(y=classes() + 1),
        never=("labels_in_order",),
        is_={"made_y": classes().tolist()},
    ),
    "made-counts-from-0-and-the-task-from-1": Input(
        real(y=classes() + 1),
        made(),
        found=(("warn", "labels_in_order", "0 is 1"),),
        is_={"made_y": classes().tolist()},
    ),
    "made-with-a-number-beyond": Input(real(), made(y=classes() + 2), refused="y: label|expected -1 to 2"),
    # --- layouts
    "transparent-pictures": Input(
        real(rgba()),
        found=(("note", "alpha", "60 of 60 pictures laid on white"),),
        is_={"shape": (3, 12, 12), "kind": "image"},
    ),
    "transparent-pictures-channels-first-in-floats": Input(
        real(rgba(last=False, floats=True)), is_={"shape": (3, 12, 12)}, found=(("note", "alpha", "white"),)
    ),
    "no-such-background": Input(real(rgba()), options="background=whitish", refused="background=whitish"),
    "four-bands": Input(
        real(pictures(channels=4).transpose(0, 2, 3, 1).astype("u1")),
        found=(("warn", "alpha", "all four are kept"),),
        is_={"shape": (4, 12, 12), "kind": "image"},
    ),
    "one-grey-channel-last": Input(
        real(pictures(channels=1).transpose(0, 2, 3, 1).astype("u1")), is_={"shape": (1, 12, 12)}
    ),
    "made-channels-last": Input(
        real(), made(pictures(seed=1).transpose(0, 2, 3, 1).astype("f4")), is_={"made_shape": (3, 12, 12)}
    ),
    "pictures-laid-flat": Input(
        real(pictures(side=8, channels=1).reshape(60, 64).astype("u1")),
        found=(("warn", "layout", "pictures of 8 × 8, laid flat|shape=1+8+8 reads pictures"),),
        is_={"kind": "vector"},
    ),
    "pictures-laid-flat-and-told": Input(
        real(pictures(side=8, channels=1).reshape(60, 64).astype("u1")),
        options="shape=1+8+8",
        is_={"shape": (1, 8, 8), "kind": "image"},
    ),
    "a-shape-that-does-not-fit": Input(real(), options="shape=1+8+8", refused="shape: (1, 8, 8)|432 numbers"),
    "time-before-channels": Input(
        {"x": signals(shape=(128, 9)), "y": classes()},
        found=(("warn", "layout", "9 channels over 128 times|axes=channel+time"),),
        is_={"shape": (9, 128)},
    ),
    "time-before-channels-as-said": Input(
        {"x": signals(shape=(128, 9)), "y": classes(), "axes": np.array(["channel", "time"])},
        found=(("note", "layout", "128 channels × 9 times"),),
        is_={"shape": (128, 9)},
    ),
    "one-link": Input(
        {"x": signals(shape=(500, 30)), "y": classes()},
        found=(("warn", "layout", "30 subcarriers over 500 times"),),
        is_={"shape": (1, 500, 30)},
    ),
    "two-antennas-subcarriers-first": Input(
        {"x": signals(shape=(2, 56, 100)), "y": classes()}, is_={"shape": (2, 100, 56), "kind": "signal"}
    ),
    "axes-of-a-file-are-followed": Input(
        {"x": signals(shape=(50, 30, 3)), "y": classes(), "axes": np.array("time+subcarrier+antenna")},
        found=(("note", "layout", "50 times × 30 subcarriers × 3 antennas"),),
        is_={"shape": (3, 50, 30)},
    ),
    "axes-that-are-none": Input(
        real(), options="axes=channel+row+column", refused="axes: channel+row+column|height"
    ),
    "a-plain-series": Input(
        {"x": signals(shape=(200,)), "y": classes()},
        options="kind=signal",
        is_={"shape": (1, 200), "kind": "signal"},
    ),
    "kind-and-normalise-in-the-file": Input(
        real(kind="signal", normalise="none"), is_={"kind": "signal", "normalise": "none"}
    ),
    "options-come-before-the-file": Input(real(kind="signal"), options="kind=image", is_={"kind": "image"}),
    "a-kind-that-is-none": Input(real(kind="picture"), refused="kind=picture"),
    "halves-first": Input(
        {"x": signals(shape=(2, 3, 50, 30)), "y": classes()},
        options="iq=first,part=phase",
        is_={"shape": (3, 50, 30)},
    ),
    "halves-that-are-not-there": Input(real(), options="iq=last", refused="iq: |2 real numbers"),
    "complex-for-a-generator": Input(
        {"x": signals(shape=(3, 50, 30)) * 1j, "y": classes()},
        options="part=complex",
        found=(("note", "accepted", "complex"),),
    ),
    "complex-made-for-magnitudes": Input(
        {"x": np.abs(signals(shape=(3, 50, 30))), "y": classes()},
        {"x": signals(shape=(3, 50, 30), seed=1) * 1j, "y": classes()},
        found=(("note", "complex", "synthetic: complex items: magnitudes"),),
    ),
    "another-layout-that-does-not-fit": Input(
        real(),
        made(signals(shape=(3, 9, 12))),
        refused="items of shape (3, 9, 12); the task's have (3, 12, 12)",
    ),
    "an-unknown-acceptance": Input(
        real(), options="accept=everything", refused="accept=everything: unknown|duplicates_test"
    ),
    "an-unknown-option-of-the-made": Input(
        real(), made(), made_options="kind=image", refused="unknown option 'kind'|rename"
    ),
}


@pytest.mark.parametrize("name", INPUTS)
def test_what_people_bring(tmp_path, name):
    INPUTS[name].check(tmp_path)
