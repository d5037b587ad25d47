"""Is an improvement shown?"""

import numpy as np

from mlmi_course.checks import Case, asks


def _error(auc, n1, n0):
    q1, q2 = auc / (2 - auc), 2 * auc**2 / (1 + auc)
    spread = auc * (1 - auc) + (n1 - 1) * (q1 - auc**2) + (n0 - 1) * (q2 - auc**2)
    return np.sqrt(spread / (n1 * n0))


def _verdict(
    n1, n0, before, after, accuracy, *, lazy="majority", errors="both", times=2.0, which="both"
):
    n = n1 + n0
    base = {"majority": max(n1, n0) / n, "half": 0.5, "positives": n1 / n}[lazy]
    beyond = accuracy > base + times * np.sqrt(accuracy * (1 - accuracy) / n)
    own = {
        "both": np.hypot(_error(before, n1, n0), _error(after, n1, n0)),
        "one": _error(after, n1, n0),
        "sum": _error(before, n1, n0) + _error(after, n1, n0),
        "none": 0.0,
    }[errors]
    gained = after - before > times * own
    return {"lazy": round(base, 6), "accuracy": bool(beyond), "auc": bool(gained)}


@asks(
    points=2,
    see="A table to audit",
    hints=(
        "The lazy answer gives everybody the more frequent class.",
        "The standard error of an accuracy $p$ of $n$ patients is $\\sqrt{p (1 - p) / n}$; that "
        "of a "
        "difference of two AUCs of *independent* groups is the root of the sum of their squared "
        "errors.",
    ),
)
def verdict_on(n1, n0, before, after, accuracy):
    """Is an improvement shown?"""
    return _verdict(n1, n0, before, after, accuracy)


@verdict_on.inputs
def cases(rng):
    def paper(n1, n0, before, after, accuracy):
        return Case((n1, n0, before, after, accuracy), f"{n1} and {n0} patients")

    jitter = rng.integers(0, 12)
    yield paper(250 + int(jitter), 50, 0.621, 0.671, 0.857)
    yield paper(40 + int(jitter), 400, 0.70, 0.84, 0.90)
    yield paper(300, 300 + int(jitter), 0.70, 0.765, 0.71)
    yield paper(150 + int(jitter), 160, 0.70, 0.79, 0.56)
    yield paper(900, 100 + int(jitter), 0.75, 0.80, 0.93)


verdict_on.variants(
    _verdict,
    half=(
        {"lazy": "half"},
        "The lazy answer is not a coin. It gives everybody the more frequent class.",
    ),
    positives=(
        {"lazy": "positives"},
        "Where the first class is the rarer one, the lazy answer is the other.",
    ),
    error_of_one=(
        {"errors": "one"},
        "Both AUCs are uncertain, so the error of their difference is larger than that of one.",
    ),
    errors_added=(
        {"errors": "sum"},
        "Errors of independent numbers add as squares: the root of the sum of their squares.",
    ),
    any_gain=(
        {"errors": "none"},
        "That a number rose shows nothing by itself: compare the rise with two standard errors.",
    ),
    one_error=(
        {"times": 1.0},
        "One standard error is exceeded by luck in a third of studies without any effect. Ask for "
        "two.",
    ),
)
