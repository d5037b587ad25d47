"""Cases in blocks: the same numbers for any block size, and a prefix for any number."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mlmi_course._numbers import require_range, require_whole
from mlmi_course.phantoms.masses import _detector, _tissue
from mlmi_course.phantoms.masses._lesion import FIRST, SECOND, lesion_of, outlined, truth
from mlmi_course.phantoms.masses._patients import MassParameters, View, draw_patient, draw_views
from mlmi_course.phantoms.masses._tissue import FIELD_MM, GRID
from mlmi_course.phantoms.threads import in_order

__all__ = ["FIELD_MM", "SPACING_MM", "lesion_blocks", "lesions", "mass_free"]

SPACING_MM: Final = FIELD_MM / GRID
"""Millimetres between pixels at the default size of 128: 0.75; at another, 96 mm / size."""

_SIZES: Final = (64, 96, 128)
_RANGES: Final = {
    "exposure": (1.0, np.inf, " quanta per mm²"),
    "contrast": (0.0, 5.0, ""),
    "beta": (0.5, 5.0, ""),
    "ambiguity": (0.0, 5.0, ""),
    "prevalence": (0.0, 1.0, ""),
    "density": (0.0, 1.0, ""),
    "spiculation": (0.0, 1.0, ""),
    "diameter_mm": (2.0, 40.0, " mm"),
}
_OVERLAP_MM: Final = 1.2  # readers see overlying tissue through this much blur


def lesion_blocks(
    n: int = 400,
    *,
    size: int = GRID,
    seed: int = 0,
    block: int = 32,
    exposure: float = 20_000.0,
    contrast: float = 1.0,
    beta: float = 2.75,
    ambiguity: float = 1.0,
    prevalence: float = 0.48,
    views: int | None = None,
    density: float | None = None,
    spiculation: float | None = None,
    diameter_mm: float | None = None,
    borders: bool = True,
) -> Iterator[dict[str, NDArray[Any]]]:
    """Simulated images of breast masses with two readers' masks, a block at a time.

    Parameters
    ----------
    n : int
        Images in all.  A patient has one to four of them, next to each other; the last may
        be cut short.
    size : {128, 96, 64}
        Pixels along one side of the field of view, which is always 96 mm.
    seed : int
        Names a sequence of patients.  A larger ``n`` goes on with it.
    block : int
        Images at a time, for memory.  It changes no value.
    exposure : float
        Quanta per mm² that reach the film behind the median of the breast; infinity: no noise.
    contrast : float
        Factor of every lesion's thickness along the beam: 1 is like real ones, 1.5 can be learnt
        in half a minute, and 0 leaves the breast without a lesion (masks stay).
    beta : float
        Mean exponent of the texture's power spectrum, 0.5 to 5.  Patients differ by up to 0.3.
    ambiguity : float
        Factor of the margin that both readers see wrongly and each outlines by chance; 0
        leaves their habits.
    prevalence : float
        Chance that a patient's mass is malignant: 109 of the 226 real ones were.
    views : {1, 2, 3, 4}, optional
        Images of every patient, instead of one to four.
    density, spiculation, diameter_mm : float, optional
        Give every patient this share of gland (0 to 1), this spiculation (0 round and smooth to
        1 irregular, with strands; labels stay as drawn), or this diameter (2 to 40).
    borders : bool
        With the clear edge of the film in some images.

    Yields
    ------
    dict of ndarray
        With b rows each, b ≤ ``block``, of which the columns are

        ``images``
            uint8, shape (b, size, size): grey values of a digitised film, dense is bright.
        ``masks``, ``second_reader``
            uint8, 0 or 1, the same shape: what the first and the second reader outlined.
        ``lesion``
            uint8, 0 or 1: what is there, strands to their ends.  No real set has this.
        ``labels``
            uint8: 1 malignant.
        ``groups``
            int32: the patient, 0, 1, 2, …  Split by this.
        ``view``
            uint8: 0, 1, … in each patient; the odd ones are oblique, and some show muscle.
        ``spiculation``, ``diameter_mm``, ``density``
            float32: 0 … 1; of the circle with the body's area; 0 … 1, of the patient.

    Raises
    ------
    ValueError
        If a number makes no sense.  At the call, not at the first block.

    See Also
    --------
    lesions : all rows at once.

    Notes
    -----
    *Breast.*  A compressed breast of 5.9 ± 1.6 cm, of fat and gland: on average 19 % gland, in
    95 % of women below 45 % [1]_.  Its texture has the spectrum f^−β with β ≈ 3 [2]_ and
    curved lines; it gets thin towards the skin.
    *Lesion.*  A body replaces tissue: cancers attenuate 66.5 % more than fat and 10.9 % more
    than normal tissue [3]_.  Waves on its outline, strands and a soft border grow with the
    spiculation.
    *Readers.*  Both see the outline displaced by the same smooth field: a part is a matter of
    chance, a part follows bright tissue at the border.  Its size, the ambiguous margin, is a
    patient's own and grows with lesion and softness.  Then the first outlines generously, into
    the strands, and the second tightly, smoothly and without strands; what each does alone is
    half of what they share.
    *Film.*  Poisson noise, a sigmoid curve, 8 bits.

    References
    ----------
    .. [1] M. J. Yaffe et al., The myth of the 50-50 breast, Medical Physics 36 (2009)
       5437–5443, doi:10.1118/1.3250863.
    .. [2] A. E. Burgess, F. L. Jacobson and P. F. Judy, Human observer detection experiments
       with mammograms and power-law noise, Medical Physics 28 (2001) 419–437,
       doi:10.1118/1.1355308.
    .. [3] F. E. Carroll et al., Attenuation of monochromatic x-rays by normal and abnormal
       breast tissues, Investigative Radiology 29 (1994) 266–272.

    Examples
    --------
    >>> sizes = [len(b["images"]) for b in lesion_blocks(70, size=64)]
    >>> sizes
    [32, 32, 6]
    """
    parameters = MassParameters(
        exposure=exposure,
        contrast=contrast,
        beta=beta,
        ambiguity=ambiguity,
        prevalence=prevalence,
        views=views,
        density=density,
        spiculation=spiculation,
        diameter_mm=diameter_mm,
        borders=borders,
    )
    require_whole("n", n, 1)
    require_whole("seed", seed, 0)
    require_whole("block", block, 1)
    if size not in _SIZES:
        raise ValueError(f"size must be one of {_SIZES}, for a field of 96 mm; got {size!r}")
    if views not in (None, 1, 2, 3, 4):
        raise ValueError(f"views must be 1, 2, 3 or 4, or None for a mixture; got {views!r}")
    for name, (low, high, unit) in _RANGES.items():
        value = getattr(parameters, name)
        if value is not None:
            require_range(name, value, low, high, unit)
    return _blocks(n, size, seed, block, parameters)


def lesions(n: int = 400, **parameters: Any) -> dict[str, NDArray[Any]]:
    """Simulated images of breast masses with two readers' masks, all in one.

    Parameters
    ----------
    n : int
        Images in all.
    **parameters
        Those of :func:`lesion_blocks`: its blocks, put together.

    Returns
    -------
    dict of ndarray
        The columns of :func:`lesion_blocks`, with n rows.

    Raises
    ------
    ValueError
        As :func:`lesion_blocks`.

    Examples
    --------
    The first reader outlines more than the second, and both more or less what is there:

    >>> cases = lesions(30, size=64, seed=2)
    >>> cases["masks"].sum() > cases["lesion"].sum() > cases["second_reader"].sum()
    np.True_
    """
    blocks = list(lesion_blocks(n, **parameters))
    return {name: np.concatenate([part[name] for part in blocks]) for name in blocks[0]}


def mass_free(
    n: int, *, size: int = GRID, seed: int = 0, beta: float = 2.75
) -> NDArray[np.float32]:
    """Texture of breast tissue alone, without lesion, skin and film.

    Parameters
    ----------
    n : int
        Fields.
    size : {128, 96, 64}
        Pixels along one side, 96 mm.
    seed : int
    beta : float
        Exponent of the power spectrum P(f) ∝ f^−β, 0.5 to 5, of every field.

    Returns
    -------
    ndarray of float32, shape (n, size, size)
        Mean 0; variance 1 at 128 pixels.

    Raises
    ------
    ValueError
        If a number makes no sense.

    Examples
    --------
    >>> fields = mass_free(3, seed=1)
    >>> fields.shape, round(float(fields.var()), 3)
    ((3, 128, 128), 1.0)
    """
    require_whole("n", n, 1)
    require_whole("seed", seed, 0)
    if size not in _SIZES:
        raise ValueError(f"size must be one of {_SIZES}, for a field of 96 mm; got {size!r}")
    if not 0.5 <= beta <= 5:
        raise ValueError(f"beta must be from 0.5 to 5, got {beta!r}")
    rng = np.random.default_rng(seed)
    noise = rng.standard_normal((n, 4, GRID, GRID), dtype=np.float32)
    direction = rng.uniform(0, 2 * np.pi, n)
    return _tissue.texture(noise, beta=np.full(n, beta), direction=direction, size=size)[0]


def _blocks(
    n: int, size: int, seed: int, block: int, parameters: MassParameters
) -> Iterator[dict[str, NDArray[Any]]]:
    drawn = islice(_all_views(seed, parameters), n)
    parts = iter(lambda: list(islice(drawn, block)), [])
    return in_order(lambda part: _render(part, size, parameters), parts)


def _all_views(seed: int, parameters: MassParameters) -> Iterator[tuple[int, View]]:
    """Yield images of patient after patient, without end; each has generators of its own."""
    group = 0
    while True:
        own = np.random.SeedSequence(seed, spawn_key=(group,))
        made, count = draw_patient(np.random.default_rng(own), parameters)
        for view in draw_views(made, own.spawn(count), parameters):
            yield group, view
        group += 1


def _render(
    part: list[tuple[int, View]], size: int, parameters: MassParameters
) -> dict[str, NDArray[Any]]:
    groups, seen = [group for group, _ in part], [view for _, view in part]
    noise = np.stack([v.noise.standard_normal((4, GRID, GRID), dtype=np.float32) for v in seen])
    fine, coarse = _tissue.texture(
        noise,
        beta=np.array([v.patient.beta for v in seen]),
        direction=np.array([v.nipple for v in seen]),
        size=size,
    )
    found = [lesion_of(v, size) for v in seen]
    total, level = _detector.attenuation(seen, found, fine, coarse)
    quanta = np.stack([v.noise.standard_normal((size, size), dtype=np.float32) for v in seen])
    images = _detector.grey(seen, total, level, parameters.exposure, quanta)
    tissue = _tissue.smoothed(fine, np.full(len(seen), _OVERLAP_MM))
    masks = np.zeros((3, *images.shape), np.uint8)
    for i, (view, lesion) in enumerate(zip(seen, found, strict=True)):
        near = tissue[i][lesion.box]
        ring = np.abs(lesion.inside) < 3.0  # mm
        # Tissue that is bright all around does not move an outline: the mean is taken off.
        near = (near - near[ring].mean()) / max(near[ring].std(), 1e-3)
        masks[0, i][lesion.box] = outlined(view, lesion, FIRST, near, view.own[0])
        masks[1, i][lesion.box] = outlined(view, lesion, SECOND, near, view.own[1])
        masks[2, i][lesion.box] = truth(lesion)
    made = [v.patient for v in seen]
    return {
        "images": images,
        "masks": masks[0],
        "second_reader": masks[1],
        "lesion": masks[2],
        "labels": np.array([p.malignant for p in made], np.uint8),
        "groups": np.array(groups, np.int32),
        "view": np.array([v.number for v in seen], np.uint8),
        "spiculation": np.array([p.spiculation for p in made], np.float32),
        "diameter_mm": np.array([v.diameter for v in seen], np.float32),
        "density": np.array([p.density for p in made], np.float32),
    }
