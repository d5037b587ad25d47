"""Explorers that move where no kernel runs: their pictures are drawn ahead, for the web site.

``MLMI_STATIC=ahead`` asks for it.  An explorer is then its fixed picture, with up to 24 states of
its controls hidden behind it; a script of the page builds the controls and shows the states.
"""

from __future__ import annotations

import html
import io
import itertools
import json
import math
import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from mlmi_course.plots import Picture
from mlmi_course.widgets._controls import Choice, Slider, Switch

MOST_STATES: Final = 24
MOST_BYTES: Final = 1_000_000
MOST_SECONDS: Final = 60.0
_FEWEST_STOPS: Final = 4  # with fewer, a slider shows jumps and no movement
_QUALITY: Final = 85

STILL: Final = "Run the notebook to move it."


def is_ahead() -> bool:
    """Whether pictures are to be drawn ahead."""
    return os.environ.get("MLMI_STATIC", "").strip().lower() == "ahead"


def stops(
    controls: Mapping[str, Slider | Choice | Switch], most: int = MOST_STATES
) -> dict[str, list[Any]]:
    """Values of the controls that are drawn ahead: as many controls as ``most`` states allow.

    Examples
    --------
    >>> stops({"sigma": Slider("Blur", 0, 100)}, most=5)
    {'sigma': [0, 25, 50, 75, 100]}
    >>> stops({"sigma": Slider("Blur", 0, 100), "on": Switch("On")}, most=8)
    {'sigma': [0, 50, 67, 100], 'on': [False, True]}
    """
    names = list(controls)
    for count in range(len(names), 0, -1):
        moved = {name: controls[name] for name in names[:count]}
        sliders = [name for name, control in moved.items() if isinstance(control, Slider)]
        fixed = {n: _options(c) for n, c in moved.items() if n not in sliders}
        room = most // math.prod(map(len, fixed.values()), start=1)
        if room < 1:
            continue
        found = dict(fixed)
        for number, name in enumerate(sliders):
            every = _steps(moved[name])
            left = len(sliders) - number
            share = room if left == 1 else math.floor(room ** (1 / left) + 1e-9)
            if share < min(_FEWEST_STOPS, len(every)):
                break
            found[name] = _thinned(every, share, moved[name].first)
            room //= len(found[name])
        else:
            return {name: found[name] for name in moved}
    name = names[0]
    return {name: _thinned(_options(controls[name]), most, controls[name].first)}


def prepared(
    still: Picture,
    show: Callable[[dict[str, Any]], tuple[Picture, str]],
    controls: Mapping[str, Slider | Choice | Switch],
) -> Picture:
    """The fixed picture, with its states where they are wanted and can be drawn.

    Parameters
    ----------
    still : Picture
        What is shown where no script runs.
    show : function
        Gets the values of all controls by name; returns a picture and the line below it.
    controls : mapping of name to control
    """
    if not is_ahead():
        return still
    most = MOST_STATES
    try:
        start = {name: control.first for name, control in controls.items()}
        began = time.process_time()
        show(start)
        most = min(most, int(MOST_SECONDS / max(time.process_time() - began, 1e-3)))
        while most >= _FEWEST_STOPS:
            moved = stops(controls, most)
            states = _states(show, start, moved)
            size = sum(len(state.image) for state in states)
            if size <= MOST_BYTES:
                return Ahead(still, controls, moved, states)
            most = min(most - 1, int(most * MOST_BYTES / size))
    except Exception:  # an exercise that is not written yet, or a setting that cannot be drawn
        pass
    return Ahead(still)


@dataclass(frozen=True)
class State:
    """One setting of the controls, by the number of each value, and what it shows."""

    at: tuple[int, ...]
    image: bytes
    alt: str
    width: int
    say: str


class Ahead(Picture):
    """A fixed picture that carries the states of its explorer, or says that it has none."""

    def __init__(
        self,
        still: Picture,
        controls: Mapping[str, Any] | None = None,
        moved: Mapping[str, Sequence[Any]] | None = None,
        states: Sequence[State] = (),
    ) -> None:
        super().__init__(still.figure, still.axes, still.alt, trim=still.trim)
        self.states = tuple(states)
        controls, moved = controls or {}, moved or {}
        self._controls = [
            {
                "label": controls[name].description,
                "kind": type(controls[name]).__name__.lower(),
                "start": values.index(controls[name].first),
                "words": [_value_words(controls[name], value) for value in values],
            }
            for name, values in moved.items()
        ]
        held = [c.description for name, c in controls.items() if name not in moved]
        self._more = f"The notebook also moves: {', '.join(held)}." if held and states else ""

    def _repr_html_(self) -> str:
        still = super()._repr_html_()
        if not self.states:
            return f'{still}<p class="mlmi-still">{STILL}</p>'
        controls = html.escape(json.dumps(self._controls, ensure_ascii=False), quote=True)
        figures = "".join(map(_figure, self.states))
        more = f'<p class="mlmi-still">{html.escape(self._more)}</p>' if self._more else ""
        return f'<div class="mlmi-explorer" data-controls="{controls}">{still}{figures}</div>{more}'


def _figure(state: State) -> str:
    import base64

    data = base64.b64encode(state.image).decode("ascii")
    at, say = ",".join(map(str, state.at)), html.escape(state.say, quote=True)
    return (
        f'<figure class="mlmi-state" data-at="{at}" data-say="{say}" style="margin:0" hidden>'
        f'<img alt="{html.escape(state.alt, quote=True)}" width="{state.width}" '
        'style="max-width:100%;height:auto;background:white" '
        f'src="data:image/webp;base64,{data}"></figure>'
    )


def _states(
    show: Callable[[dict[str, Any]], tuple[Picture, str]],
    start: Mapping[str, Any],
    moved: Mapping[str, Sequence[Any]],
) -> list[State]:
    found = []
    for at in itertools.product(*(range(len(values)) for values in moved.values())):
        chosen = {name: values[i] for (name, values), i in zip(moved.items(), at, strict=True)}
        picture, line = show({**start, **chosen})
        width = round(picture.figure.get_figwidth() * 100)
        found.append(State(at, _webp(picture), picture.alt, width, line))
    return found


def _webp(picture: Picture) -> bytes:
    """The picture in a form of which twenty are no heavier than a photograph."""
    from PIL import Image

    buffer = io.BytesIO()
    with Image.open(io.BytesIO(picture.png())) as image:
        image.save(buffer, "webp", quality=_QUALITY, method=4)
    return buffer.getvalue()


def _value_words(control: Slider | Choice | Switch, value: Any) -> str:
    if isinstance(control, Switch):
        return "on" if value else "off"
    if isinstance(control, Choice):
        return str(value)
    return control.words(value)[len(control.description) :].strip()


def _options(control: Slider | Choice | Switch) -> list[Any]:
    if isinstance(control, Slider):
        return _steps(control)
    return list(control.options) if isinstance(control, Choice) else [False, True]


def _steps(slider: Slider) -> list[Any]:
    """All values that a slider can take."""
    count = math.floor((slider.high - slider.low) / slider.step + 1e-9)
    kind = type(slider.first)
    return [kind(slider.low + number * slider.step) for number in range(count + 1)]


def _thinned(values: list[Any], most: int, start: Any) -> list[Any]:
    """At most ``most`` of the values, from one end to the other, the start among them."""
    if start not in values:  # a start between two steps
        values = sorted([*values, start])
    if len(values) <= most:
        return values
    chosen = sorted({round(place) for place in np.linspace(0, len(values) - 1, most)})
    at = values.index(start)
    nearest = min(range(len(chosen)), key=lambda number: abs(chosen[number] - at))
    chosen[nearest] = at
    return [values[number] for number in chosen]
