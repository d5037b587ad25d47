"""The share alive, by Kaplan and Meier."""

from functools import cache

import numpy as np

from mlmi_course.checks import Case, asks
from mlmi_course.checks.calling import call
from mlmi_course.questions.u20_survival._shared import apart


@asks(
    points=3,
    see="Ten patients by hand",
    hints=(
        "For one day of `at`: go through the days with a death up to and including it, and "
        "multiply.",
        "The days with a death are `np.unique(time[event == 1])`. A patient is at risk on day t if "
        "`time >= t`.",
        "Each such day t leaves `1 - d / n`: d counts `(time == t) & (event == 1)`, n counts "
        "`time >= t`. Start from 1 for every value of `at`.",
    ),
)
def survival(time, event, at):
    """The share alive, by Kaplan and Meier"""
    days = np.unique(time[event == 1])
    at_risk = np.array([np.sum(time >= day) for day in days])
    deaths = np.array([np.sum((time == day) & (event == 1)) for day in days])
    factors = 1 - deaths / at_risk
    return np.array([np.prod(factors[days <= day]) for day in at])


@survival.inputs
def cases(rng):
    time = apart(rng, 8)
    order = np.argsort(time)
    event = np.zeros(8, dtype=int)
    event[order[[0, 2, 3, 5, 7]]] = 1  # the second, fifth and seventh are censored
    steps = np.sort(time)
    yield Case(
        (time, event, np.array([steps[0] + 1, steps[3] + 1, steps[5] + 1])),
        "eight patients, three of them censored",
    )
    yield Case((time, event, steps[[0, 2, 3]]), "the very days on which patients died")
    # On day 35 the table lists the death first, on day 50 the censored patient.
    tied = np.array([50, 70, 50, 50, 35, 90, 20, 35])
    died = np.array([0, 0, 1, 1, 1, 1, 1, 0])
    yield Case(
        (tied, died, np.array([30, 40, 60, 80])),
        "deaths and censorings on the same day",
    )
    yield Case((time, event, np.array([0.0, 1.5])), "days before the first death")
    yield Case((time, event, steps[7] + np.array([0, 10])), "days after the last death")
    yield Case((time, np.zeros(8, dtype=int), steps[[2, 5]]), "nobody died")
    unordered = np.array([steps[6], steps[1], steps[6], 2])
    yield Case((time, event, unordered), "days in `at` in no order, one of them twice")


@survival.mistake
def censored_dead(time, event, at):
    """Your curve falls when a patient is censored, as if she had died on that day. All that is
    known is that she lived longer. Only deaths make the curve fall.
    """
    return survival.right(time, np.ones_like(event), at)


@survival.mistake
def censored_removed(time, event, at):
    """The censored patients were thrown out. Until they left, they were watched and did not die:
    they belong to the risk sets of all earlier deaths.
    """
    return survival.right(time[event == 1], event[event == 1], at)


@survival.mistake
def risk_after_event(time, event, at):
    """Your risk set is counted after the event: those who die today are missing from it. At risk
    on day t is everybody with a time of t or more.
    """
    alive = []
    for day in at:
        share = 1.0
        for t in np.unique(time[(event == 1) & (time <= day)]):
            share *= 1 - np.sum((time == t) & (event == 1)) / max(np.sum(time > t), 1)
        alive.append(share)
    return np.array(alive)


@survival.mistake
def tie_broken_wrong(time, event, at):
    """A patient censored on the day of a death was still watched on that day, so she was at risk
    of it. You let her leave before.
    """
    return survival.right(time - 0.001 * (event == 0), event, at)


@survival.mistake
def ties_one_by_one(time, event, at):
    """You take the patients one by one, also those who share a day. Then the order of the table
    decides who was at risk. At risk on day t is everybody with `time >= t`, the censored of that
    day too.
    """
    order = np.argsort(time, kind="stable")
    left = np.arange(len(time), 0, -1)
    shares = np.cumprod(np.where(event[order] == 1, 1 - 1 / left, 1.0))
    seen = np.searchsorted(time[order], at, side="right")
    return np.append(1.0, shares)[seen]


@survival.mistake
def day_itself_left_out(time, event, at):
    """On the day of a death the curve has already fallen: S(t) is the share alive *after* day t.
    Take the days up to and including t.
    """
    return survival.right(time, event, np.asarray(at) - 0.001)


@survival.mistake
def everybody_always_at_risk(time, event, at):
    """Your curve is the share of *all* patients who have not died yet, as if nobody ever left by
    being censored. Who has left is no longer at risk: the risk set shrinks.
    """
    return np.array([1 - np.sum((time <= day) & (event == 1)) / len(time) for day in at])


@survival.mistake
def everybody_in_the_product(time, event, at):
    """You multiply, but each factor is divided by the number of *all* patients. The risk set of a
    day is smaller: only those with `time >= day` are in it.
    """
    days, deaths = np.unique(time[event == 1], return_counts=True)
    return np.array([np.prod(1 - deaths[days <= day] / len(time)) for day in at])


@survival.mistake
def one_death_per_day(time, event, at):
    """You count one death on each day with a death. Several patients may die on one day: count
    them.
    """
    days = np.unique(time[event == 1])
    factors = np.array([1 - 1 / np.sum(time >= day) for day in days])
    return np.array([np.prod(factors[days <= day]) for day in at])


@survival.mistake
def censored_counted_as_deaths_of_the_day(time, event, at):
    """You count everybody whose time is the day of a death as dead on it. Some of them were
    censored on that day: a death needs an event of 1 as well.
    """
    return survival.right(time, np.isin(time, time[event == 1]).astype(int), at)


@survival.mistake
def tied_day_repeated(time, event, at):
    """A day on which several patients die is multiplied in several times. Go through each day with
    a death once.
    """
    days = time[event == 1]
    left = [1 - np.sum((time == day) & (event == 1)) / np.sum(time >= day) for day in days]
    return np.array([np.prod(np.array(left)[days <= day]) for day in at])


@survival.mistake
def whole_numbers(time, event, at):
    """Your shares are cut to whole numbers. An array made like `at`, with `np.ones_like(at)` for
    example, holds what `at` holds: whole days.
    """
    return survival.right(time, event, at).astype(np.asarray(at).dtype)


@survival.mistake
def at_sorted(time, event, at):
    """The shares come back in the order of sorted days. Return them in the order of `at`, one for
    each of its items.
    """
    return survival.right(time, event, np.sort(at))


@cache
def _lung():
    from lifelines.datasets import load_lung

    table = load_lung()
    return table["time"].to_numpy(), table["status"].to_numpy()


@survival.picture
def draw_answer(answer):
    from mlmi_course import plots

    lung = _lung()
    days = np.arange(0, 1001, 5)
    yours = np.asarray(call(answer, (*lung, days)), dtype=float)
    fig, axes = plots.figure((5.6, 3.8))
    ax = plots.kaplan_meier(
        {"package": lung}, colours={"package": plots.COLOURS["truth"]}, at_risk=False, ax=axes[0, 0]
    )
    plots.lines(
        {"yours": yours},
        x=days,
        xlabel="days",
        ylabel="share alive",
        colours={"yours": plots.COLOURS["prediction"]},
        title="Your curve on that of the package",
        ax=ax,
    )
    return plots.Picture(
        fig, ax, "Your survival curve of 228 patients with lung cancer over the package's."
    )
