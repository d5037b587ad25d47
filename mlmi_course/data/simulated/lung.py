"""The loader of simulated patches of lung."""

from __future__ import annotations

from typing import Final, Unpack

from mlmi_course._numbers import require_whole
from mlmi_course._signatures import shows
from mlmi_course.data.imageset import ImageSet
from mlmi_course.data.simulated._request import Simulated, is_real, simulate
from mlmi_course.phantoms.arguments import LungArguments

__all__ = ["LUNG_PATCHES", "load_lung_patches"]

LUNG_PATCHES: Final = Simulated(
    name="lung-patches",
    loader="load_lung_patches",
    description="Simulated patches of lung in CT, in Hounsfield units; masks show where emphysema "
    "has destroyed tissue.",
    simulator="mlmi_course.phantoms.lung",
    datasheet="docs/datasheets/lung.md",
    classes={0: "no emphysema", 1: "centrilobular", 2: "panlobular"},
)


@shows(LungArguments)
def load_lung_patches(
    n: int = 400,
    seed: int = 0,
    source: str = "simulated",
    size: int = 64,
    **parameters: Unpack[LungArguments],
) -> ImageSet:
    """Patches of lung in CT without emphysema (0), with centrilobular (1) or panlobular (2).

    Parameters
    ----------
    n : int, default 400
        Number of patches.
    seed : int, default 0
        Other seeds, other patients.
    source : {"simulated"}
        There is no real set.
    size : int, default 64
        Pixels on a side, 32 to 256, of 0.6 mm each.
    **parameters
        Passed on to :func:`mlmi_course.phantoms.lung.patch_blocks`, which describes them:
        pattern, fraction, hole_mm, noise, equal_histograms, retest, airway ….

    Returns
    -------
    ImageSet
        ``images`` are Hounsfield units with a sign; ``masks`` are 1 where tissue was destroyed.
        The table has ``fraction``, ``hole_mm`` and ``density_hu``, with ``equal_histograms=True``
        the ``pair``, with ``airway=True`` the ``lumen_mm`` and ``wall_mm`` to be measured.
        ``extra["retest"]`` is the second scan, ``extra["airway"]`` 1 in the lumen and 2 in the
        wall, where they were asked for.

    Raises
    ------
    ValueError
        For an ``n`` that is not a positive whole number, an unknown source, or a parameter that
        makes no sense.
    TypeError
        For an unknown parameter.

    Examples
    --------
    >>> lungs = load_lung_patches(n=6, equal_histograms=True)
    >>> lungs
    ImageSet: lung-patches, 6 images of 64×64 pixels, 6 patients
    >>> lungs.table["pair"].tolist()
    [0, 0, 1, 1, 2, 2]
    """
    own = {**parameters, **({} if size == 64 else {"size": size})}
    is_real(source, LUNG_PATCHES, n, seed, own, sources=("simulated",))
    from mlmi_course.phantoms.lung import SPACING_MM, patch_blocks

    size = require_whole("size", size, 1)
    return simulate(LUNG_PATCHES, patch_blocks, SPACING_MM, n, seed, parameters, size=size)
