"""What do you tell her?"""

from mlmi_course.checks import ThoughtQuestion

prognosis = ThoughtQuestion(
    title="What do you tell her?",
    points=2,
    rubric="1 point: says that the number is no probability of survival: the weights were "
    "invented, nothing was trained or calibrated on patients. A sigmoid makes any number look "
    "like a probability. "
    "1 point: says what would be needed before such a number may be told to a patient, at "
    "least two of: trained on patients like her; tested on patients not seen; calibration "
    "(of 100 with 0.65, about 65 live); an interval or a word on how sure; a defined time span "
    "and censoring; comparison with the simple table by stage; somebody trained to say it. "
    "No points for 'AI can be wrong' alone.",
    see="A forward pass",
    hints=(
        "Where did the weights come from? What would the output be with other ones?",
        "Think of 100 women for whom the network says 0.65. What would have to be true of them?",
    ),
)
