"""A computed tomogram of a simulated chest and upper abdomen.

The body is described by formulas in millimetres (ellipsoids, tubes, rings), so any grid of
voxels, upright, oblique or tilted, samples the same patient.  It is *not* symmetric: apex of
the heart, aortic arch, stomach and spleen are on the patient's left, liver and a lung nodule
on the right.  A picture that is flipped can therefore be seen to be flipped.

Coordinates are those of DICOM: millimetres towards the patient's Left, Posterior and
Superior, from a point in the middle of the chest.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mlmi_course.dicom.volume import Volume

__all__ = ["HOUNSFIELD", "NODULE", "chest_phantom", "hounsfield_at"]

HOUNSFIELD: Final[Mapping[str, float]] = MappingProxyType(
    {
        "air": -1000.0,
        "lung": -850.0,
        "fat": -100.0,
        "fluid": 10.0,
        "spleen": 45.0,
        "muscle": 50.0,
        "blood": 50.0,
        "liver": 55.0,
        "kidney": 35.0,
        "nodule": 40.0,
        "enhanced kidney": 180.0,
        "marrow": 200.0,
        "enhanced blood": 300.0,
        "cortical bone": 900.0,
    }
)
"""Values of the tissues in HU.

Air is −1000 and water 0 by definition.  Lung, fat, spleen, kidney, muscle, blood and liver lie
within the ranges of T. M. Buzug, *Computed Tomography*, Springer 2008, p. 475 (lung in
inspiration −910 … −850, fat −100 … −50, kidney 20 … 40, spleen 35 … 55, blood and liver
45 … 65, bone 700 … 3000); marrow is spongy bone mixed with fat.  Values with contrast agent
depend on dose and delay: these are chosen, as of an arterial phase.
"""

NODULE: Final[tuple[float, float, float, float]] = (-85.0, 5.0, 95.0, 6.0)
"""The nodule in the right upper lobe: its centre (Left, Posterior, Superior) and radius, mm."""

Points = NDArray[np.float64]
_EVERYWHERE: Final = np.array([[-np.inf] * 3, [np.inf] * 3])


@dataclass(frozen=True, eq=False)
class _Ellipsoid:
    """An ellipsoid; an infinite third radius makes it an upright tube of elliptic section."""

    tissue: str
    center: tuple[float, float, float]
    radii: tuple[float, float, float]

    @property
    def box(self) -> Points:
        center, radii = np.array(self.center), np.array(self.radii)
        return np.stack([center - radii, center + radii])

    def holds(self, points: Points) -> NDArray[np.bool_]:
        return (((points - self.center) / self.radii) ** 2).sum(axis=-1) <= 1


@dataclass(frozen=True, eq=False)
class _Tube:
    """A straight tube with round ends, tapering from one radius to another."""

    tissue: str
    start: tuple[float, float, float]
    end: tuple[float, float, float]
    radii: tuple[float, float]

    @property
    def box(self) -> Points:
        ends = np.array([self.start, self.end])
        return np.stack([ends.min(axis=0), ends.max(axis=0)]) + max(self.radii) * np.array(
            [[-1.0], [1.0]]
        )

    def holds(self, points: Points) -> NDArray[np.bool_]:
        start, along = np.array(self.start), np.subtract(self.end, self.start)
        part = np.clip((points - start) @ along / (along @ along), 0, 1)
        radius = self.radii[0] + part * (self.radii[1] - self.radii[0])
        return ((points - start - part[..., np.newaxis] * along) ** 2).sum(axis=-1) <= radius**2


@dataclass(frozen=True, eq=False)
class _Ribs:
    """Rings around the chest, each lower in front than behind, open at the sternum."""

    tissue: str
    thickness: float

    box = _EVERYWHERE
    _AXES = np.array([147.0, 97.0])
    _PITCH, _SLOPE = 30.0, 0.35

    def holds(self, points: Points) -> NDArray[np.bool_]:
        x, y, z = np.moveaxis(points, -1, 0)
        radial = (np.hypot(*(points[..., :2] / self._AXES).T).T - 1) * self._AXES.mean()
        # The distance to the nearest of equally spaced rings.
        height = np.mod(z - self._SLOPE * y + self._PITCH / 2, self._PITCH) - self._PITCH / 2
        in_front = (y < 0) & (np.abs(x) < 35)
        return (
            (radial**2 + (height / 1.4) ** 2 <= self.thickness**2)
            & ~in_front
            & (z > -90)
            & (z < 165)
        )


@dataclass(frozen=True, eq=False)
class _Discs:
    """Slices of the spine between the vertebrae, without bone."""

    tissue: str
    spine: _Ellipsoid

    _PITCH, _HEIGHT = 28.0, 6.0

    @property
    def box(self) -> Points:
        return self.spine.box

    def holds(self, points: Points) -> NDArray[np.bool_]:
        return self.spine.holds(points) & (np.mod(points[..., 2], self._PITCH) < self._HEIGHT)


@dataclass(frozen=True, eq=False)
class _GasCap:
    """Gas in the stomach of a patient on the back: it rises to the front, with a level."""

    tissue: str
    stomach: _Ellipsoid
    level: float

    @property
    def box(self) -> Points:
        return self.stomach.box

    def holds(self, points: Points) -> NDArray[np.bool_]:
        return self.stomach.holds(points) & (points[..., 1] < self.level)


_Shape = _Ellipsoid | _Tube | _Ribs | _Discs | _GasCap


def chest_phantom(
    shape: tuple[int, int, int] = (64, 128, 128),
    spacing: tuple[float, float, float] = (5.0, 2.8, 2.8),
    *,
    affine: ArrayLike | None = None,
    enhanced: bool = True,
    noise: float = 0.0,
    seed: int = 0,
    round_field: bool = False,
) -> Volume:
    """A CT scan of a simulated chest, in HU.

    Parameters
    ----------
    shape : (int, int, int)
        Number of voxels along (z, y, x).
    spacing : (float, float, float)
        Millimetres between voxels along (z, y, x).
    affine : array_like, shape (4, 4), optional
        Where the voxels lie, from an index (z, y, x) to millimetres (LPS), for oblique and
        tilted scans; ``spacing`` is then ignored.  Left out: upright, centred on the chest.
    enhanced : bool
        With contrast agent in the blood, so that a maximum-intensity projection shows vessels.
    noise : float
        Standard deviation in HU of added white Gaussian noise; 10 to 30 is usual.  (Real
        quantum noise is correlated between neighbours by the reconstruction filter.)
    seed : int
        Of the noise; the patient is always the same.
    round_field : bool
        NaN outside the circle that the rows just hold, as scanners pad it.

    Returns
    -------
    Volume
        float32, modality ``"CT"``, unit ``"HU"``.  Each voxel is sampled at its centre.

    Raises
    ------
    ValueError
        If the shape, spacing, affine or noise makes no sense.

    See Also
    --------
    mlmi_course.dicom.write_series : writes it as DICOM files.

    Examples
    --------
    >>> scan = chest_phantom(shape=(32, 64, 64), spacing=(10, 6, 6))
    >>> scan
    Volume: CT, 32 × 64 × 64 voxels (z, y, x) of 10 × 6 × 6 mm, HU
    >>> float(scan.array[0, 0, 0])  # beside the patient
    -1000.0
    """
    if len(shape) != 3 or not all(int(n) == n and n > 0 for n in shape):
        raise ValueError(f"shape needs three positive whole numbers (z, y, x), got {shape!r}")
    if not (np.isfinite(noise) and noise >= 0):
        raise ValueError(f"noise is a standard deviation in HU and not negative, got {noise!r}")
    if affine is None:
        steps = np.asarray(spacing, dtype=float)
        if steps.shape != (3,) or not (np.isfinite(steps) & (steps > 0)).all():
            raise ValueError(f"spacing needs three positive numbers in mm, got {spacing!r}")
        affine = np.eye(4)
        affine[:3, :3] = np.diag(steps)[::-1]  # the columns are z, y and x, the rows L, P, S
        affine[:3, 3] = -(affine[:3, :3] @ (np.array(shape) - 1)) / 2
    affine = np.array(affine, dtype=float)
    if affine.shape != (4, 4):
        raise ValueError(f"affine needs shape (4, 4), got {affine.shape}")
    rows, columns = np.meshgrid(np.arange(shape[1]), np.arange(shape[2]), indexing="ij")
    in_slice = rows[..., None] * affine[:3, 1] + columns[..., None] * affine[:3, 2]
    array = np.stack(  # slice by slice: all positions at once would need gigabytes
        [
            hounsfield_at(in_slice + affine[:3, 0] * z + affine[:3, 3], enhanced=enhanced)
            for z in range(shape[0])
        ]
    ).astype(np.float32)
    if noise:
        array += np.random.default_rng(seed).normal(0, noise, array.shape).astype(np.float32)
    if round_field:
        middle = (np.array(shape[1:]) - 1) / 2
        reach = np.hypot(rows - middle[0], columns - middle[1])
        array[:, reach > min(shape[1:]) / 2] = np.nan
    return Volume(
        array=array,
        spacing=tuple(np.linalg.norm(affine[:3, :3], axis=0)),
        affine=affine,
        modality="CT",
        unit="HU",
        info={"description": "simulated chest CT", "noise (HU)": noise, "seed": seed},
    )


def hounsfield_at(positions: ArrayLike, *, enhanced: bool = True) -> NDArray[np.float64]:
    """Value of the simulated patient at any point.

    Parameters
    ----------
    positions : array_like, shape (..., 3)
        Millimetres towards Left, Posterior and Superior.
    enhanced : bool
        With contrast agent in the blood.

    Returns
    -------
    ndarray of float64, shape (...)
        HU, without noise.

    Examples
    --------
    Liver on the right, spleen on the left:

    >>> hounsfield_at([[-70, 0, -80], [95, 40, -85]]).tolist()
    [55.0, 45.0]
    """
    positions = np.asarray(positions, dtype=float)
    if positions.shape[-1:] != (3,):
        raise ValueError(f"a position has three coordinates, got shape {positions.shape}")
    points = positions.reshape(-1, 3)
    values = np.full(len(points), HOUNSFIELD["air"])
    if len(points) == 0:
        return values.reshape(positions.shape[:-1])
    low, high = points.min(axis=0), points.max(axis=0)
    for part in _body():
        box = part.box
        if (box[0] > high).any() or (box[1] < low).any():
            continue
        near = np.flatnonzero(((points >= box[0]) & (points <= box[1])).all(axis=1))
        tissue = part.tissue
        if enhanced and f"enhanced {tissue}" in HOUNSFIELD:
            tissue = f"enhanced {tissue}"
        values[near[part.holds(points[near])]] = HOUNSFIELD[tissue]
    return values.reshape(positions.shape[:-1])


@lru_cache(maxsize=1)
def _body() -> tuple[_Shape, ...]:
    """All parts; where two overlap, the later one counts."""
    long = np.inf
    stomach = _Ellipsoid("fluid", (62, -30, -100), (45, 38, 38))
    return (
        _Ellipsoid("fat", (0, 0, 0), (172, 120, long)),
        _Ellipsoid("muscle", (0, 0, 0), (155, 104, long)),
        _Ribs("cortical bone", 3.6),
        _Ribs("marrow", 2.2),
        _Ellipsoid("fat", (0, -5, 0), (141, 91, long)),
        _Ellipsoid("lung", (-72, 0, 55), (60, 80, 118)),
        _Ellipsoid("lung", (72, 0, 55), (58, 80, 118)),
        _Ellipsoid("liver", (-58, -10, -95), (78, 74, 75)),
        _Ellipsoid("liver", (15, -38, -95), (45, 40, 45)),
        _Ellipsoid("spleen", (95, 40, -85), (28, 36, 45)),
        stomach,
        _GasCap("air", stomach, -45),
        _Ellipsoid("kidney", (-55, 52, -145), (26, 24, 50)),
        _Ellipsoid("kidney", (55, 52, -135), (26, 24, 50)),
        _Ellipsoid("muscle", (0, -10, 60), (28, 45, 70)),  # mediastinum
        _Ellipsoid("muscle", (22, -32, 0), (62, 46, 52)),  # heart: wall, then two chambers
        _Ellipsoid("blood", (38, -22, -2), (30, 26, 36)),
        _Ellipsoid("blood", (-8, -45, 4), (26, 22, 36)),
        *_bone(),
        *_vessels(),
        _Tube("air", (0, 12, 200), (0, 22, 68), (9, 8)),  # trachea and main bronchi
        _Tube("air", (0, 22, 68), (-38, 20, 42), (7, 5)),
        _Tube("air", (0, 22, 68), (48, 22, 36), (6, 4.5)),
        _Ellipsoid("nodule", NODULE[:3], (NODULE[3],) * 3),
    )


def _bone() -> list[_Shape]:
    long = np.inf
    vertebrae = _Ellipsoid("cortical bone", (0, 70, 0), (21, 17, long))
    return [
        vertebrae,
        _Ellipsoid("marrow", (0, 70, 0), (19, 15, long)),
        _Discs("muscle", vertebrae),
        _Ellipsoid("cortical bone", (0, 94, 0), (14, 12, long)),
        _Ellipsoid("fluid", (0, 92, 0), (9, 8, long)),  # the spinal canal
        _Ellipsoid("cortical bone", (0, -93, 45), (19, 6.5, 75)),  # sternum
        _Ellipsoid("marrow", (0, -93, 45), (17, 4.5, 73)),
    ]


def _vessels() -> list[_Shape]:
    aorta = [
        (-6, -28, 22),
        (-12, -30, 60),
        (-4, -18, 84),
        (10, 8, 92),
        (22, 34, 84),
        (24, 46, 60),
        (20, 50, 0),
        (8, 42, -200),
    ]
    radii = [15, 15, 14, 13.5, 13, 12.5, 12, 9]
    cava = [(-26, -15, 150), (-28, -18, 30), (-24, 20, -40), (-20, 36, -200)]
    return [
        *_chain(aorta, radii),
        *_chain(cava, [9, 10, 11, 10]),
        *_chain([(8, -42, 30), (16, -22, 52)], [13, 12]),  # trunk of the pulmonary arteries
        *_chain([(16, -22, 52), (-40, 6, 46)], [11, 9]),
        *_chain([(16, -22, 52), (46, 4, 50)], [10, 9]),
        *_lung_tree((-40.0, 6.0, 46.0), -1, 1),
        *_lung_tree((46.0, 4.0, 50.0), 1, 2),
    ]


def _chain(points: list[tuple[float, float, float]], radii: list[float]) -> list[_Shape]:
    return [
        _Tube("blood", *ends, sizes)
        for *ends, sizes in zip(points[:-1], points[1:], pairwise(radii), strict=True)
    ]


def _lung_tree(hilum: tuple[float, float, float], side: int, seed: int) -> list[_Shape]:
    """Branches from a hilum towards the outside, each splitting in two, twice."""
    rng = np.random.default_rng(seed)  # of its own: the patient is the same for every noise
    lung = _Ellipsoid("lung", (side * 72, 0, 55), (54, 74, 110))
    branches = []
    targets = [(0.7, 0.55, 0.5), (0.8, -0.4, 0.3), (0.9, 0.1, -0.1)]
    targets += [(0.55, 0.6, -0.6), (0.6, -0.5, -0.5), (0.35, 0.1, 0.85)]
    todo = [(np.array(hilum), np.array([side * x, y, z]) * 45.0, 4.5, 0) for x, y, z in targets]
    while todo:
        start, along, radius, generation = todo.pop()
        end = start + along
        if not lung.holds(end):
            continue
        branches.append(_Tube("blood", tuple(start), tuple(end), (radius, 0.75 * radius)))
        if generation < 2:
            for sign in (-1, 1):
                spread = np.cross(along, rng.normal(size=3))
                turned = along + sign * 0.6 * np.linalg.norm(along) * spread / np.linalg.norm(
                    spread
                )
                length = 0.75 * np.linalg.norm(along)
                todo.append(
                    (end, turned / np.linalg.norm(turned) * length, 0.7 * radius, generation + 1)
                )
    return branches
