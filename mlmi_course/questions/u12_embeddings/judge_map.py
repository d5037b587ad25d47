"""Judge a map by patients who took no part in it."""

import numpy as np

from mlmi_course.checks import Case, asks
from mlmi_course.questions.u12_embeddings._points import distances


def _trust(original, embedded, k):
    """Trustworthiness, for tables without ties."""

    def ranks(points):
        there = distances(points)
        np.fill_diagonal(there, -1.0)
        return np.argsort(np.argsort(there, axis=1), axis=1)

    n, near = len(original), ranks(embedded)
    shown = (near >= 1) & (near <= k)
    too_far = np.maximum(ranks(original) - k, 0)[shown].sum()
    return float(1 - 2 / (n * k * (2 * n - 3 * k - 1)) * too_far)


def _judged_with(
    train,
    test,
    k,
    *,
    scaled_by="train",
    components_of="train",
    of="test",
    swapped=False,
    beside="scaled",
    centred_by=None,
):
    """Trustworthiness and continuity of a map, right or with something wrong."""
    train, test = np.asarray(train, float), np.asarray(test, float)
    everybody = np.vstack([train, test])

    def standardised(rows, by):
        return (rows - by.mean(axis=0)) / by.std(axis=0)

    tables = {"train": train, "test": test, "all": everybody}
    if scaled_by == "own":
        fitted, seen = standardised(train, train), standardised(test, test)
        both = np.vstack([fitted, seen])
    elif scaled_by == "nobody":
        fitted, seen, both = train, test, everybody
    else:
        fitted, seen, both = (
            standardised(rows, tables[scaled_by]) for rows in (train, test, everybody)
        )
    source = {"train": fitted, "test": seen, "all": both}[components_of]
    middle = source.mean(axis=0)
    components = np.linalg.svd(source - middle, full_matrices=False)[2][:2]
    judged = {"test": seen, "all": both, "train": fitted}[of]
    raw = {"test": test, "all": everybody, "train": train}[of]
    places = (judged - middle) @ components.T
    original = judged if beside == "scaled" else raw
    pair = (places, original) if swapped else (original, places)
    return {"trustworthiness": _trust(*pair, k), "continuity": _trust(*pair[::-1], k)}


@asks(
    points=4,
    see="The patient who comes tomorrow",
    hints=(
        "Three faults. Who took part in the fit? Of whom are the two numbers? And which argument "
        "of `trustworthiness` is the map?",
        "`StandardScaler` and `PCA` are fitted on `train` alone, and the new patients only go "
        "through `transform`.",
        "With `scaled = scaler.transform(test)` and `places = map_maker.transform(scaled)`, the "
        "trustworthiness is `trustworthiness(scaled, places, n_neighbors=k)`, and the continuity "
        "has the two the other way round.",
    ),
)
def judge_map(train, test, k):
    """Judge a map by patients who took no part"""
    return _judged_with(train, test, k)


def _without_ties(*tables):
    return all(np.diff(np.sort(distances(it), axis=1), axis=1).min() > 1e-6 for it in tables)


@judge_map.inputs
def cases(rng):
    for n, m, p, k, about in (
        (14, 16, 5, 3, "fourteen patients and sixteen new ones"),
        (20, 13, 4, 4, "twenty patients and thirteen new ones"),
    ):
        while True:
            turn = np.linalg.qr(rng.normal(size=(p, p)))[0]
            drawn = rng.normal(size=(n + m, p)) * np.linspace(2.0, 0.8, p) @ turn
            drawn = drawn * rng.uniform(1, 12, p) + rng.uniform(5, 40, p)
            drawn[n:] = drawn[n:] * rng.uniform(0.4, 1.6, p) + drawn.std(axis=0)  # another scanner
            train, test = drawn[:n].round(2), drawn[n:].round(2)
            if _without_ties(train, test):
                break
        yield Case((train, test, k), about)


judge_map.variants(
    _judged_with,
    unmended=(
        {"scaled_by": "all", "components_of": "all", "of": "all", "swapped": True},
        "That is the colleague's function as it was.",
    ),
    swapped=(
        {"swapped": True},
        "The two numbers are exchanged. `trustworthiness(X, Z)` asks whether those who lie side by "
        "side on the map Z are neighbours in X.",
    ),
    fitted_on_all=(
        {"scaled_by": "all", "components_of": "all"},
        "The new patients still took part in the fit, in the scaling and in the components. "
        "Tomorrow's patient cannot.",
    ),
    components_of_all=(
        {"components_of": "all"},
        "The scaling is that of `train`, but the components were fitted with the new patients.",
    ),
    scaled_by_all=(
        {"scaled_by": "all"},
        "The components are fitted on `train`, but mean and standard deviation are those of all "
        "patients.",
    ),
    everybody_judged=(
        {"of": "all"},
        "The map is that of `train`, but it is judged by all patients, those of the fit among "
        "them. Asked for are the new ones alone.",
    ),
    patients_of_the_fit=(
        {"of": "train"},
        "You judge the map by the patients that it was fitted on. Asked for are the new ones.",
    ),
    fitted_on_all_swapped=(
        {"scaled_by": "all", "components_of": "all", "swapped": True},
        "Two faults are left: the new patients took part in the fit, and the two numbers are "
        "exchanged.",
    ),
    everybody_swapped=(
        {"of": "all", "swapped": True},
        "Two faults are left: all patients are judged, and the two numbers are exchanged.",
    ),
    everybody_everywhere=(
        {"scaled_by": "all", "components_of": "all", "of": "all"},
        "Two faults are left: the new patients took part in the fit, and all patients are judged.",
    ),
    own_scale=(
        {"scaled_by": "own"},
        "The new patients were standardised by themselves. They must go through the scaling of "
        "`train`, or a difference between the two groups is gone.",
    ),
    own_map=(
        {"scaled_by": "test", "components_of": "test"},
        "You made a map of the new patients by themselves. Judge the map that was there before "
        "they came.",
    ),
    not_scaled=(
        {"scaled_by": "nobody"},
        "The columns were not standardised, so the one with the largest numbers is the map.",
    ),
    original_not_scaled=(
        {"beside": "raw"},
        "The map is right, but you compare it with the columns as they came. Compare it with the "
        "standardised ones, from which it was made.",
    ),
)


@judge_map.mistake
def perfect(train, test, k):
    """You call the map perfect. No map of two axes keeps all neighbours of so many features: both
    numbers must be computed from the patients of `test`.
    """
    return {"trustworthiness": 1.0, "continuity": 1.0}
