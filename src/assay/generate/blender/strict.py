"""JSON to frozen dataclasses, strictly: an unknown, missing or wrong field is an error that names it."""

from __future__ import annotations

import functools
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


@functools.cache
def _adapter(kind: Any) -> Any:
    from pydantic import TypeAdapter

    return TypeAdapter(kind)
