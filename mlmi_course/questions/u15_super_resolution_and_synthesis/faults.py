"""Which sentences of a paper on synthetic CT would you not let pass?"""

from mlmi_course.checks import asks_value


@asks_value(
    points=3,
    see="An image of another kind",
    hints=(
        "Four of the nine sentences are faulty. Ask of each: who was in the training set? Over "
        "which "
        "pixels is the mean? What was the input really like? What does a score of a made set "
        "prove?",
        "A choice that is stated, or a limitation that is admitted, is no fault.",
        "Ask how the training images came about, which pixels a mean was taken over, what was "
        "drawn "
        "at random, and what else would pass the last test.",
    ),
)
def faults():
    """Which sentences are faulty?"""
    return "ACFI"


for _letter, _name, _says in (
    ("A", "degradation", "One fault is missing. The network is used on scans whose k-space was "
    "cropped, and "
     "was tested on something else."),
    ("C", "air", "One fault is missing. Over which pixels was that mean taken, and how many of "
    "them are air?"),
    ("F", "slices", "One fault is missing. Slices of one patient on both sides of a split know "
    "each other."),
    ("I", "copies", "One fault is missing. A generator that hands out its training images would "
    "pass that "
     "test, too."),
):  # fmt: skip
    faults.knows(f"missed_{_name}", faults.right().replace(_letter, ""), _says)

for _letter, _name, _says in (
    ("B", "range", "One sentence too many. The range is stated, and it is the same for all "
    "patients."),
    ("D", "by_tissue", "One sentence too many. Errors by tissue, one mean per patient: that is "
    "what one asks for."),
    ("E", "baseline", "One sentence too many. A baseline whose one number was chosen on "
    "validation patients is fair."),
    ("G", "not_drawn", "One sentence too many. It says what the interval does not draw, which is "
    "honest."),
    ("H", "implants", "One sentence too many. Patients were left out, and the sentence says so "
    "and says what "
     "does not follow: that is a limitation, stated as one."),
):  # fmt: skip
    faults.knows(f"accused_{_name}", "".join(sorted(faults.right() + _letter)), _says)

faults.knows_forms_of_letters()
