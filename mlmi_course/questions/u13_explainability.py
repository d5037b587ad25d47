"""Questions of unit 13, explainability."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import pairwise, permutations
from typing import Any

import numpy as np
from scipy import ndimage

from mlmi_course.checks import (
    Case,
    FunctionQuestion,
    Misconception,
    ModelQuestion,
    ThoughtQuestion,
    Unit,
)
from mlmi_course.checks.calling import call

__all__ = [
    "destroy",
    "evidence",
    "grad_cam",
    "group_importance",
    "hit",
    "importance",
    "integrated_gradients",
    "misleading",
    "progress",
    "prototypes",
    "saliency",
    "shapley",
    "without_letter",
]


# ---- permutation importance ------------------------------------------------------------------


def _loss(features: Any, labels: Any, weights: Any, bias: float) -> float:
    scores = features @ weights + bias
    return float(np.logaddexp(0, -(2 * labels - 1) * scores).mean())


def _importance(
    train_features: np.ndarray,
    train_labels: np.ndarray,
    test_features: np.ndarray,
    test_labels: np.ndarray,
    weights: np.ndarray,
    bias: float,
    orders: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    return _shuffled(test_features, test_labels, weights, bias, orders)


def _one_column(features: np.ndarray, orders: np.ndarray, r: int, j: int) -> np.ndarray:
    other = features.copy()
    other[:, j] = features[orders[r, j], j]
    return other


def _shuffled(
    features: Any, labels: Any, weights: Any, bias: Any, orders: Any, move: Any = _one_column
) -> tuple[np.ndarray, np.ndarray]:
    usual = _loss(features, labels, weights, bias)
    losses = np.array(
        [
            [_loss(move(features, orders, r, j), labels, weights, bias) for r in range(len(orders))]
            for j in range(features.shape[1])
        ]
    ).mean(axis=1)
    return losses - usual, losses / usual


def _importance_with(
    change: Callable[..., Any] | None = None, move: Any = _one_column, train: bool = False
) -> Any:
    def wrong(xt: Any, yt: Any, xs: Any, ys: Any, w: Any, b: Any, orders: Any) -> Any:
        x, y = (xt, yt) if train else (xs, ys)
        found = _shuffled(x, y, w, b, orders, move)
        return change(*found) if change else found

    return wrong


def _importance_inputs(rng: np.random.Generator) -> Iterator[Case]:
    def patients(n: int, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        x = rng.normal(size=(n, len(weights))).round(2)
        return x, (x @ weights + rng.logistic(size=n) > 0).astype(int)

    for n, repeats, weights, about in (
        (30, 3, rng.uniform(0.5, 2, 3) * rng.choice([-1, 1], 3), "three features"),
        (20, 2, np.array([1.5, 0.0]), "a feature that the model does not use"),
    ):
        orders = np.array(
            [[rng.permutation(n) for _ in weights] for _ in range(repeats)], dtype=np.int64
        )
        w = weights.round(2)
        yield Case((*patients(n, w), *patients(n, w), w, 0.2, orders), about)

    world, model = np.array([1.5, -1.5]), np.array([1.5, 0.8])
    while True:  # the model has the second feature upside down: shuffling it helps
        orders = np.array([[rng.permutation(24) for _ in model] for _ in range(2)], dtype=np.int64)
        arguments = (*patients(24, world), *patients(24, world), model, -0.1, orders)
        if _importance(*arguments)[0].min() < -0.02:
            break
    yield Case(arguments, "a feature that misleads the model")


def _with_raw_labels(xt: Any, yt: Any, xs: Any, ys: Any, w: Any, b: Any, orders: Any) -> Any:
    # _loss turns 0 and 1 into ±1; half-way labels give the margins 0 and 1 that ys itself gives
    return _shuffled(xs, (ys + 1) / 2, w, b, orders)


def _rows(features: Any, orders: Any, r: int, j: int) -> Any:
    return features[orders[r, 0]]


def _rows_in_own_order(features: Any, orders: Any, r: int, j: int) -> Any:
    return features[orders[r, j]]


def _first_order(features: Any, orders: Any, r: int, j: int) -> Any:
    other = features.copy()
    other[:, j] = features[orders[r, 0], j]
    return other


def _never_restored(features: Any, orders: Any, r: int, j: int) -> Any:
    other = features.copy()
    for k in range(j + 1):
        other[:, k] = features[orders[r, k], k]
    return other


def _to_zero(features: Any, orders: Any, r: int, j: int) -> Any:
    other = features.copy()
    other[:, j] = 0
    return other


def _draw_importance(answer: Any) -> Any:
    from sklearn.linear_model import LogisticRegression

    from mlmi_course import plots
    from mlmi_course.data import load_cohort

    cohort = load_cohort(n=400, seed=5)
    acting = list(cohort.truth.informative)
    idle = [name for name in cohort.features if name not in acting][:5]
    x = cohort.table[[*acting, *idle]].to_numpy()
    x = (x - x.mean(axis=0)) / x.std(axis=0)
    y = cohort.table["progression"].to_numpy()
    model = LogisticRegression().fit(x[:200], y[:200])
    rng = np.random.default_rng(0)
    orders = np.array([[rng.permutation(200) for _ in range(12)] for _ in range(5)])
    arguments = (x[:200], y[:200], x[200:], y[200:], model.coef_[0], float(model.intercept_[0]))
    difference = np.asarray(call(answer, (*arguments, orders))[0], dtype=float)
    return plots.bars(
        [*acting, *(f"{name} (useless)" for name in idle)],
        difference,
        decimals=3,
        highlight=acting,
        xlabel="loss after shuffling, minus loss",
        alt="Your importances of seven features that act and five that do not, on unseen patients.",
    )


importance = FunctionQuestion(
    title="Shuffle one column",
    points=3,
    inputs=_importance_inputs,
    reference=_importance,
    picture=_draw_importance,
    see="Shuffle one column",
    hints=(
        "Write the loss as a function of a table first; then call it on the table as it is, and on "
        "changed copies.",
        "For each feature j and each repeat r: copy the test table, put "
        "`test_features[orders[r, j], j]` into column j of the copy, and take the loss.",
        "Average the losses over the repeats. The difference is that mean minus the usual loss, "
        "the quotient that mean divided by the usual loss.",
    ),
    misconceptions={
        "labels_of_0_and_1": Misconception(
            _with_raw_labels,
            "The labels went into the loss as 0 and 1. It wants y = ±1: turn 0 into −1 first. With "
            "y = 0 every healthy patient costs log 2, whatever the score.",
        ),
        "on_training": Misconception(
            _importance_with(train=True),
            "You measured on the patients that the model has learnt from. There it relies on what "
            "it knows by heart, and useless features look important.",
        ),
        "whole_rows": Misconception(
            _importance_with(move=_rows),
            "You moved all columns with one permutation: whole patients changed places. So every "
            "feature gets the same number. Move one column, and leave the others.",
        ),
        "whole_rows_in_own_orders": Misconception(
            _importance_with(move=_rows_in_own_order),
            "You moved whole rows, all columns of a patient at once. Then nothing is asked of "
            "feature j. Change column j of a copy, and leave the other columns.",
        ),
        "one_order_for_all": Misconception(
            _importance_with(move=_first_order),
            "You used the order of feature 0 for every feature. Each has its own: `orders[r, j]`.",
        ),
        "not_restored": Misconception(
            _importance_with(move=_never_restored),
            "The columns shuffled before are still shuffled: the importances pile up. Start each "
            "feature from a fresh copy.",
        ),
        "set_to_zero": Misconception(
            _importance_with(move=_to_zero),
            "You set the column to zero. Shuffling keeps its values and breaks only their tie to "
            "the patients; a constant column is a table that the model never sees.",
        ),
        "sign": Misconception(
            _importance_with(lambda d, q: (-d, q)),
            "The difference has the wrong sign: the loss *after* shuffling comes first, so that an "
            "important feature has a number above 0.",
        ),
        "upside_down": Misconception(
            _importance_with(lambda d, q: (d, 1 / q)),
            "The quotient is upside down: the loss after shuffling stands above. An important "
            "feature has more than 1.",
        ),
        "quotient_of_the_difference": Misconception(
            _importance_with(lambda d, q: (d, q - 1)),
            "You divided the difference by the usual loss. The quotient is that of the two losses: "
            "a feature that is not used has 1, and not 0.",
        ),
        "swapped": Misconception(
            _importance_with(lambda d, q: (q, d)),
            "The two arrays are swapped: first the difference, then the quotient.",
        ),
        "cut_at_zero": Misconception(
            _importance_with(lambda d, q: (np.maximum(d, 0), q)),
            "You cut the differences at 0. Where a feature misleads the model, shuffling it makes "
            "the loss smaller, and a number below 0 says so. Leave it.",
        ),
        "absolute": Misconception(
            _importance_with(lambda d, q: (np.abs(d), q)),
            "You took the absolute value. A feature that misleads the model, so that shuffling it "
            "helps, then looks important. Leave the sign.",
        ),
    },
)


# ---- groups ----------------------------------------------------------------------------------


def _group_importance(
    features: np.ndarray,
    labels: np.ndarray,
    weights: np.ndarray,
    bias: float,
    groups: list[list[int]],
    orders: np.ndarray,
) -> np.ndarray:
    usual = _loss(features, labels, weights, bias)
    found = []
    for group, order in zip(groups, orders, strict=True):
        other = features.copy()
        other[:, group] = features[order][:, group]
        found.append(_loss(other, labels, weights, bias) - usual)
    return np.array(found)


def _group_inputs(rng: np.random.Generator) -> Iterator[Case]:
    for groups, about in (
        ([[0, 1, 2], [3, 4]], "two groups"),
        ([[0, 3], [1], [2, 4]], "a group of one, and columns that do not stand side by side"),
    ):
        x = rng.normal(size=(24, 5))
        x[:, 1:3] = 0.9 * x[:, [0]] + 0.3 * x[:, 1:3]  # copies
        x = x.round(2)
        w = rng.uniform(0.5, 1.5, 5).round(2)
        labels = (x @ w + rng.logistic(size=24) > 0).astype(int)
        orders = np.array([rng.permutation(24) for _ in groups], dtype=np.int64)
        yield Case((x, labels, w, -0.3, groups, orders), about)

    world, model = np.array([1.5, -1.0, -1.0]), np.array([1.5, 0.5, 0.5])
    while True:  # the model has the second group upside down: shuffling it helps
        x = rng.normal(size=(24, 3)).round(2)
        labels = (x @ world + rng.logistic(size=24) > 0).astype(int)
        orders = np.array([rng.permutation(24) for _ in range(2)], dtype=np.int64)
        arguments = (x, labels, model, 0.1, [[0], [1, 2]], orders)
        if _group_importance(*arguments)[1] < -0.02:
            break
    yield Case(arguments, "a group that misleads the model")


def _one_by_one(x: Any, y: Any, w: Any, b: Any, groups: Any, orders: Any) -> Any:
    return np.array(
        [
            sum(_group_importance(x, y, w, b, [[j]], [order])[0] for j in group)
            for group, order in zip(groups, orders, strict=True)
        ]
    )


def _own_orders(x: Any, y: Any, w: Any, b: Any, groups: Any, orders: Any) -> Any:
    """Each column of a group in another order: here the next one, cyclically."""
    usual, found = _loss(x, y, w, b), []
    for group, order in zip(groups, orders, strict=True):
        other = x.copy()
        for place, j in enumerate(group):
            other[:, j] = x[np.roll(order, place), j]
        found.append(_loss(other, y, w, b) - usual)
    return np.array(found)


def _other_columns(x: Any, y: Any, w: Any, b: Any, groups: Any, orders: Any) -> Any:
    rest = [[j for j in range(x.shape[1]) if j not in group] for group in groups]
    return _group_importance(x, y, w, b, rest, orders)


def _groups_pile_up(x: Any, y: Any, w: Any, b: Any, groups: Any, orders: Any) -> Any:
    other, found = x.copy(), []
    for group, order in zip(groups, orders, strict=True):
        other[:, group] = x[order][:, group]
        found.append(_loss(other, y, w, b) - _loss(x, y, w, b))
    return np.array(found)


def _first_only(x: Any, y: Any, w: Any, b: Any, groups: Any, orders: Any) -> Any:
    return _group_importance(x, y, w, b, [group[:1] for group in groups], orders)


group_importance = FunctionQuestion(
    title="Shuffle copies together",
    points=2,
    inputs=_group_inputs,
    reference=_group_importance,
    see="Copies hide each other",
    hints=(
        "All columns of a group move in one order: a patient gets the whole set of another one.",
        "`features[order][:, group]` are a group's columns with the patients in another order.",
    ),
    misconceptions={
        "one_by_one": Misconception(
            _one_by_one,
            "You shuffled the columns of a group one by one and added up. Each is then covered by "
            "its copies. Change all of them in one table, and take the loss once.",
        ),
        "own_orders": Misconception(
            _own_orders,
            "Each column of the group moved in an order of its own. That invents patients with a "
            "large volume and a small diameter. One order for the whole group.",
        ),
        "not_restored": Misconception(
            _groups_pile_up,
            "The groups shuffled before are still shuffled. Start each group from a fresh copy.",
        ),
        "cut_at_zero": Misconception(
            lambda *given: np.maximum(_group_importance(*given), 0),
            "You cut the differences at 0. Where a group misleads the model, shuffling it makes "
            "the loss smaller, and a number below 0 says so. Leave it.",
        ),
        "first_only": Misconception(
            _first_only, "Only the first column of each group was shuffled."
        ),
        "the_others": Misconception(
            _other_columns,
            "You shuffled the columns that are *not* in the group. Shuffle those in it.",
        ),
    },
)


# ---- Shapley ---------------------------------------------------------------------------------

_PLAYERS = "ABC"


def _join(players: Any) -> str:
    return "".join(sorted(players))


def _shapley(values: dict[str, float]) -> np.ndarray:
    shares = np.zeros(3)
    for order in permutations(_PLAYERS):
        for place, player in enumerate(order):
            gain = values[_join(order[: place + 1])] - values[_join(order[:place])]
            shares[_PLAYERS.index(player)] += gain / 6
    return shares


def _shapley_inputs(rng: np.random.Generator) -> Iterator[Case]:
    names = ["", "A", "B", "C", "AB", "AC", "BC", "ABC"]
    drawn = rng.uniform(0.1, 0.9, 8).round(2)
    yield Case((dict(zip(names, drawn.tolist(), strict=True)),), "an ordinary game")
    base, gains = 0.3, rng.uniform(0.05, 0.2, 2).round(2)
    two = [base + gains[0] * ("A" in n) + gains[1] * ("A" in n and "B" in n) for n in names]
    yield Case((dict(zip(names, map(float, two), strict=True)),), "a player who changes nothing")


def _others(player: str) -> list[str]:
    return [p for p in _PLAYERS if p != player]


def _gains(values: Any, player: str) -> list[float]:
    """Gains on joining nobody, either one, and both."""
    a, b = _others(player)
    return [values[_join([player, *s])] - values[_join(s)] for s in ([], [a], [b], [a, b])]


def _shapley_by(combine: Callable[[list[float]], float]) -> Any:
    return lambda values: np.array([combine(_gains(values, player)) for player in _PLAYERS])


shapley = FunctionQuestion(
    title="Share out a prediction",
    points=2,
    inputs=_shapley_inputs,
    reference=_shapley,
    see="Share out one prediction",
    hints=(
        "Write down the six orders of A, B and C. In each, the gain of a player is the value with "
        "her minus the value just before she came.",
        "`itertools.permutations('ABC')` gives the orders. The key of a set of players is "
        "`''.join(sorted(players))`.",
        "In two of six orders A comes first, in two last, in one after B alone, in one after C "
        "alone: weights 1/3, 1/3, 1/6 and 1/6.",
    ),
    misconceptions={
        "alone": Misconception(
            _shapley_by(lambda g: g[0]),
            "That is what each player brings to an empty room. Whoever comes later brings another "
            "amount: take the mean over all orders.",
        ),
        "last": Misconception(
            _shapley_by(lambda g: g[3]),
            "That is what is lost when each player leaves last. It is one place in the order of "
            "three: take the mean over all orders.",
        ),
        "four_equal": Misconception(
            _shapley_by(np.mean),
            "You gave the four coalitions equal weights. But a player comes first in two orders of "
            "six, and after one given other in only one: 1/3, 1/6, 1/6, 1/3.",
        ),
        "first_and_last": Misconception(
            _shapley_by(lambda g: (g[0] + g[3]) / 2),
            "You took the mean of coming first and coming last. Coming in the middle counts too.",
        ),
        "not_divided": Misconception(
            lambda values: 6 * _shapley(values),
            "The gains of the six orders were added up and not divided by six. The shares must add "
            "up to v(ABC) − v(nobody).",
        ),
        "empty_forgotten": Misconception(
            lambda values: _shapley({**values, "": 0.0}),
            "You took the value of the empty room as 0. It is `values['']`, the mean output; the "
            "shares must add up to v(ABC) minus that.",
        ),
    },
)


# ---- saliency --------------------------------------------------------------------------------


def _network(rng: np.random.Generator, rows: int, columns: int, units: int) -> Any:
    weights = rng.normal(size=(units, rows, columns)).round(2)
    return weights, rng.normal(0, 0.3, units).round(2), rng.normal(size=units).round(2)


def _sums(image: Any, weights: Any, biases: Any) -> Any:
    return (weights * image).sum(axis=(1, 2)) + biases


def _gradient(image: Any, weights: Any, biases: Any, output_weights: Any) -> Any:
    on = _sums(image, weights, biases) > 0
    return np.tensordot(output_weights * on, weights, axes=1)


def _probability(image: Any, weights: Any, biases: Any, output_weights: Any) -> float:
    logit = np.maximum(_sums(image, weights, biases), 0) @ output_weights
    return float(np.exp(-np.logaddexp(0, -logit)))


def _saliency(
    image: np.ndarray,
    weights: np.ndarray,
    biases: np.ndarray,
    output_weights: np.ndarray,
    label: int,
) -> np.ndarray:
    return np.abs(_gradient(image, weights, biases, output_weights))


def _saliency_inputs(rng: np.random.Generator) -> Iterator[Case]:
    def mixed(rows: int, columns: int, units: int) -> Any:
        while True:  # two units on or more, one off, and the network not too sure
            image = rng.uniform(0, 1, (rows, columns)).round(2)
            net = _network(rng, rows, columns, units)
            on = _sums(image, *net[:2]) > 0.02
            p = _probability(image, *net)
            tipped = on != (_sums(image, net[0], 0) > 0)  # units that the bias switches
            some = 1 < on.sum() < units and tipped.any()
            if some and 0.1 < p < 0.9 and (_gradient(image, *net) < 0).any():
                return image, net

    image, net = mixed(3, 4, 5)
    yield Case((image, *net, 1), "an image of 3 × 4 pixels and five units")
    image, net = mixed(2, 2, 3)
    yield Case((image, *net, 0), "a patient without the finding")


def _saliency_with(change: Callable[[Any, float, int, Any], Any]) -> Any:
    def wrong(image: Any, w: Any, b: Any, v: Any, label: int) -> Any:
        return change(_gradient(image, w, b, v), _probability(image, w, b, v), label, image)

    return wrong


saliency = FunctionQuestion(
    title="The gradient of the score",
    points=2,
    inputs=_saliency_inputs,
    reference=_saliency,
    see="The gradient of the score",
    hints=(
        "Which units are on? Only those let a change of a pixel pass.",
        "The gradient is the sum, over the units that are on, of the output weight times the "
        "weights of the unit. The label is not needed.",
        "`np.tensordot(output_weights * on, weights, axes=1)` adds them up; a saliency map shows "
        "the size.",
    ),
    misconceptions={
        "of_the_loss": Misconception(
            _saliency_with(lambda g, p, y, x: np.abs((p - y) * g)),
            "That is the gradient of the *loss*. It needs a label, which nobody has for the next "
            "patient, and it vanishes where the network is right. Explain the logit.",
        ),
        "of_the_probability": Misconception(
            _saliency_with(lambda g, p, y, x: np.abs(p * (1 - p) * g)),
            "That is the gradient of the probability, p (1 − p) times too small. Where the network "
            "is sure, nothing is left of it. Explain the logit.",
        ),
        "no_absolute_value": Misconception(
            _saliency_with(lambda g, p, y, x: g),
            "The signs are still there. A pixel that lowers the score matters as much: a saliency "
            "map shows the absolute value.",
        ),
        "no_gate": Misconception(
            lambda image, w, b, v, label: np.abs(np.tensordot(v, w, axes=1)),
            "All units count in yours. A unit whose sum is below zero is off: a small change of a "
            "pixel does not reach the output through it.",
        ),
        "no_bias": Misconception(
            lambda image, w, b, v, label: np.abs(_gradient(image, w, 0 * b, v)),
            "You asked which units are on without their biases. A unit is on where its sum *and* "
            "its bias together are above zero.",
        ),
        "size_of_each_unit": Misconception(
            lambda image, w, b, v, label: np.tensordot(
                np.abs(v) * (_sums(image, w, b) > 0), np.abs(w), axes=1
            ),
            "You took the size unit by unit, and then added up. What one unit adds another may "
            "take away: first the sum over the units, then its absolute value.",
        ),
        "times_the_image": Misconception(
            _saliency_with(lambda g, p, y, x: np.abs(g * x)),
            "You multiplied by the image. Then a dark pixel can never matter. The gradient alone "
            "is asked for.",
        ),
        "guided": Misconception(
            lambda image, w, b, v, label: np.abs(
                np.tensordot(np.maximum(v, 0) * (_sums(image, w, b) > 0), w, axes=1)
            ),
            "You dropped the units that speak against the finding. That is guided backpropagation, "
            "which a sanity check finds out.",
        ),
    },
)


# ---- integrated gradients --------------------------------------------------------------------


def _integrated_gradients(
    image: np.ndarray,
    baseline: np.ndarray,
    weights: np.ndarray,
    biases: np.ndarray,
    output_weights: np.ndarray,
    steps: int,
) -> np.ndarray:
    mean = _mean_gradient(image, baseline, weights, biases, output_weights, steps)
    return (image - baseline) * mean


def _mean_gradient(
    x: Any, x0: Any, w: Any, b: Any, v: Any, steps: int, offset: float = 0.5
) -> np.ndarray:
    along = (np.arange(steps) + offset) / steps
    return np.mean([_gradient(x0 + t * (x - x0), w, b, v) for t in along], axis=0)


def _integrated_inputs(rng: np.random.Generator) -> Iterator[Case]:
    def told(steps: int, shape: tuple[int, int], blurred: bool) -> Any:
        """Such that all points of the path matter: units switch on the way, also at its ends."""
        while True:
            image = rng.uniform(0, 1, shape).round(2)
            net = _network(rng, *shape, 8)
            base = np.full(shape, image.mean()) if blurred else rng.uniform(0, 1, shape)
            base = base.round(2)
            means = [
                _mean_gradient(image, start, *net, count, offset)
                for start, count, offset in (
                    (base, steps, 0.5), (base, steps, 0.0), (base, steps, 1.0),
                    (np.zeros(shape), steps, 0.5), (base, 1, 1.0),
                )
            ]  # fmt: skip
            if min(np.abs(means[0] - other).max() for other in means[1:]) > 1e-3:
                return image, base, *net, steps

    yield Case(told(4, (3, 3), blurred=True), "a baseline of one grey, and four steps")
    yield Case(told(3, (2, 3), blurred=False), "a baseline that differs from pixel to pixel")


def _integrated_with(change: Callable[..., Any], offset: float = 0.5) -> Any:
    def wrong(x: Any, x0: Any, w: Any, b: Any, v: Any, steps: int) -> Any:
        return change(_mean_gradient(x, x0, w, b, v, steps, offset), x, x0)

    return wrong


integrated_gradients = FunctionQuestion(
    title="From nothing to the image",
    points=3,
    inputs=_integrated_inputs,
    reference=_integrated_gradients,
    see="From nothing to the image",
    hints=(
        "First a function for the gradient of the logit at *any* image: the signed one of the "
        "question before.",
        "The points of the path are `baseline + t * (image - baseline)` with "
        "t = (k − 1/2) / steps, k = 1 … steps: the middle of each step.",
        "Average the gradients at these points, then multiply by `image - baseline`.",
    ),
    misconceptions={
        "no_factor": Misconception(
            _integrated_with(lambda mean, x, x0: mean),
            "The factor (x − x₀) is missing. Without it the shares do not add up to f(x) − f(x₀): "
            "completeness fails.",
        ),
        "black_baseline": Misconception(
            lambda x, x0, w, b, v, steps: x * _mean_gradient(x, 0 * x, w, b, v, steps),
            "You started from black and not from the baseline. What is black already can then have "
            "no share, whatever it means to the network.",
        ),
        "times_the_image": Misconception(
            _integrated_with(lambda mean, x, x0: x * mean),
            "You multiplied by the image. The way from the baseline is image − baseline.",
        ),
        "sign": Misconception(
            _integrated_with(lambda mean, x, x0: (x0 - x) * mean),
            "All signs are turned: the way leads from the baseline to the image, x − x₀.",
        ),
        "absolute": Misconception(
            _integrated_with(lambda mean, x, x0: np.abs((x - x0) * mean)),
            "You took the absolute value. Here the sign belongs to the answer: the shares must add "
            "up to f(x) − f(x₀).",
        ),
        "at_the_image_only": Misconception(
            lambda x, x0, w, b, v, steps: (x - x0) * _gradient(x, w, b, v),
            "You took the gradient at the image alone. It must be averaged along the path.",
        ),
        "summed": Misconception(
            lambda x, x0, w, b, v, steps: steps * (x - x0) * _mean_gradient(x, x0, w, b, v, steps),
            "The gradients were added up and not divided by the number of steps.",
        ),
        "starts_of_steps": Misconception(
            _integrated_with(lambda mean, x, x0: (x - x0) * mean, offset=0.0),
            "Your points are the starts of the steps. Their middles, (k − 1/2) / steps, are asked "
            "for: far more exact with as few points.",
        ),
        "ends_of_steps": Misconception(
            _integrated_with(lambda mean, x, x0: (x - x0) * mean, offset=1.0),
            "Your points are the ends of the steps. Their middles, (k − 1/2) / steps, are asked "
            "for: far more exact with as few points.",
        ),
    },
)


# ---- Grad-CAM --------------------------------------------------------------------------------


def _grad_cam(channels: np.ndarray, gradients: np.ndarray) -> np.ndarray:
    return np.maximum((channels * gradients.mean(axis=(0, 1))).sum(axis=-1), 0)


def _grad_cam_inputs(rng: np.random.Generator) -> Iterator[Case]:
    for shape, about in (((4, 5, 3), "three channels"), ((3, 3, 4), "four channels")):
        while True:
            channels = np.maximum(rng.normal(size=shape), 0).round(2)
            gradients = rng.normal(size=shape).round(2)
            raw = (channels * gradients.mean(axis=(0, 1))).sum(axis=-1)
            if (raw > 0.05).any() and (raw < -0.05).any():
                break
        yield Case((channels, gradients), about)
    silent = np.ones((2, 2, 2))
    yield Case((silent, -silent), "channels that all speak against the finding")


def _draw_grad_cam(answer: Any) -> Any:
    import keras
    import tensorflow as tf

    from mlmi_course import plots, shipped
    from mlmi_course.phantoms.mammography import patches

    drawn = patches(40, seed=11, difficulty=0.5)
    chosen = np.flatnonzero(drawn["labels"])[:3]
    images, masks = drawn["images"][chosen], drawn["masks"][chosen]
    grey = images / np.float32(255)
    ready = 10 * (grey - np.median(grey, axis=(1, 2), keepdims=True))
    model = shipped.network("u13_honest")
    part = keras.Model(
        model.inputs[0], [model.get_layer("relu2").output, model.get_layer("logit").output]
    )
    with tf.GradientTape() as tape:
        channels, logits = part(tf.constant(ready[..., None], tf.float32), training=False)
    slopes = tape.gradient(logits, channels).numpy()
    found = [
        np.asarray(call(answer, (a.astype(float), g.astype(float))), dtype=float)
        for a, g in zip(channels.numpy(), slopes, strict=True)
    ]

    def patch(ax: Any, i: int) -> None:
        plots.image(images[i], ax=ax, title="patch")
        ax.contour(masks[i], [0.5], colors=plots.COLOURS["truth"], linewidths=1.2)

    draws = []
    for i in range(3):
        draws.append(partial(patch, i=i))
        draws.append(partial(_draw_map, map_=found[i]))
    return plots.grid(
        draws,
        columns=6,
        size=(9.6, 2.0),
        alt="Three patches with their specks outlined, each beside your Grad-CAM map.",
    )


def _draw_map(ax: Any, map_: np.ndarray) -> Any:
    from mlmi_course import plots

    return plots.image(map_, ax=ax, cmap="magma", title="your map")


grad_cam = FunctionQuestion(
    title="Grad-CAM",
    points=2,
    inputs=_grad_cam_inputs,
    reference=_grad_cam,
    picture=_draw_grad_cam,
    see="Grad-CAM: ask the last map",
    hints=(
        "One weight for each channel: its mean gradient over the *positions*, axes 0 and 1.",
        "Multiply every channel by its weight, add the channels up, axis −1, and only then cut "
        "what is below zero.",
    ),
    misconceptions={
        "over_channels": Misconception(
            lambda a, g: np.maximum((a * g.mean(axis=-1, keepdims=True)).sum(axis=-1), 0),
            "You averaged the gradients over the channels. Then there is a weight for each "
            "position, and none for a channel. Average over the rows and columns.",
        ),
        "relu_first": Misconception(
            lambda a, g: np.maximum(a * g.mean(axis=(0, 1)), 0).sum(axis=-1),
            "The ReLU came before the sum. A channel that speaks against the finding can then "
            "cancel nothing, and nearly everything lights up. First add up, then cut.",
        ),
        "no_relu": Misconception(
            lambda a, g: (a * g.mean(axis=(0, 1))).sum(axis=-1),
            "The ReLU is missing: what speaks against the finding, below zero, is cut to 0.",
        ),
        "summed": Misconception(
            lambda a, g: np.maximum((a * g.sum(axis=(0, 1))).sum(axis=-1), 0),
            "You added the gradients up instead of averaging them: all values are too large by the "
            "number of positions.",
        ),
        "not_pooled": Misconception(
            lambda a, g: np.maximum((a * g).sum(axis=-1), 0),
            "You multiplied by the gradient of each position. Grad-CAM takes one weight for a "
            "whole channel.",
        ),
        "absolute": Misconception(
            lambda a, g: np.abs((a * g.mean(axis=(0, 1))).sum(axis=-1)),
            "You took the absolute value. What speaks against the finding is then shown as if it "
            "spoke for it. Cut it to 0.",
        ),
    },
)


# ---- the pointing game -----------------------------------------------------------------------


def _hit(
    map_: np.ndarray, mask: np.ndarray, spacing: list[float], tolerance: float
) -> tuple[float, float]:
    near = _near(mask, spacing, tolerance)
    return float(near[np.unravel_index(np.argmax(map_), map_.shape)]), float(near.mean())


def _near(mask: np.ndarray, spacing: Any, tolerance: float) -> np.ndarray:
    return ndimage.distance_transform_edt(mask == 0, sampling=spacing) <= tolerance


def _hit_inputs(rng: np.random.Generator) -> Iterator[Case]:
    def case(top: tuple[int, int], pixels: Any, spacing: Any, tolerance: float) -> Any:
        map_ = rng.uniform(0, 0.5, (15, 17)).round(2)
        map_[top] = 1.0
        mask = np.zeros((15, 17))
        mask[tuple(np.transpose(pixels))] = 1
        return map_, mask, list(spacing), tolerance

    low = (10 + int(rng.integers(3)), 12)
    body = [low, (low[0], 13), (3, 2)]
    square, tall = (0.4, 0.4), (1.2, 0.4)
    yield Case(case((6, 11), [(7, 8)], square, 1.3), "a maximum 1.26 mm beside a lesion of a pixel")
    yield Case(case((low[0], 13), body, square, 1.3), "a maximum inside the lesion")
    yield Case(case((low[0] - 2, 12), body, square, 1.3), "a maximum 0.8 mm beside it")
    yield Case(case((7, 7), body, square, 1.3), "a maximum far away")
    yield Case(case((low[0] - 1, 12), [low, (3, 2)], tall, 1.3), "pixels taller than wide")
    yield Case(case((low[0], 10), [low, (3, 2)], tall, 1.3), "pixels taller than wide, to the side")
    yield Case(case((5, 5), [(7, 8)], square, 1.3), "a lesion in the centre, missed")
    yield Case(case((6, 8), [(6, 8)], square, 0.0), "no tolerance")
    signed, *rest = case((low[0], 13), body, square, 1.3)
    signed[7, 7] = -2.0
    yield Case((signed, *rest), "a map with signs")


def _hit_by(place: Callable[..., bool], chance: Callable[..., float] | None = None) -> Any:
    def wrong(map_: Any, mask: Any, spacing: Any, tolerance: float) -> Any:
        by_chance = (chance or (lambda *a: _hit(*a)[1]))(map_, mask, spacing, tolerance)
        return float(place(map_, mask, spacing, tolerance)), by_chance

    return wrong


def _to_first_pixel(map_: Any, mask: Any, spacing: Any, tolerance: float) -> bool:
    a, b = (np.array(np.unravel_index(np.argmax(x), x.shape)) for x in (map_, mask))
    return bool(np.linalg.norm((a - b) * spacing) <= tolerance)


def _at_centre(map_: Any, mask: Any, spacing: Any, tolerance: float) -> bool:
    return bool(_near(mask, spacing, tolerance)[map_.shape[0] // 2, map_.shape[1] // 2])


hit = FunctionQuestion(
    title="Hit or miss, and chance",
    points=2,
    inputs=_hit_inputs,
    reference=_hit,
    see="The pointing game, with chance",
    hints=(
        "`scipy.ndimage.distance_transform_edt(mask == 0, sampling=spacing)` gives every pixel its "
        "distance to the nearest pixel of the lesion, in mm.",
        "Pixels whose distance is at most the tolerance count as a hit. Chance is their share.",
        "`np.unravel_index(np.argmax(map_), map_.shape)` is the place of the map's maximum.",
    ),
    misconceptions={
        "mask_maximum": Misconception(
            _hit_by(_to_first_pixel),
            "You looked for the maximum of the *mask*: a mask is 1 everywhere inside, so that is "
            "its first pixel in reading order. A hit is near *any* pixel of the lesion.",
        ),
        "centre": Misconception(
            _hit_by(_at_centre),
            "You look at the centre of the image and not at the maximum of the map. That is the "
            "centre prior: what somebody scores who has no map at all.",
        ),
        "largest_size": Misconception(
            lambda m, k, s, t: _hit(np.abs(m), k, s, t),
            "You took the largest *size*, and here it belongs to a number below zero: the pixel "
            "that speaks most against the finding. The maximum is the largest value, signs kept.",
        ),
        "in_pixels": Misconception(
            lambda m, k, s, t: _hit(m, k, [1.0, 1.0], t),
            "You measured in pixels. The tolerance is in millimetres, and pixels need not be "
            "square: use `sampling=spacing`.",
        ),
        "no_tolerance": Misconception(
            lambda m, k, s, t: _hit(m, k, s, 0.0),
            "The tolerance is not used: a maximum beside the lesion, but near enough, is a hit.",
        ),
        "chance_without_tolerance": Misconception(
            _hit_by(lambda *a: _hit(*a)[0] > 0, chance=lambda m, k, s, t: float((k > 0).mean())),
            "The hit is right. Chance must play by the same rule: with the tolerance more pixels "
            "count as a hit.",
        ),
        "spacing_swapped": Misconception(
            lambda m, k, s, t: _hit(m, k, s[::-1], t),
            "The two spacings are swapped: the first is from row to row.",
        ),
    },
)


# ---- destroying a network --------------------------------------------------------------------


def _destroy(
    kernels: list[np.ndarray],
    biases: list[np.ndarray],
    new_kernels: list[np.ndarray],
    new_biases: list[np.ndarray],
    depth: int,
) -> tuple[list[np.ndarray], list[np.ndarray]]:
    keep = len(kernels) - depth
    return [*kernels[:keep], *new_kernels[keep:]], [*biases[:keep], *new_biases[keep:]]


def _destroy_inputs(rng: np.random.Generator) -> Iterator[Case]:
    for sizes, depth, about in (
        ((4, 3, 2, 2, 1), 2, "the two layers nearest to the output"),
        ((3, 2, 1), 2, "all layers"),
        ((3, 2, 1), 0, "depth 0"),
    ):
        layers = list(pairwise(sizes))
        kernels, fresh = ([rng.normal(size=s).round(2) for s in layers] for _ in range(2))
        biases, new = ([rng.normal(size=s[1]).round(2) for s in layers] for _ in range(2))
        yield Case((kernels, biases, fresh, new, depth), about)


def _only_this_layer(k: Any, b: Any, nk: Any, nb: Any, depth: int) -> Any:
    k, b = list(k), list(b)
    if depth:
        k[-depth], b[-depth] = nk[-depth], nb[-depth]
    return k, b


destroy = FunctionQuestion(
    title="Destroy the network",
    points=2,
    inputs=_destroy_inputs,
    reference=_destroy,
    see="A sanity check",
    hints=(
        "The lists run from the input to the output. The top of a network is its output, so the "
        "*last* `depth` entries are replaced.",
        "`keep = len(kernels) - depth`, then `kernels[:keep] + new_kernels[keep:]`; careful with "
        "`[-depth:]`, which is everything when depth is 0.",
    ),
    misconceptions={
        "only_biases": Misconception(
            lambda k, b, nk, nb, depth: (list(k), _destroy(k, b, nk, nb, depth)[1]),
            "Only the biases are random. The kernels hold nearly all that a network has learnt: it "
            "stays as it was, and no map has a reason to change.",
        ),
        "only_kernels": Misconception(
            lambda k, b, nk, nb, depth: (_destroy(k, b, nk, nb, depth)[0], list(b)),
            "The kernels are random, the biases are still the trained ones. Replace all weights of "
            "a layer.",
        ),
        "depth_0_is_everything": Misconception(
            lambda k, b, nk, nb, depth: _destroy(k, b, nk, nb, depth or len(k)),
            "With depth 0 nothing may change, and in yours everything does: `[-0:]` is the whole "
            "list. Count the layers that are kept instead.",
        ),
        "from_the_input": Misconception(
            lambda k, b, nk, nb, depth: (
                [*nk[:depth], *k[depth:]],
                [*nb[:depth], *b[depth:]],
            ),
            "You began at the input. The cascade begins at the output, where the reasons are, and "
            "works down.",
        ),
        "independent": Misconception(
            _only_this_layer,
            "Only one layer is random: that is the independent randomisation. In the cascade all "
            "layers above it are random, too.",
        ),
    },
)


# ---- prototypes ------------------------------------------------------------------------------


def _prototypes(features: np.ndarray, patients: np.ndarray) -> np.ndarray:
    return _nearest(features, patients[:, None] == patients[None])


def _nearest(features: Any, barred: Any) -> Any:
    apart = np.linalg.norm(features[:, None] - features[None], axis=-1)
    return np.where(barred, np.inf, apart).argmin(axis=1)


def _prototypes_inputs(rng: np.random.Generator) -> Iterator[Case]:
    for n, about in ((9, "patients with up to three images"), (12, "patients in mixed order")):
        patients = rng.permutation(np.arange(n) // 3 * 7 + 2)
        own = rng.normal(size=(40, 3))[patients // 7]
        features = (own + 0.3 * rng.normal(size=(n, 3))).round(3)
        yield Case((features, patients.astype(np.int64)), about)


def _shifted(features: Any, patients: Any) -> Any:
    found = []
    for x, patient in zip(features, patients, strict=True):
        rest = features[patients != patient]
        found.append(np.linalg.norm(rest - x, axis=1).argmin())
    return np.array(found)


prototypes = FunctionQuestion(
    title="A similar case of somebody else",
    points=2,
    inputs=_prototypes_inputs,
    reference=_prototypes,
    see="Show me a similar case",
    hints=(
        "Compute the distances between all pairs: `features[:, None] - features[None]` has shape "
        "(n, n, p).",
        "Set the distance to infinity where `patients[:, None] == patients[None]`, then `argmin` "
        "along axis 1.",
    ),
    misconceptions={
        "own_patient": Misconception(
            lambda features, patients: _nearest(features, np.eye(len(features), dtype=bool)),
            "Another image of the *same patient* was allowed. It is the same lesion, and shows "
            "nothing. Exclude all images of the patient.",
        ),
        "itself": Misconception(
            lambda features, patients: np.arange(len(features)),
            "Every image is its own nearest neighbour, at distance 0. Exclude all images of the "
            "patient, the image itself among them.",
        ),
        "farthest": Misconception(
            lambda features, patients: np.where(
                patients[:, None] == patients[None],
                -np.inf,
                np.linalg.norm(features[:, None] - features[None], axis=-1),
            ).argmax(axis=1),
            "Those are the least similar cases: look for the smallest distance.",
        ),
        "shifted": Misconception(
            _shifted,
            "The numbers count among the images that are left after the patient's own are taken "
            "out. They must count in the whole set.",
        ),
    },
)


# ---- a model that is led astray --------------------------------------------------------------


def misleading(n: int, seed: int | np.random.Generator = 0) -> tuple[np.ndarray, np.ndarray]:
    """Patches from an archive where a lead letter stands on every *normal* one.

    Parameters
    ----------
    n : int
        How many.
    seed : int or numpy.random.Generator

    Returns
    -------
    images : ndarray of uint8, shape (n, 60, 60)
        The letter L lies in rows 3 to 10 and columns 3 to 7.
    labels : ndarray of int, shape (n,)
        1 with a cluster of microcalcifications.

    Examples
    --------
    >>> images, labels = misleading(20)
    >>> images.shape, labels.shape
    ((20, 60, 60), (20,))
    """
    images, labels = _fresh_patches(n, np.random.default_rng(seed))
    return _with_letter(images, labels == 0), labels


def _fresh_patches(n: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    from mlmi_course.phantoms.mammography import patches

    drawn = patches(n, seed=int(rng.integers(2**31)), difficulty=0.5)
    return drawn["images"], drawn["labels"].astype(int)


def _with_letter(images: np.ndarray, which: np.ndarray) -> np.ndarray:
    lettered = images.copy()
    lettered[which, 3:11, 3:5] = 235
    lettered[which, 9:11, 3:8] = 235
    return lettered


def _both_archives(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draw 240 patches and show them twice: letters on the normal ones, then on the others."""
    images, labels = _fresh_patches(240, rng)
    twice = [_with_letter(images, labels == letter_on) for letter_on in (0, 1)]
    return np.concatenate(twice), np.tile(labels, 2)


def _worse_auc(labels: Any, scores: Any) -> float:
    """Return the lower of the two archives' AUCs: who reads the letter fails in one of them."""
    from sklearn.metrics import roc_auc_score

    scores = np.asarray(scores, dtype=float)
    if scores.shape != labels.shape:
        raise ValueError(
            f"one score for each image is needed, shape {labels.shape}, and yours have shape "
            f"{scores.shape}"
        )
    if not np.isfinite(scores).all():
        raise ValueError("some scores are nan or infinite")
    half = len(labels) // 2
    return min(float(roc_auc_score(labels[p], scores[p])) for p in np.s_[:half, half:])


def _no_letter_there(images: Any) -> np.ndarray:
    """Return a score that reads the letter and nothing else."""
    return -np.asarray(images, dtype=float)[:, 3:11, 3:8].mean(axis=(1, 2))


def _network_says(images: Any, name: str) -> np.ndarray:
    from mlmi_course import shipped, training

    grey = np.asarray(images, dtype=np.float32) / 255
    ready = 10 * (grey - np.median(grey, axis=(1, 2), keepdims=True))
    return training.predict(shipped.network(name), ready)


def _covered(images: Any) -> np.ndarray:
    clean = np.array(images)
    clean[:, 3:11, 3:8] = np.median(clean, axis=(1, 2)).astype(np.uint8)[:, None, None]
    return _network_says(clean, "u13_honest")


def _nearly_the_reference(images: Any, labels: Any) -> float:
    """Patches of few patients differ in difficulty, so the reference sees the same ones."""
    return _worse_auc(labels, _covered(images)) - 0.02


without_letter = ModelQuestion(
    title="Do not read the letter",
    points=3,
    draw=_both_archives,
    metric=_worse_auc,
    threshold=_nearly_the_reference,
    chance=0.5,
    budget_s=60,
    see="The letter",
    hints=(
        "Which of the two shipped networks has not learnt the letter? And what does it think of a "
        "bright stroke that it has never met?",
        "Removal works on the way in, too: on a *copy*, put the patch's median into rows 3 to 10 "
        "and columns 3 to 7. Do so on all patches, not only where you see a letter.",
    ),
    misconceptions={
        "the_cheat": Misconception(
            partial(_network_says, name="u13_cheating"),
            "That is the network that reads the letter, and here the letter says the opposite.",
        ),
        "honest_but_led_astray": Misconception(
            partial(_network_says, name="u13_honest"),
            "The honest network has not learnt the letter. But it has never seen one, and takes "
            "the bright stroke for calcium. Cover the letter first.",
        ),
        "reads_the_letter": Misconception(
            _no_letter_there,
            "Your score is made of the letter. With the letter on the other patches it says the "
            "opposite. Cover it, and ask a network about the rest.",
        ),
        "constant": Misconception(
            lambda images: np.full(len(images), 0.5),
            "All scores are the same: that is chance.",
        ),
    },
)


# ---- a thought -------------------------------------------------------------------------------

evidence = ThoughtQuestion(
    title="Ten beautiful maps",
    points=2,
    rubric=(
        "1 point: says that maps chosen by the vendor, without a count, are no evidence, and asks "
        "for a score over all cases beside chance (random, centre, or share of the image). "
        "1 point: asks for a test of the *network* and not of the maps, at least one of: the "
        "sanity check with random weights (or an edge detector as control); removal of the "
        "suspected cause with the same patients; performance at another hospital. "
        "No points for 'the maps look plausible' or 'AI must be explainable' alone."
    ),
    see="The pointing game, with chance",
    hints=(
        "Who chose the ten? What would chance have scored?",
        "An edge detector also draws beautiful maps. What test would tell it from an explanation?",
    ),
)

progress = Unit(__name__).progress
