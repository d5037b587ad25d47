"""Scores and gradients of many images, a few at a time."""

from __future__ import annotations

from typing import Any, Final

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import ArrayLike, NDArray

from mlmi_course._inputs import as_floats, chunks

BATCH: Final = 64  # images at a time: gradients keep every activation in memory


def one_score(scores: Any, output: int) -> Any:
    """Add up one score over the images: none depends on another image."""
    if len(scores.shape) != 2:
        raise ValueError(
            f"the score has shape {tuple(scores.shape)}; explanations are for models that give "
            "each image a row of scores, (n, outputs)"
        )
    if not 0 <= output < scores.shape[1]:
        raise ValueError(f"there is no output {output}: the model has {scores.shape[1]}, from 0")
    return tf.reduce_sum(scores[:, output])


def input_gradient(part: keras.Model, x: NDArray[np.float32], output: int) -> NDArray[np.float32]:
    pixels = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(pixels)
        total = one_score(part(pixels, training=False), output)
    gradient = tape.gradient(total, pixels)
    if gradient is None:
        raise ValueError("the score does not depend on the image")
    return gradient.numpy()


def scores_of(part: keras.Model, images: NDArray[Any], output: int) -> NDArray[np.float32]:
    def of(x: NDArray[np.float32]) -> NDArray[np.float32]:
        scores = part(x, training=False)
        one_score(scores, output)  # for its errors
        return scores[:, output].numpy()

    return in_batches(images, of, (len(images),))


def in_batches(images: NDArray[Any], function: Any, shape: tuple[int, ...]) -> NDArray[np.float32]:
    found = np.empty(shape, np.float32)
    for rows in chunks(len(images), BATCH):
        found[rows] = function(as_floats(images[rows]))
    return found


def as_baseline(given: float | ArrayLike, images: NDArray[Any]) -> NDArray[np.float32]:
    """Return a baseline of shape (n, rows, columns, channels), as floats in the model's scale."""
    one = np.asarray(given)
    if one.dtype.kind in "iu" and one.dtype != np.uint8 and (one.min() < 0 or one.max() > 1):
        raise ValueError(
            f"the baseline is {one.dtype}, whose scale is unknown: give floats as the model sees "
            "them, or uint8, which is divided by 255"
        )
    start = as_floats(one)
    shape = images.shape
    if start.ndim == 0:
        return np.full(shape, start, np.float32)
    for fits in (shape, shape[:3], shape[1:], shape[1:3]):
        if start.shape == fits:
            start = start[..., None] if fits in (shape[:3], shape[1:3]) else start
            return np.broadcast_to(start, shape)
    raise ValueError(
        f"the baseline has shape {one.shape}; it is one number, one image {shape[1:3]}, or one "
        f"for each image {shape[:3]}"
    )
