"""Where slices lie: their normal, their order, and the affine of a stack of them.

Everything here works on plain numbers from the header, in millimetres and in the directions
of DICOM: towards the patient's Left, Posterior and Superior (LPS).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = [
    "oblique_affine",
    "slice_normal",
    "slice_order",
    "stack_affine",
    "tilt_degrees",
    "tilted_affine",
    "uneven_gap",
]

# How far a slice may lie from where even spacing puts it, as a part of the step: headers
# round positions (to 0.1 mm, at worst), while a missing slice moves others by a third or more.
_EVEN_WITHIN = 0.1


def slice_normal(orientation: ArrayLike) -> NDArray[np.float64]:
    """The direction that stands upright on a slice.

    Parameters
    ----------
    orientation : array_like, shape (6,)
        ImageOrientationPatient (0020,0037): the direction of a row (towards higher columns),
        then the direction of a column (towards higher rows), each of length 1.

    Returns
    -------
    ndarray, shape (3,)
        Unit vector, row × column.

    Raises
    ------
    ValueError
        If the two directions are not of length 1 and at a right angle, within a hundredth.

    References
    ----------
    DICOM PS3.3, C.7.6.2.1.1.

    Examples
    --------
    >>> slice_normal([1, 0, 0, 0, 1, 0]).tolist()  # axial: towards Superior
    [0.0, 0.0, 1.0]
    """
    row, column = _directions(orientation)
    return np.cross(row, column)


def slice_order(positions: ArrayLike, orientation: ArrayLike) -> NDArray[np.intp]:
    """The order of slices in the patient, whatever their names and numbers say.

    Parameters
    ----------
    positions : array_like, shape (n, 3)
        ImagePositionPatient (0020,0032) of each slice.
    orientation : array_like, shape (6,)
        ImageOrientationPatient, shared by all slices.

    Returns
    -------
    ndarray of int, shape (n,)
        Indices that sort the slices along :func:`slice_normal`; equal ones keep their order.

    Notes
    -----
    Sorting by the third coordinate alone fails for sagittal and coronal slices, where it is
    the same for all of them.

    Examples
    --------
    Sagittal slices, which differ in their first coordinate only:

    >>> slice_order([[8, 0, 0], [-8, 0, 0], [0, 0, 0]], [0, 1, 0, 0, 0, -1]).tolist()
    [0, 2, 1]
    """
    positions = np.asarray(positions, dtype=float)
    return np.argsort(positions @ slice_normal(orientation), kind="stable")


def uneven_gap(positions: ArrayLike) -> tuple[int, float, float] | None:
    """The gap that breaks the even spacing of sorted slices, if there is one.

    Parameters
    ----------
    positions : array_like, shape (n, 3)
        ImagePositionPatient of the slices, in their order.

    Returns
    -------
    (int, float, float) or None
        Index of the slice before the gap, its length and the usual length in millimetres;
        None where no slice lies further than a tenth of a step from even spacing.

    Examples
    --------
    >>> uneven_gap([[0, 0, 0], [0, 0, 3], [0, 0, 9], [0, 0, 12]])
    (1, 6.0, 3.0)
    >>> uneven_gap([[0, 0, 0], [0, 0, 3], [0, 0, 6.01]]) is None
    True
    """
    positions = np.asarray(positions, dtype=float)
    count = len(positions)
    if count < 3:
        return None
    even = np.linspace(positions[0], positions[-1], count)
    step = np.linalg.norm(positions[-1] - positions[0]) / (count - 1)
    if (np.linalg.norm(positions - even, axis=1) <= _EVEN_WITHIN * step).all():
        return None
    gaps = np.diff(positions, axis=0)
    lengths = np.linalg.norm(gaps, axis=1)
    # The lower median: of two gaps, the shorter one is the usual one.
    usual = int(np.argsort(lengths, kind="stable")[(len(lengths) - 1) // 2])
    worst = int(np.argmax(np.linalg.norm(gaps - gaps[usual], axis=1)))
    return worst, float(lengths[worst]), float(lengths[usual])


def stack_affine(
    positions: ArrayLike,
    orientation: ArrayLike,
    pixel_spacing: ArrayLike,
    thickness: float | None = None,
) -> NDArray[np.float64]:
    """The affine of a stack of sorted slices, from an index (z, y, x) to millimetres (LPS).

    Parameters
    ----------
    positions : array_like, shape (n, 3)
        ImagePositionPatient of each slice, in the order of the array.
    orientation : array_like, shape (6,)
        ImageOrientationPatient, shared by all slices.
    pixel_spacing : array_like, shape (2,)
        PixelSpacing (0028,0030): millimetres between rows, then between columns.
    thickness : float, optional
        Used only for a single slice, which has no neighbour to measure the step to.

    Returns
    -------
    ndarray, shape (4, 4)
        The first column is the true step from slice to slice.  In a scan with a tilted
        gantry this is not at a right angle to the slices: the shear is kept.

    Raises
    ------
    ValueError
        If the slices are unevenly spaced, coincide, or a number is not usable.

    References
    ----------
    DICOM PS3.3, C.7.6.2.1.1, equation C.7.6.2.1-1.

    Examples
    --------
    >>> stack_affine([[-10, -20, 100], [-10, -20, 103]], [1, 0, 0, 0, 1, 0], (0.5, 0.7))
    array([[  0. ,   0. ,   0.7, -10. ],
           [  0. ,   0.5,   0. , -20. ],
           [  3. ,   0. ,   0. , 100. ],
           [  0. ,   0. ,   0. ,   1. ]])
    """
    positions = np.asarray(positions, dtype=float).reshape(-1, 3)
    row, column = _directions(orientation)
    between_rows, between_columns = np.asarray(pixel_spacing, dtype=float)
    if len(positions) > 1:
        gap = uneven_gap(positions)
        if gap is not None:
            raise ValueError(
                f"slices {gap[0]} and {gap[0] + 1} are {gap[1]:.4g} mm apart, others {gap[2]:.4g}"
            )
        step = (positions[-1] - positions[0]) / (len(positions) - 1)
    elif thickness is None:
        raise ValueError("a single slice has no step: give its thickness")
    else:
        step = float(thickness) * np.cross(row, column)
    affine = np.eye(4)
    affine[:3] = np.column_stack([step, between_rows * column, between_columns * row, positions[0]])
    if not np.isfinite(affine).all() or abs(np.linalg.det(affine[:3, :3])) < 1e-12:
        raise ValueError(f"these positions and spacings do not span a volume:\n{affine}")
    return affine


def tilt_degrees(affine: ArrayLike) -> float:
    """Angle between the step from slice to slice and the normal of the slices, in degrees."""
    step, column, row = np.asarray(affine, dtype=float)[:3, :3].T
    normal = np.cross(row, column)
    cosine = abs(step @ normal) / (np.linalg.norm(step) * np.linalg.norm(normal))
    return math.degrees(math.acos(min(1.0, cosine)))


def oblique_affine(
    affine: ArrayLike, degrees: float, center: ArrayLike | None = None
) -> NDArray[np.float64]:
    """Turn a scan's geometry about the patient's left–right axis, like an oblique scan.

    Parameters
    ----------
    affine : array_like, shape (4, 4)
        From index (z, y, x) to millimetres (LPS).
    degrees : float
        Positive turns posterior towards superior.
    center : array_like, shape (3,), optional
        The point (LPS, mm) that stays where it is; the origin of the patient if left out.

    Returns
    -------
    ndarray, shape (4, 4)

    Examples
    --------
    A quarter turn makes rows that ran towards Posterior run towards Superior:

    >>> affine = np.array([[0, 0, 1, 0], [0, 1, 0, 0], [3, 0, 0, 0], [0, 0, 0, 1]])
    >>> oblique_affine(affine, 90)[:3, 1].round(6).tolist()
    [0.0, 0.0, 1.0]
    """
    affine = np.array(affine, dtype=float)
    center = np.zeros(3) if center is None else np.asarray(center, dtype=float)
    rotation = _about_left(degrees)
    affine[:3, :3] = rotation @ affine[:3, :3]
    affine[:3, 3] = rotation @ (affine[:3, 3] - center) + center
    return affine


def tilted_affine(affine: ArrayLike, degrees: float) -> NDArray[np.float64]:
    """Tilt the slices of a scan but not its table, like a CT with a tilted gantry.

    Parameters
    ----------
    affine : array_like, shape (4, 4)
        From index (z, y, x) to millimetres (LPS).
    degrees : float
        GantryDetectorTilt (0018,1120); positive turns posterior towards superior.

    Returns
    -------
    ndarray, shape (4, 4)
        Sheared: rows and columns turn about the left–right axis, the step from slice to slice
        and the position of the first voxel stay.

    Examples
    --------
    >>> affine = np.array([[0, 0, 1, 0], [0, 1, 0, 0], [3, 0, 0, 0], [0, 0, 0, 1]])
    >>> tilted = tilted_affine(affine, 20)
    >>> tilted[:3, 0].tolist()
    [0.0, 0.0, 3.0]
    >>> round(tilt_degrees(tilted), 6)
    20.0
    """
    affine = np.array(affine, dtype=float)
    affine[:3, 1:3] = _about_left(degrees) @ affine[:3, 1:3]
    return affine


def _about_left(degrees: float) -> NDArray[np.float64]:
    cosine, sine = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return np.array([[1, 0, 0], [0, cosine, -sine], [0, sine, cosine]])


def _directions(orientation: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Row and column direction, made exactly orthonormal: headers round them."""
    row, column = np.asarray(orientation, dtype=float).reshape(2, 3)
    lengths = np.linalg.norm([row, column], axis=1)
    if not (np.abs(lengths - 1) < 0.01).all() or not abs(row @ column) < 0.01:
        raise ValueError(
            "ImageOrientationPatient must be two directions of length 1 at a right angle, got "
            f"{np.ravel(orientation).tolist()}"
        )
    row = row / lengths[0]
    column = column - (column @ row) * row
    return row, column / np.linalg.norm(column)
