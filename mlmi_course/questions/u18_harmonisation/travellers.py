"""Travelling people, or statistics?"""

import numpy as np

from mlmi_course.checks import Case, asks


def _plan(
    here,
    there,
    people,
    scan,
    gap,
    slope,
    adjusted,
    limit,
    most,
    *,
    bias=True,
    sloped=True,
    spread=2,
    strict=False,
    squares=True,
    both=True,
    up=True,
    budget=True,
):
    noise = people**spread * (1 / here + 1 / there)
    off = (slope if sloped else 1) * gap if bias and not adjusted else 0.0
    wrong = np.sqrt(noise + off**2) if squares else np.sqrt(noise) + abs(off)
    if wrong <= limit:
        return 0
    needed = (2 if both else 1) * scan**2 / limit**2
    m = int(np.ceil(needed - 1e-9)) if up else round(needed)
    m = max(m, 1)
    return -1 if budget and (m >= most if strict else m > most) else m


@asks(
    points=3,
    see="A hospital that is new",
    hints=(
        "First the statistics: how far off is the difference of the two means? Luck and the gap "
        "in age "
        "add as squares; the gap counts only where it is not adjusted.",
        "Each traveller is in both scanners, and each scan has its own error: the variance of the "
        "mean "
        "difference of $m$ is $2 s^2 / m$.",
        "Solve $2 s^2 / m \\le L^2$ for $m$ and round up. Compare with the most that can travel.",
    ),
)
def travellers(here, there, people, scan, gap, slope, adjusted, limit, most):
    """Travellers or statistics?"""
    return _plan(here, there, people, scan, gap, slope, adjusted, limit, most)


@travellers.inputs
def cases(rng):
    def hospital(about, **changed):
        given = {
            "here": int(rng.integers(70, 90)), "there": int(rng.integers(70, 90)), "people": 1.0,
            "scan": 0.3, "gap": 0.0, "slope": 0.3, "adjusted": False, "limit": 0.25, "most": 20,
        }  # fmt: skip
        return Case(tuple((given | changed).values()), about)

    age = float(rng.uniform(1.4, 1.8))
    yield hospital("patients enough, alike in age")
    yield hospital("few patients there", there=int(rng.integers(7, 10)), limit=0.2)
    yield hospital("a gap in age that is not adjusted", gap=age)
    yield hospital("a gap in age that is adjusted", gap=age, adjusted=True)
    yield hospital("nearly enough", there=40, here=40, gap=0.36, limit=0.252, scan=0.52)
    yield hospital("a noisy measurement", scan=0.5, limit=0.1, most=30)
    yield hospital("a noisy measurement, and more who can travel", scan=0.5, limit=0.1, most=60)
    yield hospital("a gap the other way", gap=-2.0, scan=0.4, limit=0.17)
    yield hospital("people who differ more", people=1.5, limit=0.2)
    yield hospital("people who differ less", people=0.5, here=20, there=20, limit=0.17)
    yield hospital("a gap that matters little", gap=1.5, slope=0.05)
    yield hospital("many here, some there", here=400, there=18, limit=0.24)
    yield hospital("many here, enough there", here=400, there=18, limit=0.245)
    yield hospital("just as many as can travel", there=9, scan=0.5, limit=0.25, most=8)
    yield hospital("one is enough", there=9, scan=0.12, limit=0.25)


travellers.variants(
    _plan,
    no_bias=(
        {"bias": False},
        "A gap in age that is not adjusted does not get smaller with more patients: it is part of "
        "the "
        "difference of the means.",
    ),
    slope_forgotten=(
        {"sloped": False},
        "The gap is in decades. What it does to the feature is slope × gap.",
    ),
    not_squared=(
        {"spread": 1},
        "The variance of a mean is $s_p^2 / n$: the spread between people is squared.",
    ),
    fewer_than_most=(
        {"strict": True},
        "If exactly as many are needed as can travel, the plan works.",
    ),
    added_up=(
        {"squares": False},
        "Luck and the gap add as squares, under one root.",
    ),
    one_scan=(
        {"both": False},
        "Each traveller is scanned twice, and both scans have an error: $2 s^2 / m$.",
    ),
    rounded=(
        {"up": False},
        "You rounded to the nearest number. With fewer than needed the limit is missed: round up.",
    ),
    over_budget=(
        {"budget": False},
        "More people than can travel are no plan: answer −1.",
    ),
)
