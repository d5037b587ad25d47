"""The loader of patients with brain tumours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypedDict, Unpack

from mlmi_course._signatures import shows
from mlmi_course.data.simulated._request import Simulated, simulated_arrays

if TYPE_CHECKING:
    from mlmi_course.phantoms.tumours import TumourCohort

__all__ = ["TUMOURS", "load_tumour_cohort"]

TUMOURS: Final = Simulated(
    name="tumour-cohort",
    loader="load_tumour_cohort",
    description="Simulated patients of four centres with a brain tumour: two contrasts of MRI, "
    "masks, clinic, omics with missing blocks, survival and the true risk.",
    simulator="mlmi_course.phantoms.tumours",
    datasheet="docs/datasheets/tumours.md",
)


class TumourArguments(TypedDict, total=False):
    """Of :func:`mlmi_course.phantoms.tumours.tumour_blocks`, which describes them."""

    image_effect: float
    omics_effect: float
    centre_shift: float


@shows(TumourArguments)
def load_tumour_cohort(
    n: int = 960, seed: int = 0, **parameters: Unpack[TumourArguments]
) -> TumourCohort:
    """Patients of four centres with a brain tumour, and the risk that drew their survival.

    Parameters
    ----------
    n : int, default 960
        Number of patients: of 960, 640 to develop on and 320 locked, 200 of whom are all of
        centre D.
    seed : int, default 0
        Other seeds, other patients.
    **parameters
        Passed on to :func:`mlmi_course.phantoms.tumours.tumour_blocks`, which describes them:
        image_effect, omics_effect, centre_shift.

    Returns
    -------
    TumourCohort
        Images and masks are read-only: copy what you want to change.

    Raises
    ------
    ValueError
        For an ``n`` that is not a positive whole number, or a parameter that makes no sense.
    TypeError
        For an unknown parameter.

    Examples
    --------
    >>> load_tumour_cohort(n=48)
    TumourCohort: 48 patients of 4 centres (32 development, 6 internal, 10 external); 33 deaths
    """
    from mlmi_course.phantoms.tumours import cohort_of, tumour_blocks

    arrays, source = simulated_arrays(TUMOURS, tumour_blocks, n, seed, parameters)
    return cohort_of(arrays, source)
