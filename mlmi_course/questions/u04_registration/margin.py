"""Errors of a registration, in the right direction and unit."""

import numpy as np

from mlmi_course.checks import Case, asks


def _errors(found, fixed_points, moving_points, moving_spacing, *, inverse=False, unit="mm",
            summary="quantile", swapped=False):  # fmt: skip
    matrix = np.linalg.inv(found) if inverse else np.asarray(found, float)
    fixed, moving = (np.asarray(x, float) for x in (fixed_points, moving_points))
    if swapped:
        fixed, moving = moving, fixed
    sent = (matrix @ np.c_[fixed, np.ones(len(fixed))].T).T[:, :3]
    target = moving if unit == "index" else moving * moving_spacing
    apart = sent - target
    if unit == "voxels":
        apart = apart / np.asarray(moving_spacing, float)
    distance = np.linalg.norm(apart, axis=1)
    return float(
        {
            "quantile": lambda: np.quantile(distance, 0.95),
            "median": lambda: np.median(distance),
            "mean": lambda: distance.mean(),
            "largest": lambda: distance.max(),
            "of the mean": lambda: np.linalg.norm(apart.mean(axis=0)),
        }[summary]()
    )


@asks(
    points=3,
    see="What two millimetres cost",
    hints=(
        "Which points does the transform take, and where should they arrive?",
        "The marks on the moving scan are indices: times the spacing they are mm.",
        "Append a 1 to each fixed point, multiply by the matrix, take the distance of each "
        "from its "
        "partner in mm, then `np.quantile(…, 0.95)`.",
    ),
)
def margin(found, fixed_points, moving_marks, moving_spacing):
    """Mend a margin"""
    return _errors(found, fixed_points, moving_marks, moving_spacing)


@margin.inputs
def cases(rng):
    from scipy.spatial.transform import Rotation

    for n, about in ((40, "forty landmarks"), (12, "twelve landmarks")):
        matrix = np.eye(4)
        matrix[:3, :3] = Rotation.from_rotvec(rng.normal(scale=0.15, size=3)).as_matrix()
        matrix[:3, 3] = rng.uniform(5, 12, size=3) * rng.choice([-1, 1], size=3)
        spacing = rng.uniform([0.8, 0.8, 2.0], [1.2, 1.2, 4.0]).round(2)
        fixed = rng.uniform(-60, 60, size=(n, 3)).round(1)
        ones = np.c_[fixed, np.ones(n)]
        marks = ((matrix @ ones.T).T[:, :3] + rng.normal(scale=1.2, size=(n, 3))) / spacing
        yield Case((matrix.round(6), fixed, marks.round(1), spacing), about)


margin.variants(
    _errors,
    unmended=(
        {"inverse": True, "unit": "index", "summary": "median"},
        "That is the colleague's function as it was. Three things: direction, unit, and which "
        "errors "
        "a margin must cover.",
    ),
    wrong_way=(
        {"inverse": True},
        "The matrix leads from fixed to moving points already, so it is not inverted.",
    ),
    indices=(
        {"unit": "index"},
        "The marks are indices of voxels. Multiply them by the spacing to compare them with mm.",
    ),
    voxels=(
        {"unit": "voxels"},
        "That is an error in voxels. A margin is in millimetres, and these voxels are no cubes.",
    ),
    median=(
        {"summary": "median"},
        "The median is exceeded by half of the points. A margin must cover 95 % of them.",
    ),
    mean=(
        {"summary": "mean"},
        "That is the mean error. A margin must cover 95 % of the points.",
    ),
    largest=(
        {"summary": "largest"},
        "That is the largest error, which grows with the number of landmarks. Take the 95 % "
        "quantile.",
    ),
    of_the_mean=(
        {"summary": "of the mean"},
        "You took the length of the mean displacement. Errors in opposite directions cancel in it. "
        "Take the length of each first.",
    ),
    two_left=(
        {"inverse": True, "unit": "index"},
        "Two faults are left: the direction of the matrix, and marks that are indices.",
    ),
    inverse_and_median=(
        {"inverse": True, "summary": "median"},
        "Two faults are left: the direction of the matrix, and the median, which half of the "
        "points "
        "exceed.",
    ),
    index_and_median=(
        {"unit": "index", "summary": "median"},
        "Two faults are left: marks that are indices, and the median, which half of the "
        "points exceed.",
    ),
)
