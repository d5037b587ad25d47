"""Which of five counters count right, and in the right place?"""

from functools import cache

import numpy as np
from scipy import ndimage
from scipy.stats import rankdata

from mlmi_course.checks import asks_value
from mlmi_course.metrics import icc


@cache
def _made():
    rng = np.random.default_rng(1402)
    n, side = 60, 32
    count = np.clip(rng.negative_binomial(1, 1 / 18, n), 1, 90)
    masks = np.zeros((n, side, side), np.uint8)
    for one, number in zip(masks, count, strict=True):
        one.ravel()[rng.choice(side * side, number, replace=False)] = 1

    def near(blur):
        return np.stack(
            [ndimage.gaussian_filter(m.astype(float), blur, mode="wrap") for m in masks]
        )

    def level(maps, counts):
        maps = maps + 0.004 * rng.gamma(1.0, size=maps.shape)
        return maps * (counts / maps.sum(axis=(1, 2)))[:, None, None]

    def told(error):
        return np.maximum(count + rng.normal(0, error, n), 0.3)

    moved = np.roll(near(0.7), (7, -6), axis=(1, 2))
    flat = rng.gamma(8.0, 1 / 8, (n, side, side))
    maps = {
        "A": level(near(0.7), 1.7 * count + rng.normal(4, 1.0, n)),
        "B": level(moved, told(3.0)),
        "C": level(near(0.7), told(4.0)),
        "D": level(flat, told(2.5)),
        "E": level(
            np.roll(near(0.7), (5, 9), axis=(1, 2)), np.maximum(rng.permutation(count) + 0.0, 0.3)
        ),
    }
    return masks, count, {name: m.round(5) for name, m in maps.items()}


def five_counters():
    """Maps of five networks for the same 60 patients, and the truth.

    Returns
    -------
    maps : dict of str to ndarray, shape (60, 32, 32)
        By the network's letter; the sum of a map is the network's count.
    masks : ndarray of uint8, shape (60, 32, 32)
        1 where a space is.  Each is one pixel, so the sum is the true count.

    Examples
    --------
    >>> maps, masks = five_counters()
    >>> sorted(maps), masks.shape
    (['A', 'B', 'C', 'D', 'E'], (60, 32, 32))
    """
    masks, _, maps = _made()
    return {name: m.copy() for name, m in maps.items()}, masks.copy()


def _auc(truth, values):
    truth = np.ravel(truth) > 0
    ranks = rankdata(np.ravel(values))
    n = truth.sum()
    return (ranks[truth].sum() - n * (n + 1) / 2) / (n * (~truth).sum())


@cache
def _measured(name, agreement="icc", pooled=False):
    masks, count, maps = _made()
    told = maps[name].sum(axis=(1, 2))
    agree = (
        float(icc(np.column_stack([told, count])))
        if agreement == "icc"
        else np.corrcoef(told, count)[0, 1]
    )
    if pooled:
        return agree, _auc(masks, maps[name])
    return agree, float(np.mean([_auc(m, v) for m, v in zip(masks, maps[name], strict=True)]))


def _verdict(agreement="icc", pooled=False):
    found = {}
    for name in "ABCDE":
        agree, place = _measured(name, agreement, pooled)
        found[name] = (
            f"{'right' if agree >= 0.75 else 'wrong'} {'right' if place >= 0.7 else 'wrong'}"
        )
    return found


@asks_value(
    points=4,
    see="A second network",
    hints=(
        "Sum each map to get the counts, and compare them with the sums of the masks by "
        "`metrics.icc(np.column_stack([counts, truth]))`.",
        "For the place take each patient by herself: the AUC of her map's "
        "pixels against her mask; then "
        "the mean over the 60.",
        "If you put all pixels of all patients into one AUC, a patient with "
        "many spaces and a high map "
        "everywhere looks as if the map knew places.",
    ),
)
def verdicts():
    """Right count, right place?"""
    return _verdict()


verdicts.knows(
    "by_correlation",
    lambda: _verdict("r"),
    "One network is judged too kindly: its counts follow the truth closely, "
    "but they are not the *same numbers*. A correlation forgives a factor; "
    "ICC(A,1) does not.",
)
verdicts.knows(
    "pooled",
    lambda: _verdict(pooled=True),
    "One map is judged too kindly. It is high everywhere in patients with "
    "many spaces, so that an AUC over the pixels of all patients is high. "
    "Take the AUC inside each patient, and then the mean.",
)
verdicts.knows(
    "by_correlation_and_pooled",
    lambda: _verdict("r", True),
    "Two networks are judged too kindly: one by a correlation, which "
    "forgives a factor; one by an AUC over the pixels of all patients, "
    "where it is enough to be high everywhere in the ill.",
)
verdicts.knows(
    "count_is_enough",
    lambda: {k: f"{v.split()[0]} {v.split()[0]}" for k, v in _verdict().items()},
    "You take the place to be right where the count is. The sum of a map "
    "does not know where anything is.",
)
verdicts.knows(
    "turned_round",
    lambda: {k: " ".join(v.split()[::-1]) for k, v in _verdict().items()},
    "The two words are in the wrong order: the count first, then the place.",
)
