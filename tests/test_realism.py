"""The measurement of realism: its scores, its page, and what it says without real images."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from benchmarks import realism

ROOT = Path(__file__).resolve().parents[1]
REAL = ROOT.parent / "shared" / "data" / "microcalcifications_train.tar.gz"


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> tuple[realism.Patches, np.ndarray]:
    if not REAL.is_file():
        pytest.skip(f"the real patches are not here: {REAL}")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MLMI_HOME", str(tmp_path_factory.mktemp("home")))
        return realism.real_patches(REAL)


def test_the_ladder_on_real_patches_is_the_known_one(real: tuple) -> None:
    """AUC of these scores on this set, as published with it: nothing here is trained."""
    patches, _ = real
    ladder = {name: roc_auc_score(patches.labels, s) for name, s in
              realism.ladder(patches.images).items()}  # fmt: skip
    known = {"mean": 0.80, "spread": 0.87, "maximum": 0.90, "LoG, σ = 1": 0.918,
             "LoG, σ = 1.5": 0.967, "LoG, σ = 2": 0.976, "LoG, σ = 2.5": 0.974,
             "LoG, σ = 3": 0.964}  # fmt: skip
    assert ladder == pytest.approx(known, abs=0.006)


def test_six_numbers_on_real_patches(real: tuple) -> None:
    patches, _ = real
    assert roc_auc_score(patches.labels, realism.of_six_numbers(patches)) > 0.97


def test_sigma_chosen_on_other_real_patients(real: tuple) -> None:
    patches, _ = real
    low, high = np.percentile(realism.with_sigma_of_others(patches), (2.5, 97.5))
    page = (ROOT / "docs" / "realism.md").read_text(encoding="utf-8")
    assert f"{low:.3f} to {high:.3f}" in page


def test_half_of_the_cases_set_nothing(real: tuple) -> None:
    patches, other = real
    assert 0.35 < other.mean() < 0.65
    assert {0, 1} == set(patches.labels[other])


def test_features_do_not_depend_on_the_neighbours() -> None:
    images = np.random.default_rng(0).integers(0, 255, (5, 60, 60)).astype(np.uint8)
    together, alone = realism.simple_features(images), realism.simple_features(images[2:3])
    for name, values in together.items():
        assert values[2] == pytest.approx(alone[name][0], rel=1e-4, abs=1e-5), name


def test_z_scored_patches_lose_brightness_and_contrast() -> None:
    image = np.random.default_rng(0).integers(0, 100, (1, 60, 60)).astype(np.uint8)
    np.testing.assert_allclose(realism.z_scored(image), realism.z_scored(2 * image + 20), atol=1e-4)


def test_the_page_names_command_and_data() -> None:
    section = realism.Section("A title", "Some words.", ("what", "AUC"), [["LoG", "0.976"]])
    page = realism.page([section], {"a.tar.gz": "0123"})
    assert "`python -m benchmarks.realism" in page
    assert "`a.tar.gz`: sha256 `0123`" in page
    assert "| LoG | 0.976 |" in page


def test_without_real_images_it_says_so() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "benchmarks.realism", "nowhere.tar.gz", "nothing.tar.gz"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 1
    assert "not here: nowhere.tar.gz, nothing.tar.gz" in run.stderr
