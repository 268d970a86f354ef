"""The head of the page: what it is about, and what follows from it in a sentence or two."""

from __future__ import annotations

from typing import Any

from assay.advice.result import Advice
from assay.comparison.result import Comparison
from assay.quality.score import Score
from assay.report.advice import text as advice_text
from assay.report.assessment.parts import PARTS
from assay.report.assessment.result import Assessment
from assay.report.comparison.verdict import Told, told
from assay.report.findings import no_advice
from assay.report.score import text as score_text

WORDS = {
    "score": "how good the synthetic items are, one by one",
    "comparison": "what each way of using them gains",
    "advice": "how many of them to use, with which labels, and what more data would be worth",
}
NOTHING = "Nothing has been trained yet: so far the data have been looked at."


def facts(found: Assessment) -> dict[str, Any]:
    """Names and numbers of the data: title, task, synthetic ("" without any), and a line of counts."""
    first = found.comparison or found.advice or found.score
    task, made, counts = _of_asked(found) if found.asked else _of_part(first)
    title = f"What “{made}” is worth for {task}" if made else f"{task}: real data only"
    return {"title": title, "task": task, "synthetic": made, "counts": [*counts, *_runs(found)]}


def _of_asked(found: Assessment) -> tuple[str, str, list[str]]:
    task, made = found.asked["task"], found.asked["synthetic"]
    return task["name"], made["name"], _counts(len(task["classes"]), task["counts"], made["count"])


def _of_part(part: Score | Comparison | Advice | None) -> tuple[str, str, list[str]]:
    assert part is not None, "a page has a part or says what was asked"
    info = part.info
    if isinstance(part, Score):
        counts = {"labelled real": info["real"], "unlabelled": info["unlabelled"]}
        return info["task"], info["synthetic_name"], _counts(len(info["classes"]), counts, info["synthetic"])
    task, made = info["task"], info["synthetic"] or {"name": "", "count": 0}
    classes = task["classes"] if isinstance(part, Advice) else len(task["classes"])
    return task["name"], made["name"], _counts(classes, task["counts"], made["count"])


def _counts(classes: int, counts: dict[str, int], synthetic: int) -> list[str]:
    pools = [f"{n} {pool}" for pool, n in counts.items() if n]
    return [f"{classes} classes", *pools, f"{synthetic} synthetic" if synthetic else "no synthetic data"]


def _runs(found: Assessment) -> list[str]:
    if found.comparison is None:
        return []
    info = found.comparison.info
    numbers = {"method": len(info["methods"]), "seed": len({run["seed"] for run in info["runs"]})}
    return [f"{number} {what}{'s' * (number > 1)}" for what, number in numbers.items()]


def verdict(found: Assessment) -> Told:
    """What follows, of the part that tells most: the comparison, else the advice, else the score."""
    if found.comparison and found.comparison.runs:
        return told(found.comparison)
    if found.advice:
        return _split(advice_text.sentences(found.advice))
    if found.score:
        return _split(score_text.sentences(found.score))
    leak = no_advice({"findings": found.examination.as_dicts()})
    return Told([*leak, told(found.comparison).first[0] if found.comparison else NOTHING], [])


def _split(sentences: list[str]) -> Told:
    return Told(sentences[:2], sentences[2:])


def missing(found: Assessment) -> list[str]:
    """The parts that are not on the page, and how far the comparison is."""
    comparison = found.comparison
    left = len(comparison.info["runs"]) - len(comparison.runs) if comparison else 0
    said = [f"The comparison is not finished: {left} runs are left."] if left else []
    lacking = found.lacking()
    said += [f"The {name} ({WORDS[name]}) {why}." for name, why in lacking.items()]
    if not found.asked and (comparison is None or comparison.info["synthetic"]):
        rest = [f"the {name} ({WORDS[name]})" for name in PARTS if name not in found.parts()]
        said += [f"Not here yet: {', '.join(rest)}; assay assess TASK SYN adds what is missing."] * bool(rest)
    return said
