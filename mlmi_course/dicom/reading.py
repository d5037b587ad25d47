"""From files to a :class:`~mlmi_course.dicom.Volume`."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mlmi_course.dicom.errors import DicomError
from mlmi_course.dicom.files import blamed_on, choose_series, read_dataset, read_series
from mlmi_course.dicom.frames import Frame, check_even, frames_of, volumes_in
from mlmi_course.dicom.geometry import stack_affine, tilt_degrees
from mlmi_course.dicom.greys import modality_values, shared_item
from mlmi_course.dicom.isolation import IsolatedDecoder
from mlmi_course.dicom.volume import Volume, volume_from_nifti

__all__ = ["read_volume"]

_TILTED_DEGREES: Final = 0.5  # less is the rounding of positions
# Which decoder to prefer.  GDCM, the least strict about damage, only where no other can do it.
_DECODERS: Final = ("pydicom", "pyjpegls", "pylibjpeg", "pillow", "gdcm")
_JPEG: Final = tuple(f"1.2.840.10008.1.2.4.{n}" for n in (50, 51, 57, 70))
_PIXEL_ELEMENTS: Final = ("PixelData", "FloatPixelData", "DoubleFloatPixelData")


def read_volume(
    path: str | os.PathLike[str], series: str | int | None = None, *, group: int = 0
) -> Volume:
    """Read one scan: a folder of slices, a multi-frame file, a DICOMDIR or a NIfTI file.

    Parameters
    ----------
    path : str or path
        * a folder, searched with all folders in it (hidden files and such as ``.txt``,
          ``.json`` or ``.pdf`` are passed over; any other file must be DICOM),
        * one DICOM file: a slice, or an enhanced CT, MR or PET file, or an RT dose,
        * a ``DICOMDIR``,
        * a NIfTI file, ``.nii`` or ``.nii.gz``.
    series : str or int, optional
        Which series, where there are several: its SeriesInstanceUID, SeriesNumber or
        SeriesDescription; :func:`series_table` lists them.
    group : int
        Which volume, where a series holds several at the same positions: echoes, b-values,
        cardiac phases, points in time (of a NIfTI file, the fourth dimension).
        ``info["groups"]`` names them all in order, ``info["group"]`` the one that was read.

    Returns
    -------
    Volume
        Array of float, indexed (z, y, x), with the slices in the order in which they lie
        along their normal; ``affine`` in millimetres towards Left, Posterior and Superior.
        NaN where the file says that nothing was measured (PixelPaddingValue).

        * CT is in HU.  Other modalities keep the file's own rescale; ``unit`` is what the
          file names (PET: Units, RT dose: DoseUnits, otherwise RescaleType), or ``""``;
          never ``"HU"``, which only CT has.
        * ``spacing[0]`` is the distance between the slices' positions, never SliceThickness
          (a single slice alone has nothing else).  In a scan with a tilted gantry the affine
          is sheared, ``spacing[0]`` is the length of the slanting step and
          ``info["gantry tilt (degrees)"]`` the angle; resample before measuring across slices.
        * MONOCHROME1 is a matter of presentation: the values stay as they are and
          ``info["photometric interpretation"]`` says so; :func:`apply_voi` turns them round.

    Raises
    ------
    DicomError
        Naming the file and what to do: not DICOM, damaged or cut off, several series and no
        ``series``, a missing slice, slices that differ in shape, spacing or orientation,
        pictures in colour, projections and films (which have no place in the patient).

    Notes
    -----
    A slice missing at the first or last position leaves no gap and cannot be noticed.

    References
    ----------
    DICOM PS3.3, C.7.6.2 (image plane), C.7.6.16 (functional groups), C.11.1 (modality LUT),
    C.7.5.1.1.2 (padding).

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
    if not isinstance(group, int) or group < 0:
        raise ValueError(f"group counts volumes from 0, got {group!r}")
    if path.name.lower().endswith((".nii", ".nii.gz")) and not path.is_dir():
        return _read_nifti(path, group)
    chosen = choose_series(path, read_series(path), series)
    frames = frames_of(chosen)
    volumes = volumes_in(frames, path)
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
    array = _values(frames)
    info = _info(first, path, chosen.description)
    tilt = tilt_degrees(affine)
    if tilt > _TILTED_DEGREES:
        info["gantry tilt (degrees)"] = round(tilt, 2)
    if len(volumes) > 1:
        info |= {"group": name, "groups": list(volumes)}
    with blamed_on(first.path, "working out the geometry"):
        return Volume(
            array=array,
            spacing=tuple(np.linalg.norm(affine[:3, :3], axis=0)),
            affine=affine,
            modality=chosen.modality,
            unit=_unit(first),
            info=info,
        )


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


def _info(frame: Frame, path: Path, description: str) -> dict[str, Any]:
    header = frame.header
    info: dict[str, Any] = {"source": path.name}
    with blamed_on(frame.path, "reading the header"):
        if description:
            info["description"] = description
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


# -- pixels --------------------------------------------------------------------------------


def _values(frames: Sequence[Frame]) -> NDArray[np.floating]:
    """The frames' values in physical units, shape (z, y, x)."""
    slices: list[NDArray[np.floating] | None] = [None] * len(frames)
    files: dict[Path, list[int]] = {}
    for place, frame in enumerate(frames):
        files.setdefault(frame.path, []).append(place)
    with IsolatedDecoder() as apart:
        for path, places in files.items():
            dataset = read_dataset(path, pixels=True)
            with blamed_on(path, "decoding the pixels"):
                _check_length(path, dataset)
                indices = [frames[place].index for place in places]
                for place, stored in zip(
                    places, _decode(path, dataset, indices, apart), strict=True
                ):
                    frame = frames[place]
                    if stored.shape != frame.shape:
                        raise DicomError(
                            path,
                            f"the pixels have shape {stored.shape}, the header says {frame.shape}",
                            "the file is damaged: export it again",
                        )
                    slices[place] = _physical(frame, stored)
    return np.stack([s for s in slices if s is not None])


def _physical(frame: Frame, stored: NDArray[Any]) -> NDArray[np.floating]:
    header = frame.header
    rescale = shared_item(header, "PixelValueTransformationSequence", frame.index)
    if (
        header.get("Modality") == "CT"
        and "ModalityLUTSequence" not in header
        and (rescale.get("RescaleSlope") is None or rescale.get("RescaleIntercept") is None)
    ):
        raise DicomError(
            frame.path,
            "RescaleSlope or RescaleIntercept is missing, without which CT has no HU",
            "export the file again",
        )
    try:
        return modality_values(stored, header, frame.index)
    except ValueError as error:
        raise DicomError(
            frame.path, str(error), "the header is damaged: export the file again"
        ) from None


def _check_length(path: Path, dataset: Any) -> None:
    """Refuse pixel data that are absent, cut off or far longer than the header says."""
    from pydicom.pixels.utils import get_expected_length

    name = next((name for name in _PIXEL_ELEMENTS if name in dataset), None)
    if name is None:
        raise DicomError(
            path, "no pixel data: the file is cut off or was stripped", "copy it again"
        )
    if dataset.file_meta.TransferSyntaxUID.is_compressed and name == "PixelData":
        return
    held, needed = len(dataset[name].value), get_expected_length(dataset)
    row = math.ceil(needed / (int(dataset.Rows) * int(dataset.get("NumberOfFrames") or 1)))
    if held < needed or held > needed + row + 1:
        raise DicomError(
            path,
            f"{held} bytes of pixel data where the header needs {needed}",
            "the file is cut off or its header damaged: copy it again",
        )


def _decode(
    path: Path, dataset: Any, indices: list[int], apart: IsolatedDecoder
) -> list[NDArray[Any]]:
    """Stored values of some frames, by the first decoder that manages it."""
    from pydicom.pixels import get_decoder, iter_pixels

    syntax = dataset.file_meta.TransferSyntaxUID
    count = int(dataset.get("NumberOfFrames") or 1)
    wanted = {} if len(indices) == count == 1 else {"indices": indices}
    if not syntax.is_compressed:
        return [np.array(frame) for frame in iter_pixels(dataset, **wanted)]
    available = sorted(get_decoder(syntax).available_plugins, key=_DECODERS.index)
    if syntax in _JPEG:
        available = [plugin for plugin in ("pillow", "gdcm", "pylibjpeg") if plugin in available]
        del available[2:]
    elif len(available) > 1 and available[-1] == "gdcm":
        available.pop()
    reasons = []
    for plugin in available:
        try:
            if plugin == "pydicom":  # pure Python: RLE
                return [np.array(frame) for frame in iter_pixels(dataset, **wanted)]
            return apart.decode(path, indices, plugin)
        except Exception as error:
            reasons.append(f"{plugin}: {' '.join(str(error).split())[:120]}")
    if not available:
        raise DicomError(
            path,
            f"compressed as {syntax.name}, and no decoder for it is installed",
            "pip install python-gdcm pylibjpeg-openjpeg pyjpegls",
        )
    raise DicomError(
        path,
        f"compressed as {syntax.name} and cannot be decoded ({'; '.join(reasons)})",
        "the file is damaged: copy or export it again",
    )


# -- NIfTI ---------------------------------------------------------------------------------


def _read_nifti(path: Path, group: int) -> Volume:
    import nibabel
    from nibabel.imageglobals import LoggingOutputSuppressor

    if not path.exists():
        raise DicomError(path, "there is no such file or folder", "check the path")
    with blamed_on(path, "reading the NIfTI file"), LoggingOutputSuppressor():
        image = nibabel.load(path)
        _check_nifti(path, image)
        groups = [f"volume {i}" for i in range(image.shape[3])] if image.ndim == 4 else [""]
        name = _chosen_group(path, groups, group)
        if image.ndim == 4:
            image = image.slicer[..., group]
        unit = image.header.get_xyzt_units()[0]
        if unit not in ("mm", "unknown"):
            raise DicomError(
                path, f"its lengths are in {unit}, not in mm", "convert it with nibabel first"
            )
        volume = volume_from_nifti(image, modality="")
        info = {"source": path.name}
        if not (image.header["qform_code"] or image.header["sform_code"]):
            info["orientation"] = "a guess: the file does not say how it lies in the patient"
        if len(groups) > 1:
            info |= {"group": name, "groups": groups}
        array = np.asarray(volume.array)
        # As for DICOM: float32 holds 16-bit integers exactly, wider ones get float64.
        array = array.astype(np.result_type(array.dtype, np.float32), copy=False)
        return Volume(array, volume.spacing, volume.affine, "", "", info)


def _check_nifti(path: Path, image: Any) -> None:
    """Refuse sound files that do not hold one number per voxel of a scan."""
    if image.ndim not in (3, 4):
        raise DicomError(
            path,
            f"a NIfTI array of shape {tuple(image.shape)}: {image.ndim} dimensions",
            "a scan has 3 (x, y, z) or 4 (several volumes): take a part of it with nibabel",
        )
    dtype = image.get_data_dtype()
    if dtype.kind not in "iuf":
        kind = "complex numbers" if dtype.kind == "c" else "colours"
        raise DicomError(
            path,
            f"its voxels are {kind} ({dtype}), not one measured value each",
            "nibabel.load(path).dataobj gives them; save magnitude, phase or one channel apart",
        )
