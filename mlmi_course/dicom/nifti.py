"""NIfTI files as volumes."""

from __future__ import annotations

import itertools
import warnings
from pathlib import Path
from typing import Any, Final

import numpy as np

from mlmi_course.dicom.errors import DicomError
from mlmi_course.dicom.files import blamed_on
from mlmi_course.dicom.volume import Volume, volume_from_nifti

__all__ = ["nifti_volume"]

_AFFINES_DIFFER_MM: Final = 0.01  # beyond the rounding of float32 quaternions
_LPS_FROM_RAS: Final = np.diag([-1.0, -1.0, 1.0, 1.0])


def nifti_volume(path: Path, group: int) -> tuple[Volume, list[str]]:
    """One volume of a NIfTI file, and the names of all; the group must be one of them."""
    import nibabel
    from nibabel.imageglobals import LoggingOutputSuppressor

    if not path.exists():
        raise DicomError(path, "there is no such file or folder", "check the path")
    info: dict[str, Any] = {"source": path.name}
    with blamed_on(path, "reading the NIfTI file"), LoggingOutputSuppressor():
        image = nibabel.load(path)
        _check(path, image)
        if image.ndim == 5:  # (x, y, z, 1, 1): SimpleITK and torchio take it for 3-D, too
            image = image.slicer[..., 0]
        groups = [f"volume {i}" for i in range(image.shape[3])] if image.ndim == 4 else [""]
        if group >= len(groups):
            return Volume(np.zeros((1, 1, 1)), (1, 1, 1), np.eye(4)), groups
        if image.ndim == 4:
            image = image.slicer[..., group]
        unit = image.header.get_xyzt_units()[0]
        if unit not in ("mm", "unknown"):
            raise DicomError(
                path, f"its lengths are in {unit}, not in mm", "convert it with nibabel first"
            )
        volume = volume_from_nifti(image, modality="")
        if not (image.header["qform_code"] or image.header["sform_code"]):
            info["orientation"] = "a guess: the file does not say how it lies in the patient"
        apart = _two_affines(image, info)
        if len(groups) > 1:
            info |= {"group": groups[group], "groups": groups}
        array = np.asarray(volume.array)
        # As for DICOM: float32 holds 16-bit integers exactly, wider ones get float64.
        array = array.astype(np.result_type(array.dtype, np.float32), copy=False)
        result = Volume(array, volume.spacing, volume.affine, "", "", info)
    if "orientation" in info:
        warnings.warn(
            f"{path.name} does not say how it lies in the patient: left and right are a guess "
            "(nibabel's; SimpleITK makes another one; see "
            "docs/conventions.md#a-nifti-file-with-no-transform)",
            stacklevel=3,
        )
    if apart > _AFFINES_DIFFER_MM:
        warnings.warn(
            f"{path.name}: its sform and qform place a corner of the image {apart:.4g} mm apart; "
            "the sform is used (as nibabel does; SimpleITK takes the qform; see "
            "docs/conventions.md#a-nifti-file-with-two-transforms)",
            stacklevel=3,
        )
    return result, groups


def _two_affines(image: Any, info: dict[str, Any]) -> float:
    """Record both affines where they differ; the largest distance of a corner, in mm."""
    sform, qform = image.get_sform(coded=True), image.get_qform(coded=True)
    if sform[0] is None or qform[0] is None:
        return 0.0
    ends = [(0, size - 1) for size in image.shape[:3]]
    corners = np.array([[*corner, 1] for corner in itertools.product(*ends)], float)
    apart = np.linalg.norm((corners @ (sform[0] - qform[0]).T)[:, :3], axis=1).max()
    if apart > _AFFINES_DIFFER_MM:
        for name, (affine, code) in (("sform", sform), ("qform", qform)):
            # As for the Volume: index (z, y, x), towards Left, Posterior and Superior.
            info[name] = {
                "code": int(code),
                "affine": (_LPS_FROM_RAS @ affine)[:, [2, 1, 0, 3]].tolist(),
            }
        info["sform and qform differ by (mm)"] = round(float(apart), 4)
    return float(apart)


def _check(path: Path, image: Any) -> None:
    """Refuse sound files that do not hold one number per voxel of a scan."""
    if image.ndim not in (3, 4) and not (image.ndim == 5 and image.shape[3:] == (1, 1)):
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
