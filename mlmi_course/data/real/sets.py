"""What real sets there are, how each is read, and where it lies on this computer.

What there is, how large and under which licence stands in ``data_fetch/registry.toml``; how it is
read stands here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Final

from data_fetch import Entry, entries
from data_fetch.registry import TCIA
from mlmi_course._names import did_you_mean
from mlmi_course.data.cache import Arrays
from mlmi_course.data.errors import DataError
from mlmi_course.data.real import infn, published
from mlmi_course.data.real.folders import read_manifest, set_folder

__all__ = [
    "REAL_SETS",
    "RealSet",
    "absent",
    "catalogue",
    "real_set",
]


@dataclass(frozen=True, kw_only=True)
class RealSet:
    """How a published set is read.

    Attributes
    ----------
    name : str
        Its name in ``data_fetch/registry.toml``.
    publisher, datasheet : str
        Where it came from, and the page that describes it.
    unit : str
        What its images are called.
    find, read : callable
        Find its files in a folder; read them into arrays.
    classes : mapping of int to str
    spacing : (float, float), optional
        Millimetres.
    modality : str
        Of volumes, whose files do not say.
    has_patients : bool
        Whether the publisher says which images are of one patient.
    note : str
        What a reader must know of it.
    """

    name: str
    publisher: str
    datasheet: str
    unit: str
    find: Callable[[Path], tuple[Path, list[Path]]]
    read: Callable[[Path, Iterable[Path]], Arrays]
    classes: Mapping[int, str] = field(default_factory=dict)
    spacing: tuple[float, float] | None = None
    modality: str = ""
    has_patients: bool = True
    note: str = ""


def _medmnist(name: str, classes: Mapping[int, str], more: str) -> RealSet:
    return RealSet(
        name=name,
        publisher="MedMNIST v2, Zenodo 10519652",
        datasheet="docs/datasheets/real.md",
        unit="images",
        find=published.find_medmnist,
        read=published.read_medmnist,
        classes=classes,
        has_patients=False,
        note="The publisher does not say which images are of one patient: each counts as a patient "
        f"of its own, so a random split may leak and nobody can tell. {more}",
    )


REAL_SETS: Final[Mapping[str, RealSet]] = MappingProxyType(
    {
        one.name: one
        for one in (
            RealSet(
                name="cmepda-microcalcifications",
                publisher="INFN, as published for the CMEPDA course",
                datasheet="docs/datasheets/microcalcifications.md",
                unit="patches",
                find=infn.find_microcalcifications,
                read=infn.read_microcalcifications,
                classes={0: "normal", 1: "microcalcifications"},
                spacing=(0.085, 0.085),
            ),
            RealSet(
                name="cmepda-masses",
                publisher="INFN, as published for the CMEPDA course",
                datasheet="docs/datasheets/masses.md",
                unit="masses",
                find=infn.find_masses,
                read=infn.read_masses,
                classes={0: "benign", 1: "malignant"},
            ),
            _medmnist(
                "breastmnist",
                {0: "malignant", 1: "normal or benign"},
                "Label 1 is NOT malignant: the publisher counts normal and benign as positive.",
            ),
            _medmnist(
                "pneumoniamnist",
                {0: "normal", 1: "pneumonia"},
                "The test part comes from another part of its source than training and validation.",
            ),
            RealSet(
                name="msd-hippocampus",
                publisher="Medical Segmentation Decathlon, Task04",
                datasheet="docs/datasheets/real.md",
                unit="volumes",
                find=published.find_hippocampus,
                read=published.read_hippocampus,
                classes={0: "background", 1: "anterior", 2: "posterior"},
                modality="MR",
                has_patients=False,
                note="The publisher does not say which volumes are of one patient, and both "
                "hippocampi of a patient may be among them: each volume counts as a patient of its "
                "own, so a random split may leak. Grey values have no unit and differ from volume "
                "to volume by orders of magnitude: scale each volume by itself.",
            ),
            RealSet(
                name="ixi-t1",
                publisher="IXI, Imperial College London",
                datasheet="docs/datasheets/real.md",
                unit="volumes",
                find=published.find_ixi,
                read=published.read_ixi,
                modality="MR",
                note="Three hospitals, three scanners: the site shows in every image.",
            ),
        )
    }
)
"""How each set that can be kept is read, by name; collections of TCIA come on top."""


def real_set(name: str) -> RealSet:
    """How a set is read.

    Raises
    ------
    DataError
        If no set that can be kept on this computer has that name.

    Examples
    --------
    >>> real_set("ixi-t1").unit
    'volumes'
    """
    if name in REAL_SETS:
        return REAL_SETS[name]
    if name.startswith(TCIA) and name.removeprefix(TCIA).replace("_", "").isalnum():
        return RealSet(
            name=name,
            publisher="The Cancer Imaging Archive, by way of the NCI Imaging Data Commons",
            datasheet="docs/datasheets/real.md",
            unit="series",
            find=published.find_dicom,
            read=published.read_dicom,
        )
    if name in entries():
        raise DataError(
            f"{name} has no loader here; read its files with mlmi_course.dicom.read_volume "
            f"(how to apply for them: mlmi data get {name})"
        )
    others = did_you_mean(name, REAL_SETS)
    others = others or f"; there are: {', '.join(REAL_SETS)}, {TCIA}COLLECTION"
    raise DataError(f"no real set is called {name!r}{others}")


def catalogue(name: str) -> Entry:
    """What is known of a set: size, licence, citation.

    Raises
    ------
    DataError
        If no set has that name.

    Examples
    --------
    >>> catalogue("breastmnist").licence
    'CC BY 4.0'
    """
    if name in entries():
        return entries()[name]
    about = (read_manifest(set_folder(real_set(name).name)) or {}).get("about", {})
    return Entry(
        name=name,
        kind="tcia",
        title=f"{name.removeprefix(TCIA)} (The Cancer Imaging Archive)",
        about="see its page",
        licence=about.get("licence", "see its page"),
        citation=about.get("citation", ""),
        page="https://portal.imaging.datacommons.cancer.gov/collections/",
    )


def absent(name: str) -> str:
    """What to tell about a set that is not on this computer.

    Examples
    --------
    >>> absent("breastmnist")
    'breastmnist (about 560 kB) is not on this computer; get it: mlmi data get breastmnist'
    """
    return f"{name} ({catalogue(name).size}) is not on this computer; get it: mlmi data get {name}"
