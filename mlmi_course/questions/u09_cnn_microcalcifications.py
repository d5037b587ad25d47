"""Questions of unit 09, a CNN on microcalcifications, and the data that its lab works on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np

from mlmi_course.checks import (
    Case,
    FunctionQuestion,
    Misconception,
    ModelQuestion,
    ThoughtQuestion,
    Unit,
)
from mlmi_course.checks.calling import call

__all__ = [
    "area_under_curve",
    "blob_score",
    "chosen_epoch",
    "convolve",
    "count_parameters",
    "detector",
    "find_marks",
    "froc_point",
    "hard_patches",
    "progress",
    "purchase",
    "receptive_field",
    "true_patients",
]


# ---- the lab's data --------------------------------------------------------------------------


def hard_patches(
    n: int = 3000, seed: int | np.random.Generator = 909
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Simulated patches on which the strongest spot is often harmless.

    Parameters
    ----------
    n : int
        How many.
    seed : int or numpy.random.Generator
        Other seeds, other patients.

    Returns
    -------
    images : ndarray of uint8, shape (n, 60, 60)
    labels : ndarray of int, shape (n,)
        1 with a cluster, 0 without.
    patients : ndarray of int, shape (n,)

    Examples
    --------
    >>> images, labels, patients = hard_patches(20)
    >>> images.shape
    (20, 60, 60)
    """
    from mlmi_course.phantoms.mammography import patches

    if isinstance(seed, np.random.Generator):
        seed = int(seed.integers(1_000_000, 2**31))  # never the seed of a notebook
    drawn = patches(n, seed=seed, difficulty=1.0)
    return drawn["images"], drawn["labels"].astype(int), drawn["groups"].astype(int)


# ---- convolution -----------------------------------------------------------------------------


def _convolve(image: np.ndarray, kernel: np.ndarray, stride: int, padding: str) -> np.ndarray:
    return _slid(image, kernel, stride, padding)


def _slid(
    image: Any, kernel: Any, stride: int, padding: str, *, flip: Any = (0, 1),
    pad: Callable[[int], tuple[int, int]] = lambda k: (k // 2, k // 2), mode: str = "constant",
    start: int = 0, step: Callable[[int], int] = lambda s: s, normalise: bool = False,
) -> np.ndarray:  # fmt: skip
    """Slide a kernel; the options are ways to get it wrong."""
    image, kernel = np.asarray(image, float), np.flip(np.asarray(kernel, float), flip)
    if padding == "same":
        image = np.pad(image, [pad(k) for k in kernel.shape], mode=mode)
    if min(np.subtract(image.shape, kernel.shape)) < 0:
        return np.empty((0, 0))
    windows = np.lib.stride_tricks.sliding_window_view(image, kernel.shape)
    answer = np.einsum("rcij,ij->rc", windows, kernel)[start :: step(stride), start :: step(stride)]
    return answer / np.abs(kernel).sum() if normalise else answer


def _convolve_inputs(rng: np.random.Generator) -> Iterator[Case]:
    def numbers(*shape: int) -> np.ndarray:
        return rng.integers(-4, 9, shape).astype(float)

    yield Case((numbers(6, 7), numbers(3, 3), 1, "valid"), "a kernel that is not symmetric")
    yield Case((numbers(6, 7), numbers(3, 3), 1, "same"), "padding “same”")
    yield Case((numbers(7, 9), numbers(3, 5), 1, "same"), "a kernel of 3 × 5, padding “same”")
    yield Case((numbers(8, 9), numbers(3, 3), 2, "valid"), "a stride of 2")
    yield Case((numbers(8, 7), numbers(5, 3), 2, "same"), "a stride of 2 and padding “same”")
    yield Case((numbers(3, 3), numbers(3, 3), 1, "valid"), "an image as small as the kernel")


def _draw_convolution(answer: Any) -> Any:
    from mlmi_course import plots

    images, _, _ = hard_patches(40)
    patch = images[_blobs(images, 2.0).argmax()].astype(float)  # the one with the clearest grain
    kernels = {
        "blur": np.full((5, 5), 1 / 25),
        "edge": np.array([[1.0, 0, -1]] * 3),
        "blob": np.array([[-1.0, -1, -1], [-1, 8, -1], [-1, -1, -1]]) / 8,
    }
    made = [np.asarray(call(answer, (patch, one, 1, "same")), float) for one in kernels.values()]
    return plots.montage(
        [patch, *made],
        columns=4,
        same_scale=False,
        titles=["patch", *kernels],
        alt="A patch, and what your function makes of it with three kernels.",
    )


convolve = FunctionQuestion(
    title="A convolution by hand",
    points=3,
    inputs=_convolve_inputs,
    reference=_convolve,
    picture=_draw_convolution,
    not_allowed=("scipy.signal.convolve2d", "scipy.signal.convolve", "scipy.ndimage.convolve"),
    see="Slide, multiply, add",
    hints=(
        "Flip the kernel first, then slide, multiply and add as in the lecture: "
        "`kernel[::-1, ::-1]`.",
        "For “same”, put zeros around with `np.pad`: half a kernel, rounded down, on each side. "
        "Rows and columns of the kernel may differ.",
        "There are `(rows - kernel_rows) // stride + 1` places down, counted after padding; the "
        "window of place r starts at row `r * stride`.",
    ),
    misconceptions={
        "not_flipped": Misconception(
            partial(_slid, flip=()),
            "That is the correlation: the kernel was not flipped. It is what Keras computes under "
            "the name of convolution. This question asks for the mathematical convolution, with "
            "the kernel flipped in both directions.",
        ),
        "flipped_once": Misconception(
            partial(_slid, flip=0),
            "The kernel was flipped upside down, but not left to right. A convolution flips both.",
        ),
        "transposed": Misconception(
            lambda image, kernel, stride, padding: _slid(image, kernel.T, stride, padding, flip=()),
            "The kernel was transposed: rows became columns. To flip is to reverse their order.",
        ),
        "same_ignored": Misconception(
            lambda image, kernel, stride, padding: _slid(image, kernel, stride, "valid"),
            "With “same” the answer must be as large as the image (at stride 1). Yours has shrunk: "
            "zeros around are missing.",
        ),
        "pads_a_whole_kernel": Misconception(
            partial(_slid, pad=lambda k: (k - 1, k - 1)),
            "Too many zeros for “same”: your answer is larger than the image. Half a kernel on "
            "each side is enough.",
        ),
        "pads_one_side": Misconception(
            partial(_slid, pad=lambda k: (0, k - 1)),
            "You put all zeros below and to the right. The size is right, but everything has "
            "moved by half a kernel: half of them belongs above and to the left.",
        ),
        "pads_with_copies": Misconception(
            partial(_slid, mode="edge"),
            "You repeat the outermost pixels in the padding. Here, as in Keras, “same” pads with "
            "zeros.",
        ),
        "pads_one_pixel": Misconception(
            partial(_slid, pad=lambda k: (1, 1)),
            "You always pad with one pixel. That fits a kernel of 3 only: take half of *this* "
            "kernel, rows and columns apart.",
        ),
        "stride_ignored": Misconception(
            partial(_slid, step=lambda s: 1),
            "The stride is ignored: with 2 the window moves two pixels at each step.",
        ),
        "normalised": Misconception(
            partial(_slid, normalise=True),
            "You divided by the sum of the weights. A convolution multiplies and adds; nothing "
            "more.",
        ),
    },
)


# ---- parameters and receptive field ----------------------------------------------------------


def _count_parameters(layers: list[tuple[str, int, int]], side: int, channels: int) -> int:
    return _counted(layers, side, channels)


def _counted(
    layers: Any, side: int, channels: int, *, bias: int = 1, reads: Any = lambda c: c,
    shrinks: bool = True, square: int = 2, flat: bool = True, pools: bool = False,
    each: Any = lambda n: n, forgets: bool = False,
) -> int:  # fmt: skip
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


def _count_inputs(rng: np.random.Generator) -> Iterator[Case]:
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


count_parameters = FunctionQuestion(
    title="How many parameters?",
    points=2,
    inputs=_count_inputs,
    reference=_count_parameters,
    see="How many weights?",
    hints=(
        "Go through the layers and keep two numbers: the side of the maps, and how many channels "
        "there are.",
        "A convolution: `(kernel * kernel * channels + 1) * filters`. Then the side is smaller by "
        "kernel − 1, and the channels are its filters.",
        "The first dense layer reads `side * side * channels` numbers, the next ones as many as "
        "the layer before has units. A pool only divides the side: `side // size`.",
    ),
    misconceptions={
        "no_bias": Misconception(
            partial(_counted, bias=0),
            "The biases are missing: each kernel and each dense unit has one.",
        ),
        "channels_forgotten": Misconception(
            partial(_counted, reads=lambda c: 1),
            "The input channels are forgotten. A kernel reads *all* maps of the layer below: k · "
            "k weights for each of them.",
        ),
        "not_square": Misconception(
            partial(_counted, square=1),
            "A kernel of 5 has 5 × 5 weights for each channel, not 5.",
        ),
        "size_kept": Misconception(
            partial(_counted, shrinks=False),
            "The number for the dense layer is too high. These convolutions are *valid*: each "
            "takes k − 1 pixels off the side.",
        ),
        "not_flattened": Misconception(
            partial(_counted, flat=False),
            "The first dense layer reads every pixel of every channel, side · side · channels "
            "numbers, and not one number for each channel.",
        ),
        "side_kept_after_dense": Misconception(
            partial(_counted, forgets=True),
            "Behind a dense layer there is no image any more: the next one reads one number for "
            "each unit, and not side · side numbers for each.",
        ),
        "pooling_counts": Misconception(
            partial(_counted, pools=True),
            "Pooling has no parameters: the maximum of four numbers needs no weight.",
        ),
    },
)


def _receptive_field(layers: list[tuple[int, int]]) -> int:
    field, jump = 1, 1
    for kernel, stride in layers:
        field += (kernel - 1) * jump
        jump *= stride
    return field


def _field_inputs(rng: np.random.Generator) -> Iterator[Case]:
    k = int(rng.integers(2, 4)) * 2 - 1
    yield Case(([(k, 1), (3, 1)],), "two layers of stride 1")
    yield Case(([(3, 2), (k, 1)],), "a stride of 2 below")
    yield Case(([(3, 1), (2, 2)] * 3,), "three rounds of convolution and pooling")
    yield Case(([(7, 2), (3, 2), (3, 1), (3, 2)],), "many strides")
    yield Case(([(5, 3)],), "a single layer with a stride of 3")
    yield Case(([],), "no layer at all")


def _stride_first(layers: Any) -> int:
    field, jump = 1, 1
    for kernel, stride in layers:
        jump *= stride
        field += (kernel - 1) * jump
    return field


def _strides_add(layers: Any) -> int:
    field, jump = 1, 1
    for kernel, stride in layers:
        field += (kernel - 1) * jump
        jump += stride - 1
    return field


receptive_field = FunctionQuestion(
    title="How far does it see?",
    points=2,
    inputs=_field_inputs,
    reference=_receptive_field,
    see="How far does a unit see?",
    hints=(
        "Keep two numbers, the field and the jump. Both start at 1.",
        "A layer adds (kernel − 1) jumps to the field. Only afterwards the jump is multiplied by "
        "its stride.",
        "`field += (kernel - 1) * jump` and then `jump *= stride`, layer after layer.",
    ),
    misconceptions={
        "stride_ignored": Misconception(
            lambda layers: 1 + sum(k - 1 for k, _ in layers),
            "The strides are ignored. After a stride of 2, neighbours are two pixels of the image "
            "apart, so every later kernel reaches twice as far.",
        ),
        "sizes_summed": Misconception(
            lambda layers: sum(k for k, _ in layers),
            "You summed the sizes of the kernels. Neighbouring windows overlap: a kernel of 3 "
            "adds only two pixels to what one pixel below saw, times the jump.",
        ),
        "stride_first": Misconception(
            _stride_first,
            "A layer's own stride does not widen its own window: it spreads the layers above. Add "
            "first, multiply the jump afterwards.",
        ),
        "strides_add": Misconception(
            _strides_add,
            "Jumps multiply: two strides of 2 put neighbours four pixels apart, and not three.",
        ),
        "product": Misconception(
            lambda layers: int(np.prod([k for k, _ in layers], dtype=int)),
            "You multiplied the kernels. Windows of windows grow by adding.",
        ),
    },
)


# ---- baselines -------------------------------------------------------------------------------


def _blob_score(images: np.ndarray, sigma: float) -> np.ndarray:
    return _blobs(images, sigma)


def _blobs(
    images: Any, sigma: float, *, sign: float = -1.0, take: Any = np.max, across: bool = False,
    orders: Any = ((0, 2, 0), (0, 0, 2)),
) -> np.ndarray:  # fmt: skip
    from scipy import ndimage

    grey = np.asarray(images).astype(float)
    blur = (sigma if across else 0, sigma, sigma)
    bent = sum(ndimage.gaussian_filter(grey, blur, order=order) for order in orders)
    return take(sign * bent, axis=(1, 2))


def _blob_inputs(rng: np.random.Generator) -> Iterator[Case]:
    from scipy import ndimage

    def some(n: int, side: int, bright: float) -> np.ndarray:
        ground = ndimage.gaussian_filter(rng.normal(0, 60, (n, side, side)), (0, 3, 3)) + 90
        row, column = rng.integers(8, side - 8, (2, n))
        for i in range(n):
            # Blobs of different height, so that patches cannot be mixed up; and dark ones too.
            ground[i, row[i] - 1 : row[i] + 2, column[i] - 1 : column[i] + 2] += bright * (i + 1)
        return np.clip(ground, 0, 255).astype(np.uint8)

    yield Case((some(3, 24, 30), 1.5), "three patches of uint8")
    yield Case((some(4, 26, -16), 2.0), "dark spots, which do not count")
    yield Case((some(2, 24, 40).astype(float), 1.0), "patches of floats")
    yield Case((some(1, 30, 60), 2.5), "a single patch")


def _in_uint8(images: Any, sigma: float) -> np.ndarray:
    from scipy import ndimage

    images = np.asarray(images)
    return np.array([(-ndimage.gaussian_laplace(one, sigma)).max() for one in images], float)


def _smallest_in_uint8(images: Any, sigma: float) -> np.ndarray:
    from scipy import ndimage

    bent = [ndimage.gaussian_laplace(one, sigma) for one in np.asarray(images)]
    return np.array([-one.max() for one in bent])


def _still_uint8(expected: Any, got: Any) -> bool:
    return np.asarray(got).dtype.kind == "u"


def _stack_at_once(images: Any, sigma: float, *, sign: float) -> np.ndarray:
    """SciPy's LoG of the whole stack, with a blur of 0 from patch to patch."""
    from scipy import ndimage

    grey = np.asarray(images).astype(float)
    return (sign * ndimage.gaussian_laplace(grey, (0, sigma, sigma))).max(axis=(1, 2))


blob_score = FunctionQuestion(
    title="One line without training",
    points=2,
    inputs=_blob_inputs,
    reference=_blob_score,
    tolerance=1e-4,
    see="The ladder: what one line can do",
    hints=(
        "`scipy.ndimage.gaussian_laplace(image, sigma)` takes one patch; or add two calls of "
        "`gaussian_filter` with `order=`, as in the lecture.",
        "Turn the patch into floats first: in uint8 there is no room for negative numbers.",
        "On a bright blob the LoG is negative, so turn its sign; then take the largest value of "
        "each patch.",
    ),
    misconceptions={
        "sign": Misconception(
            partial(_blobs, sign=1.0),
            "The sign of the LoG is turned: your score is high on *dark* spots. A bright blob "
            "bends down, so its LoG is negative.",
        ),
        "absolute": Misconception(
            lambda images, sigma: _blobs(
                images, sigma, take=lambda x, axis: np.abs(x).max(axis=axis)
            ),
            "You take the largest absolute value, so dark spots count like bright ones. Calcium "
            "is bright.",
        ),
        "uint8": Misconception(
            _in_uint8,
            "The LoG was computed in uint8, where −1 becomes 255. Turn the patches into floats "
            "first.",
        ),
        "still_uint8": Misconception(
            _smallest_in_uint8,
            "Your scores are uint8 like the patches, and have no room for what is negative or not "
            "whole. Turn the patches into floats before anything else.",
            _still_uint8,
        ),
        "mean": Misconception(
            partial(_blobs, take=np.mean),
            "You take the mean over the patch. Bright spots and their dark rings cancel: the "
            "*strongest* answer is the score.",
        ),
        "smallest": Misconception(
            partial(_blobs, take=np.min),
            "You turned the sign and then took the smallest value: two turns are none. Take the "
            "largest of minus LoG.",
        ),
        "one_for_all": Misconception(
            lambda images, sigma: np.full(len(images), _blobs(images, sigma).max()),
            "All patches got the same score, the largest over *all* of them. Take it over rows "
            "and columns only: axis=(1, 2).",
        ),
        "across_patches": Misconception(
            partial(_blobs, across=True),
            "The blur ran across patches too: each was mixed with its neighbours in the stack. "
            "Blur rows and columns only.",
        ),
        "stack_at_once": Misconception(
            partial(_stack_at_once, sign=-1.0),
            "`gaussian_laplace` got the whole stack. A blur of 0 keeps patches apart, but along "
            "that axis it then adds the blurred patch itself in place of a second derivative. "
            "Give it one patch at a time.",
        ),
        "stack_at_once_and_sign": Misconception(
            partial(_stack_at_once, sign=1.0),
            "Two things. `gaussian_laplace` got the whole stack, and with a blur of 0 from patch "
            "to patch it adds the blurred patch itself: give it one patch at a time. And the "
            "sign: a bright blob bends down, so its LoG is negative.",
        ),
        "divided_by_255": Misconception(
            lambda images, sigma: _blobs(np.asarray(images) / 255, sigma),
            "Your scores are 255 times too small: the lecture's `blob_map` divides the grey values "
            "by 255. Here they stay as they are.",
        ),
        "scale_normalised": Misconception(
            lambda images, sigma: _blobs(images, sigma) * sigma**2,
            "Your LoG is multiplied by σ², the scale-normalised one. That is right for comparing "
            "blobs of different sizes; here the plain one is asked for.",
        ),
        "one_direction": Misconception(
            partial(_blobs, orders=((0, 2, 0),)),
            "Only the bending down the rows is there. Add the one along the columns.",
        ),
        "blur_only": Misconception(
            partial(_blobs, sign=1.0, orders=((0, 0, 0),)),
            "That is the brightest place after a blur, a Gaussian without its second derivative. "
            "Bright tissue then counts like a grain.",
        ),
    },
)


def _area_under_curve(labels: np.ndarray, scores: np.ndarray) -> float:
    return _pairs(labels, scores)


def _pairs(labels: Any, scores: Any, *, tie: float = 0.5) -> float:
    labels, scores = np.asarray(labels), np.asarray(scores, float)
    higher = scores[labels == 1][:, None] - scores[labels == 0][None, :]
    return float(((higher > 0) + tie * (higher == 0)).mean())


def _area_inputs(rng: np.random.Generator) -> Iterator[Case]:
    labels = rng.permutation(np.repeat([0, 1], [9, 6]))
    yield Case((labels, (rng.normal(size=15) + 1.4 * labels).round(2)), "fifteen patches")
    labels = rng.permutation(np.repeat([0, 1], [9, 5]))
    yield Case(
        (labels, (rng.normal(size=14) - 1.5 * labels).round(2)), "scores that are upside down"
    )
    labels = rng.permutation(np.repeat([0, 1], [6, 6]))
    while True:
        scores = rng.integers(0, 4, 12).astype(float)
        if abs(_pairs(labels, scores, tie=1) - _pairs(labels, scores, tie=0)) > 0.1:
            break
    yield Case((labels, scores), "scores with ties")
    yield Case((np.array([0, 1, 0]), np.array([2.0, 2.0, 2.0])), "a constant output")


def _accuracy(labels: Any, scores: Any) -> float:
    return float(((np.asarray(scores) > np.median(scores)) == (np.asarray(labels) == 1)).mean())


area_under_curve = FunctionQuestion(
    title="AUC by pairs",
    points=2,
    inputs=_area_inputs,
    reference=_area_under_curve,
    not_allowed=("mlmi_course.metrics.auc", "sklearn.metrics.roc_auc_score"),
    see="The ladder: what one line can do",
    hints=(
        "Pair each patch with a cluster with each patch without one.",
        "`scores[labels == 1][:, None] - scores[labels == 0][None, :]` holds the difference of "
        "every pair.",
        "Count 1 where it is above 0 and one half where it is exactly 0. The mean over all pairs "
        "is the AUC.",
    ),
    misconceptions={
        "sign": Misconception(
            lambda labels, scores: _pairs(labels, -np.asarray(scores)),
            "The AUC is upside down: you count the pairs in which the patch *without* a cluster "
            "scores higher.",
        ),
        "folded": Misconception(
            lambda labels, scores: max(_pairs(labels, scores), 1 - _pairs(labels, scores)),
            "You turned an AUC below 0.5 round. A detector that is upside down must show as one: "
            "0.1 is bad, not good.",
        ),
        "ties_lost": Misconception(
            partial(_pairs, tie=0.0),
            "Pairs with equal scores count as lost in your function. A tie is half right: a "
            "constant output has an AUC of 0.5.",
        ),
        "ties_won": Misconception(
            partial(_pairs, tie=1.0),
            "Pairs with equal scores count as won in your function. Then a constant output would "
            "be perfect. A tie counts one half.",
        ),
        "accuracy": Misconception(
            _accuracy,
            "That is an accuracy at one threshold. The AUC needs none: it compares pairs.",
        ),
    },
)


# ---- honest testing --------------------------------------------------------------------------


def _true_patients(images: np.ndarray, patients: np.ndarray) -> np.ndarray:
    return _joined(images, patients)


def _keys(images: Any) -> list[bytes]:
    return [np.ascontiguousarray(one).tobytes() for one in images]


def _joined(
    images: Any, patients: Any, *, key: Callable[[Any], list[Any]] = _keys, chains: bool = True,
    pairs: str = "now", replaced: str = "now",
) -> np.ndarray:  # fmt: skip
    given, patients = np.array(patients), np.array(patients)
    first: dict[Any, int] = {}
    for place, one in enumerate(key(images)):
        if one not in first:
            first[one] = place
            continue
        pair = (patients if pairs == "now" else given)[[first[one], place]]
        low, high = pair.min(), pair.max()
        if replaced == "given":
            patients[np.isin(given, pair)] = low
        elif chains:
            patients[patients == high] = low
        else:
            patients[place] = low
            patients[first[one]] = low
    return patients


def _patients_inputs(rng: np.random.Generator) -> Iterator[Case]:
    def pictures(n: int) -> np.ndarray:
        return rng.integers(0, 256, (n, 4, 4)).astype(np.uint8)

    images = pictures(8)
    numbers = np.array([3, 3, 5, 5, 8, 8, 9, 9])
    images[6] = images[1]
    yield Case((images, numbers), "one patch of patient 9 that is also patient 3's")
    images = pictures(9)
    numbers = np.array([7, 7, 4, 4, 4, 2, 2, 6, 6])
    images[2], images[5] = images[1], images[4]
    yield Case((images, numbers), "a chain: 7 shares a patch with 4, and 4 another with 2")
    images = pictures(5)
    images[3] = images[0][::-1]
    yield Case((images, np.array([1, 1, 2, 2, 3])), "patches with equal pixels in another order")
    images = pictures(6)
    images[1] = images[0]
    yield Case((images, np.array([5, 5, 4, 4, 6, 6])), "a patch twice in the same patient")
    images = pictures(8)
    images[3], images[6] = images[1], images[4]
    numbers = np.array([2, 2, 4, 4, 4, 6, 7, 7])
    yield Case((images, numbers), "a chain: 4 shares a patch with 2, and 7 another with 4")


true_patients = FunctionQuestion(
    title="Who is who?",
    points=2,
    inputs=_patients_inputs,
    reference=_true_patients,
    see="Whole patients, or one patient twice",
    hints=(
        "Compare every patch with all patches before it: `(images[i] == images[j]).all()`.",
        "If two patches are equal, their patients are one. Then *all* patches of both get the "
        "smaller of the two numbers.",
        "Work on a copy: `joined = patients.copy()`. For an equal pair: low, high = the smaller "
        "and the larger of their *current* numbers, and `joined[joined == high] = low`.",
    ),
    misconceptions={
        "as_given": Misconception(
            lambda images, patients: np.array(patients),
            "You trust the numbers as they are given. Two patients who share a patch pixel by "
            "pixel are one, and would sit on both sides of your split.",
        ),
        "by_patch": Misconception(
            lambda images, patients: np.arange(len(images)),
            "Every patch got a number of its own. To split by these is to split by patch: the "
            "same patient then trains and tests.",
        ),
        "only_the_twins": Misconception(
            partial(_joined, chains=False),
            "Only the two equal patches changed their number. Their patients have other patches, "
            "and these belong to the same woman.",
        ),
        "by_the_given_numbers": Misconception(
            partial(_joined, pairs="given", replaced="given"),
            "A chain came apart: each pair was joined by the numbers as they were *given*. One of "
            "them may have changed by then: go by the numbers that the patches have now.",
        ),
        "by_a_given_pair": Misconception(
            partial(_joined, pairs="given"),
            "A chain came apart. The two numbers of a pair were taken as they were *given*: look "
            "up what they have become, before you replace one by the other.",
        ),
        "by_content": Misconception(
            partial(
                _joined, key=lambda images: [np.sort(one, axis=None).tobytes() for one in images]
            ),
            "You joined patches that only have the same pixels in another order, or the same "
            "mean. Twins agree pixel by pixel, each in its place.",
        ),
    },
)


def _chosen_epoch(validation_loss: np.ndarray, test_auc: np.ndarray) -> tuple[int, float]:
    best = int(np.argmin(validation_loss))
    return best + 1, float(np.asarray(test_auc)[best])


def _epoch_inputs(rng: np.random.Generator) -> Iterator[Case]:
    for n, about in ((8, "eight epochs"), (12, "twelve epochs"), (5, "five epochs")):
        while True:
            loss = (0.4 + 0.2 * rng.random(n)).round(3)
            area = (0.8 + 0.1 * rng.random(n)).round(3)
            worst, best, other = np.argmax(loss), np.argmin(loss), np.argmax(area)
            places = {int(worst), int(best), int(other), n - 1}
            if len(places) == 4 and best != 0 and len(set(loss)) == len(set(area)) == n:
                break
        yield Case((loss, area), about)
    yield Case(
        (np.array([0.5, 0.4, 0.4, 0.6]), np.array([0.8, 0.81, 0.9, 0.7])), "two equal minima"
    )
    yield Case((np.array([0.3]), np.array([0.9])), "a single epoch")


def _epoch_by(pick: Callable[[Any, Any], int], shift: int = 1) -> Callable[[Any, Any], Any]:
    def wrong(validation_loss: Any, test_auc: Any) -> tuple[int, float]:
        best = int(pick(np.asarray(validation_loss), np.asarray(test_auc)))
        return best + shift, float(np.asarray(test_auc)[best])

    return wrong


chosen_epoch = FunctionQuestion(
    title="Which epoch do you report?",
    points=1,
    inputs=_epoch_inputs,
    reference=_chosen_epoch,
    see="The epoch that the test chose",
    hints=(
        "The test set must not choose. What is left to choose by?",
        "`np.argmin(validation_loss)` counts from 0, epochs count from 1. Where two are equal it "
        "gives the earlier one.",
    ),
    misconceptions={
        "chosen_on_test": Misconception(
            _epoch_by(lambda loss, area: np.argmax(area)),
            "You chose the epoch with the best AUC *on the test patients*, and report that AUC. "
            "It is too good by chance: the test has become part of the training.",
        ),
        "highest_loss": Misconception(
            _epoch_by(lambda loss, area: np.argmax(loss)),
            "You took the epoch with the highest validation loss. A loss is good when it is low.",
        ),
        "last": Misconception(
            _epoch_by(lambda loss, area: len(loss) - 1),
            "You report the last epoch. By then the network may have learnt the training patients "
            "by heart: stop early.",
        ),
        "from_zero": Misconception(
            _epoch_by(lambda loss, area: np.argmin(loss), shift=0),
            "The right epoch, but counted from 0. The first epoch is number 1.",
        ),
        "best_of_each": Misconception(
            lambda loss, area: (int(np.argmin(loss)) + 1, float(np.max(area))),
            "The epoch is right, but the AUC is that of another one: the best on the test. Report "
            "what the chosen epoch reached.",
        ),
        "last_minimum": Misconception(
            _epoch_by(lambda loss, area: len(loss) - 1 - np.argmin(loss[::-1])),
            "Two epochs have the same validation loss, and you took the later. Stop at the first: "
            "it has learnt less by heart.",
        ),
    },
)


# ---- detection -------------------------------------------------------------------------------


def _find_marks(heat: np.ndarray, step: float, threshold: float, radius: float) -> list[Any]:
    return _marks(heat, step, threshold, radius)


def _marks(
    heat: Any, step: float, threshold: float, radius: float, *, suppress: bool = True,
    one: bool = False, in_mm: bool = True, reach: Any = lambda radius, step: radius / step,
    strict: bool = False, swapped: bool = False,
) -> list[Any]:  # fmt: skip
    heat = np.array(heat, float)
    rows, columns = np.indices(heat.shape)
    found = []
    for place in np.argsort(-heat, axis=None, kind="stable"):
        row, column = np.unravel_index(place, heat.shape)
        value = heat[row, column]
        if not np.isfinite(value) or value < threshold or (strict and value == threshold):
            continue
        where = (column, row) if swapped else (row, column)
        found.append([float(value), *(float(x * (step if in_mm else 1)) for x in where)])
        if suppress:
            away = np.hypot(rows - row, columns - column)
            heat[away <= reach(radius, step) + 1e-9] = -np.inf
        if one:
            break
    return found


def _marks_inputs(rng: np.random.Generator) -> Iterator[Case]:
    from scipy import ndimage

    def hot(rows: int, columns: int, spots: int) -> np.ndarray:
        heat = np.zeros((rows, columns))
        for _ in range(spots):
            heat[rng.integers(rows), rng.integers(columns)] += rng.uniform(20, 40)
        heat = ndimage.gaussian_filter(heat, 1.2) + rng.uniform(0, 0.2, (rows, columns))
        return heat.round(4) + np.arange(heat.size).reshape(heat.shape) * 1e-6  # no two are equal

    heat = hot(9, 12, 3)
    yield Case((heat, 0.68, 0.8, 2.0), "three hot spots")
    heat = hot(12, 9, 5)
    yield Case((heat, 2.0, 0.7, 5.0), "places 2 mm apart")
    heat = np.zeros((5, 10))
    heat[2, 1], heat[2, 4], heat[2, 8] = 3.0, 4.0, 2.0
    yield Case((heat, 0.5, 2.0, 1.5), "marks exactly at the radius, and exactly at the threshold")
    yield Case((np.zeros((4, 4)), 1.0, 0.5, 2.0), "nothing above the threshold")


find_marks = FunctionQuestion(
    title="From heat to marks",
    points=3,
    inputs=_marks_inputs,
    reference=_find_marks,
    see="From heat to marks",
    hints=(
        "A loop: find the hottest place, write it down, wipe out its surroundings, and again, "
        "until the hottest is below the threshold.",
        "`np.unravel_index(heat.argmax(), heat.shape)` gives row and column. Work on a copy, and "
        "wipe out with −infinity.",
        "Distances are in mm: `np.hypot(rows - row, columns - column) * step <= radius`, with "
        "`rows, columns = np.indices(heat.shape)`.",
    ),
    misconceptions={
        "pixels_as_marks": Misconception(
            partial(_marks, suppress=False),
            "Every place above the threshold became a mark. One hot spot is *one* finding: "
            "suppress its surroundings.",
        ),
        "only_the_hottest": Misconception(
            partial(_marks, one=True),
            "Only the hottest place of the image became a mark. There may be several clusters: go "
            "on until nothing is above the threshold.",
        ),
        "in_places": Misconception(
            partial(_marks, in_mm=False),
            "The positions are counted in places of the map. The lesions are given in mm: "
            "multiply by the step.",
        ),
        "radius_in_places": Misconception(
            partial(_marks, reach=lambda radius, step: radius),
            "The radius was taken in places of the map. It is in mm: multiply the distance by the "
            "step before you compare.",
        ),
        "threshold_not_included": Misconception(
            partial(_marks, strict=True),
            "A place exactly at the threshold is a mark here: at least, not above.",
        ),
        "radius_not_included": Misconception(
            partial(_marks, reach=lambda radius, step: radius / step - 1e-6),
            "A place exactly at the radius is suppressed too: at most, not less than.",
        ),
        "row_and_column_swapped": Misconception(
            partial(_marks, swapped=True),
            "Row and column are swapped: the row comes first.",
        ),
    },
)


def _froc_point(marks: list[Any], lesions: list[Any], radius: float) -> tuple[float, float]:
    return _counted_marks(marks, lesions, radius)


def _counted_marks(
    marks: Any, lesions: Any, radius: float, *, every_hit: bool = False, extra_hits: bool = False,
    free: bool = False, per: str = "images", found_of: str = "lesions",
) -> tuple[float, float]:  # fmt: skip
    found = false = seen = with_lesion = 0
    for some, places in zip(marks, lesions, strict=True):
        some, places = np.reshape(some, (-1, 2)), np.reshape(places, (-1, 2))
        hits = np.hypot(*(some[:, None] - places[None]).transpose(2, 0, 1)) <= radius
        found += hits.sum() if every_hit else hits.any(axis=0).sum()
        wrong = (~hits.any(axis=1)).sum()
        if extra_hits:
            wrong += hits.any(axis=1).sum() - min(hits.any(axis=1).sum(), hits.any(axis=0).sum())
        false += 0 if free and len(places) else wrong
        seen += bool(hits.any())
        with_lesion += bool(len(places))
    count = sum(len(np.reshape(places, (-1, 2))) for places in lesions)
    images = len(marks) - with_lesion if free else len(marks)
    below = {
        "images": images, "lesions": count, "one": 1, "marks": sum(map(len, marks)),
        "images_without": len(marks) - with_lesion,
    }[per]  # fmt: skip
    share = seen / with_lesion if found_of == "images" else found / count
    return float(false / max(below, 1)), float(share)


def _froc_inputs(rng: np.random.Generator) -> Iterator[Case]:
    def near(place: Any, most: float) -> list[float]:
        away, angle = rng.uniform(0, most), rng.uniform(0, 2 * np.pi)
        return [place[0] + away * np.cos(angle), place[1] + away * np.sin(angle)]

    def far() -> list[float]:
        return [float(x) for x in rng.uniform(60, 90, 2)]

    lesions = [[[10.0, 10.0], [30.0, 30.0]], [[20.0, 8.0]], [], []]
    marks = [[near((10, 10), 4), far()], [far(), far()], [far()], []]
    yield Case((marks, lesions, 5.0), "four images, two of them without a lesion")
    marks = [[near((10, 10), 3), near((10, 10), 3), far()], [near((20, 8), 4)], [], []]
    yield Case((marks, lesions, 5.0), "a lesion that is marked twice")
    marks = [[near((10, 10), 3)] * 3, [], [far(), far()], []]
    yield Case((marks, lesions, 5.0), "three marks on one lesion, none on the others")
    yield Case(([[], [], [], []], lesions, 5.0), "no marks at all")
    yield Case(([[[13.0, 14.0]]], [[[10.0, 10.0]]], 5.0), "a mark exactly at the radius")


def _not_at_the_radius(marks: Any, lesions: Any, radius: float) -> tuple[float, float]:
    return _counted_marks(marks, lesions, radius - 1e-6)


froc_point = FunctionQuestion(
    title="One point of the FROC curve",
    points=3,
    inputs=_froc_inputs,
    reference=_froc_point,
    not_allowed=("mlmi_course.metrics.froc",),
    see="Counting: FROC",
    hints=(
        "Go through the images. For each lesion: is any mark near? For each mark: is any lesion "
        "near? If you compare arrays, an empty list needs `np.reshape(some, (-1, 2))` first.",
        "A lesion with two marks is found once. Its second mark is no false mark either: it *is* "
        "near a lesion.",
        "False marks are divided by the number of *all* images, found lesions by the number of "
        "all lesions. `np.hypot(mark[0] - lesion[0], mark[1] - lesion[1]) <= radius` is a hit.",
    ),
    misconceptions={
        "two_hits_count_twice": Misconception(
            partial(_counted_marks, every_hit=True),
            "Two marks on one lesion were counted as two true positives. A lesion is found once, "
            "however often it is marked; otherwise the sensitivity can exceed 1.",
        ),
        "second_hit_is_false": Misconception(
            partial(_counted_marks, extra_hits=True),
            "The second mark on a lesion was counted as a false mark. Here it is neither: it "
            "points at a lesion that has been found already.",
        ),
        "lesion_free_only": Misconception(
            partial(_counted_marks, free=True),
            "You counted false marks on images without lesions only. Some do so; here all images "
            "count. State which.",
        ),
        "per_image_without": Misconception(
            partial(_counted_marks, per="images_without"),
            "You counted false marks on all images, but divided by those without a lesion. Divide "
            "by all images.",
        ),
        "per_lesion": Misconception(
            partial(_counted_marks, per="lesions"),
            "You divided the false marks by the number of lesions. FROC counts them per image.",
        ),
        "not_per_image": Misconception(
            partial(_counted_marks, per="one"),
            "That is the number of false marks in all images together. Divide by the number of "
            "images.",
        ),
        "share_of_marks": Misconception(
            partial(_counted_marks, per="marks"),
            "You divided by the number of marks: that is the share of marks that are false. FROC "
            "has false marks *per image*.",
        ),
        "images_found": Misconception(
            partial(_counted_marks, found_of="images"),
            "You counted images in which something was found. The sensitivity of FROC counts "
            "lesions.",
        ),
        "radius_not_included": Misconception(
            _not_at_the_radius,
            "A mark exactly at the radius is a hit: at most, not less than.",
        ),
    },
)


# ---- a model ---------------------------------------------------------------------------------

_DRAWN = 1000
# How far the AUC may lie below that of the network that ships (9,000 patches) on the same draw.
# The model answer (3,000 patches) was 0.031 below it, with a standard deviation of 0.010 over
# draws: four of them, and a little for other processors.
_BELOW = 0.08
_UNTRAINED = 0.95  # rank correlation from which scores are those of a blob filter


def _draw_patches(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Fresh hard patches; the first column is their label, the others what untrained lines say."""
    images, labels, _ = hard_patches(_DRAWN, rng)
    return images, np.column_stack([labels, *_spots(images)])


def _spots(images: np.ndarray) -> list[np.ndarray]:
    """Heights of the strongest to the fourth-strongest spot of each blob map."""
    from scipy import ndimage

    grey = images.astype(np.float32)
    maps = -sum(ndimage.gaussian_filter(grey, (0, 2, 2), order=o) for o in ((0, 2, 0), (0, 0, 2)))
    peaks = np.where(maps == ndimage.maximum_filter(maps, size=(1, 7, 7)), maps, -np.inf)
    heights = -np.partition(-peaks.reshape(len(maps), -1), range(4), axis=1)[:, :4]
    return list(np.where(np.isfinite(heights), heights, heights[np.isfinite(heights)].min()).T)


def _area(labels: Any, predictions: Any) -> float:
    predictions = np.asarray(predictions, dtype=float)
    if predictions.shape != (len(labels),):
        raise ValueError(
            f"one score for each patch is needed, shape {(len(labels),)}, and yours have shape "
            f"{predictions.shape}"
        )
    if not np.isfinite(predictions).all():
        raise ValueError("some of the scores are not finite")
    from scipy.stats import spearmanr

    for spot in labels[:, 1:].T:
        # A constant has no ranks; it is dealt with elsewhere.
        if np.ptp(predictions) and spearmanr(spot, predictions)[0] > _UNTRAINED:
            raise ValueError(
                "they rank the patches as a spot of the blob map does. Such a line is a strong "
                "baseline, and here it is known already: this question asks for a network that "
                "you have trained"
            )
    found = _pairs(labels[:, 0], predictions)
    if found < 0.35:
        raise ValueError(
            f"the AUC is {found:.2f}: your scores are upside down. A high score must mean a cluster"
        )
    return found


def _needed(images: Any, labels: Any) -> float:
    """The shipped network, less what the lab's smaller training costs."""
    from mlmi_course import shipped
    from mlmi_course.training import predict

    return _pairs(labels[:, 0], predict(shipped.network("u09_cnn"), images)) - _BELOW


detector = ModelQuestion(
    title="A network that is worth its price",
    points=4,
    draw=_draw_patches,
    metric=_area,
    threshold=_needed,
    chance=0.5,
    budget_s=900,  # it trains at the first call, on any computer, beside any other work
    not_allowed=("mlmi_course.shipped.network",),
    see="Train it, and be strict",
    hints=(
        "Split by patient into training and validation, build `small_cnn()`, compile it, and call "
        "`fit` with `augment=True`. `predict(model, images)` gives the scores.",
        "Give the network patches without their mean (the lecture's `centred`), in training *and* "
        "in prediction.",
        "An AUC near 0.5 from a network that learnt? Then it sees other images than in training. "
        "Otherwise too low? More epochs, and a learning rate that falls: "
        "`keras.optimizers.schedules.CosineDecay(4e-3, steps)` with steps = epochs × patches / 32.",
    ),
    misconceptions={
        "constant": Misconception(
            lambda images: np.full(len(images), 0.5),
            "All patches got the same score. Either the network has not learnt anything, or "
            "labels were returned in place of probabilities.",
        ),
        "brightness": Misconception(
            lambda images: np.asarray(images).mean(axis=(1, 2)),
            "That is the mean brightness. These patches were made without that shortcut.",
        ),
    },
)


# ---- a thought -------------------------------------------------------------------------------

purchase = ThoughtQuestion(
    title="Would you buy it?",
    points=2,
    rubric=(
        "1 point: asks for the baseline and for a fair comparison: what does an untrained line "
        "(LoG, counting spots) reach on the same patches; the paired difference with its interval "
        "over patients; split by patient; epoch and threshold not chosen on the test. 1 point: "
        "sees that an AUC on patches, half of them with a cluster, is not the task: asks for "
        "detections on whole mammograms at the clinic's own prevalence, as FROC with radius, "
        "images counted and false marks per image stated, on the clinic's own machines and "
        "patients; or what a false mark costs the reader. No points for general doubts about AI "
        "alone."
    ),
    see="What to remember",
    hints=(
        "What would one line without training have reached on their patches?",
        "Half of their patches hold a cluster. How many of yours do? And what is done with a mark?",
    ),
)

progress = Unit(__name__).progress
