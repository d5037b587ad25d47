"""A convolution by hand."""

import numpy as np

from mlmi_course.checks import Case, asks
from mlmi_course.checks.calling import call
from mlmi_course.questions.u09_cnn_microcalcifications._patches import hard_patches


def _slid(
    image,
    kernel,
    stride,
    padding,
    *,
    flip=(0, 1),
    pad=lambda k: (k // 2, k // 2),
    mode="constant",
    start=0,
    step=lambda s: s,
    normalise=False,
):
    """Slide a kernel; the options are ways to get it wrong."""
    image, kernel = np.asarray(image, float), np.flip(np.asarray(kernel, float), flip)
    if padding == "same":
        image = np.pad(image, [pad(k) for k in kernel.shape], mode=mode)
    if min(np.subtract(image.shape, kernel.shape)) < 0:
        return np.empty((0, 0))
    windows = np.lib.stride_tricks.sliding_window_view(image, kernel.shape)
    answer = np.einsum("rcij,ij->rc", windows, kernel)[start :: step(stride), start :: step(stride)]
    return answer / np.abs(kernel).sum() if normalise else answer


@asks(
    points=3,
    see="Slide, multiply, add",
    not_allowed=("scipy.signal.convolve2d", "scipy.signal.convolve", "scipy.ndimage.convolve"),
    hints=(
        "Flip the kernel first, then slide, multiply and add as in the lecture: "
        "`kernel[::-1, ::-1]`.",
        "For “same”, put zeros around with `np.pad`: half a kernel, rounded down, on each side. "
        "Rows and columns of the kernel may differ.",
        "There are `(rows - kernel_rows) // stride + 1` places down, counted after padding; the "
        "window of place r starts at row `r * stride`.",
    ),
)
def convolve(image, kernel, stride, padding):
    """A convolution by hand"""
    return _slid(image, kernel, stride, padding)


@convolve.inputs
def cases(rng):
    def numbers(*shape):
        return rng.integers(-4, 9, shape).astype(float)

    yield Case((numbers(6, 7), numbers(3, 3), 1, "valid"), "a kernel that is not symmetric")
    yield Case((numbers(6, 7), numbers(3, 3), 1, "same"), "padding “same”")
    yield Case((numbers(7, 9), numbers(3, 5), 1, "same"), "a kernel of 3 × 5, padding “same”")
    yield Case((numbers(8, 9), numbers(3, 3), 2, "valid"), "a stride of 2")
    yield Case((numbers(8, 7), numbers(5, 3), 2, "same"), "a stride of 2 and padding “same”")
    yield Case((numbers(3, 3), numbers(3, 3), 1, "valid"), "an image as small as the kernel")


convolve.variants(
    _slid,
    not_flipped=(
        {"flip": ()},
        "That is the correlation: the kernel was not flipped. It is what Keras computes under "
        "the name of convolution. This question asks for the mathematical convolution, with "
        "the kernel flipped in both directions.",
    ),
    flipped_once=(
        {"flip": 0},
        "The kernel was flipped upside down, but not left to right. A convolution flips both.",
    ),
)


@convolve.mistake
def transposed(image, kernel, stride, padding):
    """The kernel was transposed: rows became columns. To flip is to reverse their order."""
    return _slid(image, kernel.T, stride, padding, flip=())


@convolve.mistake
def same_ignored(image, kernel, stride, padding):
    """With “same” the answer must be as large as the image (at stride 1). Yours has shrunk: zeros
    around are missing.
    """
    return _slid(image, kernel, stride, "valid")


convolve.variants(
    _slid,
    pads_a_whole_kernel=(
        {"pad": lambda k: (k - 1, k - 1)},
        "Too many zeros for “same”: your answer is larger than the image. Half a kernel on "
        "each side is enough.",
    ),
    pads_one_side=(
        {"pad": lambda k: (0, k - 1)},
        "You put all zeros below and to the right. The size is right, but everything has "
        "moved by half a kernel: half of them belongs above and to the left.",
    ),
    pads_with_copies=(
        {"mode": "edge"},
        "You repeat the outermost pixels in the padding. Here, as in Keras, “same” pads with "
        "zeros.",
    ),
    pads_one_pixel=(
        {"pad": lambda k: (1, 1)},
        "You always pad with one pixel. That fits a kernel of 3 only: take half of *this* "
        "kernel, rows and columns apart.",
    ),
    stride_ignored=(
        {"step": lambda s: 1},
        "The stride is ignored: with 2 the window moves two pixels at each step.",
    ),
    normalised=(
        {"normalise": True},
        "You divided by the sum of the weights. A convolution multiplies and adds; nothing more.",
    ),
)


@convolve.picture
def draw_answer(answer):
    from scipy import ndimage

    from mlmi_course import plots

    images = hard_patches(40)[0].astype(float)
    clearest = np.argmin([ndimage.gaussian_laplace(one, 2.0).min() for one in images])
    patch = images[clearest]  # the one with the clearest grain
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
