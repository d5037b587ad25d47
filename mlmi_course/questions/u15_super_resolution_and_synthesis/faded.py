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
    ring=3,
    gap=1,
    signed=True,
    diagonal=True,
    smallest=1,
    strict=False,
    use_ring=True,
    exclude=True,
):
    lesions, white = np.asarray(lesions, bool), np.asarray(white, bool)
    structure = np.ones((3, 3)) if diagonal else None
    labelled, n = ndimage.label(lesions, structure)
    square = np.ones((3, 3), bool)
    found = []
    for number in range(1, n + 1):
        one = labelled == number
        outer = ndimage.binary_dilation(one, square, iterations=ring)
        inner = ndimage.binary_dilation(one, square, iterations=gap) if gap else one
        around = outer & ~inner & white
        if exclude:
            around &= ~lesions
        if not use_ring:
            around = white & ~lesions

        def contrast(image, one=one, around=around):
            value = image[around].mean() - image[one].mean()
            return value if signed else abs(value)

        before, after = contrast(np.asarray(measured, float)), contrast(np.asarray(shown, float))
        lost = after < share * before
        if against == "difference":
            lost = before - after > share * before
        if against == "absolute level":
            lost = np.asarray(shown)[one].mean() > (2 - share) * np.asarray(measured)[one].mean()
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
    def head(kept, *, slope=0.0, spacing=13):
        """White matter with dark spots in a row, of which the network keeps these shares."""
        rows, columns = np.mgrid[:24, : spacing * len(kept) + 6]
        base = 280 + slope * (columns - columns.mean())  # brighter towards the coil
        base = base + 2 * ndimage.gaussian_filter(rng.standard_normal(rows.shape), 2) / 0.14
        measured, shown = base + rng.normal(0, 1, base.shape), 0.92 * base
        lesions, white = np.zeros((2, *base.shape), bool)
        for place, part in enumerate(kept):
            away = np.hypot(rows - 11 - place % 2, columns - 8 - spacing * place)
            spot, rim = away < rng.uniform(1.6, 2.4), away < 3.4
            depth = rng.uniform(50, 70)
            lesions |= spot
            measured[spot] -= depth
            measured[rim & ~spot] -= 0.5 * depth  # the scan is blurred, the network's image is not
            shown[spot] -= depth * part
        white = (rows >= 4) & ~lesions
        measured[:4], shown[:4] = 150.0, 140.0  # grey matter above
        return measured.round(1), shown.round(1), lesions, white

    def near(share):
        """Shares on either side of what is asked for, in any order."""
        found = share + np.array([-0.5, -0.09, -0.08, 0.12, 0.13, 0.3])
        return rng.permutation(found)

    yield Case((*head(near(0.7), slope=0.8), 0.7), "six lesions, brighter towards one side")
    yield Case((*head(near(0.5)[:4]), 0.5), "share 0.5")
    yield Case((*head(near(0.7)[:4], spacing=7), 0.7), "lesions near each other")
    measured, shown, lesions, white = head(rng.permutation([-1.2, 1.0]))
    for row, column, value in ((20, 5, 185.0), (21, 6, 260.0)):  # they touch at a corner
        lesions[row, column], white[row, column] = True, False
        measured[row, column], shown[row, column] = 200.0, value
    yield Case((measured, shown, lesions, white, 0.7), "one is bright after the network")
    yield Case((*head([1.0, 1.05]), 0.7), "nothing has faded")


faded.variants(
    _faded,
    level_alone=(
        {"against": "absolute level"},
        "You compare how dark the lesion itself is. The network changes the brightness of "
        "everything, "
        "so compare the lesion with its surroundings on either image.",
    ),
    whole_white=(
        {"use_ring": False},
        "You compare with all white matter. White matter is not the same everywhere: take the "
        "ring.",
    ),
    ring_touches=(
        {"gap": 0},
        "Your ring touches the lesion, and the border of a lesion is blurred. Leave one layer out.",
    ),
    lost_for_kept=(
        {"against": "difference"},
        "You ask whether more than `share` was *lost*. A lesion has faded if less than `share` "
        "is *left*.",
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
