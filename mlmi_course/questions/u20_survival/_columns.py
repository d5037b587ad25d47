"""Dropping correlated columns, rightly and by the usual slips, and tables that tell these apart."""

import math

import numpy as np


def signed(x):
    # NumPy's two halves may differ in the last digit; then rounding would choose among equals.
    return np.corrcoef(x.T).round(9)


def drop(signed, limit, *, pick="strongest", by="mean"):
    """Drop one of each correlated pair; `pick` says which pair is first, `by` which one goes."""
    off = signed * (1 - np.eye(len(signed)))
    strength = np.abs(off)
    whole = strength.mean(axis=0).round(9)
    stay = list(range(len(strength)))
    while len(stay) > 1:
        left = strength[np.ix_(stay, stay)]
        if left.max() <= limit:
            break
        pair = np.unravel_index(left.argmax(), left.shape)
        if pick == "first":
            pair = tuple(np.argwhere(left > limit)[0])
        first, second = sorted(int(i) for i in pair)
        heavy = {
            "mean": lambda left=left: left.mean(axis=1).round(9),
            "smaller mean": lambda left=left: -left.mean(axis=1).round(9),
            "signed": lambda: off[np.ix_(stay, stay)].mean(axis=1).round(9),
            "all columns": lambda: whole[stay],
            "partners": lambda left=left: (left > limit).sum(axis=1),
            "runner-up": lambda left=left: np.sort(left, axis=1)[:, -2],
            "median": lambda left=left: np.median(left, axis=1),
            "earlier": lambda left=left: -np.arange(len(left)),
            "later": lambda left=left: np.arange(len(left)),
        }[by]()
        stay.pop(first if heavy[first] > heavy[second] else second)
        if pick == "once":
            break
    return stay


def unrounded(x, limit):
    """The right rule in numbers as they come, so that their last digit chooses among equals."""
    strength, stay = np.abs(np.corrcoef(x.T)), list(range(x.shape[1]))
    np.fill_diagonal(strength, 0)
    while (left := strength[np.ix_(stay, stay)]).max() > limit:
        first, second = np.unravel_index(left.argmax(), left.shape)
        stay.pop(int(first if left[first].mean() > left[second].mean() else second))
    return stay


def twins(rng, limit):
    """Draw two columns that are too much alike, and for which rounding picks the wrong one.

    About one table in five is such; the error is that of IEEE division, the same everywhere.
    """
    for _ in range(1000):
        x = columns(rng, square((95,))).round(3)
        if unrounded(x, limit) == [1]:
            return x
    return x  # pragma: no cover


def in_one_pass(signed, limit):
    strength = np.abs(signed * (1 - np.eye(len(signed))))
    mean, gone = strength.mean(axis=0), set()
    for first, second in np.argwhere(np.triu(strength) > limit).tolist():
        if not {first, second} & gone:
            gone.add(first if mean[first] > mean[second] else second)
    return [i for i in range(len(strength)) if i not in gone]


BY = ("mean", "smaller mean", "signed", "all columns", "partners", "runner-up", "median")


# Correlations above the diagonal, found by a search: each usual slip ends with other columns.
TELLING = (
    (25, -30, 20, 15, 65, 10, 20, -10, 30, 65, -90, -50, -75, 0, 35),
    (5, -55, -65, 15, 45, -45, -5, 85, -75, 40, -45, 0, -20, -30, -65),
    (20, -40, 75, 30, 55, 65, 35, 50, -45, -15, 40, -90, 65, 25, -45),
)


def square(upper):
    size = int((1 + math.sqrt(1 + 8 * len(upper))) / 2)
    matrix = np.zeros((size, size))
    matrix[np.triu_indices(size, 1)] = np.array(upper) / 100
    return matrix + matrix.T + np.eye(size)


def columns(rng, correlations, n=20):
    """Draw columns that have exactly these correlations."""
    noise = rng.normal(size=(n, len(correlations)))
    white = np.linalg.qr(noise - noise.mean(axis=0))[0]
    return white @ np.linalg.cholesky(correlations).T


def ways(signed, limit):
    first = [drop(signed, limit, by=by) for by in (*BY, "earlier", "later")]
    return [*first, drop(signed, limit, pick="first"), in_one_pass(signed, limit)]


def ranks(rng, correlations, limit):
    """Draw columns of ranks with about these correlations, for which every slip still shows.

    All columns hold the same whole numbers, so the matrix of correlations is symmetric to the
    last bit, and `argmax` finds the same pair in every right answer.
    """
    wanted = ways(correlations, limit)
    for _ in range(1000):
        x = columns(rng, correlations, 100).argsort(axis=0).argsort(axis=0).astype(float)
        found = signed(x)
        if np.abs(found - correlations).max() < 0.07 and ways(found, limit) == wanted:
            return x
    raise RuntimeError("no ranks with these correlations")  # pragma: no cover


def strengths(x):
    strength = np.abs(signed(x))
    np.fill_diagonal(strength, 0)
    return strength
