"""Filters that filtered nothing: what kept no synthetic item, or every one, is another method by its name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from assay.comparison.names import BASELINE, backbone_of, controlled

if TYPE_CHECKING:
    from assay.comparison.result import Comparison

FILTERS = ("SsimFilter", "TrtsFilter")
"""Settings of the filters that are `mixed` but for the items that they leave out."""
DRAWS = ("real_share", "real_last")
"""How they draw their batches."""


@dataclass(frozen=True)
class Idle:
    """A filter that kept nothing, or everything, in all of its runs.

    Attributes
    ----------
    kept : {"nothing", "everything"}
    items : int
        Synthetic items that it chose among, the most of any run.
    twin : str
        The method that does the same, to the last digit; empty if it learnt from real items alone at first.
    in_table : bool
        Whether that method is there too.
    """

    kept: Literal["nothing", "everything"]
    items: int
    twin: str
    in_table: bool


def idle_filters(comparison: Comparison) -> dict[str, Idle]:
    """Every such filter by its name; only where all its runs are there and none failed."""
    return dict(_idle(comparison))


def repeated(comparison: Comparison) -> set[str]:
    """The methods that are another's row once more: such filters, and their random controls."""
    idle = idle_filters(comparison)
    controls = {name for name in comparison.info["methods"] if controlled(name) in idle}
    return {name for name, found in idle.items() if found.in_table} | {
        name for name in controls if _whole(comparison, name)
    }


def _idle(comparison: Comparison) -> Iterator[tuple[str, Idle]]:
    for name, settings in comparison.info["methods"].items():
        runs = _whole(comparison, name) if settings.get("kind") in FILTERS else []
        items, kept = max((run["counts"]["synthetic"] for run in runs), default=0), [_kept(r) for r in runs]
        if items and all(not any(shares) for shares in kept):
            yield name, Idle("nothing", items, BASELINE + backbone_of(name), True)
        elif items and all(shares[-1] == 1 and set(shares) <= {0, 1} for shares in kept):
            plain, at_once = _mixed(comparison, settings, backbone_of(name)), all(map(all, kept))
            yield (
                name,
                Idle("everything", items, (plain or "mixed") if at_once else "", at_once and plain != ""),
            )


def _whole(comparison: Comparison, name: str) -> list[dict[str, Any]]:
    """All runs of a method; none if one is missing or failed."""
    runs = [run for run in comparison.runs if run["label"] == name]
    planned = sum(run["label"] == name for run in comparison.info["runs"])
    return runs if len(runs) == planned and not any(run["error"] for run in runs) else []


def _kept(run: Mapping[str, Any]) -> list[float]:
    """The share of the synthetic items that was learnt from with a label, by epoch."""
    return [epoch["kept"] / max(run["counts"]["synthetic"], 1) for epoch in run["history"]]


def _mixed(comparison: Comparison, like: Mapping[str, Any], model: str) -> str:
    """The method that believes all conditions from the first epoch on and draws as `like`, if it is there."""
    wanted = {"kind": "Mixed", "warm_up": 0, **{name: like.get(name) for name in DRAWS}}
    same = [(name, s) for name, s in comparison.info["methods"].items() if backbone_of(name) == model]
    return next((name for name, s in same if all(s.get(key) == value for key, value in wanted.items())), "")
