"""Pairs of scans of one head, whose true relation is known.

A head from :mod:`mlmi_course.phantoms.brain` is sampled twice, each time on a coarser grid, with
noise and a bias field of its own.  The **fixed** scan sees it through a transform, the **moving**
one as it is.  So ``pair.truth`` maps points of the fixed scan to points of the moving scan, which
is the direction of SimpleITK's own registrations, and it holds exactly: nothing is resampled twice.

>>> import SimpleITK as sitk
>>> moved = rigid(degrees=5, millimetres=(3, 0, 0), axis=(0, 0, 1))
>>> [round(x, 3) for x in moved.TransformPoint((0.0, 0.0, 0.0))]
[3.0, 0.0, 0.0]
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

if TYPE_CHECKING:
    import SimpleITK as sitk

__all__ = [
    "GRID_MM",
    "Pair",
    "deformed_pair",
    "head",
    "random_field",
    "random_rigid",
    "rigid",
    "rigid_pair",
    "scan",
    "target_error",
]

GRID_MM: Final = 3.2
"""Spacing of the scans of a pair, mm; they have 64 × 64 × 40 voxels (x, y, z)."""

_SIZE: Final = (64, 64, 40)
# The head is known from 64 mm below the anterior commissure on.  The scans begin 24 mm higher, so
# that no tilt of 10° brings the lower end of what is known into view.
_ORIGIN: Final = (-100.8, -100.8, -40.0)
_HEAD: Final[dict[str, Any]] = {
    "size": 128, "step": 1.8, "noise": 0.0, "bias": 0.0, "contrasts": ("t1", "t2"), "ct": True,
}  # fmt: skip
_BLUR: Final = 0.4  # of the grid's step: standard deviation of what a voxel averages over (chosen)


@dataclass(frozen=True, eq=False)
class Pair:
    """Two scans, and what takes points of the first to the second.

    Attributes
    ----------
    fixed, moving : SimpleITK.Image
        Float32, stored units.
    truth : SimpleITK.Transform
        From points of the fixed scan (mm, LPS) to points of the moving one.
    fixed_labels, moving_labels : SimpleITK.Image
        1 fluid outside the ventricles, 2 grey matter, 3 white matter, 4 ventricles; uint8.
    landmarks : ndarray, shape (300, 3)
        Points in the brain of the fixed scan, mm (x, y, z), at which errors are measured.
    """

    fixed: sitk.Image
    moving: sitk.Image
    truth: sitk.Transform
    fixed_labels: sitk.Image
    moving_labels: sitk.Image
    landmarks: NDArray[np.float64]


@lru_cache(maxsize=2)
def head(subject: int = 0) -> Mapping[str, sitk.Image]:
    """Return one head without noise, on a grid of 1.8 mm.

    Parameters
    ----------
    subject : int
        Which head; 0 is the one of the lecture.

    Returns
    -------
    mapping of str to SimpleITK.Image
        ``"t1"``, ``"t2"`` (stored units), ``"ct"`` (HU), ``"labels"`` (as in :class:`Pair`).

    Notes
    -----
    It is simulated the first time, which takes some seconds, and read from the cache from then on.
    """
    from mlmi_course.data import load_brain_volumes

    item = load_brain_volumes(n=1, seed=4 + subject, **_HEAD)[0]
    tissue = np.asarray(item.mask.array)
    labels = np.where(tissue <= 3, tissue, 0).astype(np.uint8)
    labels[np.asarray(item.extra["structure"].array) == 1] = 4
    arrays = {
        "t1": item.volume.array,
        "t2": item.extra["t2"].array,
        "ct": item.extra["ct"].array,
    }
    affine = item.volume.affine
    images = {name: _image(np.asarray(a, np.float32), affine) for name, a in arrays.items()}
    return images | {"labels": _image(labels, affine)}


def _image(array: NDArray[Any], affine: NDArray[np.float64]) -> sitk.Image:
    import SimpleITK as sitk

    image = sitk.GetImageFromArray(np.ascontiguousarray(array))
    image.SetSpacing([float(affine[a, 2 - a]) for a in range(3)])
    image.SetOrigin([float(affine[a, 3]) for a in range(3)])
    return image


def rigid(
    degrees: float,
    millimetres: Sequence[float],
    *,
    axis: Sequence[float] = (0, 0, 1),
    centre: Sequence[float] = (0, 0, 0),
) -> sitk.Euler3DTransform:
    """Return a rotation about an axis through a centre, and then a translation.

    Parameters
    ----------
    degrees : float
    millimetres : sequence of 3 floats
        (x, y, z), mm.
    axis : sequence of 3 floats
        Any length but zero.
    centre : sequence of 3 floats
        mm.

    Raises
    ------
    ValueError
        If the axis has no length.
    """
    import SimpleITK as sitk

    length = float(np.linalg.norm(axis))
    if length == 0:
        raise ValueError(f"the axis of a rotation needs a length, got {tuple(axis)}")
    turn = sitk.VersorRigid3DTransform()
    turn.SetRotation([float(a) / length for a in axis], float(np.deg2rad(degrees)))
    result = sitk.Euler3DTransform()
    result.SetCenter([float(c) for c in centre])
    result.SetMatrix(turn.GetMatrix())
    result.SetTranslation([float(m) for m in millimetres])
    return result


def random_rigid(
    rng: np.random.Generator, degrees: float = 10, millimetres: float = 10
) -> sitk.Euler3DTransform:
    """Draw a rotation about any axis and a translation in any direction, up to these sizes."""
    axis, direction = (v / np.linalg.norm(v) for v in rng.normal(size=(2, 3)))
    angle, length = rng.uniform(0, degrees), rng.uniform(0, millimetres)
    return rigid(angle, length * direction, axis=axis)


def random_field(
    rng: np.random.Generator, millimetres: float = 15, wave: float = 22
) -> sitk.DisplacementFieldTransform:
    """Draw a smooth deformation that does not fold.

    Parameters
    ----------
    rng : numpy.random.Generator
    millimetres : float
        The largest displacement, mm.
    wave : float
        Standard deviation of the Gaussian that smooths white noise into the field, mm.

    Returns
    -------
    SimpleITK.DisplacementFieldTransform

    Raises
    ------
    ValueError
        If the field would fold.
    """
    import SimpleITK as sitk
    from scipy import ndimage

    shape, step = (48, 60, 60), 4.0
    noise = rng.normal(size=(3, *shape))
    smooth = np.stack([ndimage.gaussian_filter(c, wave / step) for c in noise])
    smooth *= millimetres / np.sqrt((smooth**2).sum(axis=0)).max()
    field = sitk.GetImageFromArray(np.moveaxis(smooth, 0, -1).copy(), isVector=True)
    field.SetSpacing([step] * 3)
    field.SetOrigin([-118.0, -118.0, -72.0])
    if sitk.GetArrayFromImage(sitk.DisplacementFieldJacobianDeterminant(field)).min() <= 0:
        raise ValueError(
            f"a field of {millimetres} mm, smoothed by {wave} mm, folds: less, or smoother"
        )
    return sitk.DisplacementFieldTransform(sitk.Cast(field, sitk.sitkVectorFloat64))


def grid() -> sitk.Image:
    """Return an empty image on the grid of the scans."""
    import SimpleITK as sitk

    image = sitk.Image(_SIZE, sitk.sitkFloat32)
    image.SetSpacing([GRID_MM] * 3)
    image.SetOrigin(_ORIGIN)
    return image


def scan(
    source: sitk.Image,
    transform: sitk.Transform | None = None,
    *,
    rng: np.random.Generator,
    noise: float = 0.03,
    bias: float = 0.2,
    reference: sitk.Image | None = None,
) -> sitk.Image:
    """Scan a head: average over the voxels of a grid, a bias field, Rician noise.

    Parameters
    ----------
    source : SimpleITK.Image
        One of :func:`head`.
    transform : SimpleITK.Transform, optional
        From points of the scan to points of the head.
    rng : numpy.random.Generator
    noise : float
        Standard deviation in either channel, as a share of the brightest percent.
    bias : float
        The field reaches from 1 − bias / 2 to 1 + bias / 2 at most.
    reference : SimpleITK.Image, optional
        Its grid is used; :func:`grid` if left out.

    Returns
    -------
    SimpleITK.Image
    """
    import SimpleITK as sitk

    reference = grid() if reference is None else reference
    step = max(reference.GetSpacing())
    smooth = sitk.SmoothingRecursiveGaussian(sitk.Cast(source, sitk.sitkFloat32), _BLUR * step)
    sampled = sitk.Resample(
        smooth, reference, transform or sitk.Transform(), sitk.sitkLinear, 0.0, sitk.sitkFloat32
    )
    values = sitk.GetArrayFromImage(sampled)
    axes = np.meshgrid(*(np.linspace(-1, 1, n) for n in values.shape), indexing="ij")
    weights = rng.uniform(-1, 1, size=6)
    waves = [*axes, *(a**2 - 0.5 for a in axes)]
    shape = sum(w * a for w, a in zip(weights, waves, strict=True))
    values = values * (1 + bias / 2 * shape / max(float(np.abs(shape).max()), 1e-9))
    sigma = noise * float(np.percentile(values, 99))
    real, imaginary = rng.normal(scale=sigma, size=(2, *values.shape)) if noise else (0.0, 0.0)
    result = sitk.GetImageFromArray(np.hypot(values + real, imaginary).astype(np.float32))
    result.CopyInformation(reference)
    return result


def _landmarks(labels: sitk.Image, rng: np.random.Generator, n: int = 300) -> NDArray[np.float64]:
    import SimpleITK as sitk

    inside = np.argwhere(sitk.GetArrayFromImage(labels) > 0)[:, ::-1]
    chosen = inside[rng.choice(len(inside), size=n, replace=False)]
    return np.array([labels.TransformIndexToPhysicalPoint([int(i) for i in c]) for c in chosen])


def _pair(
    images: Mapping[str, sitk.Image],
    truth: sitk.Transform,
    contrasts: Sequence[str],
    rng: np.random.Generator,
    **how: Any,
) -> Pair:
    import SimpleITK as sitk

    fixed = scan(images[contrasts[0]], truth, rng=rng, **how)
    moving = scan(images[contrasts[1]], rng=rng, **how)
    labels = [
        sitk.Resample(images["labels"], grid(), t, sitk.sitkNearestNeighbor, 0, sitk.sitkUInt8)
        for t in (truth, sitk.Transform())
    ]
    return Pair(fixed, moving, truth, *labels, _landmarks(labels[0], rng))


def rigid_pair(
    seed: int,
    *,
    subject: int = 0,
    contrasts: Sequence[str] = ("t1", "t1"),
    degrees: float = 10,
    millimetres: float = 10,
    **how: Any,
) -> Pair:
    """Scan a head twice, in two poses.

    Parameters
    ----------
    seed : int
        Draws the pose, the noise and the bias.
    subject : int
    contrasts : (str, str)
        Of the fixed scan and of the moving one: ``"t1"`` or ``"t2"``.
    degrees, millimetres : float
        The largest rotation and translation.
    **how
        noise and bias; see :func:`scan`.

    Returns
    -------
    Pair
    """
    rng = np.random.default_rng(seed)
    return _pair(head(subject), random_rigid(rng, degrees, millimetres), contrasts, rng, **how)


def deformed_pair(
    seed: int,
    *,
    subject: int = 0,
    contrasts: Sequence[str] = ("t1", "t1"),
    millimetres: float = 15,
    wave: float = 22,
    **how: Any,
) -> Pair:
    """Scan a head twice, the first time smoothly deformed; arguments as for :func:`rigid_pair`."""
    rng = np.random.default_rng(seed)
    return _pair(head(subject), random_field(rng, millimetres, wave), contrasts, rng, **how)


def target_error(
    found: sitk.Transform, truth: sitk.Transform, points: ArrayLike
) -> NDArray[np.float64]:
    """Return how far two transforms send each point apart, mm.

    Parameters
    ----------
    found, truth : SimpleITK.Transform
        Both from the fixed scan to the moving one.
    points : array_like, shape (n, 3)
        In the fixed scan, mm (x, y, z).

    Returns
    -------
    ndarray, shape (n,)

    Examples
    --------
    >>> one, other = rigid(0, (3, 4, 0)), rigid(0, (0, 0, 0))
    >>> target_error(one, other, [[0, 0, 0], [10, 0, 0]])
    array([5., 5.])
    """
    both = [
        [t.TransformPoint([float(x) for x in p]) for p in np.asarray(points, float)]
        for t in (found, truth)
    ]
    return np.linalg.norm(np.subtract(*both), axis=1)
