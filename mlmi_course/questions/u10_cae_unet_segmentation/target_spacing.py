"""A rule of nnU-Net."""

import numpy as np

from mlmi_course.checks import Case, asks


def _target_with(
    spacings,
    shapes,
    *,
    coarsest=np.argmax,
    coarse=lambda own, others: own > 3 * others.max(),
    few=lambda own, others: 3 * own < others.min(),
    centre=np.median,
    percent=10,
    raised=max,
):
    """The rule, right or with one part of it changed."""
    target, size = np.median(spacings, axis=0), centre(shapes, axis=0)
    axis = int(coarsest(target))
    others = np.delete(target, axis)
    if coarse(target[axis], others) and few(size[axis], np.delete(size, axis)):
        target[axis] = raised(np.percentile(spacings[:, axis], percent), others.max())
    return target


@asks(
    points=2,
    see="A network that configures itself",
    hints=(
        "Start with `target = np.median(spacings, axis=0)`. The axis in question is "
        "`np.argmax(target)`.",
        "Both conditions compare with the two *other* axes: `np.delete(target, axis)` are their "
        "spacings; the same works for the median sizes.",
        "`np.percentile(spacings[:, axis], 10)`, and `max(…, others.max())` so that it does not "
        "become finer than the others.",
    ),
)
def target_spacing(spacings, shapes):
    """A rule of nnU-Net"""
    return _target_with(spacings, shapes)


def _scans(rng, gap=(4.0, 9.0), slices=(18, 40), axis=0, n=9):
    """Spacings (n, 3) in mm and sizes (n, 3) of scans whose slices lie along an axis."""
    spacings = rng.uniform(0.5, 1.0, (n, 1)) * np.ones(3) * rng.uniform(0.95, 1.05, (n, 3))
    spacings[:, axis] = rng.uniform(*gap, n)
    shapes = rng.integers(220, 320, (n, 3))
    shapes[:, axis] = rng.integers(*slices, n)
    return spacings.round(2), shapes


def _thick(*slices):
    """Spacings of scans with slices of this thickness, and pixels of 1 mm."""
    return np.stack([(thickness, 1.0, 1.0) for thickness in slices])


@target_spacing.inputs
def cases(rng):
    thin = _scans(rng, gap=(0.8, 1.5), slices=(150, 300))
    yield Case(thin, "nine scans with nearly cubic voxels")
    yield Case(_scans(rng), "nine scans with thick slices")
    yield Case(_scans(rng, axis=2), "thick slices along another axis")
    more_than_rows = np.tile((400, 240, 240), (3, 1))
    yield Case((_thick(4.0, 6.0, 8.0), more_than_rows), "thick slices, more of them than rows")
    yield Case(_scans(rng, slices=(150, 300)), "thick slices, but hundreds of them")
    spacings, shapes = _scans(rng, n=12)
    spacings[:3, 0] = 0.3
    spacings[:, 1] += 0.2  # the two others differ, so that it matters to which one it is raised
    yield Case((spacings, shapes), "thick slices, and a few scans that are thinner than all")
    spacings, shapes = _scans(rng, gap=(4.0, 5.0))
    spacings[:, 1] += 1.0
    yield Case((spacings, shapes), "thick slices, and pixels that are longer than wide")
    spacings, shapes = _scans(rng, slices=(30, 40))
    shapes[:, 2] = rng.integers(60, 80, 9)
    yield Case((spacings, shapes), "thick slices, and narrow images")
    spacings, shapes = _scans(rng)
    shapes[0, 0] = 4000
    yield Case((spacings, shapes), "thick slices, few of them but in one scan")
    few = np.tile((30, 240, 240), (3, 1))
    yield Case((_thick(2.5, 3.0, 3.5), few), "slices exactly 3 times as thick as a pixel is wide")
    a_third = np.tile((80, 240, 240), (3, 1))
    yield Case((_thick(4.0, 6.0, 8.0), a_third), "thick slices, exactly a third of the rows")
    fewer = np.tile((70, 240, 240), (3, 1))
    about = "slices 3.5 times as thick as a pixel is wide, a few less than a third of the rows"
    yield Case((_thick(3.3, 3.5, 3.7), fewer), about)


@target_spacing.mistake
def mean(spacings, shapes):
    """That is the mean. One scan with huge voxels would move it: nnU-Net takes the median."""
    return np.mean(spacings, axis=0)


@target_spacing.mistake
def finest(spacings, shapes):
    """That is the finest spacing of all scans. Every other one would be blown up without gaining
    anything. Take the median.
    """
    return np.min(spacings, axis=0)


@target_spacing.mistake
def no_exception(spacings, shapes):
    """The exception is missing: where one axis is far coarser than the others and has few slices,
    it gets the 10th percentile of its own spacings.
    """
    return np.median(spacings, axis=0)


@target_spacing.mistake
def tenth_of_all_axes(spacings, shapes):
    """You took the 10th percentile on all axes. Only the coarse one is treated so."""
    target, median = target_spacing.right(spacings, shapes), np.median(spacings, axis=0)
    return median if np.array_equal(target, median) else np.percentile(spacings, 10, axis=0)


target_spacing.variants(
    _target_with,
    only_the_spacing=(
        {"few": lambda own, others: True},
        "You looked at the spacing alone. With hundreds of thick slices there is no exception: "
        "both conditions must hold.",
    ),
    coarser_than_the_finest=(
        {"coarse": lambda own, others: own > 3 * others.min()},
        "You compare with the smaller of the two other spacings. The slices must be more than "
        "3 times coarser than the *larger* one.",
    ),
    fewer_than_the_most=(
        {"few": lambda own, others: 3 * own < others.max()},
        "You compare with the larger of the two other numbers of voxels. 3 times the slices "
        "must be less than the *smaller* one.",
    ),
    mean_size=(
        {"centre": np.mean},
        "You took the mean number of voxels. One scan with thousands of slices would decide "
        "for all: the median is asked for.",
    ),
    tenth_of_a_percent=({"percent": 0.1}, "`np.percentile` takes percent: 10, and not 0.1."),
    exactly_three_times=(
        {"coarse": lambda own, others: own >= 3 * others.max()},
        "Exactly 3 times coarser is not *more than* 3 times: no exception here.",
    ),
    exactly_a_third=(
        {"few": lambda own, others: 3 * own <= others.min()},
        "3 times the slices are exactly as many as the rows, and not *less*: no exception here.",
    ),
    first_axis=(
        {"coarsest": lambda target: 0},
        "You take it for granted that slices lie along the first axis. Files differ: look for the "
        "axis with the largest median spacing.",
    ),
    finer_than_the_others=(
        {"raised": lambda own, others: own},
        "The 10th percentile can be finer than the other axes. Then it is raised to the larger of "
        "their two spacings.",
    ),
)
