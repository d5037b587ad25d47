"""What changes a bag, a count, an AUC, and why?"""

from functools import cache

import numpy as np

from mlmi_course.checks import asks_value

_WHY = {"A": "d", "B": "b", "C": "f", "D": "a", "E": "c", "F": "e"}


def _noisy_or(p):
    return 1 - np.prod(1 - p)


def _auc(labels, scores):
    order = np.argsort(np.argsort(scores)) + 1.0
    ill = labels == 1
    n = ill.sum()
    return (order[ill].sum() - n * (n + 1) / 2) / (n * (~ill).sum())


@cache
def _patients():
    rng = np.random.default_rng(14)
    labels = rng.integers(0, 2, 20_000)
    return rng, labels, rng.normal(size=(20_000, 3)) + 0.9 * labels[:, None]


@cache
def _before_and_after(case):
    """Measure it."""
    ill, healthy = np.r_[0.9, np.full(19, 0.04)], np.full(20, 0.04)
    more = np.full(20, 0.04)
    if case == "A":
        return ill.mean(), np.r_[ill, more].mean()
    if case == "B":
        return ill.max(), np.r_[ill, more].max()
    if case == "C":
        return _noisy_or(healthy), _noisy_or(np.r_[healthy, more])
    if case == "D":
        rng = np.random.default_rng(3)
        one = rng.gamma(0.2, size=(32, 32))
        return one.sum(), np.roll(one, -10, axis=1).sum()
    _, labels, x = _patients()
    wrong = np.random.default_rng(5).random(len(labels)) < 0.3
    flipped = np.where(wrong, 1 - labels, labels)
    half = len(labels) // 2
    learn, test = slice(0, half), slice(half, None)

    def direction(y):
        return x[learn][y[learn] == 1].mean(axis=0) - x[learn][y[learn] == 0].mean(axis=0)

    clean = _auc(labels[test], x[test] @ direction(labels))
    if case == "E":
        return clean, _auc(flipped[test], x[test] @ direction(labels))
    return clean, _auc(labels[test], x[test] @ direction(flipped))


def _direction(case):
    before, after = _before_and_after(case)
    share = after / before - 1
    return "same" if abs(share) < 0.05 else "up" if share > 0 else "down"


@asks_value(
    points=3,
    see="Bags",
    hints=(
        "For A to C write the formula of the pooling down, and put in twenty parts more. For D ask "
        "what a sum knows.",
        "In C every part has a chance of 0.04 to be ill, so the bag has 1 − "
        "0.96²⁰. What is it with "
        "40 parts?",
        "E and F look alike, but in E the *ruler* is bent and in F the lesson. Which of the two "
        "changes the order of the patients, and which the truth that the order is held against?",
    ),
)
def what_changes():
    """What changes, and why?"""
    return {case: f"{_direction(case)} {why}" for case, why in _WHY.items()}


def _with(**other):
    return lambda: what_changes.right() | other


for _name, _case, _given, _says in (
    (
        "fewer_to_learn",
        "F",
        "down h",
        "In F less is left to learn from, but there are 10,000 patients and "
        "three inputs: is that still too little for the direction?",
    ),
    (
        "multiplied",
        "C",
        "down g",
        "In C it is the chances of being *healthy* that are multiplied. One "
        "minus that product is the bag's probability.",
    ),
    (
        "mean_is_safe",
        "A",
        "same b",
        "In A one ill part of 20 becomes one of 40. What is the mean then?",
    ),
    (
        "mean_adds",
        "A",
        "up f",
        "In A healthy parts are added, and a mean is a sum divided by their number.",
    ),
    (
        "max_diluted",
        "B",
        "down d",
        "In B nothing is divided by a number of parts: what is the largest of them?",
    ),
    (
        "or_of_healthy",
        "C",
        "same b",
        "In C no part is larger than before, but noisy-or hears all of them.",
    ),
    (
        "or_diluted",
        "C",
        "down d",
        "Noisy-or divides by no number of parts: each one more leaves a smaller "
        "chance that *none* is ill.",
    ),
    (
        "moved_count",
        "D",
        "down c",
        "The direction of D: does a sum over all pixels change when the pixels change places?",
    ),
    (
        "bent_ruler",
        "E",
        "same e",
        "In E the *test* labels are wrong. The model's order stays; the truth "
        "that it is held against does not.",
    ),
    (
        "random_ruins",
        "F",
        "down c",
        "In F the test labels are clean. Flips at random pull both classes to "
        "the middle alike: does that change the order of patients, with 10,000 "
        "to learn from?",
    ),
    (
        "moved_reason",
        "D",
        "same b",
        "The direction of D is right. But a sum hears every pixel, and not the largest alone.",
    ),
):
    what_changes.knows(_name, _with(**{_case: _given}), _says)


_right = what_changes.right()
_given_before = {
    repr(m.answer() if callable(m.answer) else m.answer)
    for m in what_changes.misconceptions.values()
}
for _case, _true in _right.items():
    for _way in ("up", "same", "down"):
        for _reason in "abcdefgh":
            _told = f"{_way} {_reason}"
            if _told == _true or repr(_right | {_case: _told}) in _given_before:
                continue
            _says = (
                f"Five are right. For {_case} you say *{_told}*: the direction is not it yet."
                if _way != _true.split()[0]
                else f"All directions are right. For {_case}, *{_reason}* is not the reason."
            )
            what_changes.knows(f"slip_{_case}_{_way}_{_reason}", _with(**{_case: _told}), _says)


@what_changes.picture
def draw_answer(answer):
    from mlmi_course import plots

    titles = {
        "A": "A mean",
        "B": "B max",
        "C": "C noisy-or",
        "D": "D map moved",
        "E": "E test flipped",
        "F": "F training flipped",
    }
    ratio = [_before_and_after(case)[1] / _before_and_after(case)[0] for case in titles]
    return plots.bars(
        list(titles.values()),
        ratio,
        xlabel="after, divided by before",
        title="Six changes",
        alt="The ratio of the number after each of the six changes to the number before it.",
    )
