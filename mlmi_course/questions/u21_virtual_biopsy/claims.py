"""Which sentences does a table not bear out?"""

from mlmi_course.checks import asks_value


@asks_value(
    points=2,
    see="Clinic, image, omics: what adds what?",
    hints=(
        "Four of the nine are not borne out. What does an interval around 0 say, and what does "
        "it not say? Of which pairs is a C-index a share?",
        "An interval that holds 0 also holds 0.018. Ranking and calibration are two things. And "
        "what was drawn again for these intervals?",
        "Read C, D, F and I again.",
    ),
)
def claims():
    """Which sentences does the table not bear out?"""
    return "CDFI"


claims.knows_forms_of_letters()
for _letter, _name, _says in (
    (
        "C",
        "nothing_found",
        "One is missing. The interval holds 0, but also 0.018, and the gain is that *beyond* "
        "clinic and image. It is no proof that omics know nothing.",
    ),
    (
        "D",
        "share_of_patients",
        "One is missing. A C-index is a share of *pairs* that are in the right order. It "
        "classifies nobody.",
    ),
    (
        "F",
        "better_for_action",
        "One is missing. A model may rank well and act badly where its probabilities are wrong: "
        "the row of the hospital E says that they are.",
    ),
    (
        "I",
        "trainings",
        "One is missing. These intervals draw patients and keep the models as they are. Another "
        "training was never tried.",
    ),
):
    claims.knows(f"missed_{_name}", claims.right().replace(_letter, ""), _says)
for _letter, _name, _says in (
    ("A", "gain", "One too many. The interval of that gain lies above 0, on 320 patients."),
    (
        "B",
        "slope",
        "One too many. A slope below 1 says that predictions lie too far apart, and its interval "
        "ends below 1.",
    ),
    (
        "E",
        "too_low",
        "One too many. At the hospital E, 41 % were predicted to die and 53 % did, with an "
        "interval that ends above 41 %.",
    ),
    (
        "G",
        "constant",
        "One too many. A constant that is added to every log hazard changes no order, and so no C.",
    ),
    (
        "H",
        "paired",
        "One too many. The two risks of a patient were drawn together, so what makes a patient "
        "hard for both cancels.",
    ),
):
    claims.knows(f"accused_{_name}", "".join(sorted(claims.right() + _letter)), _says)
