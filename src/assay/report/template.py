"""Pages from templates: one look, and all text escaped."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from markupsafe import Markup, escape

LONG = 16
"""Letters that fit on a line of a table's first column on a telephone."""


def render(name: str, content: dict[str, Any]) -> str:
    """The page that a template of this room makes of `content`; a name that it lacks is an error."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("assay", "report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["breakable"] = breakable
    return environment.get_template(name).render(content)


def breakable(name: str) -> Markup:
    """A name that may be broken at its joints where it is too long for a line of a narrow column."""
    whole = str(escape(name))
    return Markup(whole if len(name) <= LONG else re.sub(r"([:,@/=])", r"\1<wbr>", whole))


def words(settings: Mapping[str, Any]) -> str:
    """Settings in one line: ``Kind: key value, key value``."""
    said = ", ".join(f"{key} {_value(value)}" for key, value in settings.items() if key != "kind")
    kind = str(settings.get("kind", ""))
    return f"{kind}: {said}" if kind and said else kind or said


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return f"({words(value)})"
    return "+".join(map(str, value)) if isinstance(value, list) else str(value)
