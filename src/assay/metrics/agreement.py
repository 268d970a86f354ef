"""How well classification margins agree with reference margins: what affinity and diversity are made of.

SynCheck (MobiSys 2025) calls margins of train-real models on synthetic items affinity, and margins of
train-synthetic models on real items diversity, each set against margins of train-real models on held-out real
items; how it sets them against these is not published. Both forms here are ours, not the paper's.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.errors import UserError
from assay.metrics.jensen_shannon import jensen_shannon

Floats = NDArray[np.floating[Any]]


def agreement(reference: Floats, margins: Floats) -> float:
    """1 - D⁺ with D⁺ = max over t of [F_margins(t) - F_reference(t)]⁺, F the shares at or below t.

    D⁺ is the one-sided Kolmogorov-Smirnov statistic: the largest excess share of low margins. Where p % of
    items that were sure and right become sure and wrong, it is p %. Margins that are better than the
    reference cost nothing. Range [0, 1]; higher is better.

    Parameters
    ----------
    reference, margins : arrays, shapes (n,) and (m,), range [-1, 1]
    """
    low, high = _sorted("reference", reference), _sorted("margins", margins)
    at = np.concatenate([low, high])
    excess = np.searchsorted(high, at, "right") / len(high) - np.searchsorted(low, at, "right") / len(low)
    return float(1 - max(excess.max(), 0.0))


def agreement_js(reference: Floats, margins: Floats, bins: int = 50) -> float:
    """1 - the Jensen-Shannon divergence, in bits, of the margins' histograms (equal bins on [-1, 1]).

    Symmetric: margins that are better than the reference lower it too. With few items it is biased downwards,
    at most by about bins / (8 log 2) · (1/n + 1/m). Range [0, 1]; higher is better.

    Parameters
    ----------
    reference, margins : arrays, shapes (n,) and (m,), range [-1, 1]
    bins : int
    """
    values = (_sorted("reference", reference), _sorted("margins", margins))
    p, q = (np.histogram(np.clip(v, -1, 1), bins, (-1, 1))[0] / len(v) for v in values)
    return 1 - jensen_shannon(p, q)


def _sorted(name: str, values: Floats) -> NDArray[np.float64]:
    if len(values) == 0 or not np.isfinite(values).all():
        raise UserError(f"{name}: {len(values)} margins; expected one or more, all finite")
    return np.sort(values.astype(np.float64))
