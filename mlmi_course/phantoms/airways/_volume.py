"""From a tree to a volume: lumen, wall, vessels, leaks, blur and noise."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from mlmi_course.phantoms.airways._parameters import (
    AIR_HU,
    LUNG_HU,
    SPACING_MM,
    AirwayParameters,
)
from mlmi_course.phantoms.airways._tree import AirwayTree

__all__ = ["depth", "render"]

Floats = NDArray[np.float64]

_WALL_HU: Final = 20.0
_WALL_MM: Final = 0.7
_VESSEL_HU: Final = 40.0
_ARTERY: Final = 0.9  # its radius, in radii of the airway beside it
_BLUR_MM: Final = 0.5  # standard deviation: about 1.2 mm at half maximum
_NOISE_MM: Final = 0.5  # noise is blurred by the reconstruction, too
_TEXTURE_HU: Final = 18.0
_REACH_MM: Final = 1.5  # how far from a wall the depth is known


def depth(points: Floats, radius: Floats, size: int, reach_mm: float = _REACH_MM) -> Floats:
    """Distance to the lumen's border in mm, negative inside; large where far away."""
    field = np.full((size,) * 3, 99.0)
    for place, r in zip(points / SPACING_MM, radius, strict=True):
        reach = int(np.ceil((r + reach_mm) / SPACING_MM))
        low = np.maximum(np.rint(place).astype(int) - reach, 0)
        high = np.minimum(np.rint(place).astype(int) + reach + 1, size)
        if (low >= high).any():
            continue
        box = tuple(slice(a, b) for a, b in zip(low, high, strict=True))
        z, y, x = (np.arange(a, b) for a, b in zip(low - place, high - place, strict=True))
        far = np.sqrt(z[:, None, None] ** 2 + y[:, None] ** 2 + x**2) * SPACING_MM - r
        np.minimum(field[box], far, out=field[box])
    return field


def _filled(field: Floats, beyond: float = 0.0) -> Floats:
    """Share of each voxel that lies no farther than `beyond` from the border."""
    return np.clip(0.5 - (field - beyond) / SPACING_MM, 0.0, 1.0)


def _tube(rng: np.random.Generator, side: float, length: float, radius: float) -> Floats:
    """Points of a short straight tube somewhere in the volume."""
    middle = rng.uniform(6, side - 6, 3)
    way = rng.normal(size=3)
    way /= np.linalg.norm(way)
    t = np.arange(-length / 2, length / 2, 0.8)[:, None]
    return np.asarray(middle + t * way)


def render(
    rng: np.random.Generator, tree: AirwayTree, parameters: AirwayParameters
) -> tuple[NDArray[np.int16], NDArray[np.uint8], NDArray[np.uint8]]:
    """The volume in HU; the true lumen; and what looks like air and is no airway."""
    size, side = parameters.size, (parameters.size - 1) * SPACING_MM
    field = depth(tree.points, tree.radius, size)
    lumen = _filled(field)
    wall = np.maximum(_filled(field, _WALL_MM) - lumen, 0.0)

    texture = ndimage.gaussian_filter(rng.standard_normal((size,) * 3), 1.5)
    scene = LUNG_HU + _TEXTURE_HU * texture / texture.std()

    # Vessels: an artery beside each branch, and others.
    arteries, widths = _arteries(rng, tree)
    others = rng.poisson(14 * (size / 64) ** 3)
    lines = [_tube(rng, side, rng.uniform(10, 30), 0) for _ in range(others)]
    sizes = [np.full(len(line), rng.uniform(0.6, 1.6)) for line in lines]

    # Decoys: short spaces with air and a wall, which a voxel cannot tell from a small airway.
    gaps = [_tube(rng, side, rng.uniform(4, 9), 0) for _ in range(rng.poisson(parameters.decoys))]
    widths_of_gaps = [np.full(len(gap), rng.uniform(0.8, 1.9)) for gap in gaps]
    # A vessel lies beside each of them, too.
    lines += [_beside(rng, gap, width) for gap, width in zip(gaps, widths_of_gaps, strict=True)]
    sizes += [_ARTERY * width for width in widths_of_gaps]
    # Leaks: the wall is open, and behind it lies a hole of emphysema.
    holes, holed = _holes(rng, tree, rng.poisson(parameters.leaks))

    vessels = _filled(
        depth(np.concatenate([arteries, *lines]), np.concatenate([widths, *sizes]), size)
    )
    decoy = np.full((size,) * 3, 99.0)
    if gaps:
        decoy = depth(np.concatenate(gaps), np.concatenate(widths_of_gaps), size)
    hole = depth(holes, holed, size) if len(holes) else np.full((size,) * 3, 99.0)
    free = 1 - np.clip(lumen + wall, 0, 1)
    rim = np.maximum(_filled(decoy, _WALL_MM) - _filled(decoy), 0.0) * free
    open_wall = wall * (1 - _filled(hole))

    solid = vessels * free
    scene = scene * (1 - solid) + _VESSEL_HU * solid
    scene = scene + rim * (_WALL_HU - scene)
    scene = scene + _filled(decoy) * free * (AIR_HU - scene)
    scene = scene + _filled(hole) * free * 0.9 * (AIR_HU - scene)
    scene = scene + open_wall * (_WALL_HU - scene)
    leak = wall * _filled(hole)
    scene = scene + np.maximum(lumen, leak) * (AIR_HU - scene)
    scene = ndimage.gaussian_filter(scene, _BLUR_MM / SPACING_MM)
    noise = ndimage.gaussian_filter(rng.standard_normal((size,) * 3), _NOISE_MM / SPACING_MM)
    scene = scene + parameters.noise * noise / noise.std()
    volume = np.rint(scene).clip(-1024, 3071).astype(np.int16)
    false = ((np.minimum(decoy, hole) < 0) & (field >= 0)).astype(np.uint8)
    return volume, (field < 0).astype(np.uint8), false


def _arteries(rng: np.random.Generator, tree: AirwayTree) -> tuple[Floats, Floats]:
    """A vessel beside each branch, of about its width."""
    places = np.empty_like(tree.points)
    for number in range(int(tree.branch.max()) + 1):
        here = tree.branch == number
        places[here] = _beside(rng, tree.points[here], tree.radius[here])
    return places, _ARTERY * tree.radius


def _beside(rng: np.random.Generator, line: Floats, radius: Floats) -> Floats:
    """A line that runs along another one, with a wall between them."""
    side = np.cross(line[-1] - line[0], rng.normal(size=3))
    side /= np.linalg.norm(side)
    return np.asarray(line + side * (2 * radius + 1.2)[:, None])


def _holes(rng: np.random.Generator, tree: AirwayTree, number: int) -> tuple[Floats, Floats]:
    """Holes of emphysema that touch an airway: each of a few overlapping balls."""
    places, sizes = [np.empty((0, 3))], [np.empty(0)]
    may = np.flatnonzero(tree.generation > 0)
    if not len(may):
        may = np.arange(len(tree.radius))
    for at in rng.choice(may, number):
        way = rng.normal(size=3)
        way /= np.linalg.norm(way)
        balls = rng.integers(4, 8)
        radius = rng.uniform(1.6, 2.8, balls)
        first = tree.points[at] + way * (tree.radius[at] + radius[0] * 0.7)
        walk = np.cumsum(np.vstack([first, rng.normal(0, 1.6, (balls - 1, 3)) + way]), axis=0)
        places.append(walk)
        sizes.append(radius)
    return np.concatenate(places), np.concatenate(sizes)
