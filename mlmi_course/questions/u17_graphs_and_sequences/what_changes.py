"""What changes the score of a point, and why?"""

from functools import cache

import numpy as np

from mlmi_course.checks import asks_value

_WHY = {"A": "d", "B": "f", "C": "a", "D": "b", "E": "e"}


def _scores(adjacency, features):
    """Two rounds of a graph network with fixed weights."""
    rng = np.random.default_rng(17)
    w1, w2 = rng.normal(size=(3, 5)), rng.normal(size=(5, 1))
    a = adjacency + np.eye(len(adjacency))
    d = 1 / np.sqrt(a.sum(axis=1))
    a = d[:, None] * a * d
    return (a @ np.maximum(a @ features @ w1, 0.01 * (a @ features @ w1)) @ w2)[:, 0]


@cache
def _of_the_point(changed=""):
    """The score of the point, in a chain of eight with a branch; `changed` says how."""
    rng = np.random.default_rng(3)
    a = np.zeros((9, 9))
    for i in range(7):
        a[i, i + 1] = a[i + 1, i] = 0.8
    a[1, 8] = a[8, 1] = 0.8  # two neighbours of point 1: 0, 2 and 8
    x, point = rng.normal(size=(9, 3)), 1
    if changed == "A":
        x[6] += 3.0  # five edges away
    if changed == "B":
        a = 10 * a
    if changed == "C":
        a[0, 2] = a[2, 0] = 0.8
    if changed == "D":
        order = rng.permutation(9)
        a, x, point = a[order][:, order], x[order], int(np.flatnonzero(order == 1)[0])
    if changed == "E":
        a = np.block([[a, np.zeros((9, 9))], [np.zeros((9, 9)), a]])
        x = np.vstack([x, rng.normal(size=(9, 3))])
    return float(_scores(a, x)[point])


def _happens(changed):
    return "same" if abs(_of_the_point(changed) - _of_the_point()) < 1e-9 else "changes"


@asks_value(
    points=4,
    see="Ask the neighbours",
    hints=(
        "Write the sum over neighbours for the point alone: which numbers stand in it after one "
        "round, and which after two?",
        "The weight of a message is the edge divided by the roots of two degrees, and both "
        "degrees contain the edge of weight 1 from each node to itself.",
        "A and E are about how far a message comes, D about the order of a sum. In B the edge to "
        "itself stays 1 while the others grow. In C somebody's degree changes: whose?",
    ),
)
def what_changes():
    """What changes the score of a point?"""
    return {case: f"{_happens(case)} {why}" for case, why in _WHY.items()}


def _with(**other):
    return lambda: what_changes.right() | other


for _name, _case, _given, _says in (
    (
        "far_is_near",
        "A",
        "changes c",
        "In A the change is five edges away. How many edges does a message go in two rounds?",
    ),
    (
        "all_alike",
        "A",
        "same c",
        "The direction of A is right. But two rounds do not make nodes alike; how far did the "
        "message come?",
    ),
    (
        "unconnected",
        "A",
        "same e",
        "The direction of A is right. But there *is* a way to that point, of five edges; it is too "
        "long for two rounds.",
    ),
    (
        "scale_is_gone",
        "B",
        "same g",
        "In B you would be right if every entry of the matrix grew. The edge from a node to itself "
        "is put in afterwards, and stays 1.",
    ),
    (
        "degree_in_b",
        "B",
        "changes a",
        "The direction of B is right, and degrees do change. But they change because every edge "
        "grows beside the one to itself: which reason says that best?",
    ),
    (
        "not_my_edge",
        "C",
        "same e",
        "In C the new edge does not touch the point, but it touches two of its neighbours. What "
        "stands below the fraction bar of their messages?",
    ),
    (
        "own_in_c",
        "C",
        "changes f",
        "The direction of C is right. The point's own degree has not changed; its neighbours' "
        "degrees have.",
    ),
    (
        "order_matters",
        "D",
        "changes a",
        "In D every node keeps its edges and features, and only the rows are in another order. "
        "Does a sum know the order?",
    ),
    (
        "scale_in_d",
        "D",
        "same g",
        "The direction of D is right, but no weight was scaled. What happens to a sum when its "
        "terms change places?",
    ),
    (
        "one_matrix",
        "E",
        "changes a",
        "In E the second tree stands in the same matrix, but does any edge lead from it to the "
        "first?",
    ),
    (
        "rounds_in_e",
        "E",
        "same d",
        "The direction of E is right. Would ten rounds be enough for a message from the second "
        "tree?",
    ),
):
    what_changes.knows(_name, _with(**{_case: _given})(), _says)

for _name, _case, _given, _says in (
    (
        "distance_in_c",
        "C",
        "changes d",
        "The direction of C is right. The point gets no new message from afar; what happens to the "
        "ones that it got before?",
    ),
    (
        "unseen_in_c",
        "C",
        "same d",
        "In C the change is close: two neighbours of the point get another degree. Where does that "
        "degree stand?",
    ),
):
    what_changes.knows(_name, _with(**{_case: _given})(), _says)

for _letter in "ABCDE":
    _other = "changes" if what_changes.right()[_letter].startswith("same") else "same"
    what_changes.knows(
        f"other_way_{_letter.lower()}",
        what_changes.right() | {_letter: f"{_other} {_WHY[_letter]}"},
        f"Your reason for {_letter} fits, but it leads to the other answer: think it through.",
    )

for _name, _form in (
    ("change", lambda text: text.replace("changes", "change")),
    ("with_capital", str.capitalize),
    ("with_comma", lambda text: text.replace(" ", ", ")),
    ("with_brackets", lambda text: text.replace(" ", " (") + ")"),
    ("as_a_pair", lambda text: tuple(text.split())),
):
    _all = {case: _form(text) for case, text in what_changes.right().items()}
    what_changes.knows(
        f"form_{_name}",
        _all,
        f"All five are right, but not in the form {_all['B']!r}: write `changes f`.",
    )
what_changes.knows(
    "form_small_keys",
    {case.lower(): text for case, text in what_changes.right().items()},
    "All five are right, but their names are capital letters: `A`, and not `a`.",
)
