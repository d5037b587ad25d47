"""Training: repeatable, honest about the best epoch, quiet, and clear about bad input."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest

from mlmi_course import networks, training


def _dots(n: int, seed: int, size: int = 16) -> tuple[np.ndarray, np.ndarray]:
    """Noise, half of it with a bright square: uint8 images and labels."""
    rng = np.random.default_rng(seed)
    labels = np.arange(n) % 2
    images = rng.integers(0, 120, (n, size, size), dtype=np.uint8)
    images[labels == 1, 5:9, 6:10] += 100
    return images, labels


def _line(learning_rate: float = 0.1, **compiled) -> keras.Model:
    """One weight: quick, and its training can be calculated."""
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False)])
    model.set_weights([np.zeros((1, 1), np.float32)])
    model.compile(keras.optimizers.SGD(learning_rate), compiled.get("loss", "mse"))
    return model


TRAIN, VALIDATION = _dots(80, 0), _dots(40, 1)


def _run(seed: int = 0, **options) -> tuple[keras.Model, training.History]:
    model = networks.small_cnn((16, 16, 1), filters=(4, 8), seed=0)
    options = {"epochs": 2, "batch_size": 16, "augment": True, **options}
    return model, training.fit(model, TRAIN, VALIDATION, seed=seed, **options)


def test_equal_seeds_give_equal_networks_and_others_do_not() -> None:
    (a, first), (b, again), (c, other) = _run(0), _run(0), _run(1)
    for one, two in zip(a.get_weights(), b.get_weights(), strict=True):
        np.testing.assert_array_equal(one, two)
    assert (first.loss, first.val_loss) == (again.loss, again.val_loss)
    assert first.loss != other.loss
    assert not np.array_equal(a.get_weights()[0], c.get_weights()[0])


def test_a_network_learns_from_a_mapped_file(tmp_path: Path) -> None:
    np.save(tmp_path / "images.npy", TRAIN[0])
    mapped = np.load(tmp_path / "images.npy", mmap_mode="r")
    model = networks.small_cnn((16, 16, 1), filters=(4, 8))
    history = training.fit(
        model, (mapped, TRAIN[1]), VALIDATION, epochs=12, patience=12, batch_size=8
    )
    scores = training.predict(model, VALIDATION[0])
    assert scores[VALIDATION[1] == 1].min() > scores[VALIDATION[1] == 0].max()
    assert history.best_loss < 0.5
    # The same images as floats: the scale is the same in fit, in predict and by hand.
    floats = VALIDATION[0] / 255
    np.testing.assert_allclose(training.predict(model, floats, batch_size=7), scores, atol=1e-5)
    assert model.evaluate(floats[..., None], VALIDATION[1][:, None], verbose=0) == pytest.approx(
        history.best_loss, abs=1e-4
    )


def test_the_best_weights_are_restored_and_patience_counts() -> None:
    """Training data pull the weight to 1, validation wants 0.3: it gets better, then worse."""
    ones = np.ones((4, 1))
    model = _line()
    history = training.fit(
        model, (ones, ones), (ones.copy(), 0.3 * ones), epochs=50, patience=3, batch_size=4
    )
    weights = [1 - 0.8**epoch for epoch in history.epochs]
    np.testing.assert_allclose(history.val_loss, [(w - 0.3) ** 2 for w in weights], atol=1e-6)
    assert history.best_epoch == 2  # 0.2, 0.36, 0.488, …
    assert len(history.loss) == history.best_epoch + 3
    assert model.get_weights()[0].item() == pytest.approx(weights[1], abs=1e-6)
    assert history.best_loss == min(history.val_loss)


def test_the_best_weights_are_restored_where_epochs_run_out() -> None:
    ones = np.ones((4, 1))
    model = _line()
    history = training.fit(model, (ones, ones), (ones.copy(), 0.3 * ones), epochs=4, patience=9)
    assert (len(history.loss), history.best_epoch) == (4, 2)
    assert model.get_weights()[0].item() == pytest.approx(0.36, abs=1e-6)


def test_time_stops_a_training_after_a_whole_epoch() -> None:
    ones = np.ones((4, 1))
    history = training.fit(
        _line(0.01), (ones, ones), (ones.copy(), ones.copy()), epochs=1000, max_seconds=1e-6
    )
    assert len(history.loss) == 1


def test_every_epoch_sees_every_image_once_in_a_new_order() -> None:
    numbers = np.arange(10, dtype=np.float32)[:, None]
    batches = training._Batches(numbers, numbers, 4, seed=5)
    orders = []
    for _ in range(2):
        orders.append(np.concatenate([batches[i][0] for i in range(len(batches))]).ravel())
        batches.on_epoch_end()
    assert all(sorted(order) == list(range(10)) for order in orders)
    assert not np.array_equal(*orders)


@pytest.mark.parametrize(("size", "ways"), [((6, 6), 8), ((6, 4), 4)])
def test_augmentation_turns_image_and_mask_alike_in_all_ways(size, ways: int) -> None:
    image = np.arange(np.prod(size), dtype=np.uint8).reshape(1, *size, 1)
    x = np.repeat(image, 200, axis=0)
    turned, masks = training._turn(x, x > 7, np.random.default_rng(0))
    np.testing.assert_array_equal(masks, turned > 7)
    assert len(np.unique(turned, axis=0)) == ways
    assert (np.sort(turned.reshape(200, -1)) == np.arange(image.size)).all()
    np.testing.assert_array_equal(x[-1], image[0])  # the reader's own images are left alone


def test_predict_takes_away_the_axis_that_fit_adds() -> None:
    images = np.zeros((5, 8, 8), np.uint8)
    masks = networks.unet((8, 8, 1), base=2, depth=1)
    assert training.predict(masks, images, batch_size=2).shape == (5, 8, 8)
    assert training.predict(masks, images[:0]).shape == (0, 8, 8)
    classes = networks.small_cnn((8, 8, 1), outputs=3, filters=(2,), activation="softmax")
    assert training.predict(classes, images).shape == (5, 3)


def test_predict_compiles_at_most_twice() -> None:
    traces = []

    class Counted(keras.layers.Layer):
        def call(self, x):
            traces.append(x.shape)
            return x

    model = keras.Sequential([keras.Input((8,)), Counted()])
    traces.clear()
    for n in (4, 7, 3, 9, 4, 1):
        training.predict(model, np.ones((n, 8)), batch_size=4)
    assert len(traces) <= 2


def test_seeding_reaches_all_generators() -> None:
    import random

    def draw() -> list[float]:
        return [random.random(), np.random.rand(), float(keras.random.uniform(()))]  # noqa: NPY002

    training.set_seed(7)
    first = draw()
    training.set_seed(7)
    assert draw() == first
    for bad in (-1, 2**32, 1.5, "7"):
        with pytest.raises(ValueError, match="whole number"):
            training.set_seed(bad)


def _wrong(**parts):
    x, y = np.ones((6, 8, 8), np.float32), np.arange(6) % 2
    return parts.get("x", x), parts.get("y", y)


@pytest.mark.parametrize(
    ("train", "message"),
    [
        (np.ones((6, 8, 8)), r"train must be a pair \(images, targets\), got ndarray"),
        (_wrong(x=np.ones((6, 9, 8))), r"of train have shape \(6, 9, 8\).*needs \(n, 8, 8, 1\)"),
        (_wrong(y=np.arange(5) % 2), r"6 images and targets of shape \(5,\)"),
        (_wrong(y=np.zeros((6, 2))), r"targets of train have shape \(6, 2\).*\(n, 1\)"),
        (_wrong(x=np.ones((0, 8, 8)), y=np.ones(0)), "train is empty"),
        (_wrong(x=np.full((6, 8, 8), np.nan)), "images of train hold nan.*number 0"),
        (_wrong(y=np.array([0, 1, 0, np.nan, 1, 0])), "targets of train hold nan.*number 3"),
        (_wrong(y=np.array([0, 255] * 3)), "targets of train hold 255.*masks > 0"),
        (_wrong(x=np.ones((6, 8, 8), np.int16)), "int16, whose scale is unknown"),
        (_wrong(x=np.full((6, 8, 8), "a")), "must hold real numbers"),
    ],
)
def test_one_clear_error_for_bad_data(train, message: str) -> None:
    model = networks.small_cnn((8, 8, 1), filters=(2,))
    with pytest.raises(ValueError, match=message):
        training.fit(model, train, _wrong(), epochs=1)


def test_validation_images_that_are_training_images_are_refused() -> None:
    x, y = _dots(20, 0, size=8)
    model = networks.small_cnn((8, 8, 1), filters=(2,))
    with pytest.raises(ValueError, match=r"share images.*split by patient"):
        training.fit(model, (x[:12], y[:12]), (x[10:], y[10:]), epochs=1)
    assert not training._share_memory(x[::2], x[1::2])  # interleaved, and still apart


def test_a_model_that_needs_a_loss_of_its_own_says_so() -> None:
    model = networks.small_cnn((8, 8, 1), outputs=3, filters=(2,), activation="softmax")
    with pytest.raises(ValueError, match=r"call model\.compile"):
        training.fit(model, _wrong(), _wrong(), epochs=1)
    model.compile("adam", "sparse_categorical_crossentropy")
    labels = np.array([0, 1, 2, 0, 1, 2])
    history = training.fit(model, _wrong(y=labels), _wrong(y=labels), epochs=1)
    assert history.best_epoch == 1


def test_a_training_that_diverges_stops_with_one_error() -> None:
    ones = np.ones((4, 1))
    with pytest.raises(ValueError, match=r"diverged; lower the learning rate"):
        training.fit(_line(1e30), (ones, ones), (ones.copy(), ones.copy()), epochs=9, patience=9)


def test_odd_options_are_refused() -> None:
    ones = np.ones((4, 1))
    with pytest.raises(ValueError, match="patience must be at least 1, got 0"):
        training.fit(_line(), (ones, ones), (ones, ones), epochs=2, patience=0)
    with pytest.raises(ValueError, match=r"augment turns images.*\(4, 1\)"):
        training.fit(_line(), (ones, ones), (ones.copy(), ones), epochs=2, augment=True)


def test_the_line_is_drawn_where_somebody_looks(monkeypatch, capsys) -> None:
    ones = np.ones((4, 1))

    def shown(**options) -> str:
        training.fit(_line(), (ones, ones), (ones.copy(), ones), epochs=2, **options)
        return capsys.readouterr().out

    monkeypatch.delenv("MLMI_STATIC", raising=False)
    assert shown() == ""  # pytest's own pipe
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    assert shown(progress=False) == ""
    line = shown()
    assert line.startswith("\repoch 1 of 2")
    assert "epoch 2 of 2 " + 20 * "█" in line
    assert line.endswith(" s\n")
    assert line.count("\n") == 1
    monkeypatch.setenv("MLMI_STATIC", "1")
    assert shown() == ""


def test_the_line_says_where_a_training_stopped(monkeypatch, capsys) -> None:
    monkeypatch.delenv("MLMI_STATIC", raising=False)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    ones = np.ones((4, 1))

    def shown(rate: float, **options) -> tuple[str, training.History]:
        # Away from the truth with every step: the first epoch is the best of them.
        pairs = ((ones, -ones), (ones.copy(), ones))
        history = training.fit(_line(rate), *pairs, batch_size=4, **options)
        last = capsys.readouterr().out.split("\r")[-1]
        assert last.rstrip(" \n").endswith(" s")
        return last, history

    last, history = shown(0.01, epochs=9, patience=3)
    assert (len(history.loss), history.planned, history.best_epoch) == (4, 9, 1)
    assert last.startswith("stopped at 4 of 9; weights of epoch 1 · validation ")
    assert f"{history.best_loss:.3f}" in last
    assert "█" not in last
    assert repr(history).startswith("History: stopped at 4 of 9 epochs after ")
    assert "weights of epoch 1 with validation loss" in repr(history)

    last, history = shown(0.01, epochs=3, patience=9)
    assert last.startswith("all 3 epochs; weights of epoch 1 · validation ")
    assert repr(history).startswith("History: 3 epochs in ")

    last, history = shown(0.01, epochs=9, patience=9, max_seconds=0)
    assert last.startswith("stopped at 1 of 9; weights of epoch 1 ")


def test_training_and_predicting_write_nothing() -> None:
    code = (
        "import mlmi_course, numpy as np\n"
        "from mlmi_course import networks, training\n"
        "rng = np.random.default_rng(0)\n"
        "x, y = rng.random((20, 16, 16)), rng.integers(0, 2, (20, 16, 16))\n"
        "model = networks.unet((16, 16, 1), base=2, depth=1)\n"
        "model.compile('adam', networks.dice_loss)\n"
        "training.fit(model, (x[:13], y[:13]), (x[13:], y[13:]), epochs=2, batch_size=4)\n"
        "training.predict(model, x, batch_size=6)\n"
    )
    clean = {key: value for key, value in os.environ.items() if not key.startswith("TF_")}
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=clean, timeout=900
    )
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")


@pytest.mark.skipif(sys.platform != "linux", reason="only the GNU C library can be asked")
@pytest.mark.parametrize("asked", [False, True])
def test_training_keeps_the_memory_that_it_asks_for_again(asked: bool) -> None:
    """A step's maps, freed together, are not handed out anew by the kernel, page by page."""
    program = f"""
import resource
import numpy as np
from mlmi_course._memory import keep_freed_memory
assert not {asked} or keep_freed_memory()
for step in range(6):
    maps = [np.ones(250_000) for _ in range(30)]  # 60 MB, in pieces too small for large pages
    del maps
    if step == 0:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert (int(done.stdout) < 5_000) is asked  # 73,000 pages are asked for after the first step
