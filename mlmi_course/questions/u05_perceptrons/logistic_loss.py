"""The logistic loss, also for those who are sure."""

import numpy as np

from mlmi_course.checks import Case, asks
from mlmi_course.checks.comparing import difference
from mlmi_course.questions.u05_perceptrons.forward import sigmoid


@asks(
    points=2,
    see="From a step to a probability",
    hints=(
        "The labels are 0 and 1. log(1 + exp(−y z)) wants y = −1 or +1: turn them round first, or "
        "use the other form of the same loss.",
        "exp(900) is more than a float can hold. A number that is inf or nan is no loss.",
        "`np.logaddexp(0, -signs * scores)` computes log(1 + exp(−y z)) without the overflow. "
        "Then take the mean.",
    ),
)
def logistic_loss(scores, labels):
    """The logistic loss, also for those who are sure"""
    return float(np.logaddexp(0, -(2 * labels - 1) * scores).mean())


@logistic_loss.inputs
def cases(rng):
    labels = np.array([0, 1, 1, 0, 1, 0])
    scores = rng.normal(0, 2, size=6).round(2)
    scores[3] = 6.0  # wrong, and its loss is 6.002: the score alone is not good enough yet
    yield Case((scores, labels), "scores of ordinary size")
    yield Case((np.array([2.5, -1.5]), np.array([1, 0])), "two samples on the right side")
    sure = np.array([-900.0, 800.0, 30.0]) + rng.integers(0, 20, 3)
    yield Case((sure, np.array([1, 0, 1])), "a network that is very sure and very wrong")


@logistic_loss.mistake
def labels_zero_one(scores, labels):
    """You fed labels of 0 and 1 to the form that wants −1 and +1. Every benign sample then costs
    log 2 = 0.693, whatever its score.
    """
    return float(np.logaddexp(0, -labels * scores).mean())


@logistic_loss.mistake
def sign(scores, labels):
    """The sign is turned: your loss is high where the prediction is right. The exponent is −y z."""
    return logistic_loss.right(-scores, labels)


@logistic_loss.mistake
def sum(scores, labels):
    """That is the sum over the samples; the mean is asked for."""
    return logistic_loss.right(scores, labels) * len(labels)


def or_else(wrong, tolerance=1e-6):
    """Match replies that are right, or wrong in a way that need not show everywhere."""
    return lambda expected, got: (
        difference(expected, got, tolerance) is None or wrong(float(expected), float(got))
    )


@logistic_loss.mistake(matches=or_else(lambda expected, got: not np.isfinite(got)))
def overflow(scores, labels):
    """The exponential overflowed: a network that is sure gives a loss of inf or nan, and the
    training stops. `np.logaddexp(0, x)` computes log(1 + exp(x)) for any x.
    """
    with np.errstate(all="ignore"):
        return float(np.log(1 + np.exp(-(2 * labels - 1) * scores)).mean())


# The loss of one sample never exceeds some 10 to 40 where p is clipped …
@logistic_loss.mistake(matches=or_else(lambda expected, got: 3 < got < 40 < expected, 1e-5))
def clipped(scores, labels):
    """Something is cut off before the logarithm, the probability near 0 and 1 or the score itself.
    No inf any more, but no truth either: the loss of a sure mistake stops growing, and its
    gradient is zero. Compute from the whole score: `np.logaddexp`.
    """
    p = np.clip(sigmoid(scores), 1e-7, 1 - 1e-7)
    return float(-(labels * np.log(p) + (1 - labels) * np.log(1 - p)).mean())


# … and some hundreds where the exponent is.
@logistic_loss.mistake(matches=or_else(lambda expected, got: 40 < got < expected, 1e-5))
def exponent_cut_off(scores, labels):
    """The exponent was cut off before the exponential, at 500 or so. A mistake with a score of 900
    then costs no more than one of 500. `np.logaddexp(0, x)` needs no cut.
    """
    exponent = np.clip(-(2 * labels - 1) * scores, -500, 500)
    return float(np.log(1 + np.exp(exponent)).mean())


@logistic_loss.mistake
def sigmoid_first(scores, labels):
    """You put the probability σ(z) where the score z belongs. log(1 + exp(−y z)) has the sigmoid
    inside already.
    """
    return logistic_loss.right(sigmoid(scores), labels)
