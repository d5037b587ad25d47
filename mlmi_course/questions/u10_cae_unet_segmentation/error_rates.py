"""Two rates called “false positive rate”."""

import numpy as np

from mlmi_course.checks import (
    Case,
    asks,
)
from mlmi_course.questions.u10_cae_unet_segmentation._shared import disc, pairs, ratio


@asks(
    points=2,
    see="Two rates with one name",
    not_allowed=(
        "mlmi_course.metrics.false_positive_rate",
        "mlmi_course.metrics.false_negative_rate",
    ),
    hints=(
        "Three counts of pixels are enough: `(prediction & ~truth).sum()` are false positives, "
        "`(truth & ~prediction).sum()` false negatives.",
        "The true pixels are `truth.sum()`, those outside the truth `(~truth).sum()`.",
        "A rate whose denominator is 0 is nan: `fp / outside if outside else np.nan`.",
    ),
)
def error_rates(truth, prediction):
    """Two rates called “false positive rate”"""
    fp, fn = (prediction & ~truth).sum(), (truth & ~prediction).sum()
    return {
        "missed": float(ratio(fn, truth.sum())),
        "extra": float(ratio(fp, truth.sum())),
        "false_alarm": float(ratio(fp, (~truth).sum())),
    }


@error_rates.inputs
def error_rates_inputs(rng):
    truth, found = pairs(rng, n=3, side=(12, 10))
    yield Case((truth[0], found[0]), "one mass")
    row, column = rng.uniform(5, 7, 2)
    small, large = (disc(12, 14, row, column, radius) for radius in (1.2, 4.2))
    yield Case((small, large), "a prediction far larger than the mass")
    yield Case((truth[1], np.zeros((12, 10), bool)), "an empty prediction")
    yield Case((np.zeros((12, 10), bool), found[2]), "an empty truth")
    yield Case((np.ones((12, 10), bool), found[1]), "a truth that fills the image")


def _rates_with(*, missed=None, extra=None, false_alarm=None):
    def wrong(truth, prediction):
        rates = error_rates.right(truth, prediction)
        changed = {"missed": missed, "extra": extra, "false_alarm": false_alarm}
        return rates | {
            name: float(f(truth, prediction)) for name, f in changed.items() if f is not None
        }

    return wrong


def _fp(truth, prediction):
    return (prediction & ~truth).sum()


def _fn(truth, prediction):
    return (truth & ~prediction).sum()


error_rates.knows(
    "one_denominator",
    _rates_with(false_alarm=lambda t, p: ratio(_fp(t, p), t.sum())),
    "`false_alarm` is divided by the truth, as `extra` is. Textbooks divide it by the "
    "pixels *outside* the truth.",
)


error_rates.knows(
    "extra_of_the_negatives",
    _rates_with(extra=lambda t, p: ratio(_fp(t, p), (~t).sum())),
    "`extra` is divided by the pixels outside the truth, as `false_alarm` is. The paper "
    "divides it by the truth: that is why it has no upper bound.",
)


error_rates.knows(
    "denominators_swapped",
    _rates_with(
        extra=lambda t, p: ratio(_fp(t, p), (~t).sum()),
        false_alarm=lambda t, p: ratio(_fp(t, p), t.sum()),
    ),
    "`extra` and `false_alarm` have changed places: `extra` is divided by the truth, "
    "`false_alarm` by the pixels outside it.",
)


error_rates.knows(
    "extra_of_the_prediction",
    _rates_with(extra=lambda t, p: ratio(_fp(t, p), p.sum())),
    "`extra` is divided by the prediction. That is 1 − precision, a third quantity with a "
    "similar name. Here it is divided by the truth.",
)


error_rates.knows(
    "missed_of_all_pixels",
    _rates_with(missed=lambda t, p: _fn(t, p) / t.size),
    "`missed` is divided by all pixels. In a large image every rate is then nearly 0. "
    "Divide by the pixels of the truth.",
)


@error_rates.mistake
def roles_swapped(t, p):
    """Truth and prediction have changed places: you call false positive what is in the truth and
    not in the prediction.
    """
    return error_rates.right(p, t)


@error_rates.mistake
def turned_round(t, p):
    """These are 1 − the rates, as the paper prints them. A rate of *errors* is 0 for a perfect
    mask.
    """
    return {name: 1 - rate for name, rate in error_rates.right(t, p).items()}


@error_rates.mistake
def zero_for_undefined(t, p):
    """Where the denominator is 0 you return 0: a perfect score for something that cannot be
    measured.
    """
    return {
        name: rate if np.isfinite(rate) else 0.0 for name, rate in error_rates.right(t, p).items()
    }


@error_rates.mistake
def infinite(truth, prediction):
    """In NumPy only 0/0 is nan; any other number divided by 0 is inf. Here a rate whose
    denominator is 0 is nan, whatever stands above it.
    """
    with np.errstate(all="ignore"):
        return {
            "missed": float(_fn(truth, prediction) / truth.sum()),
            "extra": float(_fp(truth, prediction) / truth.sum()),
            "false_alarm": float(_fp(truth, prediction) / (~truth).sum()),
        }


@error_rates.mistake
def undefined_without_prediction(t, p):
    """For an empty prediction you return nan. It misses the whole truth, and adds nothing: 1, 0
    and 0. No denominator here depends on the prediction.
    """
    return {name: rate if p.any() else np.nan for name, rate in error_rates.right(t, p).items()}
