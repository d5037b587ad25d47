"""Diffusion with two pools: slow water in tissue, quick blood in capillaries."""

import numpy as np

from mlmi_course.checks import Case, asks


def _two_pools(b, signal, *, from_b=200.0, strict=False, divide=True, subtract=True, all_b=False,
               swap=False, unit=1000.0, guard=0.01, zero_by=np.mean,
               negative="left out"):  # fmt: skip
    b, s = np.asarray(b, float), np.asarray(signal, float)
    high = (b > from_b) if strict else (b >= from_b)
    if all_b:
        high = np.ones(len(b), bool)
    slope, above = np.polyfit(b[high], np.log(s[high]), 1)
    zero = zero_by(s[b == 0])
    f = 1 - np.exp(above) / (zero if divide else 1.0)
    low = b < from_b
    rest = s - np.exp(above + slope * b) if subtract else s
    if negative == "turned":
        rest = np.abs(rest)
    elif negative == "lifted":
        rest = np.maximum(rest, 1e-3)
    use = low & (rest > 0)
    quick = np.nan
    if f > guard and len(np.unique(b[use])) >= 2:
        quick = -unit * np.polyfit(b[use], np.log(rest[use]), 1)[0]
    return {"f": float(1 - f if swap else f), "D": float(-unit * slope), "D*": float(quick)}


@asks(
    points=4,
    see="Diffusion, and her number",
    hints=(
        "At b ≥ 200 the quick pool is gone. A straight line through the logarithms there gives the "
        "slow pool: its slope is −D, and its height at b = 0 is ln((1 − f) S(0)).",
        "f = 1 − exp(height) / S(0). Then take the slow pool's signal from the measured one at "
        "all b "
        "below 200; what is left belongs to the quick pool.",
        "A straight line through the logarithm of what is left (where it is positive) has the "
        "slope "
        "−D*. In µm²/ms: times 1000.",
    ),
)
def two_pools(b, signal):
    """Fit two pools of water"""
    return _two_pools(b, signal)


@two_pools.inputs
def cases(rng):
    b = np.array([0, 10, 20, 40, 80, 120, 200, 400, 600, 800.0])

    def drawn(b, noise, f=None):
        f = rng.uniform(0.12, 0.35) if f is None else f
        d, quick = rng.uniform(0.7, 1.5), rng.uniform(12, 40)
        clean = f * np.exp(-b * quick / 1000) + (1 - f) * np.exp(-b * d / 1000)
        return b, (rng.uniform(300, 900) * clean * (1 + noise * rng.normal(size=len(b)))).round(2)

    yield Case(drawn(b, 0.0), "without noise")
    yield Case(drawn(b, 0.01), "with a little noise")
    thrice = np.array([0, 0, 0, 15, 30, 60, 100, 150, 200, 300, 500, 700, 900.0])
    several = drawn(thrice, 0.005)[1]
    several[:3] *= (1.0, 1.05, 1.02)
    yield Case((thrice, several.round(2)), "three images at b = 0")
    below = drawn(b, 0.0)[1]
    below[5] *= 0.9
    yield Case((b, below.round(2)), "a point that lies below the slow pool's line")
    yield Case(drawn(b, 0.0, f=0.02), "a little quick water")
    yield Case(drawn(b, 0.0, f=0.005), "hardly any quick water")


two_pools.tolerance = 2e-4  # single precision is enough

two_pools.variants(
    _two_pools,
    one_line=(
        {"all_b": True},
        "Your line goes through all points, also through those where the quick pool is still "
        "there. "
        "Take b of 200 and more.",
    ),
    two_hundred_left_out=(
        {"strict": True},
        "The point at b = 200 belongs to the slow pool's line too: 200 *and more*.",
    ),
    not_divided=(
        {"divide": False},
        "Your f depends on the scanner's gain: divide by the signal at b = 0.",
    ),
    other_share=(
        {"swap": True},
        "That is the share of the slow pool. f is the share of the quick one.",
    ),
    not_subtracted=(
        {"subtract": False},
        "D and f are right. For D* the slow pool has to be taken away first; what you fit is "
        "the sum "
        "of both.",
    ),
    by_median=(
        {"zero_by": np.median},
        "You take the median of the images at b = 0; the mean is asked for.",
    ),
    turned_positive=(
        {"negative": "turned"},
        "Where what is left is negative, you turn it positive. Noise has put that point below "
        "the slow "
        "pool's line: leave it out.",
    ),
    lifted=(
        {"negative": "lifted"},
        "Where what is left is negative, you put a tiny number. Its logarithm pulls the line "
        "down: leave "
        "the point out.",
    ),
    strict_guard=(
        {"guard": 0.05},
        "Your D* is nan where f is small but above 0.01.",
    ),
    per_second=(
        {"unit": 1.0},
        "The slopes are right; in µm²/ms they are a thousand times that.",
    ),
    from_nothing=(
        {"guard": -1.0},
        "Where f is 0.01 or less there is nothing to fit D* to: give nan.",
    ),
)


@two_pools.picture
def draw_answer(answer):
    from mlmi_course import plots
    from mlmi_course.checks.calling import call

    b = np.array([0, 10, 20, 40, 80, 120, 200, 400, 600, 800.0])
    s = 0.25 * np.exp(-b * 20 / 1000) + 0.75 * np.exp(-b * 1.1 / 1000)
    got = call(answer, (b, s))
    at = np.linspace(0, 800, 200)
    slow = (1 - got["f"]) * np.exp(-at * got["D"] / 1000)
    return plots.lines(
        {
            "measured": (b, np.log(s)),
            "your slow pool": (at, np.log(np.maximum(slow, 1e-6))),
            "both pools": (
                at,
                np.log(np.maximum(slow + got["f"] * np.exp(-at * got["D*"] / 1000), 1e-6)),
            ),
        },
        xlabel="b (s/mm²)",
        ylabel="ln signal",
        alt="Logarithm of a signal of two pools, the slow pool of your fit, and both pools.",
    )
