"""98.8 %."""

from mlmi_course.checks import ThoughtQuestion

too_good = ThoughtQuestion(
    title="98.8 %",
    points=3,
    rubric="1 point: says why the figure means little: 98 % of the pixels are background, an empty "
    "mask scores about 97.9 % on that set, so the gain is some 0.9 points of pixels; the "
    "figure depends on the field of view. "
    "1 point: says what to report instead: Dice (or another overlap) case by case, median with "
    "quartiles, patients kept apart, an interval over patients, undefined or missed cases "
    "counted; a distance in mm is a good addition. "
    "1 point: says what to compare with: a second reader (what two people agree on), a simple "
    "baseline, an empty mask; or that 'better than the readers' is impossible to claim against "
    "one of these readers. No points for 'accuracy is bad' alone.",
    see="The trap",
    hints=(
        "What would somebody score who has never opened an image?",
        "A clinician wants to know about her next patient. Which numbers, for how many patients, "
        "beside what?",
    ),
)
