"""Small damage to what is stored: a value of JSON replaced, a field gone or one too many, bytes changed."""

from __future__ import annotations

import copy
import io
import json
import random
import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any

VALUES: tuple[Any, ...] = (None, True, -1, 0, 1.5, 10**30, "", "x", [], {}, [[]], {"a": 1}, [None], "\ud800")
Place = tuple[str | int, ...]


def places(value: Any, at: Place = ()) -> Iterator[Place]:
    """Every value inside, of lists only the first two."""
    yield at
    inside = (
        value.items() if isinstance(value, dict) else enumerate(value[:2]) if isinstance(value, list) else ()
    )
    for key, part in inside:
        yield from places(part, (*at, key))


def mutated(value: Any, rng: random.Random) -> Any:
    """A copy with one value replaced or removed, or a field more than there should be."""
    found = copy.deepcopy(value)
    at = rng.choice(list(places(found))[1:])
    parent = found
    for key in at[:-1]:
        parent = parent[key]
    kind = rng.randrange(10)
    if kind == 0:
        del parent[at[-1]]
    elif kind == 1 and isinstance(parent, dict):
        parent["unknown_"] = 1
    else:
        parent[at[-1]] = rng.choice(VALUES)
    return found


def damaged(content: bytes, rng: random.Random) -> bytes:
    """The bytes with a few changed, a piece doubled or gone, or the end cut off."""
    kind, at = rng.randrange(4), rng.randrange(max(len(content), 1))
    length = rng.randrange(1, 64)
    if kind == 0:
        return content[:at]
    if kind == 1:
        return content[:at] + content[at + length :]
    if kind == 2:
        return content[: at + length] + content[at:]
    changed = bytearray(content)
    for _ in range(rng.randrange(1, 9)):
        if changed:
            changed[rng.randrange(len(changed))] = rng.choice((0, 1, 127, 128, 255, rng.randrange(256)))
    return bytes(changed)


def damaged_inside(content: bytes, rng: random.Random) -> bytes:
    """What has a form keeps it: damage to one member of an archive, to one value of JSON or of a header."""
    try:
        if content[:2] == b"PK":
            return _archive(content, rng)
        if content[:1] == b"{":
            return b"".join(_json(line, rng) + b"\n" for line in content.splitlines())
        if content[8:9] == b"{":  # safetensors
            length = struct.unpack("<Q", content[:8])[0]
            header = _json(content[8 : 8 + length], rng)
            return struct.pack("<Q", len(header)) + header + content[8 + length :]
    except (ValueError, LookupError, EOFError, NotImplementedError, zipfile.BadZipFile, zlib.error):
        pass  # it has lost its form before
    return damaged(content, rng)


def _json(content: bytes, rng: random.Random) -> bytes:
    return json.dumps(mutated(json.loads(content), rng)).encode()


def _archive(content: bytes, rng: random.Random) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(buffer, "w") as new:
        names = list(dict.fromkeys(old.namelist()))
        chosen = rng.choice(names)
        for name in names:
            member = old.read(name)
            new.writestr(name, damaged(member[:200], rng) + member[200:] if name == chosen else member)
    return buffer.getvalue()
