"""What would you ask the authors for?"""

from mlmi_course.checks import ThoughtQuestion

to_the_authors = ThoughtQuestion(
    title="What would you ask for?",
    points=1,
    rubric="1 point for one concrete thing that would settle which columns are means over the same "
    "cases: P, R and SI (or the counts TP, FP, FN) of each case as a supplement; or how each "
    "column was averaged (over cases, or of all voxels together) and over how many cases. With the "
    "reason that the identity holds case by case. No points for 'more patients' or 'other "
    "metrics' alone.",
    see="Where in the head?",
    hints=(
        "The identities hold for each case and break somewhere in the averaging.",
        "Which numbers, if printed, would let you do the averaging yourself?",
    ),
)
