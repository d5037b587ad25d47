"""Sixty images and a plan."""

from mlmi_course.checks import ThoughtQuestion

advice = ThoughtQuestion(
    title="Sixty images and a plan",
    points=2,
    rubric="1 point: asks for the baseline first (an untrained or classical method on the same "
    "unseen patients), or for patients in place of images (60 images are perhaps a dozen "
    "patients; test patients apart; several draws). "
    "1 point: chooses strategy and source by similarity and size, with a reason from the "
    "table: with so few images freeze, or use a like source as it is, and unfreeze only with "
    "hundreds; a source of the same finding, simulated if need be, rather than another domain; "
    "and says what the table cannot tell: one task, one small network, simulated patients, not "
    "ImageNet. Half of this point for the strategy without the reason. "
    "No points for 'get more data' alone.",
    see="How alike, and how many?",
    hints=(
        "What would the plan be compared with? And on whom?",
        "Look up 40 and 80 images in the lecture's table, for each of the sources.",
    ),
)
