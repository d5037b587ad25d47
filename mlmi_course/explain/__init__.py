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

from mlmi_course.explain._cam import grad_cam
from mlmi_course.explain._gradients import guided_backprop, integrated_gradients, saliency
from mlmi_course.explain._occlusion import occlusion
from mlmi_course.explain._pointing import Pointing, pointing_game

__all__ = [
    "Pointing",
    "grad_cam",
    "guided_backprop",
    "integrated_gradients",
    "occlusion",
    "pointing_game",
    "saliency",
]
