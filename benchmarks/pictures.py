"""Draw the pictures of the datasheets: ``python -m benchmarks.pictures``.

Simulated images only, raw, at one window: what a reader of a datasheet wants to see first.
"""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray
from PIL import Image

from mlmi_course import data

mpl.use("Agg")
FOLDER = Path(__file__).resolve().parents[1] / "docs" / "pictures"


def sheet(images: NDArray[np.uint8], columns: int) -> NDArray[np.uint8]:
    """Lay images out in rows, without gaps."""
    n, height, width = images.shape
    rows = n // columns
    grid = images[: rows * columns].reshape(rows, columns, height, width)
    return grid.swapaxes(1, 2).reshape(rows * height, columns * width)


def draw(name: str, panels: dict[str, NDArray[np.uint8]], *, inches: tuple[float, float]) -> None:
    """Write one picture with a titled panel for each sheet, side by side."""
    figure = Figure(figsize=inches, dpi=110, layout="constrained")
    widths = [image.shape[1] / image.shape[0] for image in panels.values()]
    places = figure.subplots(1, len(panels), width_ratios=widths)
    for axes, (title, image) in zip(places, panels.items(), strict=True):
        axes.imshow(image, cmap="gray", vmin=0, vmax=255)
        axes.set_title(title, fontsize=10)
        axes.axis("off")
    figure.savefig(FOLDER / f"{name}.png", pil_kwargs={"optimize": True})


def in_grey(name: str) -> None:
    """Halve the size of a picture in which nothing has a colour."""
    path = FOLDER / f"{name}.png"
    with Image.open(path) as drawn:
        drawn.convert("L").save(path, optimize=True)


def one_of_each_patient(found: data.ImageSet, label: int, n: int) -> NDArray[np.uint8]:
    """The first image of a class from each of n patients."""
    rows = np.flatnonzero(found.labels == label)
    _, first = np.unique(found.groups[rows], return_index=True)
    return found.images[rows[first[:n]]]


def main() -> None:
    """Draw all."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    sets = {"real-like": data.load_microcalcifications(n=600, seed=1)}
    sets["difficulty 1"] = data.load_microcalcifications(n=600, seed=1, difficulty=1.0)
    panels = {
        f"{'cluster' if label else 'normal'}, {name}": sheet(one_of_each_patient(s, label, 16), 4)
        for name, s in sets.items()
        for label in (0, 1)
    }
    draw("microcalcifications", panels, inches=(11, 3.1))

    sections = data.load_mammograms(n=8, seed=3)
    pairs = [(i, f"{int((sections.findings['image'] == i).sum())} clusters") for i in (0, 2, 4)]
    draw(
        "mammograms", {f"section {i}: {t}": sections.images[i] for i, t in pairs}, inches=(10, 3.6)
    )

    masses = data.load_masses(n=60, seed=1)
    draw(
        "masses",
        {
            "benign": sheet(one_of_each_patient(masses, 0, 8), 4),
            "malignant": sheet(one_of_each_patient(masses, 1, 8), 4),
        },
        inches=(11, 3.1),
    )

    draw_lungs()
    draw_heads()
    draw_tumours()


def draw_lungs() -> None:
    """Pairs with one histogram, healthy tissue, and bronchi; all in a lung's window."""

    def grey(images: NDArray[np.int16]) -> NDArray[np.uint8]:
        return np.clip((images + 1024.0) / (-600 + 1024) * 255, 0, 255).astype(np.uint8)

    pairs = grey(data.load_lung_patches(n=16, seed=1, equal_histograms=True).images)
    healthy = grey(data.load_lung_patches(n=8, seed=1, pattern="none").images)
    bronchi = grey(data.load_lung_patches(n=8, seed=2, pattern="none", airway=True).images)
    panels = {
        "centrilobular": pairs[::2],
        "panlobular, same grey values": pairs[1::2],
        "no emphysema": healthy,
        "bronchi": bronchi,
    }
    draw("lung", {name: sheet(images, 4) for name, images in panels.items()}, inches=(11, 1.7))


def draw_tumours() -> None:
    """Four patients of each of two hospitals, in both contrasts."""
    cohort = data.load_tumour_cohort(n=40)

    def grey(images: NDArray[np.int16]) -> NDArray[np.uint8]:
        most = np.percentile(images, 99.5, axis=(1, 2), keepdims=True)
        return np.clip(images / most * 255, 0, 255).astype(np.uint8)

    panels = {}
    for centre in ("A", "D"):
        four = cohort.images[np.flatnonzero(cohort.centre == centre)[:4]]
        for name, channel in (("T1 after contrast agent", 0), ("FLAIR", 1)):
            panels[f"hospital {centre}: {name}"] = sheet(grey(four[:, channel]), 2)
    draw("tumours", panels, inches=(9, 2.6))
    in_grey("tumours")


def draw_heads() -> None:
    """The average brain and eleven subjects that come from it; one of them in other contrasts."""
    from nilearn.datasets import load_mni152_template

    level, tile = 18, np.s_[8:120, 16:112]
    heads = data.load_brain_slices(n=11, seed=1, slices=1, levels=(level, level + 1), noise=0.02)

    def grey(image: NDArray) -> NDArray[np.uint8]:
        return np.clip(image / np.percentile(image, 99) * 255, 0, 255).astype(np.uint8)

    average = load_mni152_template(resolution=1)
    # The template's axes run towards Right, Anterior, Superior: turn the slice as it is shown.
    plane = np.asarray(average.dataobj)[..., round(level - average.affine[2, 3])][::-1, ::-1].T
    small = Image.fromarray(grey(plane[14:, :]))
    small = small.resize([round(side / heads.spacing[0]) for side in small.size])
    template = np.zeros(heads.images.shape[1:], np.uint8)
    template[:122, 9:118] = np.asarray(small)[:122]

    everyone = np.stack([template, *(grey(image) for image in heads.images)])[:, *tile]
    others = [grey(heads.extra[name][3]) for name in ("t2", "pd", "flair")]
    views = np.stack([*others, heads.masks[3] * np.uint8(45)])[:, *tile]
    draw(
        "brain",
        {
            "the average, then eleven subjects: T1": sheet(everyone, 6),
            "one of them: T2, PD, FLAIR, tissues": sheet(views, 2),
        },
        inches=(9.6, 3.15),
    )
    in_grey("brain")


if __name__ == "__main__":
    main()
