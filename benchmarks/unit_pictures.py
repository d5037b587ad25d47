"""Draw the small picture of each unit in the README: ``python -m benchmarks.unit_pictures [07]``.

Each shows what the unit is about, from the unit's own data, in 160 × 120 points.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from mlmi_course import data, explain, plots, shipped
from mlmi_course.phantoms import ct

mpl.use("Agg")
FOLDER = Path(__file__).resolve().parents[1] / "docs" / "pictures"
LINE, OTHER = plots.COLOURS["prediction"], plots.COLOURS["truth"]


def medical_images(ax: Axes) -> None:
    """A slice of the chest at a soft-tissue window."""
    chest = ct.chest_phantom((12, 120, 160), seed=1)
    ax.imshow(chest.array[6], cmap="gray", vmin=-160, vmax=240, aspect="auto")


def trust(ax: Axes) -> None:
    """A mass, and the outlines of five readers."""
    from scipy import ndimage

    found = data.load_masses(n=12, seed=1)
    ax.imshow(found.images[2], cmap="gray")
    truth, rng = np.asarray(found.masks[2]) > 0, np.random.default_rng(0)
    inside, outside = (ndimage.distance_transform_edt(mask) for mask in (truth, ~truth))
    for colour in list(plots.OKABE_ITO.values())[:5]:
        noise = ndimage.gaussian_filter(rng.normal(size=truth.shape), 6)
        drawn = inside - outside + 3 * noise / noise.std()
        ax.contour(drawn, [0], colors=[colour], linewidths=1)
    ax.set_aspect("auto")


def filtering(ax: Axes) -> None:
    """A head, as it was measured and smoothed."""
    from scipy import ndimage

    from mlmi_course.phantoms import brain

    rng = np.random.default_rng(0)
    slice_ = _slice_of_a_head("t1")
    noisy = brain.rician(slice_, 0.12 * slice_.max(), rng)
    half = slice_.shape[1] // 2
    smooth = ndimage.gaussian_filter(noisy, 1.5)
    ax.imshow(np.hstack([noisy[:, :half], smooth[:, half:]]), cmap="gray")
    ax.axvline(half - 0.5, color=LINE)
    ax.set_aspect("auto")


def registration(ax: Axes) -> None:
    """A chessboard of two scans that do not fit."""
    from scipy import ndimage

    fixed, moving = _slice_of_a_head("t1"), _slice_of_a_head("t2")
    moving = ndimage.shift(ndimage.rotate(moving, 8, reshape=False, order=1), (4, 6), order=1)
    rows, columns = np.indices(fixed.shape) // 24
    board = np.where((rows + columns) % 2, fixed / fixed.max(), moving / moving.max())
    ax.imshow(board, cmap="gray", aspect="auto")


def _slice_of_a_head(sequence: str) -> np.ndarray:
    """One slice of a simulated head, without most of the air."""
    import SimpleITK as sitk

    from mlmi_course.phantoms import pairs

    return sitk.GetArrayFromImage(pairs.head()[sequence])[44].astype(float)[8:120, 12:116]


def perceptrons(ax: Axes) -> None:
    """Two kinds of lumps and a line between them."""
    from mlmi_course.questions.u05_perceptrons import lumps

    rows, labels = lumps(40, seed=44, gap=0.4)
    malignant = labels > 0
    ax.scatter(*rows[~malignant].T[:2], s=18, color=OTHER)
    ax.scatter(*rows[malignant].T[:2], s=18, color=LINE, marker="^")


def tissues(ax: Axes) -> None:
    """Fluid, grey and white matter of a slice."""
    found = data.load_brain_slices(n=3, seed=6, levels=(5, 35))
    ax.imshow(np.where(found.masks[1] < 4, found.masks[1], 0)[12:116, 18:110], cmap="viridis")
    ax.set_aspect("auto")


def radiomics(ax: Axes) -> None:
    """Two patches of lung with the same grey values."""
    found = data.load_lung_patches(n=8, seed=0, equal_histograms=True)
    two = np.hstack([found.images[6, :48], np.full((48, 2), 0), found.images[7, :48]])
    ax.imshow(two, cmap="gray", vmin=-1024, vmax=-600)
    ax.set_aspect("auto")


def classification(ax: Axes) -> None:
    """Coefficients of a table that a growing penalty sets to zero."""
    from sklearn.datasets import load_diabetes
    from sklearn.linear_model import lasso_path

    table = load_diabetes()
    penalties, weights, _ = lasso_path(table.data, table.target)
    for weight, colour in zip(weights, [*plots.OKABE_ITO.values()] * 2, strict=False):
        ax.plot(np.log(penalties), weight, color=colour, linewidth=1.5)
    ax.axhline(0, color="0.6", linewidth=0.5)


def cnn(ax: Axes) -> None:
    """Patches with a cluster of microcalcifications."""
    found = data.load_microcalcifications(n=60, seed=1)
    rows = np.flatnonzero(found.labels == 1)[:12]
    tiles = found.images[rows].reshape(3, 4, *found.images.shape[1:3])
    ax.imshow(np.hstack([np.vstack(column) for column in tiles.swapaxes(0, 1)]), cmap="gray")
    ax.set_aspect("auto")


def segmentation(ax: Axes) -> None:
    """A mass and its outline."""
    found = data.load_masses(n=12, seed=1)
    ax.imshow(found.images[2], cmap="gray")
    ax.contour(np.asarray(found.masks[2]) > 0, [0.5], colors=[OTHER], linewidths=2)
    ax.set_aspect("auto")


def transfer(ax: Axes) -> None:
    """AUC against the number of images: from scratch, and from a network that has seen film."""
    table = shipped.table("u11_simulated")
    for source, strategy, colour in (("none", "scratch", OTHER), ("film", "all", LINE)):
        arm = table[(table["source"] == source) & (table["strategy"] == strategy)]
        mean = arm.groupby("size")["auc"].mean()
        ax.plot(mean.index, mean, color=colour, marker="o", markersize=3)
    ax.set_xscale("log")


def embeddings(ax: Axes) -> None:
    """Digits on two principal components."""
    from sklearn.datasets import load_digits

    digits = load_digits(n_class=5)
    _, _, axes = np.linalg.svd(digits.data - digits.data.mean(axis=0), full_matrices=False)
    place = digits.data @ axes[:2].T
    for digit, colour in zip(range(5), plots.OKABE_ITO.values(), strict=False):
        ax.scatter(*place[digits.target == digit].T, s=2, color=colour)


def explainability(ax: Axes) -> None:
    """Where a network looked."""
    found = data.load_microcalcifications(n=60, seed=1, difficulty=0.5)
    image = found.images[np.flatnonzero(found.labels == 1)[4]]
    grey = image.astype("float32") / 255
    heat = explain.grad_cam(shipped.network("u13_honest"), 10 * (grey - np.median(grey))[None])[0]
    ax.imshow(image, cmap="gray")
    ax.imshow(heat, cmap="inferno", alpha=np.clip(heat / heat.max(), 0, 0.7))
    ax.set_aspect("auto")


def weak_labels(ax: Axes) -> None:
    """Perivascular spaces, and where they are."""
    from mlmi_course.questions.u14_weak_labels import ganglia

    heads = ganglia(4, seed=1, follows_age=0.05, apart=0.35)
    one = int(heads.table["count"].argmax())
    ax.imshow(heads.images[one][6:54], cmap="gray", vmin=0, vmax=2600)
    mine = heads.findings[heads.findings["image"] == one]
    ax.scatter(
        mine["column"], mine["row"] - 6, s=16, facecolors="none", edgecolors=OTHER, linewidths=0.8
    )


def synthesis(ax: Axes) -> None:
    """A head scanned fast, and what a network makes of it."""
    from mlmi_course.phantoms import brain, kspace

    full = brain.simulate(5, level=15, contrasts=("t1",), noise=0.0).images["t1"][0]
    fast = kspace.acquire(full, keep=64, noise=40.0, rng=np.random.default_rng(0))
    network = np.asarray(shipped.network("u15_healthy")(fast[None, ..., None] / 500))[0, ..., 0]
    ax.imshow(np.hstack([fast[:, :64], 500 * network[:, 64:]]), cmap="gray", vmin=0, vmax=420)
    ax.axvline(63.5, color=LINE)
    ax.set_aspect("auto")


def survival(ax: Axes) -> None:
    """Survival of two groups of patients."""
    from lifelines import KaplanMeierFitter
    from lifelines.datasets import load_lung

    table = load_lung()
    for sex, colour in ((1, OTHER), (2, LINE)):
        some = table[table["sex"] == sex]
        fitted = KaplanMeierFitter().fit(some["time"], some["status"]).survival_function_
        ax.step(fitted.index, fitted.iloc[:, 0], where="post", color=colour, linewidth=2)
    ax.set_ylim(0, 1.02)


def graphs(ax: Axes) -> None:
    """An airway tree by its radii, over the faint shadow that it leaves in CT."""
    from mlmi_course.phantoms import airways

    one = airways.simulate(1)
    ax.imshow(one.volume.min(axis=1), cmap="gray", vmin=-1150, vmax=-900)
    tree = one.tree
    for k, before in enumerate(tree.parent):
        if before >= 0:
            ends = tree.points[[before, k]]
            ax.plot(ends[:, 2], ends[:, 0], color=LINE, lw=0.9 * tree.radius[k])
    ax.set_aspect("auto")


def quantitative(ax: Axes) -> None:
    """The field of a ball, and the cone on which it says nothing."""
    from mlmi_course.questions import u16_quantitative_mri as q

    n = 96
    z, y, x = np.indices((n, n, n)) - n // 2
    kernel = q.dipole.right((n, n, n), (1.0, 1.0, 1.0), np.array([1.0, 0, 0]))
    field = np.fft.ifftn(kernel * np.fft.fftn(z**2 + y**2 + x**2 <= 8**2)).real
    ax.imshow(field[12:-12, n // 2], cmap="gray", vmin=-0.15, vmax=0.2, aspect="auto")
    across = np.tan(np.deg2rad(54.7)) * 36
    for side in (-1, 1):
        ax.plot([48 - side * across, 48 + side * across], [0, 71], color=LINE, linewidth=1)
    ax.set_xlim(0, 95)
    ax.set_ylim(71, 0)


def harmonisation(ax: Axes) -> None:
    """One head, half in the grey values of one scanner and half in those of another."""
    from mlmi_course.phantoms import brain

    a, b = (brain.simulate(3, level=18, vendor=v).images["t1"][0][20:116] for v in "AB")
    half = a.shape[1] // 2
    ax.imshow(np.hstack([a[:, :half], b[:, half:]]), cmap="gray", vmin=0, vmax=700, aspect="auto")
    ax.axvline(half - 0.5, color=LINE)


def pitfalls(ax: Axes) -> None:
    """A sum that waits for small signs, and climbs over its level after a change."""
    rng = np.random.default_rng(2)
    z = rng.normal(size=240) + np.where(np.arange(240) < 150, 0, 0.7)
    sums = np.cumsum(z - 0.32)
    ax.plot(sums - np.minimum(0, np.minimum.accumulate(sums)), color=LINE)
    ax.axhline(7.5, color=OTHER, linestyle="--")
    ax.axvline(150, color="0.6", linewidth=0.8)
    ax.set_ylim(0, 20)


def virtual_biopsy(ax: Axes) -> None:
    """A tumour of the new hospital, with the true outline and the network's."""
    from mlmi_course.biopsy.measured import measure

    found = data.load_tumour_cohort(n=24)
    image = found.images[3, 0].astype(float)
    ax.imshow(image[6:54], cmap="gray", aspect="auto")
    for labels, colour in ((found.masks[3], OTHER), (measure(found.images).labels[3], LINE)):
        ax.contour(labels[6:54] % 3 > 0, [0.5], colors=[colour], linewidths=1.3)


def two_languages(ax: Axes) -> None:
    """The order in which MATLAB and NumPy count through a table."""
    for order, colour, shift in (("F", LINE, -0.08), ("C", OTHER, 0.08)):
        rows, columns = np.unravel_index(np.arange(12), (3, 4), order=order)
        ax.plot(columns + shift, rows + shift, color=colour, linewidth=1.6)
    ax.plot(*np.meshgrid(np.arange(4), np.arange(3)), "o", color=plots.COLOURS["neutral"])
    ax.set_xlim(-0.5, 3.5)
    ax.set_ylim(2.5, -0.5)


DRAWN: dict[str, Callable[[Axes], None]] = {
    "01": medical_images,
    "02": trust,
    "03": filtering,
    "04": registration,
    "05": perceptrons,
    "06": tissues,
    "07": radiomics,
    "08": classification,
    "09": cnn,
    "10": segmentation,
    "11": transfer,
    "12": embeddings,
    "13": explainability,
    "14": weak_labels,
    "15": synthesis,
    "16": quantitative,
    "17": graphs,
    "18": harmonisation,
    "19": pitfalls,
    "20": survival,
    "21": virtual_biopsy,
    "appendix_matlab_python": two_languages,
}


def main() -> None:
    """Draw all, or those that are named."""
    for number in sys.argv[1:] or DRAWN:
        draw = DRAWN[number]
        figure = Figure(figsize=(1.6, 1.2), dpi=100, facecolor="white")
        ax = figure.add_axes((0.02, 0.02, 0.96, 0.96))
        draw(ax)
        ax.set_xticks([])
        ax.set_yticks([])
        ax.minorticks_off()
        path = FOLDER / f"unit-{number}.png"
        figure.savefig(path, pil_kwargs={"optimize": True})
        print(f"{path.name}: {path.stat().st_size / 1000:.1f} kB")


if __name__ == "__main__":
    main()
