"""DICOM segmentations (SEG): one volume per segment, on the grid of the image they belong to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mlmi_course.dicom.decoding import stored_values
from mlmi_course.dicom.errors import DicomError
from mlmi_course.dicom.files import Series, blamed_on
from mlmi_course.dicom.frames import LABEL_MAP, Frame, frames_of
from mlmi_course.dicom.geometry import slice_normal, stack_affine
from mlmi_course.dicom.grouping import check_alike, same_place
from mlmi_course.dicom.intensity import shared_item
from mlmi_course.dicom.volume import Volume

__all__ = ["is_segmentation", "segment_volume"]

_SEGMENTATIONS: Final = ("1.2.840.10008.5.1.4.1.1.66.4", LABEL_MAP)
_ON_THE_GRID: Final = 0.05  # of a step: how far a stored slice may lie from its place


@dataclass(frozen=True)
class _Segment:
    path: Path
    header: Any
    number: int
    label: str

    def __str__(self) -> str:
        return f"segment {self.number} {self.label}".strip()


@dataclass(frozen=True)
class _Grid:
    positions: NDArray[np.float64]  # (n, 3), sorted along the normal
    said_by: str


def is_segmentation(series: Series) -> bool:
    """Whether a series holds segmentations."""
    return series.headers[0].get("SOPClassUID") in _SEGMENTATIONS


def segment_volume(
    path: Path, chosen: Series, found: Sequence[Series], choose: Callable[[list[str]], int]
) -> Volume:
    """One segment as a volume of 0 and 1 (FRACTIONAL: of fractions).

    Parameters
    ----------
    path : Path
        What was asked for, for messages.
    chosen : Series
        The segmentation.
    found : sequence of Series
        All series that lie there: the referenced image, if it is one of them, gives the grid.
    choose : function
        From the names of all segments to the index of the one that is wanted.

    Notes
    -----
    Files need not store slices on which nothing is segmented.  They are put back, as zeros, where
    the referenced image says, or else SpacingBetweenSlices, or else the stored slices: then the
    volume ends at the outermost of these.

    References
    ----------
    DICOM PS3.3, A.51 (segmentation), C.8.20 (its modules; MaximumFractionalValue: C.8.20.2).
    """
    frames = frames_of(chosen)
    check_alike(frames, path)
    segments = _segments(chosen)
    names = [str(segment) for segment in segments]
    place = choose(names)
    segment = segments[place]
    grid = _referenced_grid(frames, chosen, found) or _own_grid(frames)
    first = frames[0]
    if len(grid.positions) == 1 and first.thickness is None:
        raise DicomError(
            segment.path,
            "a segmentation of a single slice without SliceThickness: its depth is unknown",
            "put the image that it belongs to in the same folder",
        )
    with blamed_on(segment.path, "working out the geometry"):
        affine = stack_affine(
            grid.positions, first.orientation, first.pixel_spacing, first.thickness
        )
    array = _filled(segment, frames, grid)
    kind = _type(segment.header)
    stored = len({_height(frame, first.orientation).round(3) for frame in frames})
    info: dict[str, Any] = {
        "source": path.name,
        "segment": {
            "number": segment.number,
            "label": segment.label,
            "algorithm": str(_description(segment).get("SegmentAlgorithmType") or ""),
        },
        "segmentation type": kind,
        "grid": grid.said_by,
        "slices not stored": max(0, len(grid.positions) - stored),
    }
    if kind == "FRACTIONAL":
        info["fractions are"] = str(segment.header.get("SegmentationFractionalType") or "")
    if chosen.description:
        info["description"] = chosen.description
    if len(names) > 1:
        info |= {"group": names[place], "groups": names}
    with blamed_on(segment.path, "working out the geometry"):
        spacing = tuple(np.linalg.norm(affine[:3, :3], axis=0))
        return Volume(array, spacing, affine, chosen.modality, "", info)


def _type(header: Any) -> str:
    return (
        "LABELMAP"
        if header.get("SOPClassUID") == LABEL_MAP
        else str(header.get("SegmentationType") or "")
    )


def _segments(chosen: Series) -> list[_Segment]:
    found = []
    for path, header in zip(chosen.files, chosen.headers, strict=True):
        with blamed_on(path, "reading the segments"):
            kind = _type(header)
            if kind not in ("BINARY", "FRACTIONAL", "LABELMAP"):
                raise DicomError(
                    path,
                    f"a segmentation of the unknown type {kind!r}",
                    "highdicom.seg.segread(path) may read it",
                )
            for item in header.get("SegmentSequence") or []:
                label = str(item.get("SegmentLabel") or "")
                found.append(_Segment(path, header, int(item.SegmentNumber), label))
    if not found:
        raise DicomError(
            chosen.files[0],
            "a segmentation that describes no segment (SegmentSequence)",
            "export it again",
        )
    # Background of a label map may be described as number 0: it is no segment of anything.
    return [segment for segment in found if segment.number != 0] or found


def _description(segment: _Segment) -> Any:
    return next(
        item for item in segment.header.SegmentSequence if item.SegmentNumber == segment.number
    )


def _number(frame: Frame) -> int | None:
    item = shared_item(frame.header, "SegmentIdentificationSequence", frame.index)
    number = item.get("ReferencedSegmentNumber")
    return None if number is None else int(number)


def _filled(segment: _Segment, frames: Sequence[Frame], grid: _Grid) -> NDArray[np.float32]:
    first = frames[0]
    kind = _type(segment.header)
    mine = [frame for frame in frames if frame.path == segment.path]
    if kind != "LABELMAP":
        mine = [frame for frame in mine if _number(frame) == segment.number]
    scale = 1.0
    if kind == "FRACTIONAL":
        scale = float(segment.header.get("MaximumFractionalValue") or 0)
        if not scale > 0:
            raise DicomError(
                segment.path,
                "fractions without MaximumFractionalValue: what counts as 1 is unknown",
                "export it again",
            )
    array = np.zeros((len(grid.positions), *first.shape), np.float32)
    heights = grid.positions @ slice_normal(first.orientation)
    taken: dict[int, Frame] = {}
    for frame, stored in zip(mine, stored_values(mine), strict=True):
        place = int(np.argmin(np.abs(heights - _height(frame, first.orientation))))
        if place in taken:
            raise DicomError(
                segment.path,
                f"{segment} has two pictures at one position: {taken[place]} and {frame}",
                "segmentations over time are not read: highdicom.seg.segread(path) gives them",
            )
        taken[place] = frame
        array[place] = stored == segment.number if kind == "LABELMAP" else stored / scale
    return array


# -- the grid ------------------------------------------------------------------------------


def _height(frame: Frame, orientation: NDArray[np.float64]) -> np.float64:
    return np.float64(frame.position @ slice_normal(orientation))


def _positions(frames: Sequence[Frame]) -> NDArray[np.float64]:
    """Where frames lie, sorted along the normal, each place once."""
    heights = np.array([_height(frame, frames[0].orientation) for frame in frames])
    order = np.argsort(heights, kind="stable")
    kept = np.concatenate([[True], np.diff(heights[order]) > same_place(frames)])
    return np.array([frames[i].position for i in order[kept]])


def _referenced_grid(
    frames: Sequence[Frame], chosen: Series, found: Sequence[Series]
) -> _Grid | None:
    """The grid of the image that the segmentation names, if that lies beside it and fits."""
    named = {
        str(item.get("SeriesInstanceUID") or "")
        for header in chosen.headers
        for item in header.get("ReferencedSeriesSequence") or []
    }
    first = frames[0]
    for series in found:
        if series.uid not in named or is_segmentation(series):
            continue
        try:
            image = frames_of(series)
        except DicomError:
            continue
        image = [
            frame
            for frame in image
            if frame.shape == first.shape
            and np.allclose(frame.orientation, first.orientation, atol=2e-3)
            and np.allclose(frame.pixel_spacing, first.pixel_spacing, rtol=1e-3)
        ]
        if not image:
            continue
        positions = _positions(image)
        distances = np.linalg.norm(
            positions[None] - np.array([frame.position for frame in frames])[:, None], axis=2
        )
        step = np.linalg.norm(np.diff(positions, axis=0), axis=1).min() if len(positions) > 1 else 1
        if distances.min(axis=1).max() <= _ON_THE_GRID * step:
            return _Grid(positions, f"the referenced series {series.uid}")
    return None


def _own_grid(frames: Sequence[Frame]) -> _Grid:
    stored = _positions(frames)
    first = frames[0]
    if len(stored) == 1:
        return _Grid(stored, "the only stored slice")
    way = stored[-1] - stored[0]
    length = float(np.linalg.norm(way))
    heights = (stored - stored[0]) @ way / length
    measures = shared_item(first.header, "PixelMeasuresSequence", first.index)
    candidates = (
        (measures.get("SpacingBetweenSlices"), "SpacingBetweenSlices"),
        (measures.get("SliceThickness"), "SliceThickness"),
        (np.diff(heights).min(), "the distances of the stored slices"),
    )
    for step, said_by in candidates:
        step = abs(float(step or 0))
        if not 0 < step <= length * (1 + _ON_THE_GRID):
            continue
        places = heights / step
        count = round(float(places[-1]))
        if count < 1 or count > 10_000 or np.abs(places - places.round()).max() > _ON_THE_GRID:
            continue
        steps = np.linspace(0, 1, count + 1)[:, None]
        return _Grid(stored[0] + steps * way, f"the stored slices and {said_by}")
    gaps = ", ".join(f"{gap:.4g}" for gap in np.diff(heights)[:6])
    raise DicomError(
        first.path,
        "a segmentation whose stored slices lie on no even grid (slices without a segment need "
        f"not be stored): distances of {gaps} mm",
        "put the image that it belongs to in the same folder and pass series= the segmentation",
    )
