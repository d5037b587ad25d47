"""What do you tell her?"""

from mlmi_course.checks import ThoughtQuestion

prognosis = ThoughtQuestion(
    title="What do you tell her?",
    points=1,
    rubric="Half a point: says that the number is no probability of survival, because the weights "
    "were chosen and nothing was fitted to patients or calibrated. Half a point: names at least "
    "two things that would be needed: trained on patients like her; tested on patients not seen; "
    "calibration (of 100 with 0.65, about 65 live); an interval; a stated time span, and patients "
    "lost to follow-up; the simple table by stage beside it; somebody trained to say it. No points "
    "for 'AI can be wrong' alone.",
    see="A forward pass",
    hints=(
        "Where did the weights come from? What would the output be with other ones?",
        "Think of 100 women for whom the network says 0.65. What would have to be true of them?",
    ),
)
