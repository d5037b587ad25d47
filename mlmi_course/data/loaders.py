"""One function for each set of images, simulated or real."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from mlmi_course.data.cache import Arrays, Block, code_checksum, kept_arrays
from mlmi_course.data.imageset import ImageSet

if TYPE_CHECKING:
    import pandas as pd

    from mlmi_course.phantoms.cohort import Cohort

__all__ = ["load_cohort", "load_mammograms", "load_masses", "load_microcalcifications"]

# Arguments of a simulator that are not switches: the loaders have them, or they change nothing.
_NO_SWITCHES: Final = frozenset({"n", "seed", "size", "block"})
_LESION: Final = "cluster_"  # what a simulator's arrays of lesions, shape (n, most), start with


@dataclass(frozen=True, kw_only=True)
class _About:
    """What a loader says about a set that it simulates."""

    name: str
    loader: str
    description: str
    simulator: str
    datasheet: str
    classes: Mapping[int, str] = field(default_factory=dict)


_MICROCALCIFICATIONS: Final = _About(
    name="microcalcifications",
    loader="load_microcalcifications",
    description="Simulated patches of mammograms, with and without a cluster of "
    "microcalcifications; masks show the calcifications.",
    simulator="mlmi_course.phantoms.mammography",
    datasheet="docs/datasheets/microcalcifications.md",
    classes={0: "normal", 1: "microcalcifications"},
)
_MAMMOGRAMS: Final = _About(
    name="mammograms",
    loader="load_mammograms",
    description="Simulated sections of mammograms with the position of each cluster of "
    "microcalcifications.",
    simulator="mlmi_course.phantoms.mammography",
    datasheet="docs/datasheets/mammograms.md",
    classes={0: "normal", 1: "microcalcifications"},
)
_MASSES: Final = _About(
    name="masses",
    loader="load_masses",
    description="Simulated mammographic masses; masks are the first reader's outlines.",
    simulator="mlmi_course.phantoms.masses",
    datasheet="docs/datasheets/masses.md",
    classes={0: "benign", 1: "malignant"},
)
_BRAIN_SLICES: Final = _About(
    name="brain-slices",
    loader="load_brain_slices",
    description="Simulated MR slices of heads; masks show the tissue, 0 background, 1 CSF, 2 grey "
    "and 3 white matter, 4 skull, 5 scalp, 6 lesion, 7 tumour core, 8 its rim, 9 oedema.",
    simulator="mlmi_course.phantoms.brain",
    datasheet="docs/datasheets/brain.md",
    classes={0: "without a lesion", 1: "with a lesion"},
)
_BRAIN_VOLUMES: Final = _About(
    name="brain-volumes",
    loader="load_brain_volumes",
    description="Simulated MR volumes of heads; masks show the tissue.",
    simulator="mlmi_course.phantoms.brain",
    datasheet="docs/datasheets/brain.md",
)
SIMULATED: Final = (_MICROCALCIFICATIONS, _MAMMOGRAMS, _MASSES, _BRAIN_SLICES, _BRAIN_VOLUMES)
"""What is simulated and kept; for ``mlmi data list``."""

LICENCE: Final = "CC BY 4.0"
"""Of every simulated image."""


def load_microcalcifications(
    n: int = 2000, seed: int = 0, source: str = "simulated", **switches: Any
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
    **switches
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
        For an unknown switch.
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
    if _is_real(source, _MICROCALCIFICATIONS, n, seed, switches, usual=2000):
        return _load_real("cmepda-microcalcifications")
    from mlmi_course.phantoms.mammography import SPACING_MM, patch_blocks

    return _simulate(_MICROCALCIFICATIONS, patch_blocks, SPACING_MM, n, seed, switches)


def load_mammograms(
    n: int = 24, seed: int = 0, source: str = "simulated", **switches: Any
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
    **switches
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
        For an unknown switch.

    Examples
    --------
    >>> data = load_mammograms(n=2)
    >>> data.images.shape, list(data.findings)[:4]
    ((2, 512, 512), ['image', 'group', 'row', 'column'])
    """
    _is_real(source, _MAMMOGRAMS, n, seed, switches, sources=("simulated",))
    from mlmi_course.phantoms.mammography import SPACING_MM, section_blocks

    return _simulate(_MAMMOGRAMS, section_blocks, SPACING_MM, n, seed, switches)


def load_masses(
    n: int = 400, seed: int = 0, source: str = "simulated", size: int = 128, **switches: Any
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
    **switches
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
        For an unknown switch.
    mlmi_course.data.NotImported
        If the real set is not on this computer.  Nothing is simulated instead.

    Examples
    --------
    >>> data = load_masses(n=4, size=64)
    >>> data.masks.shape, sorted(data.extra)
    ((4, 64, 64), ['lesion', 'second_reader'])
    """
    own = {**switches, **({} if size == 128 else {"size": size})}
    if _is_real(source, _MASSES, n, seed, own, usual=400):
        return _load_real("cmepda-masses")
    from mlmi_course.phantoms.masses import FIELD_MM, lesion_blocks

    size = _positive(size, "size")
    return _simulate(_MASSES, lesion_blocks, FIELD_MM / size, n, seed, switches, size=size)


def load_cohort(n: int = 600, seed: int = 0, **switches: Any) -> Cohort:
    """A simulated cohort of patients: a table, and the truth behind it.

    Parameters
    ----------
    n : int, default 600
        Number of patients.
    seed : int, default 0
        Other seeds, other patients.
    **switches
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
        For an unknown switch.

    Examples
    --------
    >>> len(load_cohort(n=50).table)
    50
    """
    from mlmi_course.phantoms.cohort import simulate

    _require_switches(simulate, switches, "load_cohort")
    return simulate(_positive(n, "n"), seed=_seed(seed), **switches)


# -- simulated ---------------------------------------------------------------------------------


def _simulate(
    about: _About,
    blocks: Callable[..., Iterable[Block]],
    spacing: float,
    n: int,
    seed: int,
    switches: Mapping[str, Any],
    **more: Any,
) -> ImageSet:
    arrays, source = _simulated_arrays(about, blocks, n, seed, switches, **more)
    return image_set(
        arrays,
        name=about.name,
        spacing=(spacing, spacing),
        source=source,
        licence=LICENCE,
        description=about.description,
        classes=about.classes,
        datasheet=about.datasheet,
    )


def _simulated_arrays(
    about: _About,
    blocks: Callable[..., Iterable[Block]],
    n: int,
    seed: int,
    switches: Mapping[str, Any],
    **more: Any,
) -> tuple[Arrays, str]:
    """What a simulator makes, from disk if it has been made before; and a line that says so."""
    n, seed = _positive(n, "n"), _seed(seed)
    all_of_them = _require_switches(blocks, switches, about.loader)
    asked = {"n": n, "seed": seed, **more}
    arrays = kept_arrays(
        about.name,
        lambda: blocks(**asked, **switches),
        n,
        code=code_checksum(blocks),
        # With the defaults: a switch that is spelled out is the same request.
        parameters={**all_of_them, **switches, **asked},
    )
    changed = "".join(f", {name}={value!r}" for name, value in sorted(switches.items()))
    return arrays, f"simulated by {about.simulator}, seed {seed}{changed}"


def image_set(arrays: Arrays, **facts: Any) -> ImageSet:
    """Sort a simulator's or reader's arrays into the fields of an :class:`ImageSet`.

    Parameters
    ----------
    arrays : dict of str to ndarray, shape (n, …)
        ``images``, ``masks``, ``labels`` and ``groups`` by name.  Arrays ``cluster_*`` of shape
        (n, most), nan where there is none, become findings; other columns the table; all else
        is extra.
    **facts
        The other fields.

    Returns
    -------
    ImageSet

    Examples
    --------
    >>> data = image_set({"images": np.zeros((2, 8, 8), np.uint8), "groups": np.arange(2),
    ...                   "view": np.ones(2, int)}, name="dots", source="made up", licence="CC0")
    >>> list(data.table)
    ['view']
    """
    import pandas as pd

    named = {name: arrays[name] for name in ("images", "groups")}
    named |= {name: arrays[name] for name in ("masks", "labels") if name in arrays}
    lesions = {name: array for name, array in arrays.items() if name.startswith(_LESION)}
    rest = {name: a for name, a in arrays.items() if name not in named and name not in lesions}
    table = pd.DataFrame({name: a.copy() for name, a in rest.items() if a.ndim == 1})
    return ImageSet(
        **named,
        table=table if len(table.columns) else None,
        findings=_findings(lesions, arrays["groups"], facts["spacing"][0]) if lesions else None,
        extra={name: array for name, array in rest.items() if array.ndim > 1},
        **facts,
    )


def _findings(lesions: Arrays, groups: np.ndarray, spacing: float) -> pd.DataFrame:
    import pandas as pd

    image, place = np.nonzero(np.isfinite(lesions[f"{_LESION}row"]))
    found = {name.removeprefix(_LESION): array[image, place] for name, array in lesions.items()}
    columns: dict[str, Any] = {"image": image, "group": groups[image]}
    columns |= {name: found.pop(name) for name in ("row", "column")}
    columns |= {f"{name}_mm": columns[name] * spacing for name in ("row", "column")}
    if "count" in found:
        found["count"] = found["count"].astype(np.int64)
    return pd.DataFrame(columns | found)


# -- real --------------------------------------------------------------------------------------


def _is_real(
    source: str,
    about: _About,
    n: int,
    seed: int,
    switches: Mapping[str, Any],
    *,
    usual: int = 0,
    sources: tuple[str, ...] = ("simulated", "cmepda"),
) -> bool:
    if source not in sources:
        known = " or ".join(f'"{one}"' for one in sources)
        raise ValueError(f"{about.loader} knows source={known}, not {source!r}")
    if source == "simulated":
        return False
    refused = [*switches, *["n"] * (n != usual), *["seed"] * (seed != 0)]
    if refused:
        # A switch that does nothing would be believed.
        raise TypeError(
            f"{', '.join(sorted(refused))} would change simulated images only; "
            f'source="{source}" is loaded whole, and data[:500] is its beginning'
        )
    return True


def _load_real(name: str) -> ImageSet:
    from mlmi_course.data.real import load_real, real_set

    arrays, facts, _ = load_real(name)
    return image_set(arrays, spacing=real_set(name).spacing, **facts)


# -- checks ------------------------------------------------------------------------------------


def _positive(given: Any, name: str) -> int:
    whole = isinstance(given, int | np.integer) and not isinstance(given, bool)
    if not whole or given < 1:
        raise ValueError(f"{name} must be a whole number of at least 1, got {given!r}")
    return int(given)


def _seed(given: Any) -> int:
    whole = isinstance(given, int | np.integer) and not isinstance(given, bool)
    if not whole or given < 0:
        raise ValueError(f"seed must be a whole number from 0 on, got {given!r}")
    return int(given)


def _require_switches(
    simulator: Callable[..., Any], switches: Mapping[str, Any], loader: str
) -> dict[str, Any]:
    """The simulator's switches with their defaults, after a look at those that are given."""
    parameters = inspect.signature(simulator).parameters.values()
    known = {
        one.name: one.default
        for one in parameters
        if one.name not in _NO_SWITCHES
        and one.kind in (one.KEYWORD_ONLY, one.POSITIONAL_OR_KEYWORD)
    }
    unknown = sorted(set(switches) - set(known))
    if unknown:
        listed = ", ".join(f"{name}={value!r}" for name, value in known.items()) or "none"
        raise TypeError(f"{loader} has no switch {', '.join(unknown)}; there are: {listed}")
    return known
