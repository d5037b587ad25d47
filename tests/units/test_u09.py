"""Unit 09: the network that ships, and what the general tests of questions cannot see."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import mlmi_course  # noqa: F401  (silences TensorFlow)
from mlmi_course import shipped
from mlmi_course.data import load_microcalcifications
from mlmi_course.metrics import auc
from mlmi_course.training import predict

ROOT = Path(__file__).resolve().parents[2]
UNIT = "u09_cnn_microcalcifications"


@pytest.fixture(scope="module")
def script() -> ModuleType:
    """The script that made the network."""
    path = ROOT / "course" / UNIT.removeprefix("u") / "make_weights.py"
    spec = importlib.util.spec_from_file_location("make_weights", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def network() -> Any:
    return shipped.network("u09_cnn")


# -- the network that ships --------------------------------------------------------------------

# What it reached on 2,000 unseen patches was 0.945, 0.944 and 0.907.  Here are 600, with a standard
# error of about 0.013 over their patients: the bands are three of them wide to either side.
BANDS = {0.0: (0.905, 0.985), 0.5: (0.905, 0.985), 1.0: (0.865, 0.95)}


@pytest.mark.parametrize(("difficulty", "band"), BANDS.items())
def test_the_shipped_network_is_good_on_easy_and_hard_patches(
    network: Any, difficulty: float, band: tuple[float, float]
) -> None:
    fresh = load_microcalcifications(600, seed=4242, difficulty=difficulty)
    found = float(auc(fresh.labels, predict(network, fresh.images), resamples=10))
    assert band[0] <= found <= band[1], found


def test_it_is_small_and_says_how_it_was_made(script: ModuleType) -> None:
    file = Path(shipped.__file__).parent / "u09_cnn.npz"
    assert file.stat().st_size < 200_000
    facts = shipped.about("u09_cnn")
    assert facts["made_by"] == script.MADE_BY
    assert (ROOT / facts["made_by"].split()[1]).is_file()
    assert "9,000" in facts["note"]


def test_a_small_part_of_it_is_rebuilt(script: ModuleType) -> None:
    """The same patches and the same steps twice, one epoch of 192 patches."""
    (first, history), (second, _) = (script.train(64, 32, epochs=1) for _ in range(2))
    assert len(history.loss) == 1
    for one, other in zip(first.get_weights(), second.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    # Those are the first of the shipped network's own patches, and its own first weights.
    images, labels = script.patches("train", 64)
    assert (images.shape, labels.shape) == ((192, 60, 60), (192,))
    few = load_microcalcifications(64, seed=script.SEEDS["train"] + 1, difficulty=0.5)
    np.testing.assert_array_equal(images[64:128], few.images)
    shapes = [weight.shape for weight in shipped.network("u09_cnn").get_weights()]
    assert [weight.shape for weight in first.get_weights()] == shapes


def test_no_patient_is_in_two_parts(script: ModuleType) -> None:
    seeds = [first + place for first in script.SEEDS.values() for place in range(3)]
    assert len(set(seeds)) == 9
