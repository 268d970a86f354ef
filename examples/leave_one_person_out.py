"""Wi-Fi activity recognition for a person whose data are scarce: other people's data, five shots, or both?

For each of the four people of csi-har: `real_only` on everybody else, `target_only` on five shots for each
activity and room, and `real_only` on both. Needs the csi-har data set (``assay data`` says where to get it).

    python examples/leave_one_person_out.py --out runs/csi-har --table csi_har.md
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

import assay
from assay.comparison.summary import percent
from assay.data.csi_har import CsiHar
from assay.metrics.statistics import SHARE, estimate

WAYS = {
    "the other people": (0, "real_only"),
    "5 shots alone": (5, "target_only"),
    "both together": (5, "real_only"),
}
SELECTIONS = ("last", "validation", "label_free", "oracle")


def rows(people: list[int], seeds: int, training: assay.Training, out: Path) -> Iterator[dict[str, Any]]:
    """One row for every way, person, seed and selection."""
    for person in people:
        for shots in (0, 5):
            comparison = assay.compare(
                CsiHar(target=person, shots=shots).load(),
                methods=["target_only"] if shots else ["real_only"],
                seeds=seeds,
                training=training,
                out=out / f"person{person}-shots{shots}",
            )
            yield from ({**row, "person": person, "shots_each": shots} for row in comparison.rows())


def of_way(rows: list[dict[str, Any]], way: str, selection: str) -> list[dict[str, Any]]:
    """The rows of one way and selection."""
    wanted = (*WAYS[way], selection)
    return [r for r in rows if (r["shots_each"], r["method"], r.get("selection")) == wanted]


def table(rows: list[dict[str, Any]], people: list[int], selection: str) -> str:
    """Accuracy by way and person, over seeds, as Markdown."""
    head = ["learnt from", "real items", *(f"person {person}" for person in people), "mean"]
    lines = ["| " + " | ".join(head) + " |", "|---" * len(head) + "|"]
    for way in WAYS:
        mine = of_way(rows, way, selection)
        by_person = [[r["accuracy"] for r in mine if r["person"] == person] for person in people]
        sizes = [r["real"] for r in mine]
        cells = [percent(estimate(values, SHARE)) for values in by_person]
        mean = f"{100 * np.mean([np.mean(values) for values in by_person]):.1f}"
        lines.append(f"| {way} | {min(sizes)} to {max(sizes)} | " + " | ".join([*cells, mean]) + " |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("runs/csi-har"))
    parser.add_argument("--table", type=Path, default=Path("csi_har.md"))
    parser.add_argument("--people", type=int, nargs="+", default=[1, 2, 3, 4])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=15)
    parser.add_argument("--steps", type=int, default=40)
    options = parser.parse_args()
    training = assay.Training(epochs=options.epochs, steps=options.steps, batch=32)
    measured = list(rows(options.people, options.seeds, training, options.out))
    parts = [f"Selection `{name}`:\n\n{table(measured, options.people, name)}\n" for name in SELECTIONS]
    options.table.write_text("\n".join(parts))
    print(options.table.read_text())


if __name__ == "__main__":
    main()
