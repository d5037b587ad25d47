"""Single frames: where their pixels are stored, and where they lie in the patient.

A classic file holds one frame, an enhanced multi-frame file many, a mosaic many side by side in
one picture; from here on they are treated alike.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mlmi_course.dicom.errors import DicomError
from mlmi_course.dicom.files import Series, blamed_on, numbers, quiet
from mlmi_course.dicom.geometry import slice_normal
from mlmi_course.dicom.intensity import shared_item
from mlmi_course.dicom.vendors import Tiles, diffusion_of, tiles_of

__all__ = ["LABEL_MAP", "MAY_DRIFT", "TELLING_APART", "TIMES", "Frame", "frames_of"]

# What may tell apart frames at one position, the usual reason first: keyword, and the
# functional group in which an enhanced file keeps it (or an item within that group).
TELLING_APART: Final = (
    ("EchoTime", ""),
    ("EffectiveEchoTime", "MREchoSequence"),
    ("EchoNumbers", ""),
    ("diffusion", ""),  # b-value and direction as one, private ones included
    ("TemporalPositionIdentifier", ""),
    ("TemporalPositionIndex", "FrameContentSequence"),
    ("NominalPercentageOfCardiacPhase", "CardiacSynchronizationSequence"),
    ("TriggerTime", ""),
    ("DiffusionGradientOrientation", ""),
    (
        "DiffusionGradientOrientation",
        "MRDiffusionSequence.DiffusionGradientDirectionSequence",
    ),
    ("ImageType", ""),
    ("FrameType", "MRImageFrameTypeSequence"),
    ("FrameType", "CTImageFrameTypeSequence"),
    ("ComplexImageComponent", ""),
    ("ComplexImageComponent", "MRImageFrameTypeSequence"),
    ("InversionTime", ""),
    ("FlipAngle", ""),
    ("ConvolutionKernel", ""),
    ("ConvolutionKernel", "CTReconstructionSequence"),
    ("StackID", "FrameContentSequence"),
    ("AcquisitionNumber", ""),
)
# What orders frames at one position in time where no value is shared by a whole volume: each
# slice has its own heartbeat and its own moment.
TIMES: Final = (
    ("TriggerTime", ""),
    ("NominalCardiacTriggerDelayTime", "CardiacSynchronizationSequence"),
    ("FrameAcquisitionDateTime", "FrameContentSequence"),
    ("AcquisitionTime", ""),
    ("ContentTime", ""),
    ("InstanceNumber", ""),  # a number that anybody may have given: the last resort
)
# May differ from slice to slice of one volume; everything else is a setting of the scanner.
MAY_DRIFT: Final = (
    "TemporalPositionIdentifier",
    "TemporalPositionIndex",
    "NominalPercentageOfCardiacPhase",
    "TriggerTime",
    "InversionTime",
    "AcquisitionNumber",
)
# Dimensions along which one volume extends; all others count volumes.
_WITHIN_A_VOLUME: Final = frozenset(
    {"InStackPositionNumber", "ImagePositionPatient", "SliceLocation", "ImageOrientationPatient"}
)
LABEL_MAP: Final = "1.2.840.10008.5.1.4.1.1.66.7"
_SPECT: Final = "1.2.840.10008.5.1.4.1.1.20"


@dataclass(frozen=True, eq=False)
class Frame:
    """One slice: where its pixels are stored, and where it lies in the patient."""

    path: Path
    index: int  # within the file
    header: Any
    position: NDArray[np.float64]
    orientation: NDArray[np.float64]
    pixel_spacing: NDArray[np.float64]
    shape: tuple[int, int]
    thickness: float | None
    apart: dict[str, Any] = field(default_factory=dict)
    dimensions: dict[str, int] = field(default_factory=dict)  # DimensionIndexValues
    corner: tuple[int, int] | None = None  # of a tile, within the picture of a mosaic
    note: str = ""

    def __str__(self) -> str:
        if self.corner is not None:
            return f"{self.path.name} (tile at row {self.corner[0]}, column {self.corner[1]})"
        many = int(self.header.get("NumberOfFrames") or 1) > 1
        return f"{self.path.name} (frame {self.index})" if many else self.path.name


def frames_of(series: Series) -> list[Frame]:
    """All frames of a series that has passed the checks which concern single files."""
    with quiet():
        return _frames_of(series)


def _frames_of(series: Series) -> list[Frame]:
    seen: dict[str, Path] = {}
    frames = []
    for path, header in zip(series.files, series.headers, strict=True):
        with blamed_on(path, "reading the header"):
            _check_file(path, header, series)
            uid = str(header.get("SOPInstanceUID", "")) or str(path)
            if uid in seen:
                raise DicomError(
                    path,
                    f"the same image as {seen[uid].name} (equal SOPInstanceUID)",
                    "remove one of the two",
                )
            seen[uid] = path
            frames += _frames_in(path, header)
    return frames


def _check_file(path: Path, header: Any, series: Series) -> None:
    first = series.headers[0]
    for keyword in ("Modality", "FrameOfReferenceUID", "StudyInstanceUID"):
        if header.get(keyword) != first.get(keyword):
            raise DicomError(
                path,
                f"its {keyword} differs from that of {series.files[0].name} in the same series",
                "a series has one: move the files that do not belong to it",
            )
    for keyword in ("Rows", "Columns"):
        if not int(header.get(keyword) or 0) > 0:
            raise DicomError(path, f"no pixel data: {keyword} is missing", "export the file again")
    colours = str(header.get("PhotometricInterpretation", ""))
    # A label map may come with a palette to show it; its values are labels all the same.
    labels = header.get("SOPClassUID") == LABEL_MAP and colours == "PALETTE COLOR"
    if (
        not (labels or colours.startswith("MONOCHROME"))
        or int(header.get("SamplesPerPixel") or 1) != 1
    ):
        raise DicomError(
            path,
            f"a picture in colours ({colours or 'unknown'}), not one measured value per voxel",
            "pydicom.pixels.pixel_array(path) gives its (rows, columns, 3) array",
        )


def _frames_in(path: Path, header: Any) -> list[Frame]:
    count = int(header.get("NumberOfFrames") or 1)
    groups = header.get("PerFrameFunctionalGroupsSequence")
    # A damaged count may be in the thousands of millions: compare it before counting up to it.
    if groups is not None and len(groups) != count:
        raise DicomError(
            path,
            f"NumberOfFrames is {count} but {len(groups)} frames are described",
            "the header is damaged: export the file again",
        )
    offsets = np.zeros(1)
    if groups is None and count != 1:
        listed = numbers(header, "GridFrameOffsetVector", count, path) if count > 1 else None
        if listed is None and header.get("SOPClassUID") == _SPECT:
            raise DicomError(
                path,
                f"a nuclear medicine file of {count} frames (SPECT or planar): how they lie is "
                "said by its detectors, not frame by frame, and makers differ in the direction",
                "convert it with the scanner's own software to one image per slice, or take "
                "pydicom.pixels.pixel_array(path) without places",
            )
        if listed is None:
            raise DicomError(
                path,
                f"{count} frames without a position each: frames over time, not a volume",
                "pydicom.pixels.pixel_array(path) gives its (frames, rows, columns) array",
            )
        offsets = np.asarray(listed) - listed[0]
    tiles = tiles_of(header) if count == 1 else None
    if isinstance(tiles, str):
        raise DicomError(
            path,
            f"a MOSAIC, many slices side by side in one picture, and {tiles}",
            "export it again from the scanner with its private elements, or as enhanced MR",
        )
    if tiles is not None:
        return list(_tiles_as_frames(path, header, tiles))
    return [
        _frame(path, header, index, float(offsets[index]) if groups is None else 0.0)
        for index in range(count)
    ]


def _frame(
    path: Path,
    header: Any,
    index: int,
    offset: float,
    position: Sequence[float] | None = None,
) -> Frame:
    measures = shared_item(header, "PixelMeasuresSequence", index)
    if position is None:
        place = shared_item(header, "PlanePositionSequence", index)
        position = numbers(place, "ImagePositionPatient", 3, path)
    orientation = numbers(
        shared_item(header, "PlaneOrientationSequence", index), "ImageOrientationPatient", 6, path
    )
    spacing = numbers(measures, "PixelSpacing", 2, path)
    if position is None or orientation is None:
        raise DicomError(path, _no_position(header), "pydicom.pixels.pixel_array(path) reads it")
    if spacing is None or not min(spacing) > 0:
        raise DicomError(
            path,
            f"PixelSpacing is {'missing' if spacing is None else f'{spacing}, not positive'}",
            "without it nothing can be measured: export the file again",
        )
    try:
        normal = slice_normal(orientation)
    except ValueError as error:
        raise DicomError(path, str(error), "the header is damaged: export it again") from None
    thickness = None
    for keyword in ("SliceThickness", "SpacingBetweenSlices"):
        value = numbers(measures, keyword, 1, path)
        if thickness is None and value is not None and value[0] > 0:
            thickness = value[0]
    return Frame(
        path=path,
        index=index,
        header=header,
        position=np.asarray(position) + offset * normal,
        orientation=np.asarray(orientation),
        pixel_spacing=np.asarray(spacing),
        shape=(int(header.Rows), int(header.Columns)),
        thickness=thickness,
        apart=_telling_apart(header, index),
        dimensions=_dimensions(header, index),
    )


def _tiles_as_frames(path: Path, header: Any, tiles: Tiles) -> Iterator[Frame]:
    whole = _frame(path, header, 0, 0.0, tiles.positions[0])
    for index, position in enumerate(tiles.positions):
        yield replace(
            whole,
            position=position,
            shape=tiles.shape,
            corner=tiles.corner(index),
            note=tiles.note,
        )


def _dimensions(header: Any, index: int) -> dict[str, int]:
    """A frame's DimensionIndexValues, less those that say where it lies within its volume."""
    from pydicom.datadict import keyword_for_tag

    values = shared_item(header, "FrameContentSequence", index).get("DimensionIndexValues")
    if values is None:
        return {}
    pointers = header.get("DimensionIndexSequence") or []
    values = [values] if isinstance(values, int) else list(values)
    if len(values) != len(pointers):
        return {}
    names = [
        keyword_for_tag(item.DimensionIndexPointer) or f"dimension {place}"
        for place, item in enumerate(pointers, start=1)
    ]
    return {
        name: int(value)
        for name, value in zip(names, values, strict=True)
        if name not in _WITHIN_A_VOLUME
    }


def _no_position(header: Any) -> str:
    problem = "no place in the patient: ImagePositionPatient or ImageOrientationPatient is missing"
    if "ImagerPixelSpacing" in header:
        problem += (
            " (a projection; its ImagerPixelSpacing is measured at the detector, where the "
            "patient's shadow is larger than the patient)"
        )
    return problem


@cache
def _tag(keyword: str) -> int:
    from pydicom.datadict import tag_for_keyword

    return tag_for_keyword(keyword) or 0


def _telling_apart(header: Any, index: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for keyword, place in TELLING_APART + TIMES:
        sequence, _, nested = place.partition(".")
        item = shared_item(header, sequence, index) if sequence else header
        if nested:
            item = (item.get(nested) or [{}])[0]
        # Most are absent, which the keys tell sooner than a search (an item may be a plain {}).
        value = item.get(keyword) if _tag(keyword) in item.keys() else None  # noqa: SIM118
        if value is not None and value != "":
            if keyword in ("AcquisitionTime", "ContentTime"):  # a scan may run past midnight
                value = f"{item.get(keyword.replace('Time', 'Date'), '')} {value}"
            several = hasattr(value, "__iter__") and not isinstance(value, str)
            found[keyword] = tuple(value) if several else value
    b_value = shared_item(header, "MRDiffusionSequence", index).get("DiffusionBValue")
    diffusion = diffusion_of(header, b_value, found.get("DiffusionGradientOrientation"))
    if diffusion is not None:
        found["diffusion"] = diffusion
        found.pop("DiffusionGradientOrientation", None)
    return found
