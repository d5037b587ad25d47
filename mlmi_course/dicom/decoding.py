"""The values of frames: decoded, brought to physical units, stacked."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mlmi_course.dicom.codestream import is_whole
from mlmi_course.dicom.decoder_process import GDCM_ITSELF, DecoderProcess
from mlmi_course.dicom.errors import DicomError
from mlmi_course.dicom.files import blamed_on, read_dataset
from mlmi_course.dicom.frames import Frame
from mlmi_course.dicom.intensity import measured_values, shared_item

__all__ = ["physical_values", "stored_values"]

# Which decoder to prefer.  GDCM is the least strict about damage, so it is the last one but for
# JPEG, where Pillow knows 8 bits only.
_DECODERS: Final = ("pydicom", "pyjpegls", "pylibjpeg", "pillow", "gdcm")
_JPEG_DECODERS: Final = ("pillow", "pylibjpeg", "gdcm")
_JPEG: Final = tuple(f"1.2.840.10008.1.2.4.{n}" for n in (50, 51, 57, 70))
_JPEG_EXTENDED: Final = "1.2.840.10008.1.2.4.51"  # up to 12 bits
_PIXEL_ELEMENTS: Final = ("PixelData", "FloatPixelData", "DoubleFloatPixelData")


def physical_values(frames: Sequence[Frame]) -> NDArray[np.floating]:
    """The frames' values in physical units, shape (z, y, x)."""
    slices: dict[int, NDArray[np.floating]] = {}
    for place, stored in _stored(frames):
        with blamed_on(frames[place].path, "applying the rescale"):
            slices[place] = _physical(frames[place], stored)
    return np.stack([slices[place] for place in range(len(frames))])


def stored_values(frames: Sequence[Frame]) -> list[NDArray[Any]]:
    """The frames' stored values, each of shape (y, x)."""
    slices = dict(_stored(frames))
    return [slices[place] for place in range(len(frames))]


def _stored(frames: Sequence[Frame]) -> Iterator[tuple[int, NDArray[Any]]]:
    """Each frame's place and stored values; every file is opened once."""
    files: dict[Path, list[int]] = {}
    for place, frame in enumerate(frames):
        files.setdefault(frame.path, []).append(place)
    with DecoderProcess() as apart:
        for path, places in files.items():
            dataset = read_dataset(path, pixels=True)
            with blamed_on(path, "decoding the pixels"):
                _check_length(path, dataset)
                # Tiles of a mosaic share a frame, which is decoded once.
                indices = list(dict.fromkeys(frames[place].index for place in places))
                pictures = dict(zip(indices, _decode(path, dataset, indices, apart), strict=True))
            for place in places:
                yield place, _cut_out(frames[place], pictures[frames[place].index])


def _cut_out(frame: Frame, picture: NDArray[Any]) -> NDArray[Any]:
    whole = (int(frame.header.Rows), int(frame.header.Columns))
    if picture.shape != whole:
        raise DicomError(
            frame.path,
            f"the pixels have shape {picture.shape}, the header says {whole}",
            "the file is damaged: export it again",
        )
    if frame.corner is None:
        return picture
    (top, left), (rows, columns) = frame.corner, frame.shape
    return picture[top : top + rows, left : left + columns]


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
        return measured_values(stored, header, frame.index)
    except ValueError as error:
        advice = "the header is damaged: export the file again"
        if "decimal comma" in str(error):
            advice = "mend the program that wrote the file, or replace the comma"
        raise DicomError(frame.path, str(error), advice) from None


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
    path: Path, dataset: Any, indices: list[int], apart: DecoderProcess
) -> list[NDArray[Any]]:
    """Stored values of some frames, by the first decoder that manages it."""
    from pydicom.pixels import get_decoder, iter_pixels

    syntax = dataset.file_meta.TransferSyntaxUID
    count = int(dataset.get("NumberOfFrames") or 1)
    wanted = {} if len(indices) == count == 1 else {"indices": indices}
    if not syntax.is_compressed:
        return [np.array(frame) for frame in iter_pixels(dataset, **wanted)]
    order = _JPEG_DECODERS if syntax in _JPEG else _DECODERS
    available = [name for name in order if name in get_decoder(syntax).available_plugins]
    if "gdcm" in available and syntax == _JPEG_EXTENDED:
        available.append(GDCM_ITSELF)
    reasons = []
    for plugin in available:
        try:
            if plugin.startswith("gdcm") and reasons and not _are_whole(dataset, count, indices):
                # It would fill the rest of a picture that is cut off, and say nothing.
                raise ValueError("not tried, the compressed picture is not whole")
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


def _are_whole(dataset: Any, count: int, indices: list[int]) -> bool:
    from pydicom.encaps import generate_frames

    offsets = [dataset.get(f"ExtendedOffsetTable{name}") for name in ("", "Lengths")]
    frames = list(
        generate_frames(
            dataset.PixelData,
            number_of_frames=count,
            extended_offsets=None if None in offsets else tuple(offsets),
        )
    )
    return all(is_whole(frames[index]) for index in indices)
