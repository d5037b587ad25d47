"""Late fusion, where a block may be missing."""

import numpy as np

from mlmi_course.checks import Case, asks


def _fused(scores, development, weights, *, centre="development", scale="development",
           missing="mean", rescaled=False, plain=False):  # fmt: skip
    means = np.nanmean(development if centre == "development" else scores, axis=0)
    spread = np.nanstd(development if scale == "development" else scores, axis=0)
    z = (scores - means) / spread
    if missing == "zero score":
        z = np.where(np.isnan(scores), -means / spread, z)
    weighted = np.nan_to_num(z) * (1.0 if plain else weights)
    total = weighted.sum(axis=1)
    if rescaled:
        there = (~np.isnan(scores) * np.abs(weights)).sum(axis=1)
        total = total * np.abs(weights).sum() / np.maximum(there, 1e-12)
    return total


@asks(
    points=2,
    see="Clinic, image, omics: what adds what?",
    hints=(
        "Which patients may say what an average score is: those of the locked set, or those on "
        "whom the models were made?",
        "A block that is missing says nothing. What z-score does somebody have of whom nothing is "
        "known?",
        "`z = (scores - np.nanmean(development, axis=0)) / np.nanstd(development, axis=0)`, NaN "
        "becomes 0, and the weighted sum is over the blocks.",
    ),
)
def late_fusion(scores, development, weights):
    """One risk from several, some of them missing"""
    return _fused(scores, development, weights)


@late_fusion.inputs
def cases(rng):
    k = 4
    middle, spread = rng.uniform(-1, 1.5, k), rng.uniform(0.3, 2.0, k)
    weights = rng.uniform(0.1, 0.6, k).round(2)
    development = rng.normal(middle, spread, (30, k))
    development[rng.random((30, k)) < 0.2] = np.nan
    scores = rng.normal(middle + 0.6, 1.4 * spread, (8, k))
    yield Case((scores, development, weights), "locked patients with every block")
    holes = scores.copy()
    holes[0, 3] = holes[1, 2] = holes[2, 2:] = holes[3, 1] = np.nan
    yield Case((holes, development, weights), "some without a block")
    holes = scores[:3].copy()
    holes[:, 2] = np.nan
    yield Case((holes, development, weights), "a hospital that never measured one of them")
    yield Case((scores[:1], development, weights), "a single patient")


late_fusion.variants(
    _fused,
    unmended=(
        {"centre": "locked", "scale": "locked", "missing": "zero score"},
        "That is the colleague's function as it was. Hand it a single patient. And who has a score "
        "of exactly 0?",
    ),
    locked_means=(
        {"centre": "locked", "scale": "locked"},
        "Means and deviations come from the patients who are to be judged. They belong to the "
        "model, and so to the development set: one patient's risk must not depend on who else is "
        "in the table.",
    ),
    locked_means_alone=(
        {"centre": "locked"},
        "The means come from the patients who are to be judged. They belong to the model, as the "
        "deviations do.",
    ),
    locked_deviations=(
        {"scale": "locked"},
        "The deviations come from the patients who are to be judged. They belong to the model, "
        "as the means do.",
    ),
    missing_is_zero=(
        {"missing": "zero score"},
        "You fill a missing score with 0 *before* it is standardised. 0 is no average score: "
        "fill the z-score.",
    ),
    weights_spread=(
        {"rescaled": True},
        "You give the weight of a missing block to the others. Their weights were found beside "
        "that block; without it they know no more than before.",
    ),
    unweighted=(
        {"plain": True},
        "The blocks are added without their weights.",
    ),
)


@late_fusion.mistake
def nan_spreads(scores, development, weights):
    """Whoever lacks a block gets NaN. What is missing adds 0 to the sum of z-scores."""
    z = (scores - np.nanmean(development, axis=0)) / np.nanstd(development, axis=0)
    return z @ weights


@late_fusion.mistake
def mean_of_blocks(scores, development, weights):
    """You take the mean over the blocks. The weights are meant for a sum."""
    return late_fusion.right(scores, development, weights) / scores.shape[1]
