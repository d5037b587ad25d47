"""What is drawn into a stack of images, as a table: one entry per thing, one array per property."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

__all__ = ["Marks"]


@dataclass(frozen=True)
class Marks:
    """Things at places; every attribute has one entry per thing.

    Attributes
    ----------
    image : ndarray of int
        Which image of a stack.
    row, column : ndarray
        Place in pixels.
    """

    image: NDArray[np.int64]
    row: NDArray[np.float64]
    column: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.row)

    def moved(self, rows: float, columns: float) -> Self:
        """The same things, shifted by so many pixels."""
        return replace(self, row=self.row + rows, column=self.column + columns)

    @classmethod
    def joined(cls, parts: Sequence[Self]) -> Self:
        """All things of several tables, in order."""
        names = [field.name for field in fields(cls)]
        return cls(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))

    @classmethod
    def stacked(cls, images: Sequence[Self]) -> Self:
        """The things of several images, one table each, as those of a stack."""
        numbered = [replace(one, image=np.full(len(one), i)) for i, one in enumerate(images)]
        return cls.joined(numbered)
