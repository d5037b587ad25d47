"""Limits of agreement where the difference grows with the size."""

import numpy as np

from mlmi_course.checks import Case, asks


def _limits(a, b, *, log=True, ddof=1, turned=False, times=1.96, percent=True, error=False):
    a, b = np.asarray(a, float), np.asarray(b, float)
    a, b = (b, a) if turned else (a, b)
    difference = np.log(a) - np.log(b) if log else a - b
    spread = difference.std(ddof=ddof) / (np.sqrt(len(a)) if error else 1)
    ends = difference.mean() + times * spread * np.array([0, -1, 1])
    ends = 100 * (np.exp(ends) - 1) if log and percent else ends
    return {name: float(end) for name, end in zip(("bias", "lower", "upper"), ends, strict=True)}


@asks(
    points=3,
    tolerance=1e-3,
    see="How many millimetres?",
    hints=(
        "What is constant here is not the difference but the *ratio* of the two. The logarithm of "
        "a ratio is a difference of logarithms.",
        "Take mean and standard deviation (`ddof=1`) of `np.log(a) - np.log(b)`, and the limits "
        "1.96 of them away.",
        "Back from a logarithm: `100 * (np.exp(value) - 1)` is how many per cent a lies above b.",
    ),
)
def limits(a, b):
    """Limits that grow with the tumour"""
    return _limits(a, b)


@limits.inputs
def cases(rng):
    size = np.exp(rng.normal(np.log(30), 0.5, 40))
    factor = rng.uniform(1.08, 1.25)
    a = np.round(factor * size * np.exp(rng.normal(0, 0.06, 40)), 2)
    b = np.round(size * np.exp(rng.normal(0, 0.06, 40)), 2)
    yield Case((a, b), "40 tumours of 8 to 100 mm; a reads more")
    yield Case((b[:8], a[:8]), "eight tumours; a reads less")
    yield Case((b * 2, b), "a is always the double of b")


limits.variants(
    _limits,
    unmended=(
        {"log": False, "error": True},
        "That is the colleague's function as it was. Look at his plot: what is it that stays the "
        "same from small to large tumours? And 95 % of *what* should lie between the limits?",
    ),
    raw_differences=(
        {"log": False},
        "Those are limits in millimetres. The difference grows with the tumour, so they are too "
        "wide for small ones and too narrow for large ones. Work with the ratio.",
    ),
    standard_error=(
        {"error": True},
        "You divide by the square root of the number of patients. That is the interval of the "
        "*bias*. The limits shall hold 95 % of the patients.",
    ),
    turned_round=(
        {"turned": True},
        "Your ratio is turned round: positive is where *a* reads more.",
    ),
    still_logarithms=(
        {"percent": False},
        "Those are logarithms. A doctor wants per cent: `100 * (np.exp(value) - 1)`.",
    ),
    population_sd=(
        {"ddof": 0},
        "The standard deviation of a sample divides by n − 1: `ddof=1`.",
    ),
    two_sds=({"times": 2.0}, "The limits lie 1.96 standard deviations from the bias, not 2."),
)


@limits.mistake
def logs_taken_as_percent(a, b):
    """A logarithm times 100 is nearly a percentage only where it is small. Use `np.exp`."""
    found = _limits(a, b, percent=False)
    return {name: 100 * value for name, value in found.items()}


@limits.mistake
def ratios_without_logarithm(a, b):
    """You take mean and standard deviation of the ratio itself. A ratio of 2 and one of 1/2 are
    equally far from 1, and only their logarithms say so.
    """
    ratio = np.asarray(a) / np.asarray(b)
    ends = ratio.mean() + 1.96 * ratio.std(ddof=1) * np.array([0, -1, 1])
    return dict(zip(("bias", "lower", "upper"), (100 * (ends - 1)).tolist(), strict=True))


@limits.mistake
def percent_of_the_mean(a, b):
    """You divide the difference by the mean of both. That is a common choice, but the question asks
    for the ratio of a to b: work with logarithms.
    """
    a, b = np.asarray(a), np.asarray(b)
    share = 200 * (a - b) / (a + b)
    ends = share.mean() + 1.96 * share.std(ddof=1) * np.array([0, -1, 1])
    return dict(zip(("bias", "lower", "upper"), ends.tolist(), strict=True))


@limits.picture
def draw_answer(answer):
    from mlmi_course import plots
    from mlmi_course.checks.calling import call

    rng = np.random.default_rng(3)
    size = np.exp(rng.normal(np.log(30), 0.5, 200))
    a, b = 1.15 * size * np.exp(rng.normal(0, 0.06, 200)), size * np.exp(rng.normal(0, 0.06, 200))
    found = call(answer, (a, b))
    grid = np.linspace(8, 110, 50)

    def draw(ax):
        ax.scatter((a + b) / 2, a - b, s=8, color=plots.COLOURS["neutral"])
        for name, style in (("bias", "-"), ("lower", "--"), ("upper", "--")):
            share = float(found[name]) / 100
            ax.plot(grid, grid * 2 * share / (2 + share), style, color=plots.COLOURS["prediction"])
        ax.set(xlabel="mean of both (mm)", ylabel="a − b (mm)", ylim=(-10, 35))

    return plots.grid(
        [draw],
        columns=1,
        size=(5.4, 3.6),
        alt="Differences that grow with the size, and your limits, which open like a fan.",
    )
