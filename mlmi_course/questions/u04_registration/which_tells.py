"""Which number tells that a registration is wrong, and why?"""

from functools import cache

import numpy as np

from mlmi_course.checks import asks_value

_WHY = {"A": "a", "B": "b", "C": "c", "D": "d"}


@cache
def _tells(case):
    """Measure it on a fine grid: a disc of 40 or 4 mm across, 0.1 or 0.02 mm a pixel."""
    diameter = 4.0 if case == "D" else 40.0
    step = diameter / 400
    axis = np.arange(-240, 241) * step
    y, x = np.meshgrid(axis, axis, indexing="ij")
    inside = np.hypot(y, x) <= diameter / 2
    u = np.zeros((2, *inside.shape))  # displacement, mm
    if case == "A":
        angle = np.deg2rad(20)
        u[0] = np.sin(angle) * x + (np.cos(angle) - 1) * y
        u[1] = (np.cos(angle) - 1) * x - np.sin(angle) * y
    if case == "B":
        u[1] = 2.0
    if case == "C":  # waves across the disc that die out towards its outline
        fade = np.clip(1 - (np.hypot(y, x) / 20) ** 8, 0, 1)
        u[1] = 3.0 * np.sin(2 * np.pi * x / 8) * fade
    if case == "D":
        u[1] = 0.5
    sent = np.hypot(y + u[0], x + u[1]) <= diameter / 2
    dice = 2 * (sent & inside).sum() / (sent.sum() + inside.sum())
    error = np.median(np.hypot(*u)[inside])
    (a, b), (c, d) = (np.gradient(part, step) for part in u)
    jacobian = (1 + a) * (1 + d) - b * c
    letters = zip("DTJ", (dice < 0.98, error > 1, (jacobian[inside] <= 0).any()), strict=True)
    return "".join(letter for letter, tells in letters if tells)


@asks_value(
    points=2,
    see="Deformable registration",
    hints=(
        "Dice sees only which points are inside the outline. The TRE sees where each point went. "
        "The Jacobian sees whether neighbours were sent past each other.",
        "In A the disc covers itself. In C the outline stays as well, but what happens inside?",
        "For D draw a disc of 4 mm and the same disc half a millimetre to the right. Which share "
        "do they have in common? And how large is the error of each point?",
    ),
)
def which_tells():
    """Which number tells?"""
    return {case: f"{_tells(case)} {why}" for case, why in _WHY.items()}


def _with(**other):
    return lambda: which_tells.right() | other


for _name, _case, _given, _says in (
    ("turn_seen_by_dice", "A", "DT a", "In A the disc turns about its own centre, so it covers "
     "itself. What does Dice see of that?"),
    ("turn_unseen", "A", "D a", "In A Dice sees nothing: the disc covers itself. But where did a "
     "point at its rim go?"),
    ("turn_folds", "A", "TJ a", "A rotation keeps neighbours beside each other and volumes as they "
     "are: its Jacobian is 1 everywhere."),
    ("turn_for_size", "A", "T d", "The letters of A are right, but the size of the disc is not the "
     "reason: a disc of any size covers itself when it turns."),
    ("shift_seen_by_points_only", "B", "T b", "In B the TRE tells, and something else too. 2 mm "
     "of 40: how much do the two discs have in common? Is it less than 98 %?"),
    ("shift_folds", "B", "DTJ b", "In B all points move by the same amount. Nothing is squeezed, "
     "so the Jacobian is 1."),
    ("waves_keep_outline", "C", "DTJ c", "In C the waves die out towards the outline, so it stays "
     "where it is. What does Dice see?"),
    ("waves_do_not_fold", "C", "T a", "In C neighbours 4 mm apart are moved by 3 mm each, towards "
     "each other. Who passes whom?"),
    ("thin_is_small_error", "D", "T d", "In D the error is 0.5 mm, which is not above 1. But half "
     "a millimetre is an eighth of the disc."),
    ("thin_tells_twice", "D", "DT d", "In D each point is 0.5 mm off, and the TRE tells only above "
     "1 mm."),
):  # fmt: skip
    which_tells.knows(_name, _with(**{_case: _given}), _says)
