"""Which sentences of a quantitative study would you not let pass?"""

from mlmi_course.checks import asks_value


@asks_value(
    points=3,
    see="A network instead",
    hints=(
        "Four of the nine sentences are faulty. For each ask: is this point signal or floor? "
        "Could this number have come out otherwise? Was the answer known to who chose?",
        "A choice that is stated, and that did not look at the answer, is a choice and no fault.",
        "Read B for what lies on the floor, E for what a network does outside its range, G for "
        "what the weight was fitted to, I for what is repeated.",
    ),
)
def faults():
    """Which sentences are faulty?"""
    return "BEGI"


for _letter, _name, _says in (
    (
        "B",
        "on_the_floor",
        "One fault is missing. The mean of pure noise is 1.25 σ. What is the signal at the largest "
        "b-value?",
    ),
    (
        "E",
        "edge_of_the_range",
        "One fault is missing. Beyond its range a network answers with something that nobody "
        "taught it, and "
        "it does so steadily. Steady is not true.",
    ),
    (
        "G",
        "tuned_to_the_answer",
        "One fault is missing. Whoever picks the weight that brings a value closest to the assay "
        "cannot then show that the value agrees with the assay.",
    ),
    (
        "I",
        "same_data_twice",
        "One fault is missing. What is repeated there is the arithmetic: the patient was scanned "
        "once.",
    ),
):
    faults.knows(f"missed_{_name}", faults.right().replace(_letter, ""), _says)

for _letter, _name, _says in (
    (
        "A",
        "signs_kept",
        "One sentence too many. The sign of an inversion recovery stands in the phase, so this is "
        "what one should do.",
    ),
    (
        "C",
        "region_before_map",
        "One sentence too many. A region that was drawn on another image, by somebody who had not "
        "seen the map, cannot have been drawn around the answer.",
    ),
    (
        "D",
        "coarse_grid",
        "One sentence too many. The grid is coarse, but it is stated, its error was measured, "
        "and nothing "
        "finer is claimed.",
    ),
    (
        "F",
        "own_aif",
        "One sentence too many. Each patient's own AIF, and a delay that is fitted within a "
        "stated range: that is better than none.",
    ),
    (
        "H",
        "relative_susceptibility",
        "One sentence too many. The mean of χ is lost in any case, and it is said what values are "
        "relative to.",
    ),
):
    faults.knows(f"accused_{_name}", "".join(sorted(faults.right() + _letter)), _says)

faults.knows_forms_of_letters()
for _name, _form in (
    ("with_dashes", "B-E-G-I"),
    ("with_semicolons", "B;E;G;I"),
    ("with_a_stop", "BEGI."),
    ("with_a_blank", "BEGI "),
):
    faults.knows(
        _name,
        _form,
        f"Those are the ones, but not as `{_form}`: write their letters in capitals, as one word.",
    )
