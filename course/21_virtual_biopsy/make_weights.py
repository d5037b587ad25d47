"""Train the shipped network of unit 21, and write it into the package.

    python course/21_virtual_biopsy/make_weights.py

About five minutes of one core.  The network marks necrosis, enhancing rim and oedema.  It is shown
patients of centres A, B and C who are in nobody's cohort (seed 2100), and never a scan of centre D.
Other processors give slightly other weights.
"""

from __future__ import annotations

import mlmi_course
import numpy as np

from mlmi_course import data, networks, shipped
from mlmi_course.biopsy.segmenting import relative

import keras  # isort: skip  # after mlmi_course, which keeps it silent

COMMAND = "python course/21_virtual_biopsy/make_weights.py"
ARGUMENTS = {
    "shape": [64, 64, 2], "base": 8, "depth": 2, "outputs": 4, "activation": "softmax", "seed": 21,
}  # fmt: skip
PATIENTS, EPOCHS = 480, 12


def main() -> None:
    """Train it and write the weights."""
    cohort = data.load_tumour_cohort(n=PATIENTS, seed=2100)
    cohort = cohort.take(cohort.centre != "D")
    x, y = relative(cohort.images), np.asarray(cohort.masks)
    # Mirrored and turned heads are heads; only the training images are.
    x = np.concatenate([x, x[:, ::-1], x[:, :, ::-1], x.swapaxes(1, 2)])
    y = np.concatenate([y, y[:, ::-1], y[:, :, ::-1], y.swapaxes(1, 2)])
    model = networks.unet(**ARGUMENTS)
    steps = EPOCHS * (len(x) // 32)
    rate = keras.optimizers.schedules.CosineDecay(6e-3, steps)
    model.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy")
    model.fit(x, y, batch_size=32, epochs=EPOCHS, verbose=2)
    path = shipped.save_network(
        model, "u21_unet", builder="unet", arguments=ARGUMENTS, made_by=COMMAND,
        note=f"Trained on {len(cohort)} simulated patients of centres A, B and C (seed 2100).",
    )  # fmt: skip
    print(f"{path.name}: {path.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
