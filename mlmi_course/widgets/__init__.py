"""Pictures that answer when the reader moves something.

:func:`browse`, :func:`planes`, :func:`window_level` and :func:`threshold` are ready to use;
:func:`match` measures an illusion on the reader; :func:`dashboard` shows one patient among others;
:func:`explore` builds any other one from a function that draws and a few controls::

    def draw(ax, sigma):
        plots.image(gaussian(ct, sigma), ax=ax)

    explore(draw, {"sigma": Slider("Blur (pixels)", 0, 5, step=0.5)}, alt="A blurred CT slice.")

The picture is HTML with alternative text, also while it changes.  Where no one can move a
slider (a notebook run without a browser, a web site), set the environment variable
``MLMI_STATIC=1`` or pass ``static=True``: each function then returns a
:class:`~mlmi_course.plots.Picture` of a few telling settings side by side; a
:class:`Dashboard` shows the pages of a few patients.
"""

from __future__ import annotations

from typing import Final

from mlmi_course.widgets import _words
from mlmi_course.widgets._controls import Choice, Slider, Switch
from mlmi_course.widgets._dashboard import Dashboard, Decision, dashboard
from mlmi_course.widgets._explore import explore, is_static
from mlmi_course.widgets._match import match
from mlmi_course.widgets._threshold import mask_numbers, threshold
from mlmi_course.widgets._volumes import browse, planes
from mlmi_course.widgets._windows import window_level
from mlmi_course.widgets._words import typical_hu

__all__ = [
    "TYPICAL_HU",
    "Choice",
    "Dashboard",
    "Decision",
    "Slider",
    "Switch",
    "browse",
    "dashboard",
    "explore",
    "is_static",
    "mask_numbers",
    "match",
    "planes",
    "threshold",
    "typical_hu",
    "window_level",
]

TYPICAL_HU: Final[tuple[tuple[str, float, float], ...]] = _words.TYPICAL_HU
"""Typical CT values: (what, lowest, highest) in HU, from low to high.

As compiled at http://radclass.mudr.org/content/hounsfield-units-scale-hu-ct-numbers from
Buzug, *Computed Tomography* (Springer 2008), Heymsfield, *Human Body Composition* (2005) and
Prokop, *Spiral and Multislice Computed Tomography of the Body* (Thieme 2003); white and grey
matter, kidney, spleen, blood and liver are taken together.  Contrast agent, noise and pixels
that hold two tissues move a value out of its range.
"""
