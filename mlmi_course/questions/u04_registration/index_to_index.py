"""From an index of the fixed image to an index of the moving one."""

import numpy as np

from mlmi_course.checks import Case, asks


def _matrix(
    degrees, centre, shift, fixed_spacing, fixed_origin, moving_spacing, moving_origin,
    *, inverse=False, about="centre", order="right", scale="both", origins="both",
):  # fmt: skip
    """Compose the chain; the parameters make the usual slips."""
    c, s = np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))
    turn = np.array([[c, -s, 0], [s, c, 0], [0, 0, 1.0]])

    def move(by):
        return np.array([[1, 0, by[0]], [0, 1, by[1]], [0, 0, 1.0]])

    middle = np.asarray(centre, float) if about == "centre" else np.zeros(2)
    shift = np.asarray(shift, float)
    world = move(middle + shift) @ turn @ move(-middle)
    if order == "shift first":
        world = move(middle) @ turn @ move(shift - middle)
    if inverse:
        world = np.linalg.inv(world)

    def to_mm(spacing, origin):
        spacing = np.ones(2) if scale == "none" else spacing
        origin = np.zeros(2) if origins == "none" else origin
        return move(origin) @ np.diag([*spacing, 1.0])

    there = to_mm(fixed_spacing, fixed_origin)
    back = to_mm(fixed_spacing if scale == "fixed" else moving_spacing, moving_origin)
    if scale == "swapped":
        return np.linalg.inv(there) @ world @ back
    if scale == "mm":
        return world @ there
    return np.linalg.inv(back) @ world @ there


@asks(
    points=3,
    see="Where does a pixel come from?",
    hints=(
        "Three steps, each a 3 × 3 matrix: index of the fixed image to mm, mm to mm, mm to "
        "index of "
        "the moving image.",
        "From an index to mm: multiply by the spacing, then add the origin. The last step undoes "
        "this, with the spacing and the origin of the *moving* image: `np.linalg.inv`.",
        "`inv(to_mm(moving)) @ move(centre + shift) @ turn @ move(-centre) @ to_mm(fixed)`, with "
        "`to_mm` = `move(origin) @ np.diag([*spacing, 1])`.",
    ),
)
def index_to_index(
    degrees, centre, shift, fixed_spacing, fixed_origin, moving_spacing, moving_origin
):
    """From index to index"""
    return _matrix(
        degrees, centre, shift, fixed_spacing, fixed_origin, moving_spacing, moving_origin
    )


@index_to_index.inputs
def cases(rng):
    zero, one = np.zeros(2), np.ones(2)
    spacing = rng.uniform(0.5, 4, size=(2, 2)).round(2)
    origin = rng.uniform(-120, 120, size=(2, 2)).round(1)
    centre, shift = rng.uniform(-40, 40, size=(2, 2)).round(1)
    angle = float(round(rng.uniform(5, 40), 1) * rng.choice([-1, 1]))
    yield Case((angle, centre, shift, spacing[0], origin[0], spacing[1], origin[1]), "two grids")
    yield Case((angle, centre, zero, one, zero, one, zero), "one grid of 1 mm, a turn alone")
    yield Case((0.0, centre, shift, spacing[0], origin[0], spacing[1], origin[1]), "a shift alone")


index_to_index.variants(
    _matrix,
    wrong_way=(
        {"inverse": True},
        "That turns and shifts the other way: the transform is given from fixed points to moving "
        "points, so it is used as it is.",
    ),
    about_the_corner=(
        {"about": "corner"},
        "That turns about the point (0, 0). Bring the centre there first, turn, and bring it back.",
    ),
    shift_before_turn=(
        {"order": "shift first"},
        "You shift before you turn, so the shift is turned too. Of a product of matrices, the "
        "right "
        "one acts first.",
    ),
    no_spacing=(
        {"scale": "none"},
        "An index is not a length. Multiply by the spacing on the way to mm, and divide on the way "
        "back.",
    ),
    one_spacing=(
        {"scale": "fixed"},
        "Both steps have the spacing of the fixed image. The last one leads to an index of the "
        "*moving* image.",
    ),
    grids_swapped=(
        {"scale": "swapped"},
        "The two grids are swapped: you start from an index of the *fixed* image and end in the "
        "moving one.",
    ),
    still_mm=(
        {"scale": "mm"},
        "That ends in millimetres. One step is missing: from mm to an index of the moving image.",
    ),
    no_origin=(
        {"origins": "none"},
        "The origins are missing: index (0, 0) of an image does not lie at 0 mm.",
    ),
)
