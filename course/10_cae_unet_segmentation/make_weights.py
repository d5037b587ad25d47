"""Train the U-Net of simulated masses that travels with the package, ``u10_unet``.

``python course/10_cae_unet_segmentation/make_weights.py`` takes some two minutes on two cores.
It learns from 1,200 images of 96×96 pixels, half of them with lesions like real ones and half
with lesions of half again their thickness, and is judged on patients it has not seen.
"""

from __future__ import annotations

import mlmi_course  # noqa: F401  first: it keeps TensorFlow silent
import keras
import numpy as np

from mlmi_course import shipped
from mlmi_course.data import ImageSet, load_masses
from mlmi_course.metrics import bootstrap, dice
from mlmi_course.networks import dice_entropy_loss, unet
from mlmi_course.training import fit, predict

ARGUMENTS = {"shape": [None, None, 1], "base": 8, "depth": 3}
CONTRASTS = (1.0, 1.5)
BATCH, RATE = 8, 5e-3


def simulated(n: int, seed: int) -> list[ImageSet]:
    """Return a set for each contrast, of different patients."""
    return [
        load_masses(n=n, seed=seed + place, size=96, contrast=contrast)
        for place, contrast in enumerate(CONTRASTS)
    ]


def joined(sets: list[ImageSet]) -> tuple[np.ndarray, np.ndarray]:
    """Return the images and the first reader's masks of several sets."""
    return (
        np.concatenate([one.images for one in sets]),
        np.concatenate([one.masks for one in sets]),
    )


def train(n: int = 600, epochs: int = 16, seed: int = 0) -> keras.Model:
    """Return a U-Net trained on n images of each contrast."""
    model = unet(**ARGUMENTS, seed=seed)
    steps = epochs * -(-n * len(CONTRASTS) // BATCH)
    falling = keras.optimizers.schedules.CosineDecay(RATE, steps)
    model.compile(keras.optimizers.Adam(falling), dice_entropy_loss)
    history = fit(
        model,
        joined(simulated(n, seed=100)),
        joined(simulated(max(n // 8, 8), seed=200)),
        epochs=epochs,
        patience=epochs,
        batch_size=BATCH,
        augment=True,
        seed=seed,
    )
    print(history)
    return model


def main() -> None:
    """Train, say how good it is, and write the file."""
    model = train()
    for contrast, one in zip(CONTRASTS, simulated(300, seed=300), strict=True):
        found = predict(model, one.images) > 0.5
        for name, truth in (("network", found), ("readers", one.extra["second_reader"])):
            values = dice(one.masks, truth, per_case=True)
            print(f"contrast {contrast}, {name}:", bootstrap(np.median, values, groups=one.groups))
    path = shipped.save_network(
        model,
        "u10_unet",
        builder="unet",
        arguments=ARGUMENTS,
        made_by="python course/10_cae_unet_segmentation/make_weights.py",
        note="A U-Net for masses, from 1,200 simulated images of 96×96 pixels (1 mm): half with "
        "contrast=1, half with contrast=1.5, masks of the first reader.",
    )
    print(f"{path.name}: {path.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
