"""Maximum-intensity projection."""

import numpy as np

from mlmi_course.checks import Case, asks
from mlmi_course.checks.calling import call

AXIS = {"axial": 0, "coronal": 1, "sagittal": 2}


@asks(
    points=2,
    see="The brightest along a ray",
    hints=(
        "Looking along an axis means: take the maximum over that axis.",
        "The array is ordered (z, y, x). An axial picture looks along z, a coronal one along y, "
        "a sagittal one along x.",
        "np.nanmax ignores padding; np.max lets one nan win.",
    ),
)
def mip(hu, plane):
    """Maximum-intensity projection"""
    return np.nanmax(hu, axis=AXIS[plane])


@mip.inputs
def cases(rng):
    hu = rng.integers(-1000, 1500, size=(2, 3, 4)).astype(float)
    for plane in AXIS:
        yield Case((hu, plane), f"the {plane} projection")
    padded = hu.copy()
    padded[0] = np.nan
    padded[1, 0] = -3000.0  # an artefact: whatever replaced the nan must not win either
    yield Case((padded, "axial"), "padding (nan) in the first slice")


def _right_or_flipped(expected, got):
    reply = np.asarray(got, dtype=float)
    return any(np.array_equal(reply, right) for right in (expected, expected[::-1]))


def _one_number_wins(expected, got):
    """Whether a reply is right but for one number that wins over all that is below it."""
    reply = np.asarray(got, dtype=float)
    if reply.shape != np.shape(expected):
        return False
    winners = reply[reply != expected]
    return bool(winners.size == 0 or np.array_equal(reply, np.maximum(expected, winners[0])))


def _looks_windowed(expected, got):
    """Whether a reply has the right shape and holds greys from 0 to 1 in place of HU."""
    greys = np.asarray(got, dtype=float)
    return greys.shape == np.shape(expected) and bool(np.all((greys >= 0) & (greys <= 1)))


@mip.mistake
def axes_reversed(hu, plane):
    """The axes are read as (x, y, z). Here the slices come first: (z, y, x)."""
    return np.nanmax(hu, axis=2 - AXIS[plane])


@mip.mistake
def planes_exchanged(hu, plane):
    """Coronal and sagittal are exchanged. A coronal picture is seen from the front: you look along
    y, the second axis.
    """
    return np.nanmax(hu, axis={"axial": 0, "coronal": 2, "sagittal": 1}[plane])


@mip.mistake(matches=_right_or_flipped)
def flipped(hu, plane):
    """Turned upside down. That is right for the screen, but here the array is asked for as it is:
    do not flip.
    """
    projected = mip.right(hu, plane)
    return projected if plane == "axial" else projected[::-1]


@mip.mistake
def always_first_axis(hu, plane):
    """You always look along the first axis, whatever the plane."""
    return np.nanmax(hu, axis=0)


@mip.mistake(matches=_looks_windowed)
def windowed_first(hu, plane):
    """These are greys and no Hounsfield units: you windowed before projecting. All that was
    brighter than the window is now one white, and no later window brings vessels and bone apart
    again. Project first.
    """
    return np.nanmax(np.clip((hu + 160) / 400, 0, 1), axis=AXIS[plane])


@mip.mistake
def padding_wins(hu, plane):
    """One nan along the ray made the whole pixel nan. Padding was never measured, so it must not
    win.
    """
    return np.max(hu, axis=AXIS[plane])


@mip.mistake(matches=_one_number_wins)
def number_for_nan(hu, plane):
    """A number of your own wins wherever all that was measured lies below it. Padding should be
    left out, not replaced by a number.
    """
    return np.max(np.nan_to_num(hu), axis=AXIS[plane])


@mip.mistake
def mean(hu, plane):
    """That is the mean along the ray, much as an X-ray picture adds up attenuation. Small vessels
    drown in it; the maximum keeps them.
    """
    return np.nanmean(hu, axis=AXIS[plane])


@mip.mistake
def one_slice(hu, plane):
    """That is one slice. A projection looks through all of them."""
    return np.take(hu, hu.shape[AXIS[plane]] // 2, axis=AXIS[plane])


@mip.picture
def draw_answer(answer):
    from mlmi_course import plots
    from mlmi_course.phantoms.ct import chest_phantom

    chest = chest_phantom((64, 96, 96), (4.0, 3.5, 3.5)).canonical()
    z, y, x = chest.spacing

    def projection(plane, spacing):
        yours = np.asarray(call(answer, (chest.array, plane)), dtype=float)
        upright = yours if plane == "axial" else yours[::-1]
        return plane, lambda ax: plots.image(upright, ax=ax, window=(300, 1200), spacing=spacing)

    spacings = {"axial": (y, x), "coronal": (z, x), "sagittal": (z, y)}
    return plots.grid(
        [projection(*one) for one in spacings.items()],
        columns=3,
        alt="Your maximum-intensity projections of a chest.",
    )
