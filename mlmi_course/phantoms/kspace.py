"""A Cartesian scanner in two dimensions: what is left of an image when k-space is measured.

The k-space of an image is its discrete Fourier transform, shifted so that the lowest frequency
lies in the middle, at index n // 2.  A faster scan measures less of it.

>>> import numpy as np
>>> image = np.zeros((8, 8)); image[3:5, 3:5] = 100.0
>>> acquire(image, keep=4).shape, round(float(acquire(image, keep=4).max()), 1) < 100
((8, 8), True)
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["acquire", "measure", "reconstruct"]


def measure(
    images: ArrayLike,
    *,
    keep: int,
    noise: float = 0.0,
    rng: np.random.Generator | None = None,
) -> NDArray[np.complex128]:
    """Measure the middle of the k-space of images.

    Parameters
    ----------
    images : array_like, shape (rows, columns) or (n, rows, columns)
        Signals in any unit.
    keep : int
        Lines and samples of each line that are measured, around the lowest frequency.
    noise : float, default 0
        Standard deviation of the noise of a fully measured image, in either channel.  With a
        quarter of k-space half of it is left, as there are four times fewer samples to add.
    rng : numpy.random.Generator, optional
        Draws the noise.

    Returns
    -------
    ndarray of complex, shape (…, keep, keep)
        The lowest frequency is at (keep // 2, keep // 2).

    Raises
    ------
    ValueError
        If more is to be kept than there is, or noise is asked for without a generator.

    Examples
    --------
    >>> measure(np.ones((4, 4)), keep=2).real.tolist()
    [[0.0, 0.0], [0.0, 16.0]]
    """
    images = np.asarray(images, float)
    rows, columns = images.shape[-2:]
    if not 1 <= keep <= min(rows, columns):
        raise ValueError(
            f"keep must be from 1 to {min(rows, columns)}, the side of the image; got {keep!r}"
        )
    if noise and rng is None:
        raise ValueError("noise needs a generator: give rng=np.random.default_rng(seed)")
    k = np.fft.fftshift(np.fft.fft2(images), axes=(-2, -1))
    top, left = rows // 2 - keep // 2, columns // 2 - keep // 2
    k = k[..., top : top + keep, left : left + keep]
    if rng is not None and noise:
        sigma = noise * np.sqrt(rows * columns)
        real, imaginary = rng.normal(0, sigma, (2, *k.shape))
        k = k + real + 1j * imaginary
    return k


def reconstruct(k: ArrayLike, size: int) -> NDArray[np.complex128]:
    """Fill a measured k-space with zeros to ``size`` and transform it back.

    Parameters
    ----------
    k : array_like of complex, shape (…, m, m)
        As :func:`measure` returns it.
    size : int
        Rows and columns of the image, m or more.

    Returns
    -------
    ndarray of complex, shape (…, size, size)
        Its absolute value is the image that a scanner shows.

    Raises
    ------
    ValueError
        If the image is to be smaller than its k-space.

    Examples
    --------
    >>> reconstruct(measure(np.full((4, 4), 7.0), keep=2), 4).real.round(6).max()
    np.float64(7.0)
    """
    k = np.asarray(k)
    m = k.shape[-1]
    if size < m:
        raise ValueError(f"the image must have at least {m} pixels a side, got {size!r}")
    full = np.zeros((*k.shape[:-2], size, size), complex)
    begin = size // 2 - m // 2
    full[..., begin : begin + m, begin : begin + m] = k
    return np.fft.ifft2(np.fft.ifftshift(full, axes=(-2, -1)))


def acquire(
    images: ArrayLike,
    *,
    keep: int,
    noise: float = 0.0,
    rng: np.random.Generator | None = None,
) -> NDArray[np.float32]:
    """Return what a scan of the middle of k-space shows: zero-filled magnitudes.

    Parameters
    ----------
    images, keep, noise, rng
        As in :func:`measure`.

    Returns
    -------
    ndarray of float32
        Of the shape of ``images``, which must be square.

    Raises
    ------
    ValueError
        As :func:`measure`.

    Examples
    --------
    >>> acquire(np.full((4, 4), 7.0), keep=2).tolist()[0]
    [7.0, 7.0, 7.0, 7.0]
    """
    images = np.asarray(images, float)
    k = measure(images, keep=keep, noise=noise, rng=rng)
    return np.abs(reconstruct(k, images.shape[-1])).astype(np.float32)
