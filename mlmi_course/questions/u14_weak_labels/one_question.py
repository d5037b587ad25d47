"""What would you ask the vendor?"""

from mlmi_course.checks import ThoughtQuestion

one_question = ThoughtQuestion(
    title="What would you ask the vendor?",
    points=1,
    rubric="1 point for one test that could come out badly for a network that "
    "counts something else, with its "
    "reason: the map against places that a reader marked without seeing it; "
    "the same scans with the spaces "
    "(or the ventricles) painted over; patients in whom count and age, or "
    "count and scanner, do not go "
    "together. No points for 'more patients', 'a higher ICC' or 'explainability' alone.",
    see="A second network",
    hints=(
        "The counts agree with the readers'. What else in these scans goes with the count?",
        "Which test would a network that measures ventricles fail?",
    ),
)
