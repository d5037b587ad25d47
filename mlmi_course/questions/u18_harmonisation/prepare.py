"""Bring the images of any scanner to a program that cannot be changed."""

import numpy as np
from scipy.ndimage import gaussian_filter1d

from mlmi_course.checks import ModelQuestion

_MEANS = np.array([100.0, 200.0, 300.0])  # fluid, grey and white matter in the program's scanner
_CUTS = (150.0, 250.0)
_VOXELS = 1200


def _patients(rng, n):
    """Brain voxels of patients: tissue shares as patients have them, gain and offset as "
    "scanners."""
    images, truths = [], []
    for _ in range(n):
        fluid = rng.uniform(0.08, 0.6)
        grey = (1 - fluid) * rng.uniform(0.3, 0.7)
        tissue = rng.choice(3, _VOXELS, p=(fluid, grey, 1 - fluid - grey))
        values = _MEANS[tissue] + rng.normal(0, 12, _VOXELS)
        odd, bright, dark = rng.random(_VOXELS), *rng.uniform(0, 0.15, 2)
        vessel, calcium = odd < bright, odd > 1 - dark
        values[vessel] = rng.uniform(400, 900, int(vessel.sum()))
        values[calcium] = rng.uniform(-200, 0, int(calcium.sum()))
        tissue = np.where(vessel | calcium, 3, tissue)
        gain, offset = np.exp(rng.uniform(-1.2, 1.6)), rng.uniform(-0.5, 3.0)
        images.append((gain * (values + 100 * offset)).round(2))
        truths.append(tissue)
    return np.array(images), np.array(truths)


def brains(n=40, seed=0):
    """Brain voxels of patients from scanners of all kinds, and what they are.

    Parameters
    ----------
    n : int
        Patients, each of another scanner.
    seed : int
        Other seeds, other patients and scanners.

    Returns
    -------
    images : ndarray, shape (n, 1200)
        Grey values of 1,200 voxels inside the brain, in the scanner's unit.
    tissue : ndarray of int, shape (n, 1200)
        0 fluid, 1 grey matter, 2 white matter, 3 something else: a vessel, calcium.
    """
    return _patients(np.random.default_rng(seed), n)


def program(images):
    """Return the tissue of each voxel by the program's fixed cuts: 0 fluid, 1 grey, 2 white.

    Parameters
    ----------
    images : ndarray
        In the unit of the program's scanner: fluid about 100, grey 200, white 300.
    """
    return np.digitize(images, _CUTS)


def _score(truth, made):
    """Mean Dice over patients and tissues; 0 for what is no array of numbers of this shape."""
    made = np.asarray(made, float)
    if made.shape != truth.shape or not np.isfinite(made).all():
        return 0.0
    found = np.where(truth == 3, 4, program(made))  # vessels and calcium do not count
    dice = [
        2 * ((truth == k) & (found == k)).sum(1) / ((truth == k).sum(1) + (found == k).sum(1))
        for k in range(3)
    ]
    return float(np.mean(dice))


def _three_peaks(images):
    """The solution: the three highest peaks of a smoothed histogram, and a line through them."""
    made = []
    for values in np.asarray(images, float):
        edges = np.linspace(*np.percentile(values, (0.5, 99.5)), 241)
        counts = np.histogram(values, edges)[0].astype(float)
        height = np.pad(gaussian_filter1d(counts, 3, mode="constant"), 1)
        peaks = np.flatnonzero((height[1:-1] > height[:-2]) & (height[1:-1] >= height[2:]))
        highest = np.sort(peaks[np.argsort(-height[1:-1][peaks])[:3]])
        middles = (edges[1:] + edges[:-1])[highest] / 2
        line = np.polyfit(middles, _MEANS, 1) if len(middles) == 3 else (0, 200)
        made.append(np.polyval(line, values))
    return np.array(made)


def _stretched(images, low, high, to):
    ends = np.percentile(np.asarray(images, float), (low, high), axis=1, keepdims=True)
    return to[0] + (np.asarray(images, float) - ends[0]) / (ends[1] - ends[0]) * (to[1] - to[0])


prepare = ModelQuestion(
    title="Any scanner for one program",
    points=4,
    draw=lambda rng: _patients(rng, 40),
    metric=_score,
    # The peaks reach 0.999 (0.995 to 1 in twenty draws).  A stretch between percentiles that were
    # tuned on 40 other patients reaches 0.95, a tuned z-score 0.8, k-means 0.6.
    threshold=0.985,
    chance=0.96,
    noise=0.0,  # nothing is trained
    see="Rescale, or match",
    hints=(
        "What is the same in all patients? Not the shares of the tissues, and not the extremes. "
        "Draw the histogram of one patient: each tissue gathers around a value.",
        "Two numbers make a straight line: a gain and an offset. The middles of the three tissues "
        "are the three highest peaks of a histogram, if it is fine and smoothed a little.",
        "`np.histogram` with 240 bins between the 0.5th and the 99.5th percentile, "
        "`ndimage.gaussian_filter1d(counts, 3)`, the three highest local maxima in ascending "
        "order, and `np.polyfit` from them to 100, 200, 300.",
    ),
)


@prepare.mistake
def untouched(images):
    """You hand the images on as they are. The program's cuts are in the unit of its own scanner."""
    return np.asarray(images, float)


@prepare.mistake
def z_scores(images):
    """Mean and standard deviation depend on how much fluid a patient has, so a z-score moves the
    tissues of the very patients who are ill. Find values that mean the same tissue in everybody.
    """
    images = np.asarray(images, float)
    z = (images - images.mean(axis=1, keepdims=True)) / images.std(axis=1, keepdims=True)
    return 215 + 75 * z


@prepare.mistake
def percentiles(images):
    """The outer percentiles lie in vessels and calcium. Find values that mean the same tissue in
    everybody.
    """
    return _stretched(images, 1, 99, (60, 360))


@prepare.mistake
def inner_percentiles(images):
    """Percentiles are where they are because of the shares of the tissues: the 12th lies in fluid
    in one patient and in grey matter in another. Find what means the same tissue in everybody.
    """
    return _stretched(images, 12, 84, (100, 300))


@prepare.mistake
def k_means(images):
    """K-means gives a cluster to the vessels, too, or cuts a large tissue into two. Look for places
    where values gather, not for three parts of everything.
    """
    made = []
    for values in np.asarray(images, float):
        means = np.linspace(*np.percentile(values, (2, 98)), 3)
        for _ in range(10):
            nearest = np.abs(values[:, None] - means).argmin(axis=1)
            means = [
                values[nearest == k].mean() if (nearest == k).any() else means[k] for k in range(3)
            ]
            means = np.array(means)
        made.append(np.polyval(np.polyfit(means, _MEANS, 1), values))
    return np.array(made)


@prepare.mistake
def histogram_matched(images):
    """You gave each patient the histogram of the reference, and with it the reference's share of
    fluid. These patients differ in just that.
    """
    images = np.asarray(images, float)
    noise = np.random.default_rng(0).normal(0, 12, _VOXELS)
    reference = np.sort(np.repeat(_MEANS, (240, 510, 450)) + noise)
    rank = images.argsort(axis=1).argsort(axis=1)
    return np.quantile(reference, (rank + 0.5) / images.shape[1])
