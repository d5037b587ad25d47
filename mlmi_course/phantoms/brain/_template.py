"""The average brain that all subjects come from, mended and prepared once.

The MNI152 tissue maps that ship with nilearn say, for each cubic millimetre, in what share of 152
people it is grey or white matter.  What they do not say is derived here: how far a point is from
the brain's hull and from the ventricles, and where the deep nuclei are.

Coordinates are the template's own: millimetres towards the Right, Anterior and Superior (RAS).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

__all__ = ["CENTRE", "Template", "template"]

Field = NDArray[np.float32]

CENTRE: Final = (0.0, -16.0, 0.0)
"""The point of the template that lies in the middle of the field of view, mm (RAS)."""

_COARSE: Final = 2  # mm: distances are smooth, and need no finer grid
_MARGIN: Final = 5  # coarse voxels around the template, for skull and scalp
_CLOSING_MM: Final = 14.0  # sulci narrower than twice this are inside the hull
_HEAD_CLOSING_MM: Final = 36.0  # and hollows of the hull narrower than twice this inside the head
# Where the inner cerebrospinal fluid is, mm (|x|, y, z): fluid between these boxes belongs to the
# cisterns and to the Sylvian fissure.  Read off the maps.
_VENTRICLE_BOXES: Final = (
    ((0.0, 28.0), (-32.0, 38.0), (6.0, 27.0)),  # bodies
    ((2.0, 28.0), (4.0, 40.0), (-6.0, 8.0)),  # frontal horns
    ((12.0, 38.0), (-78.0, -26.0), (-6.0, 30.0)),  # atria and occipital horns
    ((20.0, 40.0), (-38.0, 0.0), (-24.0, -2.0)),  # temporal horns
    ((0.0, 4.0), (-28.0, 6.0), (-12.0, 10.0)),  # third ventricle
)
_LEAST_VOXELS: Final = 8  # smaller pieces are remains of sulci
_NEIGHBOURHOOD: Final = ((-75.0, 75.0), (-105.0, 75.0), (-55.0, 65.0))  # of the ventricles, mm
_FAR: Final = 25.0  # mm: farther from the ventricles than this, the distance does not matter
# Basal ganglia and thalamus: a mixture of grey and white matter by nature, not by averaging.
_DEEP_BOX: Final = ((4.0, 34.0), (-36.0, 26.0), (-14.0, 24.0))  # |x|, y, z

# Channels of the coarse array.
HULL, HEAD, VENTRICLE, TO_X, TO_Y, TO_Z, DEEP, BULK = range(8)


@dataclass(frozen=True, eq=False)
class Template:
    """Tissue maps and what was derived from them.

    Attributes
    ----------
    tissue : ndarray of uint8, shape (x, y, z, 2)
        Share of grey and of white matter, 255 is 1; 1 mm.
    coarse : ndarray of float32, shape (x, y, z, 8)
        2 mm: distance from the hull of the brain (mm, positive outside), from a hull without
        hollows, which shapes the head, from the
        ventricles (mm, negative inside), the three components of its direction, weight of the
        deep nuclei (0 to 1), grey matter in the neighbourhood (0 to 1).
    tissue_origin, coarse_origin : ndarray, shape (3,)
        Position of the first voxel, mm (RAS).
    """

    tissue: NDArray[np.uint8]
    coarse: Field
    tissue_origin: NDArray[np.float64]
    coarse_origin: NDArray[np.float64]

    def tissue_at(self, points: Field) -> Field:
        """Share of grey and of white matter, 0 to 1, at points of shape (…, 3); shape (…, 2)."""
        return _linear(self.tissue, points, self.tissue_origin, 1.0) * np.float32(1 / 255)

    def coarse_at(self, points: Field) -> Field:
        """The channels of ``coarse`` at points of shape (…, 3); shape (…, 8)."""
        return _linear(self.coarse, points, self.coarse_origin, float(_COARSE))


def _linear(grid: NDArray, points: Field, origin: NDArray, step: float) -> Field:
    """Trilinear interpolation of all channels at once; what lies outside gets the border's value.

    ``scipy.ndimage.map_coordinates`` takes one channel at a time, which is three times as slow.
    """
    index = (points - origin.astype(np.float32)) * np.float32(1 / step)
    limit = np.array(grid.shape[:3], np.float32) - np.float32(1.001)
    index = np.clip(index, 0, limit).reshape(-1, 3)
    low = index.astype(np.int32)
    x, y, z = (index - low).T[:, :, np.newaxis]
    _, ny, nz = grid.shape[:3]
    first = (low[:, 0] * ny + low[:, 1]) * nz + low[:, 2]
    flat = grid.reshape(-1, grid.shape[3])

    def along_z(start: NDArray[np.int32]) -> Field:
        one, other = (np.take(flat, i, axis=0).astype(np.float32) for i in (start, start + 1))
        return one + z * (other - one)

    near, far = along_z(first), along_z(first + ny * nz)
    near += y * (along_z(first + nz) - near)
    far += y * (along_z(first + (ny + 1) * nz) - far)
    near += x * (far - near)
    return near.reshape(*points.shape[:-1], grid.shape[3])


@lru_cache(maxsize=1)
def template() -> Template:
    """Read and prepare the template; a few seconds the first time, nothing later."""
    from nilearn.datasets import load_mni152_gm_template, load_mni152_wm_template

    images = [load(resolution=1) for load in (load_mni152_gm_template, load_mni152_wm_template)]
    origin = images[0].affine[:3, 3]
    grey, white = (np.asarray(image.dataobj, np.float32) for image in images)
    coarse, coarse_origin = _derived(grey, white, origin)
    grey, white = _mended(grey, white, coarse, origin, coarse_origin)
    box = ndimage.find_objects((grey + white > 0).astype(np.uint8))[0]
    start = np.array([one.start for one in box])
    tissue = np.stack([grey[box], white[box]], axis=-1)
    tissue = np.pad(np.rint(tissue * 255).astype(np.uint8), ((1, 1),) * 3 + ((0, 0),))
    return Template(tissue, coarse, origin + start - 1, coarse_origin)


def _derived(grey: Field, white: Field, origin: NDArray) -> tuple[Field, NDArray]:
    grey, white = (np.pad(_halved(a), _MARGIN) for a in (grey, white))
    start = origin + 0.5 - _MARGIN * _COARSE
    axes = [start[i] + _COARSE * np.arange(n) for i, n in enumerate(grey.shape)]
    x, y, z = np.meshgrid(*axes, indexing="ij", sparse=True)
    brain = grey + white
    hull = _hull_distance(brain > 0.5, _CLOSING_MM, _COARSE)
    head = _hull_distance(_halved(brain) > 0.5, _HEAD_CLOSING_MM, 2 * _COARSE)
    head = ndimage.zoom(head, 2, order=1, grid_mode=True, mode="nearest")
    fluid = np.clip(1 - grey - white, 0, 1)
    inner = np.any([_in_box((np.abs(x), y, z), box) for box in _VENTRICLE_BOXES], axis=0)
    numbered, count = ndimage.label(inner & (fluid > 0.5) & (hull < -6))
    sizes = np.bincount(numbered.ravel(), minlength=count + 1)
    sizes[0] = 0
    distance, towards = _ventricle_distance((sizes >= _LEAST_VOXELS)[numbered], axes)
    deep = _in_box((np.abs(x), y, z), _DEEP_BOX).astype(np.float32)
    deep = ndimage.gaussian_filter(deep, 1.5)
    bulk = ndimage.gaussian_filter(grey, 2.0)
    channels = np.stack([hull, head, distance, *towards, deep, bulk], axis=-1).astype(np.float32)
    return channels, start


def _halved(a: Field) -> Field:
    """Means of 2 × 2 × 2 voxels."""
    nx, ny, nz = (n // 2 for n in a.shape)
    return a[: 2 * nx, : 2 * ny, : 2 * nz].reshape(nx, 2, ny, 2, nz, 2).mean(axis=(1, 3, 5))


def _in_box(axes: tuple[NDArray, ...], box: tuple[tuple[float, float], ...]) -> NDArray[np.bool_]:
    inside = [(low < a) & (a < high) for a, (low, high) in zip(axes, box, strict=True)]
    return inside[0] & inside[1] & inside[2]


def _ventricle_distance(
    ventricles: NDArray[np.bool_], axes: list[NDArray]
) -> tuple[Field, NDArray]:
    """Signed distance in mm, and the three components of its gradient."""
    box = tuple(
        slice(*np.searchsorted(axis, limits))
        for axis, limits in zip(axes, _NEIGHBOURHOOD, strict=True)
    )
    near = ndimage.distance_transform_edt(~ventricles[box], _COARSE)
    near -= ndimage.distance_transform_edt(ventricles[box], _COARSE)
    near = ndimage.gaussian_filter(np.minimum(near, _FAR).astype(np.float32), 0.6)
    distance = np.full(ventricles.shape, _FAR, np.float32)
    distance[box] = near
    towards = np.zeros((3, *ventricles.shape), np.float32)
    towards[(slice(None), *box)] = np.gradient(ndimage.gaussian_filter(near, 1.0), _COARSE)
    return distance, towards


def _hull_distance(brain: NDArray[np.bool_], closing: float, step: float) -> Field:
    """Signed distance in mm from the brain's surface after a closing, smoothed."""
    margin = int(closing / step) + 1
    padded = np.pad(brain, margin)
    grown = ndimage.distance_transform_edt(~padded, step) < closing
    # Not ">": where the radius is a whole number of voxels, the closing would lose a layer.
    closed = ndimage.distance_transform_edt(grown, step) >= closing
    closed = closed[(slice(margin, -margin),) * 3]
    # Holes such as the one around the pituitary gland are inside the head.
    closed = ndimage.binary_fill_holes(closed, np.ones((3, 3, 1), bool))
    distance = ndimage.distance_transform_edt(~closed, step)
    distance -= ndimage.distance_transform_edt(closed, step)
    return ndimage.gaussian_filter(distance.astype(np.float32), 4.0 / step)


def _mended(
    grey: Field, white: Field, coarse: Field, origin: NDArray, coarse_origin: NDArray
) -> tuple[Field, Field]:
    """Take the rim of grey matter off the ventricles where white matter borders on them.

    The maps have it because a mixture of fluid and white matter is as bright as grey matter.
    Next to the caudate nucleus and the thalamus, where there is much grey matter, it stays.
    """
    box = tuple(
        slice(*(np.array(limits) - first).astype(int))
        for limits, first in zip(((-52, 52), (-90, 50), (-34, 42)), origin, strict=True)
    )
    near = np.argwhere(grey[box] > 0) + [one.start for one in box]
    points = (near + origin).astype(np.float32)
    found = _linear(coarse[..., [VENTRICLE, BULK]], points, coarse_origin, float(_COARSE))
    rim = np.clip((5.0 - found[:, 0]) / 2.0, 0, 1) * np.clip((0.42 - found[:, 1]) / 0.1, 0, 1)
    where = tuple(near.T)
    moved = np.zeros_like(grey)
    moved[where] = grey[where] * rim
    return grey - moved, white + moved
