"""Unit 03: its references agree with libraries, and its checks judge what students hand in."""

from __future__ import annotations

import ast
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import ndimage

from mlmi_course.questions import u03_filtering_and_preparation as q

UNIT = "u03_filtering_and_preparation"
SEEDS = [pytest.param(seed, id=f"{UNIT}-{seed}") for seed in range(5)]
COURSE = Path(__file__).resolve().parents[2] / "course" / "03_filtering_and_preparation"


def _status(name: str, answer: Any) -> str:
    """Judge an answer on five draws; a right answer passes all of them."""
    question = getattr(q, name)
    found = {question.verdict(answer, np.random.default_rng(seed)).status for seed in range(5)}
    found.add(question.check(answer).status)
    return "pass" if found == {"pass"} else "fail" if found == {"fail"} else str(found)


def _function(file: str, name: str) -> Callable[..., Any]:
    """A function as the lecture or the exercise shows it."""
    body = ast.parse((COURSE / file).read_text(encoding="utf-8")).body
    node = next(n for n in body if isinstance(n, ast.FunctionDef) and n.name == name)
    scope: dict[str, Any] = {"np": np}
    exec(compile(ast.Module([node], []), file, "exec"), scope)
    return scope[name]


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, id=f"{UNIT}-{name}") for name in ("to_grid", "normalise", "flatten")],
)
def test_the_faulty_function_of_the_exercise_is_known(name: str) -> None:
    """What the exercise shows is what the check calls ``unmended``."""
    verdict = getattr(q, name).check(_function("lab.py", f"colleagues_{name}"))
    assert verdict.misconception == "unmended"


def test_the_lectures_z_score_is_no_answer() -> None:
    z_score = _function("lecture.py", "z_score")

    def pasted(images: np.ndarray, brains: np.ndarray, lesions: np.ndarray) -> np.ndarray:
        return np.array([z_score(i, b) * b for i, b in zip(images, brains, strict=True)])

    assert _status("normalise", pasted) == "fail"
    assert q.normalise.check(pasted).misconception == "lesion_included"


def test_the_lectures_air_is_no_answer() -> None:
    def pasted(pixels: np.ndarray, air: np.ndarray, coils: int) -> dict[str, float]:
        sigma = air[air > 0].mean() / np.sqrt(np.pi / 2)
        return {"sigma": sigma, "signal": np.sqrt(max(np.mean(pixels**2) - 2 * sigma**2, 0))}

    assert _status("true_signal", pasted) == "fail"
    assert q.true_signal.check(pasted).misconception == "rayleigh_mean_one_coil"


@pytest.mark.parametrize("seed", SEEDS)
def test_the_signal_of_several_coils_is_found(seed: int) -> None:
    """The law of the squares, on many pixels of a known signal."""
    rng = np.random.default_rng(seed)
    channels = rng.normal(0, 10, (200_000, 8))
    air = np.sqrt((channels**2).sum(axis=1))
    channels[:, :4] += 25 / 2  # 25 in all: four coils with 12.5 each
    found = q.true_signal.right(np.sqrt((channels**2).sum(axis=1)), air, 4)
    assert found["sigma"] == pytest.approx(10, rel=0.01)
    assert found["signal"] == pytest.approx(25, rel=0.01)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_mask_lies_where_simpleitk_puts_it(seed: int) -> None:
    import SimpleITK as sitk

    rng = np.random.default_rng(seed)
    mask = rng.integers(0, 4, (9, 11))
    spacing, new = (1.1, 0.9), (0.47, 1.57)
    image = sitk.GetImageFromArray(mask.astype(np.uint8))
    image.SetSpacing(spacing[::-1])
    image.SetOrigin([s / 2 for s in spacing[::-1]])
    shape = (24, 7)
    out = sitk.Resample(
        image, shape[::-1], sitk.Transform(2, sitk.sitkIdentity), sitk.sitkNearestNeighbor,
        [s / 2 for s in new[::-1]], new[::-1], image.GetDirection(),
    )  # fmt: skip
    np.testing.assert_array_equal(
        q.to_grid.right(mask, spacing, new, shape), sitk.GetArrayFromImage(out)
    )


@pytest.mark.parametrize("seed", SEEDS)
def test_the_wave_that_one_sees_has_the_same_samples(seed: int) -> None:
    rng = np.random.default_rng(seed)
    frequencies, spacing = rng.uniform(0, 3, 20), float(rng.uniform(0.3, 3))
    place = spacing * np.arange(50)
    seen = q.apparent.right(frequencies, spacing)
    assert seen.max() <= 0.5 / spacing + 1e-12
    for true, apparent in zip(frequencies, seen, strict=True):
        np.testing.assert_allclose(
            np.cos(2 * np.pi * true * place), np.cos(2 * np.pi * apparent * place), atol=1e-6
        )


def test_the_directions_are_not_close_calls() -> None:
    noise = import_module(f"mlmi_course.questions.{UNIT}.what_happens")._noise
    shares = {case: noise(case) / noise() for case in "ABCDE"}
    assert abs(shares["A"] - 1) < 0.02
    assert shares["B"] == pytest.approx(0.5, abs=0.02)
    assert shares["C"] < 0.85
    assert shares["D"] == pytest.approx(np.sqrt(2 - np.pi / 2), abs=0.02)
    assert shares["E"] == pytest.approx(1.25, abs=0.02)


def test_streaks_are_mended_in_the_raw_data_best() -> None:
    """As the exercise claims; and a filter of the slice helps little."""
    errors, _, _ = import_module(f"mlmi_course.questions.{UNIT}.fill_trace")._errors()
    filters = [errors[name] for name in ("Gaussian", "median", "non-local means")]
    assert errors["raw data"] < 0.7 * min(filters)


def _narrow(width: float) -> Callable[[np.ndarray], np.ndarray]:
    return lambda patches: ndimage.gaussian_filter(patches, (0, width, width))


def test_a_filter_is_judged_by_the_lesions() -> None:
    assert _status("denoise", _narrow(0.6)) == "pass"
    for poor in (_narrow(0.8), _narrow(1.0), lambda patches: patches, _narrow(0.3)):
        points = [q.denoise.verdict(poor, np.random.default_rng(s)).points for s in range(5)]
        assert max(points) < 0.7 * q.denoise.points


def test_other_right_answers_pass() -> None:
    def in_millimetres(
        mask: np.ndarray, spacing: tuple, new_spacing: tuple, new_shape: tuple
    ) -> list[list[int]]:
        out = [[0] * new_shape[1] for _ in range(new_shape[0])]
        for i in range(new_shape[0]):
            for j in range(new_shape[1]):
                row = int((i * new_spacing[0] + new_spacing[0] / 2) // spacing[0])
                column = int((j * new_spacing[1] + new_spacing[1] / 2) // spacing[1])
                if row < mask.shape[0] and column < mask.shape[1]:
                    out[i][j] = int(mask[row, column])
        return out

    def by_arccos(frequencies: np.ndarray, spacing: float) -> np.ndarray:
        return np.arccos(np.cos(2 * np.pi * frequencies * spacing)) / (2 * np.pi * spacing)

    def by_svd(kernel: np.ndarray) -> int:
        values = np.linalg.svd(kernel, compute_uv=False)
        rank = int((values > 1e-9 * values[0]).sum())
        return min(kernel.size, rank * sum(kernel.shape))

    def by_pandas(sinogram: np.ndarray, metal: np.ndarray) -> np.ndarray:
        import pandas as pd

        holes = pd.DataFrame(np.where(metal, np.nan, sinogram))
        return holes.interpolate(limit_direction="both").to_numpy()

    assert _status("to_grid", in_millimetres) == "pass"
    assert _status("apparent", by_arccos) == "pass"
    assert _status("multiplications", by_svd) == "pass"
    assert _status("fill_trace", by_pandas) == "pass"
