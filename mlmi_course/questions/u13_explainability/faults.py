"""Which sentences of a report on a model would you not let pass?"""

from itertools import permutations

from mlmi_course.checks import asks_value


@asks_value(
    points=3,
    see="A sanity check",
    hints=(
        "Four of the nine sentences are faulty. For each ask: could the number have come out "
        "otherwise if the model did not use what the sentence says?",
        "What do columns that measure the same thing do to each other's importance? Who chose a "
        "picture? What should become of a map when nothing that was learnt is left? Does a share "
        "explain the model, or the body?",
        "Read B with the correlation in mind, D for who chose, G for what was destroyed, H for "
        "what is promised to the patient.",
    ),
)
def faults():
    """Which sentences are faulty?"""
    return "BDGH"


for _letter, _name, _says in (
    (
        "B",
        "copies_one_by_one",
        "One fault is missing. Columns that say the same thing cover for each other.",
    ),
    (
        "D",
        "chosen_pictures",
        "One fault is missing. Some pictures were chosen *because* they agree.",
    ),
    (
        "G",
        "nothing_learnt",
        "One fault is missing. What should become of an explanation when the network is destroyed?",
    ),
    (
        "H",
        "cause",
        "One fault is missing. What a model uses need not be what makes patients ill.",
    ),
):
    faults.knows(f"missed_{_name}", faults.right().replace(_letter, ""), _says)

for _letter, _name, _says in (
    (
        "A",
        "unseen_patients",
        "One sentence too many. Unseen patients, several orders, and intervals: that is how it is "
        "done.",
    ),
    (
        "C",
        "map_described",
        "One sentence too many. It says which score was explained, at which layer, and which end "
        "the network has.",
    ),
    (
        "E",
        "three_kinds_of_chance",
        "One sentence too many. A count over all patients, beside three kinds of chance.",
    ),
    (
        "F",
        "removal",
        "One sentence too many. The suspected cause was removed from the same patients, and they "
        "say what came out.",
    ),
    (
        "I",
        "unit_and_baseline",
        "One sentence too many. The sum was tested, and unit and baseline are named.",
    ),
):
    faults.knows(f"accused_{_name}", "".join(sorted(faults.right() + _letter)), _says)

faults.knows_forms_of_letters()
for _order in map("".join, permutations(faults.right())):
    if _order not in (faults.right(), faults.right()[::-1]):
        faults.knows(
            f"order_{_order}",
            _order,
            "Those are the ones. Write their letters in the order of the alphabet, not as "
            f"`{_order}`.",
        )
for _name, _form in (("space_behind", "BDGH "), ("space_before", " BDGH"), ("full_stop", "BDGH.")):
    faults.knows(
        _name,
        _form,
        f"Those are the ones. Write the four letters and nothing else, not `{_form!r}`.",
    )
