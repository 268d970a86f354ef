"""Runs in Blender's Python: CPU-seconds of whole images, and of Cycles alone on the same scenes as built.

The two take turns in coming first: the second finds warm caches.

python blender_bare.py PACKAGE FOLDER WARM < scenes.jsonl, its threads as a worker's
"""

import importlib
import json
import os
import sys
import time
from pathlib import Path
from typing import Any


def whole(renderer: Any, scene: Any) -> float:
    """All that a worker does."""
    start = time.process_time()
    renderer.render(scene, renderer.folder / "whole.png")
    return time.process_time() - start


def bare(renderer: Any, scene: Any) -> float:
    """Cycles alone."""
    render = importlib.import_module("bpy").ops.render.render
    renderer.build(scene)
    renderer.scene.render.filepath = str(renderer.folder / "bare.tga")
    start = time.process_time()
    render(write_still=False, scene=renderer.scene.name)
    used = time.process_time() - start
    renderer.scratch.clear()
    renderer.materials.release()
    return used


def main() -> None:
    package, folder, warm = sys.argv[-3:]
    scenes = [json.loads(line) for line in sys.stdin]
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    sys.path.append(package)
    with importlib.import_module("inside.start").few_cores(1):
        importlib.import_module("bpy")
    renderer = importlib.import_module("inside.renderer").Renderer(Path(folder))
    times: list[tuple[float, float]] = []
    for index, scene in enumerate(scenes):
        ways = (whole, bare) if index % 2 else (bare, whole)
        used = {way: way(renderer, scene) for way in ways}
        if index >= int(warm):
            times.append((used[whole], used[bare]))
    print(json.dumps(times), file=sys.stderr)


main()
