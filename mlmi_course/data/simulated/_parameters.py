"""The simulators' parameters by name, for completion, ``help`` and type checkers.

The simulators describe them and know their defaults.  They are listed here once more because
importing a simulator takes long, and a loader must be able to say what it takes before that.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any, Final, TypedDict, TypeVar, get_type_hints

_Loader = TypeVar("_Loader", bound=Callable[..., Any])


class _Usual:
    """In a signature: the simulator's own default."""

    def __repr__(self) -> str:
        return "…"


USUAL: Final = _Usual()


class SectionParameters(TypedDict, total=False):
    """Of :func:`mlmi_course.phantoms.mammography.section_blocks`."""

    difficulty: float
    exposure: float | None
    vessels: float | None
    single_grains: float | None
    dust: float | None


class PatchParameters(SectionParameters, total=False):
    """Of :func:`mlmi_course.phantoms.mammography.patch_blocks`."""

    brightness_shortcut: bool
    duplicate_patients: float
    marker: bool
    label_noise: float


class MassParameters(TypedDict, total=False):
    """Of :func:`mlmi_course.phantoms.masses.lesion_blocks`."""

    exposure: float
    contrast: float
    beta: float
    ambiguity: float
    prevalence: float
    views: int | None
    density: float | None
    spiculation: float | None
    diameter_mm: float | None
    borders: bool


class _HeadParameters(TypedDict, total=False):
    contrasts: Sequence[str]
    field: float
    vendor: str
    noise: float
    bias: float
    skull: bool
    atrophy: float | None
    lesions: float
    epvs: float
    tumour: float
    hippocampus: bool
    ct: bool


class SliceParameters(_HeadParameters, total=False):
    """Of :func:`mlmi_course.phantoms.brain.slice_blocks`."""

    slices: int
    levels: tuple[float, float]
    thickness: float


class VolumeParameters(_HeadParameters, total=False):
    """Of :func:`mlmi_course.phantoms.brain.volume_blocks`."""

    step: float


class CohortParameters(TypedDict, total=False):
    """Of :func:`mlmi_course.phantoms.cohort.simulate`."""

    world: int
    features: int
    informative: int
    blocks: int
    block_size: int
    effect: float
    sites: int
    batch: float
    batch_covariance: float
    confounder: float
    site_follows_age: float
    features_follow_age: float
    median_days: float
    censored: float
    genes: int
    clock_genes: int
    twins: int
    twin_share: float
    missing: float
    without_genes: float


def shown(parameters: Any) -> Callable[[_Loader], _Loader]:
    """Show a loader's parameters one by one in its signature, where Python writes ``**``.

    Completion in a notebook and ``help`` read the signature, and do not look into ``Unpack``.

    Examples
    --------
    >>> @shown(SectionParameters)
    ... def load(n=24, **parameters):
    ...     return parameters
    >>> list(inspect.signature(load).parameters)
    ['n', 'difficulty', 'exposure', 'vessels', 'single_grains', 'dust']
    >>> load(dust=0.2)
    {'dust': 0.2}
    """

    def mark(loader: _Loader) -> _Loader:
        signature = inspect.signature(loader)
        own = [p for p in signature.parameters.values() if p.kind is not p.VAR_KEYWORD]
        more = [
            inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=USUAL, annotation=kind)
            for name, kind in get_type_hints(parameters).items()
        ]
        loader.__signature__ = signature.replace(parameters=[*own, *more])  # type: ignore[attr-defined]
        return loader

    return mark
