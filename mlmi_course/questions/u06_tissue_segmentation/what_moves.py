"""What spoils Otsu's threshold between grey and white, and why?"""

from functools import cache

import numpy as np

from mlmi_course.checks import asks_value

_WHY = {"A": "c", "B": "e", "C": "d", "D": "b", "E": "a"}


def _otsu(values, bins=512):
    counts, edges = np.histogram(values, bins)
    centres = (edges[1:] + edges[:-1]) / 2
    below, sums = np.cumsum(counts)[:-1], np.cumsum(counts * centres)
    above = counts.sum() - below
    apart = sums[:-1] / below - (sums[-1] - sums[:-1]) / above
    return centres[(below * above * apart**2).argmax()]


@cache
def _dice(changed=""):
    """Dice of what lies above the threshold with white matter, after a change."""
    rng = np.random.default_rng(6)
    white = np.arange(20_000) % 2 == 1
    if changed == "B":
        white = np.arange(20_000) % 100 < 2
    values = np.where(white, 300.0, 220.0) + 18 * rng.standard_normal(20_000)
    if changed == "A":
        values = 2.5 * values
    if changed == "C":
        values = np.concatenate([values, np.abs(5 * rng.standard_normal(20_000))])
        white = np.concatenate([white, np.zeros(20_000, bool)])
    if changed == "D":
        order = rng.permutation(20_000)
        values, white = values[order], white[order]
    if changed == "E":
        values = values * np.linspace(0.8, 1.2, 20_000)
    found = values > _otsu(values)
    return float(2 * (found & white).sum() / (found.sum() + white.sum()))


def _outcome(changed):
    """Measure it: a change of less than 0.03 is none."""
    change = _dice(changed) - _dice()
    return "same" if abs(change) < 0.03 else "up" if change > 0 else "down"


@asks_value(
    points=3,
    see="One number a pixel",
    hints=(
        "Otsu's method is given a histogram and nothing else. Ask of each change: what happens to "
        "the two bells in the histogram?",
        "In A both bells and the threshold are stretched together. In D nobody's value changes.",
        "The number of pixels on either side is a factor in what Otsu's method maximises. If one "
        "side has very few, it pays to give it some of the others. In C the widest gap lies "
        "somewhere else.",
    ),
)
def what_moves():
    """What spoils Otsu's threshold?"""
    return {case: f"{_outcome(case)} {why}" for case, why in _WHY.items()}


def _with(**other):
    return lambda: what_moves.right() | other


for _name, _case, _given, _says in (
    (
        "gain_spoils",
        "A",
        "down c",
        "In A the threshold moves along, as you say. Then which pixels change sides?",
    ),
    (
        "gain_widens",
        "A",
        "up c",
        "In A the distance of the bells grows, and so does their width, by the same factor. Do "
        "they overlap less?",
    ),
    (
        "rare_is_harmless",
        "B",
        "same c",
        "In B the bells stay where they are, but $n_0 n_1$ is part of what Otsu's method "
        "maximises. Where is it largest if one group is tiny?",
    ),
    (
        "rare_is_unsure",
        "B",
        "down f",
        "B does end badly, but 400 white pixels are plenty. With a million pixels it would be the "
        "same: look at the factor $n_0 n_1$.",
    ),
    (
        "air_is_harmless",
        "C",
        "same b",
        "In C a third group comes in, far below the two others. One threshold makes two classes: "
        "between which groups is the gap widest?",
    ),
    (
        "air_is_large",
        "C",
        "down e",
        "C does end badly. But the air is as many pixels as the brain, so neither is large: the "
        "trouble is *how many groups* there are for one threshold.",
    ),
    (
        "shuffle_spoils",
        "D",
        "down b",
        "In D only the histogram counts, as you say. Has it changed?",
    ),
    (
        "field_moves_along",
        "E",
        "same c",
        "In E the factor differs from place to place, so *one* threshold cannot move along with "
        "it.",
    ),
    (
        "field_is_groups",
        "E",
        "down d",
        "E does end badly, but there are two tissues as before. What has happened to the values "
        "of one and the same tissue?",
    ),
):
    what_moves.knows(_name, _with(**{_case: _given}), _says)


for _name, _form, _which in (
    ("with_commas", "{0}, {1}", "without a comma"),
    ("turned_round", "{1} {0}", "the outcome first"),
    ("without_blank", "{0}{1}", "with one blank between"),
):
    what_moves.knows(
        _name,
        lambda form=_form: {k: form.format(*v.split()) for k, v in what_moves.right().items()},
        f'Those are the ones. Write each as the outcome and the letter, such as "up d": {_which}.',
    )


@what_moves.picture
def draw_answer(answer):
    from mlmi_course import plots

    titles = {"": "as it was", "A": "A gain", "B": "B white is rare", "C": "C with air",
              "D": "D shuffled", "E": "E field"}  # fmt: skip
    return plots.bars(
        list(titles.values()),
        [_dice(case) for case in titles],
        xlabel="Dice of white matter",
        limits=(0, 1),
        title="One threshold, five changes",
        alt="The Dice of white matter as it was, and after each of the five changes.",
    )
