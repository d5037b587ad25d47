"""From attenuation to grey values: quanta, blur, film grain, digitisation.

The chain is that of a digitised film mammogram, simplified to what a patch can show.  A pixel
receives quanta, fewer where the breast attenuates more.  Their number is uncertain (Poisson);
the screen blurs them, the film answers to the *logarithm* of the exposure and adds its grain,
the scanner blurs along the way it moves.  Bright means dense, as in a mammogram on a light box.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import scipy.fft
from numpy.typing import ArrayLike, NDArray
from scipy import ndimage

__all__ = ["GAMMA", "QUANTA", "Detector", "power_law_field"]

GAMMA: Final = 0.20
"""Slope of the film: grey (full scale = 1) per unit of log exposure (natural logarithm)."""

QUANTA: Final = 1030.0
"""Quanta in a pixel of 85 µm at exposure 1 where the grey value is 0."""

_SCAN: Final = (0.087, 0.826, 0.087)  # the scanner moves along the rows while it reads
_TOE: Final = 0.5  # brighter than this the film's curve flattens, and noise grows no more
_NIGHT: Final = 8.0  # there, this many times the grain
_DARK: Final = 0.025  # below this grey little light passes the film: the scanner's noise shows

_WORKERS: Final = 2

Fields = NDArray[np.float32]


def _frequencies(size: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Frequencies of `rfft2` on a square grid, in cycles per pixel: rows, columns."""
    rows = np.fft.fftfreq(size).astype(np.float32)[:, None]
    columns = np.fft.rfftfreq(size).astype(np.float32)[None, :]
    return rows, columns


def _variance_in_window(
    power: NDArray[np.float32], size: int, window: int, halves: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Expected variance inside a square window of a periodic field with this power."""
    rows, columns = _frequencies(size)
    # A window of w pixels keeps what it does not average away: 1 - |Dirichlet kernel|^2.
    kept = 1 - (_dirichlet(rows, window) * _dirichlet(columns, window)) ** 2
    return (power * kept * halves).sum(axis=(-2, -1)) / size**2


def _dirichlet(frequency: NDArray[np.float32], window: int) -> NDArray[np.float32]:
    bottom = window * np.sin(np.pi * frequency)
    small = np.abs(bottom) < 1e-6
    return np.where(small, 1, np.sin(np.pi * frequency * window) / np.where(small, 1, bottom))


def power_law_field(
    white: ArrayLike, exponent: ArrayLike, *, window: int = 60, stretch: ArrayLike = 1.0,
    angle: ArrayLike = 0.0,
) -> Fields:  # fmt: skip
    """Turn white noise into random texture whose power falls as 1/frequency**exponent.

    Parameters
    ----------
    white : array_like of shape (n, size, size)
        Independent standard normal numbers.
    exponent : array_like of shape (n,) or float
        β in power ∝ f\\ :sup:`-β`.  Mammograms have about 3 (Burgess et al. 2001).
    window : int
        The fields are scaled so that the expected variance *within* a square window of this
        many pixels is 1: what an observer of a patch sees.
    stretch : array_like
        How many times longer the texture is along `angle` than across it: ducts and ligaments
        give breast tissue a direction.  1 is isotropic.
    angle : array_like
        Direction of the long axis, in radians from the row axis.

    Returns
    -------
    ndarray of shape (n, size, size), float32
        Periodic fields of mean 0.

    Raises
    ------
    ValueError
        If `white` is not a stack of square images.

    References
    ----------
    A. E. Burgess, F. L. Jacobson, P. F. Judy. Human observer detection experiments with
    mammograms and power-law noise. Med Phys 28 (2001) 419.

    Examples
    --------
    >>> import numpy as np
    >>> white = np.random.default_rng(0).standard_normal((1, 128, 128))
    >>> power_law_field(white, 3.0).shape
    (1, 128, 128)
    """
    white = np.asarray(white, dtype=np.float32)
    if white.ndim != 3 or white.shape[1] != white.shape[2]:
        raise ValueError(f"white must be a stack of square images (n, s, s), got {white.shape}")
    size = white.shape[-1]
    rows, columns = _frequencies(size)
    each = (slice(None), None, None)
    exponent = np.atleast_1d(np.asarray(exponent, dtype=np.float32))[each]
    stretch = np.sqrt(np.atleast_1d(np.asarray(stretch, dtype=np.float32)))[each]
    angle = np.atleast_1d(np.asarray(angle, dtype=np.float32))[each]
    along = np.cos(angle) * rows + np.sin(angle) * columns
    across = np.cos(angle) * columns - np.sin(angle) * rows
    squared = (along * stretch) ** 2 + (across / stretch) ** 2
    squared[:, 0, 0] = 1
    power = np.exp(-exponent / 2 * np.log(squared))
    power[:, 0, 0] = 0
    # rfft2 holds one of each pair of conjugate frequencies.
    halves = np.full(columns.shape, 2, dtype=np.float32)
    halves[:, 0] = 1
    if size % 2 == 0:
        halves[:, -1] = 1
    power /= _variance_in_window(power, size, window, halves)[each]
    spectrum = scipy.fft.rfft2(white, workers=_WORKERS)
    spectrum *= np.sqrt(power)
    return scipy.fft.irfft2(spectrum, s=(size, size), workers=_WORKERS)


@dataclass(frozen=True)
class Detector:
    """One film and one scanner, or several: every field may have the shape (n,).

    Attributes
    ----------
    exposure : float or ndarray
        Relative exposure: 1 is a usual one, 0.25 a quarter of the dose and four times the
        variance of the quantum noise.
    blur : float or ndarray
        Standard deviation of the screen's blur, in pixels.
    grain : float or ndarray
        Standard deviation of the film's grain, as a fraction of full scale.
    """

    exposure: float | NDArray[np.float32] = 1.0
    blur: float | NDArray[np.float32] = 0.48
    grain: float | NDArray[np.float32] = 0.008

    def expose(self, grey: ArrayLike, rng: np.random.Generator) -> Fields:
        """Take the picture of noiseless grey values.

        Parameters
        ----------
        grey : array_like of shape (n, size, size)
            What an endless exposure and a perfect film would show; 0 to 1 is full scale.
        rng : numpy.random.Generator
            Source of the noise.

        Returns
        -------
        ndarray of shape (n, size, size), float32
            Grey values with noise, not yet digitised.

        Examples
        --------
        >>> import numpy as np
        >>> flat = np.full((1, 64, 64), 0.3)
        >>> dim, bright = Detector(exposure=1, grain=0), Detector(exposure=4, grain=0)
        >>> a, b = (film.expose(flat, np.random.default_rng(0)) - flat for film in (dim, bright))
        >>> round(float(a.std() / b.std()), 2)
        2.0
        """
        grey = np.asarray(grey, dtype=np.float32)
        quanta, grain = rng.standard_normal((2, *grey.shape), dtype=np.float32)
        return self.develop(grey, quanta, grain)

    def develop(self, grey: Fields, quanta: Fields, grain: Fields) -> Fields:
        """As `expose`, from given standard normal numbers of the shape of `grey`."""
        exposure, blur, width = (
            np.atleast_1d(np.asarray(value, dtype=np.float32))[:, None, None]
            for value in (self.exposure, self.blur, self.grain)
        )
        # Poisson counts of hundreds are normal; the logarithm turns their spread sqrt(N) into
        # 1/sqrt(N), and N falls exponentially with the grey value.
        spread = GAMMA / np.sqrt(QUANTA * exposure) * np.exp(np.minimum(grey, _TOE) / (2 * GAMMA))
        size = grey.shape[-1]
        rows, columns = _frequencies(size)
        seen = scipy.fft.rfft2(grey + spread * quanta, workers=_WORKERS)
        seen *= np.exp(-2 * np.pi**2 * blur**2 * (rows**2 + columns**2))
        film = scipy.fft.irfft2(seen, s=(size, size), workers=_WORKERS)
        film += width * (1 + _NIGHT * np.exp(-np.maximum(grey, 0.06) / _DARK)) * grain
        return ndimage.correlate1d(film, _SCAN, axis=-2, mode="nearest")


def digitise(grey: ArrayLike) -> NDArray[np.uint8]:
    """Round grey values (0 to 1) to 8 bits; what lies outside is cut off.

    Examples
    --------
    >>> digitise([[-0.2, 0.5, 1.3]])
    array([[  0, 128, 255]], dtype=uint8)
    """
    scaled = np.asarray(grey) * 255
    return np.clip(np.rint(scaled), 0, 255).astype(np.uint8)
