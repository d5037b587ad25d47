"""Charts of numbers: histograms, lines and bars."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from mlmi_course.plots._colours import COLOURS, INK, SERIES
from mlmi_course.plots._parts import tidy
from mlmi_course.plots._picture import FONT, Picture, draw

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def histogram(
    values: ArrayLike,
    *,
    alt: str | None = None,
    ax: Axes | None = None,
    title: str | None = None,
    bins: int | ArrayLike = 80,
    marks: Mapping[str, float] | None = None,
    span: tuple[float, float] | None = None,
    label: str = "value",
    log: bool = False,
    size: tuple[float, float] = (4.6, 3.0),
) -> Picture | Axes:
    """How often each value occurs, with the values that matter marked by name.

    Parameters
    ----------
    values : array_like, or a pair (counts, edges)
        Any shape; NaN and infinite values are left out.  The pair is what ``np.histogram``
        returns, for values that were counted before.
    alt, ax, title
        As for :func:`image`.
    bins : int or array_like
        Number of bins, or their edges.
    marks : mapping of name to value, optional
        Vertical lines, such as a threshold.
    span : (low, high), optional
        A range shaded in the background, such as a window.
    label : str
        What the values are, with their unit.
    log : bool
        Logarithmic counts: shows the few bright pixels beside the many dark ones.
    size : (float, float)
        Inches.

    Returns
    -------
    Picture or Axes

    Examples
    --------
    >>> histogram([1, 2, 2, 3], bins=3, marks={"mean": 2}, alt="Three bars, the middle highest.")
    Picture: Three bars, the middle highest.
    """
    if isinstance(values, tuple) and len(values) == 2 and np.ndim(values[0]) == 1:
        counts, edges = (np.asarray(part) for part in values)
    else:
        numbers = np.asarray(values, dtype=float).ravel()
        numbers = numbers[np.isfinite(numbers)]
        if numbers.size == 0:
            raise ValueError("histogram needs at least one finite value, got none")
        counts, edges = np.histogram(numbers, bins=bins)
    if len(edges) != len(counts) + 1:
        raise ValueError(
            f"a pair (counts, edges) has one edge more than counts, got {len(counts)} counts and "
            f"{len(edges)} edges"
        )

    def paint(target: Axes) -> None:
        if span is not None:
            target.axvspan(*span, color=COLOURS["highlight"], alpha=0.18, linewidth=0)
        target.stairs(counts, edges, fill=True, color="#9A9A9A")
        if log:
            target.set_yscale("log")
            # A bin of one must still be seen, so the axis starts below one.
            target.set_ylim(0.7, max(1, counts.max()) * 2)
        tidy(target, xlabel=label, ylabel="count")
        for name, value in (marks or {}).items():
            target.axvline(value, color=COLOURS["highlight"], linewidth=1.6)
            target.annotate(
                name, (value, 1), xycoords=("data", "axes fraction"), xytext=(3, -2),
                textcoords="offset points", va="top", fontsize=FONT - 1, color=INK,
            )  # fmt: skip

    return draw(paint, alt=alt, ax=ax, title=title, size=size)


def lines(
    series: Mapping[str, Any],
    *,
    alt: str | None = None,
    ax: Axes | None = None,
    title: str | None = None,
    x: ArrayLike | None = None,
    xlabel: str = "",
    ylabel: str = "",
    colours: Mapping[str, str] | None = None,
    size: tuple[float, float] = (4.6, 3.2),
) -> Picture | Axes:
    """A few curves, told apart by colour and by dashes.

    Parameters
    ----------
    series : mapping of name to values
        Values are ``y`` alone, shape (n,), or a pair ``(x, y)``.  A name that is a key of
        :data:`COLOURS` gets that colour.
    alt, ax, title
        As for :func:`image`.
    x : array_like, optional
        The common x of all series given as ``y`` alone; 0, 1, 2 … if left out.
    xlabel, ylabel : str
        What the axes show, with the unit.
    colours : mapping of name to colour, optional
    size : (float, float)
        Inches.

    Returns
    -------
    Picture or Axes

    Examples
    --------
    >>> lines({"squares": [0, 1, 4, 9]}, xlabel="x", alt="A curve that rises faster and faster.")
    Picture: A curve that rises faster and faster.
    """
    if not isinstance(series, Mapping) or not series:
        raise ValueError(
            f"lines needs a mapping of name to values, such as {{'loss': losses}}; got {series!r}"
        )
    curves = {}
    for name, given in series.items():
        if isinstance(given, tuple) and len(given) == 2:
            across, up = (np.asarray(part, dtype=float) for part in given)
        else:
            up = np.asarray(given, dtype=float)
            across = np.arange(len(up)) if x is None else np.asarray(x, dtype=float)
        if across.shape != up.shape or up.ndim != 1:
            raise ValueError(
                f"the line {name!r} needs as many x as y, got shapes {across.shape} and {up.shape}"
            )
        curves[name] = across, up

    def paint(target: Axes) -> None:
        for number, (name, (across, up)) in enumerate(curves.items()):
            colour, dashes = SERIES[number % len(SERIES)]
            colour = (colours or {}).get(name) or COLOURS.get(name, colour)
            target.plot(across, up, color=colour, linestyle=dashes, linewidth=1.8, label=name)
        tidy(target, xlabel=xlabel, ylabel=ylabel)
        if len(curves) > 1 or next(iter(curves)):
            target.legend(frameon=False, fontsize=FONT, labelcolor=INK, handlelength=2.6)

    return draw(paint, alt=alt, ax=ax, title=title, size=size)


def bars(
    labels: Sequence[str],
    values: ArrayLike,
    *,
    alt: str | None = None,
    ax: Axes | None = None,
    title: str | None = None,
    xlabel: str = "",
    limits: tuple[float, float] | None = None,
    highlight: str | Sequence[str] = (),
    decimals: int = 2,
    size: tuple[float, float] | None = None,
) -> Picture | Axes:
    """Horizontal bars with their values printed, the first on top.

    Parameters
    ----------
    labels : sequence of str
    values : array_like, shape (n,)
        NaN is written as "not defined".
    alt, ax, title
        As for :func:`image`.
    xlabel : str
        What the values are, with the unit.
    limits : (low, high), optional
        Ends of the value axis.  Bars start at zero unless you say otherwise: a bar that does
        not, misleads.
    highlight : str or sequence of str
        Labels of the bars that the text talks about.
    decimals : int
        Digits printed after the point.
    size : (float, float), optional
        Inches; as tall as the number of bars needs if left out.

    Returns
    -------
    Picture or Axes

    Examples
    --------
    >>> bars(["mean", "maximum"], [0.80, 0.90], alt="AUC 0.80 for the mean, 0.90 for the maximum.")
    Picture: AUC 0.80 for the mean, 0.90 for the maximum.
    """
    heights = np.asarray(values, dtype=float)
    names = [str(label) for label in labels]
    if heights.ndim != 1 or len(names) != heights.size or not names:
        raise ValueError(f"bars needs one value for each of {len(names)} labels, got shape "
                         f"{heights.shape}")  # fmt: skip
    chosen = {highlight} if isinstance(highlight, str) else set(highlight)
    if unknown := chosen - set(names):
        raise ValueError(f"highlight names no bar: {sorted(unknown)}; the bars are {names}")

    def paint(target: Axes) -> None:
        places = np.arange(len(names))
        colours = [COLOURS["highlight" if name in chosen else "neutral"] for name in names]
        drawn = target.barh(places, np.nan_to_num(heights), color=colours, height=0.66)
        words = [f"{v:.{decimals}f}" if np.isfinite(v) else "not defined" for v in heights]
        target.bar_label(drawn, words, padding=4, fontsize=FONT, color=INK)
        target.set_yticks(places, names)
        target.invert_yaxis()
        tidy(target, xlabel=xlabel)
        target.tick_params(axis="y", length=0)
        if limits is not None:
            target.set_xlim(*limits)
        else:
            target.margins(x=0.16)  # room for the printed value
        target.spines["left"].set_visible(False)

    return draw(paint, alt=alt, ax=ax, title=title, size=size or (5.6, 0.75 + 0.34 * len(names)))
