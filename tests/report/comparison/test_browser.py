"""The report in a real browser: every picture shows, nothing is fetched, nothing complains."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from assay.comparison.compare import compare
from assay.methods.base import Training
from assay.report.assessment.page import write_page
from assay.types import Samples, Task

pytestmark = pytest.mark.slow
QUIET = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def some(n: int, seed: int) -> Samples:
    return Samples(
        np.random.default_rng(seed).normal(size=(n, 2, 40, 10)).astype(np.float32), np.arange(n) % 3
    )


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("runs")
    task = Task("toy", ("walk", "sit", "a class with quite a long name"), some(9, 1), some(12, 2), some(9, 3))
    methods = ("mixed", "trts_filter", "random_filter")
    training = Training(epochs=2, steps=3)
    done = compare(
        task, some(15, 4), methods=methods, seeds=2, training=training, out=out, workers=1, device="cpu"
    )
    return write_page(done, out / "report.html")


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    webdriver = pytest.importorskip("selenium.webdriver")
    chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not chromium or not driver:
        pytest.skip("needs chromium and chromedriver (Debian: chromium, chromium-driver)")
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for flag in (*QUIET, f"--user-data-dir={tmp_path_factory.mktemp('profile')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    chrome = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))
    yield chrome
    chrome.quit()


def show(browser: Any, report: Path, width: int = 1280, scheme: str = "light") -> None:
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    browser.get(report.as_uri())
    browser.execute_script("document.querySelectorAll('details').forEach(part => part.open = true)")


def test_every_picture_shows(browser, report):
    show(browser, report)
    widths = browser.execute_script("return [...document.images].map(i => i.complete ? i.naturalWidth : 0)")
    assert len(widths) == 2 * 3
    assert min(widths) > 0


def test_nothing_is_fetched(browser, report):
    browser.get_log("performance")
    show(browser, report)
    events = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    asked = [e["params"]["request"]["url"] for e in events if e["method"] == "Network.requestWillBeSent"]
    assert report.as_uri() in asked
    assert [url for url in asked if url != report.as_uri() and not url.startswith("data:")] == []


def test_the_console_is_silent(browser, report):
    browser.get_log("browser")
    show(browser, report)
    assert browser.get_log("browser") == []


@pytest.mark.parametrize("width", [1280, 400])
def test_the_page_does_not_scroll_sideways(browser, report, width):
    show(browser, report, width)
    assert browser.execute_script("return document.documentElement.scrollWidth") <= width


def test_figures_take_the_colours_of_the_night(browser, report):
    show(browser, report, scheme="dark")
    colour = "return getComputedStyle(document.querySelector('{}')).{}"
    assert browser.execute_script(colour.format("body", "backgroundColor")) == "rgb(22, 24, 26)"
    assert browser.execute_script(colour.format("svg text", "fill")) == "rgb(230, 230, 227)"
