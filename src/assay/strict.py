"""JSON and settings, strictly: an unknown, missing or wrong field is an error that names it."""

from __future__ import annotations

import dataclasses
import functools
import typing
from typing import Any, TypeVar

from assay.errors import UserError

T = TypeVar("T")
Kind = TypeVar("Kind", bound=type)


def strict(kind: Kind) -> Kind:
    """Let a dataclass take no unknown field, no text for a number, and no number that is not finite."""
    rules = {"extra": "forbid", "strict": True, "allow_inf_nan": False}
    setattr(kind, "__pydantic_config__", rules)  # noqa: B010 - no attribute that a type knows
    return kind


def decoded(kind: type[T], text: str, where: str) -> T:
    """The dataclass that a line of JSON holds.

    Parameters
    ----------
    kind : type
        A dataclass, itself and its parts marked `strict`.
    text : str
    where : str
        File and line, for errors.

    Raises
    ------
    UserError
        Naming `where` and the field.
    """
    from pydantic import ValidationError

    try:
        value: T = _adapter(kind).validate_json(text)  # type: ignore[arg-type]  # a type is hashable
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "not a scene"
        raise UserError(f"{where}: {place}: {first['msg'].lower()}") from None
    return value


def read_values(kind: type[T], values: Any, where: str) -> T:
    """The dataclass, and those in it, that JSON values make: of a file that Assay wrote.

    Raises
    ------
    UserError
        Naming `where` and the field.
    """
    from pydantic import ValidationError

    try:
        value: T = _adapter(kind).validate_python(values)  # type: ignore[arg-type]  # a type is hashable
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise UserError(f"{where}: {place}: {first['msg'].lower()}") from None
    return value


def check_fields(settings: Any) -> None:
    """Raise `UserError`, naming the field, unless each is of its type and in its range.

    Unlike `assay.settings.check`, this takes no text for a number, a path or a tuple: settings made in Python
    are used as they are.
    """
    from pydantic import ValidationError

    given = {field.name: getattr(settings, field.name) for field in dataclasses.fields(settings)}
    try:
        read = _fields(type(settings)).validate_python(given, strict=True)  # type: ignore[arg-type]  # hashable
    except ValidationError as error:
        name, reason = error.errors()[0]["loc"][0], error.errors()[0]["msg"].lower()
        raise UserError(f"{name}: {given[str(name)]!r}: {reason}") from None
    for name, value in given.items():
        if read[name] != value:
            raise UserError(f"{name}: {value!r}; expected {read[name]!r}")


def check_whole(name: str, value: Any, least: int) -> None:
    """Raise `UserError`, naming it, unless a value is an int of at least so much."""
    if not isinstance(value, int) or value < least:
        raise UserError(f"{name}: {value!r}; expected an int, {least} or more")


@functools.cache
def _fields(kind: Any) -> Any:
    """All fields of a dataclass in one adapter: to check them one by one takes a thousand times as long."""
    from pydantic import TypeAdapter
    from typing_extensions import TypedDict

    hints = typing.get_type_hints(kind, include_extras=True)
    return TypeAdapter(TypedDict(kind.__name__, hints))  # type: ignore[operator]


@functools.cache
def _adapter(kind: Any) -> Any:
    from pydantic import TypeAdapter

    return TypeAdapter(kind)
