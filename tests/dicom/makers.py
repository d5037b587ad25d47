"""Small files of the kinds that scanners and their archives really write."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
from pydicom import Dataset, FileMetaDataset, Sequence
from pydicom.uid import UID, generate_uid

EXPLICIT = UID("1.2.840.10008.1.2.1")
MR_IMAGE = "1.2.840.10008.5.1.4.1.1.4"
SEGMENTATION = "1.2.840.10008.5.1.4.1.1.66.4"
LABEL_MAP = "1.2.840.10008.5.1.4.1.1.66.7"


def blank(sop_class: str, modality: str, **elements: Any) -> Dataset:
    """A data set with what every file has."""
    one = Dataset()
    one.file_meta = FileMetaDataset()
    one.file_meta.TransferSyntaxUID = EXPLICIT
    one.SOPClassUID = one.file_meta.MediaStorageSOPClassUID = UID(sop_class)
    one.SOPInstanceUID = one.file_meta.MediaStorageSOPInstanceUID = generate_uid()
    one.Modality, one.PatientID, one.StudyInstanceUID = modality, "P1", "1.2.4"
    one.SeriesInstanceUID, one.FrameOfReferenceUID = "1.2.3", "1.2.5"
    one.update(elements)
    return one


def with_pixels(one: Dataset, pixels: np.ndarray) -> Dataset:
    """Add 16-bit pixels (rows, columns) or (frames, rows, columns)."""
    one.Rows, one.Columns = pixels.shape[-2:]
    one.SamplesPerPixel, one.PhotometricInterpretation = 1, "MONOCHROME2"
    one.BitsAllocated, one.BitsStored, one.HighBit, one.PixelRepresentation = 16, 16, 15, 0
    one.PixelData = pixels.astype("<u2").tobytes()
    one["PixelData"].VR = "OW"
    return one


def save(one: Dataset, path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    one.save_as(path, enforce_file_format=True)
    return path


def mr_slice(path: Path, height: float, pixels: np.ndarray, **elements: Any) -> Path:
    """One axial MR slice of 2 × 3 mm pixels; each element may be None to leave it out."""
    one = with_pixels(blank(MR_IMAGE, "MR"), pixels)
    one.ImageOrientationPatient, one.PixelSpacing = [1, 0, 0, 0, 1, 0], [2, 3]
    one.ImagePositionPatient, one.SliceThickness = [0, 0, height], 5
    for keyword, value in elements.items():
        if value is None:
            if keyword in one:
                del one[keyword]
        else:
            setattr(one, keyword, value)
    return save(one, path)


def csa_header(**tags: tuple[str, list[float]]) -> bytes:
    """Siemens's private header: name → (kind, numbers), in the layout that nibabel documents."""
    data = b"SV10\4\3\2\1" + struct.pack("<2I", len(tags), 77)
    for name, (kind, numbers) in tags.items():
        data += struct.pack(
            "<64si4s3i", name.encode(), len(numbers), kind.encode(), 0, len(numbers), 77
        )
        for number in numbers:
            text = f"{number:g}".encode() + b"\0"
            data += struct.pack("<4i", len(text), len(text), 77, len(text))
            data += text + b"\0" * (-len(text) % 4)
    return data + b"\0" * 8


def mosaic(
    path: Path,
    array: np.ndarray,
    first: tuple[float, float, float],
    orientation: tuple[float, ...],
    normal: tuple[float, float, float],
    *,
    csa: bool = True,
    count: bool = True,
    **elements: Any,
) -> Path:
    """A Siemens mosaic of slices of 2 × 3 mm pixels, 4 mm apart along ``normal``.

    ``first`` is where the first slice's first voxel lies; the file gets the position that Siemens
    writes, half the difference between picture and slice away from it.
    """
    slices, rows, columns = array.shape
    side = int(np.ceil(np.sqrt(slices)))
    picture = np.zeros((side * rows, side * columns), np.uint16)
    for i, slice_ in enumerate(array):
        top, left = (i // side) * rows, (i % side) * columns
        picture[top : top + rows, left : left + columns] = slice_
    one = with_pixels(blank(MR_IMAGE, "MR", Manufacturer="SIEMENS"), picture)
    one.ImageType = ["ORIGINAL", "PRIMARY", "M", "ND", "MOSAIC"]
    row, column = np.reshape(orientation, (2, 3))
    half = (np.array(picture.shape) - (rows, columns)) / 2
    position = np.array(first) - half[1] * 3 * row - half[0] * 2 * column
    one.ImagePositionPatient, one.ImageOrientationPatient = position.tolist(), list(orientation)
    one.PixelSpacing, one.SliceThickness, one.SpacingBetweenSlices = [2, 3], 3, 4
    if count:
        one.private_block(0x0019, "SIEMENS MR HEADER", create=True).add_new(0x0A, "US", slices)
    if csa:
        header = csa_header(
            NumberOfImagesInMosaic=("US", [slices]), SliceNormalVector=("FD", list(normal))
        )
        one.private_block(0x0029, "SIEMENS CSA HEADER", create=True).add_new(0x10, "OB", header)
    for keyword, value in elements.items():
        setattr(one, keyword, value)
    return save(one, path)


def b_value(path: Path, b: int, direction: list[float] | None = None) -> None:
    """Add Siemens's private b-value and gradient direction to a file."""
    one = pydicom.dcmread(path)
    block = one.private_block(0x0019, "SIEMENS MR HEADER", create=True)
    block.add_new(0x0C, "IS", str(b))
    if direction is not None:
        block.add_new(0x0E, "FD", direction)
    one.save_as(path)


def segmentation(
    path: Path,
    segments: dict[int, dict[float, np.ndarray]],
    kind: str = "BINARY",
    *,
    labels: tuple[str, ...] = ("Liver", "Spleen", "Kidney"),
    spacing: float | None = 5.0,
    maximum: int = 255,
    **elements: Any,
) -> Path:
    """A SEG: segment number → height of a stored slice → its pixels; a label map: number 0 only."""
    one = blank(LABEL_MAP if kind == "LABELMAP" else SEGMENTATION, "SEG")
    one.SeriesInstanceUID = "1.2.99"
    frames, pixels = [], []
    for number, slices in segments.items():
        for height, slice_ in slices.items():
            frame, position, which = Dataset(), Dataset(), Dataset()
            position.ImagePositionPatient = [0, 0, height]
            frame.PlanePositionSequence = Sequence([position])
            which.ReferencedSegmentNumber = number
            if kind != "LABELMAP":
                frame.SegmentIdentificationSequence = Sequence([which])
            frames.append(frame)
            pixels.append(slice_)
    stack = np.array(pixels)
    with_pixels(one, stack)
    one.NumberOfFrames = len(frames)
    if kind == "BINARY":
        one.BitsAllocated = one.BitsStored = 1
        one.HighBit = 0
        bits = np.packbits(stack.astype(bool).ravel(), bitorder="little").tobytes()
        one.PixelData = bits + b"\0" * (len(bits) % 2)
    else:
        one.BitsAllocated = one.BitsStored = 8
        one.HighBit = 7
        one.PixelData = stack.astype("u1").tobytes() + b"\0" * (stack.size % 2)
    one["PixelData"].VR = "OB"
    one.SegmentationType = kind
    if kind == "FRACTIONAL":
        one.SegmentationFractionalType, one.MaximumFractionalValue = "PROBABILITY", maximum
    described = []
    for number in range(1, len(labels) + 1):
        item = Dataset()
        item.SegmentNumber, item.SegmentLabel = number, labels[number - 1]
        item.SegmentAlgorithmType = "MANUAL"
        described.append(item)
    one.SegmentSequence = Sequence(described)
    measures, orientation, shared = Dataset(), Dataset(), Dataset()
    measures.PixelSpacing, measures.SliceThickness = [2, 3], 5
    if spacing is not None:
        measures.SpacingBetweenSlices = spacing
    orientation.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    shared.PixelMeasuresSequence = Sequence([measures])
    shared.PlaneOrientationSequence = Sequence([orientation])
    one.SharedFunctionalGroupsSequence = Sequence([shared])
    one.PerFrameFunctionalGroupsSequence = Sequence(frames)
    one.update(elements)
    return save(one, path)
