"""JSON and settings, strictly: an unknown, missing or wrong field is an error that names it."""

from __future__ import annotations

import dataclasses
import functools
import json
import math
import typing
from pathlib import Path
from typing import Any, TypeVar

from assay.errors import UserError
from assay.files import FORMAT, read_file
from assay.settings import once

T = TypeVar("T")
Kind = TypeVar("Kind", bound=type)
MOST_BYTES = 2**28
"""Of a JSON file that is read at all."""


def strict(kind: Kind) -> Kind:
    """Let a dataclass take no unknown field, no text for a number, and no number that is not finite."""
    rules = {"extra": "forbid", "strict": True, "allow_inf_nan": False}
    setattr(kind, "__pydantic_config__", rules)  # noqa: B010 - no attribute that a type knows
    return kind


def unbound(kind: Kind) -> Kind:
    """The same, but for further fields, which are taken as they are."""
    rules = {"extra": "allow", "strict": True, "allow_inf_nan": False}
    setattr(kind, "__pydantic_config__", rules)  # noqa: B010 - no attribute that a type knows
    return kind


def closed(kind: Kind) -> Kind:
    """Let a dataclass take no unknown field; lists are read as tuples, and whole numbers as keys."""
    setattr(kind, "__pydantic_config__", {"extra": "forbid"})  # noqa: B010 - no attribute that a type knows
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


def read_values(kind: type[T], values: Any, where: str, remedy: str = "") -> T:
    """What JSON values make of a kind, a dataclass or a ``TypedDict``: of a file that Assay wrote.

    Raises
    ------
    UserError
        Naming `where` and the field, and ending with the remedy.
    """
    from pydantic import ValidationError

    try:
        text = json.dumps(values, default=str)  # Python's values make no dataclass, strictly; JSON's do
        value: T = _adapter(kind).validate_json(text)  # type: ignore[arg-type]  # a type is hashable
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "the whole"
        raise _damaged(where, f"{place}: {first['msg'].lower()}", remedy) from None
    return value


def json_values(content: str | bytes, where: str, remedy: str = "") -> dict[str, Any]:
    """The object that JSON text holds, without its format.

    Raises
    ------
    UserError
        If it is none, has a field twice or a number that is not finite, or is of a later format.
    """
    try:
        values = json.loads(
            content,
            parse_constant=_no_number,
            parse_float=_finite,
            object_pairs_hook=lambda pairs: once(pairs, "field"),
        )
    except (ValueError, RecursionError) as error:
        reason = "nested too deeply" if isinstance(error, RecursionError) else error
        raise _damaged(where, str(reason), remedy) from None
    if not isinstance(values, dict):
        raise _damaged(where, f"a {type(values).__name__}, not an object with fields", remedy)
    check_format(values.pop("format", FORMAT), where, remedy)
    return values


def check_format(found: Any, where: str, remedy: str = "") -> None:
    """Raise `UserError` if the format that a file of Assay's names is none, or a later one."""
    if type(found) is not int or found < 1:
        raise _damaged(where, f"format: {found!r}; expected a whole number, 1 or more", remedy)
    if found > FORMAT:
        raise UserError(
            f"{where}: format: {found}, of a later Assay; this one reads up to {FORMAT}: install a newer one"
        )


def read_json(path: Path, remedy: str) -> dict[str, Any]:
    """The object that a JSON file of Assay's holds, without its format.

    Raises
    ------
    UserError
        If the file is missing or damaged, naming it and the field; the message ends with the remedy.
    """
    return json_values(read_file(path, "a JSON file", MOST_BYTES), str(path), remedy)


def _damaged(where: str, reason: str, remedy: str) -> UserError:
    return UserError(f"{where}: damaged ({reason}); {remedy}" if remedy else f"{where}: {reason}")


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no number")


def _finite(text: str) -> float:
    if not math.isfinite(value := float(text)):
        raise ValueError(f"{text} is too large")
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
