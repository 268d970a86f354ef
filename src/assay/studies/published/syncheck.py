"""Published numbers, as data with their source, and how to look one up."""

from __future__ import annotations

import csv
import functools
from dataclasses import dataclass
from importlib.resources import files

from assay.metrics.statistics import SHARE, Estimate, estimate, paired_difference


@dataclass(frozen=True)
class Key:
    """Which cell of a published table: its method, backbone, ratio and variant."""

    method: str
    backbone: str = "default"
    ratio: float = 1.0
    variant: str = ""


@dataclass(frozen=True)
class Published:
    """What was published for a cell.

    Attributes
    ----------
    mean : float
        As printed, range [0, 1].
    seeds : dict of float
        Accuracy by seed; empty where only a mean was published.
    source, note : str
    """

    mean: float
    seeds: dict[int, float]
    source: str
    note: str

    @property
    def accuracy(self) -> Estimate | None:
        """Mean and interval over the published seeds, computed here; None without them."""
        return estimate(list(self.seeds.values()), SHARE) if self.seeds else None

    def difference(self, baseline: Published) -> Estimate | None:
        """Paired difference over the published seeds, computed here; None without them."""
        return paired_difference(self.seeds, baseline.seeds)


def published(generator: str, study: str, key: Key) -> Published | None:
    """The cell of SynCheck's tables (MobiSys 2025), None if it was not published.

    Parameters
    ----------
    generator : {"csigan", "rf-diffusion"}
    study : {"overall", "ablation", "backbone", "volume", "condition"}
        Cells at the default backbone, at ratio 1 and without variant are those of "overall".
    key : Key
    """
    table = _syncheck()
    if key.ratio == 0:
        key = Key("real_only")
    return table.get((generator, study, key)) or table.get((generator, "overall", key))


@functools.cache
def _syncheck() -> dict[tuple[str, str, Key], Published]:
    cells: dict[tuple[str, str, Key], list[dict[str, str]]] = {}
    text = (files(__package__) / "syncheck.csv").read_text(encoding="utf-8")
    for row in csv.DictReader(text.splitlines()):
        key = Key(row["method"], row["backbone"].lower(), float(row["ratio"]), row["variant"])
        cells.setdefault((row["generator"].lower(), row["study"], key), []).append(row)
    return {place: _cell(rows) for place, rows in cells.items()}


def _cell(rows: list[dict[str, str]]) -> Published:
    """Of several sources for a mean, the last (a figure, where the printed table is a copy of another)."""
    means = [row for row in rows if row["seed"] == "mean"]
    doubted = any("not an independent result" in row["note"] for row in rows)
    seeds = {int(row["seed"]): float(row["accuracy"]) for row in rows if row["seed"] != "mean"}
    last = means[-1]
    return Published(float(last["accuracy"]), {} if doubted else seeds, last["source"], last["note"])
