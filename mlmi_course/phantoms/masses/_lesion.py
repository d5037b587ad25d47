"""The lesion: its outline, its thickness along the beam, and two readers who outline it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from mlmi_course.phantoms.masses._patients import HARMONICS, View
from mlmi_course.phantoms.masses._tissue import FIELD_MM, axis_mm

__all__ = ["FIRST", "SECOND", "Lesion", "Reader", "lesion_of", "outlined", "truth"]

_ANGLES: Final = 720
# Real masses differ less in contrast than in width: 29, 24, 37 and 63 grey levels in quarters by
# size.  So thickness along the beam goes with the root of the width.
_TYPICAL_MM: Final = 10.3
_PHASES: Final = np.arange(1, HARMONICS + 1)[:, np.newaxis] * np.linspace(
    0, 2 * np.pi, _ANGLES, endpoint=False
)
_COS: Final = np.cos(_PHASES)
_SIN: Final = np.sin(_PHASES)
# What displaces an outline is smooth: long waves are the strongest.  Its variance is 1.
_ORDERS: Final = np.arange(1.0, HARMONICS + 1)[:, np.newaxis]
_FALLING: Final = 1 / _ORDERS / np.sqrt(np.sum(_ORDERS**-2))

Plane = NDArray[np.float32]


@dataclass(frozen=True)
class Reader:
    """How one human outlines lesions."""

    bias_mm: float
    """The outline lies this far outside (or inside) what both readers see."""
    bias_share: float
    """The same, for the part that grows with the lesion: a share of its radius."""
    strands: float
    """The part of a spicule's length that is outlined."""
    waves: int
    """Waves around the lesion that the hand follows: fewer make a smoother outline."""
    scatter: float
    """Standard deviation of what is the reader's alone, as a share of the ambiguous margin."""


FIRST: Final = Reader(bias_mm=0.2, bias_share=0.024, strands=0.5, waves=10, scatter=0.5)
"""Outlines generously, and follows strands to about half of their length."""

SECOND: Final = Reader(bias_mm=-0.18, bias_share=-0.018, strands=0.0, waves=5, scatter=0.5)
"""Outlines tightly and smoothly, and leaves strands out."""


@dataclass(frozen=True, eq=False)
class Lesion:
    """A lesion on the pixels of a box that holds it and its surroundings."""

    box: tuple[slice, slice]
    angle: NDArray[np.intp]  # of each pixel of the box, as an index into ``_ANGLES``
    distance: Plane  # from the middle, mm
    strands: Plane  # (number, h, w): signed distances, positive inside, mm
    starts: Plane  # (number, h, w): how far along its strand a pixel lies, 0 … 1
    inside: Plane  # signed distance to the outline of the body, mm
    thickness: Plane  # of the body along the beam, mm
    sheets: Plane  # of the strands, mm
    margin: float  # standard deviation of the ambiguous margin, mm


def _radii(waves: NDArray[np.float64], ratio: float, turn: float, orders: int) -> NDArray:
    """Return the distance of the outline from the middle at each angle, for unit area."""
    theta = np.linspace(0, 2 * np.pi, _ANGLES, endpoint=False)
    ellipse = 1 / np.sqrt(np.cos(theta) ** 2 * ratio + np.sin(theta) ** 2 / ratio)
    rough = waves[:orders, 0] @ _COS[:orders] + waves[:orders, 1] @ _SIN[:orders]
    # A body with a hole or a needle is none: bumps and dents level off.
    radii = ellipse * np.exp(np.clip(0.9 * np.tanh(rough / 0.9), -0.6, 0.6))
    return np.roll(radii / np.sqrt(np.mean(radii**2)), round(turn * _ANGLES / (2 * np.pi)))


def _signed(radii: NDArray, angle: NDArray[np.intp], distance: Plane) -> Plane:
    """Return the distance to an outline, positive inside (exact for a circle)."""
    slope = np.gradient(np.concatenate([radii[-1:], radii, radii[:1]]), 2 * np.pi / _ANGLES)[1:-1]
    tilt = 1 / np.sqrt(1 + (slope / radii) ** 2)
    return ((radii[angle] - distance) * tilt[angle]).astype(np.float32)


def _outline(view: View, orders: int = HARMONICS) -> NDArray:
    made = view.patient
    ratio = made.axis_ratio * view.squeeze
    return view.diameter / 2 * _radii(made.waves, ratio, view.turn, orders)


def lesion_of(view: View, size: int) -> Lesion:
    """Put the lesion of a view on pixels."""
    made = view.patient
    radius, pitch = view.diameter / 2, FIELD_MM / size
    margin = made.ambiguity * (0.22 + 0.04 * radius + 0.24 * made.softness)
    longest = made.spicules[:, 1].max(initial=0.0)
    reach = 1.9 * radius + longest + 4 * made.softness + 4.0
    axis = axis_mm(size)
    rows, columns = (
        slice(
            max(int((where - reach - axis[0]) / pitch), 0),
            min(int((where + reach - axis[0]) / pitch) + 2, size),
        )
        for where in (view.lesion_y, view.lesion_x)
    )
    y = axis[rows, np.newaxis] - np.float32(view.lesion_y)
    x = axis[np.newaxis, columns] - np.float32(view.lesion_x)
    distance = np.hypot(x, y)
    angle = np.rint(np.arctan2(y, x) * (_ANGLES / (2 * np.pi))).astype(np.intp) % _ANGLES
    radii = _outline(view)
    inside = _signed(radii, angle, distance)
    deep = np.sqrt(np.maximum(1 - (distance / radii[angle]) ** 2, 0))
    strands, starts = _strands(view, radii, x, y)
    # A strand seen on edge is a sheet: thicker along the beam than it is wide.
    sheets = np.clip(strands / pitch + 0.5, 0, 1) * (1 - 0.7 * starts)
    sheets = (2.0 + 0.2 * view.diameter) * sheets.max(axis=0, initial=0.0)
    return Lesion(
        box=(rows, columns),
        angle=angle,
        distance=distance,
        strands=strands,
        starts=starts,
        inside=inside,
        thickness=(np.sqrt(_TYPICAL_MM * view.diameter) * deep).astype(np.float32),
        sheets=sheets.astype(np.float32),
        margin=margin,
    )


def _strands(view: View, radii: NDArray, x: Plane, y: Plane) -> tuple[Plane, Plane]:
    """Return signed distances to tapering strands, and how far along them each pixel lies."""
    spicules = view.patient.spicules
    if not len(spicules):
        return (np.zeros((0, *np.broadcast_shapes(x.shape, y.shape)), np.float32),) * 2
    angle, length, width, bend = (
        column.astype(np.float32)[:, np.newaxis, np.newaxis] for column in spicules.T
    )
    angle = angle + np.float32(view.turn)
    index = np.rint(angle * (_ANGLES / (2 * np.pi))).astype(np.intp) % _ANGLES
    start = 0.7 * radii.astype(np.float32)[index]
    length = length + 0.3 * radii.astype(np.float32)[index]
    cos, sin = np.cos(angle), np.sin(angle)
    part = np.clip((x * cos + y * sin - start) / length, 0, 1)
    # A parabola bends the strand away from its ray.
    across = y * cos - x * sin - bend * length * part**2 * 0.5
    beyond = x * cos + y * sin - start - part * length
    return width * (1 - 0.75 * part) - np.hypot(across, beyond), part


def truth(lesion: Lesion) -> NDArray[np.bool_]:
    """Return the pixels of the box that hold lesion: the body, and strands to their ends."""
    return _whole(
        np.maximum(lesion.inside, lesion.strands.max(axis=0, initial=-np.inf)) > 0, lesion
    )


def outlined(
    view: View, lesion: Lesion, reader: Reader, tissue: Plane, own: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Return what a reader outlines.

    Parameters
    ----------
    view, lesion : View, Lesion
    reader : Reader
    tissue : ndarray, shape of the box
        What the overlying tissue adds, in its standard deviations: bright tissue at the border
        looks like lesion, to both readers.
    own : ndarray, shape (HARMONICS, 2)
        Normal deviates, of this reader and case.
    """
    seen = _signed(_outline(view, reader.waves), lesion.angle, lesion.distance)
    if reader.strands and len(lesion.strands):
        strands = np.where(lesion.starts <= reader.strands, lesion.strands, -np.inf)
        seen = np.maximum(seen, strands.max(axis=0))
    common, alone = (
        np.sum(_FALLING * (w[:, :1] * _COS + w[:, 1:] * _SIN), axis=0)[lesion.angle]
        for w in (view.shared, own)
    )
    moved = lesion.margin * (common + 0.7 * tissue + reader.scatter * alone)
    shift = reader.bias_mm + reader.bias_share * view.diameter / 2
    return _whole(seen + shift + moved > 0, lesion)


def _whole(mask: NDArray[np.bool_], lesion: Lesion) -> NDArray[np.bool_]:
    """Keep the largest piece, without holes; the middle alone where nothing is left."""
    pieces, number = ndimage.label(mask)
    if number == 0:
        return lesion.distance <= lesion.distance.min()
    if number > 1:
        mask = pieces == np.bincount(pieces.ravel())[1:].argmax() + 1
    around, holes = ndimage.label(np.pad(~mask, 1, constant_values=True))
    return mask if holes == 1 else around[1:-1, 1:-1] != around[0, 0]
