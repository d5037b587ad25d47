"""A poster."""

from mlmi_course.checks import ThoughtQuestion

poster = ThoughtQuestion(
    title="A poster",
    points=3,
    rubric="1 point: the cut was searched (and among 40 features), so p = 0.004 is not the chance "
    "of "
    "a false alarm; at n = 60 such a search finds p < 0.05 in about nine useless studies of "
    "ten. 1 point: the groups look into the future: whoever has a change between two scans "
    "has lived until the second; asks for a landmark at the second scan. 1 point: asks for "
    "something that would settle it — new patients with the cut fixed, or a shuffle of the "
    "whole search — or for medians with censoring (numbers at risk, interval) in place of "
    "mean ± SD of observed times. No points for 'the sample is too small' alone.",
    see="How often is nothing something?",
    hints=(
        "How many searches are hidden in the words 'best' and 'optimal'?",
        "What must a patient have done to have a *change* between two scans? And where did the "
        "patients go who are still alive?",
    ),
)
