"""From Hounsfield units to levels, anchored."""

import numpy as np

from mlmi_course.checks import Case, asks


def _levels(image, mask, width, low, *, anchor="low", how=np.floor, outside=0, below=True, first=1):
    image, mask = np.asarray(image, float), np.asarray(mask, bool)
    start = {"low": low, "image": image.min(), "region": image[mask].min(initial=np.inf)}[anchor]
    found = first + how((image - start) / width)
    if below:
        found = np.maximum(found, first)
    return np.where(mask, found, outside if outside is not None else found).astype(int)


@asks(
    points=3,
    see="Bins",
    hints=(
        "What should be the same for two patients with the same tissue: where a bin begins. In the "
        "colleague's function, who decides that?",
        "Level 1 is from `low` to `low + width`, the upper end not included: `1 + floor((x − "
        "low) / "
        "width)`.",
        "Values below `low` go into level 1. At the end, `np.where(mask, levels, 0)`.",
    ),
)
def discretise(image, mask, width, low):
    """From Hounsfield units to levels"""
    return _levels(image, mask, width, low)


@discretise.inputs
def cases(rng):
    image = rng.uniform(-60, 160, (6, 7)).round(1)
    mask = np.zeros((6, 7), bool)
    mask[1:5, 2:6] = True
    image[0, 0] = -1000.0  # air beside it
    image[2, 3] = 10.0  # on the edge of a bin
    image[3, 3] = -100.0  # below the anchor, inside
    yield Case((image, mask, 25.0, -65.0), "a region with air beside it")
    other = rng.uniform(0, 90, (4, 4)).round(1)
    other[0, 0], other[1, 1] = 20.0, -3.0
    yield Case((other, np.ones((4, 4), bool), 10.0, 0.0), "values on the edge of a bin, and below")


discretise.variants(
    _levels,
    unmended=(
        {"anchor": "image", "how": np.rint, "outside": None, "first": 0},
        "That is the colleague's function as it was.",
    ),
    lowest_of_image=(
        {"anchor": "image"},
        "Your bins begin at the lowest value of the whole image. Air beside the region decides "
        "then, "
        "and it differs from image to image. Begin at `low`.",
    ),
    lowest_of_region=(
        {"anchor": "region"},
        "Your bins begin at the lowest value of the region. One dark voxel more, as after a new "
        "outline, and all levels move. Begin at `low`, whatever is in the region.",
    ),
    rounded=(
        {"how": np.rint},
        "You round to the nearest bin. A bin reaches from its lower edge up to the next: use "
        "floor.",
    ),
    lowest_of_image_rounded=(
        {"anchor": "image", "how": np.rint},
        "Two faults are left: the bins begin at the lowest value of the image, and values are "
        "rounded.",
    ),
    outside_has_levels=(
        {"outside": None},
        "The voxels outside the region have levels too. They must be 0.",
    ),
    from_zero=(
        {"first": 0},
        "Your lowest level inside the region is 0, which means *outside*. The first bin is level "
        "1.",
    ),
    below_not_clipped=(
        {"below": False},
        "A value below `low` gets level 0 or less. It belongs into level 1.",
    ),
)


@discretise.picture
def draw_answer(answer):
    from mlmi_course import plots
    from mlmi_course.checks.calling import call

    rng = np.random.default_rng(3)
    image = rng.normal(40, 30, (24, 24))
    image[:, :5] = -1000.0
    rows, columns = np.mgrid[:24, :24]
    mask = (rows - 12) ** 2 + (columns - 13) ** 2 < 64
    levels = np.asarray(call(answer, (image, mask, 25.0, -1000.0)))
    return plots.image(
        levels,
        title="Your levels, bins of 25 HU from −1000",
        alt="A disc of levels around 42 in a background of zeros.",
        colour_bar=True,
    )
