"""Which of these break the protocol?"""

from mlmi_course.checks import asks_value


@asks_value(
    points=2,
    see="A protocol, and its seal",
    hints=(
        "Four of the nine break it. Ask of each: was it decided with the locked outcomes or the "
        "locked images in sight, and is it then reported as if it had been planned?",
        "What was found before the opening may be mended, if the mending is written down and "
        "sealed anew. What is found later may be reported *beside* the registered result.",
        "Read B, E, G and H again: a threshold, patients, blocks and a scaling that the locked "
        "data chose.",
    ),
)
def broken():
    """Which of these break the protocol?"""
    return "BEGH"


broken.knows_forms_of_letters()
for _letter, _name, _says in (
    (
        "B",
        "threshold",
        "One is missing. A threshold that was moved to where the locked patients gain most has "
        "been fitted to them.",
    ),
    (
        "E",
        "excluded",
        "One is missing. Whoever looks only at the patients whose prediction failed removes "
        "failures, with whatever reason.",
    ),
    (
        "G",
        "block",
        "One is missing. A block that is left out *because* it did not help in the locked patients "
        "was chosen on them.",
    ),
    (
        "H",
        "scaling",
        "One is missing. Means and standard deviations are part of the model, and these were taken "
        "from locked patients.",
    ),
):
    broken.knows(f"missed_{_name}", broken.right().replace(_letter, ""), _says)
for _letter, _name, _says in (
    (
        "A",
        "mended_before",
        "One too many. It was found before anybody could see a locked outcome, and it was written "
        "down and sealed anew.",
    ),
    ("C", "subgroup", "One too many. It is reported as not planned, which is what it is."),
    (
        "D",
        "typo",
        "One too many. Both results are reported, with the reason, so that the reader can judge.",
    ),
    ("F", "null", "One too many. A gain of nothing that was registered is reported as nothing."),
    (
        "I",
        "intercept",
        "One too many. The registered result stands first, and the recalibration is of patients "
        "who are then left out of the test.",
    ),
):
    broken.knows(f"accused_{_name}", "".join(sorted(broken.right() + _letter)), _says)
