"""Grad-CAM."""

import numpy as np

from mlmi_course.checks import Case, asks
from mlmi_course.checks.calling import call


def over_positions(gradients):
    return gradients.mean(axis=(0, 1))


def relu(x):
    return np.maximum(x, 0)


def weighted(channels, gradients, *, weight=over_positions, each=lambda x: x, cut=relu):
    return cut(each(channels * weight(gradients)).sum(axis=-1))


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
    return weighted(channels, gradients)


@grad_cam.inputs
def cases(rng):
    for shape, about in (((4, 5, 3), "three channels"), ((3, 3, 4), "four channels")):
        while True:
            channels = relu(rng.normal(size=shape)).round(2)
            gradients = rng.normal(size=shape).round(2)
            uncut = weighted(channels, gradients, cut=lambda x: x)
            if (uncut > 0.05).any() and (uncut < -0.05).any():
                break
        yield Case((channels, gradients), about)
    silent = np.ones((2, 2, 2))
    yield Case((silent, -silent), "channels that all speak against the finding")


grad_cam.variants(
    weighted,
    over_channels=(
        {"weight": lambda gradients: gradients.mean(axis=-1, keepdims=True)},
        "You averaged the gradients over the channels. Then there is a weight for each position, "
        "and none for a channel. Average over the rows and columns.",
    ),
    relu_first=(
        {"each": relu},
        "The ReLU came before the sum. A channel that speaks against the finding can then cancel "
        "nothing, and nearly everything lights up. First add up, then cut.",
    ),
    no_relu=(
        {"cut": lambda x: x},
        "The ReLU is missing: what speaks against the finding, below zero, is cut to 0.",
    ),
    summed=(
        {"weight": lambda gradients: gradients.sum(axis=(0, 1))},
        "You added the gradients up instead of averaging them: all values are too large by the "
        "number of positions.",
    ),
    not_pooled=(
        {"weight": lambda gradients: gradients},
        "You multiplied by the gradient of each position. Grad-CAM takes one weight for a whole "
        "channel.",
    ),
    absolute=(
        {"cut": np.abs},
        "You took the absolute value. What speaks against the finding is then shown as if it "
        "spoke for it. Cut it to 0.",
    ),
)


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

    def patch(i):
        def draw(ax):
            plots.image(images[i], ax=ax, title="patch")
            ax.contour(masks[i], [0.5], colors=plots.COLOURS["truth"], linewidths=1.2)

        return draw

    def found(i):
        map_ = call(answer, (channels.numpy()[i].astype(float), slopes[i].astype(float)))
        map_ = np.asarray(map_, dtype=float)
        return lambda ax: plots.image(map_, ax=ax, cmap="magma", title="your map")

    return plots.grid(
        [part(i) for i in range(3) for part in (patch, found)],
        columns=6,
        size=(9.6, 2.0),
        alt="Three patches with their specks outlined, each beside your Grad-CAM map.",
    )
