"""Small patches of white matter, half of them with a lesion of two by two pixels."""

import numpy as np

SIZE = 24
SIGMA = 27.5  # of the noise in either channel: 5 % of the tissue's grey
RANGE = 1000
_CONTRAST = 2.3 * SIGMA
_REACH = 4  # the window of the observer is 2 + 2 · 4 pixels wide


def draw_patches(rng, n):
    """Draw patches as the lecture's cuts: white matter, a bend of cortex, fluid behind it.

    Returns
    -------
    dict of ndarray
        ``noisy`` and ``clean``, shape (n, 24, 24); ``lesion``, 0 or 1; ``row`` and ``column`` of
        the lesion's first pixel, or of where it would be.
    """
    rows, columns = np.indices((SIZE, SIZE))
    angle, radius = rng.uniform(0, 2 * np.pi, n), rng.uniform(10, 14, n)
    bend, brightness = rng.uniform(8, 30, n), rng.uniform(500, 540, n)
    y, x = (index - (SIZE - 1) / 2 for index in (rows, columns))
    along = np.cos(angle)[:, None, None] * y + np.sin(angle)[:, None, None] * x
    across = np.cos(angle)[:, None, None] * x - np.sin(angle)[:, None, None] * y
    depth = along + across**2 / bend[:, None, None] / 8 - radius[:, None, None]  # > 0: cortex
    clean = brightness[:, None, None] + 80 / (1 + np.exp(-2 * (depth + 3)))
    clean -= 350 / (1 + np.exp(-3 * (depth - 1)))
    row, column = rng.integers(8, 14, n), rng.integers(8, 14, n)
    lesion = (rng.permutation(n) % 2).astype(int)
    for down in (0, 1):
        for right in (0, 1):
            clean[np.arange(n), row + down, column + right] += _CONTRAST * lesion
    noise = rng.normal(0, SIGMA, (2, *clean.shape))
    noisy = np.hypot(clean + noise[0], noise[1])
    return {"noisy": noisy, "clean": clean, "lesion": lesion, "row": row, "column": column}


def psnr_gain(filtered, clean, noisy):
    """Return by how many dB the mean squared error has fallen."""
    return float(10 * np.log10(np.mean((noisy - clean) ** 2) / np.mean((filtered - clean) ** 2)))


def observer_auc(filtered, lesion, row, column):
    """Return the AUC of the brightest pixel of a window, minus its median."""
    width = 2 + 2 * _REACH
    windows = np.lib.stride_tricks.sliding_window_view(filtered, (width, width), axis=(1, 2))
    seen = windows[np.arange(len(filtered)), row - _REACH, column - _REACH].reshape(len(row), -1)
    score = seen.max(axis=1) - np.median(seen, axis=1)
    with_lesion, without = score[lesion == 1], np.sort(score[lesion == 0])
    below = np.searchsorted(without, with_lesion, "left")
    up_to = np.searchsorted(without, with_lesion, "right")
    return float((below + up_to).mean() / 2 / len(without))


def practice():
    """600 patches to try filters on; the check draws others.

    Returns
    -------
    dict of ndarray
        ``noisy`` and ``clean``, shape (600, 24, 24); ``lesion``, 1 where a patch has one;
        ``row`` and ``column`` of the lesion's first pixel, or of where it would be.
    """
    return draw_patches(np.random.default_rng(303), 600)
