"""More counts, or a few marked scans?"""

from mlmi_course.checks import ThoughtQuestion

one_question = ThoughtQuestion(
    title="2,000 counts or 40 marked scans?",
    points=1,
    rubric="1 point for the marked scans with the reason that counts cannot tell a "
    "network that counts "
    "spaces from one that measures something along with them (or: that the "
    "same reader's habits stay in), "
    "while places by readers who had not seen the map can. Half a point for the marked scans with "
    "'strong labels are better' alone. No points for the counts because they are more.",
    see="A second network",
    hints=(
        "What would a network look like, in either of the two checks, that measures ventricles?",
        "Whose habits are in the 2,000 counts?",
    ),
)
