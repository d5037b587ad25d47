"""How well two masks overlap, from the four counts TP, FP, FN and TN."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mlmi_course.metrics._masks import Value, count, scalar


def ratio(numerator: NDArray[np.int64], denominator: NDArray[np.int64], empty: float) -> Value:
    """Divide, and put ``empty`` wherever the denominator is zero."""
    values = np.full(np.shape(denominator), float(empty))
    np.divide(numerator, denominator, out=values, where=denominator != 0)
    return scalar(values)


def dice(
    truth: ArrayLike,
    prediction: ArrayLike,
    *,
    labels: Sequence[int] | None = None,
    per_case: bool = False,
    empty: float = np.nan,
) -> Value:
    """Dice similarity coefficient, 2 |T ∩ P| / (|T| + |P|) = 2 TP / (2 TP + FP + FN).

    Parameters
    ----------
    truth, prediction : array_like of bool or of 0 and 1, both of the same shape
        One case of one to three axes or, with ``per_case``, several along the first axis.
    labels : sequence of int, optional
        Read both arrays as label maps and measure each of these labels against the rest.
    per_case : bool, default False
        The first axis counts the cases: one value for each, never one for all.
    empty : float, default nan
        The value where the denominator is zero.  Here: both masks are empty.

    Returns
    -------
    float or ndarray, shape (cases,), (labels,) or (cases, labels)
        Between 0 (disjoint, or one of the two empty) and 1 (identical).

    Raises
    ------
    ValueError
        If the shapes differ, an array has no elements or too many axes, or a mask holds
        anything but 0 and 1: probabilities, NaN, labels without ``labels``.

    Notes
    -----
    It is the harmonic mean of :func:`precision` and :func:`recall`, which is the F1 score of
    the voxels.  The :func:`jaccard` index is J = D / (2 − D), so the two always agree on which
    segmentation of a case is better: report one of them.  Both depend on size: one missing
    voxel costs a small lesion more than a large one.

    The masks are read once, in chunks: for booleans the memory used does not grow with them.

    Other libraries give other numbers where both masks are empty, where masks hold 255, and
    where cases are pooled: docs/conventions.md#dice-when-both-masks-are-empty,
    docs/conventions.md#masks-of-0-and-255, docs/conventions.md#dice-of-a-batch-pooled-or-per-case.

    References
    ----------
    L. R. Dice, Measures of the amount of ecologic association between species, Ecology 26
    (1945) 297–302, doi:10.2307/1932409.  A. A. Taha and A. Hanbury, Metrics for evaluating 3D
    medical image segmentation, BMC Medical Imaging 15:29 (2015),
    doi:10.1186/s12880-015-0068-x.  What two empty masks should give: L. Maier-Hein et al.,
    Metrics reloaded, Nature Methods 21 (2024) 195–212, doi:10.1038/s41592-023-02151-z.

    Examples
    --------
    Two of three true voxels found and one false one: 2·2 / (2·2 + 1 + 1).

    >>> round(dice([0, 1, 1, 1, 0], [0, 0, 1, 1, 1]), 4)
    0.6667
    >>> dice([0, 0], [0, 0]), dice([0, 0], [0, 0], empty=1.0)
    (nan, 1.0)

    Two cases; then two labels of one case:

    >>> dice([[1, 1], [1, 0]], [[1, 1], [0, 1]], per_case=True).tolist()
    [1.0, 0.0]
    >>> dice([0, 1, 1, 2], [0, 1, 2, 2], labels=[1, 2]).round(3).tolist()
    [0.667, 0.667]
    """
    n = count(truth, prediction, labels, per_case)
    return ratio(2 * n.tp, 2 * n.tp + n.fp + n.fn, empty)


def jaccard(
    truth: ArrayLike,
    prediction: ArrayLike,
    *,
    labels: Sequence[int] | None = None,
    per_case: bool = False,
    empty: float = np.nan,
) -> Value:
    """Jaccard index, |T ∩ P| / |T ∪ P| = TP / (TP + FP + FN): intersection over union.

    Parameters
    ----------
    truth, prediction, labels, per_case, empty
        As in :func:`dice`; undefined where both masks are empty.

    Returns
    -------
    float or ndarray
        Between 0 and 1, never above :func:`dice`: J = D / (2 − D).

    References
    ----------
    P. Jaccard, The distribution of the flora in the alpine zone, New Phytologist 11 (1912)
    37–50, doi:10.1111/j.1469-8137.1912.tb05611.x.

    Examples
    --------
    >>> jaccard([0, 1, 1, 1, 0], [0, 0, 1, 1, 1])
    0.5
    """
    n = count(truth, prediction, labels, per_case)
    return ratio(n.tp, n.tp + n.fp + n.fn, empty)


def precision(
    truth: ArrayLike,
    prediction: ArrayLike,
    *,
    labels: Sequence[int] | None = None,
    per_case: bool = False,
    empty: float = np.nan,
) -> Value:
    """Share of the predicted voxels that are true, TP / (TP + FP).

    Also called positive predictive value.

    Parameters
    ----------
    truth, prediction, labels, per_case, empty
        As in :func:`dice`; undefined where the prediction is empty.

    Returns
    -------
    float or ndarray
        Between 0 and 1.

    References
    ----------
    A. A. Taha and A. Hanbury, BMC Medical Imaging 15:29 (2015), doi:10.1186/s12880-015-0068-x.

    Examples
    --------
    >>> precision([0, 1, 1, 1], [1, 1, 0, 0])
    0.5
    """
    n = count(truth, prediction, labels, per_case)
    return ratio(n.tp, n.tp + n.fp, empty)


def recall(
    truth: ArrayLike,
    prediction: ArrayLike,
    *,
    labels: Sequence[int] | None = None,
    per_case: bool = False,
    empty: float = np.nan,
) -> Value:
    """Share of the true voxels that were found, TP / (TP + FN).

    Also called sensitivity or true positive rate.

    Parameters
    ----------
    truth, prediction, labels, per_case, empty
        As in :func:`dice`; undefined where the truth is empty.

    Returns
    -------
    float or ndarray
        Between 0 and 1.

    References
    ----------
    A. A. Taha and A. Hanbury, BMC Medical Imaging 15:29 (2015), doi:10.1186/s12880-015-0068-x.

    Examples
    --------
    >>> recall([1, 1, 1, 1, 0], [1, 1, 1, 0, 1])
    0.75
    """
    n = count(truth, prediction, labels, per_case)
    return ratio(n.tp, n.tp + n.fn, empty)


def specificity(
    truth: ArrayLike,
    prediction: ArrayLike,
    *,
    labels: Sequence[int] | None = None,
    per_case: bool = False,
    empty: float = np.nan,
) -> Value:
    """Share of the background that was left alone, TN / (TN + FP).

    Parameters
    ----------
    truth, prediction, labels, per_case, empty
        As in :func:`dice`; undefined where the truth fills the whole array.

    Returns
    -------
    float or ndarray
        Between 0 and 1.  It says little about a segmentation: a wider field of view adds true
        negatives and raises it.

    References
    ----------
    A. A. Taha and A. Hanbury, BMC Medical Imaging 15:29 (2015), doi:10.1186/s12880-015-0068-x.

    Examples
    --------
    >>> specificity([1, 0, 0, 0, 0], [1, 1, 0, 0, 0])
    0.75
    """
    n = count(truth, prediction, labels, per_case)
    return ratio(n.tn, n.tn + n.fp, empty)


def false_negative_rate(
    truth: ArrayLike,
    prediction: ArrayLike,
    *,
    labels: Sequence[int] | None = None,
    per_case: bool = False,
    empty: float = np.nan,
) -> Value:
    """Share of the true voxels that were missed, FN / (TP + FN) = 1 − recall.

    Parameters
    ----------
    truth, prediction, labels, per_case, empty
        As in :func:`dice`; undefined where the truth is empty.

    Returns
    -------
    float or ndarray
        Between 0 and 1, and here less is better.

    References
    ----------
    A. A. Taha and A. Hanbury, BMC Medical Imaging 15:29 (2015), doi:10.1186/s12880-015-0068-x.

    Examples
    --------
    >>> false_negative_rate([1, 1, 1, 1, 0], [1, 1, 1, 0, 1])
    0.25
    """
    n = count(truth, prediction, labels, per_case)
    return ratio(n.fn, n.tp + n.fn, empty)


def false_positive_rate(
    truth: ArrayLike,
    prediction: ArrayLike,
    relative_to: Literal["negatives", "truth"] = "negatives",
    *,
    labels: Sequence[int] | None = None,
    per_case: bool = False,
    empty: float = np.nan,
) -> Value:
    """False positives as a share of the background, or of the truth.

    Two quantities go by this name, and they differ by orders of magnitude:

    ``"negatives"``
        FP / (FP + TN) = 1 − specificity.  The x axis of a ROC curve, and what textbooks and
        scikit-learn mean.  Between 0 and 1.  It shrinks as the field of view grows: an
        outline twice too large around a small lesion has a rate near 0.
    ``"truth"``
        FP / (TP + FN).  What Veiga-Canuto et al. report beside nnU-Net as a modified rate.
        It does not depend on the field of view, but it is no share of anything: it has no
        upper bound (a prediction three times too large gives at least 2), and no value at all
        for an empty truth.

    So never compare published rates before you know their denominator, and see what other
    libraries do: docs/conventions.md#false-positive-rate-of-what.

    Parameters
    ----------
    truth, prediction, labels, per_case, empty
        As in :func:`dice`; undefined where the denominator is zero: the truth fills the
        array (``"negatives"``), or is empty (``"truth"``, whatever was predicted).
    relative_to : {"negatives", "truth"}, default "negatives"
        The denominator.

    Returns
    -------
    float or ndarray
        0 without false positives; at most 1, or without a bound.

    Raises
    ------
    ValueError
        As for :func:`dice`, and for any other ``relative_to``.

    Notes
    -----
    Relative to the truth it gives the Dice coefficient of the same case, together with the
    :func:`false_negative_rate`: divide 2 TP / (2 TP + FP + FN) by TP + FN and get
    DSC = 2 (1 − FNR) / (2 − FNR + FPR).  The identity holds for each case; for published
    means or medians it is a plausibility check.

    References
    ----------
    D. Veiga-Canuto et al., Comparative multicentric evaluation of inter-observer variability in
    manual and automatic segmentation of neuroblastic tumors in magnetic resonance images,
    Cancers 14 (2022) 3648, doi:10.3390/cancers14153648.

    Examples
    --------
    One true voxel in a hundred, found, with two false ones:

    >>> truth, prediction = np.zeros(100, bool), np.zeros(100, bool)
    >>> truth[:1], prediction[:3] = True, True
    >>> round(false_positive_rate(truth, prediction), 3)
    0.02
    >>> false_positive_rate(truth, prediction, "truth")
    2.0

    The published rates of two readers, 1 − FNR = 0.998 and 1 − FPR = 0.939, and the
    published Dice coefficient, 0.969:

    >>> fnr, fpr = 1 - 0.998, 1 - 0.939
    >>> round(2 * (1 - fnr) / (2 - fnr + fpr), 3)
    0.969
    """
    if relative_to not in ("negatives", "truth"):
        raise ValueError(
            f'relative_to must be "negatives" (FP / (FP + TN)) or "truth" (FP / (TP + FN)), '
            f"got {relative_to!r}"
        )
    n = count(truth, prediction, labels, per_case)
    return ratio(n.fp, n.fp + n.tn if relative_to == "negatives" else n.tp + n.fn, empty)


def volume_similarity(
    truth: ArrayLike,
    prediction: ArrayLike,
    *,
    labels: Sequence[int] | None = None,
    per_case: bool = False,
    empty: float = np.nan,
) -> Value:
    """How alike two volumes are, wherever they lie: 1 − | |T| − |P| | / (|T| + |P|).

    Parameters
    ----------
    truth, prediction, labels, per_case, empty
        As in :func:`dice`; undefined where both masks are empty.

    Returns
    -------
    float or ndarray
        Between 0 (one of the two is empty) and 1 (equal volumes, even if they do not touch).
        Never below :func:`dice`.

    Notes
    -----
    SimpleITK's ``GetVolumeSimilarity`` is another quantity, 2 (|T| − |P|) / (|T| + |P|): signed,
    from −2 to 2, and 0 for equal volumes.

    References
    ----------
    A. A. Taha and A. Hanbury, BMC Medical Imaging 15:29 (2015), doi:10.1186/s12880-015-0068-x.

    Examples
    --------
    >>> volume_similarity([1, 1, 0, 0], [0, 0, 1, 1])
    1.0
    """
    n = count(truth, prediction, labels, per_case)
    return ratio(2 * (n.tp + np.minimum(n.fp, n.fn)), 2 * n.tp + n.fp + n.fn, empty)
