"""Grad-CAM."""

from functools import partial

import numpy as np

from mlmi_course.checks import (
    Case,
    asks,
)
from mlmi_course.checks.calling import call


@asks(
    points=2,
    see="Grad-CAM: ask the last map",
    hints=(
        "One weight for each channel: its mean gradient over the *positions*, axes 0 and 1.",
        "Multiply every channel by its weight, add the channels up, axis −1, and only then cut "
        "what is below zero.",
    ),
)
def grad_cam(channels, gradients):
    """Grad-CAM"""
    return np.maximum((channels * gradients.mean(axis=(0, 1))).sum(axis=-1), 0)


@grad_cam.inputs
def cases(rng):
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


@grad_cam.mistake
def over_channels(a, g):
    """You averaged the gradients over the channels. Then there is a weight for each position, and
    none for a channel. Average over the rows and columns.
    """
    return np.maximum((a * g.mean(axis=-1, keepdims=True)).sum(axis=-1), 0)


@grad_cam.mistake
def relu_first(a, g):
    """The ReLU came before the sum. A channel that speaks against the finding can then cancel
    nothing, and nearly everything lights up. First add up, then cut.
    """
    return np.maximum(a * g.mean(axis=(0, 1)), 0).sum(axis=-1)


@grad_cam.mistake
def no_relu(a, g):
    """The ReLU is missing: what speaks against the finding, below zero, is cut to 0."""
    return (a * g.mean(axis=(0, 1))).sum(axis=-1)


@grad_cam.mistake
def summed(a, g):
    """You added the gradients up instead of averaging them: all values are too large by the number
    of positions.
    """
    return np.maximum((a * g.sum(axis=(0, 1))).sum(axis=-1), 0)


@grad_cam.mistake
def not_pooled(a, g):
    """You multiplied by the gradient of each position. Grad-CAM takes one weight for a whole
    channel.
    """
    return np.maximum((a * g).sum(axis=-1), 0)


@grad_cam.mistake
def absolute(a, g):
    """You took the absolute value. What speaks against the finding is then shown as if it spoke
    for it. Cut it to 0.
    """
    return np.abs((a * g.mean(axis=(0, 1))).sum(axis=-1))


def _draw_map(ax, map_):
    from mlmi_course import plots

    return plots.image(map_, ax=ax, cmap="magma", title="your map")


@grad_cam.picture
def draw_answer(answer):
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

    def patch(ax, i):
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
