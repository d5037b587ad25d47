"""An illusion, measured on the reader."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from mlmi_course import plots
from mlmi_course.plots import Picture
from mlmi_course.widgets import _explore
from mlmi_course.widgets._ahead import Ahead, is_ahead
from mlmi_course.widgets._controls import Slider
from mlmi_course.widgets._explore import check_alt, is_static

if TYPE_CHECKING:
    import ipywidgets


def match(
    draw: Callable[..., Any],
    control: Slider,
    *,
    truth: float,
    alt: str,
    size: tuple[float, float] = (6.0, 3.0),
    seed: int = 0,
    static: bool | None = None,
) -> ipywidgets.VBox | Picture:
    """Measure an illusion on the reader: set a slider until two things look the same.

    Psychologists call it the method of adjustment.  Each round starts from another random
    value and hides the number; after each, the reader sees by how much all guesses are off, on
    average.  The guesses live in the widget and are gone with it: nothing is stored or sent.

    Parameters
    ----------
    draw : function
        Called as ``draw(ax, value)``: draws the fixed thing and the one that follows the slider.
    control : Slider
        The quantity to be set.
    truth : float
        The value at which the two really are the same; not zero.
    alt : str
        One sentence that says what is to be compared with what.
    size : (float, float)
        Inches of the picture.
    seed : int
        Decides the values from which the rounds start.
    static : bool, optional
        See :func:`is_static`.

    Returns
    -------
    ipywidgets.VBox or Picture
        The fixed picture shows the two things when they really are the same.

    Raises
    ------
    ValueError
        If ``truth`` is zero or outside the slider's range.

    Examples
    --------
    >>> def draw(ax, value):
    ...     plots.image(np.array([[0.5, value]]), vmin=0, vmax=1, ax=ax)
    >>> match(draw, Slider("Grey", 0.0, 1.0), truth=0.5, alt="Two greys.", static=True)
    Picture: Two greys. Here the two are really the same.
    """
    check_alt(alt)
    if truth == 0 or not control.low <= truth <= control.high:
        raise ValueError(
            f"truth must lie between {control.low} and {control.high} and not be 0, got {truth}"
        )

    def picture(value: float, words: str, dpi: float) -> Picture:
        figure, axes = plots.figure(size, dpi=dpi)
        draw(axes[0, 0], value)
        return Picture(figure, axes[0, 0], f"{alt.strip()} {words}", trim=True)

    if is_static(static):
        still = picture(truth, "Here the two are really the same.", 2 * _explore.DPI)
        return Ahead(still) if is_ahead() else still

    import ipywidgets

    rng = np.random.default_rng(seed)
    guesses: list[float] = []
    slider = control.widget()
    slider.readout = False
    shown, told = ipywidgets.HTML(), ipywidgets.HTML()
    button = ipywidgets.Button(
        description="They look the same", button_style="primary", layout={"width": "auto"}
    )

    def redraw(_: Any = None) -> None:
        shown.value = picture(
            slider.value, "Move the slider to compare.", _explore.DPI
        )._repr_html_()

    def begin() -> None:
        steps = round((control.high - control.low) / control.step)
        slider.value = type(control.first)(control.low + control.step * rng.integers(steps + 1))

    def guess(_: Any) -> None:
        guesses.append(float(slider.value))
        told.value = f"<p>{html.escape(_bias_words(guesses, truth, control))}</p>"
        begin()

    slider.observe(redraw, names="value")
    button.on_click(guess)
    begin()
    redraw()
    return ipywidgets.VBox([slider, shown, button, told])


def _bias_words(guesses: Sequence[float], truth: float, control: Slider) -> str:
    """Say how far guesses are from the truth: the bias, and the spread once there are two."""
    off = 100 * (np.asarray(guesses) - truth) / truth
    way = "too high" if off.mean() > 0 else "too low"
    told = f"Your last guess: {guesses[-1]:.2f}; equal is {truth:.2f}. "
    told += f"On average over {len(off)} you are {abs(off.mean()):.0f} % {way}"
    if len(off) > 1:
        told += f" (standard deviation {off.std(ddof=1):.0f} %)"
    return f"{told}. {'Try again.' if len(off) < 5 else 'That is your bias.'}"
