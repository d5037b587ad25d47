"""Train a Keras model so that the run can be repeated, and ask it without noise.

>>> import numpy as np
>>> from mlmi_course import networks
>>> rng = np.random.default_rng(0)
>>> labels = np.arange(96) % 2
>>> images = rng.integers(0, 100, (96, 16, 16), dtype=np.uint8) + 80 * labels[:, None, None]
>>> images = images.astype(np.uint8)
>>> model = networks.small_cnn((16, 16, 1), filters=(4, 8))
>>> history = fit(model, (images[:64], labels[:64]), (images[64:], labels[64:]), epochs=3)
>>> len(history.loss), predict(model, images[64:]).shape
(3, (32,))

One convention for images, here and in :func:`predict`: ``uint8`` is divided by 255, a batch at a
time, so that a memory-mapped set is never copied whole; floats are taken as they are.  Integers
of any other type are refused, for nobody can know their scale.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import keras
import numpy as np
from numpy.typing import ArrayLike, NDArray

from mlmi_course._inputs import as_floats, chunks, fit_shape, read_inputs, require_numbers
from mlmi_course._memory import keep_freed_memory

__all__ = ["History", "fit", "predict", "set_seed"]

Pair = tuple[ArrayLike, ArrayLike]

_BINARY: Final = {
    "binarycrossentropy", "binaryfocalcrossentropy", "dice", "diceentropyloss", "diceloss",
}  # fmt: skip
_BAR: Final = 20  # characters
_REDRAW_S: Final = 0.1


@dataclass(frozen=True, repr=False)
class History:
    """What happened in a training.

    Parameters
    ----------
    loss, val_loss : tuple of float
        One value an epoch.  The training loss is the mean *during* its epoch, while weights were
        still changing; the validation loss is taken at the end of it.
    best_epoch : int
        Counted from 1: the epoch whose weights the model has now.
    seconds : float
        Wall time.
    planned : int, optional
        How many epochs were asked for: more than ran, if the training stopped early.

    Examples
    --------
    >>> history = History(loss=(0.7, 0.5, 0.3), val_loss=(0.6, 0.4, 0.5), best_epoch=2, seconds=4.2)
    >>> history
    History: 3 epochs in 4.2 s, best epoch 2 with validation loss 0.400
    >>> list(history.epochs), history.best_loss
    ([1, 2, 3], 0.4)
    >>> History((0.7, 0.5), (0.4, 0.6), best_epoch=1, seconds=3.1, planned=9)
    History: stopped at 2 of 9 epochs after 3.1 s, weights of epoch 1 with validation loss 0.400
    """

    loss: tuple[float, ...]
    val_loss: tuple[float, ...]
    best_epoch: int
    seconds: float
    planned: int | None = None

    @property
    def epochs(self) -> range:
        """The epochs that ran, 1, 2, …: the horizontal axis of a picture."""
        return range(1, len(self.loss) + 1)

    @property
    def best_loss(self) -> float:
        """The validation loss of the weights that were kept."""
        return self.val_loss[self.best_epoch - 1]

    def __repr__(self) -> str:
        ran, with_loss = len(self.loss), f"with validation loss {self.best_loss:.3f}"
        if ran < (self.planned or 0):
            return (
                f"History: stopped at {ran} of {self.planned} epochs after {self.seconds:.1f} s, "
                f"weights of epoch {self.best_epoch} {with_loss}"
            )
        plural = "" if ran == 1 else "s"
        return (
            f"History: {ran} epoch{plural} in {self.seconds:.1f} s, "
            f"best epoch {self.best_epoch} {with_loss}"
        )


def set_seed(seed: int) -> None:
    """Seed Python's, NumPy's old and TensorFlow's generators, for code that uses them.

    The builders of :mod:`mlmi_course.networks` and :func:`fit` have seeds of their own and do
    not need it; a layer that you add without a seed does.

    Parameters
    ----------
    seed : int
        From 0 to 2**32 − 1.

    Raises
    ------
    ValueError
        For anything else.

    Notes
    -----
    On one machine the same seed then gives the same network, bit by bit, on a CPU.  On another
    kind of processor the third digit differs, whatever is seeded.  TensorFlow's switch for
    deterministic operations is left alone: it concerns GPUs, and once on cannot be turned off.

    Examples
    --------
    >>> set_seed(1)
    >>> first = np.random.rand()
    >>> set_seed(1)
    >>> first == np.random.rand()
    True
    """
    if not isinstance(seed, int | np.integer) or not 0 <= seed < 2**32:
        raise ValueError(f"a seed is a whole number from 0 to 2**32 - 1, got {seed!r}")
    keras.utils.set_random_seed(int(seed))


def fit(
    model: keras.Model,
    train: Pair,
    validation: Pair,
    *,
    epochs: int,
    patience: int = 5,
    batch_size: int = 32,
    augment: bool = False,
    progress: bool = True,
    seed: int = 0,
    max_seconds: float | None = None,
) -> History:
    """Train a model, stop when it no longer improves, and keep the best weights.

    Parameters
    ----------
    model : keras.Model
        One input, one output.  Uncompiled, it is compiled with Adam (learning rate 0.001) and
        binary cross-entropy.  A model that was trained before goes on from its weights.
    train, validation : (array_like, array_like)
        Images (n, rows, columns) or (n, rows, columns, channels), and what they should give:
        labels (n,) or masks (n, rows, columns), or the model's own output shape.  A last axis
        of length 1 may be left out.  Other inputs, such as tables, work too.
    epochs : int
        At most so many passes over ``train``.
    patience : int, default 5
        Stop after so many epochs in a row without a lower validation loss.
    batch_size : int, default 32
        Images a step.
    augment : bool, default False
        Turn and mirror each training image, and its mask with it, in one of the eight ways that
        a square allows (four, without quarter turns, if it is not square).
    progress : bool, default True
        Show one line, where somebody is looking: in a terminal or a live notebook.  It ends by
        saying where the training stopped, and which epoch's weights were kept.  Nothing is
        written where ``MLMI_STATIC=1``, into a file or a pipe, so stored outputs stay the same.
    seed : int, default 0
        Decides the order of the images and the augmentation.
    max_seconds : float, optional
        Start no epoch that would probably end later.  At least one epoch runs.  The result then
        depends on the machine.

    Returns
    -------
    History
        The losses.  The model has the weights of ``best_epoch``.

    Raises
    ------
    ValueError
        For shapes that do not fit the model, no images, values that are not finite, integer
        images other than uint8, an uncompiled model that does not end in a sigmoid, targets
        other than 0 and 1 under a binary loss, images that are in both sets (as the same memory:
        a copy of them, or another image of the same patient, goes unnoticed, so split by
        patient), and a loss that becomes infinite or nan.

    Examples
    --------
    See the top of this module.
    """
    for name, number in (("epochs", epochs), ("patience", patience), ("batch_size", batch_size)):
        if number < 1:
            raise ValueError(f"{name} must be at least 1, got {number}")
    keep_freed_memory()
    if not model.compiled:
        if getattr(model.layers[-1], "activation", None) is not keras.activations.sigmoid:
            raise ValueError(
                "only a model that ends in a sigmoid is compiled for you, with binary "
                "cross-entropy: call model.compile(optimizer, loss) first"
            )
        model.compile(keras.optimizers.Adam(1e-3), "binary_crossentropy")
    train, validation = (
        _read_pair(model, train, "train"),
        _read_pair(model, validation, "validation"),
    )
    if _share_memory(train[0], validation[0]):
        raise ValueError(
            "train and validation share images: a model judged on what it has learnt by heart "
            "always looks good; split by patient first"
        )

    if augment and train[0].ndim < 4:
        raise ValueError(f"augment turns images, but the inputs have shape {train[0].shape}")

    best = keras.callbacks.EarlyStopping("val_loss", patience=patience, restore_best_weights=True)
    watch: list[keras.callbacks.Callback] = [best, _Watch(max_seconds)]
    if progress and _somebody_looks():
        watch.append(_Line(best))
    start = time.perf_counter()
    log = model.fit(
        _Batches(*train, batch_size, augment=augment, seed=seed),
        validation_data=_Batches(*validation, batch_size),
        epochs=epochs,
        callbacks=watch,
        shuffle=False,  # _Batches does it
        verbose=0,
    ).history
    return History(
        loss=tuple(map(float, log["loss"])),
        val_loss=tuple(map(float, log["val_loss"])),
        best_epoch=int(best.best_epoch) + 1,
        seconds=time.perf_counter() - start,
        planned=epochs,
    )


def predict(model: keras.Model, images: ArrayLike, batch_size: int = 256) -> NDArray[np.float32]:
    """Apply a model to images: quietly, and quickly also when called again and again.

    Parameters
    ----------
    model : keras.Model
    images : array_like, shape (n, rows, columns) or (n, rows, columns, channels)
        As in :func:`fit`; n may be 0.
    batch_size : int, default 256
        Images at a time; lower it where images are large and memory is short.

    Returns
    -------
    ndarray of float32
        What the model gives, without a last axis of length 1: shape (n,) for one label,
        (n, rows, columns) for one mask.

    Raises
    ------
    ValueError
        For images that do not fit the model, or hold values that are not finite.

    Notes
    -----
    ``model.predict`` sets up a data pipeline at each call; the compiled step it runs inside is
    called here directly.  TensorFlow compiles that once for the first batch size it meets, and
    once more for all others.

    Examples
    --------
    >>> from mlmi_course import networks
    >>> predict(networks.small_cnn(), np.zeros((3, 60, 60), np.uint8)).shape
    (3,)
    """
    if batch_size < 1:
        raise ValueError(f"batch_size must be at least 1, got {batch_size}")
    keep_freed_memory()
    images = read_inputs(model, images, "images")
    parts = [
        model.predict_on_batch(as_floats(images[rows])) for rows in chunks(len(images), batch_size)
    ]
    if not parts:
        inner = tuple(size or 0 for size in model.output_shape[1:])
        parts = [np.empty((0, *inner), np.float32)]
    found = np.concatenate(parts)
    return found[..., 0] if found.shape[-1] == 1 else found


class _Batches(keras.utils.PyDataset):
    """Batches of floats from arrays of any type; with a seed they are shuffled each epoch."""

    def __init__(
        self,
        x: NDArray[Any],
        y: NDArray[Any],
        batch_size: int,
        *,
        augment: bool = False,
        seed: int | None = None,
    ) -> None:
        super().__init__()
        self.x, self.y, self.batch = x, y, batch_size
        self.augment, self.seed = augment, seed
        self.epoch = -1
        self.on_epoch_end()

    def __len__(self) -> int:
        return -(-len(self.x) // self.batch)

    def __getitem__(self, index: int) -> tuple[NDArray[Any], NDArray[Any]]:
        rows = self.order[index * self.batch : (index + 1) * self.batch]
        x, y = self.x[rows], self.y[rows]
        if self.augment:
            # A generator for each batch: Keras also looks at batches that it does not train on.
            x, y = _turn(x, y, np.random.default_rng([self.seed, self.epoch, index]))
        return as_floats(x), y.astype(np.float32)

    def on_epoch_end(self) -> None:
        self.epoch += 1
        self.order = np.arange(len(self.x))
        if self.seed is not None:
            np.random.default_rng([self.seed, self.epoch]).shuffle(self.order)


class _Watch(keras.callbacks.Callback):
    """Refuse a loss that is no number, and stop before the time is over."""

    def __init__(self, max_seconds: float | None) -> None:
        super().__init__()
        self.max_seconds = np.inf if max_seconds is None else max_seconds

    def on_train_begin(self, logs: dict[str, float] | None = None) -> None:
        self.start = self.last = time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        for name in ("loss", "val_loss"):
            if not np.isfinite(logs[name]):
                raise ValueError(
                    f"{name} is {logs[name]} after epoch {epoch + 1}: the training diverged; "
                    "lower the learning rate, and look at the range of the images"
                )
        now = time.perf_counter()
        if now - self.start + (now - self.last) > self.max_seconds:
            self.model.stop_training = True
        self.last = now


class _Line(keras.callbacks.Callback):
    """One line of text that is written over and over again; ``best`` chooses the weights."""

    def __init__(self, best: keras.callbacks.EarlyStopping) -> None:
        super().__init__()
        self.best = best

    def on_train_begin(self, logs: dict[str, float] | None = None) -> None:
        self.start, self.drawn, self.width = time.perf_counter(), 0.0, 0
        self.losses = ""

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        self.epoch = epoch

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        now = time.perf_counter()
        if now - self.drawn >= _REDRAW_S:
            self.drawn = now
            self._draw((batch + 1) / self.params["steps"])

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        self.losses = f" · loss {logs['loss']:.3f} · validation {logs['val_loss']:.3f}"
        self._draw(1.0)

    def on_train_end(self, logs: dict[str, float] | None = None) -> None:
        ran, planned = self.epoch + 1, self.params["epochs"]
        kept = self.best.best_epoch + 1
        if kept < ran or ran < planned:  # a bar that stands still would look stuck
            end = f"stopped at {ran} of {planned}" if ran < planned else f"all {planned} epochs"
            loss = f"validation {self.best.best:.3f}"
            self._write(f"{end}; weights of epoch {kept} · {loss} · {self._seconds()}")
        print(flush=True)

    def _draw(self, share: float) -> None:
        bar = ("█" * round(share * _BAR)).ljust(_BAR, "░")
        epoch = f"epoch {self.epoch + 1} of {self.params['epochs']}"
        self._write(f"{epoch} {bar}{self.losses} · {self._seconds()}")

    def _seconds(self) -> str:
        return f"{time.perf_counter() - self.start:.0f} s"

    def _write(self, text: str) -> None:
        # Padded, for what was written before is only covered, not wiped.
        print("\r" + text.ljust(self.width), end="", flush=True)
        self.width = len(text)


def _somebody_looks() -> bool:
    """Whether output goes to a terminal or a notebook that a person has open."""
    from mlmi_course.widgets import is_static

    if is_static():
        return False
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return hasattr(shell, "kernel") or sys.stdout.isatty()


def _turn(
    x: NDArray[Any], y: NDArray[Any], rng: np.random.Generator
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Turn and mirror each image of a batch, with its mask."""
    square = x.shape[1] == x.shape[2]
    # Ways 0 to 3 are quarter turns, 4 to 7 the same mirrored; the even ones keep any shape.
    ways = rng.integers(8, size=len(x)) if square else 2 * rng.integers(4, size=len(x))
    masks = y.shape[1:3] == x.shape[1:3]
    x, y = x.copy(), y.copy() if masks else y
    for way in range(0, 8, 1 if square else 2):
        rows = np.flatnonzero(ways == way)
        for stack in (x, y) if masks else (x,):
            turned = np.rot90(stack[rows], way % 4, axes=(1, 2))
            stack[rows] = turned[:, :, ::-1] if way >= 4 else turned
    return x, y


def _read_pair(model: keras.Model, pair: Pair, name: str) -> tuple[NDArray[Any], NDArray[Any]]:
    """Read inputs and targets, or say what is wrong with them; nothing is copied."""
    if not isinstance(pair, tuple | list) or len(pair) != 2:
        raise ValueError(f"{name} must be a pair (images, targets), got {type(pair).__name__}")
    x = read_inputs(model, pair[0], f"the images of {name}")
    targets = f"the targets of {name}"
    y = np.asarray(pair[1])
    if not len(x):
        raise ValueError(f"{name} is empty: there is nothing to learn from, or to judge by")
    if y.ndim < 1 or len(y) != len(x):
        raise ValueError(
            f"{name} needs one target for each image, got {len(x)} images and targets of shape "
            f"{y.shape}"
        )
    loss = _loss_name(model)
    wanted = model.output_shape[1:]
    if loss.startswith("sparse"):
        wanted = (*wanted[:-1], 1)
    y = fit_shape(y, wanted, targets)
    require_numbers(y, targets)
    if loss in _BINARY:
        for rows in chunks(len(y)):
            part = y[rows]
            other = (part != 0) & (part != 1)
            if other.any():
                raise ValueError(
                    f"{targets} hold {part[other][0].item()}, but the loss is for 0 and 1: "
                    "turn masks of 0 and 255 into masks > 0, or compile with another loss"
                )
    return x, y


def _share_memory(a: NDArray[Any], b: NDArray[Any]) -> bool:
    try:
        return np.shares_memory(a, b, max_work=100_000)
    except np.exceptions.TooHardError:
        return False


def _loss_name(model: keras.Model) -> str:
    """Return the name of the loss in one spelling, however it was given."""
    loss: str | Callable[..., Any] = model.loss
    name = loss if isinstance(loss, str) else getattr(loss, "name", getattr(loss, "__name__", ""))
    return name.replace("_", "").lower()
