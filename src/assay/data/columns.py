"""Columns of equal length as lines of text."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.markup import in_csv

Columns = Mapping[str, NDArray[Any]]


def csv_bytes(columns: Columns) -> bytes:
    """Lines that end in a line feed; truth values true and false, numbers of six digits, NaN empty."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(map(in_csv, columns))
    writer.writerows(zip(*(map(_text(values), values.tolist()) for values in columns.values())))
    return buffer.getvalue().encode("utf-8", "backslashreplace")


def named(labels: NDArray[np.integer[Any]], classes: tuple[str, ...]) -> NDArray[np.str_]:
    """The names of classes, nothing for -1."""
    names: NDArray[np.str_] = np.array([*classes, ""])[labels]
    return names


def _text(values: NDArray[Any]) -> Callable[[Any], str]:
    if values.dtype.kind == "b":
        return lambda value: "true" if value else "false"
    if values.dtype.kind == "f":
        return lambda value: f"{value:.6g}" if math.isfinite(value) else ""
    return lambda value: in_csv(value) if isinstance(value, str) else value
