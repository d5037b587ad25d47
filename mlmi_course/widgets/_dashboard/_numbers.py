"""The numbers behind a dashboard: pure functions, without a picture or a widget."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

Z_95: Final = 1.959964
BINS: Final = 8
SHOWN: Final = 6  # contributions by name; the others are one bar
LIKE: Final = 6  # patients beside the chosen one


@dataclass(frozen=True)
class Share:
    """A share of patients, its 95 % interval, and how many patients it is of."""

    value: float
    low: float
    high: float
    n: int


@dataclass(frozen=True)
class Bin:
    """Patients of similar predicted risk, and what became of them.

    Attributes
    ----------
    low, high : float
        Of the predicted risk: from ``low`` on, and below ``high``.
    predicted : float
        Mean of the predictions.
    observed : Share
        Dead by the horizon.
    """

    low: float
    high: float
    predicted: float
    observed: Share


@dataclass(frozen=True)
class Decision:
    """What the dashboard answers for one patient and one model.

    Attributes
    ----------
    patient, model : str
    risk : float
        What the model said, also where the dashboard keeps it back.
    low, high : float
        Interval of that risk; nan where none was given.
    reasons : tuple of str
        Why there is no answer; empty where there is one.

    Examples
    --------
    >>> Decision("P7", "clinical", 0.31, 0.25, 0.4, ())
    P7, clinical: 31 % (25 to 40 %)
    >>> Decision("P7", "clinical", 0.31, 0.25, 0.4, ("the segmentation check failed",))
    P7, clinical: abstain: the segmentation check failed
    """

    patient: str
    model: str
    risk: float
    low: float
    high: float
    reasons: tuple[str, ...] = ()

    @property
    def answers(self) -> bool:
        """Whether the risk may be shown."""
        return not self.reasons

    @property
    def words(self) -> str:
        """The answer in a few words."""
        if self.reasons:
            return f"abstain: {'; '.join(self.reasons)}"
        interval = f" ({100 * self.low:.0f} to {percent(self.high)})" if known(self.low) else ""
        return f"{percent(self.risk)}{interval}"

    def __repr__(self) -> str:
        return f"{self.patient}, {self.model}: {self.words}"


def percent(share: float) -> str:
    """A share in whole per cent.

    Examples
    --------
    >>> percent(0.314), percent(float("nan"))
    ('31 %', 'not known')
    """
    return f"{100 * share:.0f} %" if known(share) else "not known"


def known(value: float) -> bool:
    """Whether there is a number."""
    return math.isfinite(value)


def outcome(time: float, event: bool, horizon: float) -> str:
    """What is known of a patient at the horizon: ``died``, ``alive`` or ``unknown``.

    Examples
    --------
    >>> [outcome(time, event, 365) for time, event in ((200, True), (400, True), (200, False))]
    ['died', 'alive', 'unknown']
    """
    if event and time <= horizon:
        return "died"
    return "alive" if time >= horizon else "unknown"


def dead_by(time: ArrayLike, event: ArrayLike, horizon: float) -> Share:
    """Share of patients who died by the horizon, by Kaplan and Meier, with its 95 % interval.

    Parameters
    ----------
    time : array_like, shape (n,)
        Follow-up.
    event : array_like of bool, shape (n,)
        Whether it ended with death.
    horizon : float
        In the unit of ``time``.

    Returns
    -------
    Share
        Of nan where nobody was there, or where nobody was watched until the horizon and some
        were still alive when last seen.

    Notes
    -----
    The interval is that of Rothman [1]_: Wilson's, for the number of patients without censoring
    that would have Greenwood's variance.  It stays within 0 and 1, and says something where nobody
    or everybody died: there the number is that of the patients who were watched until the
    horizon, or of all.

    References
    ----------
    .. [1] K. J. Rothman, Estimation of confidence limits for the cumulative probability of survival
       in life table analysis, J. Chronic Dis. 31 (1978) 557-560.

    Examples
    --------
    >>> share = dead_by([100, 200, 300, 400, 500], [True, False, True, False, True], 365)
    >>> round(share.value, 3), share.n
    (0.467, 5)
    """
    time, event = np.asarray(time, float), np.asarray(event, bool)
    n = len(time)
    died = np.unique(time[event & (time <= horizon)])
    at_risk = np.array([np.count_nonzero(time >= t) for t in died], float)
    deaths = np.array([np.count_nonzero(event & (time == t)) for t in died], float)
    alive = float(np.prod(1 - deaths / at_risk)) if n else math.nan
    if not n or (alive > 0 and time.max() < horizon):
        return Share(math.nan, math.nan, math.nan, n)
    if 0 < alive < 1:
        greenwood = float(np.sum(deaths / (at_risk * (at_risk - deaths))))
        count = (1 - alive) / (alive * greenwood)
    else:
        count = float(np.count_nonzero(time >= horizon) if alive == 1 else n)
    low, high = _wilson(1 - alive, count)
    return Share(1 - alive, low, high, n)


def _wilson(share: float, count: float) -> tuple[float, float]:
    z2 = Z_95**2
    middle = (share + z2 / (2 * count)) / (1 + z2 / count)
    half = Z_95 * math.sqrt(share * (1 - share) / count + z2 / (4 * count**2)) / (1 + z2 / count)
    return max(0.0, middle - half), min(1.0, middle + half)


def bins(
    risk: ArrayLike, time: ArrayLike, event: ArrayLike, horizon: float, most: int = BINS
) -> tuple[Bin, ...]:
    """Patients in bins of equal number, by predicted risk, and the share who died in each.

    Parameters
    ----------
    risk : array_like, shape (n,)
        Predicted; patients without a prediction (nan) are left out.
    time, event : array_like, shape (n,)
    horizon : float
    most : int
        Number of bins; fewer where predictions are tied.

    Examples
    --------
    >>> found = bins(np.arange(8) / 8, np.arange(8) * 100, [True] * 8, 365, most=2)
    >>> [(one.low, one.high, one.observed.value, one.observed.n) for one in found]
    [(0.0, 0.5, 1.0, 4), (0.5, 0.875, 0.0, 4)]
    """
    risk, time = np.asarray(risk, float), np.asarray(time, float)
    event = np.asarray(event, bool)
    there = np.isfinite(risk)
    risk, time, event = risk[there], time[there], event[there]
    if not risk.size:
        return ()
    wanted = np.quantile(risk, np.linspace(0, 1, most + 1), method="higher")
    edges = np.unique(wanted)
    if len(edges) == 1:
        edges = np.repeat(edges, 2)
    place = bin_of(risk, edges)
    found = []
    for number, (low, high) in enumerate(itertools.pairwise(edges)):
        inside = place == number
        observed = dead_by(time[inside], event[inside], horizon)
        found.append(Bin(float(low), float(high), float(risk[inside].mean()), observed))
    return tuple(found)


def bin_of(risk: ArrayLike, edges: ArrayLike) -> NDArray[np.int64]:
    """The bin of each risk; what lies outside belongs to the first or the last one."""
    edges = np.asarray(edges, float)
    return np.clip(np.searchsorted(edges, risk, side="right") - 1, 0, len(edges) - 2)


def ranks(values: ArrayLike, reference: ArrayLike) -> NDArray[np.float64]:
    """Where each patient stands in the cohort: the share of it with a smaller value.

    Parameters
    ----------
    values : array_like, shape (n, k)
    reference : array_like of bool, shape (n,)
        Who makes up the cohort.

    Returns
    -------
    ndarray, shape (n, k)
        From 0 to 1; patients with the same value count half; nan where the value is missing.

    Examples
    --------
    >>> ranks([[1.0], [2.0], [2.0], [9.0]], [True, True, True, False]).ravel().round(2).tolist()
    [0.17, 0.67, 0.67, 1.0]
    """
    values = np.asarray(values, float)
    found = np.full(values.shape, np.nan)
    for column, all_of in enumerate(values.T):
        cohort = np.sort(all_of[np.asarray(reference, bool) & np.isfinite(all_of)])
        if cohort.size:
            below = np.searchsorted(cohort, all_of, side="left")
            up_to = np.searchsorted(cohort, all_of, side="right")
            found[:, column] = (below + up_to) / (2 * cohort.size)
    return np.where(np.isfinite(values), found, np.nan)


def most_alike(
    where: NDArray[np.float64], patient: int, reference: ArrayLike, count: int = LIKE
) -> list[int]:
    """Patients of the cohort whose ranks are closest, the closest first.

    The distance is the root of the mean squared difference over what both have.

    Examples
    --------
    >>> most_alike(np.array([[0.5], [0.1], [0.6], [0.45]]), 0, [True] * 4, count=2)
    [3, 2]
    """
    differences = where - where[patient]
    both = np.isfinite(differences)
    squares = np.where(both, differences, 0.0) ** 2
    counts = both.sum(axis=1)
    distance = np.sqrt(squares.sum(axis=1) / np.maximum(counts, 1))
    allowed = np.asarray(reference, bool) & (counts > 0)
    allowed[patient] = False
    order = np.argsort(distance, kind="stable")
    return [int(row) for row in order if allowed[row]][:count]


def largest(values: ArrayLike, names: Sequence[str], count: int = SHOWN) -> list[tuple[str, float]]:
    """The contributions that are largest either way, and the sum of the others.

    Examples
    --------
    >>> largest([0.1, -0.5, 0.2, 0.05], ["a", "b", "c", "d"], count=2)
    [('b', -0.5), ('c', 0.2), ('the other 2', 0.15)]
    """
    values = np.asarray(values, float)
    order = np.argsort(-np.abs(np.nan_to_num(values)), kind="stable")
    shown = [(str(names[i]), float(values[i])) for i in order[:count]]
    rest = order[count:]
    if rest.size:
        shown.append((f"the other {rest.size}", round(float(np.nansum(values[rest])), 12)))
    return shown


def decide(
    patient: str,
    model: str,
    risks: Mapping[str, float],
    interval: tuple[float, float],
    *,
    segmentation_ok: bool,
    disagreement: float,
) -> Decision:
    """Answer with a model's risk, or say why not.

    Parameters
    ----------
    patient, model : str
    risks : mapping of str to float
        Of this patient by all models; nan where a model has none.
    interval : (float, float)
    segmentation_ok : bool
    disagreement : float
        The most by which the models may differ.

    Examples
    --------
    >>> both = {"clinical": 0.2, "deep": 0.6}
    >>> decide("P7", "deep", both, (0.5, 0.7), segmentation_ok=True, disagreement=0.15)
    P7, deep: abstain: the models disagree: clinical says 20 %, deep says 60 %
    """
    reasons = []
    if not segmentation_ok:
        reasons.append("the segmentation check failed")
    if not known(risks[model]):
        reasons.append(f"the model {model} gives no risk for this patient")
    there = {name: risk for name, risk in risks.items() if known(risk)}
    if there:
        least, most = min(there, key=there.__getitem__), max(there, key=there.__getitem__)
        if there[most] - there[least] > disagreement:
            reasons.append(
                f"the models disagree: {least} says {percent(there[least])}, "
                f"{most} says {percent(there[most])}"
            )
    return Decision(patient, model, float(risks[model]), *map(float, interval), tuple(reasons))


@dataclass(frozen=True)
class Patients:
    """What a dashboard was given, checked: arrays of n patients."""

    names: tuple[str, ...]
    risks: dict[str, NDArray[np.float64]]
    time: NDArray[np.float64]
    event: NDArray[np.bool_]
    horizon: float
    features: tuple[str, ...]
    glyphs: NDArray[np.float64]
    contributions: dict[str, NDArray[np.float64]]
    contribution_names: dict[str, tuple[str, ...]]
    images: NDArray[Any]
    masks: NDArray[np.bool_] | None
    spacing: tuple[float, float]
    segmentation_ok: NDArray[np.bool_]
    intervals: dict[str, NDArray[np.float64]]
    disagreement: float
    reference: NDArray[np.bool_]

    def row(self, patient: str) -> int:
        """The place of a patient."""
        if patient not in self.names:
            raise ValueError(f"no patient is called {patient!r}; the first is {self.names[0]!r}")
        return self.names.index(patient)

    def interval(self, model: str, row: int) -> tuple[float, float]:
        """Of a risk; nan where none was given."""
        if model not in self.intervals:
            return math.nan, math.nan
        low, high = self.intervals[model][row]
        return float(low), float(high)

    def decision(self, patient: str, model: str) -> Decision:
        """The answer for a patient and a model, or why there is none."""
        if model not in self.risks:
            raise ValueError(f"no model is called {model!r}; there are {', '.join(self.risks)}")
        row = self.row(patient)
        return decide(
            patient,
            model,
            {name: float(risk[row]) for name, risk in self.risks.items()},
            self.interval(model, row),
            segmentation_ok=bool(self.segmentation_ok[row]),
            disagreement=self.disagreement,
        )

    def outcome(self, row: int) -> str:
        """What is known of a patient at the horizon."""
        return outcome(float(self.time[row]), bool(self.event[row]), self.horizon)


def read(
    names: Sequence[str],
    risks: Mapping[str, ArrayLike],
    *,
    time: ArrayLike,
    event: ArrayLike,
    horizon: float,
    glyphs: Any,
    contributions: Mapping[str, ArrayLike],
    contribution_names: Mapping[str, Sequence[str]],
    images: ArrayLike,
    masks: ArrayLike | None,
    spacing: tuple[float, float],
    segmentation_ok: ArrayLike,
    intervals: Mapping[str, ArrayLike] | None,
    disagreement: float,
    reference: ArrayLike | None,
) -> Patients:
    """Check what a dashboard is given.

    Raises
    ------
    ValueError
        With the name of what does not fit, what was got, and what is needed.
    """
    names = tuple(map(str, names))
    n = len(names)
    if not n or len(set(names)) < n:
        raise ValueError(f"names: each patient needs a name of its own; got {n} names")
    if not risks:
        raise ValueError("risks needs at least one model, such as {'clinical': …}")
    checked = {}
    for model, values in risks.items():
        risk = _rows(f"the risks of {model!r}", values, n)
        there = risk[np.isfinite(risk)]
        if ((there < 0) | (there > 1)).any():
            odd = there[(there < 0) | (there > 1)][0]
            raise ValueError(
                f"the risks of {model!r} are probabilities of death by the horizon, from 0 to 1; "
                f"got {odd:g}"
            )
        checked[str(model)] = risk
    of_time = _rows("time", time, n)
    if not (np.isfinite(of_time).all() and (of_time >= 0).all()):
        raise ValueError("time must be finite and not negative")
    if not (horizon > 0 and 0 <= disagreement <= 1):
        raise ValueError(
            f"horizon must be above 0 and disagreement from 0 to 1; got {horizon!r} and "
            f"{disagreement!r}"
        )
    columns = getattr(glyphs, "columns", None)
    shown = np.asarray(glyphs, float)
    if columns is None or shown.ndim != 2 or not 3 <= shown.shape[1] <= 8:
        raise ValueError(
            f"glyphs must be a DataFrame with 3 to 8 columns; got {type(glyphs).__name__} of "
            f"shape {shown.shape}"
        )
    _length("glyphs", shown, n)
    parts: dict[str, NDArray[np.float64]] = {}
    parts_names: dict[str, tuple[str, ...]] = {}
    for model, values in contributions.items():
        if model not in checked:
            raise ValueError(f"contributions of {model!r}, but there are {', '.join(checked)}")
        parts[model] = _rows(f"the contributions of {model!r}", values, n, axes=2)
        parts_names[model] = tuple(map(str, contribution_names.get(model, ())))
        if len(parts_names[model]) != parts[model].shape[1]:
            raise ValueError(
                f"contribution_names of {model!r}: {len(parts_names[model])} names for "
                f"{parts[model].shape[1]} contributions"
            )
    pictures = np.asarray(images)
    if pictures.ndim != 3:
        raise ValueError(f"images must have shape (n, rows, columns); got {pictures.shape}")
    _length("images", pictures, n)
    outlines = None if masks is None else np.asarray(masks) != 0
    if outlines is not None and outlines.shape != pictures.shape:
        raise ValueError(f"masks have shape {outlines.shape}, images {pictures.shape}")
    ranges: dict[str, NDArray[np.float64]] = {}
    for model, values in (intervals or {}).items():
        if model not in checked:
            raise ValueError(f"intervals of {model!r}, but there are {', '.join(checked)}")
        ranges[model] = _rows(f"the intervals of {model!r}", values, n, axes=2)
        if ranges[model].shape[1] != 2:
            raise ValueError(f"the intervals of {model!r} need 2 columns, low and high")
    cohort = np.ones(n, bool) if reference is None else _flags("reference", reference, n)
    if not cohort.any():
        raise ValueError("reference names no patient, so there is no cohort to compare with")
    if len(spacing) != 2 or min(spacing) <= 0:
        raise ValueError(f"spacing is (between rows, between columns) in mm; got {spacing!r}")
    return Patients(
        names=names,
        risks=checked,
        time=of_time,
        event=_flags("event", event, n),
        horizon=float(horizon),
        features=tuple(map(str, columns)),
        glyphs=shown,
        contributions=parts,
        contribution_names=parts_names,
        images=pictures,
        masks=outlines,
        spacing=(float(spacing[0]), float(spacing[1])),
        segmentation_ok=_flags("segmentation_ok", segmentation_ok, n),
        intervals=ranges,
        disagreement=float(disagreement),
        reference=cohort,
    )


def _rows(name: str, values: ArrayLike, n: int, axes: int = 1) -> NDArray[np.float64]:
    array = np.asarray(values, float)
    if array.ndim != axes:
        raise ValueError(f"{name} must have {axes} axes; got shape {array.shape}")
    _length(name, array, n)
    return array


def _flags(name: str, values: ArrayLike, n: int) -> NDArray[np.bool_]:
    array = np.asarray(values)
    if array.ndim != 1 or not np.isin(array, (0, 1)).all():
        raise ValueError(f"{name} must hold one True or False for each patient")
    _length(name, array, n)
    return array.astype(bool)


def _length(name: str, array: NDArray[Any], n: int) -> None:
    if len(array) != n:
        raise ValueError(f"{name} is of {len(array)} patients, but names is of {n}")
