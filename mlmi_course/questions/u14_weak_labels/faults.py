"""Which sentences of a methods section would you not let pass?"""

from mlmi_course.checks import asks_value


@asks_value(
    points=3,
    see="A second network",
    hints=(
        "Five of the ten sentences are faulty. For each ask: is agreement "
        "measured? On whose data was a "
        "choice made? Who saw what before labelling? Is a weak label taken for more than it says?",
        "A loss may be any function, if it is stated. Readers may be noisy, if "
        "their noise is reported.",
        "Read C for what an average forgives, D for where a cut was chosen, F "
        "for who had seen the "
        "network's map, H for what else goes with blood pressure, J for the ruler.",
    ),
)
def faults():
    """Which sentences are faulty?"""
    return "CDFHJ"


for _letter, _name, _says in (
    (
        "C",
        "mean_difference",
        "One fault is missing. Two counts may differ by nothing on average and "
        "by ten in each person.",
    ),
    (
        "D",
        "cut_on_test",
        "One fault is missing. A threshold that was chosen on the patients on "
        "whom it is then reported is a threshold that fits them.",
    ),
    (
        "F",
        "anchored",
        "One fault is missing. Whoever corrects a proposal begins with it, so "
        "such labels cannot judge the network that made it.",
    ),
    (
        "H",
        "association",
        "One fault is missing. Whatever goes with blood pressure is associated "
        "with it; that does not say that spaces were counted.",
    ),
    (
        "J",
        "noisy_ruler",
        "One fault is missing. Against labels that are wrong in a fifth of "
        "patients, no model can look better than that, and which of two models "
        "is better is open, if the errors are habits.",
    ),
):
    faults.knows(f"missed_{_name}", faults.right().replace(_letter, ""), _says)

for _letter, _name, _says in (
    (
        "A",
        "counts_only",
        "One sentence too many. Counts as the only labels are a choice that is "
        "stated, and the point of the method.",
    ),
    (
        "B",
        "by_patient",
        "One sentence too many. All scans of a patient on one side is what one asks for.",
    ),
    (
        "E",
        "interval_loss",
        "One sentence too many. A loss that is zero inside the graded interval "
        "takes the label for what it says, and for no more.",
    ),
    (
        "G",
        "millimetres",
        "One sentence too many. A stated tolerance, chosen before, with its reason, is right.",
    ),
    (
        "I",
        "two_readers",
        "One sentence too many. The readers' own agreement, with its interval "
        "and by the same measure, is the ruler that was asked for.",
    ),
):
    faults.knows(f"accused_{_name}", "".join(sorted(faults.right() + _letter)), _says)

faults.knows_forms_of_letters()
