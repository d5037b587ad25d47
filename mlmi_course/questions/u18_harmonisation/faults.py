"""Which sentences of a methods section would you not let pass?"""

from mlmi_course.checks import asks_value


@asks_value(
    points=3,
    see="Before the split, or inside",
    hints=(
        "Four of the nine sentences are faulty. Ask of each: who was seen when, what was compared "
        "with "
        "what, and which patients made up a side?",
        "A linear model that fails is weak evidence; a claim that says so is not faulty.",
        "Read C for what was done with the test patients, D for what is known of a new patient, F "
        "for "
        "the patients of the two hospitals, and H for the answer of somebody who never looks.",
    ),
)
def faults():
    """Which sentences are faulty?"""
    return "CDFH"


for _letter, _name, _says in (
    (
        "C",
        "fitted_on_all",
        "One fault is missing. Somebody estimated means from patients on whom the model was then "
        "tested.",
    ),
    (
        "D",
        "outcome_in_design",
        "One fault is missing. Something stands in the design that is not known when a new patient "
        "comes, and it is what the model is to find out.",
    ),
    (
        "F",
        "unlike_hospitals",
        "One fault is missing. A translation was trained to make two hospitals' images alike. Were "
        "their *patients* alike?",
    ),
    (
        "H",
        "lazy_answer",
        "One fault is missing. What does somebody score who gives every patient the more frequent "
        "answer?",
    ),
):
    faults.knows(f"missed_{_name}", faults.right().replace(_letter, ""), _says)

for _letter, _name, _says in (
    (
        "A",
        "small_sites_left_out",
        "One sentence too many. Leaving out sites that are too small to estimate, by a rule that "
        "was "
        "fixed beforehand and with their number stated, is honest.",
    ),
    (
        "B",
        "age_in_design",
        "One sentence too many. Age and sex are known of every new patient, and without them part "
        "of "
        "ageing goes away with the scanners.",
    ),
    (
        "E",
        "difference_left",
        "One sentence too many. Empirical Bayes leaves differences between sites on purpose, and "
        "the "
        "authors say which version they used.",
    ),
    (
        "G",
        "linear_and_curved",
        "One sentence too many. They tried a linear and a curved model inside the folds, and "
        "report "
        "that the curved one still sees the site: more papers should.",
    ),
    (
        "I",
        "travellers",
        "One sentence too many. The same people in both scanners are the best evidence there is, "
        "and "
        "their number is given.",
    ),
):
    faults.knows(f"accused_{_name}", "".join(sorted(faults.right() + _letter)), _says)

faults.knows_forms_of_letters()
