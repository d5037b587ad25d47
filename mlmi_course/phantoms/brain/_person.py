"""Who a subject is: head, brain, findings, and where each point lies in the template."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from mlmi_course.phantoms.brain import _template
from mlmi_course.phantoms.brain._fields import SmoothField, draw_field
from mlmi_course.phantoms.brain._parameters import HeadParameters

__all__ = ["HIPPOCAMPUS", "Abnormality", "Person", "draw_person"]

Field = NDArray[np.float32]
Vendor = Literal["A", "B"]

HIPPOCAMPUS: Final = (15.0, 35.0, 7.0)
"""Width, length and height of the hippocampus-like body, mm, before a subject's own warp."""

_BODY: Final = (28.0, -21.0, -14.0)  # its middle in the template, |x|, y, z, mm

# Space between coefficients and standard deviation of three warps, mm.  Chosen: their gradients
# add up to a standard deviation of about 0.2, so that tissue is stretched and never folded.
_WARPS: Final = ((75.0, 3.0), (22.0, 1.6), (10.0, 0.75))
# Logarithm of scale: the MNI152 brain is larger than most.  Calibrated to some 1.5 litres inside
# the skull, where the template has 2.
_SHRINK: Final = -0.085
_VENTRICLE_REACH: Final = 12.0  # mm: how far around the ventricles tissue gives way


@dataclass(frozen=True, eq=False)
class Abnormality:
    """Something that is not in every brain, and where.

    Attributes
    ----------
    kind : {"lesion", "epvs", "tumour"}
    centre : ndarray, shape (3,)
        mm towards Left, Posterior, Superior.
    radii : ndarray, shape (3,)
        mm: half axes of a lesion; radius, half length and 0 of a perivascular space; outer
        radius of the core, of the rim and of the oedema.
    axes : ndarray, shape (3, 3)
        Rows are the directions of the half axes; of a space the second is its course.
    """

    kind: Literal["lesion", "epvs", "tumour"]
    centre: NDArray[np.float64]
    radii: NDArray[np.float64]
    axes: NDArray[np.float64]

    @property
    def reach(self) -> float:
        """Nothing of it is farther than this from its centre, mm."""
        return float(self.radii.max()) * (1.7 if self.kind == "tumour" else 1.5) + 1.5


@dataclass(frozen=True, eq=False)
class Person:
    """A subject.  Lengths in mm; fields of :mod:`mlmi_course.phantoms.brain._fields`."""

    number: int
    parameters: HeadParameters
    vendor: Vendor
    to_template: NDArray[np.float64]  # (3, 4): from scanner (LPS) to template (RAS)
    warps: tuple[SmoothField, ...]
    ventricle_growth: float
    atrophy: float
    fluid_mm: float
    bone_mm: float
    scalp_mm: float
    shell: SmoothField  # channels: fluid, bone, scalp, ventricles
    folds: SmoothField  # channels: grey against white matter, fluid against tissue
    texture: SmoothField
    bias: SmoothField
    relaxation: Mapping[str, NDArray[np.float64]]  # factors of T1, T2 and PD by tissue
    findings: tuple[Abnormality, ...]
    noise: np.random.SeedSequence

    def height(self, level: float) -> float:
        """Height in the scanner at which the middle of the brain is at a level of the template."""
        heights, levels = self._levels
        return float(np.interp(level, levels, heights))

    @cached_property
    def _levels(self) -> tuple[NDArray, NDArray]:
        """Heights in the scanner, and the mean level (template's z) of five points there."""
        heights = np.arange(-75.0, 95.0, 5.0)
        around = np.array([(0, 0), (-28, 5), (28, 5), (-28, -10), (28, -10)], float)
        points = np.concatenate([np.column_stack([around, np.full(5, z)]) for z in heights])
        levels = self.template_points(points)[:, 2].reshape(-1, 5).mean(axis=1)
        return heights, np.maximum.accumulate(levels)

    def template_points(self, points: NDArray) -> Field:
        """Positions in the template of points of shape (n, 3) in the scanner."""
        warps = [field.at(points) for field in self.warps]
        return self._mapped(points.astype(np.float32), warps, self.shell.at(points)[3])[0]

    def template_planes(self, z: NDArray, y: NDArray, x: NDArray) -> tuple[Field, Field]:
        """Positions in the template on planes; arguments as :meth:`SmoothField.planes`.

        Returns
        -------
        brain, skull : ndarrays of float32, shape (b, rows, columns, 3)
            The skull follows the largest of the three warps only: it is smoother than a brain.
        """
        warps = [field.planes(z, y, x) for field in self.warps]
        points = np.stack(
            np.broadcast_arrays(x[:, None, :], y[:, :, None], z[:, None, None]), axis=-1
        ).astype(np.float32)
        return self._mapped(points, warps, self.shell.planes(z, y, x)[3])

    def _mapped(self, points: Field, warps: list[Field], ventricles: Field) -> tuple[Field, Field]:
        """Template positions of brain and skull, given the warps (3, …) and a field (…) there."""
        steps = [
            np.moveaxis(np.float32(size) * warp, 0, -1)
            for (_, size), warp in zip(_WARPS, warps, strict=True)
        ]
        matrix = self.to_template.astype(np.float32)
        skull = points @ matrix[:, :3].T + matrix[:, 3] + steps[0]
        for tumour in self.findings:
            if tumour.kind == "tumour":
                points = _pushed(points, tumour)
        reached = points @ matrix[:, :3].T + matrix[:, 3] + sum(steps)
        found = _template.template().coarse_at(reached)
        distance = np.maximum(found[..., _template.VENTRICLE], 0)
        step = np.exp(-0.5 * (distance / np.float32(_VENTRICLE_REACH)) ** 2)
        step *= np.float32(self.ventricle_growth) * (1 + np.float32(0.3) * ventricles)
        towards = found[..., _template.TO_X : _template.TO_Z + 1]
        return reached - step[..., np.newaxis] * towards, skull


def _pushed(points: Field, tumour: Abnormality) -> Field:
    """Where tissue was before a tumour pushed it away: its mass is half of what it occupies."""
    offset = points - tumour.centre.astype(np.float32)
    far2 = (offset**2).sum(axis=-1, keepdims=True)
    radius = float(tumour.radii[1])
    pull = np.float32(0.45) * np.exp(-far2 / np.float32(2 * (1.5 * radius) ** 2))
    return points - pull * offset


def draw_person(seed: np.random.SeedSequence, number: int, parameters: HeadParameters) -> Person:
    """Draw a subject.

    Every kind of thing has a generator of its own: a subject with lesions is the same as the one
    without, but for the lesions.
    """
    body, folds, coil, lesions, spaces, tumours, noise = seed.spawn(7)
    rng = np.random.default_rng(body)
    size = _SHRINK + float(np.clip(rng.normal(0, 0.028), -0.07, 0.07))
    scale = np.exp(size + np.clip(rng.normal(0, 0.022, 3), -0.05, 0.05))
    angles = np.radians(np.clip(rng.normal(0, (3.0, 2.0, 3.0)), -8, 8))  # about x, y, z
    shift = np.array(_template.CENTRE) + rng.normal(0, (1.5, 2.0, 2.0))
    drawn_atrophy = float(rng.beta(1.3, 2.4))
    atrophy = drawn_atrophy if parameters.atrophy is None else parameters.atrophy
    extra = np.clip(rng.normal(size=4), -2, 2)
    vendors = rng.random()
    factors = {
        name: np.exp(np.clip(rng.normal(0, (0.035, 0.035, 0.012)), -0.1, 0.1))
        for name in ("grey matter", "white matter", "scalp")
    }
    person = Person(
        number=number,
        parameters=parameters,
        vendor=parameters.vendor
        if parameters.vendor != "both"
        else ("A" if vendors < 0.5 else "B"),
        to_template=_affine(scale, angles, shift),
        warps=tuple(draw_field(rng, spacing, 3) for spacing, _ in _WARPS),
        ventricle_growth=-0.9 + 4.6 * atrophy + 0.5 * extra[0],
        atrophy=atrophy,
        fluid_mm=float(max(0.6 + 3.0 * atrophy + 0.3 * extra[1], 0.3)),
        bone_mm=float(6.2 + 0.9 * extra[2]),
        scalp_mm=float(5.0 + 1.0 * extra[3]),
        shell=draw_field(rng, 60.0, 4),
        folds=draw_field(np.random.default_rng(folds), 7.0, 2),
        texture=draw_field(np.random.default_rng(folds.spawn(1)[0]), 9.0),
        bias=draw_field(np.random.default_rng(coil), 110.0),
        relaxation=factors,
        findings=(),
        noise=noise,
    )
    found: list[Abnormality] = []
    if parameters.tumour:
        found += _tumours(np.random.default_rng(tumours), person)
    if parameters.lesions:
        found += _lesions(np.random.default_rng(lesions), person)
    if parameters.epvs:
        found += _spaces(np.random.default_rng(spaces), person)
    # What is drawn later is placed in the brain as it is without a tumour; few are near one.
    return replace(person, findings=tuple(found))


def _affine(scale: NDArray, angles: NDArray, shift: NDArray) -> NDArray[np.float64]:
    turn = np.eye(3)
    for axis, angle in enumerate(angles):
        one, other = (axis + 1) % 3, (axis + 2) % 3
        step = np.eye(3)
        step[one, one] = step[other, other] = np.cos(angle)
        step[one, other], step[other, one] = -np.sin(angle), np.sin(angle)
        turn = step @ turn
    # A larger head takes longer steps in the scanner for one in the template.
    matrix = np.diag([-1.0, -1.0, 1.0]) @ np.diag(1 / scale) @ turn
    return np.column_stack([matrix, shift])


# -- findings ----------------------------------------------------------------------------------


def _candidates(
    rng: np.random.Generator, person: Person, count: int
) -> tuple[NDArray[np.float64], Field, Field, Field]:
    """Random points in the scanner, and where, in what and how deep in the template they are."""
    points = rng.uniform((-75, -90, -30), (75, 90, 75), (count, 3))
    there = person.template_points(points)
    return (
        points,
        there,
        *(look(there) for look in (_template.template().tissue_at, _template.template().coarse_at)),
    )


def _directions(rng: np.random.Generator) -> NDArray[np.float64]:
    """Three orthogonal directions at random, as rows."""
    return np.linalg.qr(rng.normal(size=(3, 3)))[0]


def _lesions(rng: np.random.Generator, person: Person) -> list[Abnormality]:
    """White-matter lesions: more of them near the ventricles, few large ones."""
    count = int(rng.poisson(person.parameters.lesions))
    points, there, tissue, coarse = _candidates(rng, person, 6000)
    depth = coarse[:, _template.VENTRICLE]
    weight = (tissue[:, 1] > 0.9) * (there[:, 2] > -8) * (coarse[:, _template.DEEP] < 0.3)
    weight = weight * (depth > 1.5) * (0.15 + np.exp(-0.5 * ((depth - 4) / 5) ** 2))
    chosen = rng.choice(len(points), min(count, 60), replace=False, p=weight / weight.sum())
    radii = np.clip(np.exp(rng.normal(np.log(2.6), 0.45, len(chosen))), 1.2, 8.0)
    shapes = rng.uniform(0.65, 1.5, (len(chosen), 3))
    return [
        Abnormality("lesion", points[i], radius * shape, _directions(rng))
        for i, radius, shape in zip(chosen, radii, shapes, strict=True)
    ]


def _spaces(rng: np.random.Generator, person: Person) -> list[Abnormality]:
    """Enlarged perivascular spaces: upright in the basal ganglia, radial in the white matter."""
    count = int(rng.poisson(person.parameters.epvs))
    points, there, tissue, _ = _candidates(rng, person, 20_000)
    side, above = np.abs(there[:, 0]), there[:, 2]
    ganglia = (side > 14) & (side < 30) & (np.abs(there[:, 1]) < 14) & (np.abs(above - 1) < 9)
    ganglia &= tissue.sum(axis=1) > 0.97
    centrum = (side > 14) & (side < 36) & (above > 24) & (above < 44) & (tissue[:, 1] > 0.95)
    weight = 1.2 * ganglia / max(ganglia.sum(), 1) + 0.8 * centrum / max(centrum.sum(), 1)
    most = min(count, int((weight > 0).sum()), 200)
    chosen = rng.choice(len(points), most, replace=False, p=weight / weight.sum())
    found = []
    for i in chosen:
        course = (
            np.array([0.0, 0.0, 1.0]) if ganglia[i] else points[i] * (1.0, 0.7, 0.0) + (0, 0, 25)
        )
        course = course / np.linalg.norm(course) + rng.normal(0, 0.15, 3)
        axes = np.linalg.qr(np.column_stack([course, rng.normal(size=(3, 2))]))[0].T[[1, 0, 2]]
        radius = float(np.clip(rng.normal(0.9, 0.25), 0.5, 1.5))  # wider than 3 mm is a lacune
        half = float(rng.uniform(3.0, 8.0))
        found.append(Abnormality("epvs", points[i], np.array([radius, half, 0.0]), axes))
    return found


def _tumours(rng: np.random.Generator, person: Person) -> list[Abnormality]:
    """One tumour, or none."""
    present = rng.random() < person.parameters.tumour
    points, there, tissue, coarse = _candidates(rng, person, 4000)
    fits = (tissue[:, 1] > 0.6) & (coarse[:, _template.HULL] < -16) & (there[:, 2] > -5)
    fits &= (np.abs(there[:, 0]) > 15) & (coarse[:, _template.DEEP] < 0.5)
    centre = points[rng.choice(np.flatnonzero(fits))]
    core = rng.uniform(5.0, 13.0)
    radii = np.cumsum([core, rng.uniform(2.5, 5.0), rng.uniform(7.0, 20.0)])
    return [Abnormality("tumour", centre, radii, _directions(rng))] if present else []
