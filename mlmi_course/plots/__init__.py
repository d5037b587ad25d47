"""One function for each picture that comes back in the course.

Every function works in two ways:

* ``plots.image(ct, alt="An axial CT slice of the chest.")`` returns a :class:`Picture`, which
  shows itself in a notebook with its alternative text, for readers who cannot see it;
* ``plots.image(ct, ax=ax)`` draws on a matplotlib Axes of yours and returns it.

The same quantity has the same colour in every picture: see :data:`COLOURS`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from mlmi_course.plots import _colours
from mlmi_course.plots._charts import bars, histogram, lines
from mlmi_course.plots._grid import grid
from mlmi_course.plots._images import cross_hair, edge_letters, image, montage
from mlmi_course.plots._intensity import Window
from mlmi_course.plots._overlay import overlay
from mlmi_course.plots._picture import Picture, figure
from mlmi_course.plots._planes import planes
from mlmi_course.plots._samples import decision, embedding
from mlmi_course.plots._survival import kaplan_meier

__all__ = [
    "COLOURS",
    "OKABE_ITO",
    "Picture",
    "Window",
    "bars",
    "cross_hair",
    "decision",
    "edge_letters",
    "embedding",
    "figure",
    "grid",
    "histogram",
    "image",
    "kaplan_meier",
    "lines",
    "montage",
    "overlay",
    "planes",
]

OKABE_ITO: Final[Mapping[str, str]] = _colours.OKABE_ITO
"""The palette of Okabe and Ito, made to be told apart with any kind of colour vision.

M. Okabe, K. Ito: *Color Universal Design*, 2008, https://jfly.uni-koeln.de/color/
"""

COLOURS: Final[Mapping[str, str]] = _colours.COLOURS
"""What a colour means, in every picture of the course.

==============  ===============  =============================================================
``truth``       sky blue         the reference: an expert's outline, the known answer
``prediction``  orange           what a model or a student's function says
``error``       vermillion       where the two differ
``highlight``   reddish purple   the one thing the text talks about
``neutral``     grey             everything else
==============  ===============  =============================================================
"""
