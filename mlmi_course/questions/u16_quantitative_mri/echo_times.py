"""Choose echo times for a T2, within a given time."""

from functools import lru_cache

import numpy as np

from mlmi_course.checks import ModelQuestion

_SIGMA = 1 / 60


def _bound(te, t2):
    """Cramér–Rao bound of T2 for each column of times, M0 = 1 unknown, σ = 1."""
    e = np.exp(-te / t2)
    a, b, c = (e * e).sum(), (e * e * te).sum() / t2**2, (e * e * te * te).sum() / t2**4
    return np.sqrt(a / (a * c - b * b)) if a * c - b * b > 1e-12 * a * c else np.inf


@lru_cache(maxsize=500)
def _best(t2, first, dead, budget):
    """The smallest bound of two echo times, the first as short as possible, by trying all."""
    best = np.inf, ()
    for n2 in range(1, 80):
        for te2 in np.arange(first + 4, first + 3 * t2, 2.0):
            n1 = int((budget - n2 * (te2 + dead)) // (first + dead))
            if n1 < 1:
                break
            u, v = np.exp(-2 * first / t2), np.exp(-2 * te2 / t2)
            square = (n1 * u + n2 * v) * t2**4 / (n1 * n2 * u * v * (te2 - first) ** 2)
            if square < best[0]:
                best = square, (n1, n2, te2)
    return float(np.sqrt(best[0])), best[1]


def _plan(row, how):
    t2, first, dead, budget = (float(v) for v in row)
    if how == "best":
        n1, n2, te2 = _best(t2, first, dead, budget)[1]
        return [first] * n1 + [float(te2)] * n2
    if how == "equal steps":
        out, te = [], first
        while sum(out) + dead * len(out) + te + dead <= budget:
            out.append(te)
            te += 10
        return out
    second = {
        "one T2": first + t2,
        "textbook": first + 1.28 * t2,
        "two T2": 2 * t2,
        "three": 3 * t2,
    }[how]
    second = max(second, first + 5)
    share = 0.22 if how == "textbook" else 0.5
    per = share * (first + dead) + (1 - share) * (second + dead)
    n1 = max(1, round(share * budget / per))
    n2 = max(1, int((budget - n1 * (first + dead)) // (second + dead)))
    while n1 * (first + dead) + n2 * (second + dead) > budget and n1 > 1:
        n1 -= 1
    return [first] * n1 + [second] * n2


def _protocols(rng):
    """Rows of T2, shortest TE, dead time and budget (ms), and a seed for the noise.

    Dead times from 2 ms to 1.5 s and budgets of three to a dozen echoes: no fixed rule does for
    all.
    """
    rows = []
    for first, dead, echoes in (
        (10, 2, 9), (10, 1500, 5), (45, 2, 8), (12, 25, 3.2), (8, 400, 3.2), (30, 900, 7), (5, 8,
        10),
    ):  # fmt: skip
        t2 = 80.0 if first in (10, 12) else float(rng.integers(45, 130))
        pair = (first + dead) + (first + t2 + dead)
        budget = float(round(pair * echoes / 2 * rng.uniform(0.9, 1.25)))
        rows.append((t2, float(first), float(dead), budget))
    order = rng.permutation(len(rows))
    return np.array(rows)[order], (np.array(rows)[order], int(rng.integers(2**31)))


def _spread(te, t2, rng, fits=6000):
    """Standard deviation of T2 over least-squares fits of fresh signals."""
    te, repeats = np.unique(te, return_counts=True)
    clean = np.exp(-te / t2)
    signals = clean + rng.normal(size=(fits, len(te))) * _SIGMA / np.sqrt(repeats)
    found, m0 = np.full(fits, t2), np.ones(fits)
    for _ in range(4):  # Gauss and Newton, from the truth
        e = np.exp(-te / found[:, None])
        j1, j2 = e, m0[:, None] * e * te / found[:, None] ** 2
        rest = signals - m0[:, None] * e
        a, b, c = ((repeats * p * q).sum(axis=1) for p, q in ((j1, j1), (j1, j2), (j2, j2)))
        g1, g2 = (repeats * j1 * rest).sum(axis=1), (repeats * j2 * rest).sum(axis=1)
        det = np.maximum(a * c - b * b, 1e-300)
        m0 = m0 + (c * g1 - b * g2) / det
        found = np.clip(found + (a * g2 - b * g1) / det, t2 / 4, 4 * t2)
    return float(found.std())


def _score(truth, plans):
    """Mean over the protocols: smallest possible standard deviation over the one that comes out."""
    rows, seed = truth
    rng = np.random.default_rng(seed)
    if not hasattr(plans, "__len__") or len(plans) != len(rows):
        raise ValueError(f"there are {len(rows)} protocols, so return a list of {len(rows)} lists")
    shares = []
    for number, (row, plan) in enumerate(zip(rows, plans, strict=True)):
        t2, first, dead, budget = row
        te = np.asarray(plan, float).ravel()
        if not len(te) or not np.isfinite(te).all():
            raise ValueError(f"protocol {number} has no echo times")
        if te.min() < first - 1e-6:
            raise ValueError(
                f"protocol {number}: the shortest TE is {first:g} ms, and yours is {te.min():g}"
            )
        cost = te.sum() + dead * len(te)
        if cost > budget + 1e-6:
            raise ValueError(
                f"protocol {number}: your echoes take {cost:.0f} ms, and there are {budget:.0f}"
            )
        if np.ptp(te) < 1e-6:
            shares.append(0.0)
            continue
        best = _best(t2, first, dead, budget)[0] * _SIGMA
        with np.errstate(all="ignore"):  # a TE of ten T2 leaves nothing to fit
            share = best / _spread(te, t2, rng)
        shares.append(min(share, 1.03) if np.isfinite(share) else 0.0)
    return float(np.floor(1000 * np.mean(shares)) / 1000)


echo_times = ModelQuestion(
    title="Echo times for a T2",
    points=5,
    draw=_protocols,
    metric=_score,
    # The best plan of two times reaches 1.00 on average, 0.99 to 1.01; a search in steps of 5 ms
    # the same.  30 % early and 70 % at T2 after the first, whatever the protocol, gives 0.96, half
    # and half 0.88, the textbook's 1.28 T2 0.91, equal steps 0.75.
    threshold=0.985,
    noise=0.0,  # nothing is trained
    chance=0.96,
    of="protocols",
    see="T2 by a straight line",
    hints=(
        "Two unknowns need two different echo times at least: one as early as possible, one where "
        "T2 has changed the signal and left some of it. Write the bound as a function of a list of "
        "times first.",
        "Late echoes cost more time than early ones, so the best second time depends on the dead "
        "time. Let the computer try: for every second time in steps of a few ms, and every "
        "number of "
        "late echoes, fill the rest of the budget with early ones.",
        "Keep the plan with the smallest bound: three nested loops, over the protocols, the second "
        "time (from first + 5 to first + 3 T2) and the number of late echoes.",
    ),
)


@echo_times.mistake
def equal_steps(protocols):
    """Equal steps spend much of the time on echoes that tell little: neither early enough for M0,
    nor where T2 shows most. Compute the bound for a plan of two times, and compare.
    """
    return [_plan(row, "equal steps") for row in protocols]


@echo_times.mistake
def late(protocols):
    """At twice T2 there is little signal left, and each such echo takes long. Try earlier ones, and
    let the bound decide.
    """
    return [_plan(row, "two T2") for row in protocols]


@echo_times.mistake
def rule_of_thumb(protocols):
    """Half early and half at T2 is a good rule for one protocol and not for all: where the dead
    time is
    long, late echoes are hardly dearer than early ones. Let the numbers of the protocol decide.
    """
    return [_plan(row, "one T2") for row in protocols]


@echo_times.mistake
def textbook(protocols):
    """A second echo 1.28 T2 after the first, with 78 % of the echoes, is best where every echo
    costs the
    *same*. Here a late one takes longer.
    """
    return [_plan(row, "textbook") for row in protocols]
