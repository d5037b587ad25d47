"""A forward pass."""

import numpy as np

from mlmi_course.checks import Case, asks


def sigmoid(z):
    return np.exp(-np.logaddexp(0, -np.asarray(z, dtype=float)))


@asks(
    points=2,
    see="A forward pass",
    hints=(
        "Work from left to right: the sums of the hidden units, their activations, the sum of the "
        "output, its activation.",
        "A row of `hidden_weights` belongs to a unit, so `hidden_weights @ inputs` gives all sums "
        "at once. Then add the biases.",
        "The sigmoid is `1 / (1 + np.exp(-z))`. It is used twice: once on the hidden sums, once "
        "on the output's sum. Call that one `z`; the answer is sigmoid(z).",
    ),
)
def forward(inputs, hidden_weights, hidden_biases, output_weights, output_bias):
    """A forward pass"""
    hidden = sigmoid(hidden_weights @ inputs + hidden_biases)
    return float(sigmoid(hidden @ output_weights + output_bias))


@forward.inputs
def cases(rng):
    def drawn(*shape):
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


def said(inputs, w, b, v, c, *, hidden=sigmoid, output=sigmoid, biases=(1, 1)):
    return float(output(hidden(w @ inputs + biases[0] * b) @ v + biases[1] * c))


forward.variants(
    said,
    no_bias=(
        {"biases": (0, 0)},
        "The biases are missing. Without them every unit must say exactly one half when all "
        "inputs are zero, whatever it has learnt.",
    ),
    no_hidden_bias=(
        {"biases": (0, 1)},
        "The bias of the output is there, but the hidden units have lost theirs.",
    ),
    no_output_bias=(
        {"biases": (1, 0)},
        "The hidden units have their biases, but the output has lost its own.",
    ),
)


@forward.mistake
def bias_after_the_sigmoid(inputs, w, b, v, c):
    """The bias of the output was added after the sigmoid. It belongs to the sum: first add, then
    bend.
    """
    return forward.right(inputs, w, b, v, 0) + c


forward.variants(
    said,
    sigmoid_twice=(
        {"output": lambda z: sigmoid(sigmoid(z))},
        "The sigmoid was applied twice to the output. It still looks like a probability, "
        "which is why nobody notices: but now it can only lie between 0.50 and 0.73.",
    ),
    no_hidden_activation=(
        {"hidden": lambda z: z},
        "The hidden units hand on their bare sums. Then two layers are one layer: a sum of "
        "sums is a sum.",
    ),
    no_output_activation=(
        {"output": lambda z: z},
        "That is the score of the output, which can be any number. Its sigmoid is the probability.",
    ),
    step=(
        {"hidden": lambda z: (z > 0) * 1.0},
        "The hidden units use Rosenblatt's step. Here they use the sigmoid.",
    ),
    relu=(
        {"hidden": lambda z: np.maximum(z, 0)},
        "The hidden units cut their sums off at 0, as ReLU does. Here they use the sigmoid.",
    ),
    tanh=(
        {"hidden": np.tanh},
        "The hidden units use tanh, which runs from −1 to 1. Here they use the sigmoid.",
    ),
)


@forward.mistake
def by_columns(inputs, w, b, v, c):
    """You took the columns of `hidden_weights` for the units. A row holds the weights of one unit.
    (With as many units as inputs NumPy cannot warn you.)
    """
    return forward.right(inputs, w.T if w.shape[0] == w.shape[1] else w, b, v, c)
