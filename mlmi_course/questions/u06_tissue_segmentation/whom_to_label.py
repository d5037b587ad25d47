"""Which features, and how many labelled subjects?"""

import numpy as np

from mlmi_course.checks import ModelQuestion

LABELLED = np.array([3, 6, 12, 3, 6, 12])
"""Labelled subjects of the six options; the last three take the second look."""

_LABELLING, _SECOND, _REPAIR, _PATIENTS, _ENOUGH = 3.0, 6.0, 0.75, 120, 0.70
_PILOT = 10


def _hours(failing):
    """Hours that each option costs, if this share of patients must be mended."""
    build = _LABELLING * LABELLED + _SECOND * (np.arange(6) > 2)
    return build + _REPAIR * _PATIENTS * failing


def _clinics(rng, n):
    """Pilots of n clinics, and the true share of patients below 0.70 for each option."""
    from scipy.stats import norm

    hard = rng.normal(0, 0.06, n)[:, None]
    learns = rng.uniform(0.4, 1.6, n)[:, None]
    second = rng.normal(0.03, 0.04, n)[:, None] * (np.arange(6) > 2)
    mean = 0.80 + hard - 0.16 * learns / np.sqrt(LABELLED) + second
    spread = rng.uniform(0.01, 0.14, (n, 1)) * np.where(np.arange(6) > 2, 0.8, 1.0)
    shared = rng.normal(size=(n, 1, _PILOT))
    own = rng.normal(size=(n, 6, _PILOT))
    pilot = mean[:, :, None] + spread[:, :, None] * (0.8 * shared + 0.6 * own)
    return np.clip(pilot, 0, 1).round(3), norm.cdf((_ENOUGH - mean) / spread)


def pilots(n=200, seed=0):
    """Pilot studies of clinics, and what each option would really cost them.

    Parameters
    ----------
    n : int
        Clinics.
    seed : int
        Other seeds, other clinics.

    Returns
    -------
    dice : ndarray, shape (n, 6, 10)
        Dice of ten pilot subjects with each of the six options.
    hours : ndarray, shape (n, 6)
        Hours of an expert that each option costs in the end, which no clinic knows beforehand.
    """
    dice, failing = _clinics(np.random.default_rng([6, seed]), n)
    return dice, _hours(failing)


def _draw(rng):
    dice, failing = _clinics(rng, 3000)
    return dice, _hours(failing)


def _score(hours, choices):
    """Share of the hours above the best that a choice saves against option 4 for everybody."""
    if np.size(choices) != len(hours) or np.asarray(choices, object).ravel()[0] is None:
        raise ValueError(f"return {len(hours)} numbers from 0 to 5, one for each clinic")
    picked = np.asarray(choices, float).ravel().round().astype(int).clip(0, 5)
    best = hours.min(axis=1)
    lost = (hours[np.arange(len(hours)), picked] - best).mean()
    return float(1 - lost / (hours[:, 4] - best).mean())


def _by_counting(dice):
    return _hours((np.asarray(dice) < _ENOUGH).mean(axis=2)).argmin(axis=1)


def _by_normal(dice):
    from scipy.stats import norm

    dice = np.asarray(dice)
    spread = dice.std(axis=2, ddof=1).clip(0.01)
    return _hours(norm.cdf((_ENOUGH - dice.mean(axis=2)) / spread)).argmin(axis=1)


whom_to_label = ModelQuestion(
    title="Whom to label?",
    points=4,
    draw=_draw,
    metric=_score,
    threshold=0.785,
    noise=0.0,  # nothing is trained
    chance=0.65,
    of="clinics",
    see="Where in the head?",
    hints=(
        "Write the expected cost of an option: hours of labelling, hours for the second look, and "
        "hours of repair times patients times the share that fails. Only that share is unknown.",
        "The pilot gives an estimate of the share. Ten subjects are few: counting those below 0.70 "
        "gives steps of 9 hours.",
        "Ten numbers tell mean and standard deviation better than they tell a share. "
        "`scipy.stats.norm.cdf((0.70 - mean) / sd)` is the share below 0.70 of a normal "
        "distribution.",
    ),
)


@whom_to_label.mistake
def best_dice(dice):
    """You take the option with the best mean Dice, whatever it costs. Twelve labelled subjects
    cost 36 hours.
    """
    return np.asarray(dice).mean(axis=2).argmax(axis=1)


@whom_to_label.mistake
def cheapest(dice):
    """You take the option with the least labelling everywhere. Where it fails often, the repairs
    cost more than the labels would have.
    """
    return np.zeros(len(dice), int)


@whom_to_label.mistake
def fewest_failures(dice):
    """You minimise the failures and forget what labelling costs."""
    return (np.asarray(dice) < _ENOUGH).mean(axis=2).argmin(axis=1)


@whom_to_label.mistake
def mean_above(dice):
    """You take the cheapest option whose *mean* Dice is enough. Then about half of its patients
    may still lie below.
    """
    dice = np.asarray(dice)
    enough = dice.mean(axis=2) >= _ENOUGH
    build = _hours(np.zeros(6))
    return np.where(enough, build, build + 1000).argmin(axis=1)
