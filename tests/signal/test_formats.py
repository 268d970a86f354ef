from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from assay.data.first_bytes import format_of, named
from assay.errors import UserError
from assay.signal.formats import arrays, atheros, csi_tool, esp32, nexmon
from assay.signal.formats.arrays import Layout
from assay.signal.formats.atheros import atheros_bytes, make_atheros, read_atheros
from assay.signal.formats.esp32 import esp32_bytes, make_esp32, read_esp32
from assay.signal.formats.nexmon import make_nexmon, nexmon_bytes, read_nexmon
from assay.signal.intel5300 import log_bytes
from assay.signal.simulated_log import make_log
from assay.signal.subcarriers import fft_order, pilots, used

TIMES = 0.01 * np.arange(5)


def whole(shape, low, high, dtype, seed=0):
    return np.random.default_rng(seed).integers(low, high, shape).astype(dtype)


def an_esp32(seed=0, values=64, n=5, **fields):
    return make_esp32(whole((n, values, 2), -128, 128, np.int8, seed), 0.01 * np.arange(n), **fields)


def a_nexmon(seed=0, size=64, n=5):
    return make_nexmon(whole((n, size, 2), -(2**15), 2**15, np.int16, seed), 1e9 + 0.01 * np.arange(n))


def an_atheros(seed=0, shape=(56, 1, 2), n=5):
    return make_atheros(whole((n, *shape, 2), -512, 512, np.int16, seed), 0.01 * np.arange(n))


# ESP32


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 99), values=st.sampled_from([64, 128, 192]), n=st.integers(1, 4), names=st.booleans()
)
def test_esp32_logs_round_trip_byte_for_byte(seed, values, n, names):
    log = replace(an_esp32(seed, values, n), has_names=names)
    content = esp32_bytes(log)
    again = read_esp32(content)
    assert_array_equal(again.iq, log.iq)
    assert again.heads == log.heads
    assert again.bad == ()
    assert esp32_bytes(again) == content


def test_esp32_numbers_are_imaginary_then_real_in_the_order_of_the_transform():
    log = an_esp32(values=64)
    recording = esp32.capture(esp32_bytes(log))
    assert_array_equal(recording.subcarriers, np.arange(-32, 32))
    assert recording.csi[2, 0, 32 + 3] == log.iq[2, 3, 1] + 1j * log.iq[2, 3, 0]
    assert recording.csi[2, 0, 32 - 1] == log.iq[2, 63, 1] + 1j * log.iq[2, 63, 0]
    assert_allclose(recording.seconds, TIMES)
    assert len(recording.carrying().subcarriers) == 52


def test_esp32_takes_the_later_training_field():
    log = an_esp32(values=192)
    recording = esp32.capture(esp32_bytes(log))
    assert (recording.bandwidth, len(recording.carrying().subcarriers)) == (40, 114)
    assert recording.csi[0, 0, 64 - 7] == log.iq[0, 64 + 128 - 7, 1] + 1j * log.iq[0, 64 + 128 - 7, 0]
    short = an_esp32(values=128)
    assert esp32.capture(esp32_bytes(short)).csi[0, 0, 33] == short.iq[0, 65, 1] + 1j * short.iq[0, 65, 0]


def test_esp32_legacy_fields_ascend_beside_a_secondary_channel():
    log = an_esp32(values=64, secondary_channel=1)
    recording = esp32.capture(esp32_bytes(log))
    assert recording.csi[0, 0, 0] == log.iq[0, 0, 1] + 1j * log.iq[0, 0, 0]


def test_esp32_bad_rows_are_named_and_the_others_read():
    rows = esp32_bytes(an_esp32(n=6)).splitlines()
    rows[2] = rows[2][:80]
    rows[3] = rows[3].replace(b"[", b"[x")
    rows[4] = rows[4].replace(b"[", b"[7 ")
    rows[5] = rows[5].replace(b"[", b"[1-2 ")
    rows.insert(6, b"I (123) wifi: some line of the console")
    log = read_esp32(b"\r\n".join(rows))
    assert len(log) == 2
    assert log.bad == (
        "row 3: no values in brackets, a cut row or no packet",
        "row 4: 'x' among the values",
        "row 5: 129 numbers, expected 128, 256, 384",
        "row 6: values that are no whole numbers",
        "row 7: no values in brackets, a cut row or no packet",
    )
    assert log.told().startswith("2 packets, 5 bad rows (row 3: no values in brackets")
    assert log.told().count("; row ") == 4


def test_esp32_rows_of_mixed_sizes_give_the_usual_one():
    wide, narrow = (esp32_bytes(an_esp32(values=n)).splitlines() for n in (192, 64))
    log = read_esp32(b"\n".join([*narrow, wide[1]]))
    assert log.iq.shape == (5, 64, 2)
    assert log.bad == ("row 7: 192 values, others 64",)


def test_esp32_rows_of_espressifs_receiver_with_commas_and_quotes():
    values = whole((64, 2), -128, 128, np.int8)
    text = ",".join(map(str, values.ravel().tolist()))
    columns = "CSI_DATA,7,1a:00,-40,11,1,0,0,0,0,0,0,0,0,-96,0,11,2,123456,0,50,0,128,1"
    row = f'{columns},"[{text}]"\n'.encode()
    for content in (row, ",".join(esp32.RECEIVER).encode() + b"\n" + row):
        log = read_esp32(content)
        assert_array_equal(log.iq[0], values)
        assert log.column("local_timestamp") == ["123456"]
        assert esp32_bytes(log) == content


@settings(max_examples=150, deadline=None)
@given(seed=st.integers(0, 9), data=st.data())
def test_esp32_any_damage_is_told_and_nothing_else_lost(seed, data):
    content = bytearray(esp32_bytes(an_esp32(seed)))
    at = data.draw(st.integers(0, len(content) - 1))
    content[at : at + data.draw(st.integers(0, 30))] = data.draw(st.binary(max_size=30))
    log = read_esp32(bytes(content))
    log.told()
    assert len(log) >= 3 or at < 400, "a wrong line costs itself and at most the next"
    for head, values in zip(log.heads, log.iq):
        assert head.count(b",") == len(log.columns) - 1
        assert values.shape[0] in (64, 128, 192)


# nexmon_csi


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 99),
    size=st.sampled_from([64, 128, 256]),
    n=st.integers(1, 4),
    tail=st.binary(max_size=26),
)
def test_nexmon_logs_round_trip_byte_for_byte(seed, size, n, tail):
    log = a_nexmon(seed, size, n)
    if tail:  # padding, counted in the packet's size
        headers = log.packet_headers.copy().view("<u4")
        headers[:, 2:] += len(tail)
        log = replace(log, tails=(tail,) * n, packet_headers=headers.view(np.uint8))
    content = nexmon_bytes(log)
    again = read_nexmon(content)
    assert_array_equal(again.iq, log.iq)
    assert_array_equal(again.ticks, log.ticks)
    assert nexmon_bytes(again) == content


def test_nexmon_subcarriers_and_times():
    log = a_nexmon(size=128)
    recording = nexmon.capture(nexmon_bytes(log))
    assert (recording.bandwidth, recording.csi.shape) == (40, (5, 1, 128))
    assert_allclose(recording.seconds, TIMES, atol=1e-9)
    place = int(np.flatnonzero(recording.subcarriers == -5)[0])
    assert recording.csi[3, 0, place] == log.iq[3, 128 - 5, 0] + 1j * log.iq[3, 128 - 5, 1]
    assert len(recording.carrying().subcarriers) == 114
    assert len(recording.carrying(keep_pilots=False).subcarriers) == 108


def test_nexmon_cores_and_streams_are_antennas_that_a_packet_has_or_lacks():
    log = a_nexmon(n=6)
    log.heads["core_stream"] = [0, 1, 0, 8, 1, 0]
    recording = nexmon.capture(nexmon_bytes(log))
    assert_array_equal(recording.heard.argmax(1), [0, 1, 0, 2, 1, 0])
    assert_array_equal(recording.heard.sum(1), 1)
    assert not recording.csi[~recording.heard].any()


def test_nexmon_other_packets_and_other_widths_are_told():
    log = a_nexmon(n=4)
    other = nexmon_bytes(a_nexmon(size=128, n=1))[24:]
    foreign = nexmon_bytes(a_nexmon(n=1))[24:].replace(b"\x15\x7c", b"\x00\x35")
    content = nexmon_bytes(log) + other + foreign + other[:40]
    read = read_nexmon(content)
    assert_array_equal(read.iq, log.iq)
    assert read.told() == (
        "4 packets, 20 MHz; 1 other packets; 1 packets of another bandwidth; "
        "40 bytes at the end, cut or damaged"
    )


def test_nexmon_of_chips_with_floats_is_refused_by_name():
    log = a_nexmon()
    log.heads["chip"] = 0x006A
    with pytest.raises(UserError, match="nexmon_csi of bcm4366c0, whose packed floats are not read"):
        read_nexmon(nexmon_bytes(log))


@settings(max_examples=150, deadline=None)
@given(seed=st.integers(0, 9), data=st.data())
def test_nexmon_any_damage_is_told(seed, data):
    content = bytearray(nexmon_bytes(a_nexmon(seed)))
    at = data.draw(st.integers(24, len(content) - 1))
    content[at : at + data.draw(st.integers(0, 30))] = data.draw(st.binary(max_size=30))
    try:
        log = read_nexmon(bytes(content))
    except UserError:
        return  # a chip that is not read
    log.told()
    assert len(log) <= 6
    size = 24 + 16 + 42 + 18 + 256
    assert len(log) >= min(5, (at - 24) // (size - 24)), "packets before the damage stay"


# Atheros


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 99),
    tones=st.sampled_from([56, 114]),
    tx=st.integers(1, 3),
    rx=st.integers(1, 3),
    order=st.sampled_from("<>"),
    payload=st.binary(max_size=9),
)
def test_atheros_logs_round_trip_byte_for_byte(seed, tones, tx, rx, order, payload):
    log = an_atheros(seed, (tones, tx, rx), n=3)
    log.status["payload"] = len(payload)
    log = replace(log, order=order, payloads=(payload,) * 3)
    content = atheros_bytes(log)
    again = read_atheros(content)
    assert again.order == order
    assert_array_equal(again.iq, log.iq)
    assert again.payloads == log.payloads
    assert atheros_bytes(again) == content


def test_atheros_bits_stand_where_the_tool_puts_them():
    iq = np.zeros((1, 56, 2, 2, 2), np.int16)
    iq[0, 0, 0, 0] = (1, 2)  # imaginary, real
    iq[0, 0, 0, 1] = (-1, 0)  # the second receive antenna comes before the second transmit antenna
    packed = int.from_bytes(atheros.pack(iq)[0].tobytes(), "little")
    assert packed == 1 | 2 << 10 | 0b1111111111 << 20
    recording = atheros.capture(atheros_bytes(make_atheros(iq, TIMES[:1])))
    assert recording.csi[0, :, 0].tolist() == [2 + 1j, -1j, 0, 0]


@settings(max_examples=150, deadline=None)
@given(seed=st.integers(0, 9), data=st.data())
def test_atheros_any_damage_is_told(seed, data):
    content = bytearray(atheros_bytes(an_atheros(seed)))
    at = data.draw(st.integers(0, len(content) - 1))
    content[at : at + data.draw(st.integers(0, 30))] = data.draw(st.binary(max_size=30))
    log = read_atheros(bytes(content))
    log.told()
    assert len(log) >= min(5, at // (len(atheros_bytes(an_atheros())) // 5)), "packets before the damage stay"


# the CSI Tool, arrays, first bytes


def an_intel(n=5, **header):
    return make_log(whole((n, 1, 3, 30, 2), -60, 60, np.int8), 10_000 * np.arange(n), **header)


def test_intel_logs_are_recordings():
    recording = csi_tool.capture(log_bytes(an_intel()))
    assert recording.csi.shape == (5, 3, 30)
    assert recording.heard.all()
    assert_allclose(recording.seconds, TIMES)
    assert (recording.subcarriers[0], recording.subcarriers[-1]) == (-28, 28)
    mixed = np.where(np.arange(5) == 2, csi_tool.HT40, 257)
    part = csi_tool.capture(log_bytes(an_intel(rate=mixed)))
    assert len(part) == 4
    assert part.told.endswith("1 packets of another number of streams or bandwidth left out")


@pytest.mark.parametrize(("axes", "order"), [("tas", (0, 1, 2)), ("tsa", (0, 2, 1)), ("ast", (1, 2, 0))])
@pytest.mark.parametrize("kind", ["npy", "mat", "mat73"])
def test_arrays_are_recordings_whatever_their_axes(tmp_path, axes, order, kind):
    x = np.random.default_rng(0).normal(size=(7, 2, 5)) + 1j
    stored, path = x.transpose(order), tmp_path / f"x.{kind[:3]}"
    if kind == "npy":
        np.save(path, stored)
    elif kind == "mat":
        from scipy.io import savemat

        savemat(path, {"csi": stored, "about": "a test"})
    else:
        h5py = pytest.importorskip("h5py")
        with h5py.File(path, "w", userblock_size=512) as file:
            pairs = np.empty(stored.shape, [("real", "f8"), ("imag", "f8")])
            pairs["real"], pairs["imag"] = stored.real, stored.imag
            file["csi"] = pairs.transpose()
        path.write_bytes(b"MATLAB 7.3 MAT-file".ljust(128) + path.read_bytes()[128:])
    read = format_of(path).read
    assert_allclose(read(path, Layout(axes)).csi, x, rtol=1e-6)
    with pytest.raises(UserError, match=r"shape .*; say which axis is time"):
        read(path, Layout())


def test_ntu_fi_files_are_known(tmp_path):
    from scipy.io import savemat

    x = np.arange(342 * 10.0).reshape(342, 10)
    savemat(tmp_path / "x.mat", {"CSIamp": x})
    recording = arrays.capture_mat(tmp_path / "x.mat", Layout())
    assert recording.csi.shape == (10, 3, 114)
    assert recording.csi[4, 2, 7] == x[2 * 114 + 7, 4]


def test_mat_files_with_several_arrays_ask_which(tmp_path):
    from scipy.io import savemat

    savemat(tmp_path / "x.mat", {"a": np.ones((3, 4)), "b": np.zeros((3, 4))})
    with pytest.raises(UserError, match=r"2 arrays \(a \(3, 4\), b \(3, 4\)\); say which with variable="):
        arrays.capture_mat(tmp_path / "x.mat", Layout())
    assert arrays.capture_mat(tmp_path / "x.mat", Layout(variable="b")).csi.max() == 0
    with pytest.raises(UserError, match="no variable 'c'"):
        arrays.capture_mat(tmp_path / "x.mat", Layout(variable="c"))


@pytest.mark.parametrize("cut", [",", ";", "\t", " "])
def test_tables_of_numbers_with_names_clocks_and_bad_rows(tmp_path, cut):
    x = np.round(np.random.default_rng(0).normal(size=(6, 4)), 3)
    rows = [cut.join(map(str, [0.1 * i, *row])) for i, row in enumerate(x)]
    path = tmp_path / "x.csv"
    path.write_text("\n".join([cut.join(["time", "a", "b", "c", "d"]), *rows, ""]))
    recording = arrays.capture_csv(path, Layout())
    assert_allclose(recording.csi[:, 0], x, rtol=1e-6)
    assert_allclose(recording.seconds, 0.1 * np.arange(6))
    path.write_text("\n".join([*rows[:3], "1" + cut + "2", *rows[3:], cut.join("abcde")]))
    recording = arrays.capture_csv(path, Layout())
    assert recording.csi.shape == (6, 1, 5)
    assert recording.told == "6 packets; 2 bad rows (row 4, row 8)"


def test_tables_of_complex_numbers(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("1+2i,3-4j\n-1-1i,0\n")
    assert_array_equal(
        arrays.capture_csv(path, Layout()).csi[:, 0], np.array([[1 + 2j, 3 - 4j], [-1 - 1j, 0]])
    )


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (log_bytes(an_intel()), "an Intel CSI Tool log: `assay data pack`"),
        (b"\x00\x05\xc1abcd" + log_bytes(an_intel()), "an Intel CSI Tool log: `assay data pack`"),
        (esp32_bytes(an_esp32()), "CSV of an ESP32: `assay data pack`"),
        (nexmon_bytes(a_nexmon()), "a capture file of nexmon_csi: `assay data pack`"),
        (atheros_bytes(an_atheros()), "an Atheros CSI Tool log: `assay data pack`"),
        (atheros_bytes(replace(an_atheros(), order=">")), "an Atheros CSI Tool log: `assay data pack`"),
        (b"1.0,2.0\n3.5,4\n" * 999, "CSV of numbers: `assay data pack`"),
        (b"\x10\0\0\0" + (0x20150315).to_bytes(4, "little"), "a PicoScenes log: not read"),
        (b"\x89HDF\r\n", "an HDF5 file: save its arrays"),
        (b"\x89PNG\r\n", "a PNG image"),
        (b"\x80\x04abc", "a pickle: never loaded"),
        (b"hello, world\n", "text: save its columns"),
        (b"", ""),
    ],
)
def test_files_are_named_by_their_first_bytes(tmp_path, content, told):
    (tmp_path / "x").write_bytes(content)
    said = named(tmp_path / "x")
    assert said.startswith(told)
    assert bool(said) == bool(told)


def test_npz_and_npy_files_are_named(tmp_path):
    np.savez(tmp_path / "x.npz", x=np.ones(3))
    np.save(tmp_path / "x.npy", np.ones(3))
    assert named(tmp_path / "x.npz") == "an .npz file: give it as it is, or unzip it"
    assert named(tmp_path / "x.npy") == "an .npy file: `assay data pack`"


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=600))
def test_naming_never_raises(content):
    from assay.data.first_bytes import FORMATS

    for kind in FORMATS:
        kind.matches(content)


def test_used_subcarriers_and_pilots():
    assert [len(used(bandwidth)) for bandwidth in (20, 40, 80, 160)] == [56, 114, 242, 484]
    assert len(used(20, "legacy")) == 52
    assert [len(pilots(bandwidth)) for bandwidth in (20, 40, 80, 160)] == [4, 6, 8, 16]
    for bandwidth in (20, 40, 80, 160):
        assert np.isin(pilots(bandwidth), used(bandwidth)).all()
    assert_array_equal(fft_order(8), [0, 1, 2, 3, -4, -3, -2, -1])
    with pytest.raises(UserError, match="bandwidth=30"):
        used(30)


def test_an_npy_file_of_objects_is_never_loaded(tmp_path):
    buffer = io.BytesIO()
    np.save(buffer, np.array([{}], object), allow_pickle=True)
    (tmp_path / "x.npy").write_bytes(buffer.getvalue())
    with pytest.raises(UserError, match="holds objects, never loaded"):
        arrays.capture_npy(tmp_path / "x.npy", Layout())
