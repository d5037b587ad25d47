"""All points of a patient in one fold."""

import numpy as np

from mlmi_course.checks import Case, asks


def _folds(patient, scan, folds, *, unit="patient", order="size", balance="points"):
    patient, scan = np.asarray(patient), np.asarray(scan)
    if unit == "points":
        return (np.arange(len(patient)) % folds).tolist()
    key = patient if unit == "patient" else scan
    names, counts = np.unique(key, return_counts=True)
    turn = np.lexsort((names, -counts)) if order == "size" else np.arange(len(names))
    load, fold = np.zeros(folds), {}
    for place, k in enumerate(turn):
        at = int(load.argmin()) if balance == "points" else place % folds
        fold[names[k]] = at
        load[at] += counts[k]
    return [fold[name] for name in key]


@asks(
    points=3,
    see="What a point looks like",
    hints=(
        "What knows what? Points of one scan know each other, and two scans of one patient show "
        "the same tree. So what must stay together?",
        "Count the points of each patient with `np.unique(patient, return_counts=True)`, and go "
        "through the patients from the largest to the smallest.",
        "Keep the number of points in each fold so far; `int(np.argmin(load))` is the "
        "emptiest, the "
        "first of them where two are equal.",
    ),
)
def fold_of(patient, scan, folds):
    """Mend a split"""
    return _folds(patient, scan, folds)


@fold_of.inputs
def cases(rng):
    def points(people, most):
        names = rng.permutation(np.arange(10, 10 + people))
        patient, scan, number = [], [], 0
        for name in names:
            for _ in range(rng.integers(1, 3)):
                n = int(rng.integers(3, most))
                patient += [int(name)] * n
                scan += [number] * n
                number += 1
        return np.array(patient), np.array(scan)

    yield Case((*points(7, 12), 3), "seven patients, three folds")
    yield Case((*points(9, 9), 4), "nine patients, four folds")
    yield Case((np.repeat([5, 4, 9, 2, 7], 4), np.arange(20) // 2, 3), "patients of one size")


fold_of.variants(
    _folds,
    unmended=(
        {"unit": "points"},
        "Points are dealt out one by one, so neighbours two millimetres apart lie on both sides.",
    ),
    by_scan=(
        {"unit": "scan"},
        "You keep scans together. Two scans of one patient show the same tree, so *patients* must "
        "stay together.",
    ),
    by_name=(
        {"order": "name"},
        "You go through the patients by their number. Begin with the largest: the small ones can "
        "then even out the folds.",
    ),
    in_turn=(
        {"balance": "turn"},
        "You even out the number of patients. Put each into the fold that has the fewest *points* "
        "so far.",
    ),
)
