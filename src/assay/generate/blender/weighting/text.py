"""Settings as the text that names them on the command line."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from assay.errors import UserError
from assay.generate.blender.settings import BlenderSettings
from assay.settings import with_options


def as_text(settings: BlenderSettings, name: str = "blender") -> str:
    """``blender:key=value,...`` with every setting that is not the default.

    Raises
    ------
    UserError
        If the text would mean something else: a path with a comma or a plus in it has no text.
    """
    options = ",".join(_options(settings))
    if with_options(type(settings)(), options, name) != settings:
        raise UserError(f"{name}: {options}: a name with ',' or '+' in it cannot be written as text")
    return f"{name}:{options}" if options else name


def _options(settings: BlenderSettings) -> list[str]:
    plain = type(settings)()
    values = ((field.name, getattr(settings, field.name)) for field in fields(settings))
    return [f"{name}={_text(value)}" for name, value in values if value != getattr(plain, name)]


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "+".join(value) if isinstance(value, tuple) else str(value)
