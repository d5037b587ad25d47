"""What :mod:`mlmi_course.training` and :mod:`mlmi_course.explain` take for an image, in one place.

``uint8`` is divided by 255, a batch at a time, so that a memory-mapped set is never copied whole;
floats are taken as they are; integers of any other type are refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

if TYPE_CHECKING:
    import keras

__all__ = ["as_floats", "chunks", "fit_shape", "read_inputs", "require_numbers"]

_CHUNK: Final = 256  # rows looked at together, so that checks of mapped arrays stay small


def as_floats(x: NDArray[Any]) -> NDArray[np.float32]:
    """Return images as float32; ``uint8`` is divided by 255."""
    if x.dtype == np.uint8:
        return x.astype(np.float32) / np.float32(255)
    return x.astype(np.float32, copy=False)


def read_inputs(model: keras.Model, x: ArrayLike, name: str) -> NDArray[Any]:
    """Return the images as the model takes them, or say what is wrong; nothing is copied."""
    if len(model.inputs) != 1 or len(model.outputs) != 1:
        raise ValueError("the model must have one input and one output")
    x = fit_shape(np.asarray(x), model.input_shape[1:], name)
    if x.ndim >= 4 and x.dtype.kind in "iu" and x.dtype != np.uint8:
        raise ValueError(
            f"{name} are {x.dtype}, whose scale is unknown: bring them to floats in [0, 1] first, "
            "for example with mlmi_course.dicom.window"
        )
    require_numbers(x, name)
    return x


def fit_shape(array: NDArray[Any], wanted: tuple[int | None, ...], name: str) -> NDArray[Any]:
    """Add a last axis of length 1 where it was left out, and compare the rest."""
    given = array.shape
    if array.ndim == len(wanted) and wanted[-1] == 1:
        array = array[..., None]
    fits = array.ndim == len(wanted) + 1 and all(
        size in (None, found) for size, found in zip(wanted, array.shape[1:], strict=True)
    )
    if not fits:
        shape = ", ".join("any" if size is None else str(size) for size in wanted)
        raise ValueError(f"{name} have shape {given}, but the model needs (n, {shape})")
    return array


def require_numbers(array: NDArray[Any], name: str) -> None:
    """Raise ``ValueError`` unless all are real and finite."""
    if array.dtype.kind not in "biuf":
        raise ValueError(f"{name} must hold real numbers, got {array.dtype}")
    if array.dtype.kind != "f":
        return
    for rows in chunks(len(array)):
        finite = np.isfinite(array[rows]).reshape(len(array[rows]), -1).all(axis=1)
        if not finite.all():
            row = rows.start + int(np.argmin(finite))
            raise ValueError(
                f"{name} hold nan or infinite values, first in number {row}: one of them makes "
                "every weight nan; find out where they come from"
            )


def chunks(length: int, size: int = _CHUNK) -> Iterator[slice]:
    """Return slices that cut ``length`` rows into pieces of at most ``size``."""
    return (slice(start, start + size) for start in range(0, length, size))
