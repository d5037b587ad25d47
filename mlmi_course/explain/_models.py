"""The layers of a model between which an explanation looks."""

from __future__ import annotations

from typing import Any, Final

import keras
import numpy as np
from numpy.typing import ArrayLike, NDArray

from mlmi_course._inputs import read_inputs

Maps = NDArray[np.float32]
_LOGIT: Final = "logit"  # the name that mlmi_course.networks gives to the last sum


def read(model: keras.Model, images: ArrayLike) -> NDArray[Any]:
    if not hasattr(model, "inputs") or not model.layers:
        raise ValueError(
            "explanations need a model of the functional API, keras.Model(inputs, outputs), "
            f"got a {type(model).__name__}"
        )
    return read_inputs(model, images, "images")


def score_layer(model: keras.Model, name: str | None) -> Any:
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


def map_layer(model: keras.Model, last: Any, name: str | None) -> Any:
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


def up_to(model: keras.Model, layer: Any) -> keras.Model:
    return keras.Model(model.inputs[0], layer.output)
