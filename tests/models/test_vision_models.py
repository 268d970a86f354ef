from __future__ import annotations

import math
import os

import pytest
import safetensors.torch
import torch
from torch import Generator, Tensor, nn

from assay.errors import UserError
from assay.methods.base import Classifier
from assay.models.checkpoint import facts, load_trunk, published_name, save_trunk
from assay.models.layers import initialise
from assay.models.mixer import Mixer
from assay.models.resnet import ResNet1d, ResNet2d
from assay.models.signfi_cnn import SignFiCnn
from assay.models.table import BACKBONES, chosen
from assay.models.timm_model import Timm
from assay.models.vit import Vit

PHOTO, ICON = (3, 224, 224), (2, 8, 12)
NARROW = (4, 8, 8, 16)
"""Widths of stages where files hold the names of a published network, and none of its weights."""
SMALL_VIT = Vit(patch=4, dim=12, depth=2, heads=3, mlp=20)
SMALL_MIXER = Mixer(patch=4, dim=10, depth=2)


# -- sizes --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "parameters"),
    [
        (Vit(), 85_778_698),
        (Vit(dim=384, heads=6, mlp=1536), 21_655_690),
        (Mixer(), 59_119_162),
        (Mixer(dim=512, depth=8), 18_020_394),
        (Mixer(dim=1024, depth=24), 207_181_418),
        (ResNet2d(50), 23_528_522),
    ],
)
def test_networks_have_the_published_size(settings, parameters):
    with torch.device("meta"):
        network = Classifier(settings.build(PHOTO, Generator()), 10)
    assert sum(p.numel() for p in network.parameters()) == parameters


@pytest.mark.parametrize("text", ["vit", "mixer", "vit_small:patch=12", "mixer_small:patch=12"])
@pytest.mark.parametrize("shape", [(3, 40, 48), (3, 48, 40)])
def test_a_side_that_patches_do_not_fill_is_refused(text, shape):
    with pytest.raises(UserError, match=r"^backbone (vit|mixer): patch=1[26]: .* 4[08] × 4[08]$"):
        chosen(text, "image", shape)


@pytest.mark.parametrize("text", ["vit", "mixer"])
def test_items_that_are_no_images_are_refused(text):
    with pytest.raises(UserError, match=f"backbone {text}: takes images"):
        chosen(text, "signal", (6, 40))


def test_heads_share_out_a_token():
    with pytest.raises(UserError, match=r"backbone vit: dim=102: .* heads=4$"):
        chosen("vit_small:dim=102", "image", (3, 64, 64))


# -- independent forms --------------------------------------------------------------------------------


def drawn(settings, seed: int = 0) -> nn.Module:
    """A network in float64 whose every parameter matters: norms and biases are drawn too."""
    network = settings.build(ICON, Generator().manual_seed(7)).double()
    generator = Generator().manual_seed(seed)
    for parameter in network.parameters():
        nn.init.normal_(parameter, std=0.5, generator=generator)
    return network.eval()


def images(count: int = 3) -> Tensor:
    return torch.randn(count, *ICON, dtype=torch.float64, generator=Generator().manual_seed(1))


def cut(x: Tensor, patch: int) -> Tensor:
    tiles = [
        x[:, :, top : top + patch, left : left + patch].flatten(1)
        for top in range(0, x.shape[2], patch)
        for left in range(0, x.shape[3], patch)
    ]
    return torch.stack(tiles, 1)


def normalised(x: Tensor, w: dict[str, Tensor], name: str) -> Tensor:
    centred = x - x.mean(-1, keepdim=True)
    scale = (centred.square().mean(-1, keepdim=True) + 1e-5).sqrt()
    return centred / scale * w[f"{name}.weight"] + w[f"{name}.bias"]


def perceptron(x: Tensor, w: dict[str, Tensor], name: str) -> Tensor:
    hidden = torch.einsum("...i,oi->...o", x, w[f"{name}.0.weight"]) + w[f"{name}.0.bias"]
    hidden = hidden * 0.5 * (1 + torch.erf(hidden / math.sqrt(2)))
    return torch.einsum("...i,oi->...o", hidden, w[f"{name}.3.weight"]) + w[f"{name}.3.bias"]


def embedded(x: Tensor, w: dict[str, Tensor]) -> Tensor:
    return torch.einsum("npi,oi->npo", cut(x, 4), w["embedding.weight"]) + w["embedding.bias"]


def reference_vit(x: Tensor, w: dict[str, Tensor]) -> tuple[Tensor, list[Tensor]]:
    """Features, and every block's attention, head by head with the softmax written out."""
    first = w["class_token"].expand(len(x), 1, 12)
    x, attentions = torch.cat((first, embedded(x, w)), 1) + w["position"], []
    for block in ("blocks.0", "blocks.1"):
        read = normalised(x, w, f"{block}.norm")
        query, key, value = (read @ part.T for part in w[f"{block}.attention.qkv.weight"].split(12))
        heads, mixed = [], []
        for q, k, v in zip(query.split(4, 2), key.split(4, 2), value.split(4, 2)):
            odds = torch.exp(torch.einsum("nqd,nkd->nqk", q, k) / 2)  # the root of a head's width, 4
            heads.append(odds / odds.sum(2, keepdim=True))
            mixed.append(heads[-1] @ v)
        out = torch.cat(mixed, 2) @ w[f"{block}.attention.out.weight"].T + w[f"{block}.attention.out.bias"]
        x = x + out
        x = x + perceptron(normalised(x, w, f"{block}.mlp.0"), w, f"{block}.mlp.1")
        attentions.append(torch.stack(heads, 1))
    return normalised(x, w, "norm")[:, 0], attentions


def reference_mixer(x: Tensor, w: dict[str, Tensor]) -> Tensor:
    x = embedded(x, w)
    for block in ("blocks.0", "blocks.1"):
        read = torch.einsum("npc->ncp", normalised(x, w, f"{block}.norm"))
        x = x + torch.einsum("ncp->npc", perceptron(read, w, f"{block}.across_tokens"))
        read = normalised(x, w, f"{block}.across_channels.0")
        x = x + perceptron(read, w, f"{block}.across_channels.1")
    return normalised(x, w, "norm").mean(1)


@pytest.mark.parametrize(
    ("settings", "reference"),
    [(SMALL_VIT, lambda x, w: reference_vit(x, w)[0]), (SMALL_MIXER, reference_mixer)],
)
def test_networks_are_their_formulas(settings, reference):
    network, x = drawn(settings), images().requires_grad_()
    weights = dict(network.named_parameters())
    found, wanted = network(x), reference(x, weights)
    torch.testing.assert_close(found, wanted)
    direction = torch.randn(found.shape, dtype=torch.float64, generator=Generator().manual_seed(2))
    inputs = [x, *weights.values()]
    gradients = zip(
        torch.autograd.grad(found, inputs, direction), torch.autograd.grad(wanted, inputs, direction)
    )
    for name, (own, other) in zip(["x", *weights], gradients):
        torch.testing.assert_close(own, other, msg=lambda text, name=name: f"{name}: {text}")


def test_attention_is_what_the_class_token_takes_from_each_patch():
    network, x = drawn(SMALL_VIT), images()
    _, attentions = reference_vit(x, dict(network.named_parameters()))
    for block, wanted in enumerate(attentions):
        found = network.attention(x, block)
        assert found.shape == (3, 3, 2, 3)
        torch.testing.assert_close(found.flatten(2), wanted[:, :, 0, 1:])
        torch.testing.assert_close(found.sum((2, 3)) + wanted[:, :, 0, 0], torch.ones_like(found[:, :, 0, 0]))
    torch.testing.assert_close(network.attention(x), network.attention(x, 1))


@pytest.mark.parametrize("name", ["vit_small", "mixer_small"])
def test_networks_run_in_bf16(name):
    network = BACKBONES[name].build((3, 16, 16), Generator()).eval()
    initialise(network, Generator().manual_seed(0))
    x = torch.randn(2, 3, 16, 16, generator=Generator().manual_seed(1))
    with torch.autocast("cpu", torch.bfloat16):
        rough = network(x)
    torch.testing.assert_close(rough.float(), network(x), rtol=0.05, atol=0.1)


# -- randomness ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("settings", [SMALL_VIT, SMALL_MIXER])
def test_the_same_seed_gives_the_same_weights(settings):
    def weights(seed: int, global_seed: int) -> Tensor:
        torch.manual_seed(global_seed)
        network = initialise(settings.build(ICON, Generator()), Generator().manual_seed(seed))
        return torch.cat([p.flatten() for p in network.parameters()])

    assert torch.equal(weights(3, 1), weights(3, 2))
    assert not torch.equal(weights(3, 1), weights(4, 1))


def test_class_token_and_positions_start_from_unit_normals():
    network = Vit(patch=4, dim=256, depth=1, heads=4).build((3, 64, 64), Generator())
    initialise(network, Generator().manual_seed(0))
    assert network.position.std().item() == pytest.approx(1, abs=0.02)
    assert network.class_token.std().item() == pytest.approx(1, abs=0.2)


def test_tokens_of_other_networks_start_from_small_normals_after_their_layers():
    network = nn.ParameterDict({"token": torch.zeros(1, 5)})
    network.layer = nn.Linear(4, 3)
    initialise(network, Generator().manual_seed(0))
    generator = Generator().manual_seed(0)
    weight = nn.init.xavier_uniform_(torch.zeros(3, 4), generator=generator)
    assert torch.equal(network.layer.weight, weight)
    assert torch.equal(network["token"], nn.init.normal_(torch.zeros(1, 5), std=0.02, generator=generator))


def test_dropout_follows_the_embedding_and_every_dense_layer_but_qkv():
    network, widths = drawn(SMALL_VIT).train(), []
    network.dropout.register_forward_hook(lambda module, inputs, output: widths.append(tuple(output.shape)))
    torch.manual_seed(0)
    first = network(images())
    token, hidden = (3, 7, 12), (3, 7, 20)
    assert widths == [token] + 2 * [token, hidden, token]
    torch.manual_seed(1)
    assert torch.equal(drawn(SMALL_VIT).train()(images()), first), "masks come from the network's generator"
    assert not torch.equal(network(images()), first), "and are drawn anew"


# -- files --------------------------------------------------------------------------------------------


def scrambled(network: nn.Module, seed: int = 5) -> nn.Module:
    """Every weight and running statistic drawn, so that none can take another's place unseen."""
    generator = Generator().manual_seed(seed)
    for name, x in network.state_dict().items():
        if x.is_floating_point():
            low, high = (0.5, 1.5) if "var" in name else (-0.1, 0.1)
            x.uniform_(low, high, generator=generator)
    return network.eval()


def resnet(depth: int = 18, widths: tuple[int, ...] = NARROW) -> nn.Module:
    return ResNet2d(depth, widths).build(PHOTO, Generator()).eval()


def foreign(depth: int) -> nn.Module:
    try:
        return scrambled(Timm(f"resnet{depth}").build(PHOTO, Generator()))
    except UserError as error:
        pytest.skip(f"no published network to compare with: {error}")


def published(depth: int = 18) -> dict[str, Tensor]:
    """A file's content in torchvision's names, from our own network, and its head."""
    state = scrambled(resnet(depth)).state_dict()
    named = {published_name(name, depth): x for name, x in state.items()}
    return {**named, "fc.weight": torch.ones(10, NARROW[-1]), "fc.bias": torch.ones(10)}


def put(state, path):
    if path.suffix == ".safetensors":
        safetensors.torch.save_file(state, path)
    else:
        torch.save(state, path)
    return path


@pytest.mark.parametrize(("depth", "ending"), [(18, ".safetensors"), (34, ".pt"), (50, ".pth")])
def test_a_published_resnet_gives_the_same_features_here(depth, ending, tmp_path):
    theirs, ours = foreign(depth), resnet(depth, ResNet2d.widths)
    state = dict(theirs.network.state_dict()) | {"fc.weight": torch.ones(10, 4), "fc.bias": torch.ones(10)}
    path = put(state, tmp_path / f"trunk{ending}")
    load_trunk(ours, path)
    assert facts(path) == {}
    x = torch.randn(2, 3, 64, 64, generator=Generator().manual_seed(0))
    with torch.no_grad():
        wanted, found = theirs(x), ours(x)
    assert wanted.std() > 1e-3
    torch.testing.assert_close(found, wanted, rtol=1e-5, atol=1e-5 * wanted.abs().max().item())


@pytest.mark.parametrize(("depth", "blocks", "layers"), [(18, (2, 2, 2, 2), 2), (50, (3, 4, 6, 3), 3)])
def test_our_layers_are_in_the_published_order(depth, blocks, layers):
    norm = ("weight", "bias", "running_mean", "running_var", "num_batches_tracked")

    def pair(conv: str, bn: str) -> list[str]:
        return [f"{conv}.weight", *(f"{bn}.{part}" for part in norm)]

    names = pair("conv1", "bn1")
    for stage, count in enumerate(blocks, 1):
        for block in (f"layer{stage}.{index}" for index in range(count)):
            for layer in range(1, layers + 1):
                names += pair(f"{block}.conv{layer}", f"{block}.bn{layer}")
            if block.endswith(".0") and (layers == 3 or stage > 1):
                names += pair(f"{block}.downsample.0", f"{block}.downsample.1")
    assert [published_name(name, depth) for name in resnet(depth).state_dict()] == names


def test_files_from_before_batches_were_counted_are_read(tmp_path):
    state = {name: x for name, x in published().items() if "num_batches" not in name}
    network = resnet()
    load_trunk(network, put(state, tmp_path / "old.pth"))
    assert torch.equal(
        network.state_dict()["stages.7.body.2.1.running_var"], state["layer4.1.bn2.running_var"]
    )
    assert network.state_dict()["stem.0.1.num_batches_tracked"] == 0


@pytest.mark.parametrize("settings", [SMALL_VIT, SMALL_MIXER, ResNet2d(18, NARROW), SignFiCnn(8)])
def test_our_own_files_come_back_byte_for_byte(settings, tmp_path):
    def built() -> nn.Module:
        shape = PHOTO if isinstance(settings, ResNet2d) else (2, 64, 36)
        return settings.build(shape, Generator()).to(memory_format=torch.channels_last)

    about = {name: name.upper() for name in ["iterations", "data", "seed", "licence", "source"]}
    first, second, network = tmp_path / "new" / "a.safetensors", tmp_path / "b.safetensors", built()
    save_trunk(scrambled(network), first, about)
    load_trunk(other := built(), first)
    save_trunk(other, second, dict(reversed(about.items())))
    assert facts(first) == facts(second) == about
    assert first.read_bytes() == second.read_bytes()
    assert all(torch.equal(a, b) for a, b in zip(network.state_dict().values(), other.state_dict().values()))
    assert list(first.parent.iterdir()) == [first]


def test_a_save_that_fails_leaves_the_old_file(tmp_path, monkeypatch):
    def full(_: int) -> None:
        raise OSError("no space left")

    path, network = tmp_path / "a.safetensors", SMALL_VIT.build(ICON, Generator())
    save_trunk(network, path, {"try": "first"})
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="no space left"):
        save_trunk(network, path, {"try": "second"})
    assert facts(path) == {"try": "first"}
    assert list(tmp_path.iterdir()) == [path]


def changed(state: dict[str, Tensor], change: str) -> dict[str, Tensor]:
    if change == "missing":
        del state["layer3.0.downsample.1.running_mean"]
    if change == "no stem":
        del state["conv1.weight"]
    if change == "shape":
        state["layer3.0.conv1.weight"] = state["layer3.0.conv1.weight"][:, :, :1]
    if change == "superfluous":
        state["layer3.2.conv1.weight"] = torch.ones(2, 2)
    return state


@pytest.mark.parametrize("ending", [".pth", ".safetensors"])
@pytest.mark.parametrize(
    ("change", "key"),
    [
        ("missing", "layer3.0.downsample.1.running_mean: is missing"),
        ("no stem", "conv1.weight: is missing"),
        ("shape", "layer3.0.conv1.weight: shape"),
        ("superfluous", "layer3.2.conv1.weight: the network has no such tensor"),
    ],
)
def test_a_file_that_does_not_fit_is_refused_and_nothing_is_loaded(change, key, ending, tmp_path):
    network = resnet()
    before = {name: x.clone() for name, x in network.state_dict().items()}
    state = {name: x.contiguous() for name, x in changed(published(), change).items()}
    path = put(state, tmp_path / f"trunk{ending}")
    assert refusal(network, path).startswith(f"{path}: {key}")
    assert all(torch.equal(x, before[name]) for name, x in network.state_dict().items())


def refusal(network: nn.Module, path) -> str:
    with pytest.raises(UserError) as caught:
        load_trunk(network, path)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_weights_of_another_network_are_refused(tmp_path):
    foreign, own = put(published(), tmp_path / "foreign.pth"), tmp_path / "own.safetensors"
    save_trunk(SMALL_VIT.build(ICON, Generator()), own, {})
    assert "layer1.2.conv1.weight: is missing" in refusal(resnet(34), foreign)
    assert "layer1.0.conv1.weight: shape" in refusal(resnet(50), foreign)
    assert "conv1.weight: shape" in refusal(ResNet1d(18, NARROW).build((121, 512), Generator()), foreign)
    assert "class_token: is missing" in refusal(SMALL_VIT.build(ICON, Generator()), foreign)
    assert "stem.0.0.weight: is missing" in refusal(resnet(), own)
    assert "position: shape (1, 7, 12) instead of (1, 5, 12)" in refusal(
        SMALL_VIT.build((2, 8, 8), Generator()), own
    )
    assert "blocks.1.attention.out.bias: the network has no such tensor" in refusal(
        Vit(patch=4, dim=12, depth=1, heads=3, mlp=20).build(ICON, Generator()), own
    )


@pytest.mark.parametrize("ending", [".pth", ".pt", ".safetensors"])
@pytest.mark.parametrize("damage", ["absent", "empty", "half", "text"])
def test_damaged_files_are_refused(damage, ending, tmp_path):
    path = put(published(), tmp_path / f"trunk{ending}")
    whole = path.read_bytes()
    path.unlink()
    if damage != "absent":
        path.write_bytes({"empty": b"", "half": whole[: len(whole) // 2], "text": b"hello there\n"}[damage])
    wanted = "no such file" if damage == "absent" else "cannot be read as weights: "
    assert refusal(resnet(), path).startswith(f"{path}: {wanted}")
    with pytest.raises(UserError, match=wanted):
        facts(path)


class Intruder:
    def __init__(self, path) -> None:
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


@pytest.mark.parametrize("content", [{"epoch": 3, "state_dict": {}}, [1, 2], {1: torch.ones(2)}])
def test_pickles_of_other_things_are_refused(content, tmp_path):
    assert "not a state dict" in refusal(resnet(), put(content, tmp_path / "trunk.pth"))


def test_a_pickle_runs_nothing(tmp_path):
    path = put({"conv1.weight": Intruder(tmp_path / "ran")}, tmp_path / "trunk.pth")
    assert "cannot be read as weights" in refusal(resnet(), path)
    assert not (tmp_path / "ran").exists()
