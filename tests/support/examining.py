"""Small inputs of the kinds that people bring, and what must happen to each."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from assay.data.examine.questions import examine
from assay.errors import UserError
from assay.findings import Examination
from assay.generate.table import open_synthetic, open_task

Arrays = dict[str, Any]


@dataclass(frozen=True)
class Input:
    """Arrays of a task, perhaps of synthetic data, their options, and what must be found.

    Attributes
    ----------
    refused : str
        What the one line of the refusal says; empty if nothing is refused.
    found : tuple of (severity, code, words)
        What must be among the findings, each word in its line.
    never : tuple of str
        Codes that must not be.
    is_ : mapping
        Attributes of the task, or "made_shape", "made_y": those of the synthetic items.
    """

    real: Arrays
    made: Arrays | None = None
    options: str = ""
    made_options: str = ""
    refused: str = ""
    found: tuple[tuple[str, str, str], ...] = ()
    never: tuple[str, ...] = ()
    is_: Arrays = field(default_factory=dict)

    def check(self, folder: Path) -> None:
        """Read and examine the input, and hold it against what must be."""
        np.savez(folder / "real.npz", **self.real)
        if self.made is not None:
            np.savez(folder / "made.npz", **self.made)
        if not self.refused:
            self._check_found(*self._read(folder))
            return
        with pytest.raises(UserError) as error:
            self._read(folder)[0].raise_refused()
        assert "\n" not in str(error.value)
        assert [word for word in self.refused.split("|") if word not in str(error.value)] == [], error.value

    def _read(self, folder: Path) -> tuple[Examination, Arrays]:
        task = open_task(f"{folder / 'real.npz'}{':' * bool(self.options)}{self.options}")
        text = f"{folder / 'made.npz'}{':' * bool(self.made_options)}{self.made_options}"
        made = None if self.made is None else open_synthetic(text, task)
        known = {name: getattr(task, name) for name in ("classes", "kind", "normalise", "shape")}
        known |= {name: len(part) for name, part in task.parts()}
        known |= {} if made is None else {"made_shape": made.shape, "made_y": made.y.tolist()}
        return examine(task, made), known

    def _check_found(self, examination: Examination, known: Arrays) -> None:
        examination.raise_refused()
        lines = [(f.severity, f.code, f.line()) for f in examination.findings]
        for severity, code, words in self.found:
            alike = [line for s, c, line in lines if (s, c) == (severity, code)]
            assert any(all(word in line for word in words.split("|")) for line in alike), (code, words, lines)
        assert [line for _, code, line in lines if code in self.never] == []
        assert {name: known[name] for name in self.is_} == self.is_
        assert all("\n" not in line for _, _, line in lines)


def pictures(n: int = 60, seed: int = 0, side: int = 12, channels: int = 3) -> np.ndarray:
    """(n, channels, side, side) in [0, 255], float64: noise with a bright square at the class's place."""
    rng = np.random.default_rng(seed)
    x = rng.normal(90, 25, (n, channels, side, side))
    for place, label in enumerate(classes(n)):
        x[place, :, 3 * label : 3 * label + 4, 2:6] += 80
    return x.clip(0, 255)


def classes(n: int = 60, k: int = 3) -> np.ndarray:
    """Labels 0 to k - 1 in turn."""
    return np.arange(n) % k


def signals(n: int = 60, shape: tuple[int, ...] = (6, 50), seed: int = 0) -> np.ndarray:
    """Standard normal numbers, float32."""
    return np.random.default_rng(seed).normal(size=(n, *shape)).astype(np.float32)


def parts(n: int = 60, names: tuple[str, ...] = ("labelled", "validation", "test")) -> np.ndarray:
    """Half of the items labelled, the rest of the parts alike; whole triples of the classes together."""
    share = np.arange(n) // 3 % (len(names) + 1)
    return np.array([names[0], *names])[share]
