"""The “AUC” of a mask."""

import numpy as np

from mlmi_course.checks import Case, asks
from mlmi_course.questions.u10_cae_unet_segmentation._masks import pairs, ratio
from mlmi_course.questions.u10_cae_unet_segmentation.dice import dice as dice_per_image


def _sensitivity(t, p):
    return ratio((t & p).sum(), t.sum())


def _false_alarms(t, p):
    return ratio((p & ~t).sum(), (~t).sum())


def _area_with(truth, prediction, *, false_alarms=_false_alarms):
    """The area below the two lines that join the corner to (0, 0) and (1, 1)."""
    area = (_sensitivity(truth, prediction) + 1 - false_alarms(truth, prediction)) / 2
    return float(area)


@asks(
    points=2,
    see="Read a published table",
    hints=(
        "Draw it. A mask is right or wrong at *one* threshold, so its ROC curve has one corner: "
        "(false alarms, sensitivity). Straight lines join it to (0, 0) and (1, 1).",
        "The area below two straight lines: a triangle and a trapezium. Or two triangles and a "
        "square; it comes to the same.",
        "It is (sensitivity + specificity) / 2. Specificity is the share of `~truth` that is not "
        "in the prediction.",
    ),
)
def mask_auc(truth, prediction):
    """The “AUC” of a mask"""
    return _area_with(truth, prediction)


@mask_auc.inputs
def cases(rng):
    truth, found = pairs(rng, n=3)
    yield Case((truth[0], found[0]), "one mass")
    yield Case((truth[1], np.zeros_like(truth[1])), "an empty prediction")
    inverted = ~truth[1] & (rng.random(truth[1].shape) < 0.7)
    yield Case((truth[1], inverted), "a prediction that marks everything but the mass")
    yield Case((np.zeros_like(truth[2]), found[2]), "an empty truth")
    yield Case((np.ones_like(truth[2]), found[2]), "a truth that fills the image")


@mask_auc.mistake
def accuracy(t, p):
    """That is the accuracy over pixels, which weighs background and mass by their size. The area
    weighs both alike.
    """
    return float((t == p).mean())


@mask_auc.mistake
def product(t, p):
    """You multiplied sensitivity and specificity: the area of a rectangle. The curve is made of
    two oblique lines.
    """
    return float(_sensitivity(t, p) * _sensitivity(~t, ~p))


mask_auc.variants(
    _area_with,
    precision=(
        {"false_alarms": lambda t, p: 1 - ratio((t & p).sum(), p.sum())},
        "You took the precision for the specificity. The specificity looks at the pixels outside "
        "the *truth*.",
    ),
)


@mask_auc.mistake
def dice(t, p):
    """That is the Dice coefficient, not the area under a curve."""
    return float(dice_per_image.right(t[None], p[None])[0])


@mask_auc.mistake
def sensitivity(t, p):
    """That is the height of the corner. The area also depends on how far right it lies."""
    return float(_sensitivity(t, p))


mask_auc.variants(
    _area_with,
    specificity_of_one=(
        {"false_alarms": lambda t, p: 0},
        "You took the specificity for 1. It is nearly 1 where the background is huge, as in the "
        "lecture's table. Compute it.",
    ),
    false_alarms_of_the_truth=(
        {"false_alarms": lambda t, p: ratio((p & ~t).sum(), t.sum())},
        "Your false alarms are divided by the truth. A ROC curve divides them by the pixels "
        "*outside* the truth.",
    ),
)


@mask_auc.mistake
def never_below_half(t, p):
    """Here the area is below one half, and you return more. A mask can be worse than chance: the
    corner then lies below the diagonal.
    """
    return 0.5 + abs(mask_auc.right(t, p) - 0.5)


@mask_auc.mistake
def cut_at_half(t, p):
    """Here the area is below one half, and you return one half. A mask can be worse than chance:
    the corner then lies below the diagonal.
    """
    return float(np.maximum(mask_auc.right(t, p), 0.5))


mask_auc.variants(
    _area_with,
    nothing_outside=(
        {"false_alarms": lambda t, p: np.nan_to_num(_false_alarms(t, p))},
        "Where the truth fills the image, no pixel lies outside it: there is no false alarm rate, "
        "and so no area. Return nan.",
    ),
)


@mask_auc.mistake
def half_for_undefined(t, p):
    """Without a single true pixel there is no sensitivity, and so no area. Return nan: 0.5 would
    claim that something was measured.
    """
    return float(np.nan_to_num(mask_auc.right(t, p), nan=0.5))
