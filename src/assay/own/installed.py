"""What installed packages offer by entry points, and how a text is looked up: table, package, place."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from importlib.metadata import EntryPoint, entry_points
from typing import Any, TypeVar

from assay.errors import UserError
from assay.own.place import Place, place_of, read_options
from assay.settings import parse

T = TypeVar("T")
GROUPS = ("augmentation", "backbone", "generator", "method", "metric")
"""What packages may offer: as the entry points ``assay.backbones``, ``assay.generators`` and so on."""
Adopt = Callable[[Any, str, dict[str, Any]], T]
"""Makes settings of an object, the text that names it and the options there."""


@functools.cache
def installed(what: str) -> Mapping[str, EntryPoint]:
    """The entry points of a kind by name.

    Parameters
    ----------
    what : str
        One of `GROUPS`.
    """
    return {point.name: point for point in sorted(entry_points(group=f"assay.{what}s"), key=_order)}


def _order(point: EntryPoint) -> tuple[str, str]:
    return point.name, point.value


def place_in(text: str, what: str) -> Place | None:
    """Where the object stands that a text names by an installed name, or by its place; None otherwise."""
    name, _, options = text.partition(":")
    if point := installed(what).get(name):
        module, _, attribute = point.value.partition(":")
        return Place(module, attribute.partition(" ")[0], options)
    return place_of(text)


def check_named(text: str, table: Mapping[str, Any], what: str) -> None:
    """Raise `UserError` unless a table has what a text names, or a file or module is there: none is run."""
    place = None if text.partition(":")[0] in table else place_in(text, what)
    if place is None:
        parse(text, table, what)
    else:
        place.check(what)
        read_options(place.options, f"{what} {place}")


def named(text: str, table: Mapping[str, T], what: str, adopt: Adopt[T]) -> T:
    """The settings that a text names: in a table, of an installed package, or at a place.

    Raises
    ------
    UserError
        If there are none, an option is wrong, or the object is of no use.
    """
    place = None if text.partition(":")[0] in table else place_in(text, what)
    if place is None:
        return parse(text, table, what)
    try:
        return adopt(place.load(what), text, read_options(place.options, f"{what} {place}"))
    except TypeError as error:  # of the user's own code, called with these options
        raise UserError(f"{what} {place}: {error}") from None
