"""Simulated patients, calibrated to published numbers, from which the course's images come.

Each module is one kind of image and is imported by its name:

>>> from mlmi_course.phantoms import ct
>>> ct.chest_phantom(shape=(8, 16, 16), spacing=(40, 24, 24)).unit
'HU'
"""
