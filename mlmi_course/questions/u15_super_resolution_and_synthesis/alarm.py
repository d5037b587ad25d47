"""An alarm: has the network removed something that was measured?"""

import numpy as np
from scipy import ndimage

from mlmi_course.checks import ModelQuestion
from mlmi_course.metrics import auc

_SIDE = 48


def _draw(rng, n):
    """Measured and shown images, the noise of each, and whether a spot was removed."""
    removed = rng.permutation(np.arange(n) % 2)
    sigma = rng.uniform(7, 28, n)  # as the scanner estimates it, which is not exact
    kind = rng.integers(0, 3, n)  # of those where nothing dark was removed
    rows, columns = np.mgrid[:_SIDE, :_SIDE]
    measured, shown = np.empty((2, n, _SIDE, _SIDE))
    for i in range(n):
        field = ndimage.gaussian_filter(rng.standard_normal((_SIDE, _SIDE)), 4)
        truth = 260 + 12 * field / field.std()
        truth = truth + 60 * (columns > 24 + 6 * np.sin(rows / 9 + rng.uniform(0, 6)))  # an edge
        spot = np.zeros((_SIDE, _SIDE))
        r, c = rng.uniform(9, _SIDE - 9, 2)
        width = rng.uniform(2.2, 3.0)
        depth = rng.uniform(3.0, 3.8) * sigma[i]
        if not removed[i]:
            depth *= (1, 0, -1)[kind[i]]  # a dark spot that is kept; none; a bright one that goes
        spot -= depth * np.exp(-((rows - r) ** 2 + (columns - c) ** 2) / (2 * width**2))
        noise = ndimage.gaussian_filter(rng.standard_normal((_SIDE, _SIDE)), 0.7)
        noise *= sigma[i] * np.exp(rng.normal(0, 0.12)) / noise.std()
        measured[i] = truth + spot + noise
        kept = 0.9 if depth > 0 and not removed[i] else 0.0
        # The network sharpens its edges a little, and is brighter or darker as a whole.
        edge = truth - ndimage.gaussian_filter(truth, 1.0)
        shown[i] = truth + kept * spot + rng.uniform(0, 0.6) * edge + rng.normal(0, 15)
    noise = np.broadcast_to(sigma[:, None, None], measured.shape)
    return np.stack([measured, shown, noise], axis=1).round(2), removed


def restored_scans(n=120, seed=0):
    """Measured scans, what a network made of them, and whether it removed a spot.

    Parameters
    ----------
    n : int
        Patients.
    seed : int
        Other seeds, other patients.

    Returns
    -------
    scans : ndarray, shape (n, 3, 48, 48)
        The measured image, the shown one, and the scanner's estimate of the standard deviation of
        the noise, good to about a tenth and the same in every pixel of a patient.
    removed : ndarray of int, shape (n,)
        1 where the network removed a spot.
    """
    return _draw(np.random.default_rng([15, seed]), n)


def _residual(scans):
    scans = np.asarray(scans, float)
    return scans[:, 0] - scans[:, 1]


def _sigma(scans):
    return np.asarray(scans, float)[:, 2]


def _matched(scans, *, width=2.0, centred=True, scaled=True, sides="dark"):
    rest = _residual(scans)
    if centred:
        rest = rest - np.median(rest, axis=(1, 2), keepdims=True)
    smooth = ndimage.gaussian_filter(rest, (0, width, width))
    if scaled:
        smooth = smooth / _sigma(scans)
    return (np.abs(smooth) if sides == "both" else -smooth).max(axis=(1, 2))


def _score(labels, scores):
    return float(auc(labels, np.asarray(scores, float), resamples=2))


alarm = ModelQuestion(
    title="Has the network removed something?",
    points=5,
    draw=lambda rng: _draw(rng, 160),
    metric=_score,
    # The solution reaches 0.986 on average, with a standard deviation of 0.008 over draws; without
    # dividing by the noise 0.85, without the median 0.75, one pixel 0.85, both signs 0.82.
    threshold=0.93,
    noise=0.0,  # nothing is trained
    chance=0.9,
    of="scans",
    see="Which picture would you show?",
    hints=(
        "Look at what was measured minus what is shown. If nothing was removed, it is noise and "
        "a shift of "
        "the brightness. What is it where a dark spot is gone?",
        "A spot is several pixels wide and the noise is not: smooth the difference with a "
        "Gaussian of "
        "about the spot's width. The brightness goes with the median of the difference.",
        "Patients differ in their noise, so divide by the third image. Then take the most "
        "negative place "
        "of each "
        "patient, with its sign turned round: high means removed.",
    ),
)


@alarm.mistake
def mean_square(scans):
    """The mean squared difference is nearly all noise: it tells which patient's scan was noisy. A
    removed spot is a few pixels. Look for one place, and not for a mean.
    """
    return (_residual(scans) ** 2).mean(axis=(1, 2))


@alarm.mistake
def brightest_pixel(scans):
    """You take the single most different pixel, and in a thousand pixels of noise one is always
    far out. A spot is several pixels wide: smooth the difference first.
    """
    rest = _residual(scans)
    rest = rest - np.median(rest, axis=(1, 2), keepdims=True)
    return (-rest / _sigma(scans)).max(axis=(1, 2))


@alarm.mistake
def noise_forgotten(scans):
    """You find the right place, but a noisy patient gives a large number without any spot. Divide
    by that patient's noise.
    """
    return _matched(scans, scaled=False)


@alarm.mistake
def both_signs(scans):
    """You alarm for bright spots, too. A bright spot that goes is a vessel in which blood flowed,
    and is no loss: look for what was *dark* on the measured image alone.
    """
    return _matched(scans, sides="both")


@alarm.mistake
def across_patients(scans):
    """You smooth over the first axis as well, and so mix each patient with the next. Give
    `gaussian_filter` one width for each axis: `(0, s, s)`.
    """
    rest = _residual(scans)
    rest = rest - np.median(rest, axis=(1, 2), keepdims=True)
    return (-ndimage.gaussian_filter(rest, 2.0) / _sigma(scans)).max(axis=(1, 2))


@alarm.mistake
def one_median(scans):
    """You take out one median for all patients. The shift of the brightness is each patient's own:
    `np.median(…, axis=(1, 2), keepdims=True)`.
    """
    rest = _residual(scans)
    smooth = ndimage.gaussian_filter(rest - np.median(rest), (0, 2, 2))
    return (-smooth / _sigma(scans)).max(axis=(1, 2))


@alarm.mistake
def turned_round(scans):
    """Your score is low where a spot was removed. Turn it round."""
    return -_matched(scans)


@alarm.mistake
def brightness_kept(scans):
    """The network changes the brightness of the whole image, and that is in your difference
    everywhere. Take the median of the difference out first.
    """
    return _matched(scans, centred=False)


@alarm.mistake
def shown_alone(scans):
    """You look at the shown image alone. What was removed from it is not in it: compare it with
    what was measured.
    """
    shown = np.asarray(scans, float)[:, 1]
    smooth = ndimage.gaussian_filter(shown, (0, 2, 2)) - ndimage.gaussian_filter(shown, (0, 6, 6))
    return -smooth.min(axis=(1, 2))
