"""Metrics of the user's own as measures of a score: beside real items and the worst, like the house's."""

from __future__ import annotations

import functools
import inspect
import math
from collections.abc import Callable, Sequence
from typing import Any

from numpy.typing import NDArray

from assay.errors import UserError
from assay.own.installed import named
from assay.quality.measures import MEASURES, Examined, Measure

AnyMetric = str | Callable[..., float]
"""A name as on the command line, or a function of real and synthetic features that gives a number."""


def own_measures(metrics: Sequence[AnyMetric]) -> list[Measure]:
    """A measure for each metric: as good as nothing is Gaussian noise in the items' place.

    A metric takes features of real items (n, d) and of synthetic ones (m, d) and gives a number, the lower
    the better unless its attribute ``better`` says "higher".

    Raises
    ------
    UserError
        If there is none of a name, or it is no function of two arrays.
    """
    return [_measure(metric) for metric in metrics]


def _measure(metric: AnyMetric) -> Measure:
    if not isinstance(metric, str):
        return _adopted(metric, str(getattr(metric, "__name__", type(metric).__name__)), {})
    return named(metric, {m.name: m for m in MEASURES}, "metric", _adopted)


def _adopted(thing: Any, text: str, options: dict[str, Any]) -> Measure:
    if not callable(thing):
        raise UserError(f"metric {text}: {type(thing).__name__}; expected a function of two arrays")
    better: Any = getattr(thing, "better", "lower")
    said = inspect.getdoc(thing) or "a metric of your own"
    if better not in ("higher", "lower"):
        raise UserError(f"metric {text}: better={better!r}; expected 'higher' or 'lower'")
    function = functools.partial(_value, functools.partial(thing, **options), text)
    meaning = said.splitlines()[0].rstrip(".")
    return Measure(text, better, -math.inf, math.inf, "noise", meaning, function)


def _value(metric: Callable[..., Any], name: str, e: Examined) -> float:
    try:
        return float(metric(*map(_read_only, (e.reference.alike.features, e.few.features))))
    except Exception as error:  # the user's code, which may raise anything
        raise UserError(f"metric {name}: {type(error).__name__}: {error}") from error


def _read_only(features: NDArray[Any]) -> NDArray[Any]:
    """A view that cannot be written into: other measures look at the same features."""
    view = features[:]
    view.flags.writeable = False
    return view
