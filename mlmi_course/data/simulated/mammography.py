"""Loaders of simulated mammograms, and of the real patches that can stand in their place."""

from __future__ import annotations

from typing import Final, Unpack

from mlmi_course._signatures import shows
from mlmi_course.data.imageset import ImageSet
from mlmi_course.data.simulated._request import Simulated, is_real, load_cmepda, simulate
from mlmi_course.phantoms.arguments import PatchArguments, SectionArguments

__all__ = ["MAMMOGRAMS", "MICROCALCIFICATIONS", "load_mammograms", "load_microcalcifications"]

MICROCALCIFICATIONS: Final = Simulated(
    name="microcalcifications",
    loader="load_microcalcifications",
    description="Simulated patches of mammograms, with and without a cluster of "
    "microcalcifications; masks show the calcifications.",
    simulator="mlmi_course.phantoms.mammography",
    datasheet="docs/datasheets/microcalcifications.md",
    classes={0: "normal", 1: "microcalcifications"},
)
MAMMOGRAMS: Final = Simulated(
    name="mammograms",
    loader="load_mammograms",
    description="Simulated sections of mammograms with the position of each cluster of "
    "microcalcifications.",
    simulator="mlmi_course.phantoms.mammography",
    datasheet="docs/datasheets/mammograms.md",
    classes={0: "normal", 1: "microcalcifications"},
)


@shows(PatchArguments)
def load_microcalcifications(
    n: int = 2000, seed: int = 0, source: str = "simulated", **parameters: Unpack[PatchArguments]
) -> ImageSet:
    """Patches of mammograms with (1) and without (0) a cluster of microcalcifications.

    Parameters
    ----------
    n : int, default 2000
        Number of simulated patches.
    seed : int, default 0
        Other seeds, other patients.
    source : {"simulated", "cmepda"}
        ``"cmepda"`` is the real set of INFN, once it is on this computer:
        ``mlmi data get cmepda-microcalcifications``.  It is loaded whole.
    **parameters
        Passed on to :func:`mlmi_course.phantoms.mammography.patch_blocks`, which describes
        them; for simulated patches only.

    Returns
    -------
    ImageSet
        Of 60 × 60 pixels of 0.085 mm.  The table has ``view``, ``tile`` and ``part`` (1 to 4
        for the quadrants of a tile, 5 for its centre, which overlaps them).  Simulated patches
        have masks of their calcifications.  The real ones have none; their table also has
        ``case``, ``subset`` (Train or Test), ``file`` and ``duplicate_of``, the file of the
        first patch with the very same pixels.  Cases that share such a patch are one patient in
        ``groups``.

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
    >>> data = load_microcalcifications(n=40)
    >>> data.images.shape, data.spacing
    ((40, 60, 60), (0.085, 0.085))
    >>> train, test = data.split((0.7, 0.3))
    >>> set(train.groups) & set(test.groups)
    set()
    """
    if is_real(source, MICROCALCIFICATIONS, n, seed, parameters, usual=2000):
        return load_cmepda("cmepda-microcalcifications")
    from mlmi_course.phantoms.mammography import SPACING_MM, patch_blocks

    return simulate(MICROCALCIFICATIONS, patch_blocks, SPACING_MM, n, seed, parameters)


@shows(SectionArguments)
def load_mammograms(
    n: int = 24, seed: int = 0, source: str = "simulated", **parameters: Unpack[SectionArguments]
) -> ImageSet:
    """Sections of mammograms, 512 × 512 pixels, with the position of each cluster.

    Parameters
    ----------
    n : int, default 24
        Number of sections.
    seed : int, default 0
        Other seeds, other patients.
    source : {"simulated"}
        There is no real set.
    **parameters
        Passed on to :func:`mlmi_course.phantoms.mammography.section_blocks`, which describes
        them.

    Returns
    -------
    ImageSet
        ``findings`` has one row a cluster: ``image``, ``group``, the centre in pixels (``row``,
        ``column``) and in mm from the corner (``row_mm``, ``column_mm``), ``radius_mm`` and
        ``count`` of calcifications.

    Raises
    ------
    ValueError
        For an ``n`` that is not a positive whole number or an unknown source.
    TypeError
        For an unknown parameter.

    Examples
    --------
    >>> data = load_mammograms(n=2)
    >>> data.images.shape, list(data.findings)[:4]
    ((2, 512, 512), ['image', 'group', 'row', 'column'])
    """
    is_real(source, MAMMOGRAMS, n, seed, parameters, sources=("simulated",))
    from mlmi_course.phantoms.mammography import SPACING_MM, section_blocks

    return simulate(MAMMOGRAMS, section_blocks, SPACING_MM, n, seed, parameters)
