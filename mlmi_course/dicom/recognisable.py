"""Whether a picture itself may say who the patient is, by what the header says of it."""

from __future__ import annotations

import re
from typing import Any, Final

__all__ = ["warnings_of"]


_BURNED_IN: Final = frozenset({"US", "SC", "XC", "ES", "OP", "OT", "DOC"})
_FACE: Final = ("HEAD", "BRAIN", "FACE", "SKULL", "NECK", "SINUS", "ORBIT", "JAW")
# All other parts (EYE, CSPINE, WHOLEBODY) may show a face: the list of these has no end.
_FACELESS: Final = frozenset(
    {"ABDOMEN", "ABDOMENPELVIS", "ANKLE", "ARM", "BLADDER", "BREAST", "CALCANEUS", "CHEST"}
    | {"CHESTABDOMEN", "CHESTABDPELVIS", "COLON", "ELBOW", "FEMUR", "FINGER", "FOOT", "FOREARM"}
    | {"HAND", "HEART", "HIP", "HUMERUS", "KIDNEY", "KNEE", "LEG", "LIVER", "LSPINE", "LUNG"}
    | {"PANCREAS", "PELVIS", "PROSTATE", "SPLEEN", "SSPINE", "THIGH", "THORAX", "TOE", "TSPINE"}
    | {"UTERUS", "WRIST"}
)


def warnings_of(dataset: Any) -> list[str]:
    found = []
    modality = str(dataset.get("Modality") or "")
    kinds = dataset.get("ImageType") or []
    burned = str(dataset.get("BurnedInAnnotation") or "")
    if burned == "YES" or (
        burned != "NO"
        and (modality in _BURNED_IN or "SECONDARY" in kinds or "SCREEN SAVE" in kinds)
    ):
        found.append("text may be burned into the picture: look at it")
    part = " ".join(
        str(dataset.get(keyword) or "").upper()
        for keyword in ("BodyPartExamined", "StudyDescription", "SeriesDescription", "ProtocolName")
    )
    faces = any(word in part for word in _FACE)
    named = re.findall("[A-Z]+", str(dataset.get("BodyPartExamined") or "").upper())
    if str(dataset.get("RecognizableVisualFeatures") or "") == "YES":
        found.append("the file says that the patient can be recognised in the picture")
    elif modality in ("CT", "MR", "PT") and (faces or not named or set(named) - _FACELESS):
        unsure = (
            "a part of the body that may include the head"
            if named
            else ("an unnamed part of the body")
        )
        what = "a head" if faces else unsure
        found.append(f"{what}: a face can be rendered from a volume; remove it (defacing)")
    return found
