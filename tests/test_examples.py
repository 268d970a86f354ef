from __future__ import annotations

import runpy
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from tests.support import ROOT
from tests.support.blender_here import blender_or_skip
from tests.support.scripts import load

EXAMPLES = ROOT / "examples"


def run(name: str):
    return runpy.run_path(str(EXAMPLES / name))


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.py")), ids=lambda path: path.stem)
def test_what_an_example_imports_is_there(path, monkeypatch):
    assert f'"{path.name}"' in Path(__file__).read_text(), "it is run in a test, too"
    try:
        assert callable(load(path, monkeypatch).main)
    except ModuleNotFoundError as missing:
        if str(missing.name).startswith("assay"):
            raise
        pytest.skip(f"{missing.name} is not installed")


@pytest.mark.slow
def test_pretrain_then_tune(tmp_path, monkeypatch, capsys):
    import assay
    from assay.generate.files import npz_bytes

    task = assay.open_task("digits")
    made, factors = assay.synthesise("digits-rendered", 64, task)
    (tmp_path / "made.npz").write_bytes(npz_bytes(made, task.classes, factors))
    small = ["--backbone", "cnn2d:width=4", "--training", "epochs=1,steps=3", "--seeds", "2"]
    words = ["digits", str(tmp_path / "made.npz"), *small, "--out", str(tmp_path)]
    monkeypatch.setattr(sys, "argv", ["x", *words])
    run("pretrain_then_tune.py")["main"]()
    assert "| rendered, then real |" in capsys.readouterr().out


@pytest.mark.slow
def test_weighted_rendering(tmp_path, monkeypatch, capsys, real_data):
    blender_or_skip()
    task, small = "office-caltech:source=caltech,target=amazon,size=16", "epochs=1,steps=2,batch=8"
    words = [task, "blender:samples=1,size=16", "-n", "20", "--seeds", "2", "--training", small]
    words += ["--weighting", "rounds=1,images=20", "--out", str(tmp_path)]
    monkeypatch.setattr(sys, "argv", ["x", *words])
    run("weighted_rendering.py")["main"]()
    assert "| weighted - even |" in capsys.readouterr().out


@pytest.mark.slow
def test_your_own_data(tmp_path, capsys):
    run("your_own_data.py")["main"](str(tmp_path), seeds=1, epochs=1, workers=1)
    printed = capsys.readouterr().out
    assert "| real_only |" in printed
    assert (tmp_path / "report.html").stat().st_size > 10_000


def test_take_a_model_home(tmp_path, monkeypatch, capsys):
    main = run("take_a_model_home.py")["main"]
    monkeypatch.setitem(main.__globals__, "find_spec", lambda name: None)  # ONNX: tests/train/test_onnx.py
    main(str(tmp_path), seeds=1, epochs=1)
    assert ", epoch " in capsys.readouterr().out
    assert {"model.safetensors", "final.safetensors"} < {path.name for path in tmp_path.iterdir()}


@pytest.mark.slow
def test_own_models(tmp_path, capsys):
    run("own_models.py")["main"](str(tmp_path), seeds=1, epochs=2, workers=1)
    printed = capsys.readouterr().out
    assert "| mixed@forest |" in printed
    assert "model.safetensors: " in printed


@pytest.mark.peers
def test_frame_and_forest(tmp_path, capsys):
    run("frame_and_forest.py")["main"](str(tmp_path), seeds=1, workers=1)
    assert "| trts_filter |" in capsys.readouterr().out


def test_own_generator(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    run("own_generator.py")["main"](
        "--workers", "1", "--training", "epochs=1,steps=5", "--seeds", "1", "--out", str(tmp_path)
    )
    assert "mixed" in capsys.readouterr().out
    assert (tmp_path / "report.html").is_file()


def test_select_then_train(tmp_path, capsys):
    run("select_then_train.py")["main"](str(tmp_path / "kept.npz"), steps=10, seeds=1, epochs=1)
    assert "your own loop, test accuracy: all of them " in capsys.readouterr().out
    assert (tmp_path / "kept.csv").is_file()


@pytest.mark.slow
def test_dataset_and_network(tmp_path, capsys):
    run("dataset_and_network.py")["main"](str(tmp_path), seeds=1, epochs=2, workers=1)
    assert "| real_only | 90 | 0 |" in capsys.readouterr().out


@pytest.mark.peers
def test_hugging_face_and_timm(tmp_path, capsys):
    pytest.importorskip("datasets")
    if not find_spec("timm"):  # its import is mended where it is used
        pytest.skip("no timm")
    run("hugging_face_and_timm.py")["main"](str(tmp_path), seeds=1, epochs=1, workers=1)
    assert "| mixed | 60 | 300 |" in capsys.readouterr().out


@pytest.mark.slow
def test_leave_one_person_out(tmp_path, monkeypatch, real_data):
    table = tmp_path / "table.md"
    options = ["--out", str(tmp_path / "runs"), "--table", str(table), "--people", "3"]
    monkeypatch.setattr(sys, "argv", ["x", *options, "--seeds", "1", "--epochs", "1", "--steps", "2"])
    run("leave_one_person_out.py")["main"]()
    rows = [line for line in table.read_text().splitlines() if line.startswith("| ")]
    assert len(rows) == 4 * 4, "a head and three ways under four selections"
    assert not any("| - |" in row for row in rows)


def test_wifi_logs(tmp_path, monkeypatch):

    from assay.signal.intel5300 import write_log
    from assay.signal.simulated_log import make_log, quantised

    rng = np.random.default_rng(0)
    for name, interval in (("fast", 1000), ("slow", 50_000)):
        csi = 3 + rng.normal(size=(200, 1, 3, 30)) + 1j * rng.normal(size=(200, 1, 3, 30))
        write_log(tmp_path / f"{name}.dat", make_log(quantised(csi), np.arange(200) * interval))
    good = make_log(quantised(csi), np.arange(200) * 1000)
    odd = {
        "empty": good[:0],
        "one": good[:1],
        "still": make_log(np.ones((200, 1, 3, 30, 2), np.int8), np.arange(200) * 1000),
        "unordered": make_log(quantised(csi), np.arange(200) * 1000, antenna_sel=np.arange(200) % 2),
        "single": make_log(quantised(csi[:, :, :1]), np.arange(200) * 1000),
        "set_back": make_log(
            quantised(csi), (np.arange(200) * 1000 - 50_000 * (np.arange(200) > 99)) % 2**32
        ),
        "bursts": good[np.arange(200) % 100 < 50],
    }
    for name, log in odd.items():
        write_log(tmp_path / f"{name}.dat", log)
    monkeypatch.setattr(sys, "argv", ["x", str(tmp_path), "--out", str(tmp_path / "out")])
    run("wifi_logs.py")["main"]()
    written = (tmp_path / "out" / "wifi_logs.md").read_text()
    assert "| fast | 200 | 1000.0 | 0.2 | 0 |  |" in written
    assert "| slow | 200 | 20.0 | 9.9 | 0 |  |" in written
    assert "| set_back | 200 | 1000.0 | 0.2 | 0 | clock set back 1 times |" in written
    assert "| empty | 0 | - | 0.0 | 0 | no picture: 0 packets with three antennas; expected 64 or" in written
    assert written.count("no picture") == 5
    assert (tmp_path / "out" / "wifi_logs.png").stat().st_size > 5000


def test_doppler_clocks(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["x", "--out", str(tmp_path / "clocks.png")])
    run("doppler_clocks.py")["main"]()
    printed = capsys.readouterr().out
    assert printed.count("by stamps: line at 20 Hz") == 3
    assert "in bursts, as even: line at 10 Hz" in printed
    assert "in bursts, by stamps: refused: 14 gaps, 49 % of the time" in printed
    assert 5000 < (tmp_path / "clocks.png").stat().st_size < 200_000


def test_how_real(tmp_path, monkeypatch, capsys):
    import assay
    from assay.generate.files import npz_bytes

    name = "simulated-csi:users=3,repetitions=4,packets=60"
    task = assay.open_task(name)
    samples, factors = assay.synthesise("simulate-csi", 24, task)
    (tmp_path / "made.npz").write_bytes(npz_bytes(samples, task.classes, factors))
    small = ["--seeds", "1", "--epochs", "1", "--steps", "2", "--out", str(tmp_path / "runs")]
    monkeypatch.setattr(sys, "argv", ["x", name, str(tmp_path / "made.npz"), "--source", "0", *small])
    run("how_real.py")["main"]()
    printed = capsys.readouterr().out
    assert "| generated | 24 |" in printed
    assert "| the source person's |" in printed
    assert "| all that are labelled |" in printed
    assert "| synthetic |" in printed


@pytest.mark.slow
def test_planted_faults_are_noticed(monkeypatch, capsys):
    small = ["--perfect", "test", "--scoring", "repeats=2,against=labelled"]
    small += ["--training", "epochs=5,steps=20,batch=32"]
    monkeypatch.setattr(sys, "argv", ["x", "digits:labelled=30", *small, "--fault", "flipped conditions"])
    run("planted_faults.py")["main"]()
    lines = capsys.readouterr().out.splitlines()
    columns, *rows = ([cell.strip(" *-+") for cell in x.split("|")[1:-1]] for x in lines if x[:1] == "|")
    table = [dict(zip(columns, row, strict=True)) for row in rows[1:]]
    flipped = [float(row["label_errors"]) for row in table if row["fault"] == "flipped conditions"]
    assert abs(np.subtract(flipped, [0.1, 0.3, 0.5])).max() < 0.1, "the share of wrong conditions is found"
    affinity = [float(row["affinity"]) for row in table if row["fault"] in ("none", "flipped conditions")]
    assert affinity == sorted(affinity, reverse=True)


@pytest.mark.slow
def test_does_a_score_predict(tmp_path, monkeypatch, capsys):
    small = ["--seeds", "1", "--scoring", "repeats=1", "--training", "epochs=1,steps=3", "--sets", "3"]
    monkeypatch.setattr(
        sys, "argv", ["x", "digits:labelled=8", "digits-rendered", "--out", str(tmp_path), *small]
    )
    run("does_a_score_predict.py")["main"]()
    first = capsys.readouterr().out
    assert "digits: 3 sets" in first
    assert first.count("| affinity |") == 1
    assert (tmp_path / "digits.png").stat().st_size > 5000
    run("does_a_score_predict.py")["main"]()
    assert capsys.readouterr().out == first, "what is finished is kept"
