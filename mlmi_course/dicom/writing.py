"""Writing a CT volume as a DICOM series, with the defects that real series have."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mlmi_course.dicom.errors import DicomError
from mlmi_course.dicom.files import quiet
from mlmi_course.dicom.geometry import oblique_affine, slice_normal, tilt_degrees, tilted_affine
from mlmi_course.dicom.volume import Volume

__all__ = ["write_series"]

_CT_IMAGE: Final = "1.2.840.10008.5.1.4.1.1.2"
_EXPLICIT_LITTLE_ENDIAN: Final = "1.2.840.10008.1.2.1"
_EXPLICIT_BIG_ENDIAN: Final = "1.2.840.10008.1.2.2"
_INTERCEPT: Final = -1024
_PADDING: Final = -2000  # as in many scanners' files: below any stored value of air


def write_series(
    volume: Volume,
    folder: str | os.PathLike[str],
    *,
    shuffled_names: bool = False,
    lying_instance_numbers: bool = False,
    oblique: float = 0.0,
    tilt: float = 0.0,
    missing: Collection[int] = (),
    gap: float = 0.0,
    transfer_syntax: str | None = None,
    patient: Mapping[str, Any] | None = None,
    seed: int = 0,
) -> list[Path]:
    """Write a CT volume as a folder of DICOM slices, honest or with chosen defects.

    Parameters
    ----------
    volume : Volume
        Modality ``"CT"``, in HU; NaN is written as padding.
    folder : str or path
        Made if need be; files of the same name in it are refused.
    shuffled_names : bool
        File names in an order that says nothing about the slices.
    lying_instance_numbers : bool
        The same for InstanceNumber.
    oblique : float
        Degrees by which the scan's geometry is turned about the patient's left–right axis
        through the middle of the volume (:func:`oblique_affine`).  Values stay as they are:
        for true anatomy on an oblique grid, sample a phantom on that affine.
    tilt : float
        Degrees by which the gantry is tilted (:func:`tilted_affine`).
    missing : collection of int
        Slices, counted along the volume's first axis, that are not written.
    gap : float
        Millimetres left out between slices: SliceThickness is the step minus the gap
        (negative: slices overlap).  Positions are not changed, and they are what counts.
    transfer_syntax : str, optional
        UID of the encoding; Explicit VR Little Endian if left out.  RLE Lossless needs
        nothing more, JPEG-LS the package pyjpegls, JPEG 2000 pylibjpeg-openjpeg.
    patient : mapping, optional
        Header elements to set or replace in every file: keyword → value.
    seed : int
        Decides names, numbers and UIDs; the same seed gives the same files.

    Returns
    -------
    list of pathlib.Path
        The files, in the order of the slices along the volume's first axis.

    Raises
    ------
    ValueError
        If the volume is not CT in HU, a value does not fit 16 bits, or an option makes no
        sense.
    DicomError
        If a file is already there.

    See Also
    --------
    read_volume : reads it back.
    mlmi_course.phantoms.ct.chest_phantom : a volume to write.

    References
    ----------
    DICOM PS3.3, A.3 (CT image).

    Examples
    --------
    >>> import tempfile
    >>> from mlmi_course.dicom import read_volume
    >>> affine = [[0, 0, 1, 0], [0, 1, 0, 0], [3, 0, 0, 0], [0, 0, 0, 1]]
    >>> scan = Volume(np.zeros((4, 8, 8)), (3, 1, 1), affine, "CT", "HU")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     files = write_series(scan, folder, shuffled_names=True)
    ...     back = read_volume(folder)
    >>> back
    Volume: CT, 4 × 8 × 8 voxels (z, y, x) of 3 × 1 × 1 mm, HU
    """
    if transfer_syntax == _EXPLICIT_BIG_ENDIAN:
        raise ValueError("big-endian files are retired from the standard and not written")
    stored = _stored(volume)
    count = len(stored)
    left_out = {int(index) for index in missing}
    if not left_out < set(range(count)):
        raise ValueError(f"missing must leave some of the slices 0 to {count - 1}, got {missing}")
    thickness = volume.spacing[0] - gap
    if not thickness > 0:
        raise ValueError(f"a gap of {gap} mm leaves nothing of a step of {volume.spacing[0]} mm")
    middle = volume.position((np.array(volume.shape) - 1) / 2)
    affine = tilted_affine(oblique_affine(volume.affine, oblique, middle), tilt)
    _check_rectangular(affine)
    rng = np.random.default_rng(seed)
    order = np.arange(count)
    names = rng.permutation(count) if shuffled_names else order
    instances = rng.permutation(count) if lying_instance_numbers else order
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    files = [folder / f"slice_{name + 1:04d}.dcm" for name in names]
    for file in files:
        if file.exists():
            raise DicomError(file, "already there", "choose an empty folder")
    template = _header(volume, affine, stored, thickness, seed)
    if tilt:
        template.GantryDetectorTilt = _decimal(tilt)
    written = []
    with quiet():
        for index in (i for i in order if i not in left_out):
            dataset = _slice(template, stored[index], affine, int(index), int(instances[index]))
            for keyword, value in (patient or {}).items():
                setattr(dataset, keyword, value)
            _save(dataset, files[index], transfer_syntax)
            written.append(files[index])
    return written


def _stored(volume: Volume) -> NDArray[np.int16]:
    if volume.modality != "CT" or volume.unit != "HU":
        raise ValueError(
            f"only CT in HU is written, got {volume.modality or 'no modality'} in "
            f"{volume.unit or 'no unit'}"
        )
    hounsfield = np.asarray(volume.array, dtype=float)
    numbers = np.where(np.isnan(hounsfield), _PADDING, np.rint(hounsfield - _INTERCEPT))
    limits = np.iinfo(np.int16)
    if numbers.min() < limits.min or numbers.max() > limits.max:
        raise ValueError("HU must lie within ±30,000 to fit 16 bits")
    if (numbers[~np.isnan(hounsfield)] == _PADDING).any():
        raise ValueError(f"{_PADDING + _INTERCEPT} HU is kept for padding; write NaN for it")
    return numbers.astype(np.int16)


def _check_rectangular(affine: NDArray[np.float64]) -> None:
    row, column = affine[:3, 2], affine[:3, 1]
    if abs(row @ column) > 1e-3 * np.linalg.norm(row) * np.linalg.norm(column):
        raise ValueError("DICOM slices have rows and columns at a right angle; these do not")


def _header(
    volume: Volume,
    affine: NDArray[np.float64],
    stored: NDArray[np.int16],
    thickness: float,
    seed: int,
) -> Any:
    """What all slices share."""
    from pydicom import Dataset

    dataset = Dataset()
    # The content takes part, so that two volumes with the same seed are never one study.
    content = hashlib.sha256(stored.tobytes() + affine.tobytes()).hexdigest()
    for keyword, name in (
        ("StudyInstanceUID", "study"),
        ("SeriesInstanceUID", "series"),
        ("FrameOfReferenceUID", "frame"),
    ):
        setattr(dataset, keyword, _uid(content, str(seed), name))
    dataset.SOPClassUID = _CT_IMAGE
    dataset.Modality = "CT"
    dataset.ImageType = ["DERIVED", "PRIMARY", "AXIAL"]
    dataset.Manufacturer = "mlmi-course"
    dataset.SeriesDescription = str(volume.info.get("description", "simulated CT"))[:64]
    dataset.PatientName = "Phantom^Chest"
    dataset.PatientID = f"PHANTOM-{seed}"
    dataset.PatientBirthDate = ""
    dataset.PatientSex = "O"
    dataset.PatientPosition = "HFS"
    dataset.StudyDate = dataset.SeriesDate = dataset.ContentDate = "20200102"
    dataset.StudyTime = dataset.SeriesTime = dataset.ContentTime = "120000"
    dataset.StudyID, dataset.SeriesNumber, dataset.AcquisitionNumber = "1", 1, 1
    dataset.AccessionNumber = dataset.ReferringPhysicianName = ""
    dataset.PositionReferenceIndicator = ""
    dataset.KVP = "120"
    row, column = affine[:3, 2], affine[:3, 1]
    spacing = np.linalg.norm(column), np.linalg.norm(row)
    dataset.PixelSpacing = [_decimal(step) for step in spacing]
    dataset.ImageOrientationPatient = [
        _decimal(number) for number in (*(row / spacing[1]), *(column / spacing[0]))
    ]
    dataset.SliceThickness = _decimal(thickness)
    dataset.Rows, dataset.Columns = stored.shape[1:]
    dataset.SamplesPerPixel = 1
    dataset.PhotometricInterpretation = "MONOCHROME2"
    dataset.BitsAllocated = dataset.BitsStored = 16
    dataset.HighBit, dataset.PixelRepresentation = 15, 1
    dataset.RescaleSlope, dataset.RescaleIntercept, dataset.RescaleType = "1", _INTERCEPT, "HU"
    dataset.WindowCenter, dataset.WindowWidth = "40", "400"
    if np.isnan(volume.array).any():
        dataset.PixelPaddingValue = _PADDING
    return dataset


def _slice(
    template: Any, pixels: NDArray[np.int16], affine: NDArray[np.float64], index: int, number: int
) -> Any:
    import copy

    dataset = copy.deepcopy(template)
    position = affine[:3] @ (index, 0, 0, 1)
    dataset.ImagePositionPatient = [_decimal(coordinate) for coordinate in position]
    if tilt_degrees(affine) < 1e-6:
        orientation = [float(number) for number in template.ImageOrientationPatient]
        dataset.SliceLocation = _decimal(float(position @ slice_normal(orientation)))
    dataset.InstanceNumber = number + 1
    dataset.SOPInstanceUID = _uid(template.SeriesInstanceUID, "image", str(index))
    dataset.PixelData = pixels.astype("<i2").tobytes()
    dataset["PixelData"].VR = "OW"
    return dataset


def _save(dataset: Any, file: Path, transfer_syntax: str | None) -> None:
    from pydicom import FileMetaDataset
    from pydicom.uid import UID

    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    syntax = UID(transfer_syntax or _EXPLICIT_LITTLE_ENDIAN)
    meta.TransferSyntaxUID = _EXPLICIT_LITTLE_ENDIAN if syntax.is_compressed else syntax
    dataset.file_meta = meta
    if syntax.is_compressed:
        # The image keeps its UID: lossless compression leaves it the same image.
        try:
            dataset.compress(syntax, generate_instance_uid=False)
        except (NotImplementedError, RuntimeError) as error:
            raise ValueError(f"cannot write {syntax.name}: {error}") from None
    dataset.save_as(file, enforce_file_format=True)


def _uid(*sources: str) -> str:
    from pydicom.uid import generate_uid

    return generate_uid(entropy_srcs=list(sources))


def _decimal(number: float) -> str:
    """A decimal string of at most 16 characters (DICOM PS3.5, 6.2, DS)."""
    from pydicom.valuerep import format_number_as_ds

    # Without the rounding, the cosine of 90° would be written as 6.1e-17.
    return format_number_as_ds(round(float(number), 10) + 0.0)
