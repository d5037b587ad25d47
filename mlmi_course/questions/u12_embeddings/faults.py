"""Which sentences about a map would you not let pass?"""

from itertools import permutations

from mlmi_course.checks import asks_value


@asks_value(
    points=3,
    see="What a map does not say",
    hints=(
        "Four of the nine sentences are faulty. For each ask: what made the islands, what was "
        "chosen because it looked good, and does the map know what the sentence reads from it?",
        "How many patches has a patient? Who was given the labels? What do sizes on such a map "
        "mean?",
        "Read B with the number of patients in mind, E for what the method was told, F for what is "
        "read from a width, I for how the picture was picked.",
    ),
)
def faults():
    """Which sentences are faulty?"""
    return "BEFI"


for _letter, _name, _says in (
    (
        "B",
        "islands_of_patients",
        "One fault is missing. Count: how many patients are there, and how many patches has each?",
    ),
    (
        "E",
        "labels_in_the_fit",
        "One fault is missing. A map that was given the labels shows the labels, in noise too.",
    ),
    (
        "F",
        "width_read",
        "One fault is missing. On such a map each sample stretches its ruler until it feels the "
        "same number of neighbours.",
    ),
    (
        "I",
        "best_seed",
        "One fault is missing. One picture of many was shown because it looks best.",
    ),
):
    faults.knows(f"missed_{_name}", faults.right().replace(_letter, ""), _says)

for _letter, _name, _says in (
    (
        "A",
        "stated_steps",
        "One sentence too many. These steps are stated, they fit the data, and no label took part.",
    ),
    (
        "C",
        "clusters_in_the_features",
        "One sentence too many. Clusters belong into the full data, with one row for each patient, "
        "and shuffled columns are a comparison that could have failed.",
    ),
    (
        "D",
        "trust_reported",
        "One sentence too many. Both numbers, the k, and what the map was compared with: that is "
        "how one reports it.",
    ),
    (
        "G",
        "coloured_by_scanner",
        "One sentence too many. To look for hospitals and scanners first is what one asks for.",
    ),
    (
        "H",
        "fourth_hospital",
        "One sentence too many. Nothing was fitted again, and they say what was not found.",
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
for _name, _form in (("space_behind", "BEFI "), ("space_before", " BEFI"), ("full_stop", "BEFI.")):
    faults.knows(
        _name,
        _form,
        f"Those are the ones. Write the four letters and nothing else, not `{_form!r}`.",
    )
