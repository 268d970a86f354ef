"""The worker: answers every line of JSON on standard input with one on what was standard output.

Blender itself prints on standard output; that goes to standard error, and answers go their own way.

    {"scene": {...}, "path": "mug/000001.png"}   ->   {"seconds": 0.07} or {"error": "...", "errno": 28}
    or {"error": "...", "hopeless": true}, if every picture would fail in the same way
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
from pathlib import Path
from typing import IO, Any

from .hopeless import Hopeless


def main() -> None:
    """Serve until standard input ends.

    The host removes the folder of temporary files; if it was killed itself, nobody else would.
    """
    scratch = Path(os.environ["ASSAY_BLENDER_SCRATCH"])
    try:
        _serve(scratch)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    os._exit(0)  # Blender's own way out takes a second and may crash


def _serve(scratch: Path) -> None:
    with _private_answers() as answers:
        from .renderer import Renderer, version

        renderer = Renderer(scratch)
        _say(answers, {"ready": version()})
        for line in sys.stdin:
            _say(answers, _answer(renderer, json.loads(line)))


def _private_answers() -> IO[str]:
    """Standard output as it was; from now on, what Blender prints goes to standard error."""
    sys.stdout.flush()
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    return answers


def _say(answers: IO[str], message: dict[str, Any]) -> None:
    answers.write(json.dumps(message) + "\n")
    answers.flush()


def _answer(renderer: Any, request: dict[str, Any]) -> dict[str, Any]:
    start = time.perf_counter()
    try:
        renderer.render(request["scene"], Path(request["path"]))
    except Hopeless as error:
        return {"error": str(error), "hopeless": True}
    except OSError as error:
        return {"error": _told(error), "errno": error.errno}
    except Exception as error:  # a scene that cannot be made costs one image
        return {"error": _told(error)}
    return {"seconds": time.perf_counter() - start}


def _told(error: Exception) -> str:
    """On one line."""
    return " ".join(f"{type(error).__name__}: {error}".split())
