"""Microcalcifications: clusters of small, dense, irregular grains.

A grain is a body of calcium that is a fraction of a millimetre wide.  What a film shows of it is
the *thickness* that the rays cross.  Grains come in three shapes, after the descriptors of
BI-RADS: round (usually benign), granular and pleomorphic (lobed, unlike each other), and linear
(casts of a duct).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mlmi_course.phantoms.mammography._marks import Marks

__all__ = ["SHAPES", "Grains", "cluster", "draw", "grains"]

SHAPES: Final = ("round", "granular", "linear")

_BOX: Final = 13  # pixels on a side: room for the widest grain, 0.7 mm = 8.2 pixels, and its lobes
_FINER: Final = 2  # a pixel shows the mean over this many points along each axis
_LOBES: Final = 4


@dataclass(frozen=True)
class Grains(Marks):
    """Grains of calcium.

    Attributes
    ----------
    size : ndarray, shape (n,)
        Width in pixels.
    lobes : ndarray, shape (n, 4, 4)
        Four ellipsoids that together make a grain: offset along and across its axis, half-width
        (0 is no lobe), and elongation across; in units of half the size.
    angle : ndarray, shape (n,)
        Direction of the axis, in radians from the row axis.
    density : ndarray, shape (n,)
        Attenuation relative to a usual grain of 4 pixels.
    """

    size: NDArray[np.float64]
    lobes: NDArray[np.float64]
    angle: NDArray[np.float64]
    density: NDArray[np.float64]


def grains(
    rows: NDArray, columns: NDArray, sizes: NDArray, shape: str, rng: np.random.Generator,
    *, direction: float | None = None,
) -> Grains:  # fmt: skip
    """Grains of one shape at given places.

    Parameters
    ----------
    rows, columns : ndarray, shape (n,)
        Centres in pixels.
    sizes : ndarray, shape (n,)
        Widths in pixels.
    shape : {"round", "granular", "linear"}
        See the module.
    rng : numpy.random.Generator
        Source of the lobes and angles.
    direction : float, optional
        Common direction of linear grains, in radians; by default each has its own.

    Raises
    ------
    ValueError
        If the shape is unknown.

    Examples
    --------
    >>> import numpy as np
    >>> some = grains(np.array([8.0]), np.array([9.0]), np.array([4.0]), "round",
    ...               np.random.default_rng(0))
    >>> len(some)
    1
    """
    if shape not in SHAPES:
        raise ValueError(f"shape must be one of {', '.join(SHAPES)}; got {shape!r}")
    n = len(rows)
    lobes = np.zeros((n, _LOBES, 4))
    lobes[..., 3] = 1
    if shape == "round":
        lobes[:, 0, 2] = 1
        lobes[:, 0, 3] = rng.uniform(0.75, 1, n)
    elif shape == "granular":
        lobes[..., :2] = rng.normal(0, 0.33, (n, _LOBES, 2))
        lobes[..., 2] = rng.uniform(0.35, 0.8, (n, _LOBES))
        lobes[..., 3] = rng.uniform(0.5, 1, (n, _LOBES))
    else:
        # Beads on a bent string.
        along = np.linspace(-0.75, 0.75, _LOBES)
        lobes[..., 0] = along * rng.uniform(0.8, 1.1, (n, 1))
        lobes[..., 1] = rng.normal(0, 0.25, (n, 1)) * along**2 + rng.normal(0, 0.05, (n, _LOBES))
        lobes[..., 2] = rng.uniform(0.25, 0.4, (n, _LOBES))
    angle = rng.uniform(0, 2 * np.pi, n)
    if shape == "linear" and direction is not None:
        angle = direction + rng.normal(0, 0.35, n)
    # Wide grains are flat: their thickness grows with the square root of their width.
    density = rng.lognormal(0, 0.3, n) * (sizes / 4) ** -0.5
    return Grains(np.zeros(n, int), rows, columns, sizes, lobes, angle, density)


def cluster(
    center: tuple[float, float], rng: np.random.Generator, *, count: int, radius: float,
    size: float, shape: str,
) -> Grains:  # fmt: skip
    """A cluster: grains of one family around a centre.

    Parameters
    ----------
    center : (row, column)
        In pixels.
    rng : numpy.random.Generator
        Source of everything random.
    count : int
        Number of grains; three or more make a cluster.
    radius : float
        Half-width of the area they occupy, in pixels.
    size : float
        Median width of a grain, in pixels.
    shape : str
        One of `SHAPES`.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> len(cluster((30, 30), rng, count=7, radius=15, size=4, shape="granular"))
    7
    """
    direction = rng.uniform(0, np.pi)
    # An ellipse, longer along the duct; linear grains lie in a narrow one.
    narrow = rng.uniform(0.25, 0.5) if shape == "linear" else rng.uniform(0.5, 1)
    along, across = rng.normal(0, 0.5, (2, count)) * radius * np.array([[1], [narrow]])
    rows = center[0] + along * np.cos(direction) - across * np.sin(direction)
    columns = center[1] + along * np.sin(direction) + across * np.cos(direction)
    sizes = np.clip(size * rng.lognormal(0, 0.3, count), 1.5, 8.2)
    return grains(rows, columns, sizes, shape, rng, direction=direction)


def draw(some: Grains, shape: tuple[int, int, int]) -> tuple[NDArray, NDArray]:
    """The thickness of calcium that rays cross, and where grains are.

    Parameters
    ----------
    some : Grains
        Grains; parts outside the images are cut off.
    shape : (n, rows, columns)
        Shape of the stack.

    Returns
    -------
    thickness : ndarray of shape (n, rows, columns), float32
        In pixels, weighted by density.
    mask : ndarray of shape (n, rows, columns), uint8
        1 where a grain is at least a third as thick as at its thickest.

    Examples
    --------
    A ball of 6 pixels is 6 pixels thick at its centre.

    >>> import numpy as np
    >>> ball = grains(np.array([10.0]), np.array([10.0]), np.array([6.0]), "round",
    ...               np.random.default_rng(0))
    >>> thickness, mask = draw(ball, (1, 21, 21))
    >>> bool(4 < thickness.max() / ball.density[0] <= 6), bool(20 < mask.sum() < 32)
    (True, True)
    """
    thickness = np.zeros(shape, dtype=np.float32)
    mask = np.zeros(shape, dtype=np.uint8)
    if len(some) == 0:
        return thickness, mask
    half = _BOX // 2
    top, left = np.rint(some.row).astype(int), np.rint(some.column).astype(int)
    grain = _bodies(some, some.row - top, some.column - left)
    solid = grain > grain.max(axis=(1, 2), keepdims=True) / 3
    box = np.arange(_BOX) - half
    rows = np.broadcast_to((top[:, None] + box)[:, :, None], grain.shape)
    columns = np.broadcast_to((left[:, None] + box)[:, None, :], grain.shape)
    images = np.broadcast_to(some.image[:, None, None], grain.shape)
    inside = (rows >= 0) & (rows < shape[1]) & (columns >= 0) & (columns < shape[2]) & (grain > 0)
    where = images[inside], rows[inside], columns[inside]
    np.add.at(thickness, where, grain[inside])
    mask[tuple(index[solid[inside]] for index in where)] = 1
    return thickness, mask


def _bodies(some: Grains, row: NDArray, column: NDArray) -> NDArray[np.float32]:
    """Thickness of each grain on a small grid of its own, shape (n, box, box).

    `row` and `column` say where the grain lies, relative to the middle pixel.
    """
    each = (slice(None), None, None)
    fine = (np.arange(_BOX * _FINER) + 0.5) / _FINER - _BOX / 2
    down = ((fine - row[:, None]) / (some.size / 2)[:, None]).astype(np.float32)[:, :, None]
    right = ((fine - column[:, None]) / (some.size / 2)[:, None]).astype(np.float32)[:, None, :]
    cos, sin = (f(some.angle).astype(np.float32)[each] for f in (np.cos, np.sin))
    along, across = down * cos + right * sin, right * cos - down * sin
    squared = np.zeros(along.shape, dtype=np.float32)
    for lobe in np.moveaxis(some.lobes.astype(np.float32), 1, 0):
        exists = lobe[:, 2] > 0
        offset, aside, width, elongation = lobe[exists].T[:, :, None, None]
        depth = width**2 - (along[exists] - offset) ** 2
        depth -= ((across[exists] - aside) / elongation) ** 2
        # Lobes overlap: the body is as thick as its thickest lobe.
        squared[exists] = np.maximum(squared[exists], depth)
    thickness = np.sqrt(squared).reshape(len(some), _BOX, _FINER, _BOX, _FINER).mean(axis=(2, 4))
    # Twice the height above the middle plane; `size / 2` returns to pixels.
    return (thickness * (some.size * some.density).astype(np.float32)[each]).astype(np.float32)
