"""The AUC of an analysis with four leaks, and of the same without them."""

from itertools import combinations

import numpy as np

from mlmi_course.checks import Case, asks
from mlmi_course.checks.calling import call

_NEIGHBOURS = (1, 3, 7, 15)
_KEPT = 8


def _folds(patients, count):
    return np.unique(patients, return_inverse=True)[1] % count


def _best(x, labels):
    difference = x[labels == 1].mean(axis=0) - x[labels == 0].mean(axis=0)
    return np.sort(np.argsort(-np.abs(difference))[:_KEPT])


def _area(labels, scores):
    ill, well = scores[labels == 1], scores[labels == 0]
    wins = (ill[:, None] > well).mean() + (ill[:, None] == well).mean() / 2
    return float(wins)


def _scores(train, labels, test):
    """Share of ill among the nearest training images, a row for each number of neighbours."""
    distance = ((test[:, None] - train) ** 2).sum(axis=-1)
    nearest = np.argsort(distance, axis=1)[:, : max(_NEIGHBOURS)]
    share = labels[nearest].cumsum(axis=1)
    return [share[:, min(k, len(labels)) - 1] / min(k, len(labels)) for k in _NEIGHBOURS]


def _fold_areas(x, labels, fold, scaler, selection):
    """AUC of each fold (rows) and each number of neighbours (columns)."""
    rows = []
    for k in np.unique(fold):
        train, test = fold != k, fold == k
        mean, sd = (0.0, 1.0) if scaler else (x[train].mean(axis=0), x[train].std(axis=0))
        a, b = (x[train] - mean) / sd, (x[test] - mean) / sd
        kept = slice(None) if selection else _best(a, labels[train])
        rows.append(
            [_area(labels[test], s) for s in _scores(a[:, kept], labels[train], b[:, kept])]
        )
    return np.array(rows)


def _analysed(x, labels, patients, *, leaking=(), inner="", choose=None):
    """Return the AUC; `leaking` names the leaks that were left."""
    x, labels = np.log(np.asarray(x, float)), np.asarray(labels)
    if "duplicates" not in leaking:
        first, same = np.unique(x, axis=0, return_index=True, return_inverse=True)[1:]
        if "numbers" not in leaking:
            smallest = np.full(len(first), np.iinfo(np.int64).max)
            np.minimum.at(smallest, same.ravel(), patients)
            patients = smallest[same.ravel()]
        if "copies" not in leaking:
            first = np.sort(first)
            x, labels, patients = x[first], labels[first], patients[first]
    scaler, selection = "scaler" in leaking, "selection" in leaking
    if scaler:
        x = (x - x.mean(axis=0)) / x.std(axis=0)
    if selection:
        shown = x if scaler else (x - x.mean(axis=0)) / x.std(axis=0)
        x = x[:, _best(shown, labels)]
    fold = _folds(patients, 4)
    outer = _fold_areas(x, labels, fold, scaler, selection)
    if "tuning" in leaking:
        return float(outer.mean(axis=0).max())
    choose = choose or (lambda areas: areas.mean(axis=0).argmax())
    found = []
    for k in range(4):
        train = fold != k
        z, ready, kept = x[train], scaler, selection
        if inner.endswith(
            "outside"
        ):  # prepared on the outer training images, also for the inner test images
            z, ready = (z - z.mean(axis=0)) / z.std(axis=0), True
            if inner == "chosen outside":
                z, kept = z[:, _best(z, labels[train])], True
        areas = _fold_areas(z, labels[train], _folds(patients[train], 2), ready, kept)
        found.append(outer[k, choose(areas)])
    return float(np.mean(found))


def _set(rng, persons, each, features, twins, units=None, signal=0.45, same=0.5):
    """Images of persons, some of whom are in twice; half of the persons are ill."""
    units = units or rng
    ill = rng.permutation(np.arange(persons) % 2)
    x = np.sqrt(same) * rng.normal(size=(persons, 1, features))
    x = x + np.sqrt(1 - same) * rng.normal(size=(persons, each, features))
    x[:, :, :4] += signal * ill[:, None, None]  # four features know a little
    x = x * units.uniform(0.5, 3, features) + units.uniform(20, 40, features)
    numbers = rng.permutation(np.arange(100, 100 + 3 * persons))[:persons]
    again = rng.choice(persons, twins, replace=False)
    new = rng.permutation(np.arange(500, 500 + 3 * persons))[:twins]
    x = np.concatenate([x, x[again]]).reshape(-1, features)
    labels = np.repeat(np.concatenate([ill, ill[again]]), each)
    patients = np.repeat(np.concatenate([numbers, new]), each)
    order = rng.permutation(len(x))
    return np.round(x[order], 6), labels[order], patients[order]


def archive(new=False):
    """Features, labels and patient numbers of the colleague's study, or of new persons.

    Parameters
    ----------
    new : bool, default False
        True: 1,000 persons who came after the study, measured by the same machine.

    Returns
    -------
    features : ndarray, shape (images, 200)
        168 images of the study, 2,000 of new persons.
    labels : ndarray of 0 and 1, shape (images,)
    patients : ndarray of int, shape (images,)
    """
    units = np.random.default_rng(1)
    if new:
        return _set(np.random.default_rng(13), 1000, 2, 200, 0, units)
    return _set(np.random.default_rng(12), 60, 2, 200, 24, units)


@asks(
    points=5,
    see="Chosen before the split",
    hints=(
        "Mend one leak at a time, and watch the number. Begin with the rows that are there twice: "
        "`first, same = np.unique(x, axis=0, return_index=True, return_inverse=True)[1:]` gives "
        "the first place of each row, and for each row which one it is. Rows that are the same "
        "belong to one person, and so do all images of her numbers.",
        "Scaling and choosing belong into `fold_areas`, after `train` and `test` are known: mean, "
        "standard deviation and `best` see `x[train]` and `labels[train]` alone.",
        "For each outer fold, call your `fold_areas` on its training images with "
        "`folds(persons[train], 2)`. The column with the best mean is the number of neighbours; "
        "take *that* column of the outer fold's row. Return the mean over the outer folds.",
    ),
)
def honest_auc(x, labels, patients):
    """The analysis without its leaks"""
    return _analysed(x, labels, patients)


def _can_be_judged(x, labels, patients):
    """Whether both classes are in each fold, by number and by person, outside and inside."""
    same = np.unique(x, axis=0, return_inverse=True)[1].ravel()
    person = np.array([patients[same == row].min() for row in same])
    for who in (patients, person):
        fold = _folds(who, 4)
        parts = [fold == k for k in range(4)]
        for k in range(4):
            inner = np.full(len(fold), -1)
            inner[fold != k] = _folds(who[fold != k], 2)
            parts += [inner == 0, inner == 1]
        if any(labels[part].min() == labels[part].max() for part in parts):
            return False
    return True


@honest_auc.inputs
def cases(rng):
    while True:
        study = _set(rng, persons=30, each=2, features=30, twins=11)
        if _can_be_judged(*study):
            break
    yield Case(study, "30 persons, eleven of them in twice")


_NAMES = {
    "duplicates": "people who are in twice still have two numbers, and all of their rows",
    "scaler": "the scaler still sees the test images",
    "selection": "the features are still chosen with the labels of the test images",
    "tuning": "one number of neighbours is used in all outer folds, be it fixed or the one that "
    "does best on their test images, and it should be chosen on the training images of each",
}


def _says(left):
    told = "; ".join(_NAMES[name] for name in left)
    if len(left) == 4:
        return (
            "That is the colleague's analysis as it was, with all four leaks. Begin with the rows "
            "that are there twice."
        )
    return f"{'One leak is' if len(left) == 1 else f'{len(left)} leaks are'} left: {told}."


honest_auc.variants(
    _analysed,
    rows_dropped_numbers_kept=(
        {"leaking": ("numbers",)},
        "The copied rows are gone, but one person still has two numbers: of her two images the "
        "first copies may stand under different ones, and then she is in two folds. Give her one "
        "number first, the smallest, and drop rows after that.",
    ),
    copies_kept=(
        {"leaking": ("copies",)},
        "Each person has one number, so nothing leaks. But copies of a row are still there, and "
        "count twice: keep the first of them.",
    ),
    **{
        "_and_".join(left): ({"leaking": left}, _says(left))
        for count in (4, 1, 2, 3)
        for left in combinations(_NAMES, count)
    },
)


honest_auc.variants(
    _analysed,
    inner_scaled_outside=(
        {"inner": "scaled outside"},
        "The inner test images are scaled with a mean and a standard deviation that they helped to "
        "compute. Scale inside each inner fold, from its training images alone.",
    ),
    inner_chosen_outside=(
        {"inner": "chosen outside"},
        "The features for the inner folds are chosen on all training images of the outer fold, the "
        "inner test images included. Choose again inside each inner fold.",
    ),
    best_inner_fold=(
        {"choose": lambda areas: areas.max(axis=0).argmax()},
        "You take the number of neighbours that does best in *one* inner fold. Take the best mean "
        "over both.",
    ),
    worst_inner_fold=(
        {"choose": lambda areas: areas.min(axis=0).argmax()},
        "You look at the worse inner fold of each number of neighbours. Take the best mean over "
        "both.",
    ),
)


@honest_auc.picture
def draw_answer(answer):
    from mlmi_course import plots

    study = archive()
    steps = ("duplicates", "selection", "tuning", "scaler")
    names, values = ["all four leaks"], [_analysed(*study, leaking=steps)]
    for count in range(1, 4):
        names.append(f"without {', '.join(steps[:count])}")
        values.append(_analysed(*study, leaking=steps[count:]))
    names.append("your function")
    values.append(float(call(answer, study)))
    return plots.bars(
        names,
        values,
        xlabel="AUC",
        limits=(0, 1),
        highlight="your function",
        title="84 patient numbers, 60 persons",
        alt="The AUC with all four leaks, after each is mended in turn, and by your function.",
    )
