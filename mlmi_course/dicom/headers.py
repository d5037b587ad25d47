"""Small helps for reading DICOM headers."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["aspect", "header_table"]


def aspect(pixel_spacing: Iterable[float]) -> float:
    """How much taller than wide a pixel must be drawn: matplotlib's ``aspect``.

    Parameters
    ----------
    pixel_spacing : (float, float)
        PixelSpacing (0028,0030) in millimetres: first *between rows* (the height of a
        pixel), then *between columns* (its width).

    Returns
    -------
    float
        Row spacing divided by column spacing.

    Raises
    ------
    ValueError
        If these are not two positive numbers.

    References
    ----------
    DICOM PS3.3, 10.7.1.3 (pixel spacing value order).

    Examples
    --------
    A sagittal cut through slices 5 mm apart, with 1 mm pixels, must be stretched five times:

    >>> aspect((5.0, 1.0))
    5.0
    """
    try:
        row, column = (float(step) for step in pixel_spacing)
    except (TypeError, ValueError):
        row = column = math.nan
    if not (math.isfinite(row) and math.isfinite(column) and row > 0 and column > 0):
        raise ValueError(
            "pixel spacing needs two positive numbers, millimetres (between rows, between "
            f"columns), got {pixel_spacing!r}"
        )
    return row / column


def header_table(dataset: Any, keywords: Iterable[str]) -> pd.DataFrame:
    """Some elements of a DICOM header as a table.

    Parameters
    ----------
    dataset : pydicom.Dataset
    keywords : iterable of str
        DICOM keywords, such as ``"PixelSpacing"``.

    Returns
    -------
    DataFrame
        One row for each keyword: ``tag``, ``vr`` (value representation) and ``value``; an
        element that the file lacks has the value ``"(absent)"``.

    Raises
    ------
    ValueError
        If a keyword is not in the DICOM dictionary (a typing mistake, usually).

    Examples
    --------
    >>> from pydicom import Dataset
    >>> header = Dataset()
    >>> header.Modality = "CT"
    >>> header_table(header, ["Modality", "PatientName"])
                         tag  vr     value
    Modality     (0008,0060)  CS        CT
    PatientName  (0010,0010)  PN  (absent)
    """
    import pandas as pd
    from pydicom.datadict import dictionary_VR, tag_for_keyword
    from pydicom.tag import Tag

    rows = {}
    for keyword in [keywords] if isinstance(keywords, str) else keywords:
        number = tag_for_keyword(keyword)
        if number is None:
            raise ValueError(
                f"{keyword!r} is not a DICOM keyword; they are written like 'PixelSpacing'"
            )
        tag = Tag(number)
        element = dataset.get(tag)
        rows[keyword] = (
            str(tag),
            dictionary_VR(tag) if element is None else element.VR,
            "(absent)" if element is None else element.repval.strip("'"),
        )
    return pd.DataFrame.from_dict(rows, orient="index", columns=["tag", "vr", "value"])
