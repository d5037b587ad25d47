"""A mask on the grid of its image, by the rule of the edges."""

import numpy as np

from mlmi_course.checks import Case, asks


def _read(mask, spacing, new_spacing, new_shape, *, centre=0.5, new_centre=0.5, outside="zero",
          swap=False, direction=1):  # fmt: skip
    """Read a mask at the points of a new grid; the parameters make the usual slips."""
    index = []
    for axis in (0, 1):
        one = spacing[1 - axis] if swap else spacing[axis]
        new = new_spacing[1 - axis] if swap else new_spacing[axis]
        if direction < 0:
            one, new = new, one
        place = (np.arange(new_shape[axis]) + new_centre) * new / one - centre
        index.append(np.floor(place + 0.5).astype(int))
    rows, columns = np.ix_(*index)
    inside = (rows >= 0) & (rows < mask.shape[0]) & (columns >= 0) & (columns < mask.shape[1])
    read = mask[np.clip(rows, 0, mask.shape[0] - 1), np.clip(columns, 0, mask.shape[1] - 1)]
    return np.where(inside, read, 0) if outside == "zero" else read


@asks(
    points=3,
    see="Onto a common grid",
    hints=(
        "Draw both grids as boxes above each other, with their left edges aligned. Where, in mm, "
        "is the centre of box 0 of either?",
        "The centre of new pixel j lies at (j + ½) · new spacing. Which old pixel is it in, if old "
        "pixel i goes from i to i + 1 times the old spacing?",
        "Per axis: `np.floor((np.arange(n) + 0.5) * new / old).astype(int)`. What is not from 0 to "
        "the old number of pixels minus 1 lies outside, and becomes 0.",
    ),
)
def to_grid(mask, spacing, new_spacing, new_shape):
    """A mask on the grid of its image"""
    return _read(mask, spacing, new_spacing, new_shape)


def _safe(spacing, new_spacing, new_shape):
    """No centre of a new pixel lies on a border of the old ones."""
    for old, new, n in zip(spacing, new_spacing, new_shape, strict=True):
        place = (np.arange(n) + 0.5) * new / old
        if np.any(np.abs(place - np.round(place)) < 1e-3):
            return False
    return True


def _draw(rng, low, high, spare):
    """Draw a mask, and a grid whose points do not lie on the borders of its pixels."""
    while True:
        spacing = tuple(float(v) for v in rng.choice([0.8, 0.9, 1.0, 1.1, 1.3], 2, replace=False))
        new = tuple(float(np.round(s * rng.uniform(low, high), 2)) for s in spacing)
        mask = np.zeros((9, 11), dtype=int)
        row, column = rng.integers(1, 4), rng.integers(1, 5)
        mask[row : row + 4, column : column + 5] = 1
        mask[row + 1, column + 1] = 3  # a second label
        mask[-1, 6:] = 2  # touches the edge
        shape = tuple(int(np.ceil(n * s / t)) + spare for n, s, t in zip(
            mask.shape, spacing, new, strict=True))  # fmt: skip
        if _safe(spacing, new, shape):
            return mask, spacing, new, shape


@to_grid.inputs
def cases(rng):
    yield Case(_draw(rng, 1.6, 2.3, 0), "a coarser grid")
    yield Case(_draw(rng, 0.4, 0.6, 0), "a finer grid")
    yield Case(_draw(rng, 0.4, 0.6, 4), "a finer grid that reaches beyond the image")
    yield Case(_draw(rng, 1.1, 1.4, 2), "a slightly coarser grid that reaches beyond the image")


to_grid.variants(
    _read,
    unmended=(
        {"centre": 0.0, "new_centre": 0.0, "outside": "edge"},
        "That is the colleague's function as it was. Where is the centre of the first new pixel, "
        "and what does she put outside the old image?",
    ),
    half_a_pixel=(
        {"centre": 0.0, "new_centre": 0.0},
        "Outside is right, but the mask has still moved: you align the *centres* of the first "
        "pixels, and here their outer *edges* lie on each other.",
    ),
    edge_repeated=(
        {"outside": "edge"},
        "The places are right, but outside the old image you repeat its border. Nobody has seen "
        "anything there: 0.",
    ),
    moved_back=(
        {"centre": 0.0},
        "You go to the centre of the new pixel, but then round as if old pixel i were *centred* at "
        "i. It goes from i to i + 1, so take the floor.",
    ),
    axes_exchanged=(
        {"swap": True},
        "Rows and columns are exchanged: the first spacing belongs to the first axis.",
    ),
    other_direction=(
        {"direction": -1},
        "You scale by the inverse. A new pixel j lies at (j + ½) · *new* spacing mm, and old "
        "pixels are *old* spacing wide.",
    ),
)


@to_grid.mistake
def starts_at_the_corner(mask, spacing, new_spacing, new_shape):
    """You take the corner of each new pixel, and not its centre: add a half before you scale."""
    return _read(mask, spacing, new_spacing, new_shape, new_centre=0.0)


@to_grid.mistake
def labels_to_one(mask, spacing, new_spacing, new_shape):
    """The places are right, but the labels are gone: 2 and 3 must stay 2 and 3."""
    return (_read(mask, spacing, new_spacing, new_shape) > 0).astype(int)


@to_grid.picture
def draw_answer(answer):
    from skimage.transform import resize

    from mlmi_course import plots
    from mlmi_course.checks.calling import call

    rows, columns = np.indices((40, 40))
    disc = (np.hypot(rows - 19.5, columns - 12) < 6).astype(int)
    scan = resize(500.0 + 200 * disc, (8, 8), anti_aliasing=True)  # by the rule of the edges
    reply = np.asarray(call(answer, (disc, (1.0, 1.0), (5.0, 5.0), (8, 8))))
    return plots.overlay(
        scan,
        {"your mask": reply > 0},
        spacing=(5.0, 5.0),
        title="A disc of 12 mm on a grid of 5 mm",
        alt="A bright blob on a coarse grid, with the outline of your mask over it.",
    )
