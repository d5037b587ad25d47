"""Breast tissue: random fields with a power-law spectrum, and where the breast ends."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from mlmi_course.phantoms.masses._patients import View

__all__ = ["FIELD_MM", "GRID", "axis_mm", "depth_below_skin", "smoothed", "texture"]

FIELD_MM: Final = 96.0
"""Width and height of the field of view in mm, whatever the number of pixels."""

GRID: Final = 128
"""Pixels along one side on which random fields are drawn, so that every size shows one patient."""

_WORKERS: Final = 2
_COARSE_MM: Final = 45.0
# Curved lines (ligaments, ducts, vessels) are the places where a band-passed field is near zero.
# Wavelengths in mm of two such fields, and the weight of each beside the Gaussian cloud.
_LINES: Final = ((22.0, 0.6), (10.0, 0.55))

Field = NDArray[np.float32]


@lru_cache(maxsize=8)
def _frequencies(size: int) -> tuple[Field, Field]:
    """Return the frequencies along y and x in cycles per mm, as ``rfft2`` orders them."""
    pitch = FIELD_MM / size
    fy = np.fft.fftfreq(size, pitch).astype(np.float32)[:, np.newaxis]
    fx = np.fft.rfftfreq(size, pitch).astype(np.float32)[np.newaxis]
    return fy, fx


@lru_cache(maxsize=8)
def _rings(size: int) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Return the ring of each coefficient, in cycles per field, and how many each ring has."""
    fy, fx = _frequencies(size)
    ring = np.rint(np.hypot(fy, fx) * FIELD_MM).astype(np.intp)
    return ring, np.maximum(np.bincount(ring.ravel()), 1).astype(float)


def axis_mm(size: int) -> Field:
    """Return the centres of the pixels along one side, in mm from the middle of the field."""
    return ((np.arange(size, dtype=np.float32) + 0.5) / size - 0.5) * np.float32(FIELD_MM)


def _inverse(spectrum: NDArray[np.complex64], size: int) -> Field:
    """Transform back to ``size`` pixels: a smaller image keeps only the frequencies it can hold."""
    if size != spectrum.shape[-2]:
        half = size // 2
        spectrum = np.concatenate(
            [spectrum[..., :half, : half + 1], spectrum[..., -half:, : half + 1]], axis=-2
        ) * np.float32((size / GRID) ** 2)
    return fft.irfft2(spectrum, s=(size, size), workers=_WORKERS)


def texture(
    noise: Field, *, beta: Field, direction: Field, size: int = GRID
) -> tuple[Field, Field]:
    """Turn white noise into breast tissue.

    Parameters
    ----------
    noise : ndarray of float32, shape (b, 4, 128, 128)
        White, of mean 0 and variance 1.
    beta : ndarray, shape (b,)
        Exponent of the power spectrum, P(f) ∝ f^−β.
    direction : ndarray, shape (b,)
        Angle in radians, from x to y, along which lines run (towards the nipple).
    size : int
        Pixels along one side of what is returned.

    Returns
    -------
    fine, coarse : ndarrays of float32, shape (b, size, size)
        The texture (mean 0, variance 1 at 128 pixels, spectrum f^−β in every image) and a
        smooth field (variance about 1, no detail below some 20 mm) that says where gland lies.

    Notes
    -----
    Burgess et al. found P ∝ f^−β with β near 3 in mammograms.  A Gaussian field with that
    spectrum looks like clouds: the lines of a breast are in the phases.  So a cloud and two
    fields of curved lines are added, and the sum is divided, ring by ring of its spectrum, by
    what makes its power exactly f^−β.  The fields are periodic: tissue leaves at one side of
    the image and comes back at the other.

    References
    ----------
    A. E. Burgess, F. L. Jacobson and P. F. Judy, Human observer detection experiments with
    mammograms and power-law noise, Medical Physics 28 (2001) 419–437, doi:10.1118/1.1355308.
    """
    fy, fx = _frequencies(GRID)
    frequency = np.hypot(fy, fx)
    frequency[0, 0] = np.inf  # no mean
    spectra = fft.rfft2(noise, workers=_WORKERS)
    power = -np.asarray(beta, np.float32)[:, np.newaxis, np.newaxis] / 2
    amplitude = frequency**power
    amplitude /= np.sqrt(np.mean(amplitude**2, axis=(1, 2), keepdims=True))
    cloud = fft.irfft2(spectra[:, 0] * amplitude, s=(GRID, GRID), workers=_WORKERS)
    total = cloud / cloud.std(axis=(1, 2), keepdims=True)
    cos, sin = (
        f(direction)[:, np.newaxis, np.newaxis].astype(np.float32) for f in (np.cos, np.sin)
    )
    # Squeezed across the direction: the field varies slowly along it, so its lines follow it.
    along, across = fx * cos + fy * sin, fy * cos - fx * sin
    stretched = np.sqrt((2.1 * along) ** 2 + (across / 1.5) ** 2)
    for number, (wavelength, weight) in enumerate(_LINES, start=1):
        band = np.exp(-0.5 * (np.log(np.maximum(stretched, 1e-6) * wavelength) / 0.6) ** 2)
        wavy = fft.irfft2(spectra[:, number] * band, s=(GRID, GRID), workers=_WORKERS)
        wavy /= wavy.std(axis=(1, 2), keepdims=True)
        lines = 1 / (1 + (wavy / np.float32(0.2)) ** 2)
        # Lines are bundled: strong in some places and missing in others.
        lines *= 1 / (1 + np.exp(-1.5 * np.roll(total, 31 * number, axis=(1, 2))))
        lines -= lines.mean(axis=(1, 2), keepdims=True)
        total = total + np.float32(weight) * lines / lines.std(axis=(1, 2), keepdims=True)
    fine = _recoloured(fft.rfft2(total, workers=_WORKERS), beta)
    smooth = spectra[:, 3] * np.exp(-0.5 * (frequency * _COARSE_MM) ** 2)
    smooth *= np.float32(1 / np.sqrt(np.mean(np.exp(-((_frequencies_full() * _COARSE_MM) ** 2)))))
    return _inverse(fine, size), _inverse(smooth, size)


@lru_cache(maxsize=1)
def _frequencies_full() -> Field:
    f = np.fft.fftfreq(GRID, FIELD_MM / GRID).astype(np.float32)
    return np.hypot(f[:, np.newaxis], f)


def _recoloured(spectrum: NDArray[np.complex64], beta: Field) -> NDArray[np.complex64]:
    """Give every image the power spectrum f^−β, ring by ring, and variance 1; keep its phases."""
    ring, members = _rings(GRID)
    cycles = np.arange(len(members), dtype=float)
    cycles[0] = np.inf
    out = np.empty_like(spectrum)
    weight = np.full(spectrum.shape[-1], 2.0)  # half of the plane is stored: count the rest
    weight[[0, -1]] = 1.0
    for i, image in enumerate(spectrum):
        power = np.square(image.real) + np.square(image.imag)
        measured = np.bincount(ring.ravel(), power.ravel()) / members
        wanted = cycles ** -float(beta[i])
        gain = np.sqrt(wanted / np.maximum(measured, 1e-12))
        gain[0] = 0.0
        gains = gain[ring].astype(np.float32)
        variance = ((power * gains**2) * weight).sum() / GRID**4
        out[i] = image * (gains * np.float32(1 / np.sqrt(variance)))
    return out


def smoothed(images: Field, sigma: Field) -> Field:
    """Blur each image by a Gaussian with its own standard deviation.

    Parameters
    ----------
    images : ndarray of float32, shape (b, size, size)
    sigma : ndarray, shape (b,)
        Standard deviations in mm.

    Returns
    -------
    ndarray of float32, shape (b, size, size)
        At the borders the image is continued periodically.
    """
    fy, fx = _frequencies(images.shape[-1])
    s = np.asarray(sigma, np.float32)[:, np.newaxis, np.newaxis]
    spectrum = fft.rfft2(images, workers=_WORKERS)
    spectrum *= np.exp(np.float32(-2 * np.pi**2) * s**2 * (fy**2 + fx**2))
    return fft.irfft2(spectrum, s=images.shape[-2:], workers=_WORKERS)


def depth_below_skin(view: View, size: int) -> Field:
    """Return the distance of every pixel from the skin line in mm, negative in the air.

    The breast is half a disc that goes on as a band towards the chest wall.
    """
    axis = axis_mm(size)
    x, y = axis[np.newaxis] - view.centre_x, axis[:, np.newaxis] - view.centre_y
    along = x * np.cos(view.nipple) + y * np.sin(view.nipple)
    across = y * np.cos(view.nipple) - x * np.sin(view.nipple)
    return np.float32(view.radius) - np.hypot(np.maximum(along, 0), across)
