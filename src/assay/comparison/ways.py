"""Methods as they are asked for: each trains the comparison's backbone, or one of its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from assay.comparison.names import AT, BASELINE, CONTROL
from assay.errors import UserError
from assay.methods.base import MethodSettings
from assay.methods.random_filter import RandomFilter, is_filter
from assay.methods.table import METHODS, as_method, method_settings
from assay.models.table import AnyBackbone, settings_of
from assay.settings import text_of

AnyMethod = str | MethodSettings | tuple[str | MethodSettings, AnyBackbone]
"""As ``"mixed"``, ``"mixed@forest"``, ``Mixed()``, or a pair of a method and its own backbone."""


@dataclass(frozen=True)
class Way:
    """A method, and the backbone that it trains if that is not the comparison's."""

    method: MethodSettings
    backbone: AnyBackbone | None = None


def resolve(methods: Iterable[AnyMethod]) -> dict[str, Way]:
    """Ways by label: the baseline first, and one of every further backbone before the methods that train it.

    ``random_filter`` becomes the control of every filter.

    Raises
    ------
    UserError
        If a name is unknown, or there is no filter to control.
    """
    listed = [methods] if isinstance(methods, str) else list(methods)
    named: dict[str, Way] = {BASELINE: Way(METHODS[BASELINE])}
    for method in listed:
        if not isinstance(method, str) or method != CONTROL:
            label, way = _named(method)
            if way.backbone is not None:
                at = f"{BASELINE}{AT}{label.partition(AT)[2]}"
                named.setdefault(at, Way(METHODS[BASELINE], way.backbone))
            named[label] = _only(label, way, named)
    if CONTROL not in [method for method in listed if isinstance(method, str)]:
        return named
    if not any(is_filter(way.method) for way in named.values()):
        raise UserError(
            f"method {CONTROL}: no filter beside it; add ssim_filter, trts_filter or a csigan that filters"
        )
    return dict(pair for item in named.items() for pair in _with_control(*item))


def _only(label: str, way: Way, named: Mapping[str, Way]) -> Way:
    """The way, once it is known that no other has its label."""
    if label in named and named[label] != way and way.backbone is not None:
        raise UserError(
            f"methods: {label} is there twice; give a backbone another name: assay.backbone(net, name=...)"
        )
    return way


def _named(method: AnyMethod) -> tuple[str, Way]:
    if isinstance(method, str):
        name, at, own = method.partition(AT)
        return method, Way(method_settings(name), own if at else None)
    if not isinstance(method, tuple):
        settings = as_method(method)
        return _label(settings), Way(settings)
    first, backbone = method
    label, way = _named(first)
    called = backbone if isinstance(backbone, str) else getattr(settings_of(backbone), "name", backbone)
    return f"{label}{AT}{called}", Way(way.method, backbone)


def _with_control(label: str, way: Way) -> Iterator[tuple[str, Way]]:
    yield label, way
    if is_filter(way.method):
        yield f"{CONTROL} ({label})", Way(RandomFilter(way.method), way.backbone)


def _label(settings: MethodSettings) -> str:
    """The name in the table, with the options that differ from the listed settings."""
    if isinstance(settings, RandomFilter):
        return f"{CONTROL} ({_label(settings.like)})"
    return text_of(settings, METHODS) or type(settings).__name__
