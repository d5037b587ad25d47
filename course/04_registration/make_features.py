"""Make the table ``u04_features`` and the network ``u04_cae``: learned features as a similarity.

``python course/04_registration/make_features.py`` takes some two minutes on two cores.  A row is one head of ten that the
network has not seen, one kind of second scan, and one similarity: thirty points of the brain are looked for in the
second scan, each by its patch of 16 × 16 pixels, within 9 pixels to each side.
"""

from __future__ import annotations

import mlmi_course  # noqa: F401  first: it keeps TensorFlow silent
import keras
import numpy as np
import pandas as pd

from mlmi_course import networks, shipped
from mlmi_course.phantoms import brain
from mlmi_course.training import fit, predict

MADE_BY = "python course/04_registration/make_features.py"
HALF, REACH, PIXEL = 8, 9, 1.8
POINTS, TRAIN, TEST = 30, range(10, 22), range(10)
NETWORK = {"base": 4, "depth": 3, "activation": "linear", "seed": 0}


def slices(subject: int) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Return T1 and T2 of one slice, 1 is bright, and where the brain is."""
    scan = brain.simulate(subject, seed=40, level=15, noise=0.0, bias=0.0, contrasts=("t1", "t2"))
    images = {name: image[0] / np.percentile(image, 99) for name, image in scan.images.items()}
    return images, np.isin(scan.tissue[0], (2, 3))


def scanned(image: np.ndarray, seed: int, bias: float = 0.0, gain: float = 1.0) -> np.ndarray:
    """Add a gain, a bias field from left to right, and noise."""
    field = gain * (1 + bias * np.linspace(-1, 1, image.shape[1]))
    noise = np.random.default_rng(seed).normal(scale=0.03, size=image.shape)
    return (image * field + noise).astype(np.float32)


def patches(image: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """Cut a patch around each centre (row, column)."""
    windows = np.lib.stride_tricks.sliding_window_view(image, (2 * HALF, 2 * HALF))
    return windows[centres[:, 0] - HALF, centres[:, 1] - HALF]


def train() -> keras.Model:
    """Train the autoencoder on patches of twelve heads, T1 and T2 alike."""
    rng = np.random.default_rng(1)
    cut = []
    for subject in TRAIN:
        images, mask = slices(subject)
        inside = np.argwhere(mask)
        for name in images:
            centres = inside[rng.choice(len(inside), 250, replace=False)]
            cut.append(patches(scanned(images[name], subject), centres))
    all_of = np.concatenate(cut)[..., None]
    all_of = all_of[rng.permutation(len(all_of))]
    model = networks.cae((16, 16, 1), **NETWORK)
    model.compile(keras.optimizers.Adam(3e-3), "mse")
    fit(model, (all_of[600:], all_of[600:]), (all_of[:600], all_of[:600]),
        epochs=40, patience=40, batch_size=64, seed=0)  # fmt: skip
    error = float(
        np.mean((predict(model, all_of[:600]).reshape(600, 16, 16, 1) - all_of[:600]) ** 2)
        / all_of[:600].var()
    )
    print("left of the variance:", round(error, 3))
    return model


def encoder(model: keras.Model) -> keras.Model:
    """Return the part of the network down to its bottleneck."""
    narrow = [layer for layer in model.layers if tuple(layer.output.shape[1:3]) == (2, 2)]
    return keras.Model(model.inputs[0], narrow[-1].output)


def mutual_information(a: np.ndarray, b: np.ndarray, bins: int = 8) -> float:
    """Return the mutual information of two patches."""
    p = np.histogram2d(a.ravel(), b.ravel(), bins=bins)[0] / a.size
    independent = p.sum(axis=1, keepdims=True) * p.sum(axis=0, keepdims=True)
    return float(np.sum(p[p > 0] * np.log(p[p > 0] / independent[p > 0])))


def similarities(one: np.ndarray, many: np.ndarray, codes) -> dict[str, np.ndarray]:
    """Compare one patch with many, by each similarity; larger is better."""
    a, b = one - one.mean(), many - many.mean(axis=(1, 2), keepdims=True)
    spread = np.sqrt((a**2).sum() * (b**2).sum(axis=(1, 2))) + 1e-9
    first, rest = codes
    return {
        "SSD": -((many - one) ** 2).mean(axis=(1, 2)),
        "NCC": (a * b).sum(axis=(1, 2)) / spread,
        "MI": np.array([mutual_information(one, other) for other in many]),
        "learned features": -((rest - first) ** 2).mean(axis=1),
    }


def search(fixed: np.ndarray, moving: np.ndarray, centres: np.ndarray, code) -> dict[str, list]:
    """Look for each point; return its errors in mm by similarity."""
    steps = np.arange(-REACH, REACH + 1)
    offsets = np.stack(np.meshgrid(steps, steps, indexing="ij"), axis=-1).reshape(-1, 2)
    errors: dict[str, list] = {}
    for centre in centres:
        one, many = patches(fixed, centre[None]), patches(moving, centre + offsets)
        codes = np.split(code(np.concatenate([one, many])), [1])
        for name, values in similarities(one[0], many, codes).items():
            found = offsets[values.argmax()]
            errors.setdefault(name, []).append(PIXEL * float(np.hypot(*found)))
    return errors


def rows(model: keras.Model, subjects=TEST, points: int = POINTS) -> list[dict]:
    """Search in each test head, for three kinds of second scan."""
    narrow = encoder(model)

    def code(cut: np.ndarray) -> np.ndarray:
        return np.asarray(narrow(cut[..., None])).reshape(len(cut), -1)

    found = []
    for subject in subjects:
        images, mask = slices(subject)
        inside = np.argwhere(mask)
        inside = inside[((inside > HALF + REACH) & (inside < 127 - HALF - REACH)).all(axis=1)]
        rng = np.random.default_rng(subject)
        centres = inside[rng.choice(len(inside), points, replace=False)]
        fixed = scanned(images["t1"], 100 + subject)
        seconds = {
            "T1": scanned(images["t1"], 200 + subject),
            "T1, other gain and bias": scanned(images["t1"], 300 + subject, 0.3, 1.3),
            "T2": scanned(images["t2"], 400 + subject),
        }
        for second, moving in seconds.items():
            for name, errors in search(fixed, moving, centres, code).items():
                found.append(
                    {
                        "head": subject,
                        "second": second,
                        "similarity": name,
                        "median": round(float(np.median(errors)), 2),
                        "within": round(float(np.mean(np.array(errors) <= 2)), 3),
                    }
                )
    return found


def main() -> None:
    """Train, search, and write the network and the table."""
    model = train()
    shipped.save_network(
        model, "u04_cae", builder="cae", arguments={"shape": [16, 16, 1], **NETWORK}, made_by=MADE_BY,
        note="6,000 patches of 16 x 16 pixels of T1 and T2, of twelve simulated heads.",
    )  # fmt: skip
    results = pd.DataFrame(rows(shipped.network("u04_cae")))
    print(results.groupby(["second", "similarity"])[["median", "within"]].mean())
    shipped.save_table(
        results, "u04_features", made_by=MADE_BY,
        note="30 points of each head looked for by their patch, up to 16 mm away; median: error in mm; "
        "within: share of the points within 2 mm (one pixel).",
    )  # fmt: skip


if __name__ == "__main__":
    main()
