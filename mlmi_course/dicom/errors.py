"""The one error that reading or writing medical images raises."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["DicomError"]


class DicomError(ValueError):
    """A file or folder that cannot be read as it is, with what to do about it.

    Parameters
    ----------
    path : str or path
        The file or folder at fault.
    problem : str
        What is wrong with it.
    advice : str
        What the reader can do.

    Attributes
    ----------
    path : pathlib.Path
        The file or folder at fault, for programs that go on with the others.

    Examples
    --------
    >>> raise DicomError("scan/07.dcm", "the pixel data is cut off", "copy the file again")
    Traceback (most recent call last):
    mlmi_course.dicom.errors.DicomError: scan/07.dcm: the pixel data is cut off; copy the file again
    """

    def __init__(self, path: str | os.PathLike[str], problem: str, advice: str) -> None:
        # All three are handed up so that the error survives being sent between processes.
        super().__init__(path, problem, advice)
        self.path, self.problem, self.advice = Path(path), problem, advice

    def __str__(self) -> str:
        return f"{self.path}: {self.problem}; {self.advice}"
