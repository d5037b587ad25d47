"""What would you ask the authors for?"""

from mlmi_course.checks import ThoughtQuestion

poster = ThoughtQuestion(
    title="What would you ask for?",
    points=1,
    rubric="1 point for one analysis that would settle it, with its reason: new patients with "
    "feature and cut fixed beforehand; or a shuffle of the outcomes that repeats the "
    "search over 40 features and all cuts; or a landmark at the second scan together with "
    "one of these. No points for 'more patients' or 'the sample is too small' alone: the "
    "false alarms of a search do not shrink with its size.",
    see="How often is nothing something?",
    hints=(
        "How many searches are hidden in the words 'best' and 'smallest'?",
        "Which analysis would come out differently if the finding were luck?",
    ),
)
