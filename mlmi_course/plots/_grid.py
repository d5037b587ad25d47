"""Several pictures as one."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from mlmi_course._numbers import require_whole
from mlmi_course.plots._colours import INK
from mlmi_course.plots._picture import FONT, Picture, figure, require_alt

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def grid(
    draws: Sequence[Callable[[Axes], Any] | tuple[str, Callable[[Axes], Any]]],
    *,
    alt: str | None = None,
    title: str | None = None,
    columns: int | None = None,
    size: tuple[float, float] | None = None,
) -> Picture:
    """Several pictures side by side, as one picture with one alternative text.

    Parameters
    ----------
    draws : sequence of functions, or of (title, function) pairs
        Each function gets an Axes and draws on it; what it returns is ignored.
    alt : str
        One sentence for readers who cannot see the picture.
    title : str, optional
        Over the whole.
    columns : int, optional
        Pictures in a row; all of them in one row, up to four, if left out.
    size : (float, float), optional
        Inches of the whole.

    Returns
    -------
    Picture
        With ``axes`` a tuple, in the order of ``draws``.

    Examples
    --------
    >>> import numpy as np
    >>> from mlmi_course import plots
    >>> identity = np.eye(8)
    >>> picture = grid(
    ...     [("before", lambda ax: plots.image(identity, ax=ax)),
    ...      ("after", lambda ax: plots.image(1 - identity, ax=ax))],
    ...     alt="A diagonal, white on black before and black on white after.")
    >>> [ax.get_title() for ax in picture.axes]
    ['before', 'after']
    """
    require_alt(alt)
    pairs = [one if isinstance(one, tuple) else (None, one) for one in draws]
    if not pairs or not all(len(pair) == 2 and callable(pair[1]) for pair in pairs):
        raise ValueError(
            "grid needs a list of functions that draw on an Axes, or of (title, function) "
            "pairs, such as [('CT', lambda ax: plots.image(ct, ax=ax))]"
        )
    columns = require_whole("columns", columns, 1) if columns else min(4, len(pairs))
    rows = math.ceil(len(pairs) / columns)
    width = min(9.0, 3.0 * columns) if columns > 1 else 4.0
    fig, axes = figure(size or (width, rows * width / columns), rows, columns)
    flat = axes.ravel()
    for target, (name, draw) in zip(flat, pairs, strict=False):
        draw(target)
        if name:
            target.set_title(name, fontsize=FONT + 1, color=INK, pad=5)
    for empty in flat[len(pairs) :]:
        empty.set_axis_off()
    if title:
        fig.suptitle(title, fontsize=FONT + 2, color=INK)
    if size is None:
        # As high as the tallest panel of each row, and some room for titles and labels.
        panels = sum(max(_tallness(ax) for ax in row) for row in axes) * width / columns
        fig.set_size_inches(width, panels + 0.4 * rows + (0.3 if title else 0))
    return Picture(fig, tuple(flat[: len(pairs)]), alt, trim=True)


def _tallness(ax: Axes) -> float:
    """Height of an Axes divided by its width, as an image on it demands; 1 for a diagram."""
    ratio = ax.get_aspect()
    if ratio == "auto" or not ax.has_data():
        return 1.0
    tall = abs(ax.get_data_ratio()) * float(1 if ratio == "equal" else ratio)
    return min(tall, 3.0)  # a mistaken aspect must not ask for a picture as tall as a house
