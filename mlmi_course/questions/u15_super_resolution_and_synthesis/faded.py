"""Which lesions did the network fade?"""

import numpy as np
from scipy import ndimage

from mlmi_course.checks import Case, asks


def _faded(
    measured,
    shown,
    lesions,
    white,
    share,
    *,
    against="measured",
    reach=3,
    gap=1,
    signed=True,
    diagonal=True,
    where="ring",
    use_white=True,
    without="all lesions",
    mean=np.mean,
    fixed=None,
):
    lesions, white = np.asarray(lesions, bool), np.asarray(white, bool)
    share = share if fixed is None else fixed
    square = np.ones((3, 3), bool)
    labelled, _ = ndimage.label(lesions, square if diagonal else None)
    measured, shown = np.asarray(measured, float), np.asarray(shown, float)
    found = []
    far = 999 if where == "everywhere" else 6  # pixels; all else happens near the lesion
    for number, place in enumerate(ndimage.find_objects(labelled), start=1):
        near = tuple(slice(max(0, p.start - far), p.stop + far) for p in place)
        one = labelled[near] == number
        around = ndimage.binary_dilation(one, square, iterations=reach)
        around &= ~(ndimage.binary_dilation(one, square, iterations=gap) if gap else one)
        if use_white:
            around &= white[near]
        if without == "all lesions":
            around &= ~lesions[near]
        if where == "everywhere":
            around = white[near] & ~lesions[near]

        def contrast(image, one=one, around=around):
            value = mean(image[around]) - mean(image[one])
            return value if signed else abs(value)

        before, after = contrast(measured[near]), contrast(shown[near])
        lost = after < share * before
        if against == "difference":
            lost = before - after > share * before
        if against == "absolute level":
            lost = shown[near][one].mean() > (2 - share) * measured[near][one].mean()
        if lost:
            found.append(number)
    return found


@asks(
    points=3,
    see="Which picture would you show?",
    hints=(
        "`ndimage.label(lesions, np.ones((3, 3)))` numbers the lesions, also over corners. For "
        "each, "
        "you need the ring on *both* images.",
        "`binary_dilation(one, np.ones((3, 3)), iterations=3)` minus the same with "
        "`iterations=1`, and "
        "only white matter that belongs to no lesion.",
        "Contrast is the ring's mean minus the lesion's. A lesion has faded if it is below "
        "`share` times what it was on the measured image; a negative one has faded too.",
    ),
)
def faded(measured, shown, lesions, white, share):
    """Which lesions did the network fade?"""
    return _faded(measured, shown, lesions, white, share)


@faded.inputs
def cases(rng):
    def head(kept, *, spacing=12, slope=0.0):
        """White matter with dark spots in a row, of which the network keeps these shares."""
        rows, columns = np.mgrid[:26, : spacing * len(kept) + 6]

        def texture(size):
            return size * ndimage.gaussian_filter(rng.standard_normal(rows.shape), 1.2) / 0.24

        base = 280 + slope * (columns - columns.mean())  # brighter towards the coil
        measured, shown = base + texture(11), 0.92 * base + texture(3)
        lesions = np.zeros(base.shape, bool)
        for place, part in enumerate(kept):
            away = np.hypot(
                rows - 9 - (5 if spacing > 6 else 1) * (place % 2), columns - 8 - spacing * place
            )
            spot, rim = away < rng.uniform(1.5, 1.9), away < 3.4
            depth = rng.uniform(50, 70)
            lesions |= spot
            measured[spot] -= depth
            if spacing > 6:
                measured[rim & ~lesions] -= (
                    0.5 * depth
                )  # the scan is blurred, the network's image is not
            shown[spot] -= depth * part
        grey = rows < 6 + rng.integers(0, 2, rows.shape[1])  # its edge runs through some rings
        measured[grey & ~lesions], shown[grey & ~lesions] = 170.0, 140.0
        return measured.round(1), shown.round(1), lesions, ~grey

    def near(share, n):
        """Shares on either side of what is asked for."""
        return share + rng.choice([-0.3, -0.1, -0.05, 0.0, 0.05, 0.1, 0.3], n)

    for share, spacing, slope, about in (
        (0.7, 12, 0.8, "twelve lesions, brighter towards one side"),
        (0.5, 12, 0.0, "share 0.5"),
        (0.7, 5, 0.0, "lesions near each other"),
        (0.6, 12, -0.8, "share 0.6"),
    ):
        kept = near(share, 12)
        if spacing < 6:  # every second one is gone, so a ring that holds it misleads
            kept = np.where(np.arange(12) % 2, 0.0, share - rng.uniform(0.03, 0.1, 12))
        made = head(kept, spacing=spacing, slope=slope)
        yield Case((*made, share), about)
    measured, shown, lesions, white = head(rng.permutation([-1.2, 1.0]))
    for row, column, value in ((22, 5, 185.0), (23, 6, 260.0)):  # they touch at a corner
        lesions[row, column] = True
        measured[row, column], shown[row, column] = 200.0, value
    yield Case((measured, shown, lesions, white, 0.7), "one is bright after the network")
    yield Case((*head([1.3, 1.4]), 0.7), "nothing has faded")


faded.variants(
    _faded,
    level_alone=(
        {"against": "absolute level"},
        "You compare how dark the lesion itself is. The network changes the brightness of "
        "everything, so compare the lesion with its surroundings on either image.",
    ),
    all_white_matter=(
        {"where": "everywhere"},
        "You compare with all white matter. White matter is not the same everywhere: take the "
        "ring.",
    ),
    ring_touches=(
        {"gap": 0},
        "Your ring touches the lesion, and the border of a lesion is blurred. Leave one layer out.",
    ),
    gap_of_two=(
        {"gap": 2},
        "You leave two layers out. Only what *one* dilation reaches is left out.",
    ),
    too_far=(
        {"reach": 4},
        "Your ring reaches four layers far. Dilate three times.",
    ),
    too_near=(
        {"reach": 2},
        "Your ring reaches two layers far. Dilate three times.",
    ),
    grey_in_ring=(
        {"use_white": False},
        "Your ring may hold grey matter, which is as dark as a lesion. Keep white matter only.",
    ),
    lesions_in_ring=(
        {"without": "nothing"},
        "Your ring may hold the next lesion (`white` does not know of lesions). Leave all of them "
        "out.",
    ),
    median=(
        {"mean": np.median},
        "You take medians. The contrast is a difference of two means.",
    ),
    always_07=(
        {"fixed": 0.7},
        "Your function does not use `share`.",
    ),
    lost_for_kept=(
        {"against": "difference"},
        "You ask whether more than `share` was *lost*. A lesion has faded if less than `share` is "
        "*left*.",
    ),
    absolute=(
        {"signed": False},
        "You take the contrast without its sign. A lesion that turned bright has not been kept.",
    ),
    corners_apart=(
        {"diagonal": False},
        "Two pixels that touch at a corner are one lesion: label with `np.ones((3, 3))`.",
    ),
)
