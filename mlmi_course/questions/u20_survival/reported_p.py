"""Train, then test."""

import numpy as np

from mlmi_course.checks import Case, asks


@asks(
    points=1,
    see="How often is nothing something?",
    hints=(
        "Two steps. Which patients choose the cut? Which patients judge it?",
        "`np.argmin(p_train)` is the number of the chosen cut.",
    ),
)
def reported_p(p_train, p_test):
    """Train, then test"""
    return float(p_test[int(np.argmin(p_train))])


@reported_p.inputs
def cases(rng):
    for cuts in (6, 20):
        p_train, p_test = (rng.permutation(np.linspace(0.02, 0.9, cuts).round(3)) for _ in range(2))
        best = int(np.argmin(p_train))
        if best == int(np.argmin(p_test)):  # else the mistake would not show
            p_test = np.roll(p_test, 1)
        p_train[best] = 0.004
        yield Case((p_train, p_test), f"{cuts} cuts")
    p_train = np.array([0.31, 0.03, 0.6, 0.12, 0.45])
    p_test = np.array([0.2, 0.011, 0.004, 0.5, 0.09])
    shuffle = rng.permutation(5)
    yield Case((p_train[shuffle], p_test[shuffle]), "a cut that does better on the test half")
    p_train = np.array([0.62, 0.2, 0.35, 0.41, 0.83])
    p_test = np.array([0.03, 0.3, 0.75, 0.5, 0.09])
    yield Case((p_train[shuffle], p_test[shuffle]), "no p below 0.05 on the training half")


@reported_p.mistake
def chosen_on_test(p_train, p_test):
    """You chose the cut on the test patients: the smallest of *their* p-values. Then they are no
    test patients any more.
    """
    return float(p_test.min())


@reported_p.mistake
def p_of_training(p_train, p_test):
    """That is the p of the patients who chose the cut: uncorrected, and too good."""
    return float(p_train.min())


@reported_p.mistake
def larger_of_both(p_train, p_test):
    """You report the larger of the two p-values of the cut. The test half alone judges, also where
    it happens to do better.
    """
    return float(max(p_train.min(), p_test[p_train.argmin()]))
