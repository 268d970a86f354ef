"""Augmentation against Pillow, colorsys and scipy, image by image."""

from __future__ import annotations

import colorsys
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image, ImageEnhance
from scipy.ndimage import gaussian_filter
from scipy.stats import chisquare, ks_2samp

from assay import UserError
from assay.data import augment
from assay.data.augment import Augmenter, augmenter
from assay.data.normalise import normaliser
from assay.types import Samples, Task
from tests.support.toys import same

PLACE, MIRROR, JITTER, GREY, BLUR = slice(20, 22), 22, 23, 28, 29  # columns of the uniform numbers
PLAIN = Augmenter("strong", torch.zeros(3, 1, 1), torch.ones(3, 1, 1))


def smooth(n: int = 6, height: int = 20, width: int = 20, seed: int = 0) -> torch.Tensor:
    """Images in [0, 1] of whole grey levels, with all hues and without jumps that would hide a shift."""
    noise = np.random.default_rng(seed).random((n, 3, height, width))
    blurry = gaussian_filter(noise, (0, 0, 2, 2))
    low, high = blurry.min((2, 3), keepdims=True), blurry.max((2, 3), keepdims=True)
    return torch.from_numpy(np.round(255 * (blurry - low) / (high - low)) / 255).float()


def pictures(x: torch.Tensor) -> list[Image.Image]:
    return [Image.fromarray(np.round(255 * one.permute(1, 2, 0).numpy()).astype(np.uint8)) for one in x]


def levels(pictures: list[Image.Image]) -> np.ndarray:
    return np.stack([np.asarray(one, float).transpose(2, 0, 1) for one in pictures])


def image_task(x: np.ndarray, **changes: object) -> Task:
    samples = Samples(x, np.arange(len(x)) % 2)
    return replace(
        Task("pets", ("cat", "dog"), samples, samples, normalise="channel", kind="image"), **changes
    )


def draws(n: int, seed: int = 0, colours: bool = False) -> torch.Tensor:
    """Uniform numbers as the augmenter takes them; without `colours` such that no colour step happens."""
    u = torch.rand((n, sum(augment.DRAWS)), generator=torch.Generator().manual_seed(seed))
    if not colours:
        u[:, [JITTER, GREY, BLUR]] = 0.99
    return u


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


FACTORS = torch.tensor([0.6, 0.8, 0.95, 1.05, 1.2, 1.4])


@pytest.mark.parametrize(
    ("step", "enhance"),
    [
        (augment.brightness, ImageEnhance.Brightness),
        (augment.contrast, ImageEnhance.Contrast),
        (augment.saturation, ImageEnhance.Color),
    ],
)
def test_brightness_contrast_and_saturation_are_pillows_within_a_grey_level(step, enhance):
    x = smooth()
    want = levels([enhance(one).enhance(float(f)) for one, f in zip(pictures(x), FACTORS)])
    got = 255 * step(x, FACTORS).numpy()
    assert np.abs(got - want).max() < 1.5
    assert np.abs(255 * x.numpy() - want).max() > 20, "the step does something"


def test_grey_is_pillows():
    want = np.stack([np.asarray(one.convert("L"), float) for one in pictures(smooth())])
    assert np.abs(255 * augment.luma(smooth()).numpy() - want).max() < 1.01


def test_hue_is_that_of_colorsys_for_all_colours_primaries_and_greys_too():
    steps = np.linspace(0, 1, 6, dtype=np.float32)
    colours = np.stack(np.meshgrid(steps, steps, steps), 0).reshape(3, 12, 18)
    for turn in (-1 / 6, -0.1, -0.03, 0.0, 0.05, 0.1, 1 / 6):
        x = torch.from_numpy(colours)[None]
        got = augment.hue(x, torch.tensor([turn]))[0].numpy().reshape(3, -1).T
        hsv = [colorsys.rgb_to_hsv(*map(float, colour)) for colour in colours.reshape(3, -1).T]
        want = [colorsys.hsv_to_rgb((h + turn) % 1, s, v) for h, s, v in hsv]
        assert np.abs(got - want).max() < 1e-5


@pytest.mark.parametrize("size", [64, 224])
def test_blur_is_scipys_with_sigma_scaled_to_the_size(size):
    sigma = torch.tensor([0.1, 0.7, 1.4, 2.0])
    x = torch.rand(4, 3, size, size, generator=torch.Generator().manual_seed(0))
    scaled = sigma.numpy() * size / 224
    want = np.stack([gaussian_filter(one, (0, s, s), mode="nearest") for one, s in zip(x.numpy(), scaled)])
    assert np.abs(augment.blurred(x, sigma).numpy() - want).max() < 0.005


@pytest.mark.parametrize("shape", [(20, 20), (18, 32), (31, 17)])
def test_crops_are_pillows_crops_resized_and_mirrored(shape, monkeypatch):
    seen = []
    stretched = augment.stretched
    monkeypatch.setattr(augment, "stretched", lambda *a: seen.append((a, stretched(*a))) or seen[-1][1])
    x, u = smooth(40, *shape), draws(40)
    got = PLAIN.looks(x, u, [])
    (height, high, down), (width, wide, right) = (call for call, _ in seen)
    for i in range(40):
        h, w = int(high[i]), int(wide[i])
        top, left = int(down[i] * (height - h + 1)), int(right[i] * (width - w + 1))
        for channel, found in zip(x[i].numpy(), got[i].numpy()):
            piece = Image.fromarray(channel[top : top + h, left : left + w])
            want = np.asarray(piece.resize((width, height), Image.Resampling.BILINEAR))
            assert np.abs(found - (want[:, ::-1] if u[i, MIRROR] < 0.5 else want)).max() < 1e-4


def published_boxes(n: int, height: int, width: int) -> np.ndarray:
    """Heights and widths as drawn one by one, try after try."""
    rng, found = np.random.default_rng(0), []
    while len(found) < n:
        area, ratio = rng.uniform(0.08, 1) * height * width, np.exp(rng.uniform(np.log(3 / 4), np.log(4 / 3)))
        h, w = round(np.sqrt(area / ratio)), round(np.sqrt(area * ratio))
        if h <= height and w <= width:
            found.append((h, w))
    return np.array(found)


@pytest.mark.parametrize(("height", "width"), [(64, 64), (60, 90)])
def test_boxes_are_distributed_as_published(height, width):
    u = draws(4000)
    at = augment.boxes((height, width), u[:, :10], u[:, 10:20], u[:, PLACE])
    step = [((a[:, a.shape[1] // 2] - a[:, a.shape[1] // 2 - 1]) * a.shape[1]).numpy() for a in at]
    got, want = np.round(np.stack(step, 1)), published_boxes(4000, height, width)
    share = got.prod(1) / (height * width)
    assert 0.07 < share.min() < 0.09
    assert 0.85 < share.max() <= 1
    for of in (lambda b: b.prod(1), lambda b: np.log(b[:, 1] / b[:, 0])):
        assert ks_2samp(of(got), of(want)).pvalue > 0.001
    top, left = (
        torch.floor(u[:, i] * (size - torch.from_numpy(got[:, j]) + 1))
        for i, j, size in ((20, 0, height), (21, 1, width))
    )
    assert torch.equal(at[0].min(1).values.floor(), top.float())
    assert torch.equal(at[1].min(1).values.floor(), left.float())


@pytest.mark.parametrize("swapped", [False, True])
def test_where_no_box_fits_the_middle_is_taken(swapped):
    tall, place = torch.full((3, 10), 0.9), torch.rand(3, 2, generator=seeded())
    short, long = augment.boxes((40, 4) if swapped else (4, 40), tall, tall, place)[:: -1 if swapped else 1]
    assert torch.allclose(short, torch.arange(4.0).expand(3, 4))
    assert (long.min(), long.max()) == (18, 22), "5 = round(4 × 4/3) of 40, from (40 - 5) / 2 on"


def test_weak_looks_are_all_the_crops_of_the_padded_image_each_as_often():
    x, n = smooth(1, 28, 28), 600
    looks = replace(PLAIN, kind="weak")(x.expand(n, -1, -1, -1), seeded())
    padded = np.pad(x[0].numpy(), ((0, 0), (2, 2), (2, 2)), mode="reflect")  # round(28 × 256 / 224) = 32
    crops = np.stack([padded[:, i : i + 28, j : j + 28] for i in range(5) for j in range(5)])
    crops = np.concatenate([crops, crops[..., ::-1]]).reshape(50, -1)
    away = np.abs(looks.numpy().reshape(n, 1, -1)[:, :, ::31] - crops[None, :, ::31]).max(2)
    assert away.min(1).max() < 1e-4
    assert chisquare(np.bincount(away.argmin(1), minlength=50)).pvalue > 0.001


def test_steps_happen_as_often_as_published(monkeypatch):
    n, counts = 2000, {"jittered": 0, "blurred": 0}

    def watch(name, step):
        def counted(x, *args):
            counts[name] += len(x)
            return step(x, *args)

        monkeypatch.setattr(augment, name, counted)

    for name in list(counts):
        watch(name, getattr(augment, name))
    ramp = torch.linspace(0.2, 0.8, 8).expand(n, 3, 8, 8) * torch.tensor([1.0, 0.9, 0.7])[:, None, None]
    looks = PLAIN(ramp, seeded())
    counts["grey"] = int((looks.amax(1) - looks.amin(1) < 1e-6).all((1, 2)).sum())
    counts["mirrored"] = int((looks[..., 0] > looks[..., -1]).any((1, 2)).sum())
    for name, share in {"jittered": 0.8, "blurred": 0.5, "grey": 0.2, "mirrored": 0.5}.items():
        assert abs(counts[name] - share * n) < 3.5 * np.sqrt(n * share * (1 - share)), name


def test_jitter_reaches_as_far_as_published_in_the_order_given():
    x = smooth(2)
    reach = ((augment.brightness, 0.6, 1.4), (augment.contrast, 0.6, 1.4), (augment.saturation, 0.8, 1.2))
    for i, (step, low, high) in enumerate((*reach, (augment.hue, -0.1, 0.1))):
        strength = torch.full((2, 4), 0.5)
        strength[:, i] = torch.tensor([0.0, 1.0])
        want = step(x, torch.tensor([low, high]))
        assert (want - x).abs().max() > 0.05
        assert torch.allclose(augment.jittered(x, strength, [i]), want, atol=1e-6)
    strength, dark, stark = torch.tensor([[0.0, 1, 1, 1]] * 2), torch.full((2,), 0.6), torch.full((2,), 1.4)
    one, other = (augment.jittered(x, strength, order) for order in ([0, 1], [1, 0]))
    assert torch.allclose(one, augment.contrast(augment.brightness(x, dark), stark), atol=1e-6)
    assert (one - other).abs().max() > 0.05


def test_every_order_of_jitter_comes(monkeypatch):
    orders, generator = set(), seeded()
    monkeypatch.setattr(augment, "jittered", lambda x, _, order: orders.add(tuple(order)) or x)
    for _ in range(250):
        PLAIN(torch.zeros(4, 3, 4, 4), generator)
    assert len(orders) == 24


@pytest.mark.parametrize("kind", ["weak", "strong"])
def test_a_look_depends_on_the_image_and_its_own_numbers_alone(kind, monkeypatch):
    monkeypatch.setattr(augment, "PIXELS", 3 * 400)
    one, x, u = replace(PLAIN, kind=kind), smooth(20), draws(20, colours=True)
    mixed = torch.randperm(20, generator=seeded(1))
    assert torch.allclose(
        one.looks(x[mixed], u[mixed], [3, 1, 0, 2]), one.looks(x, u, [3, 1, 0, 2])[mixed], atol=1e-5
    )


@pytest.mark.parametrize("kind", ["weak", "strong"])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_the_same_seed_gives_the_same_bytes_in_the_form_that_came(kind, dtype):
    one = replace(PLAIN, kind=kind)
    x = smooth(8).to(dtype).contiguous(memory_format=torch.channels_last)
    before = x.clone()
    looks = [one(x, seeded(seed)) for seed in (0, 0, 1)]
    assert same(looks[:1], looks[1:2])
    assert same([x], [before]), "the batch that came is left alone"
    assert (looks[0] - looks[2]).abs().max() > 0.1
    assert looks[0].dtype == dtype
    assert looks[0].is_contiguous(memory_format=torch.channels_last)


def test_geometry_and_blur_leave_an_even_image_even():
    x = torch.full((50, 3, 30, 22), 0.3)
    u = draws(50)
    u[:, BLUR] = 0.0
    for kind in ("weak", "strong"):
        assert torch.allclose(replace(PLAIN, kind=kind).looks(x, u, []), x, atol=1e-6)


@pytest.mark.parametrize("dtype", ["uint8", "float32"])
def test_colours_change_pixels_not_their_normalised_values(dtype):
    pixels = smooth(20) * torch.tensor([1.0, 0.5, 0.7])[:, None, None]
    task = image_task((255 * pixels.numpy()).astype("uint8") if dtype == "uint8" else pixels.numpy())
    pixels = torch.from_numpy(task.labelled.x.astype("float32")) / (255 if dtype == "uint8" else 1)
    x, u = torch.from_numpy(normaliser(task)(task.labelled.x)), draws(20, colours=True)
    looks = augmenter("strong", task).looks(x, u, [2, 3, 0, 1])
    want = PLAIN.looks(pixels, u, [2, 3, 0, 1])
    mean, deviation = pixels.mean((0, 2, 3)), pixels.std((0, 2, 3), correction=0)
    assert torch.allclose(looks * deviation[:, None, None] + mean[:, None, None], want, atol=1e-5)
    assert looks.is_contiguous()


def test_tasks_that_are_no_colour_images_are_refused():
    x = smooth(4).numpy()
    bad = {
        r'augment "weak": task pets has items of kind vector': image_task(x, kind="vector"),
        r"shape \(1, 20, 20\)": image_task(x[:, :1]),
        r'normalise is "item"; expected "channel"': image_task(x, normalise="item"),
        "labelled x of uint16": image_task((x * 255).astype("uint16")),
        "labelled x of complex64": image_task(x.astype("complex64")),
        "from 0 to 255": image_task(x * 255),
        "from -1 to 0": image_task(x - 1),
    }
    for message, task in bad.items():
        for kind in ("weak", "strong"):
            with pytest.raises(UserError, match=message.replace("weak", kind)):
                augmenter(kind, task)
        assert augmenter("none", task) is None
