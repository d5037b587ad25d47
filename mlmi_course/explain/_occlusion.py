"""A map from what happens when a part of the image is covered."""

from __future__ import annotations

import keras
import numpy as np
from numpy.typing import ArrayLike

from mlmi_course._inputs import as_floats
from mlmi_course.explain._models import Maps, read, score_layer, up_to
from mlmi_course.explain._numbers import as_baseline, scores_of


def occlusion(
    model: keras.Model,
    images: ArrayLike,
    *,
    baseline: float | ArrayLike,
    size: int = 8,
    stride: int = 4,
    output: int = 0,
    score: str | None = None,
) -> Maps:
    """How far the logit falls when a square is covered.

    Parameters
    ----------
    model, images, output, score
        As for :func:`saliency`; no gradient is needed.
    baseline : float or array_like
        What covers: one value, one image, or one for each of ``images``.  An edge that the square
        brings with it is seen too, so a value from around it is better than black.
    size, stride : int, default 8 and 4
        Side of the square, and from one to the next, in pixels.

    Returns
    -------
    ndarray of float32, shape (n, rows, columns)
        Logit of the image minus that of the covered image: the mean over all squares that cover
        a pixel.

    Raises
    ------
    ValueError
        As for :func:`integrated_gradients`, or if the square does not fit, or squares leave gaps.

    References
    ----------
    M. D. Zeiler and R. Fergus, Visualizing and understanding convolutional networks,
    arXiv:1311.2901.

    Examples
    --------
    >>> from mlmi_course import networks
    >>> model = networks.small_cnn((16, 16, 1), filters=(4,))
    >>> occlusion(model, np.zeros((1, 16, 16)), baseline=0.0).max()  # black on black
    np.float32(0.0)
    """
    images = read(model, images)
    start = as_baseline(baseline, images)
    height, width = images.shape[1:3]
    if not 1 <= size <= min(height, width):
        raise ValueError(f"a square of {size} pixels does not fit into {height}×{width}")
    if not 1 <= stride <= size:
        raise ValueError(f"stride must be from 1 to size = {size}, got {stride}: gaps stay unseen")
    part = up_to(model, score_layer(model, score))
    drops = np.zeros(images.shape[:3], np.float32)
    times = np.zeros((height, width), np.float32)
    rest = scores_of(part, images, output)
    for top in _places(height, size, stride):
        for left in _places(width, size, stride):
            square = (slice(None), slice(top, top + size), slice(left, left + size))
            covered = as_floats(images).copy()
            covered[square] = start[square]
            drops[square] += (rest - scores_of(part, covered, output))[:, None, None]
            times[square[1:]] += 1
    return drops / times


def _places(length: int, size: int, stride: int) -> list[int]:
    """Return where squares begin; the last one ends at the edge."""
    return sorted({*range(0, length - size + 1, stride), length - size})
