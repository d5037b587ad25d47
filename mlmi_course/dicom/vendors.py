"""What manufacturers write into private elements because the standard had no place for it.

Only what a volume cannot be read without: b-values and gradient directions of classic MR
files, and how many slices lie side by side in a picture (Siemens MOSAIC, United Imaging grid).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["Tiles", "diffusion_of", "private", "tiles_of"]

# (creator, group, element, kind): a b-value, then the direction in the patient's axes.  GE's
# directions are in the axes of the picture and left out: they only tell volumes apart.
_B_VALUES: Final = (
    ("SIEMENS MR HEADER", 0x0019, 0x0C, "IS"),
    ("GEMS_PARM_01", 0x0043, 0x39, "IS"),
    ("Philips Imaging DD 001", 0x2001, 0x03, "FL"),
    ("Image Private Header", 0x0065, 0x09, "FD"),
)
_DIRECTIONS: Final = (
    (("SIEMENS MR HEADER", 0x0019, 0x0E, "FD"),),
    tuple(("Philips MR Imaging DD 001", 0x2005, 0xB0 + axis, "FL") for axis in range(3)),
    (("Image Private Header", 0x0065, 0x37, "FD"),),
)
_BLOCKS: Final = range(0x10, 0x30)  # up to FF are allowed, and no scanner comes near it
_GE_MARK: Final = 10**9  # GE adds it to some b-values, as a mark of the software's version
_B0_BELOW: Final = 1e-6
_BINARY: Final = {"US": "<u2", "FL": "<f4", "FD": "<f8"}


@dataclass(frozen=True)
class Tiles:
    """Slices that a scanner laid side by side in one picture.

    ``positions`` are the centres of the upper left voxels, shape (n, 3), mm (LPS), in the
    order of the tiles: row by row from the upper left corner of the picture.
    """

    positions: NDArray[np.float64]
    shape: tuple[int, int]
    columns: int
    note: str = ""

    def corner(self, index: int) -> tuple[int, int]:
        """Row and column of the picture at which a tile begins."""
        row, column = divmod(index, self.columns)
        return row * self.shape[0], column * self.shape[1]


def private(header: Any, creator: str, group: int, offset: int, kind: str) -> list[float]:
    """The numbers of a private element, wherever its creator reserved its block; [] if absent.

    In files that name no kinds (implicit VR), or that passed through an archive that did not
    know them, the value is bytes.
    """
    value = _private_value(header, creator, group, offset)
    try:
        if isinstance(value, bytes):
            if kind in _BINARY:
                return np.frombuffer(value, _BINARY[kind]).astype(float).tolist()
            value = value.decode("ascii").strip(" \0").split("\\")
        if value is None or value == "":
            return []
        several = [value] if isinstance(value, (str, int, float)) else list(value)
        return [float(number) for number in several]
    except (ValueError, TypeError):
        return []


def _private_value(header: Any, creator: str, group: int, offset: int) -> Any:
    """What pydicom's private_block gives, which sorts the whole header for each question."""
    for block in _BLOCKS:
        tag = (group << 16) + block
        if tag in header and str(header[tag].value or "").strip() == creator:
            element = header.get((group << 16) + (block << 8) + offset)
            if element is not None:
                return element.value
    return None


def diffusion_of(header: Any, standard: Any, direction: Any) -> tuple[float, ...] | None:
    """The b-value (s/mm²) and, where known, the gradient's direction: ``(b,)`` or ``(b, x, y, z)``.

    Parameters
    ----------
    header : pydicom.Dataset
        Searched for the manufacturer's elements where ``standard`` is None.
    standard, direction
        DiffusionBValue and DiffusionGradientOrientation, or None.

    Returns
    -------
    tuple of float, or None
        None where no b-value is known.  b = 0 has no direction, whatever the file says.
    """
    if standard is None or standard == "":
        if header.get("Modality") != "MR":
            return None
        found = [n for place in _B_VALUES for n in private(header, *place)[:1]]
        if not found:
            return None
        b = found[0] % _GE_MARK
    else:
        b = float(standard)
    if not math.isfinite(b) or b < _B0_BELOW:
        return (0.0,) if math.isfinite(b) else None
    axes = [] if direction is None or isinstance(direction, str) else [float(x) for x in direction]
    for places in _DIRECTIONS if not axes else ():
        axes = axes or [n for place in places for n in private(header, *place)]
    if len(axes) != 3 or not any(axes) or not all(math.isfinite(x) for x in axes):
        return (b,)  # the mean over directions, or none was written
    return (b, *(round(x, 4) + 0.0 for x in axes))


def tiles_of(header: Any) -> Tiles | str | None:
    """The tiles of a picture, None for an ordinary one, or why it cannot be divided.

    Siemens gives the position of the whole picture as if the picture, not a slice, were centred
    where the slice is; the first tile is half the difference of their sizes away.  Tiles follow
    each other along the slice normal of the private CSA header, which need not be row × column
    (it is not in sagittal scans, nor in axial ones numbered from the head).

    References
    ----------
    nibabel, *Siemens format DICOM with CSA header* and *DICOM mosaic*
    (https://nipy.org/nibabel/dicom/dicom_mosaic.html).
    """
    if header.get("Modality") != "MR":
        return None
    grid = private(header, "Image Private Header", 0x0065, 0x50, "DS")
    if grid and grid[0] > 1:
        return _united_imaging(header, grid[0])
    kinds = header.get("ImageType") or []
    if "MOSAIC" in ([kinds] if isinstance(kinds, str) else list(kinds)):
        return _siemens(header)
    return None


def _united_imaging(header: Any, number: float) -> Tiles | str:
    try:
        items = _private_value(header, "Image Private Header", 0x0065, 0x51)
        positions = np.array([item.ImagePositionPatient for item in items], dtype=float)
    except (AttributeError, ValueError, TypeError):
        positions = np.empty((0, 3))
    if len(positions) != number or positions.shape[1:] != (3,):
        return f"a grid of {number:g} slices without the private element (0065,xx51) of positions"
    columns = math.ceil(math.sqrt(number))
    rows = math.ceil(number / columns)
    if header.Rows % rows or header.Columns % columns:
        return f"{header.Rows} × {header.Columns} pixels cannot be {rows} × {columns} slices"
    return Tiles(positions, (header.Rows // rows, header.Columns // columns), columns)


def _siemens(header: Any) -> Tiles | str:
    csa = _csa(header)
    number = private(header, "SIEMENS MR HEADER", 0x0019, 0x0A, "US")[:1] or csa.get("number", [])
    if not number or not 1 <= number[0] <= 4096 or number[0] % 1:
        return (
            "the private elements that say how many slices it holds (0019,xx0A or the CSA header) "
            "are gone"
        )
    count = int(number[0])
    side = math.ceil(math.sqrt(count))
    if header.Rows % side or header.Columns % side:
        return f"{header.Rows} × {header.Columns} pixels cannot be {side} × {side} slices"
    shape = (header.Rows // side, header.Columns // side)
    step = header.get("SpacingBetweenSlices") or (csa.get("step") or [0])[0]
    orientation = np.array(header.get("ImageOrientationPatient") or [], dtype=float)
    position = np.array(header.get("ImagePositionPatient") or [], dtype=float)
    spacing = np.array(header.get("PixelSpacing") or [], dtype=float)
    if (orientation.size, position.size, spacing.size) != (6, 3, 2):
        return "its position, orientation or PixelSpacing is missing"
    if not float(step) > 0:
        return "SpacingBetweenSlices is missing, without which its slices have no distance"
    row, column = orientation.reshape(2, 3)
    normal, note = np.cross(row, column), ""
    if "normal" in csa:
        if not 0.99 < abs(normal @ csa["normal"]) < 1.01:
            return "the slice normal of its CSA header is not upright on its slices"
        normal = normal * np.sign(normal @ csa["normal"])
    else:
        # Without the CSA header the direction is a habit of the scanner, not a fact.
        normal = normal * np.sign(normal[np.argmax(np.abs(normal))])
        note = (
            "the CSA header of this MOSAIC is gone: its slices are taken to follow each other "
            "towards the patient's Left, Posterior or Superior, as is usual; head-first numbering "
            "would exchange the ends"
        )
    half = (np.array([header.Rows, header.Columns]) - shape) / 2
    first = position + half[1] * spacing[1] * row + half[0] * spacing[0] * column
    return Tiles(first + np.outer(np.arange(count) * float(step), normal), shape, side, note)


def _csa(header: Any) -> dict[str, Any]:
    """Number of slices, slice normal and slice distance from Siemens's own header, if readable."""
    from nibabel.nicom import csareader

    try:
        csa = csareader.get_csa_header(header, "image")
        if csa is None:
            return {}
        found = {
            "number": [csareader.get_n_mosaic(csa)],
            "normal": csareader.get_slice_normal(csa),
            "step": [csareader.get_scalar(csa, "SpacingBetweenSlices")],
        }
    except Exception:  # bytes that are no CSA header raise anything
        return {}
    normal = found["normal"]
    if normal is None or not np.isfinite(normal).all() or not np.any(normal):
        del found["normal"]
    return {
        name: value for name, value in found.items() if name == "normal" or value[0] is not None
    }
