"""What else is bright in a mammogram: vessels, ligaments and dust.

They are what a detector of calcifications stumbles over: edges, lines and single points.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mlmi_course.phantoms.mammography._marks import Marks

__all__ = ["Curves", "Specks", "add_curves", "add_specks"]

_VESSEL: float = 0.03  # grey of a usual vessel above its surroundings
_DUST: float = 0.09  # grey of a usual grain of dust


@dataclass(frozen=True)
class Curves(Marks):
    """Vessels and ligaments: curved bands through a point.

    Attributes
    ----------
    angle : ndarray
        Direction at that point, in radians from the row axis.
    bend : ndarray
        Curvature there, in 1/pixel.
    width : ndarray
        Half-width in pixels.
    contrast : ndarray
        Grey on the axis of the band, above its surroundings.
    """

    angle: NDArray[np.float64]
    bend: NDArray[np.float64]
    width: NDArray[np.float64]
    contrast: NDArray[np.float64]

    @staticmethod
    def random(count: int, size: int, rng: np.random.Generator) -> Curves:
        """So many curves somewhere in a square of `size` pixels."""
        return Curves(
            np.zeros(count, int), rng.uniform(0, size, count), rng.uniform(0, size, count),
            rng.uniform(0, np.pi, count), rng.normal(0, 0.004, count), rng.uniform(1.2, 5, count),
            _VESSEL * rng.lognormal(0, 0.4, count),
        )  # fmt: skip


def add_curves(grey: NDArray[np.float32], curves: Curves) -> None:
    """Draw curves into a stack of images of shape (n, rows, columns), in place.

    A vessel is a tube: the rays through its middle cross more of it than those at its rim, so
    its profile is that of a cylinder and ends in edges.

    Examples
    --------
    >>> import numpy as np
    >>> grey = np.zeros((1, 9, 9), np.float32)
    >>> add_curves(grey, Curves(*(np.array([v]) for v in (0, 4.0, 4.0, 0.0, 0.0, 2.0, 0.1))))
    >>> [round(float(value), 2) for value in grey[0, 4]]
    [0.0, 0.0, 0.0, 0.09, 0.1, 0.09, 0.0, 0.0, 0.0]
    """
    rows = np.arange(grey.shape[1], dtype=np.float32)[:, None]
    columns = np.arange(grey.shape[2], dtype=np.float32)
    for i in range(len(curves)):
        down, right = rows - curves.row[i], columns - curves.column[i]
        cos, sin = np.float32(np.cos(curves.angle[i])), np.float32(np.sin(curves.angle[i]))
        along, across = down * cos + right * sin, right * cos - down * sin
        bend = np.float32(curves.bend[i])
        distance = (across - bend * along**2) / np.sqrt(1 + (2 * bend * along) ** 2)
        inside = np.maximum(1 - (distance / np.float32(curves.width[i])) ** 2, 0)
        grey[curves.image[i]] += np.float32(curves.contrast[i]) * np.sqrt(inside)


@dataclass(frozen=True)
class Specks(Marks):
    """Dust on the film: sharper than anything inside the breast.

    Attributes
    ----------
    sigma : ndarray
        Standard deviation of its Gaussian profile, in pixels.
    contrast : ndarray
        Grey added; negative is a dark speck.
    """

    sigma: NDArray[np.float64]
    contrast: NDArray[np.float64]

    @staticmethod
    def random(count: int, size: int, rng: np.random.Generator) -> Specks:
        """So many specks somewhere in a square of `size` pixels; about one in seven is dark."""
        sign = np.where(rng.random(count) < 0.85, 1, -1)
        return Specks(
            np.zeros(count, int), rng.uniform(0, size, count), rng.uniform(0, size, count),
            rng.uniform(0.3, 0.7, count), sign * _DUST * rng.lognormal(0, 0.7, count),
        )  # fmt: skip


def add_specks(grey: NDArray[np.float32], specks: Specks) -> None:
    """Draw dust into a stack of images of shape (n, rows, columns), in place.

    Examples
    --------
    >>> import numpy as np
    >>> grey = np.zeros((1, 5, 5), np.float32)
    >>> add_specks(grey, Specks(*(np.array([v]) for v in (0, 2.0, 2.0, 0.5, 0.2))))
    >>> round(float(grey.max()), 3)
    0.2
    """
    box = np.arange(-3, 4)
    rows = np.rint(specks.row).astype(int)[:, None, None] + box[:, None]
    columns = np.rint(specks.column).astype(int)[:, None, None] + box
    rows, columns = np.broadcast_arrays(rows, columns)
    each = (slice(None), None, None)
    squared = (rows - specks.row[each]) ** 2 + (columns - specks.column[each]) ** 2
    spots = specks.contrast[each] * np.exp(-squared / (2 * specks.sigma[each] ** 2))
    images = np.broadcast_to(specks.image[each], rows.shape)
    inside = (rows >= 0) & (rows < grey.shape[1]) & (columns >= 0) & (columns < grey.shape[2])
    np.add.at(grey, (images[inside], rows[inside], columns[inside]), spots[inside])
