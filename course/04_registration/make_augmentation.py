"""Make the table ``u04_augmentation``: does registration help a segmentation with few labels?

``python course/04_registration/make_augmentation.py`` takes some six minutes on two cores.  A row is one
training of a small U-Net that outlines the ventricles in a T1 slice, from two labelled heads.  All
trainings see as many images, as often; they differ in how the images were varied.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import mlmi_course  # noqa: F401  first: it keeps TensorFlow silent
import keras
import numpy as np
import pandas as pd
import SimpleITK as sitk
from scipy import ndimage

from mlmi_course import networks, shipped
from mlmi_course.metrics import dice
from mlmi_course.phantoms import brain
from mlmi_course.training import predict, set_seed

MADE_BY = "python course/04_registration/make_augmentation.py"
LABELLED, SEEDS, UNLABELLED, TEST = 2, 8, range(30, 50), range(60, 90)
STEPS, BATCH = 150, 8


@cache
def head(subject: int) -> tuple[np.ndarray, np.ndarray]:
    """Return a T1 slice of 64 × 64 pixels, and the ventricles in it."""
    scan = brain.simulate(subject, seed=41, level=15, size=64, contrasts=("t1",), bias=0.3)
    image = scan.images["t1"][0]
    return image / np.percentile(image, 99), scan.structure[0] == 1


def warp(image: np.ndarray, mask: np.ndarray, field: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Move an image and its mask by a field in pixels, shape (2, rows, columns)."""
    look = np.indices(image.shape) + field
    return (
        ndimage.map_coordinates(image, look, order=1),
        ndimage.map_coordinates(mask.astype(np.uint8), look, order=0) > 0,
    )


def affine_field(rng: np.random.Generator) -> np.ndarray:
    """Draw a turn up to 10°, a scaling and a shear up to 10 %, a shift up to 3 pixels."""
    angle, (a, b, c) = np.deg2rad(rng.uniform(-10, 10)), rng.uniform(-0.1, 0.1, 3)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    matrix = turn @ np.array([[1 + a, b], [0, 1 + c]]) - np.eye(2)
    points = np.indices((64, 64)) - 31.5
    return np.einsum("ij,jrc->irc", matrix, points) + rng.uniform(-3, 3, (2, 1, 1))


def elastic_field(rng: np.random.Generator) -> np.ndarray:
    """Draw a smooth field of up to 3 pixels."""
    smooth = np.stack([ndimage.gaussian_filter(rng.normal(size=(64, 64)), 6) for _ in range(2)])
    return 3 * smooth / np.hypot(*smooth).max()


@cache
def between(fixed: int, moving: int) -> np.ndarray:
    """Register two heads by smooth demons; the field shows `moving` in the shape of `fixed`."""
    images = [sitk.GetImageFromArray(head(s)[0].astype(np.float32)) for s in (fixed, moving)]
    pushing = sitk.DemonsRegistrationFilter()
    pushing.SetNumberOfIterations(80)
    pushing.SetStandardDeviations(2.0)
    field = pushing.Execute(images[0], sitk.HistogramMatching(images[1], images[0], 128, 7, True))
    return np.moveaxis(sitk.GetArrayFromImage(field), -1, 0)[::-1]  # (x, y) to (row, column)


def drawn(arm: str, own: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return one varied example of a labelled head."""
    image, mask = head(own)
    if arm == "none":
        return image, mask
    if arm == "affine":
        return warp(image, mask, affine_field(rng))
    if arm == "elastic":
        return warp(image, mask, affine_field(rng) + elastic_field(rng))
    towards = int(rng.choice(UNLABELLED))
    return warp(image, mask, affine_field(rng) + rng.uniform(0.3, 1) * between(towards, own))


def measure(
    arm: str, seed: int, steps: int = STEPS, test: range = TEST, draw: Callable = drawn
) -> dict:
    """Train once; return the mean Dice over the test heads."""
    own = [LABELLED * seed + place for place in range(LABELLED)]
    rng = np.random.default_rng(seed)
    set_seed(seed)
    keras.backend.clear_session()
    model = networks.unet((64, 64, 1), base=8, seed=seed)
    model.compile(keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(5e-3, steps)),
                  networks.dice_entropy_loss)  # fmt: skip
    for _ in range(steps):
        images, masks = zip(*(draw(arm, own[rng.integers(LABELLED)], rng) for _ in range(BATCH)),
                            strict=True)  # fmt: skip
        model.train_on_batch(
            np.array(images, np.float32)[..., None], np.array(masks, np.float32)[..., None]
        )
    truth = np.array([head(s)[1] for s in test])
    images = np.array([head(s)[0] for s in test], np.float32)[..., None]
    found = predict(model, images).reshape(truth.shape) > 0.5
    values = dice(truth, found, per_case=True)
    return {
        "arm": arm,
        "seed": seed,
        "dice": round(float(np.mean(values)), 4),
        "worst": round(float(np.min(values)), 3),
    }


def main() -> None:
    """Train every arm with every seed, and write the table."""
    rows = []
    for seed in range(SEEDS):
        for arm in ("none", "affine", "elastic", "registration"):
            rows.append(measure(arm, seed))
            print(rows[-1], flush=True)
    shipped.save_table(
        pd.DataFrame(rows), "u04_augmentation", made_by=MADE_BY,
        note="A row is one training from two labelled heads (other two for each seed); dice and worst: over the "
        "ventricles of 30 test heads.",
    )  # fmt: skip


if __name__ == "__main__":
    main()
