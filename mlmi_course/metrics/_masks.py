"""Read masks, refuse what is none, and count where two of them agree."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

Value: TypeAlias = float | NDArray[np.float64]

# Elements looked at together.  Few enough that three chunks stay in a processor's own cache
# and that temporaries are a few MB for any type, enough that Python's share is negligible.
_CHUNK: Final = 2**17


class Counts(NamedTuple):
    """Numbers of voxels: true positive, false positive, false negative, true negative.

    Each is an array of shape (), (labels,), (cases,) or (cases, labels).
    """

    tp: NDArray[np.int64]
    fp: NDArray[np.int64]
    fn: NDArray[np.int64]
    tn: NDArray[np.int64]


def count(
    truth: ArrayLike, prediction: ArrayLike, labels: Sequence[int] | None, per_case: bool
) -> Counts:
    """Count agreeing and disagreeing voxels without copying the masks."""
    truth, prediction = pair(truth, prediction, per_case)
    wanted = read_labels(labels)
    cases = zip(truth, prediction, strict=True) if per_case else [(truth, prediction)]
    totals = np.stack([_count_one(one, other, wanted) for one, other in cases])
    if wanted is None:
        totals = totals[:, 0]
    if not per_case:
        totals = totals[0]
    in_truth, in_prediction, in_both = np.moveaxis(totals, -1, 0)
    size = (truth[0] if per_case else truth).size
    return Counts(
        tp=in_both,
        fp=in_prediction - in_both,
        fn=in_truth - in_both,
        tn=size - in_truth - in_prediction + in_both,
    )


def measure(
    truth: ArrayLike,
    prediction: ArrayLike,
    distance: Callable[[NDArray[np.bool_], NDArray[np.bool_]], float],
    labels: Sequence[int] | None,
    per_case: bool,
) -> Value:
    """Apply a function of two boolean masks to each case and each label."""
    truth, prediction = pair(truth, prediction, per_case)
    wanted = read_labels(labels)
    cases = zip(truth, prediction, strict=True) if per_case else [(truth, prediction)]
    values = np.array(
        [
            [
                distance(a, b)
                for a, b in zip(
                    as_masks(one, wanted, "truth"),
                    as_masks(other, wanted, "prediction"),
                    strict=True,
                )
            ]
            for one, other in cases
        ],
        dtype=float,
    )
    if wanted is None:
        values = values[:, 0]
    return values if per_case else scalar(values[0])


def scalar(values: NDArray[np.float64]) -> Value:
    """Turn an array without axes into a float, and leave any other as it is."""
    return values if np.ndim(values) else float(values)


def pair(
    truth: ArrayLike, prediction: ArrayLike, per_case: bool
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Read two arrays of one shape, or say what is wrong with them."""
    truth, prediction = _read(truth, "truth"), _read(prediction, "prediction")
    if truth.shape != prediction.shape:
        alike = np.squeeze(truth).shape == np.squeeze(prediction).shape
        advice = (
            "drop the axis of length 1, for example with prediction[..., 0]"
            if alike
            else "nothing is broadcast or resampled here: bring both to one grid first"
        )
        raise ValueError(
            "truth and prediction need the same shape, "
            f"got {truth.shape} and {prediction.shape}; {advice}"
        )
    if truth.size == 0:
        raise ValueError(f"there is nothing to compare in arrays of shape {truth.shape}")
    if per_case and truth.ndim < 2:
        raise ValueError(
            "per_case=True takes the first axis for the cases and needs at least one more, "
            f"got shape {truth.shape}"
        )
    if not per_case and not 1 <= truth.ndim <= 3:
        raise ValueError(
            f"one case has one to three axes, got shape {truth.shape}; if the first axis counts "
            "the cases say per_case=True, to pool them on purpose use .ravel()"
        )
    return truth, prediction


def _read(values: ArrayLike, name: str) -> NDArray[Any]:
    try:
        array = np.asarray(values)
    except ValueError as error:
        raise ValueError(
            f"{name} must be one array, got a list of different shapes; "
            "measure such cases one by one, or use segmentation_report"
        ) from error
    if array.dtype.kind not in "biuf":
        raise ValueError(
            f"{name} must hold booleans or real numbers, got {array.dtype}; "
            "a mask is True or 1 inside and False or 0 outside"
        )
    return array


def read_labels(labels: Sequence[int] | None) -> NDArray[np.int64] | None:
    """Read ``labels=``, or return None where there is none."""
    if labels is None:
        return None
    wanted = np.asarray(labels)
    if wanted.ndim != 1 or not wanted.size or wanted.dtype.kind not in "iu":
        raise ValueError(f"labels needs a list of whole numbers such as [1, 2], got {labels!r}")
    if np.unique(wanted).size != wanted.size:
        raise ValueError(f"labels names a label twice: {wanted.tolist()}")
    return wanted.astype(np.int64)


def as_masks(
    array: NDArray[Any], labels: NDArray[np.int64] | None, name: str
) -> Iterator[NDArray[np.bool_]]:
    """Give the boolean mask of each label, or of the one mask where there are no labels."""
    if labels is None:
        yield _binary(array, name)
        return
    _require_labels(array, name)
    for label in labels:
        yield array == label


def _count_one(
    truth: NDArray[Any], prediction: NDArray[Any], labels: NDArray[np.int64] | None
) -> NDArray[np.int64]:
    """Count voxels in the truth, in the prediction and in both: shape (labels or 1, 3)."""
    totals = np.zeros((1 if labels is None else labels.size, 3), dtype=np.int64)
    # In the order of the memory, whatever that is; only where the layouts of the two arrays
    # differ is anything copied, and then one chunk at a time.
    chunks = np.nditer(
        [truth, prediction],
        flags=["external_loop", "buffered"],
        order="K",
        buffersize=_CHUNK,
    )
    both = np.empty(_CHUNK, dtype=bool)
    for a, b in chunks:
        pairs = zip(as_masks(a, labels, "truth"), as_masks(b, labels, "prediction"), strict=True)
        for row, (in_a, in_b) in zip(totals, pairs, strict=True):
            np.logical_and(in_a, in_b, out=both[: a.size])
            row += (
                np.count_nonzero(in_a),
                np.count_nonzero(in_b),
                np.count_nonzero(both[: a.size]),
            )
    return totals


def _binary(array: NDArray[Any], name: str) -> NDArray[np.bool_]:
    if array.dtype == bool:
        return array
    ones = array == 1
    if np.count_nonzero(ones) == np.count_nonzero(array):
        return ones
    _refuse_nan(array, name)
    value = array[(array != 0) & (array != 1)].flat[0]
    if array.dtype.kind == "f":
        advice = (
            f"turn probabilities into a mask first, for example with {name} > 0.5 (see "
            "docs/conventions.md#intersection-over-union-of-probabilities)"
        )
    else:
        advice = (
            f"use labels=[...] for several labels, or {name} > 0 for anything inside (see "
            "docs/conventions.md#masks-of-0-and-255)"
        )
    raise ValueError(f"{name} is not a mask of 0 and 1: it holds {value.item()}; {advice}")


def _require_labels(array: NDArray[Any], name: str) -> None:
    if array.dtype.kind != "f":
        return
    _refuse_nan(array, name)
    if not (np.isfinite(array) & (np.floor(array) == array)).all():
        raise ValueError(
            f"{name} must hold whole numbers to be compared with labels; "
            "labels are resampled by nearest neighbour, never interpolated (see "
            "docs/conventions.md#resampling-a-label-map)"
        )


def _refuse_nan(array: NDArray[Any], name: str) -> None:
    if array.dtype.kind == "f" and np.isnan(array).any():
        raise ValueError(
            f"{name} contains NaN, which is neither inside nor outside; "
            "find out where it comes from, or decide with numpy.nan_to_num"
        )
