"""The columns of a table that items were read from: what each of their numbers is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from assay.strict import strict


class Feature(NamedTuple):
    """A column: one number of an item, or as many as it has categories."""

    name: str
    categories: tuple[str, ...] = ()


@strict
@dataclass(frozen=True)
class Features:
    """How a table was read, so that another one is read alike, whatever the order of its columns.

    Attributes
    ----------
    columns : tuple of Feature
        In the order of an item's numbers.
    label, group : str
        The columns of the class and of the group; empty if there was none.
    """

    columns: tuple[Feature, ...]
    label: str = ""
    group: str = ""

    @property
    def numbers(self) -> list[tuple[str, str]]:
        """What each number of an item is: a column, and the category that it is 1 for."""
        return [(name, category) for name, found in self.columns for category in found or ("",)]

    @staticmethod
    def of_numbers(numbers: Iterable[tuple[str, str]]) -> Features:
        """The columns that have these `numbers`, whose categories stand side by side."""
        columns: dict[str, tuple[str, ...]] = {}
        for name, category in numbers:
            columns[name] = columns.get(name, ()) + ((category,) if category else ())
        return Features(tuple(Feature(*column) for column in columns.items()))
