"""Series that the tests read, written by the course's own writer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from pydicom.filewriter import correct_ambiguous_vr

from mlmi_course.dicom import Volume, write_series

UPRIGHT = np.array([[0, 0, 0.7, -7], [0, 0.5, 0, 11], [5, 0, 0, 100], [0, 0, 0, 1]], float)


def scan(slices: int = 6, affine: np.ndarray = UPRIGHT, **changes: Any) -> Volume:
    """A small CT with whole numbers of HU, no two voxels alike."""
    array = np.arange(slices * 8 * 10, dtype=np.float32).reshape(slices, 8, 10) - 1000
    steps = tuple(np.linalg.norm(affine[:3, :3], axis=0))
    return Volume(array, steps, affine, "CT", "HU", changes)


@pytest.fixture
def edit() -> Callable[..., None]:
    """Change header elements of a written file; None removes one."""

    def change(path: Path, **elements: Any) -> None:
        dataset = pydicom.dcmread(path)
        for keyword, value in elements.items():
            if value is None:
                del dataset[keyword]
            else:
                setattr(dataset, keyword, value)
        correct_ambiguous_vr(dataset, is_little_endian=True)
        dataset.file_meta.MediaStorageSOPInstanceUID = dataset.get("SOPInstanceUID", "1.2")
        dataset.save_as(path)

    return change


@pytest.fixture
def series(tmp_path: Path) -> list[Path]:
    """Six honest slices, in order."""
    return write_series(scan(), tmp_path / "series")
