"""One row a case, and what a paper prints about the rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mlmi_course.metrics._intervals import require_patients
from mlmi_course.metrics._masks import as_masks, count, pair, read_labels
from mlmi_course.metrics._overlap import ratio
from mlmi_course.metrics._surfaces import (
    Spacing,
    directed_distances,
    farthest,
    read_spacing,
    surface_dice,
)

if TYPE_CHECKING:
    import pandas as pd

# What says which row it is, rather than how good it is.
_KEYS: Final = ("case", "group", "label")


def segmentation_report(
    truths: Sequence[ArrayLike] | NDArray[Any],
    predictions: Sequence[ArrayLike] | NDArray[Any],
    spacing: Spacing | Sequence[Sequence[float]] | None = None,
    groups: Sequence[Any] | None = None,
    *,
    labels: Sequence[int] | None = None,
    tolerance: float | None = None,
    empty: float = np.nan,
) -> pd.DataFrame:
    """Every measure of every case, one row a case.

    Parameters
    ----------
    truths, predictions : sequence of masks, or array with the cases along the first axis
        Masks as :func:`~mlmi_course.metrics.dice` takes them; cases may differ in shape.
    spacing : float, sequence of float, or one such sequence a case, optional
        Millimetres between voxel centres.  Without it there are no distances.
    groups : sequence, optional
        The patient of each case.
    labels : sequence of int, optional
        Read the masks as label maps: one row a case *and label*.
    tolerance : float, optional
        Millimetres for :func:`~mlmi_course.metrics.surface_dice`; without it the column is left
        out.
    empty : float, default nan
        The value of what is undefined.

    Returns
    -------
    pandas.DataFrame
        Columns ``case``, ``group`` and ``label`` where given, ``truth_voxels``,
        ``prediction_voxels``, ``dice``, ``jaccard``, ``precision``, ``recall``,
        ``specificity``, ``false_negative_rate``, ``false_positive_rate`` (of the background),
        ``false_positives_to_truth`` (the other denominator), ``volume_similarity``, and with a
        spacing ``hausdorff_mm``, ``hausdorff95_mm`` and ``surface_dice``.

    Raises
    ------
    ValueError
        For a mask that is none (the message names the case), no cases, lists of different
        lengths, or a spacing that does not fit.

    See Also
    --------
    summarise : Median, quartiles, mean and standard deviation of these columns.

    Examples
    --------
    >>> truths = np.array([[[0, 1, 1, 0]], [[1, 1, 1, 1]]])
    >>> predictions = np.array([[[0, 1, 1, 0]], [[0, 0, 1, 1]]])
    >>> report = segmentation_report(truths, predictions, groups=["P1", "P2"])
    >>> report[["case", "group", "dice", "recall"]].round(3)
       case group   dice  recall
    0     0    P1  1.000     1.0
    1     1    P2  0.667     0.5
    """
    import pandas as pd

    truths, predictions = _cases(truths, "truths"), _cases(predictions, "predictions")
    if len(truths) != len(predictions):
        raise ValueError(
            "truths and predictions need one mask a case each, "
            f"got {len(truths)} and {len(predictions)}"
        )
    if groups is not None and len(groups) != len(truths):
        raise ValueError(f"groups needs one entry a case, got {len(groups)} for {len(truths)}")
    if groups is not None:
        require_patients(list(groups))
    if tolerance is not None and spacing is None:
        raise ValueError("a tolerance is in millimetres: spacing is needed too")
    spacings = _spacings(spacing, len(truths))

    rows = []
    for case, (truth, prediction) in enumerate(zip(truths, predictions, strict=True)):
        try:
            measured = _measure_case(truth, prediction, spacings[case], labels, tolerance, empty)
        except ValueError as error:
            raise ValueError(f"case {case}: {error}") from error
        keys = {"case": case} | ({} if groups is None else {"group": groups[case]})
        rows += [keys | row for row in measured]
    return pd.DataFrame(rows)


def summarise(report: pd.DataFrame, per: Literal["case", "group"] = "case") -> pd.DataFrame:
    """What a paper prints of a report: median and quartiles, mean and standard deviation.

    Parameters
    ----------
    report : pandas.DataFrame
        From :func:`segmentation_report`, or any table of numbers with one row a case; the
        columns ``case``, ``group`` and ``label`` are not summarised.
    per : {"case", "group"}, default "case"
        What counts once.  With ``"group"`` the defined values of each patient are averaged
        first, so that a patient with ten scans does not weigh ten times.

    Returns
    -------
    pandas.DataFrame
        One row a column of the report (an index of label and column, where there are labels):
        ``n`` values that are defined, ``undefined`` ones (nan, left out of the rest),
        ``median``, ``q1`` and ``q3``, ``iqr`` = q3 − q1, ``mean``, and ``sd`` with the
        denominator n − 1.

    Raises
    ------
    ValueError
        For a report without rows, or ``per="group"`` without groups.

    Notes
    -----
    Quality is skewed and bounded, so read the median first.  An infinite distance (one mask is
    empty) takes part: the median copes with it, while the mean becomes infinite and the
    standard deviation nan.

    Examples
    --------
    >>> import pandas as pd
    >>> report = pd.DataFrame({"case": [0, 1, 2, 3], "dice": [0.2, 0.8, 0.9, np.nan]})
    >>> summarise(report).round(3)
          n  undefined  median   q1    q3   iqr   mean     sd
    dice  3          1     0.8  0.5  0.85  0.35  0.633  0.379
    """
    import pandas as pd

    if not len(report):
        raise ValueError("there is nothing to summarise: the report has no rows")
    if per not in ("case", "group"):
        raise ValueError(f'per must be "case" or "group", got {per!r}')
    keys = [key for key in ("group", "label") if key in report]
    if per == "group":
        if "group" not in report:
            raise ValueError('per="group" needs a column "group": give groups to the report')
        require_patients(report["group"])
        values = report.drop(columns="case", errors="ignore")
        report = values.groupby(keys, sort=False).mean(numeric_only=True).reset_index()
    measures = [name for name in report.select_dtypes("number") if name not in _KEYS]

    def table(rows: pd.DataFrame) -> pd.DataFrame:
        return pd.DataFrame({name: _summary(rows[name].to_numpy(float)) for name in measures}).T

    if "label" in report:
        parts = {label: table(rows) for label, rows in report.groupby("label", sort=False)}
        summary = pd.concat(parts, names=["label", None])
    else:
        summary = table(report)
    return summary.astype({"n": int, "undefined": int})


def _cases(masks: Any, name: str) -> list[Any]:
    if isinstance(masks, np.ndarray) and masks.ndim < 2:
        raise ValueError(
            f"{name} needs a list of masks, or an array with the cases along its first axis; "
            f"got shape {masks.shape}"
        )
    cases = list(masks)
    if not cases:
        raise ValueError(f"{name} has no cases: there is nothing to report")
    return cases


def _spacings(spacing: Any, cases: int) -> list[Any]:
    if spacing is None or np.ndim(spacing) < 2:
        return [spacing] * cases
    if len(spacing) != cases:
        raise ValueError(
            f"spacing has {len(spacing)} rows for {cases} cases: give one for all, or one a case"
        )
    return list(spacing)


def _measure_case(
    truth: ArrayLike,
    prediction: ArrayLike,
    spacing: Spacing | None,
    labels: Sequence[int] | None,
    tolerance: float | None,
    empty: float,
) -> list[dict[str, Any]]:
    """All measures of one case: one dictionary, or one a label.  The masks are counted once."""
    truth, prediction = pair(truth, prediction, per_case=False)
    n = count(truth, prediction, labels, per_case=False)
    tp, fp, fn, tn = (np.atleast_1d(number) for number in n)
    measured = {
        "truth_voxels": tp + fn,
        "prediction_voxels": tp + fp,
        "dice": ratio(2 * tp, 2 * tp + fp + fn, empty),
        "jaccard": ratio(tp, tp + fp + fn, empty),
        "precision": ratio(tp, tp + fp, empty),
        "recall": ratio(tp, tp + fn, empty),
        "specificity": ratio(tn, tn + fp, empty),
        "false_negative_rate": ratio(fn, tp + fn, empty),
        "false_positive_rate": ratio(fp, fp + tn, empty),
        "false_positives_to_truth": ratio(fp, tp + fn, empty),
        "volume_similarity": ratio(2 * (tp + np.minimum(fp, fn)), 2 * tp + fp + fn, empty),
    }
    if spacing is not None:
        steps = read_spacing(spacing, truth.ndim)
        wanted = read_labels(labels)
        masks = zip(
            as_masks(truth, wanted, "truth"),
            as_masks(prediction, wanted, "prediction"),
            strict=True,
        )
        distances = np.array([_distances(a, b, steps, tolerance, empty) for a, b in masks])
        names = ["hausdorff_mm", "hausdorff95_mm", "surface_dice"][: distances.shape[1]]
        measured |= dict(zip(names, distances.T, strict=True))
    rows = [dict(zip(measured, row, strict=True)) for row in zip(*measured.values(), strict=True)]
    if labels is not None:
        rows = [{"label": int(label)} | row for label, row in zip(labels, rows, strict=True)]
    return rows


def _distances(
    truth: NDArray[np.bool_],
    prediction: NDArray[np.bool_],
    steps: tuple[float, ...],
    tolerance: float | None,
    empty: float,
) -> list[float]:
    found = truth.any(), prediction.any()
    if all(found):
        both_ways = directed_distances(truth, prediction, steps)
        values = [farthest(both_ways, percentile) for percentile in (100, 95)]
    else:
        values = [np.inf if any(found) else empty] * 2
    if tolerance is not None:
        values.append(float(surface_dice(truth, prediction, steps, tolerance, empty=empty)))
    return values


def _summary(values: NDArray[np.float64]) -> dict[str, float]:
    defined = values[~np.isnan(values)]
    if not defined.size:
        nothing = dict.fromkeys(("median", "q1", "q3", "iqr", "mean", "sd"), np.nan)
        return {"n": 0, "undefined": values.size, **nothing}
    q1, median, q3 = (_quantile(defined, share) for share in (0.25, 0.5, 0.75))
    finite = np.isfinite(defined).all()
    return {
        "n": defined.size,
        "undefined": values.size - defined.size,
        "median": median,
        "q1": q1,
        "q3": q3,
        "iqr": q3 - q1 if np.isfinite(q1) else np.nan,
        "mean": float(defined.mean()),
        "sd": float(defined.std(ddof=1)) if defined.size > 1 and finite else np.nan,
    }


def _quantile(values: NDArray[np.float64], share: float) -> float:
    """Linear between ranks, as NumPy does, but without its nan beside an infinity."""
    low, high = (np.quantile(values, share, method=side) for side in ("lower", "higher"))
    if low == high or np.isinf(high):
        return float(high)
    part = share * (values.size - 1) % 1
    return float(low + part * (high - low))
