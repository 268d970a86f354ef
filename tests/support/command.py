"""The command line in processes of its own, each for the price of a fork.

One interpreter loads Assay, PyTorch and what else a command may need, starts no thread, and forks for each.
What is forked has the arguments, the session, the signals and the end of a process that was started anew; so
have the workers that a command starts.
"""

from __future__ import annotations

import atexit
import functools
import gc
import importlib
import importlib.util
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.support import ROOT

LOADED = (
    *("pytest", "joblib", "matplotlib.backends.backend_svg", "scipy.stats", "sklearn.datasets"),
    *("sklearn.linear_model", "sklearn.model_selection", "assay.cli.main", "assay.comparison.compare"),
    *("assay.report.write", "assay.report.assessment.page", "assay.studies.requests"),
)
STARTING = "joblib.externals.loky.backend.fork_exec"
"""Where loky starts its workers."""
MAIN = "assay.__main__:main"


@dataclass(frozen=True)
class Command:
    """A command that was started; what it says goes to files."""

    pid: int
    folder: Path

    def poll(self) -> int | None:
        """The exit code, as `subprocess` counts; none while the command runs."""
        return _ask({"poll": self.pid})

    def wait(self, timeout: float = 100) -> int:
        """The exit code, when the command has ended."""
        end = time.monotonic() + timeout
        while (code := self.poll()) is None:
            assert time.monotonic() < end, f"still running after {timeout} s"
            time.sleep(0.01)
        return code

    @property
    def out(self) -> str:
        """What was said on standard output."""
        return (self.folder / "out").read_text()

    @property
    def err(self) -> str:
        """What was said on standard error."""
        return (self.folder / "err").read_text()


@contextmanager
def running(
    words: Sequence[object], cwd: Path | None = None, main: str = MAIN, anew: bool = False
) -> Iterator[Command]:
    """Context of a command in a session of its own; whatever is left of it in the end is killed.

    Another `main` than the command line's is named as ``module:function``. With `anew` its workers are
    interpreters of their own, which load what they need.
    """
    with tempfile.TemporaryDirectory() as folder:
        place = {"cwd": str(cwd or Path.cwd()), "environment": dict(os.environ), "says": folder, "anew": anew}
        command = Command(_ask({"main": main, "words": list(map(str, words)), **place}), Path(folder))
        try:
            yield command
        finally:
            if members(command.pid):
                os.killpg(command.pid, signal.SIGKILL)
            command.wait()


def ended(words: Sequence[object], code: int = 0, cwd: Path | None = None, main: str = MAIN) -> str:
    """Run a command to its end, which is this one; what it said, standard error last."""
    with running(words, cwd, main) as command:
        assert command.wait() == code, command.out + command.err
        return command.out + command.err


def members(session: int) -> list[int]:
    """Living processes of a session."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, _, of = stat.read_text().rpartition(")")[2].split()[:4]
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(of) == session and state != "Z":
            found.append(int(stat.parent.name))
    return found


@functools.cache
def _server() -> subprocess.Popen[str]:
    words = [sys.executable, "-c", f"from {__name__} import serve; serve()"]
    alone = {**os.environ, "OMP_NUM_THREADS": "1"}  # threads would not survive a fork
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    server = subprocess.Popen(words, cwd=ROOT, env=alone, text=True, **pipes)
    atexit.register(server.communicate)
    return server


def _ask(order: object) -> int | None:
    server = _server()
    assert server.stdin
    assert server.stdout
    print(json.dumps(order), file=server.stdin, flush=True)
    return json.loads(server.stdout.readline())


# -- in the interpreter that forks ------------------------------------------------------------------------


def serve() -> None:
    """Take orders from standard input, answer to standard output, and be the command where forked for it."""
    for name in LOADED:
        importlib.import_module(name)
    early = importlib.import_module("assay.cli.early")
    early.check_runs(["real_only"], "mlp")  # what was read from the source is kept
    early.check_synthetic("digits-rendered")
    threads = [path.read_text().strip() for path in Path("/proc/self/task").glob("*/comm")]
    assert len(threads) - threads.count("jemalloc_bg_thd") == 1, (
        "threads do not survive a fork, but jemalloc's"
    )
    gc.freeze()  # else every end of a fork looks through all that was loaded for cycles
    os.fsync = lambda fd: None  # as in the tests' own processes
    codes: dict[int, int] = {}
    for line in iter(sys.stdin.readline, ""):
        order = json.loads(line)
        pid = order.get("poll") or os.fork()
        if not pid:
            module, _, function = order.pop("main").partition(":")
            _become(**order)
            getattr(importlib.import_module(module), function)()
            return
        print(json.dumps(_exit_code(pid, codes) if "poll" in order else pid), flush=True)


def _exit_code(pid: int, known: dict[int, int]) -> int | None:
    if pid not in known:
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            known[pid] = os.waitstatus_to_exitcode(status)
    return known.get(pid)


def _become(words: list[str], cwd: str, environment: dict[str, str], says: str, anew: bool) -> None:
    """The state of a process that was started anew in a terminal's foreground: there Ctrl-C is heard."""
    os.setsid()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for target, name in ((1, "out"), (2, "err")):
        os.dup2(os.open(Path(says, name), os.O_WRONLY | os.O_CREAT), target)
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["assay", *words]
    if not anew:
        importlib.import_module(STARTING).fork_exec = _forked


def _forked(words: list[str], kept: Sequence[int], env: dict[str, str] | None = None) -> int:
    """The process ``python -m MODULE ...`` with so many of this one's files."""
    pid = os.fork()
    if not pid:
        gc.freeze()  # what the other has open is not closed here for a second time
        _restart({0, 1, 2, *map(int, kept)})
        os.environ.update(env or {})
        sys.argv = words[2:]
        os._exit(_code_of(sys.argv[0]))
    return pid


def _restart(kept: set[int]) -> None:
    """Signals and files as in a process that was started anew."""
    for number in signal.valid_signals():
        if callable(signal.getsignal(number)):
            heard = signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL
            signal.signal(number, heard)
    for path in list(Path("/proc/self/fd").iterdir()):
        if int(path.name) not in kept:
            with suppress(OSError):  # the one that listed them
                os.close(int(path.name))


def _code_of(module: str) -> int:
    """The exit code of a module that is the main one."""
    spec = importlib.util.find_spec(module)
    try:
        exec(spec.loader.get_code(module), {"__name__": "__main__", "__package__": spec.parent})
    except SystemExit as end:
        return int(end.code or 0)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
    return 0
