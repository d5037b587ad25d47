"""Maps from the gradient of the score with respect to the image."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import ArrayLike

from mlmi_course._inputs import as_floats, chunks
from mlmi_course.explain._models import Maps, read, score_layer, up_to
from mlmi_course.explain._numbers import BATCH, as_baseline, in_batches, input_gradient


def saliency(
    model: keras.Model,
    images: ArrayLike,
    *,
    output: int = 0,
    score: str | None = None,
    signed: bool = False,
) -> Maps:
    """Gradient of the logit with respect to every pixel.

    Parameters
    ----------
    model : keras.Model
        Built in the functional API, one input.
    images : array_like, shape (n, rows, columns) or (n, rows, columns, channels)
        uint8 is divided by 255, floats are taken as they are, as in
        :mod:`mlmi_course.training`.
    output : int, default 0
        Which of the model's scores is explained.
    score : str, optional
        The layer whose output is explained.  Left out: the one named ``"logit"``, or the last
        one if it has no activation.
    signed : bool, default False
        Keep the sign.  A saliency map shows the *size*: a pixel matters whether more light in it
        would raise the score or lower it.

    Returns
    -------
    ndarray of float32, shape (n, rows, columns)
        Per unit of the model's input.  Of several channels the largest in size is taken.

    Raises
    ------
    ValueError
        For images that do not fit the model, a model that is not functional, an unknown layer,
        or a model that has no logit.

    References
    ----------
    K. Simonyan, A. Vedaldi and A. Zisserman, Deep inside convolutional networks,
    arXiv:1312.6034.

    Examples
    --------
    The gradient of a weighted sum is its weights:

    >>> inputs = keras.Input((2, 2, 1))
    >>> sums = keras.layers.Dense(1, name="logit")(keras.layers.Flatten()(inputs))
    >>> linear = keras.Model(inputs, sums)
    >>> linear.set_weights([np.array([[1.0], [-2.0], [0.0], [3.0]]), np.zeros(1)])
    >>> saliency(linear, np.zeros((1, 2, 2)), signed=True)[0].tolist()
    [[1.0, -2.0], [0.0, 3.0]]
    """
    images = read(model, images)
    part = up_to(model, score_layer(model, score))
    gradients = in_batches(images, lambda x: input_gradient(part, x, output), images.shape)
    strongest = np.abs(gradients).argmax(axis=-1)
    chosen = np.take_along_axis(gradients, strongest[..., None], axis=-1)[..., 0]
    return chosen if signed else np.abs(chosen)


def integrated_gradients(
    model: keras.Model,
    images: ArrayLike,
    *,
    baseline: float | ArrayLike,
    steps: int = 32,
    output: int = 0,
    score: str | None = None,
) -> Maps:
    """Shares of the pixels in the difference between an image's logit and a baseline's.

    (x − x₀) times the mean gradient along the straight path from the baseline x₀ to the image x.
    The shares add up to f(x) − f(x₀): **completeness**.

    Parameters
    ----------
    model, images, output, score
        As for :func:`saliency`.
    baseline : float or array_like
        What counts as "nothing there": one value for all pixels, one image, or one for each of
        ``images`` (such as a blurred copy).  Floats as the model sees them; uint8 is divided by
        255.  There is no default, for the answer depends on it: what is black already cannot
        matter against a black baseline.
    steps : int, default 32
        Points on the path, each in the middle of its step.

    Returns
    -------
    ndarray of float32, shape (n, rows, columns)
        In units of the logit, summed over channels.

    Raises
    ------
    ValueError
        As for :func:`saliency`, or if the baseline has another shape.

    References
    ----------
    M. Sundararajan, A. Taly and Q. Yan, Axiomatic attribution for deep networks,
    arXiv:1703.01365.

    Examples
    --------
    >>> from mlmi_course import networks
    >>> model = networks.small_cnn((16, 16, 1), filters=(4,))
    >>> images = np.random.default_rng(0).random((1, 16, 16))
    >>> shares = integrated_gradients(model, images, baseline=0.5, steps=200)
    >>> logit = keras.Model(model.inputs[0], model.get_layer("logit").output)
    >>> ends = [logit(np.float32(x)[..., None]) for x in (images, np.full_like(images, 0.5))]
    >>> bool(abs(shares.sum() - float(ends[0][0, 0] - ends[1][0, 0])) < 0.01)
    True
    """
    if steps < 1:
        raise ValueError(f"steps must be at least 1, got {steps}")
    images = read(model, images)
    start = as_baseline(baseline, images)
    part = up_to(model, score_layer(model, score))
    shares = np.empty(images.shape[:3], np.float32)
    for rows in chunks(len(images), BATCH):
        x = as_floats(images[rows])
        x0 = start[rows] if len(start) == len(images) else start
        total = np.zeros_like(x)
        for step in range(steps):
            along = (step + 0.5) / steps
            total += input_gradient(part, (x0 + along * (x - x0)).astype(np.float32), output)
        shares[rows] = ((x - x0) * total / steps).sum(axis=-1)
    return shares


def guided_backprop(
    model: keras.Model, images: ArrayLike, *, output: int = 0, score: str | None = None
) -> Maps:
    """Gradient that passes a ReLU only where both the signal and the gradient are above zero.

    Parameters
    ----------
    model, images, output, score
        As for :func:`saliency`.  The model is copied, not changed.

    Returns
    -------
    ndarray of float32, shape (n, rows, columns)
        Its size, the largest of the channels.

    Raises
    ------
    ValueError
        As for :func:`saliency`, or if the model has no ReLU, or one with a leak or a ceiling.

    Notes
    -----
    The maps look sharp, also for a network with random weights: see the sanity checks of
    Adebayo and others.  It is here to be found out.

    References
    ----------
    J. T. Springenberg et al., Striving for simplicity, arXiv:1412.6806; J. Adebayo et al.,
    Sanity checks for saliency maps, arXiv:1810.03292.

    Examples
    --------
    >>> from mlmi_course import networks
    >>> guided_backprop(networks.small_cnn(filters=(4,)), np.zeros((1, 60, 60))).shape
    (1, 60, 60)
    """
    return saliency(_with_guided_relus(model), images, output=output, score=score)


def _with_guided_relus(model: keras.Model) -> keras.Model:
    """Copy a model, with other gradients in its ReLUs."""
    found = []

    def copy(layer: Any) -> Any:
        config = layer.get_config()
        if isinstance(layer, keras.layers.ReLU):
            if config["max_value"] is not None or config["negative_slope"] or config["threshold"]:
                raise ValueError(
                    f"{layer.name!r} is a ReLU with a ceiling, a leak or a threshold: guided "
                    "backpropagation is defined for plain ones"
                )
            found.append(layer.name)
            return keras.layers.Activation(_guided_relu, name=layer.name)
        again = layer.__class__.from_config(config)
        if getattr(layer, "activation", None) is keras.activations.relu:
            found.append(layer.name)
            again.activation = _guided_relu
        return again

    guided = keras.models.clone_model(model, clone_function=copy)
    if not found:
        raise ValueError(
            "guided backpropagation changes how gradients pass a ReLU, and this model has none"
        )
    guided.set_weights(model.get_weights())
    return guided


@tf.custom_gradient
def _guided_relu(x: Any) -> Any:
    y = tf.nn.relu(x)

    def gradient(above: Any) -> Any:
        return tf.nn.relu(above) * tf.cast(x > 0, above.dtype)

    return y, gradient
