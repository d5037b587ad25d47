"""Which sentences of a methods section would you not let pass?"""

from mlmi_course.checks import asks_value


@asks_value(
    points=3,
    see="How many branches, at what price?",
    hints=(
        "Four of the nine sentences are faulty. Ask of each: who chose what after seeing which "
        "result? What was compared with what, and at what price?",
        "A choice that never saw a test result, and that is stated, is no fault. Nor is a small "
        "honest difference.",
        "Read C for the second number that is missing, D for what chose the number, G for what "
        "the two methods differ in, H for who drew the truth.",
    ),
)
def faults():
    """Which sentences are faulty?"""
    return "CDGH"


for _letter, _name, _says in (
    (
        "C",
        "no_price",
        "One fault is missing. Whoever lowers a cut finds more. How many false branches came with "
        "it, and where did the other method's cut lie?",
    ),
    (
        "D",
        "rounds_by_test",
        "One fault is missing. The best of eight results on the test trees is not what new trees "
        "would give.",
    ),
    (
        "G",
        "two_differences",
        "One fault is missing. The two methods differ in more than the messages: a layer with "
        "ReLU helps a point by itself, too.",
    ),
    (
        "H",
        "corrected_own",
        "One fault is missing. Whoever corrects the output of a method begins with it: branches "
        "that it missed are easily missed again, and the others' branches look false.",
    ),
):
    faults.knows(f"missed_{_name}", faults.right().replace(_letter, ""), _says)

for _letter, _name, _says in (
    (
        "A",
        "by_patient",
        "One sentence too many. Both scans of a patient show the same tree, so they belong on one "
        "side.",
    ),
    (
        "B",
        "scaled",
        "One sentence too many. Means and standard deviations of the training trees are known "
        "before any test tree is seen.",
    ),
    (
        "E",
        "excluded_before",
        "One sentence too many. Scans were excluded before anything was computed, by a "
        "rule that is "
        "stated, with their number.",
    ),
    (
        "F",
        "edges_without_labels",
        "One sentence too many. An over-complete graph may join whatever lies near: the rule never "
        "saw a label, and the test trees get the same.",
    ),
    (
        "I",
        "small_honest",
        "One sentence too many. The difference from the rewired network is what the network knows, "
        "and it is reported with its interval, although it is small.",
    ),
):
    faults.knows(f"accused_{_name}", "".join(sorted(faults.right() + _letter)), _says)

faults.knows_forms_of_letters()
for _name, _form in (
    ("with_dashes", "-".join(faults.right())),
    ("with_semicolons", ";".join(faults.right())),
    ("with_a_blank", faults.right() + " "),
):
    faults.knows(_name, _form, f"Those are the ones, but not as `{_form}`: write them as one word.")
