"""The study behind the last unit: from an image to features, to a risk, to a sealed protocol.

What the units before have written out by hand, put together for one cohort:
:mod:`~mlmi_course.biopsy.segmenting`, :mod:`~mlmi_course.biopsy.measuring`,
:mod:`~mlmi_course.biopsy.measured`, :mod:`~mlmi_course.biopsy.modelling` and
:mod:`~mlmi_course.biopsy.study`.
"""
