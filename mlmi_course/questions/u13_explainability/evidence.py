"""Ten beautiful maps."""

from mlmi_course.checks import ThoughtQuestion

evidence = ThoughtQuestion(
    title="Ten beautiful maps",
    points=2,
    rubric="1 point: says that maps chosen by the vendor, without a count, are no evidence, and "
    "asks for a score over all cases beside chance (random, centre, or share of the image). "
    "1 point: asks for a test of the *network* and not of the maps, at least one of: the "
    "sanity check with random weights (or an edge detector as control); removal of the "
    "suspected cause with the same patients; performance at another hospital. "
    "No points for 'the maps look plausible' or 'AI must be explainable' alone.",
    see="The pointing game, with chance",
    hints=(
        "Who chose the ten? What would chance have scored?",
        "An edge detector also draws beautiful maps. What test would tell it from an explanation?",
    ),
)
