"""Labels carried to another grid."""

import numpy as np

from mlmi_course.checks import Case, asks


def _carried(
    labels, moving_spacing, matrix, shape, fixed_spacing,
    *, inverse=False, order="nearest", unit="both",
):  # fmt: skip
    from scipy import ndimage

    indices = np.indices(shape).reshape(2, -1).astype(float)
    fixed = np.asarray(fixed_spacing, float)[:, None]
    moving = np.asarray(moving_spacing, float)[:, None]
    points = indices if unit in ("none", "no first") else indices * fixed
    chain = np.linalg.inv(matrix) if inverse else np.asarray(matrix, float)
    look = (chain @ np.vstack([points, np.ones(points.shape[1])]))[:2]
    look = look if unit in ("none", "no last") else look / (fixed if unit == "fixed" else moving)
    if order == "nearest":
        values = ndimage.map_coordinates(np.asarray(labels), look, order=0)
    else:
        values = ndimage.map_coordinates(np.asarray(labels, float), look, order=1)
        if order == "rounded":
            values = np.round(values)
    return values.reshape(shape)


@asks(
    points=3,
    see="Where does a pixel come from?",
    hints=(
        "Ask of each line: is this a number of pixels or of millimetres? Points of which image? A "
        "grey value or a name?",
        "The matrix takes points of the fixed image to points of the moving one, both in mm. A "
        "resampling walks over the *fixed* grid, and asks where to look in the moving image.",
        "Indices times `fixed_spacing`, then the matrix as it is, then divided by "
        "`moving_spacing`. "
        "And `order=0`.",
    ),
)
def carry(labels, moving_spacing, matrix, shape, fixed_spacing):
    """Mend a mask that is carried across"""
    return _carried(labels, moving_spacing, matrix, shape, fixed_spacing)


def _blocks(rng, shape):
    labels = np.zeros(shape, np.int64)
    n, m = shape
    labels[n // 5 : n // 2, m // 6 : m // 2] = 3
    labels[n // 2 : 4 * n // 5, m // 3 : 5 * m // 6] = 7
    labels[n // 4 : n // 3, m // 2 : 3 * m // 4] = int(rng.integers(10, 20))
    return labels


@carry.inputs
def cases(rng):
    angle = np.deg2rad(rng.uniform(8, 20))
    c, s = np.cos(angle), np.sin(angle)
    shift = rng.uniform(3, 8, size=2) * rng.choice([-1, 1], size=2)
    turned = np.array([[c, -s, shift[0] + 6], [s, c, shift[1] - 6], [0, 0, 1.0]])
    moved = np.array([[1, 0, shift[0]], [0, 1, shift[1]], [0, 0, 1.0]])
    spacing, other = rng.uniform(0.8, 1.4, 2).round(2), rng.uniform(1.6, 2.6, 2).round(2)
    yield Case(
        (_blocks(rng, (40, 44)), spacing, turned, (20, 22), other), "onto a coarser grid, turned"
    )
    yield Case(
        (_blocks(rng, (36, 36)), np.ones(2), moved, (36, 36), np.ones(2)),
        "one grid of 1 mm, shifted",
    )


_PARTS = (
    ("wrong_way", {"inverse": True}, "the matrix is inverted, though it already leads from fixed "
     "points to moving points, which is what a resampling asks for"),
    ("blurred", {"order": "linear"}, "labels are interpolated like grey values, which invents "
     "labels between them"),
    ("pixels", {"unit": "none"}, "indices are taken for millimetres on both sides"),
)  # fmt: skip


def _join(parts):
    return {key: value for _, given, _ in parts for key, value in given.items()}


_TABLE = {}
for _first in range(3):
    _TABLE[f"left_{_PARTS[_first][0]}"] = (
        _PARTS[_first][1],
        f"One fault is left: {_PARTS[_first][2]}.",
    )
    _two = [part for place, part in enumerate(_PARTS) if place != _first]
    _TABLE[f"left_{_two[0][0]}_and_{_two[1][0]}"] = (
        _join(_two),
        f"Two faults are left: {_two[0][2]}; and {_two[1][2]}.",
    )
_TABLE["unmended"] = (
    _join(_PARTS),
    "That is the colleague's function as it was. Ask of each line which image, and which unit.",
)
carry.variants(
    _carried,
    **_TABLE,
    rounded=(
        {"order": "rounded"},
        "Rounding after a linear interpolation still invents labels: between 3 and 7 lies 5, "
        "another "
        "organ. Take the nearest pixel.",
    ),
    one_grid=(
        {"unit": "fixed"},
        "Both steps use the spacing of the fixed image. To look into the moving image, divide by "
        "the moving spacing.",
    ),
    no_last_step=(
        {"unit": "no last"},
        "You look in the moving image at millimetres. Divide by its spacing to get indices.",
    ),
    no_first_step=(
        {"unit": "no first"},
        "The matrix wants millimetres. Multiply the indices of the fixed grid by its spacing "
        "first.",
    ),
)
