"""An honest threshold."""

from typing import Any

import numpy as np

from mlmi_course.checks import (
    Case,
    asks,
)
from mlmi_course.questions.u10_cae_unet_segmentation._shared import disc, ratio
from mlmi_course.questions.u10_cae_unet_segmentation.dice import dice


def _median_dice(truth, probability, threshold):
    return float(np.median(dice.right(truth, probability > threshold)))


def _tuned(
    validation_probability,
    validation_truth,
    test_probability,
    test_truth,
    thresholds,
    *,
    by=_median_dice,
    on="validation",
    measured=_median_dice,
    first=True,
):
    truth, probability = {
        "validation": (validation_truth, validation_probability),
        "test": (test_truth, test_probability),
        "both": (
            np.concatenate([validation_truth, test_truth]),
            np.concatenate([validation_probability, test_probability]),
        ),
    }[on]
    scores = [by(truth, probability, threshold) for threshold in thresholds]
    equals = np.flatnonzero(np.equal(scores, np.max(scores)))
    best = float(thresholds[equals[0 if first else -1]])
    return best, measured(test_truth, test_probability, best)


@asks(
    points=2,
    see="One mass, one piece",
    hints=(
        "Two steps. First try all thresholds on the *validation* images. Then use the best one, "
        "once, on the test images.",
        "`scores = [np.median(metrics.dice(validation_truth, validation_probability > t, "
        "per_case=True)) for t in thresholds]`",
        "`best = thresholds[np.argmax(scores)]`; `argmax` takes the first of equals. Return `best` "
        "and the median Dice of the test images at `best`.",
    ),
)
def honest_dice(validation_probability, validation_truth, test_probability, test_truth, thresholds):
    """An honest threshold"""
    return _tuned(
        validation_probability, validation_truth, test_probability, test_truth, thresholds
    )


def _outputs(rng, n, shift):
    """Probabilities of an unsure network and the truth: (n, 14, 14) each."""
    truth = np.stack([disc(14, 14, *rng.uniform(5, 9, 2), rng.uniform(1.5, 4)) for _ in range(n)])
    height = rng.normal(0.6 + shift, 0.18, (n, 1, 1))
    blurred = np.stack([_soft(one) for one in truth])
    probability = blurred * height + rng.normal(0.12, 0.1, truth.shape)
    return np.clip(probability, 0, 1).round(3), truth


def _soft(mask):
    from scipy import ndimage

    return ndimage.gaussian_filter(mask * 1.0, 1.2)


_THRESHOLDS = np.array([0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.7])


@honest_dice.inputs
def honest_inputs(rng):
    wrong = dict(honest_dice.misconceptions)
    last = wrong.pop("last_of_equals").answer  # seen in the last case only
    ways: list[Any] = [honest_dice.right, *(w.answer for w in wrong.values())]
    cases: list[Any] = []

    def told_apart(cases):
        """Whether no mistake looks like the right answer, or like another one, in all cases."""
        return len(set(zip(*(answers for _, answers in cases), strict=True))) == len(ways)

    while not (len(cases) >= 3 and told_apart(cases)):
        vp, vt = _outputs(rng, 5, 0.0)
        tp, tt = _outputs(rng, 5, float(rng.uniform(-0.2, 0.2)))
        arguments = (vp, vt, tp, tt, _THRESHOLDS)
        answers = [tuple(np.round(way(*arguments), 9)) for way in ways]
        if len(set(answers)) >= 5:  # a case that tells most of them apart
            cases.append((arguments, answers))
    for case in cases[:-1]:
        rest = [other for other in cases if other is not case]
        if len(rest) >= 3 and told_apart(rest):
            cases = rest
    for arguments, _ in cases:
        yield Case(arguments, "five images to choose by and five to test on")
    # Coarse probabilities: several thresholds give the same masks.
    for arguments, _ in cases[::-1]:
        coarse = tuple(a.round(1) if a.dtype == float else a for a in arguments[:4])
        tied = (*coarse, _THRESHOLDS)
        if honest_dice.right(*tied) != last(*tied):
            yield Case(tied, "probabilities in tenths, so that thresholds give equal masks")
            break


def _median_dice_from(truth, probability, threshold):
    return float(np.median(dice.right(truth, probability >= threshold)))


def _pooled_dice(truth, probability, threshold):
    found = probability > threshold
    return float(ratio(2 * (truth & found).sum(), truth.sum() + found.sum()))


def _accuracy(truth, probability, threshold):
    return float((truth == (probability > threshold)).mean())


def _mean_dice(truth, probability, threshold):
    return float(np.mean(dice.right(truth, probability > threshold)))


honest_dice.variants(
    _tuned,
    tuned_on_test=(
        {"on": "test"},
        "The threshold was chosen on the test images. The score is then too good: it has seen "
        "the answers.",
    ),
    tuned_on_both=(
        {"on": "both"},
        "The threshold was chosen on validation and test images together. The test must not "
        "take part in any choice.",
    ),
)


@honest_dice.mistake
def measured_on_validation(vp, vt, tp, tt, thresholds):
    """The threshold is right, but you report the score on the images that it was chosen on. Report
    the test images.
    """
    best, _ = honest_dice.right(vp, vt, tp, tt, thresholds)
    return best, _median_dice(vt, vp, best)


honest_dice.variants(
    _tuned,
    by_accuracy=(
        {"by": _accuracy},
        "The threshold has the highest accuracy over pixels. That prefers masks that are too "
        "small: choose by the measure that you report.",
    ),
    by_pooled_dice=(
        {"by": _pooled_dice},
        "The threshold has the highest Dice of all pixels in one pot. Large masses decide "
        "there. Take the median of the images' own values.",
    ),
    mean_for_median=(
        {"by": _mean_dice, "measured": _mean_dice},
        "You took the mean of the images' Dice. The median is asked for.",
    ),
    chosen_by_the_mean=(
        {"by": _mean_dice},
        "You report the median, but chose the threshold with the highest *mean* of the images' "
        "Dice. Choose by the median too.",
    ),
    at_or_above=(
        {"by": _median_dice_from, "measured": _median_dice_from},
        "Pixels *at* the threshold count as inside for you. Here a pixel must be above it.",
    ),
    last_of_equals=(
        {"first": False},
        "Several thresholds share the highest median, and you took the last of them. Take the "
        "first.",
    ),
)


@honest_dice.mistake
def one_half(vp, vt, tp, tt, thresholds):
    """You used 0.5. An unsure network rarely says more than that: choose the threshold on the
    validation images.
    """
    return 0.5, _median_dice(tt, tp, 0.5)
