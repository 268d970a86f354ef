from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

import assay
from assay.data.packing.labels import by_pattern, numbered
from assay.data.packing.pack import pack
from assay.data.packing.parts import finished, fitted, steady
from assay.data.packing.split import split_recordings
from assay.data.packing.windows import Grid, cut
from assay.errors import UserError
from assay.signal.capture import Capture
from assay.signal.formats.atheros import make_atheros, write_atheros
from assay.signal.formats.esp32 import make_esp32, write_esp32
from assay.signal.formats.nexmon import make_nexmon, write_nexmon
from assay.signal.intel5300 import write_log
from assay.signal.simulated_log import make_log, quantised

PATTERN = "{class}/{user}-{trial:d}.*"


def moving(times, hertz, antennas, subcarriers, seed=0):
    """A static path and one that turns `hertz` times a second, (packets, antennas, subcarriers)."""
    rng = np.random.default_rng(seed)
    number = np.arange(subcarriers)
    static = 1 + 0.2 * rng.random((1, antennas, 1)) + 0 * number
    slope = np.exp(-0.02j * number) * np.exp(2j * np.pi * rng.random((1, antennas, 1)))
    return static * slope + 0.3 * np.exp(2j * np.pi * hertz * times)[:, None, None] * slope


def write_intel(path, times, hertz, antennas=3, **header):
    csi = moving(times, hertz, antennas, 30)
    write_log(
        path, make_log(quantised(csi[:, None]), np.rint(1e6 * times).astype(np.int64) % 2**32, **header)
    )


def write_esp(path, times, hertz):
    csi = moving(times, hertz, 1, 64)[:, 0]
    parts = quantised(csi)[..., ::-1]  # imaginary first
    write_esp32(path.with_suffix(".csv"), make_esp32(np.ascontiguousarray(parts), times))


def write_nex(path, times, hertz):
    parts = quantised(moving(times, hertz, 1, 64)[:, 0]).astype(np.int16)
    write_nexmon(path.with_suffix(".pcap"), make_nexmon(parts, times))


def write_ath(path, times, hertz):
    parts = quantised(moving(times, hertz, 3, 56)).astype(np.int16)[..., ::-1]
    write_atheros(path, make_atheros(np.ascontiguousarray(parts.transpose(0, 2, 1, 3)[:, :, None]), times))


def write_npy(path, times, hertz):
    np.save(path.with_suffix(".npy"), moving(times, hertz, 2, 20))


WRITERS = {
    "intel": (write_intel, (3, 30)),
    "esp32": (write_esp, (1, 52)),
    "nexmon": (write_nex, (1, 56)),
    "atheros": (write_ath, (3, 56)),
    "npy": (write_npy, (2, 20)),
}


def a_folder(root, write=write_intel, users="ab", trials=3, seconds=4.0, rate=50.0, skip=None):
    times = np.arange(int(seconds * rate)) / rate
    for name, hertz in (("slow", 2.0), ("quick", 5.0)):
        (root / name).mkdir(parents=True)
        for user in users:
            for trial in range(trials):
                write(root / name / f"{user}-{trial}.dat", times if skip is None else times[skip], hertz)
    return root


def line(item, rate):
    """The strongest frequency of an item (antenna, time, subcarrier), Hz."""
    x = item - item.mean(1, keepdims=True)
    power = (np.abs(np.fft.rfft(x, axis=1)) ** 2).sum((0, 2))
    return np.fft.rfftfreq(item.shape[1], 1 / rate)[power.argmax()]


@pytest.mark.parametrize("card", WRITERS)
def test_every_card_comes_out_with_its_labels_lines_and_subcarriers(tmp_path, card):
    write, (antennas, subcarriers) = WRITERS[card]
    folder = a_folder(tmp_path / "logs", write)
    options = {"packet_rate": 50, "axes": "tas"} if card == "npy" else {}
    packed = assay.pack(folder, tmp_path / "mine.npz", pattern=PATTERN, window=1, group="user", **options)
    assert packed.samples.shape == (antennas, 50, subcarriers)
    assert len(packed.samples) == 12 * 4
    assert packed.classes == ("quick", "slow")
    assert packed.manifest["left_out"] == []
    for x, y in zip(packed.samples.x, packed.samples.y):
        assert line(x, 50) == (5, 2)[y]
    task = assay.open_task(str(tmp_path / "mine.npz"))
    assert task.kind == "signal"
    assert (task.shape, task.classes) == (packed.samples.shape, packed.classes)
    assert set(np.concatenate([part.group for _, part in task.parts() if len(part)])) == {0, 1}
    manifest = json.loads((tmp_path / "mine.json").read_text())
    assert [recording["user"] for recording in manifest["recordings"]] == ["a"] * 3 + ["b"] * 3 + [
        "a"
    ] * 3 + ["b"] * 3
    assert (manifest["rate"], manifest["window"], manifest["groups"]) == (50, 1, ["a", "b"])


@pytest.mark.parametrize(("part", "sanitation"), [("complex", "fit"), ("phase", "fit"), ("phase", "ratio")])
@pytest.mark.parametrize("skip", [None, np.random.default_rng(1).random(400) < 0.7])
def test_phases_survive_jumps_from_packet_to_packet_and_losses(tmp_path, part, sanitation, skip, monkeypatch):
    rng = np.random.default_rng(0)

    def jumping(path, times, hertz):
        turn = 2 * np.pi * rng.random((len(times), 1, 1)) + rng.uniform(
            -0.3, 0.3, (len(times), 1, 1)
        ) * np.arange(30)
        csi = moving(times, hertz, 3, 30)
        csi[:, 0] = csi[:, 0].mean(0)  # one antenna that hears the standing path only
        write_log(
            path, make_log(quantised((csi * np.exp(1j * turn))[:, None]), np.rint(1e6 * times).astype(int))
        )

    folder = a_folder(tmp_path / "logs", jumping, users="a", rate=100.0, skip=skip)
    packed = pack(folder, pattern=PATTERN, window=2, rate=30, part=part, sanitation=sanitation)
    assert packed.samples.x.dtype == (np.complex64 if part == "complex" else np.float32)
    assert packed.samples.shape == (2 if sanitation == "ratio" else 3, 60, 30)
    for x, y in zip(packed.samples.x, packed.samples.y):
        assert line(np.abs(x) if part == "complex" else x[-1:], 30) == (5, 2)[y]


def test_doppler_of_windows(tmp_path):
    folder = a_folder(tmp_path / "logs", seconds=2.5, rate=500.0, trials=2, users="a")
    packed = pack(folder, pattern=PATTERN, part="doppler", window=1)
    assert packed.samples.shape == (121, 512)
    assert len(packed.samples) == 4 * 2
    assert_allclose(packed.samples.x.sum(1), 1, rtol=1e-5)


def test_windows_keep_to_their_recording_and_its_part(tmp_path):
    folder = a_folder(tmp_path / "logs", trials=4)
    packed = pack(folder, pattern=PATTERN, window=1, step=0.5)
    assert len(np.unique(packed.samples.group)) == 16
    for group in np.unique(packed.samples.group):
        mine = packed.samples.group == group
        assert len(set(packed.split[mine])) == 1
        assert len(set(packed.columns["recording"][mine])) == 1
        assert_allclose(np.sort(packed.columns["start"][mine]), 0.5 * np.arange(7))
    assert set(packed.split) == {"labelled", "unlabelled", "validation", "test"}


def test_a_target_is_left_out_whole(tmp_path):
    folder = a_folder(tmp_path / "logs", trials=4)
    packed = pack(folder, pattern=PATTERN, window=1, target="user=b", group="user")
    theirs = packed.columns["user"] == "b"
    assert set(packed.split[theirs]) == {"unlabelled", "test"}
    assert set(packed.split[~theirs]) == {"labelled"}
    with pytest.raises(UserError, match="target=user=c: expected NAME=VALUE, of user a, b"):
        pack(folder, pattern=PATTERN, target="user=c")


def test_gaps_cost_the_windows_they_lie_in(tmp_path):
    skip = np.ones(200, bool)
    skip[60:90] = False  # 1.2 to 1.8 s
    folder = a_folder(tmp_path / "logs", trials=2, skip=skip)
    packed = pack(folder, pattern=PATTERN, window=1, rate=50)
    assert set(packed.columns["start"]) == {0.0, 2.0, 3.0}
    assert packed.manifest["left_out"][0].startswith("quick/a-0.dat, window at 1 s: 1 gaps, 63 % of the time")
    assert packed.told().startswith("24 items of 3 × 50 × 30, 2 classes, 8 recordings\nleft out, 8 × 1 gaps")


def test_bursts_give_no_items_and_the_reason(tmp_path):
    folder = a_folder(tmp_path / "logs", rate=1000.0, trials=1, seconds=2, skip=np.arange(2000) % 100 < 50)
    with pytest.raises(UserError, match=r"no recording gives an item; first: .*gaps, 5\d % of the time"):
        pack(folder, pattern=PATTERN, window=1)


def test_recordings_that_differ_or_cannot_be_read_are_left_out_by_name(tmp_path):
    folder = a_folder(tmp_path / "logs")
    times = np.arange(200) / 50
    write_intel(folder / "slow" / "a-7.dat", times, 2.0, antennas=2)
    (folder / "slow" / "a-8.dat").write_bytes(b"\x89PNG\r\n")
    (folder / "slow" / "a-9.dat").write_bytes(b"")
    write_intel(folder / "slow" / "a-10.dat", times[:20], 2.0)
    (folder / "slow" / "notes.txt").write_text("hello")
    packed = pack(folder, pattern="{class}/{user}-{trial:d}.dat", window=1)
    assert sorted(packed.manifest["left_out"]) == [
        "slow/a-10.dat: 0.38 s, shorter than a window",
        "slow/a-7.dat: antennas (0, 1), most recordings have (0, 1, 2)",
        "slow/a-8.dat: a PNG image: give a folder of images by class",
        "slow/a-9.dat: of no kind that is read",
        "slow/notes.txt: does not fit the pattern",
    ]
    assert len(packed.samples) == 48


def test_antennas_are_physical_ones(tmp_path):
    """Packets that went a, b, then a, c: only a is heard by most."""
    sels = np.where(np.arange(200) % 2 == 0, 0b0100, 0b1000)

    def two_of_three(path, times, hertz):
        write_intel(path, times, hertz, antennas=2, antenna_sel=sels)

    packed = pack(a_folder(tmp_path / "logs", two_of_three), pattern=PATTERN, window=1, rate=20)
    assert packed.samples.shape == (3, 20, 30), "each antenna has at least half of the packets"
    for x, y in zip(packed.samples.x, packed.samples.y):
        for antenna in range(3):
            assert line(x[antenna : antenna + 1], 20) == (5, 2)[y]


def test_a_list_in_place_of_a_pattern(tmp_path):
    folder = a_folder(tmp_path / "logs", trials=2)
    rows = [
        f"{name}/{user}-{trial}.dat,{name},{user}"
        for name in ("slow", "quick")
        for user in "ab"
        for trial in (0, 1)
    ]
    listing = tmp_path / "list.csv"
    listing.write_text("\n".join(["path,class,person", *rows]))
    packed = pack(folder, listing=listing, window=1, group="person")
    assert (len(packed.samples), packed.manifest["groups"]) == (32, ("a", "b"))
    listing.write_text("\n".join(["path,class", "slow/a-0.dat,slow", "slow/a-0.dat,slow"]))
    with pytest.raises(UserError, match=r"list\.csv: line 3: slow/a-0\.dat is listed twice"):
        pack(folder, listing=listing)
    listing.write_text("path,class\nslow/z.dat,slow")
    with pytest.raises(UserError, match=r"list\.csv: line 2: no such file"):
        pack(folder, listing=listing)
    listing.write_text("file,class\nslow/a-0.dat,slow")
    with pytest.raises(UserError, match=r"list\.csv: no column 'path'"):
        pack(folder, listing=listing)


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("{user}-{trial}.dat", "no {class}; what do the recordings show"),
        ("{class}/{group}.dat", "'group' is a name of the packed file's own"),
        ("{class}/{my user}.dat", "'{my user}' is no name"),
        ("{class}/{user:x}.dat", "expected {user}, or {user:d} for digits"),
        ("{class}.wav", r"no file fits the pattern {class}\.wav; there is slow/a-0\.dat"),
    ],
)
def test_patterns_that_cannot_be_are_refused(tmp_path, pattern, message):
    (tmp_path / "slow").mkdir()
    (tmp_path / "slow" / "a-0.dat").touch()
    with pytest.raises(UserError, match=message):
        by_pattern(tmp_path, pattern)


def test_patterns_find_names_in_paths(tmp_path):
    for name in ("fall_down_01.dat", "walk_2.dat", "deep/er/walk_3.dat"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    found = by_pattern(tmp_path, "{class}_{trial:d}.dat")
    assert [fields["class"] for fields in found.fields] == ["fall_down", "walk"]
    assert found.left_out == ("deep/er/walk_3.dat",)
    assert len(by_pattern(tmp_path, "**{class}_{trial:d}.dat").paths) == 3


def test_names_are_numbered_by_value():
    assert numbered(["10", "9", "b", "9", "a"]) == (("9", "10", "a", "b"), [1, 0, 3, 0, 2])


@settings(max_examples=60, deadline=None)
@given(counts=st.lists(st.integers(2, 9), min_size=1, max_size=4), seed=st.integers(0, 9))
def test_every_class_is_learnt_and_tested(counts, seed):
    classes = np.repeat(np.arange(len(counts)), counts).tolist()
    part = split_recordings(classes, [{}] * len(classes), "", seed)
    for label in range(len(counts)):
        assert {"labelled", "test"} <= set(part[np.array(classes) == label])


def test_one_recording_a_class_is_refused():
    with pytest.raises(UserError, match="a class of one recording, whose windows would be learnt and tested"):
        split_recordings([0, 0, 1], [{}] * 3, "", 0)


@settings(max_examples=40, deadline=None)
@given(slope=st.floats(-0.3, 0.3), offset=st.floats(-3, 3), seed=st.integers(0, 99))
def test_the_fit_takes_off_any_line_of_phase(slope, offset, seed):
    rng = np.random.default_rng(seed)
    number = np.r_[-28:0:2, 1:29:2]
    csi = (1 + 0.2 * rng.random((4, 2, 28))) * np.exp(1j * 0.2 * rng.random((4, 2, 28)))
    turned = csi * np.exp(1j * (offset + slope * number))
    assert_allclose(fitted(turned, number), fitted(csi, number), atol=2e-5)


def a_capture(csi):
    return Capture(csi, np.ones(csi.shape[:2], bool), 0.1 * np.arange(len(csi)), np.arange(csi.shape[2]))


def test_parts_that_cannot_be_are_refused():
    magnitudes = np.ones((5, 1, 4), np.float32)
    with pytest.raises(UserError, match="part=phase: holds magnitudes only"):
        steady(a_capture(magnitudes), "phase", "fit")
    with pytest.raises(UserError, match="sanitation=ratio: one antenna"):
        steady(a_capture(magnitudes.astype(np.complex64)), "complex", "ratio")


def test_phases_are_counted_from_their_mean_direction():
    x = np.exp(1j * (3 + np.array([-0.2, 0.2, 0.0])))[:, None, None] * np.ones((3, 2, 4))
    assert_allclose(finished(x, "phase", False)[1, :, 3], [-0.2, 0.2, 0.0], atol=1e-6)
    x = np.array([1.0, 2.0, 6.0])[:, None, None] * np.ones((3, 2, 4))
    assert_allclose(finished(x, "magnitude", True)[0, :, 0], [-2, -1, 3])


@settings(max_examples=40, deadline=None)
@given(length=st.integers(1, 30), step=st.integers(1, 40), packets=st.integers(2, 120))
def test_windows_never_reach_beyond_the_recording(length, step, packets):
    times = np.arange(packets) / 20
    x = np.arange(packets, dtype=np.float32)[:, None, None]
    found = list(cut(x, np.ones((packets, 1), bool), times, Grid(20.0, length, step)))
    assert len(found) == (0 if packets < length else 1 + (packets - length) // step)
    for i, (start, values) in enumerate(found):
        assert start == i * step / 20
        if length > 1:
            assert_allclose(values[:, 0, 0], i * step + np.arange(length), atol=1e-3)


def test_ut_har_keeps_its_parts(tmp_path):
    x = np.random.default_rng(0).random((21, 250, 90))
    (tmp_path / "data").mkdir()
    (tmp_path / "label").mkdir()
    for part, rows in (("train", slice(0, 7)), ("val", slice(7, 14)), ("test", slice(14, 21))):
        for folder, name, array in (("data", "X", x[rows]), ("label", "y", np.arange(7))):
            with (tmp_path / folder / f"{name}_{part}.csv").open("wb") as file:
                np.save(file, array)
    packed = pack(tmp_path)
    assert packed.samples.shape == (3, 250, 30)
    assert_array_equal(packed.samples.x[3, 2, 100], x[3, 100, 60:90].astype(np.float32))
    assert [(packed.split == part).sum() for part in ("labelled", "validation", "test")] == [7, 7, 7]
    (tmp_path / "label" / "y_val.csv").unlink()
    with pytest.raises(UserError, match=r"y_val\.csv: No such file"):
        pack(tmp_path)


def test_the_verb(tmp_path, monkeypatch, capsys):
    from assay.cli.main import app

    folder = a_folder(tmp_path / "logs", trials=2)
    args = ["data", "pack", str(folder), "-o", str(tmp_path / "m.npz"), "--pattern", PATTERN, "--window", "1"]
    app([*args, "--packing", "remove_mean=true,step=0.5"], standalone_mode=False)
    printed = capsys.readouterr().out
    assert printed.startswith("56 items of 3 × 50 × 30, 2 classes, 8 recordings\nfiles: ")
    with np.load(tmp_path / "m.npz") as file:
        assert np.abs(file["x"].mean(2)).max() < 1e-4
        assert file["kind"] == "signal"


def test_a_log_given_as_a_task_is_named(tmp_path):
    write_intel(tmp_path / "a.dat", np.arange(9) / 10, 1.0)
    with pytest.raises(
        UserError, match=r"a\.dat: damaged, or not an .npz file: an Intel CSI Tool log: `assay data pack`"
    ):
        assay.open_task(str(tmp_path / "a.dat"))


def test_real_logs_pack_by_person(real_root, tmp_path):
    if not list((real_root / "intel5300").glob("bedroom*.dat")):
        pytest.skip("no real Intel 5300 logs")
    pattern = "{room}_{user}_{class}_{trial:d}.dat"
    packed = pack(real_root / "intel5300", pattern=pattern, window=2, group="user", target="user=user2")
    assert (len(packed.classes), packed.samples.shape) == (9, (3, 40, 30))
    assert set(packed.columns["user"]) == {"user1", "user2"}
    assert packed.manifest["rate"] == 20
    assert set(packed.split[packed.columns["user"] == "user2"]) == {"test"}
