"""The commonest mistakes with people's arrays: each is refused, warned of or noted, and none is believed."""

from __future__ import annotations

import numpy as np
import pytest

from tests.support.examining import Input, classes, parts, pictures, signals


def windows(from_1: bool = False, **more) -> dict:
    """Overlapping windows of 24 recordings whose classes are chance; `group` is the recording."""
    walks = np.random.default_rng(0).normal(0, 1, (24, 6, 140)).cumsum(2).astype("f4")
    x = np.concatenate([[walk[:, s : s + 50] for s in range(0, 90, 10)] for walk in walks])
    return {
        "x": x,
        "y": np.repeat(np.arange(24) % 4 + from_1, 9),
        "group": np.repeat(np.arange(24), 9),
        **more,
    }


def twice(copies: int) -> dict:
    """Sixty test items of which so many are copies of labelled ones."""
    x = signals(120)
    x[60 : 60 + copies] = x[:copies]
    return {"x": x, "y": classes(120), "split": np.repeat(["labelled", "test"], 60)}


def bytes_(**more) -> dict:
    return {"x": pictures().astype("u1"), "y": classes(), **more}


def made(x: np.ndarray | None = None, **more) -> dict:
    return {"x": (pictures(seed=1) if x is None else x).astype("f4"), "y": classes(), **more}


def csi(shape: tuple[int, ...] = (3, 50, 30)) -> np.ndarray:
    return signals(shape=shape)


def dead() -> dict:
    x = csi()
    x[:, 1], x[::3] = 0, 7
    return {"x": x, "y": np.arange(60) // 2 % 3}


CHANCE = {
    "x": signals(120, (1, 8, 8)),
    "y": np.arange(120) // 2 % 2,
    "split": np.repeat(["labelled", "test"], 60),
}
TABLE = {"x": signals(120, (10,)) * np.logspace(-1, 3.3, 10), "y": classes(120)}

CASES = {
    "windows": Input(
        windows(),
        found=(
            ("note", "deal", "whole groups are dealt out"),
            ("note", "groups", "labelled|test|no test group is a labelled one"),
        ),
        never=("groups_both_sides",),
    ),
    "windows-split-across-groups": Input(
        windows(split=np.resize(["labelled", "test", "validation"], 216)),
        found=(
            ("warn", "groups_both_sides", "24 of 24 test groups are also in labelled (72 of 72 test items)"),
        ),
    ),
    "windows-from-1": Input(
        windows(from_1=True),
        found=(("note", "labels", "4 classes: 1 to 4"),),
        is_={"classes": ("1", "2", "3", "4")},
    ),
    "twice": Input(twice(60), refused="60 of 60 test items are also in labelled|accept=duplicates_test"),
    "twice-at-a-tenth": Input(twice(6), refused="6 of 60 test items are also in labelled"),
    "twice-below-a-tenth": Input(
        twice(5), found=(("warn", "duplicates_test", "5 of 60 test items|the first is test item 0"),)
    ),
    "twice-taken-nevertheless": Input(
        twice(60),
        options="accept=duplicates_test",
        found=(("warn", "duplicates_test", "taken nevertheless"), ("note", "accepted", "duplicates_test")),
    ),
    "0..1-against-0..255": Input(
        bytes_(), made(pictures(seed=1) / 255), refused="0..1 against 0..255|multiply|by 255;|accept=scale"
    ),
    "-1..1-against-0..255": Input(
        bytes_(), made(pictures(seed=1) / 127.5 - 1), refused="-1..1 against 0..255|by 127.5 and add 127.5"
    ),
    "same-scale-other-type": Input(
        bytes_(), made(), found=(("note", "ranges", "synthetic: float32|real: uint8 whole numbers"),)
    ),
    "channels-last": Input(
        {"x": pictures().transpose(0, 2, 3, 1).astype("u1"), "y": classes()},
        found=(("note", "layout", "12 rows × 12 columns × 3 channels|turned to (channel, height, width)"),),
        is_={"shape": (3, 12, 12), "kind": "image", "normalise": "channel"},
    ),
    "grey-without-axis": Input(
        {"x": pictures().mean(1).astype("u1"), "y": classes()},
        found=(("note", "layout", "12 rows × 12 columns (pictures)"),),
        is_={"shape": (1, 12, 12), "kind": "image"},
    ),
    "text-labels": Input(
        bytes_(y=np.array(["emu", "cat", "dog"])[classes()]),
        found=(("note", "labels", "text|cat, dog, emu"),),
        is_={"classes": ("cat", "dog", "emu")},
    ),
    "one-hot": Input(bytes_(y=np.eye(3, dtype="u1")[classes()]), found=(("note", "labels", "one-hot"),)),
    "column": Input(bytes_(y=classes()[:, None]), found=(("note", "labels", "one column"),)),
    "booleans": Input(
        bytes_(y=classes() == 1), found=(("note", "labels", "booleans"),), is_={"classes": ("false", "true")}
    ),
    "keras-keys": Input(
        {
            "x_train": pictures(40).astype("u1"),
            "y_train": classes(40),
            "x_test": pictures(20, 1).astype("u1"),
            "y_test": classes(20),
        },
        found=(("note", "keys", "x_train as x of labelled|y_test as y of test"),),
        is_={"labelled": 40, "test": 20, "validation": 0},
    ),
    "train-val-test": Input(
        bytes_(split=parts(names=("train", "val", "test"))),
        found=(("note", "split_names", "train as labelled|val as validation"),),
        is_={"labelled": 30, "validation": 15, "test": 15},
    ),
    "made-is-test": Input(
        CHANCE,
        {"x": CHANCE["x"][60:], "y": CHANCE["y"][60:]},
        refused="60 of 60 synthetic items are test items|accept=synthetic_is_test",
    ),
    "made-is-test-taken-nevertheless": Input(
        CHANCE,
        {"x": CHANCE["x"][60:], "y": CHANCE["y"][60:]},
        made_options="accept=synthetic_is_test",
        found=(("warn", "synthetic_is_test", "60 of 60|taken nevertheless"),),
    ),
    "table": Input(
        TABLE,
        {"x": TABLE["x"][::-1] * 1.01, "y": TABLE["y"]},
        found=(("note", "features_scaled", "each feature is z-scored by the labelled items"),),
        is_={"normalise": "channel", "kind": "vector"},
    ),
    "table-unscaled": Input(
        TABLE,
        options="normalise=none",
        found=(("warn", "unlike_features", "-fold|normalise=channel"),),
        is_={"normalise": "none"},
    ),
    "three-antennas": Input(
        {"x": csi((3, 114, 50)), "y": classes()},
        found=(
            (
                "warn",
                "layout",
                "look like CSI of 3 antennas|3 antennas × 114 subcarriers × 50 times|kind=image",
            ),
        ),
        is_={"kind": "signal", "normalise": "item", "shape": (3, 50, 114)},
    ),
    "three-antennas-called-pictures": Input(
        {"x": csi((3, 114, 50)), "y": classes(), "kind": "image"},
        found=(("note", "layout", "3 channels × 114 rows × 50 columns"),),
        is_={"kind": "image", "shape": (3, 114, 50)},
    ),
    "iq-last": Input(
        {"x": signals(shape=(50, 30, 3, 2)), "y": classes()},
        found=(("warn", "iq", "real and imaginary parts|iq=last takes magnitudes"),),
        is_={"shape": (50, 30, 3, 2)},
    ),
    "iq-last-taken": Input(
        {"x": signals(shape=(50, 30, 3, 2)), "y": classes()},
        options="iq=last",
        found=(("note", "iq", "magnitude"), ("note", "layout", "50 times × 30 subcarriers × 3 antennas")),
        is_={"shape": (3, 50, 30), "kind": "signal"},
        never=("complex",),
    ),
    "complex": Input({"x": csi() + 1j * csi(), "y": classes()}, refused="complex items|part=magnitude"),
    "complex-as-magnitudes": Input(
        {"x": csi() + 1j * csi(), "y": classes()},
        options="part=magnitude",
        found=(("note", "complex", "magnitude"),),
    ),
    "dead": Input(
        dead(),
        found=(
            ("warn", "dead_channel", "antenna 2 is constant in all 60 real items"),
            ("warn", "constant_items", "20 of 60 items are constant"),
        ),
        never=("duplicates_test", "repeats"),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_the_commonest_mistakes(tmp_path, name):
    CASES[name].check(tmp_path)


def test_a_log_of_text_is_named_for_what_it_is(tmp_path):
    from assay.errors import UserError
    from assay.generate.table import open_task

    path = tmp_path / "esp32.csv"
    path.write_text('type,id,mac,rssi,data\nCSI_DATA,0,aa:bb:cc:00:00:01,-40,"[1,2,3]"\n')
    with pytest.raises(UserError, match=r"esp32\.csv: .*ESP32.*assay data pack"):
        open_task(str(path))


def test_labels_by_chance_in_overlapping_windows_are_not_learned_from_the_test_groups(tmp_path):
    from assay.generate.table import open_task

    np.savez(tmp_path / "windows.npz", **windows())
    task = open_task(str(tmp_path / "windows.npz"))
    groups = [set(part.group.tolist()) for _, part in task.parts() if len(part)]
    assert sum(map(len, groups)) == len(set.union(*groups)) == 24
    assert task.labelled.counts(4).min() > 0
    assert task.test.counts(4).min() > 0
