"""Objects of the user's own on their way to machines where no file of theirs is: with their code inside."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

from assay.own.source import is_own


def packed(thing: Any) -> bytes:
    """An object as bytes that `pickle.loads` opens wherever the libraries are that its code imports."""
    import cloudpickle

    with _by_value():
        found: bytes = cloudpickle.dumps(thing)
    return found


@contextmanager
def _by_value() -> Iterator[None]:
    """Context in which the user's own modules travel as code, not as names to import."""
    import cloudpickle

    known = cloudpickle.list_registry_pickle_by_value()
    modules = [module for module in _own_modules() if module.__name__ not in known]
    for module in modules:
        cloudpickle.register_pickle_by_value(module)
    try:
        yield
    finally:
        for module in modules:
            cloudpickle.unregister_pickle_by_value(module)


def _own_modules() -> list[ModuleType]:
    """Modules that were imported from the user's own files; what is run as a script travels in any case."""
    with_files = [m for m in list(sys.modules.values()) if getattr(m, "__file__", None)]
    return [
        m for m in with_files if m.__name__ in sys.modules and m.__name__ != "__main__" and is_own(m.__name__)
    ]
