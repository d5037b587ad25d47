"""The C-index of a risk."""

import numpy as np

from mlmi_course.checks import Case, asks
from mlmi_course.questions.u20_survival._shared import TEN, apart, concordance


@asks(
    points=2,
    see="The C-index, and its direction",
    hints=(
        "Two loops over patients i and j are fine. A pair counts if i died, and j was seen alive "
        "after that: on a later day, or on the same day if j was censored on it.",
        "Such a pair is right if `risk[i] > risk[j]`: the higher risk died first. Equal risks "
        "count one half.",
        "Divide the sum by the number of comparable pairs. If there is none, return `np.nan`.",
    ),
)
def c_index(risk, time, event):
    """The C-index of a risk"""
    return concordance(risk, time, event)


@c_index.inputs
def cases(rng):
    time = apart(rng, 9)
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
        (coarse, TEN[0] + np.arange(10), TEN[1]),
        "a risk of three grades: many pairs have equal risks",
    )
    # Day 40: two deaths (not comparable), and one censored (comparable with both).
    days, died = np.array([40, 75, 40, 20, 40, 60]), np.array([1, 0, 0, 1, 1, 1])
    grades = np.array([0.4, 0.2, 0.6, 0.9, 0.7, 0.1])
    yield Case((grades, days, died), "a day on which two die and one is censored")
    yield Case((risk, time, np.ones(9, dtype=int)), "nobody censored")
    yield Case((risk, time, np.zeros(9, dtype=int)), "nobody died: no pair is comparable")


c_index.knows(
    "reversed",
    lambda risk, time, event: 1 - concordance(risk, time, event),
    "The direction is reversed: you have 1 − C. Here a higher *risk* means an earlier "
    "death. (The function of lifelines wants a score that is higher for a longer life.)",
)


c_index.variants(
    concordance,
    equal_times_left_out=(
        {"pairs": "apart"},
        "All pairs with equal times are left out. One kind of them counts here: if one died "
        "on the day on which the other was censored, the censored one lived longer.",
    ),
    equal_times_all_in=(
        {"pairs": "same day"},
        "You also count two who died on the same day. Nobody died first, so nobody can be "
        "ranked rightly: leave them out.",
    ),
    paired_with_herself=(
        {"pairs": "with herself"},
        "With `<=` every patient who died makes a pair with herself, and two who died on one "
        "day make a pair too. Neither is comparable.",
    ),
    equal_risks_left_out=(
        {"tie": -1.0},
        "Pairs with equal risks are left out. They are comparable: they count one half, and "
        "stay in the number of pairs.",
    ),
    half_without_pairs=(
        {"none": 0.5},
        "Without a comparable pair nothing was measured, and 0.5 would be a claim. Return "
        "`np.nan`.",
    ),
    zero_without_pairs=(
        {"none": 0.0},
        "Without a comparable pair nothing was measured, and 0 would be a claim. Return `np.nan`.",
    ),
    pairs_not_comparable=(
        {"pairs": "all"},
        "You count pairs that cannot be compared. If the one with the shorter time was "
        "censored, nobody knows who died first.",
    ),
)


@c_index.mistake
def events_ignored(risk, time, event):
    """You do not look at `event`, so every time counts as a death. Of two patients the one with
    the shorter time must have *died*, or nobody knows who lived longer.
    """
    return concordance(risk, time, np.ones(len(event), dtype=int))


c_index.variants(
    concordance,
    both_must_die=(
        {"pairs": "both"},
        "You use only pairs in which both died. If one died and the other was still watched "
        "later, you know who died first: the pair counts.",
    ),
    equal_risks_wrong=(
        {"tie": 0.0},
        "Equal risks count as wrong. A model that cannot decide is as good as a coin: one half.",
    ),
    equal_risks_right=(
        {"tie": 1.0},
        "Equal risks count as right. Then a model that gives everybody the same risk is "
        "perfect. They count one half.",
    ),
)
