"""Being told to stop: Ctrl-C, a closed terminal and a polite kill are one and the same.

Before a verb has begun there is nothing to clear up, and the process ends at once. Then a signal is a
`KeyboardInterrupt`, once: what it ends early gives back what it holds. Further signals meanwhile change
nothing, unless that takes too long.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

CODE = 130
PATIENCE = [10.0]
"""Seconds that clearing up may take, by the verb; the last counts."""
STOPPED: list[float] = []
"""When the first signal came."""
WORDS: list[str | Callable[[], str]] = ["stopped; nothing was written"]
"""What to say, by the verb and what it has begun; the last counts."""


def listen() -> None:
    """Take the signals that ask a process to stop, but for those that it was started to ignore (nohup)."""
    if threading.current_thread() is not threading.main_thread():
        return
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)  # Windows has no SIGHUP
        if number is not None and signal.getsignal(number) in (signal.SIG_DFL, signal.default_int_handler):
            signal.signal(number, _stop)


@contextmanager
def stoppable(words: str | Callable[[], str], patience: float = PATIENCE[0]) -> Iterator[None]:
    """Context in which a process that is told to stop clears up, says so, and ends.

    Words that depend on what there is by then are made when they are said.
    """
    WORDS.append(words)
    PATIENCE.append(patience)
    try:
        yield
    except KeyboardInterrupt:
        import typer  # not sooner: this file is loaded before anything takes time

        typer.echo(f"\n{_said(words)}", err=True)
        raise typer.Exit(CODE) from None
    finally:
        WORDS.pop()
        PATIENCE.pop()


def _said(words: str | Callable[[], str]) -> str:
    return words if isinstance(words, str) else words()


def is_stopped() -> bool:
    """Whether a signal has come."""
    return bool(STOPPED)


def _stop(_: int, frame: FrameType | None) -> None:
    if STOPPED:
        if time.monotonic() - STOPPED[0] > PATIENCE[-1]:
            os._exit(CODE)
        return
    STOPPED.append(time.monotonic())
    if len(WORDS) == 1 or _is_importing(frame):
        os.write(2, f"\n{_said(WORDS[-1])}\n".encode())
        os._exit(CODE)
    guard = threading.Timer(PATIENCE[-1], os._exit, (CODE,))
    guard.daemon = True
    guard.start()
    raise KeyboardInterrupt


def _is_importing(frame: FrameType | None) -> bool:
    """Whether a library is being loaded: an exception in the midst of that can abort the process."""
    while frame is not None:
        if frame.f_code.co_filename.startswith("<frozen importlib"):
            return True
        frame = frame.f_back
    return False
