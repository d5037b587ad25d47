"""Two rates called “false positive rate”."""

import numpy as np

from mlmi_course.checks import Case, asks
from mlmi_course.questions.u10_cae_unet_segmentation._masks import disc, pairs, ratio


def _rates_over(truth, prediction, *, missed="truth", extra="truth", false_alarm="outside"):
    """The three rates, each divided by the pixels that are named."""
    pixels = {
        "truth": truth.sum(),
        "outside": (~truth).sum(),
        "prediction": prediction.sum(),
        "image": truth.size,
    }
    fp, fn = (prediction & ~truth).sum(), (truth & ~prediction).sum()
    return {
        "missed": float(ratio(fn, pixels[missed])),
        "extra": float(ratio(fp, pixels[extra])),
        "false_alarm": float(ratio(fp, pixels[false_alarm])),
    }


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
    return _rates_over(truth, prediction)


@error_rates.inputs
def cases(rng):
    truth, found = pairs(rng, n=3, side=(12, 10))
    yield Case((truth[0], found[0]), "one mass")
    row, column = rng.uniform(5, 7, 2)
    small, large = (disc(12, 14, row, column, radius) for radius in (1.2, 4.2))
    yield Case((small, large), "a prediction far larger than the mass")
    yield Case((truth[1], np.zeros((12, 10), bool)), "an empty prediction")
    yield Case((np.zeros((12, 10), bool), found[2]), "an empty truth")
    yield Case((np.ones((12, 10), bool), found[1]), "a truth that fills the image")


error_rates.variants(
    _rates_over,
    one_denominator=(
        {"false_alarm": "truth"},
        "`false_alarm` is divided by the truth, as `extra` is. Textbooks divide it by the pixels "
        "*outside* the truth.",
    ),
    extra_of_the_negatives=(
        {"extra": "outside"},
        "`extra` is divided by the pixels outside the truth, as `false_alarm` is. The paper "
        "divides it by the truth: that is why it has no upper bound.",
    ),
    denominators_swapped=(
        {"extra": "outside", "false_alarm": "truth"},
        "`extra` and `false_alarm` have changed places: `extra` is divided by the truth, "
        "`false_alarm` by the pixels outside it.",
    ),
    extra_of_the_prediction=(
        {"extra": "prediction"},
        "`extra` is divided by the prediction. That is 1 − precision, a third quantity with a "
        "similar name. Here it is divided by the truth.",
    ),
    missed_of_all_pixels=(
        {"missed": "image"},
        "`missed` is divided by all pixels. In a large image every rate is then nearly 0. "
        "Divide by the pixels of the truth.",
    ),
)


@error_rates.mistake
def roles_swapped(truth, prediction):
    """Truth and prediction have changed places: you call false positive what is in the truth and
    not in the prediction.
    """
    return error_rates.right(prediction, truth)


@error_rates.mistake
def turned_round(truth, prediction):
    """These are 1 − the rates, as the paper prints them. A rate of *errors* is 0 for a perfect
    mask.
    """
    return {name: 1 - rate for name, rate in error_rates.right(truth, prediction).items()}


@error_rates.mistake
def zero_for_undefined(truth, prediction):
    """Where the denominator is 0 you return 0: a perfect score for something that cannot be
    measured.
    """
    rates = error_rates.right(truth, prediction)
    return {name: 0.0 if np.isnan(rate) else rate for name, rate in rates.items()}


@error_rates.mistake
def infinite(truth, prediction):
    """In NumPy only 0/0 is nan; any other number divided by 0 is inf. Here a rate whose
    denominator is 0 is nan, whatever stands above it.
    """
    rates = error_rates.right(truth, prediction)
    if not truth.any() and prediction.any():
        rates["extra"] = np.inf
    return rates


@error_rates.mistake
def undefined_without_prediction(truth, prediction):
    """For an empty prediction you return nan. It misses the whole truth, and adds nothing: 1, 0
    and 0. No denominator here depends on the prediction.
    """
    rates = error_rates.right(truth, prediction)
    return rates if prediction.any() else dict.fromkeys(rates, np.nan)
