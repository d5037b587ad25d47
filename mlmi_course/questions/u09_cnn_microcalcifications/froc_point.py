"""One point of the FROC curve."""

import numpy as np

from mlmi_course.checks import Case, asks


def _counted_marks(
    marks,
    lesions,
    radius,
    *,
    every_hit=False,
    extra_hits=False,
    free=False,
    per="images",
    found_of="lesions",
):
    found = false = seen = with_lesion = 0
    for some, places in zip(marks, lesions, strict=True):
        some, places = np.reshape(some, (-1, 2)), np.reshape(places, (-1, 2))
        hits = np.hypot(*(some[:, None] - places[None]).transpose(2, 0, 1)) <= radius
        found += hits.sum() if every_hit else hits.any(axis=0).sum()
        wrong = (~hits.any(axis=1)).sum()
        if extra_hits:
            wrong += hits.any(axis=1).sum() - min(hits.any(axis=1).sum(), hits.any(axis=0).sum())
        false += 0 if free and len(places) else wrong
        seen += bool(hits.any())
        with_lesion += bool(len(places))
    count = sum(len(np.reshape(places, (-1, 2))) for places in lesions)
    images = len(marks) - with_lesion if free else len(marks)
    below = {
        "images": images, "lesions": count, "one": 1, "marks": sum(map(len, marks)),
        "images_without": len(marks) - with_lesion,
    }[per]  # fmt: skip
    share = seen / with_lesion if found_of == "images" else found / count
    return float(false / max(below, 1)), float(share)


@asks(
    points=3,
    see="Counting: FROC",
    not_allowed=("mlmi_course.metrics.froc",),
    hints=(
        "Go through the images. For each lesion: is any mark near? For each mark: is any lesion "
        "near? If you compare arrays, an empty list needs `np.reshape(some, (-1, 2))` first.",
        "A lesion with two marks is found once. Its second mark is no false mark either: it *is* "
        "near a lesion.",
        "False marks are divided by the number of *all* images, found lesions by the number of "
        "all lesions. `np.hypot(mark[0] - lesion[0], mark[1] - lesion[1]) <= radius` is a hit.",
    ),
)
def froc_point(marks, lesions, radius):
    """One point of the FROC curve"""
    return _counted_marks(marks, lesions, radius)


@froc_point.inputs
def cases(rng):
    def near(place, most):
        away, angle = rng.uniform(0, most), rng.uniform(0, 2 * np.pi)
        return [place[0] + away * np.cos(angle), place[1] + away * np.sin(angle)]

    def far():
        return [float(x) for x in rng.uniform(60, 90, 2)]

    lesions = [[[10.0, 10.0], [30.0, 30.0]], [[20.0, 8.0]], [], []]
    marks = [[near((10, 10), 4), far()], [far(), far()], [far()], []]
    yield Case((marks, lesions, 5.0), "four images, two of them without a lesion")
    marks = [[near((10, 10), 3), near((10, 10), 3), far()], [near((20, 8), 4)], [], []]
    yield Case((marks, lesions, 5.0), "a lesion that is marked twice")
    marks = [[near((10, 10), 3)] * 3, [], [far(), far()], []]
    yield Case((marks, lesions, 5.0), "three marks on one lesion, none on the others")
    yield Case(([[], [], [], []], lesions, 5.0), "no marks at all")
    yield Case(([[[13.0, 14.0]]], [[[10.0, 10.0]]], 5.0), "a mark exactly at the radius")


froc_point.variants(
    _counted_marks,
    two_hits_count_twice=(
        {"every_hit": True},
        "Two marks on one lesion were counted as two true positives. A lesion is found once, "
        "however often it is marked; otherwise the sensitivity can exceed 1.",
    ),
    second_hit_is_false=(
        {"extra_hits": True},
        "The second mark on a lesion was counted as a false mark. Here it is neither: it "
        "points at a lesion that has been found already.",
    ),
    lesion_free_only=(
        {"free": True},
        "You counted false marks on images without lesions only. Some do so; here all images "
        "count. State which.",
    ),
    per_image_without=(
        {"per": "images_without"},
        "You counted false marks on all images, but divided by those without a lesion. Divide "
        "by all images.",
    ),
    per_lesion=(
        {"per": "lesions"},
        "You divided the false marks by the number of lesions. FROC counts them per image.",
    ),
    not_per_image=(
        {"per": "one"},
        "That is the number of false marks in all images together. Divide by the number of images.",
    ),
    share_of_marks=(
        {"per": "marks"},
        "You divided by the number of marks: that is the share of marks that are false. FROC "
        "has false marks *per image*.",
    ),
    images_found=(
        {"found_of": "images"},
        "You counted images in which something was found. The sensitivity of FROC counts lesions.",
    ),
)


@froc_point.mistake
def radius_not_included(marks, lesions, radius):
    """A mark exactly at the radius is a hit: at most, not less than."""
    return _counted_marks(marks, lesions, radius - 1e-6)
