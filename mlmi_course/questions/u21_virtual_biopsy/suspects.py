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


def _delivery(rng, n=24, mirrored=2, exchanged=2):
    """A delivery in which rows are wrong, in all ways that the question names, and others odd."""
    images, masks, age, kps, time, good, movable = _clean()
    mirror = rng.choice(movable, mirrored, replace=False)
    rows = np.concatenate(
        [mirror, rng.choice(np.setdiff1d(good, mirror), n - 1 - mirrored, replace=False)]
    )
    images, masks = images[rows].copy(), masks[rows].copy()
    age, kps, time = np.clip(age[rows], 25, 74), kps[rows].copy(), np.maximum(time[rows], 40)
    masks[:mirrored] = masks[:mirrored, :, ::-1]
    free = iter(range(mirrored, n - 1))
    for _ in range(exchanged):
        row = next(free)
        images[row] = images[row, ::-1]
    # Nobody can have these.
    age[next(free)] = rng.choice([0.0, 17.0])
    age[next(free)] = rng.choice([101.0, 12 * 58.0])
    kps[next(free)] = rng.choice([7.0, 8.0, 9.0, 45.0])
    kps[next(free)] = rng.choice([0.0, 110.0])
    row = next(free)
    time[row] = -time[row]
    time[next(free)] = 0.0
    # Odd, and right: the ends of each range, and scans that share one channel alone.
    one, other = next(free), next(free)
    age[one], kps[one], time[one] = 18.0, 100.0, 1.0
    age[other], kps[other], time[other] = 100.0, 10.0, 4.0
    images[other, 0], masks[other] = images[one, 0], masks[one]
    third = next(free)
    age[third], kps[third], time[third] = rng.integers(77, 90), 20.0, 12.0
    images[third, 1] = images[one, 1]
    # Entered twice, by two hospitals.
    twice = next(free)
    age, kps, time = (np.append(column, column[twice]) for column in (age, kps, time))
    age[-1], time[-1] = age[-1] + 1, time[-1] + 5
    images = np.concatenate([images, images[twice : twice + 1]])
    masks = np.concatenate([masks, masks[twice : twice + 1]])
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


_seen: dict[int, tuple[np.ndarray, np.ndarray]] = {}


def _contrasts(images, masks):
    """The contrast in both channels; a delivery is asked about many times."""
    key = hash((np.ascontiguousarray(masks).tobytes(), np.ascontiguousarray(images).tobytes()))
    if key not in _seen:
        if len(_seen) > 64:
            _seen.clear()
        _seen[key] = contrast(images[:, 0], masks), contrast(images[:, 1], masks)
    return _seen[key]


def _found(age, kps, time, images, masks, *, leave=(), twins="both", limit=0.3, unit="scan"):
    wrong = np.zeros(len(age), bool)
    if "age" not in leave:
        wrong |= (age > 100) if "young" in leave else (age < 18) | (age > 100)
    if "kps" not in leave:
        wrong |= (kps % 10 != 0) if "ends" in leave else ~np.isin(kps, np.arange(10, 101, 10))
    if "time" not in leave:
        wrong |= time < 0 if "zero" in leave else time <= 0
    if "twins" not in leave:
        compared = {"T1": images[:, 0], "FLAIR": images[:, 1]}.get(twins, images)
        scans = [np.ascontiguousarray(image).tobytes() for image in compared]
        same = np.array([[one == other for other in scans] for one in scans])
        copies = same.sum(axis=1) > 1
        if twins == "second":
            copies &= np.tril(same, -1).any(axis=1)
        wrong |= copies
    first, second = _contrasts(images, masks)
    if unit == "batch":
        medians = np.median(images[:, 0], axis=(1, 2))
        first = first * medians / np.median(medians)
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
    mirrored, exchanged = (int(number) for number in rng.integers(1, 4, 2))
    yield Case(_delivery(rng, 24, mirrored, exchanged), "a delivery of 24 patients")
    yield Case(_delivery(rng, 16, 0, 0), "a delivery of 16 whose masks and channels are right")


def _without(*leave, twins="both", unit="scan"):
    def answer(age, kps, time, images, masks):
        return _found(age, kps, time, images, masks, leave=leave, twins=twins, unit=unit)

    return answer


for _name, _answer, _says in (
    ("age_missed", _without("age"), "You let ages through that are below 18 or above 100."),
    ("young_missed", _without("young"), "You let an age below 18 through."),
    (
        "kps_ends_missed",
        _without("ends"),
        "0 and 110 are divisible by 10, and no Karnofsky points of a living patient: the scale "
        "goes from 10 to 100.",
    ),
    (
        "one_channel_compared",
        _without(twins="T1"),
        "You send back rows whose first channel is that of another row, while FLAIR differs. The "
        "same scan means both channels.",
    ),
    (
        "other_channel_compared",
        _without(twins="FLAIR"),
        "You send back rows whose FLAIR is that of another row, while T1 differs. The same scan "
        "means both channels.",
    ),
    (
        "units_of_the_batch",
        _without(unit="batch"),
        "You measure brightness in one unit for all scans. Each scanner has its own: divide by "
        "something of the same scan, such as its median.",
    ),
    (
        "kps_missed",
        _without("kps"),
        "You let Karnofsky points through that nobody can have.",
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
        "brighter than necrosis and oedema?",
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
