"""The gradient of the score: mend a map of the loss."""

import numpy as np

from mlmi_course.checks import Case, asks


def network(rng, rows, columns, units):
    weights = rng.normal(size=(units, rows, columns)).round(2)
    return weights, rng.normal(0, 0.3, units).round(2), rng.normal(size=units).round(2)


def sums(image, weights, biases):
    return (weights * image).sum(axis=(1, 2)) + biases


def gradient(image, weights, biases, output_weights):
    on = sums(image, weights, biases) > 0
    return np.tensordot(output_weights * on, weights, axes=1)


def probability(image, weights, biases, output_weights):
    logit = np.maximum(sums(image, weights, biases), 0) @ output_weights
    return float(np.exp(-np.logaddexp(0, -logit)))


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
    """Mend a gradient"""
    return np.abs(gradient(image, weights, biases, output_weights))


@saliency.inputs
def cases(rng):
    def mixed(rows, columns, units):
        while True:  # two units on or more, one off, and the network not too sure
            image = rng.uniform(0, 1, (rows, columns)).round(2)
            net = network(rng, rows, columns, units)
            on = sums(image, *net[:2]) > 0.02
            p = probability(image, *net)
            tipped = on != (sums(image, net[0], 0) > 0)  # units that the bias switches
            some = 1 < on.sum() < units and tipped.any()
            if some and 0.1 < p < 0.9 and (gradient(image, *net) < 0).any():
                return image, net

    image, net = mixed(3, 4, 5)
    yield Case((image, *net, 1), "an image of 3 × 4 pixels and five units")
    image, net = mixed(2, 2, 3)
    yield Case((image, *net, 0), "a patient without the finding")


def map_of(image, w, b, v, label, *, shown):
    return shown(gradient(image, w, b, v), probability(image, w, b, v), label, image)


saliency.variants(
    map_of,
    unmended=(
        {"shown": lambda g, p, y, x: (p - y) * g},
        "That is the colleague's map as it was: the gradient of the *loss*, with its signs.",
    ),
    of_the_loss=(
        {"shown": lambda g, p, y, x: np.abs((p - y) * g)},
        "That is the gradient of the *loss*. It needs a label, which nobody has for the next "
        "patient, and it vanishes where the network is right. Explain the logit.",
    ),
    of_the_probability=(
        {"shown": lambda g, p, y, x: np.abs(p * (1 - p) * g)},
        "That is the gradient of the probability, p (1 − p) times too small. Where the network "
        "is sure, nothing is left of it. Explain the logit.",
    ),
    no_absolute_value=(
        {"shown": lambda g, p, y, x: g},
        "The signs are still there. A pixel that lowers the score matters as much: a saliency "
        "map shows the absolute value.",
    ),
)


@saliency.mistake
def no_gate(image, w, b, v, label):
    """All units count in yours. A unit whose sum is below zero is off: a small change of a pixel
    does not reach the output through it.
    """
    return saliency.right(image, w, np.inf, v, label)


@saliency.mistake
def no_bias(image, w, b, v, label):
    """You asked which units are on without their biases. A unit is on where its sum *and* its bias
    together are above zero.
    """
    return saliency.right(image, w, 0, v, label)


@saliency.mistake
def size_of_each_unit(image, w, b, v, label):
    """You took the size unit by unit, and then added up. What one unit adds another may take away:
    first the sum over the units, then its absolute value.
    """
    return np.tensordot(np.abs(v) * (sums(image, w, b) > 0), np.abs(w), axes=1)


@saliency.mistake
def times_the_image(image, w, b, v, label):
    """You multiplied by the image. Then a dark pixel can never matter. The gradient alone is asked
    for.
    """
    return image * saliency.right(image, w, b, v, label)


@saliency.mistake
def guided(image, w, b, v, label):
    """You dropped the units that speak against the finding. That is guided backpropagation, which
    a sanity check finds out.
    """
    return saliency.right(image, w, b, np.maximum(v, 0), label)
