"""Small networks that several units share, and the loss of segmentation.

Each builder returns an uncompiled :class:`keras.Model` that

* takes images of shape (n, rows, columns, channels): floats in [0, 1], or z-scored;
* answers with probabilities, from a layer named ``"probability"``, after one named ``"logit"``
  for whoever wants the number before the sigmoid (explanations do), except :func:`to_image`, whose
  answer is an image;
* names its layers by their place, and draws their first weights from ``seed`` and nothing else:
  the same seed gives the same network, whatever was built before.

They are sized for two processor cores and half a minute (:func:`mlmi_course.training.fit`).
Where normalisation stands is part of that: Keras' batch normalisation costs as much as a 3×3
convolution of eight channels, so here it comes after the pooling or below full resolution.

>>> model = small_cnn()
>>> model.output_shape, model.count_params()
((None, 1), 6089)
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any, Final

import keras
from keras import layers, ops

__all__ = ["cae", "dice_entropy_loss", "dice_loss", "small_cnn", "to_image", "unet"]

Shape = tuple[int | None, int | None, int]

_SMOOTH: Final = 1.0  # pixels; keeps the loss of an empty mask defined, and its slope

# Keras' 0.99 needs some 500 steps until the averages it keeps for prediction are those of the
# data; our trainings have a few hundred, and early stopping would judge by the wrong averages.
_MOMENTUM: Final = 0.9


def small_cnn(
    shape: Shape = (60, 60, 1),
    *,
    outputs: int = 1,
    filters: Sequence[int] = (8, 16, 32),
    head: str = "mean",
    activation: str = "sigmoid",
    seed: int = 0,
) -> keras.Model:
    """Build a batch-normalised network that classifies small images.

    For each entry of ``filters``: a 3×3 convolution, 2×2 maximum pooling, batch normalisation,
    ReLU.  Then the mean over all positions, or all positions side by side, and one dense layer.

    Parameters
    ----------
    shape : (int or None, int or None, int), default (60, 60, 1)
        Rows, columns, channels.  Sizes need not be even; None accepts any size.
    outputs : int, default 1
        Numbers for each image.
    filters : sequence of int, default (8, 16, 32)
        Channels of each convolution; each halves the size.
    head : {"mean", "flat"}, default "mean"
        What the dense layer reads: each channel's mean over the positions, or every number of
        the last map, so that it has a weight for each position too.
    activation : str, default "sigmoid"
        The last step, as Keras names it: ``"sigmoid"`` for yes or no, also several times;
        ``"softmax"`` for one of several classes; ``"linear"`` for a measurement.
    seed : int, default 0
        Draws the first weights.

    Returns
    -------
    keras.Model
        From (n, rows, columns, channels) to (n, outputs), uncompiled; 6,089 parameters by
        default, for images of any size.

    Raises
    ------
    ValueError
        For a shape that is not (rows, columns, channels), images too small to be halved so
        often, an unknown head, or a flat one without a size.

    References
    ----------
    S. Ioffe and C. Szegedy, Batch normalization, arXiv:1502.03167.  M. Lin et al., Network in
    network (the mean over positions), arXiv:1312.4400.

    Examples
    --------
    >>> small_cnn((45, 61, 3), outputs=4, activation="softmax").output_shape
    (None, 4)
    """
    _require_shape(shape)
    if not filters or min(filters) < 1:
        raise ValueError(f"filters needs at least one positive number, got {list(filters)}")
    for size in shape[:2]:
        if size is not None and size < 2 ** len(filters):
            raise ValueError(
                f"images of {_sizes(shape)} pixels cannot be halved {len(filters)} times: "
                f"give fewer filters, or images of at least {2 ** len(filters)} pixels"
            )
    if head not in ("mean", "flat"):
        raise ValueError(f'head is "mean" or "flat", got {head!r}')
    if head == "flat" and None in shape:
        raise ValueError(
            f"a flat head has a weight for each position, so images of any size, {_sizes(shape)}, "
            'cannot have one: give rows and columns, or take head="mean"'
        )
    draw = _initialisers(seed)
    x = images = keras.Input(shape, name="images")
    for place, channels in enumerate(filters, start=1):
        # Pooled before it is normalised: a quarter of the work, and nearly the same function,
        # for ReLU and an increasing line both let the maximum pass.
        x = _convolution(channels, f"conv{place}", draw, use_bias=False)(x)
        x = layers.MaxPooling2D(name=f"pool{place}")(x)
        x = layers.BatchNormalization(momentum=_MOMENTUM, name=f"norm{place}")(x)
        x = layers.ReLU(name=f"relu{place}")(x)
    join = layers.GlobalAveragePooling2D if head == "mean" else layers.Flatten
    x = join(name=head)(x)
    x = layers.Dense(outputs, kernel_initializer=draw("glorot"), name="logit")(x)
    return keras.Model(images, layers.Activation(activation, name="probability")(x), name="cnn")


def unet(
    shape: Shape = (128, 128, 1),
    *,
    base: int = 8,
    depth: int = 3,
    outputs: int = 1,
    activation: str = "sigmoid",
    seed: int = 0,
) -> keras.Model:
    """Build a small U-Net: an encoder, a decoder, and skip connections between them.

    Parameters
    ----------
    shape : (int or None, int or None, int), default (128, 128, 1)
        Rows, columns, channels.  Rows and columns are multiples of 2**depth, or None.
    base : int, default 8
        Channels at full resolution; each level below has twice as many.
    depth : int, default 3
        How often the size is halved.
    outputs : int, default 1
        Masks for each image.
    activation : str, default "sigmoid"
        ``"sigmoid"`` for masks that may overlap; ``"softmax"`` for one label a pixel;
        ``"linear"`` to predict an image.
    seed : int, default 0
        Draws the first weights.

    Returns
    -------
    keras.Model
        From (n, rows, columns, channels) to (n, rows, columns, outputs), uncompiled; 97,049
        parameters by default.

    Raises
    ------
    ValueError
        For a shape that is not (rows, columns, channels), or a size that cannot be halved
        ``depth`` times.

    Notes
    -----
    One convolution a level and direction, and two at the bottom, where they are cheap; the
    original has two everywhere, no normalisation, and 64 channels at the top.  A unit that has
    half a minute on two cores trains it on 300 images of 96×96 pixels.

    References
    ----------
    O. Ronneberger et al., U-Net, arXiv:1505.04597.

    Examples
    --------
    >>> unet((96, 96, 1)).output_shape
    (None, 96, 96, 1)
    """
    return _encoder_decoder("unet", shape, base, depth, outputs, activation, seed, skips=True)


def cae(
    shape: Shape = (128, 128, 1),
    *,
    base: int = 8,
    depth: int = 3,
    outputs: int = 1,
    activation: str = "sigmoid",
    seed: int = 0,
) -> keras.Model:
    """Build the same encoder and decoder as :func:`unet`, without the skip connections.

    Everything passes through the bottleneck, as in a convolutional autoencoder.  Given masks to
    learn it segments; given the images themselves it is an autoencoder.

    Parameters
    ----------
    shape, base, depth, outputs, activation, seed
        As for :func:`unet`.

    Returns
    -------
    keras.Model
        From (n, rows, columns, channels) to (n, rows, columns, outputs), uncompiled; 84,953
        parameters by default.  What a U-Net has more are the weights that read the skips.

    Raises
    ------
    ValueError
        As for :func:`unet`.

    References
    ----------
    J. Masci et al., Stacked convolutional auto-encoders, ICANN 2011,
    doi:10.1007/978-3-642-21735-7_7.

    Examples
    --------
    >>> cae().count_params() < unet().count_params()
    True
    """
    return _encoder_decoder("cae", shape, base, depth, outputs, activation, seed, skips=False)


def to_image(
    *,
    filters: Sequence[int] = (24, 16),
    kernels: Sequence[int] = (5, 3, 5),
    dilations: Sequence[int] | None = None,
    residual: bool = True,
    seed: int = 0,
) -> keras.Model:
    """Build a plain stack of convolutions from a grey image to another of the same size.

    Three layers, of patches, of a non-linear map and of reconstruction, are the SRCNN; with
    ``residual`` the network computes what is added to its input.  Borders are padded with zeros.

    Parameters
    ----------
    filters : sequence of int, default (24, 16)
        Channels of the hidden layers, each followed by a ReLU.
    kernels : sequence of int, default (5, 3, 5)
        Width of each convolution in pixels, one more than ``filters``: the last makes the image.
    dilations : sequence of int, optional
        Distance of the weights of each convolution, for a wide view at little cost; 1 if left out.
    residual : bool, default True
        Add the input to the answer: for super-resolution and denoising, where both are of one kind.
    seed : int, default 0
        Draws the first weights.

    Returns
    -------
    keras.Model
        From (n, rows, columns, 1) to the same shape, of any size, uncompiled; 4,497 parameters by
        default.

    Raises
    ------
    ValueError
        For numbers of filters, kernels and dilations that do not fit each other.

    References
    ----------
    C. Dong et al., Image super-resolution using deep convolutional networks, arXiv:1501.00092.
    J. Kim et al., Accurate image super-resolution using very deep convolutional networks,
    arXiv:1511.04587 (the residual).

    Examples
    --------
    >>> to_image().count_params(), to_image(filters=(8,), kernels=(3, 3)).output_shape
    (4497, (None, None, None, 1))
    """
    dilations = [1] * len(kernels) if dilations is None else dilations
    if not len(filters) + 1 == len(kernels) == len(dilations):
        raise ValueError(
            "kernels and dilations need one entry more than filters, for the layer that makes the "
            f"image: got {len(filters)} filters, {len(kernels)} kernels, {len(dilations)} dilations"
        )
    draw = _initialisers(seed)
    x = images = keras.Input((None, None, 1), name="images")
    for place, settings in enumerate(zip((*filters, 1), kernels, dilations, strict=True), start=1):
        channels, kernel, dilation = settings
        last = place == len(kernels)
        x = layers.Conv2D(
            channels,
            kernel,
            padding="same",
            dilation_rate=dilation,
            activation=None if last else "relu",
            kernel_initializer=draw("glorot"),
            name="reconstruction" if last else f"conv{place}",
        )(x)
    if residual:
        x = layers.Add(name="sum")([images, x])
    return keras.Model(images, x, name="to_image")


def dice_loss(truth: Any, prediction: Any) -> Any:
    """One minus the soft Dice coefficient of each image, for ``model.compile(loss=dice_loss)``.

    1 − (2 Σ t p + 1) / (Σ t + Σ p + 1), the sums over the pixels of *one* image (and one
    channel; channels are then averaged).  Keras averages over the images.  Summed over a batch
    instead, one large lesion would outvote the small ones, as with :class:`keras.losses.Dice`
    (docs/conventions.md#dice-of-a-batch-pooled-or-per-case).  Probabilities go in as they are: a
    threshold has no slope to learn from.

    Parameters
    ----------
    truth : tensor, shape (n, rows, columns, channels)
        Masks of 0 and 1.
    prediction : tensor, shape (n, rows, columns, channels)
        Probabilities.

    Returns
    -------
    tensor, shape (n,)
        From 0, perfect, to almost 1.  The 1 (a pixel) added above and below makes an empty mask,
        correctly left empty, a loss of 0, and gives a slope to one that is not.

    Raises
    ------
    ValueError
        If shapes differ: broadcast, they would give a number that means nothing.

    References
    ----------
    F. Milletari et al., V-Net, arXiv:1606.04797 (with squares in the denominator);
    C. H. Sudre et al., arXiv:1707.03237.

    Examples
    --------
    A mask found, one missed, and one correctly left empty:

    >>> import numpy as np
    >>> full, none = np.ones((4, 4, 1)), np.zeros((4, 4, 1))
    >>> loss = dice_loss(np.stack([full, full, none]), np.stack([full, none, none]))
    >>> [round(float(value), 3) for value in loss]
    [0.0, 0.941, 0.0]
    """
    truth, prediction = ops.cast(truth, "float32"), ops.cast(prediction, "float32")
    if len(truth.shape) != 4 or len(prediction.shape) != 4 or _differ(truth, prediction):
        raise ValueError(
            "dice_loss needs two arrays of one shape (n, rows, columns, channels), got "
            f"{tuple(truth.shape)} and {tuple(prediction.shape)}; "
            "a missing channel is added by masks[..., None]"
        )
    pixels = (1, 2)
    both = ops.sum(truth * prediction, axis=pixels)
    each = ops.sum(truth, axis=pixels) + ops.sum(prediction, axis=pixels)
    return ops.mean(1 - (2 * both + _SMOOTH) / (each + _SMOOTH), axis=-1)


def dice_entropy_loss(truth: Any, prediction: Any) -> Any:
    """The sum of :func:`dice_loss` and binary cross-entropy, for ``model.compile``.

    Cross-entropy has a slope everywhere from the first step on; the Dice part does not let the
    background outvote a small lesion.  In the few hundred steps that a notebook has, their sum
    learns faster and more evenly than either.

    Parameters
    ----------
    truth : tensor, shape (n, rows, columns, channels)
        Masks of 0 and 1.
    prediction : tensor, shape (n, rows, columns, channels)
        Probabilities.

    Returns
    -------
    tensor, shape (n,)
        0 for a perfect and certain mask.

    Raises
    ------
    ValueError
        As for :func:`dice_loss`.

    References
    ----------
    F. Isensee et al., nnU-Net, Nature Methods 18 (2021) 203–211,
    doi:10.1038/s41592-020-01008-z, which trains with this sum.

    Examples
    --------
    A mask found with certainty, and one that is everywhere called one half:

    >>> import numpy as np
    >>> full = np.ones((1, 4, 4, 1))
    >>> [round(float(dice_entropy_loss(full, p)[0]), 3) for p in (full, full / 2)]
    [0.0, 1.013]
    """
    overlap = dice_loss(truth, prediction)
    truth = ops.cast(truth, "float32")
    entropy = keras.losses.binary_crossentropy(truth, ops.cast(prediction, "float32"))
    return overlap + ops.mean(entropy, axis=(1, 2))


def _encoder_decoder(
    name: str,
    shape: Shape,
    base: int,
    depth: int,
    outputs: int,
    activation: str,
    seed: int,
    *,
    skips: bool,
) -> keras.Model:
    """Build a U-Net, or what is left of it without skip connections."""
    _require_shape(shape)
    if base < 1 or depth < 1:
        raise ValueError(f"base and depth must be at least 1, got {base} and {depth}")
    if any(size is not None and size % 2**depth for size in shape[:2]):
        raise ValueError(
            f"images of {_sizes(shape)} pixels cannot be halved {depth} times and come back to "
            f"their size: pad or crop to multiples of {2**depth}, or choose another depth"
        )
    draw = _initialisers(seed)

    def block(x: Any, level: int, side: str) -> Any:
        label = f"{side}{level}"
        x = _convolution(base * 2**level, f"conv_{label}", draw, use_bias=level == 0)(x)
        if level:
            x = layers.BatchNormalization(momentum=_MOMENTUM, name=f"norm_{label}")(x)
        return layers.ReLU(name=f"relu_{label}")(x)

    x = images = keras.Input(shape, name="images")
    seen = []
    for level in range(depth):
        x = block(x, level, "down")
        seen.append(x)
        x = layers.MaxPooling2D(name=f"pool{level}")(x)
    x = block(x, depth, "bottom_a")
    x = block(x, depth, "bottom_b")
    for level in reversed(range(depth)):
        x = layers.Conv2DTranspose(
            base * 2**level, 2, strides=2, kernel_initializer=draw("he"), name=f"up{level}"
        )(x)
        if skips:
            x = layers.Concatenate(name=f"skip{level}")([seen[level], x])
        x = block(x, level, "up")
    x = layers.Conv2D(outputs, 1, kernel_initializer=draw("glorot"), name="logit")(x)
    return keras.Model(images, layers.Activation(activation, name="probability")(x), name=name)


def _convolution(
    channels: int, name: str, draw: Callable[[str], keras.Initializer], *, use_bias: bool
) -> layers.Conv2D:
    return layers.Conv2D(
        channels, 3, padding="same", use_bias=use_bias, kernel_initializer=draw("he"), name=name
    )


def _initialisers(seed: int) -> Callable[[str], keras.Initializer]:
    """Return a function that gives every layer its own draw: equal seeds give equal filters."""
    seeds = random.Random(seed)
    kinds = {"he": keras.initializers.HeNormal, "glorot": keras.initializers.GlorotUniform}
    return lambda kind: kinds[kind](seed=seeds.getrandbits(31))


def _require_shape(shape: Shape) -> None:
    if len(shape) != 3 or shape[2] is None or any(n is not None and n < 1 for n in shape):
        raise ValueError(
            f"shape is that of one image, (rows, columns, channels), got {tuple(shape)}; "
            "a grey image has one channel: (60, 60, 1)"
        )


def _sizes(shape: Shape) -> str:
    return "×".join("any" if size is None else str(size) for size in shape[:2])


def _differ(a: Any, b: Any) -> bool:
    """Whether shapes differ where both are known: while Keras traces, some are not."""
    pairs = zip(a.shape, b.shape, strict=True)
    return any(None not in (m, n) and m != n for m, n in pairs)
