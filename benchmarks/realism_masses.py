"""How much a network that learned on simulated masses knows about real ones.

Run it with ``python -m benchmarks.realism_masses ARCHIVE``, where ARCHIVE is a tar file of pairs
``<ID>_resized.pgm`` and ``<ID>_mass_mask.pgm`` (125 × 125 pixels; the first four digits of an ID
are the patient).  It takes some minutes on two cores and never fails: it measures.

(a) A U-Net is trained on simulated masses alone and tested on every real pair: Dice per image.
(b) A few real patients are drawn to learn from and the others to test on, several times.  Each
    time one U-Net starts from scratch and one from (a)'s weights, both for the same epochs.
    The difference of their Dice on the same test images has an interval that draws patients.

A score says how well simulated images stand in for real ones *to a network*, and no more: see
``docs/datasheets/masses.md``.
"""

from __future__ import annotations

import re
import sys
import tarfile
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

import keras
import numpy as np
from numpy.typing import NDArray
from PIL import Image
from rich.console import Console
from rich.table import Table
from scipy import ndimage

from mlmi_course.metrics import Estimate, bootstrap, dice, paired_difference
from mlmi_course.networks import dice_loss, unet
from mlmi_course.phantoms import masses
from mlmi_course.training import fit, predict, set_seed

SIZE = 128
BATCH = 8
IMAGE = re.compile(r"(?:.*/)?((\d{4})[^/]*)_resized\.pgm")


class Pairs(NamedTuple):
    """Images, masks and the patient of each."""

    images: NDArray[np.uint8]  # (n, size, size)
    masks: NDArray[np.uint8]  # (n, size, size), 0 or 1
    patients: NDArray[np.int32]  # (n,)

    def of(self, rows: NDArray[Any]) -> Pairs:
        """Return some of the rows."""
        return Pairs(self.images[rows], self.masks[rows], self.patients[rows])


def real_pairs(archive: str | Path, size: int = SIZE) -> Pairs:
    """Read the real images and masks of an archive, in memory, and resample them to ``size``."""
    images, made, patients = [], [], []
    with tarfile.open(archive) as files:
        names = sorted(name for name in files.getnames() if IMAGE.fullmatch(name))
        for name in names:
            mask_name = name.replace("_resized.pgm", "_mass_mask.pgm")
            image, mask = (
                Image.open(BytesIO(files.extractfile(member).read()))
                for member in (name, mask_name)
            )
            images.append(np.asarray(image.resize((size, size), Image.Resampling.BILINEAR)))
            made.append(np.asarray(mask.resize((size, size), Image.Resampling.NEAREST)) > 0)
            patients.append(int(IMAGE.fullmatch(name)[2]))
    if not images:
        raise ValueError(f"no files like 0001p1_1_1_2_resized.pgm in {archive}")
    return Pairs(np.stack(images), np.stack(made).astype(np.uint8), np.array(patients, np.int32))


def simulated_pairs(n: int, seed: int, size: int = SIZE) -> Pairs:
    """Return simulated images with the masks of the first reader."""
    cases = masses.lesions(n, size=size, seed=seed)
    return Pairs(cases["images"], cases["masks"], cases["groups"])


def case_dice(model: keras.Model, pairs: Pairs) -> NDArray[np.float64]:
    """Return the Dice coefficient of each image, of the likeliest piece above one half."""
    found = likeliest_piece(predict(model, pairs.images))
    return np.asarray(dice(pairs.masks, found, per_case=True))


def likeliest_piece(probability: NDArray[Any], threshold: float = 0.5) -> NDArray[np.bool_]:
    """Keep, of the pieces above a threshold, the one with the largest sum: one mass an image."""
    kept = np.zeros(probability.shape, bool)
    for i, image in enumerate(probability):
        pieces, number = ndimage.label(image > threshold)
        if number:
            sums = np.bincount(pieces.ravel(), image.ravel())
            kept[i] = pieces == sums[1:].argmax() + 1
    return kept


def network(seed: int, rate: float, steps: int) -> keras.Model:
    """Return a U-Net without experience, and how it shall learn: Dice loss, a falling rate."""
    set_seed(seed)
    model = unet((SIZE, SIZE, 1), seed=seed)
    compiled(model, rate, steps)
    return model


def compiled(model: keras.Model, rate: float, steps: int) -> None:
    """Start Adam anew, with a rate that falls to zero along half a cosine."""
    falling = keras.optimizers.schedules.CosineDecay(rate, steps)
    model.compile(keras.optimizers.Adam(falling), dice_loss)


def trained_on_simulated(n: int = 800, *, epochs: int = 14, seed: int = 0) -> keras.Model:
    """Return a U-Net that has seen simulated masses alone."""
    train, check = simulated_pairs(n, seed), simulated_pairs(max(n // 8, 32), seed + 10_000)
    model = network(seed, 5e-3, epochs * n // BATCH)
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
    return model


def on_real(model: keras.Model, real: Pairs) -> dict[str, Estimate]:
    """(a) Median and mean Dice of a network on the real pairs, intervals over patients."""
    values = case_dice(model, real)
    return {
        name: bootstrap(metric, values, groups=real.patients)
        for name, metric in (("median", np.median), ("mean", np.mean))
    }


def pretraining(
    model: keras.Model, real: Pairs, *, patients: int = 8, repeats: int = 4, epochs: int = 30
) -> dict[str, Estimate]:
    """(b) What simulated masses add to a few real ones, in mean Dice on other real patients.

    One of the few patients picks the epoch; those tested are never looked at.  Fine-tuning takes
    a fifth of the rate of learning from scratch; all else is equal.  An image is tested in
    several repeats: its values are averaged first, then patients are drawn.
    """
    weights = model.get_weights()
    everyone = np.unique(real.patients)
    found = {
        way: np.full((repeats, len(real.images)), np.nan) for way in ("scratch", "pre-trained")
    }
    for repeat in range(repeats):
        chosen = np.random.default_rng(repeat).permutation(everyone)[:patients]
        known, checking = np.isin(real.patients, chosen), real.patients == chosen[-1]
        few, check, unseen = real.of(known & ~checking), real.of(checking), real.of(~known)
        steps = epochs * -(-len(few.images) // BATCH)
        for way, values in found.items():
            learner = network(repeat, 5e-3 if way == "scratch" else 1e-3, steps)
            if way == "pre-trained":
                learner.set_weights(weights)
            fit(
                learner,
                (few.images, few.masks),
                (check.images, check.masks),
                epochs=epochs,
                patience=epochs,
                batch_size=BATCH,
                augment=True,
                seed=repeat,
            )
            values[repeat, ~known] = case_dice(learner, unseen)
    tested = ~np.isnan(found["scratch"]).all(axis=0)
    scratch, trained = (np.nanmean(values[:, tested], axis=0) for values in found.values())
    groups = real.patients[tested]
    return {
        "scratch": bootstrap(np.mean, scratch, groups=groups),
        "pre-trained": bootstrap(np.mean, trained, groups=groups),
        "difference": paired_difference(np.mean, trained, scratch, groups=groups),
    }


def main(archive: str) -> None:
    """Measure both and print one table."""
    console, real = Console(), real_pairs(archive)
    console.print(f"{len(real.images)} real pairs of {len(np.unique(real.patients))} patients")
    model = trained_on_simulated()
    own = case_dice(model, simulated_pairs(200, seed=77))
    table = Table("Dice on", "value", title="U-Nets that learned on simulated masses")
    table.add_row("simulated, unseen: median", f"{np.median(own):.3f}")
    for name, value in on_real(model, real).items():
        table.add_row(f"real, none seen: {name}", str(value))
    for name, value in pretraining(model, real).items():
        table.add_row(f"real, 8 patients seen: mean, {name}", str(value))
    console.print(table)


if __name__ == "__main__":
    main(sys.argv[1])
