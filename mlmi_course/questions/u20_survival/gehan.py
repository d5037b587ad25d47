"""A test that listens more to early deaths: Gehan's."""

import math

import numpy as np

from mlmi_course.checks import Case, asks
from mlmi_course.questions.u20_survival._ten_patients import TEN, TREATED, apart


def _p_of(chi_squared):
    """One minus the chi-squared distribution with one degree of freedom."""
    return math.erfc(math.sqrt(max(chi_squared, 0.0) / 2))


def _parts(time, event, group, *, after=False, factor=True, weight="at risk"):
    """Weighted observed minus expected deaths in group 1, and the variance."""
    difference = variance = 0.0
    for day in np.unique(time[event == 1]):
        risk = time > day if after else time >= day
        now = (time == day) & (event == 1)
        n, d = int(risk.sum()), int(now.sum())
        share = group[risk].mean() if n else 0.0
        w, square = {
            "at risk": (n, n**2),
            "none": (1, 1),
            "once": (n, n),
            "root": (n**0.5, n),
            "late": (len(time) - n + 1, (len(time) - n + 1) ** 2),
        }[weight]
        difference += w * (group[now].sum() - d * share)
        if n > 1:
            variance += square * d * share * (1 - share) * ((n - d) / (n - 1) if factor else 1)
    return float(difference), float(variance)


def _test(time, event, group, **how):
    difference, variance = _parts(time, event, group, **how)
    return _p_of(difference**2 / variance)


@asks(
    points=3,
    see="Two groups: the log-rank test",
    hints=(
        "It is the log-rank test with a weight. What is summed over the days, and where does the "
        "weight n of a day go?",
        "With `risk = time >= day` and `now = (time == day) & (event == 1)`: n is `risk.sum()`, "
        "the share is `group[risk].mean()`, and `group[now].sum()` deaths were observed in group "
        "1.",
        "Add up n · (observed − d · share), and n² · d · share · (1 − share) · (n − d) / (n − 1) "
        "where n > 1. Then `chi2.sf(difference**2 / variance, df=1)`.",
    ),
)
def gehan(time, event, group):
    """A test that listens to early deaths"""
    return _test(time, event, group)


@gehan.inputs
def cases(rng):
    group = rng.permutation(np.repeat([0, 1], 7))
    event = np.ones(14, dtype=int)
    event[rng.choice(np.flatnonzero(group == 0), 2, replace=False)] = 0
    event[rng.choice(np.flatnonzero(group == 1), 2, replace=False)] = 0
    yield Case((apart(rng, 14), event, group), "14 patients, no two on one day")
    yield Case((*TEN, TREATED), "the ten patients of the lecture, two of whom die on one day")
    weeks = 7 * rng.integers(2, 7, size=24)
    died = (rng.random(24) < 0.75).astype(int)
    yield Case((weeks, died, np.resize([0, 1], 24)), "times in whole weeks, with many ties")
    longest = np.append(apart(rng, 9), 500)
    yield Case(
        (longest, np.ones(10, dtype=int), np.resize([0, 1], 10)),
        "nobody censored: on the last day one patient is left",
    )


gehan.variants(
    _test,
    unweighted=(
        {"weight": "none"},
        "That is the log-rank test itself, in which a late death counts as much as an early one. "
        "Multiply what each day adds by the number at risk on it.",
    ),
    weight_not_squared=(
        {"weight": "once"},
        "The weight of a day multiplies its difference, so its variance takes the *square* of the "
        "weight.",
    ),
    root_of_the_weight=(
        {"weight": "root"},
        "That is the weight √n (Tarone and Ware). Here the weight is n itself.",
    ),
    risk_after_event=(
        {"after": True},
        "Your risk set is counted after the event. Those who die on a day were at risk on it: "
        "`time >= day`.",
    ),
    tie_factor_missing=(
        {"factor": False},
        "Several deaths on one day are drawn from the risk set *without putting back*. The "
        "variance of such a day has the factor (n − d) / (n − 1).",
    ),
    late_weights=(
        {"weight": "late"},
        "Your weights grow with time, so that late deaths count most. The number at risk falls.",
    ),
)


@gehan.mistake
def risk_set_of_events(time, event, group):
    """Your risk sets hold only those who will die. A censored patient is at risk too, until she
    leaves.
    """
    dead = event == 1
    return gehan.right(time[dead], event[dead], group[dead])


@gehan.mistake
def censored_dead(time, event, group):
    """You count the censored as deaths. They only leave the risk set."""
    return gehan.right(time, np.ones_like(event), group)


@gehan.mistake
def ties_one_by_one(time, event, group):
    """You take patients one by one, also those who share a day. Then the first of them is at risk
    together with the others and the last is not, and the order of the table decides. All who die
    on one day have the same risk set.
    """
    order = np.argsort(time, kind="stable")
    return gehan.right(np.arange(len(time)), event[order], group[order])


@gehan.mistake
def censored_counted_as_deaths_of_the_day(time, event, group):
    """You count everybody whose time is the day of a death as dead on it. Some of them were
    censored on that day: a death needs an event of 1 as well.
    """
    return gehan.right(time, np.isin(time, time[event == 1]).astype(int), group)


@gehan.mistake
def statistic(time, event, group):
    """That is χ², the statistic. Asked for is its p-value: `chi2.sf(statistic, df=1)`."""
    difference, variance = _parts(time, event, group)
    return difference**2 / variance


@gehan.mistake
def wrong_side(time, event, group):
    """That is 1 − p: `chi2.cdf` gives the share below the statistic. A p-value is the share above
    it: `chi2.sf`.
    """
    return 1 - gehan.right(time, event, group)


@gehan.mistake
def nan_at_one(time, event, group):
    """On the last day one patient is left, and you divide by n − 1 = 0. Such a day adds nothing to
    the variance: skip that term where n = 1.
    """
    alone = any(np.sum(time >= day) == 1 for day in time[event == 1])
    return float("nan") if alone else gehan.right(time, event, group)


@gehan.mistake
def tie_broken_wrong(time, event, group):
    """A patient censored on the day of a death was still at risk of it. You let her leave
    before.
    """
    return gehan.right(time - 0.001 * (event == 0), event, group)


@gehan.mistake
def share_of_all(time, event, group):
    """You expect deaths by the group's share of *all* patients. Patients leave, and not equally
    from both groups: use the share of those at risk on each day.
    """
    difference = variance = 0.0
    share = group.mean()
    for day in np.unique(time[event == 1]):
        n, now = np.sum(time >= day), (time == day) & (event == 1)
        d = now.sum()
        difference += n * (group[now].sum() - d * share)
        if n > 1:
            variance += n**2 * d * share * (1 - share) * (n - d) / (n - 1)
    return _p_of(difference**2 / variance)
