"""The distance between slices."""

import numpy as np

from mlmi_course.checks import Case, asks
from mlmi_course.questions.u01_medical_images._series import along_normal, by_z, series


def usual_gap(places):
    return float(np.median(np.diff(places)))


@asks(
    points=2,
    see="A series and its order",
    hints=(
        "Start from what you projected for the order: how far each slice lies along the normal.",
        "Sort these distances, take the differences of neighbours (np.diff), and their median.",
    ),
)
def slice_step(headers):
    """The distance between slices"""
    return usual_gap(np.sort(along_normal(headers)))


def coronal_that_tells(rng, steps, step):
    """A coronal series whose order in the list gives no right step by chance."""
    by_chance = sorted_by_z, not_sorted, not_sorted_signed
    while True:
        headers = series(rng, "coronal", steps, step)
        right = slice_step.right(headers)
        if all(abs(wrong(headers) - right) > 0.05 for wrong in by_chance):
            return headers


@slice_step.inputs
def cases(rng):
    def step():
        return float(rng.integers(10, 50)) / 10

    yield Case((series(rng, "axial", range(6), step()),), "axial slices")
    yield Case((series(rng, "axial", range(6), step(), tilt=30),), "slices tilted by 30°")
    yield Case((series(rng, "axial", (0, 1, 2, 4, 5, 6), step()),), "a series that lacks a slice")
    uneven = (0, 2, 3, 4.2, 4.7, 5.7, 7.2)
    yield Case((series(rng, "axial", uneven, step()),), "a series with several uneven steps")
    sheared = series(rng, "axial", range(6), step(), shear=1.5)
    yield Case((sheared,), "a tilted gantry, each slice shifted sideways against the last")
    flat = coronal_that_tells(rng, uneven, step())
    yield Case((flat,), "coronal slices, which all have the same z")


@slice_step.mistake
def slice_thickness(headers):
    """That is SliceThickness: how thick a slice is, and not how far it is to the next. Slices may
    overlap, or leave a gap.
    """
    return float(headers[0]["SliceThickness"])


@slice_step.mistake
def z_alone(headers):
    """You measure along z. These slices are tilted: measure along their normal."""
    return usual_gap(np.sort([header["ImagePositionPatient"][2] for header in headers]))


@slice_step.mistake
def not_sorted(headers):
    """These are distances between files that follow each other in a list, and not in space. Sort
    by what you projected first.
    """
    return float(np.median(np.abs(np.diff(along_normal(headers)))))


@slice_step.mistake
def not_sorted_signed(headers):
    """Some of your distances are negative: the files follow each other in a list, up and down in
    space. Sort by what you projected first.
    """
    return usual_gap(along_normal(headers))


@slice_step.mistake
def sorted_by_z(headers):
    """You sort by z and measure along the normal. In a coronal series all slices have the same z:
    sort by what you measure.
    """
    return usual_gap(along_normal(headers)[by_z(headers)])


@slice_step.mistake
def smallest(headers):
    """You take the smallest distance. One slice scanned twice as close would decide; the usual
    distance is the median.
    """
    return float(np.diff(np.sort(along_normal(headers))).min())


@slice_step.mistake
def corner_to_corner(headers):
    """You measure from corner to corner. With a tilted gantry the slices are shifted sideways too;
    only the part along the normal separates them.
    """
    positions = np.array([h["ImagePositionPatient"] for h in headers])
    positions = positions[np.argsort(along_normal(headers))]
    return float(np.median(np.linalg.norm(np.diff(positions, axis=0), axis=1)))


@slice_step.mistake
def mean(headers):
    """You take the mean. One missing slice changes it, and then no gap has that width. The median
    stays.
    """
    return float(np.ptp(along_normal(headers)) / (len(headers) - 1))


@slice_step.mistake
def fence_posts(headers):
    """Six slices have five gaps between them."""
    return float(np.ptp(along_normal(headers)) / len(headers))
