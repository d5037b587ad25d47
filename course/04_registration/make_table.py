"""Make the tables of 20 pairs: ``u04_rigid``, ``u04_contrasts`` and ``u04_deformed``.

``python course/04_registration/make_table.py`` takes some six minutes on two cores.  A row is one pair and
one way to register it.  Pair ``i`` shows head ``i % 10``, in a pose or a deformation of its own, with
noise and bias fields of its own.  One thread, a sampling of voxels that is seeded: the rows come out the
same each time on one computer.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import SimpleITK as sitk

from mlmi_course import shipped
from mlmi_course.phantoms import pairs

PAIRS = 20
HEADS = 10
MADE_BY = "python course/04_registration/make_table.py"


def method(metric: str) -> sitk.ImageRegistrationMethod:
    """Return the lecture's rigid registration with one of its metrics."""
    found = sitk.ImageRegistrationMethod()
    {
        "SSD": found.SetMetricAsMeanSquares,
        "NCC": found.SetMetricAsCorrelation,
        "MI": lambda: found.SetMetricAsMattesMutualInformation(32),
    }[metric]()
    found.SetMetricSamplingStrategy(found.REGULAR)
    found.SetMetricSamplingPercentage(0.2, 42)
    found.SetInterpolator(sitk.sitkLinear)
    found.SetOptimizerAsRegularStepGradientDescent(2.0, 1e-3, 200)
    found.SetOptimizerScalesFromPhysicalShift()
    found.SetShrinkFactorsPerLevel([4, 2, 1])
    found.SetSmoothingSigmasPerLevel([6.4, 3.2, 0])
    return found


def register(fixed: sitk.Image, moving: sitk.Image, metric: str) -> sitk.Transform:
    """Register rigidly from the identity, about the middle of the fixed scan."""
    size = np.array(fixed.GetSize())
    middle = fixed.TransformContinuousIndexToPhysicalPoint(((size - 1) / 2).tolist())
    start = sitk.Euler3DTransform()
    start.SetCenter(middle)
    found = method(metric)
    found.SetInitialTransform(start, inPlace=False)
    return found.Execute(fixed, moving)


def demons(fixed: sitk.Image, moving: sitk.Image, sigma: float, steps: int = 60) -> sitk.Transform:
    """Let demons push, smoothing the field by ``sigma`` voxels after each step."""
    pushing = sitk.DemonsRegistrationFilter()
    pushing.SetNumberOfIterations(steps)
    pushing.SetStandardDeviations(sigma)
    field = pushing.Execute(fixed, sitk.HistogramMatching(moving, fixed, 128, 7, True))
    return sitk.DisplacementFieldTransform(sitk.Cast(field, sitk.sitkVectorFloat64))


def splines(fixed: sitk.Image, moving: sitk.Image, mesh: int = 6) -> sitk.Transform:
    """Move a mesh of B-splines until the squared differences are small."""
    found = sitk.ImageRegistrationMethod()
    found.SetMetricAsMeanSquares()
    found.SetMetricSamplingStrategy(found.REGULAR)
    found.SetMetricSamplingPercentage(0.2, 42)
    found.SetInterpolator(sitk.sitkLinear)
    found.SetInitialTransform(sitk.BSplineTransformInitializer(fixed, [mesh] * 3), inPlace=False)
    found.SetOptimizerAsLBFGSB(numberOfIterations=25)
    found.SetShrinkFactorsPerLevel([2])
    found.SetSmoothingSigmasPerLevel([2.0])
    return found.Execute(fixed, moving)


def by_labels(pair: pairs.Pair) -> sitk.Transform:
    """Let demons push the labels themselves, hardly smoothed: overlap at any price."""
    fixed, moving = (
        sitk.Cast(x, sitk.sitkFloat32) for x in (pair.fixed_labels, pair.moving_labels)
    )
    pushing = sitk.DemonsRegistrationFilter()
    pushing.SetNumberOfIterations(60)
    pushing.SetStandardDeviations(0.4)
    field = pushing.Execute(fixed, moving)
    return sitk.DisplacementFieldTransform(sitk.Cast(field, sitk.sitkVectorFloat64))


def overlap(pair: pairs.Pair, found: sitk.Transform) -> float:
    """Return the mean Dice over the four labels, carried over by nearest neighbour."""
    carried = sitk.Resample(
        pair.moving_labels, pair.fixed_labels, found, sitk.sitkNearestNeighbor, 0
    )
    one, other = (sitk.GetArrayFromImage(x) for x in (pair.fixed_labels, carried))
    values = [
        2 * ((one == k) & (other == k)).sum() / ((one == k).sum() + (other == k).sum())
        for k in (1, 2, 3, 4)
    ]
    return float(np.mean(values))


def jacobian(pair: pairs.Pair, found: sitk.Transform) -> np.ndarray:
    """Return the Jacobian determinant at the voxels of the brain."""
    field = sitk.TransformToDisplacementField(
        found,
        sitk.sitkVectorFloat64,
        pair.fixed.GetSize(),
        pair.fixed.GetOrigin(),
        pair.fixed.GetSpacing(),
    )
    values = sitk.GetArrayFromImage(sitk.DisplacementFieldJacobianDeterminant(field))
    return values[sitk.GetArrayFromImage(pair.fixed_labels) > 0]


def error(pair: pairs.Pair, found: sitk.Transform) -> float:
    """Return the median target registration error, mm."""
    return float(np.median(pairs.target_error(found, pair.truth, pair.landmarks)))


def rigid_rows(seed: int, contrasts: tuple[str, str], metrics: tuple[str, ...]) -> list[dict]:
    """Register one rigid pair with each metric."""
    pair = pairs.rigid_pair(seed, subject=seed % HEADS, contrasts=contrasts)
    start = round(error(pair, sitk.Transform()), 3)
    facts: dict[str, Any] = {"pair": seed, "head": seed % HEADS, "start": start}
    return [
        facts | {"metric": m, "tre": round(error(pair, register(pair.fixed, pair.moving, m)), 3)}
        for m in metrics
    ]


def deformed_rows(seed: int) -> list[dict]:
    """Register one deformed pair in each way."""
    pair = pairs.deformed_pair(seed, subject=seed % HEADS)
    ways = {
        "nothing": sitk.Transform,
        "demons, smooth": lambda: demons(pair.fixed, pair.moving, 1.5),
        "demons, hardly smooth": lambda: demons(pair.fixed, pair.moving, 0.5),
        "B-spline": lambda: splines(pair.fixed, pair.moving),
        "labels, hardly smooth": lambda: by_labels(pair),
        "truth": lambda: pair.truth,
    }
    rows = []
    for name, make in ways.items():
        found = make()
        determinant = jacobian(pair, found)
        rows.append(
            {
                "pair": seed,
                "head": seed % HEADS,
                "method": name,
                "dice": round(overlap(pair, found), 4),
                "tre": round(error(pair, found), 3),
                "negative": round(100 * float((determinant <= 0).mean()), 3),
                "least": round(float(determinant.min()), 2),
            }
        )
    return rows


def save(rows: list[dict], name: str, note: str) -> None:
    """Write one table."""
    shipped.save_table(pd.DataFrame(rows), name, made_by=MADE_BY, note=note)


def main() -> None:
    """Register all pairs and write the tables."""
    sitk.ProcessObject.SetGlobalDefaultNumberOfThreads(1)
    rigid, contrasts, deformed = [], [], []
    for seed in range(PAIRS):
        rigid += rigid_rows(seed, ("t1", "t1"), ("SSD", "NCC", "MI"))
        contrasts += rigid_rows(seed, ("t1", "t2"), ("SSD", "NCC", "MI"))
        deformed += deformed_rows(seed)
        print(rigid[-3:], contrasts[-3:], *deformed[-6:], sep="\n", flush=True)
    poses = "20 pairs of 10 heads up to 10 degrees and 10 mm apart, 64 x 64 x 40 voxels of 3.2 mm"
    save(rigid, "u04_rigid", f"T1 to T1, {poses}; start and tre: median over 300 points, mm.")
    save(contrasts, "u04_contrasts", f"T1 to T2, {poses}; start and tre: median, mm.")
    save(
        deformed,
        "u04_deformed",
        "T1 to T1, 20 smoothly deformed pairs of 10 heads; dice: mean of four labels; tre: median, "
        "mm; negative: % of brain voxels with a Jacobian of 0 or less; least: the smallest.",
    )


if __name__ == "__main__":
    main()
