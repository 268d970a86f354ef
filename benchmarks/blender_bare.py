"""Runs in Blender's Python: CPU-seconds of whole images, and of Cycles alone on the same scenes as built.

python blender_bare.py PACKAGE FOLDER WARM < scenes.jsonl, its threads as a worker's
"""

import importlib
import json
import os
import sys
import time
from pathlib import Path


def main() -> None:
    package, folder, warm = sys.argv[-3:]
    scenes = [json.loads(line) for line in sys.stdin]
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    sys.path.append(package)
    with importlib.import_module("inside.start").few_cores(1):
        bpy = importlib.import_module("bpy")
    renderer = importlib.import_module("inside.renderer").Renderer(Path(folder))
    times: list[tuple[float, float]] = []
    for index, scene in enumerate(scenes):
        start = time.process_time()
        renderer.render(scene, Path(folder, f"{index}.png"))
        ours = time.process_time() - start
        renderer.build(scene)
        renderer.scene.render.filepath = str(Path(folder, "bare.tga"))
        start = time.process_time()
        bpy.ops.render.render(write_still=False, scene=renderer.scene.name)
        bare = time.process_time() - start
        renderer.scratch.clear()
        renderer.materials.release()
        if index >= int(warm):
            times.append((ours, bare))
    print(json.dumps(times), file=sys.stderr)


main()
