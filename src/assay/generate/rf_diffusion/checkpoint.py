"""One checkpoint of a training: weights and optimiser after the last finished epoch, in safetensors."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor, nn
from torch.optim import Optimizer

from assay.errors import UserError
from assay.files import FORMAT, replace_file
from assay.strict import json_values

FILE = "rf_diffusion.safetensors"
FACTS = "facts"  # the one entry of the metadata: safetensors keeps several in no order
REMEDY = "remove it"
Tensors = dict[str, Tensor]


@dataclass(frozen=True)
class Checkpoint:
    """Where it lies and what it belongs to.

    Parameters
    ----------
    folder : Path, optional
        Without it nothing is kept.
    identity : str
        Names data, settings and seed: a checkpoint of another training is not taken for this one's.
    """

    folder: Path | None
    identity: str

    def save(self, network: nn.Module, optimiser: Optimizer, averaged: Tensors, epochs: int) -> None:
        """Replace the file at once: it is either the old one or the new one, never half of it."""
        if self.folder is None:
            return
        about = json.dumps({"format": FORMAT, "identity": self.identity, "epochs": epochs})
        content = save(_tensors(network, optimiser, averaged), {FACTS: about})
        replace_file(self.folder / FILE, content)

    def load(self, network: nn.Module, optimiser: Optimizer, averaged: Tensors, most: int) -> int:
        """Fill network, optimiser and averaged weights from the file; its epochs, 0 if there is none.

        Raises
        ------
        UserError
            If the file is damaged, of a later Assay, of other data, settings or seed, or has more than `most`
            epochs behind it.
        """
        if self.folder is None or not (self.folder / FILE).is_file():
            return 0
        about, tensors = self._read(self.folder / FILE)
        epochs = str(about.get("epochs", ""))
        if not epochs.isdecimal() or len(epochs) > 9:
            raise UserError(f"rf_diffusion: {self.folder / FILE}: epochs: {epochs!r}; {REMEDY}")
        if int(epochs) > most:
            raise UserError(f"rf_diffusion: the checkpoint has {epochs} epochs, more than {most}")
        try:
            network.load_state_dict(_under("network.", tensors))
            optimiser.load_state_dict(_optimiser_state(optimiser, _under("optimiser.", tensors)))
            averaged.update(_under("averaged.", tensors))
        except (KeyError, ValueError, RuntimeError, TypeError) as error:
            reason = " ".join(str(error).split())[:200]
            raise UserError(
                f"rf_diffusion: {self.folder / FILE}: does not fit ({reason}); {REMEDY}"
            ) from None
        return int(epochs)

    def _read(self, path: Path) -> tuple[dict[str, Any], dict[str, Tensor]]:
        try:
            with safe_open(path, "pt") as file:
                about = _facts(file.metadata() or {}, path)
                tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        except (SafetensorError, OSError) as error:
            raise UserError(f"rf_diffusion: {path}: damaged checkpoint ({error}); {REMEDY}") from None
        if about.get("identity") != self.identity:
            raise UserError(
                f"rf_diffusion: {path}: checkpoint of other data, settings or seed; "
                "give another folder, or do not resume"
            )
        return about, tensors


def _facts(metadata: dict[str, str], path: Path) -> dict[str, Any]:
    """What is said beside the tensors; files of before there was a format have an entry for each fact."""
    text = metadata.get(FACTS)
    return dict(metadata) if text is None else json_values(text, f"rf_diffusion: {path}", REMEDY)


def _tensors(network: nn.Module, optimiser: Optimizer, averaged: Tensors) -> Tensors:
    weights = {f"network.{name}": value for name, value in network.state_dict().items()}
    moments = {
        f"optimiser.{number}.{name}": value
        for number, state in optimiser.state_dict()["state"].items()
        for name, value in state.items()
    }
    means = {f"averaged.{name}": value for name, value in averaged.items()}
    return {name: value.contiguous() for name, value in (weights | moments | means).items()}


def _under(prefix: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}


def _optimiser_state(optimiser: Optimizer, moments: dict[str, Tensor]) -> dict[str, Any]:
    state: dict[int, dict[str, Tensor]] = {}
    for key, value in moments.items():
        number, name = key.split(".")
        state.setdefault(int(number), {})[name] = value
    return {"state": state, "param_groups": optimiser.state_dict()["param_groups"]}
