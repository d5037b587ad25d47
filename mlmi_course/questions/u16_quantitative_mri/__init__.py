"""Questions of unit 16, quantitative MRI, in the order of the lab."""

from mlmi_course.checks import Unit
from mlmi_course.questions.u16_quantitative_mri.corner import corner
from mlmi_course.questions.u16_quantitative_mri.dipole import dipole
from mlmi_course.questions.u16_quantitative_mri.echo_times import echo_times
from mlmi_course.questions.u16_quantitative_mri.faults import faults
from mlmi_course.questions.u16_quantitative_mri.look_up import look_up
from mlmi_course.questions.u16_quantitative_mri.spoiled import spoiled
from mlmi_course.questions.u16_quantitative_mri.tofts import tofts
from mlmi_course.questions.u16_quantitative_mri.two_pools import two_pools
from mlmi_course.questions.u16_quantitative_mri.values_needed import values_needed
from mlmi_course.questions.u16_quantitative_mri.weighted_adc import weighted_adc
from mlmi_course.questions.u16_quantitative_mri.what_happens import what_happens

__all__ = [
    "what_happens",
    "look_up",
    "tofts",
    "dipole",
    "weighted_adc",
    "faults",
    "echo_times",
    "spoiled",
    "two_pools",
    "corner",
    "values_needed",
    "progress",
]

progress = Unit(__name__).progress
