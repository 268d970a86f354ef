"""Pre-trained trunks: weights of a backbone in a file, ours or a ResNet's in torchvision's names."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from safetensors.torch import save
from torch import Tensor, nn

from assay.errors import UserError
from assay.files import FORMAT, replace_file
from assay.models.resnet import BLOCKS, ResNet
from assay.strict import json_values

Tensors = dict[str, Tensor]
FACTS = "assay"  # the one entry of a file's metadata: the format keeps several in no order


def save_trunk(network: nn.Module, path: Path, about: Mapping[str, str]) -> None:
    """Write the weights of a backbone's network, and facts about them, to a safetensors file at once.

    Equal weights and facts give equal bytes. Readers see the old file or the new one, whole.
    """
    replace_file(
        path, to_bytes(network.state_dict(), json.dumps({"format": FORMAT, **about}, sort_keys=True))
    )


def to_bytes(tensors: Tensors, about: str) -> bytes:
    """Tensors and a line of facts about them as a safetensors file; equal ones give equal bytes."""
    return save({name: _plain(x) for name, x in tensors.items()}, {FACTS: about})


def fill(network: nn.Module, tensors: Tensors, path: Path) -> None:
    """Give a network the weights of a file.

    Raises
    ------
    UserError
        If a tensor is missing, superfluous or of another shape; the network is then left as it is.
    """
    wanted = network.state_dict()
    _check(wanted, {name: name for name in wanted}, tensors, path)
    network.load_state_dict(tensors)


def load_trunk(network: nn.Module, path: Path) -> None:
    """Fill a backbone's network with the weights in a file.

    Parameters
    ----------
    network : nn.Module
        From a backbone's ``build``, without a head; left as it is if the file does not fit.
    path : Path
        What `save_trunk` wrote, or for an image ResNet the state dict of torchvision's (or timm's) ResNet of
        the same depth, ``.pth``, ``.pt`` or ``.safetensors``; its head, every key with "fc", is left out.

    Raises
    ------
    UserError
        If there is no such file, it is damaged, or a tensor is missing, superfluous or of another shape.
    """
    tensors, _ = read(path)
    wanted = network.state_dict()
    if isinstance(network, ResNet) and any(name.startswith("layer1.") for name in tensors):
        names = {name: published_name(name, network.depth) for name in wanted}
        tensors = {name: x for name, x in tensors.items() if "fc" not in name}
        tensors = _counters(wanted, names) | tensors
    else:
        names = {name: name for name in wanted}
    _check(wanted, names, tensors, path)
    network.load_state_dict({name: tensors[names[name]] for name in wanted})


def facts(path: Path) -> dict[str, str]:
    """What `save_trunk` wrote beside the weights; nothing in foreign files.

    Raises
    ------
    UserError
        If there is no such file, or it is damaged.
    """
    found = read(path)[1]
    if not isinstance(found.get("backbone", ""), str):
        raise UserError(f"{path}: {FACTS}: backbone: {found['backbone']!r}; expected text")
    return found


def published_name(name: str, depth: int) -> str:
    """What torchvision calls a tensor of our image ResNet, ``stages.3.body.2.1.bias`` for example.

    That is ``layer2.0.bn2.bias`` at depth 34 or 50. Our blocks are counted through all stages, and every
    other part of a block's body is an activation.
    """
    kinds = ("conv", "bn")
    if stem := re.fullmatch(r"stem\.0\.([01])\.(\w+)", name):
        return f"{kinds[int(stem[1])]}1.{stem[2]}"
    blocks = [f"layer{stage}.{i}" for stage, count in enumerate(BLOCKS[depth], 1) for i in range(count)]
    if body := re.fullmatch(r"stages\.(\d+)\.body\.(\d)\.([01])\.(\w+)", name):
        return f"{blocks[int(body[1])]}.{kinds[int(body[3])]}{int(body[2]) // 2 + 1}.{body[4]}"
    _, block, _, rest = name.split(".", 3)
    return f"{blocks[int(block)]}.downsample.{rest}"


def _counters(wanted: Tensors, names: dict[str, str]) -> Tensors:
    """The network's own counts of batches, by the file's names: files of old PyTorch versions have none."""
    return {names[name]: x for name, x in wanted.items() if name.endswith("num_batches_tracked")}


def _check(wanted: Tensors, names: dict[str, str], tensors: Tensors, path: Path) -> None:
    """Raise `UserError` unless the file has each tensor that is wanted, in its shape, and no others."""
    for name, x in wanted.items():
        found = tensors.get(names[name])
        if found is None:
            raise UserError(f"{path}: {names[name]}: is missing; the file is of another network")
        if found.shape != x.shape:
            shapes = f"{tuple(found.shape)} instead of {tuple(x.shape)}"
            raise UserError(f"{path}: {names[name]}: shape {shapes}; the file is of another network")
    for name in sorted(tensors.keys() - set(names.values())):
        raise UserError(f"{path}: {name}: the network has no such tensor; the file is of another one")


def read(path: Path) -> tuple[Tensors, dict[str, Any]]:
    """The tensors of a file of weights, and the facts that were written beside them; foreign files have none.

    Raises
    ------
    UserError
        If there is no such file, or it is damaged.
    """
    if path.is_dir():
        raise UserError(f"{path}: is a folder; expected a file of weights")
    if not path.is_file():
        raise UserError(f"{path}: no such file")
    reader = _read_pickle if path.suffix in (".pth", ".pt") else _read_safetensors
    try:
        return reader(path)
    except Exception as error:  # damaged bytes can raise anything
        reason = next(iter(str(error).splitlines()), type(error).__name__)
        raise UserError(f"{path}: cannot be read as weights: {reason}") from None


def _read_safetensors(path: Path) -> tuple[Tensors, dict[str, Any]]:
    with safe_open(path, "pt") as file:
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        return tensors, json_values((file.metadata() or {}).get(FACTS, "{}"), FACTS)


def _read_pickle(path: Path) -> tuple[Tensors, dict[str, Any]]:
    state: Any = torch.load(path, map_location="cpu", weights_only=True)
    named = isinstance(state, dict) and all(isinstance(name, str) for name in state)
    if not named or not all(isinstance(x, Tensor) for x in state.values()):
        raise ValueError("not a state dict, which names tensors and nothing else")
    return dict(state), {}


def _plain(x: Tensor) -> Tensor:
    """A copy of its own on the CPU: files hold no views and no other memory layouts."""
    return x.detach().cpu().clone(memory_format=torch.contiguous_format)
