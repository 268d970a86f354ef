"""Small HTML that a notebook shows in the place of a result: a table, a caption, a few sentences."""

from __future__ import annotations

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
