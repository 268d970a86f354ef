"""A bar where something can be drawn anew, in a notebook without widgets, and lines elsewhere."""

from __future__ import annotations

import io
import sys
import types
import warnings

import pytest
from rich.console import Console

from assay.runs import meter as meters
from assay.runs.progress import Bar, learning, repeating


def finished(label: str, accuracy: float) -> dict:
    return {
        "about": {"label": label, "seconds": 2.0},
        "settings": {"seed": 3},
        "error": None,
        "selections": {"last": {"accuracy": accuracy}},
    }


@pytest.fixture
def notebook(monkeypatch) -> list[list[str]]:
    """What a notebook would show: for every display all that it has shown."""
    shown: list[list[str]] = []

    class Handle:
        def __init__(self, place: int) -> None:
            self.place = place

        def update(self, html: str) -> None:
            shown[self.place].append(html)

    def display(html: str, display_id: bool) -> Handle:
        shown.append([html])
        return Handle(len(shown) - 1)

    shell = types.SimpleNamespace(HTML=str, display=display)
    monkeypatch.setitem(sys.modules, "IPython.display", shell)
    monkeypatch.setattr(
        meters, "console", lambda: Console(force_jupyter=True, quiet=meters.HIDDEN.get(), file=io.StringIO())
    )
    return shown


def test_a_notebook_has_one_display_for_all_runs(notebook):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        bar = Bar()
        bar.begin(3, 1)
        bar.done(finished("a<b", 0.5))
        bar.done(finished("mixed", 0.75))
        bar.end()
    [display] = notebook
    assert 'value="1" max="3"' in display[0]
    assert 'value="3" max="3"' in display[-1]
    assert any("mixed, seed 3: 75.0 %" in html for html in display)
    assert "2 runs in 0:00:01" in display[-1]
    assert not any("a<b" in html for html in display), "text is escaped"


def test_other_reporters_draw_there_too_and_only_when_something_is_told(notebook):
    with learning() as report, repeating("models"):
        report(1, 4, {"loss": 0.25})
        report(2, 4, {"loss": 0.125})
    [display] = notebook
    assert len(display) == 2
    assert "epochs 2/4  loss 0.125" in display[-1]


def test_nothing_is_shown_where_bars_are_hidden(notebook, capsys):
    with meters.hidden():
        bar = Bar()
        bar.begin(1, 0)
        bar.done(finished("mixed", 0.5))
        bar.end()
    assert notebook == []
    assert capsys.readouterr() == ("", "")


def test_without_a_terminal_there_are_lines(capsys):
    with repeating("models") as report:
        report(1, 2)
        report(2, 2)
    assert capsys.readouterr().err.splitlines() == ["model 1/2", "model 2/2"]


def test_in_a_terminal_there_is_a_bar(monkeypatch):
    page = io.StringIO()
    monkeypatch.setattr(meters, "console", lambda: Console(file=page, force_terminal=True, width=100))
    with learning() as report:
        report(1, 2, {"loss": 0.5})
        report(2, 2, {"loss": 0.25})
    assert "epochs" in page.getvalue()
    assert "2/2" in page.getvalue()
    assert "loss 0.25" in page.getvalue()
