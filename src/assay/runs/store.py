"""The folder of runs: one folder a run, named by the hash of everything that went into it, written once.

    OUT/compare.json     the newest comparison: task, synthetic data, settings, and which runs belong to it
    OUT/samples.npz      a few real and synthetic items of each class, for pictures
    OUT/hardest.npz      the test items that most methods get wrong, for pictures
    OUT/runs/KEY/result.json   what a run measured (or its error): same run, same bytes
    OUT/runs/KEY/about.json    when, how long, on what
    OUT/runs/KEY/predictions.npz     what it said of each test item
    OUT/runs/KEY/model.safetensors   its model, if models are kept; no_model.txt why there can be none
    OUT/runs/.KEY.checkpoint   the state of a run under way, from which it goes on if it is killed

A run's folder appears by one rename, so that a half-written one is never read; many processes and machines
can share OUT. Of the processes that torchrun starts together, the first alone writes.
"""

from __future__ import annotations

import io
import logging
import shutil
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from assay.data.npz import read_arrays
from assay.errors import UserError
from assay.files import at_once, json_bytes, replace_file, writing
from assay.machine.launched import rank
from assay.runs.claims import clock
from assay.runs.forms import read_about, read_compared, read_result
from assay.strict import json_values, read_json
from assay.temporary import is_owned, partial, remove, sweep

STALE_SECONDS = 3600
STALE_CHECKPOINT_SECONDS = 30 * 86400
LOG = logging.getLogger(__name__)
MODEL, NO_MODEL, PREDICTIONS = "model.safetensors", "no_model.txt", "predictions.npz"
RESULTS = ("assess.json", "compare.json", "advice.json", "score.json")
"""What assess, compare, advise and score write; a study's file has its own name."""
REMEDY = "remove {} and run the comparison again"
SAMPLES = (
    *(f"{part}_{key}" for part in ("real", "synthetic") for key in ("x", "y", "names")),
    "feature_names",
)


@dataclass(frozen=True)
class Store:
    """Runs under a folder."""

    folder: Path

    def run_folder(self, key: str) -> Path:
        """Where the run is, or will be."""
        return self.folder / "runs" / key

    def checkpoint(self, key: str) -> Path:
        """Where the state of the run is kept while it is under way."""
        return self.folder / "runs" / f".{key}.checkpoint"

    def has(self, key: str, file: str = "result.json") -> bool:
        """Whether the run is finished (successfully or not), or has a further file."""
        return (self.run_folder(key) / file).is_file()

    def why_no_model(self, key: str) -> str:
        """Why a finished run has none, as far as is known."""
        known = self.has(key, NO_MODEL)
        reason = (self.run_folder(key) / NO_MODEL).read_text() if known else "save_models keeps them"
        return reason.strip()

    def load(self, key: str) -> dict[str, Any]:
        """Result and circumstances of a finished run."""
        folder = self.run_folder(key)
        remedy = REMEDY.format(folder)
        result = read_result(folder / "result.json", remedy)
        return {"key": key, **result, "about": read_about(folder / "about.json", remedy)}

    def save(
        self,
        key: str,
        result: Mapping[str, Any],
        about: Mapping[str, Any],
        files: Mapping[str, bytes] = MappingProxyType({}),
    ) -> None:
        """Write a run at once; if another process was first, its result stands. Its checkpoint goes.

        A result that stands takes the further files that it lacks, if it is the same.
        """
        if rank():
            return
        if not self.has(key):
            self._clear(key)
        contents = {**files, "about.json": json_bytes(about), "result.json": json_bytes(result)}
        try:
            with at_once(self.run_folder(key)) as part:
                part.mkdir()
                for name, content in contents.items():
                    replace_file(part / name, content)
        except OSError:
            if not self.has(key):
                raise
            self._complete(key, contents)
        self.checkpoint(key).unlink(missing_ok=True)

    def _complete(self, key: str, contents: Mapping[str, bytes]) -> None:
        """Add what a finished run lacks, of a run with the same result; say so if it is another."""
        folder = self.run_folder(key)
        path = folder / "result.json"
        if read_json(path, REMEDY.format(folder)) != json_values(contents["result.json"], str(path)):
            LOG.warning(
                "%s: run again, it gave another result; the first stands; remove the folder to have a model",
                folder,
            )
            return
        for name, content in contents.items():
            if not (folder / name).is_file():
                replace_file(folder / name, content)

    def forget(self, key: str) -> None:
        """Remove a run at once, so that it is done again."""
        if rank() == 0:
            self._clear(key)

    def _clear(self, key: str) -> None:
        """Make room for a run: a folder without a result is what an interrupted copy leaves."""
        part = partial(self.run_folder(key))
        with suppress(FileNotFoundError):
            self.run_folder(key).rename(part)
            shutil.rmtree(part)

    def sweep(self) -> None:
        """Remove what killed processes left half-written, and checkpoints nobody came back to.

        Whether a process of another machine lives nobody can say: what it left goes after an hour.
        """
        if rank():
            return
        for folder in (self.folder, self.folder / "runs"):
            sweep(folder)
        parts = (*self.folder.glob(".*.part"), *self.folder.glob("runs/.*.part"))
        checkpoints = [*self.folder.glob("runs/.*.checkpoint")]
        if not (parts or checkpoints):
            return
        now = clock(self.folder)
        for part in parts:
            if not is_owned(part):
                _remove_older(part, now - STALE_SECONDS)
        for checkpoint in checkpoints:
            _remove_older(checkpoint, now - STALE_CHECKPOINT_SECONDS)

    def save_comparison(self, comparison: Mapping[str, Any], samples: Mapping[str, Any]) -> None:
        """Write what belongs to the comparison as a whole."""
        if rank():
            return
        info = json_bytes(comparison)
        self.save_samples(samples)
        with writing(self.folder):
            replace_file(self.folder / "compare.json", info)

    def save_samples(self, samples: Mapping[str, Any]) -> None:
        """Write a few items of each class, for pictures."""
        buffer = io.BytesIO()
        np.savez_compressed(buffer, **samples)
        with writing(self.folder):
            replace_file(self.folder / "samples.npz", buffer.getvalue())

    def comparison(self) -> dict[str, Any]:
        """The newest comparison.

        Raises
        ------
        UserError
            If the folder holds none.
        """
        if not (self.folder / "compare.json").is_file():
            raise UserError(
                f"{self.folder}: no compare.json here; give the folder that compare wrote (--out)"
            )
        return read_compared(self.folder / "compare.json", "run the comparison again")

    def samples(self) -> dict[str, Any]:
        """Arrays real_x, real_y, synthetic_x, synthetic_y; and names, if they are known.

        Raises
        ------
        UserError
            If the file is missing or damaged.
        """
        path = self.folder / "samples.npz"
        found = read_arrays(path, SAMPLES)
        for part in ("real", "synthetic"):
            if (part == "real" or f"{part}_x" in found) and not _fit(found, part):
                raise UserError(
                    f"{path}: damaged ({part}: items and classes do not fit); {REMEDY.format(path)}"
                )
        return found


def studies_in(folder: Path) -> list[str]:
    """The names of the studies of a folder.

    Raises
    ------
    UserError
        If there is none, and no other result either.
    """
    others = sorted(path for path in folder.glob("*.json") if path.name not in RESULTS)
    found = [path.stem for path in others if "cells" in read_json(path, "run the study again")]
    if not found and not any((folder / name).is_file() for name in RESULTS):
        raise UserError(
            f"{folder}: no {', no '.join(RESULTS)} and no study here; give the folder that assess, compare, "
            "advise, score or bench wrote (--out)"
        )
    return found


def _fit(arrays: Mapping[str, Any], part: str) -> bool:
    """Whether there are numbers with a class each, and a name if any have one."""
    x, y = (arrays.get(f"{part}_{key}", np.zeros(())) for key in "xy")
    names = arrays.get(f"{part}_names", np.zeros(len(y) if y.ndim else 0, dtype=np.str_))
    kinds = x.dtype.kind in "uifc" and y.dtype.kind == "i" and names.dtype.kind == "U"
    return kinds and x.ndim > 1 and y.ndim == names.ndim == 1 and len(x) == len(y) == len(names)


def _remove_older(path: Path, then: float) -> None:
    with suppress(FileNotFoundError):  # another process was finished with it
        if path.stat().st_mtime < then:
            remove(path)
