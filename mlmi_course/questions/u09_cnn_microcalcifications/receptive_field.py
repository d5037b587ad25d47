"""How far does it see?"""

import numpy as np

from mlmi_course.checks import Case, asks


@asks(
    points=2,
    see="How far does a unit see?",
    hints=(
        "Keep two numbers, the field and the jump. Both start at 1.",
        "A layer adds (kernel − 1) jumps to the field. Only afterwards the jump is multiplied by "
        "its stride.",
        "`field += (kernel - 1) * jump` and then `jump *= stride`, layer after layer.",
    ),
)
def receptive_field(layers):
    """How far does it see?"""
    field, jump = 1, 1
    for kernel, stride in layers:
        field += (kernel - 1) * jump
        jump *= stride
    return field


@receptive_field.inputs
def cases(rng):
    k = int(rng.integers(2, 4)) * 2 - 1
    yield Case(([(k, 1), (3, 1)],), "two layers of stride 1")
    yield Case(([(3, 2), (k, 1)],), "a stride of 2 below")
    yield Case(([(3, 1), (2, 2)] * 3,), "three rounds of convolution and pooling")
    yield Case(([(7, 2), (3, 2), (3, 1), (3, 2)],), "many strides")
    yield Case(([(5, 3)],), "a single layer with a stride of 3")
    yield Case(([],), "no layer at all")


@receptive_field.mistake
def stride_ignored(layers):
    """The strides are ignored. After a stride of 2, neighbours are two pixels of the image apart,
    so every later kernel reaches twice as far.
    """
    return 1 + sum(k - 1 for k, _ in layers)


@receptive_field.mistake
def sizes_summed(layers):
    """You summed the sizes of the kernels. Neighbouring windows overlap: a kernel of 3 adds only
    two pixels to what one pixel below saw, times the jump.
    """
    return sum(k for k, _ in layers)


@receptive_field.mistake
def stride_first(layers):
    """A layer's own stride does not widen its own window: it spreads the layers above. Add first,
    multiply the jump afterwards.
    """
    field, jump = 1, 1
    for kernel, stride in layers:
        jump *= stride
        field += (kernel - 1) * jump
    return field


@receptive_field.mistake
def strides_add(layers):
    """Jumps multiply: two strides of 2 put neighbours four pixels apart, and not three."""
    field, jump = 1, 1
    for kernel, stride in layers:
        field += (kernel - 1) * jump
        jump += stride - 1
    return field


@receptive_field.mistake
def product(layers):
    """You multiplied the kernels. Windows of windows grow by adding."""
    return int(np.prod([k for k, _ in layers], dtype=int))
