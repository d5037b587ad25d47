"""SSIM as the paper defines it."""

import numpy as np
from scipy import ndimage

from mlmi_course.checks import Case, asks


def _ssim(
    x,
    y,
    data_range,
    *,
    window="gauss",
    sigma=1.5,
    corrected=False,
    truncate=3.5,
    constants=(0.01, 0.03),
    squared=True,
    crop=True,
    given=None,
):
    x, y = np.asarray(x, float), np.asarray(y, float)

    def mean(values):
        if window == "box":
            return ndimage.uniform_filter(values, 7)
        if window == "box 11":
            return ndimage.uniform_filter(values, 11)
        return ndimage.gaussian_filter(values, sigma, truncate=truncate)

    size = 49 if window == "box" else 121
    one_less = size / (size - 1) if corrected else 1.0
    mx, my = mean(x), mean(y)
    vx, vy = (one_less * (mean(a * a) - m * m) for a, m in ((x, mx), (y, my)))
    both = one_less * (mean(x * y) - mx * my)
    reach = data_range if given is None else max(np.ptp(x), np.ptp(y))
    c1, c2 = ((c * reach) ** (2 if squared else 1) for c in constants)
    value = (2 * mx * my + c1) * (2 * both + c2) / ((mx**2 + my**2 + c1) * (vx + vy + c2))
    edge = (3 if window == "box" else 5) if crop else 0
    return float(value[edge : len(value) - edge, edge : value.shape[1] - edge].mean())


@asks(
    points=3,
    not_allowed=("skimage.metrics.structural_similarity",),
    see="Two scores, by hand",
    hints=(
        "Only the local mean changes: from a square of equal weights to a Gaussian. And with "
        "weights, "
        "there is no n − 1.",
        "`ndimage.gaussian_filter(values, 1.5, truncate=3.5)` reaches five pixels to each side, "
        "which "
        "is a window of 11.",
        "Variances are mean(x²) − mean(x)², without a factor. Leave five pixels out at each border "
        "before you take the mean of the map.",
    ),
)
def paper_ssim(x, y, data_range):
    """SSIM as the paper defines it"""
    return _ssim(x, y, data_range)


@paper_ssim.inputs
def cases(rng):
    def pair(n, m, low, noise):
        x = low + 40 * ndimage.gaussian_filter(rng.standard_normal((n, m)), 1.5) / 0.18
        return x.round(1), (x * 0.9 + noise * rng.standard_normal((n, m))).round(1)

    yield Case((*pair(24, 20, 200, 25.0), 500.0), "24 × 20 pixels, range 500")
    yield Case((*pair(18, 30, 40, 5.0), 500.0), "dark and smooth, range 500")
    yield Case((*pair(24, 20, 600, 60.0), 4095.0), "a range of twelve bits")
    x, y = pair(20, 20, 200, 10.0)
    yield Case((x, (400 - y).round(1), 500.0), "one is the negative of the other")


paper_ssim.variants(
    _ssim,
    lectures=(
        {"window": "box", "corrected": True},
        "That is the lecture's SSIM, the default of scikit-image: a square of 7 pixels. The "
        "paper has "
        "a Gaussian.",
    ),
    corrected=(
        {"corrected": True},
        "You multiply variances by n / (n − 1). The paper's are weighted means, without it.",
    ),
    square_of_11=(
        {"window": "box 11"},
        "Your window has 11 pixels, but equal weights. Weigh them by a Gaussian of 1.5 pixels.",
    ),
    reaches_too_far=(
        {"truncate": 4.0},
        "Your Gaussian reaches six pixels to each side (scipy's default is `truncate=4`). Five "
        "make the "
        "window of 11.",
    ),
    not_squared=(
        {"squared": False},
        "The constants are squared: C1 = (0.01 R)² and C2 = (0.03 R)².",
    ),
    border_kept=(
        {"crop": False},
        "The map is averaged up to the border, where the window does not fit. Leave five pixels "
        "out.",
    ),
    own_range=(
        {"given": "images"},
        "You take the range of the two images, so every pair has another ruler. Use `data_range`.",
    ),
)
