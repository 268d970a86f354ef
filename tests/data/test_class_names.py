"""Class names as people write them, matched with those that are known."""

from __future__ import annotations

import pytest

from assay.data.class_names import ClassOptions, likeness, matched, nearest, own_classes
from assay.errors import UserError

KNOWN = ("mug", "Office Chair", "10", "1 0")


@pytest.mark.parametrize(
    ("name", "known"), [("Mug", "mug"), ("office_chair", "Office Chair"), ("OFFICE-CHAIR", "Office Chair")]
)
def test_names_match_but_for_case_space_and_underscore(name, known):
    found = matched([name], KNOWN, ClassOptions(), "synthetic")
    assert found.classes[found.place[name]] == known
    assert [f.message for f in found.findings] == [
        f"synthetic: class names read as the task's: {name} as {known}"
    ]


def test_a_name_that_two_known_ones_are_like_matches_neither():
    assert likeness("1_0") == likeness("10")
    with pytest.raises(UserError, match="unknown class '1_0'"):
        matched(["1_0"], KNOWN, ClassOptions(), "synthetic")
    assert matched(["10"], KNOWN, ClassOptions(), "synthetic").place == {"10": 2}


def test_all_unknown_names_are_told_with_the_nearest_of_the_first():
    with pytest.raises(UserError) as error:
        matched(["mugs", "logs"], KNOWN, ClassOptions(), "synthetic")
    for word in ("'mugs', 'logs'", "nearest: 'mug'", "rename=mugs:mug", "ignore=mugs+logs"):
        assert word in str(error.value)


def test_nothing_is_near_to_nonsense():
    assert nearest("qqqqqq", KNOWN) is None
    assert nearest("ofice chair", KNOWN) == "Office Chair"


def test_several_names_become_one_class_and_others_are_left_out():
    options = ClassOptions(rename=("cup:mug", "glass:mug"), ignore=("logs",), classes=("mug", "chair"))
    found = own_classes(["chair", "cup", "glass", "logs", "sofa"], options)
    assert found.classes == ("mug", "chair")
    assert found.place == {"cup": 0, "glass": 0, "chair": 1}
    assert [f.message for f in found.findings] == ["left out as asked: logs, sofa"]


def test_classes_of_the_task_may_be_named_for_synthetic_data_too():
    found = matched(["mug", "logs"], KNOWN, ClassOptions(classes=("mug",)), "synthetic")
    assert found.place == {"mug": 0}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (ClassOptions(rename=("mugg:cup",)), "rename: no class 'mugg'; did you mean 'mug'"),
        (ClassOptions(ignore=("logs",)), "ignore: no class 'logs'; there are mug, chair"),
        (ClassOptions(classes=("Chair",)), "classes: no class 'Chair'; did you mean 'chair'"),
        (ClassOptions(rename=("mug",)), "rename=mug: expected old:new"),
    ],
)
def test_options_that_name_what_is_not_there_are_refused(options, words):
    with pytest.raises(UserError, match=words):
        own_classes(["mug", "chair"], options)
