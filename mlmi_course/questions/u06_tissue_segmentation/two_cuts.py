"""Otsu's method with three classes, on a histogram."""

import numpy as np

from mlmi_course.checks import Case, asks


def _cuts(counts, centres, *, weighted=True, around=True, squared=True, one_by_one=False):
    counts, centres = np.asarray(counts, float), np.asarray(centres, float)
    n = np.concatenate([[0.0], np.cumsum(counts)])
    s = np.concatenate([[0.0], np.cumsum(counts * centres)])

    def part(a, b):
        size = n[b] - n[a]
        if size == 0:
            return -np.inf
        mean = (s[b] - s[a]) / size
        weight = size if weighted else 1.0
        return (
            weight * (mean - s[-1] / n[-1]) ** 2 if squared else weight * abs(mean - s[-1] / n[-1])
        )

    bins = len(counts)
    if one_by_one:  # the best single cut, then the best cut beside it
        first = max(range(1, bins), key=lambda i: part(0, i) + part(i, bins))
        second = max(
            (k for k in range(1, bins) if k != first),
            key=lambda k: sum(
                part(a, b)
                for a, b in zip((0, *sorted((first, k))), (*sorted((first, k)), bins), strict=True)
            ),
        )
        i, j = sorted((first, second))
    else:
        i, j = max(
            ((i, j) for i in range(1, bins - 1) for j in range(i + 1, bins)),
            key=lambda pair: part(0, pair[0]) + part(pair[0], pair[1]) + part(pair[1], bins),
        )
    return [float(centres[i - 1]), float(centres[j - 1])]


def _upper(counts, centres):
    centres = list(centres)
    low, high = _cuts(counts, centres)
    return [centres[centres.index(low) + 1], centres[centres.index(high) + 1]]


@asks(
    points=3,
    see="One number a pixel",
    hints=(
        "The variance between classes is $\\sum_c n_c (\\mu_c - \\mu)^2$, with the mean $\\mu$ of "
        "everything. Try all pairs of cuts: with 40 bins there are fewer than 800.",
        "With cumulated sums of the counts, and of counts times centres, the number and the mean "
        "of any stretch of bins are two differences.",
        "Leave out pairs for which one of the three classes would be empty.",
    ),
)
def two_cuts(counts, centres):
    """Otsu with three classes"""
    return _cuts(counts, centres)


@two_cuts.inputs
def cases(rng):
    def drawn(bins, means, sizes):
        values = np.concatenate([rng.normal(m, 18, s) for m, s in zip(means, sizes, strict=True)])
        counts, edges = np.histogram(values, bins)
        return counts, ((edges[1:] + edges[:-1]) / 2).round(3)

    yield Case(drawn(40, (90, 200, 290), (400, 900, 800)), "three tissues")
    yield Case(drawn(36, (80, 190, 300), (60, 1500, 500)), "little fluid")
    counts, centres = drawn(40, (60, 210, 330), (500, 800, 600))
    counts[:2] = 0
    yield Case((counts, centres), "with empty bins")


two_cuts.variants(
    _cuts,
    not_weighted=(
        {"weighted": False},
        "You do not weigh the classes with their numbers of pixels, so a handful of extreme pixels "
        "becomes a class.",
    ),
    one_after_the_other=(
        {"one_by_one": True},
        "You kept the best single cut and looked for a second one. The best pair need not contain "
        "the best single cut: try all pairs.",
    ),
    not_squared=(
        {"squared": False},
        "Distances of the means count squared.",
    ),
)


@two_cuts.mistake
def bin_above(counts, centres):
    """Your cuts are the first bins of the upper classes. Return the centre of the *last* bin of the
    lower class, as scikit-image does, so that `value > cut` is above.
    """
    return _upper(counts, centres)
