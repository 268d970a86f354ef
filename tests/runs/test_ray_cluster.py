"""A study on a Ray cluster of two nodes on this machine: the same bytes as locally, a node killed or not."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from assay.errors import UserError
from assay.generate.files import npz_bytes
from assay.generate.table import open_task, synthesise
from assay.runs.ray_cluster import RayCluster, connected
from assay.runs.runner import execute
from assay.runs.store import Store
from tests.support import ROOT

ASSAY = (sys.executable, "-c", "from assay.cli.main import main; main()")


def test_without_ray_the_option_says_how_to_install_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(UserError, match=r"pip install 'assay\[ray\]'"):
        connected("local")


@pytest.fixture
def cluster(monkeypatch):
    """A head without cores and two nodes of one core each, whose processes find the tests' modules."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    utils = pytest.importorskip("ray.cluster_utils", reason="the extra 'ray' is not installed")
    found = utils.Cluster(initialize_head=True, head_node_args={"num_cpus": 0})
    nodes = [found.add_node(num_cpus=1) for _ in range(2)]
    found.wait_for_nodes()
    yield found, nodes
    found.shutdown()


def command(out: Path, synthetic: Path, *more: str) -> list[str]:
    data = ["--task", "digits", "--synthetic", str(synthetic), "--out", str(out), "--seeds", "2"]
    return [*ASSAY, "bench", "syncheck-overall", *data, "--training", "epochs=3,steps=15", *more]


def results(out: Path) -> dict[str, bytes]:
    return {path.parent.name: path.read_bytes() for path in out.glob("runs/[!.]*/result.json")}


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # of Ray's own making
def test_with_a_node_killed_in_the_middle_the_table_is_the_local_one_bit_for_bit(cluster, tmp_path):
    task, path = open_task("digits"), tmp_path / "made.npz"
    path.write_bytes(npz_bytes(synthesise("digits-rendered", 200, task)[0], task.classes, {}))
    subprocess.run(command(tmp_path / "local", path), check=True, capture_output=True, timeout=280)
    started, [_, doomed] = cluster
    words = command(tmp_path / "ray", path, "--ray", started.address)
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        while len(results(tmp_path / "ray")) < 3 and process.poll() is None:
            time.sleep(0.1)
        before = results(tmp_path / "ray")
        started.remove_node(doomed, allow_graceful=False)
        out, err = process.communicate(timeout=250)
    assert process.returncode == 0, out + err
    assert 3 <= len(before) < 16
    assert results(tmp_path / "ray") == results(tmp_path / "local")
    assert len(results(tmp_path / "ray")) == 16
    for kind in ("md", "csv", "tex", "svg"):
        name = f"syncheck-overall-csigan-corrected.{kind}"
        assert (tmp_path / "ray" / name).read_bytes() == (tmp_path / "local" / name).read_bytes()


OWN = """
import torch
from torch import nn
import ray_own_beside

class Net(nn.Module):
    def __init__(self, shape):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(shape[0], ray_own_beside.WIDTH), nn.ReLU())

    def forward(self, x):
        return self.body(x)

def shake(x, generator):
    return x + 0.1 * torch.randn(x.shape, generator=generator)
"""


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_code_of_ones_own_travels_to_the_nodes(cluster, tmp_path, monkeypatch):
    from assay.methods.training import Training
    from assay.models.table import chosen
    from assay.runs.local import LocalPool
    from assay.runs.runner import job_of
    from tests.support.toys import blob_task, run_of

    home = tmp_path / "home"
    home.mkdir()
    (home / "mine.py").write_text(OWN)
    (home / "ray_own_beside.py").write_text("WIDTH = 12")
    monkeypatch.chdir(home)
    training = Training(epochs=2, steps=4, augment="mine.py:shake")
    run = run_of("real_only", training=training, backbone=chosen("mine.py:Net", "vector", (10,), 4))
    jobs = [job_of("own", run, blob_task(), None)]
    (home / "mine.py").rename(tmp_path / "mine.py")
    (home / "ray_own_beside.py").unlink()
    seen: list[dict] = []
    execute(jobs, Store(tmp_path / "ray"), RayCluster(cluster[0].address), seen.append)
    assert [record["error"] for record in seen] == [None]
    execute(jobs, Store(tmp_path / "local"), LocalPool(1), seen.append)
    assert seen[0]["selections"] == seen[1]["selections"]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_run_that_no_node_survives_is_a_failed_run_and_the_rest_goes_on(cluster, tmp_path):
    from assay.runs.runner import job_of
    from tests.support.dying import Dying
    from tests.support.toys import blob_task, run_of

    task = blob_task()
    runs = (run_of(Dying()), run_of("real_only", 1), run_of("real_only", 2))
    seen: list[dict] = []
    jobs = [job_of(f"run {i}", run, task, None) for i, run in enumerate(runs)]
    execute(jobs, Store(tmp_path), RayCluster(cluster[0].address), seen.append)
    errors = {record["about"]["label"]: record["error"] for record in seen}
    assert "WorkerCrashedError" in errors.pop("run 0")
    assert errors == {"run 1": None, "run 2": None}
