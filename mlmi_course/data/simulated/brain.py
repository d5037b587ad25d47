"""Loaders of heads in MR scanners: slices as an image set, and volumes that know where they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Unpack

from mlmi_course._numbers import require_whole
from mlmi_course._signatures import shows
from mlmi_course.data.simulated._request import (
    LICENCE,
    Simulated,
    is_real,
    require_parameters,
    simulate,
    simulated_arrays,
)
from mlmi_course.data.volumeset import VolumeSet
from mlmi_course.phantoms.arguments import SliceArguments, VolumeArguments

if TYPE_CHECKING:
    from mlmi_course.data.imageset import ImageSet
    from mlmi_course.dicom.volume import Volume

__all__ = ["BRAIN_SLICES", "BRAIN_VOLUMES", "load_brain_slices", "load_brain_volumes"]

BRAIN_SLICES: Final = Simulated(
    name="brain-slices",
    loader="load_brain_slices",
    description="Simulated MR slices of heads; masks show the tissue, 0 background, 1 CSF, 2 grey "
    "and 3 white matter, 4 skull, 5 scalp, 6 lesion, 7 tumour core, 8 its rim, 9 oedema.",
    simulator="mlmi_course.phantoms.brain",
    datasheet="docs/datasheets/brain.md",
    classes={0: "without a lesion", 1: "with a lesion"},
)
BRAIN_VOLUMES: Final = Simulated(
    name="brain-volumes",
    loader="load_brain_volumes",
    description="Simulated MR volumes of heads; masks show the tissue.",
    simulator="mlmi_course.phantoms.brain",
    datasheet="docs/datasheets/brain.md",
)


@shows(SliceArguments)
def load_brain_slices(
    n: int = 300,
    seed: int = 0,
    source: str = "simulated",
    size: int = 128,
    **parameters: Unpack[SliceArguments],
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
    **parameters
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
        For an unknown parameter.

    Examples
    --------
    >>> data = load_brain_slices(n=6, size=64)
    >>> data
    ImageSet: brain-slices, 6 images of 64×64 pixels, 2 patients
    >>> sorted(data.extra)
    ['bias', 'flair', 'fractions', 'pd', 'structure', 't2']
    """
    own = {**parameters, **({} if size == 128 else {"size": size})}
    is_real(source, BRAIN_SLICES, n, seed, own, sources=("simulated",))
    from mlmi_course.phantoms.brain import FIELD_MM, slice_blocks

    size = require_whole("size", size, 1)
    return simulate(BRAIN_SLICES, slice_blocks, FIELD_MM / size, n, seed, parameters, size=size)


@shows(VolumeArguments)
def load_brain_volumes(
    n: int = 4,
    seed: int = 0,
    source: str = "simulated",
    size: int = 128,
    **parameters: Unpack[VolumeArguments],
) -> VolumeSet:
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
    **parameters
        Passed on to :func:`mlmi_course.phantoms.brain.volume_blocks`, which describes them:
        step, contrasts, field, vendor, noise, bias, lesions, tumour, hippocampus, ct ….

    Returns
    -------
    VolumeSet
        Each ``volume`` is of the first contrast (T1), in 16 bits; its ``mask`` has the number of
        the tissue (:data:`mlmi_course.phantoms.brain.TISSUES`).  ``extra`` has the other
        contrasts, ``"structure"``, the true ``"bias"`` field, and ``"ct"`` if asked for.  The
        table has ``atrophy``, ``vendor``, counts, and ``sigma_…`` of the noise.  Arrays are
        read-only: copy what you want to change.

    Raises
    ------
    ValueError
        For an ``n`` that is not a positive whole number or an unknown source.
    TypeError
        For an unknown parameter.

    Examples
    --------
    >>> heads = load_brain_volumes(2, size=64, step=9, contrasts=("t1", "flair"))
    >>> heads
    VolumeSet: brain-volumes, 2 volumes, 2 patients
    >>> heads[0].extra["flair"]
    Volume: MR, 17 × 64 × 64 voxels (z, y, x) of 9 × 3.6 × 3.6 mm
    >>> int(heads[0].mask.array.max())
    5
    """
    own = {**parameters, **({} if size == 128 else {"size": size})}
    is_real(source, BRAIN_VOLUMES, n, seed, own, sources=("simulated",))
    import pandas as pd

    from mlmi_course.dicom.volume import Volume
    from mlmi_course.phantoms.brain import FIELD_MM, HEIGHTS_MM, TISSUES, affine, volume_blocks

    size = require_whole("size", size, 1)
    arrays, origin = simulated_arrays(BRAIN_VOLUMES, volume_blocks, n, seed, parameters, size=size)
    usual = require_parameters(volume_blocks, parameters, BRAIN_VOLUMES.loader)
    asked = {**usual, **parameters}
    where = affine(size, float(asked["step"]), HEIGHTS_MM[0])
    spacing = (float(asked["step"]), FIELD_MM / size, FIELD_MM / size)

    def volumes(name: str) -> list[Volume]:
        kind = {"modality": "CT", "unit": "HU"} if name == "ct" else {"modality": "MR"}
        info = {"description": name}
        return [Volume(array, spacing, where, info=info, **kind) for array in arrays[name]]

    first = asked["contrasts"][0]
    scans = [name for name, array in arrays.items() if array.ndim == 4]
    columns = {name: array.copy() for name, array in arrays.items() if array.ndim == 1}
    return VolumeSet(
        name=BRAIN_VOLUMES.name,
        volumes=volumes(first),
        masks=volumes("tissue"),
        extra={name: volumes(name) for name in scans if name not in (first, "tissue")},
        groups=columns.pop("groups"),
        table=pd.DataFrame(columns),
        classes=TISSUES,
        source=origin,
        licence=LICENCE,
        description=BRAIN_VOLUMES.description,
        datasheet=BRAIN_VOLUMES.datasheet,
    )
