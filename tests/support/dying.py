"""A method whose process dies as if the system had killed it for its memory."""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from assay.methods.base import Method, Setup
from assay.methods.real_only import RealOnly, RealOnlyMethod
from assay.train import checkpoint


@dataclass(frozen=True)
class Dying:
    """Dies where the file is not yet, having made it; always, if there is none."""

    once: str = ""
    needs: ClassVar[tuple[str, ...]] = ()

    def build(self, setup: Setup) -> Method:
        """The method of real items alone, if it lives."""
        if not (self.once and Path(self.once).exists()):
            if self.once:
                Path(self.once).touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return RealOnly().build(setup)


@dataclass(frozen=True)
class DyingOnce:
    """Learns from real items alone, and dies as it begins the epoch `at` for the first time.

    A file in the folder `marks` holds a letter for every time that an epoch was begun.
    """

    at: int = 0
    marks: str = ""
    needs: ClassVar[tuple[str, ...]] = ()

    def build(self, setup: Setup) -> Method:
        """The method; its run is saved after every epoch."""
        checkpoint.SECONDS = 0.0
        return _DyingOnce(setup, self)


class _DyingOnce(RealOnlyMethod):
    def __init__(self, setup: Setup, settings: DyingOnce) -> None:
        super().__init__(setup)
        self.settings = settings

    def start_epoch(self, epoch: int) -> None:
        super().start_epoch(epoch)
        if self.settings.marks:
            mark = Path(self.settings.marks) / str(epoch)
            first = not mark.exists()
            with mark.open("a") as file:
                file.write("x")
            if first and epoch == self.settings.at:
                os.kill(os.getpid(), signal.SIGKILL)
