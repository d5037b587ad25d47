"""Whether two readers, or two methods, measure the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mlmi_course.metrics._intervals import Estimate, require_level

Kind = Literal["ICC(1,1)", "ICC(A,1)", "ICC(C,1)", "ICC(1,k)", "ICC(A,k)", "ICC(C,k)"]
_KINDS: Final[tuple[str, ...]] = get_args(Kind)


@dataclass(frozen=True)
class BlandAltman:
    """What a Bland–Altman analysis found, in the unit of the measurements.

    Parameters
    ----------
    bias : Estimate
        Mean of a − b: positive where a measures more.
    lower, upper : Estimate
        Limits of agreement, between which 95 % of the differences are expected.
    sd : float
        Standard deviation of the differences.
    n : int
        Number of pairs.
    """

    bias: Estimate
    lower: Estimate
    upper: Estimate
    sd: float
    n: int

    def __str__(self) -> str:
        return (
            f"bias {self.bias}, limits of agreement {self.lower} and {self.upper}, {self.n} pairs"
        )


def icc(ratings: ArrayLike, kind: Kind = "ICC(A,1)") -> Estimate:
    """Intraclass correlation: the share of the variance that is between subjects.

    Parameters
    ----------
    ratings : array_like, shape (subjects, raters)
        Every subject rated by every rater.
    kind : {"ICC(A,1)", "ICC(C,1)", "ICC(1,1)", "ICC(A,k)", "ICC(C,k)", "ICC(1,k)"}
        The first sign says what counts as disagreement: ``A``, absolute agreement, counts a
        rater who always measures more; ``C``, consistency, forgives that; ``1`` is for raters
        that differ from subject to subject.  The second says what is to be trusted: one rating,
        or the mean of all ``k``.  In the older names of Shrout and Fleiss, ICC(A,1) is ICC(2,1)
        and ICC(C,1) is ICC(3,1): docs/conventions.md#names-of-the-intraclass-correlation.

    Returns
    -------
    Estimate
        At most 1; around 0, or below it, for raters who know nothing of each other.  The
        interval has 95 % and rests on normal distributions; it is nan where neither subjects
        nor raters differ on average.

    Raises
    ------
    ValueError
        For any other kind, a shape that is not (subjects, raters) with at least two of each,
        ratings that are not finite, or ratings that are all the same.

    Notes
    -----
    For absolute agreement of one rating,
    (MS_S − MS_E) / (MS_S + (k − 1) MS_E + k (MS_R − MS_E) / n), from the mean squares of a
    two-way analysis of variance with n subjects and k raters.  The intervals are those of table 7
    of McGraw and Wong; the mean of all k ratings follows from one rating by the formula of
    Spearman and Brown.  A correlation coefficient would not do: it is 1 for a reader who always
    measures double.

    References
    ----------
    K. O. McGraw and S. P. Wong, Forming inferences about some intraclass correlation
    coefficients, Psychological Methods 1 (1996) 30–46, doi:10.1037/1082-989X.1.1.30.
    D. Liljequist et al., PLOS ONE 14 (2019) e0219854, doi:10.1371/journal.pone.0219854.

    Examples
    --------
    The second reader measures 3 mm more, always:

    >>> first = np.array([10.0, 12.0, 15.0, 18.0, 11.0])
    >>> second = first + 3 + np.array([0.1, -0.1, 0.0, 0.1, -0.1])
    >>> ratings = np.column_stack([first, second])
    >>> round(icc(ratings), 2), round(icc(ratings, "ICC(C,1)"), 2)
    (0.71, 1.0)
    """
    if kind not in _KINDS:
        raise ValueError(f"kind must be one of {', '.join(_KINDS)}, got {kind!r}")
    ratings = np.asarray(ratings)
    if ratings.ndim != 2 or min(ratings.shape) < 2:
        raise ValueError(
            "ratings needs the shape (subjects, raters) with at least two of each, "
            f"got {ratings.shape}"
        )
    _require_finite(ratings, "ratings")
    if ratings.size < 5:
        raise ValueError(f"an ICC needs at least five ratings in all, got {ratings.size}")
    ratings = ratings.astype(float)
    if (ratings == ratings[0, 0]).all():
        raise ValueError(
            f"all ratings are {ratings[0, 0]:g}: without differences between subjects there is "
            "nothing to agree about"
        )
    if (ratings == ratings[:, :1]).all():
        return Estimate(1.0, 1.0, 1.0)  # what follows divides by the disagreement

    with np.errstate(divide="ignore", invalid="ignore"):
        found = _icc_of_one(ratings, kind[4])
        if kind.endswith("k)"):
            k = ratings.shape[1]
            found = k * found / (1 + (k - 1) * found)
    return Estimate(*found)


def _icc_of_one(ratings: NDArray[np.float64], model: str) -> NDArray[np.float64]:
    """ICC of one rating and the ends of its 95 % interval; the model is 1, A or C, as in `icc`."""
    from scipy.stats import f

    n, k = ratings.shape
    of_subjects, of_raters = ratings.mean(axis=1), ratings.mean(axis=0)
    subjects = k * np.var(of_subjects, ddof=1)
    raters = n * np.var(of_raters, ddof=1)
    within = np.var(ratings, axis=1, ddof=1).mean()
    rest = ratings - of_subjects[:, None] - of_raters + ratings.mean()
    free = (n - 1) * (k - 1)
    error = (rest**2).sum() / free
    if model != "A":
        below, free = (error, free) if model == "C" else (within, n * (k - 1))
        below *= np.array([1, f.ppf(0.975, n - 1, free), 1 / f.ppf(0.975, free, n - 1)])
        return (subjects - below) / (subjects + (k - 1) * below)

    total = subjects + (k - 1) * error + k * (raters - error) / n
    found = (subjects - error) / total
    # Satterthwaite's degrees of freedom of the mixture of mean squares below.
    a = k * found / (n * (1 - found))
    b = 1 + (n - 1) * a
    mixed = (a * raters + b * error) ** 2
    mixed /= (a * raters) ** 2 / (k - 1) + (b * error) ** 2 / free
    noise = k * raters + (k * n - k - n) * error
    low, high = f.ppf(0.975, n - 1, mixed), f.ppf(0.975, mixed, n - 1)
    return np.array(
        [
            found,
            n * (subjects - low * error) / (low * noise + n * subjects),
            n * (high * subjects - error) / (noise + n * high * subjects),
        ]
    )


def bland_altman(
    a: ArrayLike, b: ArrayLike, *, coverage: float = 0.95, level: float = 0.95
) -> BlandAltman:
    """Bias and limits of agreement of two measurements of the same subjects.

    With d = a − b, its mean d̄ and standard deviation s, the bias is d̄ and the limits are
    d̄ ± z s, where z = 1.96 for a coverage of 95 %.

    Parameters
    ----------
    a, b : array_like, shape (n,)
        One pair a subject, in the same unit.  Average repeated measurements of one subject
        first, or the limits are too narrow.
    coverage : float, default 0.95
        Share of the differences expected between the limits.
    level : float, default 0.95
        Confidence of the intervals around the bias and around each limit.

    Returns
    -------
    BlandAltman
        ``bias``, ``lower`` and ``upper`` with intervals, ``sd``, ``n``.

    Raises
    ------
    ValueError
        For shapes that differ or are not (n,), values that are not finite, fewer than three
        pairs.

    Notes
    -----
    The interval of the bias is Student's.  Those of the limits are exact for normal
    differences, each limit taken by itself: a limit is a quantile, and √n (d̄ + z s − …) / s
    has a non-central t distribution with n − 1 degrees of freedom and non-centrality z √n.
    Bland and Altman's own approximation, ± t s √(1/n + z² / (2 (n − 1))), is symmetric and too
    short outwards for few pairs.

    References
    ----------
    J. M. Bland and D. G. Altman, Lancet 327 (1986) 307–310,
    doi:10.1016/S0140-6736(86)90837-8.  A. Carkeet, Exact parametric confidence intervals for
    Bland–Altman limits of agreement, Optom Vis Sci 92 (2015) e71–e80,
    doi:10.1097/OPX.0000000000000513.

    Examples
    --------
    >>> result = bland_altman([10.1, 12.3, 9.8, 11.4, 10.9], [10.0, 12.0, 9.9, 11.0, 10.6])
    >>> print(f"{result.bias:.2f} mm, limits {result.lower:.2f} to {result.upper:.2f} mm")
    0.20 mm, limits -0.19 to 0.59 mm
    >>> print(result.upper)
    0.592 [0.385, 1.395]
    """
    a, b = (np.asarray(values) for values in (a, b))
    if a.ndim != 1 or a.shape != b.shape:
        raise ValueError(f"a and b need one value a subject each, got {a.shape} and {b.shape}")
    if a.size < 3:
        raise ValueError(f"limits of agreement need at least three pairs, got {a.size}")
    for values, name in ((a, "a"), (b, "b")):
        _require_finite(values, name)
    for share in (coverage, level):
        require_level(share)

    from scipy import stats

    difference = a.astype(float) - b.astype(float)  # unsigned integers would wrap around
    n, mean, sd = difference.size, difference.mean(), difference.std(ddof=1)
    z = stats.norm.ppf((1 + coverage) / 2)
    tails = np.array([(1 - level) / 2, (1 + level) / 2])
    error = sd / np.sqrt(n)
    of_mean = error * stats.t.ppf(tails, n - 1)
    of_limit = error * stats.nct.ppf(tails, n - 1, z * np.sqrt(n))
    return BlandAltman(
        bias=_estimate(mean, mean + of_mean, level),
        lower=_estimate(mean - z * sd, mean - of_limit[::-1], level),
        upper=_estimate(mean + z * sd, mean + of_limit, level),
        sd=float(sd),
        n=n,
    )


def _require_finite(values: NDArray[Any], name: str) -> None:
    if values.dtype.kind not in "biuf":
        raise ValueError(f"{name} must hold numbers, got {values.dtype}")
    wrong = np.count_nonzero(~np.isfinite(values))
    if wrong:
        raise ValueError(
            f"{name} has {wrong} values that are not finite; leave out the whole subject"
        )


def _estimate(value: float, ends: NDArray[np.float64], level: float) -> Estimate:
    low, high = ends
    return Estimate(value, low, high, level)
