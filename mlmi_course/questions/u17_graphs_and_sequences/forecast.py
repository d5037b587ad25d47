"""Whom to listen to: visits of different age and different noise."""

import numpy as np

from mlmi_course.checks import ModelQuestion

_PLACES, _TAU = 8, 4.0


def _patients(rng, n):
    """Visits (n, places, 4): score, age in years, noise, 1 where a visit is; and what comes."""
    there = np.arange(_PLACES) < rng.integers(3, _PLACES + 1, n)[:, None]
    ages = np.cumsum(rng.exponential(0.4, (n, _PLACES)), axis=1)
    when = np.column_stack([np.full(n, -0.25), ages])
    alike = np.exp(-np.abs(when[:, :, None] - when[:, None, :]) / _TAU)
    root = np.linalg.cholesky(alike + 1e-9 * np.eye(_PLACES + 1))
    health = (root @ rng.standard_normal((n, _PLACES + 1, 1)))[..., 0]
    noise = np.where(rng.random((n, _PLACES)) < 0.5, 0.8, 2.5)
    measured = health[:, 1:] + noise * rng.standard_normal((n, _PLACES))
    visits = np.stack([measured, ages, noise, np.ones_like(ages)], axis=2)
    return np.where(there[..., None], visits, 0.0).round(4), health[:, 0]


def clinic(n=400, seed=0):
    """Simulated patients of a memory clinic.

    Parameters
    ----------
    n : int
        Patients.
    seed : int
        Other seeds, other patients.

    Returns
    -------
    visits : ndarray, shape (n, 8, 4)
        For each place: the score, the age of the visit in years, the standard deviation of the
        test's noise, and 1 where there is a visit; all four are 0 in an empty place.
    future : ndarray, shape (n,)
        The true state in a quarter of a year.
    """
    return _patients(np.random.default_rng([17, 5, seed]), n)


def _best(visits):
    """The best possible forecast: it knows how the state moves (kriging)."""
    score, age, noise, there = np.moveaxis(visits, 2, 0)
    alike = np.exp(-np.abs(age[:, :, None] - age[:, None, :]) / _TAU)
    spread = np.where(there > 0, noise**2, 1e6)
    matrix = alike + spread[:, :, None] * np.eye(_PLACES)
    ahead = np.exp(-(age + 0.25) / _TAU)
    weight = np.linalg.solve(matrix, ahead[..., None])[..., 0]
    return (weight * there * score).sum(axis=1)


def _draw(rng):
    """Other patients: their visits; the truth, and the best forecast."""
    visits, future = _patients(rng, 3000)
    return visits, np.column_stack([future, _best(visits)])


def _share(truth, answer):
    """The correlation with the truth, as a share of that of the best possible forecast."""
    future, best = np.asarray(truth, float).T
    answer = np.asarray(answer, float)
    if answer.size != len(future):
        shape = answer.shape
        raise ValueError(f"expected {len(future)} numbers, one a patient, got the shape {shape}")
    answer = answer.ravel()
    if not np.isfinite(answer).all():
        raise ValueError("some are not finite; an empty place has the noise 0 and the mask 0")
    if answer.std() < 1e-12:
        raise ValueError("all patients get the same number")
    return float(np.corrcoef(future, answer)[0, 1] / np.corrcoef(future, best)[0, 1])


def _weighted(visits, *, tau=1.2, own=0.1, power=1.0, mask=True):
    score, age, noise, there = np.moveaxis(np.asarray(visits, float), 2, 0)
    weight = np.exp(-age / tau) / (own + noise**2) ** power
    weight = weight * there if mask else weight
    return (weight * score).sum(axis=1) / (weight.sum(axis=1) + 0.5)


forecast = ModelQuestion(
    title="Whom to listen to",
    points=5,
    draw=_draw,
    metric=_share,
    # Shares in five draws: the solution 0.995 and more; weights by age times weights by noise, not
    # pulled towards 0, 0.967 ± 0.006; noise alone 0.936, age alone 0.83, the newest good test 0.86.
    threshold=0.985,
    noise=0.0,  # nothing is trained
    chance=0.95,
    of="visits",
    see="Visits with gaps",
    hints=(
        "Two things make a visit worth little: that it is old, and that its test is noisy. How did "
        "attention learn the first?",
        "A noisy measurement of variance s² and a state that has moved by about a variance d: give "
        "the visit a weight like 1 / (d + s²), and let d grow with the age.",
        "One weight for both: `np.exp(-age / tau) / (own + noise**2)`, times the mask. And whoever "
        "has only bad visits should be pulled towards 0, the mean of all: divide by the "
        "sum of the weights "
        "plus a constant. Choose tau, own and the constant on the 400 patients.",
    ),
)


@forecast.mistake
def newest(visits):
    """You take the newest visit, whatever its test. Half of the tests have a noise of 2.5, more
    than twice as much as patients differ from each other.
    """
    return np.asarray(visits)[:, 0, 0]


@forecast.mistake
def mean_of_all(visits):
    """You take the mean of all visits. An old or noisy visit speaks as loudly as a fresh, good
    one.
    """
    visits = np.asarray(visits)
    return visits[:, :, 0].sum(axis=1) / visits[:, :, 3].sum(axis=1)


@forecast.mistake
def by_age_alone(visits):
    """You weigh visits by their age alone, as the lecture does. But here tests differ: half of
    them are so noisy that an older, better one knows more.
    """
    score, age, _, there = np.moveaxis(np.asarray(visits, float), 2, 0)
    weight = np.exp(-age / 1.0) * there
    return (weight * score).sum(axis=1) / weight.sum(axis=1)


@forecast.mistake
def by_noise_alone(visits):
    """You weigh visits by the noise of their test alone, so that one of four years ago counts as
    much as one of last month.
    """
    score, _, noise, there = np.moveaxis(np.asarray(visits, float), 2, 0)
    weight = there / (0.01 + noise**2)
    return (weight * score).sum(axis=1) / weight.sum(axis=1)


@forecast.mistake
def turned_round(visits):
    """Your forecast falls where the patients get better. Turn it round."""
    return -_weighted(visits)


@forecast.mistake
def unmasked(visits):
    """The mask is missing: an empty place has the age 0 and the noise 0, so it looks like the best
    visit that there could be, with a score of 0.
    """
    return _weighted(visits, mask=False)
