"""Small sets are drawn by patient."""

import numpy as np

from mlmi_course.checks import Case, asks


def _free(order, held):
    return [patient for patient in order if patient not in held]


@asks(
    points=2,
    see="Forty images",
    hints=(
        "First decide which patients, then find their images.",
        "Walk through `order`, pass over whoever is in `held`, and stop at `count` patients. A "
        "list comprehension with an `if` keeps the order; a slice stops.",
        "`np.isin(groups, chosen)` marks the images of the chosen patients, and "
        "`np.flatnonzero` turns marks into row numbers.",
    ),
)
def first_patients(groups, order, held, count):
    """Small sets are drawn by patient"""
    return np.flatnonzero(np.isin(groups, _free(order, held)[:count]))


@first_patients.inputs
def cases(rng):
    for patients, count in ((8, 3), (12, 5)):
        images = np.concatenate([[p] * int(rng.integers(2, 5)) for p in range(patients)])
        names = rng.permutation(np.arange(10, 10 + 7 * patients, 7))
        groups = names[rng.permutation(images)]
        order = rng.permutation(names)
        held = np.sort(order[[0, 2]])  # both among the first, so that they must be passed over
        yield Case((groups, order, held, count), f"{count} of {patients} patients")
    groups, order = np.array([4, 4, 9, 2, 9]), np.array([9, 2, 4])
    yield Case((groups, order, np.array([], int), 2), "no patient held out")
    yield Case((groups, order, np.array([9]), 5), "more patients wanted than there are")


@first_patients.mistake
def images_for_patients(groups, order, held, count):
    """These are the first `count` *images*. `count` is a number of patients, each with all of her
    images: ten images of one woman are one case, not ten.
    """
    return np.sort(in_patient_order(groups, order, held, len(order))[:count])


@first_patients.mistake
def test_patients_in(groups, order, held, count):
    """Test patients are in this set. Whoever is in `held` must not be learnt from, or the test
    asks what was in the lesson.
    """
    return first_patients.right(groups, order, [], count)


@first_patients.mistake
def held_use_up_places(groups, order, held, count):
    """Test patients are left out, but they used up places: the set has too few patients. Pass over
    them first, then count.
    """
    return first_patients.right(groups, order[:count], held, count)


@first_patients.mistake
def one_image_each(groups, order, held, count):
    """That is one image of each patient. All images of the chosen patients are asked for."""
    return np.sort([np.flatnonzero(groups == one)[0] for one in _free(order, held)[:count]])


@first_patients.mistake
def patient_numbers(groups, order, held, count):
    """Those are the numbers of the patients. The rows of their images are asked for."""
    return np.array(_free(order, held)[:count])


@first_patients.mistake
def a_mask(groups, order, held, count):
    """That is one True or False for each image. Row numbers are asked for: `np.flatnonzero` makes
    them.
    """
    return np.isin(groups, _free(order, held)[:count])


@first_patients.mistake
def patients_sorted(groups, order, held, count):
    """You took the patients by their numbers, not in `order`. Then the numbers choose, and not
    chance. `np.setdiff1d` and `np.unique` sort: do without.
    """
    return first_patients.right(groups, np.sort(order), held, count)


@first_patients.mistake
def in_patient_order(groups, order, held, count):
    """The right rows, patient after patient. They are asked for in ascending order."""
    return np.concatenate([np.flatnonzero(groups == one) for one in _free(order, held)[:count]])
