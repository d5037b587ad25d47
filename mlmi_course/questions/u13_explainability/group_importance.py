"""How much do groups of columns matter? Mend a function that measures it wrongly."""

from itertools import combinations

import numpy as np

from mlmi_course.checks import Case, asks
from mlmi_course.checks.calling import call
from mlmi_course.questions.u13_explainability._losses import loss, with_columns


def _together(x, group, order):
    return with_columns(x, group, x[order][:, group])


def _rows(x, group, order):
    return x[order]


def _own_orders(x, group, order):
    columns = [x[np.roll(order, place), j] for place, j in enumerate(group)]
    return with_columns(x, group, np.transpose(columns))


def _first_only(x, group, order):
    return _together(x, group[:1], order)


def _the_others(x, group, order):
    return _together(x, [j for j in range(x.shape[1]) if j not in group], order)


def _grown(
    train,
    train_labels,
    test,
    test_labels,
    weights,
    bias,
    groups,
    orders,
    *,
    on="test",
    fresh=True,
    move=_together,
    shown=lambda before, after: after - before,
):
    """By how much the loss grows, right or with something wrong."""
    x, y = (test, test_labels) if on == "test" else (train, train_labels)
    usual = loss(x, y, weights, bias)
    found = []
    current = x
    for group, order in zip(groups, orders, strict=True):
        table = move(x, group, order)
        if not fresh:
            current = with_columns(current, group, table[:, group])
            table = current
        found.append(shown(usual, loss(table, y, weights, bias)))
    return np.array(found)


@asks(
    points=4,
    see="Six columns that measure one thing",
    hints=(
        "Three questions to ask of the colleague's function: whom does it measure on, what does "
        "the table look like when the second group's turn comes, and what does it say of a group "
        "that misleads the model?",
        "Importance is measured on patients that the model has not learnt from, each group starts "
        "from a fresh copy, and a loss that gets *smaller* is a number below 0.",
        "For each group: `table = test_features.copy()`, then "
        "`table[:, group] = test_features[order][:, group]`, then its loss minus the usual one.",
    ),
)
def group_importance(
    train_features, train_labels, test_features, test_labels, weights, bias, groups, orders
):
    """Mend an importance"""
    return _grown(
        train_features, train_labels, test_features, test_labels, weights, bias, groups, orders
    )


@group_importance.inputs
def cases(rng):
    def patients(n, weights, world=None):
        x = rng.normal(size=(n, len(weights)))
        x[:, 1:3] = 0.9 * x[:, [0]] + 0.3 * x[:, 1:3]  # copies
        x = x.round(2)
        towards = weights if world is None else world
        return x, (x @ towards + rng.logistic(size=n) > 0).astype(int)

    def orders_of(groups):
        return np.array([rng.permutation(24) for _ in groups], dtype=np.int64)

    for groups, about in (
        ([[0, 1, 2], [3, 4]], "two groups"),
        ([[0, 3], [1], [2, 4]], "a group of one, and columns that do not stand side by side"),
    ):
        w = rng.uniform(0.5, 1.5, 5).round(2)
        yield Case((*patients(24, w), *patients(24, w), w, -0.3, groups, orders_of(groups)), about)

    world, model = np.array([1.5, 0.0, 0.0, -1.0, -1.0]), np.array([1.5, 0.3, 0.2, 0.5, 0.5])
    groups = [[3, 4], [0, 1, 2]]
    while True:  # the model has the first group upside down: shuffling it helps
        arguments = (
            *patients(24, model, world), *patients(24, model, world), model, 0.1, groups,
            orders_of(groups),
        )  # fmt: skip
        if _grown(*arguments)[0] < -0.02:
            break
    yield Case(arguments, "a group that misleads the model")


_FAULTS = {
    "on_training": (
        {"on": "train"},
        "it measures on the patients that the model has learnt from, and there it relies on what "
        "it knows by heart",
    ),
    "not_restored": (
        {"fresh": False},
        "the groups shuffled before are still shuffled when the next one's turn comes: start each "
        "from a fresh copy",
    ),
    "absolute": (
        {"shown": lambda before, after: abs(after - before)},
        "it takes the absolute value, so a group that misleads the model, whose shuffling *helps*, "
        "looks needed",
    ),
}
_COUNT = {1: "One fault is", 2: "Two faults are", 3: "All three faults are"}
for _many in (3, 2, 1):
    for _left in combinations(_FAULTS, _many):
        _how = {key: value for name in _left for key, value in _FAULTS[name][0].items()}
        group_importance.variants(
            _grown,
            **{
                "unmended" if _many == 3 else "_and_".join(_left): (
                    _how,
                    f"{_COUNT[_many]} left: {'; '.join(_FAULTS[name][1] for name in _left)}.",
                )
            },
        )

group_importance.variants(
    _grown,
    whole_rows=(
        {"move": _rows},
        "You moved whole rows, all columns of a patient at once. Then nothing is asked of any "
        "group. Change the columns of the group, and leave the others.",
    ),
    own_orders=(
        {"move": _own_orders},
        "Each column of the group moved in an order of its own. That invents patients with a large "
        "volume and a small diameter. One order for the whole group.",
    ),
    first_only=({"move": _first_only}, "Only the first column of each group was shuffled."),
    the_others=(
        {"move": _the_others},
        "You shuffled the columns that are *not* in the group. Shuffle those in it.",
    ),
    sign=(
        {"shown": lambda before, after: before - after},
        "The difference has the wrong sign: the loss *after* shuffling comes first, so that a "
        "group that is needed has a number above 0.",
    ),
    quotient=(
        {"shown": lambda before, after: after / before},
        "Those are quotients. Asked for is the difference: the loss after shuffling minus the "
        "usual loss.",
    ),
    cut_at_zero=(
        {"shown": lambda before, after: max(after - before, 0.0)},
        "You cut the differences at 0. Where a group misleads the model, shuffling it makes the "
        "loss smaller, and a number below 0 says so. Leave it.",
    ),
)


@group_importance.mistake
def one_by_one(tx, ty, x, y, w, b, groups, orders):
    """You shuffled the columns of a group one by one and added up. Each is then covered by its
    copies. Change all of them in one table, and take the loss once.
    """
    pairs = zip(groups, orders, strict=True)
    return np.array(
        [_grown(tx, ty, x, y, w, b, [[j] for j in g], [o] * len(g)).sum() for g, o in pairs]
    )


@group_importance.mistake
def one_order_for_all(tx, ty, x, y, w, b, groups, orders):
    """You used the order of the first group for every group. Each has its own: `orders[k]`."""
    return _grown(tx, ty, x, y, w, b, groups, orders[[0] * len(groups)])


@group_importance.mistake
def labels_of_0_and_1(tx, ty, x, y, w, b, groups, orders):
    """The labels went into the loss as 0 and 1. It wants y = ±1: turn 0 into −1 first. With y = 0
    every healthy patient costs log 2, whatever the score.
    """
    return _grown(tx, ty, x, (y + 1) / 2, w, b, groups, orders)


@group_importance.picture
def draw_answer(answer):
    from sklearn.linear_model import LogisticRegression

    from mlmi_course import plots
    from mlmi_course.data import load_cohort

    cohort = load_cohort(n=400, seed=5)
    sizes = ["shape_volume", *cohort.truth.blocks["shape_volume"]]
    acting = [name for name in cohort.truth.informative if name != "shape_volume"]
    x = cohort.table[[*sizes, *acting]].to_numpy()
    x = (x - x[:200].mean(axis=0)) / x[:200].std(axis=0)
    y = cohort.table["progression"].to_numpy()
    model = LogisticRegression().fit(x[:200], y[:200])
    rng = np.random.default_rng(0)
    groups = [*([j] for j in range(len(sizes))), list(range(len(sizes)))]
    orders = np.array([rng.permutation(200) for _ in groups])
    given = (x[:200], y[:200], x[200:], y[200:], model.coef_[0], float(model.intercept_[0]))
    difference = np.asarray(call(answer, (*given, groups, orders)), dtype=float)
    return plots.bars(
        [*sizes, "all six together"],
        difference,
        decimals=3,
        highlight=["all six together"],
        xlabel="loss after shuffling, minus loss (200 unseen patients)",
        alt="Your importances of six columns that measure size, one by one and together.",
    )
