"""Train the shipped networks of unit 15, and write them into the package.

    python course/15_super_resolution_and_synthesis/make_weights.py            # all three
    python course/15_super_resolution_and_synthesis/make_weights.py healthy lesions ct

``healthy`` and ``lesions`` turn the fast, noisy scan of a head into the full one; they differ in
their patients alone.  ``ct`` turns T1 into Hounsfield units.  Each takes two to four minutes of one
core.  Other processors give slightly other weights.
"""

from __future__ import annotations

import sys

import mlmi_course
import numpy as np

from mlmi_course import data, networks, shipped
from mlmi_course.phantoms.kspace import acquire

import keras  # isort: skip  # after mlmi_course, which keeps it silent

SLICES, EPOCHS, PATCHES, SIDE = 180, 10, 6, 48
SCALE = 500.0  # grey level that becomes 1, as in the lecture
COMMAND = "python course/15_super_resolution_and_synthesis/make_weights.py"
SUPER = {"filters": [24, 24, 16], "kernels": [5, 3, 3, 5]}
SYNTHESIS = {
    "filters": [16, 16, 16, 16],
    "kernels": [3, 3, 3, 3, 3],
    "dilations": [1, 2, 4, 8, 1],
    "residual": False,
}


def patches(given: np.ndarray, wanted: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Cut random squares out of pairs of images."""
    rng = np.random.default_rng(seed)
    pairs = []
    for one, other in zip(given, wanted, strict=True):
        for _ in range(PATCHES):
            row, column = rng.integers(8, 120 - SIDE), rng.integers(16, 112 - SIDE)
            place = np.s_[row : row + SIDE, column : column + SIDE]
            pairs.append((one[place], other[place]))
    x, y = np.array(pairs, np.float32)[..., None].swapaxes(0, 1)
    return x, y


def train(name: str) -> None:
    """Train one of the networks and write its weights."""
    lesions = 15.0 if name == "lesions" else 0.0
    heads = data.load_brain_slices(
        n=SLICES, seed=153 if lesions else 151, contrasts=("t1",), ct=name == "ct",
        levels=(0, 45), lesions=lesions, noise=0.0,
    )  # fmt: skip
    rng = np.random.default_rng(0)
    if name == "ct":
        given = acquire(heads.images, keep=128, noise=8.0, rng=rng)
        wanted, arguments = heads.extra["ct"] / 1000, SYNTHESIS
        x, y = given / SCALE, np.asarray(wanted, np.float32)
    else:
        given, arguments = acquire(heads.images, keep=64, noise=40.0, rng=rng), SUPER
        x, y = given / SCALE, heads.images / SCALE
    if name == "ct":  # whole images, since the network looks far
        x, y = np.asarray(x, np.float32)[..., None], y[..., None]
        batch, epochs = 6, 20
    else:
        x, y = patches(x, y, seed=1)
        batch, epochs = 16, EPOCHS
    model = networks.to_image(**arguments, seed=0)
    falling = keras.optimizers.schedules.CosineDecay(3e-3, epochs * -(-len(x) // batch))
    model.compile(keras.optimizers.Adam(falling), "mse" if name != "ct" else "mae")
    keras.utils.set_random_seed(0)
    history = model.fit(x, y, batch_size=batch, epochs=epochs, verbose=0)
    path = shipped.save_network(
        model,
        f"u15_{name}",
        builder="to_image",
        arguments=arguments,
        made_by=f"{COMMAND} {name}",
        note=f"{SLICES} slices of {len(np.unique(heads.groups))} simulated heads, "
        f"{'with' if lesions else 'without'} lesions; T1 divided by {SCALE:.0f}"
        + ("; answers in 1000 HU." if name == "ct" else "; a quarter of k-space, noise 40."),
    )
    loss = history.history["loss"][-1]
    print(path, f"last loss {loss:.5f}", "mlmi_course", mlmi_course.__version__)


if __name__ == "__main__":
    for one in sys.argv[1:] or ["healthy", "lesions", "ct"]:
        train(one)
