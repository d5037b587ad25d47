"""Shrinkage across hospitals."""

import numpy as np

from mlmi_course.checks import Case, asks


def _league(means, sizes, sd, *, noise="out", floor=True, weight="right", centre="patients"):
    means, sizes = np.asarray(means, float), np.asarray(sizes, float)
    middle = {
        "patients": np.average(means, weights=sizes),
        "hospitals": means.mean(),
        "zero": 0.0,
    }[centre]
    own = sd**2 / sizes
    tau2 = means.var(ddof=1) - (own.mean() if noise == "out" else 0.0)
    if floor:
        tau2 = max(tau2, 0.0)
    keep = {
        "right": tau2 / (tau2 + own),
        "turned": own / (tau2 + own),
        "alike": np.full(len(means), tau2 / (tau2 + own.mean())),
    }[weight]
    return middle + keep * (means - middle)


@asks(
    points=3,
    see="Shrinkage",
    hints=(
        "Here the hospitals are what the features were in the lecture: many estimates of one "
        "kind, each "
        "with its own luck.",
        "The variance of the means is true variance *plus* luck, so subtract the mean of $s^2 / "
        "n_i$; what "
        "would be negative is 0.",
        "Weight of a hospital's own mean: $\\tau^2 / (\\tau^2 + s^2 / n_i)$; the rest goes to the "
        "mean of "
        "all patients.",
    ),
    tolerance=1e-6,
)
def league(means, sizes, sd):
    """A league table of hospitals"""
    return _league(means, sizes, sd)


@league.inputs
def cases(rng):
    def hospitals(k, spread, sd):
        sizes = np.concatenate([rng.integers(4, 12, k // 2), rng.integers(40, 200, k - k // 2)])
        means = 30 + rng.normal(0, spread, k) + rng.normal(0, sd, k) / np.sqrt(sizes)
        return means.round(3), sizes, sd

    yield Case(hospitals(16, 3.0, 8.0), "sixteen hospitals that differ")
    yield Case(hospitals(10, 1.5, 5.0), "ten hospitals")
    sizes = np.array([5, 6, 7, 80, 90])
    yield Case(
        ((30 + rng.uniform(-0.2, 0.2, 5)).round(3), sizes, 8.0),
        "hospitals that differ less than luck would",
    )


league.variants(
    _league,
    luck_counted=(
        {"noise": "in"},
        "The means vary by luck, too. What is left when the mean of $s^2 / n_i$ is taken out is "
        "the true "
        "variance.",
    ),
    negative=(
        {"floor": False},
        "Your true variance can be negative, and then hospitals change places. It is 0 at least.",
    ),
    turned_round=(
        {"weight": "turned"},
        "Your weights are turned round: a hospital with many patients should keep its own mean.",
    ),
    all_alike=(
        {"weight": "alike"},
        "You draw all hospitals in by the same share. One with five patients has more luck in its "
        "mean than "
        "one with two hundred.",
    ),
    mean_of_hospitals=(
        {"centre": "hospitals"},
        "You draw towards the mean of the hospitals, each counted once. The statement asks for "
        "the mean of "
        "all patients.",
    ),
)
