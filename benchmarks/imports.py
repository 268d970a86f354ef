"""Time to import Assay, and to print the help of its command, in fresh processes.

python benchmarks/imports.py [--repeats 7]
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time


def seconds(code: str, repeats: int) -> float:
    """Median wall seconds of a fresh interpreter that runs `code`."""
    times = []
    for _ in range(repeats + 1):
        start = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL)
        times.append(time.perf_counter() - start)
    return statistics.median(times[1:])


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--repeats", type=int, default=7)
    o = parser.parse_args()
    empty = seconds("pass", o.repeats)
    print(f"import assay: {seconds('import assay', o.repeats):.3f} s (an empty interpreter: {empty:.3f} s)")
    help_code = "import sys; sys.argv = ['assay', '--help']; from assay.cli.main import main; main()"
    print(f"assay --help: {seconds(help_code, o.repeats):.3f} s")
    print(f"import torch, for comparison: {seconds('import torch', o.repeats):.3f} s")


if __name__ == "__main__":
    main()
