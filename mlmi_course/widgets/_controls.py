"""What a reader may move: a slider, a choice, a switch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from mlmi_course._numbers import is_whole
from mlmi_course.widgets._words import lower, with_unit

if TYPE_CHECKING:
    import ipywidgets


@dataclass(frozen=True)
class Slider:
    """A number to choose between two ends.

    Parameters
    ----------
    description : str
        What it changes, as written beside it and in the alternative text.
    low, high : int or float
        The ends; whole numbers where low, high, start and step are all whole.
    start : int or float, optional
        The first value; the middle if left out.
    step : int or float, optional
        1 for whole numbers, a hundredth of the range otherwise.
    unit : str

    Raises
    ------
    ValueError
        If ``low`` is above ``high``, the step is not positive, the start lies outside or
        the description is empty.

    Examples
    --------
    >>> Slider("Threshold", 0, 200, unit="HU").words(50)
    'threshold 50 HU'
    """

    description: str
    low: float
    high: float
    start: float | None = None
    step: float | None = None
    unit: str = ""

    def __post_init__(self) -> None:
        _described(self)
        if not self.low <= self.high:
            raise ValueError(
                f"the slider {self.description!r} needs low ≤ high, got {self.low} and {self.high}"
            )
        whole = is_whole(self.low) and is_whole(self.high)
        if self.step is None:
            object.__setattr__(self, "step", 1 if whole else (self.high - self.low) / 100 or 1.0)
        if not self.step > 0:
            raise ValueError(f"the slider {self.description!r} needs a step above 0")
        if self.start is None:
            middle = (self.low + self.high) / 2
            start = self.low + self.step * round((middle - self.low) / self.step)
            object.__setattr__(self, "start", start)
        if not self.low <= self.start <= self.high:
            raise ValueError(
                f"the slider {self.description!r} starts at {self.start}, outside "
                f"{self.low} … {self.high}"
            )

    @property
    def first(self) -> float:
        return self.start

    def words(self, value: float) -> str:
        """The setting as a reader would say it."""
        return f"{lower(self.description)} {with_unit(value, self.unit)}"

    def spread(self, count: int = 4) -> list[Any]:
        """A few values from one end to the other, for the static picture."""
        steps = np.linspace(0, round((self.high - self.low) / self.step), count).round()
        return [type(self.first)(self.low + self.step * step) for step in np.unique(steps)]

    def widget(self) -> ipywidgets.Widget:
        import ipywidgets

        whole = all(map(is_whole, (self.low, self.high, self.first, self.step)))
        kind = ipywidgets.IntSlider if whole else ipywidgets.FloatSlider
        decimals = 0 if whole else max(0, int(np.ceil(-np.log10(self.step) - 1e-9)))
        return kind(
            value=self.first,
            min=self.low,
            max=self.high,
            step=self.step,
            readout_format="d" if whole else f".{decimals}f",
            description=self.description + (f" ({self.unit})" if self.unit else ""),
            style={"description_width": "11em"},
            layout={"width": "100%", "max_width": "34em"},
        )


@dataclass(frozen=True)
class Choice:
    """One of a few named options.

    Parameters
    ----------
    description : str
    options : sequence
        What can be chosen; shown as text.
    start : optional
        The first choice; the first option if left out.

    Examples
    --------
    >>> Choice("Plane", ["axial", "coronal"]).words("axial")
    'plane: axial'
    """

    description: str
    options: Sequence[Any]
    start: Any = None

    def __post_init__(self) -> None:
        _described(self)
        object.__setattr__(self, "options", tuple(self.options))
        if not self.options:
            raise ValueError(f"the choice {self.description!r} has no options")
        if self.start is not None and self.start not in self.options:
            raise ValueError(
                f"the choice {self.description!r} starts at {self.start!r}, which is not among "
                f"{list(self.options)}"
            )

    @property
    def first(self) -> Any:
        return self.options[0] if self.start is None else self.start

    def words(self, value: Any) -> str:
        """The setting as a reader would say it."""
        return f"{lower(self.description)}: {value}"

    def spread(self, count: int = 6) -> list[Any]:
        """The options, for the static picture."""
        return list(self.options[:count])

    def widget(self) -> ipywidgets.Widget:
        import ipywidgets

        return ipywidgets.Dropdown(
            options=[(str(option), option) for option in self.options],
            value=self.first,
            description=self.description,
            style={"description_width": "11em"},
            layout={"width": "100%", "max_width": "27em"},
        )


@dataclass(frozen=True)
class Switch:
    """Something that is on or off.

    Examples
    --------
    >>> Switch("Show the outline").words(True)
    'show the outline: on'
    """

    description: str
    start: bool = False

    def __post_init__(self) -> None:
        _described(self)

    @property
    def first(self) -> bool:
        return self.start

    def words(self, value: bool) -> str:
        """The setting as a reader would say it."""
        return f"{lower(self.description)}: {'on' if value else 'off'}"

    def spread(self, count: int = 2) -> list[bool]:
        """Off and on, for the static picture."""
        return [False, True]

    def widget(self) -> ipywidgets.Widget:
        import ipywidgets

        return ipywidgets.Checkbox(value=self.start, description=self.description, indent=False)


def _described(control: Slider | Choice | Switch) -> None:
    if not isinstance(control.description, str) or not control.description.strip():
        raise ValueError(
            f"every {type(control).__name__} needs a description: what does it change?"
        )
