"""An honest threshold."""

from functools import partial

import numpy as np

from mlmi_course.checks import Case, asks
from mlmi_course.questions.u10_cae_unet_segmentation._masks import disc
from mlmi_course.questions.u10_cae_unet_segmentation.dice import dice, pooled


def _dice_at(truth, probability, threshold, *, average=np.median, inside=np.greater):
    return float(average(dice.right(truth, inside(probability, threshold))))


def _tuned(
    validation_probability,
    validation_truth,
    test_probability,
    test_truth,
    thresholds,
    *,
    score=_dice_at,
    chosen_by=None,
    chosen_on="validation",
    measured_on="test",
    last=False,
):
    """The best threshold, and the score with it."""
    validation, test = (validation_truth, validation_probability), (test_truth, test_probability)
    parts = {
        "validation": validation,
        "test": test,
        "both": tuple(map(np.concatenate, zip(validation, test, strict=True))),
    }
    scores = [(chosen_by or score)(*parts[chosen_on], threshold) for threshold in thresholds]
    best = np.flatnonzero(np.equal(scores, np.max(scores)))
    threshold = float(thresholds[best[-1 if last else 0]])
    return threshold, score(*parts[measured_on], threshold)


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


_THRESHOLDS = np.array([0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.7])


def _outputs(rng, n, shift):
    """Probabilities of an unsure network and the truth: (n, 14, 14) each."""
    from scipy import ndimage

    truth = np.stack([disc(14, 14, *rng.uniform(5, 9, 2), rng.uniform(1.5, 4)) for _ in range(n)])
    height = rng.normal(0.6 + shift, 0.18, (n, 1, 1))
    blurred = np.stack([ndimage.gaussian_filter(one * 1.0, 1.2) for one in truth])
    probability = blurred * height + rng.normal(0.12, 0.1, truth.shape)
    return np.clip(probability, 0, 1).round(3), truth


@honest_dice.inputs
def cases(rng):
    # Each way to answer, but for the one that shows only where thresholds tie.
    mistakes = {name: it.answer for name, it in honest_dice.misconceptions.items()}
    last_of_equals = mistakes.pop("last_of_equals")
    ways = [honest_dice.right, *mistakes.values()]

    def told_apart(drawn):
        """Whether no mistake looks like the right answer, or like another one, in all of them."""
        return len(set(zip(*(answers for _, answers in drawn), strict=True))) == len(ways)

    drawn = []
    while not (len(drawn) >= 3 and told_apart(drawn)):
        validation, test = _outputs(rng, 5, 0.0), _outputs(rng, 5, float(rng.uniform(-0.2, 0.2)))
        arguments = (*validation, *test, _THRESHOLDS)
        answers = [tuple(np.round(way(*arguments), 9)) for way in ways]
        if len(set(answers)) >= 5:  # a case that tells most of them apart
            drawn.append((arguments, answers))
    for one in drawn[:-1]:  # drop what the others do without: each case takes time
        others = [other for other in drawn if other is not one]
        if len(others) >= 3 and told_apart(others):
            drawn = others
    for arguments, _ in drawn:
        yield Case(arguments, "five images to choose by and five to test on")
    for arguments, _ in drawn[::-1]:
        coarse = (a.round(1) if a.dtype == float else a for a in arguments[:4])
        tied = (*coarse, _THRESHOLDS)  # several thresholds give the same masks
        if honest_dice.right(*tied) != last_of_equals(*tied):
            yield Case(tied, "probabilities in tenths, so that thresholds give equal masks")
            break


def _accuracy_at(truth, probability, threshold):
    return float((truth == (probability > threshold)).mean())


def _pooled_dice_at(truth, probability, threshold):
    return pooled(truth, probability > threshold)


_mean_dice_at = partial(_dice_at, average=np.mean)

honest_dice.variants(
    _tuned,
    tuned_on_test=(
        {"chosen_on": "test"},
        "The threshold was chosen on the test images. The score is then too good: it has seen "
        "the answers.",
    ),
    tuned_on_both=(
        {"chosen_on": "both"},
        "The threshold was chosen on validation and test images together. The test must not "
        "take part in any choice.",
    ),
    measured_on_validation=(
        {"measured_on": "validation"},
        "The threshold is right, but you report the score on the images that it was chosen on. "
        "Report the test images.",
    ),
    by_accuracy=(
        {"chosen_by": _accuracy_at},
        "The threshold has the highest accuracy over pixels. That prefers masks that are too "
        "small: choose by the measure that you report.",
    ),
    by_pooled_dice=(
        {"chosen_by": _pooled_dice_at},
        "The threshold has the highest Dice of all pixels in one pot. Large masses decide "
        "there. Take the median of the images' own values.",
    ),
    mean_for_median=(
        {"score": _mean_dice_at},
        "You took the mean of the images' Dice. The median is asked for.",
    ),
    chosen_by_the_mean=(
        {"chosen_by": _mean_dice_at},
        "You report the median, but chose the threshold with the highest *mean* of the images' "
        "Dice. Choose by the median too.",
    ),
    at_or_above=(
        {"score": partial(_dice_at, inside=np.greater_equal)},
        "Pixels *at* the threshold count as inside for you. Here a pixel must be above it.",
    ),
    last_of_equals=(
        {"last": True},
        "Several thresholds share the highest median, and you took the last of them. Take the "
        "first.",
    ),
)


@honest_dice.mistake
def one_half(validation_probability, validation_truth, test_probability, test_truth, thresholds):
    """You used 0.5. An unsure network rarely says more than that: choose the threshold on the
    validation images.
    """
    return 0.5, _dice_at(test_truth, test_probability, 0.5)
