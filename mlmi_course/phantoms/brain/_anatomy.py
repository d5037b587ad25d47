"""What fills each voxel: shares of materials, and the labels that follow from them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mlmi_course.phantoms.brain import _template
from mlmi_course.phantoms.brain._person import _BODY, HIPPOCAMPUS, Abnormality, Person

__all__ = ["MATERIALS", "STRUCTURES", "TISSUES", "Anatomy", "Grid", "anatomy"]

Field = NDArray[np.float32]

MATERIALS: Final = (
    "air", "CSF", "grey matter", "white matter", "cortical bone", "marrow", "fat", "muscle",
    "dura", "lesion", "tumour core", "enhancing rim", "oedema",
)  # fmt: skip
"""What a voxel can be filled with, in the order of ``Anatomy.fractions``."""

(AIR, CSF, GREY, WHITE, BONE, MARROW, FAT, MUSCLE, DURA, LESION, CORE, RIM, OEDEMA) = range(13)

TISSUES: Final = {
    0: "background", 1: "CSF", 2: "grey matter", 3: "white matter", 4: "skull", 5: "scalp",
    6: "lesion", 7: "tumour core", 8: "enhancing rim", 9: "oedema",
}  # fmt: skip
"""Values of a tissue map: what most of the voxel is; dura counts as CSF, which it wraps."""

STRUCTURES: Final = {0: "", 1: "ventricles", 2: "hippocampus", 3: "perivascular space"}
"""Values of a structure map: what the voxel belongs to."""

# Tissue of each material.
_GROUPS: Final = np.array([0, 1, 2, 3, 4, 4, 5, 5, 1, 6, 7, 8, 9])

# Four points in each voxel, no two in the same row, column or plane of quarters.
_QUARTERS: Final = np.array([(1, 1, 1), (-1, -1, 1), (-1, 1, -1), (1, -1, -1)]) / 4  # z, y, x

_STEP: Final = 3.6  # mm: smooth quantities are computed on this grid and interpolated
_SHARP: Final = 3  # power to which averaged shares are raised
_FALX: Final = 0.9  # mm, half its thickness
_DURA: Final = 0.8  # mm
_SKIN: Final = 1.8  # mm
_VENTRICLE_MM: Final = 2.2  # fluid this near to the template's ventricles belongs to them


@dataclass(frozen=True)
class Grid:
    """Axial planes of square pixels around the middle of the scanner.

    Attributes
    ----------
    size : int
        Rows and columns.
    pixel : float
        Their size, mm.
    thickness : float
        Of a plane, mm.
    """

    size: int
    pixel: float
    thickness: float

    @property
    def axis(self) -> NDArray[np.float64]:
        """Centres of rows, and of columns, mm."""
        return (np.arange(self.size) - (self.size - 1) / 2) * self.pixel


@dataclass(frozen=True, eq=False)
class Anatomy:
    """One plane of a subject, before any scanner looks at it.

    Attributes
    ----------
    fractions : ndarray of float32, shape (13, rows, columns)
        Shares of :data:`MATERIALS` in each voxel; they add up to 1.
    structure : ndarray of uint8, shape (rows, columns)
    seen : tuple of (Abnormality, float, float)
        What crosses the plane, and where its middle lies (x, y), mm.
    """

    fractions: Field
    structure: NDArray[np.uint8]
    seen: tuple[tuple[Abnormality, float, float], ...]

    @property
    def tissue(self) -> NDArray[np.uint8]:
        """The tissue that most of each voxel consists of."""
        shares = np.zeros((len(TISSUES), *self.fractions.shape[1:]), np.float32)
        for material, tissue in enumerate(_GROUPS):
            shares[tissue] += self.fractions[material]
        return shares.argmax(axis=0).astype(np.uint8)


def anatomy(person: Person, grid: Grid, z: float) -> Anatomy:
    """Fill the voxels of one axial plane at height z (mm)."""
    axis = grid.axis
    heights = z + _QUARTERS[:, 0] * grid.thickness
    rows = axis + _QUARTERS[:, 1:2] * grid.pixel
    columns = axis + _QUARTERS[:, 2:] * grid.pixel
    points, hull, head, ventricle, deep = _smooth(person, heights, rows, columns)
    head = np.minimum(head, hull)
    fluid, bone, scalp = _layers(person, heights, rows, columns)
    inside = np.flatnonzero(head.ravel() < (fluid + bone + scalp).ravel() + 3)

    def here(a: Field) -> Field:
        return a.reshape(-1, *a.shape[3:])[inside]

    folds = person.folds.planes(heights, rows, columns)
    where = here(points)
    brain = _Brain(here(hull), here(head), here(ventricle), here(deep), where)
    filled = np.zeros((len(MATERIALS), len(inside)), np.float32)
    _fill_brain(filled, person, brain, *(here(f) for f in folds))
    crossing = [f for f in person.findings if _crosses(f, z, grid.thickness)]
    body = np.zeros(len(inside), np.float32)
    if person.parameters.hippocampus:
        body = _fill_hippocampus(filled, where)
    space = np.zeros(len(inside), np.float32)
    if crossing:
        xyz = _scanner_points(heights, rows, columns).reshape(-1, 3)[inside]
        for finding in sorted(crossing, key=lambda f: ("tumour", "lesion", "epvs").index(f.kind)):
            space += _fill_abnormality(filled, finding, xyz, here(folds[1]))
    _wrap(filled, person, brain, here(fluid), here(bone), here(scalp))

    def averaged(values: Field) -> Field:
        whole = np.zeros((len(values), hull.size), np.float32)
        whole[:, inside] = values
        return whole.reshape(len(values), *hull.shape).mean(axis=1)

    fractions = averaged(filled)
    fractions[AIR] = np.maximum(1 - fractions[1:].sum(axis=0), 0)
    extras = averaged(np.stack([body, space, (brain.ventricle < _VENTRICLE_MM).astype(np.float32)]))
    return Anatomy(
        fractions,
        _structures(fractions, extras),
        tuple((f, *_middle(f, z)) for f in crossing),
    )


@dataclass(frozen=True, eq=False)
class _Brain:
    """What is known of each sample: distances in mm, weight of the deep nuclei, template point."""

    hull: Field
    head: Field
    ventricle: Field
    deep: Field
    where: Field


def _scanner_points(z: NDArray, y: NDArray, x: NDArray) -> Field:
    both = np.broadcast_arrays(x[:, None, :], y[:, :, None], z[:, None, None])
    return np.stack(both, axis=-1).astype(np.float32)


def _smooth(person: Person, z: NDArray, y: NDArray, x: NDArray) -> tuple[Field, ...]:
    """Template position, distances and weight of each sample, by way of a coarser grid."""
    first = min(y.min(), x.min()) - 0.01
    count = int((max(y.max(), x.max()) - first) / _STEP) + 2
    nodes = np.broadcast_to(first + _STEP * np.arange(count), (2, count))
    low = np.array([z.min(), z.max()])
    points, skull_points = person.template_planes(low, nodes, nodes)
    found = _template.template().coarse_at(np.stack([points, skull_points]))
    brain = found[0][..., [_template.VENTRICLE, _template.DEEP]]
    skull = found[1][..., [_template.HULL, _template.HEAD]]
    coarse = np.concatenate([points, skull, brain], axis=-1)
    which = (z > z.mean()).astype(int)
    stack = np.ascontiguousarray(coarse.transpose(3, 0, 1, 2))[:, which]
    stack = _interpolated(stack, (y - first) / _STEP)
    fine = _interpolated(stack.swapaxes(-1, -2), (x - first) / _STEP).swapaxes(-1, -2)
    return np.moveaxis(fine[:3], 0, -1), *fine[3:]


def _interpolated(stack: Field, index: NDArray) -> Field:
    """Linear interpolation along axis 2 of (channel, sample, node, …) at each sample's indices."""
    low = index.astype(np.intp)
    part = (index - low).astype(np.float32)[..., np.newaxis]
    result = np.empty((*stack.shape[:2], index.shape[1], stack.shape[3]), np.float32)
    for sample in range(len(index)):
        one = stack[:, sample, low[sample]]
        other = stack[:, sample, low[sample] + 1]
        result[:, sample] = one + part[sample] * (other - one)
    return result


def _layers(person: Person, z: NDArray, y: NDArray, x: NDArray) -> tuple[Field, Field, Field]:
    """Thickness of fluid, bone and scalp above each sample, mm."""
    fluid, bone, scalp = person.shell.planes(z, y, x)[:3]
    fluid = np.float32(person.fluid_mm) * np.exp(np.float32(0.20) * fluid)
    bone = np.float32(person.bone_mm) * np.exp(np.float32(0.15) * bone)
    scalp = np.float32(person.scalp_mm) * np.exp(np.float32(0.15) * scalp)
    return fluid, bone, scalp


def _ramp(depth: Field, width: float = 0.8) -> Field:
    """1 deep inside, 0 outside, and linear over ``width`` mm."""
    return np.clip(depth * np.float32(1 / width) + np.float32(0.5), 0, 1)


def _fill_brain(filled: Field, person: Person, brain: _Brain, grey_bias: Field, fluid_bias: Field):
    """Draw one brain from the average: what is uncertain there is decided by smooth chance.

    The shares of an average are blurred.  Raised to a power and weighed with the subject's own
    random fields they become nearly 0 or 1 again, elsewhere in each subject.
    """
    within = np.flatnonzero(brain.hull < 1.5)
    shares = _template.template().tissue_at(brain.where[within])
    grey, white = shares[:, 0], shares[:, 1]
    fluid = np.clip(1 - grey - white, 0, 1)
    towards_grey = np.exp(np.float32(_SHARP * 0.20) * grey_bias[within])
    # Atrophy widens sulci: more where the average already has some fluid.
    wider = 0.15 + 1.1 * person.atrophy + 0.30 * fluid_bias[within]
    towards_fluid = np.exp(np.float32(_SHARP) * wider.astype(np.float32))
    small = np.float32(0.01)
    sharp = np.stack([
        (fluid + small) ** _SHARP * towards_fluid,
        (grey + small) ** _SHARP * towards_grey,
        (white + small) ** _SHARP,
    ])  # fmt: skip
    sharp /= sharp.sum(axis=0)
    deep = brain.deep[within]
    soft = np.stack([fluid, grey, white])
    filled[CSF] = 1
    filled[GREY], filled[WHITE] = 0, 0
    filled[CSF : WHITE + 1, within] = sharp + deep * (soft - sharp)
    falx = _ramp(_FALX - np.abs(brain.where[:, 0]), 1.8) * _ramp(brain.where[:, 2] - 12.0, 8.0)
    falx *= filled[CSF] * (brain.ventricle > 5) * np.float32(0.7)
    filled[DURA] = falx
    filled[CSF] -= falx


def _fill_hippocampus(filled: Field, where: Field) -> Field:
    """Put a grey body with a thin white coat into either temporal lobe; returns its share."""
    width, length, height = (0.5 * d for d in HIPPOCAMPUS)
    x = np.abs(where[:, 0]) - np.float32(_BODY[0])
    y, z = where[:, 1] - np.float32(_BODY[1]), where[:, 2] - np.float32(_BODY[2])
    x = x + np.float32(0.008) * y * y - np.float32(1.0)  # bent, like a bean
    z = z + np.float32(0.04) * y  # its head lies lower
    radius = np.sqrt((x / width) ** 2 + (y / length) ** 2 + (z / height) ** 2)
    mean = np.float32((width * length * height) ** (1 / 3))
    body = _ramp((1 - radius) * mean, 0.8)
    # The coat is missing on the inner side, where the body goes over into the cortex.
    coat = _ramp((1 - radius) * mean + 1.8, 0.8) * _ramp(x + 3.0, 3.0)
    for share, material in ((coat, WHITE), (body, GREY)):
        filled[1:] *= 1 - share
        filled[material] += share
    return body


def _fill_abnormality(filled: Field, finding: Abnormality, xyz: Field, waves: Field) -> Field:
    """Put something into the brain; returns the share of perivascular space."""
    space = np.zeros(len(xyz), np.float32)
    offset = xyz - finding.centre.astype(np.float32)
    near = np.flatnonzero((np.abs(offset) < finding.reach).all(axis=1))
    if not len(near):
        return space
    local = offset[near] @ finding.axes.T.astype(np.float32)
    waves = waves[near]
    if finding.kind == "epvs":
        radius, half, _ = finding.radii
        along = np.maximum(np.abs(local[:, 1]) - half, 0)
        away = np.sqrt(local[:, 0] ** 2 + local[:, 2] ** 2 + along**2)
        share = _ramp(np.float32(radius) - away, 0.4) * filled[[GREY, WHITE]][:, near].sum(axis=0)
        _replace(filled, near, share, CSF)
        space[near] = share
        return space
    if finding.kind == "lesion":
        radii = finding.radii.astype(np.float32)
        mean = np.float32(radii.prod() ** (1 / 3))
        away = np.sqrt(((local / radii) ** 2).sum(axis=1)) - np.float32(0.18) * waves
        _replace(filled, near, _ramp((1 - away) * mean, 1.2) * filled[WHITE, near], LESION)
        return space
    away = np.sqrt((local**2).sum(axis=1)) * np.exp(np.float32(0.16) * waves)
    core, rim, oedema = finding.radii
    # Oedema follows the white matter; fluid and cortex keep it out.
    spread = _ramp(np.float32(oedema) - away * np.exp(np.float32(0.12) * waves), 3.0)
    _replace(filled, near, spread * filled[WHITE, near], OEDEMA)
    _replace(filled, near, _ramp(np.float32(rim) - away, 1.0), RIM)
    _replace(filled, near, _ramp(np.float32(core) - away, 1.0), CORE)
    return space


def _replace(filled: Field, where: NDArray, share: Field, material: int) -> None:
    """Let a material take a share of what is there, in proportion to what it is made of."""
    brain = [CSF, GREY, WHITE, LESION, CORE, RIM, OEDEMA]
    before = filled[np.ix_(brain, where)]
    if material in (CSF,):
        before = filled[np.ix_([GREY, WHITE], where)]
        whole = np.maximum(before.sum(axis=0), 1e-6)
        filled[np.ix_([GREY, WHITE], where)] = before * (1 - share / whole)
    elif material in (LESION, OEDEMA):
        filled[WHITE, where] -= share
    else:
        filled[np.ix_(brain, where)] = before * (1 - share)
    filled[material, where] += share


def _wrap(
    filled: Field, person: Person, brain: _Brain, fluid: Field, bone: Field, scalp: Field
) -> None:
    """Put dura, skull and scalp around the brain."""
    hull = brain.hull
    within = _ramp(fluid - hull)
    filled *= within
    if not person.parameters.skull:
        return
    # Vessels and membranes run through the fluid around the brain.
    meshes = np.float32(0.15) * _ramp(hull + 2.0, 3.0) * filled[CSF]
    filled[CSF] -= meshes
    filled[DURA] += meshes
    bone = np.maximum(bone - np.float32(_DURA), 1.5)
    under_bone = _ramp(fluid + np.float32(_DURA) - hull)
    under_scalp = _ramp(fluid + np.float32(_DURA) + bone - hull)
    to_air = fluid + np.float32(_DURA) + bone + scalp - brain.head
    filled[DURA] += under_bone - within
    skull = under_scalp - under_bone
    middle = fluid + np.float32(_DURA) + np.float32(0.5) * bone
    diploe = _ramp(np.float32(0.22) * bone - np.abs(hull - middle)) * skull
    filled[MARROW] += diploe
    filled[BONE] += skull - diploe
    soft = np.maximum(_ramp(to_air) - under_scalp, 0)
    # Hollows of the skull are filled by muscle (the temporal one above all); fat lies on it.
    muscle = _ramp(to_air - scalp - np.float32(0.5), 1.0)
    skin = _ramp(np.float32(_SKIN) - to_air)
    lean = np.maximum(muscle, skin)
    filled[MUSCLE] += soft * lean
    # Septa and vessels take a quarter of the fat.
    filled[FAT] += soft * (1 - lean) * np.float32(0.75)
    filled[MUSCLE] += soft * (1 - lean) * np.float32(0.25)


def _crosses(finding: Abnormality, z: float, thickness: float) -> bool:
    """Whether any of it lies in the plane."""
    if finding.kind == "epvs":
        rise = abs(finding.axes[1, 2]) * finding.radii[1] + finding.radii[0]
    elif finding.kind == "lesion":
        rise = float(np.linalg.norm(finding.axes[:, 2] * finding.radii))
    else:
        rise = float(finding.radii[2])
    return abs(z - finding.centre[2]) < rise + thickness / 2


def _middle(finding: Abnormality, z: float) -> tuple[float, float]:
    """Where its middle lies in the plane, mm towards Left and Posterior."""
    x, y, height = finding.centre
    if finding.kind == "epvs":
        course = finding.axes[1]
        half = float(finding.radii[1])
        part = (z - height) * course[2] / max(course[2] ** 2, 1e-6)
        part = float(np.clip(part, -half, half))
        x, y = x + part * course[0], y + part * course[1]
    return float(x), float(y)


def _structures(fractions: Field, extras: Field) -> NDArray[np.uint8]:
    body, space, ventricle = extras
    structure = np.zeros(body.shape, np.uint8)
    structure[(fractions[CSF] > 0.5) & (ventricle > 0.5)] = 1
    structure[body > 0.5] = 2
    structure[space > 0.25] = 3
    return structure
