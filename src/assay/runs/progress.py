"""What a comparison tells while it runs."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from types import TracebackType
from typing import Any, Protocol

from assay.machine.launched import rank
from assay.runs.meter import Meter, console, meter

SELDOM = 10.0
"""Seconds between two lines about images, where there is no terminal to show a bar."""


class Watcher(Protocol):
    """Told of the beginning, of every finished run, and of the end."""

    def begin(self, total: int, finished: int) -> None:
        """`total` runs, of which `finished` are there already."""
        ...

    def done(self, record: dict[str, Any]) -> None:
        """A run is finished, successfully or not."""
        ...

    def end(self) -> None:
        """Nothing more will come."""
        ...


class Silent:
    """Says nothing."""

    def begin(self, total: int, finished: int) -> None:
        """Nothing."""

    def done(self, record: dict[str, Any]) -> None:
        """Nothing."""

    def end(self) -> None:
        """Nothing."""


class Bar:
    """A progress bar, and a line for every finished run.

    Parameters
    ----------
    expected : float, optional
        Seconds that the unfinished runs will take.
    """

    def __init__(self, expected: float | None = None) -> None:
        self.expected = expected
        self.meter = meter("runs")
        self.finished = self.total = self.kept = 0
        self.start = time.monotonic()

    def begin(self, total: int, finished: int) -> None:
        """Show the bar."""
        self.total, self.finished, self.kept = total, finished, finished
        self.start = time.monotonic()
        kept = f"{finished} of {total} runs were finished before and are kept"
        about = f", about {_clock(self.expected)}" if self.expected else ""
        self.meter.say((kept if finished else f"{total} runs") + about)
        self.meter.show(finished, total)

    def done(self, record: dict[str, Any]) -> None:
        """Move the bar on and say what came out."""
        self.finished += 1
        self.meter.say(_told(record))
        self.meter.show(self.finished, self.total)

    def end(self) -> None:
        """Take the bar down, and say what it all took."""
        self.meter.close()
        if done := self.finished - self.kept:
            self.meter.say(f"{done} run{'s' * (done > 1)} in {_clock(time.monotonic() - self.start)}")


def _clock(seconds: float) -> timedelta:
    """As hours, minutes and seconds; at least one second."""
    return timedelta(seconds=max(1, round(seconds)))


def _told(record: dict[str, Any]) -> str:
    name = f"{record['about']['label']}, seed {record['settings']['seed']}"
    if record["error"]:
        return f"FAILED {name}: {record['error']}"
    accuracy, seconds = record["selections"]["last"]["accuracy"], record["about"]["seconds"]
    return f"{name}: {100 * accuracy:.1f} % on test items, last epoch ({seconds:.0f} s)"


@contextmanager
def _metering(what: str) -> Iterator[Meter]:
    """Context of a bar that is shown only when there is something to show."""
    bar = meter(what)
    try:
        yield bar
    finally:
        bar.close()


@contextmanager
def learning() -> Iterator[Callable[[int, int, dict[str, float]], None]]:
    """Context that gives a reporter for what learns: a bar over epochs with the losses."""
    with _metering("epochs") as bar:

        def report(done: int, total: int, losses: dict[str, float]) -> None:
            told = "  ".join(f"{name} {value:.3g}" for name, value in losses.items())
            bar.show(done, total, told) if bar.drawn else bar.say(f"epoch {done}/{total}  {told}")

        yield report


@contextmanager
def rendering() -> Iterator[Callable[[int, int, float], None]]:
    """Context that gives a reporter for images: told how many of how many, and how many a second."""
    with _metering("images") as bar:
        last = 0.0

        def report(done: int, total: int, rate: float) -> None:
            nonlocal last
            if bar.drawn:
                bar.show(done, total, f"{rate:.1f} a second")
            elif done == total or time.monotonic() - last > SELDOM:
                last = time.monotonic()
                left = timedelta(seconds=round((total - done) / rate))
                bar.say(f"image {done}/{total}  {rate:.1f} a second  {left} left")

        yield report


@contextmanager
def repeating(what: str = "repeats") -> Iterator[Callable[[int, int], None]]:
    """Context that gives a reporter for repeats of one thing: told how many of how many are done."""
    with _metering(what) as bar:

        def report(done: int, total: int) -> None:
            bar.show(done, total) if bar.drawn else bar.say(f"{what.removesuffix('s')} {done}/{total}")

        yield report


@contextmanager
def trying() -> Iterator[Callable[[int], None]]:
    """Context that gives a reporter for trials: told how many there have been."""
    with console().status("trying each kind of run for a few steps") as said:
        yield lambda count: said.update(f"kinds of run tried for a few steps: {count}")


class watching:  # noqa: N801 - reads as a verb where it is used
    """Context that ends the watcher whatever happens; of torchrun's processes the first alone has one."""

    def __init__(self, watcher: Watcher) -> None:
        self.watcher = Silent() if rank() else watcher

    def __enter__(self) -> Watcher:
        return self.watcher

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.watcher.end()
