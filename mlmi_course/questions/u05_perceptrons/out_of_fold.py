"""Predictions for patients that the model has never seen."""

import numpy as np

from mlmi_course.checks import Case, asks
from mlmi_course.checks.calling import call


def scaled_regression():
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    return make_pipeline(StandardScaler(), LogisticRegression())


def bare_regression():
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(max_iter=1000)


def standardised(features):
    from sklearn.preprocessing import StandardScaler

    return StandardScaler().fit_transform(features)


def folded(
    features,
    labels,
    folds,
    *,
    model=scaled_regression,
    prepared=lambda features: features,
    learns_from=np.not_equal,
    column=1,
):
    features, probabilities = prepared(features), np.empty(len(labels))
    for fold in np.unique(folds):
        held, learn = folds == fold, learns_from(folds, fold)
        fitted = model().fit(features[learn], labels[learn])
        probabilities[held] = fitted.predict_proba(features[held])[:, column]
    return probabilities


@asks(
    points=3,
    tolerance=1e-4,
    see="Is a network needed?",
    hints=(
        "Loop over `np.unique(folds)`. `held = folds == fold` are the patients to predict, "
        "`~held` those to learn from.",
        "What is learnt from data must be learnt from `~held` alone, and the scaler learns too: a "
        "mean and a standard deviation.",
        "`make_pipeline(StandardScaler(), LogisticRegression())` fits both at once. Column 1 of "
        "`predict_proba` is the probability of label 1.",
    ),
)
def out_of_fold(features, labels, folds):
    """Predictions for patients that the model has never seen"""
    return folded(features, labels, folds)


@out_of_fold.inputs
def cases(rng):
    for n, k, words in ((24, 3, "three"), (12, 2, "two")):
        labels = rng.permutation(np.arange(n) % 2)
        features = rng.normal(size=(n, 2)) * (1, 10) + labels[:, None]
        features[0, 0] = 30.0  # one patient far from all others moves mean and scale
        folds = np.empty(n, dtype=int)
        for label in (0, 1):  # both classes in every fold
            folds[labels == label] = rng.permutation(np.arange(n // 2) % k)
        numbers = 10 * folds + int(rng.integers(1, 9))
        yield Case((features.round(2), labels, numbers), f"{n} patients in {words} folds")
    labels = np.array([0, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 1, 0])
    folds = np.array([-1, -1, 0, 0, -1, -1, 0, 0, 0, -1, 5, 0, -1])
    features = rng.normal(size=(13, 2)) * (1, 10) + labels[:, None]
    about = "folds −1, 0 and 5, the last of a single patient"
    yield Case((features.round(2), labels, folds), about)


out_of_fold.variants(
    folded,
    scaler_on_all_folds=(
        {"model": bare_regression, "prepared": standardised},
        "The scaler has seen all folds, also the patients it will be tested on. It must be "
        "fitted inside the loop, on the learning patients alone.",
    ),
    tested_on_training_patients=(
        {"learns_from": lambda folds, fold: np.ones(len(folds), dtype=bool)},
        "Each patient was predicted by a model that had learnt from that very patient. That "
        "is the accuracy on the training folds, and it says nothing about the next patient.",
    ),
    fitted_on_the_held_fold=(
        {"learns_from": np.equal},
        "You learn from the fold that you predict, and leave out the others. It is the other "
        "way round.",
    ),
)


@out_of_fold.mistake
def held_fold_scaled_apart(features, labels, folds):
    """The held fold was scaled by its own mean and standard deviation. The next patient comes
    alone and has neither: use the scaler that the learning patients gave.
    """
    probabilities = np.empty(len(labels))
    for fold in np.unique(folds):
        held = folds == fold
        regression = scaled_regression().fit(features[~held], labels[~held])[-1]
        probabilities[held] = regression.predict_proba(standardised(features[held]))[:, 1]
    return probabilities


@out_of_fold.mistake
def in_the_order_of_the_folds(features, labels, folds):
    """The right numbers, but in the order of the folds. Each belongs at the place of its patient:
    `probabilities[held] = …`.
    """
    return out_of_fold.right(features, labels, folds)[np.argsort(folds, kind="stable")]


out_of_fold.variants(
    folded,
    no_scaler=(
        {"model": bare_regression},
        "The features are not scaled. The penalty of the logistic regression then treats "
        "millimetres and metres differently.",
    ),
    other_class=(
        {"column": 0},
        "That is the probability of label 0. The columns of `predict_proba` are in the order "
        "of the labels.",
    ),
)


@out_of_fold.mistake
def labels(features, labels, folds):
    """Those are labels, 0 or 1. The probabilities are asked for: they say more."""
    return (out_of_fold.right(features, labels, folds) > 0.5) * 1.0


@out_of_fold.mistake
def cut_to_whole_numbers(features, labels, folds):
    """Every value is 0. An array made like `labels` holds whole numbers and cuts each probability
    off: make it with `np.zeros(len(labels))`.
    """
    return np.zeros_like(labels)


@out_of_fold.picture
def draw_answer(answer):
    from sklearn.datasets import load_breast_cancer

    from mlmi_course import plots

    cells, benign = load_breast_cancer(return_X_y=True)
    malignant = 1 - benign  # in this file 1 means benign
    folds = np.random.default_rng(0).permutation(len(malignant)) % 10
    unseen = np.asarray(call(answer, (cells, malignant, folds)), dtype=float)
    accuracy = float(((unseen > 0.5) == malignant).mean())
    return plots.bars(
        ["always benign", "your predictions"],
        [float(1 - malignant.mean()), accuracy],
        decimals=3,
        highlight="your predictions",
        xlabel="accuracy on unseen cases",
        alt=f"Accuracy on unseen cases: 0.627 for always benign, {accuracy:.3f} for yours.",
    )
