"""Normalised mutual information of what both images know."""

import numpy as np

from mlmi_course.checks import Case, asks


def _entropy(p):
    p = p[p > 0]
    return -np.sum(p * np.log(p))


def _nmi(a, b, bins, *, unknown="left out", formula="ratio"):
    a, b = np.asarray(a, float).ravel(), np.asarray(b, float).ravel()
    if unknown == "left out":
        known = np.isfinite(a) & np.isfinite(b)
        a, b = a[known], b[known]
    elif unknown == "zero":
        a, b = np.nan_to_num(a), np.nan_to_num(b)
    else:  # each image by itself: pairs get lost
        a, b = a[np.isfinite(a)], b[np.isfinite(b)]
        n = min(len(a), len(b))
        a, b = a[:n], b[:n]
    counts = np.histogram2d(a, b, bins=bins)[0]
    p = counts / counts.sum()
    first, second, both = _entropy(p.sum(axis=1)), _entropy(p.sum(axis=0)), _entropy(p)
    return float(
        {
            "ratio": (first + second) / both,
            "turned": both / (first + second),
            "mi": first + second - both,
            "mean": 2 * (first + second - both) / (first + second),
            "over joint": (first + second - both) / both,
        }[formula]
    )


@asks(
    points=3,
    see="Mutual information",
    hints=(
        "First throw away all pixels that are NaN in one image *or* the other: one mask for both.",
        "The joint histogram gives p; its sums over rows and columns give the two single "
        "distributions. Each has an entropy, −Σ p log p, where cells with p = 0 count nothing.",
        "`known = np.isfinite(a) & np.isfinite(b)`, then `np.histogram2d(a[known], b[known], "
        "bins=bins)[0]`, divided by its sum.",
    ),
)
def normalised(a, b, bins):
    """Normalised mutual information"""
    return _nmi(a, b, bins)


@normalised.inputs
def cases(rng):
    tissue = rng.integers(0, 4, size=(24, 24))
    a = np.array([0.0, 3, 6, 9])[tissue] + rng.normal(scale=0.7, size=tissue.shape)
    b = np.array([1.0, 9, 2, 5])[tissue] + rng.normal(scale=0.7, size=tissue.shape)
    holes, ditches = a.copy(), b.copy()
    holes[:5] = np.nan
    ditches[:, 18:] = np.nan
    yield Case((a.round(2), b.round(2), 8), "both known everywhere")
    yield Case((holes.round(2), ditches.round(2), 12), "each is unknown (NaN) somewhere else")


normalised.variants(
    _nmi,
    unknown_is_zero=(
        {"unknown": "zero"},
        "The unknown pixels count as 0. Then air that nobody measured looks like agreement. Leave "
        "out what is NaN in either image.",
    ),
    pairs_lost=(
        {"unknown": "each"},
        "Each image was cleaned by itself, so the pixels no longer belong together. Use one mask: "
        "known in both.",
    ),
    plain=(
        {"formula": "mi"},
        "That is the mutual information, H(a) + H(b) − H(a, b). Normalised it is a *ratio*.",
    ),
    turned=(
        {"formula": "turned"},
        "The ratio is turned round: the joint entropy belongs below the line.",
    ),
    over_the_mean=(
        {"formula": "mean"},
        "There are several ways to normalise. This one divides the mutual information by the "
        "mean of "
        "both entropies; the question wants (H(a) + H(b)) / H(a, b).",
    ),
    one_less=(
        {"formula": "over joint"},
        "That is one less than it should be: the mutual information over the joint entropy. The "
        "question wants (H(a) + H(b)) / H(a, b).",
    ),
)
