"""How far apart the surfaces of two masks are, in millimetres."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mlmi_course.metrics._masks import Value, measure

Spacing = float | Sequence[float]


def hausdorff(
    truth: ArrayLike,
    prediction: ArrayLike,
    spacing: Spacing,
    *,
    labels: Sequence[int] | None = None,
    per_case: bool = False,
    empty: float = np.nan,
) -> Value:
    """Hausdorff distance in mm: the farthest that one surface gets from the other.

    max( max over t of the distance from t to P, max over p of the distance from p to T ),
    where T and P are the centres of the surface voxels: those inside with a face neighbour
    outside.  What lies beyond the array counts as outside.

    Parameters
    ----------
    truth, prediction, labels, per_case
        As in :func:`~mlmi_course.metrics.dice`.
    spacing : float, or one float an axis of a case
        Millimetres between voxel centres, in the order of the axes.
    empty : float, default nan
        The value where both masks are empty.

    Returns
    -------
    float or ndarray
        Millimetres; 0 for identical masks, no upper bound.  Infinite where exactly one mask is
        empty, because nothing was found at any distance: rank such cases last, as a median
        does, rather than dropping the worst failures.

    Raises
    ------
    ValueError
        As for :func:`~mlmi_course.metrics.dice`, and if ``spacing`` does not fit the axes.

    Notes
    -----
    One stray voxel decides it; :func:`hausdorff95` is less easily impressed.  Taken over *all*
    voxels of the masks, as SimpleITK and scikit-image do, the distance differs where one mask
    lies deep inside the other: docs/conventions.md#hausdorff-distance-which-points-which-unit,
    docs/conventions.md#distances-when-a-mask-is-empty.

    References
    ----------
    D. P. Huttenlocher et al., Comparing images using the Hausdorff distance, IEEE PAMI 15
    (1993) 850–863, doi:10.1109/34.232073.  On boundaries: L. Maier-Hein et al., Metrics
    reloaded, Nature Methods 21 (2024) 195–212, doi:10.1038/s41592-023-02151-z.

    Examples
    --------
    A line of three voxels, 2 mm apart, and the same line one voxel further:

    >>> hausdorff([1, 1, 1, 0], [0, 1, 1, 1], spacing=2.0)
    2.0
    """
    return _percentile(truth, prediction, spacing, 100, labels, per_case, empty)


def hausdorff95(
    truth: ArrayLike,
    prediction: ArrayLike,
    spacing: Spacing,
    *,
    labels: Sequence[int] | None = None,
    per_case: bool = False,
    empty: float = np.nan,
) -> Value:
    """Hausdorff distance in mm without the farthest 5 % of each surface.

    The *larger of the two directed 95th percentiles* (linear between ranks).  That is the
    convention of Metrics Reloaded and MONAI.  MedPy instead takes one percentile of the two
    sets of distances pooled, which is smaller where the wrong part lies on one surface only;
    surface-distance weights by surface area.  So state which one it is; the numbers are in
    docs/conventions.md#the-95th-percentile-of-the-hausdorff-distance.

    Parameters
    ----------
    truth, prediction, spacing, labels, per_case, empty
        As in :func:`hausdorff`.

    Returns
    -------
    float or ndarray
        Millimetres, never more than :func:`hausdorff`; infinite where exactly one mask is empty.

    References
    ----------
    L. Maier-Hein et al., Metrics reloaded, Nature Methods 21 (2024) 195–212,
    doi:10.1038/s41592-023-02151-z.

    Examples
    --------
    A square with one stray voxel far off:

    >>> truth = np.zeros((40, 40), bool)
    >>> truth[5:20, 5:20] = True
    >>> prediction = truth.copy()
    >>> prediction[35, 5] = True
    >>> hausdorff(truth, prediction, spacing=(1, 1))
    16.0
    >>> hausdorff95(truth, prediction, spacing=(1, 1))
    0.0
    """
    return _percentile(truth, prediction, spacing, 95, labels, per_case, empty)


def surface_dice(
    truth: ArrayLike,
    prediction: ArrayLike,
    spacing: Spacing,
    tolerance: float,
    *,
    labels: Sequence[int] | None = None,
    per_case: bool = False,
    empty: float = np.nan,
) -> Value:
    """Share of the two surfaces that lies within a tolerance of the other one.

    Also called normalised surface distance.  Computed by the package surface-distance, which
    puts surface elements between the voxels and weights each by its area.

    Parameters
    ----------
    truth, prediction, spacing, labels, per_case, empty
        As in :func:`hausdorff`, for cases of two or three axes.
    tolerance : float
        Millimetres that a surface may be off and still count as right: choose it from how
        much two readers differ.

    Returns
    -------
    float or ndarray
        Between 0 (also where exactly one mask is empty) and 1.

    Raises
    ------
    ValueError
        As for :func:`hausdorff`, and for a tolerance that is not a number ≥ 0.

    References
    ----------
    S. Nikolov et al., Clinically applicable segmentation of head and neck anatomy for
    radiotherapy, J Med Internet Res 23 (2021) e26151, doi:10.2196/26151.

    Examples
    --------
    >>> truth = np.zeros((20, 20), bool)
    >>> truth[5:15, 5:15] = True
    >>> prediction = np.roll(truth, 1, axis=0)  # 0.5 mm too low
    >>> surface_dice(truth, prediction, spacing=(0.5, 0.5), tolerance=0.5)
    1.0
    """
    if not np.isfinite(tolerance) or tolerance < 0:
        raise ValueError(f"tolerance needs a number of millimetres ≥ 0, got {tolerance!r}")

    def share(a: NDArray[np.bool_], b: NDArray[np.bool_]) -> float:
        if a.ndim not in (2, 3):
            raise ValueError(f"a surface needs a case of two or three axes, got shape {a.shape}")
        steps = read_spacing(spacing, a.ndim)
        found = a.any(), b.any()
        if not all(found):
            return 0.0 if any(found) else float(empty)

        import surface_distance  # here: it loads SciPy

        distances = surface_distance.compute_surface_distances(a, b, steps)
        return float(surface_distance.compute_surface_dice_at_tolerance(distances, tolerance))

    return measure(truth, prediction, share, labels, per_case)


def read_spacing(spacing: Spacing, axes: int) -> tuple[float, ...]:
    """Read a spacing as one positive number an axis."""
    steps = np.asarray(spacing, dtype=float)
    if steps.ndim == 0:
        steps = np.repeat(steps, axes)
    if steps.shape != (axes,) or not np.isfinite(steps).all() or (steps <= 0).any():
        raise ValueError(
            f"spacing needs one positive number of millimetres, or {axes}, one for each axis of "
            f"a case; got {spacing!r}"
        )
    return tuple(steps.tolist())


def directed_distances(
    truth: NDArray[np.bool_], prediction: NDArray[np.bool_], spacing: Spacing
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Distances from each surface voxel of one mask to the surface of the other, both ways.

    Neither mask may be empty.
    """
    from scipy.spatial import KDTree

    steps = read_spacing(spacing, truth.ndim)
    here, there = (_surface(mask) * steps for mask in (truth, prediction))
    return KDTree(there).query(here)[0], KDTree(here).query(there)[0]


def farthest(
    distances: tuple[NDArray[np.float64], NDArray[np.float64]], percentile: float
) -> float:
    """The larger of two directed percentiles."""
    return float(max(np.percentile(one, percentile) for one in distances))


def _percentile(
    truth: ArrayLike,
    prediction: ArrayLike,
    spacing: Spacing,
    percentile: float,
    labels: Sequence[int] | None,
    per_case: bool,
    empty: float,
) -> Value:
    def distance(a: NDArray[np.bool_], b: NDArray[np.bool_]) -> float:
        read_spacing(spacing, a.ndim)  # also for empty masks: a mistake is not to wait for luck
        found = a.any(), b.any()
        if not all(found):
            return np.inf if any(found) else float(empty)
        return farthest(directed_distances(a, b, spacing), percentile)

    return measure(truth, prediction, distance, labels, per_case)


def _surface(mask: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Indices of the voxels inside that have a face neighbour outside, shape (n, axes)."""
    from scipy import ndimage

    # Most of a scan is background: work in the box around the mask.
    box = []
    for axis in range(mask.ndim):
        others = tuple(other for other in range(mask.ndim) if other != axis)
        occupied = np.flatnonzero(mask.any(axis=others))
        box.append(slice(occupied[0], occupied[-1] + 1))
    inside = mask[tuple(box)]
    edge = inside & ~ndimage.binary_erosion(inside)  # beyond the box counts as outside
    return np.argwhere(edge) + [part.start for part in box]
