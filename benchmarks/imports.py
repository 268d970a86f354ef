"""CPU seconds to import Assay, to print the help of its command, and to refuse mistakes, in fresh processes.

python benchmarks/imports.py [--repeats 7]
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys

VERBS = (
    "--help",
    "compare gone.npz",
    "compare digits -m tea",
    "compare digits --backbone tea",
    "compare digits --training epochs=0",
    "compare digits -s gone.npz",
    "score digits gone.npz",
    "advise digits gone.npz",
    "generate tea digits",
    "pretrain gone.npz",
    "bench tea",
    "bench rendered-adaptation --training epochs=0",
    "report gone",
    "data check gone.npz",
)
"""Refusals that need no data."""


def seconds(code: str, repeats: int) -> float:
    """Median CPU seconds of a fresh interpreter that runs `code`, whatever it ends with."""
    times = []
    for _ in range(repeats + 1):
        start = os.times()
        subprocess.run([sys.executable, "-c", code], capture_output=True)
        end = os.times()
        times.append(end.children_user + end.children_system - start.children_user - start.children_system)
    return statistics.median(times[1:])


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--repeats", type=int, default=7)
    o = parser.parse_args()
    empty = seconds("pass", o.repeats)
    print(f"import assay: {seconds('import assay', o.repeats):.3f} s (an empty interpreter: {empty:.3f} s)")
    for words in VERBS:
        code = (
            f"import sys; sys.argv = ['assay', *{words!r}.split()]; from assay.cli.main import main; main()"
        )
        print(f"assay {words}: {seconds(code, o.repeats):.3f} s")
    print(f"import torch, for comparison: {seconds('import torch', o.repeats):.3f} s")


if __name__ == "__main__":
    main()
