"""Shuffle one column."""

import numpy as np

from mlmi_course.checks import Case, asks
from mlmi_course.checks.calling import call


def loss(features, labels, weights, bias):
    scores = features @ weights + bias
    return float(np.logaddexp(0, -(2 * labels - 1) * scores).mean())


def with_columns(features, which, values):
    other = features.copy()
    other[:, which] = values
    return other


def column_alone(x, order, j):
    return with_columns(x, j, x[order[j], j])


def shuffled(xt, yt, x, y, w, b, orders, *, move=column_alone, report=lambda d, q: (d, q)):
    usual = loss(x, y, w, b)
    features = range(x.shape[1])
    losses = np.array([[loss(move(x, order, j), y, w, b) for order in orders] for j in features])
    after = losses.mean(axis=1)
    return report(after - usual, after / usual)


@asks(
    points=3,
    see="Shuffle one column",
    hints=(
        "Write the loss as a function of a table first; then call it on the table as it is, and on "
        "changed copies.",
        "For each feature j and each repeat r: copy the test table, put "
        "`test_features[orders[r, j], j]` into column j of the copy, and take the loss.",
        "Average the losses over the repeats. The difference is that mean minus the usual loss, "
        "the quotient that mean divided by the usual loss.",
    ),
)
def importance(train_features, train_labels, test_features, test_labels, weights, bias, orders):
    """Shuffle one column"""
    return shuffled(train_features, train_labels, test_features, test_labels, weights, bias, orders)


@importance.inputs
def cases(rng):
    def patients(n, weights):
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
        if importance.right(*arguments)[0].min() < -0.02:
            break
    yield Case(arguments, "a feature that misleads the model")


@importance.mistake
def labels_of_0_and_1(xt, yt, xs, ys, w, b, orders):
    """The labels went into the loss as 0 and 1. It wants y = ±1: turn 0 into −1 first. With y = 0
    every healthy patient costs log 2, whatever the score.
    """
    return importance.right(xt, yt, xs, (ys + 1) / 2, w, b, orders)


@importance.mistake
def on_training(xt, yt, xs, ys, w, b, orders):
    """You measured on the patients that the model has learnt from. There it relies on what it
    knows by heart, and useless features look important.
    """
    return importance.right(xt, yt, xt, yt, w, b, orders)


def never_restored(x, order, j):
    return np.column_stack([x[order[k], k] if k <= j else x[:, k] for k in range(x.shape[1])])


importance.variants(
    shuffled,
    whole_rows=(
        {"move": lambda x, order, j: x[order[0]]},
        "You moved all columns with one permutation: whole patients changed places. So every "
        "feature gets the same number. Move one column, and leave the others.",
    ),
    whole_rows_in_own_orders=(
        {"move": lambda x, order, j: x[order[j]]},
        "You moved whole rows, all columns of a patient at once. Then nothing is asked of "
        "feature j. Change column j of a copy, and leave the other columns.",
    ),
    one_order_for_all=(
        {"move": lambda x, order, j: with_columns(x, j, x[order[0], j])},
        "You used the order of feature 0 for every feature. Each has its own: `orders[r, j]`.",
    ),
    not_restored=(
        {"move": never_restored},
        "The columns shuffled before are still shuffled: the importances pile up. Start each "
        "feature from a fresh copy.",
    ),
    set_to_zero=(
        {"move": lambda x, order, j: with_columns(x, j, 0)},
        "You set the column to zero. Shuffling keeps its values and breaks only their tie to "
        "the patients; a constant column is a table that the model never sees.",
    ),
    sign=(
        {"report": lambda d, q: (-d, q)},
        "The difference has the wrong sign: the loss *after* shuffling comes first, so that an "
        "important feature has a number above 0.",
    ),
    upside_down=(
        {"report": lambda d, q: (d, 1 / q)},
        "The quotient is upside down: the loss after shuffling stands above. An important "
        "feature has more than 1.",
    ),
    quotient_of_the_difference=(
        {"report": lambda d, q: (d, q - 1)},
        "You divided the difference by the usual loss. The quotient is that of the two losses: "
        "a feature that is not used has 1, and not 0.",
    ),
    swapped=(
        {"report": lambda d, q: (q, d)},
        "The two arrays are swapped: first the difference, then the quotient.",
    ),
    cut_at_zero=(
        {"report": lambda d, q: (np.maximum(d, 0), q)},
        "You cut the differences at 0. Where a feature misleads the model, shuffling it makes "
        "the loss smaller, and a number below 0 says so. Leave it.",
    ),
    absolute=(
        {"report": lambda d, q: (np.abs(d), q)},
        "You took the absolute value. A feature that misleads the model, so that shuffling it "
        "helps, then looks important. Leave the sign.",
    ),
)


@importance.picture
def draw_answer(answer):
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
