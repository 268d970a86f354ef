from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import assay
from assay.data.split import split_task
from assay.errors import UserError
from assay.generate.simulate_csi.card import Card, band_of, narrowest
from assay.generate.simulate_csi.fit import SimulateCsi
from assay.generate.simulate_csi.recording import Link, Record, factors_of, record_of, recording
from assay.generate.simulate_csi.room import Room, antennas
from assay.signal.subcarriers import pilots, used


def a_task(shape, dtype=np.float32, n=12):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(n, *shape, 2)).view(complex)[..., 0]
    x = x.astype(dtype) if np.issubdtype(dtype, np.complexfloating) else np.abs(x).astype(dtype)
    samples = assay.Samples(x, np.arange(n) % 2, np.arange(n) % 3)
    return split_task(samples, ("push_pull", "clap"), kind="signal", normalise="item", deal="items")


@pytest.mark.parametrize(
    ("count", "bandwidth", "expected"),
    [
        (52, 20, used(20, "legacy")),
        (56, 20, used(20)),
        (64, 20, np.arange(-32, 32)),
        (114, 40, used(40)),
        (234, 80, np.setdiff1d(used(80), pilots(80))),
        (242, 80, used(80)),
        (484, 160, used(160)),
    ],
)
def test_each_number_of_subcarriers_is_that_of_a_standard(count, bandwidth, expected):
    assert narrowest(count, 20) == bandwidth
    assert_array_equal(band_of(Card(count), bandwidth).numbers, expected)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize(
    "shape", [(1, 40, 52), (2, 40, 56), (4, 40, 64), (3, 40, 114), (8, 40, 234), (6, 40, 242)]
)
@pytest.mark.parametrize(
    ("generator", "dtype"),
    [
        ("simulate-csi:chains=8,carrier=2.437", np.float32),
        ("simulate-csi:chains=2,carrier=6.1,bits=0,agc=false,part=complex", np.complex64),
        ("csigan:width=2,epochs=1", np.float32),
        ("rf-diffusion:hidden=4,heads=1,blocks=1,packets=20,steps=5,epochs=1", np.complex64),
    ],
)
def test_every_generator_makes_items_of_every_card(generator, dtype, shape):
    samples, _ = assay.synthesise(generator, 2, a_task(shape, dtype))
    assert samples.shape == shape
    assert samples.x.dtype == dtype
    assert samples.x.std() > 0


def test_null_subcarriers_are_zero_and_no_others():
    record = Record("clap", link=Link(packets=30), card=Card(64, bits=10))
    values = recording(record).measured.iq
    null = np.array(band_of(record.card, 20).null)
    assert null.sum() == 64 - 56
    assert not values[..., null, :].any()
    assert values[..., ~null, :].any((0, 1, 2, 3, 5)).all()


@pytest.mark.parametrize("bits", [4, 8, 12])
def test_parts_have_as_many_bits_as_asked(bits):
    values = recording(Record("clap", link=Link(packets=100), card=Card(56, bits=bits))).measured.iq
    assert -(2 ** (bits - 1)) <= values.min()
    assert 2 ** (bits - 4) < values.max() < 2 ** (bits - 1)
    whole = recording(Record("clap", link=Link(packets=100), card=Card(56, bits=0))).measured.iq
    assert whole.dtype == np.float32
    assert not np.array_equal(whole, np.rint(whole))


def test_without_gain_control_packets_keep_their_levels():
    fixed = Record("walking", link=Link(packets=100), card=Card(56, bits=0, agc=False))
    gain = recording(fixed).measured.gain
    assert_allclose(gain, np.broadcast_to(gain[:, :1], gain.shape))
    steered = recording(Record("walking", link=Link(packets=100), card=Card(56, bits=0))).measured
    strongest = np.sqrt((steered.iq.astype(float) ** 2).sum(-1).mean(-1)).max(-1)
    assert_allclose(strongest, 31, rtol=1e-3)


def test_antennas_lie_half_a_wavelength_apart_at_any_carrier():
    for carrier, chains in ((2.412, 8), (6.115, 4)):
        wavelength = band_of(Card(carrier=carrier), 20).wavelength
        places = antennas(Room(), 1, chains, wavelength)
        assert len(places) == chains
        assert_allclose(np.linalg.norm(np.diff(places, axis=0), axis=1), wavelength / 2)


def test_doppler_scales_with_the_carrier():
    """The same motion turns phases in proportion to the carrier's frequency."""
    turns = {}
    for carrier in (2.4, 6.0):
        card = Card(56, 1, carrier, bits=0)
        made = recording(Record("push_pull", link=Link(packets=300, rate=200.0), card=card))
        x = made.csi[0, 0, :, 20]
        moving = x - x.mean()
        turns[carrier] = np.abs(np.diff(np.unwrap(np.angle(moving)))).sum()
    assert 1.8 < turns[6.0] / turns[2.4] < 3.4


def test_factors_make_a_recording_of_any_card_again():
    task = a_task((4, 30, 56))
    settings = SimulateCsi(chains=4, carrier=2.437, bits=10, agc=False)
    samples, factors = settings.fit(task).sample(3, np.random.default_rng(0))
    record = record_of(factors, 1)
    assert record.card == Card(56, 4, 2.437, 10, False)
    values = recording(record).measured.iq[0, :, 0].astype(float)
    expected = np.abs(values[..., 0] + 1j * values[..., 1]).transpose(1, 0, 2)
    x = samples.x[1]
    assert_allclose(x, expected, rtol=1e-5)
    assert "subcarriers" not in factors_of([Record("clap")]), "an Intel 5300 adds nothing"


def test_items_of_two_axes_are_told_how_to_get_three():
    for generator in ("simulate-csi", "rf-diffusion:hidden=4,heads=1,blocks=1,packets=20,steps=5,epochs=1"):
        with pytest.raises(UserError, match=r"become such by x\.swapaxes\(1, 2\)\[:, None\]"):
            assay.synthesise(generator, 2, a_task((52, 40)))
