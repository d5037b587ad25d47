"""Eight radiomic features from what a network says about each pixel, and how sure they are."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from mlmi_course.biopsy.segmenting import relative

__all__ = ["FEATURES", "correlated_fields", "features", "in_one_piece", "looks_wrong"]

FEATURES: Final = (
    "diameter_mm",
    "rim_mm",
    "irregularity",
    "oedema_mm",
    "heterogeneity",
    "enhancement",
    "necrotic_share",
    "flair_ratio",
)
"""The names of the features, in the order of the columns."""

_LEAST_MM2: Final = 60.0


def features(
    images: NDArray[Any], labels: NDArray[Any], spacing: float = 1.8
) -> NDArray[np.float64]:
    """Measure tumours.

    Parameters
    ----------
    images : ndarray, shape (n, 2, rows, columns)
        T1 after a contrast agent, and FLAIR.
    labels : ndarray of int, shape (n, rows, columns)
        0 brain, 1 necrosis, 2 enhancing rim, 3 oedema: truth, or a network's answer.
    spacing : float, default 1.8
        Millimetres between pixels.

    Returns
    -------
    ndarray, shape (n, 8)
        In the order of :data:`FEATURES`.  Diameter, rim and oedema in mm come from areas, as
        the radii of equal circles (Molina-García et al., European Radiology 29 (2019) do so with
        volumes); irregularity is the outline's length over that of such a circle.

    Examples
    --------
    >>> labels = np.zeros((1, 20, 20), int)
    >>> labels[0, 5:15, 5:15] = 2
    >>> found = features(np.ones((1, 2, 20, 20)), labels, spacing=1.0)
    >>> round(float(found[0, 0]), 2)  # of a circle of 100 mm²
    11.28
    """
    bright = relative(images)
    t1, flair = bright[..., 0], bright[..., 1]
    labels = np.asarray(labels)
    core, rim, necrosis, oedema = labels % 3 > 0, labels == 2, labels == 1, labels == 3
    pixel = spacing**2

    def radius(mask: NDArray[np.bool_]) -> NDArray[np.float64]:
        return np.sqrt(mask.sum(axis=(1, 2)) * pixel / np.pi)

    def mean(values: NDArray[Any], mask: NDArray[np.bool_]) -> NDArray[np.float64]:
        count = np.maximum(mask.sum(axis=(1, 2)), 1)
        return np.asarray((values * mask).sum(axis=(1, 2)) / count)

    whole = np.maximum(radius(core), np.sqrt(_LEAST_MM2 / np.pi))
    # The length of an outline: what a slightly smoothed mask rises by, all around.
    soft = ndimage.gaussian_filter(core.astype(np.float32), (0, 1.0, 1.0))
    slopes = np.gradient(soft, axis=(1, 2))
    length = np.hypot(*slopes).sum(axis=(1, 2)) * spacing
    level = mean(t1, rim)
    spread = np.sqrt(np.maximum(mean(t1**2, rim) - level**2, 0))
    return np.stack(
        [
            2 * whole,
            whole - radius(necrosis),
            length / (2 * np.pi * whole),
            radius(core | oedema) - radius(core),
            spread / np.maximum(1 + level, 0.1),
            level,
            necrosis.sum(axis=(1, 2)) / np.maximum(core.sum(axis=(1, 2)), 1),
            mean(flair, oedema),
        ],
        axis=1,
    )


def in_one_piece(labels: NDArray[Any]) -> NDArray[np.uint8]:
    """Keep the largest piece of each tumour core, with the oedema; islands become brain.

    Parameters
    ----------
    labels : ndarray of int, shape (n, rows, columns)

    Returns
    -------
    ndarray of uint8, shape (n, rows, columns)

    Examples
    --------
    >>> labels = np.array([[[2, 2, 0, 1], [2, 1, 0, 0]]])
    >>> in_one_piece(labels)[0].tolist()
    [[2, 2, 0, 0], [2, 1, 0, 0]]
    """
    kept = np.array(labels, np.uint8)
    for one in kept:
        core = one % 3 > 0
        pieces, number = ndimage.label(core)
        if number > 1:
            largest = np.bincount(pieces.ravel())[1:].argmax() + 1
            one[core & (pieces != largest)] = 0
        every, number = ndimage.label(one > 0)
        if number > 1:
            largest = np.bincount(every.ravel())[1:].argmax() + 1
            one[every != largest] = 0
    return kept


def looks_wrong(probability: NDArray[Any], spacing: float = 1.8) -> NDArray[np.bool_]:
    """Whether a segmentation should go back to a person.

    Parameters
    ----------
    probability : ndarray, shape (n, rows, columns, 4)
        Of brain, necrosis, rim and oedema.
    spacing : float, default 1.8
        Millimetres between pixels.

    Returns
    -------
    ndarray of bool, shape (n,)
        True where the core is smaller than 60 mm², lies in pieces (the largest has less than
        nine tenths of it), or is doubtful: its pixels' mean probability is below 0.80.
    """
    labels = probability.argmax(axis=-1)
    wrong = np.zeros(len(labels), bool)
    for i, one in enumerate(labels):
        core = one % 3 > 0
        if core.sum() * spacing**2 < _LEAST_MM2:
            wrong[i] = True
            continue
        pieces, _ = ndimage.label(core)
        largest = np.bincount(pieces.ravel())[1:].max()
        sure = probability[i].max(axis=-1)[core].mean()
        wrong[i] = largest < 0.9 * core.sum() or sure < 0.80
    return wrong


def correlated_fields(
    rng: np.random.Generator, shape: tuple[int, ...], pixels: float = 2.0
) -> NDArray[np.float32]:
    """Standard normal fields whose neighbours agree, as an outline's errors do.

    Parameters
    ----------
    rng : numpy.random.Generator
    shape : tuple of int
        The last two are rows and columns.
    pixels : float, default 2
        Standard deviation of the smoothing.
    """
    white = rng.standard_normal(shape, dtype=np.float32)
    sigma = (0,) * (len(shape) - 2) + (pixels, pixels)
    field = ndimage.gaussian_filter(white, sigma, mode="wrap")
    return np.asarray(field * np.float32(2 * np.sqrt(np.pi) * pixels))
