"""Count detections by woman: one finding may show in two views."""

import numpy as np

from mlmi_course.checks import Case, asks


def _by_woman(
    marks,
    lesions,
    women,
    radius,
    *,
    needs=any,
    per="women",
    every_view=False,
    women_apart=True,
    second_hit_is_false=False,
    inside=True,
):
    false, seen = 0, {}
    for some, places, woman in zip(marks, lesions, np.asarray(women).tolist(), strict=True):
        hit = [False] * len(some)
        for view, (row, column, number) in enumerate(places):
            far = [float(np.hypot(m[0] - row, m[1] - column)) for m in some]
            near = [d <= radius if inside else d < radius - 1e-9 for d in far]
            hit = [a or b for a, b in zip(hit, near, strict=True)]
            false += max(sum(near) - 1, 0) if second_hit_is_false else 0
            key = (woman if women_apart else 0, int(number))
            if every_view:
                key = (len(seen), view, "view")
            seen.setdefault(key, []).append(any(near))
        false += sum(not h for h in hit)
    below = {"women": len(set(np.asarray(women).tolist())), "images": len(marks), "one": 1}[per]
    return float(false / below), float(np.mean([needs(views) for views in seen.values()]))


@asks(
    points=3,
    see="Counting: FROC",
    not_allowed=("mlmi_course.metrics.froc",),
    hints=(
        "Go through the images. Which lesions of *this* image have a mark near? Note a lesion by "
        "two things together: its woman and its number.",
        "`found = set()` and `there = set()` of pairs `(woman, number)`: a lesion that is hit in "
        "one of its views is in `found` once, however often it is hit.",
        "A mark that is near no lesion of its image is false. At the end: false marks divided by "
        "`len(set(women))`, and `len(found) / len(there)`.",
    ),
)
def per_woman(marks, lesions, women, radius):
    """Found in either view"""
    return _by_woman(marks, lesions, women, radius)


@per_woman.inputs
def cases(rng):
    def near(place, most):
        away, angle = rng.uniform(0, most), rng.uniform(0, 2 * np.pi)
        return [place[0] + away * np.cos(angle), place[1] + away * np.sin(angle)]

    def far():
        return [float(x) for x in rng.uniform(60, 90, 2)]

    a, b, c = (10.0, 10.0), (40.0, 35.0), (20.0, 30.0)
    lesions = [[[*a, 1], [*b, 2]], [[*c, 1]], [], [[*c, 1]], [[*a, 1]], []]
    women = np.array([7, 7, 4, 4, 9, 9])
    marks = [[near(a, 4), far()], [far()], [far(), far()], [], [near(a, 4)], []]
    yield Case((marks, lesions, women, 5.0), "three women, two views each")
    marks = [[near(b, 3), near(b, 3)], [far()], [], [near(c, 4), far()], [far()], [far()]]
    yield Case((marks, lesions, women, 5.0), "a lesion that is marked twice in one view")
    shown = [[[*a, 1]], [[*b, 1]], [[*c, 1]]]
    marks = [[near(a, 4)], [near(b, 4), far()], []]
    yield Case((marks, shown, np.array([2, 2, 2]), 5.0), "one woman, whose lesion has three views")
    marks = [[[13.0, 14.0]], [far()]]
    yield Case(
        (marks, [[[*a, 1]], [[*b, 2]]], np.array([1, 5]), 5.0), "a mark exactly at the radius"
    )
    yield Case(([[], []], [[[*a, 1]], []], np.array([3, 8]), 5.0), "no marks at all")


per_woman.variants(
    _by_woman,
    per_image=(
        {"per": "images"},
        "You divided the false marks by the number of images. Here they are counted for each "
        "woman, who has several.",
    ),
    not_divided=(
        {"per": "one"},
        "That is the number of all false marks. Divide by the number of women.",
    ),
    views_apart=(
        {"every_view": True},
        "You counted each view of a lesion as a lesion, as the lecture does for sections. Here a "
        "lesion that shows in two views is one, and found if it is marked in either.",
    ),
    in_every_view=(
        {"needs": all},
        "You count a lesion only if it is marked in *every* view that shows it. One is enough to "
        "call the woman back.",
    ),
    views_apart_and_per_image=(
        {"every_view": True, "per": "images"},
        "That is the lecture's way of counting, image by image. Here a woman is the unit: her "
        "lesion is one in all its views, and false marks are counted for each woman.",
    ),
    women_mixed=(
        {"women_apart": False},
        "Numbers are given anew for each woman: lesion 1 of one is not lesion 1 of another. Keep "
        "the woman with the number.",
    ),
    second_hit_is_false=(
        {"second_hit_is_false": True},
        "The second mark on a lesion was counted as a false mark. Here it is neither: it points at "
        "a lesion that has been found already.",
    ),
    radius_not_included=(
        {"inside": False},
        "A mark exactly at the radius is a hit: at most, not less than.",
    ),
)
