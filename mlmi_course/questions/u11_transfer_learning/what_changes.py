"""What a frozen network still changes."""

from mlmi_course.checks import (
    Case,
    asks,
)


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
    free = [layer for layer in layers if layer["block"] in learning]
    return {
        "weights": [layer["name"] for layer in free if layer["kind"] != "pooling"],
        "averages": [
            layer["name"] for layer in free if layer["kind"] == "normalisation" and training
        ],
    }


def _small_network(blocks):
    layers = []
    for block in map(str, range(1, blocks + 1)):
        for kind, name in (
            ("convolution", "conv"), ("pooling", "pool"), ("normalisation", "norm"),
        ):  # fmt: skip
            layers.append({"name": name + block, "kind": kind, "block": block})
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


def _changes(
    layers,
    learning,
    training,
    *,
    weights=lambda layer, learning, training: layer["block"] in learning,
    averages=lambda layer, learning, training: layer["block"] in learning and training,
    kinds=("convolution", "normalisation", "dense"),
):
    return {
        "weights": [
            one["name"]
            for one in layers
            if one["kind"] in kinds and weights(one, learning, training)
        ],
        "averages": [
            one["name"]
            for one in layers
            if one["kind"] == "normalisation" and averages(one, learning, training)
        ],
    }


def _same_in_another_order(expected, got):
    if not isinstance(got, dict) or got.keys() != expected.keys():
        return False
    pairs = [(expected[key], got[key]) for key in expected]
    return all(isinstance(b, list) and sorted(a) == sorted(b) for a, b in pairs)


what_changes.variants(
    _changes,
    averages_of_frozen_blocks=(
        {"averages": lambda layer, learning, training: training},
        "The averages of a frozen block move in your answer. In Keras a layer of normalisation "
        "that must not learn runs in inference mode, whatever it is told: its averages stay.",
    ),
    mode_ignored=(
        {"averages": lambda layer, learning, training: layer["block"] in learning},
        "In inference mode no average moves, also where the block learns. Its averages are "
        "then read, not written: look at `training` too.",
    ),
    head_frozen_too=(
        {
            "weights": lambda layer, learning, training: (
                layer["block"] in learning and layer["block"] != "head"
            )
        },
        "The head is frozen in your answer. It was drawn at random: if it learns nothing, the "
        "network answers at random for ever.",
    ),
    no_weights_in_inference_mode=(
        {"weights": lambda layer, learning, training: layer["block"] in learning and training},
        "You tied the weights to the mode. `training` is the mode in which the layers *run*; "
        "gradients reach the weights in both.",
    ),
    pooling_has_weights=(
        {"kinds": ("convolution", "pooling", "normalisation", "dense")},
        "Pooling is in your list of weights. It takes a maximum, and has nothing to learn.",
    ),
    normalisation_has_no_weights=(
        {"kinds": ("convolution", "dense")},
        "Normalisation is missing among the weights. Besides its averages it has a scale and a "
        "shift for each channel, and these are learnt.",
    ),
)


@what_changes.mistake(matches=_same_in_another_order)
def in_order_of_learning(layers, learning, training):
    """The right layers, in the order of `learning`. They are asked for in the order of `layers`."""
    parts = [_changes(layers, [block], training) for block in learning]
    return {key: [name for part in parts for name in part[key]] for key in ("weights", "averages")}
