"""The head of a PLY file, looked through before Blender reads it: a damaged one would end the process.

The form is Turk's (1994): ``element NAME COUNT`` and its ``property`` lines, up to ``end_header``.
"""

from __future__ import annotations

from pathlib import Path

LONGEST = 2**16
"""Bytes of a head."""
FORMATS = ("ascii", "binary_little_endian", "binary_big_endian")
NUMBERS = (
    *("char", "uchar", "short", "ushort", "int", "uint", "float", "double"),
    *("int8", "uint8", "int16", "uint16", "int32", "uint32", "float32", "float64"),
)


def check_ply(path: Path) -> None:
    """Raise `ValueError` if the head is none, or claims more things than the file has bytes."""
    with path.open("rb") as file:
        head, end, _ = file.read(LONGEST).partition(b"end_header")
    lines = [line.split() for line in head.decode("latin-1").split("\n")]
    if not end or lines[0] != ["ply"]:
        raise ValueError("no head of a PLY file")
    said = [words for words in lines[1:] if words and words[0] not in ("comment", "obj_info")]
    size = path.stat().st_size
    for words in said:
        if not all(map(str.isprintable, words)) or not _is_known(words, size):
            raise ValueError(f"no line of a PLY head: {' '.join(words)[:80]!r}")
    if [words[0] for words in said[:2]] != ["format", "element"]:
        raise ValueError("a PLY head that does not begin with its format and an element")


def _is_known(words: list[str], size: int) -> bool:
    kind, *rest = words
    if kind == "format":
        return len(rest) == 2 and rest[0] in FORMATS
    if kind == "element":
        return len(rest) == 2 and rest[1].isascii() and rest[1].isdigit() and int(rest[1][:20]) <= size
    types, wanted = (rest[1:-1], 2) if rest[:1] == ["list"] else (rest[:-1], 1)
    return kind == "property" and len(types) == wanted and all(word in NUMBERS for word in types)
