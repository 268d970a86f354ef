"""What a comparison measured, in memory as on disk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assay.comparison.choice import best_run
from assay.comparison.frame import columns_of, frame_of
from assay.comparison.hardest import hardest
from assay.comparison.summary import cells, headline, remarks, summarise
from assay.comparison.worth import Worth, worth
from assay.data.columns import csv_bytes
from assay.errors import UserError
from assay.files import replace_file, writing
from assay.markup import html_table
from assay.metrics.table import ACCURACY, Metric, metric_named
from assay.runs.store import MODEL, Store

if TYPE_CHECKING:
    from assay.train.model import Model


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
    own : dict
        The backbone of each method, where the comparison was made in this process.
    """

    info: dict[str, Any]
    runs: list[dict[str, Any]]
    folder: Path
    own: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)

    @staticmethod
    def open(folder: str | Path) -> Comparison:
        """The newest comparison of a folder, with those of its runs that are finished."""
        store = Store(Path(folder))
        info = store.comparison()
        done = [run for run in info["runs"] if store.has(run["key"])]
        return Comparison(info, [{**store.load(run["key"]), **run} for run in done], store.folder)

    @property
    def metric(self) -> Metric:
        """What tables and verdict speak of: accuracy unless another was asked for."""
        return metric_named(self.info.get("metric", ACCURACY.name))

    def by(self, metric: str) -> Comparison:
        """The same result, told by another metric: `assay.metrics.table.METRICS` names them.

        Raises
        ------
        UserError
            If there is none of that name, or a run of an earlier version has not measured it.
        """
        name = metric_named(metric).name
        for run in self.runs:
            if not run["error"] and name not in {
                "accuracy",
                "recall",
                *run["selections"]["last"].get("metrics", ()),
            }:
                where = f"{self.folder}: {run['label']}, seed {run['seed']}"
                raise UserError(
                    f"{where}: {name} was not measured; compare again into another folder (--out)"
                )
        return replace(self, info={**self.info, "metric": name})

    def rows(self) -> list[dict[str, Any]]:
        """One row for every run and selection; a failed run is one row with its error."""
        return [row for run in self.runs for row in _rows(run, self.metric.name)]

    def frame(self) -> Any:
        """The rows as a pandas DataFrame if pandas is installed, else of polars, else a list of dicts."""
        return frame_of(self.rows())

    def to_csv(self, path: str | Path) -> Path:
        """Write the rows as a CSV file at once.

        Raises
        ------
        UserError
            If the place cannot be written to.
        """
        with writing(Path(path)):
            replace_file(Path(path), csv_bytes(columns_of(self.rows())))
        return Path(path)

    def worth(self) -> Worth | None:
        """What the synthetic data add to the best use of real data alone; None if nothing can be said."""
        return worth(self)

    def hardest(self, n: int = 20) -> list[dict[str, Any]]:
        """The test items that most methods get wrong, at most `n`, the hardest first.

        Returns
        -------
        list of dict
            ``item``: place among the test items. ``class``. ``methods``: how many methods, controls apart,
            get it wrong in most of their runs, ``of`` so many. ``wrong``: share of runs that do, mean over
            methods. ``taken_for``: the most frequent wrong class. Predictions are of the epoch that a user
            without test labels would take.

        Raises
        ------
        UserError
            If no run has kept its predictions.
        """
        return hardest(self, n)

    def _repr_html_(self) -> str:
        chosen, task = headline(self), self.info["task"]["name"]
        lines = [line for line in summarise(self) if line.selection == chosen]
        notes = [*remarks(lines, self.info), f"runs: {self.folder}"]
        return html_table(f"{task}, selection: {chosen}", list(map(cells, lines)), notes)

    def best(self, method: str | None = None, seed: int | None = None, backbone: Any = None) -> Model:
        """The model to take home, of a comparison that saved its models.

        Test labels choose nothing: of the methods it is the one that is best on the validation items in the
        metric that the result speaks of, mean over seeds, of its seeds again the best (without validation
        items, by the label-free score); of equals the first.

        Parameters
        ----------
        method : str, optional
            As in the table; without validation items it must be named.
        seed : int, optional
        backbone : str, settings, network or callable, optional
            As in `Model.load`: your own network, where the comparison was made by another process.

        Raises
        ------
        UserError
            If there is no such run, it has no model, or nothing can choose a method.
        """
        from assay.train.model import Model

        run, store = best_run(self.runs, method, seed, self.metric), Store(self.folder)
        if not store.has(run["key"], MODEL):
            where = f"{self.folder}: no model of {run['label']}, seed {run['seed']}"
            raise UserError(f"{where}: {store.why_no_model(run['key'])}")
        return Model.load(store.run_folder(run["key"]) / MODEL, backbone or self.own.get(run["label"]))

    def samples(self) -> dict[str, Any]:
        """A few real and synthetic items of each class: real_x, real_y, synthetic_x, synthetic_y."""
        return Store(self.folder).samples()


def _rows(run: dict[str, Any], metric: str) -> list[dict[str, Any]]:
    """Rows with accuracy, recall and the metric that the result speaks of."""
    start = {"method": run["label"], "seed": run["seed"], "error": run["error"]}
    if run["error"]:
        return [start]
    keys = ("epoch", "accuracy", "recall", "used")
    return [
        {**start, "selection": name, **{key: s[key] for key in keys}, **_further(s, metric), **run["counts"]}
        for name, s in run["selections"].items()
    ]


def _further(selected: dict[str, Any], metric: str) -> dict[str, float]:
    return {} if metric in selected else {metric: selected["metrics"][metric]}
