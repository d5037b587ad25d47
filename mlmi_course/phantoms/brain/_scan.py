"""Subjects in scanners: slices in blocks, volumes, and everything that is true of one subject."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count, islice
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from mlmi_course.dicom.volume import Volume
from mlmi_course.phantoms._numbers import require_range, require_whole
from mlmi_course.phantoms.brain import _signal, _template
from mlmi_course.phantoms.brain._anatomy import (
    CSF,
    GREY,
    MATERIALS,
    TISSUES,
    WHITE,
    Anatomy,
    Grid,
    anatomy,
)  # fmt: skip
from mlmi_course.phantoms.brain._person import Abnormality, HeadParameters, Person, draw_person

__all__ = ["FIELD_MM", "HEIGHTS_MM", "Scan", "simulate", "slice_blocks", "slices", "volume_blocks"]

FIELD_MM: Final = 230.4
"""Width and height of the field of view, mm, whatever the number of pixels."""

HEIGHTS_MM: Final = (-64.0, 86.0)
"""Lowest and highest plane of a volume, mm from the middle of the scanner."""

_SIZES: Final = (64, 128, 192, 256)
_WORKERS: Final = 2
_MOST: Final = 64  # findings of one slice that are listed
_KINDS: Final = ("lesion", "epvs", "tumour")
_HEAD: Final = ((-70.0, 70.0), (-90.0, 90.0), (-50.0, 75.0))  # where the bias field is set, mm
_TEXTURE: Final = (0.03, 0.03, 0.008)  # standard deviation of T1, T2 and PD within a tissue
_CT_NOISE: Final = 4.0  # HU
_BLUR: Final = {"A": 0.0, "B": 0.45}  # of the signal, pixels: vendor B filters its images

_RANGES: Final = {
    "noise": (0.0, 1.0, ""),
    "bias": (0.0, 1.0, ""),
    "atrophy": (0.0, 1.0, ""),
    "lesions": (0.0, 40.0, " a subject"),
    "epvs": (0.0, 150.0, " a subject"),
    "tumour": (0.0, 1.0, ""),
    "thickness": (0.5, 10.0, " mm"),
    "step": (0.9, 10.0, " mm"),
}


@dataclass(frozen=True, eq=False, repr=False)
class Scan:
    """One subject, as scanners see it and as it is.

    Attributes
    ----------
    subject : int
        Its number in the sequence that the seed names.
    vendor : {"A", "B"}
    images : mapping of str to ndarray of float32, shape (z, y, x)
        Magnitudes by contrast, in stored units, before they are rounded.
    sigma : mapping of str to float
        Standard deviation of the noise in either channel, by contrast, in the same unit.
    sequences : mapping of str to Sequence
    fractions : ndarray of float32, shape (13, z, y, x)
        Share of each of :data:`MATERIALS` in each voxel; they add up to 1.
    tissue, structure : ndarray of uint8, shape (z, y, x)
        Labels; :data:`TISSUES` and :data:`STRUCTURES` say of what.
    t1, t2, pd : ndarray of float32, shape (z, y, x)
        Maps in ms, ms and relative to water.  Exact where a voxel is filled by one material.
        In a mixture no single T1 exists: rates are averaged, weighed with proton density.
    bias : ndarray of float32, shape (z, y, x)
        The receiver's sensitivity, by which every noise-free signal was multiplied.
    ct : ndarray of float32, shape (z, y, x)
        The same head in a CT scanner, HU.
    spacing : (float, float, float)
        mm along z, y and x.
    affine : ndarray, shape (4, 4)
        From (z, y, x, 1) to mm towards Left, Posterior and Superior.
    findings : tuple of dict
        Of the whole subject: ``kind``, centre ``x``, ``y``, ``z`` (mm, LPS), ``radius_mm``.
    atrophy : float
        0 (young) to 1 (old): it widens ventricles and sulci.
    """

    subject: int
    vendor: str
    images: Mapping[str, NDArray[np.float32]]
    sigma: Mapping[str, float]
    sequences: Mapping[str, _signal.Sequence]
    fractions: NDArray[np.float32]
    tissue: NDArray[np.uint8]
    structure: NDArray[np.uint8]
    t1: NDArray[np.float32]
    t2: NDArray[np.float32]
    pd: NDArray[np.float32]
    bias: NDArray[np.float32]
    ct: NDArray[np.float32]
    spacing: tuple[float, float, float]
    affine: NDArray[np.float64]
    findings: tuple[Mapping[str, Any], ...]
    atrophy: float

    def volume(self, name: str) -> Volume:
        """One of the images (``"t1"`` …), ``"ct"``, or a map or label by its attribute's name.

        Raises
        ------
        ValueError
            If there is none of this name.
        """
        others = ("ct", "tissue", "structure", "t1 map", "t2 map", "pd map", "bias")
        if name in self.images:
            array = self.images[name]
        elif name in others:
            array = getattr(self, name.removesuffix(" map"))
        else:
            known = ", ".join([*self.images, *others])
            raise ValueError(f"there is no volume {name!r}; there are: {known}")
        modality = "CT" if name == "ct" else "MR"
        unit = {"ct": "HU", "t1 map": "ms", "t2 map": "ms"}.get(name, "")
        info = {"description": name, "source": f"simulated, subject {self.subject}"}
        return Volume(array, self.spacing, self.affine, modality, unit, info)

    def share(self, material: str) -> NDArray[np.float32]:
        """Share of one of :data:`MATERIALS` in each voxel, 0 to 1."""
        if material not in MATERIALS:
            raise ValueError(f"material must be one of {', '.join(MATERIALS)}; got {material!r}")
        return self.fractions[MATERIALS.index(material)]

    def millilitres(self) -> dict[str, float]:
        """Volume of each tissue, from the labels, and of the ventricles."""
        voxel = float(np.prod(self.spacing)) / 1000
        sizes = np.bincount(self.tissue.ravel(), minlength=len(TISSUES)) * voxel
        found = {name: float(sizes[i]) for i, name in TISSUES.items() if i}
        return found | {"ventricles": float((self.structure == 1).sum() * voxel)}

    def __repr__(self) -> str:
        size = " × ".join(str(n) for n in self.tissue.shape)
        return f"Scan: subject {self.subject}, vendor {self.vendor}, {size} voxels (z, y, x)"


def simulate(
    subject: int = 0,
    *,
    seed: int = 0,
    level: float | None = None,
    size: int = 128,
    step: float = 1.8,
    thickness: float | None = None,
    contrasts: Sequence[str] = ("t1", "t2", "pd", "flair"),
    field: float = 1.5,
    vendor: str = "A",
    noise: float = 0.03,
    bias: float = 0.2,
    skull: bool = True,
    atrophy: float | None = None,
    lesions: float = 0.0,
    epvs: float = 0.0,
    tumour: float = 0.0,
    hippocampus: bool = False,
) -> Scan:
    """Simulate one subject: a slice or a volume, with everything that is true of it.

    Parameters
    ----------
    subject : int
        Which one of the sequence that ``seed`` names.
    seed : int
    level : float, optional
        One slice at this height (mm above the anterior commissure in the template's
        coordinates, −55 to 75).  Without it, a volume.
    size : {128, 64, 192, 256}
        Rows and columns; the field of view is 230.4 mm, so a pixel is 1.8 mm at 128.
    step : float
        Between the planes of a volume, mm.
    thickness : float, optional
        Of a plane, mm: ``step`` for volumes and 3 mm for a slice if left out.
    contrasts : sequence of {"t1", "t2", "pd", "flair", "t1ce"}
    field : {1.5, 3.0}
        Tesla: chooses relaxation times.
    vendor : {"A", "B", "both"}
        Chooses sequences, gain and sharpness; both: each subject is scanned by one of them.
    noise : float
        Standard deviation of the noise in either channel, as a share of the mean signal of
        grey and white matter in that contrast.
    bias : float
        Range of the bias field in the head: 0.4 is from 0.8 to 1.2.
    skull : bool
        With skull and scalp; without, there is air around the fluid.
    atrophy : float, optional
        0 (young) to 1 (old), for every subject; drawn if left out.
    lesions, epvs : float
        Mean number of white-matter lesions and of enlarged perivascular spaces in a subject.
    tumour : float
        Chance that a subject has a tumour.
    hippocampus : bool
        Puts a grey body of 35 × 15 × 7 mm with a thin white coat into either temporal lobe.

    Returns
    -------
    Scan

    Raises
    ------
    ValueError
        If an argument makes no sense.

    Examples
    --------
    >>> scan = simulate(3, level=15)
    >>> scan
    Scan: subject 3, vendor A, 1 × 128 × 128 voxels (z, y, x)
    >>> white = scan.share("white matter") > 0.99
    >>> 450 < scan.t1[white].mean() < 550
    np.True_
    """
    parameters = HeadParameters(
        field=field, vendor=vendor, noise=noise, bias=bias, skull=skull, atrophy=atrophy,
        lesions=lesions, epvs=epvs, tumour=tumour, hippocampus=hippocampus,
    )  # fmt: skip
    depth = thickness if thickness is not None else (step if level is None else 3.0)
    _check(parameters, size, contrasts, {"thickness": depth, "step": step})
    require_whole("subject", subject, 0)
    require_whole("seed", seed, 0)
    person = _person(seed, subject, parameters)
    if level is None:
        heights, numbers = _heights(step), range(10_000)
    else:
        require_range("level", level, -55.0, 75.0, " mm")
        heights, numbers = [person.height(level)], [round(1000 * (level + 100))]
    grid = Grid(size, FIELD_MM / size, depth)
    scanner = _Scanner(person, grid, tuple(contrasts), ct=True)
    planes = _parallel(lambda pair: scanner.plane(*pair), zip(heights, numbers, strict=False))

    def stacked(get: Callable[[_Plane], NDArray]) -> NDArray:
        return np.stack([get(plane) for plane in planes])

    gap = step if level is None else depth
    return Scan(
        subject=subject,
        vendor=person.vendor,
        images={name: stacked(lambda p, name=name: p.images[name]) for name in contrasts},
        sigma={name: scanner.sigma(name) for name in contrasts},
        sequences={name: scanner.sequences[name] for name in contrasts},
        fractions=np.stack([plane.anatomy.fractions for plane in planes], axis=1),
        tissue=stacked(lambda p: p.anatomy.tissue),
        structure=stacked(lambda p: p.anatomy.structure),
        t1=stacked(lambda p: p.maps[0]),
        t2=stacked(lambda p: p.maps[1]),
        pd=stacked(lambda p: p.maps[2]),
        bias=stacked(lambda p: p.bias),
        ct=stacked(lambda p: p.ct),
        spacing=(gap, grid.pixel, grid.pixel),
        affine=affine(size, gap, heights[0]),
        findings=tuple(_described(finding) for finding in person.findings),
        atrophy=person.atrophy,
    )


def slice_blocks(
    n: int = 300,
    *,
    size: int = 128,
    seed: int = 0,
    block: int = 24,
    contrasts: Sequence[str] = ("t1", "t2", "pd", "flair"),
    slices: int = 3,
    levels: tuple[float, float] = (-10.0, 50.0),
    thickness: float = 3.0,
    field: float = 1.5,
    vendor: str = "A",
    noise: float = 0.03,
    bias: float = 0.2,
    skull: bool = True,
    atrophy: float | None = None,
    lesions: float = 0.0,
    epvs: float = 0.0,
    tumour: float = 0.0,
    hippocampus: bool = False,
    ct: bool = False,
) -> Iterator[dict[str, NDArray[Any]]]:
    """Axial slices of simulated heads, a block at a time.

    Parameters
    ----------
    n : int
        Slices in all.
    size : {128, 64, 192, 256}
        Rows and columns; the field of view is 230.4 mm, so a pixel is 1.8 mm at 128.
    seed : int
        Names a sequence of subjects.  A larger ``n`` goes on with it.
    block : int
        Slices at a time, for memory.  It changes no value.
    contrasts : sequence of {"t1", "t2", "pd", "flair", "t1ce"}
        The first becomes ``images``.
    slices : int
        Of every subject, 1 to 20; next to each other in the result.
    levels : (float, float)
        Heights between which they lie, evenly but for chance: mm above the anterior commissure
        in the template's coordinates, −55 to 75.  −18 to −10 meets the hippocampus.
    thickness : float
        Of a slice, mm.
    field, vendor, noise, bias, skull, atrophy, lesions, epvs, tumour, hippocampus
        As in :func:`simulate`.
    ct : bool
        With the same slices in a CT scanner.

    Yields
    ------
    dict of ndarray
        With b rows each, b ≤ ``block``, of which the columns are

        ``images``
            uint16, shape (b, size, size): magnitudes of the first contrast as a scanner stores
            them, not clipped.  Rows run towards Posterior, columns towards Left.
        ``t2``, ``pd``, …
            The other contrasts, in the same unit.
        ``masks``
            uint8: the tissue, see :data:`TISSUES`.
        ``structure``
            uint8: ventricles and the like, see :data:`STRUCTURES`.
        ``fractions``
            uint8, shape (b, 3, size, size): share of CSF, grey and white matter, 255 is all.
        ``bias``
            float32: the true bias field.
        ``ct``
            int16, HU; with ``ct`` only.
        ``labels``
            uint8: 1 if the slice shows a lesion or tumour; only where one of those is asked for.
        ``groups``
            int32: the subject, 0, 1, 2, …  Split by this.
        ``slice``, ``level_mm``, ``atrophy``, ``vendor``
            uint8, its number in the subject; float32; float32; "A" or "B".
        ``epvs``, ``lesions``
            uint8: how many perivascular spaces and lesions cross the slice.
        ``sigma_t1``, …
            float32: standard deviation of the noise in either channel, by contrast, in the
            images' unit.
        ``cluster_row``, ``cluster_column``, ``cluster_radius_mm``, ``cluster_kind``
            float32, shape (b, 64), nan where there is none: findings (0 lesion, 1 perivascular
            space, 2 tumour); only where one of those is asked for.

    Raises
    ------
    ValueError
        If an argument makes no sense.  At the call, not at the first block.

    See Also
    --------
    simulate : one subject with all its truth, in two or three dimensions.

    Examples
    --------
    >>> [len(b["images"]) for b in slice_blocks(30)]
    [24, 6]
    """
    parameters = HeadParameters(
        field=field, vendor=vendor, noise=noise, bias=bias, skull=skull, atrophy=atrophy,
        lesions=lesions, epvs=epvs, tumour=tumour, hippocampus=hippocampus,
    )  # fmt: skip
    _check(parameters, size, contrasts, {"thickness": thickness})
    for name, value, least in (("n", n, 1), ("seed", seed, 0), ("block", block, 1)):
        require_whole(name, value, least)
    require_whole("slices", slices, 1)
    require_range("slices", slices, 1, 20, "")
    for height in levels:
        require_range("levels", height, -55.0, 75.0, " mm")
    if len(levels) != 2 or levels[0] > levels[1]:
        raise ValueError(f"levels must be (lowest, highest) in mm, got {levels!r}")
    grid = Grid(size, FIELD_MM / size, thickness)
    wanted = islice(_all_slices(seed, slices, levels, parameters), n)
    return _slice_blocks(wanted, block, grid, tuple(contrasts), ct)


def slices(n: int = 300, **parameters: Any) -> dict[str, NDArray[Any]]:
    """Axial slices of simulated heads, all in one.

    Parameters
    ----------
    n : int
        Slices in all.
    **parameters
        Those of :func:`slice_blocks`: its blocks, put together.

    Returns
    -------
    dict of ndarray
        The columns of :func:`slice_blocks`, with n rows.

    Raises
    ------
    ValueError
        As :func:`slice_blocks`.

    Examples
    --------
    >>> heads = slices(4, size=64, slices=2)
    >>> heads["images"].dtype, heads["t2"].shape, heads["groups"].tolist()
    (dtype('uint16'), (4, 64, 64), [0, 0, 1, 1])
    """
    blocks = list(slice_blocks(n, **parameters))
    return {name: np.concatenate([part[name] for part in blocks]) for name in blocks[0]}


def volume_blocks(
    n: int = 4,
    *,
    size: int = 128,
    seed: int = 0,
    step: float = 1.8,
    contrasts: Sequence[str] = ("t1", "t2"),
    field: float = 1.5,
    vendor: str = "A",
    noise: float = 0.03,
    bias: float = 0.2,
    skull: bool = True,
    atrophy: float | None = None,
    lesions: float = 0.0,
    epvs: float = 0.0,
    tumour: float = 0.0,
    hippocampus: bool = False,
    ct: bool = False,
) -> Iterator[dict[str, NDArray[Any]]]:
    """Volumes of simulated heads, one at a time.

    Parameters
    ----------
    n, size, seed, step, contrasts
        Volumes in all; the others as in :func:`simulate`.
    field, vendor, noise, bias, skull, atrophy, lesions, epvs, tumour, hippocampus
        As in :func:`simulate`.
    ct : bool
        With the same head in a CT scanner.

    Yields
    ------
    dict of ndarray
        With one row each: every contrast by its name (uint16), ``tissue`` and ``structure``
        (uint8), ``bias`` (float32), and ``ct`` (int16, HU) if asked for, of shape
        (1, z, size, size); ``groups`` (int32); ``atrophy`` (float32); ``vendor``; ``epvs`` and
        ``lesions``, their number in the subject; ``sigma_t1``, ….

    Raises
    ------
    ValueError
        If an argument makes no sense.  At the call, not at the first volume.

    Examples
    --------
    >>> one = next(volume_blocks(1, size=64, step=9))
    >>> one["t1"].shape, one["tissue"].dtype
    ((1, 17, 64, 64), dtype('uint8'))
    """
    parameters = HeadParameters(
        field=field, vendor=vendor, noise=noise, bias=bias, skull=skull, atrophy=atrophy,
        lesions=lesions, epvs=epvs, tumour=tumour, hippocampus=hippocampus,
    )  # fmt: skip
    _check(parameters, size, contrasts, {"step": step})
    require_whole("n", n, 1)
    require_whole("seed", seed, 0)
    grid = Grid(size, FIELD_MM / size, step)
    return (_volume(_person(seed, i, parameters), grid, tuple(contrasts), ct) for i in range(n))


def affine(size: int, step: float, lowest: float) -> NDArray[np.float64]:
    """From an index (z, y, x, 1) to mm towards Left, Posterior and Superior."""
    pixel = FIELD_MM / size
    corner = -(size - 1) / 2 * pixel
    return np.array(
        [[0, 0, pixel, corner], [0, pixel, 0, corner], [step, 0, 0, lowest], [0, 0, 0, 1.0]]
    )


# -- one plane ---------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class _Plane:
    anatomy: Anatomy
    images: dict[str, NDArray[np.float32]]
    maps: tuple[NDArray[np.float32], ...]
    bias: NDArray[np.float32]
    ct: NDArray[np.float32] | None


class _Scanner:
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

    def plane(self, z: float, number: int, *, maps: bool = True) -> _Plane:
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
        return _Plane(
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


# -- many planes -------------------------------------------------------------------------------


def _parallel(work: Callable[[Any], Any], tasks: Any) -> list[Any]:
    """NumPy lets go of the interpreter: threads share the work without copying anything."""
    with ThreadPoolExecutor(_WORKERS) as pool:
        return list(pool.map(work, tasks))


def _person(seed: int, number: int, parameters: HeadParameters) -> Person:
    return draw_person(np.random.SeedSequence(seed, spawn_key=(number,)), number, parameters)


def _all_slices(
    seed: int, many: int, levels: tuple[float, float], parameters: HeadParameters
) -> Iterator[tuple[Person, int, float]]:
    """Yield slices of subject after subject, without end: subject, number, level."""
    low, high = levels
    for number in count():
        person = _person(seed, number, parameters)
        own = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(number, 10**6)))
        for i, part in enumerate((np.arange(many) + own.random(many)) / many):
            yield person, i, float(low + (high - low) * part)


def _slice_blocks(
    wanted: Iterator[tuple[Person, int, float]],
    block: int,
    grid: Grid,
    contrasts: tuple[str, ...],
    ct: bool,
) -> Iterator[dict[str, NDArray[Any]]]:
    while part := list(islice(wanted, block)):
        scanners = {id(p): _Scanner(p, grid, contrasts, ct=ct) for p, _, _ in part}

        def scan(task: tuple[Person, int, float], scanners: dict = scanners) -> _Plane:
            person, number, level = task
            return scanners[id(person)].plane(person.height(level), number, maps=False)

        planes = _parallel(scan, part)
        columns = _columns(part, planes, [scanners[id(p)] for p, _, _ in part])
        yield columns | _labels(part, planes, grid)


def _columns(
    part: list[tuple[Person, int, float]], planes: list[_Plane], scanners: list[_Scanner]
) -> dict[str, NDArray[Any]]:
    contrasts = scanners[0].contrasts
    stored = {name: _stored(np.stack([p.images[name] for p in planes])) for name in contrasts}
    shares = np.stack([p.anatomy.fractions[[CSF, GREY, WHITE]] for p in planes])
    found = {"images": stored.pop(contrasts[0]), **stored}
    found |= {
        "masks": np.stack([p.anatomy.tissue for p in planes]),
        "structure": np.stack([p.anatomy.structure for p in planes]),
        "fractions": np.rint(255 * shares).astype(np.uint8),
        "bias": np.stack([p.bias for p in planes]),
        "groups": np.array([p.number for p, _, _ in part], np.int32),
        "slice": np.array([i for _, i, _ in part], np.uint8),
        "level_mm": np.array([level for _, _, level in part], np.float32),
        "atrophy": np.array([p.atrophy for p, _, _ in part], np.float32),
        "vendor": np.array([p.vendor for p, _, _ in part]),
    }
    if scanners[0].ct:
        found["ct"] = np.stack([np.rint(p.ct).astype(np.int16) for p in planes])
    for kind, name in (("epvs", "epvs"), ("lesion", "lesions")):
        counts = [sum(f.kind == kind for f, _, _ in p.anatomy.seen) for p in planes]
        found[name] = np.array(counts, np.uint8)
    for name in contrasts:
        found[f"sigma_{name}"] = np.array([s.sigma(name) for s in scanners], np.float32)
    return found


def _labels(
    part: list[tuple[Person, int, float]], planes: list[_Plane], grid: Grid
) -> dict[str, NDArray[Any]]:
    """Findings, and whether a slice shows disease, where that was asked for."""
    parameters = part[0][0].parameters
    found: dict[str, NDArray[Any]] = {}
    if parameters.lesions or parameters.tumour:
        ill = [(p.anatomy.tissue >= 6).any() for p in planes]
        found["labels"] = np.array(ill, np.uint8)
    if parameters.lesions or parameters.tumour or parameters.epvs:
        listed = np.full((4, len(planes), _MOST), np.nan, np.float32)
        for i, plane in enumerate(planes):
            for j, (finding, x, y) in enumerate(plane.anatomy.seen[:_MOST]):
                row, column = ((a - grid.axis[0]) / grid.pixel for a in (y, x))
                kind = _KINDS.index(finding.kind)
                listed[:, i, j] = row, column, _radius(finding), kind
        names = ("row", "column", "radius_mm", "kind")
        found |= {f"cluster_{name}": a for name, a in zip(names, listed, strict=True)}
    return found


def _volume(
    person: Person, grid: Grid, contrasts: tuple[str, ...], ct: bool
) -> dict[str, NDArray[Any]]:
    scanner = _Scanner(person, grid, contrasts, ct=ct)
    heights = _heights(grid.thickness)

    def scan(task: tuple[int, float]) -> _Plane:
        return scanner.plane(task[1], task[0], maps=False)

    planes = _parallel(scan, enumerate(heights))
    found = {n: _stored(np.stack([p.images[n] for p in planes]))[np.newaxis] for n in contrasts}
    found |= {
        "tissue": np.stack([p.anatomy.tissue for p in planes])[np.newaxis],
        "structure": np.stack([p.anatomy.structure for p in planes])[np.newaxis],
        "bias": np.stack([p.bias for p in planes])[np.newaxis],
        "groups": np.array([person.number], np.int32),
        "atrophy": np.array([person.atrophy], np.float32),
        "vendor": np.array([person.vendor]),
    }
    if ct:
        found["ct"] = np.stack([np.rint(p.ct).astype(np.int16) for p in planes])[np.newaxis]
    for kind, name in (("epvs", "epvs"), ("lesion", "lesions")):
        found[name] = np.array([sum(f.kind == kind for f in person.findings)], np.uint8)
    for name in contrasts:
        found[f"sigma_{name}"] = np.array([scanner.sigma(name)], np.float32)
    return found


def _stored(magnitudes: NDArray[np.float32]) -> NDArray[np.uint16]:
    """As a scanner stores them; 16 bits are far more than the largest signal needs."""
    return np.rint(magnitudes).astype(np.uint16)


def _heights(step: float) -> list[float]:
    low, high = HEIGHTS_MM
    return [low + step * i for i in range(int((high - low) / step + 1e-6) + 1)]


def _radius(finding: Abnormality) -> float:
    if finding.kind == "epvs":
        return float(finding.radii[0])
    return float(finding.radii.max() if finding.kind == "tumour" else finding.radii.mean())


def _described(finding: Abnormality) -> dict[str, Any]:
    x, y, z = (float(a) for a in finding.centre)
    return {"kind": finding.kind, "x": x, "y": y, "z": z, "radius_mm": _radius(finding)}


# -- checks ------------------------------------------------------------------------------------


def _check(
    parameters: HeadParameters, size: int, contrasts: Sequence[str], lengths: Mapping[str, float]
) -> None:
    if size not in _SIZES:
        raise ValueError(
            f"size must be one of {_SIZES}, for a field of {FIELD_MM} mm; got {size!r}"
        )
    wrong = isinstance(contrasts, str) or not contrasts or not set(contrasts) <= set(
        _signal.CONTRASTS
    )  # fmt: skip
    if wrong or len(set(contrasts)) != len(contrasts):
        raise ValueError(
            f"contrasts must be a list of some of {_signal.CONTRASTS}, each once; got {contrasts!r}"
        )
    if parameters.vendor not in (*_signal.VENDORS, "both"):
        raise ValueError(f'vendor must be "A", "B" or "both", got {parameters.vendor!r}')
    _signal.relaxation(parameters.field)
    for name, (low, high, unit) in _RANGES.items():
        value = lengths.get(name) if name in ("thickness", "step") else getattr(parameters, name)
        if value is not None:
            require_range(name, value, low, high, unit)
