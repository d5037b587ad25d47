"""The questions of the labs, one module per unit: ``u01_medical_images`` and so on.

In a notebook:

>>> from mlmi_course.questions import u01_medical_images as q
>>> q.to_hu
Stored numbers to Hounsfield units (2 points). Try q.to_hu.check(to_hu), .hint() or .solution().
"""
