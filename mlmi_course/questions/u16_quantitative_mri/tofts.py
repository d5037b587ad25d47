"""The Tofts model on times that are not equally spaced, with a delay."""

import numpy as np

from mlmi_course.checks import Case, asks


def _tofts(times, aif, ktrans, ve, delay, *, seconds=False, kep="ratio", shift="interp",
           rule="trapezoid", late=1):  # fmt: skip
    t, cp = np.asarray(times, float), np.asarray(aif, float)
    if shift == "interp":
        cp = np.interp(t - late * delay, t, cp, left=0.0)
    elif shift == "held":
        cp = np.interp(t - late * delay, t, cp)
    elif shift == "roll":
        cp = np.roll(cp, round(delay / (t[1] - t[0])))
    m = t if seconds else t / 60
    rate = ktrans / ve if kep == "ratio" else ktrans
    if rule in ("convolve", "first step"):
        step = m[1] - m[0] if rule == "first step" else (m[-1] - m[0]) / (len(m) - 1)
        return ktrans * step * np.convolve(cp, np.exp(-rate * (m - m[0])))[: len(m)]
    out = np.zeros(len(m))
    for i in range(len(m)):
        inside = cp[: i + 1] * np.exp(-rate * (m[i] - m[: i + 1]))
        gaps = np.diff(m[: i + 1])
        if rule == "trapezoid":
            out[i] = ((inside[1:] + inside[:-1]) / 2 * gaps).sum()
        else:
            out[i] = (inside[:-1] * gaps).sum()
    return ktrans * out


@asks(
    points=4,
    see="How fast does it leak?",
    hints=(
        "`np.convolve` knows no times: it takes every step for equally long. Write the integral as "
        "a sum over the steps that there are, `np.trapezoid(values, times)`.",
        "`np.interp(times - delay, times, aif, left=0.0)` is the AIF that arrives `delay` seconds "
        "later; before the first sample there is none.",
        "Rates are per minute, so divide the times by 60. For sample i, integrate cp[: i + 1] * "
        "exp(−kep (t[i] − t[: i + 1])) over t[: i + 1], with kep = ktrans / ve.",
    ),
)
def tofts(times, aif, ktrans, ve, delay):
    """The Tofts model at any times"""
    return _tofts(times, aif, ktrans, ve, delay)


@tofts.inputs
def cases(rng):
    def times():
        quick = np.cumsum(rng.uniform(1.5, 3.5, 25))
        slow = quick[-1] + np.cumsum(rng.uniform(15, 40, 10))
        return np.r_[0, quick, slow].round(1)

    def plasma(t, start):
        m = np.maximum(t - start, 0) / 60
        return (
            8 * m / 0.12 * np.exp(1 - m / 0.12) + (1 - np.exp(-9 * m)) * np.exp(-0.2 * m)
        ).round(4)

    for about in ("quick images first, then slow ones", "another tissue"):
        t = times()
        given = (rng.uniform(0.05, 0.4), rng.uniform(0.15, 0.5), rng.uniform(3, 9))
        yield Case((t, plasma(t, 8), *(round(float(v), 3) for v in given)), about)
    t = times()
    yield Case((t, plasma(t, 8), 0.2, 0.3, 0.0), "no delay")
    yield Case((t, 1 + plasma(t, 8), 0.2, 0.3, 6.0), "an AIF that does not begin at zero")


tofts.variants(
    _tofts,
    unmended=(
        {"seconds": True, "kep": "ktrans", "shift": "roll", "rule": "first step"},
        "That is the colleague's function as it was. Look at the units, at the rate, at "
        "what `np.roll` does with the last sample, and at what `np.convolve` knows about times.",
    ),
    equal_steps=(
        {"rule": "convolve"},
        "You convolve as if all steps were equally long. Here an image is taken every two seconds "
        "at first, and every half minute later.",
    ),
    in_seconds=(
        {"seconds": True},
        "Ktrans is per minute and your times are in seconds, so the tissue fills sixty times too "
        "fast.",
    ),
    rate_without_ve=(
        {"kep": "ktrans"},
        "The agent comes back at the rate Ktrans / ve. With Ktrans alone it stays too long.",
    ),
    rolled=(
        {"shift": "roll"},
        "`np.roll` moves by whole samples, and puts the end of the curve before the injection. "
        "Interpolate at the times minus the delay.",
    ),
    no_delay=(
        {"shift": "none"},
        "The delay is not used: the blood arrives in the tissue as early as in the artery.",
    ),
    early=(
        {"late": -1},
        "Your blood arrives *earlier* than in the artery. At time t the tissue sees what the "
        "artery "
        "had at t minus the delay.",
    ),
    held=(
        {"shift": "held"},
        "`np.interp` repeats the first value before the first sample. Nothing is known to arrive "
        "before it: use `left=0.0`.",
    ),
    rectangles=(
        {"rule": "left"},
        "You sum rectangles of the left values. Between two samples take the mean of both: the "
        "trapezoid rule.",
    ),
)


@tofts.picture
def draw_answer(answer):
    from mlmi_course import plots
    from mlmi_course.checks.calling import call

    t = np.r_[np.arange(0, 60, 2.0), np.arange(60, 300, 20.0)]
    m = np.maximum(t - 8, 0) / 60
    aif = 8 * m / 0.12 * np.exp(1 - m / 0.12) + (1 - np.exp(-9 * m)) * np.exp(-0.2 * m)
    made = {
        f"delay {d} s": np.asarray(call(answer, (t, aif, 0.2, 0.3, float(d))), float)
        for d in (0, 8)
    }
    return plots.lines(
        made,
        x=t,
        xlabel="time (s)",
        ylabel="agent in tissue (mmol/l)",
        alt="The concentration in tissue by your function, without and with a delay of 8 s.",
    )
