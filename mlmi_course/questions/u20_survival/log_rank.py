"""The log-rank test."""

import math

import numpy as np

from mlmi_course.checks import Case, asks
from mlmi_course.questions.u20_survival._shared import TEN, TREATED, apart


def _p_of(chi_squared):
    """One minus the chi-squared distribution with one degree of freedom."""
    return math.erfc(math.sqrt(max(chi_squared, 0.0) / 2))


def _log_rank_parts(time, event, group, *, after=False, factor=True, once=True):
    """Observed minus expected deaths in group 1, and the variance."""
    difference = variance = 0.0
    days = time[event == 1]
    for day in np.unique(days) if once else days:
        risk = time > day if after else time >= day
        now = (time == day) & (event == 1)
        n, d = int(risk.sum()), int(now.sum())
        share = group[risk].mean() if n else 0.0
        difference += group[now].sum() - d * share
        if n > 1:
            variance += d * share * (1 - share) * ((n - d) / (n - 1) if factor else 1)
    return float(difference), float(variance)


def _by_day(time, event, group, **how):
    difference, variance = _log_rank_parts(time, event, group, **how)
    return _p_of(difference**2 / variance)


@asks(
    points=3,
    see="Two groups: the log-rank test",
    hints=(
        "Go through the days with a death, as for Kaplan and Meier. On each, ask: how many deaths "
        "does group 1 expect, if its share of the risk set decides?",
        "With `risk = time >= day` and `now = (time == day) & (event == 1)`: the share is "
        "`group[risk].mean()`, and `group[now].sum()` deaths were observed in group 1.",
        "Add up observed − d · share, and d · share · (1 − share) · (n − d) / (n − 1) where n > 1. "
        "Then `chi2.sf(difference**2 / variance, df=1)`.",
    ),
)
def log_rank(time, event, group):
    """The log-rank test"""
    return _by_day(time, event, group)


@log_rank.inputs
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


@log_rank.mistake
def t_test(time, event, group):
    """That is a t-test of the times. A time where a patient was censored says how long she was
    watched, and not how long she lived.
    """
    from scipy.stats import ttest_ind

    return float(ttest_ind(time[group == 1], time[group == 0]).pvalue)


@log_rank.mistake
def t_test_of_deaths(time, event, group):
    """That is a t-test of those who died. It throws the censored away, who lived longest."""
    return t_test(time[event == 1], event, group[event == 1])


log_rank.variants(
    _by_day,
    risk_after_event=(
        {"after": True},
        "Your risk set is counted after the event. Those who die on a day were at risk on it: "
        "`time >= day`.",
    ),
)


@log_rank.mistake
def risk_set_of_events(time, event, group):
    """Your risk sets hold only those who will die. A censored patient is at risk too, until she
    leaves.
    """
    dead = event == 1
    return log_rank.right(time[dead], event[dead], group[dead])


@log_rank.mistake
def censored_dead(time, event, group):
    """You count the censored as deaths. They only leave the risk set."""
    return log_rank.right(time, np.ones_like(event), group)


@log_rank.mistake
def ties_one_by_one(time, event, group):
    """You take patients one by one, also those who share a day. Then the first of them is at risk
    together with the others and the last is not, and the order of the table decides. All who die
    on one day have the same risk set.
    """
    order = np.argsort(time, kind="stable")
    return log_rank.right(np.arange(len(time)), event[order], group[order])


log_rank.variants(
    _by_day,
    tied_day_repeated=(
        {"once": False},
        "A day on which several patients die is added several times, with all its deaths. Go "
        "through each day with a death once.",
    ),
)


@log_rank.mistake
def censored_counted_as_deaths_of_the_day(time, event, group):
    """You count everybody whose time is the day of a death as dead on it. Some of them were
    censored on that day: a death needs an event of 1 as well.
    """
    return log_rank.right(time, np.isin(time, time[event == 1]).astype(int), group)


log_rank.variants(
    _by_day,
    tie_factor_missing=(
        {"factor": False},
        "Several deaths on one day are drawn from the risk set *without putting back*. The "
        "variance of such a day has the factor (n − d) / (n − 1).",
    ),
)


@log_rank.mistake
def approximate(time, event, group):
    """That is the sum of (O − E)² / E over both groups, an approximation from the days of paper:
    its p is too large. Divide (O − E)² by the variance V.
    """
    difference, _ = _log_rank_parts(time, event, group)
    expected = group[event == 1].sum() - difference
    return _p_of(difference**2 / expected + difference**2 / (event.sum() - expected))


@log_rank.mistake
def statistic(time, event, group):
    """That is χ², the statistic. Asked for is its p-value: `chi2.sf(statistic, df=1)`."""
    difference, variance = _log_rank_parts(time, event, group)
    return difference**2 / variance


@log_rank.mistake
def not_squared(time, event, group):
    """You forgot a square: χ² is the *squared* sum of observed minus expected, over the
    variance.
    """
    difference, variance = _log_rank_parts(time, event, group)
    return _p_of(difference / variance) if difference > 0 else 1.0


@log_rank.mistake
def wrong_side(time, event, group):
    """That is 1 − p: `chi2.cdf` gives the share below the statistic. A p-value is the share above
    it: `chi2.sf`.
    """
    return 1 - log_rank.right(time, event, group)


@log_rank.mistake
def nan_at_one(time, event, group):
    """On the last day one patient is left, and you divide by n − 1 = 0. Such a day adds nothing to
    the variance: skip that term where n = 1.
    """
    alone = any(np.sum(time >= day) == 1 for day in time[event == 1])
    return float("nan") if alone else log_rank.right(time, event, group)


@log_rank.mistake
def tie_broken_wrong(time, event, group):
    """A patient censored on the day of a death was still at risk of it. You let her leave
    before.
    """
    return log_rank.right(time - 0.001 * (event == 0), event, group)


@log_rank.mistake
def share_of_all(time, event, group):
    """You expect deaths by the group's share of *all* patients. Patients leave, and not equally
    from both groups: use the share of those at risk on each day.
    """
    deaths, share = event.sum(), group.mean()
    difference = group[event == 1].sum() - deaths * share
    return _p_of(difference**2 / (deaths * share * (1 - share)))
