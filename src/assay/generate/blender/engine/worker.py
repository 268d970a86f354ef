"""One Blender in a process of its own, driven by lines of JSON."""

from __future__ import annotations

import json
import os
import selectors
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import ExitStack, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, cast

from assay.errors import UserError
from assay.generate.blender.engine.environment import Environment, cannot_run, why_not
from assay.generate.blender.scene.values import Scene

BEGIN_SECONDS = 300.0
TAIL = 4000


class WorkerLost(Exception):
    """The process ended, was killed, or said nothing for too long; the picture at hand is not made."""


class NotBegun(UserError):
    """A process that could not be begun, or ended before its first picture."""


class Worker:
    """A process that renders one scene after another.

    Parameters
    ----------
    environment : Environment
        How to begin it.
    patience : float
        Seconds for one picture, after which the process is ended.
    threads : int
        That Blender begins; a picture that asks for more is made, but no faster.

    Raises
    ------
    NotBegun
        If it does not begin.
    """

    def __init__(self, environment: Environment, patience: float = 600.0, threads: int = 1) -> None:
        self.patience, self.waiting = patience, b""
        self.scratch = Path(tempfile.mkdtemp(prefix="assay-blender-"))
        with ExitStack() as undo:
            undo.callback(shutil.rmtree, self.scratch, ignore_errors=True)
            self.log = undo.enter_context(tempfile.TemporaryFile())
            self.process = self._process(environment, threads)
            undo.callback(self.close)
            self.version = self._begun(environment)
            undo.pop_all()

    def render(self, scene: Scene, path: Path) -> dict[str, Any]:
        """Write the picture to `path`: ``{"seconds": ...}``, or ``{"error": ..., "errno": ...}``.

        Raises
        ------
        WorkerLost
            If the process is gone.
        """
        self.log.seek(0)
        self.log.truncate()
        return self._ask({"scene": scene.as_json(), "path": str(path)})

    def close(self) -> None:
        """End the process, whatever it does, and remove what it left behind."""
        with suppress(OSError, ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout, self.log):
            with suppress(OSError):
                cast(Any, stream).close()
        shutil.rmtree(self.scratch, ignore_errors=True)

    def __enter__(self) -> Worker:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _process(self, environment: Environment, threads: int) -> subprocess.Popen[bytes]:
        try:
            return subprocess.Popen(
                environment.begin(threads),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self.log,
                env=environment.variables(self.scratch),
                start_new_session=True,  # Ctrl-C is the host's to handle
            )
        except OSError as error:
            raise NotBegun(cannot_run(error, environment.command)) from None

    def _begun(self, environment: Environment) -> str:
        try:
            return str(self._answer(BEGIN_SECONDS)["ready"])
        except WorkerLost as lost:
            ended_itself = (self.process.poll() or 0) > 0  # and said why
            why = "" if ended_itself else str(lost)
            raise NotBegun(why_not(self.said(), environment.command, why)) from None

    def _ask(self, message: dict[str, Any]) -> dict[str, Any]:
        stdin = self.process.stdin
        assert stdin is not None
        try:
            stdin.write(json.dumps(message).encode() + b"\n")
            stdin.flush()
        except OSError:
            raise WorkerLost(self._why()) from None
        return self._answer(self.patience)

    def _answer(self, seconds: float) -> dict[str, Any]:
        """The next line of JSON that the worker says; Blender may print a line of its own before."""
        until = time.monotonic() + seconds
        while True:
            line = self._line(until, seconds)
            with suppress(ValueError):
                return cast(dict[str, Any], json.loads(line))

    def _line(self, until: float, seconds: float) -> bytes:
        stdout = self.process.stdout
        assert stdout is not None
        with selectors.DefaultSelector() as selector:
            selector.register(stdout, selectors.EVENT_READ)
            while b"\n" not in self.waiting:
                if not selector.select(max(until - time.monotonic(), 0)):
                    raise WorkerLost(f"no answer in {seconds:g} s")
                said = os.read(stdout.fileno(), 65536)
                if not said:
                    raise WorkerLost(self._why())
                self.waiting += said
        line, _, self.waiting = self.waiting.partition(b"\n")
        return line

    def _why(self) -> str:
        """How the process ended and the last that it said."""
        code = self.process.wait()
        how = f"killed by signal {-code}" if code < 0 else f"ended with code {code}"
        last = [line for line in self.said().splitlines() if "rror" in line or "ault" in line]
        return f"worker {how}{': ' + last[-1].strip() if last else ''}"

    def said(self) -> str:
        """The end of what the process wrote on standard error."""
        with suppress(ValueError, OSError):
            size = self.log.seek(0, os.SEEK_END)
            self.log.seek(max(size - TAIL, 0))
            return self.log.read().decode(errors="replace")
        return ""
