"""Which hospitals report in another unit?"""

import numpy as np

from mlmi_course.checks import Case, asks


def _factors(
    values, hospitals, *, log=True, centre=np.median, known=(10.0, 0.1, 25.4, 1 / 25.4), others=True
):
    values, hospitals = np.asarray(values, float), np.asarray(hospitals)
    found = []
    for one in np.unique(hospitals):
        here = hospitals == one
        rest = ~here if others else np.ones_like(here)
        ratio = centre(values[here]) / centre(values[rest])
        candidates = np.array([1.0, *known])
        off = np.abs(np.log(ratio / candidates)) if log else np.abs(ratio - candidates)
        found.append(candidates[off.argmin()])
    return np.array(found)


@asks(
    points=2,
    see="A table from three hospitals",
    tolerance=1e-6,
    hints=(
        "Compare the median of one hospital with the median of all others. Which of the five "
        "factors is nearest?",
        "Near, on a logarithm: 0.1 is as far from 1 as 10 is. `np.abs(np.log(ratio / factors))` "
        "measures that.",
    ),
)
def unit_errors(values, hospitals):
    """Which hospitals use another unit?"""
    return _factors(values, hospitals)


@unit_errors.inputs
def cases(rng):
    def sizes(n, factor):
        return np.round(factor * np.exp(rng.normal(np.log(2.4), 0.35, n)), 4)

    names = rng.permutation(np.arange(1, 6))
    factors = [1, 10.0, 1 / 25.4, 1, 1]
    sample = [
        (name, sizes(int(rng.integers(25, 45)), f)) for name, f in zip(names, factors, strict=True)
    ]
    values = np.concatenate([v for _, v in sample])
    hospitals = np.repeat([n for n, _ in sample], [len(v) for _, v in sample])
    yield Case((values, hospitals), "five hospitals, two of them in another unit")
    wild = sizes(40, 1)
    wild[:6] *= 200.0
    yield Case(
        (np.concatenate([wild, sizes(40, 1), sizes(30, 0.1)]), np.repeat([3, 8, 9], [40, 40, 30])),
        "a hospital with a few absurd values, and one in another unit",
    )
    small = np.concatenate([sizes(40, 1), sizes(35, 0.4), sizes(40, 1), sizes(35, 17.0)])
    yield Case(
        (small, np.repeat([4, 6, 7, 11], [40, 35, 40, 35])),
        "a hospital of small tumours, and one that mixes units",
    )
    yield Case(
        (np.concatenate([sizes(31, 1), sizes(24, 10.0)]), np.repeat([5, 2], [31, 24])),
        "two hospitals only",
    )
    yield Case((np.concatenate([sizes(30, 1), sizes(30, 1)]), np.repeat([2, 1], 30)), "all is well")


unit_errors.variants(
    _factors,
    means=(
        {"centre": np.mean},
        "A few absurd values move your centre. Use the median of each hospital.",
    ),
    differences=(
        {"log": False},
        "You take the factor with the smallest *difference*. Between 0.04, 0.1 and 1 everything is "
        "near; compare logarithms.",
    ),
    inches_unknown=(
        {"known": (10.0, 0.1)},
        "You know 10 and 0.1 only. An inch has 25.4 mm, so 25.4 and 1/25.4 are among the factors.",
    ),
)


@unit_errors.mistake
def turned_round(values, hospitals):
    """Your factors are turned round: 10 means that this hospital's values are ten times too
    large.
    """
    return 1 / _factors(values, hospitals)


@unit_errors.mistake
def plain_ratios(values, hospitals):
    """Those are ratios of medians. Return the *factor* that is nearest to each."""
    values, hospitals = np.asarray(values, float), np.asarray(hospitals)
    return np.array(
        [
            np.median(values[hospitals == k]) / np.median(values[hospitals != k])
            for k in np.unique(hospitals)
        ]
    )


@unit_errors.mistake
def one_for_each_row(values, hospitals):
    """You return a factor for each row. Return one for each hospital, in the order of their
    numbers.
    """
    hospitals = np.asarray(hospitals)
    place = np.unique(hospitals, return_inverse=True)[1]
    return _factors(values, hospitals)[place]


@unit_errors.mistake
def overall_median(values, hospitals):
    """You compare with the median of *all* patients, this hospital's own included. Compare with
    those of the other hospitals.
    """
    return _factors(values, hospitals, others=False)


@unit_errors.mistake
def relative_difference(values, hospitals):
    """You take the smallest relative difference. From 1 to 0.1 that is 0.9, and from 1 to 10 it is
    9: compare logarithms, where both are equally far.
    """
    values, hospitals = np.asarray(values, float), np.asarray(hospitals)
    factors, found = np.array([1, 10, 0.1, 25.4, 1 / 25.4]), []
    for one in np.unique(hospitals):
        ratio = np.median(values[hospitals == one]) / np.median(values[hospitals != one])
        found.append(factors[np.abs(1 - ratio / factors).argmin()])
    return np.array(found)
