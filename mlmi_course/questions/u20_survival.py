"""Questions of unit 20, survival."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import cache, partial
from typing import Any

import numpy as np

from mlmi_course.checks import (
    Case,
    FunctionQuestion,
    Misconception,
    ThoughtQuestion,
    Unit,
    ValueQuestion,
)
from mlmi_course.checks.calling import call

__all__ = [
    "breast_c",
    "c_index",
    "drop_correlated",
    "honest_p",
    "landmark",
    "log_partial_likelihood",
    "log_rank",
    "poster",
    "prepare",
    "progress",
    "reported_p",
    "rmst",
    "survival",
]

Patients = tuple[np.ndarray, np.ndarray]

_TEN = (
    np.array([31, 58, 58, 90, 120, 120, 175, 210, 260, 340]),
    np.array([1, 1, 0, 1, 1, 1, 0, 1, 0, 1]),
)
_TREATED = np.array([0, 1, 1, 0, 0, 1, 1, 0, 0, 1])


def _apart(rng: np.random.Generator, n: int, longest: int = 400) -> np.ndarray:
    """Draw n different whole days, in no order."""
    return rng.choice(np.arange(5, longest), size=n, replace=False)


# ---- the Kaplan–Meier estimate ---------------------------------------------------------------


def _survival(time: np.ndarray, event: np.ndarray, at: np.ndarray) -> np.ndarray:
    days = np.unique(time[event == 1])
    at_risk = np.array([np.sum(time >= day) for day in days])
    deaths = np.array([np.sum((time == day) & (event == 1)) for day in days])
    factors = 1 - deaths / at_risk
    return np.array([np.prod(factors[days <= day]) for day in at])


def _survival_inputs(rng: np.random.Generator) -> Iterator[Case]:
    time = _apart(rng, 8)
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


def _censored_dead(time: np.ndarray, event: np.ndarray, at: np.ndarray) -> np.ndarray:
    return _survival(time, np.ones_like(event), at)


def _censored_removed(time: np.ndarray, event: np.ndarray, at: np.ndarray) -> np.ndarray:
    return _survival(time[event == 1], event[event == 1], at)


def _risk_after(time: np.ndarray, event: np.ndarray, at: np.ndarray) -> np.ndarray:
    alive = []
    for day in at:
        share = 1.0
        for t in np.unique(time[(event == 1) & (time <= day)]):
            share *= 1 - np.sum((time == t) & (event == 1)) / max(np.sum(time > t), 1)
        alive.append(share)
    return np.array(alive)


def _tied_removed_first(time: np.ndarray, event: np.ndarray, at: np.ndarray) -> np.ndarray:
    return _survival(time - 0.001 * (event == 0), event, at)


def _countdown(time: np.ndarray, event: np.ndarray, at: np.ndarray) -> np.ndarray:
    order = np.argsort(time, kind="stable")
    left = np.arange(len(time), 0, -1)
    shares = np.cumprod(np.where(event[order] == 1, 1 - 1 / left, 1.0))
    seen = np.searchsorted(time[order], at, side="right")
    return np.append(1.0, shares)[seen]


def _not_yet(time: np.ndarray, event: np.ndarray, at: np.ndarray) -> np.ndarray:
    return _survival(time, event, np.asarray(at) - 0.001)


def _all_at_risk(time: np.ndarray, event: np.ndarray, at: np.ndarray) -> np.ndarray:
    return np.array([1 - np.sum((time <= day) & (event == 1)) / len(time) for day in at])


def _all_in_the_product(time: np.ndarray, event: np.ndarray, at: np.ndarray) -> np.ndarray:
    days, deaths = np.unique(time[event == 1], return_counts=True)
    return np.array([np.prod(1 - deaths[days <= day] / len(time)) for day in at])


def _one_death_a_day(time: np.ndarray, event: np.ndarray, at: np.ndarray) -> np.ndarray:
    days = np.unique(time[event == 1])
    factors = np.array([1 - 1 / np.sum(time >= day) for day in days])
    return np.array([np.prod(factors[days <= day]) for day in at])


def _all_who_leave(time: np.ndarray, event: np.ndarray, at: np.ndarray) -> np.ndarray:
    return _survival(time, np.isin(time, time[event == 1]).astype(int), at)


def _tied_day_repeated(time: np.ndarray, event: np.ndarray, at: np.ndarray) -> np.ndarray:
    days = time[event == 1]
    left = [1 - np.sum((time == day) & (event == 1)) / np.sum(time >= day) for day in days]
    return np.array([np.prod(np.array(left)[days <= day]) for day in at])


def _whole_shares(time: np.ndarray, event: np.ndarray, at: np.ndarray) -> np.ndarray:
    return _survival(time, event, at).astype(np.asarray(at).dtype)


def _sorted_at(time: np.ndarray, event: np.ndarray, at: np.ndarray) -> np.ndarray:
    return _survival(time, event, np.sort(at))


def _draw_survival(answer: Any) -> Any:
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


@cache
def _lung() -> Patients:
    from lifelines.datasets import load_lung

    table = load_lung()
    return table["time"].to_numpy(), table["status"].to_numpy()


survival = FunctionQuestion(
    title="The share alive, by Kaplan and Meier",
    points=3,
    inputs=_survival_inputs,
    reference=_survival,
    picture=_draw_survival,
    see="Ten patients by hand",
    hints=(
        "For one day of `at`: go through the days with a death up to and including it, and "
        "multiply.",
        "The days with a death are `np.unique(time[event == 1])`. A patient is at risk on day t if "
        "`time >= t`.",
        "Each such day t leaves `1 - d / n`: d counts `(time == t) & (event == 1)`, n counts "
        "`time >= t`. Start from 1 for every value of `at`.",
    ),
    misconceptions={
        "censored_dead": Misconception(
            _censored_dead,
            "Your curve falls when a patient is censored, as if she had died on that day. All "
            "that is known is that she lived longer. Only deaths make the curve fall.",
        ),
        "censored_removed": Misconception(
            _censored_removed,
            "The censored patients were thrown out. Until they left, they were watched and did not "
            "die: they belong to the risk sets of all earlier deaths.",
        ),
        "risk_after_event": Misconception(
            _risk_after,
            "Your risk set is counted after the event: those who die today are missing from it. At "
            "risk on day t is everybody with a time of t or more.",
        ),
        "tie_broken_wrong": Misconception(
            _tied_removed_first,
            "A patient censored on the day of a death was still watched on that day, so she was at "
            "risk of it. You let her leave before.",
        ),
        "ties_one_by_one": Misconception(
            _countdown,
            "You take the patients one by one, also those who share a day. Then the order of the "
            "table decides who was at risk. At risk on day t is everybody with `time >= t`, the "
            "censored of that day too.",
        ),
        "day_itself_left_out": Misconception(
            _not_yet,
            "On the day of a death the curve has already fallen: S(t) is the share alive *after* "
            "day t. Take the days up to and including t.",
        ),
        "everybody_always_at_risk": Misconception(
            _all_at_risk,
            "Your curve is the share of *all* patients who have not died yet, as if nobody ever "
            "left by being censored. Who has left is no longer at risk: the risk set shrinks.",
        ),
        "everybody_in_the_product": Misconception(
            _all_in_the_product,
            "You multiply, but each factor is divided by the number of *all* patients. The risk "
            "set of a day is smaller: only those with `time >= day` are in it.",
        ),
        "one_death_per_day": Misconception(
            _one_death_a_day,
            "You count one death on each day with a death. Several patients may die on one day: "
            "count them.",
        ),
        "censored_counted_as_deaths_of_the_day": Misconception(
            _all_who_leave,
            "You count everybody whose time is the day of a death as dead on it. Some of them were "
            "censored on that day: a death needs an event of 1 as well.",
        ),
        "tied_day_repeated": Misconception(
            _tied_day_repeated,
            "A day on which several patients die is multiplied in several times. Go through each "
            "day with a death once.",
        ),
        "whole_numbers": Misconception(
            _whole_shares,
            "Your shares are cut to whole numbers. An array made like `at`, with "
            "`np.ones_like(at)` for example, holds what `at` holds: whole days.",
        ),
        "at_sorted": Misconception(
            _sorted_at,
            "The shares come back in the order of sorted days. Return them in the order of `at`, "
            "one for each of its items.",
        ),
    },
)


# ---- the restricted mean ---------------------------------------------------------------------


def _rmst(time: np.ndarray, event: np.ndarray, horizon: float) -> float:
    days = np.unique(time[(event == 1) & (time < horizon)])
    ends = np.concatenate([[0], days, [horizon]])
    return float(np.sum(np.diff(ends) * _survival(time, event, ends[:-1])))


def _rmst_inputs(rng: np.random.Generator) -> Iterator[Case]:
    time = _apart(rng, 9)
    order = np.argsort(time)
    event = np.ones(9, dtype=int)
    event[order[[1, 4, 8]]] = 0
    days = np.sort(time)
    middle = (days[6] + days[7]) // 2 + 1  # whole days: a sum over days is a right answer too
    yield Case((time, event, float(middle)), "nine patients, three of them censored")
    yield Case((time, event, float(days[3])), "a horizon on the very day of a death")
    yield Case((time, np.ones(9, dtype=int), float(middle)), "nobody censored")
    yield Case((time, event, float(days[0] // 2)), "a horizon before the first death")
    yield Case((*_TEN, 250.0), "ten patients, two of whom die on one day")
    yield Case((time, np.zeros(9, dtype=int), float(middle)), "nobody died")


def _mean_cut(time: np.ndarray, event: np.ndarray, horizon: float) -> float:
    return float(np.minimum(time, horizon).mean())


def _mean_of_deaths(time: np.ndarray, event: np.ndarray, horizon: float) -> float:
    return float(np.minimum(time[event == 1], horizon).mean())


def _no_tail(time: np.ndarray, event: np.ndarray, horizon: float) -> float:
    days = np.unique(time[(event == 1) & (time < horizon)])
    ends = np.concatenate([[0], days])
    return float(np.sum(np.diff(ends) * _survival(time, event, ends[:-1])))


def _height_after(time: np.ndarray, event: np.ndarray, horizon: float) -> float:
    days = np.unique(time[(event == 1) & (time < horizon)])
    ends = np.concatenate([[0], days, [horizon]])
    return float(np.sum(np.diff(ends) * _survival(time, event, ends[1:])))


def _trapezoids(time: np.ndarray, event: np.ndarray, horizon: float) -> float:
    return (_rmst(time, event, horizon) + _height_after(time, event, horizon)) / 2


def _from_first_death(time: np.ndarray, event: np.ndarray, horizon: float) -> float:
    return _rmst(time, event, horizon) - float(np.min(time[event == 1], initial=horizon))


def _past_the_horizon(time: np.ndarray, event: np.ndarray, horizon: float) -> float:
    ends = np.concatenate([[0], np.unique(time[event == 1]), [horizon]])
    return float(np.sum(np.diff(ends) * _survival(time, event, ends[:-1])))


def _to_the_last_death(time: np.ndarray, event: np.ndarray, horizon: float) -> float:
    return _rmst(time, event, float(np.max(time[event == 1], initial=0)))


def _no_horizon(time: np.ndarray, event: np.ndarray, horizon: float) -> float:
    return _rmst(time, event, float(time.max()))


rmst = FunctionQuestion(
    title="The mean time lived within a horizon",
    points=2,
    inputs=_rmst_inputs,
    reference=_rmst,
    see="How sure is the curve?",
    hints=(
        "The curve is a staircase, so the area under it is a sum of rectangles.",
        "The edges of the rectangles are 0, the days with a death before the horizon, and the "
        "horizon.",
        "`np.diff(edges)` are the widths. The height of each rectangle is the share alive at its "
        "*left* edge: `survival(time, event, edges[:-1])`.",
    ),
    misconceptions={
        "mean_of_times": Misconception(
            _mean_cut,
            "That is the mean of the observed times. A censored time is shorter than the life it "
            "belongs to, so this mean is too short. Take the area under Kaplan and Meier's curve.",
        ),
        "mean_of_deaths": Misconception(
            _mean_of_deaths,
            "That is the mean over those who died. They died early, or they would be censored too.",
        ),
        "tail_missing": Misconception(
            _no_tail,
            "The last rectangle is missing: from the last death before the horizon up to the "
            "horizon.",
        ),
        "height_at_the_right": Misconception(
            _height_after,
            "Each rectangle has the height that the curve has only at its right end. Between two "
            "deaths the curve is flat, as high as after the first of them.",
        ),
        "trapezoids": Misconception(
            _trapezoids,
            "You used trapezoids. The curve has no slopes: it is a staircase of rectangles.",
        ),
        "first_rectangle_missing": Misconception(
            _from_first_death,
            "The first rectangle is missing: from day 0 to the first death everybody is alive.",
        ),
        "deaths_past_the_horizon": Misconception(
            _past_the_horizon,
            "Deaths after the horizon are among your edges, so one of your widths is negative. "
            "Only deaths before the horizon make an edge.",
        ),
        "to_the_last_death": Misconception(
            _to_the_last_death,
            "You add up to the last death, wherever the horizon is. Stop at the horizon.",
        ),
        "horizon_ignored": Misconception(
            _no_horizon,
            "You add up to the longest follow-up. That differs from study to study: stop at the "
            "horizon.",
        ),
    },
)


# ---- the log-rank test -----------------------------------------------------------------------


def _p_of(chi_squared: float) -> float:
    """One minus the chi-squared distribution with one degree of freedom."""
    return math.erfc(math.sqrt(max(chi_squared, 0.0) / 2))


def _log_rank_parts(
    time: np.ndarray,
    event: np.ndarray,
    group: np.ndarray,
    *,
    after: bool = False,
    factor: bool = True,
    once: bool = True,
) -> tuple[float, float]:
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


def _log_rank(time: np.ndarray, event: np.ndarray, group: np.ndarray) -> float:
    difference, variance = _log_rank_parts(time, event, group)
    return _p_of(difference**2 / variance)


def _log_rank_inputs(rng: np.random.Generator) -> Iterator[Case]:
    group = rng.permutation(np.repeat([0, 1], 7))
    event = np.ones(14, dtype=int)
    event[rng.choice(np.flatnonzero(group == 0), 2, replace=False)] = 0
    event[rng.choice(np.flatnonzero(group == 1), 2, replace=False)] = 0
    yield Case((_apart(rng, 14), event, group), "14 patients, no two on one day")
    yield Case((*_TEN, _TREATED), "the ten patients of the lecture, two of whom die on one day")
    weeks = 7 * rng.integers(2, 7, size=24)
    died = (rng.random(24) < 0.75).astype(int)
    yield Case((weeks, died, np.resize([0, 1], 24)), "times in whole weeks, with many ties")
    longest = np.append(_apart(rng, 9), 500)
    yield Case(
        (longest, np.ones(10, dtype=int), np.resize([0, 1], 10)),
        "nobody censored: on the last day one patient is left",
    )


def _t_test(time: np.ndarray, event: np.ndarray, group: np.ndarray) -> float:
    from scipy.stats import ttest_ind

    return float(ttest_ind(time[group == 1], time[group == 0]).pvalue)


def _t_test_of_deaths(time: np.ndarray, event: np.ndarray, group: np.ndarray) -> float:
    return _t_test(time[event == 1], event, group[event == 1])


def _log_rank_after(time: np.ndarray, event: np.ndarray, group: np.ndarray) -> float:
    difference, variance = _log_rank_parts(time, event, group, after=True)
    return _p_of(difference**2 / variance)


def _log_rank_events_only(time: np.ndarray, event: np.ndarray, group: np.ndarray) -> float:
    dead = event == 1
    return _log_rank(time[dead], event[dead], group[dead])


def _log_rank_all_dead(time: np.ndarray, event: np.ndarray, group: np.ndarray) -> float:
    return _log_rank(time, np.ones_like(event), group)


def _ties_one_by_one(time: np.ndarray, event: np.ndarray, group: np.ndarray) -> float:
    order = np.argsort(time, kind="stable")
    return _log_rank(np.arange(len(time)), event[order], group[order])


def _no_tie_factor(time: np.ndarray, event: np.ndarray, group: np.ndarray) -> float:
    difference, variance = _log_rank_parts(time, event, group, factor=False)
    return _p_of(difference**2 / variance)


def _approximate(time: np.ndarray, event: np.ndarray, group: np.ndarray) -> float:
    difference, _ = _log_rank_parts(time, event, group)
    expected = group[event == 1].sum() - difference
    return _p_of(difference**2 / expected + difference**2 / (event.sum() - expected))


def _statistic(time: np.ndarray, event: np.ndarray, group: np.ndarray) -> float:
    difference, variance = _log_rank_parts(time, event, group)
    return difference**2 / variance


def _share_of_all(time: np.ndarray, event: np.ndarray, group: np.ndarray) -> float:
    deaths, share = event.sum(), group.mean()
    difference = group[event == 1].sum() - deaths * share
    return _p_of(difference**2 / (deaths * share * (1 - share)))


def _not_squared(time: np.ndarray, event: np.ndarray, group: np.ndarray) -> float:
    difference, variance = _log_rank_parts(time, event, group)
    return _p_of(difference / variance) if difference > 0 else 1.0


def _wrong_side(time: np.ndarray, event: np.ndarray, group: np.ndarray) -> float:
    return 1 - _log_rank(time, event, group)


def _nan_at_one(time: np.ndarray, event: np.ndarray, group: np.ndarray) -> float:
    alone = any(np.sum(time >= day) == 1 for day in time[event == 1])
    return float("nan") if alone else _log_rank(time, event, group)


def _log_rank_day_repeated(time: np.ndarray, event: np.ndarray, group: np.ndarray) -> float:
    difference, variance = _log_rank_parts(time, event, group, once=False)
    return _p_of(difference**2 / variance)


def _log_rank_all_who_leave(time: np.ndarray, event: np.ndarray, group: np.ndarray) -> float:
    return _log_rank(time, np.isin(time, time[event == 1]).astype(int), group)


def _tie_left_before(time: np.ndarray, event: np.ndarray, group: np.ndarray) -> float:
    return _log_rank(time - 0.001 * (event == 0), event, group)


log_rank = FunctionQuestion(
    title="The log-rank test",
    points=3,
    inputs=_log_rank_inputs,
    reference=_log_rank,
    see="Two groups: the log-rank test",
    hints=(
        "Go through the days with a death, as for Kaplan and Meier. On each, ask: how many deaths "
        "does group 1 expect, if its share of the risk set decides?",
        "With `risk = time >= day` and `now = (time == day) & (event == 1)`: the share is "
        "`group[risk].mean()`, and `group[now].sum()` deaths were observed in group 1.",
        "Add up observed − d · share, and d · share · (1 − share) · (n − d) / (n − 1) where n > 1. "
        "Then `chi2.sf(difference**2 / variance, df=1)`.",
    ),
    misconceptions={
        "t_test": Misconception(
            _t_test,
            "That is a t-test of the times. A time where a patient was censored says how long she "
            "was watched, and not how long she lived.",
        ),
        "t_test_of_deaths": Misconception(
            _t_test_of_deaths,
            "That is a t-test of those who died. It throws the censored away, who lived longest.",
        ),
        "risk_after_event": Misconception(
            _log_rank_after,
            "Your risk set is counted after the event. Those who die on a day were at risk on it: "
            "`time >= day`.",
        ),
        "risk_set_of_events": Misconception(
            _log_rank_events_only,
            "Your risk sets hold only those who will die. A censored patient is at risk too, until "
            "she leaves.",
        ),
        "censored_dead": Misconception(
            _log_rank_all_dead,
            "You count the censored as deaths. They only leave the risk set.",
        ),
        "ties_one_by_one": Misconception(
            _ties_one_by_one,
            "You take patients one by one, also those who share a day. Then the first of them is "
            "at risk together with the others and the last is not, and the order of the table "
            "decides. All who die on one day have the same risk set.",
        ),
        "tied_day_repeated": Misconception(
            _log_rank_day_repeated,
            "A day on which several patients die is added several times, with all its deaths. Go "
            "through each day with a death once.",
        ),
        "censored_counted_as_deaths_of_the_day": Misconception(
            _log_rank_all_who_leave,
            "You count everybody whose time is the day of a death as dead on it. Some of them were "
            "censored on that day: a death needs an event of 1 as well.",
        ),
        "tie_factor_missing": Misconception(
            _no_tie_factor,
            "Several deaths on one day are drawn from the risk set *without putting back*. The "
            "variance of such a day has the factor (n − d) / (n − 1).",
        ),
        "approximate": Misconception(
            _approximate,
            "That is the sum of (O − E)² / E over both groups, an approximation from the days of "
            "paper: its p is too large. Divide (O − E)² by the variance V.",
        ),
        "statistic": Misconception(
            _statistic,
            "That is χ², the statistic. Asked for is its p-value: `chi2.sf(statistic, df=1)`.",
        ),
        "not_squared": Misconception(
            _not_squared,
            "You forgot a square: χ² is the *squared* sum of observed minus expected, over the "
            "variance.",
        ),
        "wrong_side": Misconception(
            _wrong_side,
            "That is 1 − p: `chi2.cdf` gives the share below the statistic. A p-value is the "
            "share above it: `chi2.sf`.",
        ),
        "nan_at_one": Misconception(
            _nan_at_one,
            "On the last day one patient is left, and you divide by n − 1 = 0. Such a day adds "
            "nothing to the variance: skip that term where n = 1.",
        ),
        "tie_broken_wrong": Misconception(
            _tie_left_before,
            "A patient censored on the day of a death was still at risk of it. You let her leave "
            "before.",
        ),
        "share_of_all": Misconception(
            _share_of_all,
            "You expect deaths by the group's share of *all* patients. Patients leave, and not "
            "equally from both groups: use the share of those at risk on each day.",
        ),
    },
)


# ---- the landmark ----------------------------------------------------------------------------


def _landmark(
    time: np.ndarray, event: np.ndarray, exposed_from: np.ndarray, day: float
) -> dict[str, np.ndarray]:
    in_study = time > day
    return _landmark_reply(in_study, exposed_from <= day, time - day, event)


def _landmark_reply(
    rows: np.ndarray, exposed: np.ndarray, time: np.ndarray, event: np.ndarray
) -> dict[str, np.ndarray]:
    return {"exposed": exposed[rows], "time": time[rows], "event": event[rows]}


def _landmark_inputs(rng: np.random.Generator) -> Iterator[Case]:
    time = np.concatenate(
        [rng.integers(20, 80, 3), rng.integers(130, 180, 3), rng.integers(200, 400, 4)]
    )
    event = np.array([1, 0, 1, 1, 0, 1, 1, 0, 1, 1])
    start = np.array([10, np.inf, np.inf, 60, 120, np.inf, 40, 150, np.inf, 90], dtype=float)
    shuffle = rng.permutation(10)
    yield Case((time[shuffle], event[shuffle], start[shuffle], 100.0), "ten patients, day 100")
    edge_time = np.array([100, 101, 150, 300])
    edge_start = np.array([50.0, 100.0, 101.0, np.inf])
    yield Case(
        (edge_time, np.array([1, 1, 0, 1]), edge_start, 100.0), "times and starts on the very day"
    )
    yield Case((time, event, start, 0.0), "a landmark on day 0: nobody is exposed yet")


def _future(time: np.ndarray, event: np.ndarray, exposed_from: np.ndarray, day: float) -> Any:
    return _landmark_reply(time > day, exposed_from <= time, time - day, event)


def _all_of_future(
    time: np.ndarray, event: np.ndarray, exposed_from: np.ndarray, day: float
) -> Any:
    everybody = np.ones(len(time), dtype=bool)
    return _landmark_reply(everybody, exposed_from <= time, time, event)


def _early_kept(time: np.ndarray, event: np.ndarray, exposed_from: np.ndarray, day: float) -> Any:
    everybody = np.ones(len(time), dtype=bool)
    return _landmark_reply(everybody, exposed_from <= day, time - day, event)


def _early_kept_old_clock(
    time: np.ndarray, event: np.ndarray, exposed_from: np.ndarray, day: float
) -> Any:
    everybody = np.ones(len(time), dtype=bool)
    return _landmark_reply(everybody, exposed_from <= day, time, event)


def _early_censored_kept(
    time: np.ndarray, event: np.ndarray, exposed_from: np.ndarray, day: float
) -> Any:
    return _landmark_reply((time > day) | (event == 0), exposed_from <= day, time - day, event)


def _old_clock(time: np.ndarray, event: np.ndarray, exposed_from: np.ndarray, day: float) -> Any:
    return _landmark_reply(time > day, exposed_from <= day, time, event)


def _day_itself(time: np.ndarray, event: np.ndarray, exposed_from: np.ndarray, day: float) -> Any:
    return _landmark_reply(time >= day, exposed_from <= day, time - day, event)


def _exposed_before(
    time: np.ndarray, event: np.ndarray, exposed_from: np.ndarray, day: float
) -> Any:
    return _landmark_reply(time > day, exposed_from < day, time - day, event)


def _future_old_clock(
    time: np.ndarray, event: np.ndarray, exposed_from: np.ndarray, day: float
) -> Any:
    return _landmark_reply(time > day, exposed_from <= time, time, event)


def _day_itself_old_clock(
    time: np.ndarray, event: np.ndarray, exposed_from: np.ndarray, day: float
) -> Any:
    return _landmark_reply(time >= day, exposed_from <= day, time, event)


def _early_kept_at_zero(
    time: np.ndarray, event: np.ndarray, exposed_from: np.ndarray, day: float
) -> Any:
    everybody = np.ones(len(time), dtype=bool)
    return _landmark_reply(everybody, exposed_from <= day, np.maximum(time - day, 0), event)


def _unexposed(time: np.ndarray, event: np.ndarray, exposed_from: np.ndarray, day: float) -> Any:
    return _landmark_reply(time > day, exposed_from > day, time - day, event)


def _deaths_only(time: np.ndarray, event: np.ndarray, exposed_from: np.ndarray, day: float) -> Any:
    return _landmark_reply((time > day) & (event == 1), exposed_from <= day, time - day, event)


def _draw_landmark(answer: Any) -> Any:
    from mlmi_course import plots

    rng = np.random.default_rng(5)
    lived = 330 * (rng.exponential(size=400) / np.log(2)) ** (1 / 1.3)
    watched, start = rng.uniform(600, 1500, 400), rng.uniform(60, 400, 400)
    time, event = np.minimum(lived, watched), (lived <= watched).astype(int)
    reply = call(answer, (time, event, np.where(start < time, start, np.inf), 180.0))
    exposed, after, died = (np.asarray(reply[key]) for key in ("exposed", "time", "event"))
    yes = exposed.astype(bool)
    return plots.kaplan_meier(
        {"no MRI by day 180": (after[~yes], died[~yes]), "MRI by day 180": (after[yes], died[yes])},
        xlabel="days in your times",
        title="A second MRI that does nothing",
        alt="Survival with and without a second MRI by day 180, as your function groups patients.",
    )


landmark = FunctionQuestion(
    title="A landmark, against looking into the future",
    points=3,
    inputs=_landmark_inputs,
    reference=_landmark,
    picture=_draw_landmark,
    see="Looking into the future",
    hints=(
        "Three rules: who takes part, who is exposed, and when the clock starts. Each is one line.",
        "Those with `time > day` take part, all others are left out, whether they died or were "
        "censored.",
        "Exposed is who had started by then: `exposed_from <= day`. The new time is `time - day`. "
        "Take all three for those who take part only.",
    ),
    misconceptions={
        "future_exposure": Misconception(
            _future,
            "You look into the future: a patient who starts after the landmark is already counted "
            "as exposed. Only what was known *on* that day may decide.",
        ),
        "no_landmark": Misconception(
            _all_of_future,
            "There is no landmark yet: everybody takes part, grouped by what happened later. "
            "Whoever is exposed late must have lived until then, for free.",
        ),
        "early_deaths_kept": Misconception(
            _early_kept,
            "Those who died or left before the landmark are still there; their new times are "
            "negative. They could not be exposed by that day, and they make the unexposed look "
            "ill.",
        ),
        "early_deaths_kept_old_clock": Misconception(
            _early_kept_old_clock,
            "Early deaths are kept, and the clock still starts on day 0. Only patients who are "
            "watched beyond the landmark take part, and their clock starts there.",
        ),
        "early_censored_kept": Misconception(
            _early_censored_kept,
            "Early deaths are out, but patients who were censored early are still in. Nobody "
            "watched them after the landmark.",
        ),
        "clock_not_reset": Misconception(
            _old_clock,
            "The clock still starts on day 0. Everybody who takes part survived until the "
            "landmark: those days were free, so count from the landmark on.",
        ),
        "future_exposure_old_clock": Misconception(
            _future_old_clock,
            "Two things: a patient who starts after the landmark is already counted as exposed, "
            "and the clock still starts on day 0. Only what was known *on* that day may decide, "
            "and the time counts from there.",
        ),
        "day_itself_kept_old_clock": Misconception(
            _day_itself_old_clock,
            "Two things: a patient whose time ends on the very day of the landmark has no time "
            "left after it, and the clock still starts on day 0.",
        ),
        "early_deaths_kept_at_zero": Misconception(
            _early_kept_at_zero,
            "Those who died or left before the landmark are still there, with a time of 0. Leave "
            "them out: they could not be exposed by that day.",
        ),
        "exposed_turned_round": Misconception(
            _unexposed,
            "Your groups are turned round: exposed is who had started *by* the landmark.",
        ),
        "deaths_only": Misconception(
            _deaths_only,
            "Those who were censored later are missing. They were watched beyond the landmark, so "
            "they take part, with their event of 0.",
        ),
        "exposed_before_only": Misconception(
            _exposed_before,
            "A patient who had her MRI on the very day of the landmark is exposed: "
            "`exposed_from <= day`.",
        ),
        "day_itself_kept": Misconception(
            _day_itself,
            "A patient whose time ends on the very day of the landmark has no time left after it: "
            "`time > day`.",
        ),
    },
)


# ---- Cox's partial likelihood ----------------------------------------------------------------


def _partial(
    w: float,
    x: np.ndarray,
    time: np.ndarray,
    event: np.ndarray,
    *,
    risk: str = "right",
    rows: str = "deaths",
) -> float:
    total = 0.0
    for i in range(len(x)) if rows == "all" else np.flatnonzero(event):
        who = {
            "right": time >= time[i],
            "after": time > time[i],
            "before": time <= time[i],
            "events": (time >= time[i]) & (event == 1),
            "everybody": np.ones(len(time), dtype=bool),
        }[risk]
        with np.errstate(divide="ignore"):
            total += w * x[i] - np.log(np.sum(np.exp(w * x[who])))
    return float(total)


def _log_partial_likelihood(w: float, x: np.ndarray, time: np.ndarray, event: np.ndarray) -> float:
    return _partial(w, x, time, event)


def _partial_inputs(rng: np.random.Generator) -> Iterator[Case]:
    time = _apart(rng, 7)
    order = np.argsort(time)
    event = np.ones(7, dtype=int)
    event[order[[1, 3, 6]]] = 0
    x = rng.normal(0, 1, size=7).round(1)
    yield Case((0.7, x, time, event), "seven patients, the last of them censored")
    yield Case((-1.2, x, time, event), "a negative w")
    yield Case((0.0, x, time, event), "w = 0: everybody has the same hazard")
    yield Case((0.5, _TREATED, *_TEN), "two deaths on one day")
    tied = np.array([0.3, -1.2, 0.8, 0.1, 1.5, -0.7])
    days, died = np.array([40, 90, 40, 40, 20, 90]), np.array([1, 0, 0, 1, 1, 1])
    yield Case((0.9, tied, days, died), "deaths and censorings on the same day")


def _one_by_one(w: float, x: np.ndarray, time: np.ndarray, event: np.ndarray) -> float:
    order = np.argsort(time, kind="stable")
    return _partial(w, x[order], np.arange(len(x)), event[order])


def _one_sum_per_day(w: float, x: np.ndarray, time: np.ndarray, event: np.ndarray) -> float:
    total = float(np.sum(w * x[event == 1]))
    for day in np.unique(time[event == 1]):
        total -= float(np.log(np.sum(np.exp(w * x[time >= day]))))
    return total


def _efron(w: float, x: np.ndarray, time: np.ndarray, event: np.ndarray) -> float:
    factor, total = np.exp(w * x), 0.0
    for day in np.unique(time[event == 1]):
        now = (time == day) & (event == 1)
        at_risk, dying, count = factor[time >= day].sum(), factor[now].sum(), int(now.sum())
        total += w * x[now].sum()
        total -= sum(np.log(at_risk - k / count * dying) for k in range(count))
    return float(total)


log_partial_likelihood = FunctionQuestion(
    title="Cox's log partial likelihood",
    points=3,
    inputs=_partial_inputs,
    reference=_log_partial_likelihood,
    picture=lambda answer: _draw_partial(answer),
    see="Cox regression",
    hints=(
        "One term for each death: which patient of the risk set was it?",
        "For the death of patient i: `w * x[i]` minus the logarithm of the sum of `np.exp(w * x)` "
        "over the risk set.",
        "The risk set is `time >= time[i]`, censored patients included. `np.flatnonzero(event)` "
        "lists those who died.",
    ),
    misconceptions={
        "risk_set_of_events": Misconception(
            lambda w, x, time, event: _partial(w, x, time, event, risk="events"),
            "Your risk set holds only patients who die themselves. A censored patient could have "
            "died that day as well: she belongs into the sum until she leaves.",
        ),
        "risk_after_event": Misconception(
            lambda w, x, time, event: _partial(w, x, time, event, risk="after"),
            "The patient who dies is missing from her own risk set. She was at risk, or she could "
            "not have died: `time >= time[i]`.",
        ),
        "everybody_always_at_risk": Misconception(
            lambda w, x, time, event: _partial(w, x, time, event, risk="everybody"),
            "You sum over all patients at each death, also over those who had died or left before.",
        ),
        "looks_back": Misconception(
            lambda w, x, time, event: _partial(w, x, time, event, risk="before"),
            "Your sum runs over those who had died or left *before*. At risk are those who are "
            "still there: `time >= time[i]`.",
        ),
        "terms_for_censored": Misconception(
            lambda w, x, time, event: _partial(w, x, time, event, rows="all"),
            "Censored patients got a term of their own. Nothing happened to them: they only stand "
            "in the sums of others.",
        ),
        "sign": Misconception(
            lambda w, x, time, event: -_partial(w, x, time, event),
            "The sign is turned round. That is a loss, to be made small; the log-likelihood is to "
            "be made large, and is negative here.",
        ),
        "ties_one_by_one": Misconception(
            _one_by_one,
            "You take patients one by one, also those who share a day. Then the order of the "
            "table decides who was at risk. At risk is everybody with `time >= time[i]`.",
        ),
        "one_sum_per_day": Misconception(
            _one_sum_per_day,
            "You take the logarithm of the sum off once for each *day* with a death. Two deaths on "
            "one day are two terms: each takes it off.",
        ),
        "efron": Misconception(
            _efron,
            "That is Efron's way with tied deaths, and a good one; lifelines uses it. Here "
            "Breslow's is asked for: each of the deaths of one day has the whole risk set.",
        ),
        "mean": Misconception(
            lambda w, x, time, event: _partial(w, x, time, event) / np.sum(event),
            "You divide by the number of deaths. The log-likelihood is the sum.",
        ),
    },
)


def _draw_partial(answer: Any) -> Any:
    from scipy.optimize import minimize_scalar

    from mlmi_course import plots

    def height(w: float) -> float:
        return float(call(answer, (float(w), _TREATED, *_TEN)))

    weights = np.linspace(-4, 3, 57)
    curve = [height(w) for w in weights]
    # The top lies between two points of the curve; the lecture gives it to two digits.
    best = float(minimize_scalar(lambda w: -height(w), bounds=(-4, 3), method="bounded").x)
    return plots.lines(
        {"": curve},
        x=weights,
        xlabel="w of treatment B",
        ylabel="log partial likelihood",
        title=f"Your function on the ten patients: highest at {best:.2f}",
        alt=f"Your log partial likelihood over w, highest at {best:.2f}.",
    )


# ---- the C-index -----------------------------------------------------------------------------


def _concordance(
    risk: np.ndarray,
    time: np.ndarray,
    event: np.ndarray,
    *,
    pairs: str = "right",
    tie: float = 0.5,
    none: float = float("nan"),
) -> float:
    died = event[:, None] == 1
    earlier, same = time[:, None] < time[None, :], time[:, None] == time[None, :]
    comparable = {
        "right": died & (earlier | (same & (event[None, :] == 0))),
        "all": earlier | (same & died & (event[None, :] == 0)),
        "both": earlier & died & (event[None, :] == 1),
        "apart": earlier & died,
        "same day": died & (earlier | same) & ~np.eye(len(time), dtype=bool),
        "with herself": died & (earlier | same),
    }[pairs]
    if tie < 0:  # pairs with equal risks are left out
        comparable = comparable & (risk[:, None] != risk[None, :])
    if not comparable.any():
        return none
    right = (risk[:, None] > risk[None, :]) + tie * (risk[:, None] == risk[None, :])
    return float(right[comparable].mean())


def _c_index(risk: np.ndarray, time: np.ndarray, event: np.ndarray) -> float:
    return _concordance(risk, time, event)


def _c_index_inputs(rng: np.random.Generator) -> Iterator[Case]:
    time = _apart(rng, 9)
    rank = np.argsort(np.argsort(time))
    risk = (-0.4 * rank + rng.normal(0, 1.3, size=9)).round(3)
    # The highest risk is censored early and the lowest dies last, so every choice of pairs differs.
    first, last = np.argsort(time)[[1, 8]]
    risk[first], risk[last] = risk.min() - 1, risk.max() - 0.5
    event = np.ones(9, dtype=int)
    event[np.argsort(time)[[1, 4, 8]]] = 0
    yield Case((risk, time, event), "nine patients, three of them censored")
    coarse = np.resize([1, 2, 2, 3], 10)
    yield Case(
        (coarse, _TEN[0] + np.arange(10), _TEN[1]),
        "a risk of three grades: many pairs have equal risks",
    )
    # Day 40: two deaths (not comparable), and one censored (comparable with both).
    days, died = np.array([40, 75, 40, 20, 40, 60]), np.array([1, 0, 0, 1, 1, 1])
    grades = np.array([0.4, 0.2, 0.6, 0.9, 0.7, 0.1])
    yield Case((grades, days, died), "a day on which two die and one is censored")
    yield Case((risk, time, np.ones(9, dtype=int)), "nobody censored")
    yield Case((risk, time, np.zeros(9, dtype=int)), "nobody died: no pair is comparable")


c_index = FunctionQuestion(
    title="The C-index of a risk",
    points=2,
    inputs=_c_index_inputs,
    reference=_c_index,
    see="The C-index, and its direction",
    hints=(
        "Two loops over patients i and j are fine. A pair counts if i died, and j was seen alive "
        "after that: on a later day, or on the same day if j was censored on it.",
        "Such a pair is right if `risk[i] > risk[j]`: the higher risk died first. Equal risks "
        "count one half.",
        "Divide the sum by the number of comparable pairs. If there is none, return `np.nan`.",
    ),
    misconceptions={
        "reversed": Misconception(
            lambda risk, time, event: 1 - _concordance(risk, time, event),
            "The direction is reversed: you have 1 − C. Here a higher *risk* means an earlier "
            "death. (The function of lifelines wants a score that is higher for a longer life.)",
        ),
        "equal_times_left_out": Misconception(
            lambda risk, time, event: _concordance(risk, time, event, pairs="apart"),
            "All pairs with equal times are left out. One kind of them counts here: if one died "
            "on the day on which the other was censored, the censored one lived longer.",
        ),
        "equal_times_all_in": Misconception(
            lambda risk, time, event: _concordance(risk, time, event, pairs="same day"),
            "You also count two who died on the same day. Nobody died first, so nobody can be "
            "ranked rightly: leave them out.",
        ),
        "paired_with_herself": Misconception(
            lambda risk, time, event: _concordance(risk, time, event, pairs="with herself"),
            "With `<=` every patient who died makes a pair with herself, and two who died on one "
            "day make a pair too. Neither is comparable.",
        ),
        "equal_risks_left_out": Misconception(
            lambda risk, time, event: _concordance(risk, time, event, tie=-1.0),
            "Pairs with equal risks are left out. They are comparable: they count one half, and "
            "stay in the number of pairs.",
        ),
        "half_without_pairs": Misconception(
            lambda risk, time, event: _concordance(risk, time, event, none=0.5),
            "Without a comparable pair nothing was measured, and 0.5 would be a claim. Return "
            "`np.nan`.",
        ),
        "zero_without_pairs": Misconception(
            lambda risk, time, event: _concordance(risk, time, event, none=0.0),
            "Without a comparable pair nothing was measured, and 0 would be a claim. Return "
            "`np.nan`.",
        ),
        "pairs_not_comparable": Misconception(
            lambda risk, time, event: _concordance(risk, time, event, pairs="all"),
            "You count pairs that cannot be compared. If the one with the shorter time was "
            "censored, nobody knows who died first.",
        ),
        "events_ignored": Misconception(
            lambda risk, time, event: _concordance(risk, time, np.ones(len(event), dtype=int)),
            "You do not look at `event`, so every time counts as a death. Of two patients the one "
            "with the shorter time must have *died*, or nobody knows who lived longer.",
        ),
        "both_must_die": Misconception(
            lambda risk, time, event: _concordance(risk, time, event, pairs="both"),
            "You use only pairs in which both died. If one died and the other was still watched "
            "later, you know who died first: the pair counts.",
        ),
        "equal_risks_wrong": Misconception(
            lambda risk, time, event: _concordance(risk, time, event, tie=0.0),
            "Equal risks count as wrong. A model that cannot decide is as good as a coin: one "
            "half.",
        ),
        "equal_risks_right": Misconception(
            lambda risk, time, event: _concordance(risk, time, event, tie=1.0),
            "Equal risks count as right. Then a model that gives everybody the same risk is "
            "perfect. They count one half.",
        ),
    },
)


# ---- a Cox model on real data ----------------------------------------------------------------

_COLUMNS = ("age", "tsize", "pnodes", "progrec")


@cache
def _breast(coding: str = "right") -> tuple[float, float]:
    """C-index of the Cox model on GBSG-2, as ranked by the risk and by its reverse."""
    from lifelines import CoxPHFitter
    from lifelines.datasets import load_gbsg2

    table = load_gbsg2()[[*_COLUMNS, "time", "cens"]]
    if coding == "flipped":
        table = table.assign(cens=1 - table["cens"])
    if coding == "removed":
        table = table[table["cens"] == 1]
    if coding.startswith("no "):
        table = table.drop(columns=coding[3:])
    model = CoxPHFitter().fit(table, "time", "cens")
    risk = model.predict_partial_hazard(table).to_numpy()
    cens = table["cens"].to_numpy()
    if coding == "judged flipped":
        cens = 1 - cens
    if coding == "fitted flipped":
        model = CoxPHFitter().fit(table.assign(cens=1 - cens), "time", "cens")
        risk = model.predict_partial_hazard(table).to_numpy()
    if coding == "without events":
        cens = np.ones_like(cens)
    c = _c_index(risk, table["time"].to_numpy(), cens)
    return c, 1 - c


breast_c = ValueQuestion(
    title="How well does a Cox model rank women with breast cancer?",
    points=2,
    reference=lambda: _breast()[0],
    tolerance=1e-3,
    see="The C-index, and its direction",
    hints=(
        "`CoxPHFitter().fit(table, 'time', 'cens')` fits, with a table that holds the four columns "
        "and these two.",
        "Which value of `cens` is the event? Those who stay well are watched the longest.",
        "`model.predict_partial_hazard(table)` is a risk. `concordance_index(time, score, event)` "
        "of lifelines wants a score that is higher for those who live longer: minus the risk.",
    ),
    misconceptions={
        "reversed": Misconception(
            lambda: _breast()[1],
            "Below one half: the risk was handed over as it is. lifelines wants a score that is "
            "higher for those who live *longer*.",
        ),
        "coding_flipped": Misconception(
            lambda: _breast("flipped")[0],
            "The events are turned round. In this file `cens` = 1 is the event, against its name.",
        ),
        "coding_flipped_and_reversed": Misconception(
            lambda: _breast("flipped")[1],
            "Two things are turned round: the events (`cens` = 1 is the event) and the direction "
            "of the risk.",
        ),
        "censored_removed": Misconception(
            lambda: _breast("removed")[0],
            "The censored women were removed, and with them those who stayed well. Keep all 686.",
        ),
        "age_left_out": Misconception(
            lambda: _breast("no age")[0],
            "Close, but not it. That is the model without the age, if not a right value cut to two "
            "digits. Put in age, tsize, pnodes and progrec, and give three digits or more.",
        ),
        "fitted_flipped": Misconception(
            lambda: _breast("fitted flipped")[0],
            "The C-index has the right events, but the model was fitted with the events turned "
            "round. `cens` = 1 is the event in both.",
        ),
        "judged_flipped": Misconception(
            lambda: _breast("judged flipped")[0],
            "The model has the right events, but the C-index was given them turned round. `cens` "
            "= 1 is the event in both.",
        ),
        "fitted_flipped_and_reversed": Misconception(
            lambda: _breast("fitted flipped")[1],
            "The model was fitted with the events turned round (`cens` = 1 is the event), and its "
            "risk was handed over as it is.",
        ),
        "judged_flipped_and_reversed": Misconception(
            lambda: _breast("judged flipped")[1],
            "The C-index was given the events turned round (`cens` = 1 is the event), and the risk "
            "as it is.",
        ),
        "no_events": Misconception(
            lambda: _breast("without events")[0],
            "The C-index was not told who was censored, so it takes every time for a relapse. "
            "Hand over the events too.",
        ),
        "no_events_and_reversed": Misconception(
            lambda: _breast("without events")[1],
            "The C-index was not told who was censored, and it was given the risk as it is. Hand "
            "over the events too, and a score that is higher for those who live longer.",
        ),
    },
)


# ---- preparing features ----------------------------------------------------------------------


def _prepare(x: np.ndarray, limit: float) -> np.ndarray:
    kept = x[:, x.var(axis=0) >= limit]
    return (kept - kept.mean(axis=0)) / kept.std(axis=0)


def _prepare_inputs(rng: np.random.Generator) -> Iterator[Case]:
    x = rng.normal(0, 1, size=(8, 4)) * [3.0, 20.0, 0.5, 8.0] + [10.0, 300.0, 1.0, 0.0]
    x = x.round(2)
    nearly = np.zeros(8)
    nearly[int(rng.integers(8))] = 0.1
    x = np.insert(x, 2, nearly, axis=1)
    yield Case((x, 0.01), "five features, one of them nearly constant")
    yield Case((np.delete(x, 2, axis=1), 0.01), "four features that all vary")
    yield Case((np.insert(x, 0, 7.0, axis=1), 0.01), "a feature that is the same for everybody")
    just_below = x.copy()
    just_below[:, 2] = 3 * nearly  # a variance of 0.0098; 0.0113 with n − 1
    yield Case((just_below, 0.01), "a feature whose variance is just below the limit")
    exactly = np.insert(np.delete(x, 2, axis=1), 3, np.resize([0.0, 1.0], 8), axis=1)
    yield Case((exactly, 0.25), "a feature whose variance is exactly the limit")


def _filter_after(x: np.ndarray, limit: float) -> np.ndarray:
    with np.errstate(all="ignore"):
        z = (x - x.mean(axis=0)) / x.std(axis=0)
    return z[:, ~(z.var(axis=0) < limit)]


def _filter_only(x: np.ndarray, limit: float) -> np.ndarray:
    return x[:, x.var(axis=0) >= limit]


def _by_patient(x: np.ndarray, limit: float) -> np.ndarray:
    kept = x[:, x.var(axis=0) >= limit]
    return (kept - kept.mean(axis=1, keepdims=True)) / kept.std(axis=1, keepdims=True)


def _whole_table(x: np.ndarray, limit: float) -> np.ndarray:
    kept = x[:, x.var(axis=0) >= limit]
    return (kept - kept.mean()) / kept.std()


def _limit_dropped(x: np.ndarray, limit: float) -> np.ndarray:
    kept = x[:, x.var(axis=0) > limit]
    return (kept - kept.mean(axis=0)) / kept.std(axis=0)


def _by_variance(x: np.ndarray, limit: float) -> np.ndarray:
    kept = x[:, x.var(axis=0) >= limit]
    return (kept - kept.mean(axis=0)) / kept.var(axis=0)


def _filter_by_n_minus_one(x: np.ndarray, limit: float) -> np.ndarray:
    kept = x[:, x.var(axis=0, ddof=1) >= limit]
    return (kept - kept.mean(axis=0)) / kept.std(axis=0)


def _n_minus_one(x: np.ndarray, limit: float) -> np.ndarray:
    kept = x[:, x.var(axis=0) >= limit]
    return (kept - kept.mean(axis=0)) / kept.std(axis=0, ddof=1)


def _kept_the_constant(x: np.ndarray, limit: float) -> np.ndarray:
    kept = x[:, x.var(axis=0) < limit]
    with np.errstate(all="ignore"):
        return (kept - kept.mean(axis=0)) / kept.std(axis=0)


prepare = FunctionQuestion(
    title="Filter and scale, in the right order",
    points=2,
    inputs=_prepare_inputs,
    reference=_prepare,
    see="A radiomic signature",
    hints=(
        "`x.var(axis=0)` is one variance per column. What is it after z-scoring?",
        "First keep the columns whose variance is at least `limit`; then scale what is left.",
        "`kept = x[:, x.var(axis=0) >= limit]`, and then subtract `kept.mean(axis=0)` and divide "
        "by `kept.std(axis=0)`.",
    ),
    misconceptions={
        "filter_after_z_score": Misconception(
            _filter_after,
            "The nearly constant column is still there, and blown up to full size. Is your filter "
            "before the scaling (after it every variance is 1)? Does it go by the *variance*, and "
            "by column?",
        ),
        "not_scaled": Misconception(
            _filter_only,
            "The filter is right, but nothing is scaled: the feature with the largest unit would "
            "decide alone.",
        ),
        "scaled_by_patient": Misconception(
            _by_patient,
            "You scale each patient (row). A z-score compares a patient with the others, so it "
            "takes mean and standard deviation of each *column*: `axis=0`.",
        ),
        "scaled_as_one_table": Misconception(
            _whole_table,
            "You scale with one mean and one standard deviation of the whole table. Each column "
            "has its own: `axis=0`.",
        ),
        "limit_itself_dropped": Misconception(
            _limit_dropped,
            "A column whose variance is exactly the limit is not *below* it: it stays.",
        ),
        "divided_by_variance": Misconception(
            _by_variance,
            "You divide by the variance. A z-score divides by the standard deviation, its root.",
        ),
        "filter_by_n_minus_one": Misconception(
            _filter_by_n_minus_one,
            "Your variance divides by n − 1 (`ddof=1`, the habit of pandas), and a column just "
            "below the limit slips through. Asked for is NumPy's own, `x.var(axis=0)`.",
        ),
        "n_minus_one": Misconception(
            _n_minus_one,
            "Your standard deviation divides by n − 1 (`ddof=1`, the habit of pandas). Asked for "
            "is NumPy's own, `x.std(axis=0)`.",
        ),
        "kept_what_should_go": Misconception(
            _kept_the_constant,
            "You keep the columns that hardly vary, and drop the others.",
        ),
    },
)


def _strengths(x: np.ndarray) -> np.ndarray:
    strength = np.abs(_signed(x))
    np.fill_diagonal(strength, 0)
    return strength


def _drop_correlated(x: np.ndarray, limit: float) -> list[int]:
    return _drop(_signed(x), limit)


def _signed(x: np.ndarray) -> np.ndarray:
    # NumPy's two halves may differ in the last digit; then rounding would choose among equals.
    return np.corrcoef(x.T).round(9)


def _drop(signed: np.ndarray, limit: float, *, pick: str = "strongest", by: str = "mean") -> Any:
    """Drop one of each correlated pair; `pick` says which pair is first, `by` which one goes."""
    off = signed * (1 - np.eye(len(signed)))
    strength = np.abs(off)
    whole = strength.mean(axis=0).round(9)
    stay = list(range(len(strength)))
    while len(stay) > 1:
        left = strength[np.ix_(stay, stay)]
        if left.max() <= limit:
            break
        pair = np.unravel_index(left.argmax(), left.shape)
        if pick == "first":
            pair = tuple(np.argwhere(left > limit)[0])
        first, second = sorted(int(i) for i in pair)
        heavy = {
            "mean": lambda left=left: left.mean(axis=1).round(9),
            "smaller mean": lambda left=left: -left.mean(axis=1).round(9),
            "signed": lambda: off[np.ix_(stay, stay)].mean(axis=1).round(9),
            "all columns": lambda: whole[stay],
            "partners": lambda left=left: (left > limit).sum(axis=1),
            "runner-up": lambda left=left: np.sort(left, axis=1)[:, -2],
            "median": lambda left=left: np.median(left, axis=1),
            "earlier": lambda left=left: -np.arange(len(left)),
            "later": lambda left=left: np.arange(len(left)),
        }[by]()
        stay.pop(first if heavy[first] > heavy[second] else second)
        if pick == "once":
            break
    return stay


def _earlier_of_equals(x: np.ndarray, limit: float) -> list[int]:
    """The right rule, but the earlier column goes where the means are equal."""
    strength, stay = _strengths(x), list(range(x.shape[1]))
    while (left := strength[np.ix_(stay, stay)]).max() > limit:
        first, second = np.unravel_index(left.argmax(), left.shape)
        means = left.mean(axis=1).round(9)
        stay.pop(int(first if means[first] >= means[second] else second))
    return stay


def _unrounded(x: np.ndarray, limit: float) -> list[int]:
    """The right rule in numbers as they come, so that their last digit chooses among equals."""
    strength, stay = np.abs(np.corrcoef(x.T)), list(range(x.shape[1]))
    np.fill_diagonal(strength, 0)
    while (left := strength[np.ix_(stay, stay)]).max() > limit:
        first, second = np.unravel_index(left.argmax(), left.shape)
        stay.pop(int(first if left[first].mean() > left[second].mean() else second))
    return stay


def _twins(rng: np.random.Generator, limit: float) -> np.ndarray:
    """Draw two columns that are too much alike, and for which rounding picks the wrong one.

    About one table in five is such; the error is that of IEEE division, the same everywhere.
    """
    for _ in range(1000):
        x = _columns(rng, _square((95,))).round(3)
        if _unrounded(x, limit) == [1]:
            return x
    return x  # pragma: no cover


def _one_pass(signed: np.ndarray, limit: float) -> list[int]:
    strength = np.abs(signed * (1 - np.eye(len(signed))))
    mean, gone = strength.mean(axis=0), set()
    for first, second in np.argwhere(np.triu(strength) > limit).tolist():
        if not {first, second} & gone:
            gone.add(first if mean[first] > mean[second] else second)
    return [i for i in range(len(strength)) if i not in gone]


_BY = ("mean", "smaller mean", "signed", "all columns", "partners", "runner-up", "median")

# Correlations above the diagonal, found by a search: each usual slip ends with other columns.
_TELLING = (
    (25, -30, 20, 15, 65, 10, 20, -10, 30, 65, -90, -50, -75, 0, 35),
    (5, -55, -65, 15, 45, -45, -5, 85, -75, 40, -45, 0, -20, -30, -65),
    (20, -40, 75, 30, 55, 65, 35, 50, -45, -15, 40, -90, 65, 25, -45),
)


def _square(upper: tuple[int, ...]) -> np.ndarray:
    size = int((1 + math.sqrt(1 + 8 * len(upper))) / 2)
    matrix = np.zeros((size, size))
    matrix[np.triu_indices(size, 1)] = np.array(upper) / 100
    return matrix + matrix.T + np.eye(size)


def _columns(rng: np.random.Generator, correlations: np.ndarray, n: int = 20) -> np.ndarray:
    """Draw columns that have exactly these correlations."""
    noise = rng.normal(size=(n, len(correlations)))
    white = np.linalg.qr(noise - noise.mean(axis=0))[0]
    return white @ np.linalg.cholesky(correlations).T


def _ways(signed: np.ndarray, limit: float) -> list[Any]:
    first = [_drop(signed, limit, by=by) for by in (*_BY, "earlier", "later")]
    return [*first, _drop(signed, limit, pick="first"), _one_pass(signed, limit)]


def _ranks(rng: np.random.Generator, correlations: np.ndarray, limit: float) -> np.ndarray:
    """Draw columns of ranks with about these correlations, for which every slip still shows.

    All columns hold the same whole numbers, so the matrix of correlations is symmetric to the
    last bit, and `argmax` finds the same pair in every right answer.
    """
    wanted = _ways(correlations, limit)
    for _ in range(1000):
        x = _columns(rng, correlations, 100).argsort(axis=0).argsort(axis=0).astype(float)
        found = _signed(x)
        if np.abs(found - correlations).max() < 0.07 and _ways(found, limit) == wanted:
            return x
    raise RuntimeError("no ranks with these correlations")  # pragma: no cover


def _drop_correlated_inputs(rng: np.random.Generator) -> Iterator[Case]:
    chain = np.eye(6)
    pairs = {(0, 1): 0.9, (1, 2): 0.87, (0, 2): 0.7, (3, 4): -0.92, (3, 5): 0.3, (2, 5): 0.2}
    for (one, other), value in pairs.items():
        chain[one, other] = chain[other, one] = value
    x = (_columns(rng, chain) * 10).round(4) + 5
    yield Case((x, 0.8), "a chain of three, and a pair that runs in opposite directions")
    yield Case((x, 0.95), "no pair above the limit")
    yield Case((x, 0.5), "a lower limit")
    about = "several pairs above the limit, some of them negative"
    for upper in _TELLING:
        yield Case((_ranks(rng, _square(upper), 0.6), 0.6), about)
    yield Case((x[:, [1, 0, 2, 3, 4, 5]], 0.8), "the middle of the chain comes first")
    yield Case((_twins(rng, 0.8), 0.8), "two columns only: their means are equal")


def _both_dropped(x: np.ndarray, limit: float) -> list[int]:
    strength = _strengths(x)
    return [i for i in range(len(strength)) if strength[i].max() <= limit]


def _both_of_the_strongest(x: np.ndarray, limit: float) -> list[int]:
    strength, stay = _strengths(x), list(range(x.shape[1]))
    while stay and (left := strength[np.ix_(stay, stay)]).max() > limit:
        pair = np.unravel_index(left.argmax(), left.shape)
        stay = [column for place, column in enumerate(stay) if place not in pair]
    return stay


def _like_none_kept(x: np.ndarray, limit: float) -> list[int]:
    strength, stay = _strengths(x), list[int]()
    for column in range(x.shape[1]):
        if all(strength[column, other] <= limit for other in stay):
            stay.append(column)
    return stay


def _sign_ignored(x: np.ndarray, limit: float) -> list[int]:
    return _drop(np.maximum(_signed(x), 0), limit)


def _all_at_once(x: np.ndarray, limit: float) -> list[int]:
    strength = np.triu(_strengths(x))
    return [i for i in range(len(strength)) if strength[:, i].max() <= limit]


def _dropped_ones(x: np.ndarray, limit: float) -> list[int]:
    return sorted(set(range(x.shape[1])) - set(_drop_correlated(x, limit)))


def _draw_dropped(answer: Any) -> Any:
    from mlmi_course import plots
    from mlmi_course.phantoms.cohort import simulate

    cohort = simulate(n=300)
    x = _prepare(cohort.table[cohort.features].to_numpy(), 0.0)
    stay = [int(i) for i in call(answer, (x, 0.8))]
    edges = np.linspace(0, 1, 41)

    def pairs(part: np.ndarray, ax: Any) -> Any:
        strengths = _strengths(part)[np.triu_indices(part.shape[1], 1)]
        return plots.histogram(
            strengths,
            bins=edges,
            marks={"limit": 0.8},
            log=True,
            label="|correlation| of a pair",
            ax=ax,
        )

    return plots.grid(
        [("all features", partial(pairs, x)), (f"your {len(stay)}", partial(pairs, x[:, stay]))],
        columns=2,
        size=(8, 3.4),
        alt=f"Correlations of pairs among all features and among the {len(stay)} that you keep.",
    )


drop_correlated = FunctionQuestion(
    title="Of each correlated pair, drop one",
    points=3,
    inputs=_drop_correlated_inputs,
    reference=_drop_correlated,
    picture=_draw_dropped,
    see="A radiomic signature",
    hints=(
        "Keep a list `stay` of column numbers, at first all of them, and shorten it in a `while` "
        "loop.",
        "`strength = np.abs(np.corrcoef(x.T))` with 0 on its diagonal (`np.fill_diagonal`). "
        "`strength[np.ix_(stay, stay)]` is the part that is left; `np.unravel_index(left.argmax(), "
        "left.shape)` is its strongest pair.",
        "Compare `left[first].mean()` with `left[second].mean()`: the larger one goes, by "
        "`stay.pop(...)`. Stop when `left.max() <= limit`.",
    ),
    misconceptions={
        "both_dropped": Misconception(
            _both_dropped,
            "Both of a pair are gone, and with them what they measured. Drop one of the two.",
        ),
        "both_of_the_strongest_dropped": Misconception(
            _both_of_the_strongest,
            "You drop both of the strongest pair, and with them what they measured. Drop one of "
            "the two.",
        ),
        "like_none_kept": Misconception(
            _like_none_kept,
            "This is what is left if each column, in the order of the table, stays when it is "
            "like none kept before. Then that order decides. Start with the strongest pair, and "
            "compare means.",
        ),
        "places_not_numbers": Misconception(
            lambda x, limit: list(range(len(_drop_correlated(x, limit)))),
            "You return places in the table that is left. Asked for are the numbers of the columns "
            "in the table that was given.",
        ),
        "sign_ignored": Misconception(
            _sign_ignored,
            "A correlation of −0.92 passes your filter. Two features that run in opposite "
            "directions say the same thing: take the absolute value.",
        ),
        "all_at_once": Misconception(
            _all_at_once,
            "You judge all pairs at once, so a feature is dropped for its likeness to one that is "
            "dropped itself. Drop one, then look again at those that are left.",
        ),
        "once": Misconception(
            lambda x, limit: _drop(_signed(x), limit, pick="once"),
            "One feature was dropped, and there are still pairs above the limit. Repeat.",
        ),
        "wrong_one_dropped": Misconception(
            lambda x, limit: _drop(_signed(x), limit, by="smaller mean"),
            "Of the pair you drop the one that is *less* correlated with the rest. Drop the "
            "other: what it says is also said elsewhere.",
        ),
        "always_the_later": Misconception(
            lambda x, limit: _drop(_signed(x), limit, by="later"),
            "This is what is left if the later column of the pair always goes. Then the order of "
            "the table decides. Drop the one whose mean correlation with all that are left is "
            "larger.",
        ),
        "always_the_earlier": Misconception(
            lambda x, limit: _drop(_signed(x), limit, by="earlier"),
            "This is what is left if the earlier column of the pair always goes. Then the order "
            "of the table decides. Drop the one whose mean correlation with all that are left is "
            "larger.",
        ),
        "signed_mean": Misconception(
            lambda x, limit: _drop(_signed(x), limit, by="signed"),
            "Your mean goes over correlations with their signs, so that positive and negative "
            "ones cancel. Take the mean of the absolute values.",
        ),
        "first_pair": Misconception(
            lambda x, limit: _drop(_signed(x), limit, pick="first"),
            "You start with the *first* pair above the limit. Start with the strongest, or the "
            "order of the table decides.",
        ),
        "one_pass": Misconception(
            lambda x, limit: _one_pass(_signed(x), limit),
            "You go through the pairs once, in the order of the table. Take the strongest pair "
            "first. After each drop look for the strongest again, with new means.",
        ),
        "mean_over_all_columns": Misconception(
            lambda x, limit: _drop(_signed(x), limit, by="all columns"),
            "Your mean also goes over columns that were dropped before. Take the mean over those "
            "that are *left*, anew after each drop.",
        ),
        "partners_counted": Misconception(
            lambda x, limit: _drop(_signed(x), limit, by="partners"),
            "You compare how many partners above the limit the two have. Compare their *mean* "
            "correlations with all columns that are left.",
        ),
        "second_strongest": Misconception(
            lambda x, limit: _drop(_signed(x), limit, by="runner-up"),
            "You compare the second strongest correlation of the two. Compare their *mean* "
            "correlations with all columns that are left.",
        ),
        "earlier_of_equals": Misconception(
            _earlier_of_equals,
            "Right, but where the two means are equal the later column goes, and you dropped the "
            "earlier one. If your code says otherwise, rounding chose: on paper both means are "
            "the same, in the computer they differ in the last digit. Compare `.round(9)`.",
        ),
        "returns_the_dropped": Misconception(
            _dropped_ones,
            "These are the columns that go. Asked for are those that stay.",
        ),
    },
)


# ---- a search and its p-value ------------------------------------------------------------------


def _honest_p(p_cuts: np.ndarray, p_shuffled: np.ndarray) -> float:
    as_good = np.sum(p_shuffled.min(axis=1) <= p_cuts.min())
    return float((1 + as_good) / (1 + len(p_shuffled)))


def _honest_p_inputs(rng: np.random.Generator) -> Iterator[Case]:
    def searches(count: int, cuts: int) -> np.ndarray:
        return rng.uniform(size=(count, cuts)).round(4)

    shuffled = searches(19, 6)
    best = np.sort(shuffled.min(axis=1))
    p = np.append(rng.uniform(0.3, 1, 5).round(4), (best[4] + best[5]) / 2)
    yield Case((rng.permutation(p), shuffled), "6 cuts and 19 shuffles")
    yield Case(
        (np.array([0.9, best[2], 0.8, 0.7, 0.6, 0.5]), shuffled),
        "a shuffle that does exactly as well",
    )
    yield Case((np.array([0.5, 0.00001, 0.7]), searches(99, 3)), "a p that no shuffle reaches")
    yield Case((np.array([0.04]), searches(39, 1)), "one cut only: nothing was searched")
    twice = shuffled.copy()
    twice[3] = best[0] / 2  # one shuffle in which every cut does well: still one search
    yield Case((rng.permutation(p), twice), "a shuffle with several small p-values")


def _uncorrected(p_cuts: np.ndarray, p_shuffled: np.ndarray) -> float:
    return float(p_cuts.min())


def _bonferroni(p_cuts: np.ndarray, p_shuffled: np.ndarray) -> float:
    return float(min(1.0, len(p_cuts) * p_cuts.min()))


def _pooled(p_cuts: np.ndarray, p_shuffled: np.ndarray) -> float:
    return float((1 + np.sum(p_shuffled <= p_cuts.min())) / (1 + p_shuffled.size))


def _pooled_by_rows(p_cuts: np.ndarray, p_shuffled: np.ndarray) -> float:
    return float((1 + np.sum(p_shuffled <= p_cuts.min())) / (1 + len(p_shuffled)))


def _one_above(p_cuts: np.ndarray, p_shuffled: np.ndarray) -> float:
    return float((1 + np.sum(p_shuffled.min(axis=1) <= p_cuts.min())) / len(p_shuffled))


def _one_below(p_cuts: np.ndarray, p_shuffled: np.ndarray) -> float:
    return float(np.sum(p_shuffled.min(axis=1) <= p_cuts.min()) / (1 + len(p_shuffled)))


def _same_cut(p_cuts: np.ndarray, p_shuffled: np.ndarray) -> float:
    column = p_shuffled[:, p_cuts.argmin()]
    return float((1 + np.sum(column <= p_cuts.min())) / (1 + len(p_shuffled)))


def _best_of_each_cut(p_cuts: np.ndarray, p_shuffled: np.ndarray) -> float:
    as_good = np.sum(p_shuffled.min(axis=0) <= p_cuts.min())
    return float((1 + as_good) / (1 + len(p_shuffled)))


def _no_plus_one(p_cuts: np.ndarray, p_shuffled: np.ndarray) -> float:
    return float(np.mean(p_shuffled.min(axis=1) <= p_cuts.min()))


def _strictly(p_cuts: np.ndarray, p_shuffled: np.ndarray) -> float:
    better = np.sum(p_shuffled.min(axis=1) < p_cuts.min())
    return float((1 + better) / (1 + len(p_shuffled)))


def _other_tail(p_cuts: np.ndarray, p_shuffled: np.ndarray) -> float:
    worse = np.sum(p_shuffled.min(axis=1) >= p_cuts.min())
    return float((1 + worse) / (1 + len(p_shuffled)))


honest_p = FunctionQuestion(
    title="The honest p of a search",
    points=2,
    inputs=_honest_p_inputs,
    reference=_honest_p,
    see="How often is nothing something?",
    hints=(
        "What would the same search have found in shuffled data? It would have taken the smallest "
        "p of each row.",
        "`p_shuffled.min(axis=1)` are the finds of the shuffled searches. How many are as small "
        "as yours?",
        "(1 + that count) / (1 + number of shuffles): your own search is one of the searches.",
    ),
    misconceptions={
        "uncorrected_minimum": Misconception(
            _uncorrected,
            "That is the smallest p, uncorrected. It is the best of many tries: under pure chance "
            "it is below 0.05 far more often than in 5 % of studies.",
        ),
        "bonferroni": Misconception(
            _bonferroni,
            "You multiply by the number of cuts (Bonferroni). That is safe but far too strict: "
            "neighbouring cuts give nearly the same groups. The shuffles know how much they share.",
        ),
        "all_cuts_pooled": Misconception(
            _pooled,
            "You compare with all p-values of the shuffles. Your p is the best of a search: "
            "compare it with the best of each shuffled search, one per row.",
        ),
        "values_counted": Misconception(
            _pooled_by_rows,
            "You count small p-values. Count *searches*: a shuffle in which several cuts do well "
            "is still one search.",
        ),
        "one_above_only": Misconception(
            _one_above,
            "The 1 is missing below: the authors' search is one of all searches too.",
        ),
        "one_below_only": Misconception(
            _one_below,
            "The 1 is missing above: the authors' own search does as well as theirs.",
        ),
        "same_cut_only": Misconception(
            _same_cut,
            "You look at one cut only in the shuffles: the one that won in the real data. The "
            "shuffled search is free to choose its own.",
        ),
        "best_of_each_cut": Misconception(
            _best_of_each_cut,
            "You take the best p of each *cut* over all shuffles, one per column. A search is a "
            "row: take the best p of each row.",
        ),
        "zero_possible": Misconception(
            _no_plus_one,
            "Without the 1 a p of 0 is possible, and 19 shuffles cannot prove the impossible. "
            "Your own search is one of the searches: add 1 above and below.",
        ),
        "strictly_smaller": Misconception(
            _strictly,
            "A shuffle that does *exactly* as well as the authors counts too: as small or smaller.",
        ),
        "other_tail": Misconception(
            _other_tail,
            "You count the shuffles that found a *larger* p. Asked is how often chance does as "
            "well as you: a p as small or smaller.",
        ),
    },
)


def _reported_p(p_train: np.ndarray, p_test: np.ndarray) -> float:
    return float(p_test[int(np.argmin(p_train))])


def _reported_p_inputs(rng: np.random.Generator) -> Iterator[Case]:
    for cuts in (6, 20):
        p_train, p_test = (rng.permutation(np.linspace(0.02, 0.9, cuts).round(3)) for _ in range(2))
        best = int(np.argmin(p_train))
        if best == int(np.argmin(p_test)):  # else the mistake would not show
            p_test = np.roll(p_test, 1)
        p_train[best] = 0.004
        yield Case((p_train, p_test), f"{cuts} cuts")
    p_train = np.array([0.31, 0.03, 0.6, 0.12, 0.45])
    p_test = np.array([0.2, 0.011, 0.004, 0.5, 0.09])
    shuffle = rng.permutation(5)
    yield Case((p_train[shuffle], p_test[shuffle]), "a cut that does better on the test half")
    p_train = np.array([0.62, 0.2, 0.35, 0.41, 0.83])
    p_test = np.array([0.03, 0.3, 0.75, 0.5, 0.09])
    yield Case((p_train[shuffle], p_test[shuffle]), "no p below 0.05 on the training half")


reported_p = FunctionQuestion(
    title="Train, then test",
    points=1,
    inputs=_reported_p_inputs,
    reference=_reported_p,
    see="How often is nothing something?",
    hints=(
        "Two steps. Which patients choose the cut? Which patients judge it?",
        "`np.argmin(p_train)` is the number of the chosen cut.",
    ),
    misconceptions={
        "chosen_on_test": Misconception(
            lambda p_train, p_test: float(p_test.min()),
            "You chose the cut on the test patients: the smallest of *their* p-values. Then they "
            "are no test patients any more.",
        ),
        "p_of_training": Misconception(
            lambda p_train, p_test: float(p_train.min()),
            "That is the p of the patients who chose the cut: uncorrected, and too good.",
        ),
        "larger_of_both": Misconception(
            lambda p_train, p_test: float(max(p_train.min(), p_test[p_train.argmin()])),
            "You report the larger of the two p-values of the cut. The test half alone judges, "
            "also where it happens to do better.",
        ),
    },
)


# ---- a thought -----------------------------------------------------------------------------

poster = ThoughtQuestion(
    title="A poster",
    points=3,
    rubric=(
        "1 point: the cut was searched (and among 40 features), so p = 0.004 is not the chance of "
        "a false alarm; at n = 60 such a search finds p < 0.05 in about nine useless studies of "
        "ten. 1 point: the groups look into the future: whoever has a change between two scans "
        "has lived until the second; asks for a landmark at the second scan. 1 point: asks for "
        "something that would settle it — new patients with the cut fixed, or a shuffle of the "
        "whole search — or for medians with censoring (numbers at risk, interval) in place of "
        "mean ± SD of observed times. No points for 'the sample is too small' alone."
    ),
    see="How often is nothing something?",
    hints=(
        "How many searches are hidden in the words 'best' and 'optimal'?",
        "What must a patient have done to have a *change* between two scans? And where did the "
        "patients go who are still alive?",
    ),
)

progress = Unit(__name__).progress
