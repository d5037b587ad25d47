"""A similar case of somebody else: mend a search."""

import numpy as np

from mlmi_course.checks import Case, asks


def distances(features):
    return np.linalg.norm(features[:, None] - features[None], axis=-1)


def smallest(numbers, barred):
    return np.where(barred, np.inf, numbers).argmin(axis=1)


def of_one_patient(patients):
    return patients[:, None] == patients[None]


@asks(
    points=2,
    see="Show me a similar case",
    hints=(
        "Compute the distances between all pairs: `features[:, None] - features[None]` has shape "
        "(n, n, p).",
        "Set the distance to infinity where `patients[:, None] == patients[None]`, then `argmin` "
        "along axis 1.",
    ),
)
def prototypes(features, patients):
    """A similar case of somebody else"""
    return smallest(distances(features), of_one_patient(patients))


@prototypes.inputs
def cases(rng):
    for n, about in ((9, "patients with up to three images"), (12, "patients in mixed order")):
        patients = rng.permutation(np.arange(n) // 3 * 7 + 2)
        own = rng.normal(size=(40, 3))[patients // 7]
        features = (own + 0.3 * rng.normal(size=(n, 3))).round(3)
        yield Case((features, patients.astype(np.int64)), about)


@prototypes.mistake
def own_patient(features, patients):
    """Another image of the *same patient* was allowed. It is the same lesion, and shows nothing.
    Exclude all images of the patient.
    """
    return smallest(distances(features), np.eye(len(features), dtype=bool))


@prototypes.mistake
def itself(features, patients):
    """Every image is its own nearest neighbour, at distance 0. Exclude all images of the patient,
    the image itself among them.
    """
    return np.arange(len(features))


@prototypes.mistake
def farthest(features, patients):
    """Those are the least similar cases: look for the smallest distance."""
    return smallest(-distances(features), of_one_patient(patients))


@prototypes.mistake
def shifted(features, patients):
    """The numbers count among the images that are left after the patient's own are taken out. They
    must count in the whole set.
    """
    found = []
    for x, patient in zip(features, patients, strict=True):
        rest = features[patients != patient]
        found.append(np.linalg.norm(rest - x, axis=1).argmin())
    return np.array(found)
