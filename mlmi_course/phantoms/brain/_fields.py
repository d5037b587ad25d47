"""Smooth random fields in three dimensions that can be evaluated plane by plane.

A field is a cubic B-spline with random coefficients on a coarse grid.  Splines are separable:
one axial plane of any resolution costs two small products of matrices, and a slice shows the
very values that the volume has there.

Coordinates are those of the scanner: millimetres towards the patient's Left, Posterior and
Superior (x, y, z).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

__all__ = ["SmoothField", "draw_field"]

Field = NDArray[np.float32]

_REACH: Final = ((-125.0, 125.0), (-125.0, 125.0), (-110.0, 130.0))  # mm, x, y, z
# A spline of independent normal coefficients has this standard deviation, on average.
_SPREAD: Final = 0.479**1.5


@dataclass(frozen=True, eq=False)
class SmoothField:
    """A field with ``channels`` components, of standard deviation about 1.

    Attributes
    ----------
    coefficients : ndarray of float32, shape (channels, z, y, x)
    spacing : float
        Millimetres between coefficients; the field has no finer detail.
    """

    coefficients: Field
    spacing: float

    def planes(self, z: NDArray, y: NDArray, x: NDArray) -> Field:
        """Values on axial planes.

        Parameters
        ----------
        z : ndarray, shape (b,)
            Heights.
        y, x : ndarray, shape (b, rows) and (b, columns)
            Where the rows and columns of each plane lie.

        Returns
        -------
        ndarray of float32, shape (channels, b, rows, columns)
        """
        depth, height, width = self.coefficients.shape[1:]
        over = _weights(z, _REACH[2][0], self.spacing, depth)
        down = _weights(y, _REACH[1][0], self.spacing, height)
        across = _weights(x, _REACH[0][0], self.spacing, width)
        flat = np.einsum("czyx,bz->cbyx", self.coefficients, over, optimize=True)
        # Small products of contiguous matrices are many times as quick as those of views.
        return down @ np.ascontiguousarray(flat) @ np.ascontiguousarray(across.swapaxes(-1, -2))

    def at(self, points: NDArray) -> Field:
        """Values at points (x, y, z) of shape (n, 3); the result has the shape (channels, n)."""
        first = np.array([low for low, _ in _REACH])
        index = ((points - first) / self.spacing + 1).T[::-1]
        return np.stack([
            ndimage.map_coordinates(c, index, np.float32, order=3, mode="nearest", prefilter=False)
            for c in self.coefficients
        ])  # fmt: skip


def draw_field(rng: np.random.Generator, spacing: float, channels: int = 1) -> SmoothField:
    """Draw a field whose detail is about as large as ``spacing`` mm."""
    shape = [int(np.ceil((high - low) / spacing)) + 4 for low, high in _REACH[::-1]]
    drawn = rng.standard_normal((channels, *shape), dtype=np.float32)
    return SmoothField(drawn * np.float32(1 / _SPREAD), spacing)


def _weights(positions: NDArray, first: float, spacing: float, count: int) -> Field:
    """Weights of the coefficients, shape (*positions.shape, count), of a uniform cubic B-spline."""
    index = (np.asarray(positions, np.float32)[..., np.newaxis] - first) / spacing + 1
    distance = np.abs(index - np.arange(count, dtype=np.float32))
    near = 2 / 3 - distance**2 + distance**3 / 2
    far = np.maximum(2 - distance, 0) ** 3 / 6
    return np.where(distance < 1, near, far).astype(np.float32)
