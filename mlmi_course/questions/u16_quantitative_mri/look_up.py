"""Find the atom of each complex fingerprint, and its M0."""

import numpy as np

from mlmi_course.checks import Case, asks


def _look_up(dictionary, signals, *, magnitudes=False, normalise=True, conjugate=True, score="abs",
             m0="projection", first="nothing"):  # fmt: skip
    d, s = np.asarray(dictionary, complex), np.asarray(signals, complex)
    if magnitudes:
        d, s = np.abs(d).astype(complex), np.abs(s).astype(complex)
    plain = d, s
    if first == "mean":
        d, s = (a - a.mean(axis=1, keepdims=True) for a in (d, s))
    elif first == "phase":
        s = s * np.exp(-1j * np.angle(s[:, :1]))
        d = d * np.exp(-1j * np.angle(d[:, :1]))
    square = (np.abs(d) ** 2).sum(axis=1)
    length = np.sqrt(np.where(square > 0, square, np.inf))
    inner = s @ (d.conj() if conjugate else d).T
    per = inner / length if normalise else inner
    value = np.abs(per) if score == "abs" else per.real
    value = np.where(square > 0, value, -1)
    best = value.argmax(axis=1)
    one = np.arange(len(s))
    if first != "nothing":  # M0 of the vectors as they are
        d, s = plain
        square, inner = (np.abs(d) ** 2).sum(axis=1), s @ d.conj().T
    scale = {
        "projection": inner[one, best] / square[best],
        "unit": inner[one, best] / length[best],
        "absolute": np.abs(inner[one, best] / square[best]),
        "energy": inner[one, best],
    }[m0]
    return {"atom": best, "m0": scale}


@asks(
    points=4,
    see="Look it up",
    hints=(
        "A coil turns all frames of a pixel by one phase. Which number of the *complex* inner "
        "product does not see that turn? Take the absolute value last, not first.",
        "The inner product of two complex vectors conjugates one of them: `signals @ "
        "dictionary.conj().T`. Divide each column by the length of its atom, or strong atoms win.",
        "For the best atom d, the M0 that leaves the smallest rest is (Σ d* s) / (Σ |d|²): divided "
        "by the length *twice*. It keeps the phase.",
    ),
)
def look_up(dictionary, signals):
    """Match complex fingerprints"""
    return _look_up(dictionary, signals)


@look_up.inputs
def cases(rng):
    def drawn(atoms, frames, pixels, noise, *, zero=False):
        t = np.arange(frames)
        rate = rng.uniform(0.02, 0.6, (atoms, 1))
        sign = np.where(t < frames * rng.uniform(0.1, 0.7, (atoms, 1)), -1.0, 1.0)
        turn = np.exp(1j * t * rng.uniform(-0.5, 0.5, (atoms, 1)))
        d = sign * np.exp(-rate * t / 4) * turn * rng.uniform(0.1, 5, (atoms, 1))
        d[1] = -np.abs(d[0]) * np.where(t % 2, 1, -1)  # the same magnitudes, another melody
        d[3] = d[4] + np.abs(d[4]).mean() * 0.5  # but for a constant
        d[:, 0] *= 0.05  # next to nothing right at the beginning
        if zero:
            d[2] = 0
        which = rng.permutation(np.r_[0, 1, 3, 4, 3, 4, rng.integers(5, atoms, pixels - 6)])
        m0 = rng.uniform(0.3, 3, (pixels, 1)) * np.exp(2j * np.pi * rng.random((pixels, 1)))
        s = m0 * d[which]
        size = np.abs(s).mean() * noise
        return d, s + size * (rng.normal(size=s.shape) + 1j * rng.normal(size=s.shape))

    yield Case(drawn(12, 24, 16, 0.0), "without noise")
    yield Case(drawn(30, 40, 60, 0.15), "with noise")
    yield Case(drawn(8, 16, 10, 0.02, zero=True), "one atom is zero everywhere")


look_up.variants(
    _look_up,
    unmended=(
        {"magnitudes": True, "normalise": False, "m0": "energy"},
        "That is the colleague's function as it was. What happens to an atom that goes from "
        "negative to positive, when you take its magnitude?",
    ),
    magnitudes=(
        {"magnitudes": True},
        "You take magnitudes before the inner product: two atoms that differ in their signs look "
        "alike then. Keep them complex, and take the absolute value of the inner product.",
    ),
    strong_atoms=(
        {"normalise": False},
        "Your inner product is not normalised, so a strong atom wins over the right one. Divide by "
        "the length of each atom.",
    ),
    no_conjugate=(
        {"conjugate": False},
        "A complex inner product conjugates one of its vectors; without that, a vector's product "
        "with itself is not its squared length.",
    ),
    real_part=(
        {"score": "real"},
        "You look for the largest *real part*. A pixel whose phase is turned by 180° has a large "
        "negative one with the right atom: take the absolute value.",
    ),
    correlated=(
        {"first": "mean"},
        "You take the mean of the frames off first, as a correlation does. The mean is part of "
        "the melody: "
        "two atoms that differ by a constant look alike without it.",
    ),
    phase_of_one_frame=(
        {"first": "phase", "score": "real"},
        "You turn each signal by the phase of its first frame. One frame is noisy, and may be "
        "next to "
        "nothing: let all frames decide, by the absolute value of the inner product.",
    ),
    unit_m0=(
        {"m0": "unit"},
        "The atoms are right. Your M0 is the scale of the *normalised* atom; the scale of the atom "
        "itself is smaller by its length once more.",
    ),
    m0_without_phase=(
        {"m0": "absolute"},
        "The atoms are right, and so is the size of M0. But its phase is lost, and with it the "
        "field.",
    ),
)


@look_up.picture
def draw_answer(answer):
    from mlmi_course import plots
    from mlmi_course.checks.calling import call

    rng = np.random.default_rng(3)
    t = np.arange(40)
    d = np.array([1 - 2 * np.exp(-t / k) for k in np.geomspace(3, 40, 60)], complex)
    which = rng.integers(0, 60, 80)
    phase = np.exp(2j * np.pi * rng.random((80, 1)))
    noise = 0.05 * (rng.normal(size=(80, 40)) + 1j * rng.normal(size=(80, 40)))
    found = np.asarray(call(answer, (d, phase * d[which] + noise))["atom"], float)
    order = np.argsort(which, kind="stable")
    return plots.lines(
        {"true atom": which[order], "your atom": found[order]},
        xlabel="pixel, sorted",
        ylabel="atom",
        alt="True atoms of 80 pixels in ascending order, and the atoms that your function found.",
    )
