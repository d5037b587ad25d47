"""Which sentences of a methods section would you not let pass?"""

from mlmi_course.checks import asks_value


@asks_value(
    points=3,
    see="Ten thousand numbers, sixty patients",
    hints=(
        "Four of the nine sentences are faulty. For each ask: was a result picked because it is "
        "good? "
        "What is a case? Are two measurements independent? What was compared with what?",
        "A step that never sees the outcome cannot make an AUC too large. A choice that is "
        "stated is "
        "better than one that is not.",
        "Read B for how one result of ten was picked, D for the patients, E for what the second "
        "reader "
        "saw, H for what the number would be without texture.",
    ),
)
def faults():
    """Which sentences are faulty?"""
    return "BDEH"


for _letter, _name, _says in (
    (
        "B",
        "best_of_ten",
        "One fault is missing. The best of ten results is not what one would get on new "
        "patients, even "
        "if each of the ten was honest.",
    ),
    (
        "D",
        "two_of_one_patient",
        "One fault is missing. Two tumours of one patient on both sides of a split know each "
        "other.",
    ),
    (
        "E",
        "leaning",
        "One fault is missing. Whoever corrects an outline begins with it. The two outlines are "
        "not "
        "independent, so the ICCs are too high.",
    ),
    (
        "H",
        "volume_in_disguise",
        "One fault is missing. What follows the volume that closely, and is no better on the same "
        "patients by more than luck, is the volume.",
    ),
):
    faults.knows(f"missed_{_name}", faults.right().replace(_letter, ""), _says)

for _letter, _name, _says in (
    (
        "A",
        "stated_choices",
        "One sentence too many. These are choices, and they are stated so that others can repeat "
        "them: that is what one asks for.",
    ),
    (
        "C",
        "phantom",
        "One sentence too many. A phantom in three scanners *can* show that a feature depends on "
        "the "
        "scanner, and dropping such features never looked at the outcome.",
    ),
    (
        "F",
        "scaled_in_folds",
        "One sentence too many. Mean and standard deviation came from the training patients of "
        "each "
        "fold, as they should.",
    ),
    (
        "G",
        "nearest",
        "One sentence too many. Labels must not be interpolated: nearest neighbour is right for a "
        "mask.",
    ),
    (
        "I",
        "negative_finding",
        "One sentence too many. The authors say how many they tried and that nothing was left "
        "after "
        "correction: more papers should.",
    ),
):
    faults.knows(f"accused_{_name}", "".join(sorted(faults.right() + _letter)), _says)

faults.knows_forms_of_letters()
