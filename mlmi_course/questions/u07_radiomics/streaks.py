"""Fine or coarse streaks of fat in a muscle, on any MR scanner."""

import numpy as np
from scipy import ndimage

from mlmi_course.checks import ModelQuestion
from mlmi_course.metrics import auc

_SIDE = 32


def _fields(rng, sigmas):
    white = rng.standard_normal((len(sigmas), _SIDE, _SIDE))
    made = np.stack([ndimage.gaussian_filter(w, s) for w, s in zip(white, sigmas, strict=True)])
    return made / made.std(axis=(1, 2), keepdims=True)


def _patients(rng, n):
    """Muscles with one mixture of fat, streaked finely or coarsely, each on its own scanner."""
    coarse = rng.permutation(np.arange(n) % 2)
    size = np.where(coarse == 1, 1.15, 0.85) * np.exp(rng.normal(0, 0.08, n))
    order = np.argsort(_fields(rng, size).reshape(n, -1), axis=1)
    mixture = np.sort(0.75 + 0.25 * rng.gamma(9, 1 / 9, (n, _SIDE**2)), axis=1)
    signal = np.empty_like(mixture)
    np.put_along_axis(signal, order, mixture, axis=1)
    signal = signal.reshape(n, _SIDE, _SIDE) + rng.normal(0, 0.02, (n, _SIDE, _SIDE))
    coil = np.exp(0.75 * _fields(rng, np.full(n, 10.0)))
    gain = np.exp(rng.uniform(np.log(80), np.log(800), (n, 1, 1)))
    return (gain * coil * np.abs(signal)).round(2), coarse


def muscles(n=200, seed=0):
    """Simulated muscles on MR images, and whether their streaks are coarse.

    Parameters
    ----------
    n : int
        Images, each of another patient on another scanner.
    seed : int
        Other seeds, other patients.

    Returns
    -------
    images : ndarray, shape (n, 32, 32)
        Signal in arbitrary units: every scanner has a gain of its own, and its coil makes one side
        brighter than the other.
    coarse : ndarray of int, shape (n,)
        1 coarse, 0 fine.
    """
    return _patients(np.random.default_rng([7, seed]), n)


def _rough(images):
    """Mean squared difference of neighbours, down and to the right."""
    images = np.asarray(images, float)
    down, right = np.diff(images, axis=1), np.diff(images, axis=2)
    return (down**2).mean(axis=(1, 2)) + (right**2).mean(axis=(1, 2))


def _flat(images):
    """Each image divided by a smoothed copy of itself."""
    images = np.asarray(images, float)
    return images / ndimage.gaussian_filter(images, (0, 4, 4))


def _score(labels, scores):
    return float(auc(labels, np.asarray(scores, float), resamples=2))


streaks = ModelQuestion(
    title="Fine or coarse, on any scanner",
    points=5,
    draw=lambda rng: _patients(rng, 200),
    metric=_score,
    # Dividing by a smoothed copy reaches 0.985 on average (0.978 to 0.989 in ten draws of 200).  A
    # logarithm reaches 0.85, the image's own mean 0.73, a Laplacian over the mean 0.945.
    threshold=0.97,
    noise=0.0,  # nothing is trained
    chance=0.9,
    of="images",
    see="Bins",
    hints=(
        "Two things differ between scanners and say nothing about the muscle: the gain, which "
        "multiplies all of an image, and the coil, which multiplies one side more than the other.",
        "Divide each image by a smoothed copy of itself, `ndimage.gaussian_filter(image, 4)`: what "
        "multiplies a whole neighbourhood is gone then.",
        "Then take the mean squared difference of neighbours, down and to the right. It is small "
        "where streaks are coarse, so return minus it.",
    ),
)


@streaks.mistake
def raw(images):
    """Your number follows the scanner's gain: on a scanner that multiplies by ten, the squared
    differences are a hundred times as large. Take the gain out before you compare neighbours.
    """
    return -_rough(images)


@streaks.mistake
def bins_of_25(images):
    """Bins of 25 are for Hounsfield units. MR signal has no unit: on one scanner a bin of 25 holds
    the whole muscle, on another it cuts it into thirty levels.
    """
    return -_rough(np.floor(np.asarray(images, float) / 25))


@streaks.mistake
def by_variance(images):
    """You divide by the variance of each image, which takes the gain out. But the coil makes one
    side brighter, and *that* is in the variance too. Take out what changes slowly first.
    """
    images = np.asarray(images, float)
    return -_rough(images) / images.var(axis=(1, 2))


@streaks.mistake
def logarithm(images):
    """A logarithm turns what is multiplied into something added, and the gain is gone. But the coil
    still rises from one pixel to the next, and that slope is in every difference.
    """
    return -_rough(np.log(np.maximum(images, 1e-9)))


@streaks.mistake
def by_mean(images):
    """You divide each image by its own mean, which takes the gain out. The coil is left: on its
    bright side all differences are larger. Divide by what is bright *nearby*.
    """
    images = np.asarray(images, float)
    return -_rough(images / images.mean(axis=(1, 2), keepdims=True))


@streaks.mistake
def turned_round(images):
    """Your score is high for *fine* streaks. Turn it round: coarse is 1."""
    return _rough(_flat(images))


@streaks.mistake
def spread(images):
    """The standard deviation is a first-order feature: both kinds have the same mixture of values,
    so no histogram tells them apart.
    """
    images = np.asarray(images, float)
    return images.std(axis=(1, 2)) / images.mean(axis=(1, 2))
