"""Unit 05: what the general tests of questions cannot see."""

from __future__ import annotations

import json
from importlib import resources
from typing import Any

import numpy as np
import pytest

from mlmi_course.questions import u05_perceptrons as q
from mlmi_course.questions.u05_perceptrons.backward import NAMES, by_differences, network
from mlmi_course.questions.u05_perceptrons.updates_needed import history


def _lab(*names: str) -> dict[str, Any]:
    """Run solutions of the lab one after the other, as its cells do."""
    file = resources.files("mlmi_course.questions") / "solutions" / "u05_perceptrons.json"
    texts = json.loads(file.read_text(encoding="utf-8"))
    images, directions = q.bars(400, seed=1)
    scope: dict[str, Any] = {"np": np, "q": q, "images": images, "directions": directions}
    for name in names:
        exec(texts[name], scope)
    return scope


def _train(scope: dict[str, Any]) -> Any:
    """The lab's own training loop, which stands in the exercise and in no solution."""

    def train(inputs: Any, labels: Any, units: int, rate: float, steps: int) -> dict[str, Any]:
        rng = np.random.default_rng(0)
        network = {
            "hidden_weights": rng.normal(0, 0.3, (units, inputs.shape[1])),
            "hidden_biases": np.zeros(units),
            "output_weights": rng.normal(0, 0.3, units),
            "output_bias": 0.0,
        }
        for _ in range(steps):
            gradients = scope["backward"](inputs, labels, **network)
            network = {name: network[name] - rate * gradients[name] for name in network}
        return network

    return train


@pytest.mark.parametrize("seed", range(5))
def test_the_trained_network_passes_on_fresh_bars(seed: int) -> None:
    scope = _lab("backward", "orientation")
    scope["train"] = _train(scope)
    verdict = q.orientation.verdict(scope["orientation"], np.random.default_rng(seed))
    assert verdict.status == "pass", str(verdict)


def test_a_linear_model_cannot_tell_the_bars() -> None:
    verdict = q.orientation.verdict(
        q.orientation.misconceptions["linear"].answer, np.random.default_rng(9)
    )
    assert verdict.misconception == "linear"
    assert verdict.points < 1


def test_probabilities_in_place_of_labels_are_named() -> None:
    verdict = q.orientation.verdict(
        lambda images: np.full(len(images), 0.7), np.random.default_rng(0)
    )
    assert "look like probabilities" in verdict.message.text


def test_the_lumps_of_the_lab_take_a_few_passes() -> None:
    made = history()
    assert len(made) >= 4
    # Updates, passes, visits and first pass must be told apart.
    assert len({sum(made), len(made), len(made) - 1, made[0], 30 * len(made)}) == 5


def test_the_bound_of_any_start_holds_where_the_classic_one_breaks() -> None:
    features, labels = q.lumps()
    separator, start, rate = np.array([0.8, 0.6, -3.2]), np.array([0.0, 0.0, 100.0]), 0.01
    weights, updates, made = start, 1, 0
    while updates:
        weights, updates = q.one_pass.right(weights, features, labels, rate)
        made += updates
    given = features[:, :2], 2 * labels - 1, separator
    assert q.mistake_bound.right(*given, np.zeros(3), rate) < made
    assert made <= q.mistake_bound.right(*given, start, rate)


def test_the_gradients_agree_with_central_differences() -> None:
    rng = np.random.default_rng(3)
    inputs, labels = rng.normal(size=(30, 3)), rng.integers(0, 2, 30)
    weights = dict(zip(NAMES, network(rng, 3, 4), strict=True))
    for name, gradient in q.backward.right(inputs, labels, *weights.values()).items():
        by_trial = by_differences(inputs, labels, weights, name)
        np.testing.assert_allclose(np.ravel(gradient), np.ravel(by_trial), atol=1e-8)
