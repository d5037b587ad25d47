"""Finding names and numbers of people again in what a file keeps."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, Final

__all__ = ["Names", "is_standard_uid", "names_in", "texts"]

# Kinds of elements in which somebody may have typed a name.  Dates and UIDs are not searched,
# numbers only for long IDs: an ID of four digits stands in many a coordinate.
_TEXT: Final = frozenset({"AE", "CS", "LO", "LT", "PN", "SH", "ST", "UC", "UR", "UT"})
# Terms that the pixels cannot be read without; a patient called "Axial" must not cost them.
_NEEDED: Final = frozenset({"ImageType", "Modality", "PhotometricInterpretation"})
# Terms of the standard that short names collide with: GR is a sequence, HFS a position.
_TERMS: Final = frozenset(
    {"AngioFlag", "BodyPartExamined", "BurnedInAnnotation", "CodeMeaning", "CodeValue"}
    | {"CodingSchemeDesignator", "ContextIdentifier", "CorrectedImage", "DoseType", "DoseUnits"}
    | {"FrameType", "ImageLaterality", "Laterality", "MRAcquisitionType", "MappingResource"}
    | {"Manufacturer", "PatientPosition", "PatientSex", "RescaleType", "ScanningSequence"}
    | {"SegmentationType", "SequenceVariant", "SeriesType", "SpecificCharacterSet", "Units"}
)
# What these hold is searched for in everything that is kept.
_NAMING: Final = frozenset(
    {
        "AccessionNumber",
        "InstitutionAddress",
        "InstitutionName",
        "IssuerOfPatientID",
        "OtherPatientIDs",
        "PatientAddress",
        "PatientBirthDate",
        "PatientComments",
        "PatientID",
        "PatientTelephoneNumbers",
        "StationName",
        "StudyID",
    }
)
_SHORTEST_NAME: Final = 4  # "CT" or "M" would be found everywhere; shorter ones as words only
_SHORTEST_WORD: Final = 2
_EAST_ASIAN: Final = 0x2E80  # from here on, signs and not letters
_SHORTEST_NUMBER: Final = 6  # an image may well be the 1234th of its series
# Parts of names that are words of every language, or ways to address somebody.
_NO_NAMES: Final = frozenset(
    {"al", "an", "bin", "da", "de", "del", "den", "der", "di", "do", "dos", "dr", "du", "el", "fr"}
    | {"hr", "ibn", "in", "jr", "la", "le", "mag", "md", "mr", "mrs", "ms", "phd", "sr", "st", "te"}
    | {"ten", "the", "van", "von", "zu"}
)
# Letters that are no letter with a mark, for the Unicode rules, but are written as one.
_PLAIN: Final = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"})
_RESPELT: Final = re.compile("([aou])e|aa")
# So many given bytes practically never turn up in pixels by chance, so many digits in a UID.
_SHORTEST_IN_BYTES: Final = 8
_SHORTEST_DIGITS_IN_BYTES: Final = 10
_CHARSETS: Final = (
    *("utf-8", "latin-1", "iso8859-2", "iso8859-5", "iso8859-6", "iso8859-7", "iso8859-8"),
    *("iso8859-9", "shift_jis", "gb18030", "euc_kr"),
)


@lru_cache(maxsize=4096)
def _marks_dropped(text: str) -> str:
    """A text without accents and in small letters: ``Ångström`` is ``angstrom``."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(c for c in apart if not unicodedata.combining(c))
    return unicodedata.normalize("NFC", plain).translate(_PLAIN)  # Korean syllables as before


@lru_cache(maxsize=4096)
def _folded(text: str) -> str:
    """One spelling for all of ``Müller``, ``MUELLER`` and ``Muller``."""
    plain = _marks_dropped(text).replace("æ", "ae").replace("œ", "oe")
    return _RESPELT.sub(lambda found: found[1] or "a", plain)


def _squeezed(text: str) -> str:
    """A text less its punctuation: one ID is written 010170-1234 and 0101701234."""
    return re.sub(r"[\W_]+", "", text)


def _is_number(name: str) -> bool:
    return len(name) >= _SHORTEST_NUMBER and any(letter.isdigit() for letter in name)


@dataclass(frozen=True)
class Names:
    """What was taken out of a file, in the spellings in which it is searched for."""

    whole: frozenset[str]  # as written; at least four characters
    folded: frozenset[str]
    words: re.Pattern[str] | None  # two or three letters, found between other characters only
    numbers: frozenset[int]

    def in_element(self, element: Any) -> bool:
        """Whether an element repeats one of them."""
        if element.VR in ("DS", "IS"):
            return bool(self.numbers) and any(
                float(text) in self.numbers for text in texts(element)
            )
        if element.VR not in _TEXT or element.keyword in _NEEDED:
            return False
        text = str(element.value or "")
        if not text:
            return False
        folded = _folded(text)
        squeezed = _squeezed(folded)
        if any(name in folded or (_is_number(name) and name in squeezed) for name in self.folded):
            return True
        return (
            self.words is not None
            and element.keyword not in _TERMS
            and (
                self.words.search(folded) is not None
                or self.words.search(_marks_dropped(text)) is not None
            )
        )

    def in_bytes(self, data: bytes) -> bool:
        """Whether one of them stands in a file, in any usual encoding."""
        return any(code in data for code in self._codes)

    @cached_property
    def _codes(self) -> frozenset[bytes]:
        """The names in all usual encodings, most of which are the same bytes."""
        codes = set()
        for name in self.whole:
            shortest = _SHORTEST_DIGITS_IN_BYTES if name.isdigit() else _SHORTEST_IN_BYTES
            for charset in _CHARSETS:
                # Strictly: what is left out would be found everywhere.
                with suppress(UnicodeEncodeError):
                    if len(code := name.encode(charset)) >= shortest:
                        codes.add(code)
        return frozenset(codes)


def names_in(elements: Iterable[Any]) -> Names:
    """Texts that name somebody or something, from all elements of a data set."""
    from pydicom.datadict import dictionary_VR

    found: set[str] = set()
    words: set[str] = set()
    for element in elements:
        # By the dictionary too: a name is one also where the file calls it something else.
        kinds = {element.VR, dictionary_VR(element.tag) if element.keyword else ""}
        if "PN" in kinds:
            for text in texts(element):
                parts = {text, *re.split(r"[\^=]", text), *re.split(r"[\^=\s,;]+", text)}
                parts |= set(re.split(r"[\W_]+", text))
                found |= parts
                words |= parts
        elif element.keyword in _NAMING:
            for text in texts(element):
                found |= {text, *re.split(r"[\^=]", text)}
                if _is_number(_squeezed(text)):
                    found.add(_squeezed(text))
        elif "UI" in kinds:
            found |= {uid for uid in texts(element) if not is_standard_uid(uid)}
    whole = frozenset(text.strip() for text in found if len(text.strip()) >= _SHORTEST_NAME)
    folded = {name for name in map(_folded, whole) if len(name) >= _SHORTEST_NAME}
    short: set[str] = set()
    for part in map(str.strip, words):
        if not part.isalpha() or len(_folded(part)) >= _SHORTEST_NAME:
            continue
        if ord(part[0]) >= _EAST_ASIAN and len(part) >= _SHORTEST_WORD:
            folded.add(_folded(part))  # written without spaces: no word has an end
        # A single letter is an initial, but a single Chinese sign is a family.
        elif len(part) >= _SHORTEST_WORD or ord(part[0]) >= _EAST_ASIAN:
            short |= {_marks_dropped(part), _folded(part)} - _NO_NAMES
    pattern = "|".join(sorted(map(re.escape, short)))
    numbers = {int(name) for name in folded if _is_number(name) and name.isdecimal()}
    return Names(
        whole,
        frozenset(folded),
        # Digits and underscores end a word, too: LI_2 names Li.
        re.compile(rf"(?<![^\W\d_])(?:{pattern})(?![^\W\d_])") if short else None,
        # "000000" is a number like 0, and so is no ID that could be told from a coordinate.
        frozenset(number for number in numbers if number >= 10 ** (_SHORTEST_NUMBER - 1)),
    )


def texts(element: Any) -> list[str]:
    """The values of an element as texts, less empty ones."""
    values = element.value if element.VM > 1 else [element.value]
    return [str(value) for value in values if value is not None and str(value)]


# HL7's numbers of public coding schemes; too short to hold a number of a person.
_SCHEME_UID: Final = re.compile(r"2\.16\.840\.1\.113883\.6\.\d{1,3}", re.ASCII)


def is_standard_uid(uid: Any) -> bool:
    """Whether a UID is published (a class, an encoding, a coding scheme) and names nobody."""
    from pydicom.uid import UID_dictionary

    return not uid or str(uid) in UID_dictionary or bool(_SCHEME_UID.fullmatch(str(uid)))
