"""The gradient of the score."""

import numpy as np

from mlmi_course.checks import (
    Case,
    asks,
)
from mlmi_course.questions.u13_explainability._shared import gradient, network, sums


@asks(
    points=2,
    see="The gradient of the score",
    hints=(
        "Which units are on? Only those let a change of a pixel pass.",
        "The gradient is the sum, over the units that are on, of the output weight times the "
        "weights of the unit. The label is not needed.",
        "`np.tensordot(output_weights * on, weights, axes=1)` adds them up; a saliency map shows "
        "the size.",
    ),
)
def saliency(image, weights, biases, output_weights, label):
    """The gradient of the score"""
    return np.abs(gradient(image, weights, biases, output_weights))


def _probability(image, weights, biases, output_weights):
    logit = np.maximum(sums(image, weights, biases), 0) @ output_weights
    return float(np.exp(-np.logaddexp(0, -logit)))


@saliency.inputs
def cases(rng):
    def mixed(rows, columns, units):
        while True:  # two units on or more, one off, and the network not too sure
            image = rng.uniform(0, 1, (rows, columns)).round(2)
            net = network(rng, rows, columns, units)
            on = sums(image, *net[:2]) > 0.02
            p = _probability(image, *net)
            tipped = on != (sums(image, net[0], 0) > 0)  # units that the bias switches
            some = 1 < on.sum() < units and tipped.any()
            if some and 0.1 < p < 0.9 and (gradient(image, *net) < 0).any():
                return image, net

    image, net = mixed(3, 4, 5)
    yield Case((image, *net, 1), "an image of 3 × 4 pixels and five units")
    image, net = mixed(2, 2, 3)
    yield Case((image, *net, 0), "a patient without the finding")


def _saliency_with(change):
    def wrong(image, w, b, v, label):
        return change(gradient(image, w, b, v), _probability(image, w, b, v), label, image)

    return wrong


saliency.knows(
    "of_the_loss",
    _saliency_with(lambda g, p, y, x: np.abs((p - y) * g)),
    "That is the gradient of the *loss*. It needs a label, which nobody has for the next "
    "patient, and it vanishes where the network is right. Explain the logit.",
)


saliency.knows(
    "of_the_probability",
    _saliency_with(lambda g, p, y, x: np.abs(p * (1 - p) * g)),
    "That is the gradient of the probability, p (1 − p) times too small. Where the network "
    "is sure, nothing is left of it. Explain the logit.",
)


saliency.knows(
    "no_absolute_value",
    _saliency_with(lambda g, p, y, x: g),
    "The signs are still there. A pixel that lowers the score matters as much: a saliency "
    "map shows the absolute value.",
)


@saliency.mistake
def no_gate(image, w, b, v, label):
    """All units count in yours. A unit whose sum is below zero is off: a small change of a pixel
    does not reach the output through it.
    """
    return np.abs(np.tensordot(v, w, axes=1))


@saliency.mistake
def no_bias(image, w, b, v, label):
    """You asked which units are on without their biases. A unit is on where its sum *and* its bias
    together are above zero.
    """
    return np.abs(gradient(image, w, 0 * b, v))


@saliency.mistake
def size_of_each_unit(image, w, b, v, label):
    """You took the size unit by unit, and then added up. What one unit adds another may take away:
    first the sum over the units, then its absolute value.
    """
    return np.tensordot(np.abs(v) * (sums(image, w, b) > 0), np.abs(w), axes=1)


saliency.knows(
    "times_the_image",
    _saliency_with(lambda g, p, y, x: np.abs(g * x)),
    "You multiplied by the image. Then a dark pixel can never matter. The gradient alone "
    "is asked for.",
)


@saliency.mistake
def guided(image, w, b, v, label):
    """You dropped the units that speak against the finding. That is guided backpropagation, which
    a sanity check finds out.
    """
    return np.abs(np.tensordot(np.maximum(v, 0) * (sums(image, w, b) > 0), w, axes=1))
