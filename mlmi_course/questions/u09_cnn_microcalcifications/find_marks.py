"""From heat to marks."""

import numpy as np

from mlmi_course.checks import Case, asks


def _marks(
    heat,
    step,
    threshold,
    radius,
    *,
    suppress=True,
    one=False,
    in_mm=True,
    reach=lambda radius, step: radius / step,
    strict=False,
    swapped=False,
):
    heat = np.array(heat, float)
    rows, columns = np.indices(heat.shape)
    found = []
    for place in np.argsort(-heat, axis=None, kind="stable"):
        row, column = np.unravel_index(place, heat.shape)
        value = heat[row, column]
        if not np.isfinite(value) or value < threshold or (strict and value == threshold):
            continue
        where = (column, row) if swapped else (row, column)
        found.append([float(value), *(float(x * (step if in_mm else 1)) for x in where)])
        if suppress:
            away = np.hypot(rows - row, columns - column)
            heat[away <= reach(radius, step) + 1e-9] = -np.inf
        if one:
            break
    return found


@asks(
    points=3,
    see="From heat to marks",
    hints=(
        "A loop: find the hottest place, write it down, wipe out its surroundings, and again, "
        "until the hottest is below the threshold.",
        "`np.unravel_index(heat.argmax(), heat.shape)` gives row and column. Work on a copy, and "
        "wipe out with −infinity.",
        "Distances are in mm: `np.hypot(rows - row, columns - column) * step <= radius`, with "
        "`rows, columns = np.indices(heat.shape)`.",
    ),
)
def find_marks(heat, step, threshold, radius):
    """From heat to marks"""
    return _marks(heat, step, threshold, radius)


@find_marks.inputs
def cases(rng):
    from scipy import ndimage

    def hot(rows, columns, spots):
        heat = np.zeros((rows, columns))
        for _ in range(spots):
            heat[rng.integers(rows), rng.integers(columns)] += rng.uniform(20, 40)
        heat = ndimage.gaussian_filter(heat, 1.2) + rng.uniform(0, 0.2, (rows, columns))
        return heat.round(4) + np.arange(heat.size).reshape(heat.shape) * 1e-6  # no two are equal

    heat = hot(9, 12, 3)
    yield Case((heat, 0.68, 0.8, 2.0), "three hot spots")
    heat = hot(12, 9, 5)
    yield Case((heat, 2.0, 0.7, 5.0), "places 2 mm apart")
    heat = np.zeros((5, 10))
    heat[2, 1], heat[2, 4], heat[2, 8] = 3.0, 4.0, 2.0
    yield Case((heat, 0.5, 2.0, 1.5), "marks exactly at the radius, and exactly at the threshold")
    yield Case((np.zeros((4, 4)), 1.0, 0.5, 2.0), "nothing above the threshold")


find_marks.variants(
    _marks,
    pixels_as_marks=(
        {"suppress": False},
        "Every place above the threshold became a mark. One hot spot is *one* finding: "
        "suppress its surroundings.",
    ),
    only_the_hottest=(
        {"one": True},
        "Only the hottest place of the image became a mark. There may be several clusters: go "
        "on until nothing is above the threshold.",
    ),
    in_places=(
        {"in_mm": False},
        "The positions are counted in places of the map. The lesions are given in mm: "
        "multiply by the step.",
    ),
    radius_in_places=(
        {"reach": lambda radius, step: radius},
        "The radius was taken in places of the map. It is in mm: multiply the distance by the "
        "step before you compare.",
    ),
    threshold_not_included=(
        {"strict": True},
        "A place exactly at the threshold is a mark here: at least, not above.",
    ),
    radius_not_included=(
        {"reach": lambda radius, step: radius / step - 1e-6},
        "A place exactly at the radius is suppressed too: at most, not less than.",
    ),
    row_and_column_swapped=({"swapped": True}, "Row and column are swapped: the row comes first."),
    as_found=(
        {"in_mm": False, "reach": lambda radius, step: radius, "strict": True},
        "That is the function as it was found. Try it on a map of which you know the answer: two "
        "hot places, a known number of millimetres apart, and one exactly at the threshold.",
    ),
    still_in_places=(
        {"in_mm": False, "reach": lambda radius, step: radius},
        "The threshold is mended. What unit do the positions have, and what unit the radius?",
    ),
)
