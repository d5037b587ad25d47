"""Unit 10: its references agree with the libraries; its scripts, shipped files and cells work."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from PIL import Image

from mlmi_course import data, metrics, networks, shipped, training
from mlmi_course.data import real
from mlmi_course.questions import u10_cae_unet_segmentation as q
from mlmi_course.questions.u10_cae_unet_segmentation._masks import pairs
from mlmi_course.questions.u10_cae_unet_segmentation.dsc_from_rates import PUBLISHED

ROOT = Path(__file__).resolve().parents[2]
COURSE = ROOT / "course" / "10_cae_unet_segmentation"


def _script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"u10_{name}", COURSE / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _masks(seed: int) -> tuple[np.ndarray, np.ndarray]:
    return pairs(np.random.default_rng(seed))


@pytest.mark.parametrize("seed", range(3))
def test_references_agree_with_the_library(seed: int) -> None:
    truth, found = _masks(seed)
    np.testing.assert_allclose(
        q.dice.right(truth, found), metrics.dice(truth, found, per_case=True)
    )
    rates = q.error_rates.right(truth[0], found[0])
    assert rates["missed"] == metrics.false_negative_rate(truth[0], found[0])
    assert rates["extra"] == metrics.false_positive_rate(truth[0], found[0], "truth")
    assert rates["false_alarm"] == metrics.false_positive_rate(truth[0], found[0])
    by_library = metrics.summarise(metrics.segmentation_report(truth, found)).loc["dice"]
    for name, value in q.report.right(truth, found).items():
        assert value == pytest.approx(by_library[name]), name


@pytest.mark.parametrize("seed", range(3))
def test_the_identities_hold_for_any_mask(seed: int) -> None:
    from sklearn.metrics import roc_auc_score

    for truth, found in zip(*_masks(seed), strict=True):
        rates = q.error_rates.right(truth, found)
        implied = q.dsc_from_rates.right(1 - rates["extra"], 1 - rates["missed"])
        assert implied == pytest.approx(metrics.dice(truth, found))
        by_library = roc_auc_score(truth.ravel(), found.ravel())
        assert q.mask_auc.right(truth, found) == pytest.approx(by_library)


def test_the_published_table_obeys_its_identity() -> None:
    for one_minus_fpr, one_minus_fnr, printed in PUBLISHED.values():
        assert round(q.dsc_from_rates.right(one_minus_fpr, one_minus_fnr), 3) == printed


def test_the_loss_of_the_lab_is_the_one_that_trains() -> None:
    truth, found = _masks(0)
    probability = np.where(found, 0.8, 0.1)
    by_keras = networks.dice_loss(truth[..., None] * 1.0, probability[..., None])
    by_hand = q.soft_dice_loss.right(truth * 1.0, probability)
    np.testing.assert_allclose(np.asarray(by_keras), by_hand, atol=1e-6)


@pytest.mark.parametrize(
    ("prediction", "says"),
    [
        (lambda images: images / 255.0, "look like probabilities"),
        (lambda images: np.zeros((3, 64, 64), bool), "one mask for each image"),
    ],
)
def test_what_is_no_mask_is_named(prediction: Any, says: str) -> None:
    verdict = q.segment.verdict(prediction, np.random.default_rng(0))
    assert (verdict.status, verdict.points) == ("fail", 0)
    assert says in verdict.message.text


def test_an_empty_mask_is_98_percent_right_and_worth_nothing() -> None:
    images, truth = q.segment.draw(np.random.default_rng(1))
    assert (truth == 0).mean() > 0.97
    verdict = q.segment.verdict(lambda x: np.zeros(x.shape, bool), np.random.default_rng(1))
    assert verdict.points == 0
    assert len(images) == 200


@pytest.mark.parametrize("seed", [3, 4, 5])
def test_points_grow_from_what_the_simple_method_reaches_on_the_same_images(seed: int) -> None:
    _, truth = q.segment.draw(np.random.default_rng(seed))
    simple_method = q.segment.misconceptions["simple_method"].answer
    simple = q.segment.verdict(simple_method, np.random.default_rng(seed))
    assert (simple.status, simple.misconception) == ("fail", "simple_method")
    assert simple.points == 0
    perfect = q.segment.verdict(lambda images: truth, np.random.default_rng(seed))
    assert perfect.status == "pass"
    assert (q.segment.chance, q.segment.threshold) == (0.0, 1.0)  # nothing is kept of a draw


# ---- what is shipped, and the scripts that made it -------------------------------------------


def test_one_cell_of_the_grid_runs_and_the_table_has_them_all() -> None:
    script = _script("make_table")
    table = shipped.table("u10_trainings")
    cells = list(script.cells())
    assert len(table) == len(cells)
    for cell, row in zip(cells, table.to_dict("records"), strict=True):
        assert cell == {name: row[name] for name in cell}
    row = script.measure(**cells[0] | {"loss": "Dice"}, amount=(16, 1), tests=12)
    assert list(row) == list(table)
    assert 0 <= row["dice"] <= 1
    # The readers do not depend on the training: the same for every row of a size.
    assert table.groupby(["size", "contrast"])["readers"].nunique().max() == 1


def test_the_weights_are_those_of_the_script() -> None:
    script, facts = _script("make_weights"), shipped.about("u10_unet")
    assert facts["arguments"] == script.ARGUMENTS
    assert facts["made_by"] == "python course/10_cae_unet_segmentation/make_weights.py"


@pytest.mark.parametrize(("contrast", "least"), [(1.0, 0.7), (1.5, 0.78)])
def test_the_shipped_network_segments_what_it_has_not_seen(contrast: float, least: float) -> None:
    fresh = data.load_masses(n=60, seed=999, size=96, contrast=contrast)
    found = training.predict(shipped.network("u10_unet"), fresh.images) > 0.5
    values = metrics.dice(fresh.masks, found, per_case=True)
    assert np.median(values) > least


def test_the_shipped_network_is_small() -> None:
    assert (Path(shipped.__file__).parent / "u10_unet.npz").stat().st_size < 250_000


# ---- real masses -----------------------------------------------------------------------------


def _lecture(*names: str) -> dict[str, Any]:
    """Run the lecture's cells that define these functions, as a notebook would."""
    cells = re.split(r"^# %%.*\n", (COURSE / "lecture.py").read_text(encoding="utf-8"), flags=re.M)
    scope: dict[str, Any] = {
        "metrics": metrics, "networks": networks, "shipped": shipped, "training": training,
    }  # fmt: skip
    exec("import numpy as np\nfrom scipy import ndimage\nimport keras", scope)
    for name in names:
        (cell,) = [one for one in cells if f"\ndef {name}(" in f"\n{one}"]
        exec(cell.split("\nscores = ")[0].split("\nmaps, checked")[0].split("\nsettings = ")[0]
             .split("\nsecond = ")[0], scope)  # fmt: skip
    return scope


def _look_alike(folder: Path, patients: int = 8) -> Path:
    """Files as the real set has them, drawn from the simulator."""
    cases = data.load_masses(n=3 * patients, seed=5, size=128, contrast=1.5)
    for number in range(2 * patients):
        name = f"{number // 2 + 1:04d}p{1 + number % 2}_1_{1 + number % 2}_1"
        for kind, pixels in (("resized", cases.images), ("mass_mask", cases.masks * 255)):
            image = Image.fromarray(np.ascontiguousarray(pixels[number][:125, :125]))
            folder.mkdir(parents=True, exist_ok=True)
            image.save(folder / f"{name}_{kind}.pgm")
    return folder


def test_the_cells_for_real_masses_run_on_a_look_alike(tmp_path: Path) -> None:
    real.import_set("cmepda-masses", _look_alike(tmp_path / "masses"))
    masses = data.load_masses(source="cmepda")
    assert masses.patients == 8
    scope = _lecture("dice_per_case", "keep_piece", "one_piece", "at_96", "grouped_dice")
    images, outlines = scope["at_96"](masses)
    assert images.shape == outlines.shape == (16, 96, 96)
    assert images.dtype == np.uint8
    assert set(np.unique(outlines)) == {0, 1}
    values = scope["grouped_dice"](masses, epochs=1, folds=2)
    assert values.shape == (16,)
    assert np.isfinite(values).all()
    assert np.median(values) > 0.4  # an untrained network has about 0.05
