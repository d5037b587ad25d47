"""Unit 11: its references agree with Keras, its tables are whole, and its transfer works."""

from __future__ import annotations

from importlib import resources
from itertools import product
from typing import Any

import numpy as np
import pytest

import mlmi_course  # noqa: F401  (silences TensorFlow)
from mlmi_course import networks, shipped, training
from mlmi_course.questions import u11_transfer_learning as q
from mlmi_course.questions.u11_transfer_learning.transferred import head_on_features

SOURCES = ("film", "masses", "digits")
SIZES = {"simulated": {20, 40, 80, 160, 320, 640}, "real": {20, 40, 80, 240}}
SOURCES_OF = {"simulated": SOURCES, "real": ("film", "masses")}


# ---- small sets ------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [20, 64, 200])
def test_a_small_set_has_whole_numbers_of_few_patches_a_patient(size: int) -> None:
    rng = np.random.default_rng(size)
    groups = np.sort(rng.integers(0, 90, 700))
    labels = groups % 2
    rows = q.small_set(labels, groups, size, repeat=1)
    assert len(np.unique(rows)) == size
    assert np.unique(groups[rows], return_counts=True)[1].max() <= max(4, size // 8)
    assert abs(labels[rows].mean() - 0.5) < 0.2
    np.testing.assert_array_equal(rows, q.small_set(labels, groups, size, repeat=1))
    assert set(rows) != set(q.small_set(labels, groups, size, repeat=2))


def test_a_pool_that_is_too_small_says_so() -> None:
    with pytest.raises(ValueError, match="only 8 images"):
        q.small_set(np.arange(8) % 2, np.arange(8), 20, repeat=1)


def test_the_blob_filter_is_that_of_scipy() -> None:
    from scipy import ndimage

    images = np.random.default_rng(0).integers(0, 255, (3, 60, 60)).astype(np.uint8)
    by_scipy = [-ndimage.gaussian_laplace(one / 255, 2).min() for one in images]
    np.testing.assert_allclose(np.exp(q.six_numbers(images)[:, 4]), by_scipy, rtol=1e-3)


# ---- what Keras does -------------------------------------------------------------------------


def test_moved_is_one_adam_for_each_block() -> None:
    import keras

    rng = np.random.default_rng(1)
    gradients = {"1": 0.01 * rng.normal(size=(7, 3)), "head": rng.normal(size=(7, 3))}
    rates = {"1": 1e-3, "head": 1e-2}
    ours = q.moved.right(gradients, rates)
    for block, steps in gradients.items():
        weights = keras.Variable(np.zeros(3, np.float32))
        adam = keras.optimizers.Adam(rates[block])
        adam.build([weights])
        for g in steps.astype(np.float32):
            adam.apply_gradients([(keras.ops.convert_to_tensor(g), weights)])
        np.testing.assert_allclose(ours[block], np.asarray(weights.numpy()), rtol=1e-3)


def test_scaled_gradients_move_as_far_under_adam() -> None:
    gradients = np.random.default_rng(2).normal(0.2, 1, (40, 5))
    full, scaled, updates = (
        q.moved.right({"1": factor * gradients}, {"1": rate})["1"]
        for factor, rate in ((1, 1e-3), (1e-2, 1e-3), (1, 1e-5))
    )
    np.testing.assert_allclose(scaled, full, rtol=1e-3)
    np.testing.assert_allclose(updates, full / 100)


@pytest.mark.parametrize("mode", [True, False])
def test_normalise_is_the_layer_of_keras(mode: bool) -> None:
    import keras

    rng = np.random.default_rng(3)
    x, mean, variance = rng.normal(2, 3, (9, 4)), rng.normal(size=4), rng.uniform(1, 2, 4)
    layer = keras.layers.BatchNormalization(momentum=0.9)
    layer.build(x.shape)
    layer.set_weights([np.ones(4), np.zeros(4), mean, variance])
    out = layer(x.astype(np.float32), training=mode).numpy()
    for ours, theirs in zip(
        q.normalise.right(x, mean, variance, mode), (out, *layer.get_weights()[2:]), strict=True
    ):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-5)


def _layers(model: Any) -> list[dict[str, str]]:
    kinds = {
        "conv": "convolution", "pool": "pooling", "norm": "normalisation", "logi": "dense",
    }  # fmt: skip
    return [
        {
            "name": layer.name,
            "kind": kinds[layer.name[:4]],
            "block": layer.name[-1] if layer.name[-1] in "12" else "head",
        }
        for layer in model.layers
        if layer.name[:4] in kinds
    ]


@pytest.mark.parametrize("mode", [True, False])
@pytest.mark.parametrize("learning", [["head"], ["2", "head"], ["1", "2", "head"], []])
def test_what_changes_is_what_keras_changes(learning: list[str], mode: bool) -> None:
    import tensorflow as tf

    model = networks.small_cnn((16, 16, 1), filters=(3, 4))
    layers = _layers(model)
    for one in layers:
        model.get_layer(one["name"]).trainable = one["block"] in learning
    before = {w.path: w.numpy().copy() for w in model.weights}
    x = np.random.default_rng(4).random((8, 16, 16, 1), np.float32)
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(model(x, training=mode) ** 2)
    variables = model.trainable_variables
    for gradient, variable in zip(tape.gradient(loss, variables), variables, strict=True):
        variable.assign(variable - 0.1 * gradient)
    changed = {w.path for w in model.weights if not np.array_equal(before[w.path], w.numpy())}
    names = {kind: [] for kind in ("weights", "averages")}
    for one in layers:
        own = [path for path in changed if f"{one['name']}/" in path]
        if any("moving" in path for path in own):
            names["averages"].append(one["name"])
        if any("moving" not in path for path in own):
            names["weights"].append(one["name"])
    assert q.what_changes.right(layers, learning, mode) == names


def test_keras_learns_what_it_was_compiled_for() -> None:
    actions = ["freeze", "compile", "fit", "unfreeze", "fit", "compile", "fit"]
    model = networks.small_cnn((16, 16, 1), filters=(3, 4))
    base = [layer for layer in model.layers if layer.name != "logit"]
    x, y = np.random.default_rng(5).random((8, 16, 16, 1), np.float32), np.arange(8)[:, None] % 2
    learns = []
    for action in actions:
        if action == "compile":
            model.compile("adam", "binary_crossentropy")
        elif action == "fit":
            before = model.get_layer("conv1").get_weights()[0].copy()
            model.train_on_batch(x, y.astype(np.float32))
            learns.append(bool((model.get_layer("conv1").get_weights()[0] != before).any()))
        else:
            for layer in base:
                layer.trainable = action == "unfreeze"
    assert learns == q.base_learns.right(actions) == [False, False, True]


# ---- what is shipped -------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["simulated", "real"])
def test_the_table_is_whole(kind: str) -> None:
    table = shipped.table(f"u11_{kind}")
    runs = table[table["size"] > 0]
    assert not table.duplicated(["source", "strategy", "size", "repeat"]).any()
    assert runs["auc"].between(0.35, 1).all()
    assert (runs["patients"] < runs["size"]).all()
    counts = runs.groupby(["source", "strategy", "size"]).size()
    assert (counts == 5).all()
    trained = product(SOURCES_OF[kind], ("frozen", "gradual", "all"))
    for arm in (("none", "scratch"), ("none", "six numbers"), *trained):
        assert set(counts.loc[arm].index) == SIZES[kind]
    # Within a repeat all arms learnt from the same patients.
    assert (runs.groupby(["size", "repeat"])["patients"].nunique() == 1).all()
    assert set(table.loc[table["size"] == 0, "strategy"]) == {"LoG", "as is"}


def test_the_sources_are_small() -> None:
    folder = resources.files("mlmi_course.shipped")
    files = [one for one in folder.iterdir() if one.name.startswith("u11_")]
    assert {f"u11_{name}.npz" for name in SOURCES} <= {one.name for one in files}
    assert sum(len(one.read_bytes()) for one in files) < 200_000


@pytest.mark.parametrize("source", SOURCES)
def test_a_source_fits_the_network_of_the_target(source: str) -> None:
    made = shipped.about(f"u11_{source}")["made_by"]
    assert made == "python course/11_transfer_learning/make_weights.py"
    weights = shipped.network(f"u11_{source}").get_weights()[:-2]
    fresh = networks.small_cnn().get_weights()[:-2]
    assert [w.shape for w in weights] == [w.shape for w in fresh]


# ---- the transfer ----------------------------------------------------------------------------


def test_the_film_network_is_the_best_start() -> None:
    from sklearn.metrics import roc_auc_score

    images, labels = q.transferred.draw(np.random.default_rng(6))
    answers = {source: head_on_features(images, kind=source) for source in SOURCES}
    areas = {source: roc_auc_score(labels, likely) for source, likely in answers.items()}
    assert areas["film"] > 0.82
    assert max(areas["masses"], areas["digits"]) < areas["film"] - 0.04
    as_is = training.predict(shipped.network("u11_film"), images)
    assert roc_auc_score(labels, as_is) > 0.78


def test_answers_upside_down_are_named() -> None:
    verdict = q.transferred.verdict(
        lambda images: -q.six_numbers(images)[:, 4], np.random.default_rng(0)
    )
    assert "far below one half" in verdict.message.text
