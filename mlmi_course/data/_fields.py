"""The fields of a set, looked at as they come in; and the rows that an index chooses."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

if TYPE_CHECKING:
    import pandas as pd

_SHORT: Final = 60


def read_only(array: NDArray[Any]) -> NDArray[Any]:
    view = array.view()
    view.flags.writeable = False
    return view


def as_images(given: ArrayLike) -> NDArray[np.uint8]:
    images = np.asarray(given)
    if images.ndim != 3 or images.dtype not in (np.uint8, np.uint16, np.int16):
        raise ValueError(
            "images needs uint8, uint16 or int16 in the shape (n, rows, columns), "
            f"got {images.shape} of {images.dtype}"
        )
    return read_only(images)


def as_column(given: ArrayLike, name: str, n: int, kinds: str, words: str) -> NDArray[Any]:
    column = np.asarray(given)
    if column.shape != (n,):
        raise ValueError(f"{name} needs one value for each of {n} images, got shape {column.shape}")
    if column.dtype.kind not in kinds and n:
        raise ValueError(f"{name} needs {words}, got {column.dtype}")
    return read_only(column)


def as_masks(given: ArrayLike, shape: tuple[int, ...]) -> NDArray[Any]:
    masks = np.asarray(given)
    if masks.shape != shape:
        raise ValueError(f"masks needs the shape of the images, {shape}, got {masks.shape}")
    if masks.dtype not in (np.uint8, np.bool_):
        raise ValueError(f"masks needs uint8 or booleans, got {masks.dtype}")
    return read_only(masks)


def as_spacing(given: Sequence[float] | None) -> tuple[float, float] | None:
    if given is None:
        return None
    spacing = tuple(float(one) for one in np.atleast_1d(given))
    if len(spacing) != 2 or not all(math.isfinite(one) and one > 0 for one in spacing):
        raise ValueError(
            "spacing needs two positive numbers of millimetres, (between rows, between columns), "
            f"or None; got {given!r}"
        )
    return spacing  # type: ignore[return-value]


def as_table(given: pd.DataFrame | None, n: int) -> pd.DataFrame:
    import pandas as pd

    if given is None:
        return pd.DataFrame(index=pd.RangeIndex(n))
    if len(given) != n:
        raise ValueError(f"table needs one row for each of {n} images, got {len(given)}")
    return given.reset_index(drop=True)


def as_findings(given: pd.DataFrame | None, n: int) -> pd.DataFrame | None:
    if given is None:
        return None
    if "image" not in given:
        raise ValueError(f"findings needs a column 'image', got {list(given.columns)}")
    if len(given) and not given["image"].between(0, n - 1).all():
        raise ValueError(f"findings name images that are not among the {n} of the set")
    return given.reset_index(drop=True)


def plain_value(given: Any) -> Any:
    return given.item() if isinstance(given, np.generic) else given


def as_extra(given: ArrayLike, name: str, n: int) -> NDArray[Any]:
    array = np.asarray(given)
    if array.ndim == 0 or len(array) != n:
        raise ValueError(
            f"extra {name!r} needs one entry for each of {n} images, got shape {array.shape}"
        )
    return read_only(array)


def choice(index: Any, n: int) -> slice | NDArray[Any]:
    if isinstance(index, slice):
        return index
    chosen = np.asarray(index)
    if chosen.size == 0 and chosen.ndim == 1:
        chosen = chosen.astype(np.int64) if chosen.dtype != np.bool_ else chosen
    if chosen.ndim != 1 or chosen.dtype.kind not in "biu":
        raise TypeError(
            "choose images by a whole number, a slice, a list of whole numbers or one boolean for "
            f"each image, not by {index!r:.{_SHORT}}; labels, masks and the rest are attributes, "
            "as in data.labels"
        )
    if chosen.dtype == np.bool_ and len(chosen) != n:
        raise IndexError(f"{n} images need as many booleans, got {len(chosen)}")
    if chosen.dtype != np.bool_ and chosen.size:
        outside = chosen[(chosen < -n) | (chosen >= n)]
        if outside.size:
            raise IndexError(f"there is no image {outside[0]}: the set has {n}, from 0")
    return chosen


def findings_of(findings: pd.DataFrame | None, rows: NDArray[np.int64]) -> pd.DataFrame | None:
    """Lesions of the chosen images, with ``image`` counted among those."""
    if findings is None:
        return None
    images = findings["image"].to_numpy()
    order = np.argsort(images, kind="stable")
    first = np.searchsorted(images[order], rows, "left")
    many = np.searchsorted(images[order], rows, "right") - first
    # For each chosen image its run of lesions, in the order of choice.
    taken = np.repeat(first - np.cumsum(many) + many, many) + np.arange(many.sum())
    return findings.iloc[order[taken]].assign(image=np.repeat(np.arange(len(rows)), many))
