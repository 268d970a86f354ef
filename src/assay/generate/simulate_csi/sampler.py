"""From settings to records, and from recordings to items."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.errors import UserError
from assay.generate.base import Factors
from assay.generate.simulate_csi.card import Card
from assay.generate.simulate_csi.person import act_rand, style_rand
from assay.generate.simulate_csi.radio import SUBCARRIERS, radio_rand
from assay.generate.simulate_csi.recording import Link, Record, Recording, factors_of, recording
from assay.generate.simulate_csi.room import room_rand
from assay.generate.simulate_csi.settings import SimulateCsiSettings
from assay.signal.intel5300 import scaled_csi
from assay.types import Samples


@dataclass(frozen=True)
class CsiSampler:
    """Ready to simulate items of one shape.

    Parameters
    ----------
    settings : SimulateCsiSettings
        With `remove_mean` decided.
    gestures : tuple of str
        Of every class.
    link : Link
    shape : tuple of int
        (antenna, time, subcarrier) of an item.
    card : Card
    """

    settings: SimulateCsiSettings
    gestures: tuple[str, ...]
    link: Link
    shape: tuple[int, ...]
    card: Card = field(default_factory=Card)

    def sample(self, n: int, rng: np.random.Generator) -> tuple[Samples, Factors]:
        """Recordings in random order, each class as often as the others (give or take one).

        Parameters
        ----------
        n : int
            Number of recordings, 0 or more.
        rng : numpy Generator
            Decides everything: same state, same bytes. To fix a factor leaves the others as they were.

        Returns
        -------
        samples : Samples
            x float32 (or complex64), shape (n, antenna, time, subcarrier); y the class; group the user.
        factors : dict of str to array, shape (n,)
            Everything that decides a recording: `record_of` and `recording` make it again.

        Raises
        ------
        UserError
            If `n` is negative.
        """
        if n < 0:
            raise UserError(f"simulate-csi: n is {n}; expected 0 or more")
        y = rng.permutation(np.arange(n) % len(self.gestures))
        user = rng.permutation(np.arange(n) % self.settings.users)
        records = records_rand(rng, self.settings, [self.gestures[i] for i in y], user, self.link, self.card)
        return Samples(self.items(records), y, user), factors_of(records)

    def items(self, records: Sequence[Record]) -> NDArray[Any]:
        """The items (n, antenna, time, subcarrier) of some records."""
        complex_wanted = self.settings.part == "complex"
        x = np.empty((len(records), *self.shape), np.complex64 if complex_wanted else np.float32)
        for i, record in enumerate(records):
            csi = item(recording(record), self.shape, record.card)
            x[i] = csi if complex_wanted else np.abs(csi)
        return x - x.mean(2, keepdims=True) if self.settings.remove_mean else x


def records_rand(
    rng: np.random.Generator,
    settings: SimulateCsiSettings,
    gestures: Sequence[str],
    users: NDArray[np.int64],
    link: Link,
    card: Card | None = None,
) -> list[Record]:
    """One record for every gesture and its user (0 to `settings.users` - 1), in a room drawn at random."""
    card = card or Card()
    rooms = [room_rand(rng, settings) for _ in range(settings.rooms)]
    styles = [style_rand(rng, settings) for _ in range(settings.users)]
    where = rng.integers(settings.rooms, size=len(gestures))
    return [
        Record(
            gesture,
            rooms[at],
            styles[user],
            act_rand(rng, settings),
            radio_rand(rng, settings),
            link,
            seed,
            card,
        )
        for gesture, user, at, seed in zip(
            gestures, users, where, rng.integers(2**31, size=len(gestures)).tolist()
        )
    ]


def item(made: Recording, shape: tuple[int, ...], card: Card | None = None) -> NDArray[np.complex64]:
    """The CSI as the card reports it, complex64 `shape`: the first antennas, subcarriers evenly.

    An Intel 5300's is scaled as the CSI Tool does; of others, these are the recorded numbers.
    """
    if card is not None and not card.is_intel:
        parts = made.measured.iq[:, :, 0].astype(np.float32)
        csi = (parts[..., 0] + np.complex64(1j) * parts[..., 1]).transpose(0, 2, 1, 3)
        return np.asarray(csi.reshape(-1, *csi.shape[2:])[: shape[0]], np.complex64)
    chains = [scaled_csi(made.log(r))[:, 0].swapaxes(0, 1) for r in range(len(made.measured.iq))]
    chosen = np.rint(np.linspace(0, SUBCARRIERS - 1, shape[2])).astype(int)
    return np.concatenate(chains)[: shape[0], :, chosen]
