"""The corner of an L-curve."""

import numpy as np

from mlmi_course.checks import Case, asks


def _corner(rest, size, *, logs=True, how="curvature", sign=1, margin=2):
    x, y = np.asarray(rest, float), np.asarray(size, float)
    if logs:
        x, y = np.log10(x), np.log10(y)
    if how == "product":
        return int(np.argmin(np.asarray(rest, float) * np.asarray(size, float)))
    if how == "nearest origin":
        u, v = (x - x.min()) / np.ptp(x), (y - y.min()) / np.ptp(y)
        return int(np.argmin(u**2 + v**2))
    dx, dy = np.gradient(x), np.gradient(y)
    ddx, ddy = np.gradient(dx), np.gradient(dy)
    bend = (dx * ddy - dy * ddx) / (dx**2 + dy**2) ** (1.5 if how == "curvature" else 0)
    bend = np.abs(bend) if sign == 0 else sign * bend
    inner = bend[margin : len(bend) - margin]
    return int(np.argmax(inner) + margin)


@asks(
    points=3,
    see="How much weight?",
    hints=(
        "Take the logarithms of both first. Then `np.gradient` gives the first derivatives "
        "along the "
        "curve, and `np.gradient` of those the second.",
        "The bend is (x' y'' − y' x'') / (x'² + y'²)^1.5. Its *sign* matters: an L bends to "
        "one side "
        "at its corner, and may bend to the other elsewhere.",
        "Derivatives at the ends are rough, so look between the third and the third last "
        "point, and "
        "add 2 to the place that you find.",
    ),
)
def corner(rest, size):
    """The corner of an L-curve"""
    return _corner(rest, size)


@corner.inputs
def cases(rng):
    def curve(n=41):
        p = 10 ** -np.sort(rng.uniform(0, rng.uniform(4, 6), 400))  # a blur
        truth = rng.normal(0, 1, 400) * p ** rng.uniform(0.2, 0.5)
        data = p * truth + 10 ** rng.uniform(-3.5, -2.5) * rng.normal(size=400)
        weights = np.geomspace(1e-13, 1e3, n)[:, None]
        found = p * data / (p**2 + weights)
        return np.linalg.norm(p * found - data, axis=1), np.linalg.norm(found, axis=1)

    for about in ("41 weights", "another field", "a third"):
        yield Case(curve(), about)
    yield Case(curve(29), "29 weights")


corner.variants(
    _corner,
    no_logarithms=(
        {"logs": False},
        "You bend the curve on linear axes, where one arm hides the other. Take logarithms first.",
    ),
    other_bend=(
        {"sign": -1},
        "That is where the curve bends the *other* way. At the corner of an L it turns left, "
        "as the "
        "weight grows.",
    ),
    unscaled_bend=(
        {"how": "unscaled"},
        "Without the denominator the bend is large where points are far apart, and not where "
        "the curve "
        "is bent.",
    ),
    smallest_product=(
        {"how": "product"},
        "The smallest product of the two is another rule, and not the point of the largest bend.",
    ),
    nearest_origin=(
        {"how": "nearest origin"},
        "The point nearest to the lower left depends on where the curve happens to end. Take "
        "the bend.",
    ),
)
