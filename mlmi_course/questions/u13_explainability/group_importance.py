"""Shuffle copies together."""

import numpy as np

from mlmi_course.checks import Case, asks
from mlmi_course.questions.u13_explainability.importance import loss, with_columns


def together(x, group, order):
    return with_columns(x, group, x[order][:, group])


def shuffled(x, y, w, b, groups, orders, move=together):
    tables = (move(x, group, order) for group, order in zip(groups, orders, strict=True))
    return np.array([loss(table, y, w, b) for table in tables]) - loss(x, y, w, b)


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
    return shuffled(features, labels, weights, bias, groups, orders)


@group_importance.inputs
def cases(rng):
    def orders_of(groups):
        return np.array([rng.permutation(24) for _ in groups], dtype=np.int64)

    for groups, about in (
        ([[0, 1, 2], [3, 4]], "two groups"),
        ([[0, 3], [1], [2, 4]], "a group of one, and columns that do not stand side by side"),
    ):
        x = rng.normal(size=(24, 5))
        x[:, 1:3] = 0.9 * x[:, [0]] + 0.3 * x[:, 1:3]  # copies
        x = x.round(2)
        w = rng.uniform(0.5, 1.5, 5).round(2)
        labels = (x @ w + rng.logistic(size=24) > 0).astype(int)
        yield Case((x, labels, w, -0.3, groups, orders_of(groups)), about)

    world, model = np.array([1.5, -1.0, -1.0]), np.array([1.5, 0.5, 0.5])
    while True:  # the model has the second group upside down: shuffling it helps
        x = rng.normal(size=(24, 3)).round(2)
        labels = (x @ world + rng.logistic(size=24) > 0).astype(int)
        groups = [[0], [1, 2]]
        arguments = (x, labels, model, 0.1, groups, orders_of(groups))
        if shuffled(*arguments)[1] < -0.02:
            break
    yield Case(arguments, "a group that misleads the model")


@group_importance.mistake
def one_by_one(x, y, w, b, groups, orders):
    """You shuffled the columns of a group one by one and added up. Each is then covered by its
    copies. Change all of them in one table, and take the loss once.
    """
    pairs = zip(groups, orders, strict=True)
    return np.array([shuffled(x, y, w, b, [[j] for j in g], [o] * len(g)).sum() for g, o in pairs])


@group_importance.mistake
def own_orders(x, y, w, b, groups, orders):
    """Each column of the group moved in an order of its own. That invents patients with a large
    volume and a small diameter. One order for the whole group.
    """

    def each_its_own(x, group, order):
        columns = [x[np.roll(order, place), j] for place, j in enumerate(group)]
        return with_columns(x, group, np.transpose(columns))

    return shuffled(x, y, w, b, groups, orders, each_its_own)


@group_importance.mistake
def not_restored(x, y, w, b, groups, orders):
    """The groups shuffled before are still shuffled. Start each group from a fresh copy."""
    losses = [loss(x, y, w, b)]
    other = x
    for group, order in zip(groups, orders, strict=True):
        other = with_columns(other, group, x[order][:, group])
        losses.append(loss(other, y, w, b))
    return np.array(losses[1:]) - losses[0]


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
