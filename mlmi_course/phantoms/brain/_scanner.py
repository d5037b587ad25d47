"""A scanner with a subject in it, one plane after the other."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from mlmi_course.phantoms.brain import _signal, _template
from mlmi_course.phantoms.brain._anatomy import MATERIALS, Anatomy, Grid, anatomy
from mlmi_course.phantoms.brain._parameters import FIELD_MM, HeadParameters
from mlmi_course.phantoms.brain._person import Abnormality, Person, draw_person

__all__ = [
    "HEIGHTS_MM",
    "Plane",
    "Scanner",
    "affine",
    "heights_of",
    "parallel",
    "radius_of",
    "subject_of",
]

HEIGHTS_MM: Final = (-64.0, 86.0)
"""Lowest and highest plane of a volume, mm from the middle of the scanner."""
_WORKERS: Final = 2
_HEAD: Final = ((-70.0, 70.0), (-90.0, 90.0), (-50.0, 75.0))  # where the bias field is set, mm
_TEXTURE: Final = (0.03, 0.03, 0.008)  # standard deviation of T1, T2 and PD within a tissue
_CT_NOISE: Final = 4.0  # HU
_BLUR: Final = {"A": 0.0, "B": 0.45}  # of the signal, pixels: vendor B filters its images


@dataclass(frozen=True, eq=False)
class Plane:
    anatomy: Anatomy
    images: dict[str, NDArray[np.float32]]
    maps: tuple[NDArray[np.float32], ...]
    bias: NDArray[np.float32]
    ct: NDArray[np.float32] | None


class Scanner:
    """A scanner with a subject in it: what is the same for all planes is computed once."""

    def __init__(self, person: Person, grid: Grid, contrasts: tuple[str, ...], *, ct: bool):
        _template.template()  # before threads ask for it
        self.person, self.grid, self.contrasts, self.ct = person, grid, contrasts, ct
        self.sequences = _signal.sequences(person.vendor, person.parameters.field)
        self.middle, self.half = _bias_range(person)

    def sigma(self, contrast: str) -> float:
        """Standard deviation of the noise in either channel, in stored units."""
        table = _signal.relaxation(self.person.parameters.field)
        sequence = self.sequences[contrast]
        mean = sum(float(sequence.signal(*table[t])) for t in ("grey matter", "white matter")) / 2
        return self.person.parameters.noise * mean * self._gain

    @property
    def _gain(self) -> float:
        return _signal.FULL_SCALE * _signal.GAIN[self.person.vendor]

    def plane(self, z: float, number: int, *, maps: bool = True) -> Plane:
        """Scan one plane; ``number`` names its noise."""
        made = anatomy(self.person, self.grid, z)
        axis = self.grid.axis[np.newaxis]
        height = np.array([z])
        texture = self.person.texture.planes(height, axis, axis)[0, 0]
        field = self.person.bias.planes(height, axis, axis)[0, 0]
        half = np.float32(self.person.parameters.bias / 2)
        bias = np.maximum(1 + half * (field - self.middle) / self.half, np.float32(0.1))
        properties = self._properties(made, texture)
        images = {}
        for name in self.contrasts:
            rng = self._noise(number, _signal.CONTRASTS.index(name))
            signal = self._signal(name, properties, made.fractions.shape[1:]) * bias
            blur = _BLUR[self.person.vendor]
            if blur:
                signal = ndimage.gaussian_filter(signal, blur)
            images[name] = _signal.rician(self._gain * signal, self.sigma(name), rng)
        return Plane(
            made,
            images,
            _maps(properties, made.fractions.shape[1:]) if maps else (),
            bias.astype(np.float32),
            self._tomogram(made, number) if self.ct else None,
        )

    def _noise(self, *key: int) -> np.random.Generator:
        seed = self.person.noise
        return np.random.default_rng(
            np.random.SeedSequence(seed.entropy, spawn_key=(*seed.spawn_key, *key))
        )

    def _properties(self, made: Anatomy, texture: NDArray[np.float32]) -> list[_Share]:
        """Relaxation of each material, pixel by pixel where there is some of it."""
        table = _signal.relaxation(self.person.parameters.field)
        flat = made.fractions.reshape(len(MATERIALS), -1)
        found = []
        for material, name in enumerate(MATERIALS):
            where = np.flatnonzero(flat[material]) if name != "air" else ()
            if not len(where):
                continue
            factors = np.ones(3)
            variation: NDArray | float = 0.0
            if name in self.person.relaxation:
                factors = self.person.relaxation[name]
                variation = np.clip(texture.ravel()[where], -3, 3)
            elif name in ("fat", "muscle", "marrow"):
                factors = self.person.relaxation["scalp"]
            values = [
                np.float32(value * factor) * (1 + np.float32(spread) * variation)
                for value, factor, spread in zip(table[name], factors, _TEXTURE, strict=True)
            ]
            found.append(_Share(name, where, flat[material, where], *values))
        return found

    def _signal(
        self, contrast: str, properties: list[_Share], shape: tuple[int, ...]
    ) -> NDArray[np.float32]:
        """Signals of all materials in a pixel, added up: a voxel's spins precess together."""
        total = np.zeros(shape, np.float32)
        flat = total.reshape(-1)
        for share in properties:
            t1 = share.t1
            if contrast == "t1ce" and share.name == "enhancing rim":
                t1 = np.float32(_signal.ENHANCED_T1)
            signal = self.sequences[contrast].signal(t1, share.t2, share.pd)
            flat[share.where] += share.part * signal.astype(np.float32)
        return total

    def _tomogram(self, made: Anatomy, number: int) -> NDArray[np.float32]:
        values = np.array([_signal.HOUNSFIELD[name] for name in MATERIALS], np.float32)
        mean = np.tensordot(values, made.fractions, axes=1)
        rng = self._noise(number, len(_signal.CONTRASTS))
        noise = rng.standard_normal(mean.shape, dtype=np.float32)
        return mean + np.float32(_CT_NOISE) * noise


@dataclass(frozen=True, eq=False)
class _Share:
    """A material in a plane: where, how much, and its relaxation there."""

    name: str
    where: NDArray[np.intp]
    part: NDArray[np.float32]
    t1: Any
    t2: Any
    pd: Any


def _maps(properties: list[_Share], shape: tuple[int, ...]) -> tuple[NDArray[np.float32], ...]:
    density, rate1, rate2 = (np.zeros(int(np.prod(shape)), np.float32) for _ in range(3))
    for share in properties:
        weight = share.part * share.pd
        density[share.where] += weight
        rate1[share.where] += weight / share.t1
        rate2[share.where] += weight / share.t2
    filled = density > 0
    times = [
        np.divide(density, rate, out=np.zeros_like(rate), where=filled) for rate in (rate1, rate2)
    ]
    return tuple(a.reshape(shape) for a in (*times, density))


def _bias_range(person: Person) -> tuple[np.float32, np.float32]:
    """Middle and half of the range of the raw field in the head."""
    axes = [np.linspace(low, high, 7) for low, high in _HEAD]
    lattice = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 3)
    middle = np.array([(low + high) / 2 for low, high in _HEAD])
    half = np.array([(high - low) / 2 for low, high in _HEAD])
    inside = (((lattice - middle) / half) ** 2).sum(axis=1) <= 1.01
    values = person.bias.at(lattice[inside])[0]
    low, high = values.min(), values.max()
    return np.float32((low + high) / 2), np.float32((high - low) / 2)


def parallel(work: Callable[[Any], Any], tasks: Any) -> list[Any]:
    """NumPy lets go of the interpreter: threads share the work without copying anything."""
    with ThreadPoolExecutor(_WORKERS) as pool:
        return list(pool.map(work, tasks))


def subject_of(seed: int, number: int, parameters: HeadParameters) -> Person:
    return draw_person(np.random.SeedSequence(seed, spawn_key=(number,)), number, parameters)


def affine(size: int, step: float, lowest: float) -> NDArray[np.float64]:
    """From an index (z, y, x, 1) to mm towards Left, Posterior and Superior."""
    pixel = FIELD_MM / size
    corner = -(size - 1) / 2 * pixel
    return np.array(
        [[0, 0, pixel, corner], [0, pixel, 0, corner], [step, 0, 0, lowest], [0, 0, 0, 1.0]]
    )


def heights_of(step: float) -> list[float]:
    low, high = HEIGHTS_MM
    return [low + step * i for i in range(int((high - low) / step + 1e-6) + 1)]


def radius_of(finding: Abnormality) -> float:
    if finding.kind == "epvs":
        return float(finding.radii[0])
    return float(finding.radii.max() if finding.kind == "tumour" else finding.radii.mean())
