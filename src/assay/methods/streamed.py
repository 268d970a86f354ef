"""Items that stay in their files: read where a tensor looks them up, ahead of time if the order is known.

One reader serves all pools of a run; a pool is a list of places in it, so that subsets and unions of pools
cost no pixel.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from assay.errors import UserError
from assay.machine.parallel import cores

AHEAD = 4
"""Batches that every worker has ready."""


class Reader:
    """Reads items by their place in the parts, one after the other, of which a run consists.

    Parameters
    ----------
    parts : sequence of arrays or lazy items, each of shape (n, *shape)
    prepare : callable
        Items as recorded, in the memory of the CPU, to items as networks see them, on the device.
    device : torch.device
    decoders : int
        Processes that read ahead; with 0 items are read when they are needed. What is read, and in which
        order, does not depend on it.
    """

    def __init__(
        self, parts: Sequence[Any], prepare: Callable[[Tensor], Tensor], device: torch.device, decoders: int
    ) -> None:
        self.parts, self.prepare, self.device = parts, prepare, device
        self.starts = np.cumsum([0, *map(len, parts)])
        self.decoders = min(decoders, cores())
        self.orders: Sequence[Any] = ()
        self._loader: torch.utils.data.DataLoader[Any] | None = None
        self._busy = False

    def pools(self) -> list[Streamed]:
        """The items of each part."""
        places = torch.arange(int(self.starts[-1]))
        return [Streamed(self, places[start:end]) for start, end in zip(self.starts, self.starts[1:])]

    def look_up(self, places: Tensor) -> Tensor:
        """The items at these places, read now."""
        return self.prepare(_whole(self.raw(places.numpy())))

    def ahead(self, orders: Sequence[Tensor]) -> Iterator[Tensor]:
        """The items of each order as recorded, read by workers while the caller is busy with those before.

        Raises
        ------
        UserError
            Where an item cannot be read.
        """
        wanted = [order.numpy() for order in orders]
        if not self.decoders or self._busy:  # one walk at a time is read ahead, the outer one
            yield from map(_whole, map(self.raw, wanted))
            return
        self._busy, self.orders = True, wanted
        try:
            yield from map(_whole, self._workers())
        finally:
            self._busy = False

    def close(self) -> None:
        """End the workers."""
        self._loader = None

    def raw(self, places: NDArray[np.int64]) -> Tensor | str:
        """Items as recorded, or why there are none: an error would lose its type between processes."""
        try:
            return torch.from_numpy(self._read(places))
        except UserError as error:
            return str(error)

    def _read(self, places: NDArray[np.int64]) -> NDArray[Any]:
        if not len(places):
            return np.asarray(self.parts[0][:0])
        part = np.searchsorted(self.starts, places, side="right") - 1
        order = np.argsort(part, kind="stable")
        read: list[NDArray[Any]] = [
            self.parts[n][places[part == n] - self.starts[n]] for n in np.unique(part)
        ]
        return read[0] if len(read) == 1 else np.concatenate(read)[np.argsort(order)]

    def _workers(self) -> torch.utils.data.DataLoader[Any]:
        if self._loader is None:
            self._loader = torch.utils.data.DataLoader(
                _Items(self),
                batch_sampler=_Orders(self),
                num_workers=self.decoders,
                multiprocessing_context="fork",  # where runs have processes of their own, these set another
                collate_fn=_as_it_is,
                pin_memory=self.device.type == "cuda",
                persistent_workers=True,
                prefetch_factor=AHEAD,
                generator=torch.Generator(),  # the loader draws a seed, by default from the global state
            )
        return self._loader


class _Items(torch.utils.data.Dataset[Any]):
    """What the workers read."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader

    def __getitems__(self, places: NDArray[np.int64]) -> Any:
        return self.reader.raw(places)


class _Orders:
    """What they are asked for; looked up anew at the start of every walk."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader

    def __iter__(self) -> Iterator[Any]:
        return iter(self.reader.orders)


def _whole(raw: Tensor | str) -> Tensor:
    if isinstance(raw, str):
        raise UserError(raw)
    return raw


def _as_it_is(items: Any) -> Any:
    return items


class Streamed:
    """Items in their files, with as much of a tensor's face as methods look at.

    Parameters
    ----------
    reader : Reader
    places : int tensor, shape (n,)
        On the CPU.
    """

    dtype = torch.float32

    def __init__(self, reader: Reader, places: Tensor) -> None:
        self.reader, self.places = reader, places

    def __len__(self) -> int:
        return len(self.places)

    @property
    def shape(self) -> tuple[int, ...]:
        """(n, *shape)."""
        return (len(self), *self.reader.parts[0].shape[1:])

    @property
    def device(self) -> torch.device:
        """Where items are once they are read."""
        return self.reader.device

    def __getitem__(self, index: Any) -> Tensor:
        """The items at `index`, read now."""
        return self.reader.look_up(self.subset(index).places)

    def subset(self, index: Any) -> Streamed:
        """The items at `index`, none of them read."""
        return Streamed(self.reader, self.places[index.cpu() if isinstance(index, Tensor) else index])

    def joined(self, other: Streamed) -> Streamed:
        """These items, then others of the same reader."""
        return Streamed(self.reader, torch.cat((self.places, other.places)))

    def blocks(self, size: int) -> Iterator[Tensor]:
        """All items in blocks, read ahead."""
        return map(self.reader.prepare, self.reader.ahead(torch.split(self.places, size)))

    def new_zeros(self, *shape: Any) -> Tensor:
        """As of a tensor."""
        return torch.zeros(*shape, dtype=self.dtype, device=self.device)

    def new_ones(self, *shape: Any) -> Tensor:
        """As of a tensor."""
        return torch.ones(*shape, dtype=self.dtype, device=self.device)


Items = Tensor | Streamed
"""What the `x` of a pool may be."""


def part_of(x: Items, index: Any) -> Items:
    """Items at `index`; streamed ones stay where they are."""
    return x[index] if isinstance(x, Tensor) else x.subset(index)


def both(x: Items, other: Items) -> Items:
    """Items of two pools of a run, which are streamed both or neither."""
    if isinstance(x, Streamed) and isinstance(other, Streamed):
        return x.joined(other)
    assert isinstance(x, Tensor)
    assert isinstance(other, Tensor)
    return torch.cat((x, other))


def in_blocks(x: Items, size: int) -> Iterator[Tensor]:
    """All items, so many at a time."""
    return iter(torch.split(x, size)) if isinstance(x, Tensor) else x.blocks(size)


def arriving(streams: Sequence[Streamed], plans: Sequence[Tensor]) -> Iterator[list[Tensor]]:
    """The batches of every step, one of each stream, read ahead.

    Parameters
    ----------
    streams : sequence of Streamed
    plans : sequence of int tensors, shape (steps, batch)
        Positions in each stream.
    """
    places = torch.cat([stream.places[plan.cpu()] for stream, plan in zip(streams, plans)], 1)
    sizes = [plan.shape[1] for plan in plans]
    reader = streams[0].reader
    for raw in reader.ahead(list(places)):
        yield [reader.prepare(part) for part in torch.split(raw, sizes)]
