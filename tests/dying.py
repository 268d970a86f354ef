"""A method whose process dies as if the system had killed it for its memory."""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from assay.methods.base import Method, Setup
from assay.methods.real_only import RealOnly


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
