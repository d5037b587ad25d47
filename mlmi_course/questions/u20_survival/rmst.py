"""The mean time lived within a horizon."""

import numpy as np

from mlmi_course.checks import Case, asks
from mlmi_course.questions.u20_survival._shared import TEN, apart
from mlmi_course.questions.u20_survival.survival import survival


@asks(
    points=2,
    see="How sure is the curve?",
    hints=(
        "The curve is a staircase, so the area under it is a sum of rectangles.",
        "The edges of the rectangles are 0, the days with a death before the horizon, and the "
        "horizon.",
        "`np.diff(edges)` are the widths. The height of each rectangle is the share alive at its "
        "*left* edge: `survival(time, event, edges[:-1])`.",
    ),
)
def rmst(time, event, horizon):
    """The mean time lived within a horizon"""
    days = np.unique(time[(event == 1) & (time < horizon)])
    ends = np.concatenate([[0], days, [horizon]])
    return float(np.sum(np.diff(ends) * survival.right(time, event, ends[:-1])))


@rmst.inputs
def cases(rng):
    time = apart(rng, 9)
    order = np.argsort(time)
    event = np.ones(9, dtype=int)
    event[order[[1, 4, 8]]] = 0
    days = np.sort(time)
    middle = (days[6] + days[7]) // 2 + 1  # whole days: a sum over days is a right answer too
    yield Case((time, event, float(middle)), "nine patients, three of them censored")
    yield Case((time, event, float(days[3])), "a horizon on the very day of a death")
    yield Case((time, np.ones(9, dtype=int), float(middle)), "nobody censored")
    yield Case((time, event, float(days[0] // 2)), "a horizon before the first death")
    yield Case((*TEN, 250.0), "ten patients, two of whom die on one day")
    yield Case((time, np.zeros(9, dtype=int), float(middle)), "nobody died")


@rmst.mistake
def mean_of_times(time, event, horizon):
    """That is the mean of the observed times. A censored time is shorter than the life it belongs
    to, so this mean is too short. Take the area under Kaplan and Meier's curve.
    """
    return float(np.minimum(time, horizon).mean())


@rmst.mistake
def mean_of_deaths(time, event, horizon):
    """That is the mean over those who died. They died early, or they would be censored too."""
    return float(np.minimum(time[event == 1], horizon).mean())


@rmst.mistake
def tail_missing(time, event, horizon):
    """The last rectangle is missing: from the last death before the horizon up to the horizon."""
    days = np.unique(time[(event == 1) & (time < horizon)])
    ends = np.concatenate([[0], days])
    return float(np.sum(np.diff(ends) * survival.right(time, event, ends[:-1])))


@rmst.mistake
def height_at_the_right(time, event, horizon):
    """Each rectangle has the height that the curve has only at its right end. Between two deaths
    the curve is flat, as high as after the first of them.
    """
    days = np.unique(time[(event == 1) & (time < horizon)])
    ends = np.concatenate([[0], days, [horizon]])
    return float(np.sum(np.diff(ends) * survival.right(time, event, ends[1:])))


@rmst.mistake
def trapezoids(time, event, horizon):
    """You used trapezoids. The curve has no slopes: it is a staircase of rectangles."""
    return (rmst.right(time, event, horizon) + height_at_the_right(time, event, horizon)) / 2


@rmst.mistake
def first_rectangle_missing(time, event, horizon):
    """The first rectangle is missing: from day 0 to the first death everybody is alive."""
    return rmst.right(time, event, horizon) - float(np.min(time[event == 1], initial=horizon))


@rmst.mistake
def deaths_past_the_horizon(time, event, horizon):
    """Deaths after the horizon are among your edges, so one of your widths is negative. Only
    deaths before the horizon make an edge.
    """
    ends = np.concatenate([[0], np.unique(time[event == 1]), [horizon]])
    return float(np.sum(np.diff(ends) * survival.right(time, event, ends[:-1])))


@rmst.mistake
def to_the_last_death(time, event, horizon):
    """You add up to the last death, wherever the horizon is. Stop at the horizon."""
    return rmst.right(time, event, float(np.max(time[event == 1], initial=0)))


@rmst.mistake
def horizon_ignored(time, event, horizon):
    """You add up to the longest follow-up. That differs from study to study: stop at the
    horizon.
    """
    return rmst.right(time, event, float(time.max()))
