"""What would you ask for before a harmonised score is used?"""

from mlmi_course.checks import ThoughtQuestion

one_check = ThoughtQuestion(
    title="What would you ask for?",
    points=1,
    rubric="1 point for one analysis that could come out differently if harmonisation had taken "
    "the disease away or leaked, with its reason: the same people on both scanners; the whole of "
    "it fitted inside the folds, "
    "the outcome not in the design; a hospital left out entirely; the effect of a known covariate "
    "(age) before "
    "and after; a curved model for the site inside the folds; the lazy answer beside the "
    "accuracy. No points for "
    "'more data', 'deep learning' or 'another package' alone.",
    see="Before the split, or inside",
    hints=(
        "Two things may have gone wrong: the disease went away with the scanner, or the test "
        "patients were "
        "seen.",
        "Which analysis would come out differently in one of these cases?",
    ),
)
