"""Questions of unit 05, perceptrons, and the data that its lab works on."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
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
)
from mlmi_course.checks.calling import call
from mlmi_course.checks.comparing import difference

__all__ = [
    "backward",
    "bars",
    "forward",
    "hinge_gradient",
    "logistic_loss",
    "lumps",
    "mistake_bound",
    "one_pass",
    "orientation",
    "out_of_fold",
    "prognosis",
    "progress",
    "updates_needed",
]


# ---- the lab's data --------------------------------------------------------------------------


def lumps(n: int = 30, seed: int = 65, gap: float = 0.35) -> tuple[np.ndarray, np.ndarray]:
    """Two invented features of lumps that a straight line can separate.

    Parameters
    ----------
    n : int
        How many.
    seed : int
    gap : float
        No lump lies closer than this to the line that made the labels.

    Returns
    -------
    features : ndarray, shape (n, 3)
        Diameter in cm, roughness of the outline from 0 to 5, and a column of ones.
    labels : ndarray of int, shape (n,)
        1 for malignant, 0 for benign.

    Examples
    --------
    >>> features, labels = lumps()
    >>> features.shape, int(labels.sum())
    ((30, 3), 16)
    """
    rng = np.random.default_rng(seed)
    drawn = rng.uniform((0.5, 0), (4, 5), size=(20 * n, 2))
    along = (drawn - (2.2, 2.4)) @ (0.8, 0.6)
    chosen = np.flatnonzero(np.abs(along) > gap)[:n]
    features = np.column_stack([drawn[chosen], np.ones(n)])
    return features, (along[chosen] > 0).astype(int)


def bars(n: int, seed: int | np.random.Generator = 0) -> tuple[np.ndarray, np.ndarray]:
    """Small images of one bar, upright or lying, brighter or darker than its ground.

    Parameters
    ----------
    n : int
        How many images.
    seed : int or numpy.random.Generator

    Returns
    -------
    images : ndarray, shape (n, 8, 8)
        The ground is 0 and the bar is +1 or −1; noise has a standard deviation of 0.3.
    labels : ndarray of int, shape (n,)
        1 for an upright bar, 0 for a lying one.

    Examples
    --------
    >>> images, labels = bars(5)
    >>> images.shape, labels.shape
    ((5, 8, 8), (5,))
    """
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 2, n)
    place, polarity = rng.integers(1, 7, n), rng.choice([-1.0, 1.0], n)
    lying = np.zeros((n, 8, 8))
    lying[np.arange(n), place] = polarity[:, None]
    images = np.where(labels[:, None, None] == 1, lying.transpose(0, 2, 1), lying)
    return images + rng.normal(0, 0.3, images.shape), labels


def _sigmoid(z: Any) -> Any:
    return np.exp(-np.logaddexp(0, -np.asarray(z, dtype=float)))


# ---- a forward pass --------------------------------------------------------------------------


def _forward(
    inputs: np.ndarray,
    hidden_weights: np.ndarray,
    hidden_biases: np.ndarray,
    output_weights: np.ndarray,
    output_bias: float,
) -> float:
    hidden = _sigmoid(hidden_weights @ inputs + hidden_biases)
    return float(_sigmoid(hidden @ output_weights + output_bias))


def _forward_inputs(rng: np.random.Generator) -> Iterator[Case]:
    def drawn(*shape: int) -> np.ndarray:
        return rng.normal(size=shape).round(1) + 0.05

    patient = np.array([0.6, 0.1, 0.7])
    weights = np.vstack([[0.2, 0.3, 0.2], drawn(3)])
    bias = float(rng.uniform(0.5, 1.5)) * (-1) ** int(rng.integers(2))
    biases = drawn(2)
    while (weights @ patient + biases > -0.1).all():  # ReLU must not look like no activation
        biases = drawn(2)
    yield Case((patient, weights, biases, drawn(2), round(bias, 2)), "a patient and two units")
    yield Case((drawn(3), drawn(3, 3), drawn(3), drawn(3), 0.45), "as many units as inputs")
    yield Case((drawn(4), drawn(1, 4), drawn(1), drawn(1), -0.35), "a single hidden unit")


def _forward_with(
    hidden: Any = _sigmoid, output: Any = _sigmoid, biases: tuple[int, int] = (1, 1)
) -> Any:
    def wrong(inputs: Any, w: Any, b: Any, v: Any, c: Any) -> Any:
        return float(output(hidden(w @ inputs + biases[0] * b) @ v + biases[1] * c))

    return wrong


def _bias_after(inputs: Any, w: Any, b: Any, v: Any, c: Any) -> float:
    return float(_sigmoid(_sigmoid(w @ inputs + b) @ v) + c)


def _step(z: Any) -> Any:
    return np.where(np.asarray(z) > 0, 1.0, 0.0)


def _same(z: Any) -> Any:
    return z


def _relu(z: Any) -> Any:
    return np.maximum(z, 0)


def _by_columns(inputs: Any, w: Any, b: Any, v: Any, c: Any) -> float:
    return _forward(inputs, w.T if w.shape[0] == w.shape[1] else w, b, v, c)


forward = FunctionQuestion(
    title="A forward pass",
    points=2,
    inputs=_forward_inputs,
    reference=_forward,
    see="A forward pass",
    hints=(
        "Work from left to right: the sums of the hidden units, their activations, the sum of the "
        "output, its activation.",
        "A row of `hidden_weights` belongs to a unit, so `hidden_weights @ inputs` gives all sums "
        "at once. Then add the biases.",
        "The sigmoid is `1 / (1 + np.exp(-z))`. It is used twice: once on the hidden sums, once "
        "on the output's sum. Call that one `z`; the answer is sigmoid(z).",
    ),
    misconceptions={
        "no_bias": Misconception(
            _forward_with(biases=(0, 0)),
            "The biases are missing. Without them every unit must say exactly one half when all "
            "inputs are zero, whatever it has learnt.",
        ),
        "no_hidden_bias": Misconception(
            _forward_with(biases=(0, 1)),
            "The bias of the output is there, but the hidden units have lost theirs.",
        ),
        "no_output_bias": Misconception(
            _forward_with(biases=(1, 0)),
            "The hidden units have their biases, but the output has lost its own.",
        ),
        "bias_after_the_sigmoid": Misconception(
            _bias_after,
            "The bias of the output was added after the sigmoid. It belongs to the sum: first add, "
            "then bend.",
        ),
        "sigmoid_twice": Misconception(
            _forward_with(output=lambda z: _sigmoid(_sigmoid(z))),
            "The sigmoid was applied twice to the output. It still looks like a probability, "
            "which is why nobody notices: but now it can only lie between 0.50 and 0.73.",
        ),
        "no_hidden_activation": Misconception(
            _forward_with(hidden=_same),
            "The hidden units hand on their bare sums. Then two layers are one layer: a sum of "
            "sums is a sum.",
        ),
        "no_output_activation": Misconception(
            _forward_with(output=_same),
            "That is the score of the output, which can be any number. Its sigmoid is the "
            "probability.",
        ),
        "step": Misconception(
            _forward_with(hidden=_step),
            "The hidden units use Rosenblatt's step. Here they use the sigmoid.",
        ),
        "relu": Misconception(
            _forward_with(hidden=_relu),
            "The hidden units cut their sums off at 0, as ReLU does. Here they use the sigmoid.",
        ),
        "tanh": Misconception(
            _forward_with(hidden=np.tanh),
            "The hidden units use tanh, which runs from −1 to 1. Here they use the sigmoid.",
        ),
        "by_columns": Misconception(
            _by_columns,
            "You took the columns of `hidden_weights` for the units. A row holds the weights of "
            "one unit. (With as many units as inputs NumPy cannot warn you.)",
        ),
    },
)


# ---- the perceptron's rule -------------------------------------------------------------------


def _one_pass(
    weights: np.ndarray, features: np.ndarray, labels: np.ndarray, rate: float
) -> tuple[np.ndarray, int]:
    weights, updates = np.array(weights, dtype=float), 0
    for x, sign in zip(features, 2 * labels - 1, strict=True):
        if sign * (weights @ x) <= 0:
            weights = weights + rate * sign * x
            updates += 1
    return weights, updates


def _one_pass_inputs(rng: np.random.Generator) -> Iterator[Case]:
    def samples(n: int) -> tuple[np.ndarray, np.ndarray]:
        features = rng.normal(size=(n, 2)).round(1)
        labels = rng.permutation(np.arange(n) % 2)
        return np.column_stack([features, np.ones(n)]), labels

    def separable() -> tuple[np.ndarray, np.ndarray]:
        """So that a function which repeats until nothing is wrong comes to an end."""
        line = rng.normal(size=3)
        features, _ = samples(40)
        along = features @ line / np.linalg.norm(line)
        chosen = np.flatnonzero(np.abs(along) > 0.25)[:10]
        return features[chosen], (along[chosen] > 0).astype(int)

    while True:
        features, labels = separable()
        weights = rng.normal(size=3).round(1) + 0.03  # never exactly on a border
        after, updates = _one_pass(weights, features, labels, 0.4)
        again = _one_pass(after, features, labels, 0.4)[1]
        others = _all_at_once, _still_wrong, _only_first, _without_last
        told = all(one(weights, features, labels, 0.4)[1] != updates for one in others)
        if len(labels) == 10 and 3 <= updates <= 8 and again and told:
            break
    # twice the rate is not 1: a step that is twice too long is told from a rate forgotten
    yield Case((weights, features, labels, 0.4), "ten samples and a rate of 0.4")
    for first, name in ((0, "benign"), (1, "malignant")):
        features, labels = samples(8)
        labels = labels if labels[0] == first else 1 - labels
        yield Case((np.zeros(3), features, labels, 1.0), f"weights of zero, a {name} sample first")
    right = (features @ np.array([1.0, -0.5, 0.2]) > 0).astype(int)
    yield Case((np.array([1.0, -0.5, 0.2]) * 9, features, right, 1.0), "nothing to correct")


def _update_always(weights: Any, features: Any, labels: Any, rate: float) -> Any:
    signs = 2 * labels - 1
    return weights + rate * signs @ features, len(labels)


def _labels_zero_one(weights: Any, features: Any, labels: Any, rate: float) -> Any:
    """The rule for −1 and +1, fed 0 and 1."""
    weights, updates = np.array(weights, dtype=float), 0
    for x, y in zip(features, labels, strict=True):
        if y * (weights @ x) <= 0:
            weights = weights + rate * y * x
            updates += 1
    return weights, updates


def _all_at_once(weights: Any, features: Any, labels: Any, rate: float) -> Any:
    signs = 2 * labels - 1
    wrong = signs * (features @ weights) <= 0
    return weights + rate * signs[wrong] @ features[wrong], int(wrong.sum())


def _zero_is_right(weights: Any, features: Any, labels: Any, rate: float) -> Any:
    weights, updates = np.array(weights, dtype=float), 0
    for x, sign in zip(features, 2 * labels - 1, strict=True):
        if sign * (weights @ x) < 0:
            weights = weights + rate * sign * x
            updates += 1
    return weights, updates


def _by_prediction(weights: Any, features: Any, labels: Any, rate: float, zero: int) -> Any:
    """Compare 0/1 predictions with 0/1 labels; a score of 0 falls to one of the classes."""
    weights, updates = np.array(weights, dtype=float), 0
    for x, y in zip(features, labels, strict=True):
        score = weights @ x
        guess = zero if score == 0 else int(score > 0)
        if guess != y:
            weights = weights + rate * (y - guess) * x
            updates += 1
    return weights, updates


def _rate_forgotten(weights: Any, features: Any, labels: Any, rate: float) -> Any:
    return _one_pass(weights, features, labels, 1.0)


def _difference_of_signs(weights: Any, features: Any, labels: Any, rate: float) -> Any:
    """Step by sign − sign(score), which is ±2 for a mistake and ±1 for a score of 0."""
    weights, updates = np.array(weights, dtype=float), 0
    for x, sign in zip(features, 2 * labels - 1, strict=True):
        error = sign - np.sign(weights @ x)
        if error:
            weights = weights + rate * error * x
            updates += 1
    return weights, updates


def _only_first(weights: Any, features: Any, labels: Any, rate: float) -> Any:
    for x, sign in zip(features, 2 * labels - 1, strict=True):
        if sign * (weights @ x) <= 0:
            return weights + rate * sign * x, 1
    return weights, 0


def _without_last(weights: Any, features: Any, labels: Any, rate: float) -> Any:
    return _one_pass(weights, features[:-1], labels[:-1], rate)


def _bias_not_learnt(weights: Any, features: Any, labels: Any, rate: float) -> Any:
    weights, updates = np.array(weights, dtype=float), 0
    for x, sign in zip(features, 2 * labels - 1, strict=True):
        if sign * (weights @ x) <= 0:
            weights = weights + rate * sign * x * [1, 1, 0]
            updates += 1
    return weights, updates


def _still_wrong(weights: Any, features: Any, labels: Any, rate: float) -> Any:
    after, _ = _one_pass(weights, features, labels, rate)
    return after, int(((2 * labels - 1) * (features @ after) <= 0).sum())


def _until_clean(weights: Any, features: Any, labels: Any, rate: float) -> Any:
    total = 0
    for _ in range(200):  # a student's own loop may have no such end
        weights, updates = _one_pass(weights, features, labels, rate)
        total += updates
        if not updates:
            break
    return weights, total


def _draw_border(answer: Any) -> Any:
    from mlmi_course import plots

    features, labels = lumps()
    weights: Any = np.zeros(3)
    draws = []
    for number in range(1, 6):
        weights, updates = call(answer, (weights, features, labels, 1.0))
        weights = np.asarray(weights, dtype=float).reshape(3)
        title = f"after pass {number}: {updates} updates in it"
        draws.append((title, partial(_draw_lumps, weights)))
    return plots.grid(
        draws[::2],
        columns=3,
        size=(9, 3.4),
        alt="The lumps and the border of your perceptron after its passes 1, 3 and 5.",
    )


def _draw_lumps(weights: np.ndarray, ax: Any) -> Any:
    from mlmi_course import plots

    features, labels = lumps()
    return plots.decision(
        features[:, :2],
        labels,
        lambda points: points @ weights[:2] + weights[2],
        xlabel="diameter (cm)",
        ylabel="roughness (0–5)",
        legend=False,
        ax=ax,
    )


one_pass = FunctionQuestion(
    title="One pass of the perceptron",
    points=3,
    inputs=_one_pass_inputs,
    reference=_one_pass,
    picture=_draw_border,
    see="One mistake, one update",
    hints=(
        "The labels come as 0 and 1, and the rule wants −1 and +1: `2 * labels - 1`.",
        "Go through the samples one by one. Each is judged with the weights *as they are now*, "
        "after all updates before it.",
        "A sample is a mistake if `sign * (weights @ x) <= 0`. Only then: "
        "`weights = weights + rate * sign * x`, and count.",
    ),
    misconceptions={
        "updates_on_correct_samples": Misconception(
            _update_always,
            "You update on every sample, also on those that are right. The perceptron learns "
            "from its mistakes only: otherwise it never comes to rest.",
        ),
        "labels_zero_one": Misconception(
            _labels_zero_one,
            "You put labels of 0 and 1 into a rule made for −1 and +1. A benign sample then "
            "multiplies the update by 0: it always counts as a mistake and never changes "
            "anything.",
        ),
        "all_at_once": Misconception(
            _all_at_once,
            "You judge all samples with the weights from the start of the pass. Each sample "
            "must meet the weights that the samples before it have left.",
        ),
        "zero_is_right": Misconception(
            _zero_is_right,
            "A score of exactly 0 is on neither side, so it is a mistake: `<= 0`, not `< 0`. With "
            "weights of zero every score is 0, and with `<` the learning never starts.",
        ),
        "zero_is_benign": Misconception(
            partial(_by_prediction, zero=0),
            "A score of exactly 0 counts as benign in your function, as `score > 0` has it. Here "
            "it is on neither side, so it is a mistake for both classes.",
        ),
        "zero_is_malignant": Misconception(
            partial(_by_prediction, zero=1),
            "A score of exactly 0 counts as malignant in your function, as `score >= 0` has it. "
            "Here it is on neither side, so it is a mistake for both classes.",
        ),
        "rate_forgotten": Misconception(
            _rate_forgotten,
            "The learning rate is missing: an update adds rate × sign × sample.",
        ),
        "difference_of_signs": Misconception(
            _difference_of_signs,
            "Your step is twice too long. The difference of the two signs is 2 for a mistake, and "
            "the rule adds rate × sign × sample, with a sign of +1 or −1.",
        ),
        "stops_after_one": Misconception(
            _only_first,
            "You stop after the first update. A pass goes on to the last sample.",
        ),
        "last_left_out": Misconception(
            _without_last,
            "The last sample is never looked at. `range(n)` ends with n − 1 by itself.",
        ),
        "repeats_until_clean": Misconception(
            _until_clean,
            "You repeat until nothing is wrong. One pass is asked for: every sample once. With "
            "samples that no line separates, your loop would never end.",
        ),
        "bias_not_learnt": Misconception(
            _bias_not_learnt,
            "The last weight never changes. It is the bias, its input is the 1 in the last "
            "column, and it learns like all others.",
        ),
        "still_wrong": Misconception(
            _still_wrong,
            "The weights are right. But you count the samples that are wrong *after* the pass; "
            "the question asks for the updates made *during* it.",
        ),
    },
)


def _history(n: int = 30, seed: int = 65, gap: float = 0.35) -> list[int]:
    """Return the number of updates in each pass over the lumps, the last one clean."""
    features, labels = lumps(n, seed, gap)
    weights, updates = np.zeros(3), []
    while not updates or updates[-1]:
        weights, number = _one_pass(weights, features, labels, 1.0)
        updates.append(number)
    return updates


updates_needed = ValueQuestion(
    title="How many updates until nothing is wrong?",
    points=1,
    reference=lambda: sum(_history()),
    see="How many mistakes?",
    hints=(
        "Call `one_pass` again and again, each time with the weights that came out last. Stop "
        "after a pass with no update.",
        "Add up what each pass returns as its number of updates.",
        "Start from `weights = np.zeros(3)`, `made = 1` and `total = 0`. Then `while made:`, with "
        "`weights, made = one_pass(weights, features, labels, 1.0)` and `total += made` inside.",
    ),
    misconceptions={
        "epochs": Misconception(
            lambda: len(_history()),
            "You counted the passes over the data, also called epochs. A pass may hold many "
            "updates, and the bound of the lecture speaks of updates.",
        ),
        "epochs_without_last": Misconception(
            lambda: len(_history()) - 1,
            "You counted the passes in which something changed. Count the changes themselves.",
        ),
        "visits": Misconception(
            lambda: len(_history()) * len(lumps()[1]),
            "You counted every sample that was looked at. An update happens only at a mistake.",
        ),
        "first_pass": Misconception(
            lambda: _history()[0],
            "Those are the updates of the first pass. Something is still wrong after it: go on.",
        ),
        "lumps_of_the_lecture": Misconception(
            lambda: sum(_history(40, 44, 0.4)),
            "That many were needed for the forty lumps of the lecture. The thirty of the lab are "
            "others: run your own `one_pass` on them.",
        ),
    },
)


# ---- the bound -------------------------------------------------------------------------------


def _mistake_bound(
    features: np.ndarray, labels: np.ndarray, separator: np.ndarray, start: np.ndarray, rate: float
) -> float:
    augmented = np.column_stack([features, np.ones(len(features))])
    margin = (labels * (augmented @ separator)).min() / np.linalg.norm(separator)
    radius = np.linalg.norm(augmented, axis=1).max()
    return float((radius / margin) ** 2 + 2 * np.linalg.norm(start) / (rate * margin))


def _mistake_bound_inputs(rng: np.random.Generator) -> Iterator[Case]:
    def problem() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        separator = rng.normal(size=3).round(1) + 0.25
        features = rng.normal(size=(12, 2)).round(2)
        along = features @ separator[:2] + separator[2]
        far = np.abs(along) > 0.15
        return features[far], np.sign(along[far]).astype(int), separator

    features, labels, separator = problem()
    yield Case(
        (features, labels, separator, rng.normal(size=3).round(1) + 0.05, 0.1),
        "a start away from zero",
    )
    features, labels, separator = problem()
    yield Case((features, labels, separator, np.zeros(3), 1.0), "a start at zero")
    features, labels, separator = problem()
    yield Case(
        (100 * features, labels, separator * [0.01, 0.01, 1], np.ones(3), 0.5),
        "features in the hundreds",
    )


def _bound_with(
    radius: Any = None, margin: Any = np.min, *, bias: bool = True, unit: bool = True,
    power: int = 2, start_counts: bool = True, rate_counts: bool = True,
) -> Any:  # fmt: skip
    def wrong(features: Any, labels: Any, separator: Any, start: Any, rate: float) -> float:
        augmented = np.column_stack([features, np.ones(len(features))])
        length = np.linalg.norm(separator) if unit else 1.0
        gamma = margin(labels * (augmented @ separator)) / length
        lengths = np.linalg.norm(augmented if bias else features, axis=1)
        large = (radius or np.max)(lengths)
        late = 2 * np.linalg.norm(start) / ((rate if rate_counts else 1.0) * gamma)
        return float((large / gamma) ** power + start_counts * late)

    return wrong


def _separator_without_bias(
    features: Any, labels: Any, separator: Any, start: Any, rate: float
) -> float:
    """The length of the separator taken over the weights alone."""
    length = np.linalg.norm(separator[:2]) / np.linalg.norm(separator)
    augmented = np.column_stack([features, np.ones(len(features))])
    margin = (labels * (augmented @ separator)).min() / np.linalg.norm(separator) / length
    radius = np.linalg.norm(augmented, axis=1).max()
    return float((radius / margin) ** 2 + 2 * np.linalg.norm(start) / (rate * margin))


def _in_the_plane(features: Any, labels: Any, separator: Any, start: Any, rate: float) -> float:
    """R and γ as they are seen in a plot, without the coordinate of the bias."""
    margin = (labels * (features @ separator[:2] + separator[2])).min()
    margin /= np.linalg.norm(separator[:2])
    radius = np.linalg.norm(features, axis=1).max()
    return float((radius / margin) ** 2 + 2 * np.linalg.norm(start) / (rate * margin))


mistake_bound = FunctionQuestion(
    title="At most so many mistakes",
    points=2,
    inputs=_mistake_bound_inputs,
    reference=_mistake_bound,
    see="How many mistakes?",
    hints=(
        "Put a column of ones behind the features first: `np.column_stack`. All lengths and "
        "margins are those of these longer rows.",
        "R is the length of the longest row: `np.linalg.norm(rows, axis=1).max()`.",
        "γ is the smallest `labels * (rows @ separator)`, divided by the length of the separator, "
        "all three numbers of it. Then put R, γ, ‖w₀‖ and η into the formula.",
    ),
    misconceptions={
        "bias_left_out_of_radius": Misconception(
            _bound_with(bias=False),
            "R is measured without the column of ones. The bias is a coordinate like the others, "
            "so every row is longer: the bound that you promise is too small.",
        ),
        "separator_not_of_unit_length": Misconception(
            _bound_with(unit=False),
            "The separator does not have length 1 here, so γ is not a distance yet: doubling all "
            "weights would double it, and the border would be the same. Divide by the length.",
        ),
        "length_without_bias": Misconception(
            _separator_without_bias,
            "You divided by the length of the first two weights. The bias is a coordinate, so all "
            "three numbers count in the length of the separator.",
        ),
        "in_the_plane": Misconception(
            _in_the_plane,
            "R and γ are measured in the plane of the two features, as in a plot. The perceptron "
            "learns three numbers, so both are measured in three dimensions: give every sample its "
            "1 first.",
        ),
        "start_ignored": Misconception(
            _bound_with(start_counts=False),
            "That is the classic bound (R/γ)². It holds for a start from zero only. From another "
            "start the perceptron must first forget: add 2‖w₀‖/(ηγ).",
        ),
        "rate_ignored": Misconception(
            _bound_with(rate_counts=False),
            "The learning rate is missing in the second term: the smaller the steps, the longer "
            "it takes to leave a bad start.",
        ),
        "mean_margin": Misconception(
            _bound_with(margin=np.mean),
            "γ is the *smallest* distance from the border, not the mean: the hardest sample "
            "decides how many mistakes there may be.",
        ),
        "mean_radius": Misconception(
            _bound_with(radius=np.mean),
            "R is the length of the *longest* row, not of a typical one.",
        ),
        "not_squared": Misconception(
            _bound_with(power=1),
            "R/γ has to be squared.",
        ),
    },
)


# ---- losses ----------------------------------------------------------------------------------


def _logistic_loss(scores: np.ndarray, labels: np.ndarray) -> float:
    return float(np.logaddexp(0, -(2 * labels - 1) * scores).mean())


def _logistic_loss_inputs(rng: np.random.Generator) -> Iterator[Case]:
    labels = np.array([0, 1, 1, 0, 1, 0])
    scores = rng.normal(0, 2, size=6).round(2)
    scores[3] = 6.0  # wrong, and its loss is 6.002: the score alone is not good enough yet
    yield Case((scores, labels), "scores of ordinary size")
    yield Case((np.array([2.5, -1.5]), np.array([1, 0])), "two samples on the right side")
    sure = np.array([-900.0, 800.0, 30.0]) + rng.integers(0, 20, 3)
    yield Case((sure, np.array([1, 0, 1])), "a network that is very sure and very wrong")


def _loss_fed_zero_one(scores: Any, labels: Any) -> float:
    return float(np.logaddexp(0, -labels * scores).mean())


def _loss_overflows(scores: Any, labels: Any) -> float:
    with np.errstate(all="ignore"):
        return float(np.log(1 + np.exp(-(2 * labels - 1) * scores)).mean())


def _loss_clipped(scores: Any, labels: Any) -> float:
    p = np.clip(_sigmoid(scores), 1e-7, 1 - 1e-7)
    return float(-(labels * np.log(p) + (1 - labels) * np.log(1 - p)).mean())


def _loss_exponent_cut(scores: Any, labels: Any) -> float:
    exponent = np.clip(-(2 * labels - 1) * scores, -500, 500)
    return float(np.log(1 + np.exp(exponent)).mean())


def _right_or_overflown(expected: Any, got: Any) -> bool:
    try:
        return difference(expected, got) is None or not np.isfinite(float(got))
    except (TypeError, ValueError):
        return False


def _right_or_capped(expected: Any, got: Any) -> bool:
    """Whether the loss of one sample never exceeds some 10 to 40, as that of a clipped p."""
    try:
        return difference(expected, got, 1e-5) is None or 3 < float(got) < 40 < float(expected)
    except (TypeError, ValueError):
        return False


def _right_or_cut(expected: Any, got: Any) -> bool:
    """Whether the loss of one sample never exceeds some hundreds, as with a cut exponent."""
    try:
        return difference(expected, got, 1e-5) is None or 40 < float(got) < float(expected)
    except (TypeError, ValueError):
        return False


logistic_loss = FunctionQuestion(
    title="The logistic loss, also for those who are sure",
    points=2,
    inputs=_logistic_loss_inputs,
    reference=_logistic_loss,
    see="From a step to a probability",
    hints=(
        "The labels are 0 and 1. log(1 + exp(−y z)) wants y = −1 or +1: turn them round first, or "
        "use the other form of the same loss.",
        "exp(900) is more than a float can hold. A number that is inf or nan is no loss.",
        "`np.logaddexp(0, -signs * scores)` computes log(1 + exp(−y z)) without the overflow. "
        "Then take the mean.",
    ),
    misconceptions={
        "labels_zero_one": Misconception(
            _loss_fed_zero_one,
            "You fed labels of 0 and 1 to the form that wants −1 and +1. Every benign sample then "
            "costs log 2 = 0.693, whatever its score.",
        ),
        "sign": Misconception(
            lambda scores, labels: _logistic_loss(-scores, labels),
            "The sign is turned: your loss is high where the prediction is right. The exponent "
            "is −y z.",
        ),
        "sum": Misconception(
            lambda scores, labels: _logistic_loss(scores, labels) * len(labels),
            "That is the sum over the samples; the mean is asked for.",
        ),
        "overflow": Misconception(
            _loss_overflows,
            "The exponential overflowed: a network that is sure gives a loss of inf or nan, and "
            "the training stops. `np.logaddexp(0, x)` computes log(1 + exp(x)) for any x.",
            matches=_right_or_overflown,
        ),
        "clipped": Misconception(
            _loss_clipped,
            "Something is cut off before the logarithm, the probability near 0 and 1 or the score "
            "itself. No inf any more, but no truth either: the loss of a sure mistake stops "
            "growing, and its gradient is zero. Compute from the whole score: `np.logaddexp`.",
            matches=_right_or_capped,
        ),
        "exponent_cut_off": Misconception(
            _loss_exponent_cut,
            "The exponent was cut off before the exponential, at 500 or so. A mistake with a score "
            "of 900 then costs no more than one of 500. `np.logaddexp(0, x)` needs no cut.",
            matches=_right_or_cut,
        ),
        "sigmoid_first": Misconception(
            lambda scores, labels: _logistic_loss(_sigmoid(scores), labels),
            "You put the probability σ(z) where the score z belongs. log(1 + exp(−y z)) has the "
            "sigmoid inside already.",
        ),
    },
)


def _hinge_gradient(
    weights: np.ndarray, bias: float, features: np.ndarray, labels: np.ndarray, penalty: float
) -> tuple[np.ndarray, float]:
    inside = labels * (features @ weights + bias) < 1
    pull = -(labels * inside) / len(labels)
    return penalty * weights + pull @ features, float(pull.sum())


def _hinge_gradient_inputs(rng: np.random.Generator) -> Iterator[Case]:
    def problem(n: int, p: int) -> tuple[Any, ...]:
        labels = rng.permutation(np.arange(n) % 2) * 2 - 1
        features = rng.normal(size=(n, p)).round(1) + 0.5 * labels[:, None]
        return rng.normal(size=p).round(1) + 0.05, 0.33, features.round(2), labels

    def telling(n: int, p: int) -> tuple[Any, ...]:
        """A problem with samples outside, inside and beyond the margin, the classes unequal."""
        while True:
            weights, bias, features, labels = problem(n, p)
            yz = labels * (features @ weights + bias)
            parts = yz < 0, (yz > 0) & (yz < 1), yz > 1
            unequal = all(labels[yz < limit].sum() for limit in (0, 1))
            both = len(set(labels[yz < 1])) == 2
            streets = {tuple(labels * (features @ weights + b) < 1) for b in (bias, 0, -bias)}
            told = len(streets) == 3  # a bias forgotten or subtracted changes who is inside
            if all(part.any() for part in parts) and unequal and both and told:
                return weights, bias, features, labels

    yield Case((*telling(9, 2), 0.4), "samples on both sides of the margin")
    yield Case((*telling(12, 3), 0.05), "three features and a weak penalty")
    features = np.array([[2.0, 0.0], [-2.0, 0.0]])
    far = (np.array([3.0, 0.5]), 0.1, features, np.array([1, -1]), 0.2)
    yield Case(far, "all samples beyond the margin")
    features = np.array([[1.0, 0.0], [0.5, 1.0], [3.0, 0.5]])  # y z is 1, −1 and 3.25, exactly
    edge = (np.array([1.0, 0.5]), 0.0, features, np.array([1, -1, 1]), 0.5)
    yield Case(edge, "a sample exactly on the margin, where 1 − y z is 0")


def _hinge_with(
    at: float = 1.0, *, penalty_factor: float = 1.0, bias_too: bool = False,
    mean: str = "all", sign: int = 1, c_form: bool = False, touching: bool = False,
    label_counts: bool = True, bias_factor: int = 1,
) -> Any:  # fmt: skip
    def wrong(weights: Any, bias: Any, features: Any, labels: Any, penalty: float) -> Any:
        yz = labels * (features @ weights + bias_factor * bias)
        inside = yz <= at if touching else yz < at
        count = {"all": len(labels), "sum": 1, "active": max(1, inside.sum())}[mean]
        pull = -sign * (labels * inside if label_counts else 1.0 * inside) / count
        if c_form:
            return weights + penalty * (pull @ features), float(penalty * pull.sum())
        keep = penalty_factor * penalty
        return keep * weights + pull @ features, float(pull.sum() + keep * bias * bias_too)

    return wrong


hinge_gradient = FunctionQuestion(
    title="The gradient of a support vector machine",
    points=3,
    inputs=_hinge_gradient_inputs,
    reference=_hinge_gradient,
    see="The widest street",
    hints=(
        "Which samples cost anything? Those with y z < 1: on the wrong side, or on the right side "
        "but too close.",
        "For such a sample the derivative of 1 − y z with respect to z is −y. For all others it "
        "is 0.",
        "With `pull = -labels * inside / n` the gradient of the loss is `pull @ features` for "
        "the weights and `pull.sum()` for the bias. The penalty adds `penalty * weights`, and "
        "nothing to the bias.",
    ),
    misconceptions={
        "no_margin": Misconception(
            _hinge_with(at=0.0),
            "You pull only at the samples on the wrong side: that is max(0, −y z), the loss of the "
            "perceptron. The hinge is max(0, 1 − y z): it also pulls at those that are right but "
            "too close. Without the 1 there is no street.",
        ),
        "bias_left_out_of_the_score": Misconception(
            _hinge_with(bias_factor=0),
            "The bias is missing in the score: z is `features @ weights + bias`. Without it other "
            "samples seem to lie in the street.",
        ),
        "bias_subtracted": Misconception(
            _hinge_with(bias_factor=-1),
            "You subtract the bias in the score. Some books do; here z is "
            "`features @ weights + bias`.",
        ),
        "labels_turned_twice": Misconception(
            lambda weights, bias, features, labels, penalty: _hinge_gradient(
                weights, bias, features, 2 * labels - 1, penalty
            ),
            "You computed `2 * labels - 1`, but here the labels are −1 and +1 already. That made "
            "−3 of each −1.",
        ),
        "all_samples": Misconception(
            _hinge_with(at=np.inf),
            "Every sample pulls in your function, also those far on their right side. Where y z is "
            "above 1 the hinge is 0, and so is its slope.",
        ),
        "no_regulariser": Misconception(
            _hinge_with(penalty_factor=0.0),
            "The penalty has a gradient too, and it is missing: λ/2 ‖w‖² pulls every weight "
            "towards 0. Without it nothing keeps the street wide.",
        ),
        "penalty_doubled": Misconception(
            _hinge_with(penalty_factor=2.0),
            "The penalty is λ/2 ‖w‖²: the 2 from the square cancels the half.",
        ),
        "penalty_halved": Misconception(
            _hinge_with(penalty_factor=0.5),
            "You kept the half of λ/2 ‖w‖². The derivative of a square brings a 2, and the two "
            "cancel.",
        ),
        "bias_penalised": Misconception(
            _hinge_with(bias_too=True),
            "The bias is penalised as well. Then moving the zero of a scale, say from °C to °F, "
            "changes the border. The penalty is on the weights only.",
        ),
        "sum_for_mean": Misconception(
            _hinge_with(mean="sum"),
            "You added the samples up; the loss is their mean. With the sum, λ means something "
            "else in every data set.",
        ),
        "mean_of_active": Misconception(
            _hinge_with(mean="active"),
            "You divide by the number of samples that cost something. The mean is over all of "
            "them.",
        ),
        "y_missing": Misconception(
            _hinge_with(label_counts=False),
            "The label y is missing in the derivative: you treat every sample as malignant. The "
            "derivative of 1 − y z with respect to z is −y, not −1.",
        ),
        "margin_counted": Misconception(
            _hinge_with(touching=True),
            "A sample with y z of exactly 1 counts in your function: `<= 1`. Here it contributes "
            "nothing: `< 1`.",
        ),
        "sign": Misconception(
            _hinge_with(sign=-1),
            "The sign of the loss's part is turned: 1 − y z falls when y z grows.",
        ),
        "penalty_on_the_loss": Misconception(
            _hinge_with(c_form=True),
            "You multiply the loss by the penalty. Some lectures and scikit-learn's C do so; "
            "here λ stands before ‖w‖².",
        ),
    },
)


# ---- backpropagation -------------------------------------------------------------------------

_NAMES = ("hidden_weights", "hidden_biases", "output_weights", "output_bias")


def _backward(
    inputs: np.ndarray,
    labels: np.ndarray,
    hidden_weights: np.ndarray,
    hidden_biases: np.ndarray,
    output_weights: np.ndarray,
    output_bias: float,
) -> dict[str, Any]:
    return _backward_with()(
        inputs, labels, hidden_weights, hidden_biases, output_weights, output_bias
    )


def _backward_with(
    slope: Any = lambda z: _sigmoid(z) * (1 - _sigmoid(z)), *, mean: bool = True, sign: int = 1,
    squared: bool = False, chained: bool = True,
) -> Any:  # fmt: skip
    def gradients(inputs: Any, labels: Any, w: Any, b: Any, v: Any, c: Any) -> dict[str, Any]:
        sums = inputs @ w.T + b
        hidden = _sigmoid(sums)
        p = _sigmoid(hidden @ v + c)
        error = sign * (p - labels) * (p * (1 - p) if squared else 1)
        error = error / (len(labels) if mean else 1)
        back = error[:, None] * (v if chained else 1) * slope(sums)
        return {
            "hidden_weights": back.T @ inputs,
            "hidden_biases": back.sum(axis=0),
            "output_weights": hidden.T @ error,
            "output_bias": float(error.sum()),
        }

    return gradients


def _network(rng: np.random.Generator, p: int, units: int) -> tuple[Any, ...]:
    return (
        rng.normal(size=(units, p)).round(2),
        rng.normal(size=units).round(2),
        rng.normal(size=units).round(2) + 0.005,
        round(float(rng.normal()), 2),
    )


def _backward_inputs(rng: np.random.Generator) -> Iterator[Case]:
    for n, p, units in ((5, 2, 3), (6, 3, 3), (1, 3, 2)):
        labels = rng.integers(0, 2, n)
        inputs = rng.normal(size=(n, p)).round(2)
        about = f"{n} sample{'s' * (n > 1)} of {p} features and {units} hidden units"
        yield Case((inputs, labels, *_network(rng, p, units)), about)


def _slope_of_activation(z: Any) -> Any:
    return _sigmoid(_sigmoid(z)) * (1 - _sigmoid(_sigmoid(z)))


def _draw_gradient_check(answer: Any) -> Any:
    from mlmi_course import plots

    rng = np.random.default_rng(5)
    inputs, labels = rng.normal(size=(20, 4)), rng.integers(0, 2, 20)
    network = dict(zip(_NAMES, _network(rng, 4, 5), strict=True))
    yours = call(answer, (inputs, labels, *network.values()))
    by_rule, by_trial = [], []
    for name in _NAMES:
        by_rule += list(np.ravel(yours[name]))
        by_trial += list(np.ravel(_numerical(inputs, labels, network, name)))
    ends = [min(by_trial), max(by_trial)]
    away = float(np.abs(np.subtract(by_rule, by_trial)).max())

    def paint(ax: Any) -> None:
        plots.lines({"equal": (ends, ends)}, colours={"equal": plots.COLOURS["neutral"]}, ax=ax)
        ax.plot(by_trial, by_rule, "o", color=plots.COLOURS["prediction"], label="one weight each")
        ax.set(xlabel="by central differences", ylabel="by your function")
        ax.legend(frameon=False)

    return plots.grid(
        [(f"largest difference {away:.1e}", paint)],
        columns=1,
        size=(4.4, 3.9),
        alt="Your gradient of each weight against the numerical one; where they agree, the points "
        f"lie on the diagonal. The largest difference is {away:.1e}.",
    )


def _numerical(inputs: Any, labels: Any, network: dict[str, Any], name: str) -> np.ndarray:
    """The gradient with respect to one of the four, by central differences."""
    there = np.atleast_1d(np.asarray(network[name], dtype=float))
    gradient = np.zeros_like(there)
    for place in np.ndindex(there.shape):
        losses = []
        for step in (1e-5, -1e-5):
            moved = there.copy()
            moved[place] += step
            w, b, v, c = {**network, name: moved}.values()
            losses.append(_logistic_loss(_sigmoid(inputs @ w.T + b) @ v + c, labels))
        gradient[place] = (losses[0] - losses[1]) / 2e-5
    return gradient


backward = FunctionQuestion(
    title="Backpropagation",
    points=3,
    inputs=_backward_inputs,
    reference=_backward,
    picture=_draw_gradient_check,
    see="Who is to blame? Backpropagation",
    hints=(
        "First go forward and keep everything: the sums z of the hidden units, their activations "
        "h, the probability p.",
        "The derivative of the mean loss with respect to the output's score is (p − y) / n, one "
        "number for each sample. Call it `error`: the output's gradients are `hidden.T @ error` "
        "and `error.sum()`.",
        "Blame flows back through the output weights and through the slope of the sigmoid at z, "
        "which is h (1 − h): `back = np.outer(error, output_weights) * hidden * (1 - hidden)`. "
        "The hidden gradients are `back.T @ inputs` and `back.sum(axis=0)`.",
    ),
    misconceptions={
        "derivative_at_the_activation": Misconception(
            _backward_with(_slope_of_activation),
            "You took the slope of the sigmoid at the activation h. It is needed at the sum z, "
            "the pre-activation. Since h = σ(z), that slope is h (1 − h): do not put h into σ "
            "again.",
        ),
        "sum_for_mean": Misconception(
            _backward_with(mean=False),
            "These are the gradients of the *sum* over the samples. The loss is the mean: with "
            "the sum, twice the patients take twice the step.",
        ),
        "slope_formula_fed_the_sum": Misconception(
            _backward_with(lambda z: z * (1 - z)),
            "You computed z (1 − z). The slope at the sum z is σ(z) (1 − σ(z)), that is h (1 − h), "
            "with the activation h in both places.",
        ),
        "no_slope": Misconception(
            _backward_with(np.ones_like),
            "The slope of the hidden units is missing: blame passes through their sigmoid, "
            "and shrinks where it is flat.",
        ),
        "not_through_output_weights": Misconception(
            _backward_with(chained=False),
            "The blame of a hidden unit did not pass through its output weight. A unit that the "
            "output hardly listens to is hardly to blame.",
        ),
        "squared_error": Misconception(
            _backward_with(squared=True),
            "You multiplied the error by p (1 − p). That belongs to the squared error. With the "
            "logistic loss it cancels: what is left is p − y.",
        ),
        "sign": Misconception(
            _backward_with(sign=-1),
            "All signs are turned: y − p is the direction in which to step, and the gradient "
            "points uphill, p − y.",
        ),
    },
)


# ---- a model ---------------------------------------------------------------------------------


def _accuracy(labels: Any, predictions: Any) -> float:
    predictions = np.asarray(predictions)
    if predictions.shape != labels.shape:
        raise ValueError(
            f"one label for each image is needed, shape {labels.shape}, and yours have shape "
            f"{predictions.shape}"
        )
    if np.isin(predictions, (-1, 1)).all() and (predictions == -1).any():
        raise ValueError("labels are 0 or 1; yours are −1 and +1, so return 0 in place of −1")
    if not np.isin(predictions, (0, 1)).all():
        raise ValueError("labels are 0 or 1; these look like probabilities or scores")
    right = float((predictions == labels).mean())
    if right < 0.2:
        raise ValueError(
            "nearly every image has the other label: your network can tell them apart, but 1 means "
            "upright and 0 means lying"
        )
    return right


def _linear(images: Any) -> np.ndarray:
    from sklearn.linear_model import LogisticRegression

    train, labels = bars(400, seed=1)
    model = LogisticRegression().fit(train.reshape(400, -1), labels)
    return model.predict(images.reshape(len(images), -1))


orientation = ModelQuestion(
    title="Upright or lying?",
    points=3,
    draw=lambda rng: bars(400, rng),
    metric=_accuracy,
    threshold=0.96,
    chance=0.5,
    budget_s=60,
    see="Exactly one of two",
    hints=(
        "`images.reshape(len(images), -1)` makes each image one row of 64 numbers.",
        "Too low? Take more units first: eight are too few, sixteen will do. Then look at the "
        "loss: has it stopped falling? If not, take more steps, or larger ones.",
        "The network gives scores. A score above 0 means upright: `(scores > 0).astype(int)`.",
    ),
    misconceptions={
        "linear": Misconception(
            _linear,
            "This is a linear model, without hidden units. The mean of a bright and a dark bar is "
            "nothing, so every weight learns to be nearly zero. It is XOR again.",
        ),
        "always_upright": Misconception(
            lambda images: np.ones(len(images), dtype=int),
            "Every image is called upright. Half of them are, so half are right: look at the "
            "scores. Are they all on one side of 0?",
        ),
        "always_lying": Misconception(
            lambda images: np.zeros(len(images), dtype=int),
            "Every image is called lying. If your network gives probabilities, `> 0.5` turns them "
            "into labels; `astype(int)` alone makes each of them 0.",
        ),
    },
)


# ---- honest accuracy -------------------------------------------------------------------------


def _pipeline() -> Any:
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    return make_pipeline(StandardScaler(), LogisticRegression())


def _out_of_fold(features: np.ndarray, labels: np.ndarray, folds: np.ndarray) -> np.ndarray:
    return _folded(features, labels, folds)


def _folded(
    features: Any, labels: Any, folds: Any, *, model: Any = _pipeline, scale_first: bool = False,
    fit_on: Any = lambda folds, fold: folds != fold, column: int = 1,
) -> np.ndarray:  # fmt: skip
    from sklearn.preprocessing import StandardScaler

    if scale_first:
        features = StandardScaler().fit_transform(features)
    probabilities = np.empty(len(labels))
    for fold in np.unique(folds):
        held, learn = folds == fold, fit_on(folds, fold)
        fitted = model().fit(features[learn], labels[learn])
        probabilities[held] = fitted.predict_proba(features[held])[:, column]
    return probabilities


def _scaled_apart(features: Any, labels: Any, folds: Any) -> np.ndarray:
    from sklearn.preprocessing import StandardScaler

    probabilities = np.empty(len(labels))
    for fold in np.unique(folds):
        held = folds == fold
        model = _pipeline().fit(features[~held], labels[~held])
        scaled = StandardScaler().fit_transform(features[held])
        probabilities[held] = model[-1].predict_proba(scaled)[:, 1]
    return probabilities


def _in_fold_order(features: Any, labels: Any, folds: Any) -> np.ndarray:
    return _out_of_fold(features, labels, folds)[np.argsort(folds, kind="stable")]


def _bare() -> Any:
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(max_iter=1000)


def _out_of_fold_inputs(rng: np.random.Generator) -> Iterator[Case]:
    for n, k, words in ((24, 3, "three"), (12, 2, "two")):
        labels = rng.permutation(np.arange(n) % 2)
        features = rng.normal(size=(n, 2)) * (1, 10) + labels[:, None]
        features[0, 0] = 30.0  # one patient far from all others moves mean and scale
        folds = np.empty(n, dtype=int)
        for label in (0, 1):  # both classes in every fold
            folds[labels == label] = rng.permutation(np.arange(n // 2) % k)
        numbers = 10 * folds + int(rng.integers(1, 9))
        yield Case((features.round(2), labels, numbers), f"{n} patients in {words} folds")
    labels = np.array([0, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 1, 0])
    folds = np.array([-1, -1, 0, 0, -1, -1, 0, 0, 0, -1, 5, 0, -1])
    features = rng.normal(size=(13, 2)) * (1, 10) + labels[:, None]
    yield Case(
        (features.round(2), labels, folds), "folds −1, 0 and 5, the last of a single patient"
    )


def _draw_biopsies(answer: Any) -> Any:
    from sklearn.datasets import load_breast_cancer

    from mlmi_course import plots

    cells, benign = load_breast_cancer(return_X_y=True)
    malignant = 1 - benign  # in this file 1 means benign
    folds = np.random.default_rng(0).permutation(len(malignant)) % 10
    unseen = np.asarray(call(answer, (cells, malignant, folds)), dtype=float)
    accuracy = float(((unseen > 0.5) == malignant).mean())
    return plots.bars(
        ["always benign", "your predictions"],
        [float(1 - malignant.mean()), accuracy],
        decimals=3,
        highlight="your predictions",
        xlabel="accuracy on unseen cases",
        alt=f"Accuracy on unseen cases: 0.627 for always benign, {accuracy:.3f} for yours.",
    )


out_of_fold = FunctionQuestion(
    title="Predictions for patients that the model has never seen",
    points=3,
    inputs=_out_of_fold_inputs,
    reference=_out_of_fold,
    tolerance=1e-4,
    picture=_draw_biopsies,
    see="Is a network needed?",
    hints=(
        "Loop over `np.unique(folds)`. `held = folds == fold` are the patients to predict, "
        "`~held` those to learn from.",
        "What is learnt from data must be learnt from `~held` alone, and the scaler learns too: a "
        "mean and a standard deviation.",
        "`make_pipeline(StandardScaler(), LogisticRegression())` fits both at once. Column 1 of "
        "`predict_proba` is the probability of label 1.",
    ),
    misconceptions={
        "scaler_on_all_folds": Misconception(
            partial(_folded, model=_bare, scale_first=True),
            "The scaler has seen all folds, also the patients it will be tested on. It must be "
            "fitted inside the loop, on the learning patients alone.",
        ),
        "tested_on_training_patients": Misconception(
            partial(_folded, fit_on=lambda folds, fold: np.ones(len(folds), dtype=bool)),
            "Each patient was predicted by a model that had learnt from that very patient. That "
            "is the accuracy on the training folds, and it says nothing about the next patient.",
        ),
        "fitted_on_the_held_fold": Misconception(
            partial(_folded, fit_on=lambda folds, fold: folds == fold),
            "You learn from the fold that you predict, and leave out the others. It is the other "
            "way round.",
        ),
        "held_fold_scaled_apart": Misconception(
            _scaled_apart,
            "The held fold was scaled by its own mean and standard deviation. The next patient "
            "comes alone and has neither: use the scaler that the learning patients gave.",
        ),
        "in_the_order_of_the_folds": Misconception(
            _in_fold_order,
            "The right numbers, but in the order of the folds. Each belongs at the place of its "
            "patient: `probabilities[held] = …`.",
        ),
        "no_scaler": Misconception(
            partial(_folded, model=_bare),
            "The features are not scaled. The penalty of the logistic regression then treats "
            "millimetres and metres differently.",
        ),
        "other_class": Misconception(
            partial(_folded, column=0),
            "That is the probability of label 0. The columns of `predict_proba` are in the order "
            "of the labels.",
        ),
        "labels": Misconception(
            lambda features, labels, folds: (_out_of_fold(features, labels, folds) > 0.5) * 1.0,
            "Those are labels, 0 or 1. The probabilities are asked for: they say more.",
        ),
        "cut_to_whole_numbers": Misconception(
            lambda features, labels, folds: np.zeros_like(labels),
            "Every value is 0. An array made like `labels` holds whole numbers and cuts each "
            "probability off: make it with `np.zeros(len(labels))`.",
        ),
    },
)


# ---- a thought -------------------------------------------------------------------------------

prognosis = ThoughtQuestion(
    title="What do you tell her?",
    points=2,
    rubric=(
        "1 point: says that the number is no probability of survival: the weights were invented, "
        "nothing was trained or calibrated on patients. A sigmoid makes any number look like a "
        "probability. "
        "1 point: says what would be needed before such a number may be told to a patient, at "
        "least two of: trained on patients like her; tested on patients not seen; calibration "
        "(of 100 with 0.65, about 65 live); an interval or a word on how sure; a defined time span "
        "and censoring; comparison with the simple table by stage; somebody trained to say it. "
        "No points for 'AI can be wrong' alone."
    ),
    see="A forward pass",
    hints=(
        "Where did the weights come from? What would the output be with other ones?",
        "Think of 100 women for whom the network says 0.65. What would have to be true of them?",
    ),
)

progress = Unit(__name__).progress
