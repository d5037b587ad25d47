"""RF spoiling by extended phase graphs."""

import numpy as np

from mlmi_course.checks import Case, asks


def _spoiled(flip, increment, t1, t2, tr, n, *, quadratic=True, demodulate=1, radians=True,
             gradient=True, regrow="zero", mirror=True, orders=None):  # fmt: skip
    angle = np.deg2rad(flip) if radians else flip
    c, s, half = np.cos(angle / 2) ** 2, np.sin(angle / 2) ** 2, np.sin(angle)
    e1, e2 = np.exp(-tr / t1), np.exp(-tr / t2)
    f, g, z = (np.zeros(orders or n + 2, complex) for _ in range(3))
    z[0] = 1
    out = np.zeros(n, complex)
    for k in range(n):
        phase = increment * (k * (k + 1) / 2 if quadratic else k)
        phase = np.deg2rad(phase) if radians else phase
        turn = np.exp(1j * phase)
        f, g, z = (
            c * f + s * turn**2 * g - 1j * half * turn * z,
            s / turn**2 * f + c * g + 1j * half / turn * z,
            -0.5j * half / turn * f + 0.5j * half * turn * g + np.cos(angle) * z,
        )
        out[k] = f[0] * np.exp(-1j * demodulate * phase)
        f, g, z = e2 * f, e2 * g, e1 * z
        if regrow == "zero":
            z[0] += 1 - e1
        else:
            z += 1 - e1
        if gradient:
            f[1:], g[:-1] = f[:-1].copy(), g[1:].copy()
            g[-1] = 0
            f[0] = g[0].conj() if mirror else 0
    return out


@asks(
    points=4,
    see="A melody for every tissue",
    hints=(
        "The lecture's `epg` does all but two things: the phase of each pulse, and taking that "
        "phase "
        "out of what is read.",
        "In degrees the phase of pulse k = 0, 1, 2 … is increment · k (k + 1) / 2. Give it to the "
        "pulse in radians, and multiply the signal by exp(−i phase).",
        "Per pulse: pulse, read, wait TR, gradient. The lecture keeps twenty orders, which is "
        "too few "
        "for many pulses: give it n + 1.",
    ),
)
def spoiled(flip, increment, t1, t2, tr, n):
    """Spoil by the phase of the pulses"""
    return _spoiled(flip, increment, t1, t2, tr, n)


@spoiled.inputs
def cases(rng):
    for increment in (117.0, 50.0):
        t1 = float(rng.integers(400, 1500))
        yield Case(
            (
                float(rng.integers(15, 40)),
                increment,
                t1,
                float(round(t1 * rng.uniform(0.1, 0.4))),
                float(rng.integers(8, 25)),
                80,
            ),
            f"increment {increment:g}°",
        )
    yield Case((20.0, 117.0, 800.0, 300.0, 10.0, 1), "one pulse")


spoiled.tolerance = 1e-4  # single precision is enough

spoiled.variants(
    _spoiled,
    not_demodulated=(
        {"demodulate": 0},
        "The size of your signals is right, and their phase turns with the pulses. A scanner's "
        "receiver "
        "turns too: multiply by exp(−i phase).",
    ),
    turned_twice=(
        {"demodulate": -1},
        "You turn the signal by the pulse's phase once more instead of back.",
    ),
    linear_phase=(
        {"quadratic": False},
        "Your phase grows by the same step each time. That is only another frequency, and spoils "
        "nothing: the *step* must grow, as k (k + 1) / 2 does.",
    ),
    in_degrees=(
        {"radians": False},
        "`np.cos` and `np.exp` take radians; your angles are in degrees.",
    ),
    no_gradient=(
        {"gradient": False},
        "There is no gradient between your pulses, so all magnetisation stays in order 0.",
    ),
    regrows_everywhere=(
        {"regrow": "all"},
        "Magnetisation regrows evenly over the voxel, so only Z of order 0 gains 1 − exp(−TR/T1).",
    ),
    twenty_orders=(
        {"orders": 20},
        "You keep twenty orders, as the lecture does. After many pulses more have been wound "
        "up, and what "
        "they hold comes back: keep n + 1.",
    ),
    mirror_forgotten=(
        {"mirror": False},
        "After a gradient F+ of order 0 is what comes up from F−: its complex conjugate. You start "
        "with 0 there, so no echo ever returns.",
    ),
)


@spoiled.picture
def draw_answer(answer):
    from mlmi_course import plots
    from mlmi_course.checks.calling import call

    made = {
        f"increment {i}°": np.abs(call(answer, (25.0, float(i), 800.0, 300.0, 10.0, 150)))
        for i in (0, 117)
    }
    e = np.exp(-10 / 800)
    ernst = np.sin(np.deg2rad(25)) * (1 - e) / (1 - e * np.cos(np.deg2rad(25)))
    return plots.lines(
        made | {"perfectly spoiled": np.full(150, ernst)},
        xlabel="pulse",
        ylabel="signal (M0 = 1)",
        alt="Signals without and with RF spoiling, and the level of perfect spoiling.",
    )
