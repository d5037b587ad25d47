"""The models of the study: a penalised Cox regression, and what is said about it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = [
    "Cox",
    "c_index",
    "c_of_groups",
    "calibration_slope",
    "dead_by",
    "fit_cox",
    "net_benefit",
    "paired_gain",
]

Numbers = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Cox:
    """A fitted model.

    Attributes
    ----------
    centre, scale : ndarray, shape (p,)
        Mean and standard deviation of the columns, of the patients that it was fitted to.
    weights : ndarray, shape (p,)
        Log hazard ratio of one standard deviation.
    days, hazard : ndarray, shape (m,)
        Days of deaths, and Breslow's cumulative hazard of an average patient after each.
    """

    centre: Numbers
    scale: Numbers
    weights: Numbers
    days: Numbers
    hazard: Numbers

    def contributions(self, x: ArrayLike) -> Numbers:
        """What each column adds to the log hazard, compared with an average patient, (n, p).

        What is missing adds nothing, and nobody is taken to be further from the average than
        three standard deviations: beyond, the development set has nothing to say.
        """
        z = (np.asarray(x, float) - self.centre) / self.scale
        return np.clip(np.nan_to_num(z), -3, 3) * self.weights

    def risk(self, x: ArrayLike) -> Numbers:
        """Log hazard relative to an average patient of the development set, shape (n,)."""
        return np.asarray(self.contributions(x).sum(axis=1))

    def dead_by(self, x: ArrayLike, day: float = 365.0) -> Numbers:
        """Predicted probability of death by a day, shape (n,)."""
        place = int(np.searchsorted(self.days, day, side="right"))
        cumulative = self.hazard[place - 1] if place else 0.0
        return np.asarray(1 - np.exp(-cumulative * np.exp(self.risk(x))))


def fit_cox(x: ArrayLike, time: ArrayLike, event: ArrayLike, penalty: ArrayLike = 0.02) -> Cox:
    """Fit a Cox regression with a quadratic penalty.

    Parameters
    ----------
    x : array_like, shape (n, p)
        Features; NaN stands for the mean of those that are there.
    time, event : array_like, shape (n,)
    penalty : float or array_like, shape (p,)
        The log partial likelihood *per patient* minus half of penalty × weight², with features of
        standard deviation 1, is maximised; ties as Breslow has them.

    Returns
    -------
    Cox
    """
    x, time = np.asarray(x, float), np.asarray(time, float)
    event = np.asarray(event, bool)
    centre = np.nanmean(x, axis=0)
    filled = np.where(np.isnan(x), centre, x)
    scale = np.nanstd(x, axis=0)
    scale = np.where(scale > 0, scale, 1.0)
    order = np.argsort(-time, kind="stable")
    z, time, event = ((filled - centre) / scale)[order], time[order], event[order]
    n, p = z.shape
    # Of those with the same time, all are at risk: the last of them in this order has them all.
    last = np.searchsorted(-time, -time, side="right") - 1
    ridge = np.broadcast_to(np.asarray(penalty, float), (p,)) * n
    w = np.zeros(p)
    products = z[:, :, None] * z[:, None, :]
    for _ in range(30):
        hazard = np.exp(z @ w)
        total = np.cumsum(hazard)[last][event]
        mean = np.cumsum(hazard[:, None] * z, axis=0)[last][event] / total[:, None]
        share = np.cumsum(1 / total[::-1])[::-1]
        # Each patient's products weigh as often as it is at risk of somebody's death.
        firsts = np.searchsorted(last[event], np.arange(n), side="left")
        weight = hazard * np.append(share, 0.0)[firsts]
        second = np.tensordot(weight, products, axes=1) - mean.T @ mean
        step = np.linalg.solve(
            second + np.diag(ridge), z[event].sum(axis=0) - mean.sum(axis=0) - ridge * w
        )
        w = w + step
        if np.abs(step).max() < 1e-8:
            break
    hazard = np.exp(z @ w)
    days, deaths = np.unique(time[event], return_counts=True)
    at_risk = np.array([hazard[time >= day].sum() for day in days])
    return Cox(centre, scale, w, days, np.cumsum(deaths / at_risk))


def _pairs(time: Numbers, event: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """[i, j]: i is known to have died before j."""
    earlier = time[:, None] < time[None, :]
    tied = (time[:, None] == time[None, :]) & ~event[None, :]
    return np.asarray((earlier | tied) & event[:, None])


def _agreement(risk: Numbers) -> Numbers:
    return np.asarray((risk[:, None] > risk[None, :]) + 0.5 * (risk[:, None] == risk[None, :]))


def c_index(time: ArrayLike, event: ArrayLike, risk: ArrayLike) -> float:
    """Harrell's C: of the pairs that can be compared, the share in which the risk is right.

    Parameters
    ----------
    time, event, risk : array_like, shape (n,)
        A higher risk is a shorter life.  Equal risks count one half.

    Examples
    --------
    >>> c_index([1, 2, 3], [1, 1, 0], [3.0, 2.0, 1.0])
    1.0
    """
    pairs = _pairs(np.asarray(time, float), np.asarray(event, bool))
    return float(_agreement(np.asarray(risk, float))[pairs].mean())


def c_of_groups(time: ArrayLike, event: ArrayLike, risks: ArrayLike, groups: ArrayLike) -> Numbers:
    """The C-index of several risks in several groups of patients.

    Parameters
    ----------
    time, event : array_like, shape (n,)
    risks : array_like, shape (k, n)
    groups : array_like of bool, shape (m, n)

    Returns
    -------
    ndarray, shape (k, m)
    """
    pairs = _pairs(np.asarray(time, float), np.asarray(event, bool)).astype(np.float32)
    who = np.asarray(groups, np.float32)
    count = ((who @ pairs) * who).sum(axis=1)
    right = [_agreement(np.asarray(risk, float)).astype(np.float32) * pairs for risk in risks]
    return np.array([((who @ one) * who).sum(axis=1) / count for one in right], float)


def paired_gain(
    time: ArrayLike,
    event: ArrayLike,
    new: ArrayLike,
    old: ArrayLike,
    resamples: int = 1000,
    seed: int = 0,
) -> tuple[float, float, float]:
    """C-index of one risk minus that of another on the same patients, with its 95 % interval.

    The interval draws patients, both risks of a patient together; the models are held fixed.

    Parameters
    ----------
    time, event, new, old : array_like, shape (n,)
    resamples : int
    seed : int

    Returns
    -------
    (float, float, float)
        Gain, and the 2.5 and 97.5 percentiles.
    """
    time, event = np.asarray(time, float), np.asarray(event, bool)
    pairs = _pairs(time, event).astype(np.float32)
    better = (_agreement(np.asarray(new, float)) - _agreement(np.asarray(old, float))) * pairs
    n = len(time)
    counts = np.random.default_rng(seed).multinomial(n, np.full(n, 1 / n), size=resamples)
    counts = counts.astype(np.float32)
    gains = ((counts @ better.astype(np.float32)) * counts).sum(axis=1)
    gains /= ((counts @ pairs) * counts).sum(axis=1)
    low, high = np.percentile(gains, [2.5, 97.5])
    return float(better.sum() / pairs.sum()), float(low), float(high)


def dead_by(time: ArrayLike, event: ArrayLike, day: float = 365.0) -> float:
    """Share dead by a day, by Kaplan and Meier; 0 of nobody.

    Examples
    --------
    >>> dead_by([100, 200, 300, 400], [1, 0, 1, 0], day=365)
    0.625
    """
    time, event = np.asarray(time, float), np.asarray(event, bool)
    days, deaths = np.unique(time[event & (time <= day)], return_counts=True)
    at_risk = (time[:, None] >= days).sum(axis=0)
    return float(1 - np.prod(1 - deaths / at_risk))


def calibration_slope(time: ArrayLike, event: ArrayLike, risk: ArrayLike) -> tuple[float, float]:
    """Weight of the log hazard in a Cox regression on new patients, and its standard error.

    1 is right; below it, predictions are too far apart, as those of an overfitted model.
    """
    risk = np.asarray(risk, float)
    model = fit_cox(risk[:, None], time, event, penalty=0.0)
    slope = float(model.weights[0] / model.scale[0])
    z = (risk - risk.mean()) / risk.std()
    order = np.argsort(-np.asarray(time, float))
    hazard = np.exp(z[order] * model.weights[0])
    mean = np.cumsum(hazard * z[order]) / np.cumsum(hazard)
    square = np.cumsum(hazard * z[order] ** 2) / np.cumsum(hazard)
    information = (square - mean**2)[np.asarray(event, bool)[order]].sum()
    return slope, float(1 / np.sqrt(information) / model.scale[0])


def net_benefit(
    time: ArrayLike,
    event: ArrayLike,
    probability: ArrayLike,
    threshold: float,
    day: float = 365.0,
) -> float:
    """Net benefit of acting where the predicted probability of death reaches a threshold.

    Parameters
    ----------
    time, event, probability : array_like, shape (n,)
    threshold : float
        Between 0 and 1.  One missed death costs (1 − threshold) / threshold needless actions.
    day : float, default 365

    Returns
    -------
    float
        In deaths found, per patient: (dead − alive × threshold / (1 − threshold)) among those
        who are acted on, with the dead by Kaplan and Meier [1]_.

    References
    ----------
    .. [1] A. J. Vickers and E. B. Elkin, Decision curve analysis, Med Decis Making 26 (2006)
       565–574, doi:10.1177/0272989X06295361; for censored outcomes A. J. Vickers et al., BMC Med
       Inform Decis Mak 8 (2008) 53.
    """
    time, event = np.asarray(time, float), np.asarray(event, bool)
    chosen = np.asarray(probability, float) >= threshold
    if not chosen.any():
        return 0.0
    dead = dead_by(time[chosen], event[chosen], day)
    return float(chosen.mean() * (dead - (1 - dead) * threshold / (1 - threshold)))
