"""Several processes that train one run together, as torchrun starts them.

Every process builds the same method from the same seed and takes its slice of each batch; gradients are
averaged over the processes before each step of an optimiser, so that all take the same step. The hook sits
on the optimisers and not, as PyTorch's DistributedDataParallel has it, around a network: that wrapper expects
one forward pass of one network to be followed by one backward pass through all of it, while methods here send
several batches through several networks, call their parts, and send gradients to some of the weights alone
(`mcd`, `rca`, `csigan`). The price is that gradients travel when all of them are there, not while the others
are computed. Batch statistics and losses over a batch (`mcc`, balance) are of a process's own slice, as in
that wrapper.
"""

from __future__ import annotations

import atexit
import functools
import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar, cast

import torch
import torch.distributed as dist
from torch import Tensor

from assay.errors import UserError
from assay.machine.launched import processes, rank

T = TypeVar("T")
PATIENCE = timedelta(hours=12)  # the others wait while the first evaluates
CPU = torch.device("cpu")


@dataclass(frozen=True)
class Group:
    """The processes that train a run: this one is number `rank` of `size`."""

    rank: int = 0
    size: int = 1

    def check(self, batch: int) -> None:
        """Raise `UserError` unless each process can take the same number of items of a batch."""
        if batch % self.size:
            raise UserError(
                f"training: batch={batch} does not divide by {self.size}, the processes of torchrun"
            )

    def own(self, plan: Tensor) -> Tensor:
        """This process's slice of the batches (steps, batch)."""
        return plan.view(len(plan), self.size, -1)[:, self.rank]

    def on_first(self, function: Callable[[], T]) -> T:
        """What `function` gives on the first process, on all of them; an error there is one everywhere."""
        if self.size == 1:
            return function()
        answer: list[Any] = [None, None]
        if self.rank == 0:
            try:
                answer[0] = function()
            except Exception as error:
                answer[1] = error
        dist.broadcast_object_list(answer, device=CPU)
        if answer[1] is not None:
            raise answer[1]
        return cast(T, answer[0])

    def mean(self, values: dict[str, float]) -> dict[str, float]:
        """Each value's mean over the processes."""
        if self.size == 1:
            return values
        total = torch.tensor(list(values.values()), dtype=torch.float64)
        dist.all_reduce(total)
        return dict(zip(values, (total / self.size).tolist()))

    def together(self, items: Iterator[T]) -> Iterator[T]:
        """The items of an iterator; where it fails in one process, it fails in all.

        Otherwise the others would wait for that one's gradients.
        """
        while True:
            item, error = _next(items)
            if self.size > 1:
                error = self._first_error(error)
            if error is not None:
                raise error
            if item is None:
                return
            yield item

    def _first_error(self, error: Exception | None) -> Exception | None:
        failed = torch.tensor(int(error is not None))
        dist.all_reduce(failed)
        if not failed:
            return None
        errors: list[Exception | None] = [None] * self.size
        dist.all_gather_object(errors, error)
        return next(error for error in errors if error is not None)

    def average_gradients(self, optimisers: Sequence[torch.optim.Optimizer]) -> None:
        """From now on, average the gradients over the processes before every step of the optimisers."""
        if self.size > 1:
            for optimiser in optimisers:
                optimiser.register_step_pre_hook(self._average)

    def _average(self, optimiser: torch.optim.Optimizer, *_: Any) -> None:
        groups = optimiser.param_groups
        gradients = [p.grad for group in groups for p in group["params"] if p.grad is not None]
        flat = torch.cat([gradient.reshape(-1) for gradient in gradients])
        dist.all_reduce(flat)
        flat /= self.size
        for gradient, mean in zip(gradients, torch.split(flat, [g.numel() for g in gradients])):
            gradient.copy_(mean.view_as(gradient))


def _next(items: Iterator[T]) -> tuple[T | None, Exception | None]:
    try:
        return next(items, None), None
    except Exception as error:
        return None, error


ALONE = Group()


def group_of(device: str) -> Group:
    """The processes that torchrun started, connected; this one alone if it started none.

    On a GPU each process takes the one of its local rank.
    """
    # workers of this process have inherited its environment, not its place among the others
    if processes() == 1 or multiprocessing.parent_process() is not None:
        return ALONE
    if device == "cuda":
        torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))
    _connect()
    return Group(rank(), processes())


@functools.cache
def _connect() -> None:
    backend = "cpu:gloo,cuda:nccl" if torch.cuda.is_available() else "gloo"
    dist.init_process_group(backend, timeout=PATIENCE)
    atexit.register(dist.destroy_process_group)  # threads of it that outlive Python abort the process
