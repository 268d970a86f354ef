"""A headless Chromium, and what is wrong with a page as it shows it."""

from __future__ import annotations

import base64
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

QUIET = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--hide-scrollbars",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
CONTRAST, LETTERS = 4.5, 8.5
"""Least ratio of luminances of words to what is behind them (WCAG 2.2, AA); least pixels of letters."""
FAULTS = (Path(__file__).parent / "page_faults.js").read_text()


@contextmanager
def chromium(profile: Path) -> Iterator[Any]:
    """A browser that asks the network nothing; the test is skipped where there is none."""
    webdriver = pytest.importorskip("selenium.webdriver")
    browser, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not browser or not driver:
        pytest.skip("needs chromium and chromedriver (Debian: chromium, chromium-driver)")
    options = webdriver.ChromeOptions()
    options.binary_location = browser
    for flag in (*QUIET, f"--user-data-dir={profile}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    chrome = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))
    try:
        yield chrome
    finally:
        chrome.quit()


def show(browser: Any, page: Path, width: int = 1280, scheme: str = "light", media: str = "screen") -> None:
    """A page at a width, by day ("light") or by night ("dark"), with all its details open."""
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": media, "features": features})
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    browser.get(page.as_uri())
    browser.execute_script("document.querySelectorAll('details').forEach(part => part.open = true)")


def faults(browser: Any) -> list[str]:
    """What is cut, run together, broken, too small or too faint of the page that is shown."""
    found: list[str] = browser.execute_script(FAULTS, CONTRAST, LETTERS)
    return found


def asked(browser: Any) -> list[str]:
    """Addresses that were fetched since the last look."""
    events = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    return [e["params"]["request"]["url"] for e in events if e["method"] == "Network.requestWillBeSent"]


def picture(browser: Any, height: int) -> bytes:
    """The top of the page that is shown, as PNG."""
    size = browser.execute_script("return [innerWidth, document.documentElement.scrollHeight]")
    clip = {"x": 0, "y": 0, "width": size[0], "height": min(size[1], height), "scale": 1}
    shot = browser.execute_cdp_cmd(
        "Page.captureScreenshot", {"captureBeyondViewport": True, "clip": clip, "optimizeForSpeed": False}
    )
    return base64.b64decode(shot["data"])
