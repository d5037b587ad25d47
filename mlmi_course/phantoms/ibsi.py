"""The digital phantom of the Image Biomarker Standardisation Initiative, and what is to come out.

Five by four by four voxels of 2 mm, 74 of them in the region, with grey levels from 1 to 6.  Teams
from all over the world computed features of it until they agreed, so whoever writes such software
has an answer sheet.

>>> levels = digital_phantom()
>>> levels.shape, int((levels > 0).sum())
((4, 4, 5), 74)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["REFERENCE", "SPACING_MM", "digital_phantom"]

SPACING_MM: Final = 2.0

_SLICES: Final = (
    "14411 14611 41641 44641",
    "14411 11611 01311 44611",
    "14400 11111 11011 11611",
    "14400 11111 11111 11611",
)


def digital_phantom() -> NDArray[np.int64]:
    """Grey levels of the phantom, 0 outside the region.

    Returns
    -------
    ndarray of int, shape (4, 4, 5)
        Slice, row, column; voxels of 2 × 2 × 2 mm.

    Notes
    -----
    Designed by Alex Zwanenburg for the IBSI, https://github.com/theibsi/data_sets, under CC BY 4.0.

    References
    ----------
    A. Zwanenburg et al., The Image Biomarker Standardization Initiative, Radiology 295 (2020)
    328–338, doi:10.1148/radiol.2020191145; reference manual arXiv:1612.07003.

    Examples
    --------
    >>> digital_phantom()[0]
    array([[1, 4, 4, 1, 1],
           [1, 4, 6, 1, 1],
           [4, 1, 6, 4, 1],
           [4, 4, 6, 4, 1]])
    """
    return np.array([[[int(c) for c in row] for row in one.split()] for one in _SLICES])


_TABLE: Final = (
    "short", "long", "low", "high", "short low", "short high", "long low", "long high",
    "grey nonuniformity", "grey nonuniformity normalised", "length nonuniformity",
    "length nonuniformity normalised", "percentage", "grey variance", "length variance", "entropy",
)  # fmt: skip


def _table(*values: float) -> dict[str, float]:
    return dict(zip(_TABLE, values, strict=True))


REFERENCE: Final[Mapping[str, Mapping[str, float]]] = {
    "first order": {
        "mean": 2.15, "variance": 3.05, "skewness": 1.08, "kurtosis": -0.355, "energy": 567,
        "root mean square": 2.77, "entropy": 1.27, "uniformity": 0.512,
    },
    "shape": {"volume": 556, "area": 388, "sphericity": 0.843},
    "GLCM": {
        "joint maximum": 0.503, "joint average": 2.14, "joint variance": 3.1, "joint entropy": 2.4,
        "difference entropy": 1.56, "sum entropy": 1.92, "angular second moment": 0.303,
        "contrast": 5.32, "dissimilarity": 1.43, "inverse difference": 0.677,
        "inverse difference moment": 0.618, "correlation": 0.157, "autocorrelation": 5.06,
        "cluster shade": 16.6, "cluster prominence": 145,
    },
    "GLCM, merged": {
        "joint maximum": 0.509, "joint average": 2.15, "joint variance": 3.13,
        "joint entropy": 2.57, "difference entropy": 1.64, "sum entropy": 2.11,
        "angular second moment": 0.291, "contrast": 5.12, "dissimilarity": 1.38,
        "inverse difference": 0.688, "inverse difference moment": 0.631, "correlation": 0.183,
        "autocorrelation": 5.19, "cluster shade": 17.4, "cluster prominence": 147,
    },
    "GLRLM": _table(
        0.705, 3.06, 0.603, 9.7, 0.352, 8.54, 2.39, 17.6, 21.8, 0.43, 26.9, 0.513, 0.68, 3.46,
        0.574, 2.43,
    ),
    "GLRLM, merged": _table(
        0.729, 2.76, 0.607, 9.64, 0.372, 8.67, 2.16, 15.6, 281, 0.43, 328, 0.501, 0.68, 3.48,
        0.598, 2.62,
    ),
    "GLSZM": _table(
        0.255, 550, 0.253, 15.6, 0.0256, 2.76, 503, 1490, 1.4, 0.28, 1, 0.2, 0.0676, 2.64, 331,
        2.32,
    ),
    "GLDM": _table(
        0.045, 109, 0.693, 7.66, 0.00963, 0.736, 102, 235, 37.9, 0.512, 4.86, 0.0657, 1, 3.05,
        22.1, 4.4,
    ),
    "NGTDM": {
        "coarseness": 0.0296, "contrast": 0.584, "busyness": 6.54, "complexity": 13.5,
        "strength": 0.763,
    },
}  # fmt: skip
"""Published values by family and feature, to three significant digits.

Three-dimensional, without discretisation, distance 1, ``α = 0`` for the GLDM (which the IBSI calls
NGLDM); GLCM and GLRLM are means over 13 directions, or features of the *merged* matrix.  Volume
in mm³ and area in mm² may be off by 4 and 3, the sphericity by 0.005; all others must be equal when
they are rounded to three digits.
"""
