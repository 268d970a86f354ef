"""What a comparison measured, in memory as on disk."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assay.comparison.choice import CONTROL as CONTROL
from assay.comparison.choice import best_run
from assay.errors import UserError
from assay.runs.store import MODEL, Store

if TYPE_CHECKING:
    from assay.train.model import Model

BASELINE = "real_only"


def controlled(name: str) -> str | None:
    """The filter that a random filter is the control of; None for other methods."""
    match = re.fullmatch(rf"{CONTROL} \((.+)\)", name)
    return match[1] if match else None


@dataclass(frozen=True)
class Comparison:
    """What a comparison measured.

    Attributes
    ----------
    info : dict
        Task, synthetic data, settings and versions, as in ``compare.json``.
    runs : list of dict
        Every run with its label, seed, history, selections, counts and error.
    folder : Path
    """

    info: dict[str, Any]
    runs: list[dict[str, Any]]
    folder: Path

    @staticmethod
    def open(folder: str | Path) -> Comparison:
        """The newest comparison of a folder, with those of its runs that are finished."""
        store = Store(Path(folder))
        info = store.comparison()
        done = [run for run in info["runs"] if store.has(run["key"])]
        return Comparison(info, [{**store.load(run["key"]), **run} for run in done], store.folder)

    def rows(self) -> list[dict[str, Any]]:
        """One row for every run and selection; a failed run is one row with its error."""
        return [row for run in self.runs for row in _rows(run)]

    def best(self, method: str | None = None, seed: int | None = None) -> Model:
        """The model to take home, of a comparison that saved its models.

        Test labels choose nothing: of the methods it is the one with the highest accuracy on the validation
        items, mean over seeds, of its seeds again the highest (without validation items, by the label-free
        score); of equals the first.

        Parameters
        ----------
        method : str, optional
            As in the table; without validation items it must be named.
        seed : int, optional

        Raises
        ------
        UserError
            If there is no such run, it has no model, or nothing can choose a method.
        """
        from assay.train.model import Model

        run, store = best_run(self.runs, method, seed), Store(self.folder)
        if not store.has(run["key"], MODEL):
            where = f"{self.folder}: no model of {run['label']}, seed {run['seed']}"
            raise UserError(f"{where}: {store.why_no_model(run['key'])}")
        return Model.load(store.run_folder(run["key"]) / MODEL)

    def samples(self) -> dict[str, Any]:
        """A few real and synthetic items of each class: real_x, real_y, synthetic_x, synthetic_y."""
        return Store(self.folder).samples()


def _rows(run: dict[str, Any]) -> list[dict[str, Any]]:
    start = {"method": run["label"], "seed": run["seed"], "error": run["error"]}
    if run["error"]:
        return [start]
    keys = ("epoch", "accuracy", "recall", "used")
    return [
        {**start, "selection": name, **{key: selected[key] for key in keys}, **run["counts"]}
        for name, selected in run["selections"].items()
    ]
