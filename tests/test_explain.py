"""Explanations against what can be computed by hand."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

from mlmi_course import explain, networks

RNG = np.random.default_rng


def _linear(weights: np.ndarray, bias: float = 0.3) -> keras.Model:
    images = keras.Input((*weights.shape[:2], weights.shape[2] if weights.ndim == 3 else 1))
    logit = layers.Dense(1, name="logit")(layers.Flatten()(images))
    model = keras.Model(images, layers.Activation("sigmoid")(logit))
    model.set_weights([weights.reshape(-1, 1), np.array([bias])])
    return model


def _two_layers(first: np.ndarray, second: np.ndarray, as_layer: bool) -> keras.Model:
    """Images of 2 × 2 pixels, one hidden layer of ReLUs, one logit."""
    images = keras.Input((2, 2, 1))
    x = layers.Flatten()(images)
    hidden = layers.Dense(len(second), activation=None if as_layer else "relu")(x)
    hidden = layers.ReLU()(hidden) if as_layer else hidden
    model = keras.Model(images, layers.Dense(1, name="logit")(hidden))
    model.set_weights([first, np.zeros(len(second)), second[:, None], np.zeros(1)])
    return model


def _logits(model: keras.Model, images: np.ndarray) -> np.ndarray:
    part = keras.Model(model.inputs[0], model.get_layer("logit").output)
    return part(images.astype(np.float32)[..., None]).numpy()[:, 0]


@pytest.fixture
def network() -> keras.Model:
    """Random weights, and averages unlike 0 and 1, so that batch normalisation matters."""
    model = networks.small_cnn((20, 24, 1), filters=(4, 6), seed=5)
    rng = RNG(1)
    for name in ("norm1", "norm2"):
        scale, shift, mean, variance = model.get_layer(name).get_weights()
        new = [scale, rng.normal(size=shift.shape), rng.normal(size=mean.shape) * 0.3, variance * 2]
        model.get_layer(name).set_weights(new)
    return model


# ---- saliency --------------------------------------------------------------------------------


def test_the_gradient_of_a_linear_model_is_its_weights() -> None:
    weights, images = RNG(0).normal(size=(3, 5)), RNG(1).random((4, 3, 5))
    signed = explain.saliency(_linear(weights), images, signed=True)
    np.testing.assert_allclose(signed, np.broadcast_to(weights, (4, 3, 5)), rtol=1e-6)
    np.testing.assert_allclose(explain.saliency(_linear(weights), images), np.abs(signed))


def test_of_several_channels_the_largest_in_size_is_taken() -> None:
    weights = np.array([[[1.0, -3.0], [2.0, 0.5]]])
    signed = explain.saliency(_linear(weights), np.zeros((1, 1, 2, 2)), signed=True)
    assert signed[0].tolist() == [[-3.0, 2.0]]


def test_the_logit_is_explained_and_not_the_probability() -> None:
    weights = np.full((2, 2), 50.0)  # so sure that the slope of the sigmoid is 0
    assert (explain.saliency(_linear(weights), np.ones((1, 2, 2))) == 50).all()


def test_uint8_is_divided_by_255(network: keras.Model) -> None:
    images = RNG(0).integers(0, 256, (3, 20, 24), dtype=np.uint8)
    for method in (explain.saliency, explain.grad_cam):
        np.testing.assert_allclose(
            method(network, images), method(network, images / 255), atol=1e-6
        )


def test_the_gradient_agrees_with_small_steps(network: keras.Model) -> None:
    image = RNG(2).random((1, 20, 24))
    gradient = explain.saliency(network, image, signed=True)[0]
    assert np.abs(gradient).max() > 0.02  # or the comparison below says nothing
    for place in [(3, 4), (11, 20), (19, 23)]:
        up, down = image.copy(), image.copy()
        up[0][place] += 1e-3
        down[0][place] -= 1e-3
        measured = (_logits(network, up) - _logits(network, down))[0] / 2e-3
        assert gradient[place] == pytest.approx(measured, abs=2e-3)


def test_many_images_are_taken_in_batches(network: keras.Model) -> None:
    images = RNG(0).random((70, 20, 24))
    np.testing.assert_allclose(
        explain.saliency(network, images)[65],
        explain.saliency(network, images[65:66])[0],
        atol=1e-5,
    )
    assert explain.saliency(network, images[:0]).shape == (0, 20, 24)


def test_an_output_is_chosen() -> None:
    images = keras.Input((2, 1, 1))
    model = keras.Model(images, layers.Dense(2)(layers.Flatten()(images)))
    model.set_weights([np.array([[1.0, 3.0], [2.0, 4.0]]), np.zeros(2)])
    assert explain.saliency(model, np.zeros((1, 2, 1)), output=1)[0, :, 0].tolist() == [3, 4]


# ---- integrated gradients --------------------------------------------------------------------


def test_of_a_linear_model_the_shares_are_exact_at_any_number_of_steps() -> None:
    weights, images = RNG(0).normal(size=(3, 5)), RNG(1).random((2, 3, 5))
    base = RNG(2).random((3, 5))
    shares = explain.integrated_gradients(_linear(weights), images, baseline=base, steps=1)
    np.testing.assert_allclose(shares, weights * (images - base), rtol=1e-4, atol=1e-6)


def test_shares_add_up_to_the_difference(network: keras.Model) -> None:
    images = RNG(3).random((4, 20, 24))
    blurred = np.broadcast_to(images.mean(axis=(1, 2), keepdims=True), images.shape)
    for baseline in (0.2, blurred):
        shares = explain.integrated_gradients(network, images, baseline=baseline, steps=300)
        start = np.broadcast_to(baseline, images.shape)
        wanted = _logits(network, images) - _logits(network, start)
        np.testing.assert_allclose(shares.sum(axis=(1, 2)), wanted, atol=0.01)
        assert np.abs(wanted).max() > 0.1  # or the test could not fail


# ---- guided backpropagation ------------------------------------------------------------------


@pytest.mark.parametrize("as_layer", [True, False])
def test_guided_backprop_of_two_layers_by_hand(as_layer: bool) -> None:
    first = np.array([[1.0, 1.0, -1.0], [2.0, 0.0, 1.0], [0.0, -3.0, 1.0], [-1.0, 1.0, 0.0]])
    second = np.array([2.0, -1.0, 4.0])
    image = np.array([[1.0, 1.0], [0.5, 0.0]])
    # The sums are 3, -0.5 and 0.5: units 1 and 3 are on.  All gradients: 2·first₁ + 4·first₃.
    model = _two_layers(first, second, as_layer)
    plain = explain.saliency(model, image[None], signed=True)[0]
    assert plain.ravel().tolist() == [2 - 4, 4 + 4, 4, -2]
    # Unit 2 is now on (sum 0.5) but speaks against the output: plain gradients let it pass.
    image = np.array([[1.0, 1.0], [0.5, 1.0]])
    plain = explain.saliency(model, image[None], signed=True)[0]
    assert plain.ravel().tolist() == [2 - 1 - 4, 8, 3 + 4, -2 - 1]
    guided = explain.guided_backprop(model, image[None])[0]
    assert guided.ravel().tolist() == [2, 8, 4, 2]


def test_guided_backprop_leaves_the_model_as_it_was(network: keras.Model) -> None:
    images = RNG(0).random((2, 20, 24))
    before = explain.saliency(network, images), network.get_weights()
    explain.guided_backprop(network, images)
    np.testing.assert_array_equal(explain.saliency(network, images), before[0])
    for old, new in zip(before[1], network.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


# ---- Grad-CAM --------------------------------------------------------------------------------


def _known_map(weights: list[float]) -> keras.Model:
    """Channels that are the image, and 1 minus the image; their mean goes to the logit."""
    images = keras.Input((4, 4, 1))
    channels = layers.Conv2D(2, 1, name="channels")(images)
    logit = layers.Dense(1, name="logit")(layers.GlobalAveragePooling2D()(channels))
    model = keras.Model(images, layers.Activation("sigmoid")(logit))
    kernel = np.array([1.0, -1.0]).reshape(1, 1, 1, 2)
    model.set_weights([kernel, np.array([0.0, 1.0]), np.array(weights)[:, None], np.zeros(1)])
    return model


def test_grad_cam_where_the_map_is_known() -> None:
    image = RNG(0).random((1, 4, 4))
    found = explain.grad_cam(_known_map([3.0, 1.0]), image)
    # Of each channel the mean gradient is its weight / 16.
    np.testing.assert_allclose(found, (3 * image + (1 - image)) / 16, rtol=1e-5)


def test_the_cut_comes_after_the_sum() -> None:
    image = np.zeros((1, 4, 4))
    image[0, 0, 0] = 0.9
    found = explain.grad_cam(_known_map([2.0, -3.0]), image)
    # 2·0.9 − 3·0.1 = 1.5; elsewhere −3, cut to 0.  Cut before the sum it would be 1.8.
    assert found[0, 0, 0] == pytest.approx(1.5 / 16)
    assert np.count_nonzero(found) == 1


def test_grad_cam_finds_the_last_map_and_brings_it_to_size(network: keras.Model) -> None:
    images = RNG(0).random((2, 20, 24))
    small = explain.grad_cam(network, images, resize=False)
    assert small.shape == (2, 5, 6)
    np.testing.assert_array_equal(
        small, explain.grad_cam(network, images, layer="relu2", resize=False)
    )
    large = explain.grad_cam(network, images)
    assert large.shape == (2, 20, 24)
    assert large.max() <= small.max()
    assert explain.grad_cam(network, images, layer="conv1", resize=False).shape == (2, 20, 24)


# ---- occlusion -------------------------------------------------------------------------------


def test_occlusion_of_a_linear_model_is_exact() -> None:
    weights, image = RNG(0).normal(size=(5, 7)), RNG(1).random((1, 5, 7))
    model = _linear(weights)
    found = explain.occlusion(model, image, baseline=0.25, size=1, stride=1)
    np.testing.assert_allclose(found[0], weights * (image[0] - 0.25), atol=1e-5)
    # Squares of 2: of (5, 7) pixels the last ones begin at 3 and at 5.
    shares = weights * (image[0] - 0.25)
    found = explain.occlusion(model, image, baseline=0.25, size=2, stride=2)[0]
    np.testing.assert_allclose(found[:2, :2], shares[:2, :2].sum(), atol=1e-5)
    np.testing.assert_allclose(found[4, 6], shares[3:, 5:].sum(), atol=1e-5)
    both = (shares[2:4, :2].sum() + shares[3:5, :2].sum()) / 2  # row 3 is covered twice
    np.testing.assert_allclose(found[3, 0], both, atol=1e-5)


# ---- the pointing game -----------------------------------------------------------------------


def test_the_pointing_game_counts_in_millimetres() -> None:
    mask, maps = np.zeros((1, 20, 20)), np.zeros((2, 20, 20))
    mask[0, 10, 4] = 1
    maps[0, 12, 4] = maps[1, 10, 6] = 1  # two rows below, two columns beside
    both = np.repeat(mask, 2, axis=0)
    far = {"spacing": (0.5, 0.1), "tolerance": 0.3}
    assert explain.pointing_game(maps, both, **far).hits.tolist() == [0, 1]
    assert explain.pointing_game(maps, both, tolerance=2).hits.tolist() == [1, 1]
    assert explain.pointing_game(maps, both).random == pytest.approx(1 / 400)


def test_random_maps_score_chance_and_constant_ones_do_too() -> None:
    rng = RNG(0)
    masks = rng.random((3000, 12, 12)) < 0.2
    masks[:, 0, 0] = True
    random = explain.pointing_game(rng.random(masks.shape), masks)
    assert random.rate == pytest.approx(random.random, abs=0.025)
    constant = explain.pointing_game(np.zeros(masks.shape), masks)
    assert constant.rate == pytest.approx(constant.random)
    assert constant.centre == pytest.approx(0.2, abs=0.025)


# ---- errors ----------------------------------------------------------------------------------


def _sigmoid_model() -> keras.Model:
    images = keras.Input((4, 4, 1))
    return keras.Model(images, layers.Dense(1, activation="sigmoid")(layers.Flatten()(images)))


class _NotFunctional(keras.Model):
    def __init__(self) -> None:
        super().__init__()
        self.logit = layers.Dense(1, name="logit")

    def call(self, x: Any) -> Any:
        return self.logit(keras.ops.reshape(x, (-1, 16)))


MODEL = networks.small_cnn((8, 8, 1), filters=(2,))
LINEAR, SQUARE = _linear(np.ones((4, 4))), np.zeros((1, 4, 4))
IMAGES = np.zeros((2, 8, 8))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: explain.saliency(MODEL, np.zeros((8, 8))), r"shape \(8, 8\).*needs \(n, 8, 8, 1"),
        (lambda: explain.saliency(MODEL, IMAGES, output=1), "no output 1.*has 1"),
        (lambda: explain.saliency(MODEL, IMAGES, score="top"), "no layer 'top'; there are"),
        (lambda: explain.saliency(_sigmoid_model(), SQUARE), "gradient vanishes"),
        (lambda: explain.saliency(_NotFunctional(), SQUARE), "functional API"),
        (lambda: explain.grad_cam(MODEL, IMAGES, layer="logit"), "keeps rows and columns"),
        (
            lambda: explain.grad_cam(LINEAR, SQUARE),
            "no layer before",
        ),
        (
            lambda: explain.guided_backprop(LINEAR, SQUARE),
            "has none",
        ),
        (
            lambda: explain.integrated_gradients(MODEL, IMAGES, baseline=np.zeros((3, 8, 8))),
            r"baseline has shape \(3, 8, 8\)",
        ),
        (lambda: explain.integrated_gradients(MODEL, IMAGES, baseline=128), "scale is unknown"),
        (lambda: explain.integrated_gradients(MODEL, IMAGES, baseline=0.5, steps=0), "at least 1"),
        (lambda: explain.occlusion(MODEL, IMAGES, baseline=0.5, size=9), "does not fit into 8×8"),
        (lambda: explain.occlusion(MODEL, IMAGES, baseline=0.5, size=2, stride=3), "gaps"),
        (lambda: explain.pointing_game(IMAGES, IMAGES), "mask 0 is empty"),
        (lambda: explain.pointing_game(IMAGES, IMAGES[:1]), "one shape"),
        (lambda: explain.pointing_game(IMAGES + np.nan, IMAGES + 1), "nan"),
        (lambda: explain.pointing_game(IMAGES, IMAGES + 1, tolerance=-1), "0 or more"),
    ],
)
def test_one_clear_error(call: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()


def test_leaky_relus_are_refused() -> None:
    images = keras.Input((4, 4, 1))
    x = layers.ReLU(negative_slope=0.1)(layers.Dense(2)(layers.Flatten()(images)))
    model = keras.Model(images, layers.Dense(1)(x))
    with pytest.raises(ValueError, match="a ceiling, a leak or a threshold"):
        explain.guided_backprop(model, np.zeros((1, 4, 4)))


def test_a_sequential_model_will_do() -> None:
    model = keras.Sequential([keras.Input((4, 4, 1)), layers.Flatten(), layers.Dense(1)])
    assert explain.saliency(model, np.zeros((1, 4, 4))).shape == (1, 4, 4)
