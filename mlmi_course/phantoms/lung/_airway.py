"""A bronchus cut across, with the artery that goes with it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mlmi_course.phantoms.lung._parameters import SPACING_MM
from mlmi_course.phantoms.lung._tissue import Field, disc, places

__all__ = ["Airway", "cut"]


@dataclass(frozen=True, eq=False)
class Airway:
    """Shares of each pixel, and where the middle lies in pixels."""

    lumen: Field
    wall: Field
    artery: Field
    row: float
    column: float

    def mask(self) -> NDArray[np.uint8]:
        """1 lumen, 2 wall, where they are half of a pixel or more."""
        return np.where(self.lumen >= 0.5, 1, np.where(self.wall >= 0.5, 2, 0)).astype(np.uint8)


def cut(rng: np.random.Generator, size: int, lumen: float, wall: float) -> Airway:
    """A ring with this inner diameter and this thickness, in mm, near the middle of the patch."""
    middle = rng.uniform(-0.1, 0.1, 2) * size * SPACING_MM
    angle = rng.uniform(0, 2 * np.pi)
    where = places(size)
    distance = np.hypot(*np.moveaxis(where - middle, -1, 0))
    inner, outer = disc(distance, lumen / 2), disc(distance, lumen / 2 + wall)
    # The artery runs beside the bronchus and is about as wide.
    radius = 0.5 * lumen
    beside = middle + (lumen / 2 + wall + radius + 0.3) * np.array([np.cos(angle), np.sin(angle)])
    artery = disc(np.hypot(*np.moveaxis(where - beside, -1, 0)), radius)
    row, column = middle / SPACING_MM + (size - 1) / 2
    return Airway(inner, outer - inner, artery * (1 - outer), float(row), float(column))
