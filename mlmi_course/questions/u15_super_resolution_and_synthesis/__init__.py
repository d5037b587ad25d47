"""Questions of unit 15, super-resolution and synthesis, in the order of the lab."""

from mlmi_course.checks import Unit
from mlmi_course.questions.u15_super_resolution_and_synthesis.alarm import alarm, restored_scans
from mlmi_course.questions.u15_super_resolution_and_synthesis.copies import copies
from mlmi_course.questions.u15_super_resolution_and_synthesis.faded import faded
from mlmi_course.questions.u15_super_resolution_and_synthesis.fast_scan import fast_scan
from mlmi_course.questions.u15_super_resolution_and_synthesis.faults import faults
from mlmi_course.questions.u15_super_resolution_and_synthesis.head_psnr import head_psnr
from mlmi_course.questions.u15_super_resolution_and_synthesis.hu_errors import hu_errors
from mlmi_course.questions.u15_super_resolution_and_synthesis.paper_ssim import paper_ssim
from mlmi_course.questions.u15_super_resolution_and_synthesis.step_from_image import (
    step_from_image,
)
from mlmi_course.questions.u15_super_resolution_and_synthesis.what_moves import what_moves
from mlmi_course.questions.u15_super_resolution_and_synthesis.when_to_show import when_to_show

__all__ = [
    "what_moves",
    "head_psnr",
    "fast_scan",
    "paper_ssim",
    "faded",
    "faults",
    "when_to_show",
    "alarm",
    "restored_scans",
    "hu_errors",
    "copies",
    "step_from_image",
    "progress",
]

progress = Unit(__name__).progress
