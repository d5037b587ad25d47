"""Lobules, what is destroyed in them, and the texture of what is left."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from scipy.spatial import cKDTree

from mlmi_course.phantoms.lung._parameters import SPACING_MM

__all__ = ["blurred", "destroyed", "fine_texture", "places", "remaining", "vessels"]

Field = NDArray[np.float64]

# What is chosen: share of the tissue that goes, and how soft the border is, in mm.  Takahashi et
# al. (2008): centrilobular holes are small and round, the panlobular pattern diffuse.
_LOST: Final = {1: 0.85, 2: 0.85}
_SOFT_MM: Final = {1: 0.5, 2: 1.2}
_TEXTURE_BETA: Final = 1.5


def places(size: int) -> Field:
    """Row and column of each pixel's centre in mm, shape (size, size, 2), 0 in the middle."""
    axis = (np.arange(size) - (size - 1) / 2) * SPACING_MM
    return np.stack(np.meshgrid(axis, axis, indexing="ij"), axis=-1)


def destroyed(
    rng: np.random.Generator, size: int, label: int, fraction: float, hole: float, lobule: float
) -> NDArray[np.bool_]:
    """Return where tissue is lost: exactly this share of the pixels, to one pixel."""
    where = places(size)
    centres = _lobules(rng, size, lobule)
    # Both patterns are drawn, so that the generator stands at the same place after either.
    holes = _from_holes(rng, where, centres, fraction, hole, lobule)
    depths = (holes, _by_lobule(rng, where, centres))
    mask = np.zeros((size, size), bool)
    if label and fraction > 0:
        depth = depths[label - 1].ravel()
        mask.ravel()[np.argsort(depth, kind="stable")[: round(fraction * depth.size)]] = True
    return mask


def _lobules(rng: np.random.Generator, size: int, lobule: float) -> Field:
    """Centres of lobules on a jittered hexagonal grid that reaches beyond the patch, in mm."""
    step = lobule
    reach = size * SPACING_MM / 2 + 2 * step
    rows = np.arange(-reach, reach, step * np.sqrt(3) / 2)
    columns = np.arange(-reach, reach, step)
    grid = np.stack(np.meshgrid(rows, columns, indexing="ij"), axis=-1)
    grid[1::2, :, 1] += step / 2
    centres = grid.reshape(-1, 2) + rng.uniform(0, step, 2)
    return centres + rng.normal(0, 0.15 * step, centres.shape)


def _from_holes(
    rng: np.random.Generator,
    where: Field,
    centres: Field,
    fraction: float,
    hole: float,
    lobule: float,
) -> Field:
    """Squared distance from the nearest hole, in its own radii: small is destroyed first."""
    # Enough holes for the share: holes overlap, so that their areas add up as in a Boolean model.
    each = np.pi / 4 * hole**2
    wanted = -np.log1p(-min(fraction, 0.95)) * lobule**2 * np.sqrt(3) / 2 / each
    # A lobule has a centre bronchiole or a few, and all of its holes are near it.
    count = rng.poisson(max(wanted, 1e-3), len(centres))
    middle = np.repeat(centres, count, axis=0)
    spread = 0.14 + 0.1 * min(wanted / 6, 1.0)  # of the lobule: later, holes fill it
    middle = middle + rng.normal(0, spread * lobule, middle.shape)
    radius = hole / 2 * np.exp(rng.normal(0, 0.25, len(middle)))
    if not len(middle):  # by chance none: one, somewhere
        middle, radius = centres[:1] * 0.0, np.array([hole / 2])
    near = np.abs(middle).max(axis=1) - 4 * radius < where.max()  # others reach no pixel
    rows, columns = where[:, 0, 0], where[0, :, 1]
    depth = np.full(where.shape[:2], np.inf)
    for (row, column), size in zip(middle[near], radius[near], strict=True):
        squared = ((rows - row) ** 2)[:, None] + (columns - column) ** 2
        np.minimum(depth, squared / size**2, out=depth)
    return depth


def _by_lobule(rng: np.random.Generator, where: Field, centres: Field) -> Field:
    """Lobule by lobule, neighbours of a destroyed one before others."""
    seat = rng.uniform(where.min(), where.max(), 2)
    order = np.hypot(*(centres - seat).T) + rng.normal(0, 4.0, len(centres))
    distance, owner = cKDTree(centres).query(where.reshape(-1, 2))
    # Inside a lobule the middle goes first, so that a share between two lobules can be had.
    return np.asarray((order[owner] + 0.05 * distance).reshape(where.shape[:2]))


def remaining(mask: NDArray[np.bool_], label: int) -> Field:
    """Share of the tissue that is left, 0 to 1."""
    if not mask.any():
        return np.ones(mask.shape)
    sigma = _SOFT_MM[label] / SPACING_MM
    gone = ndimage.gaussian_filter(mask.astype(float), sigma, mode="nearest")
    return 1.0 - _LOST[label] * gone


def fine_texture(rng: np.random.Generator, size: int) -> Field:
    """Alveoli and vessels too fine to be seen one by one: f^−1.5, mean 0, deviation 1."""
    frequency = np.hypot(*np.meshgrid(np.fft.fftfreq(size), np.fft.fftfreq(size), indexing="ij"))
    frequency[0, 0] = 1.0
    amplitude = frequency ** (-_TEXTURE_BETA / 2)
    amplitude[0, 0] = 0.0
    field = np.fft.ifft2(np.fft.fft2(rng.standard_normal((size, size))) * amplitude).real
    # One and the same factor for all fields: their own spread differs by chance, as it should.
    return np.asarray(field / np.sqrt((amplitude**2).mean()))


def vessels(rng: np.random.Generator, size: int) -> Field:
    """Share of each pixel that is vessel: small ones cut across, and some along their course."""
    where = places(size)
    half = size * SPACING_MM / 2
    number = rng.poisson(9 * (2 * half / 38.4) ** 2)
    rows, columns = where[:, :1, 0], where[:1, :, 1]
    cover = np.zeros((size, size))
    for middle, radius, angle, length in zip(
        rng.uniform(-half, half, (number, 2)),
        0.2 + rng.exponential(0.15, number),
        rng.uniform(0, np.pi, number),
        rng.exponential(4.0, number) * (rng.random(number) < 0.4),
        strict=True,
    ):
        down, right = rows - middle[0], columns - middle[1]
        along = down * np.cos(angle) + right * np.sin(angle)
        across = right * np.cos(angle) - down * np.sin(angle)
        beyond = np.maximum(np.abs(along) - length / 2, 0.0)
        cover = np.maximum(cover, disc(np.hypot(beyond, across), min(radius, 1.0)))
    return cover


def disc(distance: Field, radius: float) -> Field:
    """Share of each pixel that is nearer than the radius, to first order."""
    return np.clip((radius - distance) / SPACING_MM + 0.5, 0.0, 1.0)


def blurred(field: Field, sigma_mm: float) -> Field:
    return np.asarray(ndimage.gaussian_filter(field, sigma_mm / SPACING_MM, mode="nearest"))
