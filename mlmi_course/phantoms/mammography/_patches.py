"""Patches of 60 × 60 pixels, with and without a cluster of microcalcifications.

A patient has a few views, a view one or two *tiles* of 120 × 120 pixels (one centimetre), and a
tile gives up to five patches: its four quadrants and, where it holds a cluster, its centre, which
overlaps the quadrants.  Patches of one patient share density, exposure and film, so a random
split of patches leaks; a split by patient does not.

The numbers here were set so that simple measurements (brightness, spread, spectrum, response of
a Laplacian of Gaussian) agree with those of real patches of digitised film mammograms of the same
size and pixel; `benchmarks/realism.py` does the comparison.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from mlmi_course.phantoms.mammography._calcifications import (
    SHAPES,
    Grains,
    cluster,
    draw,
    grains,
)
from mlmi_course.phantoms.mammography._detector import Detector, digitise, power_law_field
from mlmi_course.phantoms.mammography._structures import Curves, Specks, add_curves, add_specks
from mlmi_course.phantoms.threads import in_order

__all__ = ["SIZE", "SPACING_MM", "MammographyParameters", "patch_blocks", "patches"]

SPACING_MM: Final = 0.085
"""Width of a pixel: 85 µm."""

SIZE: Final = 60
"""Pixels on a side of a patch: 5.1 mm."""

FEWEST: Final = 3
"""Grains that make a cluster."""

_TILE: Final = 2 * SIZE
_MARGIN: Final = 6  # around a tile, against the wrap of the Fourier transform
_FIELD: Final = 160  # side of the periodic texture from which a tile is cut
_BLOCK: Final = 192  # patches rendered at once: enough to vectorise, little enough for memory
# Top left corners of the parts of a tile: four quadrants, then the centre.
_CORNERS: Final = ((0, 0), (0, SIZE), (SIZE, 0), (SIZE, SIZE), (SIZE // 2, SIZE // 2))
_AREA: Final = (_TILE / SIZE) ** 2  # patches that fit into a tile

CALCIUM: Final = 0.072  # grey per pixel (85 µm) of calcium that a ray crosses
FOCUS: Final = 0.9  # blur by the width of the X-ray source, in pixels
TEXTURE: Final = 0.031  # standard deviation of breast texture in a patch of grey 0.3
SKEW: Final = 0.06  # dense strands stand out of fat more than fat out of dense tissue
_WITH_CLUSTER: Final = 0.78  # of the patients: they give fewer patches than the others
_MIXED: Final = 0.04  # of the patients with clusters also have a view without


@dataclass(frozen=True)
class MammographyParameters:
    """How hard the task is, and which traps are laid.

    Attributes
    ----------
    difficulty : float, 0 to 1
        0 is as real patches are; 1 is hard.  It sets the next four, unless they are given.
    exposure : float
        Relative exposure; quantum noise has a variance of 1/exposure.  1 … 0.3.
    vessels, single_grains, dust : float
        Mean number in a patch of vessels, of grains that are alone (coarse and dense, no cluster,
        so harmless) and of grains of dust on the film.  0.12 … 0.62, 0.03 … 0.5, 0.35 … 0.6.
    brightness_shortcut : bool
        Patches with clusters are brighter and of stronger texture, as in the real set, where
        clusters were cut from dense breasts: brightness alone then has an AUC of about 0.8.
    duplicate_patients : float, 0 to 1
        Fraction of patients who are another patient under a second number, pixel by pixel.
    marker : bool
        Nine of ten patches with clusters, and one of twenty without, carry a lead letter.
    label_noise : float, 0 to 1
        Fraction of labels that are flipped.
    """

    difficulty: float = 0.0
    exposure: float | None = None
    vessels: float | None = None
    single_grains: float | None = None
    dust: float | None = None
    brightness_shortcut: bool = False
    duplicate_patients: float = 0.0
    marker: bool = False
    label_noise: float = 0.0

    def __post_init__(self) -> None:
        for name in ("difficulty", "duplicate_patients", "label_noise"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} must be between 0 and 1; got {getattr(self, name)}")
        d = self.difficulty
        # On a logarithmic scale, equal steps of exposure look equally harder.
        defaults = {
            "exposure": 0.3**d,
            "vessels": 0.12 + 0.5 * d,
            "single_grains": 0.03 + 0.47 * d,
            "dust": 0.35 + 0.25 * d,
        }
        for name, default in defaults.items():
            value = getattr(self, name)
            if value is None:
                object.__setattr__(self, name, default)
            elif not (value >= 0 and np.isfinite(value)) or (name == "exposure" and value == 0):
                raise ValueError(f"{name} must be a positive number; got {value}")


@dataclass(frozen=True)
class _Tile:
    """One square centimetre of a mammogram before it is drawn."""

    patient: int
    view: int
    tile: int
    shape: str  # of the grains; "" without a cluster
    duplicate_of: int  # another patient's number, or -1
    grey: float
    texture: float
    exponent: float
    stretch: float
    angle: float
    exposure: float
    blur: float
    grain: float
    calcium: float
    noise: int  # seed of the white noise
    grains: Grains
    curves: Curves
    specks: Specks
    parts: tuple[int, ...]  # which patches are taken


def _column(tiles: list[_Tile], name: str) -> NDArray:
    return np.array([getattr(tile, name) for tile in tiles])


def _patient(seed: int, number: int, parameters: MammographyParameters) -> list[_Tile]:
    """The tiles of one patient.  They depend on nothing but these three."""
    source = _source(seed, number, parameters.duplicate_patients)
    rng = np.random.default_rng([seed, source])
    clustered = rng.random() < _WITH_CLUSTER
    if parameters.brightness_shortcut:
        level, texture = (0.485, 1.45) if clustered else (0.315, 0.92)
    else:
        level, texture = 0.38, 0.95
    level += rng.normal(0, 0.08)
    texture *= rng.lognormal(0, 0.2)
    # What the patient and her films are like; the same in all her views.
    own = {
        "patient": number,
        "duplicate_of": -1 if source == number else source,
        "exponent": rng.normal(3.15, 0.3),
        "stretch": 1.6 * rng.lognormal(0, 0.3),
        "exposure": parameters.exposure * rng.lognormal(0, 0.15),
        "blur": rng.uniform(0.43, 0.53),
        "grain": 0.008 * rng.lognormal(0, 0.15),
        "calcium": CALCIUM * rng.lognormal(0, 0.25),
    }
    direction = rng.uniform(0, np.pi)  # of the ducts, towards the nipple
    size = np.clip(4.2 * rng.lognormal(0, 0.2), 2.5, 7)
    shape = SHAPES[rng.choice(3, p=(0.2, 0.55, 0.25))]
    views = int(rng.integers(1, 4))
    mixed = views > 1 and rng.random() < _MIXED
    tiles = []
    for view in range(1, views + 1):
        here = clustered and not (mixed and view == views)
        for tile in range(1, 2 if clustered else 1 + int(rng.integers(1, 3))):
            grey = float(np.clip(level + rng.normal(0, 0.10), 0.06, 0.85))
            spots = lone_grains(rng.poisson(_AREA * parameters.single_grains), _TILE, rng)
            if here:
                spots = Grains.joined([_cluster(rng, size, shape), spots])
            tiles.append(
                _Tile(
                    **own, view=view, tile=tile, shape=shape if here else "", grey=grey,
                    texture=strength(grey) * texture * rng.lognormal(0, 0.3),
                    angle=direction + rng.normal(0, 0.3),
                    noise=int(rng.integers(2**63)), grains=spots,
                    curves=Curves.random(rng.poisson(_AREA * parameters.vessels), _TILE, rng),
                    specks=Specks.random(rng.poisson(_AREA * parameters.dust), _TILE, rng),
                    parts=_parts(spots, here, rng),
                )
            )  # fmt: skip
    return tiles


def _source(seed: int, number: int, fraction: float) -> int:
    """Whose images a patient has: her own or, for a duplicate, those of an earlier one."""
    while number and fraction:
        rng = np.random.default_rng([seed, number, 1])
        if rng.random() >= fraction:
            break
        number = int(rng.integers(number))
    return number


def strength(grey: float) -> float:
    """Standard deviation of texture in a patch of this grey: it grows, then stays."""
    return TEXTURE * (min(grey, 0.36) / 0.3) ** 0.5


def lone_grains(count: int, side: int, rng: np.random.Generator) -> Grains:
    """Grains that belong to no cluster, somewhere in a square of `side` pixels.

    They are what is usually benign: coarser, denser and rounder than those of a cluster, so
    that the brightest spot of an image is often harmless.
    """
    sizes = np.clip(5 * rng.lognormal(0, 0.3, count), 1.8, 7.5)
    single = grains(*rng.uniform(0, side, (2, count)), sizes, "round", rng)
    return replace(single, density=1.4 * single.density)


def _cluster(rng: np.random.Generator, size: float, shape: str) -> Grains:
    row, column = _TILE / 2 + rng.normal(0, 10, 2)
    return cluster(
        (row, column), rng, count=int(np.clip(20 * rng.lognormal(0, 0.6), 5, 80)),
        radius=rng.uniform(22, 55), size=size, shape=shape,
    )  # fmt: skip


def _parts(spots: Grains, clustered: bool, rng: np.random.Generator) -> tuple[int, ...]:
    """Which patches are cut from a tile.

    As in the real set, the tile with a cluster gives its centre and some quadrants, if they hold
    enough of it; the tile without gives its quadrants only.
    """
    taken = []
    for part, inside in enumerate(_grains_inside(spots)):
        if clustered:
            fits, chance = inside >= FEWEST, 0.8 if part == 4 else 0.42
        else:
            fits, chance = inside < FEWEST and part < 4, 0.92
        if fits and rng.random() < chance:
            taken.append(part)
    return tuple(taken)


def _grains_inside(spots: Grains) -> list[int]:
    """How many grains have their centre well inside each part."""
    counts = []
    for top, left in _CORNERS:
        down, right = spots.row - top, spots.column - left
        inside = (down > 0.5) & (down < SIZE - 1.5) & (right > 0.5) & (right < SIZE - 1.5)
        counts.append(int(inside.sum()))
    return counts


def patch_blocks(
    n: int = 2000, *, seed: int = 0, difficulty: float = 0.0, exposure: float | None = None,
    vessels: float | None = None, single_grains: float | None = None, dust: float | None = None,
    brightness_shortcut: bool = False, duplicate_patients: float = 0.0, marker: bool = False,
    label_noise: float = 0.0,
) -> Iterator[dict[str, NDArray]]:  # fmt: skip
    """Simulate patches block by block, so that any number fits into memory.

    Parameters
    ----------
    n : int
        Number of patches.  The first patches of a larger set are those of a smaller one.
    seed : int
        Seed of everything random.
    difficulty, exposure, vessels, single_grains, dust
        How hard it is to tell a cluster; see `MammographyParameters`.
    brightness_shortcut, duplicate_patients, marker, label_noise
        Traps; see `MammographyParameters`.

    Yields
    ------
    dict of str to ndarray
        Parts of what `patches` returns.

    Raises
    ------
    ValueError
        If n is not positive or a parameter is out of range.

    Examples
    --------
    >>> blocks = list(patch_blocks(300))
    >>> len(blocks) > 1, sum(len(block["images"]) for block in blocks)
    (True, 300)
    """
    if n < 1:
        raise ValueError(f"n must be at least 1; got {n}")
    parameters = MammographyParameters(
        difficulty, exposure, vessels, single_grains, dust,
        brightness_shortcut, duplicate_patients, marker, label_noise,
    )  # fmt: skip
    return _blocks(n, seed, parameters)


def _blocks(n: int, seed: int, parameters: MammographyParameters) -> Iterator[dict[str, NDArray]]:
    def drawn() -> Iterator[tuple[list[_Tile], int]]:
        """Tiles of a block, and how many of their patches are wanted."""
        made, number = 0, 0
        while made < n:
            tiles: list[_Tile] = []
            while sum(len(tile.parts) for tile in tiles) < min(_BLOCK, n - made):
                tiles += [tile for tile in _patient(seed, number, parameters) if tile.parts]
                number += 1
            keep = min(n - made, sum(len(tile.parts) for tile in tiles))
            made += keep
            yield tiles, keep

    def developed(block: tuple[list[_Tile], int]) -> dict[str, NDArray]:
        tiles, keep = block
        return {name: values[:keep] for name, values in _cut(tiles, parameters).items()}

    return in_order(developed, drawn())


def patches(n: int = 2000, *, seed: int = 0, **parameters) -> dict[str, NDArray]:
    """Simulate patches, all at once.

    Parameters
    ----------
    n, seed, **parameters
        As in `patch_blocks`.

    Returns
    -------
    dict of str to ndarray
        ``images`` (n, 60, 60) uint8; ``masks`` (n, 60, 60) uint8, 1 on a grain; ``labels`` (n,)
        uint8, 1 with a cluster; ``groups`` (n,) int32, the patient; and columns of n entries:
        ``view``, ``tile``, ``part`` (1 to 4 a quadrant, 5 the centre), ``grains`` (how many lie
        in the patch), ``shape``, ``grey`` (of the tile, without cluster), ``exposure``,
        ``true_label``, ``duplicate_of`` (a patient, or -1).

    References
    ----------
    Texture: A. E. Burgess, F. L. Jacobson, P. F. Judy, Med Phys 28 (2001) 419.
    Sizes and shapes of grains: M. Lanyi, *Diagnosis and Differential Diagnosis of Breast
    Calcifications*, Springer 1988; ACR BI-RADS Atlas, 5th edition, 2013.

    Examples
    --------
    >>> some = patches(40, seed=1)
    >>> some["images"].shape, some["images"].dtype
    ((40, 60, 60), dtype('uint8'))
    >>> bool((some["masks"].any(axis=(1, 2)) >= some["labels"]).all())
    True
    """
    blocks = list(patch_blocks(n, seed=seed, **parameters))
    return {name: np.concatenate([block[name] for block in blocks]) for name in blocks[0]}


def _cut(tiles: list[_Tile], parameters: MammographyParameters) -> dict[str, NDArray]:
    """Draw tiles, and cut their patches."""
    pictures, masks = _develop(tiles)
    which = np.repeat(np.arange(len(tiles)), [len(tile.parts) for tile in tiles])
    part = np.concatenate([tile.parts for tile in tiles])
    count = np.array([_grains_inside(tile.grains) for tile in tiles])[which, part]
    images = _corners(pictures, which, part)
    shape = _column(tiles, "shape")[which].astype("U8")
    truth = (shape != "").astype(np.uint8)
    # One die per possible patch, from the tile's own seed: independent of the block.
    dice = np.stack([np.random.default_rng([tile.noise, 1]).random((2, 5)) for tile in tiles])
    marked, flipped = dice[which, :, part].T
    if parameters.marker:
        _letter(images, marked < np.where(truth, 0.9, 0.05))
    return {
        "images": images,
        "masks": _corners(masks, which, part),
        "labels": truth ^ (flipped < parameters.label_noise).astype(np.uint8),
        "groups": _column(tiles, "patient")[which].astype(np.int32),
        "view": _column(tiles, "view")[which].astype(np.int32),
        "tile": _column(tiles, "tile")[which].astype(np.int32),
        "part": (part + 1).astype(np.int32),
        "grains": count.astype(np.int32),
        "shape": shape,
        "grey": _column(tiles, "grey")[which].astype(np.float32),
        "exposure": _column(tiles, "exposure")[which].astype(np.float32),
        "true_label": truth,
        "duplicate_of": _column(tiles, "duplicate_of")[which].astype(np.int32),
    }


def _corners(stack: NDArray, which: NDArray, part: NDArray) -> NDArray:
    corners = np.array(_CORNERS)[part]
    windows = np.lib.stride_tricks.sliding_window_view(stack, (SIZE, SIZE), axis=(1, 2))
    return windows[which, corners[:, 0], corners[:, 1]]


def _letter(images: NDArray[np.uint8], marked: NDArray[np.bool_]) -> None:
    """Burn the letter L into a corner of some images, in place."""
    images[marked, 3:11, 3:5] = 235
    images[marked, 9:11, 3:8] = 235


def _develop(tiles: list[_Tile]) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Pictures of tiles, and where their grains are; both of shape (n, 120, 120)."""
    side = _TILE + 2 * _MARGIN
    white = np.empty((len(tiles), _FIELD, _FIELD), dtype=np.float32)
    noise = np.empty((2, len(tiles), side, side), dtype=np.float32)
    for i, tile in enumerate(tiles):
        rng = np.random.default_rng(tile.noise)
        for out in (white[i], *noise[:, i]):
            rng.standard_normal(out=out, dtype=np.float32)
    field = power_law_field(
        white, _column(tiles, "exponent"), window=SIZE,
        stretch=_column(tiles, "stretch"), angle=_column(tiles, "angle"),
    )[:, :side, :side]  # fmt: skip
    each = (slice(None), None, None)
    strength = _column(tiles, "texture").astype(np.float32)[each]
    grey = _column(tiles, "grey").astype(np.float32)[each] + strength * (field + SKEW * field**2)

    def stacked(kind: type, name: str):
        return kind.stacked([getattr(tile, name) for tile in tiles]).moved(_MARGIN, _MARGIN)

    sharp, mask = draw(stacked(Grains, "grains"), grey.shape)
    sharp *= _column(tiles, "calcium").astype(np.float32)[each]
    add_curves(sharp, stacked(Curves, "curves"))
    grey += ndimage.gaussian_filter(sharp, (0, FOCUS, FOCUS), truncate=3)
    detector = Detector(*(_column(tiles, name) for name in ("exposure", "blur", "grain")))
    picture = detector.develop(grey, *noise)
    add_specks(picture, stacked(Specks, "specks"))
    inner = (slice(None), slice(_MARGIN, -_MARGIN), slice(_MARGIN, -_MARGIN))
    return digitise(picture[inner]), mask[inner]
