"""Where the records of a CSI Tool log begin: by its length fields, and by a search only after damage.

A payload may hold the very bytes of a CSI record (a packet that carries a log does); where the length fields
chain, it is no packet. Where they do not, the next whole and legal record is searched for.
"""

from __future__ import annotations

import struct
from bisect import bisect_left

import numpy as np
from numpy.typing import NDArray

from assay.signal.records import CSI_CODE, PREFIX, record_bytes, sound_records

LENGTH = struct.Struct(">H")
Places = NDArray[np.int64]


def record_starts(content: bytes) -> Places:
    """Where every CSI record of a log begins, ascending; none reaches into the next.

    At damage, reading goes on at the next sound record behind the start of the last one: that one is dropped
    if the next begins inside it (it lost bytes). Records that are not CSI say nothing that could be checked,
    so those between the last CSI record and the damage are searched too.
    """
    chain = _Chain(content)
    at = 0
    while not chain.follows(at):
        last = chain.runs[-1][1] if chain.runs else -1
        if last + 1 == len(chain.starts):
            break
        at = chain.starts[last + 1]
        if chain.runs and at < chain.ends[last]:
            chain.drop_last()
    return chain.found()


class _Chain:
    """The sound records of a log, and those of them that chain: runs from one to another, both included."""

    def __init__(self, content: bytes) -> None:
        places, heads = sound_records(np.frombuffer(content, np.uint8))
        ends = places + record_bytes(heads["n_rx"], heads["n_tx"])
        self.content, self.places = content, places
        self.starts, self.ends = places.tolist(), ends.tolist()
        self.last_of_run = [*np.flatnonzero(ends[:-1] != places[1:]).tolist(), len(places) - 1]
        self.runs: list[tuple[int, int]] = []
        self.doomed: set[int] = set()

    def follows(self, at: int) -> bool:
        """Add the runs that chain from `at` on; whether they chain to the end.

        `doomed` keeps the places from which other records led to damage: nothing is walked over twice.
        """
        others: list[int] = []
        while at < len(self.content):
            place = bisect_left(self.starts, at)
            if place < len(self.starts) and self.starts[place] == at:
                last = self.last_of_run[bisect_left(self.last_of_run, place)]
                self.runs.append((place, last))
                others.clear()
                at = self.ends[last]
                continue
            size = 0 if at in self.doomed else self._size_of_other(at)
            others.append(at)
            if not size:
                self.doomed.update(others)
                return False
            at += size
        return True

    def _size_of_other(self, at: int) -> int:
        """Bytes of the record at a place, not a sound CSI record; 0 if it is no whole record."""
        if at + PREFIX > len(self.content) or self.content[at + 2] == CSI_CODE:
            return 0
        length = int(LENGTH.unpack_from(self.content, at)[0])
        return length + 2 if length and at + 2 + length <= len(self.content) else 0

    def drop_last(self) -> None:
        """Take the last record off the last run."""
        first, last = self.runs.pop()
        if last > first:
            self.runs.append((first, last - 1))

    def found(self) -> Places:
        """Where the records of the runs begin."""
        parts = [self.places[first : last + 1] for first, last in self.runs]
        return np.concatenate(parts) if parts else self.places[:0]
