"""How much of the patient does the CT slice show, in cm²?"""

import numpy as np

from mlmi_course.checks import asks_value
from mlmi_course.questions.u01_medical_images._slice import ct_slice


@asks_value(
    points=1,
    tolerance=2e-3,
    see="Pixels have a size",
    hints=(
        "Width times height. Each is a number of pixels times their distance in millimetres.",
        "1 cm² is 100 mm².",
    ),
)
def slice_area():
    """How much of the patient does the CT slice show, in cm²?"""
    ct = ct_slice()
    return float(ct.Rows * ct.PixelSpacing[0] * ct.Columns * ct.PixelSpacing[1]) / 100


@slice_area.mistake
def reconstruction_diameter():
    """You trusted ReconstructionDiameter. It was true for the original 512 × 512 image; this file
    is a 128 × 128 piece of it, and nobody updated the header. Headers lie: compute from what you
    hold.
    """
    return float(ct_slice().ReconstructionDiameter) ** 2 / 100


@slice_area.mistake
def reconstruction_circle():
    """That is the circle of ReconstructionDiameter, which the original image filled. This file is
    a 128 × 128 piece of it.
    """
    return np.pi / 4 * float(ct_slice().ReconstructionDiameter) ** 2 / 100


@slice_area.mistake
def pixels():
    """That is the number of pixels. A surgeon wants cm²."""
    return float(ct_slice().Rows * ct_slice().Columns)


@slice_area.mistake
def square_millimetres():
    """That is in mm². One cm² holds a hundred of them."""
    return 100 * slice_area.right()


@slice_area.mistake
def ten_for_a_hundred():
    """You divided by 10. A centimetre is 10 mm, but a cm² is 10 × 10 = 100 mm²."""
    return 10 * slice_area.right()


@slice_area.mistake
def width_alone():
    """That is the width in centimetres. An area is width times height."""
    return float(ct_slice().Columns * ct_slice().PixelSpacing[1]) / 10


@slice_area.mistake
def centre_to_centre():
    """That reaches from the centre of the first to the centre of the last pixel. Half a pixel on
    each side belongs to the image too.
    """
    return float(np.prod([(ct_slice().Rows - 1) * d / 10 for d in ct_slice().PixelSpacing]))
