"""The small image of a fast scan."""

import numpy as np
from scipy import ndimage

from mlmi_course.checks import Case, asks


def _fast(
    image,
    rows,
    columns,
    *,
    shifted=True,
    scaled=True,
    centre="floor",
    part="abs",
    fill=False,
    swap=False,
):
    image = np.asarray(image, float)
    if swap:
        rows, columns = columns, rows
    k = np.fft.fft2(image)
    if shifted:
        k = np.fft.fftshift(k)
    n, m = image.shape
    begin = {"floor": (n // 2 - rows // 2, m // 2 - columns // 2),
             "ceil": ((n - rows + 1) // 2, (m - columns + 1) // 2),
             "naive": ((n - rows) // 2, (m - columns) // 2),
             "corner": (0, 0)}[centre]  # fmt: skip
    top, left = (max(b, 0) for b in begin)
    k = k[top : top + rows, left : left + columns]
    if fill:
        full = np.zeros(image.shape, complex)
        full[top : top + rows, left : left + columns] = k
        k = full
    small = np.fft.ifft2(np.fft.ifftshift(k) if shifted else k)
    if scaled and not fill:
        small = small * (k.size / image.size)
    return {"abs": np.abs, "real": np.real}[part](small)


def _blocks(image, rows, columns):
    """Average blocks where they fit, else take the nearest pixels."""
    image = np.asarray(image, float)
    n, m = image.shape
    if n % rows == 0 and m % columns == 0:
        return image.reshape(rows, n // rows, columns, m // columns).mean(axis=(1, 3))
    return image[np.ix_(np.arange(rows) * n // rows, np.arange(columns) * m // columns)]


@asks(
    points=3,
    tolerance=1e-5,
    see="What a faster scan loses",
    hints=(
        "`np.fft.fftshift(np.fft.fft2(image))` puts the lowest frequency at index (n // 2, m // "
        "2). "
        "Where must it lie in the small k-space?",
        "It must lie at (rows // 2, columns // 2) there, so begin to cut at n // 2 − rows // 2. "
        "Then "
        "`np.fft.ifft2(np.fft.ifftshift(…))` of the small one.",
        "`ifft2` divides by the number of *its* pixels, and `fft2` added up those of the large "
        "image. "
        "Multiply by rows · columns / image.size, and take the absolute value.",
    ),
)
def fast_scan(image, rows, columns):
    """The small image of a fast scan"""
    return _fast(image, rows, columns)


@fast_scan.inputs
def cases(rng):
    def tissue(n, m):
        return np.abs(100 + 30 * rng.standard_normal((n, m))).round(2)

    yield Case((tissue(12, 16), 6, 8), "half of either side")
    yield Case((tissue(13, 15), 6, 9), "odd sides")
    yield Case((tissue(12, 15), 12, 4), "all rows are measured, few columns")
    sharp = np.zeros((16, 12))
    sharp[3:9, 4:7] = 100.0
    sharp[4, 9] = 40.0
    sharp += np.round(0.5 * np.abs(rng.standard_normal(sharp.shape)), 2)
    yield Case((sharp, 8, 7), "an edge that rings below zero")


fast_scan.variants(
    _fast,
    not_shifted=(
        {"shifted": False, "centre": "corner"},
        "You cut a corner of an unshifted k-space: that is the lowest frequency and the positive "
        "ones "
        "beside it only. `fftshift` first.",
    ),
    not_scaled=(
        {"scaled": False},
        "The picture is right, but its grey levels are too high: a small `ifft2` divides by fewer "
        "pixels than the large `fft2` added up.",
    ),
    off_by_one=(
        {"centre": "naive"},
        "For some sizes your window is one sample off, so that the lowest frequency does not "
        "come to "
        "lie in the middle. Begin at n // 2 − rows // 2.",
    ),
    real_part=(
        {"part": "real"},
        "You return the real part, which may be negative beside an edge. A scanner shows the "
        "magnitude.",
    ),
    zero_filled=(
        {"fill": True},
        "That is the zero-filled image of the old size. Asked for is the small one.",
    ),
)


@fast_scan.mistake
def unmended(image, rows, columns):
    """That is the vendor's function as it was: it interpolates in the image, corner to corner, and
    never sees k-space.
    """
    image = np.asarray(image, float)
    return ndimage.zoom(image, (rows / image.shape[0], columns / image.shape[1]), order=1)


@fast_scan.mistake
def blocks_averaged(image, rows, columns):
    """You average pixels, or pick some. That is no scanner: cut the middle out of k-space."""
    return _blocks(image, rows, columns)
