from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import nn

from assay.errors import UserError
from assay.models.matching import matched

PLACE = Path("w.pth")


def network() -> nn.Module:
    return nn.Sequential(nn.Conv2d(3, 4, 1), nn.BatchNorm2d(4), nn.Conv2d(4, 4, 1), nn.BatchNorm2d(4))


def foreign(head: str = "_fc") -> dict[str, torch.Tensor]:
    """The same layers under other names, a classifier behind them, no counts of batches (old PyTorch)."""
    torch.manual_seed(0)
    theirs = {"_stem.weight": torch.randn(4, 3, 1, 1), "_stem.bias": torch.randn(4)}
    for norm in ("_bn0", "_bn1"):
        theirs |= {
            f"{norm}.{part}": torch.rand(4) for part in ("weight", "bias", "running_mean", "running_var")
        }
        if norm == "_bn0":
            theirs |= {"_proj.weight": torch.randn(4, 4), "_proj.bias": torch.randn(4)}
    return theirs | {f"{head}.weight": torch.randn(9, 4), f"{head}.bias": torch.randn(9)}


def test_layers_of_other_names_are_found_by_their_order():
    own, theirs = network().state_dict(), foreign()
    found = matched(own, theirs, PLACE, ordered=True)
    assert found.keys() == own.keys()
    assert torch.equal(found["0.weight"], theirs["_stem.weight"])
    assert torch.equal(found["1.running_var"], theirs["_bn0.running_var"])
    assert torch.equal(found["2.weight"][..., 0, 0], theirs["_proj.weight"])
    assert torch.equal(found["3.running_mean"], theirs["_bn1.running_mean"])
    network().load_state_dict(found)


@pytest.mark.parametrize(
    "spoilt",
    [
        dict(sorted(foreign().items())),  # the order of a safetensors file: biases first
        {name: x for name, x in foreign().items() if name != "_bn1.bias"},
        foreign(head="layer9"),  # left over, and no classifier
    ],
)
def test_an_order_that_does_not_fit_whole_is_refused(spoilt):
    with pytest.raises(UserError, match=r"w\.pth: 0\.weight, 0\.bias, 1\.weight and 9 more: not in the file"):
        matched(network().state_dict(), spoilt, PLACE, ordered=True)


def test_sorted_files_are_matched_by_name_alone():
    with pytest.raises(UserError, match="not in the file"):
        matched(network().state_dict(), foreign(), PLACE, ordered=False)
    own = network().state_dict()
    found = matched(own, {**own, "head.weight": torch.zeros(9, 4)}, PLACE, ordered=False)
    assert all(found[name] is x for name, x in own.items())


def test_a_deeper_network_of_the_same_names_is_refused():
    own = network().state_dict()
    with pytest.raises(UserError, match=r"4\.weight: the network has no such tensor"):
        matched(own, {**own, "4.weight": torch.zeros(4)}, PLACE, ordered=True)
