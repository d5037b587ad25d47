"""Times of death from a proportional hazard, and times at which observation ends."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

Numbers = NDArray[np.float64]

SHAPE: Final = 1.3
"""Of the Weibull baseline: the hazard rises with time.  Chosen."""


def weibull_scale(log_hazards: Numbers, median_days: float) -> float:
    """Scale in days with which half of a population is alive at the median.

    Parameters
    ----------
    log_hazards : ndarray, shape (n,)
        Of a sample of the population.
    median_days : float

    Examples
    --------
    Without covariates it is median / (log 2)^(1 / shape):

    >>> round(weibull_scale(np.zeros(3), 330.0), 1)
    437.5
    """

    def excess(log_cumulative: float) -> float:
        return float(np.exp(-np.exp(log_cumulative + log_hazards)).mean() - 0.5)

    middle, reach = np.median(log_hazards), np.ptp(log_hazards) + 5
    log_cumulative = brentq(excess, -middle - reach, -middle + reach)
    return float(median_days * np.exp(-log_cumulative / SHAPE))


def event_times(log_hazards: Numbers, scale: float, rng: np.random.Generator) -> Numbers:
    """Days to death, by inversion of the survival function.

    References
    ----------
    R. Bender, T. Augustin and M. Blettner, Statistics in Medicine 24 (2005) 1713–1723.
    """
    exponential = rng.exponential(size=len(log_hazards))  # −log U
    return scale * (exponential / np.exp(log_hazards)) ** (1 / SHAPE)


def censoring_times(
    events: Numbers, fraction: float, rng: np.random.Generator
) -> tuple[Numbers, float]:
    """Days to the end of observation, and the follow-up that censors the wanted share.

    A patient is censored where observation ends before death.  Both ends, that of the study
    and that of a patient lost on the way, are proportional to the follow-up, so the share falls
    as the follow-up grows, and it can be solved for exactly.
    """
    study = rng.uniform(0.5, 1.0, len(events))
    lost = 2.0 * rng.exponential(size=len(events))
    relative = np.minimum(study, lost)
    censored = round(fraction * len(events))
    if censored == 0:
        return np.full(len(events), np.inf), np.inf
    # A patient is censored if the follow-up is shorter than this.
    needed = np.sort(events / relative)
    follow_up = (needed[-censored - 1] + needed[-censored]) / 2
    return relative * follow_up, float(follow_up)
