"""Patches in blocks: the same numbers for any block size, and a prefix for any number."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mlmi_course._numbers import require_range, require_whole
from mlmi_course.phantoms.lung import _airway, _tissue
from mlmi_course.phantoms.lung._parameters import AIR_HU, SPACING_MM, LungParameters
from mlmi_course.phantoms.lung._patients import Patch, draw_pairs, draw_patients

__all__ = ["patch_blocks", "patches"]

_TEXTURE_HU: Final = 30.0  # of normal lung; it goes with the tissue
_WATER_LIKE_HU: Final = 40.0  # vessels and walls
_PSF_MM: Final = 0.42  # standard deviation: 1 mm full width at half maximum
_NOISE_MM: Final = 0.35  # noise is blurred by the reconstruction, too
_GRADIENT_HU: Final = 8.0  # gravity: from one side of the patch to the middle
_BREATH_HU: Final = 6.0  # the second scan is taken at another breath


def patch_blocks(
    n: int = 400,
    *,
    size: int = 64,
    seed: int = 0,
    block: int = 64,
    pattern: str = "mixed",
    prevalence: float = 0.5,
    fraction: float | None = None,
    hole_mm: float | None = None,
    lobule_mm: float = 15.0,
    density_hu: float | None = None,
    noise: float = 25.0,
    per_patient: int = 1,
    equal_histograms: bool = False,
    retest: bool = False,
    airway: bool = False,
    lumen_mm: float | None = None,
    wall_mm: float | None = None,
) -> Iterator[dict[str, NDArray[Any]]]:
    """Simulated patches of lung in CT, a block at a time.

    Parameters
    ----------
    n : int
        Patches in all.
    size : int
        Pixels along one side, 32 to 256, of 0.6 mm each: 64 pixels are 38.4 mm.
    seed : int
        Names a sequence of patients.  A larger ``n`` goes on with it.
    block : int
        Patches at a time, for memory.  It changes no value.
    pattern : {"mixed", "none", "centrilobular", "panlobular"}
        What is destroyed in every patient; "mixed" draws it.
    prevalence : float
        With "mixed": chance that a patient has emphysema, of either pattern with equal chance.
    fraction : float, optional
        Share of each patch that is destroyed, 0 to 0.9, exact to one pixel.  By default it is
        the patient's own, 0.02 to 0.6, half of them below 0.17; it varies between his patches.
    hole_mm : float, optional
        Median diameter of a centrilobular hole, 1.5 to 20 mm.  By default the patient's own, 2 to
        8 mm.
    lobule_mm : float
        Distance between the centres of neighbouring lobules, 8 to 30 mm.
    density_hu : float, optional
        Mean of the healthy tissue between the vessels, −950 to −700 HU; by default the patient's
        own, −862 ± 12.
    noise : float
        Standard deviation of the scanner's noise in HU, 0 to 200.
    per_patient : int
        Patches of each patient, next to each other.
    equal_histograms : bool
        Patients come in pairs, first the centrilobular, then the panlobular one, of the same
        fraction and density; and their patches get *the same grey values*, so that no histogram
        tells them apart: see Notes.
    retest : bool
        With a second scan of the same tissue: other noise, another breath, half a pixel aside.
    airway : bool
        With a bronchus cut across, and its artery, near the middle of each patch.
    lumen_mm, wall_mm : float, optional
        Inner diameter (1 to 12) and thickness of the wall (0.3 to 4) of every bronchus.  By
        default the lumen is the patch's own, 2.5 to 6 mm, and the wall the patient's own,
        1.1 ± 0.25 mm.

    Yields
    ------
    dict of ndarray
        With b rows each, b ≤ ``block``, of which the columns are

        ``images``
            int16, shape (b, size, size): Hounsfield units.
        ``masks``
            uint8, 0 or 1, the same shape: 1 where tissue was destroyed.  No real set has this.
        ``labels``
            uint8: 0 no emphysema, 1 centrilobular, 2 panlobular.
        ``groups``
            int32: the patient, 0, 1, 2, …  Split by this, or by ``pair`` where there is one.
        ``patch``
            uint8: 0, 1, … in each patient.
        ``fraction``, ``hole_mm``, ``density_hu``
            float32: share of ``masks``; the patient's hole and density.
        ``pair``
            int32, with ``equal_histograms``: 0, 0, 1, 1, …
        ``retest``
            int16, with ``retest``: the second scan.
        ``airway``
            uint8, with ``airway``: 1 lumen, 2 wall.
        ``lumen_mm``, ``wall_mm``, ``airway_row``, ``airway_column``
            float32, with ``airway``: what is to be measured, and its middle in pixels.

    Raises
    ------
    ValueError
        If a number makes no sense.  At the call, not at the first block.

    See Also
    --------
    patches : all rows at once.

    Notes
    -----
    *Tissue.*  Lobules 15 mm apart (the Fleischner Society's glossary gives secondary lobules 1.0
    to 2.5 cm [1]_).  A scan in full inspiration has healthy tissue at about −862 HU: **chosen**,
    so that in healthy patches about as much lies below −950 HU as in the lungs of never-smokers,
    for whom a mean of 2.0 % with a standard deviation of 2.7 [2]_ and a median of 1.1 % with
    quartiles of 0.5 and 2.5 [3]_ were published.  Fine texture, vessels and gravity are chosen.
    *Emphysema.*  In the centrilobular pattern there are round holes near the centres of lobules,
    and they run together as they grow; in the panlobular one whole lobules thin out, with no clear
    border [4]_.  85 % of the tissue goes: chosen.
    *Scanner.*  Blur of 1 mm full width at half maximum, and noise: chosen.
    *Equal histograms.*  Both patches of a pair are drawn as usual.  Then the k-th darkest pixel of
    each gets the mean of the two k-th darkest values.  Neither is favoured, the order of the
    pixels stays, and so does the texture as far as it is an order.
    *Second scan.*  The next breath is 6 HU (standard deviation) away: chosen.
    *Bronchus.*  A ring of 40 HU.  Its wall is chosen: the standardised thickness of a bronchus of
    10 mm inner perimeter is 0.44 mm in never-smokers and 0.49 in smokers [6]_, too thin for these
    pixels; walls that CT can measure are those of larger bronchi.  Blur makes thin walls look
    thicker than they are, as it does on real scanners [5]_.

    References
    ----------
    .. [1] D. M. Hansell et al., Fleischner Society: glossary of terms for thoracic imaging,
       Radiology 246 (2008) 697–722, doi:10.1148/radiol.2462070712.
    .. [2] J. A. Zach et al., Quantitative CT of the lungs and airways in healthy non-smoking
       adults, Investigative Radiology 47 (2012) 596–602, doi:10.1097/RLI.0b013e318262292e.
    .. [3] E. A. Hoffman et al., Variation in the percent of emphysema-like lung in a healthy,
       nonsmoking multiethnic sample, Annals of the American Thoracic Society 11 (2014) 898–907,
       doi:10.1513/AnnalsATS.201310-364OC.
    .. [4] M. Takahashi et al., Imaging of pulmonary emphysema: a pictorial review, International
       Journal of COPD 3 (2008) 193–204, doi:10.2147/COPD.S2639.
    .. [5] T. Oguma et al., Limitations of airway dimension measurement on images obtained using
       multi-detector row computed tomography, PLoS ONE 8 (2013) e76381,
       doi:10.1371/journal.pone.0076381.
    .. [6] E. D. Telenga et al., Airway wall thickness on HRCT scans decreases with age and
       increases with smoking, BMC Pulmonary Medicine 17 (2017) 27,
       doi:10.1186/s12890-017-0363-0.

    Examples
    --------
    Two patches that no histogram can tell apart:

    >>> pair = next(patch_blocks(2, equal_histograms=True))
    >>> one, other = (np.sort(image, axis=None) for image in pair["images"])
    >>> bool((one == other).all()), pair["labels"].tolist()
    (True, [1, 2])
    """
    parameters = LungParameters(
        pattern=pattern,
        prevalence=prevalence,
        fraction=fraction,
        hole_mm=hole_mm,
        lobule_mm=lobule_mm,
        density_hu=density_hu,
        noise=noise,
        per_patient=per_patient,
        equal_histograms=equal_histograms,
        retest=retest,
        airway=airway,
        lumen_mm=lumen_mm,
        wall_mm=wall_mm,
    )
    require_whole("n", n, 1)
    require_whole("seed", seed, 0)
    require_whole("block", block, 1)
    require_whole("size", size, 1)
    require_range("size", size, 32, 256, " pixels")
    return _blocks(n, size, seed, block, parameters)


def patches(n: int = 400, **parameters: Any) -> dict[str, NDArray[Any]]:
    """Simulated patches of lung in CT, all in one.

    Parameters
    ----------
    n : int
        Patches in all.
    **parameters
        Those of :func:`patch_blocks`: its blocks, put together.

    Returns
    -------
    dict of ndarray
        The columns of :func:`patch_blocks`, with n rows.

    Raises
    ------
    ValueError
        As :func:`patch_blocks`.

    Examples
    --------
    The more is destroyed, the darker:

    >>> few, many = (patches(8, fraction=f, pattern="panlobular") for f in (0.1, 0.5))
    >>> few["images"].mean() > many["images"].mean() + 20
    np.True_
    """
    blocks = list(patch_blocks(n, **parameters))
    return {name: np.concatenate([part[name] for part in blocks]) for name in blocks[0]}


Row = dict[str, Any]


def _blocks(
    n: int, size: int, seed: int, block: int, parameters: LungParameters
) -> Iterator[dict[str, NDArray[Any]]]:
    made = _pairs if parameters.equal_histograms else _patients
    drawn = islice(made(size, seed, parameters), n)
    while part := list(islice(drawn, block)):
        yield {name: np.stack([row[name] for row in part]) for name in part[0]}


def _patients(size: int, seed: int, parameters: LungParameters) -> Iterator[Row]:
    for patient in draw_patients(seed, parameters):
        for patch in patient:
            row = _render(patch, size, parameters)
            for name in _SCANS & set(row):
                row[name] = _whole(row[name])
            yield row


def _pairs(size: int, seed: int, parameters: LungParameters) -> Iterator[Row]:
    for pair, (left, right) in enumerate(draw_pairs(seed, parameters)):
        ones, others = ([_render(p, size, parameters) for p in side] for side in (left, right))
        for one, other in zip(ones, others, strict=True):
            for name in _SCANS & set(one):
                one[name], other[name] = _same_values(one[name], other[name])
        for row in (*ones, *others):
            yield {**row, "pair": np.int32(pair)}


_SCANS: Final = frozenset({"images", "retest"})


def _whole(image: NDArray[np.float64]) -> NDArray[np.int16]:
    return np.rint(image).clip(-1024, 3071).astype(np.int16)


def _same_values(
    one: NDArray[np.float64], other: NDArray[np.float64]
) -> tuple[NDArray[np.int16], NDArray[np.int16]]:
    """Give both images the mean of their sorted values, in their own order."""
    orders = [np.argsort(image, axis=None, kind="stable") for image in (one, other)]
    values = _whole((one.ravel()[orders[0]] + other.ravel()[orders[1]]) / 2)
    made = []
    for order in orders:
        image = np.empty(one.shape, np.int16)
        image.ravel()[order] = values
        made.append(image)
    return made[0], made[1]


def _render(patch: Patch, size: int, parameters: LungParameters) -> Row:
    rng, patient = patch.rng, patch.patient
    mask = _tissue.destroyed(
        rng, size, patient.label, patch.fraction, patient.hole, parameters.lobule_mm
    )
    left = _tissue.remaining(mask, patient.label)
    where = _tissue.places(size)
    slope = _GRADIENT_HU * rng.standard_normal(2) / (size * SPACING_MM / 2)
    tissue = patient.density - AIR_HU + where @ slope
    tissue = tissue + _TEXTURE_HU * _tissue.fine_texture(rng, size)
    scene = AIR_HU + tissue * left
    # Vessels in destroyed tissue are fewer and thinner.
    solid = _tissue.vessels(rng, size) * np.clip(left, 0.0, 1.0)
    row: Row = {
        "masks": mask.astype(np.uint8),
        "labels": np.uint8(patient.label),
        "groups": np.int32(patch.group),
        "patch": np.uint8(patch.number),
        "fraction": np.float32(mask.mean()),
        "hole_mm": np.float32(patient.hole),
        "density_hu": np.float32(patient.density),
    }
    bronchus = _airway.cut(rng, size, patch.lumen, patient.wall)  # drawn always, shown if asked
    if parameters.airway:
        solid = np.maximum(solid, bronchus.artery) * (1 - bronchus.lumen - bronchus.wall)
        solid = solid + bronchus.wall
        scene = scene * (1 - bronchus.lumen) + AIR_HU * bronchus.lumen
        row |= {
            "airway": bronchus.mask(),
            "lumen_mm": np.float32(patch.lumen),
            "wall_mm": np.float32(patient.wall),
            "airway_row": np.float32(bronchus.row),
            "airway_column": np.float32(bronchus.column),
        }
    scene = _tissue.blurred(scene * (1 - solid) + _WATER_LIKE_HU * solid, _PSF_MM)
    noise, again = rng.standard_normal((2, size, size))
    row = {"images": scene + _noise(noise, parameters.noise), **row}
    if parameters.retest:
        breath = 1 + _BREATH_HU * rng.standard_normal() / (patient.density - AIR_HU)
        aside = 0.5 * (scene + _next(scene, axis=int(rng.integers(2))))
        second = AIR_HU + (aside - AIR_HU) * breath
        row["retest"] = second + _noise(again, parameters.noise)
    return row


def _next(image: NDArray[np.float64], axis: int) -> NDArray[np.float64]:
    """Each pixel's neighbour; the last has none, and stays."""
    return np.concatenate([np.delete(image, 0, axis), np.take(image, [-1], axis)], axis)


def _noise(white: NDArray[np.float64], deviation: float) -> NDArray[np.float64]:
    """Noise that the reconstruction has blurred, of this standard deviation."""
    sigma = _NOISE_MM / SPACING_MM
    # What a Gaussian filter leaves of white noise, once for both axes: 1 / (2 sqrt(pi) sigma) for
    # wide ones; here from its weights, as the filter is narrow.
    reach = np.arange(-int(4 * sigma + 0.5), int(4 * sigma + 0.5) + 1)
    weights = np.exp(-0.5 * (reach / sigma) ** 2)
    left = ((weights / weights.sum()) ** 2).sum()
    return np.asarray(_tissue.blurred(white, _NOISE_MM) * deviation / left)
