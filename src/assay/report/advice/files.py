"""An advice as files, beside the runs that it follows from."""

from __future__ import annotations

from pathlib import Path

from assay.advice.result import Advice
from assay.files import replace_file, writing
from assay.report.advice.figure import curves
from assay.report.advice.text import markdown
from assay.report.drawing import svg


def write_advice(advice: Advice) -> list[Path]:
    """Write advice.md and advice.svg beside advice.json, each at once; all three paths."""
    contents = {
        "advice.md": (markdown(advice) + "\n").encode(),
        "advice.svg": svg(*curves(advice)),
    }
    with writing(advice.folder):
        for name, content in contents.items():
            replace_file(advice.folder / name, content)
    return [advice.folder / name for name in (*contents, "advice.json")]
