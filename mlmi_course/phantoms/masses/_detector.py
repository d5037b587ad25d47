"""From attenuation to the grey values of a digitised film."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from mlmi_course.phantoms.masses._lesion import Lesion
from mlmi_course.phantoms.masses._patients import View
from mlmi_course.phantoms.masses._tissue import FIELD_MM, axis_mm, depth_below_skin, smoothed

__all__ = ["ATTENUATION", "attenuation", "grey"]

ATTENUATION: Final = {"fat": 0.50, "gland": 0.75, "lesion": 0.83}
"""Linear attenuation per cm, at about 20 keV.

Ratios: Carroll et al. measured cancers 66.5 % above fat and 10.9 % above normal tissue (14 to
18 keV; Investigative Radiology 29 (1994) 266–272).  Fat is rounded from 0.53 per cm.
"""

_BLUR_MM: Final = 0.25
_ROUNDED_MM: Final = 16.0  # towards the skin line the compressed breast gets thinner
_SUBCUTANEOUS_MM: Final = 5.0

Field = NDArray[np.float32]


def _gland(density: float, depth: Field, fine: Field, coarse: Field) -> Field:
    """Return the share of gland along each ray, 0 to 1.

    Its mean over a breast grows with the density: 0.14 at 0.05, 0.21 at 0.15, 0.38 at 0.37.
    """
    patches = 1 / (1 + np.exp(0.3 - 1.2 * coarse - 0.5 * fine))
    patches *= np.clip((depth - _SUBCUTANEOUS_MM) / 14.0, 0, 1)
    strands = (0.075 + 0.22 * density) * (0.7 + 0.6 * patches)
    share = density * (0.5 + patches) + strands * fine
    # A ray meets no less than some strands in fat and no more than gland: both reached gently.
    return np.tanh(np.logaddexp(0, (share + 0.08) / 0.05) * 0.05)


def attenuation(
    views: list[View], lesions: list[Lesion], fine: Field, coarse: Field
) -> tuple[Field, Field]:
    """Return the optical thickness of every ray, and a level that a film would be set to.

    Parameters
    ----------
    views, lesions : list of length b
    fine, coarse : ndarrays, shape (b, size, size)
        Of :func:`mlmi_course.phantoms.masses._tissue.texture`.

    Returns
    -------
    total : ndarray of float32, shape (b, size, size)
        −log of the transmitted share, after the blur of detector and focal spot.
    level : ndarray of float32, shape (b,)
        Median optical thickness of the breast.
    """
    size = fine.shape[-1]
    axis = axis_mm(size)
    fat, gland, mass = ATTENUATION["fat"], ATTENUATION["gland"], ATTENUATION["lesion"]
    thick = np.zeros(fine.shape, np.float32)
    for i, lesion in enumerate(lesions):
        thick[i][lesion.box] = lesion.thickness
    thick = smoothed(thick, np.array([v.patient.softness for v in views]))
    for i, lesion in enumerate(lesions):  # strands are fine, not blurred like the body's border
        thick[i][lesion.box] = np.maximum(thick[i][lesion.box], lesion.sheets)
    total = np.empty(fine.shape, np.float32)
    level = np.empty(len(views), np.float32)
    for i, view in enumerate(views):
        made = view.patient
        depth = depth_below_skin(view, size)
        edge = np.clip(depth / _ROUNDED_MM, 0, 1)
        height = made.thickness_cm * np.sqrt(edge * (2 - edge))
        share = _gland(made.density, depth, fine[i], coarse[i])
        replaced = np.minimum(made.strength * np.maximum(thick[i], 0) / 10, 0.8 * height)
        rays = (height - replaced) * (fat + (gland - fat) * share) + mass * replaced
        inside = depth > _ROUNDED_MM
        level[i] = np.median(rays[inside]) if inside.any() else rays.max()
        if np.isfinite(view.muscle):
            towards = 1.0 if made.towards_right else -1.0
            # A wedge from the upper corner at the chest wall.
            wedge = (
                -towards * axis[np.newaxis] * 0.94 - axis[:, np.newaxis] * 0.34 - 50 + view.muscle
            )
            rays = rays + 0.75 / (1 + np.exp(-wedge / 2.2)) + 0.01 * np.clip(wedge, 0, 30)
        for x, y, strength in view.specks:
            near = (axis[np.newaxis] - x) ** 2 + (axis[:, np.newaxis] - y) ** 2
            rays = rays + (0.15 + 0.15 * abs(strength)) * np.exp(-near / (2 * 0.4**2))
        total[i] = rays
    return smoothed(total, np.full(len(views), _BLUR_MM)), level


def grey(
    views: list[View], total: Field, level: Field, exposure: float, noise: Field
) -> NDArray[np.uint8]:
    """Expose, develop and digitise.

    Quanta that reach a pixel are Poisson distributed, N̄ = exposure · area · exp(−L), so −log of
    the signal has the variance 1/N̄: dense tissue is noisier.  The film answers along a sigmoid
    curve.

    Parameters
    ----------
    views : list of length b
    total, level : ndarrays
        Of :func:`attenuation`.
    exposure : float
        Quanta per mm² that enter the breast; infinity for none of the noise.
    noise : ndarray, shape (b, size, size)
        Standard normal deviates.
    """
    size = total.shape[-1]
    quanta = exposure * (FIELD_MM / size) ** 2 * np.exp(level[:, np.newaxis, np.newaxis] - total)
    total = total + noise / np.sqrt(quanta)
    images = np.empty(total.shape, np.uint8)
    for i, view in enumerate(views):
        middle = level[i] + 0.48 + view.speed
        curve = 1 / (1 + np.exp(-view.gamma * (total[i] - middle)))
        image = 255 * 1.04 * curve
        if view.border is not None:
            image = _bordered(image, view)
        images[i] = np.clip(np.rint(image), 0, 255)
    return images


def _bordered(image: Field, view: View) -> Field:
    """Add the clear edge of the film at the chest wall, and the dark that lies beyond it."""
    depth, width, tilt = view.border
    axis = axis_mm(image.shape[-1])
    towards = 1.0 if view.patient.towards_right else -1.0
    beyond = depth - 48.0 - towards * axis[np.newaxis] + tilt * axis[:, np.newaxis]
    pitch = FIELD_MM / image.shape[-1]
    clear = np.clip(beyond / pitch, 0, 1)
    dark = np.clip((beyond - width) / (2 * pitch), 0, 1)
    return image * (1 - clear) + 255 * clear * (1 - dark)
