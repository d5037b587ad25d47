"""Would you buy it?"""

from mlmi_course.checks import ThoughtQuestion

purchase = ThoughtQuestion(
    title="Would you buy it?",
    points=1,
    rubric="Half a point: asks for the baseline and for a fair comparison: what does an untrained "
    "line (LoG, counting spots) reach on the same patches; the paired difference with its interval "
    "over patients; split by patient; epoch and threshold not chosen on the test. Half a point: "
    "sees that an AUC on patches, half of them with a cluster, is not the task: asks for "
    "detections on whole mammograms at the clinic's own prevalence, as FROC with radius, "
    "images counted and false marks per image stated, on the clinic's own machines and "
    "patients; or what a false mark costs the reader. No points for general doubts about AI "
    "alone.",
    see="What to remember",
    hints=(
        "What would one line without training have reached on their patches?",
        "Half of their patches hold a cluster. How many of yours do? And what is done with a mark?",
    ),
)
