"""What happens to a number of a unit or of a network, and why?"""

from functools import cache

import numpy as np

from mlmi_course.checks import asks_value
from mlmi_course.questions.u05_perceptrons._samples import lumps, overlapping

_WHY = {"A": "e", "B": "h", "C": "g", "D": "c", "E": "a"}
_TITLES = {
    "A": "a rate of 0.1",
    "B": "weights doubled",
    "C": "every lump twice",
    "D": "30 columns of noise",
    "E": "doubled, then halved",
}


def _updates(rate):
    """How many updates the perceptron makes on thirty lumps, from weights of zero."""
    rows, labels = lumps()
    weights, made, again = np.zeros(3), 0, True
    while again:
        again = False
        for x, y in zip(rows, 2 * labels - 1, strict=True):
            if y * (weights @ x) <= 0:
                weights, made, again = weights + rate * y * x, made + 1, True
    return made


def _loss(scores, labels):
    return float(np.logaddexp(0, -(2 * labels - 1) * scores).mean())


@cache
def _numbers():
    """For each change the number before and after it."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.svm import SVC

    x, y = overlapping(80, seed=3)[:2]

    def fitted(table):
        model = LogisticRegression(C=np.inf, tol=1e-8, max_iter=2000).fit(table, y)
        return model.decision_function(table)

    def street(table, labels):
        coefficients = SVC(kernel="linear", C=1.0, tol=1e-6).fit(table, labels).coef_
        return float(2 / np.linalg.norm(coefficients))

    rng = np.random.default_rng(0)
    more = np.hstack([x, rng.normal(size=(80, 30))])
    w, b, v = rng.normal(size=(8, 2)), rng.normal(size=8), rng.normal(size=8)
    relu = [float(np.maximum(0, (f * w) @ x[0] + f * b) @ (v / f)) for f in (1, 2)]
    scores = fitted(x)
    return {
        "A": (float(_updates(1.0)), float(_updates(0.1))),
        "B": (_loss(scores, y), _loss(2 * scores, y)),
        "C": (street(x, y), street(np.vstack([x, x]), np.append(y, y))),
        "D": (_loss(scores, y), _loss(fitted(more), y)),
        "E": (relu[0], relu[1]),
    }


def _direction(change):
    """Measure it: less than a hundredth is no change."""
    before, after = _numbers()[change]
    same = abs(after - before) < 0.01 * abs(before)
    return "same" if same else "up" if after > before else "down"


@asks_value(
    points=3,
    see="What to remember",
    hints=(
        "Write down what the number is computed from, and what of it the change touches: the "
        "border, the score itself, the number of terms in a sum, the number of weights?",
        "A: from zero, every update is a tenth of what it was. B: training had ended where no "
        "small change lowers the loss. C: scikit-learn's `C` stands before a *sum*.",
        "D: what could the model have done with 30 further weights, had they all been 0? E: "
        "max(0, 2z) is 2 max(0, z).",
    ),
)
def what_happens():
    """What happens to the number?"""
    return {change: f"{_direction(change)} {why}" for change, why in _WHY.items()}


def _with(**other):
    return lambda: what_happens.right() | other


for _name, _case, _given, _says in (
    (
        "smaller_steps",
        "A",
        "up d",
        "In A all weights are a tenth of what they were, after every update. Does that turn the "
        "border, and does it make another lump wrong?",
    ),
    (
        "border_in_a",
        "A",
        "same b",
        "The direction of A is right, but the border moves with every update. What is it of the "
        "weights that stays as it was?",
    ),
    (
        "border_in_b",
        "B",
        "same b",
        "In B the border stays, but the loss does not look at the border alone: it looks at how "
        "sure each score is.",
    ),
    (
        "surer_is_better",
        "B",
        "down a",
        "In B all scores are twice as sure, also those of the lumps that are wrong. And training "
        "had ended: had the loss been lower there, it would have gone there.",
    ),
    (
        "proportions_in_b",
        "B",
        "same e",
        "In B the proportions stay, and with them the border. But the number is the loss, which "
        "looks at how sure each score is.",
    ),
    (
        "twice_is_once",
        "C",
        "same b",
        "In C nothing about the lumps is new. But `C` stands before a sum over them: how long is "
        "that sum now, and how long is the penalty?",
    ),
    (
        "proportions_in_c",
        "C",
        "same e",
        "In C the sum over the lumps has twice as many terms, and the penalty has one, as before.",
    ),
    (
        "street_wider",
        "C",
        "up g",
        "The reason of C is right. Which of the two is stronger now, the errors or the penalty? "
        "And which of them asks for a wide street?",
    ),
    (
        "noise_says_nothing",
        "D",
        "same f",
        "In D the noise says nothing about the *next* lump. The number is the loss on the lumps "
        "of the training.",
    ),
    (
        "noise_hurts",
        "D",
        "up f",
        "In D the model may leave all 30 new weights at 0, and then its loss on the training lumps "
        "is what it was. Can it be higher at the end of the training?",
    ),
    (
        "border_in_e",
        "E",
        "same b",
        "The direction of E is right, and the border has not moved indeed. But asked for is the "
        "*score*: why did that not change either?",
    ),
    (
        "proportions_in_e",
        "E",
        "same e",
        "The direction of E is right, but the two layers were changed in opposite ways: their "
        "proportion is a quarter of what it was. What does ReLU make of a factor of 2?",
    ),
):
    what_happens.knows(_name, _with(**{_case: _given}), _says)

_MOVES = {"same": "leave the number as it was", "up": "raise it", "down": "lower it"}
for _case, _right in zip("ABCDE", ("same", "up", "down", "down", "same"), strict=True):
    for _other, _moves in _MOVES.items():
        if _other != _right and (_case, _other) != ("C", "up"):
            what_happens.knows(
                f"{_other}_in_{_case.lower()}",
                _with(**{_case: f"{_other} {_WHY[_case]}"}),
                f"The reason of {_case} is a good one, but does it {_moves}?",
            )


@what_happens.picture
def draw_answer(answer):
    from mlmi_course import plots

    bars = {
        f"{change} {when}": number / pair[0]
        for change, pair in _numbers().items()
        for when, number in zip(("before", f"after: {_TITLES[change]}"), pair, strict=True)
    }
    return plots.bars(
        list(bars),
        list(bars.values()),
        xlabel="before the change = 1",
        title="Five numbers, before and after",
        alt="The number of each of five models before and after its change.",
    )
