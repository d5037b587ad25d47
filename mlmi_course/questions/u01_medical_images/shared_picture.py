"""A colleague sends a PNG."""

from mlmi_course.checks import ThoughtQuestion

shared_picture = ThoughtQuestion(
    title="A colleague sends a PNG",
    points=2,
    rubric="1 point: names at least two of the things that are lost — the Hounsfield units outside "
    "the window (clipped for good), their scale inside it (256 greys), the pixel spacing, the "
    "orientation, the identity and history of the examination. "
    "1 point: draws the consequence for this case: density cannot be measured in a "
    "clipped region, nor size without the spacing, so ask for the DICOM file. "
    "No points for 'PNG has lower quality' alone: PNG itself is lossless.",
    see="The window",
    hints=(
        "Follow one pixel of bone, 900 HU, through the lung window and into 8 bits. Can you come "
        "back?",
        "What did the header say that the PNG does not?",
    ),
)
