"""One patient or many."""

from mlmi_course.checks import ThoughtQuestion

pixels_or_patients = ThoughtQuestion(
    title="One patient or many",
    points=1,
    rubric="1 point: pixels of one patient are not independent. Patients are what is sampled.",
    see="Averaging",
    hints=("If you scanned the same patient again, what would be new?",),
)
