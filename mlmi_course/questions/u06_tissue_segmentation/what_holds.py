"""What do two published rows prove?"""

import numpy as np

from mlmi_course.checks import asks_value
from mlmi_course.questions.u06_tissue_segmentation.contradictions import _broken

ROWS = ((0.843, 0.847, 0.772, 0.865), (0.883, 0.881, 0.819, 0.894))
"""P, R, RO and SI as printed, of two methods."""


def _holds():
    """Work out what the statements claim from the numbers."""
    letters = [_broken(*row) for row in ROWS]
    apart = [ro - si / (2 - si) for _, _, ro, si in ROWS]
    claims = {
        "A": all("A" in found for found in letters),
        "B": any("B" in found or "C" in found for found in letters),
        "C": False,  # a contradiction of three numbers does not say which of them is wrong
        "D": all(0.001 < a < 0.05 for a in apart),  # equal cases would make it 0
        "E": True,  # see test_u06: pooled P and R beside a mean SI give such rows
        "F": False,  # the columns of both rows break the same rule by the same way
        "G": any(np.isclose(2 * p * r / (p + r), si, atol=5e-4) for p, r, _, si in ROWS),
        "H": True,  # see test_u06: cases with these P, R and RO exist
    }
    return "".join(letter for letter, true in claims.items() if true)


@asks_value(
    points=2,
    see="Where in the head?",
    hints=(
        "Four of the eight statements hold. Run your function on both rows first. A statement "
        "about which column is *wrong* needs more than a contradiction.",
        "For D: what would RO be if all cases had the same SI? For E: make up one large case that "
        "went badly and nine small ones that went well, and compute P and R of all voxels "
        "together.",
        "For H: mix perfect cases (P = R = RO = 1) with bad ones until the three means come out. "
        "Two kinds of cases suffice.",
    ),
)
def what_holds():
    """What do the two rows prove?"""
    return _holds()


for _letter, _name, _says in (
    ("A", "si_too_large", "One is missing. In both rows SI is above what P and R allow."),
    (
        "D",
        "cases_differ",
        "One is missing. If all cases had the same SI, RO would be exactly SI / (2 − SI). It is "
        "larger.",
    ),
    (
        "E",
        "pooled",
        "One is missing. P and R of all voxels together weigh a large case more than a small one. "
        "Can a mean of SI over cases then lie above them?",
    ),
    (
        "H",
        "three_agree",
        "One is missing. Try to find cases whose means are the printed P, R and RO: two kinds of "
        "cases suffice.",
    ),
):
    what_holds.knows(f"missed_{_name}", what_holds.right().replace(_letter, ""), _says)

for _letter, _name, _says in (
    (
        "B",
        "ro_and_si",
        "One too many. RO lies between SI / (2 − SI) and SI in both rows, so these two columns can "
        "stand together.",
    ),
    (
        "C",
        "si_is_wrong",
        "One too many. P, R and SI cannot all be right. That does not tell which of them is not.",
    ),
    (
        "F",
        "gain_is_false",
        "One too many. Both rows may have been computed in the same odd way, so that the "
        "comparison holds. Nothing proves it, and nothing disproves it.",
    ),
    (
        "G",
        "is_harmonic",
        "One too many. Compute the harmonic mean of P and R in both rows.",
    ),
):
    what_holds.knows(f"claimed_{_name}", "".join(sorted(what_holds.right() + _letter)), _says)

what_holds.knows_forms_of_letters()
