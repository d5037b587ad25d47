"""The loader of simulated cohorts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from mlmi_course._numbers import require_whole
from mlmi_course._signatures import shows
from mlmi_course.data.simulated._request import require_parameters
from mlmi_course.phantoms.arguments import CohortArguments

if TYPE_CHECKING:
    from mlmi_course.phantoms.cohort import Cohort

__all__ = ["load_cohort"]


@shows(CohortArguments)
def load_cohort(n: int = 600, seed: int = 0, **parameters: Unpack[CohortArguments]) -> Cohort:
    """A simulated cohort of patients: a table, and the truth behind it.

    Parameters
    ----------
    n : int, default 600
        Number of patients.
    seed : int, default 0
        Other seeds, other patients.
    **parameters
        Passed on to :func:`mlmi_course.phantoms.cohort.simulate`, which describes them.

    Returns
    -------
    Cohort
        With ``table``, one row a patient, and ``truth``.

    Raises
    ------
    ValueError
        For an ``n`` that is not a positive whole number.
    TypeError
        For an unknown parameter.

    Examples
    --------
    >>> len(load_cohort(n=50).table)
    50
    """
    from mlmi_course.phantoms.cohort import simulate

    require_parameters(simulate, parameters, "load_cohort")
    return simulate(require_whole("n", n, 1), seed=require_whole("seed", seed, 0), **parameters)
