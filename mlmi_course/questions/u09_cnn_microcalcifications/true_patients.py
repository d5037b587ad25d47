"""Who is who?"""

from typing import Any

import numpy as np

from mlmi_course.checks import Case, asks


def _keys(images):
    return [np.ascontiguousarray(one).tobytes() for one in images]


def _joined(images, patients, *, key=_keys, chains=True, pairs="now", replaced="now"):
    given, patients = np.array(patients), np.array(patients)
    first: dict[Any, int] = {}
    for place, one in enumerate(key(images)):
        if one not in first:
            first[one] = place
            continue
        pair = (patients if pairs == "now" else given)[[first[one], place]]
        low, high = pair.min(), pair.max()
        if replaced == "given":
            patients[np.isin(given, pair)] = low
        elif chains:
            patients[patients == high] = low
        else:
            patients[place] = low
            patients[first[one]] = low
    return patients


@asks(
    points=2,
    see="Whole patients, or one patient twice",
    hints=(
        "Compare every patch with all patches before it: `(images[i] == images[j]).all()`.",
        "If two patches are equal, their patients are one. Then *all* patches of both get the "
        "smaller of the two numbers.",
        "Work on a copy: `joined = patients.copy()`. For an equal pair: low, high = the smaller "
        "and the larger of their *current* numbers, and `joined[joined == high] = low`.",
    ),
)
def true_patients(images, patients):
    """Who is who?"""
    return _joined(images, patients)


@true_patients.inputs
def cases(rng):
    def pictures(n):
        return rng.integers(0, 256, (n, 4, 4)).astype(np.uint8)

    images = pictures(8)
    numbers = np.array([3, 3, 5, 5, 8, 8, 9, 9])
    images[6] = images[1]
    yield Case((images, numbers), "one patch of patient 9 that is also patient 3's")
    images = pictures(9)
    numbers = np.array([7, 7, 4, 4, 4, 2, 2, 6, 6])
    images[2], images[5] = images[1], images[4]
    yield Case((images, numbers), "a chain: 7 shares a patch with 4, and 4 another with 2")
    images = pictures(5)
    images[3] = images[0][::-1]
    yield Case((images, np.array([1, 1, 2, 2, 3])), "patches with equal pixels in another order")
    images = pictures(6)
    images[1] = images[0]
    yield Case((images, np.array([5, 5, 4, 4, 6, 6])), "a patch twice in the same patient")
    images = pictures(8)
    images[3], images[6] = images[1], images[4]
    numbers = np.array([2, 2, 4, 4, 4, 6, 7, 7])
    yield Case((images, numbers), "a chain: 4 shares a patch with 2, and 7 another with 4")


@true_patients.mistake
def as_given(images, patients):
    """You trust the numbers as they are given. Two patients who share a patch pixel by pixel are
    one, and would sit on both sides of your split.
    """
    return np.array(patients)


@true_patients.mistake
def by_patch(images, patients):
    """Every patch got a number of its own. To split by these is to split by patch: the same
    patient then trains and tests.
    """
    return np.arange(len(images))


true_patients.variants(
    _joined,
    only_the_twins=(
        {"chains": False},
        "Only the two equal patches changed their number. Their patients have other patches, "
        "and these belong to the same woman.",
    ),
    by_the_given_numbers=(
        {"pairs": "given", "replaced": "given"},
        "A chain came apart: each pair was joined by the numbers as they were *given*. One of "
        "them may have changed by then: go by the numbers that the patches have now.",
    ),
    by_a_given_pair=(
        {"pairs": "given"},
        "A chain came apart. The two numbers of a pair were taken as they were *given*: look "
        "up what they have become, before you replace one by the other.",
    ),
    by_content=(
        {"key": lambda images: [np.sort(one, axis=None).tobytes() for one in images]},
        "You joined patches that only have the same pixels in another order, or the same "
        "mean. Twins agree pixel by pixel, each in its place.",
    ),
)
