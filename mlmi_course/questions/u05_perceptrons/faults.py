"""Which sentences about a network would you not let pass?"""

from mlmi_course.checks import asks_value


@asks_value(
    points=3,
    see="Is a network needed?",
    hints=(
        "Four of the nine sentences are faulty. For each ask: do labels and formula fit, can this "
        "model do what is said of it, who chose what, and how many lumps decide?",
        "Which loss wants which labels? What are several layers without a bend? How often was a "
        "lump used before it was counted as unseen?",
        "Read C with a benign lump in mind, D for what the layers are, G for how many lumps "
        "differ, H for who chose the epoch.",
    ),
)
def faults():
    """Which sentences are faulty?"""
    return "CDGH"


for _letter, _name, _says in (
    (
        "C",
        "labels",
        "One fault is missing. Put y = 0 into the loss that is named, and look at what a benign "
        "lump can teach.",
    ),
    (
        "D",
        "no_bend",
        "One fault is missing. What is a weighted sum of weighted sums?",
    ),
    (
        "G",
        "few_discordant",
        "One fault is missing. Count the lumps on which the two methods differ, and toss that many "
        "coins. How often do they fall at least as unevenly?",
    ),
    (
        "H",
        "chosen_on_the_test",
        "One fault is missing. Something was chosen by the very lumps on which it is reported.",
    ),
):
    faults.knows(f"missed_{_name}", faults.right().replace(_letter, ""), _says)

for _letter, _name, _says in (
    (
        "A",
        "gradient_check",
        "One sentence too many. That is how gradients are checked: the step, the kind of numbers "
        "and the place are right, and the difference is small.",
    ),
    (
        "B",
        "random_starts",
        "One sentence too many. Equal units would stay equal, and all ten starts are told.",
    ),
    (
        "E",
        "same_folds",
        "One sentence too many. The baseline is there, on the same lumps, and nothing that learns "
        "has seen the held fold.",
    ),
    (
        "F",
        "no_line_claimed",
        "One sentence too many. They say what they saw, and claim no more than it shows.",
    ),
    (
        "I",
        "penalty_stated",
        "One sentence too many. The formula stands beside the letter, and C = 1/(nλ) is right: "
        "1/(400 · 0.05) = 0.05.",
    ),
):
    faults.knows(f"accused_{_name}", "".join(sorted(faults.right() + _letter)), _says)
