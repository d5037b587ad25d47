"""The rules of the standard's table, applied to a data set and all that are nested in it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Final

from mlmi_course.dicom.names import Names, is_standard_uid, texts
from mlmi_course.dicom.private_elements import is_safe
from mlmi_course.dicom.proof import elements
from mlmi_course.dicom.pseudonyms import new_uid

__all__ = ["clean", "scrub"]


# Schemes whose meanings are published; those of others are whatever somebody typed.
_SCHEMES: Final = frozenset(
    {"BARI", "BI", "DCM", "FMA", "I10", "I9C", "ISO639_2", "ISO3166_1", "LN", "MDC", "NCIt"}
    | {"NDC", "RADLEX", "RXNORM", "SCT", "SNM3", "SRT", "UBERON", "UCUM", "UMLS"}
)
# Free content that the standard's table does not list, or wants replaced and not removed.
_FREE_CONTENT: Final = ("DocumentTitle", "EncapsulatedDocument", "ICCProfile", "LUTExplanation")
_CLOCK: Final = r"(?:[01]\d|2[0-3])(?:[0-5]\d(?:(?:[0-5]\d|60)(?:\.\d{1,6})?)?)?"
# What may stand in dates, times and numbers (DICOM PS3.5, 6.2); readers accept anything.
_GRAMMAR: Final = {
    "DA": re.compile(r"\d{8}", re.ASCII),
    "DT": re.compile(rf"\d{{8}}(?:{_CLOCK})?(?:[+-]\d{{4}})?", re.ASCII),
    "TM": re.compile(_CLOCK, re.ASCII),
    "DS": re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII),
    "IS": re.compile(r"[+-]?\d{1,12}(?:\.0*)?", re.ASCII),
}
_BINARY_NUMBERS: Final = frozenset({"FD", "FL", "SL", "SS", "SV", "UL", "US", "UV"})
_NOT_SHIFTED: Final = frozenset({"PatientBirthDate"})


def clean(dataset: Any, key: bytes, shift: timedelta, safe: bool) -> None:
    """Apply the rules to a data set and, innermost first, to all that are nested in it."""
    from dicomanonymizer import anonymize_dataset
    from pydicom.datadict import dictionary_has_tag

    kept = {e.tag for e in dataset if e.tag.is_private and is_safe(e)} if safe else set()
    # The blocks of what stays: their creator's element says whose they are.
    kept |= {(tag.group << 16) + (tag.element >> 8) for tag in kept}
    for element in list(dataset):
        if element.tag in kept:
            continue
        group = element.tag.group
        # Overlays and curves have even group numbers that repeat: 60xx and 50xx.
        repeating = group >> 8 in (0x50, 0x60)
        known = dictionary_has_tag(element.tag)
        if element.tag.is_private or repeating or not known or _misdeclared(element):
            del dataset[element.tag]
        elif element.VR == "SQ":
            for item in element.value:
                clean(item, key, shift, safe)
        elif element.VR == "UI":
            _each(element, lambda uid: _mapped(uid, key))
        elif element.VR in ("DA", "DT") and element.keyword not in _NOT_SHIFTED:
            grammar = _GRAMMAR[element.VR]
            _each(element, lambda date, grammar=grammar: _shifted(str(date), grammar, shift))
        elif element.VR in _GRAMMAR and not all(
            _GRAMMAR[element.VR].fullmatch(text.strip(" \0")) for text in texts(element)
        ):
            element.value = ""
    anonymize_dataset(
        dataset,
        extra_anonymization_rules=None,
        delete_private_tags=False,  # done, all but those that may stay
        base_rules_gen=_rules,
    )
    for keyword in (
        *("DataSetTrailingPadding", "DigitalSignaturesSequence", "MACParametersSequence"),
        *_FREE_CONTENT,
    ):
        if keyword in dataset:
            del dataset[keyword]
    scheme = str(dataset.get("CodingSchemeDesignator") or "")
    if scheme not in _SCHEMES:
        # A local code means what its hospital says: it may number a room, a device, a person.
        for keyword in ("CodeMeaning", "CodeValue", "LongCodeValue", "URNCodeValue"):
            if keyword in dataset:
                dataset[keyword].value = ""


def _misdeclared(element: Any) -> bool:
    """Whether the file gives an element a kind that the dictionary does not.

    The table's rules go by the dictionary: a study date declared as text would be kept, as
    dates are, but not have been moved.
    """
    from pydicom.datadict import dictionary_VR

    kind = dictionary_VR(element.tag)
    kinds = {kind, *kind.split(" or ")}  # "US or SS", as the pixels' kind decides
    # A number of another width holds no text, and the picture may not be readable without it.
    return element.VR not in kinds and not (
        element.VR in _BINARY_NUMBERS and kinds & _BINARY_NUMBERS
    )


def _each(element: Any, change: Callable[[Any], str]) -> None:
    from pydicom.multival import MultiValue

    if isinstance(element.value, MultiValue):
        element.value = [change(value) for value in element.value]
    elif element.value:
        element.value = change(element.value)


def _mapped(uid: str, key: bytes) -> str:
    return uid if is_standard_uid(uid) else new_uid(key, str(uid))


def _shifted(text: str, grammar: re.Pattern[str], shift: timedelta) -> str:
    """A date (DA) or moment (DT) some days earlier; empty where it is not a whole date."""
    text = text.strip(" \0")
    if not grammar.fullmatch(text):
        return ""
    try:
        return f"{datetime.strptime(text[:8], '%Y%m%d') - shift:%Y%m%d}".zfill(8) + text[8:]
    except (ValueError, OverflowError):
        return ""


@lru_cache(maxsize=1)
def _base_rules() -> Mapping[tuple[int, ...], Callable[[Any, Any], None]]:
    """The library's table, less what :func:`clean` has already done better."""
    from dicomanonymizer.simpledicomanonymizer import (
        delete,
        delete_or_empty_or_replace_UID,
        initialize_actions,
        keep,
    )
    from pydicom.datadict import dictionary_has_tag, dictionary_VR, keyword_for_tag

    table = initialize_actions("dicomfields_2026c")
    rules = {tag: action for tag, action in table.items() if len(tag) == 2}  # no curves, overlays
    for tag, action in rules.items():
        number = (tag[0] << 16) + tag[1]
        kind = dictionary_VR(number) if dictionary_has_tag(number) else ""
        keyword = keyword_for_tag(number)
        if kind == "UI" or (kind in ("DA", "DT", "TM") and keyword not in _NOT_SHIFTED):
            # The option retains dates, modified, and times.  The library would fill in
            # random UIDs from a table that lasts as long as the process, and one fixed date.
            rules[tag] = keep
        elif action is delete_or_empty_or_replace_UID:
            rules[tag] = keep  # references to other images: their UIDs are replaced already
        elif keyword in ("PatientBirthDate", "PatientBirthTime") or (
            kind in ("SQ", "OB", "UN") and action is not delete
        ):
            rules[tag] = _without_content
    return rules


def _rules() -> dict[tuple[int, ...], Callable[[Any, Any], None]]:
    return dict(_base_rules())


def _without_content(dataset: Any, tag: Any) -> None:
    """Empty an element whatever its kind, where the table wants a dummy or nothing."""
    element = dataset.get(tag)
    if element is not None:
        element.value = (
            [] if element.VR == "SQ" else b"" if element.VR in ("OB", "OW", "UN") else ""
        )


def scrub(dataset: Any, names: Names) -> None:
    """Empty every text that repeats what was taken out elsewhere."""
    for element in list(elements(dataset)):
        if names.in_element(element):
            element.value = ""
