"""What happens to a number, and why?"""

from functools import cache

import numpy as np
from scipy.stats import rankdata

from mlmi_course.checks import asks_value

_WHY = {"A": "b", "B": "d", "C": "a", "D": "f", "E": "c"}


def _area(ill, healthy):
    ranks = rankdata(np.concatenate([ill, healthy]))[: len(ill)]
    return (ranks.sum() - len(ill) * (len(ill) + 1) / 2) / (len(ill) * len(healthy))


def _wait(first, rng_arrive, minutes):
    """Mean wait of each patient where all of `first` go before the others."""
    free, waits, waiting, coming = 0.0, np.empty(len(minutes)), [], 0
    for _ in minutes:
        if not waiting:
            free = max(free, rng_arrive[coming])
        while coming < len(minutes) and rng_arrive[coming] <= free:
            waiting.append((not first[coming], coming))
            coming += 1
        waiting.sort()
        one = waiting.pop(0)[1]
        waits[one] = free - rng_arrive[one]
        free += minutes[one]
    return waits


@cache
def _numbers():
    """Before and after, of each of the five."""
    rng = np.random.default_rng(19)
    ill, healthy = rng.normal(1.5, 1, 4000), rng.normal(0, 1, 4000)
    cut = np.quantile(healthy, 0.9)
    sensitivity = (ill > cut).mean()

    def negative(p):
        return (1 - p) * 0.9 / ((1 - p) * 0.9 + p * (1 - sensitivity))

    clear = (ill > 0.5, healthy < 1)
    arrive = np.cumsum(rng.exponential(6, 4000))
    minutes = rng.gamma(4, 5.4 / 4, 4000)
    urgent = rng.random(4000) < 0.1
    in_turn = _wait(np.zeros(4000, bool), arrive, minutes)
    everybody = _wait(np.ones(4000, bool), arrive, minutes)
    noisy = healthy + rng.normal(0, 0.7, 4000)
    return {
        "A": (negative(0.2), negative(0.02)),
        "B": (_area(ill, healthy), _area(ill[clear[0]], healthy[clear[1]])),
        "C": (in_turn[urgent].mean(), everybody[urgent].mean()),
        "D": (0.9, (noisy <= cut).mean()),
        "E": (1 - 0.95**10, 1 - 0.95**20),
    }


def _direction(case):
    """Measure it: a change of less than a hundredth is none."""
    before, after = _numbers()[case]
    share = after / before - 1
    return "same" if abs(share) < 0.01 else "up" if share > 0 else "down"


@asks_value(
    points=3,
    see="Who was in the study?",
    hints=(
        "For each: who changes places? In A, look at those who are *not* called. In B, ask which "
        "pairs of one ill and one healthy person are left.",
        "In C, everybody stands in the first queue. In D, the cut stays where it was while the "
        "scores of the healthy spread. In E, think of one test after the other.",
        "Of those not called, the ill are the missed. With ten times fewer ill there are ten "
        "times fewer missed.",
    ),
)
def what_happens():
    """What happens to the number, and why?"""
    return {case: f"{_direction(case)} {why}" for case, why in _WHY.items()}


def _with(**other):
    return lambda: what_happens.right() | other


for _name, _case, _given, _says in (
    (
        "as_the_ppv",
        "A",
        "down b",
        "In A you think of those who are *called*: their predictive value falls. Here we ask for "
        "those who are not called.",
    ),
    (
        "prevalence_is_order",
        "A",
        "same a",
        "In A the order of the patients stays, and so does the AUC. But a predictive value is a "
        "share among those who are (not) called, and their mixture changes.",
    ),
    (
        "more_alarms",
        "A",
        "up c",
        "The direction of A is right. But it is no matter of more chances: who is among the "
        "uncalled?",
    ),
    (
        "fewer_patients",
        "B",
        "down e",
        "In B there are fewer patients, but an AUC is a share of pairs. *Which* pairs are gone?",
    ),
    (
        "doubtful_do_not_matter",
        "B",
        "same a",
        "In B it matters which patients go. The doubtful ones are those whose scores lie close "
        "together.",
    ),
    (
        "program_helps",
        "C",
        "down b",
        "In C the urgent are called, as they should be. But so are all others: whom do they "
        "overtake?",
    ),
    (
        "program_harms",
        "C",
        "up c",
        "In C everybody is called. Who is before an urgent patient that was not before her "
        "without the program?",
    ),
    (
        "cut_keeps_it",
        "D",
        "same a",
        "In D the cut is the same *number*. The scores of the healthy are not: noise carries some "
        "over the cut.",
    ),
    (
        "noise_hides",
        "D",
        "up f",
        "In D the reason fits, but look at the direction: specificity counts the healthy who stay "
        "*below* the cut.",
    ),
    (
        "each_is_honest",
        "E",
        "same a",
        "In E each single test keeps its 5 %. The chance that *at least one* of them errs does "
        "not.",
    ),
):
    what_happens.knows(_name, _with(**{_case: _given}), _says)


@what_happens.picture
def draw_answer(answer):
    from mlmi_course import plots

    names = {
        "A": "A negative predictive value",
        "B": "B AUC",
        "C": "C minutes (a fiftieth)",
        "D": "D specificity",
        "E": "E chance of a false finding",
    }
    scale = {case: 0.02 if case == "C" else 1.0 for case in names}
    labels = [f"{name}, {when}" for name in names.values() for when in ("before", "after")]
    values = [scale[case] * number for case in names for number in _numbers()[case]]
    return plots.bars(
        labels,
        [float(value) for value in values],
        xlabel="value",
        title="Five numbers, before and after",
        alt="Five numbers before and after their change.",
    )
