"""Contrast and entropy of one merged matrix, at a distance, in nats."""

import numpy as np

from mlmi_course.checks import Case, asks
from mlmi_course.questions.u07_radiomics._pairs import contrast_and_entropy, counts, directions


def _merged(levels, distance, *, how="merge", log=np.log, outside=False, only=None, reach="far"):
    levels = np.asarray(levels)
    size = int(levels.max(initial=1))
    steps = directions(levels.ndim)
    if only == "axes":
        steps = [step for step in steps if sum(map(abs, step)) == 1]
    if only == "last":
        steps = [(0,) * (levels.ndim - 1) + (1,)]
    factor = distance if reach == "far" else 1
    steps = [tuple(factor * s for s in step) for step in steps]
    steps = [
        step for step in steps if all(abs(s) < n for s, n in zip(step, levels.shape, strict=True))
    ]
    tables = [counts(levels, step, size, outside=outside) for step in steps]
    if how == "average":
        found = [contrast_and_entropy(t, log=log) for t in tables if t.sum()]
        numbers = np.mean(found, axis=0) if found else np.array([np.nan, np.nan])
    else:
        numbers = contrast_and_entropy(sum(tables, np.zeros((size + 1, size + 1))), log=log)
    return {"contrast": float(numbers[0]), "entropy": float(numbers[1])}


@asks(
    points=4,
    see="Same name, another number",
    hints=(
        "Add up the counts of all directions first, and divide by their sum only once.",
        "A step at distance 2 along (1, -1) is (2, -2). If a step is as long as the array, there "
        "is "
        "no pair.",
        "`np.log` gives nats, `np.log2` bits. Leave out shares of 0: 0 · log 0 counts as 0.",
    ),
)
def merged(levels, distance):
    """One matrix for all directions"""
    return _merged(levels, distance)


@merged.inputs
def cases(rng):
    def image(*shape, hole=0.0):
        made = rng.integers(1, 6, shape)
        return np.where(rng.random(shape) < hole, 0, made)

    yield Case((image(5, 6, hole=0.15), 1), "an image with a few pixels outside the region")
    yield Case((image(7, 6), 2), "distance 2")
    yield Case((image(4, 5, 4, hole=0.2), 2), "a volume, distance 2")
    yield Case((image(3, 5), 3), "a distance that only fits in one direction")
    lonely = np.zeros((3, 3), int)
    lonely[1, 1] = 3
    yield Case((lonely, 1), "one pixel alone: there is no pair")


merged.variants(
    _merged,
    averaged=(
        {"how": "average"},
        "You took the features of each direction and averaged them. Here the *counts* are added up "
        "first, and there is one matrix: directions with more pairs weigh more.",
    ),
    bits=(
        {"log": np.log2},
        "The contrast is right, but the entropy is in bits. It is asked for in nats: use `np.log`.",
    ),
    averaged_bits=(
        {"how": "average", "log": np.log2},
        "That is the lecture's way: features averaged over directions, and bits. Here the counts "
        "are "
        "merged before anything is computed, and the entropy is in nats.",
    ),
    outside_counts=(
        {"outside": True},
        "Voxels outside the region (level 0) take part as if 0 were a grey level. A pair counts "
        "only "
        "if both of its voxels lie inside.",
    ),
    axes_only=(
        {"only": "axes"},
        "The diagonals are missing: an image has four directions, a volume thirteen.",
    ),
    one_direction=(
        {"only": "last"},
        "That is one direction only. Add up the counts of all of them: four in an image, thirteen "
        "in a volume.",
    ),
    near=(
        {"reach": "near"},
        "You took direct neighbours, whatever `distance` says. At distance 2 the step (1, -1) "
        "becomes (2, -2).",
    ),
)
