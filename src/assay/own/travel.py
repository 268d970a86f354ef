"""Objects of the user's own on their way to machines where no file of theirs is: with their code inside."""

from __future__ import annotations

import copyreg
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType
from typing import Any

from assay.own.source import is_own


def packed(thing: Any) -> bytes:
    """An object as bytes that `pickle.loads` opens wherever the libraries are that its code imports."""
    import cloudpickle

    modules_by_name()
    with _by_value():
        found: bytes = cloudpickle.dumps(thing)
    return found


def modules_by_name() -> None:
    """Let modules of kinds of their own travel as names to import, as all others do.

    `torch.classes` and `torch.ops` are such; code that says ``torch`` and ``.classes`` (`setup.classes`, say)
    takes them along.
    """
    for module in list(sys.modules.values()):
        kind = type(module)
        if isinstance(module, ModuleType) and kind is not ModuleType:
            copyreg.pickle(kind, _name_of)


def _name_of(module: ModuleType) -> tuple[Any, ...]:
    return import_module, (module.__name__,)


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
