"""Quality control: which rows of a delivery go back to the hospital?"""

from functools import cache

import numpy as np

from mlmi_course.checks import Case, asks

_BRIGHT = 0.5


@cache
def _clean():
    """Patients whose rim is plainly brighter than its surroundings, and who may be mirrored."""
    from mlmi_course.data import load_tumour_cohort

    cohort = load_tumour_cohort(n=160, seed=21)
    images, masks = np.asarray(cohort.images), np.asarray(cohort.masks)
    inside = contrast(images[:, 0], masks)
    other = contrast(images[:, 1], masks)
    mirrored = contrast(images[:, 0], masks[:, :, ::-1])
    # Gaps, so that any sensible limit divides the good from the planted.
    good = (inside > _BRIGHT) & (other < 0.12)
    movable = good & (mirrored < 0.12)
    clinical = cohort.clinical.to_numpy()
    return (
        images,
        masks,
        np.round(clinical[:, 0]),
        clinical[:, 2],
        cohort.time,
        np.flatnonzero(good),
        np.flatnonzero(movable),
    )


def contrast(image, mask):
    """How much brighter the labelled rim is than necrosis and oedema, relative to the brain."""
    brain = np.median(image, axis=(-2, -1))

    def mean(where):
        return (image * where).sum(axis=(-2, -1)) / np.maximum(where.sum(axis=(-2, -1)), 1)

    return (mean(mask == 2) - mean((mask == 1) | (mask == 3))) / brain


def _delivery(rng, n=24):
    """A delivery in which ten rows are wrong, in eight ways."""
    images, masks, age, kps, time, good, movable = _clean()
    mirror = rng.choice(movable, 2, replace=False)
    rest = rng.choice(np.setdiff1d(good, mirror), n - 3, replace=False)
    rows = np.concatenate([mirror, rest])
    # The copy comes last, then all are shuffled.
    rows = np.append(rows, rows[2])
    images, masks = images[rows].copy(), masks[rows].copy()
    age, kps, time = age[rows].copy(), kps[rows].copy(), time[rows].copy()
    age[-1], kps[-1], time[-1] = age[2] + 1, 80.0, time[2] + 5.0  # entered twice, by two hospitals
    masks[:2] = masks[:2, :, ::-1]
    images[3] = images[3, ::-1]
    images[4] = images[4, ::-1]
    age[5] = 12 * age[5]
    kps[6] = rng.choice([7.0, 8.0, 9.0])
    time[7] = -time[7]
    time[8] = 0.0
    order = rng.permutation(n)
    return tuple(column[order] for column in (age, kps, time, images, masks))


def delivery():
    """A delivery of 24 patients: ``age``, ``kps``, ``time``, ``images``, ``masks``.

    Returns
    -------
    dict of str to ndarray
        Years, Karnofsky points, days, (24, 2, 64, 64) scans and (24, 64, 64) labels.
    """
    names = ("age", "kps", "time", "images", "masks")
    return dict(zip(names, _delivery(np.random.default_rng(2)), strict=True))


def _found(age, kps, time, images, masks, *, leave=(), twins="both", limit=0.3):
    wrong = np.zeros(len(age), bool)
    if "age" not in leave:
        wrong |= (age < 18) | (age > 100)
    if "kps" not in leave:
        wrong |= (kps < 10) | (kps > 100) | (kps % 10 != 0)
    if "time" not in leave:
        wrong |= time < 0 if "zero" in leave else time <= 0
    if "twins" not in leave:
        scans = [np.ascontiguousarray(image).tobytes() for image in images]
        same = np.array([[one == other for other in scans] for one in scans])
        copies = same.sum(axis=1) > 1
        if twins == "second":
            copies &= np.tril(same, -1).any(axis=1)
        wrong |= copies
    first = contrast(images[:, 0], masks)
    second = contrast(images[:, 1], masks)
    swapped = (first < limit) & (second > limit)
    if "swapped" not in leave:
        wrong |= swapped
    if "mirrored" not in leave:
        wrong |= (first < limit) & ~swapped
    return [int(i) for i in np.flatnonzero(wrong)]


@asks(
    points=3,
    see="Quality control",
    hints=(
        "Go through the list of faults one by one and make a mask for each. Three need the table "
        "alone; for copies compare every scan with every other.",
        "Of the enhancing rim the physics says something: after the contrast agent it is brighter "
        "than the necrosis inside and the oedema outside. Compute that difference for each patient "
        "in `images[:, 0]`, in units of the image's median, and print all of them. Do two groups "
        "appear?",
        "`rim = images[i, 0][masks[i] == 2].mean()`, the same for labels 1 and 3 together, and "
        "`(rim - rest) / np.median(images[i, 0]) < 0.3` marks a mask that does not fit and "
        "channels that were exchanged alike.",
    ),
)
def suspects(age, kps, time, images, masks):
    """Which rows go back to the hospital?"""
    return _found(age, kps, time, images, masks)


@suspects.inputs
def cases(rng):
    yield Case(_delivery(rng), "a delivery of 24 patients")
    yield Case(_delivery(rng, 16), "another one, of 16")


def _without(*leave, twins="both"):
    def answer(age, kps, time, images, masks):
        return _found(age, kps, time, images, masks, leave=leave, twins=twins)

    return answer


for _name, _answer, _says in (
    ("age_missed", _without("age"), "You let an age through that is in months."),
    (
        "kps_missed",
        _without("kps"),
        "You let Karnofsky points of 7, 8 or 9 through: a digit was lost.",
    ),
    ("time_missed", _without("time"), "You let times through that nobody can have lived."),
    (
        "zero_missed",
        _without("zero"),
        "You let a time of 0 days through. Nobody is watched for no time; a Cox model would let "
        "the row count for nothing, in silence.",
    ),
    ("twins_missed", _without("twins"), "You let a scan through that is in the delivery twice."),
    (
        "second_only",
        _without(twins="second"),
        "Of a scan that came twice you send back the second alone. Nobody knows which of the two "
        "rows is right: both go back.",
    ),
    (
        "swapped_missed",
        _without("swapped"),
        "You let scans through whose channels are exchanged. In which channel is the labelled rim "
        "bright?",
    ),
    (
        "mirrored_missed",
        _without("mirrored"),
        "You let masks through that are mirrored. Is the labelled rim bright where the mask says?",
    ),
    (
        "table_alone",
        _without("twins", "swapped", "mirrored"),
        "You looked at the table alone. Look at the scans and their masks too.",
    ),
    (
        "images_not_compared_with_masks",
        _without("swapped", "mirrored"),
        "The table and the copies are right. But no mask was compared with its scan.",
    ),
):
    suspects.knows(_name, _answer, _says)


@suspects.mistake
def numbers_from_one(age, kps, time, images, masks):
    """The rows are right, but you count them from 1. Here rows begin at 0, as in NumPy."""
    return [row + 1 for row in suspects.right(age, kps, time, images, masks)]


@suspects.mistake
def marks_for_rows(age, kps, time, images, masks):
    """You return True or False for each patient. Return the numbers of the rows that are True:
    `np.flatnonzero(wrong)`.
    """
    rows = suspects.right(age, kps, time, images, masks)
    return [row in rows for row in range(len(age))]


@suspects.mistake
def old_is_wrong(age, kps, time, images, masks):
    """You send back patients above 75. They are old, and real: an age is a fault where nobody can
    have it.
    """
    rows = suspects.right(age, kps, time, images, masks)
    return sorted({*rows, *(int(i) for i in np.flatnonzero(age > 75))})
