from __future__ import annotations

import importlib.util

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose
from torch import Generator, nn

from assay.errors import UserError
from assay.methods.base import Classifier, to_channels_last
from assay.methods.syncheck import OpenClassifier
from assay.models.layers import Dropout, initialise
from assay.models.networks import NETWORKS
from assay.models.resnet import Conv1d, Conv2d, ResNet1d, ResNet2d
from assay.models.signfi_cnn import SignFiCnn
from assay.models.timm_model import Timm
from tests.support import GOLDEN

CSI, DOPPLER, PHOTO = (3, 200, 30), (121, 512), (3, 224, 224)
VALUES = np.load(GOLDEN / "signfi_cnn.npz")


def count(network: nn.Module) -> int:
    return sum(p.numel() for p in network.parameters())


def golden_network() -> OpenClassifier:
    network = OpenClassifier(SignFiCnn(width=3).build(CSI, Generator()), classes=5)
    renamed = {"fc.weight": "closed.weight", "fc.bias": "closed.bias", "fc_open.weight": "open.weight"}
    published = {key[2:]: torch.from_numpy(VALUES[key]) for key in VALUES if key.startswith("w.")}
    network.load_state_dict({renamed.get(key, f"backbone.{key}"): value for key, value in published.items()})
    return network.eval()


@pytest.mark.parametrize("layout", [lambda network: network, to_channels_last])
def test_signfi_cnn_matches_the_published_network(layout):
    closed, opened = layout(golden_network())(torch.from_numpy(VALUES["x"]))
    assert_allclose(closed.detach(), VALUES["logits"], rtol=1e-5, atol=1e-6)
    assert_allclose(opened.flatten(1).detach(), VALUES["logits_open"], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(("width", "parameters"), [(64, 644_530), (128, 2_534_194), (256, 10_049_074)])
def test_signfi_cnn_has_the_published_size(width, parameters):
    with torch.device("meta"):
        assert count(OpenClassifier(SignFiCnn(width).build(CSI, Generator()), 50)) == parameters


@pytest.mark.parametrize(("depth", "parameters"), [(18, 4_141_958), (34, 7_590_278), (50, 16_683_654)])
def test_resnet_1d_has_the_published_size(depth, parameters):
    with torch.device("meta"):
        assert count(OpenClassifier(ResNet1d(depth).build(DOPPLER, Generator()), 6)) == parameters


def test_resnet_1d_shortens_as_published():
    network = ResNet1d(18).build(DOPPLER, Generator()).eval()
    x, lengths = network.stem(torch.zeros(1, *DOPPLER)), []
    for block in network.stages:
        x = block(x)
        lengths.append(x.shape[2])
    assert lengths == [128, 128, 64, 64, 32, 32, 16, 16]


def test_resnet_50_for_images_has_the_published_size():
    with torch.device("meta"):
        assert count(Classifier(ResNet2d(50).build(PHOTO, Generator()), 10)) == 23_528_522


@pytest.mark.parametrize("name", [name for name in NETWORKS if name != "timm"])
@pytest.mark.parametrize("shape", [(1, 8, 8), (3, 64, 64), CSI, (6, 40), (10,)])
def test_every_backbone_that_takes_a_shape_gives_its_features(name, shape):
    suits = {
        "signfi_cnn": shape == CSI,
        "cnn2d": len(shape) == 3,
        "resnet2d": len(shape) == 3,
        "resnet2d_small": len(shape) == 3,
        "resnet2d_fast": len(shape) == 3,
        "vit": shape == (3, 64, 64),
        "vit_small": shape in ((1, 8, 8), (3, 64, 64)),
        "mixer": shape == (3, 64, 64),
        "mixer_small": shape in ((1, 8, 8), (3, 64, 64)),
    }
    if not suits.get(name, True):
        pytest.skip(f"{name} is not made for items of shape {shape}")
    network = NETWORKS[name].build(shape, Generator()).eval()
    assert network(torch.zeros(2, *shape)).shape == (2, network.out_features)


def test_a_1d_network_reads_time_along_time():
    network = NETWORKS["cnn1d"].build(CSI, Generator())
    assert network.blocks[0][0].in_channels == 90
    x = torch.randn(2, *CSI, generator=Generator().manual_seed(0))
    x[:, :, 100:] = 0
    first = network.blocks[0][0](x.transpose(2, 3).flatten(1, 2))
    assert (first[:, :, 104:] == 0).all()
    assert (first[:, :, :96] != 0).any()


def test_initial_weights_come_from_the_generator_alone():
    torch.manual_seed(1)
    networks = []
    for global_seed in (1, 2):
        torch.manual_seed(global_seed)
        network = ResNet2d(10, (8, 8, 8, 8)).build((3, 32, 32), Generator())
        networks.append(initialise(network, Generator().manual_seed(5)).state_dict())
    assert all(torch.equal(a, b) for a, b in zip(networks[0].values(), networks[1].values()))
    other = initialise(ResNet2d(10, (8, 8, 8, 8)).build((3, 32, 32), Generator()), Generator().manual_seed(6))
    assert not torch.equal(networks[0]["stem.0.0.weight"], other.state_dict()["stem.0.0.weight"])


def test_initialise_is_xavier_uniform_with_zero_biases():
    layer = nn.Linear(300, 500)
    initialise(layer, Generator().manual_seed(0))
    bound = (6 / 800) ** 0.5
    assert layer.bias.abs().max() == 0
    assert 0.99 * bound < layer.weight.abs().max() <= bound


def test_dropout_is_unbiased_and_its_own():
    x = torch.ones(200, 500)
    dropout = Dropout(0.3, Generator().manual_seed(0))
    y = dropout(x)
    assert_allclose(y.mean(), 1, atol=0.01)
    assert y.unique().tolist() == pytest.approx([0, 1 / 0.7])
    torch.manual_seed(3)
    assert torch.equal(Dropout(0.3, Generator().manual_seed(0))(x), y)
    assert torch.equal(dropout.eval()(x), x)


def test_timm_networks_or_how_to_get_them():
    if importlib.util.find_spec("timm") is None:
        with pytest.raises(UserError, match=r"assay\[timm\]"):
            Timm().build((3, 64, 64), Generator())
        return
    network = Timm("test_resnet").build((3, 64, 64), Generator()).eval()
    assert network(torch.zeros(2, 3, 64, 64)).shape == (2, network.out_features)
    with pytest.raises(UserError, match="no such network"):
        Timm("test_resnot").build((3, 64, 64), Generator())


@pytest.mark.parametrize("shape", [(1, 1), (1, 3), (3, 1), (2, 2), (1,), (2,)])
def test_gradients_of_strided_convolutions_are_made_of_what_was_written(shape):
    kinds = (Conv2d, torch.nn.Conv2d) if len(shape) == 2 else (Conv1d, torch.nn.Conv1d)
    found, plain = (kind(8, 8, 3, 2, 1, bias=False) for kind in kinds)
    plain.load_state_dict(found.state_dict())
    x = torch.randn(8, 8, *shape, generator=torch.Generator().manual_seed(0))
    plain(x).square().sum().backward()
    for _ in range(8):
        unwritten = [torch.full((n,), torch.nan, dtype=torch.bfloat16) for n in (64, 1024, 4096, 65536) * 3]
        del unwritten
        found.weight.grad = None
        with torch.autocast("cpu", torch.bfloat16):
            y = found(x)
        y.float().square().sum().backward()
        error = (found.weight.grad - plain.weight.grad).abs().max()
        assert error < 0.03 * plain.weight.grad.abs().max(), "NaN is not smaller either"
