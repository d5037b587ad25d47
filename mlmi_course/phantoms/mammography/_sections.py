"""Sections of whole mammograms, 512 × 512 pixels (44 mm), with clusters at known places.

They are for detection: where is a cluster, and how many false marks does an image cost?  Breast,
film, grains and distractors are those of the patches; an image may hold no cluster at all.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from mlmi_course.phantoms.mammography import _patches as p
from mlmi_course.phantoms.mammography._calcifications import SHAPES, Grains, cluster, draw
from mlmi_course.phantoms.mammography._detector import Detector, digitise, power_law_field
from mlmi_course.phantoms.mammography._structures import Curves, Specks, add_curves, add_specks

__all__ = ["SECTION", "section_blocks", "sections"]

SECTION: Final = 512
"""Pixels on a side of a section: 43.5 mm."""

_MARGIN: Final = 4
_FIELD: Final = 640
_MOST: Final = 3  # clusters in one section
_VIEWS: Final = 2
_AREA: Final = (SECTION / p.SIZE) ** 2  # patches that fit into a section


def section_blocks(
    n: int = 24, *, seed: int = 0, difficulty: float = 0.0, exposure: float | None = None,
    vessels: float | None = None, single_grains: float | None = None, dust: float | None = None,
) -> Iterator[dict[str, NDArray]]:  # fmt: skip
    """Simulate sections one after the other, so that any number fits into memory.

    Parameters
    ----------
    n : int
        Number of sections; a patient has two.
    seed : int
        Seed of everything random.
    difficulty, exposure, vessels, single_grains, dust
        As for patches; see `mammography.MammographyParameters`.  Numbers are per patch of
        60 × 60 pixels; vessels, which cross a section, are per patch *width*.

    Yields
    ------
    dict of str to ndarray
        Parts of what `sections` returns.

    Raises
    ------
    ValueError
        If n is not positive or a parameter is out of range.
    """
    if n < 1:
        raise ValueError(f"n must be at least 1; got {n}")
    parameters = p.MammographyParameters(difficulty, exposure, vessels, single_grains, dust)
    return (_section(seed, number, parameters) for number in range(n))


def sections(n: int = 24, *, seed: int = 0, **parameters) -> dict[str, NDArray]:
    """Simulate sections, all at once.

    Parameters
    ----------
    n, seed, **parameters
        As in `section_blocks`.

    Returns
    -------
    dict of str to ndarray
        ``images`` and ``masks`` (n, 512, 512) uint8, the mask 1 on every grain, of a cluster or
        alone; ``labels`` (n,) uint8, 1 with a cluster; ``groups`` (n,) int32, the patient;
        ``view``, ``clusters`` (how many); and for the clusters ``cluster_row``,
        ``cluster_column`` (pixels), ``cluster_radius_mm`` (farthest grain from the centre) and
        ``cluster_count`` (grains), each (n, 3) float32, NaN where there is none.

    Examples
    --------
    >>> two = sections(2, seed=1)
    >>> two["images"].shape, two["groups"].tolist()
    ((2, 512, 512), [0, 0])
    """
    blocks = list(section_blocks(n, seed=seed, **parameters))
    return {name: np.concatenate([block[name] for block in blocks]) for name in blocks[0]}


def _section(seed: int, number: int, parameters: p.MammographyParameters) -> dict[str, NDArray]:
    patient, view = divmod(number, _VIEWS)
    woman = np.random.default_rng([seed, patient, 512])
    level, texture = 0.38 + woman.normal(0, 0.08), woman.lognormal(0, 0.2)
    exponent, exposure = woman.normal(3.15, 0.2), parameters.exposure * woman.lognormal(0, 0.15)
    detector = Detector(exposure, woman.uniform(0.43, 0.53), 0.008 * woman.lognormal(0, 0.15))
    calcium = p.CALCIUM * woman.lognormal(0, 0.25)
    shape = SHAPES[woman.choice(3, p=(0.2, 0.55, 0.25))]
    # Two of three women have clusters, and both views show them.
    count = int(woman.integers(1, _MOST + 1)) if woman.random() < 2 / 3 else 0

    rng = np.random.default_rng([seed, patient, 512, view])
    side = SECTION + 2 * _MARGIN
    white = rng.standard_normal((1, _FIELD, _FIELD), dtype=np.float32)
    field = power_law_field(
        white, exponent, window=p.SIZE, stretch=1.6 * rng.lognormal(0, 0.3),
        angle=rng.uniform(0, np.pi),
    )[:, :side, :side]  # fmt: skip
    strength = np.float32(p.strength(level) * texture)
    grey = np.clip(level + strength * (field + p.SKEW * field**2), 0.03, 0.97)

    clusters = [_cluster(center, shape, rng) for center in _centers(count, rng)]
    single = p.lone_grains(rng.poisson(_AREA * parameters.single_grains), SECTION, rng)
    every = Grains.joined([*clusters, single]).moved(_MARGIN, _MARGIN)
    sharp, mask = draw(every, grey.shape)
    sharp *= np.float32(calcium)
    vessels = Curves.random(rng.poisson(SECTION / p.SIZE * parameters.vessels), SECTION, rng)
    add_curves(sharp, vessels.moved(_MARGIN, _MARGIN))
    grey += ndimage.gaussian_filter(sharp, (0, p.FOCUS, p.FOCUS), truncate=3)
    picture = detector.expose(grey, rng)
    specks = Specks.random(rng.poisson(_AREA * parameters.dust), SECTION, rng)
    add_specks(picture, specks.moved(_MARGIN, _MARGIN))
    inner = (slice(None), slice(_MARGIN, -_MARGIN), slice(_MARGIN, -_MARGIN))
    return {
        "images": digitise(picture[inner]),
        "masks": mask[inner],
        "labels": np.array([count > 0], dtype=np.uint8),
        "groups": np.array([patient], dtype=np.int32),
        "view": np.array([view + 1], dtype=np.int32),
        "clusters": np.array([count], dtype=np.int32),
        **_findings(clusters),
    }


def _centers(count: int, rng: np.random.Generator) -> list[NDArray]:
    """Centres of clusters that do not run into each other, at least 10 mm apart."""
    centers: list[NDArray] = []
    while len(centers) < count:
        center = rng.uniform(50, SECTION - 50, 2)
        if all(np.linalg.norm(center - other) > 10 / p.SPACING_MM for other in centers):
            centers.append(center)
    return centers


def _cluster(center: NDArray, shape: str, rng: np.random.Generator) -> Grains:
    size = np.clip(4.2 * rng.lognormal(0, 0.2), 2.5, 7)
    count = int(np.clip(14 * rng.lognormal(0, 0.5), 5, 50))
    return cluster(
        tuple(center), rng, count=count, radius=rng.uniform(18, 40), size=size, shape=shape
    )


def _findings(clusters: list[Grains]) -> dict[str, NDArray]:
    table = np.full((4, 1, _MOST), np.nan, dtype=np.float32)
    for i, one in enumerate(clusters):
        row, column = one.row.mean(), one.column.mean()
        radius = np.hypot(one.row - row, one.column - column).max() * p.SPACING_MM
        table[:, 0, i] = row, column, radius, len(one)
    names = ("cluster_row", "cluster_column", "cluster_radius_mm", "cluster_count")
    return dict(zip(names, table, strict=True))
