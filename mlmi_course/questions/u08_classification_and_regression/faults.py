"""Which sentences of a paper would you not let pass?"""

from mlmi_course.checks import asks_value


@asks_value(
    points=3,
    see="A small p, and a small use",
    hints=(
        "Six of the ten sentences are faulty. Ask of each: has something seen the people who "
        "were held out? And: does the number answer the question that a smoker has?",
        "Choosing features, drawing folds, calibrating: for whom was each done? Then look at the "
        "prevalence, at the size of the AUC, and at the oldest.",
        "Read B for who chose the features, C for what is a row, E for what a p says, F for whose "
        "calibration it is, I for regression to the mean, J for the prevalence.",
    ),
)
def faults():
    """Which sentences are faulty?"""
    return "BCEFIJ"


for _letter, _name, _says in (
    (
        "B",
        "selection_before",
        "One fault is missing. Features that were chosen on everybody have seen the people who "
        "are held out.",
    ),
    (
        "C",
        "lungs_as_rows",
        "One fault is missing. Two lungs of one smoker are like twins: one recognises the other.",
    ),
    (
        "E",
        "small_p",
        "One fault is missing. A p-value says that there is something, and not that it is enough.",
    ),
    (
        "F",
        "calibrated_on_training",
        "One fault is missing. On the people it was fitted to, a staircase lies on the diagonal by "
        "construction.",
    ),
    (
        "I",
        "young_old_lungs",
        "One fault is missing. To an unsure clock all old people look young.",
    ),
    (
        "J",
        "predictive_value_of_the_table",
        "One fault is missing. Half of the table fell ill because it was drawn so. How many do "
        "in the clinic?",
    ),
):
    faults.knows(f"missed_{_name}", faults.right().replace(_letter, ""), _says)

for _letter, _name, _says in (
    ("A", "one_scan_each", "One sentence too many. A says who took part, and hides nothing."),
    (
        "D",
        "inner_loop",
        "One sentence too many. A penalty that is chosen inside the training folds has not seen "
        "the held-out ones.",
    ),
    (
        "G",
        "paired",
        "One sentence too many. A difference on the same smokers, with its interval, is what you "
        "should ask for.",
    ),
    (
        "H",
        "cut_by_price",
        "One sentence too many. If a miss costs ten false alarms, the cut of a calibrated risk "
        "is 1/11.",
    ),
):
    faults.knows(f"accused_{_name}", "".join(sorted(faults.right() + _letter)), _says)

faults.knows_forms_of_letters()
