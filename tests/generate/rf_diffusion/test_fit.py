from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch

from assay.errors import UserError
from assay.generate.base import Workspace
from assay.generate.rf_diffusion import sampling, schedule
from assay.generate.rf_diffusion.checkpoint import FILE
from assay.generate.rf_diffusion.complex_layers import ComplexAttention, ComplexLinear
from assay.generate.rf_diffusion.conditions import encoder_of, hidden
from assay.generate.rf_diffusion.draws import Draws, FrozenDraws
from assay.generate.rf_diffusion.fit import RfDiffusion
from assay.generate.rf_diffusion.fitted import units_of
from assay.generate.rf_diffusion.network import ComplexTransformer, Size, from_published, initialise
from assay.generate.rf_diffusion.settings import PUBLISHED
from assay.generate.rf_diffusion.task_sampler import columns_of, items_of
from assay.generate.rf_diffusion.training import Material, Trainer, rate
from assay.generate.rf_diffusion.units import Scale, complex_of, planes, resampled, scale_of, scale_rand
from assay.settings import parse
from assay.types import Samples, Task
from tests.support import GOLDEN

NO_MASKS = torch.Generator()
SAMPLED = Size(columns=6, packets=16, condition=6, steps=20, hidden=16, heads=4, blocks=1, step_features=32)
TONES = np.array([-2, -1, 1, 2])
PACKETS = 16
TINY = RfDiffusion(
    guidance=1.0,
    hidden=8,
    heads=2,
    blocks=1,
    steps=20,
    packets=PACKETS,
    patch=4,
    profile=4,
    epochs=4,
    batch=8,
    learning_rate=1e-2,
    sampling="noise",
    precision="fp32",
)
RELEASED = dataclasses.replace(TINY, protocol="released", sampling="native")
BOTH = pytest.mark.parametrize("settings", [TINY, RELEASED], ids=["corrected", "released"])


def tones(n=64, seed=0, jitter=0.5):
    """Complex tones whose frequency is their class; two columns, two rooms, amplitude about 50."""
    rng = np.random.default_rng(seed)
    condition = np.stack([np.arange(n) % 4, rng.integers(0, 2, n)], 1)
    turns = TONES[condition[:, :1]] * np.arange(PACKETS) / PACKETS
    wave = np.exp(2j * np.pi * turns + 1j * rng.uniform(-jitter, jitter, (n, 1)))[:, :, None]
    noise = rng.normal(size=(2, n, PACKETS, 2))
    return (50 * (wave + 0.1 * (noise[0] + 1j * noise[1]))).astype(np.complex64), condition


def dominant(x):
    """Frequency with the largest amplitude, in cycles an item."""
    place = np.abs(np.fft.fft(x, axis=1)).sum(2).argmax(1)
    return np.where(place >= PACKETS // 2, place - PACKETS, place)


def fitted(settings, seed=0, n=64, **workspace):
    return settings.fit_arrays(*tones(n), seed, Workspace(**workspace))


def same(a, b):
    a, b = a.network.state_dict(), b.network.state_dict()
    return all(torch.equal(a[name], b[name]) for name in a)


def small_trainer(settings):
    numbers = torch.Generator().manual_seed(1)
    x = torch.randn(16, settings.tokens, 4, generator=numbers)
    return Trainer(settings, Material(x / x.std(), torch.randn(16, 12, generator=numbers), (4, 2)), 0, "cpu")


def pair(array):
    """(…, 2) to planes."""
    return torch.from_numpy(np.concatenate([array[..., 0], array[..., 1]], -1))


# --- forward process


def test_the_released_weights_are_the_published_ones():
    golden = np.load(GOLDEN / "rf_diffusion_schedule.npz")
    made = schedule.released(100, 512)
    columns = golden["columns"]
    np.testing.assert_allclose(made.information[:, columns], golden["info_weights_published"], rtol=1e-5)
    np.testing.assert_allclose(made.noise[:, columns], golden["noise_weights_published"], rtol=1e-5)


def test_the_released_weights_are_the_published_ones_where_the_blur_is_not_inert():
    golden = np.load(GOLDEN / "rf_diffusion_schedule.npz")
    beta, variance = (torch.from_numpy(golden[f"blurred_{name}"]) for name in ("beta", "variance"))
    made = schedule.released_weights(beta, variance, int(golden["blurred_n"]))
    np.testing.assert_allclose(made.information, golden["info_weights_blurred"], rtol=1e-5)
    np.testing.assert_allclose(made.noise, golden["noise_weights_blurred"], rtol=1e-5)


@pytest.mark.parametrize(
    ("t", "a", "e"), [(0, 0.99995, 0.0100), (9, 0.9988, 0.149), (49, 0.9798, 1.355), (99, 0.9254, 3.586)]
)
def test_released_weights_at_some_steps(t, a, e):
    made = schedule.released(100, 512)
    assert made.information[t, 256] == pytest.approx(a, rel=1e-4)
    assert made.noise[t, 256] == pytest.approx(e, rel=3e-3)


def test_the_window_in_time_is_a_gaussian_blur_of_the_spectrum():
    window = schedule.window(torch.tensor([9.0], dtype=torch.float64), 64)[0].numpy()
    spectrum = np.fft.fft(np.fft.ifftshift(window)).real / 64
    frequency = 2 * np.pi * np.fft.fftfreq(64)
    np.testing.assert_allclose(spectrum, np.exp(-(frequency**2) / (2 * 9 / 64)), atol=1e-9)


@pytest.mark.parametrize("steps", [10, 100, 1000])
def test_the_corrected_process_adds_noise_by_equal_factors_until_nothing_is_seen(steps):
    made = schedule.corrected(steps, 8)
    assert (made.information == 1).all()
    torch.testing.assert_close(made.noise[[0, -1], 3], torch.tensor([0.02, 80.0]))
    factors = made.noise[1:, 0] / made.noise[:-1, 0]
    torch.testing.assert_close(factors, factors.mean().expand(steps - 1))
    assert torch.equal(schedule.step_of(made.noise[:, 0], steps), torch.arange(steps))


def test_levels_are_visited_from_the_start_down_to_the_least_and_most_where_noise_is_little():
    steps = schedule.visited(80.0, 18, 1000)
    assert (len(steps), steps[0], steps[-1]) == (18, 999, 0)
    noise = schedule.corrected(1000, 1).noise[steps, 0].numpy()
    roots = noise ** (1 / 7)
    np.testing.assert_allclose(np.diff(roots), np.diff(roots).mean(), rtol=0.03)
    assert schedule.visited(1.0, 18, 1000)[0] == schedule.step_of(torch.tensor(1.0), 1000)
    assert len(schedule.visited(80.0, 50, 10)) == 10, "no level twice"


# --- complex layers against complex arithmetic


def as_complex(x):
    return torch.complex(*x.chunk(2, -1))


def drawn(module, seed=0):
    numbers = torch.Generator().manual_seed(seed)
    for parameter in module.parameters():
        torch.nn.init.normal_(parameter, generator=numbers)
    return module.double()


def gradients(loss, module, x):
    return torch.autograd.grad(loss, [x, *module.parameters()])


def check_against(module, x, reference):
    """Output, and the gradient of a sum of its squares, against those of complex arithmetic."""
    ours, theirs = as_complex(module(x)), reference(as_complex(x))
    torch.testing.assert_close(ours, theirs)
    pairs = [gradients((out.abs() ** 2 * (1 + out.real)).sum(), module, x) for out in (ours, theirs)]
    for mine, other in zip(*pairs, strict=True):
        torch.testing.assert_close(mine, other)


def doubles(*shape, seed=1):
    numbers = torch.Generator().manual_seed(seed)
    return torch.randn(shape, generator=numbers, dtype=torch.float64, requires_grad=True)


def linear(layer, x):
    """A complex linear map in complex arithmetic; both biases go through both maps, hence 1 + i."""
    return x @ torch.complex(*layer.weight).T + (1 + 1j) * torch.complex(*layer.bias)


def attention(layer, x, mask=1.0):
    """Complex attention in complex arithmetic."""
    parts = (linear(part, x) for part in (layer.query, layer.key, layer.value))
    q, k, v = (part.unflatten(-1, (layer.heads, -1)).transpose(1, 2) for part in parts)
    scores = q @ k.transpose(-1, -2) / q.shape[-1] ** 0.5
    weights = torch.complex(scores.real.softmax(-1), scores.imag.softmax(-1)) * mask
    return linear(layer.output, (weights @ v).transpose(1, 2).flatten(-2))


def test_a_complex_linear_layer_is_complex_arithmetic_and_so_is_its_gradient():
    layer = drawn(ComplexLinear(5, 3))
    check_against(layer, doubles(4, 7, 10), lambda x: linear(layer, x))


def test_complex_attention_is_complex_arithmetic_and_so_is_its_gradient():
    layer = drawn(ComplexAttention(6, 2, 0.0, NO_MASKS))
    check_against(layer, doubles(3, 5, 12), lambda x: attention(layer, x))


def test_dropout_of_attention_drops_pairs_alike_in_all_heads_and_items():
    layer = drawn(ComplexAttention(6, 2, 0.5, torch.Generator().manual_seed(3)))
    mask = layer._mask(5, torch.zeros(1, dtype=torch.float64))
    assert set(mask.unique().tolist()) == {0.0, 2.0}
    layer._mask = lambda length, like: mask
    check_against(layer, doubles(3, 5, 12), lambda x: attention(layer, x, mask))
    x = doubles(3, 5, 12)
    torch.testing.assert_close(as_complex(layer.eval()(x)), attention(layer, as_complex(x)))


# --- network


def test_the_network_is_the_published_one():
    golden = np.load(GOLDEN / "rf_diffusion_network.npz")
    weights = {name[2:]: torch.from_numpy(golden[name]) for name in golden if name.startswith("w.")}
    network = ComplexTransformer(Size(6, 10, 3, 20, 8, 2, 2, 12), 0.5, NO_MASKS)
    network.load_state_dict(from_published(weights))
    inputs = pair(golden["x"]), torch.from_numpy(golden["t"]), pair(golden["condition"])
    for context in (torch.no_grad, torch.enable_grad):  # attention takes two ways
        with context():
            output = network.eval()(*inputs).detach()
        torch.testing.assert_close(output, pair(golden["output"]), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(("condition", "parameters"), [(6, 19_473_844), (0, 19_208_628)])
def test_the_published_size_has_the_published_number_of_parameters(condition, parameters):
    with torch.device("meta"):
        network = ComplexTransformer(Size(condition=condition), 0.5, NO_MASKS)
    assert sum(parameter.numel() for parameter in network.parameters()) == parameters


def test_the_published_size_can_be_asked_for():
    size = {field.name: field.default for field in dataclasses.fields(Size)}
    settings = parse(f"rf:{PUBLISHED}", {"rf": RfDiffusion()}, "generator")
    for name in ("packets", "steps", "hidden", "heads", "blocks"):
        assert getattr(settings, name) == size[name]


def test_a_new_network_says_zero():
    numbers = torch.Generator().manual_seed(0)
    network = initialise(ComplexTransformer(Size(4, PACKETS, 3, 20, 8, 2, 2, 16), 0.5, numbers), numbers)
    made = network(torch.ones(2, PACKETS, 8), torch.tensor([0, 19]), torch.ones(2, 6))
    assert not made.any()
    silent = [name for name, value in network.named_parameters() if "weight" in name and not value.any()]
    assert {name.split(".")[-2] for name in silent} == {"modulation", "last"}


@BOTH
def test_the_first_loss_is_one(settings):
    trainer = Trainer(settings, material(settings), 0, "cpu")
    trainer.draws.start_epoch(0)
    assert trainer.loss(torch.arange(64)).item() == pytest.approx(1, rel=0.02)


def material(settings):
    x, condition = tones()
    encoder = encoder_of(condition, settings.released)
    items = units_of(settings, x, condition).enter(x, condition)[0]
    return Material(items, encoder(condition), encoder.sizes)


# --- units and conditions


@pytest.mark.parametrize("time", [8, 16, 20, 33])
def test_items_are_resampled_to_the_nearest_packet_and_back(time):
    x = np.random.default_rng(0).normal(size=(2, time, 3)) + 0j
    theirs = torch.nn.functional.interpolate(
        torch.from_numpy(x.real.transpose(0, 2, 1)), size=16, mode="nearest-exact"
    )
    np.testing.assert_array_equal(resampled(x, 16).real, theirs.numpy().transpose(0, 2, 1))
    np.testing.assert_array_equal(resampled(resampled(x, 2 * time), time), x)


def test_planes_and_scales_are_undone():
    x, _ = tones()
    np.testing.assert_array_equal(complex_of(planes(x)), x)
    real = planes(x) + 3
    scale = scale_of(real)
    np.testing.assert_allclose(scale.restored(scale.removed(real)), real, rtol=1e-4, atol=1e-4)


@BOTH
def test_an_item_of_zeros_has_units(settings):
    x, condition = np.zeros((2, 16, 2), np.complex64), np.zeros((2, 2), dtype=np.int64)
    assert not units_of(settings, x, condition).enter(x, condition)[0].any()


def test_a_scale_is_drawn_from_real_items_that_are_alike():
    scale = Scale(np.zeros(4, np.float32), np.array([1, 2, 3, 4], np.float32))
    known = np.array([[0, 0], [0, 1], [1, 0], [1, 0]])
    rng = np.random.default_rng(0)

    def deviations(*row):
        return set(scale_rand(scale, known, np.tile(row, (50, 1)), rng).deviation.tolist())

    assert deviations(0, 1) == {2.0}
    assert deviations(1, 0) == {3.0, 4.0}
    assert deviations(0, 9) == {1.0, 2.0}  # the group is unknown: the class
    assert deviations(9, 9) == {1.0, 2.0, 3.0, 4.0}


def test_conditions_are_indicators_with_unknown_ones_open_and_raw_numbers_as_released():
    condition = np.array([[0, 7], [2, 7], [-1, 3]])
    encoded = encoder_of(condition, False)(np.array([[2, 3], [-1, 7], [5, 9]]))
    assert encoded.tolist() == [[0, 1, 1, 0, *[0] * 4], [0, 0, 0, 1, *[0] * 4], [0] * 8]
    assert encoder_of(condition, True)(condition).tolist() == [[0, 7, 0, 0], [2, 7, 0, 0], [-1, 3, 0, 0]]


def test_hidden_conditions_lose_whole_columns():
    encoded = encoder_of(np.array([[0, 0], [1, 1], [2, 0]]), False)(np.tile([1, 0], (2000, 1)))
    left = hidden(encoded, (3, 2), 0.3, torch.Generator().manual_seed(0))
    assert torch.equal(left[:, 5:], torch.zeros(2000, 5))
    shares = left[:, [1, 3]].mean(0)
    assert torch.allclose(shares, torch.tensor([0.7, 0.7]), atol=0.05)
    assert (left[:, 1] * left[:, 3]).mean() == pytest.approx(0.49, abs=0.05)


# --- draws


def batches(draws, epoch, count=3, shape=(4, 6, 10)):
    draws.start_epoch(epoch)
    order = draws.order(50)
    return order, [draws.draw(shape) for _ in range(count)]


def test_the_released_reseeding_freezes_steps_and_noise_from_the_second_batch_on():
    draws = FrozenDraws(0, 100, "cpu")
    epochs = [batches(draws, epoch) for epoch in range(3)]
    for _, drawn in epochs:
        assert [steps.tolist() for steps, _ in drawn[1:]] == [[81, 16, 42, 47]] * 2  # as measured there
        assert all(torch.equal(noise, drawn[0][1]) for _, noise in drawn)
        assert drawn[0][0].tolist() != [81, 16, 42, 47]
    assert torch.equal(epochs[1][0], epochs[2][0])
    assert not torch.equal(epochs[0][0], epochs[1][0])


def test_corrected_draws_are_fresh_and_cover_all_steps():
    draws = Draws(0, 1000, "cpu")
    epochs = [batches(draws, epoch, 300) for epoch in range(2)]
    drawn = [pair for _, pairs in epochs for pair in pairs]
    assert len({noise.sum().item() for _, noise in drawn}) == len(drawn)
    steps = torch.stack([steps for steps, _ in drawn])
    levels = schedule.corrected(1000, 1).noise[steps, 0].log().numpy()
    assert levels.mean() == pytest.approx(0.2, abs=0.03)
    assert levels.std() == pytest.approx(1.3, abs=0.04)
    quarters = 0.2 + 1.3 * np.array([-0.6745, 0, 0.6745])
    spread = np.searchsorted(quarters, np.sort(levels, 1))
    assert (spread == [0, 1, 2, 3]).mean() > 0.99, "one of a batch in each quarter"


def test_dropout_masks_are_frozen_as_released():
    trainer = small_trainer(RELEASED)
    numbers = torch.Generator().manual_seed(5)
    for parameter in trainer.network.parameters():
        torch.nn.init.normal_(parameter, std=0.3, generator=numbers)
    trainer.network.train()
    trainer.draws.start_epoch(0)
    losses = [trainer.loss(torch.arange(8)).item() for _ in range(3)]
    assert losses[1] == losses[2]
    trainer.network.eval()
    trainer.draws.start_epoch(0)
    assert trainer.loss(torch.arange(8)).item() not in losses


def test_rates():
    assert rate(RELEASED, 3, 250) == pytest.approx(1e-2 * 0.81)
    assert rate(TINY, 2, 0) == pytest.approx(0.5e-2)
    assert rate(dataclasses.replace(TINY, schedule="constant"), 3, 999) == 1e-2


# --- training


class Stopped(Exception):
    pass


def stop_after(epochs):
    def report(done, total, losses):
        assert total == 4
        assert np.isfinite(losses["loss"])
        if done == epochs:
            raise Stopped

    return report


@pytest.mark.parametrize(
    "settings",
    [dataclasses.replace(TINY, precision="bf16"), RELEASED],
    ids=["corrected", "released"],
)
def test_an_interrupted_training_goes_on_as_if_nothing_had_been(settings, tmp_path):
    whole = fitted(settings, n=20)
    with pytest.raises(Stopped):
        fitted(settings, n=20, folder=tmp_path, report=stop_after(2))
    resumed = fitted(settings, n=20, folder=tmp_path, resume=True)
    assert same(whole, resumed)
    assert [path.name for path in tmp_path.iterdir()] == [FILE]


def test_twice_two_epochs_are_four(tmp_path):
    settings = dataclasses.replace(TINY, schedule="constant")
    fitted(dataclasses.replace(settings, epochs=2), n=20, folder=tmp_path)
    assert same(fitted(settings, n=20), fitted(settings, n=20, folder=tmp_path, resume=True))


def test_a_finished_training_is_not_done_again(tmp_path):
    first = fitted(TINY, n=20, folder=tmp_path)
    assert same(first, fitted(TINY, n=20, folder=tmp_path, resume=True, report=stop_after(4)))


@pytest.mark.parametrize("change", ["seed", "settings", "data"])
def test_a_checkpoint_of_another_training_is_refused(change, tmp_path):
    fitted(TINY, n=20, folder=tmp_path)
    settings = dataclasses.replace(TINY, learning_rate=0.5) if change == "settings" else TINY
    with pytest.raises(UserError, match="other data, settings or seed"):
        fitted(settings, int(change == "seed"), 24 if change == "data" else 20, folder=tmp_path, resume=True)


def test_a_damaged_checkpoint_is_refused(tmp_path):
    fitted(TINY, n=20, folder=tmp_path)
    (tmp_path / FILE).write_bytes((tmp_path / FILE).read_bytes()[:-100])
    with pytest.raises(UserError, match="damaged"):
        fitted(TINY, n=20, folder=tmp_path, resume=True)


def test_fewer_epochs_than_the_checkpoint_has_are_refused(tmp_path):
    settings = dataclasses.replace(TINY, schedule="constant")
    fitted(settings, n=20, folder=tmp_path)
    with pytest.raises(UserError, match="has 4 epochs"):
        fitted(dataclasses.replace(settings, epochs=3), n=20, folder=tmp_path, resume=True)


def test_a_diverging_training_fails():
    with pytest.raises(UserError, match="take a smaller learning_rate"):
        fitted(dataclasses.replace(TINY, learning_rate=1e30), n=20)


@BOTH
def test_the_same_seed_makes_the_same_bytes_whatever_global_state(settings):
    x, condition = tones(20)
    start = x if settings.sampling == "native" else None
    made = []
    for seed in (0, 0, 1):
        torch.rand(3)  # noise for the global state, which must not matter
        rng = np.random.default_rng(seed)
        made.append(fitted(settings, seed, n=20).synthesise(condition, rng, start))
    assert made[0].dtype == np.complex64
    assert made[0].shape == x.shape
    assert made[0].tobytes() == made[1].tobytes()
    assert made[0].tobytes() != made[2].tobytes()


# --- sampling


@pytest.mark.parametrize("way", ["fast", "robust"])
def test_sampling_is_the_published_one(way):
    """Twenty steps of the published code, its frozen noise in the place of every draw."""
    golden = np.load(GOLDEN / "rf_diffusion_sampling.npz")
    weights = {n[6:]: torch.from_numpy(golden[n]) for n in golden if n.startswith("state.")}
    network = ComplexTransformer(SAMPLED, 0.5, NO_MASKS).eval()
    network.load_state_dict(from_published(weights))
    process = schedule.Schedule(*(torch.from_numpy(golden[f"{n}_weights"]) for n in ("information", "noise")))
    condition, start, frozen = (pair(golden[name]) for name in ("condition", "start", "frozen_noise"))

    def predict(x, t):
        return network(x, t, condition)

    more = (frozen,) if way == "robust" else ()
    with torch.no_grad():
        made = getattr(sampling, way)(predict, process, start, *more)
    torch.testing.assert_close(made, pair(golden[way]), rtol=1e-5, atol=1e-5)


def test_native_fast_and_robust_follow_their_formulas():
    process = schedule.released(20, 4)
    x, noise, other = (doubles(2, 4, 6, seed=seed).detach().float() for seed in range(3))
    a, e = process.information[-1, 0], process.noise[-1, 0]
    asked = []

    def predict(x, t):
        asked.append(x)
        return len(asked) * torch.ones_like(x)

    sampling.native(predict, process, x, noise)
    sampling.fast(predict, process, noise)
    made = sampling.robust(predict, process, noise, other)
    torch.testing.assert_close(asked[0], a * x + e * noise)
    torch.testing.assert_close(asked[1], (a + e) * noise)
    torch.testing.assert_close(asked[2], asked[1])
    assert len(asked) == 22
    torch.testing.assert_close(made, 22 * torch.ones_like(x), msg="the last prediction, not what it was of")
    a, e = process.information[[-1, -2], 0], process.noise[[-1, -2], 0]
    torch.testing.assert_close(asked[3], asked[2] - (a[0] * 3 + e[0] * other) + (a[1] * 3 + e[1] * other))


@pytest.fixture(scope="module")
def released():
    return fitted(dataclasses.replace(RELEASED, hidden=16, batch=16, epochs=20))


def test_native_sampling_copies_the_item_it_starts_from(released):
    x, condition = tones(8, seed=9)
    made = released.synthesise(condition, np.random.default_rng(0), x)
    noisy = np.corrcoef(planes(made).ravel(), planes(x).ravel())[0, 1]
    assert noisy > 0.9


def test_released_native_samples_are_the_same_whatever_the_seed(released):
    x, condition = tones(8)
    made = [released.synthesise(condition, np.random.default_rng(seed), x) for seed in range(2)]
    assert made[0].tobytes() == made[1].tobytes()


def test_corrected_native_samples_differ():
    x, condition = tones(8)
    trained = fitted(dataclasses.replace(TINY, sampling="native"), n=20)
    made = [trained.synthesise(condition, np.random.default_rng(seed), x) for seed in range(2)]
    assert made[0].tobytes() != made[1].tobytes()


@pytest.mark.parametrize("way", ["fast", "robust"])
def test_every_released_way_of_sampling_runs(way):
    x, condition = tones(10)
    trained = fitted(dataclasses.replace(TINY, epochs=1, sampling=way, protocol="released"), n=10)
    made = trained.synthesise(condition, np.random.default_rng(0))
    assert made.shape == x.shape
    assert np.isfinite(made).all()


LEARNT = dataclasses.replace(
    TINY, hidden=32, steps=100, patch=2, profile=0, batch=16, epochs=50, learning_rate=6e-3, average=0.95
)


def hits(settings, strength=0.3):
    """Share of items made from noise that have their condition's frequency; a guess hits a quarter."""
    trained = fitted(settings)
    condition = np.stack([np.arange(60) % 4, np.arange(60) // 4 % 2], 1)
    made = trained.synthesise(condition, np.random.default_rng(0))
    assert np.sqrt((np.abs(made) ** 2).mean()) == pytest.approx(50, rel=strength)
    return (dominant(made) == TONES[condition[:, 0]]).mean()


def test_items_made_from_noise_have_their_conditions_frequency():
    assert hits(LEARNT) > 0.8


def test_items_of_a_generator_that_ignores_the_condition_have_not():
    assert hits(dataclasses.replace(LEARNT, conditional=False, epochs=4), strength=1) < 0.45


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_tones_of_any_phase_are_learnt_in_time():
    x, condition = tones(jitter=np.pi)
    settings = dataclasses.replace(LEARNT, blocks=2, epochs=400, batch=8, learning_rate=3e-3)
    made = settings.fit_arrays(x, condition, 0, Workspace()).synthesise(condition, np.random.default_rng(0))
    assert (dominant(made) == TONES[condition[:, 0]]).mean() > 0.4


# --- what is asked for


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("rf_diffusion:heads=3", "divisor"),
        ("rf_diffusion:protocol=released,sampling=noise", "sampling=native"),
        ("rf_diffusion:protocol=released,sampling=native,unlabelled=true", "unlabelled"),
        ("rf_diffusion:protocol=released,sampling=native,shots=told", "shots=learnt"),
        ("rf_diffusion:sampling=fast", "of protocol=released"),
        ("rf_diffusion:patch=6", "divisor of packets"),
        ("rf_diffusion:start=100", "less than"),
        ("rf_diffusion:batch=0", "greater than"),
    ],
)
def test_impossible_settings_are_refused(text, message):
    with pytest.raises(UserError, match=message):
        parse(text, {"rf_diffusion": RfDiffusion()}, "generator")


@pytest.mark.parametrize(
    ("x", "condition", "message"),
    [
        (np.zeros((4, 8)), np.zeros((4, 1), int), "expected .n, time, columns."),
        (np.zeros((4, 8, 2)), np.zeros(4, int), "expected whole numbers of shape .n, k."),
        (np.zeros((4, 8, 2)), np.zeros((4, 1)), "expected whole numbers"),
        (np.zeros((4, 8, 2)), np.zeros((3, 1), int), "3 rows for 4 items"),
    ],
)
def test_impossible_arrays_are_refused(x, condition, message):
    with pytest.raises(UserError, match=message):
        TINY.fit_arrays(x, condition, 0, Workspace())


def test_impossible_requests_are_refused(released):
    x, condition = tones(8)
    rng = np.random.default_rng(0)
    with pytest.raises(UserError, match="needs items"):
        released.synthesise(condition, rng)
    with pytest.raises(UserError, match="start: shape"):
        released.synthesise(condition, rng, x[:, :5])
    with pytest.raises(UserError, match=r"shape \(n, 2\)"):
        released.synthesise(condition[:, :1], rng, x)
    with pytest.raises(UserError, match="takes no"):
        fitted(dataclasses.replace(TINY, epochs=1), n=8).synthesise(condition, rng, x)


# --- on a task

SHAPE = (2, PACKETS, 3)


def items(n, group, seed=0):
    x = np.random.default_rng(seed).normal(size=(n, *SHAPE)).astype(np.float32)
    return Samples(x, np.arange(n) % 3, np.full(n, group))


def task(**parts):
    return Task("toy", ("a", "b", "c"), labelled=items(12, 0), test=items(6, 1), **parts)


QUICK = dataclasses.replace(TINY, epochs=1)


def test_items_for_a_task_have_its_shape_balanced_classes_and_the_targets_group():
    sampler = QUICK.fit(task(unlabelled=items(5, 1)), 0, Workspace())
    samples, factors = sampler.sample(10, np.random.default_rng(0))
    assert samples.x.shape == (10, *SHAPE)
    assert samples.x.dtype == np.float32
    assert sorted(samples.counts(3)) == [3, 3, 4]
    assert set(samples.group) == {1}  # never seen with a label
    np.testing.assert_array_equal(factors["class"], samples.y)
    np.testing.assert_array_equal(factors["group"], samples.group)


def test_without_items_of_the_target_groups_are_those_of_the_labelled_items():
    samples, _ = QUICK.fit(task(), 0, Workspace()).sample(4, np.random.default_rng(0))
    assert set(samples.group) == {0}


def test_native_sampling_on_a_task_starts_from_real_items_of_the_class():
    settings = dataclasses.replace(RELEASED, epochs=1)
    sampler = settings.fit(task(shots=items(3, 1)), 0, Workspace())
    samples, _ = sampler.sample(6, np.random.default_rng(0))
    assert set(samples.group) == {1}
    assert list(samples.counts(3)) == [2, 2, 2]


def test_unlabelled_items_are_learnt_from_if_asked():
    plain, more = (dataclasses.replace(QUICK, unlabelled=flag, profile=0) for flag in (False, True))
    data = task(unlabelled=items(5, 1))
    encoders = [settings.fit(data, 0, Workspace()).fitted.encoder for settings in (plain, more)]
    assert [encoder.values for encoder in encoders] == [((0, 1, 2), (0,)), ((0, 1, 2), (0, 1))]


def test_items_become_columns_antenna_by_antenna_and_back():
    x = items(4, 0).x * np.complex64(1 + 2j)
    columns = columns_of(x)
    assert columns.shape == (4, PACKETS, 6)
    np.testing.assert_array_equal(columns[:, :, 3:], x[:, 1])
    np.testing.assert_array_equal(items_of(columns, SHAPE), x)


def test_a_task_of_other_items_is_refused():
    vectors = Samples(np.zeros((4, 7)), np.arange(4) % 2)
    with pytest.raises(UserError, match="antenna, time, subcarrier"):
        QUICK.fit(Task("v", ("a", "b"), labelled=vectors, test=vectors), 0, Workspace())


def test_no_items_can_be_made():
    samples, _ = QUICK.fit(task(), 0, Workspace()).sample(0, np.random.default_rng(0))
    assert samples.x.shape == (0, *SHAPE)
