"""Which pixels did a network look at?  Explanations of single predictions, in public Keras API.

Each method is called as ``method(model, images, …)`` and answers with one map an image, shape
(n, rows, columns).  They explain the *logit*, the score before the sigmoid: the gradient of a
probability vanishes where the model is sure, and that of the loss needs a label that nobody has
when a patient is seen.

=================================  ===================================================  ========
method                             what a pixel's value is                              sign
=================================  ===================================================  ========
:func:`saliency`                   size of the gradient                                 ≥ 0
:func:`integrated_gradients`       share in the difference to a baseline                either
:func:`guided_backprop`            size of a gradient that only passes where it pushes  ≥ 0
:func:`grad_cam`                   weighted sum of a layer's channels, kept if above 0  ≥ 0
:func:`occlusion`                  drop of the logit when the pixel is covered          either
=================================  ===================================================  ========

A map that looks right is no evidence.  :func:`pointing_game` asks where its maximum lies, and what
chance would have scored.

>>> import numpy as np
>>> from mlmi_course import networks
>>> model = networks.small_cnn((16, 16, 1), filters=(4, 8))
>>> images = np.random.default_rng(0).random((2, 16, 16))
>>> saliency(model, images).shape, grad_cam(model, images).shape
((2, 16, 16), (2, 16, 16))
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import ArrayLike, NDArray
from scipy import ndimage

from mlmi_course._inputs import as_floats, chunks, read_inputs

__all__ = [
    "Pointing",
    "grad_cam",
    "guided_backprop",
    "integrated_gradients",
    "occlusion",
    "pointing_game",
    "saliency",
]

Maps = NDArray[np.float32]

_LOGIT: Final = "logit"  # the name that mlmi_course.networks gives to the last sum
_BATCH: Final = 64  # images at a time: gradients keep every activation in memory


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
    images = _read(model, images)
    part = _up_to(model, _score_layer(model, score))
    gradients = _in_batches(images, lambda x: _input_gradient(part, x, output), images.shape)
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
    images = _read(model, images)
    start = _baseline(baseline, images)
    part = _up_to(model, _score_layer(model, score))
    shares = np.empty(images.shape[:3], np.float32)
    for rows in chunks(len(images), _BATCH):
        x = as_floats(images[rows])
        x0 = start[rows] if len(start) == len(images) else start
        total = np.zeros_like(x)
        for step in range(steps):
            along = (step + 0.5) / steps
            total += _input_gradient(part, (x0 + along * (x - x0)).astype(np.float32), output)
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
    images = _read(model, images)
    last = _score_layer(model, score)
    where = _map_layer(model, last, layer)
    part = keras.Model(model.inputs[0], [where.output, last.output])

    def maps(x: NDArray[np.float32]) -> NDArray[np.float32]:
        with tf.GradientTape() as tape:
            channels, scores = part(x, training=False)
            total = _one_score(scores, output)
        gradients = tape.gradient(total, channels)
        if gradients is None:
            raise ValueError(f"the score does not depend on layer {where.name!r}")
        weights = tf.reduce_mean(gradients, axis=(1, 2), keepdims=True)
        return tf.nn.relu(tf.reduce_sum(weights * channels, axis=-1)).numpy()

    size = images.shape[1:3] if resize else where.output.shape[1:3]
    if not resize:
        return _in_batches(images, maps, (len(images), *size))

    def resized(x: NDArray[np.float32]) -> NDArray[np.float32]:
        return keras.ops.convert_to_numpy(keras.ops.image.resize(maps(x)[..., None], size))[..., 0]

    return _in_batches(images, resized, (len(images), *size))


def occlusion(
    model: keras.Model,
    images: ArrayLike,
    *,
    baseline: float | ArrayLike,
    size: int = 8,
    stride: int = 4,
    output: int = 0,
    score: str | None = None,
) -> Maps:
    """How far the logit falls when a square is covered.

    Parameters
    ----------
    model, images, output, score
        As for :func:`saliency`; no gradient is needed.
    baseline : float or array_like
        What covers: one value, one image, or one for each of ``images``.  An edge that the square
        brings with it is seen too, so a value from around it is better than black.
    size, stride : int, default 8 and 4
        Side of the square, and from one to the next, in pixels.

    Returns
    -------
    ndarray of float32, shape (n, rows, columns)
        Logit of the image minus that of the covered image: the mean over all squares that cover
        a pixel.

    Raises
    ------
    ValueError
        As for :func:`integrated_gradients`, or if the square does not fit, or squares leave gaps.

    References
    ----------
    M. D. Zeiler and R. Fergus, Visualizing and understanding convolutional networks,
    arXiv:1311.2901.

    Examples
    --------
    >>> from mlmi_course import networks
    >>> model = networks.small_cnn((16, 16, 1), filters=(4,))
    >>> occlusion(model, np.zeros((1, 16, 16)), baseline=0.0).max()  # black on black
    np.float32(0.0)
    """
    images = _read(model, images)
    start = _baseline(baseline, images)
    height, width = images.shape[1:3]
    if not 1 <= size <= min(height, width):
        raise ValueError(f"a square of {size} pixels does not fit into {height}×{width}")
    if not 1 <= stride <= size:
        raise ValueError(f"stride must be from 1 to size = {size}, got {stride}: gaps stay unseen")
    part = _up_to(model, _score_layer(model, score))
    drops = np.zeros(images.shape[:3], np.float32)
    times = np.zeros((height, width), np.float32)
    rest = _scores(part, images, output)
    for top in _places(height, size, stride):
        for left in _places(width, size, stride):
            square = (slice(None), slice(top, top + size), slice(left, left + size))
            covered = as_floats(images).copy()
            covered[square] = start[square]
            drops[square] += (rest - _scores(part, covered, output))[:, None, None]
            times[square[1:]] += 1
    return drops / times


@dataclass(frozen=True)
class Pointing:
    """How often maps point at the lesion, and how often chance does.

    Attributes
    ----------
    hits : ndarray of float, shape (n,)
        1 for a hit, 0 for a miss; between, where a map has several maxima.
    random : float
        Hit rate of a pixel drawn at random: the mean share of the image that counts as a hit.
    centre : float
        Hit rate of whoever always points at the centre of the image.

    Examples
    --------
    >>> Pointing(np.array([1.0, 1.0, 0.0, 1.0]), random=0.1, centre=0.2)
    Pointing: 0.75 of 4 (random 0.10, centre 0.20)
    """

    hits: NDArray[np.float64]
    random: float
    centre: float

    @property
    def rate(self) -> float:
        """Share of the maps that hit."""
        return float(self.hits.mean())

    def __repr__(self) -> str:
        return (
            f"Pointing: {self.rate:.2f} of {len(self.hits)} "
            f"(random {self.random:.2f}, centre {self.centre:.2f})"
        )


def pointing_game(
    maps: ArrayLike,
    masks: ArrayLike,
    *,
    tolerance: float = 0.0,
    spacing: tuple[float, float] = (1.0, 1.0),
) -> Pointing:
    """Score maps by whether their maximum lies in the known lesion.

    Parameters
    ----------
    maps : array_like, shape (n, rows, columns)
        Explanations.  Where the sign does not matter, give their size.
    masks : array_like, shape (n, rows, columns)
        Above zero inside the lesion; none may be empty.
    tolerance : float, default 0
        The maximum may lie so far from the lesion, in units of ``spacing``.
    spacing : (float, float), default (1, 1)
        Between rows and between columns; then ``tolerance`` is in millimetres and not in pixels.

    Returns
    -------
    Pointing
        With the two rates of chance, which grow with the tolerance too.

    Raises
    ------
    ValueError
        For shapes that differ, values that are no numbers, or an empty mask.

    Notes
    -----
    A map whose maximum stands at several pixels scores the share of them that hit.  A constant
    map, as of a Grad-CAM that is 0 everywhere, thus scores chance, and not the top left corner.

    References
    ----------
    J. Zhang et al., Top-down neural attention by excitation backprop, arXiv:1608.00507.

    Examples
    --------
    >>> masks = np.zeros((2, 9, 9))
    >>> masks[:, 2, 2] = 1
    >>> maps = np.zeros((2, 9, 9))
    >>> maps[0, 2, 2], maps[1, 2, 3] = 1.0, 1.0
    >>> pointing_game(maps, masks)
    Pointing: 0.50 of 2 (random 0.01, centre 0.00)
    >>> pointing_game(maps, masks, tolerance=1)
    Pointing: 1.00 of 2 (random 0.06, centre 0.00)
    """
    values, truth = np.asarray(maps, dtype=float), np.asarray(masks) > 0
    if values.ndim != 3 or values.shape != truth.shape or not len(values):
        raise ValueError(
            "maps and masks must have one shape (n, rows, columns), got "
            f"{values.shape} and {truth.shape}"
        )
    if not np.isfinite(values).all():
        raise ValueError("maps hold nan or infinite values: they have no maximum")
    if tolerance < 0:
        raise ValueError(f"tolerance must be 0 or more, got {tolerance}")
    empty = ~truth.any(axis=(1, 2))
    if empty.any():
        raise ValueError(
            f"mask {int(np.argmax(empty))} is empty: nothing can be hit; "
            "choose images with a lesion"
        )
    near = truth
    if tolerance:
        near = np.stack(
            [ndimage.distance_transform_edt(~one, sampling=spacing) <= tolerance for one in truth]
        )
    top = values == values.max(axis=(1, 2), keepdims=True)
    return Pointing(
        hits=(top & near).sum(axis=(1, 2)) / top.sum(axis=(1, 2)),
        random=float(near.mean()),
        centre=float(near[:, near.shape[1] // 2, near.shape[2] // 2].mean()),
    )


# -- models ------------------------------------------------------------------------------------


def _read(model: keras.Model, images: ArrayLike) -> NDArray[Any]:
    if not hasattr(model, "inputs") or not model.layers:
        raise ValueError(
            "explanations need a model of the functional API, keras.Model(inputs, outputs), "
            f"got a {type(model).__name__}"
        )
    return read_inputs(model, images, "images")


def _score_layer(model: keras.Model, name: str | None) -> Any:
    """Return the layer whose output is explained."""
    names = [layer.name for layer in model.layers]
    if name is None and _LOGIT in names:
        name = _LOGIT
    if name is not None:
        return _layer(model, name)
    last = model.layers[-1]
    bend = getattr(last, "activation", None)
    if bend is not None and bend is not keras.activations.linear:
        raise ValueError(
            f'the model has no layer named "{_LOGIT}" and ends in {last.name!r} with the '
            f"activation {getattr(bend, '__name__', bend)}, whose gradient vanishes where the "
            f"model is sure: name the layer before it, score=…; there are {names}"
        )
    return _layer(model, last.name)


def _layer(model: keras.Model, name: str) -> Any:
    names = [layer.name for layer in model.layers]
    if name not in names:
        raise ValueError(f"the model has no layer {name!r}; there are {names}")
    return model.get_layer(name)


def _map_layer(model: keras.Model, last: Any, name: str | None) -> Any:
    """Return the layer for Grad-CAM: one with rows, columns and channels."""
    if name is not None:
        layer = _layer(model, name)
        if len(layer.output.shape) != 4:
            raise ValueError(
                f"layer {name!r} gives {tuple(layer.output.shape)}: Grad-CAM needs one that keeps "
                "rows and columns"
            )
        return layer
    before = model.layers[: model.layers.index(last)]
    spatial = [
        layer
        for layer in before
        if not isinstance(layer, keras.layers.InputLayer) and len(layer.output.shape) == 4
    ]
    if not spatial:
        raise ValueError("no layer before the score keeps rows and columns: Grad-CAM needs one")
    return spatial[-1]


def _up_to(model: keras.Model, layer: Any) -> keras.Model:
    return keras.Model(model.inputs[0], layer.output)


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


# -- numbers -----------------------------------------------------------------------------------


def _one_score(scores: Any, output: int) -> Any:
    """Add up one score over the images: none depends on another image."""
    if len(scores.shape) != 2:
        raise ValueError(
            f"the score has shape {tuple(scores.shape)}; explanations are for models that give "
            "each image a row of scores, (n, outputs)"
        )
    if not 0 <= output < scores.shape[1]:
        raise ValueError(f"there is no output {output}: the model has {scores.shape[1]}, from 0")
    return tf.reduce_sum(scores[:, output])


def _input_gradient(part: keras.Model, x: NDArray[np.float32], output: int) -> NDArray[np.float32]:
    pixels = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(pixels)
        total = _one_score(part(pixels, training=False), output)
    gradient = tape.gradient(total, pixels)
    if gradient is None:
        raise ValueError("the score does not depend on the image")
    return gradient.numpy()


def _scores(part: keras.Model, images: NDArray[Any], output: int) -> NDArray[np.float32]:
    def of(x: NDArray[np.float32]) -> NDArray[np.float32]:
        scores = part(x, training=False)
        _one_score(scores, output)  # for its errors
        return scores[:, output].numpy()

    return _in_batches(images, of, (len(images),))


def _in_batches(images: NDArray[Any], function: Any, shape: tuple[int, ...]) -> NDArray[np.float32]:
    found = np.empty(shape, np.float32)
    for rows in chunks(len(images), _BATCH):
        found[rows] = function(as_floats(images[rows]))
    return found


def _baseline(given: float | ArrayLike, images: NDArray[Any]) -> NDArray[np.float32]:
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


def _places(length: int, size: int, stride: int) -> list[int]:
    """Return where squares begin; the last one ends at the edge."""
    return sorted({*range(0, length - size + 1, stride), length - size})
