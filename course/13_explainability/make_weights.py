"""Train the networks that unit 13 explains, and store them in the package.

    python course/13_explainability/make_weights.py

All see the same 6,000 patches of the same patients, in the same order, from the same first
weights.  Each differs from the first in one thing:

* honest
* other: nine of ten patches with a cluster carry a lead letter;
* rim: grey values as they are, so that the zeros around a patch are black;
* flat: a dense layer reads every number of the last map, and not each channel's mean.

About 100 seconds of processor time each.
"""

import sys
from pathlib import Path

import numpy as np

import mlmi_course
from mlmi_course import networks, shipped, training
from mlmi_course.data import load_microcalcifications

import keras  # isort: skip  # after mlmi_course, which keeps it silent

PATCHES, EPOCHS, BATCH = 6000, 24, 32
FILTERS = [16, 32]


def prepared(images: np.ndarray) -> np.ndarray:
    """Return images as both networks want them: their median is 0, and 0.1 of full scale is 1.

    Convolutions pad with zeros.  A median of 0 makes this padding grey; beside black padding the
    rim of every patch would be an edge, and Grad-CAM would point at it.
    """
    grey = images.astype(np.float32) / 255
    return 10 * (grey - np.median(grey, axis=(1, 2), keepdims=True))


def train(name: str) -> None:
    """Train one of the networks and write its weights."""
    marker, raw = name == "other", name == "rim"
    patches = load_microcalcifications(n=PATCHES, seed=13, difficulty=0.5, marker=marker)
    learn, watch = patches.split((0.85, 0.15))
    steps = EPOCHS * -(-len(learn) // BATCH)
    model = networks.small_cnn(**built(name))
    falling = keras.optimizers.schedules.CosineDecay(5e-3, steps)
    model.compile(keras.optimizers.Adam(falling), "binary_crossentropy")
    history = training.fit(
        model,
        (learn.images if raw else prepared(learn.images), learn.labels),
        (watch.images if raw else prepared(watch.images), watch.labels),
        epochs=EPOCHS,
        patience=EPOCHS,
        batch_size=BATCH,
        augment=True,
    )
    path = store(model, name)
    print(path, history, "mlmi_course", mlmi_course.__version__)


def built(name: str) -> dict[str, object]:
    """Return what the builder is called with."""
    return {"filters": FILTERS} | ({"head": "flat"} if name == "flat" else {})


def store(model: keras.Model, name: str) -> Path:
    """Write the weights, and how they were made."""
    letter = "a lead letter on most clusters" if name == "other" else "no letters"
    scale = "grey from 0 to 1" if name == "rim" else "minus their median, 0.1 of full scale is 1"
    return shipped.save_network(
        model,
        f"u13_{name}",
        builder="small_cnn",
        arguments=built(name),
        made_by=f"python course/13_explainability/make_weights.py {name}",
        note=f"{PATCHES} simulated patches, difficulty 0.5, seed 13, {letter}; {scale}.",
    )


if __name__ == "__main__":
    for one in sys.argv[1:] or ["honest", "other", "rim", "flat"]:
        train(one)
