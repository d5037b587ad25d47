"""Questions of unit 11, transfer learning, and what its notebooks and its table share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from functools import lru_cache, partial
from hashlib import blake2b
from typing import Any

import numpy as np

from mlmi_course.checks import (
    Case,
    FunctionQuestion,
    Misconception,
    ModelQuestion,
    ThoughtQuestion,
    Unit,
    ValueQuestion,
    Verdict,
)
from mlmi_course.checks.comparing import difference
from mlmi_course.checks.messages import number

__all__ = [
    "advice",
    "base_learns",
    "best_sigma",
    "few_patches",
    "first_patients",
    "gain",
    "luck",
    "moved",
    "normalise",
    "progress",
    "saved",
    "six_numbers",
    "small_set",
    "transferred",
    "what_changes",
]


# ---- what the notebooks and the script of the table share ------------------------------------


def small_set(labels: np.ndarray, groups: np.ndarray, size: int, repeat: int) -> np.ndarray:
    """Draw a small training set: patient after patient, of both classes about as many images.

    The next patient comes from the class that has fewer images so far.  Nobody gives more than an
    eighth of the images, or four: else a single patient could be a small set.

    Parameters
    ----------
    labels : ndarray of 0 and 1, shape (n,)
    groups : ndarray of int, shape (n,)
        The patient of each image.
    size : int
        Images wanted; exactly so many are drawn.
    repeat : int
        Another number, other patients.

    Returns
    -------
    ndarray of int, shape (size,)
        Row numbers.

    Examples
    --------
    >>> groups = np.arange(60) // 3
    >>> rows = small_set(groups % 2, groups, 12, repeat=1)
    >>> len(rows), len(np.unique(groups[rows])), int((groups[rows] % 2).sum())
    (12, 4, 6)
    """
    rng = np.random.default_rng([repeat, size])
    most = max(4, size // 8)
    patients = rng.permutation(np.unique(groups))
    sick = {g: bool(labels[groups == g].max()) for g in patients}
    queues = [[g for g in patients if sick[g] == one] for one in (False, True)]
    rows: list[int] = []
    while len(rows) < size:
        if not any(queues):
            raise ValueError(f"there are only {len(rows)} images to draw, and {size} are wanted")
        ones = int(labels[rows].sum()) if rows else 0
        fewer = int(ones < len(rows) - ones)
        group = (queues[fewer] or queues[1 - fewer]).pop()
        own = rng.permutation(np.flatnonzero(groups == group))
        rows += own[: min(most, size - len(rows))].tolist()
    return np.array(rows)


def six_numbers(images: np.ndarray) -> np.ndarray:
    """Measure a patch without learning: mean, spread, maximum, strongest blob at three sizes.

    Parameters
    ----------
    images : ndarray of uint8, shape (n, rows, columns)

    Returns
    -------
    ndarray, shape (n, 6)
        Logarithms of the mean, the standard deviation, the maximum, and the strongest response of a
        Laplacian of Gaussian (LoG) at σ = 1, 2 and 3 pixels.

    Examples
    --------
    >>> six_numbers(np.eye(9, dtype=np.uint8)[None] * 200).shape
    (1, 6)
    """
    from scipy import ndimage

    grey = images.astype(np.float32) / 255
    columns = [grey.mean((1, 2)), grey.std((1, 2)), grey.max((1, 2))]
    for sigma in (1, 2, 3):
        curvature = sum(
            ndimage.gaussian_filter(grey, (0, sigma, sigma), order=order)
            for order in ((0, 2, 0), (0, 0, 2))
        )
        columns.append(-curvature.min((1, 2)))
    return np.log(np.stack(columns, axis=1) + 1e-6)


def few_patches() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draw the 120 hard patches of the lab: images, labels, patients.

    Returns
    -------
    images : ndarray of uint8, shape (120, 60, 60)
    labels : ndarray of 0 and 1, shape (120,)
        1 with a cluster of microcalcifications.
    groups : ndarray of int, shape (120,)
        The patient.

    Examples
    --------
    >>> images, labels, groups = few_patches()
    >>> images.shape, len(np.unique(groups)) > 10
    ((120, 60, 60), True)
    """
    images, labels, groups = _few_patches()
    return images.copy(), labels.copy(), groups.copy()


@lru_cache(maxsize=1)  # only 120 of 1,500 are kept: drawing them takes longer than all else
def _few_patches() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    from mlmi_course.phantoms.mammography import patches

    pool = patches(1500, seed=21, difficulty=1.0)
    rows = small_set(pool["labels"], pool["groups"], 120, repeat=1)
    return pool["images"][rows], pool["labels"][rows].astype(int), pool["groups"][rows]


# ---- patients, not images --------------------------------------------------------------------


def _first_patients(
    groups: np.ndarray, order: np.ndarray, held: np.ndarray, count: int
) -> np.ndarray:
    chosen = [patient for patient in order if patient not in held][:count]
    return np.flatnonzero(np.isin(groups, chosen))


def _first_images(groups: Any, order: Any, held: Any, count: int) -> np.ndarray:
    free = [patient for patient in order if patient not in held]
    rows = np.concatenate([np.flatnonzero(groups == patient) for patient in free])
    return np.sort(rows[:count])


def _test_patients_in(groups: Any, order: Any, held: Any, count: int) -> np.ndarray:
    return np.flatnonzero(np.isin(groups, order[:count]))


def _held_use_up_places(groups: Any, order: Any, held: Any, count: int) -> np.ndarray:
    return np.flatnonzero(np.isin(groups, order[:count]) & ~np.isin(groups, held))


def _one_image_each(groups: Any, order: Any, held: Any, count: int) -> np.ndarray:
    free = [patient for patient in order if patient not in held][:count]
    return np.sort([np.flatnonzero(groups == patient)[0] for patient in free])


def _patient_numbers(groups: Any, order: Any, held: Any, count: int) -> np.ndarray:
    return np.array([patient for patient in order if patient not in held][:count])


def _sorted_patients(groups: Any, order: Any, held: Any, count: int) -> np.ndarray:
    return _first_patients(groups, np.sort(order), held, count)


def _as_mask(groups: Any, order: Any, held: Any, count: int) -> np.ndarray:
    return np.isin(groups, _patient_numbers(groups, order, held, count))


def _in_patient_order(groups: Any, order: Any, held: Any, count: int) -> np.ndarray:
    free = _patient_numbers(groups, order, held, count)
    return np.concatenate([np.flatnonzero(groups == patient) for patient in free])


def _first_patients_inputs(rng: np.random.Generator) -> Iterator[Case]:
    for patients, count in ((8, 3), (12, 5)):
        images = np.concatenate([[p] * int(rng.integers(2, 5)) for p in range(patients)])
        names = rng.permutation(np.arange(10, 10 + 7 * patients, 7))
        groups = names[rng.permutation(images)]
        order = rng.permutation(names)
        held = np.sort(order[[0, 2]])  # both among the first, so that they must be passed over
        yield Case((groups, order, held, count), f"{count} of {patients} patients")
    yield Case(
        (np.array([4, 4, 9, 2, 9]), np.array([9, 2, 4]), np.array([], int), 2),
        "no patient held out",
    )
    yield Case(
        (np.array([4, 4, 9, 2, 9]), np.array([9, 2, 4]), np.array([9]), 5),
        "more patients wanted than there are",
    )


first_patients = FunctionQuestion(
    title="Small sets are drawn by patient",
    points=2,
    inputs=_first_patients_inputs,
    reference=_first_patients,
    see="Forty images",
    hints=(
        "First decide which patients, then find their images.",
        "Walk through `order`, pass over whoever is in `held`, and stop at `count` patients. A "
        "list comprehension with an `if` keeps the order; a slice stops.",
        "`np.isin(groups, chosen)` marks the images of the chosen patients, and "
        "`np.flatnonzero` turns marks into row numbers.",
    ),
    misconceptions={
        "images_for_patients": Misconception(
            _first_images,
            "These are the first `count` *images*. `count` is a number of patients, each with all "
            "of her images: ten images of one woman are one case, not ten.",
        ),
        "test_patients_in": Misconception(
            _test_patients_in,
            "Test patients are in this set. Whoever is in `held` must not be learnt from, or the "
            "test asks what was in the lesson.",
        ),
        "held_use_up_places": Misconception(
            _held_use_up_places,
            "Test patients are left out, but they used up places: the set has too few patients. "
            "Pass over them first, then count.",
        ),
        "one_image_each": Misconception(
            _one_image_each,
            "That is one image of each patient. All images of the chosen patients are asked for.",
        ),
        "patient_numbers": Misconception(
            _patient_numbers,
            "Those are the numbers of the patients. The rows of their images are asked for.",
        ),
        "a_mask": Misconception(
            _as_mask,
            "That is one True or False for each image. Row numbers are asked for: "
            "`np.flatnonzero` makes them.",
        ),
        "patients_sorted": Misconception(
            _sorted_patients,
            "You took the patients by their numbers, not in `order`. Then the numbers choose, "
            "and not chance. `np.setdiff1d` and `np.unique` sort: do without.",
        ),
        "in_patient_order": Misconception(
            _in_patient_order,
            "The right rows, patient after patient. They are asked for in ascending order.",
        ),
    },
)


# ---- what a frozen network still changes -----------------------------------------------------


def _what_changes(
    layers: list[dict[str, str]], learning: list[str], training: bool
) -> dict[str, list[str]]:
    free = [layer for layer in layers if layer["block"] in learning]
    return {
        "weights": [layer["name"] for layer in free if layer["kind"] != "pooling"],
        "averages": [
            layer["name"] for layer in free if layer["kind"] == "normalisation" and training
        ],
    }


def _changes(
    layers: Any, learning: Any, training: bool, *,
    weights: Any = lambda layer, learning, training: layer["block"] in learning,
    averages: Any = lambda layer, learning, training: layer["block"] in learning and training,
    kinds: Sequence[str] = ("convolution", "normalisation", "dense"),
) -> dict[str, list[str]]:  # fmt: skip
    return {
        "weights": [
            one["name"]
            for one in layers
            if one["kind"] in kinds and weights(one, learning, training)
        ],
        "averages": [
            one["name"]
            for one in layers
            if one["kind"] == "normalisation" and averages(one, learning, training)
        ],
    }


def _in_order_of_learning(
    layers: Any, learning: list[str], training: bool
) -> dict[str, list[str]]:  # fmt: skip
    parts = [_changes(layers, [block], training) for block in learning]
    return {key: [name for part in parts for name in part[key]] for key in ("weights", "averages")}


def _same_in_another_order(expected: dict[str, list[str]], got: Any) -> bool:
    if not isinstance(got, dict) or got.keys() != expected.keys():
        return False
    pairs = [(expected[key], got[key]) for key in expected]
    return all(isinstance(b, list) and sorted(a) == sorted(b) for a, b in pairs)


def _small_network(blocks: int) -> list[dict[str, str]]:
    layers = []
    for block in map(str, range(1, blocks + 1)):
        for kind, name in (
            ("convolution", "conv"), ("pooling", "pool"), ("normalisation", "norm"),
        ):  # fmt: skip
            layers.append({"name": name + block, "kind": kind, "block": block})
    return [*layers, {"name": "logit", "kind": "dense", "block": "head"}]


def _what_changes_inputs(rng: np.random.Generator) -> Iterator[Case]:
    two, three = _small_network(2), _small_network(3)
    yield Case((three, ["head"], True), "a frozen base that runs in training mode")
    yield Case((three, ["3", "head"], True), "the last block unfrozen, in training mode")
    yield Case((three, ["3", "head"], False), "the last block unfrozen, in inference mode")
    some = sorted(rng.choice(["1", "2", "3"], size=2, replace=False).tolist())
    yield Case((three, [*some, "head"], bool(rng.integers(2))), "two blocks unfrozen")
    yield Case((two, ["1", "2", "head"], True), "everything, in training mode")
    yield Case((two, [], True), "nothing learns, in training mode")
    yield Case((three, ["head", "3", "2"], True), "blocks named from the head down")


what_changes = FunctionQuestion(
    title="What a frozen network still changes",
    points=2,
    inputs=_what_changes_inputs,
    reference=_what_changes,
    see="Frozen, or only called so",
    hints=(
        "A layer of normalisation holds two kinds of numbers: weights, which gradients change, and "
        "averages, which every batch changes that passes in training mode.",
        "Weights change where the block learns, whatever the mode. Pooling has none.",
        "Averages change where two things are true: the block learns, *and* `training`.",
    ),
    misconceptions={
        "averages_of_frozen_blocks": Misconception(
            partial(_changes, averages=lambda layer, learning, training: training),
            "The averages of a frozen block move in your answer. In Keras a layer of normalisation "
            "that must not learn runs in inference mode, whatever it is told: its averages stay.",
        ),
        "mode_ignored": Misconception(
            partial(
                _changes, averages=lambda layer, learning, training: layer["block"] in learning
            ),
            "In inference mode no average moves, also where the block learns. Its averages are "
            "then read, not written: look at `training` too.",
        ),
        "head_frozen_too": Misconception(
            partial(
                _changes,
                weights=lambda layer, learning, training: (
                    layer["block"] in learning and layer["block"] != "head"
                ),
            ),
            "The head is frozen in your answer. It was drawn at random: if it learns nothing, the "
            "network answers at random for ever.",
        ),
        "no_weights_in_inference_mode": Misconception(
            partial(
                _changes,
                weights=lambda layer, learning, training: layer["block"] in learning and training,
            ),
            "You tied the weights to the mode. `training` is the mode in which the layers *run*; "
            "gradients reach the weights in both.",
        ),
        "pooling_has_weights": Misconception(
            partial(_changes, kinds=("convolution", "pooling", "normalisation", "dense")),
            "Pooling is in your list of weights. It takes a maximum, and has nothing to learn.",
        ),
        "normalisation_has_no_weights": Misconception(
            partial(_changes, kinds=("convolution", "dense")),
            "Normalisation is missing among the weights. Besides its averages it has a scale and a "
            "shift for each channel, and these are learnt.",
        ),
        "in_order_of_learning": Misconception(
            _in_order_of_learning,
            "The right layers, in the order of `learning`. They are asked for in the order of "
            "`layers`.",
            matches=_same_in_another_order,
        ),
    },
)


# ---- compile again ---------------------------------------------------------------------------


def _base_learns(actions: list[str]) -> list[bool]:
    free, compiled, learns = True, True, []
    for action in actions:
        if action in ("freeze", "unfreeze"):
            free = action == "unfreeze"
        elif action == "compile":
            compiled = free
        else:
            learns.append(compiled)
    return learns


def _no_recompile_needed(actions: list[str]) -> list[bool]:
    free, learns = True, []
    for action in actions:
        if action in ("freeze", "unfreeze"):
            free = action == "unfreeze"
        elif action == "fit":
            learns.append(free)
    return learns


def _first_compile_counts(actions: list[str]) -> list[bool]:
    start = actions.index("compile")
    first = _no_recompile_needed([*actions[:start], "fit"])[0]
    return [first] * actions.count("fit")


def _compile_unfreezes(actions: list[str]) -> list[bool]:
    free, learns = True, []
    for action in actions:
        if action in ("freeze", "compile", "unfreeze"):
            free = action != "freeze"
        else:
            learns.append(free)
    return learns


def _freezing_at_once(actions: list[str]) -> list[bool]:
    pairs = zip(_base_learns(actions), _no_recompile_needed(actions), strict=True)
    return [compiled and free for compiled, free in pairs]


def _weights_frozen(actions: list[str]) -> list[bool]:
    return [not one for one in _base_learns(actions)]


def _base_learns_inputs(rng: np.random.Generator) -> Iterator[Case]:
    yield Case((["freeze", "compile", "fit", "unfreeze", "fit"],), "an unfreezing between two fits")
    yield Case((["freeze", "compile", "fit", "unfreeze", "compile", "fit"],), "a second compile")
    yield Case((["compile", "fit", "freeze", "fit", "compile", "fit"],), "freezing after a fit")
    # Nothing is changed between compile and the first fit: what Keras does there is its own affair.
    actions = ["freeze", "compile", "fit"]
    for _ in range(int(rng.integers(2, 4))):
        actions += [["unfreeze", "freeze"][int(rng.integers(2))]]
        actions += ["compile"] * int(rng.integers(2)) + ["fit"]
    yield Case((actions,), "a longer history")


base_learns = FunctionQuestion(
    title="Does the base learn?",
    points=1,
    inputs=_base_learns_inputs,
    reference=_base_learns,
    see="Unfreeze, and compile again",
    hints=(
        "Keras decides once what learns. When?",
        "Keep two values: what the base is set to now, and what it was set to at the last "
        "`compile`. Each `fit` uses the second.",
    ),
    misconceptions={
        "no_recompile": Misconception(
            _no_recompile_needed,
            "Your base learns as soon as it is unfrozen. Keras goes on with the training step that "
            "it built before: only `compile` makes a new one.",
        ),
        "first_compile_counts": Misconception(
            _first_compile_counts,
            "For you the first `compile` decides for ever. After each `compile` Keras looks anew "
            "at what is frozen.",
        ),
        "freezing_at_once": Misconception(
            _freezing_at_once,
            "For you unfreezing waits for `compile`, but freezing does not. Both do: the training "
            "step that was built before goes on as it was.",
        ),
        "compile_unfreezes": Misconception(
            _compile_unfreezes,
            "For you `compile` unfreezes. It changes no setting: it only makes Keras take note "
            "anew of what is frozen.",
        ),
        "upside_down": Misconception(
            _weights_frozen,
            "Upside down: True is asked for where the base *learns*.",
        ),
    },
)


# ---- batch normalisation by hand -------------------------------------------------------------


def _normalise(
    x: np.ndarray, mean: np.ndarray, variance: np.ndarray, training: bool
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return _normalised(x, mean, variance, training)


def _normalised(
    x: Any, mean: Any, variance: Any, training: bool, *, momentum: float = 0.9, ddof: int = 0,
    batch_always: bool = False, moves_always: bool = False, moved_first: bool = False,
    root: bool = True, outside: bool = False,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:  # fmt: skip
    own_mean, own_variance = x.mean(axis=0), x.var(axis=0, ddof=ddof if len(x) > 1 else 0)
    new_mean, new_variance = mean, variance
    if training or moves_always:
        new_mean = momentum * mean + (1 - momentum) * own_mean
        new_variance = momentum * variance + (1 - momentum) * own_variance
    used = (own_mean, own_variance) if training or batch_always else (mean, variance)
    if moved_first and training:
        used = new_mean, new_variance
    spread = used[1] + 1e-3
    if root:
        spread = np.sqrt(used[1]) + 1e-3 if outside else np.sqrt(spread)
    return (x - used[0]) / spread, new_mean, new_variance


def _normalise_inputs(rng: np.random.Generator) -> Iterator[Case]:
    for n, p, training in ((6, 3, True), (5, 2, False), (8, 2, True)):
        x = rng.normal(rng.normal(0, 2, p), rng.uniform(0.5, 2, p), (n, p)).round(2)
        mean, variance = rng.normal(0, 2, p).round(2), rng.uniform(0.5, 4, p).round(2)
        mode = "training" if training else "inference"
        yield Case((x, mean, variance, training), f"{mode} mode, {n} rows")
    yield Case(
        (np.array([[3.0, -1.0]]), np.array([1.0, 0.0]), np.array([4.0, 1.0]), False),
        "a single row in inference mode",
    )


normalise = FunctionQuestion(
    title="Batch normalisation by hand",
    points=2,
    inputs=_normalise_inputs,
    reference=_normalise,
    see="Frozen, or only called so",
    hints=(
        "Two questions, each with two answers: which mean and variance are *used*, and do the "
        "averages *move*?",
        "Training: the batch's own are used, and the averages move a tenth of the way to them. "
        "Inference: the averages are used, and stay.",
        "`0.9 * mean + 0.1 * x.mean(axis=0)` is the new average; the variance is `x.var(axis=0)`.",
    ),
    misconceptions={
        "averages_always_move": Misconception(
            partial(_normalised, moves_always=True),
            "The averages moved in inference mode. There they must stay, or every patient who is "
            "looked at changes the answer for the next.",
        ),
        "batch_in_inference": Misconception(
            partial(_normalised, batch_always=True),
            "In inference mode you normalised by the batch itself. Then a patient's answer depends "
            "on who else is in the batch: use the averages.",
        ),
        "momentum_swapped": Misconception(
            partial(_normalised, momentum=0.1),
            "The averages move nine tenths of the way. The momentum of 0.9 is what they *keep*.",
        ),
        "moved_averages_used": Misconception(
            partial(_normalised, moved_first=True),
            "In training mode you normalised by the moved averages. The batch is normalised by its "
            "own mean and variance; the averages are only kept for later.",
        ),
        "divided_by_n_minus_1": Misconception(
            partial(_normalised, ddof=1),
            "The variance was divided by n − 1. Batch normalisation divides by n, as `x.var` does.",
        ),
        "no_root": Misconception(
            partial(_normalised, root=False),
            "You divided by the variance. Divide by its square root.",
        ),
        "epsilon_outside_the_root": Misconception(
            partial(_normalised, outside=True),
            "The 0.001 stands outside the root. Add it to the variance, then take the root.",
        ),
    },
)


# ---- a step size for each block --------------------------------------------------------------


def _moved(gradients: dict[str, np.ndarray], rates: dict[str, float]) -> dict[str, np.ndarray]:
    return _moved_with(gradients, rates)


def _moved_with(
    gradients: Mapping[str, np.ndarray], rates: Mapping[str, float], *,
    scale_gradients: bool = False, one_rate: bool = False, corrected: bool = True,
    sign: float = -1.0, inside: bool = False, last_only: bool = False,
) -> dict[str, np.ndarray]:  # fmt: skip
    most = max(rates.values())
    result = {}
    for block, steps in gradients.items():
        rate = rates.get(block, 0.0)
        m = v = total = np.zeros(steps.shape[1])
        for t, g in enumerate(steps, start=1):
            if scale_gradients:
                g = g * rate / most
            m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
            mean, square = (m / (1 - 0.9**t), v / (1 - 0.999**t)) if corrected else (m, v)
            root = np.sqrt(square + 1e-7) if inside else np.sqrt(square) + 1e-7
            step = (most if scale_gradients or (one_rate and rate) else rate) * mean / root
            total = sign * step if last_only else total + sign * step
        result[block] = total
    return result


def _rates_on_gradients(gradients: Any, rates: Any) -> dict[str, np.ndarray]:
    scaled = {block: rates.get(block, 0.0) * g for block, g in gradients.items()}
    return _moved_with(scaled, dict.fromkeys(gradients, 1.0))


def _plain_descent(gradients: Any, rates: Any) -> dict[str, np.ndarray]:
    return {block: -rates.get(block, 0.0) * g.sum(axis=0) for block, g in gradients.items()}


def _moved_inputs(rng: np.random.Generator) -> Iterator[Case]:
    for steps, p in ((3, 2), (6, 3)):
        gradients = {
            "1": (0.01 * rng.normal(1, 1, (steps, p))).round(4),
            "2": rng.normal(0.5, 1, (steps, p)).round(3),
            "head": rng.normal(-1, 2, (steps, p)).round(3),
        }
        rates = {"1": 1e-3, "2": 1e-2, "head": float(rng.choice([0.05, 0.1]))}
        yield Case((gradients, rates), f"{steps} steps of three blocks")
    frozen = {"1": np.array([[1.0], [2.0]]), "head": np.array([[3.0], [-1.0]])}
    yield Case((frozen, {"head": 0.1}), "a block without a step size")


moved = FunctionQuestion(
    title="A step size for each block, under Adam",
    points=3,
    inputs=_moved_inputs,
    reference=_moved,
    see="A step size for each block",
    hints=(
        "Treat each block by itself, with an `m` and a `v` of its own that start at 0.",
        "Inside: `m = 0.9 * m + 0.1 * g`, `v = 0.999 * v + 0.001 * g**2`, then the correction with "
        "`t` counted from 1, then the step. Add up the steps, with a minus.",
        "The step size multiplies the finished step, never the gradient. "
        "`rates.get(block, 0.0)` gives 0 for a frozen block.",
    ),
    misconceptions={
        "gradients_scaled": Misconception(
            partial(_moved_with, scale_gradients=True),
            "You scaled the gradients and gave all blocks one step size. Adam divides each "
            "gradient by its own usual size, so the scale cancels: scale the updates.",
        ),
        "rates_on_gradients": Misconception(
            _rates_on_gradients,
            "You multiplied the gradients by the step sizes. Adam divides each gradient by its own "
            "usual size, so they cancel, and each step is about 1: multiply the finished step.",
        ),
        "one_rate_for_all": Misconception(
            partial(_moved_with, one_rate=True),
            "All blocks took the largest of the step sizes. Each has its own.",
        ),
        "plain_descent": Misconception(
            _plain_descent,
            "That is plain gradient descent: step size times gradient. Adam divides by the root of "
            "the averaged squares.",
        ),
        "not_corrected": Misconception(
            partial(_moved_with, corrected=False),
            "The correction is missing: `m` and `v` start at 0 and are too small at first. Divide "
            "them by 1 − 0.9ᵗ and 1 − 0.999ᵗ.",
        ),
        "uphill": Misconception(
            partial(_moved_with, sign=1.0),
            "You went uphill: the sign is turned. A step goes against the gradient.",
        ),
        "epsilon_under_the_root": Misconception(
            partial(_moved_with, inside=True),
            "The 10⁻⁷ stands under the root in your formula. It belongs outside, or small "
            "gradients are slowed down.",
        ),
        "last_step_only": Misconception(
            partial(_moved_with, last_only=True),
            "That is the last step alone. The way of all steps together is asked for.",
        ),
    },
)


# ---- choose on the patients that you learn from ----------------------------------------------


def _auc(labels: np.ndarray, scores: np.ndarray) -> float:
    from scipy.stats import rankdata

    ones = labels == 1
    n, m = int(ones.sum()), int((~ones).sum())
    return float((rankdata(scores)[ones].sum() - n * (n + 1) / 2) / (n * m))


def _best_sigma(scores: np.ndarray, labels: np.ndarray, learning: np.ndarray) -> tuple[int, float]:
    return _chosen(scores, labels, learning, ~learning)


def _chosen(scores: Any, labels: Any, choose_on: Any, test_on: Any) -> tuple[int, float]:
    areas = [_auc(labels[choose_on], column[choose_on]) for column in scores.T]
    best = int(np.argmax(areas))
    return best, _auc(labels[test_on], scores[test_on, best])


def _selected_on_all(scores: Any, labels: Any, learning: Any) -> tuple[int, float]:
    return _chosen(scores, labels, np.ones_like(learning), ~learning)


def _selected_on_test(scores: Any, labels: Any, learning: Any) -> tuple[int, float]:
    return _chosen(scores, labels, ~learning, ~learning)


def _tested_on_learning(scores: Any, labels: Any, learning: Any) -> tuple[int, float]:
    return _chosen(scores, labels, learning, learning)


def _tested_on_all(scores: Any, labels: Any, learning: Any) -> tuple[int, float]:
    return _chosen(scores, labels, learning, np.ones_like(learning))


def _sides_swapped(scores: Any, labels: Any, learning: Any) -> tuple[int, float]:
    return _chosen(scores, labels, ~learning, learning)


def _last_of_equals(scores: Any, labels: Any, learning: Any) -> tuple[int, float]:
    best, area = _best_sigma(scores[:, ::-1], labels, learning)
    return scores.shape[1] - 1 - best, area


def _turned_over(scores: Any, labels: Any, learning: Any) -> tuple[int, float]:
    areas = [_auc(labels[learning], column[learning]) for column in scores.T]
    best = int(np.argmax([max(area, 1 - area) for area in areas]))
    return best, _auc(labels[~learning], scores[~learning, best])


def _best_sigma_inputs(rng: np.random.Generator) -> Iterator[Case]:
    made = 0
    while made < 2:
        n, k = 24 + 16 * made, 4 + made
        labels = rng.permutation(np.arange(n) % 2)
        learning = rng.permutation(np.arange(n) % 4 < 2)
        scores = (rng.normal(size=(n, k)) + 0.8 * labels[:, None]).round(2)
        picks = [
            one(scores, labels, learning)[0]
            for one in (_best_sigma, _selected_on_all, _selected_on_test)
        ]
        # The three ways to choose must disagree, or the case could not tell them apart.
        areas = np.sort([_auc(labels[learning], c[learning]) for c in scores.T])
        if len(set(picks)) == 3 and areas[-1] - areas[-2] > 1e-6:
            made += 1
            yield Case((scores, labels, learning), f"{n} images, {k} sizes of blob")
    yield Case(
        (
            np.array([
                [0.1, 0.9], [0.8, 0.7], [0.3, 0.2], [0.9, 0.4],
                [0.3, 0.8], [0.2, 0.9], [0.6, 0.1], [0.7, 0.5],
            ]),
            np.array([0, 1, 0, 1, 0, 1, 0, 1]),
            np.arange(8) < 4,
        ),
        "four images on each side",
    )  # fmt: skip
    yield Case(  # on the learning images: AUCs of 0, 0.75 and 0.75
        (
            np.array([
                [0.9, 0.1, 0.1], [0.1, 0.4, 0.4], [0.8, 0.6, 0.6], [0.2, 0.8, 0.8],
                [0.1, 0.4, 0.7], [0.2, 0.3, 0.2], [0.3, 0.2, 0.5], [0.4, 0.6, 0.6],
            ]),
            np.array([0, 1, 0, 1, 0, 1, 0, 1]),
            np.arange(8) < 4,
        ),
        "two columns that are equally good on the learning images, and one that is upside down",
    )  # fmt: skip


best_sigma = FunctionQuestion(
    title="Choose on the patients that you learn from",
    points=2,
    inputs=_best_sigma_inputs,
    reference=_best_sigma,
    see="Forty images",
    hints=(
        "Two groups, two tasks: one chooses, the other judges.",
        "Compute an AUC for each column with `labels[learning]` and `scores[learning, column]`; "
        "`np.argmax` gives the best.",
        "Then one more AUC, of that column, with `labels[~learning]`. "
        "`roc_auc_score(labels, scores)` from scikit-learn computes it.",
    ),
    misconceptions={
        "selected_on_all": Misconception(
            _selected_on_all,
            "You chose on all images, the test patients among them. Then the test has helped to "
            "choose, and flatters: choose on `learning` alone.",
        ),
        "selected_on_test": Misconception(
            _selected_on_test,
            "You chose the column that is best on the very patients it is judged on. Choose on "
            "`learning`, judge on the others.",
        ),
        "tested_on_learning": Misconception(
            _tested_on_learning,
            "The AUC is that of the patients you chose on. It is too good: judge on the others.",
        ),
        "tested_on_all": Misconception(
            _tested_on_all,
            "The AUC is that of all images. Half of them helped to choose: judge on the others.",
        ),
        "last_of_equals": Misconception(
            _last_of_equals,
            "Several columns are equally good, and you took the last. The first is asked for, as "
            "`np.argmax` gives it.",
        ),
        "turned_over": Misconception(
            _turned_over,
            "You count an AUC below 0.5 as if the scores were turned over. Higher means more like "
            "a cluster: a column that says the opposite is the worst, not the best.",
        ),
        "sides_swapped": Misconception(
            _sides_swapped,
            "You chose on the test patients and judged on the others. `learning` is True for those "
            "to choose on.",
        ),
    },
)


# ---- five repeats are not certainty ----------------------------------------------------------


def _gain(transferred: np.ndarray, scratch: np.ndarray) -> tuple[float, float, float]:
    return _gained(transferred, scratch)


def _t(repeats: int, *, quantile: float = 0.975, lost: int = 1, arms: int = 1) -> float:
    from scipy import stats

    return float(stats.t.ppf(quantile, arms * (repeats - lost)))


def _gained(
    transferred: Any, scratch: Any, *, factor: Any = _t, ddof: int = 1, root: bool = True,
    paired: bool = True, single: float = np.nan,
) -> tuple[float, float, float]:  # fmt: skip
    differences = transferred - scratch
    n, mean = len(differences), float(differences.mean())
    if n == 1:
        return mean, mean + single, mean + single
    variance = differences.var(ddof=ddof)
    if not paired:
        variance = transferred.var(ddof=1) + scratch.var(ddof=1)
    half = factor(n) * np.sqrt(variance / n if root else variance)
    return mean, float(mean - half), float(mean + half)


def _scratch_minus_transferred(transferred: Any, scratch: Any) -> tuple[float, float, float]:
    return _gained(scratch, transferred)


def _one_seed(transferred: Any, scratch: Any) -> tuple[float, float, float]:
    first = float(transferred[0] - scratch[0])
    return first, *_gained(transferred, scratch)[1:]


def _gain_inputs(rng: np.random.Generator) -> Iterator[Case]:
    for n in (5, 8, 3):
        luck = rng.normal(0, 0.04, n)  # of the patients drawn: shared by both
        scratch = (0.65 + luck + rng.normal(0, 0.01, n)).round(3)
        transferred = (0.70 + luck + rng.normal(0, 0.01, n)).round(3)
        yield Case((transferred, scratch), f"{n} repeats")
    yield Case((np.array([0.8]), np.array([0.7])), "a single repeat, which has no interval")


gain = FunctionQuestion(
    title="What five repeats allow to say",
    points=2,
    inputs=_gain_inputs,
    reference=_gain,
    see="One run is one ticket",
    hints=(
        "Both arms saw the same patients in the same repeat: look at the differences, one for each "
        "repeat.",
        "The standard error of their mean is `np.std(d, ddof=1) / np.sqrt(n)`.",
        "Multiply it by `scipy.stats.t.ppf(0.975, n - 1)`, which is 2.78 for five repeats. With "
        "one repeat return `np.nan` for both ends.",
    ),
    misconceptions={
        "one_standard_error": Misconception(
            partial(_gained, factor=lambda n: 1.0),
            "That is plus or minus one standard error. It covers the truth about two times in "
            "three, for five repeats even less: a 95 % interval is 2.78 of them wide on each side.",
        ),
        "normal_for_t": Misconception(
            partial(_gained, factor=lambda n: 1.959963984540054),
            "1.96 belongs to many repeats. With few the spread itself is uncertain: take the "
            "quantile of Student's t with n − 1 degrees of freedom.",
        ),
        "spread_of_the_runs": Misconception(
            partial(_gained, root=False),
            "You took the spread of single runs. The mean of n runs varies less, by the root of n.",
        ),
        "divided_by_n": Misconception(
            partial(_gained, ddof=0),
            "The standard deviation was divided by n. From few repeats take n − 1: `ddof=1`.",
        ),
        "not_paired": Misconception(
            partial(_gained, paired=False),
            "You added the variances of the two arms, as if each had drawn patients of its own. "
            "They shared them: take the differences repeat by repeat.",
        ),
        "two_samples": Misconception(
            partial(_gained, paired=False, factor=partial(_t, arms=2)),
            "That is the interval of two samples that have nothing to do with each other. Both "
            "arms shared their patients: take the differences repeat by repeat.",
        ),
        "five_percent_at_each_end": Misconception(
            partial(_gained, factor=partial(_t, quantile=0.95)),
            "That is a 90 % interval: 5 % lie beyond each end. For 95 % it is 2.5 % at each.",
        ),
        "n_degrees_of_freedom": Misconception(
            partial(_gained, factor=partial(_t, lost=0)),
            "You took n degrees of freedom. The mean uses up one: it is n − 1.",
        ),
        "scratch_minus_transferred": Misconception(
            _scratch_minus_transferred,
            "The sign is turned. A gain is above zero where `transferred` is better.",
        ),
        "one_seed": Misconception(
            _one_seed,
            "The gain is that of the first repeat alone. One seed is one ticket of the lottery: "
            "take the mean.",
        ),
        "certain_after_one_repeat": Misconception(
            partial(_gained, single=0.0),
            "A single repeat cannot say how much repeats differ: its interval is not known, and "
            "not of width 0. Return `np.nan` for both ends.",
        ),
    },
)


@lru_cache(maxsize=1)
def _scratch_at_40() -> np.ndarray:
    from mlmi_course import shipped

    table = shipped.table("u11_simulated")
    runs = table[(table["strategy"] == "scratch") & (table["size"] == 40)]
    return runs.sort_values("repeat")["auc"].to_numpy()


def _scratch_everywhere() -> float:
    from mlmi_course import shipped

    table = shipped.table("u11_simulated")
    return float(np.ptp(table.loc[table["strategy"] == "scratch", "auc"]))


luck = ValueQuestion(
    title="How much is luck?",
    points=1,
    reference=lambda: float(np.ptp(_scratch_at_40())),
    tolerance=1e-3,
    see="One run is one ticket",
    hints=(
        "Choose the rows: `table[(table['strategy'] == 'scratch') & (table['size'] == 40)]`.",
        "The largest of the five AUCs minus the smallest.",
    ),
    misconceptions={
        "standard_deviation": Misconception(
            lambda: float(_scratch_at_40().std(ddof=1)),
            "That is the standard deviation. The best run minus the worst is asked for.",
        ),
        "standard_deviation_by_n": Misconception(
            lambda: float(_scratch_at_40().std()),
            "That is `np.std`, the standard deviation. Asked for is the best run minus the worst.",
        ),
        "worst_minus_best": Misconception(
            lambda: -float(np.ptp(_scratch_at_40())),
            "The sign is turned: how much *better* is the best?",
        ),
        "all_sizes": Misconception(
            _scratch_everywhere,
            "That is over too many runs: several sizes, or several strategies. Only those from "
            "scratch with 40 patches are asked for: what differs among them is luck alone.",
        ),
        "best_run": Misconception(
            lambda: float(_scratch_at_40().max()),
            "That is the best run. Who reports it alone reports luck: take off the worst.",
        ),
    },
)


# ---- how many images are saved ---------------------------------------------------------------


def _saved(sizes: np.ndarray, scratch: np.ndarray, transferred: np.ndarray, at: int) -> float:
    target = transferred[list(sizes).index(at)]
    reached = [int(size) for size, one in zip(sizes, scratch, strict=True) if one >= target]
    return float(min(reached) - at) if reached else float("inf")


def _saved_at_most(sizes: Any, scratch: Any, transferred: Any, at: int) -> float:
    found = _saved(sizes, scratch, transferred, at)
    return found if np.isfinite(found) else float(max(sizes) - at)


def _size_that_reaches(sizes: Any, scratch: Any, transferred: Any, at: int) -> float:
    return _saved(sizes, scratch, transferred, at) + at


def _never_negative(sizes: Any, scratch: Any, transferred: Any, at: int) -> float:
    return max(_saved(sizes, scratch, transferred, at), 0.0)


def _gap_at_the_same_size(sizes: Any, scratch: Any, transferred: Any, at: int) -> float:
    place = list(sizes).index(at)
    return float(transferred[place] - scratch[place])


def _next_larger(sizes: Any, scratch: Any, transferred: Any, at: int) -> float:
    target = transferred[list(sizes).index(at)]
    reached = [s for s, one in zip(sizes, scratch, strict=True) if one >= target and s > at]
    return float(min(reached) - at) if reached else float("inf")


def _strictly_better(sizes: Any, scratch: Any, transferred: Any, at: int) -> float:
    target = transferred[list(sizes).index(at)]
    reached = [int(size) for size, one in zip(sizes, scratch, strict=True) if one > target]
    return float(min(reached) - at) if reached else float("inf")


def _from_where_it_stays(sizes: Any, scratch: Any, transferred: Any, at: int) -> float:
    below = np.flatnonzero(scratch < transferred[list(sizes).index(at)])
    first = int(below[-1]) + 1 if len(below) else 0
    return float(sizes[first] - at) if first < len(sizes) else float("inf")


def _saved_inputs(rng: np.random.Generator) -> Iterator[Case]:
    sizes = np.array([20, 40, 80, 160, 320, 640])
    noise = rng.uniform(0, 0.005, 6)
    scratch = np.array([0.55, 0.60, 0.64, 0.70, 0.76, 0.80]) + noise
    transferred = np.array([0.62, 0.68, 0.72, 0.75, 0.78, 0.83]) + noise
    for at in (40, 80):
        yield Case((sizes, scratch.round(3), transferred.round(3), at), f"{at} images")
    yield Case(
        (sizes, scratch.round(3), transferred.round(3), 640), "a quality that scratch never reaches"
    )
    yield Case(
        (sizes, scratch.round(3), (scratch - 0.09).round(3), 160), "a transfer that does harm"
    )
    level = transferred.round(3)
    level[1] = scratch.round(3)[3]
    yield Case((sizes, scratch.round(3), level, 40), "a quality that scratch reaches exactly")
    falls = np.array([0.59, 0.65, 0.71, 0.7, 0.75, 0.78])
    reached = np.array([0.705, 0.72, 0.73, 0.74, 0.76, 0.79])
    yield Case((sizes, falls, reached, 20), "a mean that falls again from 80 to 160 images")


saved = FunctionQuestion(
    title="How many images does it save?",
    points=1,
    inputs=_saved_inputs,
    reference=_saved,
    see="From simulated patients to real ones",
    hints=(
        "First the quality to reach: that of `transferred` at the size `at`.",
        "Then the smallest of the sizes at which `scratch` is at least as good, minus `at`. If "
        'there is none: `float("inf")`.',
    ),
    misconceptions={
        "last_size_for_never": Misconception(
            _saved_at_most,
            "Scratch never reaches that quality, at no size that was tried. Then the answer is "
            '`float("inf")`. It stands for more than were tried: nobody knows how many.',
        ),
        "size_itself": Misconception(
            _size_that_reaches,
            "That is the size at which scratch arrives. Asked for is how many more than `at`.",
        ),
        "difference_of_auc": Misconception(
            _gap_at_the_same_size,
            "That is a difference of AUCs at one size. A number of images is asked for.",
        ),
        "never_negative": Misconception(
            _never_negative,
            "A transfer can do harm: scratch is as good with fewer images. Then the answer is "
            "below zero, and should be told.",
        ),
        "strictly_better": Misconception(
            _strictly_better,
            "You passed over a size where scratch is just as good: *at least* as good is enough.",
        ),
        "from_where_it_stays": Misconception(
            _from_where_it_stays,
            "You passed over a size at which scratch is good enough, as it falls again later. The "
            "smallest is asked for. (`np.searchsorted` wants numbers that never fall.)",
        ),
        "only_larger_sizes": Misconception(
            _next_larger,
            "You looked at larger sizes only. Scratch may be as good at a smaller one.",
        ),
    },
)


# ---- a model ---------------------------------------------------------------------------------


def _hard_patches(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    return _drawn(int(rng.integers(1000, 2**31)))


@lru_cache(maxsize=8)  # known wrong answers are tried on the same draws
def _drawn(seed: int) -> tuple[np.ndarray, np.ndarray]:
    from mlmi_course.phantoms.mammography import patches

    found = patches(1000, seed=seed, difficulty=1.0)
    return found["images"], found["labels"].astype(int)


def _area_of(labels: np.ndarray, predictions: Any) -> float:
    scores = np.asarray(predictions, dtype=float)
    if scores.shape != labels.shape:
        raise ValueError(
            f"one number for each image is needed, shape {labels.shape}, and yours have shape "
            f"{scores.shape}"
        )
    if not np.isfinite(scores).all():
        raise ValueError("some predictions are nan or infinite")
    area = _auc(labels, scores)
    if area < 0.4:
        raise ValueError(
            f"the AUC is {area:.2f}, far below one half: higher numbers should mean a cluster"
        )
    return area


def _with_features(images: np.ndarray, kind: str, *, labels_only: bool = False) -> np.ndarray:
    likely = _likely(_Draw(blake2b(np.ascontiguousarray(images)).digest(), images), kind)
    return (likely > 0.5).astype(float) if labels_only else likely


@dataclass(frozen=True)
class _Draw:
    """Images that can be looked up: two are the same if their bytes are."""

    digest: bytes
    images: np.ndarray = field(compare=False)


@lru_cache(maxsize=20)  # an answer is compared with every known wrong one, on the same draw
def _likely(draw: _Draw, kind: str) -> np.ndarray:
    of, head = _head(kind)
    return head.predict_proba(of(draw.images))[:, 1]


@lru_cache(maxsize=4)
def _head(kind: str) -> tuple[Any, Any]:
    """What turns images into features, and the head that learnt from the 120 patches."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    of = _pixels if kind == "pixels" else _frozen(kind)
    few, labels, _ = few_patches()
    head = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=5000))
    return of, head.fit(of(few), labels)


def _frozen(source: str) -> Any:
    import keras

    from mlmi_course import shipped, training

    whole = shipped.network(f"u11_{source}")
    base = keras.Model(whole.inputs, whole.get_layer("mean").output)
    return partial(training.predict, base)


def _pixels(images: np.ndarray) -> np.ndarray:
    return images.reshape(len(images), -1) / 255


def _film_as_it_is(images: np.ndarray) -> np.ndarray:
    from mlmi_course import shipped, training

    return training.predict(shipped.network("u11_film"), images)


def _blob_filter(images: np.ndarray) -> np.ndarray:
    """The strongest blob of σ = 2 pixels: no training at all."""
    return six_numbers(images)[:, 4]


class _NewHead(ModelQuestion):
    """A model that must have a head of its own: the source's old one scores well enough to pass.

    Points grow from what the untrained blob filter reaches on the same patches.
    """

    def _score(self, score: float, images: Any, labels: Any, predictions: Any) -> Verdict:
        old = self.misconceptions["old_head"]
        if difference(old.answer(images), predictions) is None:
            measured = f"On {len(images)} fresh images: {number(round(score, 3))}."
            return self._failed(old.says, measured, misconception="old_head")
        beside = copy(self)
        beside.chance = _auc(labels, _blob_filter(images))
        return super(_NewHead, beside)._score(score, images, labels, predictions)


transferred = _NewHead(
    title="A frozen base for 120 patches",
    points=3,
    draw=_hard_patches,
    metric=_area_of,
    threshold=0.82,
    chance=0.7,  # what earns nothing is set beside the blob filter, on the patches that were drawn
    budget_s=60,
    see="Frozen, or only called so",
    hints=(
        "Which source has seen grains? A `keras.Model` from its inputs to the output of its layer "
        '`"mean"` is that source without its head: see `base_of` in the lecture.',
        "`training.predict(base, images)` gives 32 features for each patch. Make them of the 120 "
        "patches and of the new ones with the same base.",
        "Then `make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=5000))`, fitted "
        "on the features of the 120; column 1 of `predict_proba` is the answer.",
    ),
    misconceptions={
        "blob_filter": Misconception(
            _blob_filter,
            "This is the blob filter, which learns nothing from the 120 labels. It is the rival "
            "that a head on a frozen base has to beat.",
        ),
        "old_head": Misconception(
            _film_as_it_is,
            "This is the film network as it is, with its old head. It is a strong rival, and the "
            "stretch task asks for it. Here the 120 labels are to be used: train a head on them.",
        ),
        "another_finding": Misconception(
            lambda images: _with_features(images, "masses"),
            "This is the base that has learnt masses, in pixels nine times as wide. It knows "
            "mammograms, but no grains of 0.3 mm: which source is more alike?",
        ),
        "another_domain": Misconception(
            lambda images: _with_features(images, "digits"),
            "This is the base that has learnt digits. It has never seen film: which source is more "
            "alike?",
        ),
        "raw_pixels": Misconception(
            lambda images: _with_features(images, "pixels"),
            "This learns from 3,600 grey values. A cluster may lie anywhere, so no single pixel "
            "says anything: take the features of a network.",
        ),
        "labels": Misconception(
            lambda images: _with_features(images, "film", labels_only=True),
            "You return labels, 0 or 1. The AUC asks for an order: return probabilities.",
        ),
    },
)


# ---- a thought -------------------------------------------------------------------------------

advice = ThoughtQuestion(
    title="Sixty images and a plan",
    points=2,
    rubric=(
        "1 point: asks for the baseline first (an untrained or classical method on the same unseen "
        "patients), or for patients in place of images (60 images are perhaps a dozen patients; "
        "test patients apart; several draws). "
        "1 point: chooses strategy and source by similarity and size, with a reason from the "
        "table: with so few images freeze, or use a like source as it is, and unfreeze only with "
        "hundreds; a source of the same finding, simulated if need be, rather than another domain; "
        "and says what the table cannot tell: one task, one small network, simulated patients, not "
        "ImageNet. Half of this point for the strategy without the reason. "
        "No points for 'get more data' alone."
    ),
    see="How alike, and how many?",
    hints=(
        "What would the plan be compared with? And on whom?",
        "Look up 40 and 80 images in the lecture's table, for each of the sources.",
    ),
)

progress = Unit(__name__).progress
