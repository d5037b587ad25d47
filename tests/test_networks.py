"""Networks: what they take and give, how large they are, and that a seed decides their weights."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from mlmi_course import networks

BUILDERS = [networks.small_cnn, networks.unet, networks.cae]


def _weights(model: keras.Model) -> np.ndarray:
    return np.concatenate([weight.ravel() for weight in model.get_weights()])


@pytest.mark.parametrize("build", BUILDERS)
def test_a_seed_decides_the_weights_whatever_was_built_before(build) -> None:
    first = _weights(build(seed=3))
    keras.utils.set_random_seed(99)
    networks.small_cnn(filters=(2,), seed=8)
    np.testing.assert_array_equal(_weights(build(seed=3)), first)
    assert not np.array_equal(_weights(build(seed=4)), first)


def test_no_two_layers_draw_the_same_numbers() -> None:
    model = networks.small_cnn(filters=(4, 4, 4))
    a, b = (model.get_layer(name).get_weights()[0] for name in ("conv2", "conv3"))
    assert a.shape == b.shape
    assert not np.isclose(a, b).any()


@pytest.mark.parametrize("build", BUILDERS)
def test_the_stated_number_of_parameters_is_right(build) -> None:
    assert f"{build().count_params():,} parameters" in " ".join(build.__doc__.split())


def test_layers_are_named_by_place_so_that_weights_move_between_models() -> None:
    names = [[layer.name for layer in networks.unet().layers] for _ in range(2)]
    assert names[0] == names[1]
    assert networks.small_cnn().layers[-2].name == "logit"


def test_a_flat_head_has_a_weight_for_each_position() -> None:
    flat = networks.small_cnn((20, 12, 1), filters=(2, 4), head="flat", seed=3)
    mean = networks.small_cnn((20, 12, 1), filters=(2, 4), seed=3)
    assert flat.get_layer("logit").get_weights()[0].shape == (5 * 3 * 4, 1)
    assert mean.get_layer("logit").get_weights()[0].shape == (4, 1)
    np.testing.assert_array_equal(*(m.get_layer("conv1").get_weights()[0] for m in (flat, mean)))


def test_the_cae_is_the_unet_without_skips() -> None:
    unet, cae = ({layer.name for layer in build().layers} for build in BUILDERS[1:])
    assert unet - cae == {"skip0", "skip1", "skip2"}
    assert cae < unet
    assert 0.8 < networks.cae().count_params() / networks.unet().count_params() < 1


def test_shapes_in_and_out() -> None:
    images = np.random.default_rng(0).random((2, 37, 52, 2), dtype=np.float32)
    classes = networks.small_cnn((37, 52, 2), outputs=3, activation="softmax", filters=(2, 4))
    np.testing.assert_allclose(np.sum(classes(images), axis=-1), 1, rtol=1e-5)
    free = networks.small_cnn((None, None, 2), filters=(2, 4))
    assert free(images).shape == free(images[:, :20, :11]).shape == (2, 1)
    masks = networks.unet((24, 40, 2), base=2, depth=2, outputs=3)(images[:, :24, :40])
    assert masks.shape == (2, 24, 40, 3)
    assert 0 < np.min(masks) < np.max(masks) < 1
    assert np.min(networks.cae((8, 8, 2), base=2, activation="linear")(images[:, :8, :8])) < 0


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: networks.unet((100, 128, 1)), r"100×128 pixels cannot be halved 3 times.*of 8"),
        (lambda: networks.cae((None, 30, 1)), r"any×30 pixels"),
        (lambda: networks.unet((64, 64)), r"\(rows, columns, channels\), got \(64, 64\)"),
        (lambda: networks.small_cnn((60, 60)), r"\(60, 60, 1\)"),
        (lambda: networks.small_cnn((7, 60, 1)), r"7×60 pixels.*at least 8 pixels"),
        (lambda: networks.small_cnn(filters=()), "at least one positive number"),
        (lambda: networks.small_cnn(head="dense"), '"mean" or "flat", got \'dense\''),
        (lambda: networks.small_cnn((None, None, 1), head="flat"), "weight for each position"),
        (lambda: networks.unet(depth=0), "at least 1, got 8 and 0"),
    ],
)
def test_one_clear_error_for_bad_shapes(build, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        build()


def _soft_dice_loss(truth: np.ndarray, prediction: np.ndarray) -> float:
    return 1 - (2 * (truth * prediction).sum() + 1) / (truth.sum() + prediction.sum() + 1)


def test_dice_loss_is_that_of_each_case() -> None:
    rng = np.random.default_rng(1)
    truth = rng.random((4, 9, 7, 2)) < np.array([0.9, 0.3, 0.01, 0])[:, None, None, None]
    prediction = rng.random(truth.shape)
    expected = [
        np.mean([_soft_dice_loss(truth[case, ..., k], prediction[case, ..., k]) for k in (0, 1)])
        for case in range(4)
    ]
    loss = np.asarray(networks.dice_loss(truth, prediction))
    np.testing.assert_allclose(loss, expected, rtol=1e-5)
    assert abs(loss.mean() - _soft_dice_loss(truth, prediction)) > 0.1  # pooled is another number


def test_an_empty_mask_has_a_loss_and_a_slope() -> None:
    tf = pytest.importorskip("tensorflow")
    empty = np.zeros((1, 4, 4, 1), np.float32)
    assert float(networks.dice_loss(empty, empty)[0]) == 0
    guess = tf.Variable(np.full_like(empty, 0.1))
    with tf.GradientTape() as tape:
        loss = networks.dice_loss(empty, guess)
    assert (tape.gradient(loss, guess).numpy() > 0).all()
    assert float(loss[0]) == pytest.approx(1 - 1 / 2.6)


def test_dice_loss_is_never_thresholded() -> None:
    truth = np.ones((1, 4, 4, 1))
    below, above = (float(networks.dice_loss(truth, truth * p)[0]) for p in (0.3, 0.4))
    assert 0 < above < below < 1


def test_dice_loss_refuses_to_broadcast() -> None:
    with pytest.raises(ValueError, match=r"\(2, 4, 4\) and \(2, 4, 4, 1\).*masks\[\.\.\., None\]"):
        networks.dice_loss(np.zeros((2, 4, 4)), np.zeros((2, 4, 4, 1)))


def test_the_sum_of_both_losses_is_the_sum_of_both_losses() -> None:
    rng = np.random.default_rng(0)
    truth = (rng.random((3, 8, 8, 1)) < 0.2).astype(np.float32)
    probability = rng.uniform(0.05, 0.95, truth.shape).astype(np.float32)
    given = np.where(truth > 0, probability, 1 - probability)
    entropy = -np.log(given).mean(axis=(1, 2, 3))
    overlap = np.asarray(networks.dice_loss(truth, probability))
    found = np.asarray(networks.dice_entropy_loss(truth, probability))
    np.testing.assert_allclose(found, overlap + entropy, rtol=1e-4)
    # One value an image, each from that image alone.
    np.testing.assert_allclose(networks.dice_entropy_loss(truth[1:2], probability[1:2]), found[1:2])
