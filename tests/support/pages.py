"""What every page must be, whoever made it: whole in one file, and told to those who do not see it."""

from __future__ import annotations

import re
from collections import Counter
from html.parser import HTMLParser

PAGE_AT_MOST, SCRIPT_AT_MOST = 1_000_000, 20_000
"""Bytes."""
ADDRESSES = {"src", "href", "xlink:href", "action", "poster", "data"}


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.faults: list[str] = []
        self.ids: list[str] = []
        self.references: set[str] = set()
        self.script = 0
        self._inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self._inside = tag if tag in ("script", "style") else self._inside
        self.ids += [found["id"]] if "id" in found else []
        if tag == "svg" and not (
            found.get("viewbox") and found.get("role") == "img" and found.get("aria-label")
        ):
            self.faults.append(f"svg without viewBox, role or label: {found}")
        if tag == "img" and not found.get("alt"):
            self.faults.append("image without alternative text")
        for name, value in found.items():
            self._address(name, value)

    def _address(self, name: str, value: str) -> None:
        self.references |= set(re.findall(r"url\(#([^)]+)\)", value))
        if name in ADDRESSES and value.startswith("#"):
            self.references.add(value[1:])
        elif name in ADDRESSES and not (value.startswith("data:") or _is_beside(name, value)):
            self.faults.append(f"address {value}")

    def handle_endtag(self, tag: str) -> None:
        self._inside = "" if tag == self._inside else self._inside

    def handle_data(self, data: str) -> None:
        if self._inside == "script":
            self.script += len(data.encode())
        if self._inside and re.search(r"https?:|//\w+\.|@import|url\(", data):
            self.faults.append(f"{self._inside} names an address")


def _is_beside(name: str, value: str) -> bool:
    """Whether it is a link to a file that lies by the page."""
    return name == "href" and re.fullmatch(r"(\.\./)*\w[\w./-]*", value) is not None


def faults(html: str) -> list[str]:
    """What is wrong with a page; nothing if it may be sent to anybody."""
    reader = _Reader()
    reader.feed(html)
    found = reader.faults
    if len(html.encode()) > PAGE_AT_MOST:
        found.append(f"{len(html.encode())} bytes")
    if reader.script > SCRIPT_AT_MOST:
        found.append(f"{reader.script} bytes of script")
    found += [f"id {name} {count} times" for name, count in Counter(reader.ids).items() if count > 1]
    found += [f"reference to {name}, which is not there" for name in reader.references - set(reader.ids)]
    return found
