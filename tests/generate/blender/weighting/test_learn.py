"""Weighted rendering: the arithmetic alone, then learning with a stand-in for Blender, then with Blender."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from assay.errors import UserError
from assay.generate.blender.fit import Blender
from assay.generate.blender.scene.distribution import Distribution, fixed, names, one_of, uniform
from assay.generate.blender.scene.factors.camera import metered
from assay.generate.blender.stream import open_stream
from assay.generate.blender.weighting import rounds
from assay.generate.blender.weighting.draws import Draws, draws_of, random_factors
from assay.generate.blender.weighting.learn import _nearest, learn_factors
from assay.generate.blender.weighting.photographs import read_photographs
from assay.generate.blender.weighting.pictures import Pictures, render_pictures
from assay.generate.blender.weighting.projection import as_factors, columns
from assay.generate.blender.weighting.ratio import effective, odds, tempered
from assay.generate.blender.weighting.refit import counted, cut, refitted, reweighted, shares_of
from assay.generate.blender.weighting.rounds import STILL, Weighting
from assay.generate.blender.weighting.statistics import image_statistics
from assay.generate.blender.weighting.text import as_text
from assay.generate.blender.weighting.yardstick import yardstick
from assay.methods.training import Training
from assay.quality.weighted_rendering import class_features
from assay.settings import with_options
from assay.types import Samples
from tests.support.blender_here import blender_or_skip

KEEP, DOUBT = 0.1, 0.05


def rng(*seed):
    return np.random.default_rng(seed or 0)


# -- refitting ----------------------------------------------------------------------------------------


numbers = st.floats(-1000, 1000).map(lambda x: round(x, 3))
piece = st.tuples(numbers, st.one_of(st.just(0.0), st.floats(0.01, 100))).map(lambda p: (p[0], p[0] + p[1]))
weight = st.floats(0.01, 10)
distributions = st.lists(st.tuples(piece, weight), min_size=1, max_size=5).map(
    lambda parts: Distribution(tuple(p for p, _ in parts), tuple(w for _, w in parts))
)


@given(distributions, st.integers(2, 16), st.floats(0, 1))
def test_cutting_changes_no_value(whole, bins, share):
    pieces = cut(whole, bins)
    width = max(high - low for low, high in whole.pieces)
    ends = np.cumsum(shares_of(whole))
    if np.abs(ends - share).min() > 1e-3:  # weights are cut off after four digits
        assert pieces.at(share) == pytest.approx(
            whole.at(share), abs=0.02 * width * len(ends) / min(shares_of(whole))
        )
    assert cut(pieces, bins) == pieces
    assert (pieces.lowest, pieces.highest) == (whole.lowest, whole.highest)
    assert shares_of(pieces).sum() == pytest.approx(1)


def test_a_range_is_cut_into_equal_pieces_with_short_ends():
    assert cut(uniform(1, 2), 4).pieces == ((1, 1.25), (1.25, 1.5), (1.5, 1.75), (1.75, 2))
    assert str(cut(uniform(0, 1), 3)).startswith("0.0..0.3333@0.3333+0.3333..0.6667@")
    assert cut(fixed(3), 8) == fixed(3)
    assert cut(names("a", "b"), 8) == names("a", "b")
    two = cut(Distribution(((0, 1), (5, 5), (2, 3)), (2, 1, 1)), 4)
    assert two.pieces == ((0, 0.5), (0.5, 1), (5, 5), (2, 2.5), (2.5, 3))
    assert shares_of(two) == pytest.approx([0.25, 0.25, 0.25, 0.125, 0.125])


@st.composite
def cases(draw):
    """Shares, a start with room for them, draws of pictures that draw once to three times, and weights."""
    parts, pictures = draw(st.integers(2, 6)), draw(st.integers(2, 40))
    seeded = rng(draw(st.integers(0, 10**6)))
    start = seeded.dirichlet(np.ones(parts))
    shares = KEEP * start + (1 - KEEP) * seeded.dirichlet(np.ones(parts))
    draws = seeded.choice(parts, size=(pictures, draw(st.integers(1, 3))), p=shares)
    counts = np.stack([(draws == part).sum(1) for part in range(parts)], axis=1).astype(float)
    return shares, start, counts, seeded.exponential(size=pictures) ** draw(st.integers(0, 5))


@given(cases())
@settings(max_examples=50, deadline=None)
def test_refitted_shares_are_shares_and_none_dies_out(case):
    shares, start, counts, weights = case
    found = reweighted(shares, start, counts, weights, KEEP, 1.0, rng())
    assert found.shares.sum() == pytest.approx(1)
    assert (found.shares >= KEEP * start - 1e-12).all()
    assert 0 <= found.evidence <= 1
    again = reweighted(shares, start, counts, weights, KEEP, 1.0, rng())
    assert np.array_equal(found.shares, again.shares)


@given(cases())
@settings(max_examples=30, deadline=None)
def test_equal_weights_move_nothing(case):
    shares, start, counts, _ = case
    found = reweighted(shares, start, counts, np.ones(len(counts)), KEEP, 1.0, rng())
    assert found.evidence == 0
    assert found.shares == pytest.approx(shares, abs=1e-12)


def drawn(factor, n, seed=0):
    return Draws(tuple(factor.at(share) for share in rng(seed).random(n)), np.arange(n))


def test_the_update_is_the_weighted_histogram_without_its_scatter():
    """Against Bayes' rule written out: weights that are a function of the value alone."""
    now = Distribution(((0, 1), (1, 2), (2, 3)), (1, 2, 1))
    draws = drawn(now, 2000)
    value = np.array([1.0, 3.0, 8.0])[np.minimum(np.array(draws.values).astype(int), 2)]
    found, evidence = refitted(now, now, draws, value, KEEP, DOUBT, rng())
    target = np.array([1, 2, 1]) * np.array([1, 3, 8])
    assert evidence > 0.99
    assert shares_of(found) == pytest.approx(target / target.sum(), abs=0.005)


def test_words_get_weights_and_what_never_came_still_does_not():
    now = names("wood", "metal", "moss", weights=(1, 1, 0))
    draws = drawn(now, 300)
    found, _ = refitted(now, now, draws, 1.0 * (np.array(draws.values) == "metal"), KEEP, DOUBT, rng())
    assert found.words == now.words
    assert shares_of(found) == pytest.approx([0.05, 0.95, 0], abs=0.01)


def test_several_draws_of_a_picture_carry_its_weight_each_and_none_is_no_evidence():
    now = one_of(1, 2)
    lamps = Draws((1.0, 1.0, 2.0, 1.0, 2.0), np.array([0, 0, 0, 2, 2]))
    assert counted(now, lamps, 3).tolist() == [[2, 1], [0, 0], [1, 1]]
    none = Draws((), np.array([], dtype=np.int64))
    for factor in (now, names("parts", "one")):
        assert refitted(factor, factor, none, np.array([1.0, 5.0, 2.0]), KEEP, DOUBT, rng()) == (factor, 0.0)


def test_chance_moves_few_factors():
    moved = 0
    for seed in range(60):
        now = cut(uniform(0, 1), 8)
        weights = np.exp(rng(1, seed).normal(size=200))
        moved += refitted(now, now, drawn(now, 200, seed), weights, KEEP, DOUBT, rng(seed))[1] > 0
    assert moved <= 8, "one in twenty is expected: three of sixty"


def test_values_in_two_pieces_count_for_both_and_strays_are_named():
    both = Distribution(((0, 2), (1, 2), (1.5, 1.5)), (1, 1, 1))
    counts = counted(both, Draws((0.5, 1.2, 1.5), np.arange(3)), 3)
    assert counts == pytest.approx(np.array([[1, 0, 0], [1 / 3, 2 / 3, 0], [0, 0, 1]]), abs=1e-6)
    with pytest.raises(UserError, match=r"7\.0: not a value of 0\.\.2|7\.0: not a value of 0"):
        counted(both, Draws((7.0,), np.array([0])), 1)
    with pytest.raises(UserError, match="weights"):
        refitted(both, both, Draws((1.0,), np.array([0])), np.array([np.nan]), KEEP, DOUBT, rng())


# -- draws --------------------------------------------------------------------------------------------


def test_draws_are_those_of_the_scenes():
    stream = open_stream(Blender(metering=uniform(0, 1), hue=uniform(0, 1)), seed=3)
    factors = random_factors(stream.settings)
    assert {"exposure", "material", "light_energy", "hue"} <= set(factors)
    assert not {"focal_length", "tilt", "distractors"} & set(factors)
    indices = (4, 9, 11)
    scenes = [stream.scene(index) for index in indices]
    draws = draws_of(stream, indices, factors)
    assert [stream.scene(index) for index in indices] == scenes, "the stream itself is left alone"
    assert draws["camera_distance"].values == tuple(scene.camera.distance for scene in scenes)
    lamps = [(place, lamp.energy) for place, scene in enumerate(scenes) for lamp in scene.lights]
    assert list(zip(draws["light_energy"].picture.tolist(), draws["light_energy"].values)) == lamps
    assert draws["environment"].values == tuple(scene.environment.map or "none" for scene in scenes)
    made_up = [metered(scene.lights, scene.environment) for scene in scenes]
    pairs = zip(draws["exposure"].values, draws["metering"].values, made_up)
    assert [e + m * up for e, m, up in pairs] == pytest.approx([scene.camera.exposure for scene in scenes])
    assert draws["distractor_scale"].values == (), "nothing was beside the object"


# -- weights ------------------------------------------------------------------------------------------


def test_odds_are_the_ratio_of_densities():
    """Two Gaussians in the first of twenty dimensions: brighter, and of less scatter."""
    real, rendered = rng(1).normal(size=(600, 20)), rng(2).normal(size=(800, 20))
    real[:, 0] = 0.5 + 0.6 * real[:, 0]
    x = rendered[:, 0]
    truth = -0.5 * ((x - 0.5) / 0.6) ** 2 + 0.5 * x**2 - np.log(0.6)
    found = odds(real, rendered)
    near = np.abs(x) < 2
    assert np.corrcoef(found.logits[near], truth[near])[0, 1] > 0.85
    assert 0.5 < np.polyfit(truth[near], found.logits[near], 1)[0] < 1.2


def test_sets_of_one_kind_give_equal_weights_whatever_the_number_of_features():
    """More features than items: a model that judged what it has learnt from would tell them all apart."""
    real, rendered = rng(1).normal(size=(60, 300)), rng(2).normal(size=(80, 300))
    found = odds(real, rendered)
    assert abs(found.auc - 0.5) < 0.15
    assert effective(np.exp(found.logits)) > 0.9 * 80


@given(st.integers(0, 1000), st.floats(0, 30), st.floats(0.05, 1))
@settings(max_examples=50, deadline=None)
def test_tempered_weights_are_worth_enough_and_fair_to_classes(seed, scale, least):
    logits, labels = scale * rng(seed).normal(size=60), np.arange(60) % 3
    found = tempered(logits + 5 * labels, labels, least)
    assert 0 <= found.power <= 1
    assert found.effective >= least * 60 - 1e-6
    assert found.effective == pytest.approx(effective(found.weights))
    for label in range(3):
        assert found.weights[labels == label].mean() == pytest.approx(1)
    if found.power < 1:
        assert found.effective < least * 60 + 0.1, "no more is taken off than needed"


# -- what can be read of factors ----------------------------------------------------------------------


def test_columns_are_of_each_draw_of_their_mean_and_of_each_word():
    pair = Draws((1.0, 5.0, 3.0, 5.0), np.array([0, 0, 1, 1]))
    some = Draws((2.0, 4.0), np.array([0, 0]))
    lamps = Draws((1.0, 3.0, 7.0), np.array([0, 0, 1]))
    words = Draws(("b", "a"), np.array([0, 1]))
    assert columns({"pair": pair}, 2).T.tolist() == [[-1, 1]], "the second draw never differs"
    assert columns({"some": some}, 2).shape == (2, 0), "no number for the second is no difference"
    assert columns({"lamps": lamps, "words": words}, 2).T.tolist() == [[-1, 1], [-1, 1], [1, -1]]
    assert columns({}, 2).shape == (2, 0)


def test_only_what_can_be_read_is_compared():
    """Photographs far off in a feature that no factor moves, and otherwise as rendered."""
    brightness, roll = rng(1).normal(size=300), rng(2).normal(size=300)
    rendered = np.stack([brightness + 0.3 * rng(3).normal(size=300), rng(4).normal(size=300)], axis=1)
    real = rng(5).normal(size=(200, 2)) + np.array([0.0, 9.0])
    draws = {
        name: Draws(tuple(v), np.arange(300)) for name, v in (("brightness", brightness), ("roll", roll))
    }
    assert odds(real, rendered).auc > 0.99
    photographs, renders = as_factors(real, rendered, draws)
    assert photographs.shape == (200, 1)
    assert np.corrcoef(renders[:, 0], brightness)[0, 1] > 0.9
    assert odds(photographs, renders).auc < 0.6


# -- features -----------------------------------------------------------------------------------------


def test_statistics_see_the_middle_and_the_rest_apart():
    grey = np.full((1, 3, 16, 16), 100, np.uint8)
    inner, outer = grey.copy(), grey.copy()
    inner[..., 5:11, 5:11], outer[..., :3, :] = 200, 200
    base, middle, around = (image_statistics(x)[0, :58].reshape(2, 29) for x in (grey, inner, outer))
    assert image_statistics(grey).shape == (1, 74)
    assert np.abs(middle - base)[0].max() > 0.1 > np.abs(middle - base)[1, :3].max()
    assert np.abs(around - base)[1].max() > 0.1
    assert np.array_equal(around[0], base[0])


def test_statistics_are_of_brightness_and_direction_whatever_the_kind_of_number():
    images = rng().integers(0, 256, (3, 3, 12, 20), dtype=np.uint8)
    assert image_statistics(images / 255.0) == pytest.approx(image_statistics(images))
    stripes = np.zeros((16, 16)) + 255 * (np.arange(16) // 2 % 2)
    upright, lying = (np.stack([s] * 3)[None].astype(np.uint8) for s in (stripes, stripes.T))
    assert np.abs(image_statistics(upright) - image_statistics(lying))[0, :58].max() > 0.5


def test_the_floor_is_the_scatter_of_photographs():
    photographs = rng(1).normal(size=(300, 6))
    stick = yardstick(photographs, rng(2).normal(size=(200, 6)), 0)
    assert len(stick.measuring) == 100
    assert len(np.unique(np.vstack([stick.measuring, stick.weighing]), axis=0)) == 300
    assert 0 < stick.floor < 0.02
    assert stick.distance(rng(3).normal(size=(300, 6))) < 2 * stick.floor
    assert stick.distance(1 + rng(3).normal(size=(300, 6))) > 5 * stick.floor


# -- learning with a stand-in -------------------------------------------------------------------------

SIDE = 16
PLAIN = Blender(
    size=SIDE,
    classes=("mug", "chair", "bottle"),
    metering=fixed(0),
    exposure=uniform(-1, 1),
    look_at=uniform(-0.4, 0.4),
    background=names("none", "colour", "drawing"),
)
SEEN = ("exposure", "look_at", "background")
SMALL = Weighting(rounds=2, images=240, factors=(*SEEN, "camera_roll", "light_energy"))
TINTS = {"mug": (1, 0.7, 0.7), "chair": (0.7, 1, 0.7), "bottle": (0.7, 0.7, 1)}


def picture(scene):
    """A disc where the camera does not look, as bright as it exposes, of its class's colour."""
    down, across = np.mgrid[:SIDE, :SIDE]
    stripes = 0.1 + 0.3 * (across // 2 % 2)
    behind = {"none": 0.2, "colour": 0.45, "drawing": stripes}[scene.background.kind]
    y, x, _ = scene.camera.look_at
    disc = np.hypot(down - 7.5 - 12 * y, across - 7.5 - 12 * x) < 3
    level = 0.45 * 2**scene.camera.exposure
    clean = np.stack([np.where(disc, level * part, behind) for part in TINTS[scene.label]])
    noisy = clean + rng(scene.seed, scene.index).normal(0, 0.03, clean.shape)
    return (255 * noisy.clip(0, 1)).astype(np.uint8)


@cache
def pictured(settings, seed, index):
    """The picture of a scene, which most tests begin with."""
    return picture(open_stream(settings, seed).scene(index))


def draw(stream, n, folder=None, workers=1, report=None):
    return Pictures(
        np.stack([pictured(stream.settings, stream.seed, index) for index in range(n)]), tuple(range(n))
    )


def photographs(n=240, seed=99, **factors):
    return draw(open_stream(replace(PLAIN, **factors), seed), n).x


def test_planted_distributions_are_found():
    """Brightness, position and a word at once."""
    real = photographs(
        exposure=uniform(-1, 0), look_at=uniform(0.1, 0.4), background=names("none", "colour", weights=(3, 1))
    )
    learned = learn_factors(PLAIN, real, replace(SMALL, rounds=3, images=200), render=draw)
    now = learned.settings
    none, colour, drawing = shares_of(now.background)
    assert none > 0.5 > colour > drawing
    assert drawing < 0.1
    assert shares_of(now.exposure)[:4].sum() > 0.75
    assert shares_of(now.look_at)[5:].sum() > 0.45, "a third of its draws leave no trace"
    for unseen in ("camera_roll", "light_energy"):
        assert getattr(now, unseen) == getattr(PLAIN, unseen)
    assert all(share > 0 for name in SEEN for share in shares_of(getattr(now, name)))
    distances = [record["distance"] for record in learned.history]
    assert learned.best > 0
    assert distances[learned.best] < 0.25 * distances[0]
    text = learned.text
    assert with_options(Blender(), text.removeprefix("blender:"), "blender") == now
    assert (now.size, now.height) == (PLAIN.size, PLAIN.height)


def test_nothing_moves_where_photographs_are_as_rendered():
    learned = learn_factors(PLAIN, Samples(photographs()), SMALL, render=draw)
    assert learned.settings == PLAIN
    assert learned.stopped == STILL


def test_shares_of_classes_are_not_taken_for_factors():
    """Photographs of mugs for the most part: class and factor are independent, so no factor moves far."""
    stream = open_stream(PLAIN, 99)
    mugs = np.stack([picture(stream.scene(index)) for index in range(0, 600, 3)])
    real = np.concatenate([mugs, draw(stream, 60).x])
    learned = learn_factors(PLAIN, real, replace(SMALL, rounds=1), render=draw)
    for name in SEEN:
        shares = shares_of(cut(getattr(learned.settings, name), SMALL.bins))
        assert shares == pytest.approx(np.full(len(shares), 1 / len(shares)), rel=0.5)


def test_features_that_see_the_background_only_teach_nothing_of_the_object(tmp_path):
    """Exposure makes the disc brighter, which they do not see; the word they do."""

    def corner(images):
        return images[:, :, :2].mean((2, 3))

    real = photographs(exposure=uniform(0.5, 1), background=names("colour"))
    learned = learn_factors(PLAIN, real, replace(SMALL, rounds=1), corner, tmp_path, render=draw)
    assert shares_of(learned.settings.background)[1] > 0.9
    assert learned.settings.exposure == PLAIN.exposure
    note = json.loads((tmp_path / "learned.json").read_text())
    assert note["rounds"][0]["settings"] == as_text(PLAIN)
    assert note["stopped"] == learned.stopped


def test_the_same_seed_learns_the_same_and_another_learns_alike():
    real, brief = photographs(exposure=uniform(0, 1)), replace(SMALL, rounds=1, images=120)
    told = []
    first, second = (
        learn_factors(PLAIN, real, brief, render=draw, report=lambda *now: told.append(now)) for _ in "ab"
    )
    assert first == second
    other = learn_factors(PLAIN, real, replace(brief, seed=1), render=draw)
    assert other.settings != first.settings
    assert min(shares_of(run.settings.exposure)[4:].sum() for run in (first, other)) > 0.6


def test_what_no_factor_can_show_leads_another_astray():
    """A limit: backgrounds brighter than the renderer can make are taken for exposure. The distance tells."""
    real = photographs(background=names("colour"))
    start = replace(PLAIN, background=names("none"))
    learned = learn_factors(start, real, replace(SMALL, rounds=1, factors=("exposure",)), render=draw)
    assert learned.history[0]["moved"]["exposure"] > 0.5
    assert min(record["distance"] for record in learned.history) > 20 * learned.floor


def test_no_nearer_is_not_learnt():
    """The last of those that are as near as any, if that is nearer than what was given."""
    assert _nearest([0.5, 0.3, 0.1, 0.2], 0.01) == 2
    assert _nearest([0.5, 0.11, 0.1, 0.105], 0.01) == 3
    assert _nearest([0.105, 0.1, 0.2], 0.01) == 0
    assert _nearest([0.1], 0.01) == 0
    assert _nearest([0.10, 0.05, 0.075], 0.03) == 1, "round 2 is near, but not by more than the floor"


def test_photographs_come_from_a_folder_in_any_order_or_from_a_task(tmp_path):
    for number, name in enumerate(("a.png", "deep/b.png", "deep/c.jpg")):
        (tmp_path / "deep").mkdir(exist_ok=True)
        Image.new("RGB", (30, 20), (80 * number, 0, 0)).save(tmp_path / name)
    start = Blender(size=16, classes=("mug",))
    real, settings = read_photographs(str(tmp_path), start)
    assert settings is start
    assert real.x.shape == (3, 3, 16, 16)
    assert set(real.y) == {-1}
    with pytest.raises(UserError, match="task 'nosuch'"):
        read_photographs("nosuch", start)


def test_a_factor_that_drew_nothing_is_no_occasion_for_chance(monkeypatch):
    plain = Blender(classes=("mug",), distractors=fixed(0))
    draws = draws_of(open_stream(plain), range(40), random_factors(plain))
    drawn = sum(bool(own.values) for own in draws.values())
    assert drawn < len(draws)
    doubts = []

    def told(parts, first, own, weights, keep, doubt, rng):
        doubts.append(doubt)
        return parts, 0.0

    monkeypatch.setattr(rounds, "refitted", told)
    rounds._refitted(plain, plain, draws, np.ones(40), Weighting())
    assert doubts == [rounds.DOUBT / drawn] * drawn


def test_what_a_user_can_mend_is_said():
    real = photographs(30)
    with pytest.raises(UserError, match=r"real: 29 images; expected 30 or more"):
        learn_factors(PLAIN, real[:29], SMALL, render=draw)
    with pytest.raises(UserError, match=r"real: shape \(30, 16, 16\)"):
        learn_factors(PLAIN, real[:, 0], SMALL, render=draw)
    with pytest.raises(UserError, match=r"factors: 'metering' has no two values; those that have: "):
        learn_factors(PLAIN, real, Weighting(factors=("metering",)), render=draw)
    with pytest.raises(UserError, match=r"features: shape \(30,\) for 30 images"):
        learn_factors(PLAIN, real, SMALL, lambda images: images.mean((1, 2, 3)), render=draw)
    with pytest.raises(UserError, match=r"weighting: keep=2"):
        learn_factors(PLAIN, real, replace(SMALL, keep=2.0), render=draw)
    with pytest.raises(UserError, match="cannot be written as text"):
        as_text(replace(PLAIN, models=("catalogue", "a+b")))


def test_features_of_a_network_serve_too():
    """One trained on the classes of rendered pictures."""
    stream, small = open_stream(PLAIN, 5), Training(epochs=2, steps=10, batch=16)
    rendered = Samples(draw(stream, 90).x, np.arange(90) % 3)
    features = class_features(rendered, "cnn2d:width=8,depth=2", small)
    real = photographs(90, background=names("drawing"))
    assert features(real).shape == (90, 16)
    assert np.array_equal(features(real), features(real)), "nothing is drawn anew"
    learned = learn_factors(PLAIN, real, replace(SMALL, rounds=1, images=150), features, render=draw)
    assert shares_of(learned.settings.background)[2] > 0.6


# -- learning with Blender ----------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_blender_pictures_tell_exposure_and_distance(tmp_path):
    blender_or_skip()
    plain = Blender(
        size=32,
        samples=2,
        classes=("mug", "chair", "bottle"),
        scale=fixed(1.5),
        background=names("none"),
        exposure=uniform(-2, 2),
        camera_distance=uniform(1.5, 4),
    )
    target = replace(plain, exposure=uniform(-2, 0), camera_distance=uniform(1.5, 2.5))
    real = render_pictures(open_stream(target, 99), 300, tmp_path / "real", 1, lambda *_: None).x
    learned = learn_factors(plain, real, Weighting(rounds=2, images=300), folder=tmp_path / "rounds")
    assert shares_of(learned.settings.exposure)[:4].sum() > 0.6, learned.history
    assert shares_of(learned.settings.camera_distance)[:4].sum() > 0.8, learned.history
    assert learned.history[learned.best]["distance"] < 0.3 * learned.history[0]["distance"]
