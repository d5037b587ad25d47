"""The values of frames: decoded, brought to physical units, stacked."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mlmi_course.dicom.codestream import is_whole
from mlmi_course.dicom.decoder_process import GDCM_ITSELF, DecoderProcess
from mlmi_course.dicom.errors import DicomError
from mlmi_course.dicom.files import blamed_on, quiet, read_dataset
from mlmi_course.dicom.frames import Frame
from mlmi_course.dicom.intensity import measured_values, shared_item

__all__ = ["physical_values", "stored_values"]

# Which decoder to prefer.  GDCM is the least strict about damage, so it is the last one but for
# JPEG, where Pillow knows 8 bits only.
_DECODERS: Final = ("pydicom", "pyjpegls", "pylibjpeg", "pillow", "gdcm")
_JPEG_DECODERS: Final = ("pillow", "pylibjpeg", "gdcm")
_JPEG: Final = tuple(f"1.2.840.10008.1.2.4.{n}" for n in (50, 51, 57, 70))
_JPEG_EXTENDED: Final = "1.2.840.10008.1.2.4.51"  # up to 12 bits
# What stands before the length of pixel data, in files whose pixels are stored as they are.
_BEFORE_PLAIN_PIXELS: Final = {
    "1.2.840.10008.1.2": b"\xe0\x7f\x10\x00",  # the tag (7FE0,0010) alone
    "1.2.840.10008.1.2.1": b"\xe0\x7f\x10\x00OW\0\0",
}
_THREADS: Final = min(4, os.cpu_count() or 1)
_PIXEL_ELEMENTS: Final = ("PixelData", "FloatPixelData", "DoubleFloatPixelData")


def physical_values(frames: Sequence[Frame]) -> NDArray[np.floating]:
    """The frames' values in physical units, shape (z, y, x)."""
    with quiet():
        return _physical_values(frames)


def _physical_values(frames: Sequence[Frame]) -> NDArray[np.floating]:
    volume, rest = _plain_values(frames)
    for turn, stored in _stored([frames[place] for place in rest]):
        place = rest[turn]
        if volume is None:
            kind = np.result_type(stored.dtype, np.float32)
            volume = np.empty((len(frames), *stored.shape), kind)
        with blamed_on(frames[place].path, "applying the rescale"):
            values = _physical(frames[place], stored, volume[place])
        if not np.can_cast(values.dtype, volume.dtype):
            # One slice is stored in wider numbers than the first, or goes through a table.
            volume = volume.astype(np.result_type(volume.dtype, values.dtype))
        if values.base is not volume:
            volume[place] = values
    assert volume is not None, "a scan has a frame at least"
    return volume


def _plain_values(
    frames: Sequence[Frame],
) -> tuple[NDArray[np.floating] | None, list[int]]:
    """Values of the files that are plain, and the places of the others.

    One array from the start, because slices that are stacked at the end are held twice; and in
    threads, because most of the time goes into memory that is touched for the first time.
    """
    everywhere = list(range(len(frames)))
    first = _plain(frames[0])
    if first is None or len({frame.path for frame in frames}) < len(frames):
        return None, everywhere
    volume = np.empty((len(frames), *first.shape), np.float32)
    with ThreadPoolExecutor(min(_THREADS, len(frames))) as pool:
        # A thread begins with a context of its own, in which it would not be quiet.
        done = pool.map(
            lambda context, frame, out: context.run(_fill, frame, out),
            [copy_context() for _ in frames],
            frames,
            volume,
        )
        return volume, [place for place, filled in enumerate(done) if not filled]


def _fill(frame: Frame, out: NDArray[np.floating]) -> bool:
    """Put the values of a plain file into a slice of the volume; False where that cannot be."""
    stored = _plain(frame)
    if stored is None or stored.shape != out.shape:
        return False
    with blamed_on(frame.path, "applying the rescale"):
        return _physical(frame, stored, out) is out


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


def _plain(frame: Frame) -> NDArray[Any] | None:
    """Stored values of a plain file, taken from its end; None where anything is unusual.

    Plain is one uncompressed picture of 16 bits, as long as the header says, with which the file
    ends.  Its bytes need no parser.  What is not plain, or not right, is left to pydicom.
    """
    if frame.corner is not None:
        return None
    header = frame.header
    try:
        beginning = _BEFORE_PLAIN_PIXELS.get(header.file_meta.TransferSyntaxUID)
        shape = (int(header.Rows), int(header.Columns))
        signed, used = header.PixelRepresentation, header.BitsStored
        if (
            beginning is None
            or header.get("NumberOfFrames") not in (None, 1)
            or (header.SamplesPerPixel, header.BitsAllocated) != (1, 16)
            or signed not in (0, 1)
            or not 1 <= used <= 16
        ):
            return None
        size = 2 * math.prod(shape)
        expected = beginning + size.to_bytes(4, "little")
        with open(frame.path, "rb", buffering=0) as file:
            file.seek(-size - len(expected), os.SEEK_END)
            if file.read(len(expected)) not in (expected, expected.replace(b"OW", b"OB")):
                return None
            picture = np.empty(shape, "<i2" if signed else "<u2")
            if file.readinto(picture) != size:
                return None
    except (AttributeError, OverflowError, TypeError, ValueError, OSError):
        return None
    if used < 16:  # above them there may be anything, such as an overlay
        np.left_shift(picture, 16 - used, out=picture)
        np.right_shift(picture, 16 - used, out=picture)
    return picture


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


def _physical(
    frame: Frame, stored: NDArray[Any], out: NDArray[np.floating]
) -> NDArray[np.floating]:
    """Values of a frame: in ``out`` if they have its type, else in an array of their own."""
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
        return measured_values(stored, header, frame.index, out)
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
