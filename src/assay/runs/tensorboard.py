"""Learning curves for TensorBoard: a folder of events for each finished run."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from assay.errors import UserError
from assay.runs.progress import Watcher


class Logged:
    """A watcher that writes every run's history before it passes the word on.

    Raises
    ------
    UserError
        If TensorBoard is not installed.
    """

    def __init__(self, inner: Watcher, folder: Path) -> None:
        try:
            import tensorboard  # noqa: F401
        except ImportError:
            raise UserError("--tensorboard: it is not installed: pip install 'assay[tracking]'") from None
        self.inner, self.folder = inner, folder

    def begin(self, total: int, finished: int) -> None:
        """Pass on."""
        self.inner.begin(total, finished)

    def done(self, record: dict[str, Any]) -> None:
        """Write the losses and scores of every epoch."""
        from torch.utils.tensorboard import SummaryWriter

        words = f"{record['about']['label']}-seed-{record['settings']['seed']}-{record['key'][:6]}"
        folder = self.folder / re.sub(r"[^\w.-]+", "-", words)
        with SummaryWriter(str(folder)) as writer:
            for epoch in record.get("history", ()):
                for name, value in _scalars(epoch).items():
                    writer.add_scalar(name, value, epoch["epoch"])
        self.inner.done(record)

    def end(self) -> None:
        """Pass on."""
        self.inner.end()


def _scalars(epoch: dict[str, Any]) -> dict[str, float]:
    losses = {f"loss/{name}": value for name, value in epoch["losses"].items()}
    scores = {f"score/{name}": value for name, value in epoch.items() if name != "epoch"}
    scores = {name: value for name, value in scores.items() if not isinstance(value, dict)}
    return losses | scores
