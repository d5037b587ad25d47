"""Heads in MR scanners: slices as an image set, and volumes that know where they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mlmi_course.data.loaders import (
    _BRAIN_SLICES,
    _BRAIN_VOLUMES,
    LICENCE,
    _is_real,
    _positive,
    _simulate,
    _simulated_arrays,
)

if TYPE_CHECKING:
    from mlmi_course.data.imageset import ImageSet
    from mlmi_course.dicom.volume import Volume

__all__ = ["HeadScan", "load_brain_slices", "load_brain_volumes"]


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class HeadScan:
    """One head: registered volumes of several contrasts, and labels on the same grid.

    Attributes
    ----------
    group : int or str
        The subject.
    images : mapping of str to Volume
        By contrast, such as ``"t1"``.
    labels : mapping of str to Volume
        Whole numbers: ``"tissue"`` and ``"structure"`` of simulated heads.
    maps : mapping of str to Volume
        Other quantities on the same grid: the true ``"bias"`` field, ``"ct"``.
    facts : mapping of str to value
        What else is known of the subject.
    source, licence : str

    Examples
    --------
    >>> head = load_brain_volumes(1, size=64, step=9)[0]
    >>> head
    HeadScan: subject 0, 17 × 64 × 64 voxels (z, y, x): t1, t2; labels tissue, structure
    """

    group: Any
    images: Mapping[str, Volume]
    labels: Mapping[str, Volume] = field(default_factory=dict)
    maps: Mapping[str, Volume] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    source: str
    licence: str

    def __repr__(self) -> str:
        shape = " × ".join(str(n) for n in next(iter(self.images.values())).shape)
        labels = f"; labels {', '.join(self.labels)}" if self.labels else ""
        images = ", ".join(self.images)
        return f"HeadScan: subject {self.group}, {shape} voxels (z, y, x): {images}{labels}"


def load_brain_slices(
    n: int = 300, seed: int = 0, source: str = "simulated", size: int = 128, **switches: Any
) -> ImageSet:
    """Axial MR slices of heads with their tissues.

    Parameters
    ----------
    n : int, default 300
        Number of simulated slices, three of every subject.
    seed : int, default 0
        Other seeds, other subjects.
    source : {"simulated"}
        There is no real set.
    size : int, default 128
        Pixels on a side, 64, 128, 192 or 256; the field of view stays 230.4 mm.
    **switches
        Passed on to :func:`mlmi_course.phantoms.brain.slice_blocks`, which describes them:
        contrasts, levels, field, vendor, noise, bias, lesions, epvs, tumour, hippocampus, ct ….

    Returns
    -------
    ImageSet
        ``images`` are magnitudes of the first contrast (T1) in 16 bits, as a scanner stores
        them; ``extra`` has the others (``"t2"``, ``"pd"``, ``"flair"``) in the same unit,
        neither clipped nor scaled.  ``masks`` have the number of the tissue
        (:data:`mlmi_course.phantoms.brain.TISSUES`: 1 CSF, 2 grey, 3 white matter).
        ``extra["fractions"]``, shape (n, 3, size, size), has the true shares of these three
        (255 is all), ``extra["bias"]`` the true bias field, ``extra["structure"]`` ventricles,
        hippocampus and perivascular spaces.  The table has ``level_mm``, ``vendor``, counts of
        lesions and perivascular spaces, and ``sigma_…`` of the noise.

    Raises
    ------
    ValueError
        For an ``n`` that is not a positive whole number or an unknown source.
    TypeError
        For an unknown switch.

    Examples
    --------
    >>> data = load_brain_slices(n=6, size=64)
    >>> data
    ImageSet: brain-slices, 6 images of 64×64 pixels, 2 patients
    >>> sorted(data.extra)
    ['bias', 'flair', 'fractions', 'pd', 'structure', 't2']
    """
    own = {**switches, **({} if size == 128 else {"size": size})}
    _is_real(source, _BRAIN_SLICES, n, seed, own, sources=("simulated",))
    from mlmi_course.phantoms.brain import FIELD_MM, slice_blocks

    size = _positive(size, "size")
    return _simulate(_BRAIN_SLICES, slice_blocks, FIELD_MM / size, n, seed, switches, size=size)


def load_brain_volumes(
    n: int = 4, seed: int = 0, source: str = "simulated", size: int = 128, **switches: Any
) -> tuple[HeadScan, ...]:
    """MR volumes of heads with their tissues.

    Parameters
    ----------
    n : int, default 4
        Number of simulated subjects.  One of the usual size takes some two seconds to make and
        about 14 MB on disk; it is read through memory maps.
    seed : int, default 0
        Other seeds, other subjects; those of :func:`load_brain_slices` with this seed.
    source : {"simulated"}
        There is no real set.
    size : int, default 128
        Pixels on a side, 64, 128, 192 or 256; the field of view stays 230.4 mm.
    **switches
        Passed on to :func:`mlmi_course.phantoms.brain.volume_blocks`, which describes them:
        step, contrasts, field, vendor, noise, bias, lesions, tumour, hippocampus, ct ….

    Returns
    -------
    tuple of HeadScan
        Arrays are read-only: copy what you want to change.

    Raises
    ------
    ValueError
        For an ``n`` that is not a positive whole number or an unknown source.
    TypeError
        For an unknown switch.

    Examples
    --------
    >>> heads = load_brain_volumes(1, size=64, step=9, contrasts=("t1", "flair"))
    >>> heads[0].images["flair"]
    Volume: MR, 17 × 64 × 64 voxels (z, y, x) of 9 × 3.6 × 3.6 mm
    >>> int(heads[0].labels["tissue"].array.max())
    5
    """
    own = {**switches, **({} if size == 128 else {"size": size})}
    _is_real(source, _BRAIN_VOLUMES, n, seed, own, sources=("simulated",))
    from mlmi_course.dicom.volume import Volume
    from mlmi_course.phantoms.brain import CONTRASTS, FIELD_MM, HEIGHTS_MM, affine, volume_blocks

    size = _positive(size, "size")
    arrays, origin = _simulated_arrays(_BRAIN_VOLUMES, volume_blocks, n, seed, switches, size=size)
    step = float(switches.get("step", 1.8))
    where = affine(size, step, HEIGHTS_MM[0])
    spacing = (step, FIELD_MM / size, FIELD_MM / size)

    def volume(name: str, i: int) -> Volume:
        kind = {"modality": "CT", "unit": "HU"} if name == "ct" else {"modality": "MR"}
        return Volume(arrays[name][i], spacing, where, info={"description": name}, **kind)

    def volumes(names: tuple[str, ...], i: int) -> dict[str, Volume]:
        return {name: volume(name, i) for name in names if name in arrays}

    columns = [name for name, array in arrays.items() if array.ndim == 1 and name != "groups"]
    return tuple(
        HeadScan(
            group=int(arrays["groups"][i]),
            images=volumes(CONTRASTS, i),
            labels=volumes(("tissue", "structure"), i),
            maps=volumes(("bias", "ct"), i),
            facts={name: arrays[name][i].item() for name in columns},
            source=origin,
            licence=LICENCE,
        )
        for i in range(len(arrays["groups"]))
    )
