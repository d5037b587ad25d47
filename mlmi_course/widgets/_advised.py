"""An experiment on the reader: decide on images, with and without an adviser who may err."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from mlmi_course import plots
from mlmi_course.plots import Picture
from mlmi_course.widgets import _explore
from mlmi_course.widgets._ahead import Ahead, is_ahead
from mlmi_course.widgets._explore import check_alt, is_static

if TYPE_CHECKING:
    import ipywidgets


def advised(
    images: ArrayLike,
    truths: Sequence[bool] | ArrayLike,
    advice: Sequence[bool | None],
    *,
    answers: tuple[str, str] = ("healthy", "ill"),
    alt: str,
    size: float = 3.4,
    static: bool | None = None,
) -> ipywidgets.VBox | Picture:
    """Show images one by one, with or without advice, and count how often the reader is right.

    The reader presses one of two buttons for each image.  After the last, three rates appear:
    without advice, with right advice, and with wrong advice.  The answers live in the widget and
    are gone with it: nothing is stored or sent.

    Parameters
    ----------
    images : array_like, shape (n, rows, columns)
        Grey images, each shown in its own range.
    truths : sequence of bool, length n
        Whether the second of the two answers is the right one.
    advice : sequence of bool or None, length n
        What the adviser says of each image; None where he is silent.
    answers : (str, str)
        The words for False and for True.
    alt : str
        One sentence that says what is to be judged.
    size : float
        Inches of one image.
    static : bool, optional
        See :func:`is_static`.

    Returns
    -------
    ipywidgets.VBox or Picture
        The fixed picture shows all images with the advice above each.

    Raises
    ------
    ValueError
        If there is no image, or the three are not of the same length.

    Examples
    --------
    >>> advised(
    ...     np.zeros((2, 4, 4)), [True, False], [True, None], alt="Two patches.", static=True
    ... )
    Picture: Two patches. The advice: ill; none.
    """
    check_alt(alt)
    shown = np.asarray(images, float)
    right, said = [bool(truth) for truth in np.asarray(truths).ravel()], list(advice)
    if shown.ndim != 3 or len(shown) == 0 or not len(shown) == len(right) == len(said):
        raise ValueError(
            "images must have the shape (n, rows, columns), with n truths and n pieces of advice; "
            f"got {shown.shape}, {len(right)} truths and {len(said)} pieces of advice"
        )

    def words(number: int) -> str:
        if said[number] is None:
            return "no advice"
        return f"advice: {answers[bool(said[number])]}"

    if is_static(static):
        told = "; ".join("none" if a is None else answers[bool(a)] for a in said)
        still = plots.montage(
            list(shown),
            titles=[words(number) for number in range(len(shown))],
            columns=min(4, len(shown)),
            same_scale=False,
            alt=f"{alt.strip()} The advice: {told}.",
        )
        return Ahead(still) if is_ahead() else still
    return _live(shown, right, said, answers, words, alt, size)


def _live(
    shown: Any,
    right: list[bool],
    said: list[bool | None],
    answers: tuple[str, str],
    words: Any,
    alt: str,
    size: float,
) -> ipywidgets.VBox:
    """The widget: a picture, a line, two buttons."""
    import ipywidgets

    given: list[bool] = []
    picture, line = ipywidgets.HTML(), ipywidgets.HTML()
    buttons = [
        ipywidgets.Button(description=answer, layout={"width": "auto"}) for answer in answers
    ]
    again = ipywidgets.Button(description="Begin again", layout={"width": "auto"})

    def redraw() -> None:
        number = len(given)
        done = number == len(shown)
        for button in buttons:
            button.disabled = done
        if done:
            picture.value, line.value = "", _rates(given, right, said)
            return
        figure, axes = plots.figure((size, size), dpi=_explore.DPI)
        plots.image(shown[number], ax=axes[0, 0])
        one = Picture(figure, axes[0, 0], f"{alt.strip()} Image {number + 1}.", trim=True)
        picture.value = one._repr_html_()
        line.value = f"<p>{number + 1} of {len(shown)}. <b>{html.escape(words(number))}</b></p>"

    def answered(value: bool) -> Any:
        def press(_: Any) -> None:
            if len(given) < len(shown):
                given.append(value)
                redraw()

        return press

    def begin(_: Any = None) -> None:
        given.clear()
        redraw()

    for value, button in zip((False, True), buttons, strict=True):
        button.on_click(answered(value))
    again.on_click(begin)
    begin()
    return ipywidgets.VBox([picture, line, ipywidgets.HBox([*buttons, again])])


def _rates(given: Sequence[bool], right: Sequence[bool], said: Sequence[bool | None]) -> str:
    """A table of how often the reader was right, by the kind of advice."""
    counts = {"without advice": [0, 0], "with right advice": [0, 0], "with wrong advice": [0, 0]}
    for answer, truth, advice in zip(given, right, said, strict=True):
        kind = (
            "without advice"
            if advice is None
            else "with right advice"
            if advice == truth
            else "with wrong advice"
        )
        counts[kind][0] += answer == truth
        counts[kind][1] += 1
    lines = [f"{kind}: right in {hit} of {all_}" for kind, (hit, all_) in counts.items() if all_]
    return "<p role='status'>" + "<br>".join(lines) + "</p>"
