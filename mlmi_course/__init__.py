"""Machine learning for medical imaging: the support package of the course.

Importing this package is quick (it loads neither TensorFlow nor UMAP) and does one thing:
it arranges that TensorFlow, when it is imported later, does so in silence.  That is why the
first code cell of every notebook imports ``mlmi_course`` before keras, tensorflow or umap.

Submodules are loaded when they are first used:

>>> import mlmi_course
>>> mlmi_course.dicom.window([-160, 240], center=40, width=400).tolist()
[0.0, 1.0]
"""

from __future__ import annotations

import importlib
from typing import Any

from mlmi_course._quiet import silence_tensorflow

_SUBMODULES = (
    "checks",
    "data",
    "dicom",
    "explain",
    "metrics",
    "networks",
    "phantoms",
    "plots",
    "questions",
    "shipped",
    "training",
    "widgets",
)

__all__ = ["__version__", *_SUBMODULES]

silence_tensorflow()


def __getattr__(name: str) -> Any:
    """Load a submodule, or look up the version, the first time it is asked for (PEP 562)."""
    if name in _SUBMODULES:
        return importlib.import_module(f"mlmi_course.{name}")
    if name == "__version__":
        from importlib.metadata import version

        return version("mlmi-course")
    raise AttributeError(f"module 'mlmi_course' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
