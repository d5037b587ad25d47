"""A perceptron for classes that overlap."""

import numpy as np

from mlmi_course.checks import Case, asks
from mlmi_course.checks.calling import call
from mlmi_course.questions.u05_perceptrons._samples import overlapping


def _wrong(signs, rows, weights, zero_counts=True):
    scores = signs * (rows @ weights)
    return int((scores <= 0).sum() if zero_counts else (scores < 0).sum())


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
    zero_counts=True,
    more=0,
    early=False,
):
    """The perceptron that keeps its best weights, right or with something wrong."""
    rows = np.column_stack([np.asarray(features, float), np.ones(len(features))])
    signs = (2 * np.asarray(labels) - 1) if signed else np.asarray(labels)
    weights = np.zeros(3)
    best, fewest = weights, len(rows)
    for _ in range(passes + more):
        before = fewest
        for x, y in zip(rows, signs, strict=True):
            if is_mistake(y, weights @ x):
                weights = weights + y * x
                now = _wrong(signs, rows, weights, zero_counts)
                if looks == "update" and better(now, fewest):
                    best, fewest = weights, now
        now = _wrong(signs, rows, weights, zero_counts)
        if looks == "pass" and better(now, fewest):
            best, fewest = weights, now
        if early and fewest == before:
            break
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
    """Lumps on a grid of quarters, where sums are exact; the first has the label `first`."""
    while True:
        x, labels, by_line = overlapping(n, rng)
        labels = labels if overlap else by_line
        if 3 <= labels.sum() <= n - 3 and labels[0] == first and 1 - first in labels[1:4]:
            return np.round(4 * x) / 4, labels


@pocket.inputs
def cases(rng):
    always = {"keeps": "last"}, {"looks": "pass"}
    for n, first, others, about in (
        (16, 1, ({"more": -1}, {"more": 1}), "sixteen lumps and three passes"),
        (20, 0, ({"zero_counts": False},), "twenty lumps, a benign one first"),
        (18, 1, ({"better": np.less_equal}, {"early": True}), "eighteen lumps and four passes"),
    ):
        passes = 4 if n == 18 else 3
        while True:
            features, labels = _lumps(rng, n, first)
            right = _run(features, labels, passes)
            if right["wrong"] and all(
                not np.array_equal(right["weights"], other["weights"])
                or right["wrong"] != other["wrong"]
                for other in (_run(features, labels, passes, **how) for how in (*always, *others))
            ):
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
    count_misses_zero=(
        {"zero_counts": False},
        "The learning is right, but a lump with a score of exactly 0 is not counted as wrong. It "
        "is on neither side: `<= 0` in the count, too.",
    ),
    one_pass_less=(
        {"more": -1},
        "One pass is missing: `range(passes)` makes `passes` of them.",
    ),
    one_pass_more=(
        {"more": 1},
        "You make one pass more than asked for.",
    ),
    stops_early=(
        {"early": True},
        "You stop after a pass without a gain. A later one may still find better weights: make all "
        "passes.",
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
