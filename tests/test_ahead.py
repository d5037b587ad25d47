"""Explorers whose pictures are drawn ahead, for pages without a kernel."""

from __future__ import annotations

import html
import json
import re
from typing import Any

import numpy as np
import pytest

from mlmi_course import plots, widgets
from mlmi_course.widgets import Choice, Slider, Switch
from mlmi_course.widgets import _ahead as ahead


@pytest.fixture(autouse=True)
def _asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLMI_STATIC", "ahead")


def curve(ax: Any, power: float, **_: Any) -> None:
    plots.lines({"x to a power": np.linspace(0, 1, 20) ** power}, ax=ax)


def shown(picture: Any) -> tuple[list[dict[str, Any]], list[str]]:
    """Controls and states in the HTML of an explorer."""
    text = picture._repr_html_()
    (controls,) = re.findall(r'data-controls="([^"]*)"', text)
    return json.loads(html.unescape(controls)), re.findall(r'data-at="([\d,]+)"', text)


def test_every_setting_has_its_picture_its_words_and_its_place() -> None:
    picture = widgets.explore(
        curve,
        {"power": Slider("Power", 1, 3), "on": Switch("Bold")},
        alt="A curve.",
        say=lambda power, on: f"Power {power}, {on}.",
    )
    controls, states = shown(picture)
    assert [control["kind"] for control in controls] == ["slider", "switch"]
    assert [control["start"] for control in controls] == [1, 0]
    assert [control["words"] for control in controls] == [["1", "2", "3"], ["off", "on"]]
    assert states == ["0,0", "0,1", "1,0", "1,1", "2,0", "2,1"]
    assert picture.states[0].alt == "A curve. Setting: power 1, bold: off."
    assert picture.states[-1].say == "Power 3, True."
    assert all(state.image[8:12] == b"WEBP" for state in picture.states)
    text = picture._repr_html_()
    assert text.index("Shown side by side") < text.index("mlmi-state"), "the fixed one comes first"


@pytest.mark.parametrize("most", [4, 9, 24])
@pytest.mark.parametrize(
    "controls",
    [
        {"a": Slider("A", 0.0, 1.0, start=0.37)},
        {"a": Slider("A", 0, 100), "b": Slider("B", 0, 100), "c": Slider("C", 0, 100)},
        {"a": Choice("A", list("abcd"), "c"), "b": Slider("B", 0, 9, 4), "c": Switch("C", True)},
        {"a": Choice("A", [str(n) for n in range(60)], "31")},
    ],
)
def test_the_start_is_among_the_states_and_there_are_not_too_many(
    controls: dict[str, Any], most: int
) -> None:
    found = ahead.stops(controls, most)
    assert 1 < np.prod([len(values) for values in found.values()]) <= most
    assert list(found) == list(controls)[: len(found)]
    for name, values in found.items():
        assert controls[name].first in values
        assert len(set(values)) == len(values)


def test_what_cannot_be_moved_there_is_named() -> None:
    controls = {name: Slider(name.upper(), 0, 100) for name in ("power", "b", "c")}
    text = widgets.explore(curve, controls, alt="A curve.", settings=[{}])._repr_html_()
    assert "The notebook also moves: C." in text


def test_an_explorer_that_cannot_be_drawn_ahead_says_where_it_moves() -> None:
    def fails(ax: Any, power: int) -> None:
        if power == 2:
            raise NotImplementedError
        curve(ax, power)

    controls = {"power": Slider("Power", 1, 3, 1)}
    text = widgets.explore(fails, controls, alt="A curve.", settings=[{}])._repr_html_()
    assert ahead.STILL in text
    assert "mlmi-state" not in text


def test_slow_and_heavy_explorers_get_fewer_states(monkeypatch: pytest.MonkeyPatch) -> None:
    controls = {"power": Slider("Power", 1, 24)}
    monkeypatch.setattr(ahead, "MOST_BYTES", 60_000)
    picture = widgets.explore(curve, controls, alt="A curve.", settings=[{}])
    assert 4 <= len(picture.states) < 24
    assert sum(len(state.image) for state in picture.states) <= 60_000
    monkeypatch.setattr(ahead, "MOST_SECONDS", 0.0)
    assert widgets.explore(curve, controls, alt="A curve.", settings=[{}]).states == ()


def test_the_others_move_too() -> None:
    ramp = np.arange(64.0).reshape(8, 8)
    assert len(widgets.threshold(ramp, alt="A ramp.").states) == 24
    presets = {"all": (32, 64), "dark": (8, 16)}
    picture = widgets.window_level(ramp, alt="A ramp.", unit="", presets=presets)
    controls, _ = shown(picture)
    assert controls[0]["words"] == ["all", "dark"]


def test_elsewhere_pictures_are_as_they_were(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLMI_STATIC", "1")
    text = widgets.explore(curve, {"power": Slider("Power", 1, 3)}, alt="A curve.")._repr_html_()
    assert text.startswith("<figure")
    assert "mlmi" not in text
