"""Are there two groups of patients? A test that is judged by what its errors cost."""

from functools import cache

import numpy as np

from mlmi_course.checks import ModelQuestion

_FALSE = 3  # what it costs to believe in groups that are none; to miss groups costs 1
_STUDIES = 300


def _study(rng, world):
    """Draw one study: images of patients on two scanners, with or without two groups."""
    n, p = int(rng.integers(40, 61)), 12

    def somewhere():
        direction = rng.normal(size=p)
        return direction / np.linalg.norm(direction)

    means = rng.normal(size=(n, p))
    scanner = rng.permutation(np.arange(n) % 2)
    if world == "gradual":
        means += np.outer(rng.normal(0, rng.uniform(1.5, 3), n), somewhere())
    if world == "groups":
        group = rng.permutation(np.arange(n) < n * rng.uniform(0.35, 0.5))
        means += np.outer((group - 0.5) * rng.uniform(4.5, 7), somewhere())
    means += np.outer(scanner * rng.uniform(4, 7), somewhere())
    images = np.where(rng.random(n) < 0.25, rng.integers(15, 31, n), rng.integers(1, 4, n))
    patient = rng.permutation(np.repeat(np.arange(n), images))
    features = means[patient] + rng.normal(0, 0.7, (len(patient), p))
    return {"features": features.round(2), "patient": patient, "scanner": scanner[patient]}


def _draw(rng, n=_STUDIES):
    worlds = rng.permutation(np.resize(["groups", "gradual", "nothing"], n))
    return [_study(rng, world) for world in worlds], (worlds == "groups").astype(int)


def studies(n=_STUDIES, seed=0):
    """Studies whose truth is known, to design a test on.

    Parameters
    ----------
    n : int
    seed : int
        Other seeds, other studies.

    Returns
    -------
    found : list of dict of str to ndarray
        ``features``, shape (images, 12); ``patient`` and ``scanner``, a number for each image.
    real : ndarray of int, shape (n,)
        1 where the patients form two groups, 0 where they do not.

    Examples
    --------
    >>> found, real = studies(3)
    >>> sorted(found[0]), int(real.sum())
    (['features', 'patient', 'scanner'], 1)
    """
    return _draw(np.random.default_rng([12, seed]), n)


def _points(study, *, by_patient=True, by_scanner=True):
    """A row for each patient, without what her scanner adds to everybody."""
    rows, scanner = np.array(study["features"], float), np.asarray(study["scanner"])
    if by_patient:
        order = np.argsort(study["patient"], kind="stable")
        first, images = np.unique(
            np.asarray(study["patient"])[order], return_index=True, return_counts=True
        )[1:]
        rows = np.add.reduceat(rows[order], first) / images[:, None]
        scanner = scanner[order][first]
    if by_scanner:
        for one in np.unique(scanner):
            rows[scanner == one] -= rows[scanner == one].mean(axis=0)
    return rows - rows.mean(axis=0)


def _left_in_two(values):
    """The share of the variance that is left inside, when a line of numbers is cut best in two."""
    values = np.sort(values - values.mean())
    n, sums = len(values), np.cumsum(values)[:-1]
    below = np.arange(1, n)
    return 1 - (sums**2 / below + sums**2 / (n - below)).max() / (values**2).sum()


def _statistic(study, **how):
    rows = _points(study, **how)
    return _left_in_two(rows @ np.linalg.svd(rows, full_matrices=False)[2][0])


def _saved(real, believed):
    """Which share of the cost of believing nothing is saved: 1 all of it, below 0 none."""
    real, believed = np.asarray(real) == 1, np.asarray(believed)
    if believed.shape != real.shape or not np.isin(believed, [0, 1]).all():
        raise ValueError(
            f"one True or False for each of the {len(real)} studies is needed, and what arrived is "
            f"of shape {believed.shape} and kind {believed.dtype}"
        )
    believed = believed.astype(bool)
    cost = _FALSE * (believed & ~real).sum() + (~believed & real).sum()
    return float(1 - cost / real.sum())


@cache
def _cut(by_patient=True, by_scanner=True, false=_FALSE):
    """The cheapest cut on the known studies."""
    found, real = studies()
    values = np.array(
        [_statistic(study, by_patient=by_patient, by_scanner=by_scanner) for study in found]
    )
    cuts = np.arange(10, 40) / 100
    costs = [
        false * ((values < cut) & (real == 0)).sum() + ((values >= cut) & (real == 1)).sum()
        for cut in cuts
    ]
    return float(cuts[np.argmin(costs)])


believe = ModelQuestion(
    title="Believe it?",
    points=5,
    draw=_draw,
    metric=_saved,
    # The solution saves 0.933 on average over 40 draws, with a standard deviation of 0.031; the bar
    # lies four of these below.  With a row for each image 0.41 is saved, with silhouettes 0.67.
    threshold=0.8,
    noise=0.03,
    chance=0.7,
    of="studies",
    see="What a map does not say",
    hints=(
        "Two things make islands that are no groups: a patient with many images, and a scanner. "
        "Get rid of both before you look: one row for each patient (the mean of her images), and "
        "from each row the mean of all patients on her scanner.",
        "A long cloud is no pair of clouds. Take the first principal component of the rows, and "
        "ask what is *left inside* when this line of numbers is cut in two: the variance within "
        "the two parts over the whole. It is about 0.36 for a bell, and small for two clouds "
        "with a gap.",
        "Compute that share for all known studies, try cuts from 0.1 to 0.4, and keep the one with "
        "the smallest cost. A false belief costs three times as much as groups that were missed.",
    ),
)


def _test_with(**how):
    return lambda given: np.array([_statistic(one, **how) < _cut(**how) for one in given])


believe.knows(
    "images_for_patients",
    _test_with(by_patient=False),
    "Each image counts in your test. A patient with thirty images is an island of her own then: "
    "take one row for each patient, the mean of her images.",
)
believe.knows(
    "scanner_left_in",
    _test_with(by_scanner=False),
    "Your groups are scanners: the largest difference between patients in every study is the "
    "machine. Take the mean of each scanner off first.",
)
believe.knows(
    "neither",
    _test_with(by_patient=False, by_scanner=False),
    "Both are left in: each image counts, so a patient with many is an island, and each scanner is "
    "one too.",
)
believe.knows(
    "generous",
    lambda given: np.array([_statistic(one) < 0.31 for one in given]),
    "Your test is good, but its cut is generous: it believes too often. Groups that are none "
    "cost three times as much as groups that were missed.",
)


@believe.mistake
def k_means_always_finds_two(given):
    """You believe every study. k-means finds two clusters in everything."""
    return np.ones(len(given), bool)


@believe.mistake
def never(given):
    """You believe no study. That costs what all the missed groups cost, and saves nothing."""
    return np.zeros(len(given), bool)


@believe.mistake
def long_is_not_two(given):
    """You ask how *long* the cloud is: the share of the first component. A disease that grows
    gradually makes a long cloud too, without a gap. Ask whether there is a gap along it.
    """
    shares = []
    for one in given:
        s = np.linalg.svd(_points(one), compute_uv=False)
        shares.append(s[0] ** 2 / (s**2).sum())
    return np.array(shares) > 0.35


@believe.mistake
def turned_round(given):
    """Turned round: you believe where the line of numbers *cannot* be cut in two."""
    return ~_test_with()(given)
