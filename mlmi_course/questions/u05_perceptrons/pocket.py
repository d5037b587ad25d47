"""A perceptron for classes that overlap."""

import numpy as np

from mlmi_course.checks import Case, asks
from mlmi_course.checks.calling import call
from mlmi_course.questions.u05_perceptrons._samples import overlapping


def _wrong(signs, rows, weights):
    return int((signs * (rows @ weights) <= 0).sum())


def _run(
    features,
    labels,
    passes,
    *,
    signed=True,
    is_mistake=lambda y, z: y * z <= 0,
    looks="update",
    keeps="best",
    better=lambda new, old: new < old,
    share=False,
):
    """The perceptron that keeps its best weights, right or with something wrong."""
    rows = np.column_stack([np.asarray(features, float), np.ones(len(features))])
    signs = (2 * np.asarray(labels) - 1) if signed else np.asarray(labels)
    weights = np.zeros(3)
    best, fewest = weights, len(rows)
    for _ in range(passes):
        for x, y in zip(rows, signs, strict=True):
            if is_mistake(y, weights @ x):
                weights = weights + y * x
                if looks == "update" and better(_wrong(signs, rows, weights), fewest):
                    best, fewest = weights, _wrong(signs, rows, weights)
        if looks == "pass" and better(_wrong(signs, rows, weights), fewest):
            best, fewest = weights, _wrong(signs, rows, weights)
    if keeps == "last":
        fewest = _wrong(signs, rows, weights)
    if keeps in ("last", "alias"):
        best = weights
    return {"weights": best, "wrong": fewest / len(rows) if share else fewest}


@asks(
    points=4,
    see="One mistake, one update",
    hints=(
        "Three faults. One is in what the labels are, one in what counts as a mistake, and one in "
        "how Python remembers the best weights.",
        "For a benign lump the colleague multiplies by 0. At the start every score is exactly 0. "
        "And after `best = weights`, how many arrays are there?",
        "Use `signs = 2 * labels - 1` and `<= 0` in both places, and make a new array at each "
        "update: `weights = weights + y * x`.",
    ),
)
def pocket(features, labels, passes):
    """Mend a perceptron for lumps that overlap"""
    return _run(features, labels, passes)


def _lumps(rng, n, first, overlap=True):
    """Lumps on a grid of tenths, of which the first has the label `first`."""
    while True:
        x, labels, by_line = overlapping(n, rng)
        labels = labels if overlap else by_line
        if 3 <= labels.sum() <= n - 3 and labels[0] == first and 1 - first in labels[1:4]:
            return x.round(1), labels


@pocket.inputs
def cases(rng):
    for n, passes, first, about in (
        (16, 4, 1, "sixteen lumps and four passes"),
        (20, 3, 0, "twenty lumps and three passes, a benign one first"),
    ):
        while True:
            features, labels = _lumps(rng, n, first)
            found = [
                _run(features, labels, passes, **how)
                for how in ({}, {"keeps": "last"}, {"looks": "pass"}, {"better": np.less_equal})
            ]
            told = all(not np.allclose(found[0]["weights"], one["weights"]) for one in found[1:])
            if told and 0 < found[0]["wrong"] < found[1]["wrong"]:
                break
        yield Case((features, labels, passes), about)
    features, labels = _lumps(rng, 12, 0, overlap=False)
    yield Case((features, labels, 2), "twelve lumps that a line separates")


pocket.variants(
    _run,
    never_starts=(
        {"is_mistake": lambda y, z: y * z < 0},
        "Your weights never leave zero. A score of exactly 0 decides nothing, so it is a mistake: "
        "`<= 0`. With weights of zero every score is 0, and with `<` the learning never starts.",
    ),
    labels_zero_one=(
        {"signed": False},
        "Labels of 0 and 1 are still put into a rule made for −1 and +1. A benign lump then "
        "multiplies the update by 0: it counts as a mistake for ever and changes nothing.",
    ),
    zero_is_benign=(
        {"is_mistake": lambda y, z: (z > 0) != (y > 0)},
        "A score of exactly 0 counts as benign in your function. It decides nothing, so it is a "
        "mistake for both classes.",
    ),
    alias=(
        {"keeps": "alias"},
        "The number is right, but the weights are not those that belong to it. `weights += …` "
        "changes the array itself, and `best` is another name of the same array: it goes on "
        "changing with it.",
    ),
    last=(
        {"keeps": "last"},
        "Those are the weights at the end. Where classes overlap, the last update may have been a "
        "bad one: keep the best that were seen.",
    ),
    end_of_pass=(
        {"looks": "pass"},
        "You count at the end of each pass only. The best weights may be gone again by then: "
        "count after each update.",
    ),
    later_of_equals=(
        {"better": np.less_equal},
        "Where two are equally good you keep the later one; asked for is the earlier.",
    ),
    share=(
        {"share": True},
        "The share that is wrong was returned; asked for is their number.",
    ),
)


@pocket.mistake
def bias_not_learnt(features, labels, passes):
    """The column of ones is missing or its weight is never changed, so the border goes through the
    point where both features are 0.
    """
    rows, signs = np.asarray(features, float), 2 * np.asarray(labels) - 1
    weights, best, fewest = np.zeros(2), np.zeros(2), len(rows)
    for _ in range(passes):
        for x, y in zip(rows, signs, strict=True):
            if y * (weights @ x) <= 0:
                weights = weights + y * x
                if (wrong := _wrong(signs, rows, weights)) < fewest:
                    best, fewest = weights, wrong
    return {"weights": np.append(best, 0.0), "wrong": fewest}


@pocket.picture
def draw_answer(answer):
    from mlmi_course import plots

    features, labels = overlapping(80, seed=3)[:2]
    counts = range(1, 9)
    kept = [int(call(answer, (features, labels, passes))["wrong"]) for passes in counts]
    last = [_run(features, labels, passes, keeps="last")["wrong"] for passes in counts]
    return plots.lines(
        {"the weights at the end": last, "the best, by your function": kept},
        x=list(counts),
        xlabel="passes",
        ylabel="wrong, of 80",
        alt="Wrong lumps after one to eight passes: with the last weights the number jumps, with "
        "the best ones it only falls.",
    )
