"""Which neighbours on a map are other patients, and true ones?"""

import numpy as np

from mlmi_course.checks import Case, asks
from mlmi_course.checks.calling import call


def _cosine(rows):
    unit = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return 1 - unit @ unit.T


def _euclidean(rows):
    return np.sqrt(((rows[:, None] - rows[None]) ** 2).sum(axis=-1))


def _correlation(rows):
    return _cosine(rows - rows.mean(axis=1, keepdims=True))


def _kept_with(
    features,
    places,
    patient,
    k,
    *,
    in_features=_cosine,
    in_places=_euclidean,
    leave_out="patient",
    when="before",
    farthest=False,
    over="k",
    mean="images",
):
    """The share of true neighbours, right or with something wrong."""
    features, places = np.asarray(features, float), np.asarray(places, float)
    patient = np.asarray(patient)
    n = len(features)
    barred = {
        "patient": patient[:, None] == patient[None],
        "oneself": np.eye(n, dtype=bool),
        "nobody": np.zeros((n, n), bool),
    }[leave_out]

    def near(there, turned=False):
        there = -there if turned else there.copy()
        np.fill_diagonal(there, there.min() - 1)  # oneself comes first where nobody is barred
        if when == "before":
            there[barred] = np.inf
        else:
            np.fill_diagonal(there, np.inf)
        chosen = np.zeros((n, n), bool)
        order = np.argsort(there, axis=1, kind="stable")[:, :k]
        np.put_along_axis(chosen, order, True, axis=1)
        return chosen if when == "before" else chosen & ~barred

    truly, shown = near(in_features(features), farthest), near(in_places(places))
    both = (truly & shown).sum(axis=1)
    share = both / {"k": k, "union": np.maximum((truly | shown).sum(axis=1), 1)}[over]
    if mean == "patients":
        return float(np.mean([share[patient == one].mean() for one in np.unique(patient)]))
    return float(share.mean())


@asks(
    points=4,
    see="How far may you trust a map?",
    hints=(
        "Two tables of distances, of shape (n, n): cosine distances of the features, straight ones "
        "of the map. In both, make those that may not be chosen infinitely far, and then look for "
        "the k nearest.",
        "May not be chosen: everybody with `patient[:, None] == patient[None]`, and that is the "
        "image itself too. The cosine *distance* is 1 minus the similarity: "
        '`scipy.spatial.distance.cdist(features, features, "cosine")`.',
        "`np.argsort(there, axis=1)[:, :k]` in each table. Count for each image how many are in "
        "both, divide by k, and take the mean over the images.",
    ),
)
def kept_neighbours(features, places, patient, k):
    """Which neighbours are true ones, and other patients?"""
    return _kept_with(features, places, patient, k)


def _sure(there, barred, k):
    """Whether the k nearest of those who may be chosen are so beyond doubt."""
    there = np.where(barred, np.inf, there)
    ordered = np.sort(there, axis=1)
    return bool((ordered[:, k] - ordered[:, k - 1] > 1e-6).all())


@kept_neighbours.inputs
def cases(rng):
    for patients, images, k, about in (
        (7, 3, 3, "seven patients with three images each"),
        (6, 2, 4, "six patients with two images each"),
        (9, 1, 2, "one image for each patient"),
    ):
        while True:
            patient = rng.permutation(np.repeat(np.arange(patients) + 3, images))
            if images > 1:  # not all have as many
                patient = patient[:-1]
            who = rng.normal(size=(patients + 3, 6)) + 1
            features = who[patient] + rng.normal(0, 0.6, (len(patient), 6))
            features = (features * np.exp(rng.normal(0, 0.7, (len(patient), 1)))).round(2)
            places = (features[:, :2] / np.linalg.norm(features, axis=1, keepdims=True)).round(3)
            places = places + rng.normal(0, 0.15, places.shape).round(3)
            barred = patient[:, None] == patient[None]
            if _sure(_cosine(features), barred, k) and _sure(_euclidean(places), barred, k):
                break
        yield Case((features, places, patient, k), about)


kept_neighbours.variants(
    _kept_with,
    same_patient_counts=(
        {"leave_out": "oneself"},
        "Images of the same patient count as neighbours. They resemble each other on every map, "
        "and say nothing about *other* patients.",
    ),
    oneself_counts=(
        {"leave_out": "nobody"},
        "Each image counts as its own neighbour, in both tables, so one of the k is always right. "
        "And images of the same patient must not count either.",
    ),
    left_out_afterwards=(
        {"when": "after"},
        "You looked for the k nearest, and dropped images of the same patient from them. Then "
        "fewer than k are left. Leave them out first, and look for k others.",
    ),
    straight_distance=(
        {"in_features": _euclidean},
        "In the features you took straight distances. Asked for is the cosine distance, which does "
        "not care how *long* a row of features is.",
    ),
    cosine_on_the_map=(
        {"in_places": _cosine},
        "On the map you took cosine distances too. A place on a page has no direction that means "
        "anything: take straight distances there.",
    ),
    farthest=(
        {"farthest": True},
        "You took the k images with the *smallest similarity*. `cosine_similarity` of scikit-learn "
        "is large for those who are near; a distance is small.",
    ),
    correlation=(
        {"in_features": _correlation},
        "That is the correlation distance: the mean of each row was taken away first. The cosine "
        "takes the row as it is.",
    ),
    jaccard=(
        {"over": "union"},
        "You divided by all who are in one list *or* the other. Divide by k.",
    ),
    mean_of_patients=(
        {"mean": "patients"},
        "You averaged over the images of each patient first, and then over patients. Asked for is "
        "the mean over all images.",
    ),
    straight_and_same_patient=(
        {"in_features": _euclidean, "leave_out": "oneself"},
        "Two things: images of the same patient count, and the distances between features are "
        "straight ones instead of cosine distances.",
    ),
)


@kept_neighbours.picture
def of_patients(answer):
    from mlmi_course import plots

    rng = np.random.default_rng(12)
    patient = np.repeat(np.arange(25), 6)
    who = rng.normal(size=(25, 50))
    features = who[patient] + 0.5 * rng.normal(size=(150, 50))
    angle = 2 * np.pi * patient / 25
    ring = np.stack([np.cos(angle), np.sin(angle)], axis=1) + rng.normal(0, 0.03, (150, 2))
    alone = np.arange(150)
    shares = {
        "only the image itself left out": (features, ring, alone, 5),
        "the whole patient left out": (features, ring, patient, 5),
    }
    return plots.bars(
        list(shares),
        [float(call(answer, given)) for given in shares.values()],
        xlabel="share of true neighbours, k = 5",
        limits=(0, 1),
        title="25 patients, dealt onto a ring by chance",
        alt="Your share on a map that knows who a patient is and nothing else, with images of the "
        "same patient and without them.",
    )
