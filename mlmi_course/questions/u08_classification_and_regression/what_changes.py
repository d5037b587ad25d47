"""What changes when one column is written in another unit?"""

from functools import cache

import numpy as np

from mlmi_course.checks import asks_value

_WHY = {"A": "a", "B": "b", "C": "c", "D": "d", "E": "c"}


def _nearest(x, y, new):
    far = ((new[:, None] - x) ** 2).sum(axis=2)
    return y[np.argsort(far, axis=1, kind="stable")[:, :15]].mean(axis=1) > 0.5


def _stump(x, y, new):
    """The single cut that is right most often; a tree is cuts within cuts."""
    best = (-1.0, 0, 0.0)
    for column in range(x.shape[1]):
        ordered = np.sort(x[:, column])
        for cut in (ordered[1:] + ordered[:-1]) / 2:
            share = ((x[:, column] > cut) == y).mean()
            best = max(best, (round(float(share), 9), -column, float(cut)))
    return new[:, -best[1]] > best[2]


def _clouds(x, y, new, independent=False):
    means = [x[y == c].mean(axis=0) for c in (0, 1)]
    shapes = [np.cov(x[y == c].T, ddof=0) for c in (0, 1)]
    if independent:
        shapes = [np.diag(np.diag(shape)) for shape in shapes]
    else:
        shapes = [(shapes[0] + shapes[1]) / 2] * 2
    scores = []
    for mean, shape in zip(means, shapes, strict=True):
        away = new - mean
        distance = (away @ np.linalg.inv(shape) * away).sum(axis=1)
        scores.append(-(np.linalg.slogdet(shape)[1] + distance) / 2)
    return scores[1] > scores[0]


def _ridge(x, y, new):
    centre = x.mean(axis=0)
    away = x - centre
    weights = np.linalg.solve(away.T @ away + 100 * np.eye(x.shape[1]), away.T @ (y - y.mean()))
    return y.mean() + (new - centre) @ weights


@cache
def _direction(case):
    """Train with and without the factor, and compare what new patients are told."""
    rng = np.random.default_rng(8)
    y = np.resize([0, 1], 200)
    x = rng.normal(size=(200, 3)) @ np.array([[1, 0.5, 0], [0, 1, 0.5], [0, 0, 1]])
    x += 0.8 * y[:, None]
    new = rng.normal(size=(200, 3)) + 0.4
    learner = {
        "A": _nearest,
        "B": _stump,
        "C": _clouds,
        "D": _ridge,
        "E": lambda *data: _clouds(*data, independent=True),
    }[case]
    factor = np.array([1000.0, 1, 1])
    before, after = learner(x, y, new), learner(x * factor, y, new * factor)
    return "same" if np.allclose(before, after, atol=1e-6) else "changes"


@asks_value(
    points=2,
    see="Eight learners, one picture",
    hints=(
        "Ask of each learner where the unit of a column enters: into a distance, into a price, "
        "or into something that is estimated from the same column and takes the factor back?",
        "A tree asks *is it above the cut?*, and the cut moves with the unit. A covariance grows "
        "with the unit, and it stands in the denominator.",
        "Two of the five change: the one with a distance, and the one that prices its weights.",
    ),
)
def what_changes():
    """What changes with the unit?"""
    return {case: f"{_direction(case)} {why}" for case, why in _WHY.items()}


def _with(**other):
    return lambda: what_changes.right() | other


for _name, _case, _given, _says in (
    (
        "knn_takes_it_back",
        "A",
        "same c",
        "Nothing in A is estimated that could take the factor back: the distance adds up the "
        "squares of the columns as they are.",
    ),
    (
        "knn_by_order",
        "A",
        "same b",
        "A does not look at the order within a column, it looks at distances over all columns. "
        "What is left of the other columns in them?",
    ),
    (
        "tree_follows_the_unit",
        "B",
        "changes a",
        "There is no distance in B. It asks whether a value lies above a cut, and the cut is "
        "found in the same unit.",
    ),
    (
        "lda_follows_the_unit",
        "C",
        "changes a",
        "There is a distance in C, but it is divided by a covariance that was estimated from the "
        "same column.",
    ),
    (
        "ridge_takes_it_back",
        "D",
        "same c",
        "In D the weight could take the factor back, and would do so in plain least squares. But "
        "what does a weight of a thousandth cost?",
    ),
    (
        "ridge_the_other_way",
        "D",
        "changes a",
        "D does change, but there is no distance in it. What is it that depends on the size of a "
        "weight?",
    ),
    (
        "lda_by_order",
        "C",
        "same b",
        "C gives the same answers, but not because of the order: it looks at how far a patient "
        "lies from the middle of a class, and in which unit.",
    ),
    (
        "naive_bayes_by_order",
        "E",
        "same b",
        "E gives the same answers, but not because of the order: it looks at how far a patient "
        "lies from the middle of a class, and in which unit.",
    ),
    (
        "prior_follows_the_unit",
        "E",
        "changes e",
        "How common the classes are is counted from the labels. No unit of a column enters there.",
    ),
    (
        "naive_bayes_follows_the_unit",
        "E",
        "changes a",
        "The clouds of E have a variance for each column, and it grows with the unit.",
    ),
):
    what_changes.knows(_name, _with(**{_case: _given}), _says)
