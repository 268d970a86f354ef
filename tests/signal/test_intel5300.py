from __future__ import annotations

import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from assay.errors import UserError
from assay.signal.antennas import antenna_order, by_antenna
from assay.signal.intel5300 import log_bytes, raw_csi, read_log, scaled_csi
from assay.signal.records import record_bytes

FIELDS = ["timestamp", "bfee_count", "unused", "n_rx", "n_tx", "a", "b", "c", "noise", "agc"]
FIELDS += ["antenna_sel", "payload", "rate"]
BODY = struct.Struct("<IHHBBBBBbBBHH")
KNOWN = {"widar_r1": "userA-1-1-1-1-r1.dat", "walking": "bedroom_user1_walking_01.dat"}


def record(
    values, n_rx=3, n_tx=1, timestamp=7, count=1, rssi=(40, 41, 42), noise=-127, agc=35, sel=36, rate=257
):
    """One record, its bits set one value after another; `values` (30, n_rx * n_tx, 2)."""
    bits, at = 0, 0
    for subcarrier in np.asarray(values).tolist():
        at += 3
        for value in [part for pair in subcarrier for part in pair]:
            bits |= (value & 255) << at
            at += 8
    payload = bits.to_bytes((at + 7) // 8, "little")
    head = BODY.pack(timestamp, count, 0, n_rx, n_tx, *rssi, noise, agc, sel, len(payload), rate)
    return struct.pack(">HB", len(head + payload) + 1, 187) + head + payload


def plain_packets(content):
    """A reading of a log without damage, value after value: headers, values (30, streams, 2)."""
    at = 0
    while at < len(content):
        length, code = struct.unpack_from(">HB", content, at)
        if code == 187:
            head = dict(zip(FIELDS, BODY.unpack_from(content, at + 3)))
            streams = head["n_rx"] * head["n_tx"]
            bits = int.from_bytes(content[at + 23 : at + 23 + head["payload"]], "little")
            starts = [k * (3 + 16 * streams) + 3 + 8 * j for k in range(30) for j in range(2 * streams)]
            values = np.array([bits >> start & 255 for start in starts], np.uint8).view(np.int8)
            yield head, values.reshape(30, streams, 2)
        at += 2 + length


def whole_numbers(rng, streams):
    return rng.integers(-128, 128, (30, streams, 2))


def some_records(n=20, seed=0, n_rx=3, n_tx=1):
    rng = np.random.default_rng(seed)
    return [record(whole_numbers(rng, n_rx * n_tx), n_rx, n_tx, timestamp=i) for i in range(n)]


def assert_accounts(log, size):
    """Packets and skipped pieces lie side by side and cover the file."""
    packets = record_bytes(log.n_rx, log.n_tx).sum()
    assert packets + sum(piece.size for piece in log.skipped) == size
    assert all(piece.size > 0 and piece.reason for piece in log.skipped)
    ends = [piece.offset + piece.size for piece in log.skipped]
    assert all(end <= piece.offset for end, piece in zip(ends, log.skipped[1:]))


@pytest.mark.parametrize("name", KNOWN)
def test_matches_the_published_code_on_real_logs(name, real_root):
    path = real_root.parent / "golden" / "intel5300.npz"
    if not path.is_file():
        pytest.skip("no golden values of real recordings (they are not redistributed)")
    golden = np.load(path)
    log = read_log(real_root / "intel5300" / KNOWN[name])
    assert len(log) == golden[f"{name}_packets"]
    assert log.skipped == ()
    assert_array_equal(raw_csi(log)[:64], golden[f"{name}_raw_first64"])
    assert_array_equal(log.timestamp, golden[f"{name}_timestamp"])
    scaled = scaled_csi(log)[:64].reshape(64, 90)
    assert_allclose(scaled, golden[f"{name}_scaled_first64"], rtol=1e-5)
    if name == "widar_r1":
        assert_array_equal(log.rssi, golden[f"{name}_rssi"])
        assert_array_equal(log.agc, golden[f"{name}_agc"])


def test_two_readings_of_every_real_log_agree_bit_for_bit(real_root):
    paths = sorted((real_root / "intel5300").glob("*.dat"))
    if not paths:
        pytest.skip("no real Intel 5300 logs")
    for path in paths:
        content = path.read_bytes()
        log, plain = read_log(path), list(plain_packets(content))
        assert len(log) == len(plain)
        assert log.skipped == ()
        heads = {name: [head[name] for head, _ in plain] for name in FIELDS}
        for name in ("timestamp", "bfee_count", "n_rx", "n_tx", "noise", "agc", "antenna_sel", "rate"):
            assert_array_equal(getattr(log, name), heads[name])
        assert_array_equal(log.rssi.T, [heads["a"], heads["b"], heads["c"]])
        assert_array_equal(log.iq[:, 0].transpose(0, 2, 1, 3), [values for _, values in plain])
        assert log_bytes(log) == content


legal_record = st.builds(
    lambda seed, n_rx, n_tx, **header: record(
        whole_numbers(np.random.default_rng(seed), n_rx * n_tx), n_rx, n_tx, **header
    ),
    seed=st.integers(0, 2**32 - 1),
    n_rx=st.integers(1, 3),
    n_tx=st.integers(1, 3),
    timestamp=st.integers(0, 2**32 - 1),
    count=st.integers(0, 2**16 - 1),
    rssi=st.tuples(*[st.integers(0, 255)] * 3),
    noise=st.integers(-128, 127),
    agc=st.integers(0, 255),
    sel=st.integers(0, 255),
    rate=st.integers(0, 2**16 - 1),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(legal_record, max_size=6))
def test_any_legal_records_read_right_and_round_trip(records):
    content = b"".join(records)
    log = read_log(content)
    assert len(log) == len(records)
    assert log.skipped == ()
    assert log_bytes(log) == content
    assert np.isfinite(scaled_csi(log)).all()
    for i, (head, values) in enumerate(plain_packets(content)):
        iq = log.iq[i, : head["n_tx"], : head["n_rx"]].transpose(2, 1, 0, 3)  # receive chain, then transmit
        assert_array_equal(iq.reshape(30, -1, 2), values)
        assert (log.timestamp[i], log.noise[i], log.rate[i]) == (
            head["timestamp"],
            head["noise"],
            head["rate"],
        )
        assert not log.iq[i, head["n_tx"] :].any()
        assert not log.iq[i, :, head["n_rx"] :].any()


@settings(max_examples=150, deadline=None)
@given(st.lists(legal_record, min_size=1, max_size=5), st.data())
def test_damage_costs_only_the_records_it_hits(records, data):
    content, sizes = bytearray(b"".join(records)), [len(r) for r in records]
    at = data.draw(st.integers(0, len(content) - 1))
    junk = data.draw(st.binary(max_size=40))
    cut = data.draw(st.integers(0, 60))
    content[at : at + cut] = junk
    log = read_log(bytes(content))
    assert_accounts(log, len(content))
    ends = np.cumsum(sizes)
    hit = (ends - sizes < at + cut) & (ends > at)
    packets = {log_bytes(log[i : i + 1]) for i in range(len(log))}
    assert {r for r, was_hit in zip(records, hit) if not was_hit} <= packets


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 20 * 215))
def test_a_cut_keeps_the_whole_records_before_it(size):
    content = b"".join(some_records())[:size]
    log = read_log(content)
    assert len(log) == size // 215
    assert_accounts(log, size)
    assert bool(log.skipped) == bool(size % 215)


@settings(max_examples=200, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=3000),
        st.lists(st.sampled_from([0, 1, 2, 3, 187, 192, 213, 255]), max_size=3000).map(bytes),
    )
)
def test_random_bytes_never_raise_and_are_accounted_for(content):
    log = read_log(content)
    assert_accounts(log, len(content))
    assert scaled_csi(log).shape[0] == len(log)
    assert str(len(log)) in log.told()


def test_a_megabyte_of_one_byte_is_no_trap():
    for byte in (0, 1, 187):
        log = read_log(bytes([byte]) * 2**20)
        assert len(log) == 0
        assert_accounts(log, 2**20)


def test_what_is_skipped_is_told_with_its_place_and_reason():
    a, b, c = some_records(3)
    foreign = struct.pack(">HB", 50, 193) + bytes(49)
    broken = bytearray(b)
    broken[11] = 4  # receive antennas
    log = read_log(a + foreign + bytes(broken) + b"\0\0\0\0" + c + a[:100])
    assert_array_equal(log.timestamp, [0, 2])
    assert [(piece.offset, piece.size) for piece in log.skipped] == [
        (215, 52),
        (267, 215),
        (482, 4),
        (701, 100),
    ]
    reasons = [piece.reason for piece in log.skipped]
    assert reasons == [
        "record of code 193, not CSI",
        "damaged CSI record",
        "damaged or foreign bytes",
        "cut or damaged at the end",
    ]
    assert log.told().startswith("2 packets, 371 bytes skipped (1 × cut or damaged at the end; ")


def test_one_wrong_length_costs_one_packet():
    records = some_records(10)
    wrong = bytearray(records[3])
    wrong[0] = 1  # 256 bytes too long
    log = read_log(b"".join([*records[:3], bytes(wrong), *records[4:]]))
    assert_array_equal(log.timestamp, [0, 1, 2, 4, 5, 6, 7, 8, 9])


def test_packets_of_different_shapes_stay_apart():
    content = b"".join(some_records(2) + some_records(3, 1, n_rx=2, n_tx=3))
    log = read_log(content)
    assert log.iq.shape == (5, 3, 3, 30, 2)
    assert log.shapes() == {(2, 3): 3, (3, 1): 2}
    part = log.only(2, 3)
    assert part.iq.shape == (3, 3, 2, 30, 2)
    assert log_bytes(part) == b"".join(some_records(3, 1, n_rx=2, n_tx=3))
    assert_allclose(scaled_csi(part), scaled_csi(log)[2:, :, :2], rtol=1e-6)


@pytest.mark.parametrize(
    ("n_rx", "sel", "order", "known"),
    [
        (3, 0b100100, (0, 1, 2), True),
        (3, 0b001001, (1, 2, 0), True),
        (3, 0b010010, (2, 0, 1), True),
        (3, 0b010101, (0, 1, 2), False),
        (3, 0b110100, (0, 1, 2), False),
        (2, 0b000001, (1, 0), True),
        (2, 0b100100, (0, 1), True),
        (2, 0b000010, (1, 0), True),
        (2, 0b001000, (0, 1), True),
        (2, 0b000101, (0, 1), False),
        (1, 0b000010, (0,), True),
    ],
)
def test_chains_are_put_in_the_order_of_the_antennas(n_rx, sel, order, known):
    values = np.zeros((30, n_rx, 2), int)
    values[:, :, 0] = 1 + np.arange(n_rx)
    log = read_log(record(values, n_rx, sel=sel))
    got, told = antenna_order(log)
    assert tuple(got[0]) == order
    assert told[0] == known
    expected = np.zeros(n_rx)
    expected[list(order)] = 1 + np.arange(n_rx)
    assert_array_equal(raw_csi(log)[0, 0, :, 5], expected)


def one_scaled(head, values):
    """The scaling of one packet, in decibels as the CSI Tool has it."""
    heard = [head[name] for name in "abc" if head[name]]
    level = 10 * np.log10(sum(10 ** (dB / 10) for dB in heard)) - 44 - head["agc"]
    scale = 10 ** (level / 10) / ((values.astype(float) ** 2).sum() / 30)
    noise = 10 ** ((-92 if head["noise"] == -127 else head["noise"]) / 10)
    total = noise + scale * head["n_rx"] * head["n_tx"]
    return (
        np.abs(values @ [1, 1j]) * np.sqrt(scale / total) * {1: 1, 2: np.sqrt(2), 3: 10**0.225}[head["n_tx"]]
    )


@pytest.mark.parametrize("n_tx", [1, 2, 3])
@pytest.mark.parametrize("noise", [-127, -85])
@pytest.mark.parametrize("rssi", [(40, 41, 42), (0, 30, 0)])
def test_scaling_matches_the_formula_in_decibels(n_tx, noise, rssi):
    content = record(
        whole_numbers(np.random.default_rng(1), 3 * n_tx), 3, n_tx, rssi=rssi, noise=noise, agc=60
    )
    [(head, values)] = plain_packets(content)
    ours = np.abs(scaled_csi(read_log(content))[0]).transpose(2, 1, 0).reshape(30, -1)
    assert_allclose(ours, one_scaled(head, values), rtol=1e-5)


def test_a_packet_without_signal_is_zero_and_no_nan():
    rng = np.random.default_rng(0)
    content = record(whole_numbers(rng, 3), rssi=(0, 0, 0)) + record(np.zeros((30, 3, 2), int))
    assert_array_equal(scaled_csi(read_log(content)), 0)


def test_an_empty_or_missing_file(tmp_path):
    empty = tmp_path / "empty.dat"
    empty.touch()
    log = read_log(empty)
    assert (len(log), scaled_csi(log).shape, log_bytes(log)) == (0, (0, 1, 1, 30), b"")
    with pytest.raises(UserError, match=r"gone\.dat: No such file"):
        read_log(tmp_path / "gone.dat")


def test_a_csi_record_in_a_payload_is_no_packet():
    inner = some_records(1, 9, n_rx=1)[0]
    a, b = some_records(2)
    foreign = struct.pack(">HB", len(inner) + 11, 193) + bytes(5) + inner + bytes(5)
    log = read_log(a + foreign + b)
    assert_array_equal(log.timestamp, [0, 1])
    assert [(piece.offset, piece.size, piece.reason) for piece in log.skipped] == [
        (len(a), len(foreign), "record of code 193, not CSI")
    ]
    assert_accounts(log, len(a + foreign + b))
    assert len(read_log(a + foreign + b"\0\0" + b)) == 3, "after damage, whatever is whole and legal is found"


def test_damage_without_end_takes_no_time_without_end():
    link = struct.pack(">HB", 1, 193)
    content = (some_records(1)[0] + link * 300 + b"\0\0\0") * 100
    log = read_log(content)
    assert len(log) == 100
    assert_accounts(log, len(content))


def with_sel(sels, n_rx=2, **header):
    values = np.zeros((30, n_rx, 2), int)
    values[:, :, 0] = 1 + np.arange(n_rx)
    return read_log(
        b"".join(record(values, n_rx, sel=sel, timestamp=i, **header) for i, sel in enumerate(sels))
    )


def test_columns_are_antennas_whichever_a_packet_used():
    log = with_sel([0b0100, 0b1000, 0b0010, 0b1001])  # a b; a c; c a; b c
    csi, heard = by_antenna(log, raw_csi(log))
    assert csi.shape == (4, 1, 3, 30)
    assert_array_equal(csi[:, 0, :, 7].real, [[1, 2, 0], [1, 0, 2], [2, 0, 1], [0, 1, 2]])
    assert_array_equal(heard, [[1, 1, 0], [1, 0, 1], [1, 0, 1], [0, 1, 1]])


def test_packets_that_do_not_tell_their_antennas_have_none_unless_none_tells():
    log = with_sel([0b0100, 0b0101, 0b1100])
    assert_array_equal(by_antenna(log, raw_csi(log))[1], [[1, 1, 0], [0, 0, 0], [0, 0, 0]])
    assert "; 2 packets whose antenna order is none" in log.told()
    silent = with_sel([0, 0, 0], n_rx=3)
    csi, heard = by_antenna(silent, raw_csi(silent))
    assert heard.all()
    assert_array_equal(csi[:, 0, :, 0].real, [[1, 2, 3]] * 3)


def test_packets_of_mixed_shapes_keep_their_antennas():
    log = read_log(b"".join(some_records(3) + some_records(2, 1, n_tx=2) + some_records(1, 2, n_rx=1)))
    csi, heard = by_antenna(log, raw_csi(log))
    assert csi.shape == (6, 2, 3, 30)
    assert_array_equal(heard.sum(1), [3, 3, 3, 3, 3, 1])
    assert_array_equal(csi[:5], raw_csi(log)[:5])
    assert log.told() == (
        "6 packets, 0 bytes skipped; shapes: 3 of 3 × 1, 2 of 3 × 2, 1 of 1 × 1; clock set back 2 times"
    )
    assert log.usual().shapes() == {(3, 1): 3}
    assert len(read_log(b"").usual()) == 0


def test_a_dead_antenna_is_told():
    assert with_sel([36] * 4, n_rx=3, rssi=(40, 0, 41)).told().endswith("; antennas dead: b")
    assert "dead" not in with_sel([0b1000] * 4, rssi=(40, 0, 41)).told(), "b was not used"
