"""How far something is: a bar in a terminal or in a notebook's cell, a line now and then elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from html import escape
from importlib import import_module
from typing import Any, Protocol

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

HIDDEN: ContextVar[bool] = ContextVar("hidden", default=False)


@contextmanager
def hidden() -> Iterator[None]:
    """Context in which no bar is shown."""
    token = HIDDEN.set(True)
    try:
        yield
    finally:
        HIDDEN.reset(token)


def console() -> Console:
    """Standard error, or nowhere."""
    return Console(stderr=True, quiet=HIDDEN.get())


class Meter(Protocol):
    """Shows how far something is."""

    @property
    def drawn(self) -> bool:
        """Whether it can be drawn anew; where it cannot, lines are for the caller to say."""
        ...

    def show(self, done: int, total: int, told: str = "") -> None:
        """`done` of `total`, and a few words."""
        ...

    def say(self, line: str) -> None:
        """A line that stays, or in a notebook the latest one."""
        ...

    def close(self) -> None:
        """Take it down; it may never have been shown."""
        ...


def meter(what: str) -> Meter:
    """One that suits the place, of things called `what` in the plural."""
    place = console()
    if place.quiet:
        return NoMeter()
    return NotebookMeter(what) if place.is_jupyter else TerminalMeter(what, place)


class NoMeter:
    """Shows nothing."""

    drawn = True

    def show(self, done: int, total: int, told: str = "") -> None:
        """Nothing."""

    def say(self, line: str) -> None:
        """Nothing."""

    def close(self) -> None:
        """Nothing."""


class TerminalMeter:
    """A bar with the count, the time that has gone and the time that is left, on standard error."""

    def __init__(self, what: str, place: Console) -> None:
        self.place = place
        self.bar = Progress(
            TextColumn(f"[bold]{what}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
            TextColumn("{task.fields[told]}"),
            console=place,
        )
        self.row = self.bar.add_task(what, total=None, told="")

    @property
    def drawn(self) -> bool:
        """Whether there is a terminal."""
        return self.place.is_terminal

    def show(self, done: int, total: int, told: str = "") -> None:
        """Move the bar on; the first time shows it."""
        self.bar.update(self.row, completed=done, total=total, told=told)
        self.bar.start()

    def say(self, line: str) -> None:
        """A line above the bar."""
        self.bar.console.print(line, highlight=False, markup=False, soft_wrap=True)

    def close(self) -> None:
        """Leave the bar as it is."""
        if self.bar.live.is_started:
            self.bar.stop()


class NotebookMeter:
    """One display below the cell, drawn anew: no widgets, and no line a step."""

    drawn = True

    def __init__(self, what: str) -> None:
        self.what, self.done, self.total, self.told = what, 0, 0, ""
        self.display: Any = None

    def show(self, done: int, total: int, told: str = "") -> None:
        """Draw it with these numbers."""
        self.done, self.total, self.told = done, total, told or self.told
        self._draw()

    def say(self, line: str) -> None:
        """Show the line until the next one."""
        self.told = line
        if self.display is not None:
            self._draw()

    def close(self) -> None:
        """It stays as it is."""

    def _draw(self) -> None:
        shell = import_module("IPython.display")
        bar = f'<progress value="{self.done}" max="{self.total}"></progress>'
        drawn = shell.HTML(f"<div>{bar} {escape(f'{self.what} {self.done}/{self.total}  {self.told}')}</div>")
        if self.display is None:
            self.display = shell.display(drawn, display_id=True)
        else:
            self.display.update(drawn)
