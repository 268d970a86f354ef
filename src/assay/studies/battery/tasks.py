"""The tasks of the battery, divided beforehand: on `tune` choices may be made, on `report` nothing may.

The halves test on other people, rooms, domains and simulated worlds; the digits are dealt out anew, though of
the same 1,797. A method that was chosen, or whose defaults were, by looking at tasks is to be told of by the
half `report` alone.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from assay.errors import UserError
from assay.methods.training import Training
from assay.quality.faults import Plant, collapse_modes, copy_records, flip_conditions, shift_domain, turn_over
from assay.settings import known
from assay.studies.battery.sources import (
    Data,
    Source,
    Workplace,
    csi_har_learnt,
    digits,
    few_and_others,
    others_jittered,
    photographs,
    simulated,
    widar_generated,
    widar_other_room,
)

Half = Literal["tune", "report"]
HALVES: tuple[Half, Half] = ("tune", "report")
METHODS = (
    *("real_only", "real_unlabelled", "synthetic_only", "mixed", "trts_filter", "syncheck", "mcc"),
    *("pseudo_label", "pretrain_then_real", "self_training", "dann", "anchored"),
)
"""Trained on every task; `-m` adds to them."""
DIGITS = Training(epochs=10, steps=40, batch=32)
SIGNALS = Training(epochs=8, steps=25, batch=16)
LONGER = Training(epochs=12, steps=40, batch=32)
FEATURES = Training(epochs=6, steps=50, batch=32)
NETWORK = "cnn1d:width=32"
FAULT_SEED = 0xFA17


@dataclass(frozen=True)
class BatteryTask:
    """A task with its synthetic data, and how every method is trained on it.

    Attributes
    ----------
    name : str
        In tables, and for ``--only task=NAME``.
    half : {"tune", "report"}
    family : str
        The real data that it is of.
    source : callable
        Opens it: of a `Workplace`, (task, synthetic items).
    training : Training
        The same steps and the same size of batches for every method.
    backbone : str
        As on the command line.
    about : str
        What is labelled, and what is synthetic.
    plant : callable, optional
        The fault that is planted in the synthetic items, of `strength`.
    """

    name: str
    half: Half
    family: str
    source: Source
    training: Training
    backbone: str
    about: str
    plant: Plant | None = None
    strength: float = 0.0

    def open(self, place: Workplace) -> Data:
        """Task and synthetic items, with the fault if one is planted; same bytes at every call.

        Raises
        ------
        UserError
            If its data, or weights that it needs, are not here.
        """
        task, made = self.source(place)
        if self.plant:
            made = self.plant(made, self.strength, task.real, np.random.default_rng(FAULT_SEED))
        task.check_synthetic(made)
        return task, made


# -- small --------------------------------------------------------------------------------------------


def _digits(name: str, half: Half, labelled: int, about: str = "", **fault: object) -> BatteryTask:
    seed = HALVES.index(half)
    source = functools.partial(digits, labelled=labelled, seed=seed)
    said = f"{labelled} labelled digits a class; rendered from fonts" + about
    return BatteryTask(name, half, "digits", source, DIGITS, "cnn2d", said, **fault)  # type: ignore[arg-type]


def _simulated(name: str, half: Half, about: str = "", **fault: object) -> BatteryTask:
    source = functools.partial(simulated, seed=HALVES.index(half))
    said = (
        "3 labelled recordings a gesture of a simulated person; other simulated people in another room"
        + about
    )
    return BatteryTask(name, half, "simulated", source, SIGNALS, NETWORK, said, **fault)  # type: ignore[arg-type]


def _people() -> Iterator[BatteryTask]:
    """`csi-har`, each of the four people left out, without and with five shots a cell."""
    for person in (1, 2, 3, 4):
        half: Half = "tune" if person < 3 else "report"
        for shots, source, about in (
            (0, others_jittered, "other people's recordings labelled; mixtures of pairs of them, with noise"),
            (5, few_and_others, "5 recordings an activity and room of the person labelled; other people's"),
        ):
            found = functools.partial(source, person=person)
            yield BatteryTask(f"csi-har-{person}-{shots}", half, "csi-har", found, SIGNALS, NETWORK, about)


def _domains() -> Iterator[BatteryTask]:
    for domain, half in zip(("amazon", "caltech"), HALVES):
        for labelled in (1, 3, 20):
            source = functools.partial(photographs, domain=domain, labelled=labelled)  # type: ignore[arg-type]
            about = (
                f"{labelled} labelled photographs a class; the other domain's (features of a frozen network)"
            )
            yield BatteryTask(f"{domain}-{labelled}", half, "office-caltech", source, FEATURES, "mlp", about)


def _rooms(most: int | None, training: Training, network: str) -> Iterator[BatteryTask]:
    generated = functools.partial(widar_generated, room=1, most=most)
    other = functools.partial(widar_other_room, room=2, shots=10, most=most)
    yield BatteryTask(
        *("widar-1-generated", "tune", "widar-bvp", generated, training, network),
        "the other room's items labelled; draws from Gaussian mixtures of them",
    )
    yield BatteryTask(
        *("widar-2-other-room", "report", "widar-bvp", other, training, network),
        "10 items a gesture of the room labelled; the other room's",
    )


PLANTED = (
    _digits(
        "digits-5-flipped-30", "tune", 5, ", 30 % under a wrong class", plant=flip_conditions, strength=0.3
    ),
    _digits(
        "digits-5-flipped-60", "report", 5, ", 60 % under a wrong class", plant=flip_conditions, strength=0.6
    ),
    _digits("digits-5-turned", "report", 5, ", upside down and moved", plant=turn_over, strength=0.25),
    _simulated("simulated-flipped-30", "report", ", 30 % wrong", plant=flip_conditions, strength=0.3),
    _simulated("simulated-collapsed", "tune", ", 90 % collapsed", plant=collapse_modes, strength=0.9),
    _simulated("simulated-shifted", "report", ", shifted by 2 deviations", plant=shift_domain, strength=2.0),
    _simulated(
        "simulated-copies", "tune", ", 90 % copies of labelled ones", plant=copy_records, strength=0.9
    ),
)
PLAIN = (_digits("digits-5", "tune", 5), _digits("digits-20", "report", 20), _simulated("simulated", "tune"))
SMALL = (*PLAIN, *PLANTED, *_people(), *_rooms(1000, SIGNALS, NETWORK), *_domains())

# -- full ---------------------------------------------------------------------------------------------

LEARNT = {
    "translated": "csigan:width=16,epochs=24,decay_epochs=12,lambda_cycle=2,copy_noise=0.1",
    "diffused": "rf-diffusion",
}
"""Generators of recordings that learn for minutes, and what their items are called."""


def _learnt() -> Iterator[BatteryTask]:
    """`csi-har` at the published steps, with recordings that were translated or diffused."""
    for person in (1, 2, 3, 4):
        half: Half = "tune" if person < 3 else "report"
        for shots in (0, 5):
            for called, generator in LEARNT.items():
                origin = f",source_group={2 if person == 1 else 1}" if called == "translated" else ""
                source = functools.partial(
                    csi_har_learnt, person=person, shots=shots, generator=generator + origin
                )
                about = f"other people's recordings and {shots} shots labelled; recordings that were {called}"
                name = f"csi-har-{person}-{shots}-{called}"
                yield BatteryTask(name, half, "csi-har", source, LONGER, "cnn1d", about)


FULL = (*PLAIN, *PLANTED, *_learnt(), *_rooms(None, LONGER, "cnn1d"), *_domains())
PRESETS = {"small": SMALL, "full": FULL}


def tasks(preset: str) -> tuple[BatteryTask, ...]:
    """The tasks of a preset.

    Raises
    ------
    UserError
        If there is no such preset.
    """
    found: tuple[BatteryTask, ...] = known(preset, PRESETS, "--preset")
    return found


def task_named(name: str, preset: str = "small") -> BatteryTask:
    """The task of that name.

    Raises
    ------
    UserError
        If there is none.
    """
    for task in tasks(preset):
        if task.name == name:
            return task
    raise UserError(f"battery: {name}: no such task; known: {', '.join(task.name for task in tasks(preset))}")
