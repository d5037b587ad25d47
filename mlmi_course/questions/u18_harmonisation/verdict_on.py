"""Is an improvement shown?"""

import numpy as np

from mlmi_course.checks import Case, asks


def _error(auc, n1, n0):
    q1, q2 = auc / (2 - auc), 2 * auc**2 / (1 + auc)
    spread = auc * (1 - auc) + (n1 - 1) * (q1 - auc**2) + (n0 - 1) * (q2 - auc**2)
    return np.sqrt(spread / (n1 * n0))


def _verdict(
    n1,
    n0,
    before,
    after,
    accuracy,
    *,
    lazy="majority",
    errors="both",
    times=2.0,
    turned=False,
    of="accuracy",
    either=False,
):
    n = n1 + n0
    base = {"majority": max(n1, n0) / n, "half": 0.5, "positives": n1 / n}[lazy]
    p = accuracy if of == "accuracy" else base
    of_accuracy = np.sqrt(p * (1 - p) / n)
    a, b = (n0, n1) if turned else (n1, n0)
    one, other = _error(before, a, b), _error(after, a, b)
    of_gain = {
        "both": np.hypot(one, other),
        "one": other,
        "sum": one + other,
        "variance": one**2 + other**2,
    }[errors]
    rise = abs(after - before) if either else after - before
    return {
        "lazy": float(base),
        "accuracy_error": float(of_accuracy),
        "accuracy": bool(accuracy > base + times * of_accuracy),
        "auc_error": float(of_gain),
        "auc": bool(rise > times * of_gain),
    }


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
    yield paper(200 + int(jitter), 210, 0.85, 0.72, 0.66)
    yield paper(400, 100 + int(jitter), 0.70, 0.782, 0.83)


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
    no_root=(
        {"errors": "variance"},
        "You added the squares and did not take the root.",
    ),
    classes_exchanged=(
        {"turned": True},
        "In Hanley and McNeil's formula $n_1$ goes with $Q_1$. You exchanged the classes.",
    ),
    error_of_the_lazy=(
        {"of": "lazy"},
        "That is the standard error of the lazy accuracy. It is known from the table, without "
        "luck: "
        "take that of the accuracy.",
    ),
    any_change=(
        {"either": True},
        "An AUC that *fell* is no improvement.",
    ),
    one_error=(
        {"times": 1.0},
        "One standard error is exceeded by luck in a third of studies without any effect. Ask for "
        "two.",
    ),
)
