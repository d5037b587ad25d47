"""Who is the gold standard?"""

from mlmi_course.checks import ThoughtQuestion

gold = ThoughtQuestion(
    title="Who is the gold standard?",
    points=1,
    rubric="1 point for a choice that does not share the errors of what is judged, with its "
    "reason: pathology of what was taken out, follow-up, or several readers from different "
    "schools who saw neither each other nor the program; and for what it costs or whom it "
    "leaves out (those who were not operated, those lost to follow-up). No point for 'the "
    "most experienced radiologist' or 'a majority' alone: what readers share does not "
    "average out.",
    see="Five readers, one outline",
    hints=(
        "What do all three residents and the program have in common?",
        "Is there something that is no reader? For whom is it missing?",
    ),
)
