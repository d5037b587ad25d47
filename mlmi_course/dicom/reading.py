"""From files to a :class:`~mlmi_course.dicom.Volume`."""

from __future__ import annotations

import os
import time
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from mlmi_course._numbers import is_whole
from mlmi_course.dicom.decoding import physical_values
from mlmi_course.dicom.errors import DicomError
from mlmi_course.dicom.files import Series, blamed_on, choose_series, find_files, read_series
from mlmi_course.dicom.frames import Frame, frames_of
from mlmi_course.dicom.geometry import stack_affine, tilt_degrees
from mlmi_course.dicom.grouping import check_even, volumes_in
from mlmi_course.dicom.intensity import padding_range, shared_item
from mlmi_course.dicom.nifti import nifti_volume
from mlmi_course.dicom.segmentation import is_segmentation, segment_volume
from mlmi_course.dicom.volume import Volume

__all__ = ["read_volume"]

_TILTED_DEGREES: Final = 0.5  # less is the rounding of positions
# Files that changed so short a time before they were read may change again unnoticed.
_SETTLED_S: Final = 2.0


def read_volume(
    path: str | os.PathLike[str], series: str | int | None = None, *, group: int = 0
) -> Volume:
    """Read one scan: a folder of slices, a multi-frame file, a segmentation, a DICOMDIR or NIfTI.

    Parameters
    ----------
    path : str or path
        * a folder, searched with all folders in it (hidden files and such as ``.txt``,
          ``.json`` or ``.pdf`` are passed over, and so are DICOM objects without pixels, which
          ``info["passed over"]`` counts; any other file must be DICOM),
        * one DICOM file: a slice, a Siemens mosaic, an enhanced CT, MR or PET file, an RT dose,
          a segmentation,
        * a DICOM directory (``DICOMDIR``, whatever its name),
        * a NIfTI file, ``.nii`` or ``.nii.gz``.
    series : str or int, optional
        Which series, where there are several: its SeriesInstanceUID, SeriesNumber or
        SeriesDescription; :func:`series_table` lists them.
    group : int
        Which volume, where a series holds several: contrasts, echoes, b-values, cardiac phases,
        points in time (of a segmentation the segment, of a NIfTI file the fourth dimension).
        ``info["groups"]`` names them all in order, ``info["group"]`` the one that was read:
        ``"EchoTime 4.6"``, ``"b=1000 (0.6, 0.8, 0)"``.  Where InstanceNumber alone sorts them,
        ``info["order of the groups"]`` says so.  The headers are read once for all groups.

    Returns
    -------
    Volume
        Array of float, indexed (z, y, x), with the slices in the order in which they lie
        along their normal; ``affine`` in millimetres towards Left, Posterior and Superior.

        * CT is in HU.  Other modalities keep the file's own rescale; ``unit`` is what the
          file names (PET: Units, RT dose: DoseUnits, otherwise RescaleType), or ``""``;
          never ``"HU"``, which only CT has.
        * NaN where PixelPaddingValue says that nothing was measured: in CT, below -1000 HU.
          Everywhere else the value is a real one (the background 0 of MR) and stays;
          ``info["padding (stored)"]`` has it.
        * ``spacing[0]`` is the distance between the slices' positions, never SliceThickness
          (a single slice alone has nothing else).  In a scan with a tilted gantry the affine
          is sheared, ``spacing[0]`` is the length of the slanting step and
          ``info["gantry tilt (degrees)"]`` the angle; resample before measuring across slices.
        * MONOCHROME1 is a matter of presentation: the values stay as they are and
          ``info["photometric interpretation"]`` says so; :func:`apply_voi` turns them round.
        * Of a segmentation 0 and 1 (FRACTIONAL: fractions) of one segment, on the grid of the
          image it refers to, if that lies in the same folder; slices that are not stored are 0.

    Raises
    ------
    DicomError
        Naming the file, or the folder where no single file is at fault, and what to do: not
        DICOM, damaged or cut off, several series and no ``series``, a missing slice, slices
        that differ in shape, spacing or orientation, a scan that was aborted, a MOSAIC without
        its private elements, pictures in colour, projections and films (which have no place in
        the patient).

    Warns
    -----
    UserWarning
        If the sform and qform of a NIfTI file differ, with the distance; if a mosaic does not
        say in which direction its slices follow each other.

    Notes
    -----
    * A slice missing at the first or last position leaves no gap and cannot be noticed.
    * Other readers give other values for the same files, and docs/dicom.md has the table.  For
      instance SimpleITK returns the first frame's rescale for all frames of an enhanced file
      (slopes 2, 1, 4, 3: 2 for all), stored values of a dose (400 for 4 Gy), largest value
      minus value for MONOCHROME1, -3024 HU for padding of -2000, a mosaic of 8 slices as one of
      48 × 48, and of a NIfTI file with two affines the qform, where here the sform counts.

    References
    ----------
    DICOM PS3.3, C.7.6.2 (image plane), C.7.6.16 (functional groups, DimensionIndexValues in
    C.7.6.17), C.11.1 (modality LUT), C.7.5.1.1.2 (padding), C.8.20 (segmentation).

    Examples
    --------
    >>> from pydicom import examples
    >>> slice_ = read_volume(examples.get_path("ct"))
    >>> slice_
    Volume: CT, 1 × 128 × 128 voxels (z, y, x) of 5 × 0.6615 × 0.6615 mm, HU
    >>> dose = read_volume(examples.get_path("rt_dose"))
    >>> dose.shape, dose.unit
    ((15, 10, 10), 'RELATIVE')
    """
    path = Path(path)
    if not is_whole(group) or group < 0:
        raise ValueError(f"group counts volumes from 0, got {group!r}")
    if path.name.lower().endswith((".nii", ".nii.gz")) and not path.is_dir():
        volume, names = nifti_volume(path, group)
        _chosen_group(path, names, group)
        return volume
    scan = _scan(path, series)
    chosen = scan.chosen
    if is_segmentation(chosen):
        return segment_volume(
            path,
            chosen,
            scan.found,
            lambda names: names.index(_chosen_group(path, names, group)),
        )
    if scan.volumes is None:
        scan.volumes = volumes_in(frames_of(chosen), path)
    volumes = scan.volumes
    name = _chosen_group(path, list(volumes), group)
    frames = volumes[name]
    check_even(frames)
    first = frames[0]
    if len(frames) == 1 and first.thickness is None:
        raise DicomError(
            first.path,
            "a single slice without SliceThickness: its third dimension is unknown",
            "read the whole series, or the picture alone with pydicom.pixels.pixel_array",
        )
    with blamed_on(first.path, "working out the geometry"):
        affine = stack_affine(
            [frame.position for frame in frames],
            first.orientation,
            first.pixel_spacing,
            first.thickness,
        )
    array = physical_values(frames)
    info = _info(first, path, chosen, len(frames))
    tilt = tilt_degrees(affine)
    if tilt > _TILTED_DEGREES:
        info["gantry tilt (degrees)"] = round(tilt, 2)
    if len(volumes) > 1:
        info |= {"group": name, "groups": list(volumes)}
        if "InstanceNumber:" in name:
            info["order of the groups"] = (
                "by InstanceNumber alone: nothing in the headers says when each was measured"
            )
    with blamed_on(first.path, "working out the geometry"):
        volume = Volume(
            array=array,
            spacing=tuple(np.linalg.norm(affine[:3, :3], axis=0)),
            affine=affine,
            modality=chosen.modality,
            unit=_unit(first),
            info=info,
        )
    if first.note:
        warnings.warn(f"{first.path.name}: {first.note}", stacklevel=2)
    return volume


# -- headers are read once for all groups --------------------------------------------------


@dataclass
class _Scan:
    """What the headers of a path said, and by what it is seen that they still say it."""

    key: tuple[Path, str | int | None]
    files: tuple[tuple[str, int, int], ...]
    found: list[Series]
    chosen: Series
    volumes: dict[str, list[Frame]] | None = None


_last: _Scan | None = None  # one only: a loop over the groups of a scan needs no more


def _scan(path: Path, series: str | int | None) -> _Scan:
    global _last
    key = (path.resolve(), series)
    begun = time.time()
    before = _last
    files = _state(path) if before is not None and before.key == key else ()
    if before is not None and files and before.files == files:
        return before
    _last = None
    files = files or _state(path)
    found = read_series(path)
    scan = _Scan(key, files, found, choose_series(path, found, series))
    if files and begun - max(changed for _, _, changed in files) / 1e9 > _SETTLED_S:
        _last = scan
    return scan


def _state(path: Path) -> tuple[tuple[str, int, int], ...]:
    """Names, sizes and times of change of all files that would be read."""
    files = [*find_files(path), *([path] if path.is_file() else [])]
    states = [(file, file.stat()) for file in files]
    return tuple((str(file), state.st_size, state.st_mtime_ns) for file, state in states)


def _chosen_group(path: Path, names: list[str], group: int) -> str:
    if group < len(names):
        return names[group]
    raise DicomError(
        path,
        f"there is no group {group}: {len(names)} volume{'s'[: len(names) != 1]} here",
        "count from 0: "
        + "; ".join(f"{i} {name or 'the whole series'}" for i, name in enumerate(names)),
    )


# -- what the header says ------------------------------------------------------------------


def _unit(frame: Frame) -> str:
    header = frame.header
    rescale = shared_item(header, "PixelValueTransformationSequence", frame.index)
    kind = str(rescale.get("RescaleType") or "")
    modality = header.get("Modality")
    with blamed_on(frame.path, "reading the header"):
        if tables := header.get("ModalityLUTSequence"):
            kind = str(tables[0].get("ModalityLUTType") or "")
        elif modality == "PT":
            kind = str(header.get("Units") or "")
        elif modality == "RTDOSE":
            kind = str(header.get("DoseUnits") or "")
    if modality == "CT" and not kind:
        return "HU"  # RescaleType may be left out where the values are HU (C.8.2.1.1.2)
    if kind == "HU" and modality != "CT":
        return ""  # some MR and PET files say so, copied from CT: nothing else has HU
    return "" if kind == "US" else kind  # US is DICOM's word for "unspecified"


def _info(frame: Frame, path: Path, chosen: Series, slices: int) -> dict[str, Any]:
    header = frame.header
    info: dict[str, Any] = {"source": path.name}
    with blamed_on(frame.path, "reading the header"):
        if chosen.description:
            info["description"] = chosen.description
        if chosen.passed_over:
            info["passed over"] = dict(chosen.passed_over)
        if frame.corner is not None:
            info["mosaic"] = f"{slices} slices of one picture"
        if frame.note:
            info["slice order"] = frame.note
        if (padding := padding_range(header)) is not None:
            low, high = padding
            info["padding (stored)"] = low if low == high else (low, high)
        if manufacturer := header.get("Manufacturer"):
            info["manufacturer"] = str(manufacturer)
        info["photometric interpretation"] = str(header.PhotometricInterpretation)
        views = shared_item(header, "FrameVOILUTSequence", frame.index)
        pair = [np.ravel(views.get(name, [])) for name in ("WindowCenter", "WindowWidth")]
        if len(pair[0]) and len(pair[0]) == len(pair[1]):
            info["windows"] = [(float(c), float(w)) for c, w in zip(*pair, strict=True)]
        if frame.thickness is not None:
            info["slice thickness (mm)"] = frame.thickness
    return info
