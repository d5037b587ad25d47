"""Single frames, where they lie, and which of them form one volume.

A classic file holds one frame, an enhanced multi-frame file many; from here on they are
treated alike.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mlmi_course.dicom.errors import DicomError
from mlmi_course.dicom.files import Series, blamed_on, numbers
from mlmi_course.dicom.geometry import slice_normal, uneven_gap
from mlmi_course.dicom.greys import shared_item

# What may tell apart frames at one position, the usual reason first: keyword, and the
# functional group in which an enhanced file keeps it (or an item within that group).
_TELLING_APART: Final = (
    ("EchoTime", ""),
    ("EffectiveEchoTime", "MREchoSequence"),
    ("EchoNumbers", ""),
    ("DiffusionBValue", "MRDiffusionSequence"),
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
    ("ComplexImageComponent", "MRImageFrameTypeSequence"),
    ("InversionTime", ""),
    ("FlipAngle", ""),
    ("ReferencedSegmentNumber", "SegmentIdentificationSequence"),
    ("StackID", "FrameContentSequence"),
    ("AcquisitionNumber", ""),
)
# What orders frames at one position in time where no value is shared by a whole volume: each
# slice has its own heartbeat and its own moment.
_TIMES: Final = (
    ("TriggerTime", ""),
    ("NominalCardiacTriggerDelayTime", "CardiacSynchronizationSequence"),
    ("FrameAcquisitionDateTime", "FrameContentSequence"),
    ("AcquisitionTime", ""),
    ("ContentTime", ""),
)
# May differ from slice to slice of one volume; everything else is a setting of the scanner.
_MAY_DRIFT: Final = (
    "TemporalPositionIdentifier",
    "TemporalPositionIndex",
    "NominalPercentageOfCardiacPhase",
    "TriggerTime",
    "InversionTime",
    "AcquisitionNumber",
)
_MISSING: Final = ()  # a value of its own: in a diffusion scan only b = 0 has no direction
_SAME_PLACE_MM: Final = 1e-3  # far below any voxel, far above the rounding of floats
_SAME_DIRECTION: Final = 2e-3  # of a unit vector: a tenth of a degree


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

    def __str__(self) -> str:
        many = int(self.header.get("NumberOfFrames") or 1) > 1
        return f"{self.path.name} (frame {self.index})" if many else self.path.name


def frames_of(series: Series) -> list[Frame]:
    """All frames of a series that has passed the checks which concern single files."""
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
    if not colours.startswith("MONOCHROME") or int(header.get("SamplesPerPixel") or 1) != 1:
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
        if listed is None:
            raise DicomError(
                path,
                f"{count} frames without a position each: frames over time, not a volume",
                "pydicom.pixels.pixel_array(path) gives its (frames, rows, columns) array",
            )
        offsets = np.asarray(listed) - listed[0]
    return [
        _frame(path, header, index, float(offsets[index]) if groups is None else 0.0)
        for index in range(count)
    ]


def _frame(path: Path, header: Any, index: int, offset: float) -> Frame:
    measures = shared_item(header, "PixelMeasuresSequence", index)
    position = numbers(
        shared_item(header, "PlanePositionSequence", index), "ImagePositionPatient", 3, path
    )
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
    )


def _no_position(header: Any) -> str:
    problem = "no place in the patient: ImagePositionPatient or ImageOrientationPatient is missing"
    if "ImagerPixelSpacing" in header:
        problem += (
            " (a projection; its ImagerPixelSpacing is measured at the detector, where the "
            "patient's shadow is larger than the patient)"
        )
    return problem


def _telling_apart(header: Any, index: int) -> dict[str, Any]:
    found = {}
    for keyword, place in _TELLING_APART + _TIMES:
        sequence, _, nested = place.partition(".")
        item = shared_item(header, sequence, index) if sequence else header
        if nested:
            item = (item.get(nested) or [{}])[0]
        value = item.get(keyword)
        if value is not None and value != "":
            if keyword in ("AcquisitionTime", "ContentTime"):  # a scan may run past midnight
                value = f"{item.get(keyword.replace('Time', 'Date'), '')} {value}"
            several = hasattr(value, "__iter__") and not isinstance(value, str)
            found[keyword] = tuple(value) if several else value
    return found


# -- which frames belong together ----------------------------------------------------------


def volumes_in(frames: Sequence[Frame], path: Path) -> dict[str, list[Frame]]:
    """Frames as volumes, each sorted along the normal of its slices.

    Returns
    -------
    dict
        From what tells a volume apart from the others (``"EchoTime 4.6"``) to its frames.
        One volume with the name ``""`` where no position occurs twice.
    """
    _check_alike(frames)
    if _all_apart(frames):
        return {"": _sorted(frames)}
    varying = [
        keyword
        for keyword in dict.fromkeys(keyword for keyword, _ in _TELLING_APART)
        if len({frame.apart.get(keyword, _MISSING) for frame in frames}) > 1
    ]
    for size in (1, 2, 3):
        for keywords in itertools.combinations(varying, size):
            groups = _grouped(frames, keywords)
            if _complete(list(groups.values())):
                return _named(groups, keywords)
    in_time = _grouped_by_time(frames, [word for word in varying if word not in _MAY_DRIFT])
    if in_time is not None:
        return in_time
    ordered = _sorted(frames)
    place = next(
        i for i in range(1, len(ordered)) if _distance(ordered[i - 1], ordered[i]) < _SAME_PLACE_MM
    )
    raise DicomError(
        path,
        f"{ordered[place - 1]} and {ordered[place]} lie at the same position and nothing in the "
        "headers (echo, b-value, phase, …) sorts the series into complete volumes",
        "a file is missing, or two scans are mixed: move one of them to a folder of its own",
    )


def _grouped(
    frames: Sequence[Frame], keywords: Sequence[str]
) -> dict[tuple[Any, ...], list[Frame]]:
    groups: dict[tuple[Any, ...], list[Frame]] = {}
    for frame in frames:
        key = tuple(frame.apart.get(keyword, _MISSING) for keyword in keywords)
        groups.setdefault(key, []).append(frame)
    return groups


def _named(
    groups: dict[tuple[Any, ...], list[Frame]], words: Sequence[str]
) -> dict[str, list[Frame]]:
    return {
        ", ".join(f"{word} {_shown(value)}" for word, value in zip(words, key, strict=True)): (
            _sorted(groups[key])
        )
        for key in sorted(groups, key=_by_number)
    }


def _grouped_by_time(
    frames: Sequence[Frame], settings: Sequence[str]
) -> dict[str, list[Frame]] | None:
    """The first frame in time at every position, the second at every position, and so on.

    Where a setting, such as ImageType in phase contrast, has to separate frames of one time
    first, it does.  None unless the volumes are complete and each has one value of every
    setting: a rank alone would happily mix magnitude and phase.
    """
    for time in dict.fromkeys(keyword for keyword, _ in _TIMES):
        if not all(time in frame.apart for frame in frames):
            continue
        for split in [(), *((keyword,) for keyword in settings)]:
            groups: dict[tuple[Any, ...], list[Frame]] = {}
            distinct = True
            for key, part in _grouped(frames, split).items():
                for place in _places(part):
                    distinct &= len({frame.apart[time] for frame in place}) == len(place)
                    place.sort(key=lambda frame: _by_number((frame.apart[time],)))
                    for rank, frame in enumerate(place, start=1):
                        groups.setdefault((*key, rank), []).append(frame)
            volumes = list(groups.values())
            if distinct and _complete(volumes) and all(_alike(v, settings) for v in volumes):
                return _named(groups, [*split, f"in order of {time}:"])
    return None


def _places(frames: Sequence[Frame]) -> list[list[Frame]]:
    """Frames by position, along the normal."""
    ordered = _sorted(frames)
    cuts = np.flatnonzero(np.diff(_heights(ordered)) > _SAME_PLACE_MM) + 1
    return [ordered[a:b] for a, b in itertools.pairwise([0, *cuts, len(ordered)])]


def _alike(frames: Sequence[Frame], keywords: Sequence[str]) -> bool:
    return len(_grouped(frames, keywords)) == 1


def check_even(frames: Sequence[Frame]) -> None:
    """Refuse a volume with a hole in it."""
    gap = uneven_gap([frame.position for frame in frames])
    if gap is None:
        return
    place, length, usual = gap
    before, after = frames[place], frames[place + 1]
    missing = round(length / usual) - 1
    guess = f"{missing} slice{'s'[: missing != 1]} missing there" if missing > 0 else "uneven"
    raise DicomError(
        after.path,
        f"{length:.4g} mm from {before} to {after}, while slices are {usual:.4g} mm apart "
        f"elsewhere: {guess}",
        "copy the whole series again, or interpolate knowingly",
    )


def _check_alike(frames: Sequence[Frame]) -> None:
    first = frames[0]
    for frame in frames[1:]:
        if frame.shape != first.shape:
            what, mine, theirs = "pixels", frame.shape, first.shape
        elif not np.allclose(frame.orientation, first.orientation, rtol=0, atol=_SAME_DIRECTION):
            what, mine, theirs = "orientation", frame.orientation, first.orientation
        elif not np.allclose(frame.pixel_spacing, first.pixel_spacing, rtol=1e-3, atol=0):
            what, mine, theirs = "PixelSpacing", frame.pixel_spacing, first.pixel_spacing
        else:
            continue
        raise DicomError(
            frame.path,
            f"{frame} has another {what} than {first}: {_shown(mine)} and {_shown(theirs)}",
            "these are not slices of one volume (a localiser, perhaps): read them apart",
        )


def _heights(frames: Sequence[Frame]) -> NDArray[np.float64]:
    return np.array([frame.position for frame in frames]) @ slice_normal(frames[0].orientation)


def _sorted(frames: Sequence[Frame]) -> list[Frame]:
    return [frames[i] for i in np.argsort(_heights(frames), kind="stable")]


def _all_apart(frames: Sequence[Frame]) -> bool:
    return bool((np.diff(np.sort(_heights(frames))) > _SAME_PLACE_MM).all())


def _complete(groups: Sequence[Sequence[Frame]]) -> bool:
    """Every group has each position once, and all groups have the same positions."""
    if len({len(group) for group in groups}) != 1 or not all(map(_all_apart, groups)):
        return False
    heights = np.array([np.sort(_heights(group)) for group in groups])
    return bool((np.ptp(heights, axis=0) <= _SAME_PLACE_MM).all())


def _distance(one: Frame, other: Frame) -> float:
    return abs(float(np.diff(_heights([one, other]))[0]))


def _shown(value: Any) -> str:
    if isinstance(value, str):
        return value
    if np.ndim(value):
        return "\\".join(_shown(part) for part in value) or "none"
    return f"{value + 0.0:g}"  # not "-0"


def _by_number(key: tuple[Any, ...]) -> tuple[tuple[int, float, str], ...]:
    """Sort what is missing first, numbers as numbers and everything else as text."""
    return tuple(
        (-1, 0.0, "")
        if value == _MISSING
        else (1, 0.0, _shown(value))
        if isinstance(value, str) or np.ndim(value)
        else (0, value, "")
        for value in key
    )
