"""Is there nothing in a channel, or in an item?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from assay.data.examine.facts import SYNTHETIC, Facts
from assay.data.examine.survey import Survey
from assay.findings import Finding
from assay.types import Task


def constants(facts: Facts) -> Iterator[Finding]:
    """Channels that are constant in every item, and items of one number: real ones, then synthetic ones."""
    for what, surveys in (("real", list(facts.real.values())), (SYNTHETIC, _made(facts))):
        if surveys:
            yield from _dead_channels(facts.task, what, surveys)
            yield from _constant_items(what, surveys)


def _made(facts: Facts) -> list[Survey]:
    return [facts.surveys[SYNTHETIC]] if SYNTHETIC in facts.surveys else []


def _dead_channels(task: Task, what: str, surveys: Sequence[Survey]) -> Iterator[Finding]:
    items = sum(map(len, surveys))
    in_items = np.sum([survey.dead for survey in surveys], axis=0) == items
    ever = np.max([s.high for s in surveys], axis=0) == np.min([s.low for s in surveys], axis=0)
    yield from _dead(channel_word(task), what, items, in_items | ever)
    silent = np.sum([survey.silent for survey in surveys], axis=0) == items
    if not silent.all():
        yield from _dead("subcarrier", what, items, silent)


def _dead(name: str, what: str, items: int, which: NDArray[np.bool_]) -> Iterator[Finding]:
    dead, of = np.flatnonzero(which), len(which)
    if not len(dead) or len(dead) == of == 1:
        return  # items of a single channel that are all constant are said to be so
    names = ", ".join(str(place + 1) for place in dead[:8]) + (" ..." if len(dead) > 8 else "")
    several = f"{name}s {names} are" if len(dead) > 1 else f"{name} {names} is"
    message = f"{several} constant in all {items} {what} items ({name}s counted from 1)"
    way_out = f"leave {'them' if len(dead) > 1 else 'it'} out"
    touches = f"{len(dead)} of {of} {name}s hold nothing in the {what} items"
    yield Finding(
        "warn", "dead_channel", message, what, len(dead), of, int(dead[0]), way_out, touches=touches
    )


def _constant_items(what: str, surveys: Sequence[Survey]) -> Iterator[Finding]:
    constant = np.concatenate([survey.constant for survey in surveys])
    count, of = int(constant.sum()), len(constant)
    if count:
        where = "" if what == "real" else f"{what}: "
        touches = f"{where}{count} of {of} items are constant"
        message = f"{touches}: one number throughout, the first is item {int(np.argmax(constant))}"
        yield Finding(
            "warn", "constant_items", message, what, count, of, way_out="leave them out", touches=touches
        )


def channel_word(task: Task) -> str:
    """What the first axis of an item is called."""
    if task.kind == "vector" or len(task.shape) == 1:
        return "feature"
    return "antenna" if task.kind == "signal" and len(task.shape) == 3 and task.shape[0] <= 8 else "channel"
