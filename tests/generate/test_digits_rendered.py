import dataclasses
from itertools import pairwise

import numpy as np
import pytest

from assay.errors import UserError
from assay.generate.digits_rendered import (
    FONTS,
    LIMITS,
    DigitsRendered,
    Factors,
    factors_rand,
    font_rand,
    render,
)
from assay.types import Samples, Task

PLAIN = Factors()
ALONG = np.arange(8) - 3.5


def sample(n=60, seed=0, **settings):
    return DigitsRendered(**settings).sample(n, np.random.default_rng(seed))


def drawn(digit=0, font="DejaVuSans", **factors):
    return render(digit, font, Factors(**factors)).astype(np.float64)


def centre(image):
    """Centre of the ink (x to the right, y down), from the middle of the image."""
    return np.array([(image @ ALONG).sum(), (ALONG @ image).sum()]) / image.sum()


def spread(image):
    """Standard deviation of the ink's place in x and in y, and how far right the top leans."""
    x, y = ALONG - centre(image)[0], (ALONG - centre(image)[1])[:, None]
    variance_x, variance_y, both = (np.sum(image * part) / image.sum() for part in (x**2, y**2, x * y))
    return np.sqrt(variance_x), np.sqrt(variance_y), -both / variance_y


def difference(a, b):
    return float(np.abs(a.astype(np.float64) - b).mean())


def task(shape=(1, 8, 8), classes=10):
    items = Samples(np.zeros((classes, *shape)), np.arange(classes))
    return Task("real", tuple(map(str, range(classes))), labelled=items, test=items, kind="image")


# --- what a sample is


def test_items_are_float32_images_between_0_and_1_with_balanced_conditions_in_random_order():
    samples, factors = sample(103)
    assert samples.x.dtype == np.float32
    assert samples.x.shape == (103, 1, 8, 8)
    assert samples.x.min() >= 0
    assert 0.9 < samples.x.max() <= 1
    assert sorted(samples.counts(10)) == [10] * 7 + [11] * 3
    assert (samples.y != np.arange(103) % 10).any()
    assert set(factors) == {"font", *(field.name for field in dataclasses.fields(Factors))}
    assert all(values.shape == (103,) for values in factors.values())


def test_same_seed_gives_the_same_bytes_and_another_seed_others():
    (one, factors), (two, again), (other, _) = sample(seed=3), sample(seed=3), sample(seed=4)
    assert one.digest() == two.digest() != other.digest()
    assert all(np.array_equal(factors[name], again[name]) for name in factors)


def test_global_random_state_is_neither_read_nor_moved():
    np.random.seed(0)  # noqa: NPY002
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    first = sample(20)[0].digest()
    assert np.array_equal(before, np.random.get_state()[1])  # noqa: NPY002
    np.random.seed(1)  # noqa: NPY002
    assert sample(20)[0].digest() == first


def test_every_image_is_rendered_again_from_its_record_bit_for_bit():
    samples, factors = sample(40)
    fields = [field.name for field in dataclasses.fields(Factors)]
    for i in range(40):
        record = Factors(**{name: factors[name][i].item() for name in fields})
        again = render(int(samples.y[i]), str(factors["font"][i]), record)
        assert again.tobytes() == samples.x[i, 0].tobytes()


def test_no_items_are_fine_and_fewer_are_an_error():
    samples, factors = sample(0)
    assert samples.x.shape == (0, 1, 8, 8)
    assert all(values.shape == (0,) for values in factors.values())
    with pytest.raises(UserError, match="n is -1"):
        sample(-1)


# --- the record


def test_factors_fill_their_ranges_and_no_more():
    settings = DigitsRendered()
    _, factors = settings.sample(400, np.random.default_rng(0))
    for name in LIMITS:
        low, high = getattr(settings, name)[0], getattr(settings, name)[-1]
        assert low <= factors[name].min() <= low + 0.05 * (high - low)
        assert high - 0.05 * (high - low) <= factors[name].max() <= high
    assert set(factors["font"]) == set(FONTS)
    assert len(np.unique(factors["seed"])) == 400


@pytest.mark.parametrize("name", LIMITS)
def test_a_fixed_factor_is_recorded_as_constant_and_leaves_the_others_as_they_were(name):
    free, fixed = sample()[1], sample(**{name: (0.3,)})[1]
    assert (fixed.pop(name) == 0.3).all()
    assert all(np.array_equal(free[other], fixed[other]) for other in fixed)


def test_factors_do_not_move_together():
    _, factors = sample(800)
    table = np.stack([values for name, values in factors.items() if name not in ("font", "background")])
    together = np.corrcoef(table.astype(np.float64)) - np.eye(len(table))
    assert np.abs(together).max() < 0.2


def test_only_the_named_fonts_are_drawn():
    rng, settings = np.random.default_rng(0), DigitsRendered(fonts=("cmr10", "cmtt10"))
    assert {font_rand(rng, settings) for _ in range(50)} == {"cmr10", "cmtt10"}


def test_factors_rand_gives_plain_numbers():
    record = dataclasses.asdict(factors_rand(np.random.default_rng(0), DigitsRendered()))
    assert {type(value) for name, value in record.items() if name != "seed"} == {float}
    assert type(record["seed"]) is int


# --- what each factor moves


@pytest.mark.parametrize("digit", range(10))
def test_slant_leans_the_top_to_the_right_by_its_amount(digit):
    upright, leaning = (spread(drawn(digit, slant=slant, scale_y=0.8))[2] for slant in (0.0, 0.2))
    assert leaning - upright == pytest.approx(0.2, abs=0.06)


def test_rotation_is_anticlockwise_by_its_degrees():
    quarter = drawn(7, rotation=90.0, scale_x=0.6, scale_y=0.6)
    assert difference(quarter, np.rot90(drawn(7, scale_x=0.6, scale_y=0.6))) < 1e-6


@pytest.mark.parametrize("font", FONTS)
def test_stroke_adds_ink_but_no_height(font):
    thin, plain, thick = (drawn(3, font, stroke=stroke, scale_y=0.75) for stroke in (-0.5, 0.0, 1.0))
    assert thin.sum() < 0.95 * plain.sum()
    assert plain.sum() < 0.95 * thick.sum()
    assert np.array_equal(np.flatnonzero(thick.sum(1) > 0.05), np.arange(1, 7))


@pytest.mark.parametrize(("scale_x", "scale_y"), [(0.5, 0.75), (0.75, 0.5), (0.25, 1.0)])
def test_a_glyph_fills_its_box_and_nothing_else(scale_x, scale_y):
    image = drawn(8, "DejaVuSans-Bold", scale_x=scale_x, scale_y=scale_y)
    for ink, scale in ((image.max(0), scale_x), (image.max(1), scale_y)):
        start = round(4 * (1 - scale))
        assert (ink[start : 8 - start] > 0.3).all()
        assert ink[:start].sum() + ink[8 - start :].sum() < 0.2


@pytest.mark.parametrize(("name", "axis"), [("shift_x", 0), ("shift_y", 1)])
def test_shift_moves_the_centre_by_pixels_right_and_down_and_along_its_axis_only(name, axis):
    still, moved = (centre(drawn(5, scale_x=0.5, scale_y=0.5, **{name: shift})) for shift in (0.0, 1.5))
    expected = np.zeros(2)
    expected[axis] = 1.5
    assert moved - still == pytest.approx(expected, abs=0.03)


def test_warp_bends_more_with_its_size_and_differently_with_the_seed():
    slight, strong, other = (drawn(2, warp=warp, seed=seed) for warp, seed in ((0.5, 1), (2.0, 1), (2.0, 2)))
    plain = drawn(2)
    assert 0 < difference(slight, plain) < difference(strong, plain)
    assert difference(strong, other) > 0.02


def test_the_warp_is_smooth_and_of_the_size_named():
    moves = [centre(drawn(8, scale_x=0.3, scale_y=0.3, warp=4.0, seed=seed)) for seed in range(200)]
    assert np.std(moves, axis=0) == pytest.approx([0.97, 0.97], abs=0.15)


def test_habit_changes_only_the_digits_that_a_hand_writes_otherwise():
    changes = [difference(drawn(digit, habit=1.0), drawn(digit)) for digit in range(10)]
    assert [digit for digit in range(10) if changes[digit] > 0.01] == [1, 4, 6, 7, 9]
    assert [changes[digit] for digit in (0, 2, 3, 5, 8)] == [0.0] * 5


def test_habit_takes_the_foot_opens_the_four_cuts_the_hook_bars_the_seven_and_moves_the_loops():
    change = {digit: drawn(digit, habit=1.0) - drawn(digit) for digit in (1, 4, 6, 7, 9)}
    assert change[1][7, :3].sum() + change[1][7, 5:].sum() < -1
    assert change[4][:3, 2:4].sum() < -0.5
    assert change[6][:2, 5:].sum() < -0.3
    assert change[7][3:5].sum() > 0.5
    assert abs(change[7][:3].sum()) < 0.01
    assert change[9][3, 3:5].min() > 0.3
    assert change[9][4, 3:5].max() < -0.3
    assert change[6][4, 3:5].min() > 0.3
    assert change[6][3, 3:5].max() < -0.3


def test_habit_fades_without_a_jump():
    for digit in (1, 4, 6, 7, 9):
        steps = [drawn(digit, habit=habit) for habit in np.linspace(0, 1, 21)]
        assert max(difference(a, b) for a, b in pairwise(steps)) < 0.02


def test_blur_keeps_the_ink_and_spreads_it():
    sharp, soft = (drawn(8, scale_x=0.4, scale_y=0.4, blur=blur) for blur in (0.0, 3.0))
    assert soft.sum() == pytest.approx(sharp.sum(), rel=0.01)
    assert soft.max() < sharp.max()
    assert spread(soft)[0] ** 2 - spread(sharp)[0] ** 2 == pytest.approx((3 / 4) ** 2, rel=0.25)


def test_contrast_and_background_are_the_grey_of_ink_and_paper():
    ink = drawn(1, stroke=2.0)
    pale = drawn(1, stroke=2.0, contrast=0.5, background=0.2)
    assert pale == pytest.approx(0.2 + 0.5 * 0.8 * ink, abs=1e-6)
    assert drawn(1, contrast=4.0).max() == 1.0


def test_noise_has_its_deviation_and_depends_on_the_seed_alone():
    pale = {"contrast": 0.0, "background": 0.5}
    grain = np.stack([drawn(noise=0.1, seed=seed, **pale) for seed in range(50)]) - 0.5
    assert grain.std() == pytest.approx(0.1, rel=0.05)
    assert np.abs(np.corrcoef(grain.reshape(50, -1)) - np.eye(50)).max() < 0.7
    assert np.array_equal(drawn(noise=0.1, seed=7), drawn(noise=0.1, seed=7))
    assert np.array_equal(drawn(seed=7), drawn(seed=8))


# --- the digits


@pytest.mark.parametrize("font", FONTS)
def test_every_font_draws_ten_distinct_digits_that_a_reader_of_the_other_fonts_names(font):
    images = [drawn(digit, font) for digit in range(10)]
    apart = [difference(a, b) for i, a in enumerate(images) for b in images[:i]]
    assert min(apart) > 0.03
    assert min(image.sum() for image in images) > 4
    others = [(digit, drawn(digit, other)) for other in FONTS if other != font for digit in range(10)]
    named = [min(others, key=lambda item: difference(item[1], image))[0] for image in images]
    assert named == list(range(10))


def test_every_font_differs():
    images = [drawn(4, font) for font in FONTS]
    assert min(difference(a, b) for i, a in enumerate(images) for b in images[:i]) > 0.001


def test_a_nearest_neighbour_among_rendered_digits_names_real_ones():
    from sklearn.datasets import load_digits
    from sklearn.neighbors import KNeighborsClassifier

    real, (samples, _) = load_digits(), sample(1000)
    reader = KNeighborsClassifier(1).fit(samples.x.reshape(1000, 64), samples.y)
    right = reader.predict(real.images.reshape(-1, 64) / 16) == real.target
    assert right.mean() > 0.7
    assert min(right[real.target == digit].mean() for digit in range(10)) > 0.3


# --- errors


@pytest.mark.parametrize("name", LIMITS)
@pytest.mark.parametrize(
    ("values", "message"),
    [
        ((), "0 values"),
        ((0.2, 0.3, 0.4), "3 values"),
        ((0.4, 0.2), "low 0.4 is above high 0.2"),
        ((np.nan,), "expected values from"),
        ((0.2, 1e9), "expected values from"),
    ],
)
def test_a_bad_range_is_named(name, values, message):
    with pytest.raises(UserError, match=f"^{name}: .*{message}"):
        DigitsRendered(**{name: values})


@pytest.mark.parametrize("fonts", [(), ("Comic",), ("cmr10", "cmmi10")])
def test_an_unknown_font_is_named_with_the_known_ones(fonts):
    with pytest.raises(
        UserError, match=f"^fonts: .*{fonts[-1] if fonts else 'none'}.*known: DejaVuSans, .*cmtt10"
    ):
        DigitsRendered(fonts=fonts)


@pytest.mark.parametrize(("digit", "font"), [(10, "cmr10"), (-1, "cmr10"), (1, "cmsy10")])
def test_render_refuses_an_unknown_digit_or_font(digit, font):
    with pytest.raises(UserError, match=r"expected 0 to 9|unknown font 'cmsy10'"):
        render(digit, font, PLAIN)


def test_fit_takes_any_digits_task_and_refuses_other_shapes_and_classes():
    assert DigitsRendered().fit(task()) == DigitsRendered()
    with pytest.raises(UserError, match=r"real has \(1, 28, 28\)"):
        DigitsRendered().fit(task(shape=(1, 28, 28)))
    with pytest.raises(UserError, match="real has 9 classes"):
        DigitsRendered().fit(task(classes=9))
