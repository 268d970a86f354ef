"""Files of a later Assay are refused in one line, wherever they keep their format; those without are read."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from assay.errors import UserError
from assay.files import FORMAT, replace_file
from assay.generate.blender.fit import Blender
from assay.generate.blender.sets.manifest import Entry, Manifest, read_manifest
from assay.generate.blender.stream import open_stream
from assay.generate.csigan import checkpoint as csigan
from assay.generate.rf_diffusion.checkpoint import FILE, Checkpoint
from assay.models.checkpoint import facts, save_trunk
from assay.train import checkpoint as training
from tests.hostile.fuzz_readers import learning

Change = Callable[[dict[str, Any]], None]


def of_json(path: Path, change: Change) -> None:
    values = json.loads(path.read_text())
    change(values)
    path.write_text(json.dumps(values) + "\n")


def of_safetensors(path: Path, change: Change) -> None:
    """The facts are JSON in an entry of the header."""
    content = path.read_bytes()
    length = struct.unpack("<Q", content[:8])[0]
    header = json.loads(content[8 : 8 + length])
    ((name, text),) = header["__metadata__"].items()
    values = json.loads(text)
    change(values)
    header["__metadata__"][name] = json.dumps(values)
    new = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(new)) + new + content[8 + length :])


def of_pack(path: Path, change: Change) -> None:
    values = training.unpack(path.read_bytes())
    change(values)
    replace_file(path, training.pack(values))


def manifest(path: Path) -> None:
    path.write_text(Entry("a.png", None, open_stream(Blender()).scene(0)).line())


def rf_diffusion(path: Path) -> None:
    Checkpoint(path.parent, "this").save(*learning(), {"weight": torch.ones(2)}, 3)


def of_csigan(path: Path) -> None:
    csigan.save(path, {"x": torch.ones(2)}, {"identity": "this", "epoch": 3, "least": None})


KEPT: dict[
    str, tuple[str, Callable[[Path], None], Callable[[Path], object], Callable[[Path, Change], None]]
] = {
    "manifest": ("manifest.jsonl", manifest, read_manifest, of_json),
    "manifest to go on with": ("manifest.jsonl", manifest, Manifest, of_json),
    "rf-diffusion": (
        FILE,
        rf_diffusion,
        lambda path: Checkpoint(path.parent, "this").load(*learning(), {}, 9),
        of_safetensors,
    ),
    "csigan": ("c.safetensors", of_csigan, lambda path: csigan.load(path, "cpu"), of_safetensors),
    "trunk": (
        "t.safetensors",
        lambda path: save_trunk(torch.nn.Linear(2, 2), path, {"backbone": "mlp"}),
        facts,
        of_safetensors,
    ),
    "training": (
        "t.checkpoint",
        lambda path: training.Checkpoint(path, "this").save({"w": torch.ones(2)}, []),
        lambda path: training.Checkpoint(path, "this").load(),
        of_pack,
    ),
}


@pytest.mark.parametrize("kept", KEPT)
def test_a_later_format_is_refused_and_one_without_a_number_is_read(kept, tmp_path):
    name, write, read, change = KEPT[kept]
    path = tmp_path / name
    write(path)
    change(path, lambda values: values.update(format=FORMAT + 1, new=[]))
    with pytest.raises(
        UserError, match=rf"{name}.*: format: {FORMAT + 1}, of a later Assay.*install a newer one$"
    ):
        read(path)
    for wrong in (True, 0, "1", None):
        change(path, lambda values, wrong=wrong: values.update(format=wrong))
        with pytest.raises(UserError, match=rf"{name}.*expected a whole number, 1 or more|new"):
            read(path)
    change(path, lambda values: [values.pop("format"), values.pop("new")])
    assert read(path)


def test_a_checkpoint_of_rf_diffusion_with_an_entry_for_each_fact_is_read_on(tmp_path):
    from safetensors import safe_open
    from safetensors.torch import save

    rf_diffusion(tmp_path / FILE)
    with safe_open(tmp_path / FILE, "pt") as file:
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    (tmp_path / FILE).write_bytes(save(tensors, {"identity": "this", "epochs": "3"}))
    assert Checkpoint(tmp_path, "this").load(*learning(), {}, 9) == 3
