"""Which lines of an analysis leak?"""

from mlmi_course.checks import asks_value


@asks_value(
    points=2,
    see="Chosen before the split",
    hints=(
        "Four lines leak. Ask of each: does it use a patient that is tested later, or her label, "
        "or her twin?",
        "A step that does the same to every image, whatever the others are, cannot leak. Neither "
        "can the way in which an AUC is counted.",
        "Read B, C and F for what they have seen, and D for who is a patient.",
    ),
)
def leaks():
    """Which lines leak?"""
    return "BCDF"


for _letter, _name, _says in (
    (
        "B",
        "scaler",
        "One leak is missing. Whose mean and standard deviation scale the training patients?",
    ),
    (
        "C",
        "selection",
        "One leak is missing. The largest leak of all: which labels did the choice of features "
        "see?",
    ),
    (
        "D",
        "numbers",
        "One leak is missing. The split is by patient *number*. What if a person has two?",
    ),
    (
        "F",
        "tuning",
        "One leak is missing. A number that was chosen because it does best on the test folds is "
        "not tested on them.",
    ),
):
    leaks.knows(f"missed_{_name}", leaks.right().replace(_letter, ""), _says)

for _letter, _name, _says in (
    (
        "A",
        "logarithm",
        "One line too many. The logarithm is the same for every image; it learns nothing from the "
        "others.",
    ),
    (
        "E",
        "neighbours",
        "One line too many. Looking for neighbours among the training patients alone is what one "
        "should do.",
    ),
    (
        "G",
        "ties",
        "One line too many. Ties count one half in every AUC, and that has nothing to do with the "
        "split.",
    ),
):
    leaks.knows(f"accused_{_name}", "".join(sorted(leaks.right() + _letter)), _says)

leaks.knows_forms_of_letters()

for _form in ("CBDF", "BDCF", "DBCF", "CDBF", "BCFD", "FBCD"):
    leaks.knows(
        f"as_{_form.lower()}",
        _form,
        f"Those are the ones, but not as `{_form}`: write them in the order of the alphabet.",
    )
