"""AUC by pairs."""

import numpy as np

from mlmi_course.checks import Case, asks
from mlmi_course.questions.u09_cnn_microcalcifications._pairs import pairs_in_order


@asks(
    points=2,
    see="The ladder: what one line can do",
    not_allowed=("mlmi_course.metrics.auc", "sklearn.metrics.roc_auc_score"),
    hints=(
        "Pair each patch with a cluster with each patch without one.",
        "`scores[labels == 1][:, None] - scores[labels == 0][None, :]` holds the difference of "
        "every pair.",
        "Count 1 where it is above 0 and one half where it is exactly 0. The mean over all pairs "
        "is the AUC.",
    ),
)
def area_under_curve(labels, scores):
    """AUC by pairs"""
    return pairs_in_order(labels, scores)


@area_under_curve.inputs
def cases(rng):
    labels = rng.permutation(np.repeat([0, 1], [9, 6]))
    yield Case((labels, (rng.normal(size=15) + 1.4 * labels).round(2)), "fifteen patches")
    labels = rng.permutation(np.repeat([0, 1], [9, 5]))
    yield Case(
        (labels, (rng.normal(size=14) - 1.5 * labels).round(2)), "scores that are upside down"
    )
    labels = rng.permutation(np.repeat([0, 1], [6, 6]))
    while True:
        scores = rng.integers(0, 4, 12).astype(float)
        if abs(pairs_in_order(labels, scores, tie=1) - pairs_in_order(labels, scores, tie=0)) > 0.1:
            break
    yield Case((labels, scores), "scores with ties")
    yield Case((np.array([0, 1, 0]), np.array([2.0, 2.0, 2.0])), "a constant output")


@area_under_curve.mistake
def sign(labels, scores):
    """The AUC is upside down: you count the pairs in which the patch *without* a cluster scores
    higher.
    """
    return pairs_in_order(labels, -np.asarray(scores))


@area_under_curve.mistake
def folded(labels, scores):
    """You turned an AUC below 0.5 round. A detector that is upside down must show as one: 0.1 is
    bad, not good.
    """
    return max(pairs_in_order(labels, scores), 1 - pairs_in_order(labels, scores))


area_under_curve.variants(
    pairs_in_order,
    ties_lost=(
        {"tie": 0.0},
        "Pairs with equal scores count as lost in your function. A tie is half right: a "
        "constant output has an AUC of 0.5.",
    ),
    ties_won=(
        {"tie": 1.0},
        "Pairs with equal scores count as won in your function. Then a constant output would "
        "be perfect. A tie counts one half.",
    ),
)


@area_under_curve.mistake
def accuracy(labels, scores):
    """That is an accuracy at one threshold. The AUC needs none: it compares pairs."""
    return float(((np.asarray(scores) > np.median(scores)) == (np.asarray(labels) == 1)).mean())
