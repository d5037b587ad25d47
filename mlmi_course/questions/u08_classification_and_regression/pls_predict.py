"""One component of partial least squares, for new patients."""

import numpy as np

from mlmi_course.checks import Case, asks


def _predict(x, y, new, *, direction="with the outcome", centre="known", mean=True, slope="fitted"):
    """Predict by one direction; the parameters make the usual slips."""
    x, y, new = (np.asarray(a, dtype=float) for a in (x, y, new))
    middle = x.mean(axis=0)
    away, rest = x - middle, y - y.mean()
    w = away.T @ rest if direction == "with the outcome" else np.linalg.svd(away)[2][0]
    if direction == "correlation":
        w = away.T @ rest / np.sqrt((away**2).sum(axis=0))
    w = w / np.linalg.norm(w)
    t = away @ w
    b = {"fitted": t @ rest / (t @ t), "one": 1.0, "not divided": t @ rest}[slope]
    start = {"known": middle, "new": new.mean(axis=0), "none": 0 * middle}[centre]
    return (new - start) @ w * b + (y.mean() if mean else 0.0)


@asks(
    points=3,
    see="Four ways to hold back",
    hints=(
        "Which direction does PLS take, and has hers seen the outcome? What is a new patient's "
        "place measured from? And what does the mean patient get?",
        "The direction is Xᵀy of the centred x, made as long as 1. A single new patient has no "
        "mean of her own: subtract the mean of the patients that were learned from.",
        "`w = xc.T @ (y - y.mean())`, `t = xc @ w`, and the answer is `y.mean() + (new - "
        "x.mean(axis=0)) @ w * (t @ y) / (t @ t)`; the length of w cancels.",
    ),
)
def pls_predict(x, y, new):
    """Predict by one component of PLS"""
    return _predict(x, y, new)


@pls_predict.inputs
def cases(rng):
    def table(n, p):
        x = (rng.normal(size=(n, p)) * np.linspace(4, 0.8, p) + rng.uniform(3, 9, p)).round(2)
        y = (60 + (x - x.mean(axis=0)) @ np.linspace(0.2, 2.5, p) + rng.normal(0, 1, n)).round(1)
        new = (rng.normal(size=(4, p)) * 2 + x.mean(axis=0) + 1.5).round(2)
        return x, y, new

    yield Case(table(10, 3), "10 patients, 3 columns, 4 new patients")
    x, y, new = table(6, 9)
    yield Case((x, y, new), "more columns than patients")
    yield Case((x, y, new[:1]), "a single new patient")


pls_predict.variants(
    _predict,
    direction_of_pca=(
        {"direction": "pca"},
        "Your direction is that of PCA, in which the columns vary most. PLS looks for what varies "
        "*together with the outcome*.",
    ),
    centred_by_the_new=(
        {"centre": "new"},
        "You centre the new patients by their own mean. Then what is said of one depends on who "
        "comes with her, and alone she is always the mean.",
    ),
    not_centred_new=(
        {"centre": "none"},
        "The new patients are not centred. Their place is measured from the mean of those that "
        "were learned from.",
    ),
    mean_forgotten=(
        {"mean": False},
        "The mean of y is missing: a mean patient should be told it.",
    ),
    mean_forgotten_and_centred_by_the_new=(
        {"mean": False, "centre": "new"},
        "The direction is right. Two things are left: the new patients are centred by their own "
        "mean, and the mean of y is missing.",
    ),
    pca_centred_by_the_new=(
        {"direction": "pca", "centre": "new"},
        "The mean of y is there. Two things are left: the direction has not seen the outcome, "
        "and the new patients are centred by their own mean.",
    ),
    pca_mean_forgotten=(
        {"direction": "pca", "mean": False},
        "The new patients are centred rightly. Two things are left: the direction has not seen the "
        "outcome, and the mean of y is missing.",
    ),
    slope_left_out=(
        {"slope": "one"},
        "The place along the direction is right, but it is not yet in the unit of y: fit y by it.",
    ),
    slope_not_divided=(
        {"slope": "not divided"},
        "The slope is t·y divided by t·t.",
    ),
    correlations_as_weights=(
        {"direction": "correlation"},
        "Your direction takes correlations, which scales the columns. Here they are taken as "
        "they are: Xᵀy.",
    ),
)


@pls_predict.mistake
def unmended(x, y, new):
    """That is the colleague's function as it was. Which of its lines knows the outcome?"""
    return _predict(x, y, new, direction="pca", centre="new", mean=False)


@pls_predict.mistake
def x_not_centred(x, y, new):
    """Your direction is computed from columns that are not centred, and points at their means."""
    x, y, new = (np.asarray(a, dtype=float) for a in (x, y, new))
    w = x.T @ y
    t = (x - x.mean(axis=0)) @ w
    return y.mean() + (new - x.mean(axis=0)) @ w * (t @ y) / (t @ t)


@pls_predict.mistake
def least_squares(x, y, new):
    """That is least squares, with all directions at once. Asked is one direction."""
    x, y, new = (np.asarray(a, dtype=float) for a in (x, y, new))
    return y.mean() + (new - x.mean(axis=0)) @ np.linalg.pinv(x - x.mean(axis=0)) @ (y - y.mean())
