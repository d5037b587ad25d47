"""The bytes of the pixel data: whole, and nothing in them but the picture."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mlmi_course.dicom.codestream import without_text
from mlmi_course.dicom.errors import DicomError

__all__ = ["check_pixels", "trim_pixels"]


def check_pixels(file: Path, dataset: Any) -> None:
    from pydicom.pixels.utils import get_expected_length

    if not dataset.file_meta.TransferSyntaxUID.is_compressed and len(
        dataset.PixelData
    ) < get_expected_length(dataset):
        raise DicomError(file, "the pixel data is cut off", "copy the file again")
    for group in range(0x6000, 0x6020, 2):
        element = dataset.get((group, 0x0102))
        if element is not None and element.value:
            raise DicomError(
                file,
                "an overlay, which may hold text, hides in unused bits of the pixel values",
                "clear these bits first; they cannot be removed as an element",
            )


def trim_pixels(file: Path, dataset: Any) -> None:
    """Remove what stands in the pixel data but is not needed to make the picture."""
    from pydicom.encaps import encapsulate, generate_frames
    from pydicom.pixels.utils import get_expected_length

    pixels = dataset["PixelData"]
    if not dataset.file_meta.TransferSyntaxUID.is_compressed:
        size = get_expected_length(dataset)
        if bytes(pixels.value[size:]).strip(b"\0") or len(pixels.value) > size + size % 2:
            pixels.value = pixels.value[:size] + b"\0" * (size % 2)
        return
    count = int(dataset.get("NumberOfFrames") or 1)
    table = ("ExtendedOffsetTable", "ExtendedOffsetTableLengths")
    offsets = tuple(dataset[name].value for name in table) if table[0] in dataset else None
    try:
        frames = list(
            generate_frames(pixels.value, number_of_frames=count, extended_offsets=offsets)
        )
        if len(frames) != count:
            raise ValueError(f"{len(frames)} frames instead of {count}")
        new = [without_text(frame, dataset.Rows * dataset.Columns) for frame in frames]
    except (IndexError, ValueError) as error:
        raise DicomError(
            file,
            f"the compressed pixels cannot be searched for text ({error})",
            "decompress the file first",
        ) from error
    if [frame.rstrip(b"\0") for frame in frames] != [frame.rstrip(b"\0") for frame in new]:
        pixels.value = encapsulate(new)
        for name in table:  # they counted the bytes that are gone
            if name in dataset:
                del dataset[name]
