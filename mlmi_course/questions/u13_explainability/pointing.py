"""A pointing game that flatters: mend it."""

from itertools import combinations

import numpy as np
from scipy import ndimage

from mlmi_course.checks import Case, asks


def _score(
    maps,
    masks,
    patients,
    spacing,
    tolerance,
    *,
    sampling=lambda spacing: spacing,
    looked=lambda map_: map_,
    chance="same rule",
    count="patients",
    tolerated=lambda tolerance: tolerance,
    strict=False,
    place=None,
):
    """Hit rate and chance, right or with something wrong."""
    hits, lucky = [], []
    for map_, mask in zip(maps, masks, strict=True):
        far = ndimage.distance_transform_edt(mask == 0, sampling=sampling(spacing))
        near = far < tolerance if strict else far <= tolerated(tolerance)
        if place is None:
            where = np.unravel_index(np.argmax(looked(map_)), map_.shape)
        else:
            where = place(map_, mask)
        hits.append(float(near[where]))
        lucky.append(float(near.mean() if chance == "same rule" else (mask > 0).mean()))
    hits, lucky, patients = np.array(hits), np.array(lucky), np.asarray(patients)
    if count == "maps":
        return {"rate": hits.mean(), "chance": lucky.mean()}
    each = [patients == one for one in np.unique(patients)]
    rate = np.mean([hits[mine].max() if count == "any" else hits[mine].mean() for mine in each])
    luck = [lucky[mine].mean() for mine in each]
    return {"rate": rate, "chance": lucky.mean() if count == "luck of maps" else np.mean(luck)}


@asks(
    points=4,
    see="The pointing game, with chance",
    hints=(
        "Four questions to ask of the colleague's function: in which unit is the distance? Which "
        "pixel of a map with signs is its maximum? Does luck play by the same rule? And how much "
        "does a patient with many maps weigh?",
        "`ndimage.distance_transform_edt(mask == 0, sampling=spacing)` measures in mm. The chance "
        "of a map is the share of pixels whose distance is at most the tolerance.",
        "Take the mean of each patient's hits first, and then the mean over patients; the same for "
        "the chances.",
    ),
)
def pointing(maps, masks, patients, spacing, tolerance):
    """A pointing game that flatters"""
    return _score(maps, masks, patients, spacing, tolerance)


@pointing.inputs
def cases(rng):
    def one(kind, at, more):
        """A map whose maximum hits or misses in one way, and its mask, of one or two parts."""
        map_ = rng.uniform(-0.4, 0.4, (14, 15)).round(2)
        mask = np.zeros((14, 15), int)
        row, column = at
        mask[row, column : column + 2] = 1
        mask[12, 11 : 11 + more] = 1  # no two patients have lesions of one size
        if kind == "inside":
            map_[row, column + 1] = 1.0
        elif kind == "beside":  # within the tolerance in mm, and in no other unit
            map_[row, column + 4] = 1.0
        elif kind == "above":  # too far in mm; near enough in pixels, or with spacings swapped
            map_[row - 1, column] = 1.0
        elif kind == "signs":  # a larger size, below zero, elsewhere
            map_[row, column], map_[1, 13] = 1.0, -2.0
        else:
            map_[12, 1] = 1.0
        return map_, mask

    def study(kinds, owners, spacing, tolerance):
        drawn = [
            one(kind, (int(rng.integers(4, 8)), int(rng.integers(3, 6))), owner)
            for kind, owner in zip(kinds, owners, strict=True)
        ]
        maps, masks = (np.array(part) for part in zip(*drawn, strict=True))
        names = rng.permutation(90)[: max(owners) + 1] + 10
        order = rng.permutation(len(kinds))
        return (
            maps[order], masks[order], names[np.array(owners)][order].astype(np.int64),
            list(spacing), tolerance,
        )  # fmt: skip

    yield Case(
        study(
            ["inside", "beside", "signs", "far", "above", "inside", "inside"],
            [0, 1, 2, 3, 1, 0, 0],
            (1.8, 0.4),
            1.3,
        ),
        "pixels that are taller than wide, and a patient with three maps",
    )
    yield Case(
        study(["inside", "far", "far", "signs", "beside"], [0, 1, 1, 1, 2], (1.5, 0.5), 1.5),
        "a patient whose maps miss",
    )
    yield Case(
        study(["beside", "beside", "far"], [0, 0, 1], (2.5, 0.5), 1.5),
        "two patients",
    )


_FAULTS = {
    "in_pixels": (
        {"sampling": lambda spacing: [1.0, 1.0]},
        "the distance is in pixels, and the tolerance in millimetres",
    ),
    "largest_size": (
        {"looked": np.abs},
        "it takes the largest *size*, which may be the pixel that speaks most against the finding",
    ),
    "chance_without_tolerance": (
        {"chance": "mask"},
        "chance is the share of the lesion alone, while the map is allowed to miss by the "
        "tolerance: luck must play by the same rule",
    ),
    "maps_for_patients": (
        {"count": "maps"},
        "each *map* counts, so a patient with many maps weighs more than one with a single map",
    ),
}
_COUNT = {1: "One fault is", 2: "Two faults are", 3: "Three faults are", 4: "All four faults are"}
for _many in (4, 3, 2, 1):
    for _left in combinations(_FAULTS, _many):
        pointing.variants(
            _score,
            **{
                "unmended" if _many == 4 else "_and_".join(_left): (
                    {key: value for name in _left for key, value in _FAULTS[name][0].items()},
                    f"{_COUNT[_many]} left: {'; '.join(_FAULTS[name][1] for name in _left)}.",
                )
            },
        )

pointing.variants(
    _score,
    spacing_swapped=(
        {"sampling": lambda spacing: spacing[::-1]},
        "The two spacings are swapped: the first is from row to row.",
    ),
    no_tolerance=(
        {"tolerated": lambda tolerance: 0.0},
        "The tolerance is not used: a maximum beside the lesion, but near enough, is a hit, and "
        "luck has it too.",
    ),
    centre=(
        {"place": lambda map_, mask: (map_.shape[0] // 2, map_.shape[1] // 2)},
        "You look at the centre of the image and not at the maximum of the map. That is the centre "
        "prior: what somebody scores who has no map at all.",
    ),
    maximum_of_the_mask=(
        {"place": lambda map_, mask: np.unravel_index(np.argmax(mask), mask.shape)},
        "You looked for the maximum of the *mask*, which is always a hit.",
    ),
    strictly_less=(
        {"strict": True},
        "A pixel whose distance is exactly the tolerance is a hit: *at most* the tolerance.",
    ),
    luck_of_maps=(
        {"count": "luck of maps"},
        "The rate is right. But luck, too, counts each patient once: the mean over her maps first.",
    ),
    any_hit=(
        {"count": "any"},
        "A patient counts as a hit in yours if *any* of her maps hits. Take the mean over her "
        "maps: the more maps, the easier it would be.",
    ),
)
