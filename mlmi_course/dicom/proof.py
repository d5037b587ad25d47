"""The proof that a file names nobody any more: what has changed, and a last search."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mlmi_course.dicom.errors import DicomError
from mlmi_course.dicom.names import Names
from mlmi_course.dicom.private_elements import SAFE_PRIVATE, is_safe

__all__ = ["Record", "compare", "elements", "inventory", "search"]


@dataclass
class Record:
    """What was done to one file."""

    file: str = ""
    removed: set[str] = field(default_factory=set)
    emptied: set[str] = field(default_factory=set)
    replaced: set[str] = field(default_factory=set)
    warnings: list[str] = field(default_factory=list)


def elements(dataset: Any) -> Iterator[Any]:
    for element in dataset:
        if element.VR == "SQ":
            for item in element.value:
                yield from elements(item)
        yield element


def inventory(dataset: Any, where: str = "") -> dict[str, tuple[str, Any]]:
    """Place of each element (with its sequences) → its name and value."""
    found = {}
    for element in dataset:
        place = f"{where}{element.tag}"
        name = element.keyword or f"private {element.tag}"
        if element.VR == "SQ":
            found[place] = (name, len(element.value))
            for i, item in enumerate(element.value):
                found |= inventory(item, f"{place}[{i}]")
        elif element.keyword != "PixelData":
            found[place] = (name, str(element.value))
    return found


def compare(
    before: dict[str, tuple[str, Any]], after: dict[str, tuple[str, Any]], record: Record
) -> None:
    for place, (name, value) in before.items():
        now = after.get(place)
        if now is None:
            record.removed.add(name)
        elif now[1] != value:
            (record.emptied if now[1] in ("", "b''", "[]", "None", 0) else record.replaced).add(
                name
            )


def search(file: Path, target: Path, names: Names, safe: bool) -> None:
    """The proof: read back what was written and look for all that should be gone."""
    import pydicom

    if names.in_bytes(target.read_bytes()):
        raise DicomError(
            file,
            "a name or number that identifies is left in the result (in the pixel data, "
            "perhaps, as a comment of the compression)",
            "decompress the file first, or clean it by hand",
        )
    for element in elements(pydicom.dcmread(target)):
        if names.in_element(element):
            raise DicomError(
                file, f"{element.keyword} still names what it should not", "clean it by hand"
            )
        may_stay = safe and element.tag.is_private and _may_stay(element)
        if (element.tag.is_private and not may_stay) or element.tag.group >> 8 in (0x50, 0x60):
            raise DicomError(file, f"{element.tag} was not removed", "clean it by hand")


def _may_stay(element: Any) -> bool:
    """Whether a private element is known to be safe, or reserves the block of one that is."""
    return is_safe(element) or (element.tag.is_private_creator and element.value in SAFE_PRIVATE)
