"""How much of the variation between bodies is in each mode?"""

import numpy as np

from mlmi_course.checks import Case, asks


def _modes(bodies, *, centred=True, minus_mean=True, squared=True, scaled=False, axis="bodies"):
    x = np.asarray(bodies, float)
    if centred:
        x = x - x.mean(axis=1, keepdims=True)
    if scaled:
        x = x / np.sqrt((x**2).sum(axis=(1, 2), keepdims=True))
    flat = x.reshape(len(x), -1)
    if minus_mean:
        flat = flat - flat.mean(axis=0 if axis == "bodies" else 1, keepdims=True)
    s = np.linalg.svd(flat, compute_uv=False)
    s = s**2 if squared else s
    return s / s.sum()


@asks(
    points=3,
    see="Shape as a set of modes",
    hints=(
        "Where a head lay in the scanner is no shape. Which line of the colleague's function takes "
        "it out?",
        "Principal components are about *differences from the mean body*. And a variance is a "
        "square.",
        "Subtract each body's own centroid (`axis=1`), then the mean body (`axis=0`); the shares "
        "are "
        "the squared singular values, divided by their sum.",
    ),
)
def modes(bodies):
    """How much of the variation is in each mode?"""
    return _modes(bodies)


@modes.inputs
def cases(rng):
    def made(n, points):
        mean = rng.normal(0, 3, (points, 3))
        out, bend = rng.normal(0, 1, (2, points, 3))
        a, b = rng.normal(size=(2, n, 1, 1))
        where = rng.normal(0, 8, (n, 1, 3))
        noise = 0.1 * rng.normal(size=(n, points, 3))
        return (
            mean + (1 + 0.1 * b) * mean * 0.2 + 1.5 * a * out + 0.7 * b * bend + where + noise
        ).round(4)

    yield Case((made(7, 12),), "seven bodies of twelve points")
    yield Case((made(5, 3),), "five triangles")


modes.variants(
    _modes,
    unmended=(
        {"centred": False, "minus_mean": False, "squared": False},
        "That is the colleague's function as it was: its first mode is the mean body and where it "
        "lies, and its shares are no variances.",
    ),
    not_centred=(
        {"centred": False},
        "Where each body lies is still in it, and that varies most of all. Subtract each body's "
        "own "
        "centroid first.",
    ),
    mean_kept=(
        {"minus_mean": False},
        "The mean body is still in it, so the first mode is what all have in common. Modes are "
        "about "
        "differences from the mean.",
    ),
    not_squared=(
        {"squared": False},
        "Singular values are like standard deviations. Shares of the *variance* need their "
        "squares.",
    ),
    mean_kept_not_squared=(
        {"minus_mean": False, "squared": False},
        "Two faults are left: the mean body was not subtracted, and singular values were not "
        "squared.",
    ),
    not_centred_not_squared=(
        {"centred": False, "squared": False},
        "Two faults are left: bodies keep their place, and singular values were not squared.",
    ),
    not_centred_mean_kept=(
        {"centred": False, "minus_mean": False},
        "Two faults are left: bodies keep their place, and the mean body was not subtracted.",
    ),
    scaled=(
        {"scaled": True},
        "You also made all bodies equally large. A shrunken hippocampus is a finding, so its size "
        "stays in.",
    ),
)
