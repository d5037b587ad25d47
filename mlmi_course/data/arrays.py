"""From named arrays to an :class:`~mlmi_course.data.ImageSet`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from mlmi_course.data.cache import Arrays
from mlmi_course.data.imageset import ImageSet

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["image_set"]

_LESION: Final = "cluster_"  # what a simulator's arrays of lesions, shape (n, most), start with


def image_set(arrays: Arrays, **facts: Any) -> ImageSet:
    """Sort a simulator's or reader's arrays into the fields of an :class:`ImageSet`.

    Parameters
    ----------
    arrays : dict of str to ndarray, shape (n, …)
        ``images``, ``masks``, ``labels`` and ``groups`` by name.  Arrays ``cluster_*`` of shape
        (n, most), nan where there is none, become findings; other columns the table; all else
        is extra.
    **facts
        The other fields.

    Returns
    -------
    ImageSet

    Examples
    --------
    >>> data = image_set({"images": np.zeros((2, 8, 8), np.uint8), "groups": np.arange(2),
    ...                   "view": np.ones(2, int)}, name="dots", source="made up", licence="CC0")
    >>> list(data.table)
    ['view']
    """
    import pandas as pd

    named = {name: arrays[name] for name in ("images", "groups")}
    named |= {name: arrays[name] for name in ("masks", "labels") if name in arrays}
    lesions = {name: array for name, array in arrays.items() if name.startswith(_LESION)}
    rest = {name: a for name, a in arrays.items() if name not in named and name not in lesions}
    table = pd.DataFrame({name: a.copy() for name, a in rest.items() if a.ndim == 1})
    return ImageSet(
        **named,
        table=table if len(table.columns) else None,
        findings=_findings(lesions, arrays["groups"], facts["spacing"][0]) if lesions else None,
        extra={name: array for name, array in rest.items() if array.ndim > 1},
        **facts,
    )


def _findings(lesions: Arrays, groups: np.ndarray, spacing: float) -> pd.DataFrame:
    import pandas as pd

    image, place = np.nonzero(np.isfinite(lesions[f"{_LESION}row"]))
    found = {name.removeprefix(_LESION): array[image, place] for name, array in lesions.items()}
    columns: dict[str, Any] = {"image": image, "group": groups[image]}
    columns |= {name: found.pop(name) for name in ("row", "column")}
    columns |= {f"{name}_mm": columns[name] * spacing for name in ("row", "column")}
    if "count" in found:
        found["count"] = found["count"].astype(np.int64)
    return pd.DataFrame(columns | found)
