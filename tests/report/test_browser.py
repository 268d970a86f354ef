"""Every page in a real browser: nothing is cut, faint or fetched, on any screen and on paper."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from assay.comparison.compare import compare
from assay.comparison.result import Comparison
from assay.methods.training import Training
from assay.report.assessment.page import write_page
from assay.report.assessment.side_by_side import page as side_by_side_page
from assay.report.battery.page import page as battery_page
from assay.report.images.page import page as images_page
from assay.report.study.page import page as study_page
from assay.types import Samples, Task
from tests.advice.test_advise import advised
from tests.assessment.test_assess import assessed
from tests.report.battery.made import MANY, made_runs
from tests.report.images.test_pictures import ADAPTATION, study_of_toys
from tests.report.study.test_page import a_study
from tests.support import scoring
from tests.support.browser import asked, chromium, faults, picture, show

pytestmark = pytest.mark.slow
PAGES = (
    "image",
    "table",
    "signal",
    "score",
    "advice",
    "bars",
    "lines",
    "images",
    "battery",
    "assess",
    "beside",
)
SCREENS = [(width, scheme) for width in (1280, 768, 400) for scheme in ("light", "dark")]
PAPER = 688
"""CSS pixels of a line on A4 between margins of 14 mm."""
REACHED = """[...document.querySelectorAll('summary, button, select, a, .scroll')].filter(
    e => e.checkVisibility() && (!e.matches('.scroll') || e.scrollWidth > e.clientWidth))"""
"""What a keyboard must come to."""
NAMES = ("walk", "sit", "a class with quite a long name", "Badminton")


def some(n: int, seed: int, *shape: int) -> Samples:
    """Items whose class is seen in all their numbers."""
    y = np.arange(n) % len(NAMES)
    noise = np.random.default_rng(seed).normal(size=(n, *shape))
    return Samples((noise + y.reshape(-1, *[1] * len(shape))).astype(np.float32), y)


def compared(out: Path, name: str, kind: Any, *shape: int) -> Path:
    """The page of a short comparison."""
    parts = [some(n, seed, *shape) for seed, n in enumerate((16, 24, 16, 12))]
    task = Task(f"{name} of somebody", NAMES, *parts, kind=kind, normalise="none")
    methods = ("mixed", "trts_filter", "random_filter", "mcc")
    training = Training(epochs=3, steps=3)
    made = some(32, 9, *shape)
    given = {"seeds": 2, "training": training, "workers": 1, "device": "cpu"}
    done = compare(task, made, methods=methods, out=out / name, **given)
    return write_page(done, out / f"{name}.html")


def beside(folder: Path) -> str:
    """The same runs twice, under a short and a long name."""
    done = Comparison.open(folder)
    return side_by_side_page({"first": done, "runs/of_somebody/with-a-long-name/second": done})


def written(path: Path, html: str) -> Path:
    path.write_text(html)
    return path


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    out = tmp_path_factory.mktemp("pages")
    task, made = scoring.a_task(classes=NAMES[:3]), scoring.items(60, 7)
    score = scoring.scored(made, task, training=scoring.SHORT)
    studies = {
        kind: study_page(
            a_study(out / kind, lambda entry, seed: 0.6 + entry.key.ratio / 50 + seed / 9999, name)
        )
        for kind, name in (("bars", "syncheck-overall"), ("lines", "syncheck-volume"))
    }
    with pytest.MonkeyPatch.context() as patch:
        _, runs = study_of_toys(out / "images", patch)("rendered-adaptation", ADAPTATION, 2)
        pictures = images_page(runs)
    return {
        "image": compared(out, "image", "image", 1, 8, 8),
        "table": compared(out, "table", "vector", 12),
        "signal": compared(out, "signal", "signal", 2, 40),
        "score": write_page(score, out / "score.html"),
        "advice": write_page(advised(out / "advice"), out / "advice.html"),
        **{kind: written(out / f"{kind}.html", html) for kind, html in studies.items()},
        "images": written(out / "images.html", pictures),
        "assess": write_page(assessed(out / "assess"), out / "assess" / "report.html"),
        "beside": written(out / "beside.html", beside(out / "image")),
        "battery": written(out / "battery.html", battery_page(made_runs(out / "battery", gains=MANY))),
    }


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with chromium(tmp_path_factory.mktemp("profile")) as chrome:
        yield chrome


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize(("width", "scheme"), SCREENS)
def test_nothing_is_cut_broken_or_faint(browser, pages, name, width, scheme):
    show(browser, pages[name], width, scheme)
    assert faults(browser) == []


@pytest.mark.parametrize("name", PAGES)
def test_nothing_is_cut_on_paper(browser, pages, name):
    show(browser, pages[name], PAPER, media="print")
    assert faults(browser) == []


@pytest.mark.parametrize(
    "change",
    [
        "document.querySelector('h2').style.width = '2000px'",
        "document.querySelector('table.result').closest('.scroll').style.background = 'none'",
        "document.querySelector('table.result').closest('.scroll').removeAttribute('tabindex')",
        "document.querySelector('svg text').setAttribute('x', -50)",
        "document.querySelector('svg text').style.fontSize = '4px'",
        "document.querySelectorAll('svg').forEach(s => { const a = s.querySelectorAll('text');"
        " a.length > 1 && a[1].replaceWith(a[0].cloneNode(true)) })",
        "document.querySelector('h1').style.cssText = 'width: 3ch; word-break: break-all'",
        "document.querySelector('.note').style.color = '#999'",
        "document.querySelector('table.result td').style.cssText = 'display: block; width: 9px'",
    ],
)
def test_what_is_wrong_is_noticed(browser, pages, change):
    show(browser, pages["image"], 400)
    assert faults(browser) == []
    browser.execute_script(change)
    assert faults(browser) != []


@pytest.mark.parametrize("name", PAGES)
def test_pictures_show_nothing_is_fetched_and_the_console_is_silent(browser, pages, name):
    asked(browser)
    browser.get_log("browser")
    show(browser, pages[name])
    fetched = asked(browser)
    assert pages[name].as_uri() in fetched
    assert [url for url in fetched if url != pages[name].as_uri() and not url.startswith("data:")] == []
    assert browser.get_log("browser") == []
    widths = browser.execute_script("return [...document.images].map(i => i.complete ? i.naturalWidth : 0)")
    assert all(widths)


def test_method_accuracy_and_difference_are_in_sight_on_a_telephone(browser, pages):
    show(browser, pages["image"], 400)
    heads = "[...document.querySelector('table.result').tHead.rows[0].cells].slice(0, 3)"
    found = browser.execute_script(f"return {heads}.map(c => [c.innerText, c.getBoundingClientRect().right])")
    assert [" ".join(name.split()) for name, _ in found] == [
        "method",
        "accuracy %",
        "difference to real_only",
    ]
    assert max(right for _, right in found) <= 400 - 16


@pytest.mark.parametrize("name", PAGES)
def test_everything_is_reached_by_keyboard(browser, pages, name):
    from selenium.webdriver import ActionChains, Keys

    show(browser, pages[name], 400)
    wanted = browser.execute_script(f"return {REACHED}.length")
    for _ in range(wanted + 40):
        ActionChains(browser).send_keys(Keys.TAB).perform()
        browser.execute_script("document.activeElement.dataset.seen = 1")
    missed = f"return {REACHED}.filter(e => !e.dataset.seen).map(e => e.outerHTML.slice(0, 200))"
    assert browser.execute_script(missed) == []


def test_a_table_sorts_and_comes_back(browser, pages):
    show(browser, pages["image"])
    names = "[...document.querySelector('table.sorts').tBodies[0].rows].map(r => r.cells[{}].innerText)"
    click = "document.querySelector('table.sorts').tHead.rows[0].cells[1].querySelector('button').click()"
    first = browser.execute_script(f"return {names.format(0)}")
    orders = []
    for _ in range(2):
        browser.execute_script(click)
        orders.append(
            [float(text.split()[0]) for text in browser.execute_script(f"return {names.format(1)}")]
        )
    assert orders == [sorted(orders[0], reverse=True), sorted(orders[0])]
    browser.execute_script(click)
    assert browser.execute_script(f"return {names.format(0)}") == first


def test_one_class_is_shown_alone(browser, pages):
    show(browser, pages["image"])
    choose = "const s = document.querySelector('.choice select'); s.value = 'sit';"
    browser.execute_script(f"{choose} s.dispatchEvent(new Event('change'))")
    shown = "return [...new Set([...document.querySelectorAll('{}')].map(e => e.dataset.class))]"
    assert browser.execute_script(shown.format("tr[data-class]:not([hidden])")) == ["sit"]
    assert browser.execute_script(shown.format("g[data-class]:not(.faded)")) == ["sit"]
    assert len(browser.execute_script(shown.format("g[data-class].faded"))) == len(NAMES) - 1


def test_a_mark_tells_its_value(browser, pages):
    from selenium.webdriver import ActionChains

    show(browser, pages["image"])
    mark = browser.execute_script("return document.querySelector('svg rect.hit')")
    browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", mark)
    ActionChains(browser).move_to_element(mark).perform()
    assert " recognised: " in browser.execute_script("return document.querySelector('.tip').innerText")


@pytest.mark.parametrize("name", ["image", "score", "bars"])
def test_a_page_is_whole_without_scripts(browser, pages, name, tmp_path):
    html = pages[name].read_text()
    start, end = html.index("<script>"), html.index("</script>") + len("</script>")
    bare = written(tmp_path / "bare.html", html[:start] + html[end:])
    text = "return document.querySelector('main').innerText.replace(/\\s+/g, ' ')"
    show(browser, pages[name], 400)
    browser.execute_script("document.querySelectorAll('.choice').forEach(e => e.remove())")
    whole = browser.execute_script(text)
    show(browser, bare, 400)
    assert faults(browser) == []
    assert browser.execute_script(text) == whole


def test_pictures_of_the_demo_for_the_documents(browser, tmp_path):
    """Of the whole demo into the folder that ASSAY_PICTURES names; else of a short one, to see they fit."""
    folder = Path(os.environ.get("ASSAY_PICTURES", tmp_path / "pictures"))
    short = () if "ASSAY_PICTURES" in os.environ else ("--seeds", "2", "--training", "epochs=3,steps=20")
    command = [sys.executable, "-m", "assay", "demo", "--out", str(tmp_path / "demo"), "--quiet", *short]
    subprocess.run(command, check=True)
    page = tmp_path / "demo" / "report.html"
    assert page.stat().st_size < 1_000_000
    folder.mkdir(parents=True, exist_ok=True)
    for name, width, scheme, height in (
        ("demo", 1280, "light", 1500),
        ("demo-telephone", 400, "light", 1500),
        ("demo-dark", 1280, "dark", 1500),
    ):
        show(browser, page, width, scheme)
        assert faults(browser) == []
        browser.execute_script("document.querySelectorAll('details').forEach(part => part.open = false)")
        shot = picture(browser, height)
        assert len(shot) < 300_000
        (folder / f"{name}.png").write_bytes(shot)
