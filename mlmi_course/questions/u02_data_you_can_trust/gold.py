"""Who is the gold standard?"""

from mlmi_course.checks import ThoughtQuestion

gold = ThoughtQuestion(
    title="Who is the gold standard?",
    points=1,
    rubric="1 point if all three are there: for those with surgery a truth that shares no error "
    "with readers or program (the specimen); for those without, readers who saw neither the "
    "program's outline nor each other's, or follow-up; and what stays open, such as that "
    "the groups differ in how ill they are, must be reported apart, or that a reader's bias "
    "may differ between them. No point for leaving the forty out without a word, or for the "
    "two local radiologists.",
    see="Five readers, one outline",
    hints=(
        "What do the two local radiologists share with the program?",
        "If the forty are left out, for whom is the answer then valid?",
    ),
)
