"""Five changes of a measurement: where does the number go, and why?"""

from functools import cache

import numpy as np

from mlmi_course.checks import asks_value

_WHY = {"A": "a", "B": "b", "C": "a", "D": "c", "E": "d"}
_ECHOES = np.arange(20, 321, 20.0)


def _magnitude(signal, sigma, rng, pixels=400):
    real, imaginary = rng.normal(0, sigma, (2, pixels, len(signal)))
    return np.hypot(signal + real, imaginary)


def _t2(echoes):
    """Median T2 of straight lines through the logarithms, true T2 80 ms, SNR 15."""
    rng = np.random.default_rng(1)
    signals = _magnitude(np.exp(-echoes / 80), 1 / 15, rng)
    return float(np.median(-1 / np.polyfit(echoes, np.log(signals).T, 1)[0]))


def _t1(gain):
    """Median T1 of the best magnitude curve, signal and noise times a gain."""
    rng = np.random.default_rng(2)
    ti = np.array([50, 200, 400, 700, 1100, 1600, 2400, 3500, 5000.0])
    t1 = np.geomspace(500, 3000, 400)
    curves = np.abs(1 - 2 * np.exp(-ti / t1[:, None]))
    signals = gain * _magnitude(1 - 2 * np.exp(-ti / 1331), 1 / 30, rng)
    unit = curves / np.linalg.norm(curves, axis=1, keepdims=True)
    return float(np.median(t1[(signals @ unit.T).argmax(axis=1)]))


def _adc(snr):
    """Mean ADC of straight lines through the logarithms, true ADC 1.2."""
    rng = np.random.default_rng(3)
    b = np.array([0, 1000, 2000.0])
    signals = _magnitude(np.exp(-1.2 * b / 1000), 1 / snr, rng)
    return float((-1000 * np.polyfit(b, np.log(signals).T, 1)[0]).mean())


def _ktrans(late=0.0, read=1.0):
    """Ktrans of the best fit; the AIF that the fit uses is `late` seconds late, and times "
    "`read`."""
    t = np.arange(0, 300, 1.0)

    def plasma(at):
        m = np.maximum(at - 30, 0) / 60
        return 60 * m * np.exp(-m / 0.12) + np.where(m > 0, 1 - np.exp(-m / 0.1), 0) * np.exp(
            -0.2 * m
        )

    def leak(aif, kep):
        return np.convolve(aif, np.exp(-kep * t / 60))[: len(t)] / 60

    tissue = 0.15 * leak(plasma(t), 0.5)
    curves = np.array([leak(read * plasma(t - late), kep) for kep in np.geomspace(0.02, 4, 150)])
    length = (curves**2).sum(axis=1)
    amount = curves @ tissue / length
    return float(amount[(amount**2 * length).argmax()])


@cache
def _change(case):
    """How many times the number is what it was."""
    return {
        "A": lambda: _t2(_ECHOES[:8]) / _t2(_ECHOES),
        "B": lambda: _t1(2.0) / _t1(1.0),
        "C": lambda: _adc(64.0) / _adc(8.0),
        "D": lambda: _ktrans(late=8.0) / _ktrans(),
        "E": lambda: _ktrans(read=0.5) / _ktrans(),
    }[case]()


def _direction(case):
    change = _change(case) - 1
    return "same" if abs(change) < 0.03 else "up" if change > 0 else "down"


@asks_value(
    points=3,
    see="T2 by a straight line",
    hints=(
        "Write the signal down as the lecture does, and ask which of its points are changed: "
        "those that are signal, or those that are noise?",
        "The floor makes late points too high, so a decay looks too slow: T2 too long, ADC too "
        "small. Whatever takes weight from the floor takes some of that away.",
        "In D the fit's blood arrives *after* the tissue has begun to fill. In E the tissue is as "
        "it was, and what flows in seems to be half as much.",
    ),
)
def what_happens():
    """Where does the number go, and why?"""
    return {case: f"{_direction(case)} {why}" for case, why in _WHY.items()}


def _with(**other):
    return lambda: what_happens.right() | other


for _name, _case, _given, _says in (
    (
        "more_echoes_are_better",
        "A",
        "same e",
        "In A there are fewer echoes, but which are missing? The last eight lie on the floor, "
        "and a straight line through logarithms takes them as seriously as the first.",
    ),
    (
        "late_echoes_carry_t2",
        "A",
        "up a",
        "In A it is about the floor, as you say. Does the floor make a decay look slower or "
        "faster? And what is left when it goes?",
    ),
    (
        "fewer_points",
        "A",
        "down e",
        "In A the direction is right. But noise alone moves a number to either side. Why does "
        "this one move to one side?",
    ),
    (
        "gain_is_signal",
        "B",
        "up b",
        "In B one factor multiplies all points, as you say. Does the T1 of a curve change when "
        "the curve is multiplied?",
    ),
    (
        "gain_is_noise",
        "B",
        "same f",
        "In B the direction is right, but nothing is averaged: signal and noise have both grown "
        "twofold, so the SNR is the same.",
    ),
    (
        "voxels_only_average",
        "C",
        "same f",
        "In C larger voxels do average. But the magnitude was taken at the scanner, of the larger "
        "signal: late points that were floor are signal now.",
    ),
    (
        "larger_is_slower",
        "C",
        "down a",
        "In C it is about the floor, as you say. With the floor, was the ADC too small or too "
        "large? So where does it go?",
    ),
    (
        "late_is_slow",
        "D",
        "down c",
        "In the lecture the *tissue* was late. Here the fit's *blood* is late: it sees a tissue "
        "that fills before anything has arrived.",
    ),
    (
        "input_scales_output",
        "E",
        "down d",
        "In E the tissue is as it was. If half as much seems to flow in, how leaky must the "
        "vessels be to give the same tissue?",
    ),
    (
        "shape_decides",
        "E",
        "same b",
        "In E one factor multiplies the AIF, but not the tissue. Ktrans is the scale between the "
        "two.",
    ),
):
    what_happens.knows(_name, _with(**{_case: _given}), _says)


what_happens.knows(
    "both_directions",
    _with(D="down c", E="down d"),
    "In D and E the reasons fit, the directions do not. In D the fit's blood comes later than the "
    "tissue's rise; in E half as much seems to flow in. Which factor makes up for that?",
)
what_happens.knows(
    "voxels_average",
    _with(C="up f"),
    "In C the direction is right. Averaging alone would make the ADC steadier, not larger: what "
    "happens to the late points, beside the floor?",
)
for _name, _change_of in (
    ("capitals", str.capitalize),
    ("all_capitals", str.upper),
    ("with_commas", lambda words: words.replace(" ", ", ")),
    ("with_colons", lambda words: words.replace(" ", ": ")),
    ("with_brackets", lambda words: f"{words[:-1]}({words[-1]})"),
    ("without_space", lambda words: words.replace(" ", "")),
    ("letter_first", lambda words: " ".join(reversed(words.split()))),
):
    what_happens.knows(
        _name,
        {case: _change_of(words) for case, words in what_happens.right().items()},
        f"Those are the ones, but not as `{_change_of('down a')}`: small letters, the direction "
        "first, one space, then the letter, such as `up f`.",
    )


@what_happens.picture
def draw_answer(answer):
    from mlmi_course import plots

    titles = {"A": "A T2, late echoes left out", "B": "B T1, coil twice as sensitive",
              "C": "C ADC, larger voxels", "D": "D Ktrans, AIF 8 s late",
              "E": "E Ktrans, AIF half as high"}  # fmt: skip
    return plots.bars(
        list(titles.values()),
        [_change(case) for case in titles],
        xlabel="the number, over what it was",
        title="Five changes",
        alt="Five bars: how many times each number is what it was before the change.",
    )
