"""The cohort as a reader sees it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mlmi_course.phantoms.tumours._parameters import (
    CLINICAL,
    EXPRESSION,
    METHYLATION,
    PATHOLOGY,
    PHENOTYPES,
    SPACING_MM,
    SPLITS,
)

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["TumourCohort", "cohort_of"]


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class TumourCohort:
    """Patients of four centres, one row each in every array and table.

    Attributes
    ----------
    names : ndarray of str, shape (n,)
        "P0001" ….
    centre : ndarray of str, shape (n,)
        "A" to "D".
    split : ndarray of str, shape (n,)
        "development", "internal" (locked, of centres A to C) or "external" (locked: all of D).
    images : ndarray of int16, shape (n, 2, 64, 64)
        T1 after a contrast agent, and FLAIR; in the scanner's own units.
    masks : ndarray of uint8, shape (n, 64, 64)
        The true tissue: 0 brain, 1 necrosis, 2 enhancing rim, 3 oedema.
    clinical : pandas.DataFrame, shape (n, 4)
        ``age`` in years, ``sex`` (1 woman), ``kps`` (Karnofsky points), ``resection`` as planned (0
        biopsy, 1 partial, 2 whole).
    omics : dict of str to pandas.DataFrame
        ``"pathology"`` (``mgmt``, ``ki67`` in per cent), ``"expression"`` (30 genes, z-scores of
        log2 values), ``"methylation"`` (20 sites, share methylated).  A block that a patient
        lacks is NaN throughout.
    time : ndarray of float, shape (n,)
        Whole days from diagnosis to death or to the last visit.
    event : ndarray of bool, shape (n,)
        Whether that was death.
    year : ndarray of int16, shape (n,)
        Of the diagnosis.
    true_risk : ndarray of float, shape (n,)
        The log hazard that drew the death.  No patient has one; it is the ceiling.
    true_parts : pandas.DataFrame, shape (n, 4)
        What ``clinical``, ``image``, ``omics`` and ``centre`` add to it.
    phenotypes : pandas.DataFrame, shape (n, 5)
        The image's true phenotypes, standard normal.
    spacing : (float, float)
        Millimetres between rows and between columns.
    source : str
        Where it comes from.
    """

    names: NDArray[np.str_]
    centre: NDArray[np.str_]
    split: NDArray[np.str_]
    images: NDArray[np.int16]
    masks: NDArray[np.uint8]
    clinical: pd.DataFrame
    omics: Mapping[str, pd.DataFrame]
    time: NDArray[np.float64]
    event: NDArray[np.bool_]
    year: NDArray[np.int16]
    true_risk: NDArray[np.float64]
    true_parts: pd.DataFrame
    phenotypes: pd.DataFrame
    spacing: tuple[float, float] = (SPACING_MM, SPACING_MM)
    source: str = "simulated by mlmi_course.phantoms.tumours"

    def __len__(self) -> int:
        return len(self.names)

    def __repr__(self) -> str:
        parts = ", ".join(f"{np.sum(self.split == name)} {name}" for name in SPLITS)
        number = len(set(self.centre))
        centres = f"{number} centre{'s' * (number != 1)}"
        return (
            f"TumourCohort: {len(self)} patients of {centres} ({parts}); "
            f"{int(self.event.sum())} deaths"
        )

    @property
    def locked(self) -> NDArray[np.bool_]:
        """Whether a patient is locked away, shape (n,)."""
        return np.asarray(self.split != SPLITS[0])

    def take(self, which: ArrayLike) -> TumourCohort:
        """The patients of a mask, or of an array of places, as a cohort of their own.

        Examples
        --------
        >>> from mlmi_course.data import load_tumour_cohort
        >>> cohort = load_tumour_cohort(n=24)
        >>> cohort.take(cohort.centre == "D")
        TumourCohort: 5 patients of 1 centre (0 development, 0 internal, 5 external); 3 deaths
        """
        index = np.asarray(which)
        if index.dtype == bool:
            if index.shape != (len(self),):
                raise ValueError(
                    f"a mask needs one value for each of the {len(self)} patients, "
                    f"got shape {index.shape}"
                )
            index = np.flatnonzero(index)

        def chosen(value: Any) -> Any:
            return value.iloc[index] if hasattr(value, "iloc") else value[index]

        whole = {"spacing", "source", "omics"}
        return replace(
            self,
            omics={name: chosen(table) for name, table in self.omics.items()},
            **{f.name: chosen(getattr(self, f.name)) for f in fields(self) if f.name not in whole},
        )


def cohort_of(arrays: Mapping[str, NDArray[Any]], source: str) -> TumourCohort:
    """Put the arrays of :func:`mlmi_course.phantoms.tumours.tumour_blocks` into a cohort."""
    import pandas as pd

    n = len(arrays["time"])
    names = np.array([f"P{number:04d}" for number in range(1, n + 1)])

    def table(name: str, columns: tuple[str, ...]) -> pd.DataFrame:
        return pd.DataFrame(np.array(arrays[name]), index=names, columns=list(columns))

    return TumourCohort(
        names=names,
        centre=np.array(list("ABCD"))[arrays["centre"]],
        split=np.array(SPLITS)[arrays["split"]],
        images=arrays["images"],
        masks=arrays["masks"],
        clinical=table("clinical", CLINICAL),
        omics={
            "pathology": table("pathology", PATHOLOGY),
            "expression": table("expression", EXPRESSION),
            "methylation": table("methylation", METHYLATION),
        },
        time=np.array(arrays["time"]),
        event=np.array(arrays["event"]),
        year=np.array(arrays["year"]),
        true_risk=np.asarray(arrays["parts"].sum(axis=1)),
        true_parts=table("parts", ("clinical", "image", "omics", "centre")),
        phenotypes=table("phenotypes", PHENOTYPES),
        source=source,
    )
