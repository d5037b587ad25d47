"""The fractal dimension of a tumour's border."""

import numpy as np
from scipy import ndimage

from mlmi_course.checks import Case, asks
from mlmi_course.checks.calling import call


def _dimension(
    mask, *, border=True, touch="any", sign=-1.0, smallest=4, rim="inside", edge=0, largest=None
):
    mask = np.asarray(mask, bool)
    if border:
        inner = ndimage.binary_erosion(mask, border_value=edge)
        mask = mask & ~inner if rim == "inside" else ndimage.binary_dilation(mask) & ~mask
    side = len(mask)
    sizes = 2 ** np.arange(int(np.log2(side)) - 2)  # up to an eighth of the side
    sizes = sizes[(sizes >= smallest) & (sizes <= (largest or side))]
    found = []
    for size in sizes:
        boxes = mask.reshape(side // size, size, side // size, size)
        share = boxes.mean(axis=(1, 3))
        found.append({"any": share > 0, "half": share >= 0.5, "sum": share}[touch].sum())
    if 0 in found:
        return float("nan")
    return float(sign * np.polyfit(np.log(sizes), np.log(found), 1)[0])


@asks(
    points=3,
    see="How rough is a border?",
    hints=(
        "`ndimage.binary_erosion(mask)` takes one layer of pixels off. The border is what is in "
        "the "
        "mask and not in that.",
        "For boxes of `s` pixels: `border.reshape(n // s, s, n // s, s).any(axis=(1, 3)).sum()`.",
        "`np.polyfit(np.log(sizes), np.log(counts), 1)[0]` is the slope. Fewer boxes are needed as "
        "they grow, so the slope is negative and the dimension is minus it.",
    ),
)
def border_dimension(mask):
    """How rough is a border?"""
    return _dimension(mask)


def _blob(rng, rough, side=128):
    rows, columns = np.mgrid[:side, :side] - (side - 1) / 2
    angle = np.arctan2(rows, columns)
    radius = side * 0.28
    for k in range(2, 14):
        radius = radius + side * rough / k * rng.normal() * np.cos(k * angle + rng.uniform(0, 6.3))
    return np.hypot(rows, columns) < radius


@border_dimension.inputs
def cases(rng):
    yield Case((_blob(rng, 0.05),), "a lobed mass")
    yield Case((_blob(rng, 0.12),), "a spiculated mass")
    cut = np.roll(_blob(rng, 0.08, 256), 110, axis=0)
    cut[:90] = False
    yield Case((cut,), "256 pixels, a mass that the image's edge cuts off")
    yield Case((rng.random((128, 128)) < 0.35,), "dust: nearly all of it is border")


border_dimension.variants(
    _dimension,
    whole_mask=(
        {"border": False},
        "You counted boxes that hold the whole mask: a filled area has a dimension near 2, however "
        "rough its border is. Take the border first.",
    ),
    half_full=(
        {"touch": "half"},
        "You count only boxes that are half full. A line fills hardly any of a large box: a box "
        "counts as soon as one pixel of the border lies in it.",
    ),
    pixels_counted=(
        {"touch": "sum"},
        "You add up shares of boxes. Count boxes that hold at least one pixel of the border.",
    ),
    negative=(
        {"sign": 1.0},
        "The slope is right, and it is negative: fewer boxes are needed as they grow. The "
        "dimension "
        "is minus the slope.",
    ),
    single_pixels=(
        {"smallest": 1},
        "You begin with boxes of one pixel. The smallest boxes measure the raster, and not the "
        "border: begin at 4.",
    ),
    edge_forgotten=(
        {"edge": 1},
        "Where the image's edge cuts the mass off, its border runs along the edge: such pixels "
        "have a "
        "neighbour outside. `binary_erosion(mask)` does that by default.",
    ),
    three_sides=(
        {"largest": 16},
        "You stop at boxes of 16. The largest have an eighth of the image's side: 32 for 256 "
        "pixels.",
    ),
    outer_rim=(
        {"rim": "outside"},
        "That is the layer of pixels *around* the mask. The border is the outermost layer of the "
        "mask itself.",
    ),
)


def koch(side=512, rounds=5):
    """A closed Koch curve as a filled mask; its border has dimension log 4 / log 3 = 1.26."""
    from skimage.draw import polygon

    turn = np.exp(-1j * np.pi / 3)
    points = np.exp(-2j * np.pi * np.arange(4) / 3)
    for _ in range(rounds):
        start, step = points[:-1], np.diff(points) / 3
        new = [start, start + step, start + step + step * np.conj(turn), start + 2 * step]
        points = np.append(np.stack(new, axis=1).ravel(), points[-1])
    points = (points / np.abs(points).max() * 0.47 + 0.5 + 0.5j) * side
    mask = np.zeros((side, side), bool)
    mask[polygon(points.imag, points.real, mask.shape)] = True
    return mask


@border_dimension.picture
def draw_answer(answer):
    from mlmi_course import plots

    rng = np.random.default_rng(2)
    rows, columns = np.mgrid[:512, :512] - 255.5
    shapes = {
        "disc": np.hypot(rows, columns) < 190,
        "lobed": _blob(rng, 0.05, 512),
        "spiculated": _blob(rng, 0.12, 512),
        "Koch's snowflake, 1.26": koch(),
    }
    return plots.bars(
        list(shapes),
        [float(call(answer, (mask,))) for mask in shapes.values()],
        xlabel="your dimension of the border",
        limits=(0.9, 1.4),
        title="Four borders",
        alt="Your dimension of the borders of a disc, two masses and Koch's snowflake.",
    )
