"""Train the three source networks of unit 11, and write them into the package.

    python course/11_transfer_learning/make_weights.py

Each is ``networks.small_cnn`` after 12 epochs on images that are made here.  It takes about five
minutes on two cores.  Other processors give slightly other weights; the table of results
(make_table.py) is made from the weights that this writes.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import mlmi_course  # noqa: F401  (silences TensorFlow)
import keras
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from mlmi_course import networks, shipped, training

COMMAND = "python course/11_transfer_learning/make_weights.py"
SIZE = 60
EPOCHS = 12


class Task(NamedTuple):
    """Images (n, 60, 60) uint8, what they show, and to whom they belong."""

    images: NDArray[np.uint8]
    labels: NDArray[Any]
    groups: NDArray[Any]


def film(n: int, seed: int) -> Task:
    """Clusters of microcalcifications on well exposed film: the simulator's real-like setting."""
    from mlmi_course.data import load_microcalcifications

    found = load_microcalcifications(n, seed=seed)
    return Task(found.images, found.labels, found.groups)


def masses(n: int, seed: int) -> Task:
    """Mammograms, another finding, nine times coarser pixels: is a mass in the patch, or not?

    Of each image one patch around the mass, a few pixels off its centre, and one beside it that
    does not touch it, where the breast has room for one.
    """
    from mlmi_course.data import load_masses

    found = load_masses(n, seed=seed)
    rng = np.random.default_rng(seed)
    patches, labels, groups = [], [], []
    for image, lesion, group in zip(found.images, found.extra["lesion"], found.groups, strict=True):
        centre = np.array(ndimage.center_of_mass(lesion)) - SIZE / 2
        near = np.clip(centre + rng.uniform(-12, 12, 2), 0, 128 - SIZE).astype(int)
        corners = [(near, 1)]
        for _ in range(20):
            away = rng.integers(0, 128 - SIZE + 1, 2)
            patch = _cut(image, away)
            # Without a mass, and of breast, not of air or film's edge.
            if not _cut(lesion, away).any() and (patch > 20).mean() > 0.8:
                corners.append((away, 0))
                break
        for corner, label in corners:
            patches.append(_cut(image, corner))
            labels.append(label)
            groups.append(group)
    return Task(np.stack(patches), np.array(labels, np.uint8), np.array(groups))


def _cut(image: NDArray[Any], corner: NDArray[np.int_]) -> NDArray[Any]:
    row, column = corner
    return image[row : row + SIZE, column : column + SIZE]


def digits(n: int, seed: int) -> Task:
    """Handwritten digits of scikit-learn, enlarged from 8 × 8: ten classes, no medicine."""
    from sklearn.datasets import load_digits

    found = load_digits()
    rows = np.random.default_rng(0).permutation(len(found.images))
    rows = rows[:n] if seed == TRAIN_SEED else rows[-n:]
    large = ndimage.zoom(found.images[rows] / 16, (1, SIZE / 8, SIZE / 8), order=1)
    images = np.round(255 * large.clip(0, 1)).astype(np.uint8)
    return Task(images, found.target[rows], np.arange(len(rows)))


TRAIN_SEED, CHECK_SEED = 111, 112


class Source(NamedTuple):
    """How one source network is made."""

    draw: Callable[[int, int], Task]
    train: int
    check: int
    outputs: int
    note: str


SOURCES = {
    "film": Source(film, 4000, 1000, 1, "microcalcifications, simulated real-like film"),
    "masses": Source(masses, 2400, 400, 1, "patches with and without a mass, simulated"),
    "digits": Source(digits, 1437, 360, 10, "handwritten digits of scikit-learn, 60 x 60"),
}


def train(name: str) -> tuple[keras.Model, float]:
    """Train one source network; return it, and its quality on images it has not seen."""
    from sklearn.metrics import roc_auc_score

    source = SOURCES[name]
    learn = source.draw(source.train, TRAIN_SEED)
    check = source.draw(source.check, CHECK_SEED)
    activation = "sigmoid" if source.outputs == 1 else "softmax"
    model = networks.small_cnn(outputs=source.outputs, activation=activation, seed=0)
    rate = keras.optimizers.schedules.CosineDecay(4e-3, EPOCHS * -(-len(learn.images) // 32))
    loss = "binary_crossentropy" if source.outputs == 1 else "sparse_categorical_crossentropy"
    model.compile(keras.optimizers.Adam(rate), loss)
    training.fit(
        model, learn[:2], check[:2], epochs=EPOCHS, patience=EPOCHS,
        augment=source.outputs == 1,  # a mirrored digit is no digit
    )  # fmt: skip
    found = training.predict(model, check.images)
    if source.outputs == 1:
        return model, float(roc_auc_score(check.labels, found))
    return model, float((found.argmax(axis=1) == check.labels).mean())


def main() -> None:
    """Train all of them, or those that are named, and write them."""
    for name in sys.argv[1:] or SOURCES:
        start = time.perf_counter()
        model, quality = train(name)
        source = SOURCES[name]
        arguments: dict[str, Any] = {"seed": 0}
        if source.outputs > 1:
            arguments |= {"outputs": source.outputs, "activation": "softmax"}
        kind = "AUC" if source.outputs == 1 else "accuracy"
        note = f"Trained on {source.train} images: {source.note}; {kind} on others {quality:.3f}."
        path = shipped.save_network(
            model, f"u11_{name}", builder="small_cnn", arguments=arguments, made_by=COMMAND,
            note=note,
        )  # fmt: skip
        print(f"{path.name}: {note} {time.perf_counter() - start:.0f} s")


if __name__ == "__main__":
    main()
