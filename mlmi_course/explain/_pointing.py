"""How often a map points at what is there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import ndimage


@dataclass(frozen=True)
class Pointing:
    """How often maps point at the lesion, and how often chance does.

    Attributes
    ----------
    hits : ndarray of float, shape (n,)
        1 for a hit, 0 for a miss; between, where a map has several maxima.
    random : float
        Hit rate of a pixel drawn at random: the mean share of the image that counts as a hit.
    centre : float
        Hit rate of whoever always points at the centre of the image.

    Examples
    --------
    >>> Pointing(np.array([1.0, 1.0, 0.0, 1.0]), random=0.1, centre=0.2)
    Pointing: 0.75 of 4 (random 0.10, centre 0.20)
    """

    hits: NDArray[np.float64]
    random: float
    centre: float

    @property
    def rate(self) -> float:
        """Share of the maps that hit."""
        return float(self.hits.mean())

    def __repr__(self) -> str:
        return (
            f"Pointing: {self.rate:.2f} of {len(self.hits)} "
            f"(random {self.random:.2f}, centre {self.centre:.2f})"
        )


def pointing_game(
    maps: ArrayLike,
    masks: ArrayLike,
    *,
    tolerance: float = 0.0,
    spacing: tuple[float, float] = (1.0, 1.0),
) -> Pointing:
    """Score maps by whether their maximum lies in the known lesion.

    Parameters
    ----------
    maps : array_like, shape (n, rows, columns)
        Explanations.  Where the sign does not matter, give their size.
    masks : array_like, shape (n, rows, columns)
        Above zero inside the lesion; none may be empty.
    tolerance : float, default 0
        The maximum may lie so far from the lesion, in units of ``spacing``.
    spacing : (float, float), default (1, 1)
        Between rows and between columns; then ``tolerance`` is in millimetres and not in pixels.

    Returns
    -------
    Pointing
        With the two rates of chance, which grow with the tolerance too.

    Raises
    ------
    ValueError
        For shapes that differ, values that are no numbers, or an empty mask.

    Notes
    -----
    A map whose maximum stands at several pixels scores the share of them that hit.  A constant
    map, as of a Grad-CAM that is 0 everywhere, thus scores chance, and not the top left corner.

    References
    ----------
    J. Zhang et al., Top-down neural attention by excitation backprop, arXiv:1608.00507.

    Examples
    --------
    >>> masks = np.zeros((2, 9, 9))
    >>> masks[:, 2, 2] = 1
    >>> maps = np.zeros((2, 9, 9))
    >>> maps[0, 2, 2], maps[1, 2, 3] = 1.0, 1.0
    >>> pointing_game(maps, masks)
    Pointing: 0.50 of 2 (random 0.01, centre 0.00)
    >>> pointing_game(maps, masks, tolerance=1)
    Pointing: 1.00 of 2 (random 0.06, centre 0.00)
    """
    values, truth = np.asarray(maps, dtype=float), np.asarray(masks) > 0
    if values.ndim != 3 or values.shape != truth.shape or not len(values):
        raise ValueError(
            "maps and masks must have one shape (n, rows, columns), got "
            f"{values.shape} and {truth.shape}"
        )
    if not np.isfinite(values).all():
        raise ValueError("maps hold nan or infinite values: they have no maximum")
    if tolerance < 0:
        raise ValueError(f"tolerance must be 0 or more, got {tolerance}")
    empty = ~truth.any(axis=(1, 2))
    if empty.any():
        raise ValueError(
            f"mask {int(np.argmax(empty))} is empty: nothing can be hit; "
            "choose images with a lesion"
        )
    near = truth
    if tolerance:
        near = np.stack(
            [ndimage.distance_transform_edt(~one, sampling=spacing) <= tolerance for one in truth]
        )
    top = values == values.max(axis=(1, 2), keepdims=True)
    return Pointing(
        hits=(top & near).sum(axis=(1, 2)) / top.sum(axis=(1, 2)),
        random=float(near.mean()),
        centre=float(near[:, near.shape[1] // 2, near.shape[2] // 2].mean()),
    )
