"""Three classes, another prevalence, and Brier's own score."""

import numpy as np

from mlmi_course.checks import Case, asks


def _carried(
    probabilities,
    trained,
    here,
    labels,
    *,
    ratio="right",
    normalise=True,
    form="sum",
    weights="here over share",
    scored="corrected",
):
    p, trained, here = (np.asarray(a, float) for a in (probabilities, trained, here))
    labels = np.asarray(labels, int)
    if ratio == "right":
        moved = p * here / trained
    elif ratio == "inverse":
        moved = p * trained / here
    elif ratio == "here":
        moved = p * here
    elif ratio == "odds":
        odds = p / (1 - p) * (here / (1 - here)) / (trained / (1 - trained))
        moved = odds / (1 + odds)
    else:
        moved = p
    if normalise:
        moved = moved / moved.sum(axis=1, keepdims=True)
    truth = np.eye(3)[labels]
    square = ((moved if scored == "corrected" else p) - truth) ** 2
    if form == "sum":
        each = square.sum(axis=1)
    elif form == "half":
        each = square.sum(axis=1) / 2
    elif form == "mean":
        each = square.mean(axis=1)
    else:
        each = square[np.arange(len(labels)), labels]
    if weights == "here":
        w = here[labels]
    elif weights == "here over trained":
        w = (here / trained)[labels]
    elif weights:
        share = np.bincount(labels, minlength=3) / len(labels)
        w = here[labels] / share[labels]
    else:
        w = np.ones(len(labels))
    brier = (w * each).sum() / w.sum()
    return {"probabilities": moved, "brier": float(brier)}


@asks(
    points=4,
    see="From the trial to the screening",
    hints=(
        "Bayes: a probability is likelihood times prevalence, divided by what makes the three sum "
        "to 1. Which factor changes for class k?",
        "Multiply column k by `here[k] / trained[k]`, then divide each row by its sum.",
        "Brier's own score of a patient is the sum over the three classes of the squared distance "
        "from 1 (for the class that it was) or 0. Weigh a patient of class k by `here[k]` over "
        "the share of class k among the labels.",
    ),
)
def carried_over(probabilities, trained, here, labels):
    """Three classes at another prevalence"""
    return _carried(probabilities, trained, here, labels)


@carried_over.inputs
def cases(rng):
    def some(n, trained, here):
        counts = (n // 2, n - n // 2 - n // 4, n // 4)
        labels = rng.permutation(np.repeat([0, 1, 2], counts))
        told = rng.dirichlet([1.2, 1, 0.8], n) + 0.6 * np.eye(3)[labels]
        told = told / told.sum(axis=1, keepdims=True)
        return told, np.array(trained), np.array(here), labels

    yield Case(some(12, (0.4, 0.3, 0.3), (0.9, 0.07, 0.03)), "a trial, then a screening")
    yield Case(some(9, (0.5, 0.25, 0.25), (0.2, 0.3, 0.5)), "from a screening to a tumour board")
    yield Case(some(8, (0.7, 0.2, 0.1), (0.7, 0.1, 0.2)), "two classes change places")


carried_over.variants(
    _carried,
    not_corrected=(
        {"ratio": "none"},
        "Your probabilities are still those of the trial: `here` and `trained` must move them.",
    ),
    upside_down=(
        {"ratio": "inverse"},
        "You multiply by `trained / here`. A class that is rarer here must become *less* likely.",
    ),
    here_alone=(
        {"ratio": "here"},
        "You multiply by `here` alone. The prevalence in training is in the probabilities already, "
        "so divide it out.",
    ),
    each_by_itself=(
        {"ratio": "odds"},
        "You correct the odds of each class as if the other two were one. With three classes the "
        "factor belongs to each column, and the sum comes last.",
    ),
    not_normalised=(
        {"normalise": False},
        "Your rows do not sum to 1.",
    ),
    half_of_it=(
        {"form": "half"},
        "That is half of Brier's own score. For two classes many libraries halve it; here the sum "
        "over all classes is asked for.",
    ),
    mean_of_classes=(
        {"form": "mean"},
        "You average over the three classes. Brier sums over them.",
    ),
    own_class_alone=(
        {"form": "own"},
        "You look at the class that it was alone. What was told about the other two counts, too.",
    ),
    here_is_the_weight=(
        {"weights": "here"},
        "You weigh by `here` alone. The labels have a mixture of their own: divide by the share of "
        "the class among them.",
    ),
    weighed_by_training=(
        {"weights": "here over trained"},
        "You weigh by `here / trained`. The patients in `labels` are not those of the training: "
        "divide by the shares among the labels.",
    ),
    old_ones_scored=(
        {"scored": "told"},
        "You score the probabilities as they were told. Score the corrected ones.",
    ),
    two_classes_not_normalised=(
        {"ratio": "odds", "normalise": False},
        "That is the formula for two classes, column by column. With three, the factor belongs to "
        "each column, and then the three must sum to 1.",
    ),
    unweighted=(
        {"weights": False},
        "Your score is that of the mixture in the labels. Weigh each patient, so that the classes "
        "have the shares of `here`.",
    ),
)
