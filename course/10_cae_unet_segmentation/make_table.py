"""Make the table of trainings, ``u10_trainings``: losses, networks, sizes and seeds.

``python course/10_cae_unet_segmentation/make_table.py`` takes some eight minutes on two cores.  A row
is one training: the same images, another loss, network, size, learning rate or seed.  The test
images belong to other patients and are the same for every row of a size and a contrast.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import mlmi_course  # noqa: F401  first: it keeps TensorFlow silent
import keras
import numpy as np
import pandas as pd

from mlmi_course import networks, shipped
from mlmi_course.data import ImageSet, load_masses
from mlmi_course.metrics import dice
from mlmi_course.training import fit, predict

LOSSES = {
    "cross-entropy": "binary_crossentropy",
    "Dice": networks.dice_loss,
    "both": networks.dice_entropy_loss,
}
SEEDS = (0, 1)
AMOUNTS = {64: (400, 6), 96: (480, 8)}  # images to learn from, epochs
BATCH = 8
TESTS = 300


def cells() -> Iterator[dict[str, Any]]:
    """Give the settings of every row."""
    usual = {"network": "unet", "loss": "both", "size": 96, "contrast": 1.5, "rate": 5e-3}
    for seed in SEEDS:
        for loss in LOSSES:
            for rate in (1e-3, 5e-3):
                yield usual | {"loss": loss, "size": 64, "rate": rate, "seed": seed}
            yield usual | {"loss": loss, "seed": seed}
        yield usual | {"network": "cae", "seed": seed}
        yield usual | {"contrast": 1.0, "seed": seed}


def simulated(n: int, seed: int, size: int, contrast: float) -> ImageSet:
    """Return a set of masses; other seeds have other patients."""
    return load_masses(n=n, seed=seed, size=size, contrast=contrast)


def measure(
    *,
    network: str,
    loss: str,
    size: int,
    contrast: float,
    rate: float,
    seed: int,
    amount: tuple[int, int] | None = None,
    tests: int = TESTS,
) -> dict[str, Any]:
    """Train one network and return its row; ``amount`` is (images, epochs)."""
    images, epochs = amount or AMOUNTS[size]
    train, check, test = (
        simulated(n, 20 + place, size, contrast)
        for place, n in enumerate((images, max(images // 8, 8), tests))
    )
    keras.backend.clear_session()  # or the memory of 22 trainings adds up
    model = getattr(networks, network)((size, size, 1), seed=seed)
    steps = epochs * -(-images // BATCH)
    falling = keras.optimizers.schedules.CosineDecay(rate, steps)
    model.compile(keras.optimizers.Adam(falling), LOSSES[loss])
    fit(
        model,
        (train.images, train.masks),
        (check.images, check.masks),
        epochs=epochs,
        patience=epochs,
        batch_size=BATCH,
        augment=True,
        seed=seed,
    )
    found = predict(model, test.images) > 0.5
    values = dice(test.masks, found, per_case=True)
    readers = dice(test.masks, test.extra["second_reader"], per_case=True)
    small, spiculated = quartiles(test)
    return {
        "network": network,
        "loss": loss,
        "size": size,
        "contrast": contrast,
        "rate": rate,
        "seed": seed,
        "accuracy": round(float((found == test.masks).mean()), 4),
        "empty": round(float((~found.any(axis=(1, 2))).mean()), 3),
        "dice": round(float(np.median(values)), 3),
        "dice_mean": round(float(values.mean()), 3),
        "dice_small": round(float(np.median(values[small])), 3),
        "dice_spiculated": round(float(np.median(values[spiculated])), 3),
        "readers": round(float(np.median(readers)), 3),
        "readers_small": round(float(np.median(readers[small])), 3),
    }


def quartiles(test: ImageSet) -> tuple[np.ndarray, np.ndarray]:
    """Return which images hold the smallest quarter of masses, and the most spiculated one."""
    area = test.masks.sum(axis=(1, 2))
    spiculation = test.table["spiculation"].to_numpy()
    return area <= np.quantile(area, 0.25), spiculation >= np.quantile(spiculation, 0.75)


def main() -> None:
    """Run every cell and write the table."""
    rows = []
    for cell in cells():
        rows.append(measure(**cell))
        print(rows[-1], flush=True)
    shipped.save_table(
        pd.DataFrame(rows),
        "u10_trainings",
        made_by="python course/10_cae_unet_segmentation/make_table.py",
        note="A row is one training; 300 test images of other patients; dice, dice_small and "
        "dice_spiculated are medians over images (all, smallest and most spiculated quarter); "
        "empty is the share of empty predictions.",
    )


if __name__ == "__main__":
    main()
