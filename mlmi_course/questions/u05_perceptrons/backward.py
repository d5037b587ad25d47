"""Backpropagation, where some patients count more than others."""

from typing import Any

import numpy as np

from mlmi_course.checks import Case, asks
from mlmi_course.checks.calling import call

NAMES = ("hidden_weights", "hidden_biases", "output_weights", "output_bias")


def sigmoid(z):
    return np.exp(-np.logaddexp(0, -np.asarray(z, dtype=float)))


def slope(z):
    return sigmoid(z) * (1 - sigmoid(z))


def gradients(
    inputs,
    labels,
    costs,
    w,
    b,
    v,
    c,
    *,
    slope_of="sum",
    divide="costs",
    sign=1,
    squared=False,
    chained=True,
    counted=True,
):
    """The four gradients, right or with something wrong."""
    sums = inputs @ w.T + b
    hidden = sigmoid(sums)
    p = sigmoid(hidden @ v + c)
    costs = np.asarray(costs, float) if counted else np.ones(len(labels))
    error = sign * costs * (p - labels) * (p * (1 - p) if squared else 1)
    error = error / {"costs": costs.sum(), "patients": len(labels), "nothing": 1}[divide]
    slopes = {
        "sum": lambda: slope(sums),
        "activation": lambda: slope(hidden),
        "bare sum": lambda: sums * (1 - sums),
        "nothing": lambda: np.ones_like(sums),
    }[slope_of]()
    back = error[:, None] * (v if chained else 1) * slopes
    found = back.T @ inputs, back.sum(axis=0), hidden.T @ error, float(error.sum())
    return dict(zip(NAMES, found, strict=True))


@asks(
    points=5,
    see="Who is to blame? Backpropagation",
    hints=(
        "Three faults. Compare the colleague's lines with the lecture's table, from the output "
        "back to the input, and ask of each line what it multiplies by.",
        "Is p (1 − p) in the table, for the logistic loss? Where does the slope of a hidden unit "
        "belong, at the sum or at the activation? And what is the mean of a loss in which a "
        "patient counts three times?",
        "`error = costs * (p - labels) / costs.sum()`, and the slope at the sum is "
        "`hidden * (1 - hidden)`, because `hidden` is σ of the sum already.",
    ),
)
def backward(inputs, labels, costs, hidden_weights, hidden_biases, output_weights, output_bias):
    """Mend a backward pass"""
    return gradients(
        inputs, labels, costs, hidden_weights, hidden_biases, output_weights, output_bias
    )


def network(rng, p, units):
    weights, biases, output = (rng.normal(size=s).round(2) for s in ((units, p), units, units))
    return weights, biases, output + 0.005, round(float(rng.normal()), 2)


@backward.inputs
def cases(rng):
    for n, p, units in ((5, 2, 3), (6, 3, 3), (1, 3, 2)):
        labels = rng.integers(0, 2, n)
        costs = rng.integers(2, 9, n).astype(float)
        inputs = rng.normal(size=(n, p)).round(2)
        about = f"{n} patient{'s' * (n > 1)} of {p} features and {units} hidden units"
        yield Case((inputs, labels, costs, *network(rng, p, units)), about)


_LEFT: dict[str, tuple[dict[str, Any], str]] = {
    "slope": ({"slope_of": "activation"}, "the slope is taken at the activation"),
    "squared": ({"squared": True}, "the error is multiplied by p (1 − p)"),
    "mean": ({"divide": "patients"}, "the sum is divided by the number of patients"),
}
backward.variants(
    gradients,
    unmended=(
        {"slope_of": "activation", "squared": True, "divide": "patients"},
        "That is the colleague's function as it was.",
    ),
    derivative_at_the_activation=(
        _LEFT["slope"][0],
        "The slope of the sigmoid is taken at the activation h. It is needed at the sum z, the "
        "pre-activation. Since h = σ(z), that slope is h (1 − h): do not put h into σ again.",
    ),
    squared_error=(
        _LEFT["squared"][0],
        "The error is multiplied by p (1 − p). That belongs to the squared error. With the "
        "logistic loss it cancels: what is left is p − y.",
    ),
    mean_over_patients=(
        _LEFT["mean"][0],
        "You divide by the number of patients. In a weighted mean each patient counts as often as "
        "her cost says, so divide by the sum of the costs: with costs of 1 and of 10 for "
        "everybody the gradient must be the same.",
    ),
    **{
        f"{one}_and_{other}_left": (
            _LEFT[one][0] | _LEFT[other][0],
            f"Two faults are left: {_LEFT[one][1]}, and {_LEFT[other][1]}.",
        )
        for one, other in (("slope", "squared"), ("slope", "mean"), ("squared", "mean"))
    },
    costs_left_out=(
        {"counted": False},
        "The costs are gone: every patient counts the same in your gradients, as in the lecture.",
    ),
    sum_for_mean=(
        {"divide": "nothing"},
        "These are the gradients of the *sum*. The loss is a weighted mean: divide by the sum of "
        "the costs.",
    ),
    slope_formula_fed_the_sum=(
        {"slope_of": "bare sum"},
        "You computed z (1 − z). The slope at the sum z is σ(z) (1 − σ(z)), that is h (1 − h), "
        "with the activation h in both places.",
    ),
    no_slope=(
        {"slope_of": "nothing"},
        "The slope of the hidden units is missing: blame passes through their sigmoid, "
        "and shrinks where it is flat.",
    ),
    not_through_output_weights=(
        {"chained": False},
        "The blame of a hidden unit did not pass through its output weight. A unit that the "
        "output hardly listens to is hardly to blame.",
    ),
    sign=(
        {"sign": -1},
        "All signs are turned: y − p is the direction in which to step, and the gradient "
        "points uphill, p − y.",
    ),
)


@backward.mistake
def nothing_added_up(inputs, labels, costs, w, b, v, c):
    """All four gradients are zero. Does your loop add up what it computes, and return that?"""
    return {name: 0 * np.asarray(one, float) for name, one in zip(NAMES, (w, b, v, c), strict=True)}


def by_differences(inputs, labels, costs, network, name):
    """The gradient with respect to one of the four, by central differences."""
    there = np.atleast_1d(np.asarray(network[name], dtype=float))
    gradient = np.zeros_like(there)
    signs = 2 * labels - 1
    for place in np.ndindex(there.shape):
        losses = []
        for step in (1e-5, -1e-5):
            moved = there.copy()
            moved[place] += step
            w, b, v, c = {**network, name: moved}.values()
            scores = sigmoid(inputs @ w.T + b) @ v + c
            losses.append(np.average(np.logaddexp(0, -signs * scores), weights=costs))
        gradient[place] = (losses[0] - losses[1]) / 2e-5
    return gradient


@backward.picture
def draw_answer(answer):
    from mlmi_course import plots

    rng = np.random.default_rng(5)
    inputs, labels = rng.normal(size=(20, 4)), rng.integers(0, 2, 20)
    costs = np.where(labels == 1, 10.0, 1.0)
    weights = dict(zip(NAMES, network(rng, 4, 5), strict=True))
    yours = call(answer, (inputs, labels, costs, *weights.values()))
    by_rule = np.concatenate([np.ravel(yours[name]) for name in NAMES])
    by_trial = np.concatenate(
        [by_differences(inputs, labels, costs, weights, name).ravel() for name in NAMES]
    )
    ends = [by_trial.min(), by_trial.max()]
    away = float(np.abs(by_rule - by_trial).max())

    def paint(ax):
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
