"""What the scanner shows: a tumour in brain, by the physics of ``mlmi_course.phantoms.brain``."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from mlmi_course.phantoms import brain
from mlmi_course.phantoms.tumours._parameters import CENTRES, CONTRASTS, SIZE, SPACING_MM
from mlmi_course.phantoms.tumours._patients import Patient

__all__ = ["geometry", "render"]

Plane = NDArray[np.float64]

_MATERIALS: Final = (
    "white matter", "grey matter", "CSF", "tumour core", "enhancing rim", "oedema",
)  # fmt: skip
_ORDERS: Final = np.arange(2, 10)
_ANGLES: Final = 720
_THETA: Final = np.linspace(0, 2 * np.pi, _ANGLES, endpoint=False)
_WAVES: Final = np.exp(1j * _ORDERS[:, np.newaxis] * _THETA)

# Medians and spreads (of the logarithm) of what the phenotypes scale.
_DIAMETER_MM, _DIAMETER_SPREAD = 36.0, 0.20
_RIM_MM, _RIM_SPREAD = 5.5, 0.32
_WAVINESS, _WAVINESS_SPREAD = 0.10, 0.45
_OEDEMA_MM, _OEDEMA_SPREAD = 9.0, 0.40
_TEXTURE, _TEXTURE_SPREAD = 0.16, 0.45
_UPTAKE, _UPTAKE_SPREAD = 0.65, 0.40
_BIAS: Final = 0.12


def geometry(phenotypes: Plane) -> dict[str, float]:
    """What the phenotypes mean: diameter, rim and oedema in mm, waviness, texture.

    Examples
    --------
    >>> geometry(np.zeros(5))["diameter_mm"]
    36.0
    """
    size, rim, irregular, oedema, texture = (float(value) for value in phenotypes)
    diameter = _DIAMETER_MM * np.exp(_DIAMETER_SPREAD * np.clip(size, -2.5, 2.5))
    return {
        "diameter_mm": float(diameter),
        "rim_mm": float(min(_RIM_MM * np.exp(_RIM_SPREAD * rim), 0.42 * diameter)),
        "waviness": float(_WAVINESS * np.exp(_WAVINESS_SPREAD * np.clip(irregular, -3, 2.5))),
        "oedema_mm": float(_OEDEMA_MM * np.exp(_OEDEMA_SPREAD * np.clip(oedema, -3, 2))),
        "texture": float(_TEXTURE * np.exp(_TEXTURE_SPREAD * np.clip(texture, -3, 2.5))),
    }


@lru_cache(maxsize=8)
def _signals(centre: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Signal of each material in each contrast, in stored units; and of white matter alone."""
    here = CENTRES[centre]
    kinds = brain.sequences(here.vendor, here.field)
    table = np.empty((len(CONTRASTS), len(_MATERIALS)))
    for row, contrast in enumerate(CONTRASTS):
        tissue = brain.relaxation(here.field, agent=contrast == "t1ce")
        table[row] = [float(kinds[contrast].signal(*tissue[name])) for name in _MATERIALS]
    table = np.abs(table) * brain.FULL_SCALE * brain.GAIN[here.vendor]
    return table, table[:, 0]


def _waves(rng: np.random.Generator, decay: float) -> NDArray[np.float64]:
    """A random function of the angle: mean 0, standard deviation 1."""
    weights = rng.standard_normal((2, len(_ORDERS))) / _ORDERS**decay
    wave = ((weights[0] + 1j * weights[1]) @ _WAVES).real
    return np.asarray(wave / wave.std())


def _smooth(white: Plane, sigma: float) -> Plane:
    field = ndimage.gaussian_filter(white, sigma, mode="wrap")
    return np.asarray((field - field.mean()) / field.std())


def render(patient: Patient) -> tuple[NDArray[np.int16], NDArray[np.uint8]]:
    """Draw the image, shape (2, 64, 64), and its mask, shape (64, 64)."""
    rng, shape = patient.rng, geometry(patient.phenotypes)
    here = CENTRES[patient.centre]
    middle = rng.uniform(-7, 7, 2)
    outline = np.exp(np.clip(shape["waviness"] * _waves(rng, 0.8), -0.5, 0.5))
    outline *= shape["diameter_mm"] / 2 / np.sqrt(np.mean(outline**2))
    rims = shape["rim_mm"] * np.exp(0.25 * _waves(rng, 1.2))
    reach = shape["oedema_mm"] * np.exp(0.35 * _waves(rng, 1.5))
    folds, grain, patchy = rng.standard_normal((3, SIZE, SIZE))

    axis = (np.arange(SIZE) - (SIZE - 1) / 2) * SPACING_MM
    y, x = axis[:, np.newaxis] - middle[0], axis[np.newaxis] - middle[1]
    distance = np.hypot(x, y)
    angle = np.rint(np.arctan2(y, x) * (_ANGLES / (2 * np.pi))).astype(np.intp) % _ANGLES
    slope = np.gradient(np.concatenate([outline[-1:], outline, outline[:1]]))[1:-1]
    tilt = 1 / np.sqrt(1 + (slope * _ANGLES / (2 * np.pi) / outline) ** 2)
    depth = (outline[angle] - distance) * tilt[angle]

    def part(inside_mm: Plane) -> Plane:
        return np.clip(inside_mm / SPACING_MM + 0.5, 0, 1)

    whole, necrosis = part(depth), part(depth - rims[angle])
    # Oedema ends nowhere in particular: its edge is six pixels wide.
    swollen = np.clip((depth + reach[angle]) / (6 * SPACING_MM) + 0.5, 0, 1)
    gyri = _smooth(folds, 3.2)
    fluid = 1 / (1 + np.exp(-(gyri - 1.75) * 8))
    grey = (1 / (1 + np.exp(-(gyri - 0.55) * 6))) * (1 - fluid)
    fractions = np.stack([1 - grey - fluid, grey, fluid, *np.zeros((3, SIZE, SIZE))])
    fractions *= 1 - swollen
    fractions[5] = swollen
    fractions *= 1 - whole
    fractions[3], fractions[4] = necrosis, whole - necrosis

    table, white = _signals(patient.centre)
    # Some rims take up much of the agent and some little; between none and all of it.
    taken = float(np.clip(_UPTAKE * np.exp(_UPTAKE_SPREAD * rng.standard_normal()), 0.2, 1.2))
    table = table.copy()
    table[0, 4] = table[0, 5] + taken * (table[0, 4] - table[0, 5])
    images = np.tensordot(table, fractions, axes=1)
    # The rim does not enhance evenly; the necrosis is not clear water.
    texture = np.clip(shape["texture"] * _smooth(patchy, 1.3), -0.7, 0.9)
    images[0] += table[0, 4] * fractions[4] * texture
    images *= 1 + 0.05 * _smooth(grain, 1.0)
    tilted = rng.standard_normal(2) * _BIAS
    bias = np.exp((tilted[0] * y + tilted[1] * x) / (SIZE * SPACING_MM / 2))
    gain = np.exp(0.08 * rng.standard_normal())
    scanned = np.empty((len(CONTRASTS), SIZE, SIZE), np.int16)
    for channel, plane in enumerate(images):
        blurred = ndimage.gaussian_filter(plane * bias, here.blur)
        noisy = brain.rician(gain * blurred, here.noise * white[channel], rng)
        scanned[channel] = np.rint(noisy).clip(0, 32767)
    mask = np.where(whole > 0.5, np.where(necrosis > 0.5, 1, 2), np.where(swollen > 0.5, 3, 0))
    return scanned, mask.astype(np.uint8)
