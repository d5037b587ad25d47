"""Questions of unit 10, segmentation by networks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import copy
from functools import partial
from typing import Any

import numpy as np

from mlmi_course.checks import (
    Case,
    FunctionQuestion,
    Misconception,
    ModelQuestion,
    ThoughtQuestion,
    Unit,
    ValueQuestion,
    Verdict,
)
from mlmi_course.checks.calling import call

__all__ = [
    "accuracy_of_nothing",
    "biggest_piece",
    "dice",
    "dsc_from_rates",
    "error_rates",
    "honest_dice",
    "mask_auc",
    "masses",
    "progress",
    "report",
    "segment",
    "soft_dice_loss",
    "target_spacing",
    "too_good",
]


# ---- the lab's data --------------------------------------------------------------------------


def masses(n: int = 400, seed: int = 10) -> Any:
    """Simulated masses of 64×64 pixels, with lesions of half again the usual thickness.

    Parameters
    ----------
    n : int
        How many images.  A patient has one to four of them.
    seed : int
        Other seeds, other patients.

    Returns
    -------
    ImageSet
        From :func:`mlmi_course.data.load_masses`, with ``contrast=1.5``.

    Examples
    --------
    >>> masses(n=3).images.shape
    (3, 64, 64)
    """
    from mlmi_course.data import load_masses

    return load_masses(n=n, seed=seed, size=64, contrast=1.5)


def _ratio(over: Any, under: Any) -> Any:
    """Divide; nan wherever the denominator is 0, whatever stands above."""
    under = np.asarray(under, dtype=float)
    with np.errstate(all="ignore"):
        return np.where(under == 0, np.nan, np.asarray(over, dtype=float) / under)


def _disc(rows: int, columns: int, row: float, column: float, radius: float) -> np.ndarray:
    y, x = np.indices((rows, columns))
    return (y - row) ** 2 + (x - column) ** 2 <= radius**2


# ---- pixel accuracy of an empty mask ---------------------------------------------------------


_CUT = 12  # rows and columns that go on each side


def _lab_masks(cut: int = _CUT) -> np.ndarray:
    masks_of_lab = np.asarray(masses().masks) > 0
    return masks_of_lab[:, cut : 64 - cut, cut : 64 - cut]


accuracy_of_nothing = ValueQuestion(
    title="The accuracy of an empty mask",
    points=1,
    reference=lambda: float(1 - _lab_masks().mean()),
    tolerance=5e-4,
    see="The trap",
    hints=(
        "An empty mask says *background* everywhere. Where is that right?",
        "`data.masks[:, 12:-12, 12:-12]` are the outlines of the cropped images: 1 in a mass and 0 "
        "elsewhere. The share of zeros is the answer.",
    ),
    misconceptions={
        "not_cropped": Misconception(
            lambda: float(1 - _lab_masks(0).mean()),
            "That is the accuracy for the whole images. Here 12 rows and columns went on each "
            "side.",
        ),
        "twelve_in_all": Misconception(
            lambda: float(1 - _lab_masks(_CUT // 2).mean()),
            "That is the accuracy with 52 × 52 pixels: 12 rows and columns were cut off in all. "
            "Twelve go on *each* side, so that 40 × 40 pixels are left.",
        ),
        "divided_by_the_whole": Misconception(
            lambda: float((~_lab_masks()).sum() / _lab_masks(0).size),
            "You divide by the pixels of the whole images. Only those that are left are judged.",
        ),
        "share_of_the_masses": Misconception(
            lambda: float(_lab_masks().mean()),
            "That is the share of pixels that lie in a mass. An empty mask is wrong on these, and "
            "right on all others.",
        ),
        "percent": Misconception(
            lambda: float(100 * (1 - _lab_masks().mean())),
            "That is in percent. A share between 0 and 1 is asked for.",
        ),
        "zero": Misconception(
            0.0,
            "That is its Dice coefficient. Its accuracy also counts the pixels that it rightly "
            "leaves alone.",
        ),
    },
)


# ---- Dice, case by case ----------------------------------------------------------------------


def _dice(truth: np.ndarray, prediction: np.ndarray) -> np.ndarray:
    both = (truth & prediction).sum(axis=(1, 2))
    return _ratio(2 * both, truth.sum(axis=(1, 2)) + prediction.sum(axis=(1, 2)))


def _pairs(rng: np.random.Generator, n: int = 5, side: tuple[int, int] = (12, 14)) -> Any:
    """Discs of very different sizes, and predictions that are moved and too small or too large.

    The counts are such that the mistakes below cannot be taken for each other.
    """
    while True:
        radii = rng.permutation(np.linspace(1.5, 4.5, n))
        where = rng.uniform(4, 8, (n, 2))
        moved = where + rng.uniform(-2.0, 2.0, (n, 2))
        grown = radii * rng.choice([0.7, 0.8, 1.2, 1.3], n)
        truth = np.stack([_disc(*side, *p, r) for p, r in zip(where, radii, strict=True)])
        found = np.stack([_disc(*side, *p, r) for p, r in zip(moved, grown, strict=True)])
        # Stray pixels, as real predictions have them.
        found |= rng.random(found.shape) < 0.02
        tp, fp, fn = (m.sum(axis=(1, 2)) for m in (truth & found, found & ~truth, truth & ~found))
        if (tp >= 2).all() and (fp >= 1).all() and (fn >= 1).all() and (fp != fn).all():
            return truth, found


def _dice_inputs(rng: np.random.Generator) -> Iterator[Case]:
    truth, found = _pairs(rng)
    yield Case((truth, found), "five masses")
    found = found.copy()
    found[1] = False
    yield Case((truth, found), "five masses, one of them not found at all")
    truth, found = truth.copy(), found.copy()
    truth[3] = False
    yield Case((truth, found), "an image without a mass, in which something was marked")
    found = found.copy()
    found[3] = False
    yield Case((truth, found), "an image without a mass, left empty by the prediction")


_EVERY = (0, 1, 2)
_EACH = (1, 2)


def _filled(values: Any, by: float) -> Any:
    return np.where(np.isnan(values), by, values)


def _undefined_where(values: Any, *masks: Any) -> Any:
    """Return the values, nan where one of the masks is empty."""
    empty = np.any([~mask.any(axis=_EACH) for mask in masks], axis=0)
    return np.where(empty, np.nan, values)


def _jaccard(truth: Any, prediction: Any) -> Any:
    return _ratio((truth & prediction).sum(_EACH), (truth | prediction).sum(_EACH))


dice = FunctionQuestion(
    title="Dice, case by case",
    points=2,
    inputs=_dice_inputs,
    reference=_dice,
    see="Four counts and the Dice coefficient",
    not_allowed=("mlmi_course.metrics.dice",),
    hints=(
        "`truth & prediction` is True where both are. Sum it over rows and columns, `axis=(1, 2)`: "
        "one number is left for each image.",
        "Above: twice the pixels in both. Below: the pixels of the truth plus those of the "
        "prediction.",
        "0/0 in NumPy is nan with a warning, and nan is what is asked for. "
        "`with np.errstate(invalid='ignore'):` keeps it quiet.",
    ),
    misconceptions={
        "jaccard": Misconception(
            _jaccard,
            "That is the Jaccard index: intersection over union. Dice is twice the intersection "
            "over the sum of both sizes, D = 2J / (1 + J), and never smaller.",
        ),
        "pooled": Misconception(
            lambda t, p: float(_ratio(2 * (t & p).sum(), t.sum() + p.sum())),
            "You put the pixels of all images into one pot. There a large mass outvotes the small "
            "ones. One value for each image is asked for: sum over `axis=(1, 2)`.",
        ),
        "zero_for_empty": Misconception(
            lambda t, p: _filled(_dice(t, p), 0.0),
            "For a truth and a prediction that are both empty you return 0: the worst score for "
            "somebody who was right. 0/0 is undefined: return nan, and let it be counted.",
        ),
        "one_for_empty": Misconception(
            lambda t, p: _filled(_dice(t, p), 1.0),
            "For a truth and a prediction that are both empty you return 1. Some challenges do. "
            "But then healthy images lift the mean, and nobody sees it. Return nan.",
        ),
        "dropped": Misconception(
            lambda t, p: (d := _dice(t, p))[~np.isnan(d)],
            "You leave out what is undefined. Then the values no longer belong to their images, "
            "and nobody learns how many there were. Keep the nan in its place.",
        ),
        "undefined_without_a_mass": Misconception(
            lambda t, p: _undefined_where(_dice(t, p), t),
            "Where only the truth is empty you return nan. Something was marked in a healthy "
            "image: that scores 0. Only 0/0 is undefined, where *both* masks are empty.",
        ),
        "undefined_if_missed": Misconception(
            lambda t, p: _undefined_where(_dice(t, p), t, p),
            "Where only one of the two masks is empty you return nan. A mass that was not found "
            "at all scores 0. Only where *both* masks are empty is Dice undefined.",
        ),
        "or_for_plus": Misconception(
            lambda t, p: 2 * _jaccard(t, p),
            "Values above 1: the sum of two Boolean arrays is *or*, and counts the common pixels "
            "once. Sum each mask, then add the two numbers.",
        ),
        "background": Misconception(
            lambda t, p: _dice(~t, ~p),
            "That is the Dice coefficient of the *background*, which is large and easy: the masks "
            "are inverted.",
        ),
        "accuracy": Misconception(
            lambda t, p: (t == p).mean(axis=_EACH),
            "That is the accuracy over pixels: it also counts the background that both leave "
            "alone, and there is so much of it that nothing else matters.",
        ),
        "recall": Misconception(
            lambda t, p: _ratio((t & p).sum(_EACH), t.sum(_EACH)),
            "You divide by the truth alone. That is the share that was found; a mask over the "
            "whole breast would score 1.",
        ),
        "precision": Misconception(
            lambda t, p: _ratio((t & p).sum(_EACH), p.sum(_EACH)),
            "You divide by the prediction alone. Then a single pixel in the middle of the mass "
            "would score 1.",
        ),
        "not_twice": Misconception(
            lambda t, p: _ratio((t & p).sum(_EACH), t.sum(_EACH) + p.sum(_EACH)),
            "The 2 is missing: two identical masks must score 1, and yours score one half.",
        ),
    },
)


# ---- three error rates -----------------------------------------------------------------------


def _error_rates(truth: np.ndarray, prediction: np.ndarray) -> dict[str, float]:
    fp, fn = (prediction & ~truth).sum(), (truth & ~prediction).sum()
    return {
        "missed": float(_ratio(fn, truth.sum())),
        "extra": float(_ratio(fp, truth.sum())),
        "false_alarm": float(_ratio(fp, (~truth).sum())),
    }


def _error_rates_inputs(rng: np.random.Generator) -> Iterator[Case]:
    truth, found = _pairs(rng, n=3, side=(12, 10))
    yield Case((truth[0], found[0]), "one mass")
    row, column = rng.uniform(5, 7, 2)
    small, large = (_disc(12, 14, row, column, radius) for radius in (1.2, 4.2))
    yield Case((small, large), "a prediction far larger than the mass")
    yield Case((truth[1], np.zeros((12, 10), bool)), "an empty prediction")
    yield Case((np.zeros((12, 10), bool), found[2]), "an empty truth")
    yield Case((np.ones((12, 10), bool), found[1]), "a truth that fills the image")


def _rates_with(
    *,
    missed: Callable[[Any, Any], Any] | None = None,
    extra: Callable[[Any, Any], Any] | None = None,
    false_alarm: Callable[[Any, Any], Any] | None = None,
) -> Callable[[Any, Any], dict[str, float]]:
    def wrong(truth: Any, prediction: Any) -> dict[str, float]:
        rates = _error_rates(truth, prediction)
        changed = {"missed": missed, "extra": extra, "false_alarm": false_alarm}
        return rates | {
            name: float(f(truth, prediction)) for name, f in changed.items() if f is not None
        }

    return wrong


def _fp(truth: Any, prediction: Any) -> Any:
    return (prediction & ~truth).sum()


def _fn(truth: Any, prediction: Any) -> Any:
    return (truth & ~prediction).sum()


def _rates_unguarded(truth: Any, prediction: Any) -> dict[str, float]:
    with np.errstate(all="ignore"):
        return {
            "missed": float(_fn(truth, prediction) / truth.sum()),
            "extra": float(_fp(truth, prediction) / truth.sum()),
            "false_alarm": float(_fp(truth, prediction) / (~truth).sum()),
        }


error_rates = FunctionQuestion(
    title="Two rates called “false positive rate”",
    points=2,
    inputs=_error_rates_inputs,
    reference=_error_rates,
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
    misconceptions={
        "one_denominator": Misconception(
            _rates_with(false_alarm=lambda t, p: _ratio(_fp(t, p), t.sum())),
            "`false_alarm` is divided by the truth, as `extra` is. Textbooks divide it by the "
            "pixels *outside* the truth.",
        ),
        "extra_of_the_negatives": Misconception(
            _rates_with(extra=lambda t, p: _ratio(_fp(t, p), (~t).sum())),
            "`extra` is divided by the pixels outside the truth, as `false_alarm` is. The paper "
            "divides it by the truth: that is why it has no upper bound.",
        ),
        "denominators_swapped": Misconception(
            _rates_with(
                extra=lambda t, p: _ratio(_fp(t, p), (~t).sum()),
                false_alarm=lambda t, p: _ratio(_fp(t, p), t.sum()),
            ),
            "`extra` and `false_alarm` have changed places: `extra` is divided by the truth, "
            "`false_alarm` by the pixels outside it.",
        ),
        "extra_of_the_prediction": Misconception(
            _rates_with(extra=lambda t, p: _ratio(_fp(t, p), p.sum())),
            "`extra` is divided by the prediction. That is 1 − precision, a third quantity with a "
            "similar name. Here it is divided by the truth.",
        ),
        "missed_of_all_pixels": Misconception(
            _rates_with(missed=lambda t, p: _fn(t, p) / t.size),
            "`missed` is divided by all pixels. In a large image every rate is then nearly 0. "
            "Divide by the pixels of the truth.",
        ),
        "roles_swapped": Misconception(
            lambda t, p: _error_rates(p, t),
            "Truth and prediction have changed places: you call false positive what is in the "
            "truth and not in the prediction.",
        ),
        "turned_round": Misconception(
            lambda t, p: {name: 1 - rate for name, rate in _error_rates(t, p).items()},
            "These are 1 − the rates, as the paper prints them. A rate of *errors* is 0 for a "
            "perfect mask.",
        ),
        "zero_for_undefined": Misconception(
            lambda t, p: {
                name: rate if np.isfinite(rate) else 0.0
                for name, rate in _error_rates(t, p).items()
            },
            "Where the denominator is 0 you return 0: a perfect score for something that cannot "
            "be measured.",
        ),
        "infinite": Misconception(
            _rates_unguarded,
            "In NumPy only 0/0 is nan; any other number divided by 0 is inf. Here a rate whose "
            "denominator is 0 is nan, whatever stands above it.",
        ),
        "undefined_without_prediction": Misconception(
            lambda t, p: {
                name: rate if p.any() else np.nan for name, rate in _error_rates(t, p).items()
            },
            "For an empty prediction you return nan. It misses the whole truth, and adds nothing: "
            "1, 0 and 0. No denominator here depends on the prediction.",
        ),
    },
)


# ---- what a paper prints ---------------------------------------------------------------------


def _report(truth: np.ndarray, prediction: np.ndarray) -> dict[str, float]:
    return _summary(_dice(truth, prediction))


def _summary(values: np.ndarray) -> dict[str, float]:
    known = values[~np.isnan(values)]
    q1, median, q3 = np.percentile(known, [25, 50, 75])
    return {
        "n": len(known),
        "undefined": len(values) - len(known),
        "median": float(median),
        "iqr": float(q3 - q1),
        "mean": float(known.mean()),
        "sd": float(known.std(ddof=1)),
    }


def _report_inputs(rng: np.random.Generator) -> Iterator[Case]:
    for n in (7, 10):
        truth, found = _pairs(rng, n=n)
        found = found.copy()
        found[0] = False  # one is missed, so that mean and median are far apart
        yield Case((truth, found), f"{n} masses, one of them missed")
    truth = truth.copy()
    for image in (4, 6):
        truth[image] = found[image] = False
    yield Case((truth, found), "two images without a mass, both left empty")
    truth = truth.copy()
    truth[8] = False
    yield Case((truth, found), "three images without a mass, two of them left empty")


def _report_with(**changes: Callable[[np.ndarray], float]) -> Any:
    def wrong(truth: Any, prediction: Any) -> dict[str, float]:
        values = _dice(truth, prediction)
        known = values[~np.isnan(values)]
        return _summary(values) | {name: float(f(known)) for name, f in changes.items()}

    return wrong


def _sd_over_pixels(truth: Any, prediction: Any) -> dict[str, float]:
    return _report(truth, prediction) | {"sd": float((truth == prediction).std())}


def _pooled_mean(truth: Any, prediction: Any) -> dict[str, float]:
    pooled = float(2 * (truth & prediction).sum() / (truth.sum() + prediction.sum()))
    return _report(truth, prediction) | {"mean": pooled}


def _nan_kept(truth: Any, prediction: Any) -> dict[str, float]:
    values = _dice(truth, prediction)
    q1, median, q3 = np.percentile(values, [25, 50, 75])
    return _report(truth, prediction) | {
        "median": float(median),
        "iqr": float(q3 - q1),
        "mean": float(values.mean()),
        "sd": float(values.std(ddof=1)),
    }


report = FunctionQuestion(
    title="What a paper prints",
    points=2,
    inputs=_report_inputs,
    reference=_report,
    see="What two readers agree on",
    not_allowed=("mlmi_course.metrics.summarise", "mlmi_course.metrics.segmentation_report"),
    hints=(
        "`values = metrics.dice(truth, prediction, per_case=True)` gives one value an image, nan "
        "where it is undefined. `known = values[~np.isnan(values)]` are the others.",
        "`np.percentile(known, [25, 50, 75])` gives both quartiles and the median.",
        "`known.std(ddof=1)` divides by n − 1. Do not forget `undefined`: how many were left out.",
    ),
    misconceptions={
        "median_and_mean_swapped": Misconception(
            _report_with(median=np.mean, mean=np.median),
            "Mean and median have changed places. One missed mass pulls the mean down; the median "
            "hardly notices.",
        ),
        "mean_as_median": Misconception(
            _report_with(median=np.mean),
            "What you call the median is the mean. One missed mass pulls it down.",
        ),
        "sd_over_pixels": Misconception(
            _sd_over_pixels,
            "Your standard deviation is taken over pixels. It says nothing about how much "
            "patients differ, and shrinks as the background grows. Take it over the Dice values.",
        ),
        "pooled_mean": Misconception(
            _pooled_mean,
            "Your mean is the Dice of all pixels in one pot. The mean of the images' own values is "
            "asked for.",
        ),
        "standard_error": Misconception(
            _report_with(sd=lambda v: v.std(ddof=1) / np.sqrt(len(v))),
            "That is the standard error of the mean: how well you know the mean. The standard "
            "deviation says how much cases differ, and does not shrink with more of them.",
        ),
        "divided_by_n": Misconception(
            _report_with(sd=np.std),
            "NumPy's `std` divides by n. For a sample divide by n − 1: `ddof=1`.",
        ),
        "undefined_as_zero": Misconception(
            lambda t, p: _summary(_filled(_dice(t, p), 0.0)),
            "Images whose truth and prediction are both empty enter as 0. They are undefined: "
            "leave them out, and say how many.",
        ),
        "undefined_among_n": Misconception(
            lambda t, p: _report(t, p) | {"n": len(t)},
            "Your `n` counts all images. Count those with a defined value; the others are in "
            "`undefined`.",
        ),
        "undefined_not_counted": Misconception(
            _report_with(undefined=lambda v: 0),
            "You leave out what is undefined and say that there was nothing to leave out. A "
            "reader must learn how many cases the figures are *not* about.",
        ),
        "undefined_without_a_mass": Misconception(
            lambda t, p: _summary(_undefined_where(_dice(t, p), t)),
            "You leave out every image without a mass. Where something was marked in it, its Dice "
            "is 0, and defined. Only where both masks are empty is it undefined.",
        ),
        "undefined_kept": Misconception(
            _nan_kept,
            "One undefined value makes your mean and median nan. Leave such cases out, and count "
            "them.",
        ),
    },
)


# ---- a published table -----------------------------------------------------------------------

# Veiga-Canuto et al., Cancers 14 (2022) 3648: medians of 1 − FPR (relative to the truth), of
# 1 − FNR, and of the Dice coefficient.
_PUBLISHED = {"two readers": (0.939, 0.998, 0.969), "nnU-Net": (0.968, 0.963, 0.965)}


def _dsc_from_rates(one_minus_fpr: Any, one_minus_fnr: Any) -> Any:
    fpr, fnr = 1 - one_minus_fpr, 1 - one_minus_fnr
    return 2 * (1 - fnr) / (2 - fnr + fpr)


def _dsc_inputs(rng: np.random.Generator) -> Iterator[Case]:
    for _ in range(2):
        fpr, fnr = rng.uniform(0.1, 0.3), rng.uniform(0.35, 0.6)
        yield Case((round(1 - fpr, 3), round(1 - fnr, 3)), "two printed numbers")
    yield Case((-1.5, 0.9), "a false positive rate of 2.5: the mask is far too large")
    yield Case((1.0, 1.0), "a perfect mask")


def _harmonic(one_minus_fpr: Any, one_minus_fnr: Any) -> Any:
    return 2 * one_minus_fpr * one_minus_fnr / (one_minus_fpr + one_minus_fnr)


def _draw_published(answer: Any) -> Any:
    from mlmi_course import plots

    names, values = [], []
    for who, (one_minus_fpr, one_minus_fnr, printed) in _PUBLISHED.items():
        names += [f"{who}: printed", f"{who}: from its rates"]
        values += [printed, float(call(answer, (one_minus_fpr, one_minus_fnr)))]
    words = ", ".join(f"{n} {v:.3f}" for n, v in zip(names, values, strict=True))
    return plots.bars(
        names,
        values,
        decimals=3,
        xlabel="Dice coefficient",
        highlight=[name for name in names if name.endswith("rates")],
        alt=f"Dice coefficients as printed and as computed from the printed rates: {words}.",
    )


dsc_from_rates = FunctionQuestion(
    title="One number too many",
    points=2,
    inputs=_dsc_inputs,
    reference=_dsc_from_rates,
    picture=_draw_published,
    see="Read a published table",
    hints=(
        "Start from Dice = 2 TP / (2 TP + FP + FN) and divide above and below by TP + FN.",
        "TP / (TP + FN) is 1 − FNR. FP / (TP + FN) is the paper's FPR. FN / (TP + FN) is the FNR.",
        "Dice = 2 (1 − FNR) / (2 − FNR + FPR). The function gets 1 − FPR and 1 − FNR: turn them "
        "back first.",
    ),
    misconceptions={
        "not_turned_back": Misconception(
            lambda a, b: 2 * (1 - b) / (2 - b + a),
            "You put the printed numbers in place of the rates. The paper prints 1 − FPR and "
            "1 − FNR: turn them back first.",
        ),
        "harmonic_mean": Misconception(
            _harmonic,
            "That is the harmonic mean of the two printed numbers. It would be right if 1 − FPR "
            "were the precision. It is not: its denominator is the truth, not the prediction.",
        ),
        "mean": Misconception(
            lambda a, b: (a + b) / 2,
            "That is the mean of the two. Dice is a ratio: derive it from the counts.",
        ),
        "swapped": Misconception(
            lambda a, b: _dsc_from_rates(b, a),
            "FPR and FNR have changed places. Missed pixels also leave the numerator; false ones "
            "only enter the denominator.",
        ),
        "fpr_subtracted": Misconception(
            lambda a, b: 2 * b / (a + b),
            "You subtract the FPR below. What is marked too much makes the denominator larger, "
            "and Dice smaller.",
        ),
        "jaccard": Misconception(
            lambda a, b: (1 - (1 - b)) / (1 + (1 - a)),
            "That is the Jaccard index: TP / (TP + FP + FN), divided by TP + FN. Dice has 2 TP "
            "above, and below too.",
        ),
    },
)


def _mask_auc(truth: np.ndarray, prediction: np.ndarray) -> float:
    hit = _ratio((truth & prediction).sum(), truth.sum())
    false = _ratio((~truth & prediction).sum(), (~truth).sum())
    return float((hit + 1 - false) / 2)


def _mask_auc_inputs(rng: np.random.Generator) -> Iterator[Case]:
    truth, found = _pairs(rng, n=3)
    yield Case((truth[0], found[0]), "one mass")
    yield Case((truth[1], np.zeros_like(truth[1])), "an empty prediction")
    inverted = ~truth[1] & (rng.random(truth[1].shape) < 0.7)
    yield Case((truth[1], inverted), "a prediction that marks everything but the mass")
    yield Case((np.zeros_like(truth[2]), found[2]), "an empty truth")
    yield Case((np.ones_like(truth[2]), found[2]), "a truth that fills the image")


mask_auc = FunctionQuestion(
    title="The “AUC” of a mask",
    points=2,
    inputs=_mask_auc_inputs,
    reference=_mask_auc,
    see="Read a published table",
    hints=(
        "Draw it. A mask is right or wrong at *one* threshold, so its ROC curve has one corner: "
        "(false alarms, sensitivity). Straight lines join it to (0, 0) and (1, 1).",
        "The area below two straight lines: a triangle and a trapezium. Or two triangles and a "
        "square; it comes to the same.",
        "It is (sensitivity + specificity) / 2. Specificity is the share of `~truth` that is not "
        "in the prediction.",
    ),
    misconceptions={
        "accuracy": Misconception(
            lambda t, p: float((t == p).mean()),
            "That is the accuracy over pixels, which weighs background and mass by their size. The "
            "area weighs both alike.",
        ),
        "product": Misconception(
            lambda t, p: float(
                _ratio((t & p).sum(), t.sum()) * _ratio((~t & ~p).sum(), (~t).sum())
            ),
            "You multiplied sensitivity and specificity: the area of a rectangle. The curve is "
            "made of two oblique lines.",
        ),
        "precision": Misconception(
            lambda t, p: float(
                (_ratio((t & p).sum(), t.sum()) + _ratio((t & p).sum(), p.sum())) / 2
            ),
            "You took the precision for the specificity. The specificity looks at the pixels "
            "outside the *truth*.",
        ),
        "dice": Misconception(
            lambda t, p: float(_dice(t[None], p[None])[0]),
            "That is the Dice coefficient, not the area under a curve.",
        ),
        "sensitivity": Misconception(
            lambda t, p: float(_ratio((t & p).sum(), t.sum())),
            "That is the height of the corner. The area also depends on how far right it lies.",
        ),
        "specificity_of_one": Misconception(
            lambda t, p: float((_ratio((t & p).sum(), t.sum()) + 1) / 2),
            "You took the specificity for 1. It is nearly 1 where the background is huge, as in "
            "the lecture's table. Compute it.",
        ),
        "false_alarms_of_the_truth": Misconception(
            lambda t, p: float((1 + _ratio((t & p).sum() - (p & ~t).sum(), t.sum())) / 2),
            "Your false alarms are divided by the truth. A ROC curve divides them by the pixels "
            "*outside* the truth.",
        ),
        "never_below_half": Misconception(
            lambda t, p: 0.5 + abs(_mask_auc(t, p) - 0.5),
            "Here the area is below one half, and you return more. A mask can be worse than "
            "chance: the corner then lies below the diagonal.",
        ),
        "cut_at_half": Misconception(
            lambda t, p: float(np.maximum(_mask_auc(t, p), 0.5)),
            "Here the area is below one half, and you return one half. A mask can be worse than "
            "chance: the corner then lies below the diagonal.",
        ),
        "nothing_outside": Misconception(
            lambda t, p: (
                float((1 + _ratio((t & p).sum(), t.sum())) / 2) if t.all() else _mask_auc(t, p)
            ),
            "Where the truth fills the image, no pixel lies outside it: there is no false alarm "
            "rate, and so no area. Return nan.",
        ),
        "half_for_undefined": Misconception(
            lambda t, p: float(np.nan_to_num(_mask_auc(t, p), nan=0.5)),
            "Without a single true pixel there is no sensitivity, and so no area. Return nan: 0.5 "
            "would claim that something was measured.",
        ),
    },
)


# ---- a loss that sees small things -----------------------------------------------------------


def _soft_dice_loss(truth: np.ndarray, probability: np.ndarray) -> np.ndarray:
    both = (truth * probability).sum(axis=_EACH)
    return 1 - (2 * both + 1) / (truth.sum(axis=_EACH) + probability.sum(axis=_EACH) + 1)


def _loss_inputs(rng: np.random.Generator) -> Iterator[Case]:
    truth, found = _pairs(rng, n=4, side=(10, 12))
    probability = np.where(
        found, rng.uniform(0.35, 1, found.shape), rng.uniform(0, 0.4, found.shape)
    )
    yield Case((truth * 1.0, probability.round(3)), "four masses and probabilities")
    empty = np.zeros((2, 10, 12))
    unsure = empty.copy()
    unsure[1, 2:5, 3] = 0.7
    yield Case((empty, unsure), "two empty truths, one of them left empty")


def _loss_of(t: Any, p: Any, axis: Any = _EACH, smooth: float = 1.0) -> Any:
    with np.errstate(all="ignore"):
        return 1 - (2 * (t * p).sum(axis) + smooth) / (t.sum(axis) + p.sum(axis) + smooth)


def _draw_losses(answer: Any) -> Any:
    from mlmi_course import plots

    truth = _disc(32, 32, 15.5, 15.5, 5) * 1.0
    levels = np.linspace(0, 1, 51)
    shown = {
        "as in the picture": truth,
        "too small": _disc(32, 32, 15.5, 15.5, 3) * 1.0,
        "too large": _disc(32, 32, 15.5, 15.5, 8) * 1.0,
    }
    curves = {
        name: [
            float(np.ravel(call(answer, (truth[None], level * mask[None])))[0]) for level in levels
        ]
        for name, mask in shown.items()
    }
    return plots.lines(
        curves,
        x=levels,
        xlabel="probability inside the mask",
        ylabel="your loss",
        alt="The loss of three masks falls smoothly as their probability grows, most for that of "
        "the right size.",
    )


soft_dice_loss = FunctionQuestion(
    title="A loss that sees small things",
    points=3,
    inputs=_loss_inputs,
    reference=_soft_dice_loss,
    picture=_draw_losses,
    see="Two losses",
    not_allowed=("mlmi_course.networks.dice_loss",),
    hints=(
        "Multiply truth and probability pixel by pixel. Where the truth is 0 nothing is left; "
        "where it is 1 the probability is left.",
        "Sum over rows and columns, `axis=(1, 2)`, so that one number remains for each image.",
        "`1 - (2 * both + 1) / (truth sum + probability sum + 1)`. Both + 1 belong to the formula.",
    ),
    misconceptions={
        "thresholded": Misconception(
            lambda t, p: _loss_of(t, (p > 0.5) * 1.0),
            "You turned the probabilities into a mask first. A small change of a probability then "
            "changes nothing: the slope is 0, and gradient descent stands still. Leave them soft.",
        ),
        "batch_summed": Misconception(
            lambda t, p: float(_loss_of(t, p, axis=_EVERY)),
            "You summed over the images as well. One large mass then outvotes the small ones. Sum "
            "over rows and columns only: one loss for each image.",
        ),
        "mean_over_images": Misconception(
            lambda t, p: float(_soft_dice_loss(t, p).mean()),
            "You took the mean over the images. Keras does that itself: return one loss for each.",
        ),
        "means_for_sums": Misconception(
            lambda t, p: 1 - (2 * (t * p).mean(_EACH) + 1) / (t.mean(_EACH) + p.mean(_EACH) + 1),
            "You took means over the pixels in place of sums. The + 1 is then larger than all the "
            "rest, and the loss hardly moves.",
        ),
        "not_smoothed": Misconception(
            partial(_loss_of, smooth=0.0),
            "The + 1 above and below is missing. Without it an empty truth that is left empty is "
            "0/0, and a single nan spoils all weights of the network.",
        ),
        "smoothed_below_only": Misconception(
            lambda t, p: 1 - 2 * (t * p).sum(_EACH) / (t.sum(_EACH) + p.sum(_EACH) + 1),
            "The + 1 stands only below. Then an empty truth that is left empty, which is right, "
            "has a loss of 1.",
        ),
        "not_a_loss": Misconception(
            lambda t, p: 1 - _soft_dice_loss(t, p),
            "That grows as the mask gets better. A loss must fall: take 1 minus it.",
        ),
        "squares": Misconception(
            lambda t, p: (
                1 - (2 * (t * p).sum(_EACH) + 1) / ((t**2).sum(_EACH) + (p**2).sum(_EACH) + 1)
            ),
            "You square the terms below, as the V-Net paper does. That is a loss too, but here the "
            "formula has no squares.",
        ),
        "jaccard": Misconception(
            lambda t, p: (
                1
                - ((t * p).sum(_EACH) + 1) / (t.sum(_EACH) + p.sum(_EACH) - (t * p).sum(_EACH) + 1)
            ),
            "That is a soft Jaccard loss: intersection over union.",
        ),
    },
)


# ---- nnU-Net's spacing -----------------------------------------------------------------------


def _target_spacing(spacings: np.ndarray, shapes: np.ndarray) -> np.ndarray:
    target = np.median(spacings, axis=0)
    size = np.median(shapes, axis=0)
    axis = int(np.argmax(target))
    others = [i for i in range(3) if i != axis]
    coarse = target[axis] > 3 * target[others].max()
    few = size[axis] * 3 < size[others].min()
    if coarse and few:
        target[axis] = max(np.percentile(spacings[:, axis], 10), target[others].max())
    return target


def _scans(
    rng: np.random.Generator,
    gap: tuple[float, float],
    slices: tuple[int, int],
    axis: int,
    n: int = 9,
) -> tuple[np.ndarray, np.ndarray]:
    spacings = rng.uniform(0.5, 1.0, (n, 1)) * np.ones(3) * rng.uniform(0.95, 1.05, (n, 3))
    spacings[:, axis] = rng.uniform(*gap, n)
    shapes = rng.integers(220, 320, (n, 3))
    shapes[:, axis] = rng.integers(*slices, n)
    return spacings.round(2), shapes


def _target_inputs(rng: np.random.Generator) -> Iterator[Case]:
    spacings, shapes = _scans(rng, (0.8, 1.5), (150, 300), axis=0)
    yield Case((spacings, shapes), "nine scans with nearly cubic voxels")
    spacings, shapes = _scans(rng, (4.0, 9.0), (18, 40), axis=0)
    yield Case((spacings, shapes), "nine scans with thick slices")
    spacings, shapes = _scans(rng, (4.0, 9.0), (18, 40), axis=2)
    yield Case((spacings, shapes), "thick slices along another axis")
    spacings, shapes = _scans(rng, (4.0, 9.0), (150, 300), axis=0)
    yield Case((spacings, shapes), "thick slices, but hundreds of them")
    spacings, shapes = _scans(rng, (4.0, 9.0), (18, 40), axis=0, n=12)
    spacings[:3, 0] = 0.3
    yield Case((spacings, shapes), "thick slices, and a few scans that are thinner than all")
    spacings, shapes = _scans(rng, (4.0, 5.0), (18, 40), axis=0)
    spacings[:, 1] += 1.0
    yield Case((spacings, shapes), "thick slices, and pixels that are longer than wide")
    spacings, shapes = _scans(rng, (4.0, 9.0), (30, 40), axis=0)
    shapes[:, 2] = rng.integers(60, 80, 9)
    yield Case((spacings, shapes), "thick slices, and narrow images")
    spacings, shapes = _scans(rng, (4.0, 9.0), (18, 40), axis=0)
    shapes[0, 0] = 4000
    yield Case((spacings, shapes), "thick slices, few of them but in one scan")
    spacings, shapes = _scans(rng, (2.5, 3.5), (18, 40), axis=0, n=3)
    spacings[:, 1:], spacings[1] = 1.0, (3.0, 1.0, 1.0)
    spacings[0, 0], spacings[2, 0] = 2.5, 3.5
    yield Case((spacings, shapes), "slices exactly 3 times as thick as a pixel is wide")
    spacings, shapes = _scans(rng, (4.0, 9.0), (18, 40), axis=0, n=3)
    spacings[:, 0], shapes[:] = (4.0, 6.0, 8.0), (80, 240, 240)
    yield Case((spacings, shapes), "thick slices, exactly a third of the rows")


def _tenth(spacings: np.ndarray, shapes: np.ndarray) -> np.ndarray:
    target = np.median(spacings, axis=0)
    axis = int(np.argmax(target))
    if not np.array_equal(target, _target_spacing(spacings, shapes)):
        target[axis] = np.percentile(spacings[:, axis], 10)
    return target


def _other_rule(
    spacings: np.ndarray,
    shapes: np.ndarray,
    *,
    coarse: Callable[[float, np.ndarray], Any] = lambda own, others: own > 3 * others.max(),
    few: Callable[[float, np.ndarray], Any] = lambda own, others: 3 * own < others.min(),
    centre: Callable[..., Any] = np.median,
    percent: float = 10,
) -> np.ndarray:
    """Apply the rule with one part of it changed."""
    target, size = np.median(spacings, axis=0), centre(shapes, axis=0)
    axis = int(np.argmax(target))
    others = np.delete(target, axis)
    if coarse(target[axis], others) and few(size[axis], np.delete(size, axis)):
        target[axis] = max(np.percentile(spacings[:, axis], percent), others.max())
    return target


def _always_first(spacings: np.ndarray, shapes: np.ndarray) -> np.ndarray:
    target, size = np.median(spacings, axis=0), np.median(shapes, axis=0)
    if target[0] > 3 * target[1:].max() and size[0] * 3 < size[1:].min():
        target[0] = max(np.percentile(spacings[:, 0], 10), target[1:].max())
    return target


target_spacing = FunctionQuestion(
    title="A rule of nnU-Net",
    points=2,
    inputs=_target_inputs,
    reference=_target_spacing,
    see="A network that configures itself",
    hints=(
        "Start with `target = np.median(spacings, axis=0)`. The axis in question is "
        "`np.argmax(target)`.",
        "Both conditions compare with the two *other* axes: `np.delete(target, axis)` are their "
        "spacings; the same works for the median sizes.",
        "`np.percentile(spacings[:, axis], 10)`, and `max(…, others.max())` so that it does not "
        "become finer than the others.",
    ),
    misconceptions={
        "mean": Misconception(
            lambda s, n: np.mean(s, axis=0),
            "That is the mean. One scan with huge voxels would move it: nnU-Net takes the median.",
        ),
        "finest": Misconception(
            lambda s, n: np.min(s, axis=0),
            "That is the finest spacing of all scans. Every other one would be blown up without "
            "gaining anything. Take the median.",
        ),
        "no_exception": Misconception(
            lambda s, n: np.median(s, axis=0),
            "The exception is missing: where one axis is far coarser than the others and has few "
            "slices, it gets the 10th percentile of its own spacings.",
        ),
        "tenth_of_all_axes": Misconception(
            lambda s, n: (
                np.median(s, axis=0)
                if np.array_equal(_target_spacing(s, n), np.median(s, axis=0))
                else np.percentile(s, 10, axis=0)
            ),
            "You took the 10th percentile on all axes. Only the coarse one is treated so.",
        ),
        "only_the_spacing": Misconception(
            partial(_other_rule, few=lambda own, others: True),
            "You looked at the spacing alone. With hundreds of thick slices there is no exception: "
            "both conditions must hold.",
        ),
        "coarser_than_the_finest": Misconception(
            partial(_other_rule, coarse=lambda own, others: own > 3 * others.min()),
            "You compare with the smaller of the two other spacings. The slices must be more than "
            "3 times coarser than the *larger* one.",
        ),
        "fewer_than_the_most": Misconception(
            partial(_other_rule, few=lambda own, others: 3 * own < others.max()),
            "You compare with the larger of the two other numbers of voxels. 3 times the slices "
            "must be less than the *smaller* one.",
        ),
        "mean_size": Misconception(
            partial(_other_rule, centre=np.mean),
            "You took the mean number of voxels. One scan with thousands of slices would decide "
            "for all: the median is asked for.",
        ),
        "tenth_of_a_percent": Misconception(
            partial(_other_rule, percent=0.1),
            "`np.percentile` takes percent: 10, and not 0.1.",
        ),
        "exactly_three_times": Misconception(
            partial(_other_rule, coarse=lambda own, others: own >= 3 * others.max()),
            "Exactly 3 times coarser is not *more than* 3 times: no exception here.",
        ),
        "exactly_a_third": Misconception(
            partial(_other_rule, few=lambda own, others: 3 * own <= others.min()),
            "3 times the slices are exactly as many as the rows, and not *less*: no exception "
            "here.",
        ),
        "first_axis": Misconception(
            _always_first,
            "You take it for granted that slices lie along the first axis. Files differ: look for "
            "the axis with the largest median spacing.",
        ),
        "finer_than_the_others": Misconception(
            _tenth,
            "The 10th percentile can be finer than the other axes. Then it is raised to the larger "
            "of their two spacings.",
        ),
    },
)


# ---- post-processing -------------------------------------------------------------------------


def _biggest_piece(mask: np.ndarray) -> np.ndarray:
    from scipy import ndimage

    pieces, count = ndimage.label(mask, structure=np.ones((3, 3)))
    if not count:
        return np.zeros(mask.shape, bool)
    sizes = np.bincount(pieces.ravel())
    sizes[0] = 0
    return pieces == sizes.argmax()


def _four_connected(mask: Any) -> Any:
    from scipy import ndimage

    pieces, count = ndimage.label(mask)
    if not count:
        return np.zeros(mask.shape, bool)
    sizes = np.bincount(pieces.ravel())
    sizes[0] = 0
    return pieces == sizes.argmax()


def _with_background(mask: Any) -> Any:
    from scipy import ndimage

    pieces, _ = ndimage.label(mask, structure=np.ones((3, 3)))
    return pieces == np.bincount(pieces.ravel()).argmax()


def _first_piece(mask: Any) -> Any:
    from scipy import ndimage

    pieces, count = ndimage.label(mask, structure=np.ones((3, 3)))
    return pieces == 1 if count else np.zeros(mask.shape, bool)


def _last_of_equals(mask: Any) -> Any:
    from scipy import ndimage

    pieces, count = ndimage.label(mask, structure=np.ones((3, 3)))
    if not count:
        return np.zeros(mask.shape, bool)
    sizes = np.bincount(pieces.ravel())[1:]
    return pieces == count - np.argmax(sizes[::-1])


def _widest_piece(mask: Any) -> Any:
    from scipy import ndimage

    pieces, count = ndimage.label(mask, structure=np.ones((3, 3)))
    if not count:
        return np.zeros(mask.shape, bool)
    boxes = [mask[box].size for box in ndimage.find_objects(pieces)]
    return pieces == 1 + np.argmax(boxes)


def _numbered(mask: Any) -> Any:
    from scipy import ndimage

    pieces, _ = ndimage.label(mask, structure=np.ones((3, 3)))
    return _biggest_piece(mask) * pieces


def _without_specks(mask: Any) -> Any:
    from scipy import ndimage

    return ndimage.binary_opening(mask)


def _piece_inputs(rng: np.random.Generator) -> Iterator[Case]:
    mask = np.zeros((16, 16), bool)
    mask[0, int(rng.integers(3, 8))] = True  # the first piece is small
    row, column = rng.integers(3, 6, 2)
    mask |= _disc(16, 16, row, column, 1.9)
    mask[row + 1 :, :] |= _disc(16, 16, row + 7, column + 6, 2.3)[row + 1 :]
    yield Case((mask,), "a speck and two pieces")
    mask = np.zeros((14, 14), bool)
    step = np.arange(6)
    start = int(rng.integers(0, 3))
    mask[start + step, 1 + step] = True  # a diagonal chain of six
    mask[9:11, 10:12] = True  # and a square of four
    mask[0, 12] = True
    yield Case((mask,), "a thin oblique piece that hangs together by its corners")
    noise = rng.random((18, 18)) < 0.2
    noise[:2] = False
    noise[6:12, 6:12] |= rng.random((6, 6)) < 0.8
    yield Case((noise,), "a blob in noise")
    mask = np.zeros((14, 14), bool)
    mask[start + step, step] = True  # a chain of six, which spans much
    mask[9:12, 8:11] = True  # and a square of nine
    yield Case((mask,), "a long thin piece and a compact one with more pixels")
    mask = np.zeros((12, 12), bool)
    for row, column in ((1, 6), (4, 1), (8, 7)):
        mask[row : row + 2, column : column + 3] = True
    mask[11, int(rng.integers(0, 5))] = True
    yield Case((mask,), "three equally large pieces and a speck")
    yield Case((np.zeros((8, 9), bool),), "an empty mask")


def _draw_piece(answer: Any) -> Any:
    from mlmi_course import plots

    rng = np.random.default_rng(3)
    mask = _disc(48, 48, 27, 30, 9) | (rng.random((48, 48)) < 0.02)
    kept = np.asarray(call(answer, (mask,))) > 0
    return plots.montage(
        [mask * 1.0, kept * 1.0],
        titles=["before", "your piece"],
        columns=2,
        size=5.0,
        alt=f"A disc among specks, {int(mask.sum())} pixels; what is kept has {int(kept.sum())}.",
    )


biggest_piece = FunctionQuestion(
    title="The biggest piece",
    points=2,
    inputs=_piece_inputs,
    reference=_biggest_piece,
    picture=_draw_piece,
    see="One mass, one piece",
    hints=(
        "`pieces, count = ndimage.label(mask, structure=np.ones((3, 3)))` numbers the pieces from "
        "1; 0 is the background.",
        "`sizes = np.bincount(pieces.ravel())` counts the pixels of each number. Which entry must "
        "not win?",
        "Set `sizes[0] = 0`, return `pieces == sizes.argmax()`, and treat `count == 0` first.",
    ),
    misconceptions={
        "background": Misconception(
            _with_background,
            "You kept the background: it has the number 0 and, nearly always, the most pixels.",
        ),
        "four_connected": Misconception(
            _four_connected,
            "You let pixels touch at their edges only (4-connectivity, SciPy's default). Here "
            "corners count too: `structure=np.ones((3, 3))`.",
        ),
        "first": Misconception(
            _first_piece,
            "You kept piece number 1. That is the first one from the top, not the biggest.",
        ),
        "last_of_equals": Misconception(
            _last_of_equals,
            "Of equally large pieces you kept the last one. The one that `label` numbers first is "
            "asked for.",
        ),
        "widest": Misconception(
            _widest_piece,
            "You kept the piece that spans the largest box. Count its pixels: a thin oblique line "
            "spans much and has few.",
        ),
        "numbers": Misconception(
            _numbered,
            "You return the piece with its number. A mask is True or False.",
        ),
        "opening": Misconception(
            _without_specks,
            "That removes small and thin things everywhere, and gnaws at the piece itself. One "
            "whole piece is to be kept, and every other one dropped.",
        ),
        "everything": Misconception(
            lambda mask: mask.copy(),
            "Nothing was taken away.",
        ),
    },
)


# ---- an honest threshold ---------------------------------------------------------------------


def _median_dice(truth: np.ndarray, probability: np.ndarray, threshold: float) -> float:
    return float(np.median(_dice(truth, probability > threshold)))


def _median_dice_from(truth: np.ndarray, probability: np.ndarray, threshold: float) -> float:
    return float(np.median(_dice(truth, probability >= threshold)))


def _pooled_dice(truth: np.ndarray, probability: np.ndarray, threshold: float) -> float:
    found = probability > threshold
    return float(_ratio(2 * (truth & found).sum(), truth.sum() + found.sum()))


def _accuracy(truth: np.ndarray, probability: np.ndarray, threshold: float) -> float:
    return float((truth == (probability > threshold)).mean())


def _mean_dice(truth: np.ndarray, probability: np.ndarray, threshold: float) -> float:
    return float(np.mean(_dice(truth, probability > threshold)))


def _tuned(
    validation_probability: np.ndarray,
    validation_truth: np.ndarray,
    test_probability: np.ndarray,
    test_truth: np.ndarray,
    thresholds: np.ndarray,
    *,
    by: Callable[..., float] = _median_dice,
    on: str = "validation",
    measured: Callable[..., float] = _median_dice,
    first: bool = True,
) -> tuple[float, float]:
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


def _honest_dice(
    validation_probability: np.ndarray,
    validation_truth: np.ndarray,
    test_probability: np.ndarray,
    test_truth: np.ndarray,
    thresholds: np.ndarray,
) -> tuple[float, float]:
    return _tuned(
        validation_probability, validation_truth, test_probability, test_truth, thresholds
    )


def _on_validation(vp: Any, vt: Any, tp: Any, tt: Any, thresholds: Any) -> tuple[float, float]:
    best, _ = _honest_dice(vp, vt, tp, tt, thresholds)
    return best, _median_dice(vt, vp, best)


def _at_one_half(vp: Any, vt: Any, tp: Any, tt: Any, thresholds: Any) -> tuple[float, float]:
    return 0.5, _median_dice(tt, tp, 0.5)


def _outputs(rng: np.random.Generator, n: int, shift: float) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities of an unsure network and the truth: (n, 14, 14) each."""
    truth = np.stack([_disc(14, 14, *rng.uniform(5, 9, 2), rng.uniform(1.5, 4)) for _ in range(n)])
    height = rng.normal(0.6 + shift, 0.18, (n, 1, 1))
    blurred = np.stack([_soft(one) for one in truth])
    probability = blurred * height + rng.normal(0.12, 0.1, truth.shape)
    return np.clip(probability, 0, 1).round(3), truth


def _soft(mask: np.ndarray) -> np.ndarray:
    from scipy import ndimage

    return ndimage.gaussian_filter(mask * 1.0, 1.2)


_THRESHOLDS = np.array([0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.7])


def _honest_inputs(rng: np.random.Generator) -> Iterator[Case]:
    wrong = dict(honest_dice.misconceptions)
    last = wrong.pop("last_of_equals").answer  # seen in the last case only
    ways: list[Any] = [_honest_dice, *(w.answer for w in wrong.values())]
    cases: list[Any] = []

    def told_apart(cases: list[Any]) -> bool:
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
        if _honest_dice(*tied) != last(*tied):
            yield Case(tied, "probabilities in tenths, so that thresholds give equal masks")
            break


honest_dice = FunctionQuestion(
    title="An honest threshold",
    points=2,
    inputs=_honest_inputs,
    reference=_honest_dice,
    see="One mass, one piece",
    hints=(
        "Two steps. First try all thresholds on the *validation* images. Then use the best one, "
        "once, on the test images.",
        "`scores = [np.median(metrics.dice(validation_truth, validation_probability > t, "
        "per_case=True)) for t in thresholds]`",
        "`best = thresholds[np.argmax(scores)]`; `argmax` takes the first of equals. Return `best` "
        "and the median Dice of the test images at `best`.",
    ),
    misconceptions={
        "tuned_on_test": Misconception(
            partial(_tuned, on="test"),
            "The threshold was chosen on the test images. The score is then too good: it has seen "
            "the answers.",
        ),
        "tuned_on_both": Misconception(
            partial(_tuned, on="both"),
            "The threshold was chosen on validation and test images together. The test must not "
            "take part in any choice.",
        ),
        "measured_on_validation": Misconception(
            _on_validation,
            "The threshold is right, but you report the score on the images that it was chosen "
            "on. Report the test images.",
        ),
        "by_accuracy": Misconception(
            partial(_tuned, by=_accuracy),
            "The threshold has the highest accuracy over pixels. That prefers masks that are too "
            "small: choose by the measure that you report.",
        ),
        "by_pooled_dice": Misconception(
            partial(_tuned, by=_pooled_dice),
            "The threshold has the highest Dice of all pixels in one pot. Large masses decide "
            "there. Take the median of the images' own values.",
        ),
        "mean_for_median": Misconception(
            partial(_tuned, by=_mean_dice, measured=_mean_dice),
            "You took the mean of the images' Dice. The median is asked for.",
        ),
        "chosen_by_the_mean": Misconception(
            partial(_tuned, by=_mean_dice),
            "You report the median, but chose the threshold with the highest *mean* of the images' "
            "Dice. Choose by the median too.",
        ),
        "at_or_above": Misconception(
            partial(_tuned, by=_median_dice_from, measured=_median_dice_from),
            "Pixels *at* the threshold count as inside for you. Here a pixel must be above it.",
        ),
        "last_of_equals": Misconception(
            partial(_tuned, first=False),
            "Several thresholds share the highest median, and you took the last of them. Take the "
            "first.",
        ),
        "one_half": Misconception(
            _at_one_half,
            "You used 0.5. An unsure network rarely says more than that: choose the threshold on "
            "the validation images.",
        ),
    },
)


# ---- a model ---------------------------------------------------------------------------------

_FRESH = 200
# The reference is better than the simple method by 0.091 to 0.102 (three starts), with a standard
# deviation of 0.023 over draws of 100 patients, so of about 0.016 over draws of 200.  The bar
# lies four of these below the lowest.
_CLEAR_OF_IT = 0.025


def _draw_fresh(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    from mlmi_course.phantoms.masses import lesions

    # One image a patient, and none of these patients is in the lab's own set.
    cases = lesions(_FRESH, size=64, seed=1000 + int(rng.integers(10**6)), contrast=1.5, views=1)
    return cases["images"], cases["masks"] > 0


def _score_masks(truth: Any, prediction: Any) -> float:
    prediction = np.asarray(prediction)
    if prediction.shape != truth.shape:
        raise ValueError(
            f"one mask for each image is needed, shape {truth.shape}, and yours have shape "
            f"{prediction.shape}"
        )
    if not np.isin(prediction, (0, 1)).all():
        raise ValueError(
            "a mask is True or False; these look like probabilities: compare them with a threshold"
        )
    return float(np.median(_dice(truth, prediction > 0)))


def _brightest_spot(images: Any) -> np.ndarray:
    """The lecture's simple method, with the numbers that it chooses on the lab's images."""
    return np.stack([_spot(_local_contrast(image)) for image in images])


def _local_contrast(image: np.ndarray) -> np.ndarray:
    from scipy import ndimage

    grey = image.astype(float)
    breast = grey > 25
    around = ndimage.gaussian_filter(grey * breast, 6)
    around /= ndimage.gaussian_filter(breast * 1.0, 6) + 1e-3
    fine = ndimage.gaussian_filter(grey, 1)
    return (fine - around) * ndimage.binary_erosion(fine > 25, iterations=4)


def _spot(score: np.ndarray) -> np.ndarray:
    from scipy import ndimage

    pieces, _ = ndimage.label(score > 0.3 * score.max(), structure=np.ones((3, 3)))
    return (pieces > 0) & (pieces == pieces[np.unravel_index(score.argmax(), score.shape)])


class _BesideTheSimpleMethod(ModelQuestion):
    """A model that is measured beside the simple method: it earns what it gains on that."""

    def _score(self, score: float, images: Any, labels: Any, predictions: Any) -> Verdict:
        beside = copy(self)
        beside.chance = _score_masks(labels, _brightest_spot(images))
        beside.threshold = beside.chance + _CLEAR_OF_IT
        return super(_BesideTheSimpleMethod, beside)._score(score, images, labels, predictions)


segment = _BesideTheSimpleMethod(
    title="Masses that nobody has seen",
    points=4,
    draw=_draw_fresh,
    metric=_score_masks,
    threshold=1.0,  # both are set beside the simple method, on the images that were drawn
    chance=0.0,
    budget_s=90,
    see="The U-Net",
    hints=(
        "`trained(…)` gives a network, `training.predict(network, images)` its probabilities, "
        "`> 0.5` a mask for each image.",
        "Far below what is needed? Look at the loss. Cross-entropy alone is content with almost "
        "empty masks after so few epochs; the sum of both losses is not.",
        "Still below? A rate of 0.001 is small for so few epochs: try 0.005, and 8 epochs. "
        "Then keep the biggest piece of each mask.",
    ),
    misconceptions={
        "nothing": Misconception(
            lambda images: np.zeros(images.shape, bool),
            "Your masks are empty. 98 % of the pixels are right, and not one mass is found. Look "
            "at the largest probabilities: are they all below your threshold?",
        ),
        "everything": Misconception(
            lambda images: np.ones(images.shape, bool),
            "Your masks cover the whole image. No mass is missed, and none is found.",
        ),
        "whole_breast": Misconception(
            lambda images: images > 20,
            "You found the breast, and it is not the mass. A grey value alone does not tell them "
            "apart: gland is as bright.",
        ),
        "simple_method": Misconception(
            _brightest_spot,
            "That is the lecture's simple method, without a network: the mark that a network has "
            "to beat.",
        ),
        "bright": Misconception(
            lambda images: images > images.max(axis=(1, 2), keepdims=True) / 2,
            "You marked what is bright. So is gland. A network has to learn shape as well.",
        ),
    },
)


# ---- a thought -------------------------------------------------------------------------------

too_good = ThoughtQuestion(
    title="98.8 %",
    points=3,
    rubric=(
        "1 point: says why the figure means little: 98 % of the pixels are background, an empty "
        "mask scores about 97.9 % on that set, so the gain is some 0.9 points of pixels; the "
        "figure depends on the field of view. "
        "1 point: says what to report instead: Dice (or another overlap) case by case, median with "
        "quartiles, patients kept apart, an interval over patients, undefined or missed cases "
        "counted; a distance in mm is a good addition. "
        "1 point: says what to compare with: a second reader (what two people agree on), a simple "
        "baseline, an empty mask; or that 'better than the readers' is impossible to claim against "
        "one of these readers. No points for 'accuracy is bad' alone."
    ),
    see="The trap",
    hints=(
        "What would somebody score who has never opened an image?",
        "A clinician wants to know about her next patient. Which numbers, for how many patients, "
        "beside what?",
    ),
)

progress = Unit(__name__).progress
