from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.io import loadmat
from sklearn.linear_model import RidgeClassifier

from assay.errors import UserError
from assay.generate.simulate_csi.card import Card, band_of
from assay.generate.simulate_csi.fit import SimulateCsi
from assay.generate.simulate_csi.gestures import GESTURES, gesture_of, posture, progress, sign
from assay.generate.simulate_csi.person import ACT_LIMITS, POINTS, STYLE_LIMITS, Act, Style, points
from assay.generate.simulate_csi.radio import (
    RADIO_LIMITS,
    Radio,
    channel,
    echoed,
    frequencies,
    packet_times,
    scattered,
    shadowing,
)
from assay.generate.simulate_csi.recording import Link, Record, factors_of, record_of, recording, truth
from assay.generate.simulate_csi.room import (
    CARRIER,
    LIGHT,
    ROOM_LIMITS,
    WAVELENGTH,
    Room,
    antennas,
    images,
    static_paths,
    transmitter,
    wall_images,
)
from assay.generate.simulate_csi.sampler import CsiSampler, item
from assay.generate.simulate_csi.task import SimulatedCsi
from assay.generate.simulate_csi.writing import (
    WidarTree,
    signfi_arrays,
    widar_records,
    write_signfi,
    write_widar,
)
from assay.settings import parse
from assay.signal.intel5300 import read_log, scaled_csi
from assay.types import Samples, Task

NOBODY = Style(girth=0.0, shadow=0.0)
SHORT = Link(packets=60)
NOISY = Radio(snr=25, gain_jitter=0.3, cfo=80, phase_noise=0.3, sfo=5, delay=200, delay_jitter=8, loss=0.1)
WIDAR = ("push_pull", "sweep", "clap", "slide", "draw_o", "draw_zigzag")


def task(shape=(3, 40, 30), classes=("walking", "sit_down", "hello"), zero_mean=True):
    x = np.random.default_rng(0).normal(size=(2 * len(classes), *shape)).astype(np.float32)
    x = x - x.mean(2, keepdims=True) if zero_mean else x + 9
    samples = Samples(x, np.arange(len(x)) % len(classes))
    return Task("csi", classes, labelled=samples, test=samples)


def sample(n=12, seed=0, of=None, **settings):
    return SimulateCsi(**settings).fit(of or task()).sample(n, np.random.default_rng(seed))


def naive(lengths, amplitudes, bandwidth):
    """Path by path, subcarrier by subcarrier, in double precision."""
    out = np.zeros((*lengths.shape[1:], 30), complex)
    for k, frequency in enumerate(frequencies(band_of(Card(), bandwidth))):
        for length, amplitude in zip(lengths, amplitudes):
            out[..., k] += amplitude * np.exp(-2j * np.pi * frequency * length / LIGHT)
    return out


# --- the room


def test_an_image_is_the_mirrored_place_behind_each_wall_it_met():
    room, place = Room(width=6, depth=5, ceiling=3), np.array([1.0, 2.0, 0.5])
    places, bounces = images(room, place, 2)
    found = {tuple(p): b for p, b in zip(places.round(9).tolist(), bounces.tolist())}
    assert len(places) == len(found) == 25
    assert found[1, 2, 0.5] == 0
    assert found[-1, 2, 0.5] == found[11, 2, 0.5] == found[1, -2, 0.5] == found[1, 2, 5.5] == 1
    assert found[13, 2, 0.5] == found[-11, 2, 0.5] == found[-1, 8, 0.5] == 2


def test_two_paths_computed_by_hand():
    room = Room(width=8, depth=6, ceiling=3, reflection=0.5, ring=2, turn=180, mast=1.0)
    assert_allclose(transmitter(room), [2, 3, 1])
    assert_allclose(antennas(room, 1)[1], [6, 3, 1], atol=1e-12)
    lengths, amplitudes = static_paths(room, 1)
    assert_allclose(lengths[0, 1], 4)  # the line of sight
    assert_allclose(amplitudes[0, 1], LIGHT / CARRIER / (4 * np.pi * 4))
    floor = np.isclose(lengths[:, 1], np.hypot(4, 2))  # 1 m down to the floor and up again
    assert_allclose(amplitudes[floor, 1], -0.5 * LIGHT / CARRIER / (4 * np.pi * np.hypot(4, 2)))
    assert floor.sum() == 1
    behind = np.isclose(lengths[:, 1], 8)  # the wall 2 m behind either end
    assert (amplitudes[behind, 1] < 0).sum() == 2


def test_antennas_are_half_a_wavelength_apart_on_the_ring():
    places = antennas(Room(ring=1.5, turn=30), 6)
    gaps = np.linalg.norm(np.diff(places.reshape(6, 3, 3), axis=1), axis=2)
    assert_allclose(gaps, LIGHT / CARRIER / 2)
    assert_allclose(np.linalg.norm(places[1::3] - [3, 2.5, 1.1], axis=1), 1.5)
    apart = np.linalg.norm(places[:, None] - places, axis=2) + 9 * np.eye(18)
    assert apart.min() > 0.02


def test_an_image_in_a_side_wall_gives_the_length_of_the_path_by_way_of_that_wall():
    room = Room(width=6, depth=5, turn=180, ring=1.4)
    assert_allclose(
        sorted(wall_images(room)[:, :2].tolist()), sorted([[-1.6, 2.5], [10.4, 2.5], [1.6, -2.5], [1.6, 7.5]])
    )
    place, sink = np.array([[3.0, 2.0, 1.2]]), antennas(room, 1)[:1]
    lengths, amplitudes = echoed(place, 1.0, wall_images(room), sink, 0.5)
    direct, strength = scattered(place[None], np.ones(1), wall_images(room)[0], sink)
    assert_allclose(lengths[0], direct[0])
    assert_allclose(amplitudes[0], -0.5 * strength[0])


# --- the channel


@pytest.mark.parametrize("bandwidth", [20, 40])
def test_the_sum_over_paths_is_that_of_a_plain_loop(bandwidth):
    rng = np.random.default_rng(0)
    lengths, amplitudes = rng.uniform(1, 40, (9, 3, 7)), rng.normal(size=(9, 3, 7))
    difference = np.abs(
        channel(lengths, amplitudes, band_of(Card(), bandwidth)) - naive(lengths, amplitudes, bandwidth)
    )
    assert difference.max() < 1e-5 * np.abs(amplitudes).sum(0).max()


def test_the_card_reports_these_subcarriers():
    narrow, wide = (frequencies(band_of(Card(), bandwidth)) for bandwidth in (20, 40))
    assert_allclose(np.diff(narrow) / 312_500, [2] * 13 + [1] + [2] * 14 + [1])
    assert_allclose(narrow[[0, -1]] - CARRIER, [-28 * 312_500, 28 * 312_500])
    assert_allclose(np.diff(wide), 4 * 312_500)
    assert len(narrow) == len(wide) == 30


def test_the_delay_of_a_path_is_its_length_over_the_speed_of_light():
    wide = band_of(Card(), 40)
    csi = channel(np.array([[12.0]]), np.ones((1, 1)), wide)[0]
    slope = np.polyfit(frequencies(wide), np.unwrap(np.angle(csi.astype(complex))), 1)[0]
    assert_allclose(-slope / (2 * np.pi), 12 / LIGHT, rtol=1e-4)


def test_a_moving_scatterer_has_its_bistatic_doppler_frequency():
    """Towards both ends at known speed: frequency = v_bistatic / λ, positive as the path grows shorter."""
    rate, speed, t = 1000, 0.8, np.arange(1000) / 1000
    source, sink = np.array([0.0, 0.0, 1.0]), np.array([[0.02, 0.0, 1.0]])
    place = np.stack([4 - speed * t, 0 * t, 0 * t + 1], 1)[None]
    lengths, amplitudes = scattered(place, np.array([0.5]), source, sink)
    csi = channel(lengths, amplitudes)[0, :, 15]
    spectrum = np.abs(np.fft.fft(csi))
    expected = 2 * speed / WAVELENGTH
    assert abs(np.fft.fftfreq(1000, 1 / rate)[spectrum.argmax()] - expected) <= 1
    static = csi + 10 * np.abs(csi).max()
    magnitude = np.abs(static) - np.abs(static).mean()  # the same frequency in the magnitude, its sign lost
    assert abs(np.abs(np.fft.rfft(magnitude)).argmax() - expected) <= 1


def test_scattering_follows_the_radar_equation_and_shadow_the_line_of_sight():
    source, sink = np.zeros(3), np.array([[4.0, 0.0, 0.0]])
    _, amplitude = scattered(np.array([[[0.0, 3.0, 0.0]]]), np.array([0.7]), source, sink)
    power = WAVELENGTH**2 * 0.7 / ((4 * np.pi) ** 3 * 3**2 * 5**2)
    assert_allclose(amplitude[0, 0, 0] ** 2, power)
    across = np.array([[2.0, 0.0, 0.0], [2.0, 0.3, 0.0], [2.0, 3.0, 0.0], [-2.0, 0.0, 0.0]])
    assert_allclose(shadowing(across, source, sink, 0.6)[0], [0.4, 1 - 0.6 / np.e, 1, 1], atol=1e-9)


def test_the_channel_is_the_empty_rooms_less_what_the_trunk_shadows():
    room = Room(
        ring=1.5, turn=180, mast=1.4
    )  # the chest of a person in the middle stands in the line of sight
    lengths, amplitudes = static_paths(room, 1)
    empty = truth(Record("lying", room, NOBODY), np.zeros(1))[:, 0]
    assert np.abs(empty - naive(lengths, amplitudes, 20)).max() < 1e-5 * np.abs(amplitudes).sum()
    standing = Style(girth=0.0, shadow=0.6, stature=1.75)
    shadowed = truth(Record("push_pull", room, standing, Act(onset=1)), np.zeros(1))[:, 0]
    sight = naive(lengths[:1], amplitudes[:1], 20)
    assert_allclose((empty - shadowed) / sight, 0.6, atol=0.01)


# --- the person


def test_a_room_with_nobody_has_constant_magnitude():
    made = recording(Record("walking", style=NOBODY, link=SHORT))
    magnitude = np.abs(made.csi)
    assert (magnitude == magnitude[:, :, :1]).all()
    assert (made.measured.iq == made.measured.iq[:, :1]).all()
    assert np.ptp(np.abs(recording(Record("walking", link=SHORT)).csi), axis=2).max() > 1e-4


def test_the_body_stands_on_the_floor_where_it_should_and_looks_where_it_should():
    act = Act(place_x=0.3, place_y=-0.4, heading=90, onset=0)
    at = dict(zip(POINTS, points("push_pull", Style(), act, np.array([0.0, 0.8]), 1.6)))
    assert_allclose(at["head"][0, :2], [0.3, -0.4], atol=0.01)
    assert 1.5 < at["head"][0, 2] < 1.75
    assert at["right_hand"][0, 0] > at["left_hand"][0, 0]  # looking along y, the right hand is at larger x
    forward = at["right_hand"][1] - at["right_hand"][0]
    assert 0.5 < forward[1] < 0.7  # the hand is pushed along y by 0.9 arm lengths
    assert_allclose(at["left_hand"][1], at["left_hand"][0], atol=1e-3)


@pytest.mark.parametrize("name", [*GESTURES, "sign_0", "sign_1", "sign_2", "sign_49"])
def test_every_gesture_is_smooth_and_stays_in_the_room_above_the_floor(name):
    t = np.arange(0, 4, 0.005)
    at = points(name, Style(reach=1.2, asymmetry=0.3, tilt=20), Act(hurry=1.3), t, 4.0)
    speed = np.linalg.norm(np.diff(at, axis=1), axis=2) / 0.005
    assert speed.max() < 8
    assert at[..., 2].min() > -0.05
    assert np.abs(at).max() < 3
    still = name in ("lying", "sitting")
    assert (speed.max() < 0.02) == still


def test_gestures_are_different_and_known_by_name_or_number():
    t = np.linspace(0, 1, 50)
    ways = [np.stack(list(posture(n, t).values())) for n in [*GESTURES, *(f"sign_{i}" for i in range(50))]]
    flat = np.array(ways).reshape(len(ways), -1)
    apart = np.abs(flat[:, None] - flat).max(2) + 9 * np.eye(len(flat))
    assert apart.min() > 0.05
    assert sign(7) == sign(7) == gesture_of("sign_7")
    for bad in ("dance", "sign_x", "sign_1000", "sign_-1"):
        with pytest.raises(UserError, match="unknown gesture"):
            gesture_of(bad)


def test_onset_and_pace_place_a_gesture_in_time():
    t = np.linspace(0, 10, 1001)
    done = progress("sit_down", t, 10.0, 1.0, 0.5)
    assert_allclose(t[np.argmax(done > 0)], 4.15, atol=0.02)
    assert_allclose(t[np.argmax(done == 1)], 5.85, atol=0.02)
    assert progress("sit_down", t, 10.0, 2.0, 1.0)[:-90].max() == 0
    assert progress("sit_down", np.array([0.5]), 0.5, 1.0, 0.5)[0] == 1  # faster where there is no time
    assert_allclose(progress("walking", t, 10.0, 2.0, 0.3, 0.25)[0], 0.25)


# --- factors


CHANGED = {"width": 7.0, "depth": 6.0, "ceiling": 3.1, "reflection": 0.6, "ring": 1.1, "turn": 120.0}
CHANGED |= {
    "mast": 1.3,
    "ripple": 1.0,
    "imbalance": 3.0,
    "stature": 1.6,
    "arm": 0.5,
    "girth": 2.0,
    "tempo": 1.3,
}
CHANGED |= {"reach": 0.7, "asymmetry": 0.5, "tilt": 30.0, "breath": 0.5, "sway": 0.02, "shadow": 0.1}
CHANGED |= {"place_x": 0.3, "place_y": 0.3, "heading": 60.0, "onset": 0.2, "hurry": 1.4, "vigour": 0.7}
CHANGED |= {"moment": 90.0, "power": 5.0, "snr": 20.0, "gain_jitter": 0.9, "cfo": 40.0, "phase_noise": 0.5}
CHANGED |= {"sfo": 3.0, "delay": 90.0, "delay_jitter": 20.0, "loss": 0.3, "clock_jitter": 0.2}
LIMITS = {"room": ROOM_LIMITS, "style": STYLE_LIMITS, "act": ACT_LIMITS, "radio": RADIO_LIMITS}
OF = {name: part for part, limits in LIMITS.items() for name in limits}


@pytest.mark.parametrize("name", CHANGED)
def test_each_factor_moves_what_it_names_and_nothing_above_it(name):
    plain = Record("push_pull", style=Style(sway=0.001), act=Act(place_y=0.2), link=Link(packets=60, rate=20))
    part = dataclasses.replace(getattr(plain, OF[name]), **{name: CHANGED[name]})
    a, b = recording(plain), recording(dataclasses.replace(plain, **{OF[name]: part}))
    same_channel = np.array_equal(a.csi, b.csi)
    same_record = np.array_equal(a.measured.iq, b.measured.iq) and np.array_equal(
        a.measured.agc, b.measured.agc
    )
    assert not same_record
    assert same_channel == (OF[name] == "radio" and name not in ("loss", "clock_jitter"))
    assert np.array_equal(a.times, b.times) == (name not in ("loss", "clock_jitter"))


def test_every_range_of_the_settings_is_a_factor_with_an_effect():
    ranges = {f.name for f in dataclasses.fields(SimulateCsi) if f.type == "Range"}
    assert ranges == set(CHANGED) == set(OF)


def test_moving_the_person_changes_the_moving_paths_and_not_the_empty_room():
    times = np.arange(10) / 20
    here, there = (Record("lying", act=Act(place_x=x), link=Link(packets=10)) for x in (0.0, 0.5))
    assert np.abs(truth(here, times) - truth(there, times)).max() > 1e-5
    gone = [dataclasses.replace(r, style=NOBODY) for r in (here, there)]
    assert_array_equal(truth(gone[0], times), truth(gone[1], times))
    mirrored = Record("lying", act=Act(place_x=5.0), link=Link(packets=10))  # far away: less effect
    empty = truth(gone[0], times)
    assert np.abs(truth(mirrored, times) - empty).max() < 0.3 * np.abs(truth(here, times) - empty).max()


def test_size_tempo_and_style_do_as_they_say():
    t = np.linspace(0, 2, 200)

    def hand(side="right", **style):
        return points("push_pull", Style(**style), Act(onset=0), t, 2.0)[POINTS.index(f"{side}_hand")]

    def way(at):
        return np.linalg.norm(at - at[0], axis=1).max()

    assert_allclose(way(hand(reach=0.5)), 0.5 * way(hand()), rtol=1e-6)
    assert_allclose(way(hand(arm=0.5)), 0.5 / 0.65 * way(hand()), rtol=1e-6)
    assert way(hand("left")) < 0.01
    assert_allclose(way(hand("left", asymmetry=0.5)), 0.5 * way(hand()), rtol=0.01)
    assert np.abs(hand(tempo=2)[:80] - hand()[:160:2]).max() < 0.02


def test_offsets_turn_phases_and_leave_magnitudes():
    plain = Record("clap", link=SHORT)
    turned = dataclasses.replace(plain, radio=Radio(cfo=3.0, sfo=4.3, delay=200.0, delay_jitter=10.0))
    a, b = recording(plain), recording(turned)
    assert_array_equal(a.measured.agc, b.measured.agc)
    assert_allclose(np.abs(as_complex(a)), np.abs(as_complex(b)), atol=1.5)
    ratio = as_complex(b)[0, :, 0, 0] * as_complex(a)[0, :, 0, 0].conj()
    slope = np.angle((ratio[:, 1:14] * ratio[:, :13].conj()).sum(1)) / (2 * np.pi * 625e3)
    assert_allclose(-slope.mean(), 225e-9, atol=15e-9)  # 200 ns and half a sampling period
    assert -slope.max() > 150e-9


def as_complex(made):
    iq = made.measured.iq.astype(float)
    return iq[..., 0] + 1j * iq[..., 1]


# --- rounding, gain control, losses


def test_without_noise_rounding_errs_by_half_a_step_at_most():
    made = recording(Record("draw_o", act=Act(place_y=0.2), link=Link(receivers=2, packets=80)))
    csi = made.csi.transpose(0, 2, 1, 3) * made.measured.gain[..., None, None]
    error = as_complex(made)[:, :, 0] - csi
    assert max(np.abs(error.real).max(), np.abs(error.imag).max()) < 0.5 + 1e-4
    assert np.abs(error).max() > 0.4
    assert np.abs(made.measured.iq).max() < 127


def test_the_gain_control_keeps_the_strongest_antenna_at_its_level_and_tells_the_received_power():
    made = recording(Record("walking", radio=Radio(power=10.0), link=SHORT))
    rms = np.sqrt((np.abs(as_complex(made)[:, :, 0]) ** 2).mean(3))
    assert_allclose(rms.max(2), 31, rtol=0.02)
    received = 10 + 10 * np.log10((np.abs(made.csi) ** 2).mean(3)).transpose(0, 2, 1)
    told = made.measured.rssi - 44.0 - made.measured.agc[..., None]
    assert np.abs(told - received).max() <= 0.5 + 1e-3
    assert_array_equal(np.unique(made.measured.rssi.max(2)), [38])


def test_noise_has_the_power_it_should():
    quiet = recording(Record("sitting", style=NOBODY, link=Link(packets=400)))
    loud = recording(Record("sitting", style=NOBODY, radio=Radio(snr=15), link=Link(packets=400)))
    a, b = (m.measured.iq.astype(float) / m.measured.gain[..., None, None, None, None] for m in (quiet, loud))
    assert_allclose(10 * np.log10((a**2).sum() / ((b - a) ** 2).sum()), 15, atol=0.2)


def test_lost_packets_leave_gaps_in_time_and_the_others_where_they_were():
    rng = np.random.default_rng
    times = packet_times(Radio(loss=0.2), 5000, 100.0, rng(0))
    gaps = np.rint(np.diff(times) * 100)
    assert_allclose((gaps - 1).sum() / gaps.sum(), 0.2, atol=0.02)
    assert_allclose(packet_times(Radio(), 5, 50.0, rng(0)), np.arange(5) / 50)
    assert np.diff(packet_times(Radio(clock_jitter=0.3), 5000, 100.0, rng(0))).min() > 0


# --- records and sampling


def test_same_record_same_bytes_and_the_record_alone_makes_it_again():
    of = task((6, 40, 30))
    settings = {"rate": 50.0, "users": 3, "rooms": 2}
    (a, factors), (b, again) = sample(of=of, **settings), sample(of=of, **settings)
    assert a.digest() == b.digest()
    assert a.digest() != sample(of=of, seed=1, **settings)[0].digest()
    for i in (0, 5, 11):
        x = np.abs(item(recording(record_of(factors, i)), of.shape))
        assert_array_equal(x - x.mean(1, keepdims=True), a.x[i])
    assert all(len(column) == 12 for column in factors.values())
    assert_array_equal(factors["seed"], again["seed"])
    record = Record("clap", radio=NOISY, seed=3)
    assert record_of(factors_of([Record("sweep"), record]), 1) == record


def test_conditions_are_balanced_and_factors_lie_in_their_ranges():
    samples, factors = sample(61, users=4, rooms=3)
    assert samples.x.dtype == np.float32
    assert samples.x.shape == (61, 3, 40, 30)
    assert np.ptp(samples.counts(3)) <= 1
    assert np.ptp(np.bincount(samples.group)) <= 1
    assert dict(zip(samples.y.tolist(), factors["gesture"].tolist())) == {
        0: "walking",
        1: "sit_down",
        2: "sign_2",
    }
    assert len(np.unique(factors["width"])) == 3
    assert len({(u, s) for u, s in zip(samples.group.tolist(), factors["stature"].tolist())}) == 4
    assert len(np.unique(factors["place_x"])) == 61
    for name in OF:
        r = getattr(SimulateCsi(), name)
        assert r[0] <= factors[name].min() <= factors[name].max() <= r[-1]


def test_fixing_a_factor_leaves_the_others_as_they_were():
    free, fixed = sample()[1], sample(tilt=(0.0,))[1]
    assert (fixed["tilt"] == 0).all()
    assert all(np.array_equal(free[name], fixed[name]) for name in free if name != "tilt")


def test_items_fit_the_task():
    plain = task((2, 40, 12), zero_mean=False)
    samples, _ = sample(4, of=plain)
    assert samples.shape == (2, 40, 12)
    assert samples.x.min() >= 0
    plain.check_synthetic(samples)
    removed, _ = sample(4)
    assert np.abs(removed.x.mean(2)).max() < 1e-4
    kept, _ = sample(4, remove_mean=False)
    assert kept.x.mean() > 3
    assert sample(4, part="complex")[0].x.dtype == np.complex64
    assert len(sample(0)[0]) == 0


@pytest.mark.parametrize(
    "make",
    [
        lambda: SimulateCsi(receivers=1).fit(task((6, 40, 30))),
        lambda: SimulateCsi().fit(task((19, 40, 30))),
        lambda: SimulateCsi().fit(task((3, 40, 600))),
        lambda: sample(-1),
        lambda: recording(Record("clap", link=Link(bandwidth=30))),
        lambda: SimulateCsi(bandwidth=60).fit(task()),
        lambda: SimulateCsi().fit(task((40, 30))),
        lambda: SimulatedCsi(gestures=("dance",)).load(),
        lambda: SimulatedCsi(shots=9).load(),
    ],
)
def test_bad_input_is_told(make):
    with pytest.raises(UserError, match="simulate"):
        make()


@pytest.mark.parametrize(
    "bad", [{"ring": (1.0, 3.0)}, {"stature": (1.9, 1.5)}, {"snr": (5.0, 6.0, 7.0)}, {"loss": (1.5,)}]
)
def test_a_bad_range_is_named(bad):
    with pytest.raises(UserError, match=rf"\b{next(iter(bad))}[:=]"):
        SimulateCsi(**bad)


def test_settings_can_be_written_as_text():
    table = {"simulate-csi": SimulateCsi()}
    made = parse("simulate-csi:tilt=-5+5,bandwidth=40,rate=100,receivers=none", table, "generator")
    assert made == SimulateCsi(tilt=(-5.0, 5.0), bandwidth=40, rate=100.0)
    with pytest.raises(UserError, match="multiple"):
        parse("simulate-csi:bandwidth=30", table, "generator")
    assert made.link("t", (4, 10, 30)) == Link(receivers=2, packets=10, rate=100.0, bandwidth=40)


# --- files


def test_a_written_log_reads_back_as_the_simulated_integers(tmp_path):
    tree = WidarTree(gestures=2, locations=1, orientations=2, repetitions=1, receivers=2, packets=30)
    paths = write_widar(tmp_path, tree, seed=4)
    assert len(paths) == 8
    assert {p.relative_to(tmp_path).as_posix() for p in paths} == {
        f"20181130/user1/user1-{g}-1-{o}-1-r{r}.dat" for g in (1, 2) for o in (1, 2) for r in (1, 2)
    }
    for name, record in widar_records(tree, seed=4):
        made = recording(record)
        for receiver in (0, 1):
            log = read_log(tmp_path / f"{name}-r{receiver + 1}.dat")
            assert_array_equal(log.iq, made.measured.iq[receiver])
            assert_array_equal(log.agc, made.measured.agc[receiver])
            assert_array_equal(log.rssi, made.measured.rssi[receiver])
            assert_allclose(log.timestamp / 1e6, made.times, atol=1e-6)
            assert not log.skipped
            part = item(made, (6, 30, 30))[3 * receiver : 3 * receiver + 3].transpose(1, 0, 2)
            assert_array_equal(scaled_csi(log)[:, 0], part)


def test_location_and_orientation_of_the_tree_are_those_of_the_records():
    tree = WidarTree(gestures=1, locations=5, orientations=5, repetitions=1)
    records = dict(widar_records(tree))
    assert len(records) == 25
    assert records["20181130/user1/user1-1-1-3-1"].act.heading == 0
    assert records["20181130/user1/user1-1-2-5-1"].act.place_x == 0.5
    assert len({r.style for r in records.values()}) == 1


def test_signfi_layout(tmp_path):
    sizes = {"users": 2, "signs": 3, "repetitions": 2}
    write_signfi(tmp_path / "signs.mat", **sizes)
    data = loadmat(tmp_path / "signs.mat")
    arrays = signfi_arrays(**sizes)
    assert {k for k in data if not k.startswith("__")} == {"csi1", "csi2", "label"} == set(arrays)
    for name, array in arrays.items():
        assert_array_equal(data[name], array)
    assert data["csi1"].shape == (200, 30, 3, 6)
    assert np.iscomplexobj(data["csi2"])
    assert_array_equal(data["label"][:, 0], [1, 1, 2, 2, 3, 3] * 2)


def test_published_sizes_have_the_published_labels(monkeypatch):
    monkeypatch.setattr("assay.generate.simulate_csi.writing._block", lambda records: np.zeros(len(records)))
    arrays = signfi_arrays()
    label = arrays["label"].astype(int)
    assert label.shape == (7500, 1)
    assert [len(arrays[f"csi{u}"]) for u in range(1, 6)] == [1500] * 5
    blocks = label.reshape(5, 1500)
    assert_array_equal(blocks[0, :1250], np.repeat(np.arange(1, 126), 10))
    blocks[:, -250:] -= 128
    assert_array_equal(blocks, np.tile(np.repeat(np.arange(1, 151), 10), (5, 1)))


# --- the task, and whether anything can be learnt


def test_a_simulated_task_leaves_the_last_user_out():
    settings = SimulatedCsi(users=3, repetitions=6, shots=1, packets=40, signs=2, gestures=("clap",))
    made = settings.load()
    assert made.classes == ("clap", "sign_0", "sign_1")
    assert made.shape == (3, 40, 30)
    assert set(made.labelled.group.tolist()) == set(made.validation.group.tolist()) == {0, 1}
    for part, n in (("shots", 3), ("unlabelled", 3), ("test", 12)):
        samples = getattr(made, part)
        assert set(samples.group.tolist()) == {2}
        assert len(samples) == n
    assert (made.unlabelled.y == -1).all()
    assert made.digest() == settings.load().digest()
    whole = dataclasses.replace(settings, shots=0).load()
    everything = {x.tobytes() for _, part in whole.parts() for x in part.x}
    assert everything == {x.tobytes() for _, part in made.parts() for x in part.x}


def motion_spectra(x):
    """Log power at eight frequencies in each tenth of a recording, its level taken off."""
    n, antenna, t, subcarrier = x.shape
    windows = x.reshape(n, antenna, 10, t // 10, subcarrier) * np.hanning(t // 10)[:, None]
    power = (np.abs(np.fft.rfft(windows, axis=3))[:, :, :, 1:9] ** 2).mean((1, 4))
    log = np.log(power + 1e-3).reshape(n, -1)
    return log - log.mean(1, keepdims=True)


def test_gestures_can_be_learnt_and_people_differ():
    spot = {"heading": (-10.0, 10.0), "place_x": (0.05, 0.15), "place_y": (0.15, 0.25)}
    settings = SimulateCsi(users=2, rate=100.0, remove_mean=True, **spot)
    samples, _ = CsiSampler(settings, WIDAR, Link(1, 200, 100.0), (3, 200, 30)).sample(
        300, np.random.default_rng(0)
    )
    x, half = motion_spectra(samples.x), np.arange(300) % 2 == 0
    within, across = [], []
    for user in (0, 1):
        mine = samples.group == user
        model = RidgeClassifier(10.0).fit(x[mine & half], samples.y[mine & half])
        within.append(model.score(x[mine & ~half], samples.y[mine & ~half]))
        across.append(model.score(x[~mine & ~half], samples.y[~mine & ~half]))
    assert np.mean(within) > 0.6  # chance is 1/6
    assert np.mean(across) < np.mean(within) - 0.1
