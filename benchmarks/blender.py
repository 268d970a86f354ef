"""Images a CPU-second of the renderer, against bare Cycles and against one process an image.

Bare Cycles renders the same scenes, built before the clock starts, in the same process: what our building,
compositing and writing cost is the difference. Scaling is measured from one to two workers; memory, over many
images of one worker.

    python benchmarks/blender.py [--sizes 64,128,224] [--samples 4,16] [--images 40] [--memory 2000]
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from statistics import median

from assay.generate.blender.engine.crew import Job, render
from assay.generate.blender.engine.environment import START, Environment, find_environment
from assay.generate.blender.engine.worker import Worker
from assay.generate.blender.fit import Blender
from assay.generate.blender.stream import open_stream

WARM = 10
BARE = Path(__file__).with_name("blender_bare.py")


def jobs(settings: Blender, n: int, folder: Path) -> list[Job]:
    """The first images of a stream."""
    stream = open_stream(settings)
    return [Job(stream.scene(index), folder / f"{index}.png") for index in range(n)]


def against_bare(settings: Blender, n: int, folder: Path, environment: Environment) -> tuple[float, float]:
    """CPU-seconds an image, medians: all that a worker does, and Cycles alone on what it has built."""
    lines = "\n".join(job.scene.line() for job in jobs(settings, WARM + n, folder))
    command = [*environment.command[:-1], str(BARE), str(START.parents[1]), str(folder), str(WARM)]
    done = subprocess.run(
        command, input=lines, env=environment.variables(folder), capture_output=True, text=True, check=True
    )
    times = json.loads(next(line for line in done.stderr.splitlines() if line.startswith("[[")))
    ours, bare = map(median, zip(*times))
    return ours, bare


def one_process_each(settings: Blender, n: int, folder: Path, environment: Environment) -> float:
    """CPU-seconds an image with a new Blender for each."""
    before = _children()
    for job in jobs(settings, n, folder):
        with Worker(environment) as worker:
            worker.render(job.scene, job.path)
    return (_children() - before) / n


def wall(settings: Blender, n: int, workers: int, folder: Path, environment: Environment) -> float:
    """Images a second of wall time, workers warm."""
    marks = list(_times(settings, n + WARM * workers, workers, folder, environment))
    return n / (marks[-1] - marks[WARM * workers - 1])


def _times(
    settings: Blender, n: int, workers: int, folder: Path, environment: Environment
) -> Iterator[float]:
    for _ in render(jobs(settings, n, folder), workers, environment):
        yield time.perf_counter()


def memory(settings: Blender, n: int, folder: Path, environment: Environment) -> list[tuple[int, float]]:
    """(images, megabytes) of one worker as it goes on."""
    stream, told = open_stream(settings), []
    with Worker(environment) as worker:
        for index in range(n):
            worker.render(stream.scene(index), folder / "memory.png")
            if (index + 1) % max(n // 8, 1) == 0:
                told.append((index + 1, _resident(worker.process.pid)))
    return told


def _resident(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--sizes", default="64,128,224")
    parser.add_argument("--samples", default="4,16")
    parser.add_argument("--images", type=int, default=40)
    parser.add_argument("--memory", type=int, default=2000)
    options = parser.parse_args()
    environment = find_environment()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for size in map(int, options.sizes.split(",")):
            for samples in map(int, options.samples.split(",")):
                for denoise in (False, True):
                    settings = Blender(size=size, samples=samples, denoise=denoise)
                    ours, bare = against_bare(settings, options.images, folder, environment)
                    print(
                        f"{size} px, {samples} samples, denoise {denoise}: {1 / ours:.1f} images/CPU-s; "
                        f"bare Cycles {1 / bare:.1f}; overhead {ours / bare:.2f}",
                        flush=True,
                    )
        settings = Blender()
        each = one_process_each(settings, 5, folder, environment)
        print(f"one process an image: {1 / each:.2f} images/CPU-s")
        for workers in (1, 2):
            rate = wall(settings, options.images, workers, folder, environment)
            print(f"{workers} worker(s): {rate:.1f} images/s")
        if options.memory:
            small = replace(settings, size=32, samples=1)
            for count, megabytes in memory(small, options.memory, folder, environment):
                print(f"{count} images: {megabytes:.0f} MB")


if __name__ == "__main__":
    main()
    sys.stdout.flush()
