"""How many parameters?"""

from mlmi_course.checks import Case, asks


def _counted(
    layers,
    side,
    channels,
    *,
    bias=1,
    reads=lambda c: c,
    shrinks=True,
    square=2,
    flat=True,
    pools=False,
    each=lambda n: n,
    forgets=False,
):
    total, numbers = 0, None
    for kind, first, second in layers:
        if kind == "conv":
            total += (first**square * reads(channels) + bias) * second
            channels, side = second, side - (first - 1) * shrinks
        elif kind == "pool":
            total += first * first * channels if pools else 0
            side //= first
        else:
            if numbers is None:
                numbers = side * side * channels if flat else channels
            total += (numbers + bias) * each(first)
            numbers = side * side * first if forgets else first
    return int(total)


@asks(
    points=2,
    see="How many weights?",
    hints=(
        "Go through the layers and keep two numbers: the side of the maps, and how many channels "
        "there are.",
        "A convolution: `(kernel * kernel * channels + 1) * filters`. Then the side is smaller by "
        "kernel − 1, and the channels are its filters.",
        "The first dense layer reads `side * side * channels` numbers, the next ones as many as "
        "the layer before has units. A pool only divides the side: `side // size`.",
    ),
)
def count_parameters(layers, side, channels):
    """How many parameters?"""
    return _counted(layers, side, channels)


@count_parameters.inputs
def cases(rng):
    kernel, filters, units = int(rng.integers(2, 4)) * 2 - 1, int(rng.integers(4, 9)), 7
    yield Case(([("conv", kernel, filters)], 28, 1), "one convolution on a grey image")
    yield Case(([("conv", 3, filters)], 32, 3), "one convolution on an image of three colours")
    two = [("conv", 3, filters), ("conv", 5, 6)]
    yield Case((two, 20, 1), "two convolutions")
    yield Case(([("dense", units, 0), ("dense", 2, 0)], 6, 1), "two dense layers")
    some = [("conv", 5, filters), ("pool", 2, 0), ("conv", 3, 10), ("pool", 2, 0)]
    yield Case(([*some, ("dense", units, 0), ("dense", 1, 0)], 30, 1), "convolutions, then dense")
    odd = [("conv", 3, 4), ("pool", 2, 0), ("dense", units, 0)]
    yield Case((odd, 17, 2), "a size that cannot be halved: the last row and column are dropped")
    net = [("conv", 5, 20), ("pool", 2, 0), ("conv", 5, 50), ("pool", 2, 0)]
    yield Case(([*net, ("dense", 500, 0), ("dense", 10, 0)], 28, 1), "LeNet at 28 × 28")


count_parameters.variants(
    _counted,
    no_bias=({"bias": 0}, "The biases are missing: each kernel and each dense unit has one."),
    channels_forgotten=(
        {"reads": lambda c: 1},
        "The input channels are forgotten. A kernel reads *all* maps of the layer below: k · "
        "k weights for each of them.",
    ),
    not_square=({"square": 1}, "A kernel of 5 has 5 × 5 weights for each channel, not 5."),
    size_kept=(
        {"shrinks": False},
        "The number for the dense layer is too high. These convolutions are *valid*: each "
        "takes k − 1 pixels off the side.",
    ),
    not_flattened=(
        {"flat": False},
        "The first dense layer reads every pixel of every channel, side · side · channels "
        "numbers, and not one number for each channel.",
    ),
    side_kept_after_dense=(
        {"forgets": True},
        "Behind a dense layer there is no image any more: the next one reads one number for "
        "each unit, and not side · side numbers for each.",
    ),
    pooling_counts=(
        {"pools": True},
        "Pooling has no parameters: the maximum of four numbers needs no weight.",
    ),
)
