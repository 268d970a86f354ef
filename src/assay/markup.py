"""Small HTML that a notebook shows in the place of a result, and names as text in Markdown and CSV."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import escape

Rows = Sequence[Mapping[str, str]]


def html_table(caption: str, rows: Rows, notes: Sequence[str] = ()) -> str:
    """Rows of text under their columns; all text is escaped."""
    head = "".join(f"<th>{escape(key)}</th>" for key in (rows[0] if rows else ()))
    lines = "".join(
        f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row.values())}</tr>" for row in rows
    )
    said = "".join(f"<p>{escape(note)}</p>" for note in notes)
    return (
        f"<div><table><caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead>"
        f"<tbody>{lines}</tbody></table>{said}</div>"
    )


def in_markdown(text: str) -> str:
    """Text on one line, of which Markdown takes nothing for a cell's end, markup or HTML."""
    safe = " ".join(text.split()).replace("&", "&amp;").replace("<", "&lt;").replace("|", "\\|")
    return re.sub(r"([`*](?=\S)|\](?=[(\[])|(?<!\w)_(?=\S)|(?<=\S)_(?!\w))", r"\\\1", safe)


def in_csv(text: str) -> str:
    """Text that no spreadsheet takes for a formula: what could be one follows an apostrophe."""
    if not text.startswith(("=", "@", "+", "-", "\t", "\r")) or _is_number(text):
        return text
    return f"'{text}"


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
