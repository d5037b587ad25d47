"""What would you ask a vendor for?"""

from mlmi_course.checks import ThoughtQuestion

evidence = ThoughtQuestion(
    title="What would you ask for?",
    points=1,
    rubric="1 point for one check of the *network* that could come out badly, with its reason: the "
    "suspected cause removed from the same patients; maps of a network with random weights, or of "
    "one that learnt something else, beside those of this one; the share of maxima on the lesion "
    "over all patients beside random pixels, the centre and an edge detector; the performance at a "
    "hospital that gave no training data. No points for 'more maps', 'a better colour scale' or "
    "'explainable AI' alone.",
    see="Another hospital",
    hints=(
        "Which result would show that the network does not look at the lesion, if it does not?",
        "An edge detector also draws beautiful maps. What would tell it from an explanation?",
    ),
)
