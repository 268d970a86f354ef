"""What a comparison tells while it runs."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import timedelta
from types import TracebackType
from typing import Any, Protocol

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from assay.machine.launched import rank

SELDOM = 10.0
"""Seconds between two lines about images, where there is no terminal to show a bar."""


HIDDEN: ContextVar[bool] = ContextVar("hidden", default=False)


@contextmanager
def hidden() -> Iterator[None]:
    """Context in which no bar is shown."""
    token = HIDDEN.set(True)
    try:
        yield
    finally:
        HIDDEN.reset(token)


def _console() -> Console:
    """Standard error, or nowhere."""
    return Console(stderr=True, quiet=HIDDEN.get())


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
    """A progress bar on standard error, and a line for every finished run."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or _console()
        self.progress = _bar("runs", self.console)

    def begin(self, total: int, finished: int) -> None:
        """Show the bar."""
        kept = f"{finished} of {total} runs were finished before and are kept"
        self.console.print(kept if finished else f"{total} runs", style="dim")
        self.task = self.progress.add_task("runs", total=total, completed=finished)
        self.progress.start()

    def done(self, record: dict[str, Any]) -> None:
        """Move the bar on and say what came out."""
        self.progress.console.print(_told(record), highlight=False, markup=False)
        self.progress.advance(self.task)

    def end(self) -> None:
        """Take the bar down."""
        self.progress.stop()


def _bar(what: str, console: Console, *more: ProgressColumn) -> Progress:
    """A bar with the count, the time that has gone and the time that is left."""
    return Progress(
        TextColumn(f"[bold]{what}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        *more,
        console=console,
    )


def _told(record: dict[str, Any]) -> str:
    name = f"{record['about']['label']}, seed {record['settings']['seed']}"
    if record["error"]:
        return f"FAILED {name}: {record['error']}"
    accuracy = 100 * record["selections"]["last"]["accuracy"]
    return (
        f"{name}: {accuracy:.1f} % of the test items at the last epoch ({record['about']['seconds']:.0f} s)"
    )


@contextmanager
def learning() -> Iterator[Callable[[int, int, dict[str, float]], None]]:
    """Context that gives a reporter for generators that learn: a bar over epochs with the losses."""
    bar = _bar("epochs", _console(), TextColumn("{task.fields[losses]}"))
    row = bar.add_task("epochs", total=None, losses="")

    def report(done: int, total: int, losses: dict[str, float]) -> None:
        told = "  ".join(f"{name} {value:.3g}" for name, value in losses.items())
        if not bar.console.is_terminal:
            bar.console.print(f"epoch {done}/{total}  {told}", highlight=False, soft_wrap=True)
            return
        bar.update(row, completed=done, total=total, losses=told)
        bar.start()  # only now: a generator that learns nothing shows no bar

    try:
        yield report
    finally:
        if bar.live.is_started:
            bar.stop()


@contextmanager
def rendering() -> Iterator[Callable[[int, int, float], None]]:
    """Context that gives a reporter for images: told how many of how many, and how many a second."""
    bar = _bar("images", _console(), TextColumn("{task.fields[rate]}"))
    row, last = bar.add_task("images", total=None, rate=""), 0.0

    def report(done: int, total: int, rate: float) -> None:
        nonlocal last
        if bar.console.is_terminal:
            bar.update(row, completed=done, total=total, rate=f"{rate:.1f} a second")
            bar.start()
        elif done == total or time.monotonic() - last > SELDOM:
            last = time.monotonic()
            left = timedelta(seconds=round((total - done) / rate))
            bar.console.print(f"image {done}/{total}  {rate:.1f} a second  {left} left", highlight=False)

    try:
        yield report
    finally:
        if bar.live.is_started:
            bar.stop()


@contextmanager
def repeating(what: str = "repeats") -> Iterator[Callable[[int, int], None]]:
    """Context that gives a reporter for repeats of one thing: told how many of how many are done."""
    bar = _bar(what, _console())
    row = bar.add_task(what, total=None)

    def report(done: int, total: int) -> None:
        if not bar.console.is_terminal:
            bar.console.print(f"{what.removesuffix('s')} {done}/{total}", highlight=False)
            return
        bar.update(row, completed=done, total=total)
        bar.start()  # only now: bad input shows no bar

    try:
        yield report
    finally:
        if bar.live.is_started:
            bar.stop()


@contextmanager
def trying() -> Iterator[Callable[[int], None]]:
    """Context that gives a reporter for trials: told how many there have been."""
    console = _console()
    with console.status("trying each kind of run for a few steps") as said:
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
