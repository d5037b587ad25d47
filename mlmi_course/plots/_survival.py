"""Survival curves by Kaplan and Meier."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mlmi_course.plots._colours import COLOURS, INK, SERIES
from mlmi_course.plots._parts import tidy
from mlmi_course.plots._picture import FONT, Picture, draw

if TYPE_CHECKING:
    from matplotlib.axes import Axes


class _Curve(NamedTuple):
    """A survival curve, one entry for each time at which it may change."""

    times: NDArray[np.float64]
    alive: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    lost: NDArray[np.bool_]  # whether a patient was censored then
    follow_up: NDArray[np.float64]  # of every patient, sorted


def kaplan_meier(
    groups: tuple[ArrayLike, ArrayLike] | Mapping[str, tuple[ArrayLike, ArrayLike]],
    *,
    alt: str | None = None,
    ax: Axes | None = None,
    title: str | None = None,
    xlabel: str = "days",
    ylabel: str = "share alive",
    band: bool = True,
    ticks: bool = True,
    at_risk: bool = True,
    end: float | None = None,
    colours: Mapping[str, str] | None = None,
    size: tuple[float, float] = (5.6, 3.8),
) -> Picture | Axes:
    """Survival curves by Kaplan and Meier, with what tells how far to trust them.

    Parameters
    ----------
    groups : (time, event), or mapping of name to (time, event)
        Follow-up of each patient, and whether it ended with the event (1) or was censored (0);
        both of shape (n,).
    alt, ax, title
        As for :func:`image`.
    xlabel, ylabel : str
        The unit of time; what survives.
    band : bool
        Shade the pointwise 95 % confidence interval, by Greenwood's formula on the scale of
        log(−log S) [1]_.  It ends where the curve reaches 0, which has no such interval.
    ticks : bool
        A small vertical mark on the curve where a patient was censored.
    at_risk : bool
        Below the axis, how many patients of each group are still observed.
    end : float, optional
        Last time on the axis; the longest follow-up if left out.
    colours : mapping of name to colour, optional
    size : (float, float)
        Inches.

    Returns
    -------
    Picture or Axes

    Raises
    ------
    ValueError
        If there is no patient, times and events differ in number, a time is negative or not
        finite, or an event is neither 0 nor 1.

    Notes
    -----
    A patient censored at the time of a death counts as at risk of it.  The estimate and its
    interval are those of :class:`lifelines.KaplanMeierFitter`.

    References
    ----------
    .. [1] J. D. Kalbfleisch and R. L. Prentice, The Statistical Analysis of Failure Time Data,
       Wiley, 1980; the interval that R and lifelines draw as "log-log".

    Examples
    --------
    >>> kaplan_meier(([5, 8, 8, 12], [1, 1, 0, 1]), alt="A staircase from 1 down to 0.")
    Picture: A staircase from 1 down to 0.
    """
    named = dict(groups) if isinstance(groups, Mapping) else {"": groups}
    if not named:
        raise ValueError("kaplan_meier needs at least one group of patients, got none")
    curves = {name: _curve(*_patients(name, given)) for name, given in named.items()}
    last = max(curve.times[-1] for curve in curves.values()) if end is None else float(end)

    def paint(target: Axes) -> None:
        for number, (name, curve) in enumerate(curves.items()):
            colour, dashes = SERIES[number % len(SERIES)]
            colour = (colours or {}).get(name) or COLOURS.get(name, colour)
            if band:
                target.fill_between(
                    curve.times,
                    curve.low,
                    curve.high,
                    step="post",
                    color=colour,
                    alpha=0.16,
                    linewidth=0,
                )  # fmt: skip
            target.step(
                curve.times, curve.alive, where="post",
                color=colour, linestyle=dashes, linewidth=1.8, label=name,
            )  # fmt: skip
            if ticks:
                target.plot(
                    curve.times[curve.lost], curve.alive[curve.lost],
                    linestyle="none", marker="|", markersize=7, markeredgewidth=1.1, color=colour,
                )  # fmt: skip
        target.set_xlim(0, 1.01 * last)  # a fall at the very end is seen as one
        target.set_ylim(0, 1.02)
        tidy(target, xlabel=xlabel, ylabel=ylabel)
        if any(curves):
            target.legend(frameon=False, fontsize=FONT, labelcolor=INK, handlelength=2.6)
        if at_risk:
            _numbers_at_risk(target, curves, last)

    return draw(paint, alt=alt, ax=ax, title=title, size=size)


def _patients(
    name: str, given: tuple[ArrayLike, ArrayLike]
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Times and events of a group, or an error that says what is wrong with them."""
    who = f" of {name!r}" if name else ""
    if not isinstance(given, tuple | list) or len(given) != 2:
        raise ValueError(f"kaplan_meier needs a pair (time, event){who}, got {given!r}")
    time, event = (np.asarray(part, dtype=float) for part in given)
    if time.ndim != 1 or time.shape != event.shape or not time.size:
        raise ValueError(
            f"kaplan_meier needs one time and one event for each patient{who}, got shapes "
            f"{time.shape} and {event.shape}"
        )
    if not (np.isfinite(time).all() and (time >= 0).all()):
        raise ValueError(f"the times{who} must be finite and not negative")
    if not np.isin(event, (0, 1)).all():
        odd = sorted({float(value) for value in event} - {0.0, 1.0})
        raise ValueError(
            f"an event is 1 (it happened) or 0 (censored); the events{who} hold {odd[:3]}"
        )
    return time, event.astype(bool)


def _curve(time: NDArray[np.float64], event: NDArray[np.bool_]) -> _Curve:
    """The estimate of lifelines, from time 0 on and to the end of what can be drawn."""
    from lifelines import KaplanMeierFitter

    fitted = KaplanMeierFitter().fit(time, event)
    at = fitted.survival_function_.index.to_numpy(dtype=float)
    alive = fitted.survival_function_.to_numpy(dtype=float)[:, 0]
    low, high = fitted.confidence_interval_.to_numpy(dtype=float).T.copy()
    lost = np.isin(at, time[~event])
    if (time == 0).any():  # everybody was there at the start, also where somebody died at once
        at, lost = np.r_[0.0, at], np.r_[False, lost]
        alive, low, high = (np.r_[1.0, of] for of in (alive, low, high))
    before = alive == 1  # nobody has died yet: no interval to speak of
    low[before] = high[before] = 1.0
    if alive[-1] == 0 and len(at) > 2:  # only so that the interval before is drawn to its end
        low[-1], high[-1] = low[-2], high[-2]
    return _Curve(at, alive, low, high, lost, np.sort(time))


def _numbers_at_risk(target: Axes, curves: Mapping[str, _Curve], last: float) -> None:
    from matplotlib.ticker import MaxNLocator

    marks = [t for t in MaxNLocator(5).tick_values(0, last) if 0 <= t <= last * 1.0001]
    target.set_xticks(marks)
    style = {
        "xycoords": ("data", "axes fraction"), "textcoords": "offset points", "va": "top",
        "fontsize": FONT - 1, "annotation_clip": False,
    }  # fmt: skip
    for row, (name, curve) in enumerate(curves.items()):
        down = -(36 + 13 * row)
        for mark in marks:
            count = int(np.count_nonzero(curve.follow_up >= mark))
            target.annotate(
                str(count), (mark, 0), xytext=(0, down), ha="center", color=INK, **style
            )
        words = f"{name}, at risk" if name else "at risk"
        target.annotate(words, (0, 0), xytext=(-16, down), ha="right", color=INK, **style)
