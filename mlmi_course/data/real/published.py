"""Readers of public sets, in the folders and files in which they were published.

Nothing is dropped, mended or guessed: a file that does not fit is an error that names it, and
what is odd in a set is kept and told.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mlmi_course.data.cache import Arrays
from mlmi_course.data.errors import DataError
from mlmi_course.data.real.searching import files_in, folders_in, only, originals, short

__all__ = [
    "find_dicom",
    "find_hippocampus",
    "find_ixi",
    "find_medmnist",
    "read_dicom",
    "read_hippocampus",
    "read_ixi",
    "read_medmnist",
]

_PARTS: Final = ("train", "val", "test")
_SIDE: Final = 28
_VOLUMES: Final = (".nii", ".nii.gz")
_TOLD: Final = ("PatientID", "Modality", "SeriesDescription", "Manufacturer")
_TRAINING: Final = ("imagesTr", "labelsTr")
_HIPPOCAMPUS: Final = re.compile(r"hippocampus_(?P<number>\d{3})\.nii(\.gz)?")
_IXI: Final = re.compile(r"IXI(?P<subject>\d{3})-(?P<site>\w+)-(?P<scan>\d{4})-T1\.nii(\.gz)?")


# -- MedMNIST ----------------------------------------------------------------------------------


def find_medmnist(folder: Path) -> tuple[Path, list[Path]]:
    """Find an unpacked MedMNIST file: where it begins, and its six arrays.

    A ``.npz`` is a .zip archive of ``.npy`` files, and is unpacked as one.

    Parameters
    ----------
    folder : Path
        It holds ``train_images.npy``, ``train_labels.npy`` and so on, perhaps inside folders.

    Returns
    -------
    Path, list of Path
        Images and labels in turn.

    Raises
    ------
    DataError
        If there is no such folder, or more than one, or an array is missing.
    """
    names = [f"{part}_{what}.npy" for part in _PARTS for what in ("images", "labels")]
    parents = {found for found in folders_in(folder) if (found / names[0]).is_file()}
    root = only(parents, folder, f"{names[0]} (a MedMNIST .npz of 28 × 28 pixels)")
    missing = [name for name in names if not (root / name).is_file()]
    if missing:
        raise DataError(f"{root} has no {missing[0]}")
    return root, [root / name for name in names]


def read_medmnist(root: Path, files: Iterable[Path]) -> Arrays:
    """Read a set of grey MedMNIST images.

    Parameters
    ----------
    root : Path
    files : iterable of Path
        From :func:`find_medmnist`.

    Returns
    -------
    dict of str to ndarray, shape (n, …)
        ``images`` of 28 × 28, ``labels``, ``subset`` (train, val or test) and ``groups``.  **The
        publisher gives no patients**: each image is a group of its own, but for images with the
        very same pixels, which share the number of the first of them.

    Raises
    ------
    DataError
        If an array is damaged, or has another shape or type.
    """
    files = list(files)
    images, labels, subset = [], [], []
    for part, pixels, truth in zip(_PARTS, files[0::2], files[1::2], strict=True):
        x, y = _array(pixels, root), _array(truth, root)
        if x.dtype != np.uint8 or x.ndim != 3 or x.shape[1:] != (_SIDE, _SIDE):
            raise DataError(
                f"{short(pixels, root)} must have grey images of {_SIDE} × {_SIDE} pixels, uint8, "
                f"got {x.shape} of {x.dtype}"
            )
        if y.shape != (len(x), 1) or y.dtype.kind not in "iu":
            raise DataError(
                f"{short(truth, root)} must have one label for each of {len(x)} images, got "
                f"{y.shape} of {y.dtype}"
            )
        images.append(x)
        labels.append(y[:, 0])
        subset += [part] * len(x)
    pixels = np.concatenate(images)
    same = np.array(originals(pixels), np.int32)
    return {
        "images": pixels,
        "labels": np.concatenate(labels).astype(np.uint8),
        "groups": same,
        "subset": np.array(subset),
    }


def _array(file: Path, root: Path) -> NDArray[Any]:
    try:
        return np.load(file, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        reason = " ".join(str(error).split())
        raise DataError(f"{short(file, root)} cannot be read as an array: {reason}") from error


# -- hippocampus -------------------------------------------------------------------------------


def find_hippocampus(folder: Path) -> tuple[Path, list[Path]]:
    """Find the Decathlon's Task04 in a folder: where it begins, and its volumes and masks.

    Parameters
    ----------
    folder : Path
        It holds ``imagesTr``, ``labelsTr`` and perhaps ``imagesTs``, perhaps inside folders.

    Returns
    -------
    Path, list of Path
        Of training, testing and masks, in this order.

    Raises
    ------
    DataError
        If there is no such folder, or more than one; a mask without its volume or the reverse.
    """
    parents = {f for f in folders_in(folder) if all((f / n).is_dir() for n in _TRAINING)}
    root = only(parents, folder, "folder with imagesTr and labelsTr")
    training, masks = (_volumes(root / name) for name in _TRAINING)
    for have, lack, missing in ((training, masks, "mask"), (masks, training, "volume")):
        alone = sorted({file.name for file in have} - {file.name for file in lack})
        if alone:
            raise DataError(f"{have[0].parent.name}/{alone[0]} has no {missing}")
    if not training:
        raise DataError(f"{root} has the folders of the set, but no volumes in them")
    return root, [*training, *_volumes(root / "imagesTs"), *masks]


def read_hippocampus(root: Path, files: Iterable[Path]) -> Arrays:
    """Look at every volume and mask.

    Parameters
    ----------
    root : Path
    files : iterable of Path
        From :func:`find_hippocampus`.

    Returns
    -------
    dict of str to ndarray, shape (n,)
        ``volume`` and ``mask`` (paths below ``root``; an empty text for the testing part, whose
        outlines are not published), ``subset`` (train or test), ``number``, ``brightest`` (the
        largest value of the volume) and ``groups``.  **The publisher gives no patients**: each
        volume is a group of its own.

    Raises
    ------
    DataError
        If a file cannot be read, or a mask does not fit its volume or has other values than 0,
        1 and 2.
    """
    files = list(files)
    masks = {file.name: file for file in files if file.parent.name == "labelsTr"}
    volumes = [file for file in files if file.parent.name != "labelsTr"]
    brightest, texts = [], []
    for file in volumes:
        array = _voxels(file, root)
        brightest.append(float(array.max()))
        mask = masks[file.name] if file.parent.name == "imagesTr" else None
        texts.append("" if mask is None else short(mask, root))
        if mask is not None:
            _check_mask(mask, array.shape, root)
    numbers = np.array([int(_named(file, _HIPPOCAMPUS, root)["number"]) for file in volumes])
    return {
        "volume": np.array([short(file, root) for file in volumes]),
        "mask": np.array(texts),
        "groups": numbers.astype(np.int32),
        "subset": np.array(["train" if text else "test" for text in texts]),
        "number": numbers.astype(np.int32),
        "brightest": np.array(brightest),
    }


def _check_mask(mask: Path, shape: tuple[int, ...], root: Path) -> None:
    array = _voxels(mask, root)
    if array.shape != shape:
        raise DataError(f"{short(mask, root)} has {array.shape} voxels, and its volume {shape}")
    if not np.isin(array, (0, 1, 2)).all():
        raise DataError(f"{short(mask, root)} is no mask: it has values other than 0, 1 and 2")


# -- IXI ---------------------------------------------------------------------------------------


def find_ixi(folder: Path) -> tuple[Path, list[Path]]:
    """Find IXI's T1 volumes in a folder.

    Parameters
    ----------
    folder : Path
        It, or a folder inside, holds files such as ``IXI002-Guys-0828-T1.nii.gz``.

    Returns
    -------
    Path, list of Path

    Raises
    ------
    DataError
        If there is no such folder, or more than one.
    """
    parents = {
        found
        for found in folders_in(folder)
        if any(_IXI.fullmatch(f.name) for f in files_in(found))
    }
    root = only(parents, folder, "folder with files such as IXI002-Guys-0828-T1.nii.gz")
    return root, _volumes(root)


def read_ixi(root: Path, files: Iterable[Path]) -> Arrays:
    """Read the headers of all volumes, and what their names say.

    Parameters
    ----------
    root : Path
    files : iterable of Path
        From :func:`find_ixi`.

    Returns
    -------
    dict of str to ndarray, shape (n,)
        ``volume`` (the path below ``root``), ``mask`` (empty), ``groups`` (the subject), ``site``
        (Guys, HH or IOP: the hospital, and so the scanner) and ``scan``.

    Raises
    ------
    DataError
        For a name that does not fit or a file that is no NIfTI volume.
    """
    files = list(files)
    names = [_named(file, _IXI, root) for file in files]
    for file in files:
        _header(file, root)
    return {
        "volume": np.array([short(file, root) for file in files]),
        "mask": np.array([""] * len(files)),
        "groups": np.array([int(name["subject"]) for name in names], np.int32),
        "site": np.array([name["site"] for name in names]),
        "scan": np.array([int(name["scan"]) for name in names], np.int32),
    }


# -- DICOM -------------------------------------------------------------------------------------


def find_dicom(folder: Path) -> tuple[Path, list[Path]]:
    """Find series in a folder: those that lie in folders of their own.

    Parameters
    ----------
    folder : Path
        In it, or in folders inside, are ``*.dcm`` files, one series a folder.

    Returns
    -------
    Path, list of Path

    Raises
    ------
    DataError
        If there are none.
    """
    files = [f for found in folders_in(folder) for f in files_in(found) if _is_dicom(f)]
    if not files:
        raise DataError(f"{folder} holds no .dcm files; name the folder of the collection")
    return folder, files


def read_dicom(root: Path, files: Iterable[Path]) -> Arrays:
    """Read the header of the first file of each series.

    Parameters
    ----------
    root : Path
    files : iterable of Path
        From :func:`find_dicom`.

    Returns
    -------
    dict of str to ndarray, shape (n,)
        ``volume`` (the series' folder below ``root``), ``mask`` (empty), ``groups`` (PatientID),
        ``modality``, ``series`` (SeriesDescription), ``manufacturer`` and ``files`` (how many).

    Raises
    ------
    DataError
        If a header cannot be read, or a folder's first and last file are of different series.
    """
    import pydicom
    from pydicom.errors import InvalidDicomError

    folders: dict[Path, list[Path]] = {}
    for file in files:
        folders.setdefault(file.parent, []).append(file)
    rows = []
    for folder, inside in sorted(folders.items()):
        try:
            first, last = (
                pydicom.dcmread(file, stop_before_pixels=True) for file in (inside[0], inside[-1])
            )
        except (InvalidDicomError, OSError, EOFError, ValueError) as error:
            raise DataError(f"{short(folder, root)} cannot be read as DICOM: {error}") from error
        if first.get("SeriesInstanceUID") != last.get("SeriesInstanceUID"):
            raise DataError(
                f"{short(folder, root)} holds more than one series; put each in its own folder"
            )
        told = ("PatientID", "Modality", "SeriesDescription", "Manufacturer")
        rows.append(
            [short(folder, root), *(str(first.get(k, "") or "") for k in told), len(inside)]
        )
    volume, patient, modality, series, manufacturer, count = map(np.array, zip(*rows, strict=True))
    return {
        "volume": volume,
        "mask": np.array([""] * len(rows)),
        "groups": patient,
        "modality": modality,
        "series": series,
        "manufacturer": manufacturer,
        "files": count.astype(np.int32),
    }


def _is_dicom(file: Path) -> bool:
    return file.suffix.lower() == ".dcm"


# -- NIfTI -------------------------------------------------------------------------------------


def _volumes(folder: Path) -> list[Path]:
    return [file for file in files_in(folder) if file.name.lower().endswith(_VOLUMES)]


def _named(file: Path, pattern: re.Pattern[str], root: Path) -> dict[str, Any]:
    fits = pattern.fullmatch(file.name)
    if fits is None:
        raise DataError(
            f"{short(file, root)} is not named like a file of this set; "
            "import the set as it was published"
        )
    return fits.groupdict()


def _header(file: Path, root: Path) -> Any:
    import nibabel
    from nibabel.imageglobals import LoggingOutputSuppressor

    try:
        with LoggingOutputSuppressor():
            image = nibabel.load(file)
    except (nibabel.filebasedimages.ImageFileError, OSError, EOFError, ValueError) as error:
        reason = " ".join(str(error).split())
        raise DataError(f"{short(file, root)} cannot be read as NIfTI: {reason}") from error
    if len(image.shape) != 3:
        raise DataError(f"{short(file, root)} is no volume: its shape is {image.shape}")
    return image


def _voxels(file: Path, root: Path) -> NDArray[Any]:
    import zlib

    try:
        return np.asanyarray(_header(file, root).dataobj)
    except (OSError, EOFError, ValueError, zlib.error) as error:
        if isinstance(error, DataError):
            raise
        reason = " ".join(str(error).split())
        raise DataError(f"{short(file, root)} is damaged: {reason}") from error
