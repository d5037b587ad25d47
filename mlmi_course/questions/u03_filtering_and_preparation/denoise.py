"""A filter that is judged by the lesions that can still be found."""

import numpy as np
from scipy import ndimage

from mlmi_course.checks import ModelQuestion
from mlmi_course.questions.u03_filtering_and_preparation._patches import (
    SIZE,
    draw_patches,
    observer_auc,
    psnr_gain,
)

_CALM = 3.0  # dB that the readers want


def _gaussian(images, width, along=0.0):
    return ndimage.gaussian_filter(np.asarray(images, dtype=float), (along, width, width))


def _draw(rng):
    drawn = draw_patches(rng, 1000)
    flat = [drawn[name].reshape(1000, -1) for name in ("lesion", "row", "column", "clean", "noisy")]
    return drawn["noisy"], np.concatenate(flat, axis=1)


def _kept(labels, filtered):
    """Return 1 for what a Gaussian of 0.6 pixels keeps, 0 for one of 1.2; 0 if too noisy."""
    lesion, row, column = labels[:, :3].astype(int).T
    clean, noisy = (part.reshape(-1, SIZE, SIZE) for part in np.split(labels[:, 3:], 2, axis=1))
    filtered = np.asarray(filtered, dtype=float)
    if filtered.shape != noisy.shape:
        raise ValueError(f"the shape should be {noisy.shape}, and is {filtered.shape}")
    if psnr_gain(filtered, clean, noisy) < _CALM:
        return 0.0
    good, poor, theirs = (
        observer_auc(images, lesion, row, column)
        for images in (_gaussian(noisy, 0.6), _gaussian(noisy, 1.2), filtered)
    )
    return (theirs - poor) / (good - poor)


denoise = ModelQuestion(
    title="Which filter keeps the lesions?",
    points=4,
    draw=_draw,
    metric=_kept,
    # Twelve draws: σ = 0.6 gives 1 by definition, 0.7 gives 0.94 ± 0.03, and the highest PSNR
    # (0.8) gives 0.81 ± 0.04.
    threshold=0.9,
    noise=0.03,
    chance=0.8,
    of="patches",
    see="Can the lesion still be found?",
    hints=(
        "Two numbers for each candidate: the PSNR that it gains, and the AUC of the observer. Both "
        "can be computed on `practice`.",
        "Among all strengths that gain 3 dB, take the one with the highest AUC. It is not the one "
        "with the highest PSNR.",
        "Try `ndimage.gaussian_filter(images, (0, s, s))` for s from 0.3 to 1.2 in steps of 0.1. "
        "The first 0 keeps the patches apart.",
    ),
)


@denoise.mistake
def untouched(patches):
    """The patches are as noisy as before. The readers want 3 dB more."""
    return np.asarray(patches)


@denoise.mistake
def best_psnr(patches):
    """That is the Gaussian with the highest PSNR. It is nearest to the truth on average, but not
    where the lesions are: tune it by the observer's AUC, among those that gain 3 dB.
    """
    return _gaussian(patches, 0.8)


@denoise.mistake
def one_pixel(patches):
    """A Gaussian of one pixel, as everybody takes it. Try narrower ones, and look at the AUC."""
    return _gaussian(patches, 1.0)


@denoise.mistake
def across_patches(patches):
    """Your filter also smooths from one patch into the next: 0 is the axis of the patches."""
    return ndimage.gaussian_filter(np.asarray(patches, dtype=float), 0.6)


@denoise.mistake
def small_median(patches):
    """A median of 3 × 3 pixels takes a lesion of 2 × 2 for a few wild pixels: four of nine are
    outvoted.
    """
    return ndimage.median_filter(np.asarray(patches), (1, 3, 3))


@denoise.mistake
def box(patches):
    """A mean of 3 × 3 pixels is wider than the lesion. Try something narrower."""
    return ndimage.uniform_filter(np.asarray(patches, dtype=float), (0, 3, 3))
