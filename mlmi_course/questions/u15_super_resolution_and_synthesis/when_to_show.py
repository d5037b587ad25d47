"""When may a radiologist see a synthesised image?"""

from mlmi_course.checks import ThoughtQuestion

when_to_show = ThoughtQuestion(
    title="When may it be shown?",
    points=1,
    rubric="1 point for a rule that depends on the *question* asked of the image (not on PSNR), "
    "that keeps "
    "the measured image within reach, and that names one thing to be measured on scans of one's "
    "own "
    "scanner: contrast or detection of the finding in question, with patients who have it. No "
    "points "
    "for 'if the score is high enough', 'never' or 'always' alone.",
    see="Which picture would you show?",
    hints=(
        "Two patients of the lecture had the same scan and two answers. What was different?",
        "What would you have to measure before you could say yes for a given question?",
    ),
)
