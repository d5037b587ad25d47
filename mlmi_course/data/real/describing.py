"""A real set in words: how much it holds, and what is odd in it."""

from __future__ import annotations

import numpy as np

from mlmi_course.data.cache import Arrays
from mlmi_course.data.real.sets import RealSet

__all__ = ["describe"]


def describe(known: RealSet, arrays: Arrays) -> str:
    """Say what was found in a set, what is odd in it included."""
    groups = arrays["groups"]
    cases = arrays.get("case", groups)
    told = f"{len(groups)} {known.unit}"
    if "labels" in arrays:
        counts = [f"{np.sum(arrays['labels'] == k)} {what}" for k, what in known.classes.items()]
        told += f" ({', '.join(counts)})"
    if known.has_patients:
        of = "cases" if "case" in arrays else "patients"
        told += f" of {len(np.unique(cases))} {of}"
    notes = [known.note] if known.note else []
    return " ".join([f"{told}.", *_parts(arrays), *_oddities(known, arrays, cases), *notes])


def _parts(arrays: Arrays) -> list[str]:
    if "subset" not in arrays:
        return []
    names, counts = np.unique(arrays["subset"], return_counts=True)
    if len(names) == 1:
        return [f"{names[0]} only: the other part is not in this copy."]
    return [f"In parts: {', '.join(f'{n} {k}' for n, k in zip(names, counts, strict=True))}."]


def _oddities(known: RealSet, arrays: Arrays, cases: np.ndarray) -> list[str]:
    told = _duplicates(arrays, known.unit) if "duplicate_of" in arrays else []
    if known.has_patients and "labels" in arrays:
        labels = arrays["labels"]
        both = len(np.intersect1d(cases[labels == 0], cases[labels == 1]))
        if both:
            told.append(f"{both} case{'s hold' if both > 1 else ' holds'} both classes.")
    return told


def _duplicates(arrays: Arrays, unit: str) -> list[str]:
    again = arrays["duplicate_of"] != ""
    count = int(np.sum(again))
    if not count:
        return [f"No two {unit} are identical."]
    told = f"{count} of the {unit} repeat{'s' * (count == 1)} an earlier one pixel by pixel"
    if "subset" in arrays:
        subset_of = dict(zip(arrays["file"].tolist(), arrays["subset"].tolist(), strict=True))
        before = [subset_of[file] for file in arrays["duplicate_of"][again].tolist()]
        astride = sum(a != b for a, b in zip(before, arrays["subset"][again].tolist(), strict=True))
        if astride:
            told += f", {astride} of them across Train and Test"
    patients = len(np.unique(arrays["groups"]))
    return [f"{told}; cases that share one count as one patient, which makes {patients} patients."]
