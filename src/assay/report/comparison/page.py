"""What a comparison has to say on a page: tables, figures and settings."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from assay.comparison.names import controlled
from assay.comparison.result import Comparison
from assay.comparison.summary import Line, cells, headline, shown, summarise
from assay.metrics.statistics import CUT
from assay.report.comparison import against_oracle, by_class, figures
from assay.report.comparison.verdict import told
from assay.report.drawing import class_names, families
from assay.report.findings import found_in
from assay.report.template import words

MEANINGS = {
    "last": "the last epoch",
    "validation": "the epoch with the highest accuracy on labelled validation items",
    "label_free": "the epoch with the highest label-free score (information maximisation, unlabelled items)",
    "label_free_entropy": "the epoch whose predictions on unlabelled items have the lowest mean entropy",
    "label_free_density": "the epoch whose predictions on unlabelled items form the densest neighbourhoods",
    "label_free_nuclear_norm": "the epoch with the highest nuclear norm of predictions on unlabelled items",
    "oracle": "the epoch with the highest accuracy on the test items themselves",
}
COLOURED = {"better": "gain", "worse": "loss"}
CAVEATS = {"oracle": "upper bound: chooses by test labels"}


@dataclass(frozen=True)
class Row:
    """A method's line in a table.

    Attributes
    ----------
    cells : dict of str
        Text by column.
    control : bool
        Whether it is the random filter beside a filter.
    verdict : str
        "gain" or "loss" where the interval of the difference excludes zero, else nothing.
    troubles : list of str
        One for every failed run, and one if runs are missing.
    """

    cells: dict[str, str]
    control: bool
    verdict: str
    troubles: list[str]


@dataclass(frozen=True)
class Table:
    """The result under one selection."""

    selection: str
    meaning: str
    caveat: str
    rows: list[Row]


def content(comparison: Comparison) -> dict[str, Any]:
    """What the templates of this folder show; same comparison, same content."""
    info, said = comparison.info, told(comparison)
    return {
        "info": info,
        "said": said.first,
        "more": said.rest,
        "headline": headline(comparison),
        "metric": comparison.metric,
        "tables": tables(comparison),
        "against": against_oracle.of_comparison(comparison),
        "against_note": against_oracle.NOTE,
        "cut": CUT,
        "remarks": found_in(info).table_notes,
        "seeds": len({run["seed"] for run in info["runs"]}),
        "sampling": _sampling(comparison),
        "meanings": MEANINGS,
        "controls": any(controlled(name) for name in shown(comparison)),
        "results": figures.results(comparison),
        "curves": figures.curves(comparison),
        "sparks": figures.sparks(comparison),
        "kept": by_class.kept(comparison),
        "confusions": by_class.confusions(comparison),
        **_settings(comparison),
    }


# -- tables -------------------------------------------------------------------------------------------


def tables(comparison: Comparison) -> list[Table]:
    """The table of every selection, the headline first, every filter followed by its random control."""
    lines, first = summarise(comparison), headline(comparison)
    names = list(dict.fromkeys(line.selection for line in lines))
    names.sort(key=lambda name: name != first)
    return [_table(name, [line for line in lines if line.selection == name]) for name in names]


def _table(selection: str, lines: list[Line]) -> Table:
    named = {line.method: line for line in lines}
    rows = [_row(named[name]) for family in families(list(named)) for name in family]
    return Table(selection, MEANINGS[selection], CAVEATS.get(selection, ""), rows)


def _row(line: Line) -> Row:
    return Row(_cells(line), controlled(line.method) is not None, _verdict(line), list(_troubles(line)))


def _cells(line: Line) -> dict[str, str]:
    """What a telephone shows comes first."""
    told = cells(line)
    text = {key: told[key] for key in ("method", line.metric.head, "difference to real_only")} | told
    pairs = line.difference.n if line.difference else 0
    if pairs and line.accuracy and pairs != line.accuracy.n:
        text["difference to real_only"] += f" ({pairs} pair{'s' * (pairs > 1)})"
    return text


def _verdict(line: Line) -> str:
    return COLOURED.get(line.difference.outcome, "") if line.difference else ""


def _troubles(line: Line) -> Iterator[str]:
    for seed, error in sorted(line.errors.items()):
        yield f"seed {seed} failed: {error}"
    if line.missing:
        yield f"{line.missing} {'runs are' if line.missing > 1 else 'run is'} not finished"


def _sampling(comparison: Comparison) -> dict[str, str] | None:
    """How far other test items alone would move the best accuracy (Agresti and Coull's 95 %)."""
    lines = [line for line in summarise(comparison) if line.selection == headline(comparison)]
    best = max((line.accuracy.mean for line in lines if line.accuracy), default=None)
    if best is None:
        return None
    n = comparison.info["task"]["counts"]["test"] + 4
    share = (best * (n - 4) + 2) / n
    half = 1.96 * math.sqrt(share * (1 - share) / n)
    return {"accuracy": f"{100 * best:.1f}", "half": f"{100 * half:.1f}"}


# -- settings -----------------------------------------------------------------------------------------


def _settings(comparison: Comparison) -> dict[str, Any]:
    info = comparison.info
    return {
        "settings": dict(_facts(comparison)),
        "methods": {name: words(settings) for name, settings in info["methods"].items()},
        "classes": list(_classes(info)),
        "runs": [_run(comparison, run) for run in info["runs"]],
    }


def _facts(comparison: Comparison) -> Iterator[tuple[str, str]]:
    info = comparison.info
    yield "backbone", words(info["backbone"])
    yield "training", words({key: value for key, value in info["training"].items() if key != "kind"})
    yield (
        "precision used",
        ", ".join(sorted({run["settings"]["training"]["precision"] for run in comparison.runs})),
    )
    yield (
        "ratio",
        "all synthetic items" if info["ratio"] is None else f"{info['ratio']} synthetic items a real one",
    )
    yield "device", info["device"]
    yield "normalisation", info["task"]["normalise"]
    yield "items", f"{info['task']['kind']}, shape {' × '.join(map(str, info['task']['shape']))}"
    yield "real data (hash)", info["task"]["digest"]
    if info["synthetic"]:
        yield "synthetic data (hash)", info["synthetic"]["digest"]
    yield "versions", words(info["versions"])
    yield "comparison made", info["created"]


def _classes(info: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Items of every class in every pool whose labels are known."""
    pools = dict(info["task"]["by_class"])
    if info["synthetic"]:
        pools["synthetic"] = info["synthetic"]["by_class"]
    classes = info["task"]["classes"]
    for i, (name, drawn) in enumerate(zip(classes, class_names(classes))):
        as_number = f" ({i} in the figures)" if drawn == str(i) != name else ""
        yield {
            "class": name + as_number,
            **{pool: counts[i] for pool, counts in pools.items() if any(counts)},
        }


def _run(comparison: Comparison, planned: Mapping[str, Any]) -> dict[str, str]:
    """What is known of a planned run."""
    done = next((run for run in comparison.runs if run["key"] == planned["key"]), None)
    start = {"method": planned["label"], "seed": str(planned["seed"]), "key": planned["key"]}
    if done is None:
        return {**start, "state": "not finished", "seconds": "", "finished": "", "versions": ""}
    about = done["about"]
    return {
        **start,
        "state": "failed" if done["error"] else "done",
        "seconds": f"{about['seconds']:.1f}",
        "finished": about["finished"],
        "versions": _other(about["versions"], comparison.info["versions"]) or "as above",
    }


def _other(versions: Mapping[str, str], usual: Mapping[str, str]) -> str:
    """The versions that differ from those of the comparison."""
    return words({name: version for name, version in versions.items() if usual.get(name) != version})
