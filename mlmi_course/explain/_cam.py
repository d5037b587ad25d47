"""A map from the channels of a layer."""

from __future__ import annotations

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import ArrayLike, NDArray

from mlmi_course.explain._models import Maps, map_layer, read, score_layer
from mlmi_course.explain._numbers import in_batches, one_score


def grad_cam(
    model: keras.Model,
    images: ArrayLike,
    *,
    layer: str | None = None,
    output: int = 0,
    score: str | None = None,
    resize: bool = True,
) -> Maps:
    """A layer's channels, weighted by their mean gradient, added up, and cut below zero.

    Parameters
    ----------
    model, images, output, score
        As for :func:`saliency`.
    layer : str, optional
        A layer that keeps rows and columns.  The last one before the score if left out.
    resize : bool, default True
        Bring the map to the size of the images, linearly between the layer's positions.

    Returns
    -------
    ndarray of float32, shape (n, rows, columns), or the layer's own with ``resize=False``
        From 0.  All 0 where nothing speaks for this output.

    Raises
    ------
    ValueError
        As for :func:`saliency`, or for a layer without rows and columns.

    References
    ----------
    R. R. Selvaraju et al., Grad-CAM, arXiv:1610.02391.

    Examples
    --------
    >>> from mlmi_course import networks
    >>> model = networks.small_cnn(filters=(4, 8))
    >>> grad_cam(model, np.zeros((1, 60, 60)), resize=False).shape
    (1, 15, 15)
    """
    images = read(model, images)
    last = score_layer(model, score)
    where = map_layer(model, last, layer)
    part = keras.Model(model.inputs[0], [where.output, last.output])

    def maps(x: NDArray[np.float32]) -> NDArray[np.float32]:
        with tf.GradientTape() as tape:
            channels, scores = part(x, training=False)
            total = one_score(scores, output)
        gradients = tape.gradient(total, channels)
        if gradients is None:
            raise ValueError(f"the score does not depend on layer {where.name!r}")
        weights = tf.reduce_mean(gradients, axis=(1, 2), keepdims=True)
        return tf.nn.relu(tf.reduce_sum(weights * channels, axis=-1)).numpy()

    size = images.shape[1:3] if resize else where.output.shape[1:3]
    if not resize:
        return in_batches(images, maps, (len(images), *size))

    def resized(x: NDArray[np.float32]) -> NDArray[np.float32]:
        return keras.ops.convert_to_numpy(keras.ops.image.resize(maps(x)[..., None], size))[..., 0]

    return in_batches(images, resized, (len(images), *size))
