"""One subject, with everything that is true of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Unpack

import numpy as np
from numpy.typing import NDArray

from mlmi_course._numbers import require_range, require_whole
from mlmi_course._signatures import shows
from mlmi_course.dicom.volume import Volume
from mlmi_course.phantoms.arguments import HeadArguments
from mlmi_course.phantoms.brain import _signal
from mlmi_course.phantoms.brain._anatomy import MATERIALS, TISSUES, Grid
from mlmi_course.phantoms.brain._parameters import FIELD_MM, HeadParameters, check_request
from mlmi_course.phantoms.brain._person import Abnormality
from mlmi_course.phantoms.brain._scanner import (
    Plane,
    Scanner,
    affine,
    heights_of,
    parallel,
    radius_of,
    subject_of,
)

__all__ = ["Scan", "simulate"]


@dataclass(frozen=True, eq=False, repr=False)
class Scan:
    """One subject, as scanners see it and as it is.

    Attributes
    ----------
    subject : int
        Its number in the sequence that the seed names.
    vendor : {"A", "B"}
    images : mapping of str to ndarray of float32, shape (z, y, x)
        Magnitudes by contrast, in stored units, before they are rounded.
    sigma : mapping of str to float
        Standard deviation of the noise in either channel, by contrast, in the same unit.
    sequences : mapping of str to Sequence
    fractions : ndarray of float32, shape (13, z, y, x)
        Share of each of :data:`MATERIALS` in each voxel; they add up to 1.
    tissue, structure : ndarray of uint8, shape (z, y, x)
        Labels; :data:`TISSUES` and :data:`STRUCTURES` say of what.
    t1, t2, pd : ndarray of float32, shape (z, y, x)
        Maps in ms, ms and relative to water.  Exact where a voxel is filled by one material.
        In a mixture no single T1 exists: rates are averaged, weighed with proton density.
    bias : ndarray of float32, shape (z, y, x)
        The receiver's sensitivity, by which every noise-free signal was multiplied.
    ct : ndarray of float32, shape (z, y, x)
        The same head in a CT scanner, HU.
    spacing : (float, float, float)
        mm along z, y and x.
    affine : ndarray, shape (4, 4)
        From (z, y, x, 1) to mm towards Left, Posterior and Superior.
    findings : tuple of dict
        Of the whole subject: ``kind``, centre ``x``, ``y``, ``z`` (mm, LPS), ``radius_mm``.
    atrophy : float
        0 (young) to 1 (old): it widens ventricles and sulci.
    """

    subject: int
    vendor: str
    images: Mapping[str, NDArray[np.float32]]
    sigma: Mapping[str, float]
    sequences: Mapping[str, _signal.Sequence]
    fractions: NDArray[np.float32]
    tissue: NDArray[np.uint8]
    structure: NDArray[np.uint8]
    t1: NDArray[np.float32]
    t2: NDArray[np.float32]
    pd: NDArray[np.float32]
    bias: NDArray[np.float32]
    ct: NDArray[np.float32]
    spacing: tuple[float, float, float]
    affine: NDArray[np.float64]
    findings: tuple[Mapping[str, Any], ...]
    atrophy: float

    def volume(self, name: str) -> Volume:
        """One of the images (``"t1"`` …), ``"ct"``, or a map or label by its attribute's name.

        Raises
        ------
        ValueError
            If there is none of this name.
        """
        others = ("ct", "tissue", "structure", "t1 map", "t2 map", "pd map", "bias")
        if name in self.images:
            array = self.images[name]
        elif name in others:
            array = getattr(self, name.removesuffix(" map"))
        else:
            known = ", ".join([*self.images, *others])
            raise ValueError(f"there is no volume {name!r}; there are: {known}")
        modality = "CT" if name == "ct" else "MR"
        unit = {"ct": "HU", "t1 map": "ms", "t2 map": "ms"}.get(name, "")
        info = {"description": name, "source": f"simulated, subject {self.subject}"}
        return Volume(array, self.spacing, self.affine, modality, unit, info)

    def share(self, material: str) -> NDArray[np.float32]:
        """Share of one of :data:`MATERIALS` in each voxel, 0 to 1."""
        if material not in MATERIALS:
            raise ValueError(f"material must be one of {', '.join(MATERIALS)}; got {material!r}")
        return self.fractions[MATERIALS.index(material)]

    def millilitres(self) -> dict[str, float]:
        """Volume of each tissue, from the labels, and of the ventricles."""
        voxel = float(np.prod(self.spacing)) / 1000
        sizes = np.bincount(self.tissue.ravel(), minlength=len(TISSUES)) * voxel
        found = {name: float(sizes[i]) for i, name in TISSUES.items() if i}
        return found | {"ventricles": float((self.structure == 1).sum() * voxel)}

    def __repr__(self) -> str:
        size = " × ".join(str(n) for n in self.tissue.shape)
        return f"Scan: subject {self.subject}, vendor {self.vendor}, {size} voxels (z, y, x)"


@shows(HeadParameters)
def simulate(
    subject: int = 0,
    *,
    seed: int = 0,
    level: float | None = None,
    size: int = 128,
    step: float = 1.8,
    thickness: float | None = None,
    contrasts: Sequence[str] = ("t1", "t2", "pd", "flair"),
    **head: Unpack[HeadArguments],
) -> Scan:
    """Simulate one subject: a slice or a volume, with everything that is true of it.

    Parameters
    ----------
    subject : int
        Which one of the sequence that ``seed`` names.
    seed : int
    level : float, optional
        One slice at this height (mm above the anterior commissure in the template's
        coordinates, −55 to 75).  Without it, a volume.
    size : {128, 64, 192, 256}
        Rows and columns; the field of view is 230.4 mm, so a pixel is 1.8 mm at 128.
    step : float
        Between the planes of a volume, mm.
    thickness : float, optional
        Of a plane, mm: ``step`` for volumes and 3 mm for a slice if left out.
    contrasts : sequence of {"t1", "t2", "pd", "flair", "t1ce"}
    **head
        What is asked of the subject and the scanner: field, vendor, noise, bias, skull, atrophy,
        lesions, epvs, tumour and hippocampus; :class:`HeadParameters` describes them.

    Returns
    -------
    Scan

    Raises
    ------
    ValueError
        If an argument makes no sense.

    Examples
    --------
    >>> scan = simulate(3, level=15)
    >>> scan
    Scan: subject 3, vendor A, 1 × 128 × 128 voxels (z, y, x)
    >>> white = scan.share("white matter") > 0.99
    >>> 450 < scan.t1[white].mean() < 550
    np.True_
    """
    parameters = HeadParameters(**head)
    depth = thickness if thickness is not None else (step if level is None else 3.0)
    check_request(parameters, size, contrasts, {"thickness": depth, "step": step})
    require_whole("subject", subject, 0)
    require_whole("seed", seed, 0)
    person = subject_of(seed, subject, parameters)
    if level is None:
        heights, numbers = heights_of(step), range(10_000)
    else:
        require_range("level", level, -55.0, 75.0, " mm")
        heights, numbers = [person.height(level)], [round(1000 * (level + 100))]
    grid = Grid(size, FIELD_MM / size, depth)
    scanner = Scanner(person, grid, tuple(contrasts), ct=True)
    planes = parallel(lambda pair: scanner.plane(*pair), zip(heights, numbers, strict=False))

    def stacked(get: Callable[[Plane], NDArray]) -> NDArray:
        return np.stack([get(plane) for plane in planes])

    gap = step if level is None else depth
    return Scan(
        subject=subject,
        vendor=person.vendor,
        images={name: stacked(lambda p, name=name: p.images[name]) for name in contrasts},
        sigma={name: scanner.sigma(name) for name in contrasts},
        sequences={name: scanner.sequences[name] for name in contrasts},
        fractions=np.stack([plane.anatomy.fractions for plane in planes], axis=1),
        tissue=stacked(lambda p: p.anatomy.tissue),
        structure=stacked(lambda p: p.anatomy.structure),
        t1=stacked(lambda p: p.maps[0]),
        t2=stacked(lambda p: p.maps[1]),
        pd=stacked(lambda p: p.maps[2]),
        bias=stacked(lambda p: p.bias),
        ct=stacked(lambda p: p.ct),
        spacing=(gap, grid.pixel, grid.pixel),
        affine=affine(size, gap, heights[0]),
        findings=tuple(_described(finding) for finding in person.findings),
        atrophy=person.atrophy,
    )


def _described(finding: Abnormality) -> dict[str, Any]:
    x, y, z = (float(a) for a in finding.centre)
    return {"kind": finding.kind, "x": x, "y": y, "z": z, "radius_mm": radius_of(finding)}
