"""What would you ask the authors for?"""

from mlmi_course.checks import ThoughtQuestion

one_analysis = ThoughtQuestion(
    title="What would you ask for?",
    points=1,
    rubric="1 point for one analysis that could come out differently if the gain were not due to "
    "the messages or not a gain at all, with its reason: length found at the same false length "
    "for both methods, on the same patients; the same network without edges; rounds chosen on "
    "training trees, then new patients; a reference drawn by somebody who saw no method's output. "
    "No points for 'more patients', 'a deeper network' or 'another data set' alone.",
    see="How many branches, at what price?",
    hints=(
        "What would look the same in the paper if the method only had a lower cut?",
        "Which analysis would come out differently then?",
    ),
)
