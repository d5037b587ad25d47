"""Train the small CNN that the course ships as ``u09_cnn``, on simulated patches of mammograms.

Run it from the root of the project; on two cores it takes a minute and a half::

    python course/09_cnn_microcalcifications/make_weights.py

What it is shown, and why:

* a third of the patches each at difficulty 0, 0.5 and 1.  Trained on easy patches alone, a network
  fails on hard ones; trained on hard ones alone, it is less sure of itself on easy ones, where
  the film is quieter than anything it has seen.  Other units take its features to both;
* without the brightness shortcut.  A network that may use it learns that clusters lie in bright
  breasts, and then has little reason to look for calcium;
* from seeds that no notebook and no check of a question uses.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any, Final

import mlmi_course  # noqa: F401  (silences TensorFlow)

import keras
import numpy as np
from numpy.typing import NDArray

from mlmi_course import shipped
from mlmi_course.data import load_microcalcifications
from mlmi_course.metrics import auc
from mlmi_course.networks import small_cnn
from mlmi_course.training import History, fit, predict

DIFFICULTIES: Final = (0.0, 0.5, 1.0)
SEEDS: Final = {"train": 9101, "validation": 9201, "test": 9301}  # and the two that follow each
EACH: Final = {"train": 3000, "validation": 500, "test": 2000}  # patches at each difficulty
EPOCHS: Final = 14
BATCH: Final = 32
RATE: Final = 4e-3
SEED: Final = 0
NAME: Final = "u09_cnn"
MADE_BY: Final = "python course/09_cnn_microcalcifications/make_weights.py"

Part = tuple[NDArray[np.uint8], NDArray[Any]]


def patches(part: str, each: int) -> Part:
    """Return patches of every difficulty and their labels."""
    sets = [
        load_microcalcifications(each, seed=SEEDS[part] + place, difficulty=difficulty)
        for place, difficulty in enumerate(DIFFICULTIES)
    ]
    return np.concatenate([s.images for s in sets]), np.concatenate([s.labels for s in sets])


def train(each: int, validation_each: int, epochs: int, seed: int = SEED) -> tuple[Any, History]:
    """Return a trained network and what happened; the learning rate falls along a cosine."""
    train, validation = patches("train", each), patches("validation", validation_each)
    model = small_cnn(seed=seed)
    steps = epochs * -(-len(train[0]) // BATCH)
    rate = keras.optimizers.schedules.CosineDecay(RATE, steps)
    model.compile(keras.optimizers.Adam(rate), "binary_crossentropy")
    history = fit(
        model, train, validation, epochs=epochs, patience=epochs, batch_size=BATCH, augment=True,
        seed=seed,
    )  # fmt: skip
    return model, history


def main() -> None:
    """Train, save, load again, and say how good it is on patients that it has not seen."""
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    words.add_argument("--folder", type=Path, help="write here, and not into the package")
    folder = words.parse_args().folder
    start, processor = time.perf_counter(), time.process_time()
    model, history = train(EACH["train"], EACH["validation"], EPOCHS)
    print(history)
    path = shipped.save_network(
        model,
        NAME,
        builder="small_cnn",
        arguments={"shape": [60, 60, 1], "filters": [8, 16, 32], "seed": SEED},
        made_by=MADE_BY,
        note=f"{3 * EACH['train']:,} simulated patches of mammograms, a third each at difficulty "
        "0, 0.5 and 1, without the brightness shortcut; images are uint8, or floats from 0 to 1.",
        folder=folder,
    )
    print(f"{path.name}: {path.stat().st_size:,} bytes,", end=" ")
    print(f"{time.perf_counter() - start:.0f} s, {time.process_time() - processor:.0f} s of CPU")
    if folder is None:
        model = shipped.network(NAME)  # as others will get it, in half precision
    for place, difficulty in enumerate(DIFFICULTIES):
        test = load_microcalcifications(
            EACH["test"], seed=SEEDS["test"] + place, difficulty=difficulty
        )
        found = auc(test.labels, predict(model, test.images), test.groups)
        print(f"difficulty {difficulty:g}: AUC on unseen patients {found}")


if __name__ == "__main__":
    main()
