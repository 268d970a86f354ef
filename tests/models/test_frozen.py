from __future__ import annotations

import torch
from torch import Generator, nn

from assay.models import optimisers
from assay.models.frozen import Frozen
from assay.models.layers import Dropout


class Trunk(nn.Sequential):
    """With what training would change: weights, statistics of batches."""

    out_features = 4

    def __init__(self) -> None:
        super().__init__(nn.Flatten(), nn.Linear(12, 4), nn.BatchNorm1d(4), nn.Dropout(0.5))


def network(trunk: nn.Module | None) -> Frozen:
    torch.manual_seed(0)
    return Frozen(trunk, 4, 8, Dropout(0.0, Generator()))


def test_a_frozen_trunk_neither_learns_nor_takes_the_statistics_of_batches():
    trunk = Trunk()
    before = {name: x.clone() for name, x in trunk.state_dict().items()}
    whole = network(trunk).train()
    optimiser = optimisers.SGD((p for p in whole.parameters() if p.requires_grad), lr=0.1)
    whole(torch.rand(6, 3, 2, 2)).sum().backward()
    optimiser.step()
    assert all(torch.equal(x, before[name]) for name, x in trunk.state_dict().items())


def test_known_features_go_on_as_the_trunks_own_do_and_of_views_the_first():
    trunk, x = Trunk().eval(), torch.rand(6, 3, 2, 2)
    whole, behind = network(trunk).eval(), network(None).eval()
    known = trunk(x)
    assert torch.equal(whole(x), behind(known))
    assert torch.equal(behind(known), behind(torch.stack((known, torch.rand(6, 4)), 2)))


def test_the_scale_of_a_trunk_does_not_matter():
    behind, known = network(None).eval(), torch.rand(6, 4)
    assert torch.allclose(behind(known), behind(1000 * known), atol=1e-3)
