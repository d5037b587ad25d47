"""The frequency that one sees on a grid."""

import numpy as np

from mlmi_course.checks import Case, asks


def _seen(frequencies, spacing, *, rule="fold"):
    f, rate = np.asarray(frequencies, dtype=float), 1 / spacing
    return {
        "fold": lambda: np.abs(f - rate * np.round(f / rate)),
        "once": lambda: np.where(f > rate / 2, np.abs(rate - f), f),
        "mod": lambda: f % rate,
        "clip": lambda: np.minimum(f, rate / 2),
        "gone": lambda: np.where(f > rate / 2, 0.0, f),
        "half": lambda: np.abs(f - rate / 2 * np.round(f / (rate / 2))),
        "spacing": lambda: np.abs(f - spacing * np.round(f / spacing)),
        "signed": lambda: f - rate * np.round(f / rate),
    }[rule]()


@asks(
    points=2,
    see="Onto a common grid",
    hints=(
        "A grid of spacing d takes 1/d samples per mm. What do two waves look like at its points "
        "if their frequencies differ by exactly 1/d?",
        "They look the same. So go to the multiple of 1/d that is nearest to the frequency; the "
        "distance from it, without its sign, is what one sees.",
        "`rate = 1 / spacing`, then `np.abs(f - rate * np.round(f / rate))`.",
    ),
)
def apparent(frequencies, spacing):
    """The frequency that one sees"""
    return _seen(frequencies, spacing)


@apparent.inputs
def cases(rng):
    rate = 1 / 2.0
    yield Case((np.array([0.05, 0.2, 0.4]).round(3), 2.0), "a grid of 2 mm")
    share = np.array([0.1, 0.3, 0.7, 0.9, 1.2, 1.7, 2.3]) + rng.uniform(-0.04, 0.04, 7)
    spacing = float(rng.choice([0.4, 0.8, 1.25, 3.0]))
    yield Case(((share / spacing).round(4), spacing), "frequencies beyond the sampling rate")
    yield Case((np.array([0.0, rate, 2 * rate]), 2.0), "multiples of the sampling rate")


apparent.variants(
    _seen,
    folded_once=(
        {"rule": "once"},
        "Right up to the sampling rate 1/d. Beyond it the frequency comes back again: go to the "
        "*nearest* multiple of 1/d.",
    ),
    remainder=(
        {"rule": "mod"},
        "A remainder is the distance from the multiple *below*. Just below 1/d a wave looks slow, "
        "not fast: take the nearest multiple.",
    ),
    cut_off=(
        {"rule": "clip"},
        "A grid does not hold a wave at the highest frequency that it can show. What is finer "
        "comes back as something *coarser*.",
    ),
    lost=(
        {"rule": "gone"},
        "What is too fine for the grid does not vanish; that would need smoothing first. It comes "
        "back as something coarser.",
    ),
    half_the_rate=(
        {"rule": "half"},
        "You fold at multiples of 1/(2d). Up to 1/(2d) the grid is right; two waves look alike if "
        "they differ by 1/d.",
    ),
    spacing_for_rate=(
        {"rule": "spacing"},
        "You used the spacing where its inverse belongs: a grid of 2 mm takes 0.5 samples per mm.",
    ),
    with_a_sign=(
        {"rule": "signed"},
        "Those are the right sizes, but a frequency that one sees has no sign.",
    ),
)


@apparent.picture
def draw_answer(answer):
    from mlmi_course import plots
    from mlmi_course.checks.calling import call

    frequencies = np.linspace(0, 1.2, 200)
    return plots.lines(
        {
            "your answer": np.asarray(call(answer, (frequencies, 2.0))),
            "true frequency": frequencies,
        },
        x=frequencies,
        xlabel="true, cycles per mm",
        ylabel="seen on a grid of 2 mm",
        title="What a grid makes of a wave",
        alt="The frequency that your function says is seen, against the true one, beside the "
        "diagonal.",
    )
