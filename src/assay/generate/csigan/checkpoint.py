"""Tensors and a few facts in one file, written at once."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import torch
from annotated_types import Ge
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor
from typing_extensions import TypedDict

from assay.errors import UserError
from assay.files import FORMAT, at_once
from assay.strict import json_values, read_values, strict

Tensors = dict[str, Tensor]
REMEDY = "remove it and train from the beginning"


@strict
class _Facts(TypedDict):
    identity: str
    epoch: Annotated[int, Ge(0)]
    least: float | None


def save(path: Path, tensors: Mapping[str, Tensor], facts: Mapping[str, Any]) -> None:
    """Write a checkpoint through to the disk; readers see the old one or the new one, whole."""
    with at_once(path) as part:
        save_file(
            {name: _plain(x) for name, x in tensors.items()},
            part,
            {"facts": json.dumps({"format": FORMAT, **facts})},
        )


def load(path: Path, device: str) -> tuple[Tensors, dict[str, Any]]:
    """Tensors on `device`, and the facts beside them.

    Raises
    ------
    UserError
        If the file is damaged.
    """
    try:
        with safe_open(path, "pt", device=device) as file:
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            facts = json_values(file.metadata()["facts"], str(path), REMEDY)
            read_values(_Facts, facts, str(path), REMEDY)
            return tensors, facts
    except UserError:
        raise
    except (SafetensorError, OSError, ValueError, KeyError, TypeError) as error:
        raise UserError(f"{path}: {error}; {REMEDY}") from None


@contextmanager
def fitting(path: Path) -> Iterator[None]:
    """Context that turns tensors that do not fit into a `UserError`."""
    try:
        yield
    except (KeyError, ValueError, RuntimeError, TypeError) as error:
        reason = " ".join(str(error).split())[:200]
        raise UserError(f"{path}: tensors do not fit ({reason}); {REMEDY}") from None


def named(prefix: str, tensors: Mapping[Any, Tensor]) -> Tensors:
    """The same tensors under ``prefix.name``."""
    return {f"{prefix}.{name}": x for name, x in tensors.items()}


def under(prefix: str, tensors: Mapping[str, Tensor]) -> Tensors:
    """The tensors that `named` put under `prefix`, by their own names."""
    return {name[len(prefix) + 1 :]: x for name, x in tensors.items() if name.startswith(f"{prefix}.")}


def optimiser_tensors(optimiser: torch.optim.Optimizer) -> Tensors:
    """State of an optimiser as ``parameter.quantity``."""
    state = optimiser.state_dict()["state"]
    return {f"{i}.{name}": x for i, values in state.items() for name, x in values.items()}


def restore_optimiser(optimiser: torch.optim.Optimizer, tensors: Mapping[str, Tensor]) -> None:
    """Put back what `optimiser_tensors` gave."""
    state: dict[int, Tensors] = {}
    for key, x in tensors.items():
        parameter, _, name = key.partition(".")
        state.setdefault(int(parameter), {})[name] = x
    optimiser.load_state_dict({"state": state, "param_groups": optimiser.state_dict()["param_groups"]})


def _plain(x: Tensor) -> Tensor:
    """A copy of its own on the CPU: files hold no views and no other memory layouts."""
    return x.detach().cpu().clone(memory_format=torch.contiguous_format)
