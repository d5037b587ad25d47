"""Backpropagation."""

import numpy as np

from mlmi_course.checks import Case, asks
from mlmi_course.checks.calling import call
from mlmi_course.questions.u05_perceptrons.forward import sigmoid
from mlmi_course.questions.u05_perceptrons.logistic_loss import logistic_loss

NAMES = ("hidden_weights", "hidden_biases", "output_weights", "output_bias")


def slope(z):
    return sigmoid(z) * (1 - sigmoid(z))


def gradients(
    inputs, labels, w, b, v, c, *, slope=slope, mean=True, sign=1, squared=False, chained=True
):
    sums = inputs @ w.T + b
    hidden = sigmoid(sums)
    p = sigmoid(hidden @ v + c)
    error = sign * (p - labels) * (p * (1 - p) if squared else 1)
    error = error / (len(labels) if mean else 1)
    back = error[:, None] * (v if chained else 1) * slope(sums)
    found = back.T @ inputs, back.sum(axis=0), hidden.T @ error, float(error.sum())
    return dict(zip(NAMES, found, strict=True))


@asks(
    points=3,
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
)
def backward(inputs, labels, hidden_weights, hidden_biases, output_weights, output_bias):
    """Backpropagation"""
    return gradients(inputs, labels, hidden_weights, hidden_biases, output_weights, output_bias)


def network(rng, p, units):
    weights, biases, output = (rng.normal(size=s).round(2) for s in ((units, p), units, units))
    return weights, biases, output + 0.005, round(float(rng.normal()), 2)


@backward.inputs
def cases(rng):
    for n, p, units in ((5, 2, 3), (6, 3, 3), (1, 3, 2)):
        labels = rng.integers(0, 2, n)
        inputs = rng.normal(size=(n, p)).round(2)
        about = f"{n} sample{'s' * (n > 1)} of {p} features and {units} hidden units"
        yield Case((inputs, labels, *network(rng, p, units)), about)


backward.variants(
    gradients,
    derivative_at_the_activation=(
        {"slope": lambda z: slope(sigmoid(z))},
        "You took the slope of the sigmoid at the activation h. It is needed at the sum z, the "
        "pre-activation. Since h = σ(z), that slope is h (1 − h): do not put h into σ again.",
    ),
    sum_for_mean=(
        {"mean": False},
        "These are the gradients of the *sum* over the samples. The loss is the mean: with "
        "the sum, twice the patients take twice the step.",
    ),
    slope_formula_fed_the_sum=(
        {"slope": lambda z: z * (1 - z)},
        "You computed z (1 − z). The slope at the sum z is σ(z) (1 − σ(z)), that is h (1 − h), "
        "with the activation h in both places.",
    ),
    no_slope=(
        {"slope": np.ones_like},
        "The slope of the hidden units is missing: blame passes through their sigmoid, "
        "and shrinks where it is flat.",
    ),
    not_through_output_weights=(
        {"chained": False},
        "The blame of a hidden unit did not pass through its output weight. A unit that the "
        "output hardly listens to is hardly to blame.",
    ),
    squared_error=(
        {"squared": True},
        "You multiplied the error by p (1 − p). That belongs to the squared error. With the "
        "logistic loss it cancels: what is left is p − y.",
    ),
    sign=(
        {"sign": -1},
        "All signs are turned: y − p is the direction in which to step, and the gradient "
        "points uphill, p − y.",
    ),
)


def by_differences(inputs, labels, network, name):
    """The gradient with respect to one of the four, by central differences."""
    there = np.atleast_1d(np.asarray(network[name], dtype=float))
    gradient = np.zeros_like(there)
    for place in np.ndindex(there.shape):
        losses = []
        for step in (1e-5, -1e-5):
            moved = there.copy()
            moved[place] += step
            w, b, v, c = {**network, name: moved}.values()
            losses.append(logistic_loss.right(sigmoid(inputs @ w.T + b) @ v + c, labels))
        gradient[place] = (losses[0] - losses[1]) / 2e-5
    return gradient


@backward.picture
def draw_answer(answer):
    from mlmi_course import plots

    rng = np.random.default_rng(5)
    inputs, labels = rng.normal(size=(20, 4)), rng.integers(0, 2, 20)
    weights = dict(zip(NAMES, network(rng, 4, 5), strict=True))
    yours = call(answer, (inputs, labels, *weights.values()))
    by_rule = np.concatenate([np.ravel(yours[name]) for name in NAMES])
    by_trial = np.concatenate([by_differences(inputs, labels, weights, n).ravel() for n in NAMES])
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
