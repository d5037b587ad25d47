"""Bring the images of any scanner to a program that cannot be changed."""

import numpy as np

from mlmi_course.checks import ModelQuestion

_MEANS = np.array([100.0, 200.0, 300.0])  # fluid, grey and white matter in the program's scanner
_CUTS = (150.0, 250.0)


def _patients(rng, n):
    """Brain voxels of patients: tissue shares as patients have them, gain and offset as "
    "scanners."""
    images, truths = [], []
    for _ in range(n):
        fluid = rng.uniform(0.05, 0.6)
        grey = (1 - fluid) * rng.uniform(0.35, 0.65)
        tissue = rng.choice(3, 1200, p=(fluid, grey, 1 - fluid - grey))
        values = _MEANS[tissue] + rng.normal(0, 16, 1200)
        odd, bright, dark = rng.random(1200), rng.uniform(0, 0.05), rng.uniform(0, 0.05)
        values[odd < bright] = rng.uniform(380, 800, int((odd < bright).sum()))  # vessels
        values[odd > 1 - dark] = rng.uniform(-60, 30, int((odd > 1 - dark).sum()))  # calcium, air
        tissue = np.where((odd < bright) | (odd > 1 - dark), 3, tissue)
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
        0 fluid, 1 grey matter, 2 white matter.
    """
    return _patients(np.random.default_rng(seed), n)


def program(images):
    """Return the tissue of each voxel by the program's fixed cuts: 0 fluid, 1 grey, 2 white.

    Parameters
    ----------
    images : ndarray
        In the unit of the program's scanner: fluid about 100, grey 200, white matter 300.
    """
    return np.digitize(images, _CUTS)


def _score(truth, made):
    """Mean Dice over patients and tissues."""
    found = np.where(
        truth == 3, 4, program(np.asarray(made, float))
    )  # vessels and calcium do not count
    scores = [
        2
        * ((truth == k) & (found == k)).sum(axis=1)
        / ((truth == k).sum(axis=1) + (found == k).sum(axis=1))
        for k in range(3)
    ]
    return float(np.mean(scores))


def _three_means(images):
    """The solution: three means in each image, and a straight line through them."""
    made = []
    for values in np.asarray(images, float):
        low, high = np.percentile(values, (8, 92))
        means = np.linspace(low, high, 3)
        for _ in range(12):
            nearest = np.abs(values[:, None] - means).argmin(axis=1)
            means = np.array(
                [
                    np.median(values[nearest == k]) if (nearest == k).any() else means[k]
                    for k in range(3)
                ]
            )
        made.append(np.polyval(np.polyfit(means, _MEANS, 1), values))
    return np.array(made)


prepare = ModelQuestion(
    title="Any scanner for one program",
    points=4,
    draw=lambda rng: _patients(rng, 40),
    metric=_score,
    threshold=0.96,
    chance=0.93,
    noise=0.008,
    see="Rescale, or match",
    hints=(
        "What is the same in all patients? Not the shares of the tissues, and not the extremes "
        "(vessels "
        "are bright). Their *order* is, and that each gathers around a value.",
        "Two numbers make a straight line: a gain and an offset. Find the middles of two or three "
        "tissues "
        "in each image, by k-means or a mixture of normal distributions.",
        "Start three means evenly between the 2nd and the 98th percentile, let k-means move them, "
        "sort them, and fit a "
        "line from them to 100, 200, 300 by `np.polyfit`.",
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
    """Percentiles are where they are because of the shares of the tissues, and the upper one meets
    vessels. Find values that mean the same tissue in everybody.
    """
    low, high = np.percentile(np.asarray(images, float), (1, 99), axis=1, keepdims=True)
    return 60 + (images - low) / (high - low) * 300


@prepare.mistake
def histogram_matched(images):
    """You gave each patient the histogram of the reference, and with it the reference's share of
    fluid. These patients differ in just that.
    """
    images = np.asarray(images, float)
    reference = np.sort(
        np.repeat(_MEANS, (240, 510, 450)) + np.random.default_rng(0).normal(0, 20, 1200)
    )
    rank = images.argsort(axis=1).argsort(axis=1)
    return np.quantile(reference, (rank + 0.5) / images.shape[1])
