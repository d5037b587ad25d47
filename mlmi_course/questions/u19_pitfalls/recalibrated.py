"""Move probabilities so that their sum is right."""

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit, logit

from mlmi_course.checks import Case, asks


def _moved(told, outcome, probabilities, *, how="odds", use="told", sign=1):
    told, outcome, p = (np.asarray(a, float) for a in (told, outcome, probabilities))
    rate = outcome.mean()
    if how == "odds":
        by = brentq(lambda d: expit(logit(told) + d).mean() - rate, -30, 30)
    elif how == "of means":
        by = logit(rate) - logit(told.mean())
    elif how == "mean of logits":
        by = logit(rate) - logit(told).mean()
    else:
        factor = rate / told.mean()
        return p * factor if how == "factor" else p + rate - told.mean()
    return expit(logit(told if use == "same" else p) + sign * by)


@asks(
    points=3,
    see="Sure of itself",
    hints=(
        "One number is asked for: d, which is added to the log odds of everybody. Which equation "
        "must it fulfil on the local patients?",
        "The mean of `expit(logit(told) + d)` must be the mean of `outcome`. It grows with d, so "
        "`scipy.optimize.brentq` finds d between −30 and 30.",
        "Then return `expit(logit(probabilities) + d)` for the new patients.",
    ),
    tolerance=1e-4,
)
def recalibrated(told, outcome, probabilities):
    """Move probabilities so that their sum is right"""
    return _moved(told, outcome, probabilities)


@recalibrated.inputs
def cases(rng):
    def some(n, shift):
        log_odds = rng.normal(-1, 2.0, n)
        outcome = (rng.random(n) < expit(log_odds + shift)).astype(int)
        outcome[:2] = 0, 1
        return expit(log_odds).round(4), outcome, expit(rng.normal(-1, 2, 5)).round(4)

    yield Case(some(60, -1.5), "a program that is too pessimistic")
    yield Case(some(60, 1.2), "one that is too hopeful")
    yield Case(some(20, 0.5), "twenty patients")


recalibrated.variants(
    _moved,
    factor=(
        {"how": "factor"},
        "You multiply all probabilities by one factor. Some may leave the range up to 1: move the "
        "log odds.",
    ),
    added=(
        {"how": "added"},
        "You add one number to all probabilities. Some may leave the range from 0 to 1: move the "
        "log odds.",
    ),
    of_means=(
        {"how": "of means"},
        "You compare the log odds of two means. The mean of the moved probabilities is then not "
        "yet right, because `expit` is bent: solve for d.",
    ),
    mean_of_logits=(
        {"how": "mean of logits"},
        "You compare with the mean of the log odds. It is the mean *probability* that must be "
        "right: solve for d.",
    ),
    wrong_sign=(
        {"sign": -1},
        "You move them the wrong way: where fewer are ill than told, probabilities must fall.",
    ),
    told_again=(
        {"use": "same"},
        "You return the local patients' own probabilities, moved. Asked for are those of the new "
        "patients.",
    ),
)
