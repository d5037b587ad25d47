"""Questions of unit 03, filtering and preparation, in the order of the lab."""

from mlmi_course.checks import Unit
from mlmi_course.questions.u03_filtering_and_preparation._patches import practice
from mlmi_course.questions.u03_filtering_and_preparation.apparent import apparent
from mlmi_course.questions.u03_filtering_and_preparation.denoise import denoise
from mlmi_course.questions.u03_filtering_and_preparation.faults import faults
from mlmi_course.questions.u03_filtering_and_preparation.fill_trace import fill_trace
from mlmi_course.questions.u03_filtering_and_preparation.flatten import flatten
from mlmi_course.questions.u03_filtering_and_preparation.multiplications import multiplications
from mlmi_course.questions.u03_filtering_and_preparation.normalise import normalise
from mlmi_course.questions.u03_filtering_and_preparation.to_grid import to_grid
from mlmi_course.questions.u03_filtering_and_preparation.true_signal import true_signal
from mlmi_course.questions.u03_filtering_and_preparation.what_happens import what_happens

__all__ = [
    "what_happens",
    "true_signal",
    "to_grid",
    "normalise",
    "apparent",
    "faults",
    "denoise",
    "practice",
    "fill_trace",
    "flatten",
    "multiplications",
    "progress",
]

progress = Unit(__name__).progress
