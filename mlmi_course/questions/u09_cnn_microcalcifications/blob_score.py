"""One line without training."""

import numpy as np

from mlmi_course.checks import Case, asks
from mlmi_course.questions.u09_cnn_microcalcifications._patches import blobs


@asks(
    points=2,
    tolerance=1e-4,
    see="The ladder: what one line can do",
    hints=(
        "`scipy.ndimage.gaussian_laplace(image, sigma)` takes one patch; or add two calls of "
        "`gaussian_filter` with `order=`, as in the lecture.",
        "Turn the patch into floats first: in uint8 there is no room for negative numbers.",
        "On a bright blob the LoG is negative, so turn its sign; then take the largest value of "
        "each patch.",
    ),
)
def blob_score(images, sigma):
    """One line without training"""
    return blobs(images, sigma)


@blob_score.inputs
def cases(rng):
    from scipy import ndimage

    def some(n, side, bright):
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


def _still_uint8(expected, got):
    return np.asarray(got).dtype.kind == "u"


def _stack_at_once(images, sigma, *, sign):
    """SciPy's LoG of the whole stack, with a blur of 0 from patch to patch."""
    from scipy import ndimage

    grey = np.asarray(images).astype(float)
    return (sign * ndimage.gaussian_laplace(grey, (0, sigma, sigma))).max(axis=(1, 2))


blob_score.variants(
    blobs,
    sign=(
        {"sign": 1.0},
        "The sign of the LoG is turned: your score is high on *dark* spots. A bright blob "
        "bends down, so its LoG is negative.",
    ),
)


@blob_score.mistake
def absolute(images, sigma):
    """You take the largest absolute value, so dark spots count like bright ones. Calcium is
    bright.
    """
    return blobs(images, sigma, take=lambda x, axis: np.abs(x).max(axis=axis))


@blob_score.mistake
def uint8(images, sigma):
    """The LoG was computed in uint8, where −1 becomes 255. Turn the patches into floats first."""
    from scipy import ndimage

    images = np.asarray(images)
    return np.array([(-ndimage.gaussian_laplace(one, sigma)).max() for one in images], float)


@blob_score.mistake(matches=_still_uint8)
def still_uint8(images, sigma):
    """Your scores are uint8 like the patches, and have no room for what is negative or not whole.
    Turn the patches into floats before anything else.
    """
    from scipy import ndimage

    bent = [ndimage.gaussian_laplace(one, sigma) for one in np.asarray(images)]
    return np.array([-one.max() for one in bent])


blob_score.variants(
    blobs,
    mean=(
        {"take": np.mean},
        "You take the mean over the patch. Bright spots and their dark rings cancel: the "
        "*strongest* answer is the score.",
    ),
    smallest=(
        {"take": np.min},
        "You turned the sign and then took the smallest value: two turns are none. Take the "
        "largest of minus LoG.",
    ),
)


@blob_score.mistake
def one_for_all(images, sigma):
    """All patches got the same score, the largest over *all* of them. Take it over rows and
    columns only: axis=(1, 2).
    """
    return np.full(len(images), blobs(images, sigma).max())


blob_score.variants(
    blobs,
    across_patches=(
        {"across": True},
        "The blur ran across patches too: each was mixed with its neighbours in the stack. "
        "Blur rows and columns only.",
    ),
)


blob_score.variants(
    _stack_at_once,
    stack_at_once=(
        {"sign": -1.0},
        "`gaussian_laplace` got the whole stack. A blur of 0 keeps patches apart, but along "
        "that axis it then adds the blurred patch itself in place of a second derivative. "
        "Give it one patch at a time.",
    ),
    stack_at_once_and_sign=(
        {"sign": 1.0},
        "Two things. `gaussian_laplace` got the whole stack, and with a blur of 0 from patch "
        "to patch it adds the blurred patch itself: give it one patch at a time. And the "
        "sign: a bright blob bends down, so its LoG is negative.",
    ),
)


@blob_score.mistake
def divided_by_255(images, sigma):
    """Your scores are 255 times too small: the lecture's `blob_map` divides the grey values by
    255. Here they stay as they are.
    """
    return blobs(np.asarray(images) / 255, sigma)


@blob_score.mistake
def scale_normalised(images, sigma):
    """Your LoG is multiplied by σ², the scale-normalised one. That is right for comparing blobs of
    different sizes; here the plain one is asked for.
    """
    return blobs(images, sigma) * sigma**2


blob_score.variants(
    blobs,
    one_direction=(
        {"orders": ((0, 2, 0),)},
        "Only the bending down the rows is there. Add the one along the columns.",
    ),
    blur_only=(
        {"sign": 1.0, "orders": ((0, 0, 0),)},
        "That is the brightest place after a blur, a Gaussian without its second derivative. "
        "Bright tissue then counts like a grain.",
    ),
)
