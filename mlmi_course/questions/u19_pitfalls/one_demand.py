"""What would you demand of the vendor?"""

from mlmi_course.checks import ThoughtQuestion

one_demand = ThoughtQuestion(
    title="What would you demand?",
    points=1,
    rubric="1 point for one check that could be done at the reader's own hospital, with a number "
    "that would make her refuse, and whom it protects: such as the positive predictive value "
    "among her own 200 consecutive patients with its interval, the specificity on her own "
    "scanner, the wait of those whom the program missed, or the accuracy of readers on planted "
    "wrong advice. No points for 'more data' or 'a better AUC' alone, or without a number.",
    see="A product sheet",
    hints=(
        "Which of the five faults could hurt somebody at *your* hospital?",
        "What would you measure there, on how many patients, and from which number on would you "
        "refuse?",
    ),
)
