"""Shuffle copies together."""

import numpy as np

from mlmi_course.checks import (
    Case,
    asks,
)
from mlmi_course.questions.u13_explainability._shared import loss


@asks(
    points=2,
    see="Copies hide each other",
    hints=(
        "All columns of a group move in one order: a patient gets the whole set of another one.",
        "`features[order][:, group]` are a group's columns with the patients in another order.",
    ),
)
def group_importance(features, labels, weights, bias, groups, orders):
    """Shuffle copies together"""
    usual = loss(features, labels, weights, bias)
    found = []
    for group, order in zip(groups, orders, strict=True):
        other = features.copy()
        other[:, group] = features[order][:, group]
        found.append(loss(other, labels, weights, bias) - usual)
    return np.array(found)


@group_importance.inputs
def cases(rng):
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
        if group_importance.right(*arguments)[1] < -0.02:
            break
    yield Case(arguments, "a group that misleads the model")


@group_importance.mistake
def one_by_one(x, y, w, b, groups, orders):
    """You shuffled the columns of a group one by one and added up. Each is then covered by its
    copies. Change all of them in one table, and take the loss once.
    """
    return np.array(
        [
            sum(group_importance.right(x, y, w, b, [[j]], [order])[0] for j in group)
            for group, order in zip(groups, orders, strict=True)
        ]
    )


# Each column of a group in another order: here the next one, cyclically.
@group_importance.mistake
def own_orders(x, y, w, b, groups, orders):
    """Each column of the group moved in an order of its own. That invents patients with a large
    volume and a small diameter. One order for the whole group.
    """
    usual, found = loss(x, y, w, b), []
    for group, order in zip(groups, orders, strict=True):
        other = x.copy()
        for place, j in enumerate(group):
            other[:, j] = x[np.roll(order, place), j]
        found.append(loss(other, y, w, b) - usual)
    return np.array(found)


@group_importance.mistake
def not_restored(x, y, w, b, groups, orders):
    """The groups shuffled before are still shuffled. Start each group from a fresh copy."""
    other, found = x.copy(), []
    for group, order in zip(groups, orders, strict=True):
        other[:, group] = x[order][:, group]
        found.append(loss(other, y, w, b) - loss(x, y, w, b))
    return np.array(found)


@group_importance.mistake
def cut_at_zero(*given):
    """You cut the differences at 0. Where a group misleads the model, shuffling it makes the loss
    smaller, and a number below 0 says so. Leave it.
    """
    return np.maximum(group_importance.right(*given), 0)


@group_importance.mistake
def first_only(x, y, w, b, groups, orders):
    """Only the first column of each group was shuffled."""
    return group_importance.right(x, y, w, b, [group[:1] for group in groups], orders)


@group_importance.mistake
def the_others(x, y, w, b, groups, orders):
    """You shuffled the columns that are *not* in the group. Shuffle those in it."""
    rest = [[j for j in range(x.shape[1]) if j not in group] for group in groups]
    return group_importance.right(x, y, w, b, rest, orders)
