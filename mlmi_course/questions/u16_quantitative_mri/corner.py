"""The corner of an L-curve."""

import numpy as np

from mlmi_course.checks import Case, asks


def _corner(rest, size, *, logs=True, how="curvature", sign=1, margin=2, power=1.5):
    x, y = np.asarray(rest, float), np.asarray(size, float)
    if logs:
        x, y = np.log10(x), np.log10(y)
    if how == "product":
        return int(np.argmin(np.asarray(rest, float) * np.asarray(size, float)))
    if how == "nearest origin":
        u, v = (x - x.min()) / np.ptp(x), (y - y.min()) / np.ptp(y)
        return int(np.argmin(u**2 + v**2))
    dx, dy = np.gradient(x), np.gradient(y)
    if how == "differences":
        ddx, ddy = (np.pad(np.diff(v, 2), 1) for v in (x, y))
    else:
        ddx, ddy = np.gradient(dx), np.gradient(dy)
    bend = (dx * ddy - dy * ddx) / (dx**2 + dy**2) ** power
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
    def curve(n):
        p = 10 ** -np.sort(rng.uniform(0, rng.uniform(4, 6), 400))  # a blur
        truth = rng.normal(0, 1, 400) * p ** rng.uniform(0.2, 0.5)
        data = p * truth + 10 ** rng.uniform(-3.5, -2.5) * rng.normal(size=400)
        weights = np.geomspace(10 ** rng.uniform(-14, -12), 1e3, n)[:, None]
        found = p * data / (p**2 + weights)
        return np.linalg.norm(p * found - data, axis=1), np.linalg.norm(found, axis=1)

    def walked(turns, lengths):
        """A curve of steps, by the turn before each and its length."""
        heading = np.deg2rad(np.cumsum(turns))
        path = np.r_[
            0, np.cumsum(lengths * rng.uniform(0.95, 1.05, len(turns)) * np.exp(1j * heading))
        ]
        return 10 ** (path.real - 3), 10 ** (path.imag + 4)

    down = -rng.uniform(78, 84)
    both = np.r_[down, np.zeros(4), rng.uniform(11, 16, 5), np.zeros(4), -55, np.zeros(5)]
    early, late = rng.uniform(20, 26), rng.uniform(36, 42)
    two = np.r_[down, np.zeros(5), early, np.zeros(5), late, np.zeros(5)]
    long = np.r_[np.full(9, 0.12), np.full(9, 0.8)]
    ends = np.r_[down - 100, 100, np.zeros(4), rng.uniform(11, 16, 5), np.zeros(6), 100]
    short = np.r_[0.1, 0.1, np.full(len(ends) - 4, 0.3), 0.1, 0.1]

    yield Case(curve(33), "33 weights")
    for n in (17, 21, 19, 23):
        yield Case(curve(n), f"{n} weights")
    yield Case(walked(ends, short), "a curve with rough ends")
    yield Case(walked(both, np.full(len(both), 0.3)), "a curve that bends to both sides")
    yield Case(walked(two, long), "short steps, then long ones")


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
    either_bend=(
        {"sign": 0},
        "You look for the largest bend to *either* side. The corner of an L turns left: keep "
        "the sign.",
    ),
    ends_too=(
        {"margin": 0},
        "You look too near to the ends. Derivatives are rough at the ends: leave out the first two "
        "and the last two.",
    ),
    other_exponent=(
        {"power": 1.0},
        "The exponent below the fraction is 3/2. With 1 the bend depends on how far apart the "
        "points are.",
    ),
    differences=(
        {"how": "differences"},
        "Your second derivative is a plain second difference; `np.gradient`, used twice, is "
        "asked for.",
    ),
    unscaled_bend=(
        {"power": 0.0},
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
