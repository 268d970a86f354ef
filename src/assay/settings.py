"""Named settings in text form: ``NAME:key=value,key=value``.

Everything a user can name (a data set, a generator, a method, a backbone) is a frozen dataclass listed
in a table under its name; the text form replaces fields of the listed instance.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import json
import math
import re
import typing
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

from assay.errors import UserError

if TYPE_CHECKING:
    from pydantic import TypeAdapter

T = TypeVar("T")


def parse(text: str, table: Mapping[str, T], what: str) -> T:
    """Settings that `text` names.

    Parameters
    ----------
    text : str
        ``NAME`` or ``NAME:key=value,key=value``; a tuple is written ``1+2+3``.
    table : mapping of str to dataclass instance
        The known names with their default settings.
    what : str
        What the table lists ("method", "backbone"), for error messages.

    Raises
    ------
    UserError
        Unknown name, unknown key, or a value of the wrong type or range.
    """
    name, _, options = text.partition(":")
    if name not in table:
        raise UserError(f"unknown {what} '{name}'; known: {', '.join(sorted(table))}")
    return with_options(table[name], options, f"{what} {name}")


def known(name: str, table: Any, what: str) -> Any:
    """What a table has under a name.

    Raises
    ------
    UserError
        If it has nothing.
    """
    if name not in table:
        raise UserError(f"{what}: unknown: {name}; known: {', '.join(table)}")
    return table[name]


def split_options(text: str) -> tuple[str, str]:
    """Name or path, and the options after the first colon that begins some; no slash is in an option."""
    match = re.fullmatch(r"(.*?):(\w+=[^,/]*(?:,\w+=[^,/]*)*,?)", text)
    return (match[1], match[2]) if match else (text, "")


def without_option(text: str, key: str) -> tuple[str, tuple[str, ...]]:
    """A text without the option ``key=a+b``, which every name and path takes, and the parts of its value."""
    option = re.compile(rf"(?<=[:,]){key}=([^,/:]*)(?:,|$)")
    values = tuple(part for value in option.findall(text) for part in value.split("+") if part)
    return (option.sub("", text).rstrip(":,"), values) if option.search(text) else (text, ())


def with_options(settings: T, options: str, where: str) -> T:
    """`settings` with the fields that ``key=value,key=value`` names replaced."""
    return replaced(settings, once([_pair(item, where) for item in options.split(",") if item], where), where)


def with_text(text: str, options: Mapping[str, Any]) -> str:
    """A name or path with further options, as text."""
    given = ",".join(f"{key}={_text(tuple(v) if isinstance(v, list) else v)}" for key, v in options.items())
    return f"{text}{',' if split_options(text)[1] else ':'}{given}" if given else text


def once(pairs: Iterable[tuple[str, T]], where: str) -> dict[str, T]:
    """The pairs as a dict.

    Raises
    ------
    UserError
        If a key stands there twice: nobody knows which of its values is meant.
    """
    found: dict[str, T] = {}
    for key, value in pairs:
        if key in found:
            raise UserError(f"{where}: '{key}' is given twice; give it once")
        found[key] = value
    return found


def replaced(settings: T, values: Mapping[str, Any], where: str) -> T:
    """`settings` with fields replaced by `values` (text or typed), each checked against the field's type."""
    kind = type(settings)
    known = [field.name for field in dataclasses.fields(settings)]  # type: ignore[arg-type]
    unknown = [key for key in values if key not in known]
    if unknown:
        raise UserError(f"{where}: unknown option '{unknown[0]}'; known: {', '.join(known) or 'none'}")
    converted = {key: _converted(kind, key, value, where) for key, value in values.items()}
    try:
        return dataclasses.replace(settings, **converted)  # type: ignore[type-var]
    except UserError as error:
        raise UserError(f"{where}: {error}") from None


def check(settings: Any, where: str) -> None:
    """Raise `UserError` unless every field is of its type and in its range: settings may come from Python."""
    for field in dataclasses.fields(settings):
        _converted(type(settings), field.name, getattr(settings, field.name), where)


@functools.cache
def _hints(kind: type) -> dict[str, Any]:
    return typing.get_type_hints(kind, include_extras=True)


@functools.cache
def _adapter(kind: type, key: str) -> TypeAdapter[Any]:
    from pydantic import AfterValidator, TypeAdapter

    finite: Any = Annotated[_hints(kind)[key], AfterValidator(_finite)]
    return TypeAdapter(finite)


def _converted(kind: type, key: str, value: Any, where: str) -> Any:
    from pydantic import ValidationError

    try:
        return _adapter(kind, key).validate_python(_untext(value, _hints(kind)[key]))
    except ValidationError as error:
        reason = error.errors()[0]["msg"].lower().removeprefix("value error, ")
        raise UserError(f"{where}: {key}={value}: {reason}") from None


def numbers(text: str, where: str) -> list[float]:
    """The numbers of ``1,2,3``.

    Raises
    ------
    UserError
        If a part is not a number.
    """
    try:
        return [float(part) for part in text.split(",") if part.strip()]
    except ValueError:
        raise UserError(f"{where}: {text}; expected numbers with commas between them") from None


def _pair(item: str, where: str) -> tuple[str, str]:
    key, equals, value = item.partition("=")
    if not equals:
        raise UserError(f"{where}: '{item}' is not of the form key=value")
    return key.strip(), value.strip()


def _untext(value: Any, hint: Any) -> Any:
    """Text of a tuple to its parts, of a choice to its value, the word ``none`` to None; else as it is."""
    if not isinstance(value, str):
        return value
    options = typing.get_args(hint)
    if choices := _choices(hint):
        value = next((choice for choice in choices if str(choice) == value), value)
    if type(None) in options and str(value).lower() == "none" and value not in choices:
        return None
    is_tuple = any(typing.get_origin(option) is tuple for option in (hint, *options))
    return tuple(part for part in value.split("+") if part) if is_tuple else value


def _choices(hint: Any) -> tuple[Any, ...]:
    """What a field may be that is one of a few values, or one of them or None."""
    among = (hint, *typing.get_args(hint))
    return next((typing.get_args(one) for one in among if typing.get_origin(one) is typing.Literal), ())


def _finite(value: Any) -> Any:
    parts = value if isinstance(value, tuple) else (value,)
    if not all(math.isfinite(part) for part in parts if isinstance(part, float)):
        raise ValueError("input should be a finite number")
    return value


def as_dict(settings: Any) -> dict[str, Any]:
    """Settings as plain JSON values, with the kind of settings under ``kind``.

    Fields that settings are not compared by (objects of the user's own) are left out.
    """
    return {"kind": type(settings).__name__, **_plain(settings)}


def _plain(value: Any) -> Any:
    """A value as JSON has it; fields that settings are not compared by are left out."""
    if dataclasses.is_dataclass(value):
        return {f.name: _plain(getattr(value, f.name)) for f in dataclasses.fields(value) if f.compare}
    if isinstance(value, Mapping):
        return {key: _plain(part) for key, part in value.items()}
    if isinstance(value, tuple | list):
        return type(value)(map(_plain, value))
    return str(value) if isinstance(value, Path) else value


def text_of(settings: Any, table: Mapping[str, Any]) -> str | None:
    """The text of which `parse` makes these settings, by the listed ones that are most like them.

    None if the table lists none of their kind, or an option cannot be written as text.
    """
    alike = {name: _changes(settings, x) for name, x in table.items() if type(x) is type(settings)}
    if not alike:
        return None
    name, changes = min(alike.items(), key=lambda pair: len(pair[1]))
    if any(dataclasses.is_dataclass(value) for value in changes.values()):
        return None
    return ":".join([name, ",".join(f"{key}={_text(value)}" for key, value in changes.items())]).rstrip(":")


def _changes(settings: Any, listed: Any) -> dict[str, Any]:
    pairs = {
        f.name: (getattr(settings, f.name), getattr(listed, f.name)) for f in dataclasses.fields(settings)
    }
    return {name: own for name, (own, default) in pairs.items() if own != default}


def _text(value: Any) -> str:
    return "+".join(map(str, value)) if isinstance(value, tuple) else str(value)


def from_dict(values: Mapping[str, Any], table: Mapping[str, T], where: str) -> T:
    """The settings of which `as_dict` made these values, of a kind that a table lists.

    Raises
    ------
    UserError
        If the table lists none of this kind, or a value does not fit.
    """
    listed = next((x for x in table.values() if type(x).__name__ == values["kind"]), None)
    if listed is None:
        raise UserError(f"{where}: {values['kind']}: is not among the listed ones; give it again")
    return replaced(listed, {name: value for name, value in values.items() if name != "kind"}, where)


def switch() -> Any:
    """A switch between released (True) and corrected (False) behaviour; open (None), the protocol sets it."""
    return dataclasses.field(default=None, metadata={"switch": True})


def switched(settings: T, released: bool) -> T:
    """`settings` with the switches that are left open set by the protocol."""
    fields = dataclasses.fields(settings)  # type: ignore[arg-type]
    names = [field.name for field in fields if "switch" in field.metadata]
    unset: dict[str, Any] = {name: released for name in names if getattr(settings, name) is None}
    return dataclasses.replace(settings, **unset)  # type: ignore[type-var]


def fingerprint(value: Any) -> str:
    """Twenty hexadecimal digits that name a JSON value: equal values, equal names."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:20]
