"""Private elements in de-identification: which may stay, and what is lost with the others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from mlmi_course.dicom.vendors import Tiles, diffusion_of, private, tiles_of

__all__ = ["SAFE_PRIVATE", "is_safe", "lost", "measured_in"]

SAFE_PRIVATE: Final[Mapping[str, frozenset[tuple[int, int]]]] = MappingProxyType(
    {
        "SIEMENS MR HEADER": frozenset(  # b-value, directionality, direction, b matrix
            {(0x0019, 0x0C), (0x0019, 0x0D), (0x0019, 0x0E), (0x0019, 0x27)}
        ),
        "GEMS_ACQU_01": frozenset(  # table speed, mid-scan time, rotation speed, pulse sequence
            {(0x0019, 0x23), (0x0019, 0x24), (0x0019, 0x27), (0x0019, 0x9E)}
        ),
        "GEMS_SERS_01": frozenset({(0x0025, 0x07)}),  # images in the series
        "GEMS_PARM_01": frozenset(  # pitch, b-value, ASSET factors
            {(0x0043, 0x27), (0x0043, 0x39), (0x0043, 0x6F)}
        ),
        "GEMS_HELIOS_01": frozenset({(0x0045, 0x01), (0x0045, 0x02)}),  # detector rows and size
        "Philips Imaging DD 001": frozenset({(0x2001, 0x03), (0x2001, 0x04)}),  # b, direction
        "Philips MR Imaging DD 001": frozenset({(0x2005, 0x0D), (0x2005, 0x0E)}),  # scale
        "Philips PET Private Group": frozenset({(0x7053, 0x00), (0x7053, 0x09)}),  # SUV, activity
        "ELSCINT1": frozenset(  # dose length product, phantom, duration, pitch, rotation
            {(0x00E1, 0x21), (0x01E1, 0x26), (0x01E1, 0x50)}
            | {(0x01F1, 0x01), (0x01F1, 0x07), (0x01F1, 0x26), (0x01F1, 0x27)}
        ),
    }
)
"""Private elements known to name nobody: creator → (group, last two digits of the element).

The part of DICOM PS3.15, table E.3.10-1, that measures CT, MR and PET.
"""

_KINDS: Final = frozenset({"CS", "DS", "FD", "FL", "IS", "SH", "SL", "SS", "UL", "US"})


def is_safe(element: Any) -> bool:
    """Whether a private element is in the list, and of a kind that holds a number or a term."""
    creator = element.private_creator or ""
    place = (element.tag.group, element.tag.element & 0xFF)
    return place in SAFE_PRIVATE.get(creator, ()) and element.VR in _KINDS


def _b_value(dataset: Any) -> bool:
    found = diffusion_of(dataset, dataset.get("DiffusionBValue"), None)
    return found is not None


def _direction(dataset: Any) -> bool:
    standard = dataset.get("DiffusionGradientOrientation")
    found = diffusion_of(dataset, dataset.get("DiffusionBValue"), standard)
    of_ge = all(private(dataset, "GEMS_ACQU_01", 0x0019, 0xBB + axis, "DS") for axis in range(3))
    return (found is not None and len(found) > 1) or of_ge


# What can be measured or read in a file, and what no longer works where it is gone.
_USES: Final[tuple[tuple[str, Callable[[Any], bool], str], ...]] = (
    ("b-value", _b_value, "converters then write b = 0 for every volume, without a word"),
    ("gradient direction", _direction, "converters then write 0 0 0: no tensor can be fitted"),
    (
        "number of slices in the MOSAIC, and their direction",
        lambda dataset: isinstance(tiles_of(dataset), Tiles),
        "the picture can no longer be divided into slices",
    ),
    (
        "times of the slices",
        lambda dataset: bool(private(dataset, "SIEMENS MR HEADER", 0x0019, 0x29, "FD")),
        "slice timing cannot be corrected",
    ),
    (
        "Philips's scale factors",
        lambda dataset: bool(private(dataset, "Philips MR Imaging DD 001", 0x2005, 0x0E, "FL")),
        "values cannot be made comparable between Philips scans",
    ),
    (
        "Philips's SUV factor",
        lambda dataset: bool(private(dataset, "Philips PET Private Group", 0x7053, 0x00, "DS")),
        "counts cannot be made SUV",
    ),
)


def measured_in(dataset: Any) -> set[str]:
    """Which of the things that private elements tell can be found in a data set."""
    return {name for name, there, _ in _USES if there(dataset)}


def lost(before: set[str], after: set[str], retained: bool) -> list[str]:
    """A warning that names what went with the private elements, and what that breaks."""
    gone = [(name, use) for name, _, use in _USES if name in before - after]
    if not gone:
        return []
    what = "; ".join(f"{name} ({use})" for name, use in gone)
    # Only what the list keeps is worth the advice.
    kept = {"b-value", "gradient direction", "Philips's scale factors", "Philips's SUV factor"}
    hint = (
        ""
        if retained or not kept & {name for name, _ in gone}
        else ("; retain_safe_private=True keeps those that the standard lists as safe")
    )
    return [f"gone with the private elements: {what}{hint}"]
