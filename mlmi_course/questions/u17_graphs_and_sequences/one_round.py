"""One round of messages over a table of correlations."""

import numpy as np

from mlmi_course.checks import Case, asks


def _round(
    similarity,
    features,
    *,
    own="one",
    negative="zero",
    both="max",
    divide="roots",
):
    s = np.array(similarity, float)
    if negative == "zero":
        s = np.maximum(s, 0)
    elif negative == "absolute":
        s = np.abs(s)
    if own not in ("kept", "kept_raw"):
        np.fill_diagonal(s, 0.0)
    if both == "max":
        s = np.maximum(s, s.T)
    elif both == "mean":
        s = (s + s.T) / 2
    elif both == "sum":
        s = s + s.T
    if own == "one":
        s = s + np.eye(len(s))
    elif own == "kept":
        s = s + np.eye(len(s)) * (np.diag(s) == 0)
    elif own == "added":
        s = s + np.eye(len(s)) + np.diag(np.diag(np.array(similarity, float)))
    degree = s.sum(axis=1)
    with np.errstate(all="ignore"):
        if divide == "roots":
            s = s / np.sqrt(np.outer(degree, degree))
        elif divide == "rows":
            s = s / degree[:, None]
        elif divide == "columns":
            s = s / degree
    return s @ np.asarray(features, float)


@asks(
    points=4,
    see="Ask the neighbours",
    hints=(
        "Look at his table entry by entry: which ones are no messages? And what does the lecture "
        "put on the diagonal before it divides?",
        "`np.maximum(s, s.T)` makes both directions equal, `np.fill_diagonal(s, 1.0)` gives each "
        "node an edge to itself.",
        "Divide entry (i, j) by the root of degree i times degree j: `s / np.sqrt(np.outer(d, d))` "
        "with `d = s.sum(axis=1)`.",
    ),
)
def one_round(similarity, features):
    """Mend a round of messages"""
    return _round(similarity, features)


@one_round.inputs
def cases(rng):
    def table(n, alone=False):
        s = rng.uniform(-0.5, 1.0, (n, n)).round(3)
        s[rng.random((n, n)) < 0.3] = 0.0
        np.fill_diagonal(s, rng.uniform(0.6, 0.95, n).round(3))
        if alone:
            s[0, 1:] = 0.0
            s[1:, 0] = 0.0
        return s

    yield Case((table(6), rng.normal(size=(6, 3)).round(3)), "six nodes, three features")
    yield Case((table(9), rng.normal(size=(9, 2)).round(3)), "nine nodes, two features")
    lonely = table(5, alone=True)
    lonely[0, 0] = 0.0
    yield Case((lonely, rng.normal(size=(5, 2)).round(3)), "a node without any neighbour")
    yield Case((-np.abs(table(4)), np.eye(4)), "nothing but negative entries")


one_round.variants(
    _round,
    unmended=(
        {"own": "kept_raw", "negative": "kept", "both": "none", "divide": "rows"},
        "That is the colleague's function as it was, or close to it: negative weights, one "
        "direction only, rows divided by their own sum.",
    ),
    no_self=(
        {"own": "none"},
        "A node without an edge to itself forgets its own features after one round, and one "
        "without neighbours has nothing at all.",
    ),
    diagonal_kept=(
        {"own": "kept"},
        "You keep the diagonal of the table. It says how well a measurement repeats, and is no "
        "message: each node's edge to itself is 1.",
    ),
    diagonal_twice=(
        {"own": "added"},
        "You add 1 to what stands on the diagonal. Take the diagonal out first: each node's edge "
        "to itself is 1.",
    ),
    negative_kept=(
        {"negative": "kept"},
        "Negative similarities are still in. A degree may then be 0 or negative, and its root "
        "makes no sense. They are no edges: 0.",
    ),
    absolute=(
        {"negative": "absolute"},
        "You take absolute values, so nodes that are *opposite* send messages as if they were "
        "alike. Negative similarities are no edges: 0.",
    ),
    one_way=(
        {"both": "none"},
        "An edge that is written in one direction only is not symmetric in your matrix. Take the "
        "larger of the two entries for both.",
    ),
    mean_of_both=(
        {"both": "mean"},
        "You take the mean of the two directions. Take the larger one: an edge that is written "
        "once has its whole weight.",
    ),
    sum_of_both=(
        {"both": "sum"},
        "You add the two directions, so an edge that is written twice counts double. Take the "
        "larger one.",
    ),
    rows=(
        {"divide": "rows"},
        "You divide each row by its degree: the mean of the neighbours. A hub then sends to "
        "everybody with full weight. Divide by the roots of *both* degrees.",
    ),
    columns=(
        {"divide": "columns"},
        "You divide by the sender's degree alone. Divide by the roots of both degrees.",
    ),
    sums=(
        {"divide": "none"},
        "You do not divide at all, so nodes with many neighbours get large numbers. Divide by the "
        "roots of both degrees.",
    ),
)
