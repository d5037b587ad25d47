"""Streaks of a metal implant, mended where they begin."""

from functools import cache

import numpy as np

from mlmi_course.checks import Case, asks


def _filled(sinogram, metal, *, axis=0, how="line", turned=False):
    """Replace what the metal hides; the parameters make the usual slips."""
    data = np.asarray(sinogram, dtype=float)
    hidden = np.asarray(metal).astype(bool)
    hidden = ~hidden if turned else hidden
    if axis == 1:
        return _filled(data.T, hidden.T, how=how).T
    out = data.copy()
    place = np.arange(len(data))
    for column in range(data.shape[1]):
        bad = hidden[:, column]
        if not bad.any() or bad.all():
            continue
        seen = data[~bad, column]
        fill = {
            "line": lambda b=bad, s=seen: np.interp(place[b], place[~b], s),
            "zero": lambda: 0.0,
            "mean": lambda s=seen: s.mean(),
            "nearest": lambda b=bad, s=seen: s[
                np.abs(place[b][:, None] - place[~b]).argmin(axis=1)
            ],
        }[how]()
        out[bad, column] = fill
    return out


@asks(
    points=3,
    see="The same grey for the same tissue",
    hints=(
        "Take one column, which is one angle. It is a curve along the detector with a piece that "
        "you do not believe. What would you draw across the gap with a ruler?",
        "`np.interp(where, known_places, known_values)` is that ruler; outside the known places it "
        "goes on with the last value.",
        "For each angle k: `bad = metal[:, k]`, then `filled[bad, k] = np.interp(place[bad], "
        "place[~bad], sinogram[~bad, k])` with `place = np.arange(len(sinogram))`.",
    ),
)
def fill_trace(sinogram, metal):
    """Streaks, mended where they begin"""
    return _filled(sinogram, metal)


@fill_trace.inputs
def cases(rng):
    place = np.arange(16)[:, None]
    centre = rng.uniform(6, 9, 7)
    data = np.maximum(0, 40 - (place - centre) ** 2) + rng.normal(0, 1, (16, 7))
    data = data.round(1)
    trace = np.abs(place - rng.integers(5, 11, 7)) <= 1
    hot = np.where(trace, data + 120, data)
    yield Case((hot, trace), "a trace three pixels wide")
    edge = trace.copy()
    edge[:3, 2] = edge[-2:, 4] = True
    yield Case((np.where(edge, data + 120, data), edge), "a trace that meets the detector's edge")
    two = trace.copy()
    two[1:3] = True
    two[:, 5] = False
    yield Case((np.where(two, data + 90, data), two), "two implants, and an angle without any")


fill_trace.variants(
    _filled,
    along_the_angles=(
        {"axis": 1},
        "You go from angle to angle (along a row). Each column is one view of the patient: stay in "
        "it, and go along the detector.",
    ),
    holes=(
        {"how": "zero"},
        "Zeros say that nothing weakens the rays there, which makes new streaks. Draw a straight "
        "line across the gap.",
    ),
    mean_of_the_view=(
        {"how": "mean"},
        "The mean of the view is a constant that does not meet its neighbours, and every step in "
        "a view becomes a streak. Draw a straight line across the gap.",
    ),
    nearest_value=(
        {"how": "nearest"},
        "You took the nearest value, which leaves a step in the middle of the gap. Interpolate "
        "linearly between both sides.",
    ),
    mask_turned_round=(
        {"turned": True},
        "You replaced what the metal does *not* hide. `metal` is True where the values are bad.",
    ),
)


@fill_trace.mistake
def nothing_replaced(sinogram, metal):
    """The sinogram is as it was. Replace the values where `metal` is True."""
    return np.asarray(sinogram, dtype=float)


@cache
def _scan():
    """A phantom with two implants: truth, its sinogram with the metal, and the trace."""
    from skimage.data import shepp_logan_phantom
    from skimage.transform import radon, resize

    truth = resize(shepp_logan_phantom(), (128, 128), anti_aliasing=True)
    rows, columns = np.indices(truth.shape)
    implants = np.zeros(truth.shape, dtype=bool)
    for row, column in ((62, 40), (70, 90)):
        implants |= np.hypot(rows - row, columns - column) < 3.5
    angles = np.linspace(0, 180, 180, endpoint=False)
    clean = radon(truth, angles)
    through = radon(implants.astype(float), angles)
    rng = np.random.default_rng(3)
    # Hardly a photon gets through the metal: what is counted is mostly noise, and saturates.
    starved = clean + 12 * np.tanh(through / 3) * (1 + 0.5 * rng.normal(size=clean.shape))
    return truth, implants, starved + rng.normal(0, 0.05, clean.shape), through > 0.2, angles


@cache
def _errors():
    """The error of the slice outside the metal after each of four ways."""
    from scipy import ndimage
    from skimage.restoration import denoise_nl_means
    from skimage.transform import iradon

    truth, implants, sinogram, trace, angles = _scan()
    streaky = iradon(sinogram, angles)
    circle = np.hypot(*(index - 63.5 for index in np.indices(truth.shape))) < 60
    judged = circle & ~ndimage.binary_dilation(implants, iterations=3)
    ways = {
        "as it is": streaky,
        "Gaussian": ndimage.gaussian_filter(streaky, 1.0),
        "median": ndimage.median_filter(streaky, 5),
        "non-local means": denoise_nl_means(streaky, h=0.1, sigma=0.1),
        "raw data": iradon(_filled(sinogram, trace), angles),
    }
    rmse = {n: float(np.sqrt(np.mean((w - truth)[judged] ** 2))) for n, w in ways.items()}
    return rmse, ways, judged


@fill_trace.picture
def draw_answer(answer):
    from skimage.transform import iradon

    from mlmi_course import plots
    from mlmi_course.checks.calling import call

    truth, _, sinogram, trace, angles = _scan()
    rmse, ways, judged = _errors()
    mended = iradon(np.asarray(call(answer, (sinogram, trace))), angles)
    yours = float(np.sqrt(np.mean((mended - truth)[judged] ** 2)))
    pictures = {f"{n}: {rmse[n]:.2f}": ways[n] for n in rmse if n != "raw data"}
    return plots.montage(
        [truth, *pictures.values(), mended],
        titles=["truth: error 0", *pictures, f"yours: {yours:.2f}"],
        columns=3,
        vmin=-0.1,
        vmax=0.6,
        alt="A phantom of a head, its slice with streaks between two implants, three filters of "
        "the slice, and the slice from your sinogram, each with its root mean square error.",
    )
