"""What would you ask the authors of a map for?"""

from mlmi_course.checks import ThoughtQuestion

one_check = ThoughtQuestion(
    title="What would you ask for?",
    points=1,
    rubric="1 point for one check that could come out differently if there were no phenotypes, "
    "with its reason: the map with one row for each patient, or coloured by patient; clusters in "
    "the full data that return when patients are drawn anew, and not when columns are shuffled; "
    "the unsupervised map, or the supervised one with the grades shuffled, or grades of patients "
    "who took no part in the fit; patients of another centre, placed by a fixed rule. No points "
    "for 'more patients', 'another method' or 'more seeds' alone.",
    see="What a map does not say",
    hints=(
        "Which check would come out differently if the islands were persons, or the grades dice?",
        "Say what would be seen if the authors are right, and what if they are not.",
    ),
)
