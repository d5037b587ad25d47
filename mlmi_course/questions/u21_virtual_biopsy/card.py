"""A report and a model card, from one's own numbers."""

from mlmi_course.checks import ThoughtQuestion

card = ThoughtQuestion(
    title="Report and model card",
    points=3,
    rubric="1 point for a result that is whole: the gain of the image over the clinic on the "
    "locked patients with its interval, their number, and the same for centre D alone; or its "
    "absence, said as plainly. 1 point for limits that follow from this study: that patients are "
    "simulated and the segmentation network saw the same simulator, centre D's calibration, the "
    "missing blocks, and for whom the model must not be used. 1 point for a monitoring plan that "
    "a hospital could carry out: what is counted, how often, which number raises an alarm, and "
    "who does what then; with a sentence on conflicts of interest. No point for a number that is "
    "not in the student's own table, and none for 'further validation is needed' alone.",
    see="A model card",
    hints=(
        "Begin with the registered number and its interval, and with whom it was measured on. Your "
        "`study.results()` has them.",
        "For whom was it not measured? Who must not use it? What would you see first if it went "
        "wrong: too many deaths among those it called safe?",
    ),
)
