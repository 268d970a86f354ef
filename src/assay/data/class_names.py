"""Class names as people write them, matched with those that are known: the one place for it."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Sized
from dataclasses import dataclass

from assay.errors import UserError
from assay.files import size_of
from assay.findings import Finding

MOST_CLASSES = 10_000


@dataclass(frozen=True, kw_only=True)
class ClassOptions:
    """Options of whatever has class names of its own, task or synthetic data.

    Parameters
    ----------
    rename : tuple of str
        ``a:b``: what is called a there is the class b. Several may become one.
    classes : tuple of str
        The classes to take, in this order; all by default. Names after `rename`.
    ignore : tuple of str
        Classes to leave out. Names before `rename`.
    """

    rename: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()


@dataclass(frozen=True)
class Matching:
    """Which known class every name stands for.

    Attributes
    ----------
    classes : tuple of str
        The known classes.
    place : mapping of str to int
        Of each name that was found, its place in `classes`; names that are left out are absent.
    findings : tuple of Finding
    """

    classes: tuple[str, ...]
    place: Mapping[str, int]
    findings: tuple[Finding, ...]


def own_classes(found: Sequence[str], options: ClassOptions, part: str = "") -> Matching:
    """The classes of a task, out of the names found in it.

    Parameters
    ----------
    found : sequence of str
        In the order that numbers the classes, unless `options` give another.
    options : ClassOptions
    part : str
        What the findings are about.

    Raises
    ------
    UserError
        If an option names a class that is not there.
    """
    check_count(found)
    names = _renamed(found, options)
    _check_known(options.classes, names.values(), "classes")
    classes = options.classes or tuple(dict.fromkeys(names.values()))
    order = {name: number for number, name in enumerate(classes)}
    place = {name: order[final] for name, final in names.items() if final in order}
    return Matching(classes, place, (*_left_out(found, place, part), *_alike_notes(classes, part)))


def matched(found: Sequence[str], known: Sequence[str], options: ClassOptions, part: str) -> Matching:
    """The class of a task that each name found elsewhere stands for: the same, but for case, space and ``_``.

    Raises
    ------
    UserError
        If a name is like none of them, with the nearest one and the ways out.
    """
    names = _renamed(found, options)
    _check_known(options.classes, known, "classes")
    wanted = {name: final for name, final in names.items() if _is_wanted(final, options.classes)}
    classes, alike = tuple(known), _by_likeness(known)
    same = {
        name: final if final in known else alike.get(likeness(final), "") for name, final in wanted.items()
    }
    _check_matched({name: wanted[name] for name, final in same.items() if not final}, known)
    place = {name: classes.index(final) for name, final in same.items()}
    odd = [f"{wanted[name]} as {final}" for name, final in same.items() if wanted[name] != final]
    note = Finding("note", "classes_alike", f"{part}: class names read as the task's: {', '.join(odd)}", part)
    return Matching(classes, place, (*_left_out(found, place, part), *([note] if odd else [])))


def check_count(found: Sized) -> None:
    """Raise `UserError` if there are more classes than a table of which is taken for which can have."""
    if (count := len(found)) > MOST_CLASSES:
        raise UserError(
            f"classes: {count:,}, which makes confusion matrices of {size_of(8 * count**2)}; at most "
            f"{MOST_CLASSES:,} are read (numbers that are no classes, perhaps)"
        )


def likeness(name: str) -> str:
    """What names share that differ in case, spaces, underscores or hyphens only."""
    return re.sub(r"[\s_-]+", "", name.casefold())


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that looks most like this one, if any does."""
    by_likeness = {likeness(other): other for other in known}
    close = difflib.get_close_matches(likeness(name), by_likeness, n=1)
    return by_likeness[close[0]] if close else None


def _by_likeness(known: Iterable[str]) -> dict[str, str]:
    """Known names by their likeness, without those that another one is like."""
    names = list(known)
    keys = [likeness(name) for name in names]
    times = Counter(keys)
    return {key: name for key, name in zip(keys, names) if times[key] == 1}


def _is_wanted(name: str, classes: Sequence[str]) -> bool:
    return not classes or name in classes or likeness(name) in map(likeness, classes)


def _renamed(found: Sequence[str], options: ClassOptions) -> dict[str, str]:
    """The names that are not ignored, each with what it is called from now on."""
    new = dict(_old_and_new(text) for text in options.rename)
    _check_known(new, found, "rename")
    _check_known(options.ignore, found, "ignore")
    return {name: new.get(name, name) for name in found if name not in options.ignore}


def _old_and_new(text: str) -> tuple[str, str]:
    old, _, new = (part.strip() for part in text.partition(":"))
    if not old or not new:
        raise UserError(f"rename={text}: expected old:new")
    return old, new


def _check_known(names: Iterable[str], known: Iterable[str], option: str) -> None:
    among = list(known)
    for name in names:
        if name not in among:
            near = nearest(name, among)
            hint = f"did you mean '{near}'?" if near else f"there are {', '.join(among)}"
            raise UserError(f"{option}: no class '{name}'; {hint}")


def _check_matched(strange: Mapping[str, str], known: Sequence[str]) -> None:
    if not strange:
        return
    first = next(iter(strange))
    near = nearest(strange[first], known)
    offered = f"nearest: '{near}'; rename={first}:{near}" if near else f"rename={first}:{known[0]}, say,"
    more = "".join(f", '{name}'" for name in strange if name != first)
    raise UserError(
        f"unknown class '{first}'{more}; known: {', '.join(known)}; {offered} takes it as that class, "
        f"ignore={'+'.join(strange)} leaves it out"
    )


def _left_out(found: Sequence[str], place: Mapping[str, int], part: str) -> list[Finding]:
    out = [name for name in dict.fromkeys(found) if name not in place]
    where = f"{part}: " if part else ""
    return [Finding("note", "classes_left_out", f"{where}left out as asked: {', '.join(out)}", part)] * bool(
        out
    )


def _alike_notes(classes: Sequence[str], part: str) -> list[Finding]:
    """A warning about classes of one task that are told apart by case, spaces or underscores only."""
    unique = _by_likeness(classes).values()
    alike = sorted((name for name in classes if name not in unique), key=likeness)
    if not alike:
        return []
    message = f"classes that differ in case, space or underscore only: {', '.join(alike)}"
    way_out = f"rename={alike[0]}:{alike[1]} makes them one" if len(alike) > 1 else ""
    return [Finding("warn", "classes_alike", message, part, way_out=way_out)]
