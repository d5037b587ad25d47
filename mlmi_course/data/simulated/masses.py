"""The loader of simulated masses, and of the real ones that can stand in their place."""

from __future__ import annotations

from typing import Final, Unpack

from mlmi_course._numbers import require_whole
from mlmi_course._signatures import shows
from mlmi_course.data.imageset import ImageSet
from mlmi_course.data.simulated._request import (
    Simulated,
    is_real,
    load_cmepda,
    simulate,
)
from mlmi_course.phantoms.arguments import MassArguments

__all__ = ["MASSES", "load_masses"]

MASSES: Final = Simulated(
    name="masses",
    loader="load_masses",
    description="Simulated mammographic masses; masks are the first reader's outlines.",
    simulator="mlmi_course.phantoms.masses",
    datasheet="docs/datasheets/masses.md",
    classes={0: "benign", 1: "malignant"},
)


@shows(MassArguments)
def load_masses(
    n: int = 400,
    seed: int = 0,
    source: str = "simulated",
    size: int = 128,
    **parameters: Unpack[MassArguments],
) -> ImageSet:
    """Mammographic masses, benign (0) and malignant (1), with their outlines.

    Parameters
    ----------
    n : int, default 400
        Number of simulated images.
    seed : int, default 0
        Other seeds, other patients.
    source : {"simulated", "cmepda"}
        ``"cmepda"`` is the real set of INFN, once it is on this computer (``mlmi data get
        cmepda-masses`` says how).  It is loaded whole, at 125 × 125 pixels.
    size : int, default 128
        Pixels on a side of the simulated images; the field of view stays the same.
    **parameters
        Passed on to :func:`mlmi_course.phantoms.masses.lesion_blocks`, which describes them;
        for simulated images only.

    Returns
    -------
    ImageSet
        ``masks`` are the first reader's.  Simulated sets also have the second reader's and the
        true extent, ``extra["second_reader"]`` and ``extra["lesion"]``.  The real set has one
        outline a mass, made by a semi-automatic method; the size of its pixels is not
        published, so its spacing is None.

    Raises
    ------
    ValueError
        For an ``n`` that is not a positive whole number or an unknown source.
    TypeError
        For an unknown parameter.
    mlmi_course.data.NotImported
        If the real set is not on this computer.  Nothing is simulated instead.

    Examples
    --------
    >>> data = load_masses(n=4, size=64)
    >>> data.masks.shape, sorted(data.extra)
    ((4, 64, 64), ['lesion', 'second_reader'])
    """
    own = {**parameters, **({} if size == 128 else {"size": size})}
    if is_real(source, MASSES, n, seed, own, usual=400):
        return load_cmepda("cmepda-masses")
    from mlmi_course.phantoms.masses import FIELD_MM, lesion_blocks

    size = require_whole("size", size, 1)
    return simulate(MASSES, lesion_blocks, FIELD_MM / size, n, seed, parameters, size=size)
