"""From Hounsfield units to levels, anchored."""

import numpy as np

from mlmi_course.checks import Case, asks


def _levels(
    image, mask, width, low, high, *, anchor="low", how=np.floor, outside=0, first=1, range_="out"
):
    image, mask = np.asarray(image, float), np.asarray(mask, bool)
    kept = mask & (image >= low) & (image < high)
    start = {
        "kept": image[kept].min(initial=np.inf),
        "low": low,
        "image": image.min(),
        "region": image[mask].min(initial=np.inf),
    }[anchor]
    if range_ == "clipped":
        last = first + np.ceil((high - low) / width) - 1
        found = np.clip(first + how((image - start) / width), first, last)
        inside = mask
    else:
        found = first + how((image - start) / width)
        inside = {
            "out": mask & (image >= low) & (image < high),
            "below stays": mask & (image < high),
            "high belongs": mask & (image >= low) & (image <= high),
            "ignored": mask,
        }[range_]
    return np.where(inside, found, outside if outside is not None else found).astype(int)


@asks(
    points=3,
    see="Bins",
    hints=(
        "What should be the same for two patients with the same tissue: where a bin begins. In the "
        "colleague's function, who decides that?",
        "Level 1 is from `low` to `low + width`, the upper end not included: `1 + floor((x − "
        "low) / "
        "width)`.",
        "In the region is `mask & (image >= low) & (image < high)`. At the end, `np.where(that, "
        "levels, 0)`.",
    ),
)
def discretise(image, mask, width, low, high):
    """From Hounsfield units to levels"""
    return _levels(image, mask, width, low, high)


@discretise.inputs
def cases(rng):
    image = rng.uniform(-60, 160, (6, 7)).round(1)
    mask = np.zeros((6, 7), bool)
    mask[1:5, 2:6] = True
    image[0, 0] = -1000.0  # air beside it
    image[2, 3], image[2, 4] = 10.0, -15.4  # on the edge of a bin, and just below one
    image[3, 3], image[3, 4] = -100.0, 900.0  # air and a clip, inside the outline
    yield Case((image, mask, 25.0, -65.0, 180.0), "a region with air and a metal clip in it")
    other = rng.uniform(0, 90, (4, 4)).round(1)
    other[0, 0], other[1, 1], other[2, 2], other[3, 0] = 20.0, -3.0, 100.0, 4.0
    yield Case((other, np.ones((4, 4), bool), 10.0, 0.0, 100.0), "values on the edges of the range")


discretise.variants(
    _levels,
    unmended=(
        {"anchor": "image", "how": np.rint, "outside": None, "first": 0, "range_": "ignored"},
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
    lowest_that_stays=(
        {"anchor": "kept"},
        "Your bins begin at the lowest value that stays in the region. It differs from patient to "
        "patient: begin at `low`.",
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
    clipped=(
        {"range_": "clipped"},
        "Values below `low` or from `high` on went into the first or the last bin. They are no "
        "tissue "
        "of the tumour: they leave the region, level 0.",
    ),
    range_ignored=(
        {"range_": "ignored"},
        "Values below `low` or from `high` on are still in the region. Give them level 0.",
    ),
    below_stays=(
        {"range_": "below stays"},
        "Values below `low` are still in the region. Give them level 0.",
    ),
    high_belongs=(
        {"range_": "high belongs"},
        "A value of exactly `high` is outside: the range ends before it.",
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
    levels = np.asarray(call(answer, (image, mask, 25.0, -1000.0, 400.0)))
    return plots.image(
        levels,
        title="Your levels, bins of 25 HU from −1000",
        alt="A disc of levels around 42 in a background of zeros.",
        colour_bar=True,
    )
