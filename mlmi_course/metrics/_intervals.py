"""Numbers with intervals, by drawing patients again and again."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

Metric = Callable[..., float]
Statistic = Callable[[NDArray[np.int64]], NDArray[np.float64]]
Seed = int | np.random.Generator

# Weights held at once, a row for each resample: 8 MB.
_WEIGHTS: Final = 2**20


class Estimate(float):
    """A number that knows how far it can be trusted.

    It is a ``float``: compare it, format it, calculate with it (the result is a plain float).

    Parameters
    ----------
    value : float
        The estimate itself.
    low, high : float
        The ends of its interval.
    level : float, default 0.95
        Confidence of the interval.
    redrawn : int, default 0
        Resamples of a bootstrap that were undefined and therefore drawn again.  Many of them
        are a warning: there are too few patients of a kind.

    Examples
    --------
    >>> area = Estimate(0.912, 0.874, 0.945)
    >>> area
    Estimate(0.912, low=0.874, high=0.945, level=0.95)
    >>> print(area)
    0.912 [0.874, 0.945]
    >>> area > 0.9, f"{area:.2f}", area.low
    (True, '0.91', 0.874)
    """

    __slots__ = ("high", "level", "low", "redrawn")

    low: float
    high: float
    level: float
    redrawn: int

    def __new__(
        cls, value: float, low: float, high: float, level: float = 0.95, redrawn: int = 0
    ) -> Estimate:
        self = super().__new__(cls, value)
        fields = {
            "low": float(low),
            "high": float(high),
            "level": float(level),
            "redrawn": int(redrawn),
        }
        for name, content in fields.items():
            object.__setattr__(self, name, content)
        return self

    @property
    def value(self) -> float:
        """The estimate as a plain float."""
        return float(self)

    def __setattr__(self, name: str, _: Any) -> None:
        raise AttributeError(f"an Estimate cannot be changed, so {name!r} cannot be set")

    def __reduce__(self) -> tuple[Any, ...]:
        return Estimate, (self.value, self.low, self.high, self.level, self.redrawn)

    def __repr__(self) -> str:
        return (
            f"Estimate({self.value:.6g}, low={self.low:.6g}, high={self.high:.6g}, "
            f"level={self.level:g})"
        )

    def __str__(self) -> str:
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"


def auc(
    labels: ArrayLike,
    scores: ArrayLike,
    groups: ArrayLike | None = None,
    *,
    level: float = 0.95,
    resamples: int = 2000,
    seed: Seed = 0,
) -> Estimate:
    """Area under the ROC curve, with an interval that draws patients.

    The probability that a random positive scores higher than a random negative, ties
    counted half: ( Σ [s₊ > s₋] + ½ [s₊ = s₋] ) / (n₊ n₋).

    Parameters
    ----------
    labels : array_like of 0 and 1, shape (n,)
    scores : array_like, shape (n,)
        Higher means more likely 1; any unit.
    groups : array_like, shape (n,), optional
        The patient of each row.  Without it every row is a patient of its own, which makes the
        interval too narrow wherever that is not so.
    level : float, default 0.95
        Confidence of the interval.
    resamples : int, default 2000
        Number of bootstrap resamples.
    seed : int or numpy.random.Generator, default 0
        The same seed, the same interval.

    Returns
    -------
    Estimate
        Between 0 and 1; 0.5 for scores that know nothing.

    Raises
    ------
    ValueError
        For labels other than 0 and 1 or of one class only, scores that are not finite,
        different lengths, or a class that comes from a single patient: drawing patients cannot
        tell how much that class varies.

    Notes
    -----
    Each resample draws as many patients as there are, with replacement, each with all of its
    rows; the interval is between percentiles of the resampled areas.  A resample with only one
    class has no area and is drawn again, so that the interval is conditional on both
    classes being there; ``redrawn`` counts them.  If fewer than one resample in ten is usable,
    that is an error.  The percentile interval is a little too narrow for few patients and for
    areas close to 1.

    References
    ----------
    J. A. Hanley and B. J. McNeil, Radiology 143 (1982) 29–36,
    doi:10.1148/radiology.143.1.7063747.  Drawing whole clusters: C. A. Field and A. H. Welsh,
    Bootstrapping clustered data, J R Stat Soc B 69 (2007) 369–390,
    doi:10.1111/j.1467-9868.2007.00593.x.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> labels = np.repeat([0, 1], 50)
    >>> print(auc(labels, labels + rng.normal(size=100)))
    0.782 [0.688, 0.867]
    """
    labels, scores = _classes(labels), _rows(scores, "scores")
    _require_length(scores, "scores", len(labels), "labels")
    codes, n = group_codes(groups, len(labels))
    area = _areas(labels, scores, codes)
    return _estimate(area, n, len(labels), level, resamples, seed)


def bootstrap(
    metric: Metric,
    values: ArrayLike,
    *,
    labels: ArrayLike | None = None,
    groups: ArrayLike | None = None,
    level: float = 0.95,
    resamples: int = 2000,
    seed: Seed = 0,
) -> Estimate:
    """Any metric with an interval that draws patients.

    Parameters
    ----------
    metric : callable
        ``metric(values)`` such as ``numpy.median``, or ``metric(labels, values)`` where labels
        are given, such as those of ``sklearn.metrics``.
    values : array_like, shape (n, ...)
        One entry a case: a measured quality, a score, a prediction.
    labels : array_like, shape (n,), optional
        The truth of each case, where the metric needs it.
    groups, level, resamples, seed
        As in :func:`auc`.

    Returns
    -------
    Estimate
        The metric of all rows, and the percentile interval of :func:`auc`.

    Raises
    ------
    ValueError
        For values that are not finite, lengths that differ, fewer than two patients, or a metric
        that is undefined for the data or for more than nine resamples in ten.

    References
    ----------
    B. Efron and R. Tibshirani, Bootstrap methods for standard errors, confidence intervals, and
    other measures of statistical accuracy, Statistical Science 1 (1986) 54–75,
    doi:10.1214/ss/1177013815.

    Examples
    --------
    >>> print(bootstrap(np.median, [0.91, 0.85, 0.88, 0.40, 0.93, 0.79], seed=1))
    0.865 [0.595, 0.920]
    """
    values = _rows(values, "values", axes=None)
    codes, n = group_codes(groups, len(values))
    statistic = _statistic(metric, _truth(labels, values), values, codes)
    return _estimate(statistic, n, len(values), level, resamples, seed)


def paired_difference(
    metric: Metric,
    a: ArrayLike,
    b: ArrayLike,
    groups: ArrayLike | None = None,
    *,
    labels: ArrayLike | None = None,
    level: float = 0.95,
    resamples: int = 2000,
    seed: Seed = 0,
) -> Estimate:
    """How much better a is than b on the same patients: metric(a) − metric(b).

    Each resample draws patients once and measures *both* on them, so that what makes a patient
    easy or hard for both cancels.  That is why two overlapping intervals do not mean that there
    is no difference, and why this interval should be looked at instead.

    Parameters
    ----------
    metric : callable
        ``metric(values)`` of per-case values, such as ``numpy.mean`` or ``numpy.median``; or,
        where labels are given, ``metric(labels, scores)`` such as :func:`auc` (its area
        alone, computed fast) or those of ``sklearn.metrics``.
    a, b : array_like, shape (n, ...)
        What two methods gave for the same cases in the same order.
    groups : array_like, shape (n,), optional
        The patient of each case; without it each case is a patient of its own.
    labels : array_like, shape (n,), optional
        The truth of each case, where the metric needs it.
    level, resamples, seed
        As in :func:`auc`.

    Returns
    -------
    Estimate
        The difference in the unit of the metric; positive where a has the larger one.  Resamples
        in which the metric is undefined, also those with one of two classes, are drawn again.

    Raises
    ------
    ValueError
        As for :func:`bootstrap`.

    References
    ----------
    B. Efron and R. Tibshirani, Statistical Science 1 (1986) 54–75, doi:10.1214/ss/1177013815.
    C. A. Field and A. H. Welsh, J R Stat Soc B 69 (2007) 369–390,
    doi:10.1111/j.1467-9868.2007.00593.x.

    Examples
    --------
    Dice coefficients of two methods on six patients, one of them hard for both:

    >>> unet, baseline = [0.91, 0.85, 0.88, 0.40, 0.93, 0.79], [0.88, 0.84, 0.83, 0.38, 0.90, 0.75]
    >>> print(paired_difference(np.mean, unet, baseline))
    0.030 [0.020, 0.040]
    """
    a, b = _rows(a, "a", axes=None), _rows(b, "b", axes=None)
    _require_length(b, "b", len(a), "a")
    codes, n = group_codes(groups, len(a))
    truth = _truth(labels, a)
    of_a, of_b = (_statistic(metric, truth, values, codes) for values in (a, b))
    return _estimate(lambda drawn: of_a(drawn) - of_b(drawn), n, len(a), level, resamples, seed)


# -- drawing patients ------------------------------------------------------------------------


def group_codes(groups: ArrayLike | None, rows: int) -> tuple[NDArray[np.int64], int]:
    """Number the patient of each row from 0, and count the patients."""
    if groups is None:
        codes = np.arange(rows)
    else:
        # As objects: NumPy would turn a missing name among texts into the text "nan".
        groups = np.asarray(groups, dtype=object)
        if groups.shape != (rows,):
            raise ValueError(
                f"groups needs one entry for each of {rows} rows, got shape {groups.shape}"
            )
        require_patients(groups)
        # Numbers among themselves and texts among themselves: the two cannot be compared.
        names = sorted(set(groups), key=lambda name: (str(type(name)), name))
        number = {name: code for code, name in enumerate(names)}
        codes = np.array([number[name] for name in groups])
    n = int(codes.max()) + 1 if rows else 0
    if n < 2:
        raise ValueError(f"an interval needs at least two patients to draw from, got {n}")
    return codes, n


def require_patients(groups: ArrayLike) -> None:
    """Refuse rows without a patient: None, nan, NaT or pandas' NA."""
    import pandas as pd

    if pd.isna(np.asarray(groups, dtype=object)).any():
        raise ValueError("groups has rows without a patient: find out whose they are")


def draw(
    statistic: Statistic, patients: int, rows: int, resamples: int, seed: Seed
) -> tuple[NDArray[np.float64], int]:
    """Evaluate a statistic on resampled patients until there are enough defined values.

    Parameters
    ----------
    statistic : callable
        Takes how often each patient was drawn, shape (resamples, patients), and returns
        values of shape (resamples,) or (resamples, k); nan where undefined.
    patients, rows : int
        Rows bound how many resamples fit into memory at once.
    resamples : int
    seed : int or Generator

    Returns
    -------
    values : ndarray
        Defined ones only.
    redrawn : int
        How many were not.
    """
    if resamples < 1:
        raise ValueError(f"resamples needs a whole number ≥ 1, got {resamples!r}")
    rng = np.random.default_rng(seed)
    equal = np.full(patients, 1 / patients)
    at_once = max(1, _WEIGHTS // max(rows, patients))
    parts: list[NDArray[np.float64]] = []
    done = drawn = 0
    while done < resamples:
        if drawn >= 10 * resamples:
            raise ValueError(
                f"only {done} of {drawn} resamples have a value: "
                "there are too few patients of a kind for an interval"
            )
        size = min(at_once, resamples - done)
        values = np.asarray(statistic(rng.multinomial(patients, equal, size=size)), float)
        defined = np.isfinite(values.reshape(size, -1)).all(axis=1)
        parts.append(values[defined])
        done, drawn = done + int(defined.sum()), drawn + size
    return np.concatenate(parts), drawn - done


def between(value: float, values: NDArray[np.float64], level: float, redrawn: int = 0) -> Estimate:
    """Make an estimate from a value and its resampled values, by percentiles."""
    low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2])
    return Estimate(value, low, high, level, redrawn)


def require_level(level: float) -> None:
    """Refuse a confidence that is not a share."""
    if not 0 < level < 1:
        raise ValueError(f"level needs a share between 0 and 1, such as 0.95, got {level!r}")


def _estimate(
    statistic: Statistic, patients: int, rows: int, level: float, resamples: int, seed: Seed
) -> Estimate:
    require_level(level)
    value = float(statistic(np.ones((1, patients), dtype=np.int64))[0])
    if not np.isfinite(value):
        raise ValueError(f"the metric gives {value} for these data, so there is no interval for it")
    values, redrawn = draw(statistic, patients, rows, resamples, seed)
    return between(value, values, level, redrawn)


def _statistic(
    metric: Metric,
    labels: NDArray[Any] | None,
    values: NDArray[Any],
    codes: NDArray[np.int64],
) -> Statistic:
    """Turn a metric of rows into a statistic of how often each patient was drawn."""
    if inspect.unwrap(metric) is auc:
        if labels is None:
            raise ValueError("auc needs labels: give labels=…")
        if metric is not auc:
            metric(labels, values)  # a wrapper may want to refuse; once, for it draws patients too
        return _areas(_classes(labels), _rows(values, "scores"), codes)
    two_classes = labels is not None and np.unique(labels).size == 2
    rows = np.arange(len(values))

    def evaluate(drawn: NDArray[np.int64]) -> float:
        chosen = np.repeat(rows, drawn[codes])
        if labels is None:
            return float(metric(values[chosen]))
        truth = labels[chosen]
        # Most metrics of two classes warn, raise or invent a value where one is missing.
        if two_classes and (truth == truth[0]).all():
            return np.nan
        return float(metric(truth, values[chosen]))

    return lambda drawn: np.array([evaluate(one) for one in drawn])


def _areas(
    labels: NDArray[np.int64], scores: NDArray[np.float64], codes: NDArray[np.int64]
) -> Statistic:
    """Areas under ROC curves of weighted rows, for all resamples together."""
    for label in (0, 1):
        if np.unique(codes[labels == label]).size < 2:
            raise ValueError(
                f"class {label} comes from one patient only: drawing patients cannot tell how "
                "much it varies, so there is no interval; collect more patients"
            )
    order = np.argsort(scores, kind="stable")
    sorted_scores = scores[order]
    starts = np.flatnonzero(np.r_[True, sorted_scores[1:] != sorted_scores[:-1]])
    positive = labels[order] == 1
    patient = codes[order]

    def areas(drawn: NDArray[np.int64]) -> NDArray[np.float64]:
        weights = drawn[:, patient]
        # One column for each different score, so that ties fall into the same column.
        ones, zeros = (
            np.add.reduceat(np.where(mask, weights, 0), starts, axis=1)
            for mask in (positive, ~positive)
        )
        below = np.cumsum(zeros, axis=1) - zeros
        won = (ones * (below + zeros / 2)).sum(axis=1)
        pairs = (ones.sum(axis=1) * zeros.sum(axis=1)).astype(float)
        return np.divide(won, pairs, out=np.full(len(drawn), np.nan), where=pairs > 0)

    return areas


# -- reading ----------------------------------------------------------------------------------


def _rows(values: ArrayLike, name: str, axes: int | None = 1) -> NDArray[Any]:
    array = np.asarray(values)
    if array.ndim == 0 or (axes is not None and array.ndim != axes) or array.shape[0] == 0:
        raise ValueError(
            f"{name} needs one entry a case, at least one, got an array of shape {array.shape}"
        )
    if array.dtype.kind not in "biuf":
        raise ValueError(f"{name} must hold numbers, got {array.dtype}")
    missing = np.flatnonzero(np.isnan(array).reshape(len(array), -1).any(axis=1))
    if missing.size:
        raise ValueError(
            f"{name} is NaN in {missing.size} rows, the first of them row {missing[0]}; decide "
            "what an undefined case counts, or leave it out for every method alike"
        )
    if not np.isfinite(array).all():
        raise ValueError(
            f"{name} holds an infinite value; decide what such a case counts, for example the "
            "largest distance that fits into the image"
        )
    return array


def _classes(labels: ArrayLike) -> NDArray[np.int64]:
    array = _rows(labels, "labels")
    if not np.isin(array, (0, 1)).all():
        found = ", ".join(str(value) for value in np.unique(array)[:5].tolist())
        raise ValueError(f"labels must be 0 and 1, got {found}; compare with the positive class")
    if np.unique(array).size < 2:
        raise ValueError(f"labels are all {int(array[0])}: an area needs both classes")
    return array.astype(np.int64)


def _truth(labels: ArrayLike | None, values: NDArray[Any]) -> NDArray[Any] | None:
    if labels is None:
        return None
    truth = np.asarray(labels)
    if truth.ndim == 0:
        raise ValueError("labels needs one entry a case")
    _require_length(truth, "labels", len(values), "values")
    return truth


def _require_length(array: Sequence[Any] | NDArray[Any], name: str, n: int, other: str) -> None:
    if len(array) != n:
        raise ValueError(f"{name} and {other} need one entry a case each, got {len(array)} and {n}")
