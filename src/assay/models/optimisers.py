"""Adam, AdamW and SGD of PyTorch, without what they import for its compiler: half of a process's start.

The methods of ``torch.optim`` are wrapped so that ``torch.compile`` keeps out of them, and a wrapper imports
the compiler when it is first called. Nothing here is compiled; what is below the wrappers is the same.
"""

from __future__ import annotations

import inspect
from typing import Any, TypeVar, cast

import torch
from torch.optim import Optimizer

O = TypeVar("O", bound=Optimizer)  # noqa: E741
WRAPPED = ("add_param_group", "zero_grad", "state_dict", "load_state_dict")


def _uncompiled(kind: type[O]) -> type[O]:
    """The same optimiser with its methods as they are below their wrappers."""
    plain: dict[str, Any] = {name: inspect.unwrap(getattr(kind, name)) for name in WRAPPED}
    step = torch.no_grad()(inspect.unwrap(kind.step))
    return cast("type[O]", type(kind.__name__, (kind,), {**plain, "step": step, "__module__": __name__}))


Adam = _uncompiled(torch.optim.Adam)
AdamW = _uncompiled(torch.optim.AdamW)
SGD = _uncompiled(torch.optim.SGD)
