"""A straight line through logarithms that weighs its points as they deserve."""

import numpy as np

from mlmi_course.checks import Case, asks


def _weighted(b, signals, *, power=2.0, unit=1000.0, drop=True):
    """Minimise Σ S^power (ln S − line)²."""
    b, s = np.asarray(b, float), np.asarray(signals, float)
    out = []
    for row in s:
        good = row > 0
        y = np.log(np.where(good, row, 1e-6))
        w = np.where(good, np.where(good, row, 1.0) ** power, 0.0 if drop else 1.0)
        mean_b, mean_y = (w * b).sum() / w.sum(), (w * y).sum() / w.sum()
        slope = (w * (b - mean_b) * (y - mean_y)).sum() / (w * (b - mean_b) ** 2).sum()
        out.append(-unit * slope)
    return np.array(out)


@asks(
    points=3,
    see="T2 by a straight line",
    hints=(
        "Read the row on weights of a fit: one library multiplies the *residuals* by the weight, "
        "the other their *squares*.",
        "The sum to be minimised is Σ S² (ln S − line)². So `np.polyfit` wants `w=S`, and "
        "`LinearRegression().fit` wants `sample_weight=S**2`.",
        "`np.polyfit` takes one weight per point, so go through the pixels in a loop, with the "
        "points above zero only. The slope is per s/mm²: the ADC is −1000 times it.",
    ),
)
def weighted_adc(b, signals):
    """Weigh the points of a line"""
    return _weighted(b, signals)


@weighted_adc.inputs
def cases(rng):
    def drawn(pixels, b, sigma, zero=False):
        adc = rng.uniform(0.5, 2.2, (pixels, 1))
        clean = rng.uniform(200, 900, (pixels, 1)) * np.exp(-adc * b / 1000)
        s = np.hypot(
            clean + rng.normal(0, sigma, clean.shape), rng.normal(0, sigma, clean.shape)
        ).round(1)
        if zero:
            s[1, -1] = 0.0
        return b, s

    yield Case(drawn(6, np.array([0, 300, 600, 1000, 1500, 2000.0]), 25), "six pixels")
    yield Case(drawn(4, np.array([0, 500, 1000, 2500.0]), 40), "noisy pixels")
    yield Case(drawn(3, np.array([0, 400, 800, 1200.0]), 15, zero=True), "a signal of zero")


weighted_adc.variants(
    _weighted,
    all_alike=(
        {"power": 0},
        "Your points all count alike. Where S is small its logarithm is noisy, and should count "
        "less.",
    ),
    squared_twice=(
        {"power": 4.0},
        "The weight was squared twice: `np.polyfit` squares what you give it, because it "
        "multiplies residuals. Give it S, not S².",
    ),
    once=(
        {"power": 1.0},
        "Your squares are weighed by S. `sample_weight` (and WLS) multiply *squared* residuals, so "
        "there the weight is S².",
    ),
    upside_down=(
        {"power": -2.0},
        "Your weight is larger where the signal is *smaller*: the noisiest points decide.",
    ),
    other_unit=(
        {"unit": 1.0},
        "The slope is right. In µm²/ms (10⁻³ mm²/s) it is a thousand times that.",
    ),
    zero_as_tiny=(
        {"drop": False, "power": 0.0001},
        "A signal of zero has no logarithm. Leave it out: do not put a tiny number in its place.",
    ),
)
