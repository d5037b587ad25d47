"""The shipped network without Keras: a U-Net is a dozen convolutions, and NumPy can do them."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["deep_features", "probabilities", "relative", "with_bottom"]

_SMALL = 1e-3  # what Keras' batch normalisation adds to a variance


def relative(images: NDArray[Any]) -> NDArray[np.float32]:
    """Make scans of different centres comparable: each channel relative to its own median.

    Parameters
    ----------
    images : ndarray, shape (n, 2, rows, columns)
        In the scanners' units.

    Returns
    -------
    ndarray of float32, shape (n, rows, columns, 2)
        0 is the median of the channel, which is brain, and 1 twice as bright.  No other image has
        a part in it, so nothing can leak.

    Examples
    --------
    >>> relative(np.full((1, 2, 4, 4), 700.0)).max()
    np.float32(0.0)
    """
    found = np.moveaxis(np.asarray(images, np.float32), 1, -1)
    return found / np.median(found, axis=(1, 2), keepdims=True) - 1


def probabilities(images: NDArray[Any], batch: int = 64) -> NDArray[np.float32]:
    """What the shipped network says about each pixel.

    Parameters
    ----------
    images : ndarray, shape (n, 2, 64, 64)
        In the scanners' units.
    batch : int, default 64
        Images at a time; it changes the memory used and nothing else.

    Returns
    -------
    ndarray of float32, shape (n, 64, 64, 4)
        Probability of brain, necrosis, enhancing rim and oedema; they add up to one.

    Notes
    -----
    The same numbers as ``shipped.network("u21_unet").predict(relative(images))`` within rounding,
    without the seconds that TensorFlow takes to start.
    """
    return with_bottom(images, batch)[0]


def with_bottom(
    images: NDArray[Any], batch: int = 64
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """What the shipped network says, and the maps at its bottom, from which it says it.

    Parameters
    ----------
    images : ndarray, shape (n, 2, 64, 64)
    batch : int, default 64

    Returns
    -------
    probability : ndarray of float32, shape (n, 64, 64, 4)
    bottom : ndarray of float32, shape (n, 16, 16, 32)
    """
    parts = [_through(images[start : start + batch]) for start in range(0, len(images), batch)]
    probability, bottom = (np.concatenate(kind) for kind in zip(*parts, strict=True))
    return probability, bottom


@lru_cache(maxsize=1)
def _layers() -> list[tuple[NDArray[np.float32], NDArray[np.float32]]]:
    """Kernels and biases in their order, with the normalisation multiplied into them."""
    from mlmi_course.shipped import weights

    left = list(weights("u21_unet"))
    layers = []
    while left:
        kernel = left.pop(0)
        if left and left[0].ndim == 1 and len(left) >= 4 and all(w.ndim == 1 for w in left[:4]):
            gamma, beta, mean, variance = (left.pop(0) for _ in range(4))
            scale = gamma / np.sqrt(variance + _SMALL)
            layers.append((kernel * scale, beta - mean * scale))
        else:
            layers.append((kernel, left.pop(0)))
    return layers


def _convolved(
    x: NDArray[np.float32], layer: tuple[NDArray[np.float32], NDArray[np.float32]]
) -> NDArray[np.float32]:
    kernel, bias = layer
    rows, columns = x.shape[1:3]
    reach = kernel.shape[0] // 2
    padded = np.pad(x, ((0, 0), (reach, reach), (reach, reach), (0, 0)))
    total = np.zeros((*x.shape[:3], kernel.shape[-1]), np.float32)
    for i in range(kernel.shape[0]):
        for j in range(kernel.shape[1]):
            total += padded[:, i : i + rows, j : j + columns] @ kernel[i, j]
    return total + bias


def _halved(x: NDArray[np.float32]) -> NDArray[np.float32]:
    n, rows, columns, channels = x.shape
    return x.reshape(n, rows // 2, 2, columns // 2, 2, channels).max(axis=(2, 4))


def _doubled(
    x: NDArray[np.float32], layer: tuple[NDArray[np.float32], NDArray[np.float32]]
) -> NDArray[np.float32]:
    """A transposed convolution of 2×2 with a stride of 2: each pixel becomes four."""
    kernel, bias = layer
    n, rows, columns, _ = x.shape
    made = np.empty((n, rows, 2, columns, 2, kernel.shape[2]), np.float32)
    for i in range(2):
        for j in range(2):
            made[:, :, i, :, j] = x @ kernel[i, j].T
    return made.reshape(n, 2 * rows, 2 * columns, -1) + bias


def _through(images: NDArray[Any]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Run the network; return its probabilities, and the 32 maps at its bottom."""
    layers = iter(_layers())

    def relu(x: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.maximum(x, 0, out=x)

    top = relu(_convolved(relative(images), next(layers)))
    middle = relu(_convolved(_halved(top), next(layers)))
    bottom = relu(_convolved(_halved(middle), next(layers)))
    bottom = relu(_convolved(bottom, next(layers)))
    x = np.concatenate([middle, _doubled(bottom, next(layers))], axis=-1)
    x = relu(_convolved(x, next(layers)))
    x = np.concatenate([top, _doubled(x, next(layers))], axis=-1)
    x = relu(_convolved(x, next(layers)))
    logit = _convolved(x, next(layers))
    logit -= logit.max(axis=-1, keepdims=True)
    exponential = np.exp(logit)
    return exponential / exponential.sum(axis=-1, keepdims=True), bottom


def deep_features(bottom: NDArray[Any], labels: NDArray[Any]) -> NDArray[np.float64]:
    """Average each map at the bottom of the shipped network over the tumour.

    Parameters
    ----------
    bottom : ndarray, shape (n, rows, columns, 32)
        From :func:`with_bottom`.
    labels : ndarray of int, shape (n, 64, 64)
        Everything but 0 is tumour or oedema; the whole image where there is none.

    Returns
    -------
    ndarray, shape (n, 32)
    """
    inside = (np.asarray(labels) > 0).astype(np.float32)
    n, rows, columns, _ = bottom.shape
    share = inside.reshape(n, rows, 64 // rows, columns, 64 // columns).mean(axis=(2, 4))
    share += 1e-6  # of an empty mask: everywhere alike
    weighted = np.einsum("nrcf,nrc->nf", bottom, share)
    return np.asarray(weighted / share.sum(axis=(1, 2))[:, None], float)
