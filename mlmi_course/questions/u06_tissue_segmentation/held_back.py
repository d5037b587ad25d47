"""How good is the classifier on the next subject?"""

import numpy as np
from scipy import stats

from mlmi_course.checks import Case, asks


def _nearest(train, labels, test, k=5):
    """The share of 1 among the k nearest rows."""
    distance = ((test[:, None] - train) ** 2).sum(axis=-1)
    return labels[np.argsort(distance, axis=1, kind="stable")[:, :k]].mean(axis=1)


def _dice(truth, found):
    return 2 * (truth & found).sum() / (truth.sum() + found.sum())


def _evaluate(
    features, labels, subjects, *,
    split="subject", scale="inside", measure="dice", interval="t", ddof=1, side=0.975, pooled=False,
    root=True,
):  # fmt: skip
    x, y, s = np.array(features, float), np.asarray(labels).astype(int), np.asarray(subjects)
    names = np.unique(s)
    if scale == "all":
        x = (x - x.mean(axis=0)) / x.std(axis=0)
    if scale == "each":
        for name in names:
            own = x[s == name]
            x[s == name] = (own - own.mean(axis=0)) / own.std(axis=0)
    found = np.zeros(len(y), bool)
    fold = np.arange(len(y)) % len(names) if split == "pixels" else np.searchsorted(names, s)
    for one in range(len(names)):
        test = fold == one
        train = np.ones(len(y), bool) if split == "none" else ~test
        a, b = x[train], x[test]
        if scale == "inside":
            mean, spread = a.mean(axis=0), a.std(axis=0)
            a, b = (a - mean) / spread, (b - mean) / spread
        if scale == "own":
            mean, spread = a.mean(axis=0), a.std(axis=0)
            a, b = (a - mean) / spread, (b - b.mean(axis=0)) / b.std(axis=0)
        found[test] = _nearest(a, y[train], b) > 0.5
    truth = y == 1
    if measure == "accuracy":
        values = [(truth == found)[s == name].mean() for name in names]
    else:
        values = [_dice(truth[s == name], found[s == name]) for name in names]
    n, mean = len(names), np.mean(values)
    if pooled:
        mean = _dice(truth, found)
    spread = np.std(values, ddof=ddof) / (np.sqrt(n) if root else 1)
    factor = stats.t.ppf(side, n - 1) if interval == "t" else 1.96
    return {
        "dice": [float(v) for v in values],
        "mean": float(mean),
        "low": float(mean - factor * spread),
        "high": float(mean + factor * spread),
    }


@asks(
    points=4,
    see="Scale space and a forest",
    hints=(
        "Go through the subjects one by one: all of a subject's pixels are tested, and none of "
        "them is trained on. `sklearn.model_selection.LeaveOneGroupOut` does that too.",
        "Mean and standard deviation of the features are fitted on the training subjects alone. A "
        "pipeline of `StandardScaler` and `KNeighborsClassifier(5)` does both.",
        "With n values, the interval is mean ± `scipy.stats.t.ppf(0.975, n - 1)` × (standard "
        "deviation with n − 1) / √n.",
    ),
)
def held_back(features, labels, subjects):
    """How good is it on the next subject?"""
    return _evaluate(features, labels, subjects)


@held_back.inputs
def cases(rng):
    def drawn(people, each):
        s = np.repeat(rng.permutation(people * 3)[:people], each)
        y = np.concatenate([rng.permutation(np.arange(each) % 3 == 0) for _ in range(people)])
        shift = rng.normal(0, 1.0, (people, 3))
        number = np.repeat(np.arange(people), each)
        x = shift[number] + rng.normal(size=(len(y), 3)) + 1.5 * y[:, None]
        order = rng.permutation(len(y))
        x = (x * [1.0, 300.0, 0.02] + [0, 1000, 0]) * 1.0
        return x[order].round(5), y[order].astype(int), s[order]

    yield Case(drawn(6, 45), "six subjects")
    yield Case(drawn(4, 60), "four subjects")


held_back.variants(
    _evaluate,
    pixels_mixed=(
        {"split": "pixels"},
        "Pixels of one subject are in the training set and in the test set. Hold back whole "
        "subjects.",
    ),
    nothing_held_back=(
        {"split": "none"},
        "The subject that you test on is among those that you train on, so each pixel is its own "
        "nearest neighbour.",
    ),
    scaled_on_all=(
        {"scale": "all"},
        "Mean and standard deviation were taken over everybody, also over the subject that is held "
        "back. Fit them on the training subjects.",
    ),
    scaled_on_itself=(
        {"scale": "own"},
        "You scale the test subject by its own mean and standard deviation. Use those of the "
        "training subjects, as the next patient's pixels would be.",
    ),
    everybody_by_himself=(
        {"scale": "each"},
        "You scale every subject by its own mean and standard deviation, which is another "
        "method than the one that is asked for: use those of the training subjects together.",
    ),
    not_scaled=(
        {"scale": "no"},
        "The features are not scaled: the second has numbers a thousand times as large, so it "
        "alone decides who is near.",
    ),
    accuracies=(
        {"measure": "accuracy"},
        "Those are accuracies. Two thirds of the pixels are background: take Dice of class 1.",
    ),
    pooled_mean=(
        {"pooled": True},
        "Your mean is the Dice of all pixels together, in which a subject with a large body counts "
        "more. Take the mean over subjects.",
    ),
    normal_factor=(
        {"interval": "normal"},
        "With a handful of subjects 1.96 is too small: take the quantile of Student's t with n − 1 "
        "degrees of freedom.",
    ),
    divisor_n=(
        {"ddof": 0},
        "The standard deviation is divided by n. A sample of subjects takes n − 1: `ddof=1`.",
    ),
    one_sided=(
        {"side": 0.95},
        "That is an interval of 90 %. For 95 %, leave 2.5 % out on either side.",
    ),
    no_root=(
        {"root": False},
        "That is how far single subjects scatter. The mean of n subjects scatters √n times less.",
    ),
)
