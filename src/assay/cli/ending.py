"""How a command ends: in one line, whatever happened, and whether or not anybody still listens."""

from __future__ import annotations

import io
import os
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, cast

import typer

from assay.cli.answer import note
from assay.cli.stopping import CODE, is_stopped
from assay.errors import UserError
from assay.files import replace_file

USAGE = cast(tuple[type[Exception], ...], typer.BadParameter.__bases__)
"""What a command line that fits no verb raises: of click, or of the copy of it that typer brings along."""


class Deaf:
    """A stream that goes on, into nothing, once nobody reads it any more or its disk is full."""

    def __init__(self, stream: Any) -> None:
        self.stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)

    def write(self, text: str) -> int:
        """As of any stream; what cannot be encoded is written as an escape."""
        try:
            self.stream.write(text)
        except UnicodeEncodeError as error:
            self.write(text.encode(error.encoding, "backslashreplace").decode(error.encoding))
        except OSError:
            self._close()
        return len(text)

    def flush(self) -> None:
        """As of any stream."""
        try:
            self.stream.flush()
        except OSError:
            self._close()

    def _close(self) -> None:
        with suppress(OSError, ValueError):  # one that is no file has no number
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self.stream.fileno())
            os.close(nowhere)


@contextmanager
def speaking() -> Iterator[None]:
    """Context in which standard output and error can be written to, closed or not."""
    before = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = (Deaf(stream or io.StringIO()) for stream in before)
    try:
        yield
    finally:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        sys.stdout, sys.stderr = before


@contextmanager
def ending() -> Iterator[None]:
    """Context that ends in a line and a code: 2 for what the user can mend, 1 for what nobody foresaw."""
    try:
        yield
    except (UserError, OSError) as error:
        _end(" ".join(str(error).split()), 2)
    except USAGE as error:
        _end(_misused(error), 2)
    except KeyboardInterrupt:
        _stopped()
    except Exception as error:  # the last resort: whatever it is, nobody is to see a traceback
        if is_stopped():  # in the midst of an import, say, which makes another error of it
            _stopped()
        _end(_unforeseen(error), 1)


def _end(said: str, code: int) -> None:
    note(error=said)
    typer.echo(f"error: {said}", err=True)
    sys.exit(code)


def _misused(error: Any) -> str:
    """What is wrong with a command line, and where it says what may stand there."""
    verb = error.ctx.command_path if error.ctx else "assay"
    return " ".join(f"{error.format_message().rstrip('.')}; {verb} --help tells what may stand there".split())


def _stopped() -> None:
    typer.echo("\nstopped; what is finished is kept", err=True)
    sys.exit(CODE)


def _unforeseen(error: Exception) -> str:
    what = " ".join(f"{type(error).__name__}: {error}".split())[:300]
    return (
        f"unforeseen: {what}; what is finished is kept, and the same command goes on from there; "
        f"{_log()}: please report it"
    )


def _log() -> str:
    """Where the traceback of the error that is being handled was written to."""
    path = Path(tempfile.gettempdir()) / f"assay-error-{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}.log"
    content = f"{' '.join(map(repr, sys.argv))}\n\n{traceback.format_exc()}"
    try:
        replace_file(path, content.encode("utf-8", "backslashreplace"))
    except OSError as error:
        return f"its traceback could not be written to {path} ({error.strerror})"
    return f"its traceback is in {path}"


def each(*steps: Callable[[], None]) -> None:
    """Take every step, though one of them fails; what the first that failed raised is raised in the end."""
    first: Exception | None = None
    for step in steps:
        try:
            step()
        except Exception as error:
            first = first or error
    if first:
        raise first
