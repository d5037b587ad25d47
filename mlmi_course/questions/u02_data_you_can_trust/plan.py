"""How many readers and how many cases for a κ that is known to ± 0.1?"""

from functools import cache
from math import comb

import numpy as np

from mlmi_course.checks import ModelQuestion

_SENSITIVITY, _SPECIFICITY = 0.85, 0.90
_READERS = tuple(range(2, 9))
_READING = 20.0  # euros for one reading
_WIDE = 0.11  # a simulation has noise of its own
_PREVALENCES = (0.02, 0.05, 0.10, 0.20, 0.50)
_PRICES = (0.0, 60.0, 400.0)


@cache
def _spread(readers, prevalence):
    """Standard deviation of κ, times the square root of the number of cases (delta method)."""
    yes = np.arange(readers + 1)
    ways = np.array([comb(readers, int(k)) for k in yes])

    def votes(p):
        return ways * p**yes * (1 - p) ** (readers - yes)

    mass = prevalence * votes(_SENSITIVITY) + (1 - prevalence) * votes(1 - _SPECIFICITY)
    disagree = 2 * yes * (readers - yes) / (readers * (readers - 1))
    share = yes / readers
    d, p = mass @ disagree, mass @ share
    g, slope = 2 * p * (1 - p), 2 * (1 - 2 * p)
    influence = -(disagree - d) / g + d * slope / g**2 * (share - p)
    return float(np.sqrt(mass @ influence**2))


def _half_width(readers, cases, prevalence):
    return 1.96 * _spread(readers, prevalence) / np.sqrt(cases)


def _needed(readers, prevalence, half_width=0.1, times=1.96):
    return int(np.ceil((times * _spread(readers, prevalence) / half_width) ** 2))


def _cost(readers, cases, price):
    return cases * (price + _READING * readers)


def _cheapest(prevalence, price, readers=_READERS, **other):
    plans = [(r, _needed(r, prevalence, **other)) for r in readers]
    return min(plans, key=lambda plan: _cost(*plan, price))


def _draw(rng):
    rows = np.array([[p, c] for p in _PREVALENCES for c in _PRICES])
    rows = rows[rng.permutation(len(rows))]
    return rows, rows


def _worth(rows, plans):
    """Mean of cheapest cost over yours, and 0 where κ would not be known to ± 0.1."""
    plans = np.asarray(plans, float)
    if plans.shape != (len(rows), 2):
        raise ValueError(
            f"a plan needs one row [readers, cases] for each of {len(rows)} studies, "
            f"got shape {plans.shape}"
        )
    total = 0.0
    for (prevalence, price), (readers, cases) in zip(rows, plans, strict=True):
        allowed = readers == int(readers) and int(readers) in _READERS and cases >= 2
        if allowed and _half_width(int(readers), cases, prevalence) <= _WIDE:
            best = _cost(*_cheapest(prevalence, price), price)
            total += min(1.0, best / _cost(readers, cases, price))
    return total / len(rows)


plan = ModelQuestion(
    title="How many readers, how many cases?",
    points=4,
    draw=_draw,
    metric=_worth,
    # Exact plans score 1. The solution, which simulates, scores 0.993 on average over eight of its
    # seeds, with a standard deviation of 0.003; one number of readers for all studies 0.91 at best,
    # 3 or 8 by the price 0.966, and an optimum for readings that cost a twentieth 0.973.
    threshold=0.98,
    noise=0.003,
    chance=0.91,
    of="studies",
    see="Yes or no: κ",
    hints=(
        "For each prevalence and each number of readers from 2 to 8, `needed` tells the cases. "
        "There are 35 such pairs: compute each of them once, not once for each study.",
        "The cost of a plan is cases × (price + 20 × readers). Take the cheapest of the seven for "
        "each study.",
        "`costs = [n * (price + 20 * r) for r, n in enumerate(cases, 2)]`, and the best number of "
        "readers is `np.argmin(costs) + 2`.",
    ),
)


def _planned(**other):
    def answer(rows):
        return np.array([_cheapest(p, c, **other) for p, c in np.asarray(rows)])

    return answer


plan.knows(
    "two_readers",
    _planned(readers=(2,)),
    "You always take two readers. Their number of cases is right, but where a case is dear, a "
    "third and a fourth reading of it is cheaper than another case.",
)
plan.knows(
    "eight_readers",
    _planned(readers=(8,)),
    "You always take eight readers. Where cases are cheap, a reading costs more than a case.",
)
plan.knows(
    "one_standard_error",
    _planned(times=1.0),
    "Your intervals are too wide: ± 0.1 is 1.96 standard errors of κ, not one.",
)
plan.knows(
    "whole_width",
    _planned(half_width=0.05),
    "You pay four times too much: ± 0.1 is the *half* width of the interval.",
)


@plan.mistake
def one_prevalence(rows):
    """You plan every study as if half of the patients were ill. κ of rare findings is far less
    certain.
    """
    return np.array([_cheapest(0.5, price) for _, price in np.asarray(rows)])


@plan.mistake
def price_forgotten(rows):
    """The number of cases is right for your readers, but you forgot what a case costs. Where cases
    are dear, more readers are cheaper.
    """
    return np.array([_cheapest(p, 0.0) for p, _ in np.asarray(rows)])


@plan.mistake
def a_hundred_cases(rows):
    """Two readers and a hundred cases are a habit, not a plan: nowhere here is κ then known to ±
    0.1.
    """
    return np.tile([2, 100], (len(rows), 1))


@plan.mistake
def cases_first(rows):
    """Your plans are turned round: each row is `[readers, cases]`, in this order."""
    return np.array([_cheapest(p, price)[::-1] for p, price in np.asarray(rows)])


@plan.mistake
def reading_costs_nothing(rows):
    """You forgot the readings: each reader reads every case, for 20 euros."""
    plans = [[(r, _needed(r, p)) for r in _READERS] for p, _ in np.asarray(rows)]
    return np.array([min(of, key=lambda plan: plan[1]) for of in plans])
