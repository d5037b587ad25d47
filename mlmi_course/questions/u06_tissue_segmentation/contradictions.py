"""Can these four be means over the same cases?"""

import numpy as np

from mlmi_course.checks import Case, asks

_HALF = 0.0005


def _broken(p, r, ro, si, *, half=_HALF, mean="harmonic", flip=(), only=("A", "B", "C")):
    found = []
    middle = {
        "harmonic": lambda a, b: 2 * a * b / (a + b),
        "arithmetic": lambda a, b: (a + b) / 2,
        "smaller": min,
    }[mean]
    a = si - half > middle(p + half, r + half) + 1e-12
    low = si - half
    b = ro + half < low / (2 - low) - 1e-12
    c = ro - half > si + half + 1e-12
    if "A" in flip:
        a = si + half < middle(p - half, r - half) - 1e-12
    if "A=" in flip:
        a = abs(si - middle(p, r)) > 2 * half
    if "B" in flip:
        high = si + half
        b = ro - half > high / (2 - high) + 1e-12
    if "B=" in flip:
        b = abs(ro - si / (2 - si)) > 2 * half
    for letter, holds in (("A", a), ("B", b), ("C", c)):
        if holds and letter in only:
            found.append(letter)
    return "".join(found)


@asks(
    points=3,
    see="Where in the head?",
    hints=(
        "Make up cases: draw a few hundred pairs of P and R, compute RO and SI of each, and take "
        "the means. Is the mean of SI above or below $2 \\bar P \\bar R / (\\bar P + \\bar R)$? Is "
        "the mean of RO above or below $\\overline{SI} / (2 - \\overline{SI})$? Always?",
        "A curve that bends upwards ($s / (2 - s)$ does) has a mean above the curve at the mean. "
        "The harmonic mean bends downwards.",
        "Rounding: give the authors the benefit. Increase what is too small by 0.0005, decrease "
        "what is too large, and only then compare.",
    ),
)
def contradictions(p, r, ro, si):
    """Can these be means over the same cases?"""
    return _broken(p, r, ro, si)


def _means(rng, n=40, spread=0.08):
    """Honest means of made-up cases."""
    p = np.clip(rng.normal(rng.uniform(0.7, 0.9), spread, n), 0.05, 1)
    r = np.clip(rng.normal(rng.uniform(0.7, 0.9), spread, n), 0.05, 1)
    si = 2 * p * r / (p + r)
    return [float(np.round(x.mean(), 3)) for x in (p, r, si / (2 - si), si)]


@contradictions.inputs
def cases(rng):
    yield Case(tuple(_means(rng, spread=0.12)), "honest means")
    same = float(np.round(rng.uniform(0.75, 0.9), 3))
    ro = float(np.round(same / (2 - same), 3))
    yield Case((same, same, ro, same), "all cases alike")
    p, r, ro, si = _means(rng)
    yield Case((p, r, round(ro + 0.03, 3), round(max(p, r) + 0.02, 3)), "SI above P and R")
    p, r, ro, si = _means(rng)
    yield Case((p, r, round(si / (2 - si) - 0.02, 3), si), "RO small for its SI")
    p, r, ro, si = _means(rng)
    yield Case((p, r, round(si + 0.02, 3), si), "RO above SI")
    low, high = 0.5 + rng.uniform(0, 0.05), 0.9 + rng.uniform(0, 0.05)
    p, r = float(np.round(low, 3)), float(np.round(high, 3))
    si = float(np.round(2 * p * r / (p + r) + 0.02, 3))  # below (P + R) / 2
    yield Case((p, r, float(np.round(si / (2 - si) + 0.02, 3)), si), "P and R far apart")
    p, r, si = 0.8, 0.8, float(np.round(rng.uniform(0.6, 0.7), 3))
    yield Case((p, r, float(np.round(si / (2 - si) + 0.05, 3)), si), "SI well below P and R")
    for low, high, about in (
        (0.00055, 0.00085, "SI a little above, as rounding may do"),
        (0.00115, 0.0018, "SI a little more above than rounding may do"),
    ):
        above = 0.0
        while not low < above < high:
            p, r = (float(np.round(x, 3)) for x in rng.uniform(0.75, 0.9, 2))
            middle = 2 * p * r / (p + r)
            si = float(np.round(np.ceil(1000 * middle) / 1000 + (0.001 if low > 0.001 else 0), 3))
            above = si - middle
        yield Case((p, r, float(np.round(si / (2 - si) + 0.004, 3)), si), about)
    for low, high, about in (
        (0.0009, 0.0011, "RO a little small, as rounding may do"),
        (0.0016, 0.0022, "RO a little smaller than rounding may do"),
    ):
        below = 0.0
        while not low < below < high:
            si = float(np.round(rng.uniform(0.75, 0.85), 3))
            at = si / (2 - si)
            ro = float(np.round(np.floor(1000 * at) / 1000 - rng.integers(2) * 0.001, 3))
            below = at - ro
        p = float(np.round(si + rng.uniform(0.02, 0.05), 3))
        yield Case((p, p, ro, si), about)


contradictions.variants(
    _broken,
    no_rounding=(
        {"half": 0.0},
        "A difference of one in the last digit may be rounding: each mean lies within 0.0005 of "
        "what is printed.",
    ),
    half_of_the_rounding=(
        {"half": 0.00025},
        "Both sides of a comparison were rounded: the printed SI *and* P and R, or RO, each by up "
        "to 0.0005.",
    ),
    generous=(
        {"half": 0.003},
        "You forgive more than rounding can do. Each mean lies within 0.0005 of what is printed.",
    ),
    equalities_a=(
        {"flip": ("A=",)},
        "You demand that SI *equals* the harmonic mean of the means. That holds for each case; of "
        "means one direction is left.",
    ),
    equalities_b=(
        {"flip": ("B=",)},
        "You demand that RO *equals* SI / (2 − SI). That holds for each case; of means one "
        "direction is left.",
    ),
    wrong_way_a=(
        {"flip": ("A",)},
        "Rule A has the wrong direction. Cases whose P and R differ pull the mean of SI *down*: it "
        "may be far below, and never above.",
    ),
    wrong_way_b=(
        {"flip": ("B",)},
        "Rule B has the wrong direction. $s/(2-s)$ bends upwards, so cases that differ pull the "
        "mean of RO *up*.",
    ),
    arithmetic=(
        {"mean": "arithmetic"},
        "You compare with a mean that is too large, such as (P + R) / 2. That is true, but not "
        "sharp: the mean of SI cannot even exceed the *harmonic* mean of the two means.",
    ),
    smaller_of_both=(
        {"mean": "smaller"},
        "SI lies *between* P and R in each case, so it may exceed the smaller of them.",
    ),
    only_a=({"only": ("A",)}, "You test the first rule only. RO is to be compared with SI too."),
)
