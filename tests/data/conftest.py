"""A simulator that is a file of its own, and tiny sets in the layout that INFN published."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from PIL import Image

from mlmi_course.data import cache

SIMULATOR = """
import numpy as np

BRIGHTNESS = 7
calls = []

def blocks(n, *, seed=0, size=8, block=4, bright=False):
    calls.append(n)
    for start in range(0, n, block):
        rows = np.arange(start, min(start + block, n))
        images = (np.full((len(rows), size, size), BRIGHTNESS + 90 * bright) + rows[:, None, None])
        yield {
            "images": images.astype(np.uint8),
            "masks": (images % 2).astype(np.uint8),
            "labels": (rows // 4 % 2).astype(np.uint8),
            "groups": (rows // 4).astype(np.int32),
            "view": (rows % 4).astype(np.uint8),
            "second_reader": (images % 2).astype(np.uint8),
        }
"""


@pytest.fixture(autouse=True)
def _nothing_was_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "_said", set())


@pytest.fixture
def simulator(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """A module whose ``blocks`` makes little images and counts its calls."""
    (tmp_path / "fake_simulator.py").write_text(SIMULATOR)
    monkeypatch.syspath_prepend(tmp_path)
    importlib.invalidate_caches()
    yield importlib.import_module("fake_simulator")
    sys.modules.pop("fake_simulator", None)


def write_image(path: Path, pixels: np.ndarray) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)
    return path


@pytest.fixture
def patches(tmp_path: Path) -> Path:
    """Five patches of four cases: two are identical across Train and Test."""
    rng = np.random.default_rng(0)
    root = tmp_path / "published"
    twin = rng.integers(0, 255, (60, 60), np.uint8)
    for name, pixels in {
        "Train/0/0008n1_3_0_1.png": None,
        "Train/0/0010s1_2_0_4.png": None,
        "Train/1/0041u1_1_2_1_5.png": twin,
        "Test/0/0007t1_6_0_2.png": None,
        "Test/1/0222u1_1_1_1_5.png": twin,
    }.items():
        write_image(
            root / name, rng.integers(0, 255, (60, 60), np.uint8) if pixels is None else pixels
        )
    return root


@pytest.fixture
def masses(tmp_path: Path) -> Path:
    """Three masses of two cases."""
    rng = np.random.default_rng(0)
    root = tmp_path / "masses"
    for name in ("0001p1_1_1_2", "0001p1_3_1_2", "0024t1_2_1"):
        write_image(root / f"{name}_resized.pgm", rng.integers(0, 255, (125, 125), np.uint8))
        mask = np.zeros((125, 125), np.uint8)
        mask[40:60, 30:80] = 255
        write_image(root / f"{name}_mass_mask.pgm", mask)
    return root


@pytest.fixture
def tree() -> Callable[[Path], dict[str, bytes]]:
    """What is in a folder: every file with its bytes."""

    def read(folder: Path) -> dict[str, bytes]:
        files = [file for file in sorted(folder.rglob("*")) if file.is_file()]
        return {file.relative_to(folder).as_posix(): file.read_bytes() for file in files}

    return read
