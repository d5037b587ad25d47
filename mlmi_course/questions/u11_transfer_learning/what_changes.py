"""What a frozen network still changes."""

from mlmi_course.checks import Case, asks

_HAS_WEIGHTS = ("convolution", "normalisation", "dense")


def _changes_with(
    layers,
    learning,
    training,
    *,
    weights=lambda free, training: free,
    averages=lambda free, training: free and training,
    frozen=(),
    has_weights=_HAS_WEIGHTS,
):
    """The layers whose weights and whose averages change, right or with one thing wrong."""

    def names(kinds, changes):
        return [
            layer["name"]
            for layer in layers
            if layer["kind"] in kinds
            and changes(layer["block"] in learning and layer["block"] not in frozen, training)
        ]

    return {
        "weights": names(has_weights, weights),
        "averages": names(("normalisation",), averages),
    }


@asks(
    points=2,
    see="Frozen, or only called so",
    hints=(
        "A layer of normalisation holds two kinds of numbers: weights, which gradients change, and "
        "averages, which every batch changes that passes in training mode.",
        "Weights change where the block learns, whatever the mode. Pooling has none.",
        "Averages change where two things are true: the block learns, *and* `training`.",
    ),
)
def what_changes(layers, learning, training):
    """What a frozen network still changes"""
    return _changes_with(layers, learning, training)


def _small_network(blocks):
    layers = [
        {"name": name + block, "kind": kind, "block": block}
        for block in map(str, range(1, blocks + 1))
        for kind, name in (("convolution", "conv"), ("pooling", "pool"), ("normalisation", "norm"))
    ]
    return [*layers, {"name": "logit", "kind": "dense", "block": "head"}]


@what_changes.inputs
def cases(rng):
    two, three = _small_network(2), _small_network(3)
    yield Case((three, ["head"], True), "a frozen base that runs in training mode")
    yield Case((three, ["3", "head"], True), "the last block unfrozen, in training mode")
    yield Case((three, ["3", "head"], False), "the last block unfrozen, in inference mode")
    some = sorted(rng.choice(["1", "2", "3"], size=2, replace=False).tolist())
    yield Case((three, [*some, "head"], bool(rng.integers(2))), "two blocks unfrozen")
    yield Case((two, ["1", "2", "head"], True), "everything, in training mode")
    yield Case((two, [], True), "nothing learns, in training mode")
    yield Case((three, ["head", "3", "2"], True), "blocks named from the head down")


what_changes.variants(
    _changes_with,
    averages_of_frozen_blocks=(
        {"averages": lambda free, training: training},
        "The averages of a frozen block move in your answer. In Keras a layer of normalisation "
        "that must not learn runs in inference mode, whatever it is told: its averages stay.",
    ),
    mode_ignored=(
        {"averages": lambda free, training: free},
        "In inference mode no average moves, also where the block learns. Its averages are "
        "then read, not written: look at `training` too.",
    ),
    head_frozen_too=(
        {"frozen": ("head",)},
        "The head is frozen in your answer. It was drawn at random: if it learns nothing, the "
        "network answers at random for ever.",
    ),
    no_weights_in_inference_mode=(
        {"weights": lambda free, training: free and training},
        "You tied the weights to the mode. `training` is the mode in which the layers *run*; "
        "gradients reach the weights in both.",
    ),
    pooling_has_weights=(
        {"has_weights": (*_HAS_WEIGHTS, "pooling")},
        "Pooling is in your list of weights. It takes a maximum, and has nothing to learn.",
    ),
    normalisation_has_no_weights=(
        {"has_weights": ("convolution", "dense")},
        "Normalisation is missing among the weights. Besides its averages it has a scale and a "
        "shift for each channel, and these are learnt.",
    ),
)


def _same_in_another_order(expected, got):
    if not isinstance(got, dict) or got.keys() != expected.keys():
        return False
    pairs = [(expected[key], got[key]) for key in expected]
    return all(isinstance(b, list) and sorted(a) == sorted(b) for a, b in pairs)


@what_changes.mistake(matches=_same_in_another_order)
def in_order_of_learning(layers, learning, training):
    """The right layers, in the order of `learning`. They are asked for in the order of `layers`."""
    parts = [what_changes.right(layers, [block], training) for block in learning]
    return {key: [name for part in parts for name in part[key]] for key in ("weights", "averages")}
