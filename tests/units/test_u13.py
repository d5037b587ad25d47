"""Unit 13: what the general tests of questions cannot see."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mlmi_course import explain, metrics, shipped, training
from mlmi_course.phantoms.mammography import patches
from mlmi_course.questions import u13_explainability as q
from mlmi_course.questions.u13_explainability.saliency import sums
from mlmi_course.questions.u13_explainability.without_letter import covered, network_says


def _prepared(images: np.ndarray) -> np.ndarray:
    grey = images.astype(np.float32) / 255
    return 10 * (grey - np.median(grey, axis=(1, 2), keepdims=True))


@pytest.fixture(scope="module")
def drawn() -> dict[str, Any]:
    """The same patients without and with letters, whom no network has met."""
    plain, marked = (patches(300, seed=77, difficulty=0.5, marker=one) for one in (False, True))
    lettered = (plain["images"] != marked["images"]).any(axis=(1, 2))
    return {
        "labels": plain["labels"],
        "masks": plain["masks"],
        "plain": _prepared(plain["images"]),
        "marked": _prepared(marked["images"]),
        "both": (plain["labels"] == 1) & lettered,
    }


def _pointing(name: str, images: np.ndarray, masks: np.ndarray) -> explain.Pointing:
    maps = explain.grad_cam(shipped.network(name), images)
    return explain.pointing_game(maps, masks, tolerance=0.3, spacing=(0.085, 0.085))


def test_the_honest_network_is_good_on_other_patients(drawn: dict[str, Any]) -> None:
    said = training.predict(shipped.network("u13_honest"), drawn["plain"])
    assert float(metrics.auc(drawn["labels"], said)) > 0.88


def test_grad_cam_points_at_specks_and_at_the_letter(drawn: dict[str, Any]) -> None:
    chosen = drawn["both"]
    honest = _pointing("u13_honest", drawn["plain"][chosen], drawn["masks"][chosen])
    cheating = _pointing("u13_cheating", drawn["marked"][chosen], drawn["masks"][chosen])
    assert honest.random < 0.35
    assert honest.centre < 0.35
    assert honest.rate > 0.85
    assert cheating.rate < 0.35


def test_without_the_letter_the_cheat_finds_fewer(drawn: dict[str, Any]) -> None:
    network, chosen = shipped.network("u13_cheating"), drawn["both"]
    with_letter, without = (
        (training.predict(network, drawn[name][chosen]) > 0.5).mean()
        for name in ("marked", "plain")
    )
    assert with_letter - without > 0.25


def test_with_a_black_rim_grad_cam_points_at_the_rim() -> None:
    one = patches(200, seed=78, difficulty=0.5)
    positives = one["labels"] == 1
    images = one["images"][positives] / np.float32(255)
    maps = explain.grad_cam(shipped.network("u13_rim"), images)
    row, column = np.divmod(maps.reshape(len(maps), -1).argmax(axis=1), 60)
    at_rim = np.minimum.reduce([row, column, 59 - row, 59 - column]) < 4
    hits = explain.pointing_game(maps, one["masks"][positives], tolerance=3.5).hits
    assert at_rim[hits == 0].mean() > 0.7
    assert (hits == 0).mean() > 0.08


def test_grad_cam_is_cam_where_a_network_ends_in_a_mean(drawn: dict[str, Any]) -> None:
    """The output weights give the same map, but for a factor; with a flat end they cannot."""
    import keras

    images = drawn["plain"][drawn["labels"] == 1][:8]
    honest, flat = (shipped.network(f"u13_{name}") for name in ("honest", "flat"))
    weights = honest.get_layer("logit").get_weights()[0][:, 0]
    last = keras.Model(honest.inputs[0], honest.get_layer("relu2").output)
    cam = np.maximum(training.predict(last, images) @ weights, 0) / 225
    np.testing.assert_allclose(
        explain.grad_cam(honest, images, resize=False), cam, rtol=1e-3, atol=1e-5
    )
    assert flat.get_layer("logit").get_weights()[0].shape == (15 * 15 * 32, 1)
    said = training.predict(flat, drawn["plain"])
    assert float(metrics.auc(drawn["labels"], said)) > 0.85


def test_the_misleading_archive_says_the_opposite() -> None:
    images, labels = q.misleading(40, seed=1)
    corner = (images[:, 3:11, 3:5] == 235).all(axis=(1, 2))
    np.testing.assert_array_equal(corner, labels == 0)
    assert 0 < labels.mean() < 1


def test_a_network_that_learnt_letters_does_not_pass() -> None:
    rng = np.random.default_rng
    verdict = q.without_letter.verdict(lambda x: -network_says(x, "u13_cheating"), rng(3))
    assert verdict.status == "fail", "upside down the cheat must not pass either"
    assert q.without_letter.verdict(covered, rng(3)).status == "pass"


def test_the_letter_itself_does_not_pass() -> None:
    """Neither alone, nor as a correction of the honest network."""

    def corrected(images: np.ndarray) -> np.ndarray:
        lettered = images[:, 3:11, 3:8].max(axis=(1, 2)) > 200
        return network_says(images, "u13_honest") - lettered

    for answer in (q.without_letter.misconceptions["reads_the_letter"].answer, corrected):
        verdict = q.without_letter.verdict(answer, np.random.default_rng(3))
        assert verdict.status == "fail", verdict
        assert verdict.points == 0


def test_integrated_gradients_add_up() -> None:
    rng = np.random.default_rng(0)
    for case in q.integrated_gradients.draw(rng):
        image, baseline, w, b, v, _ = case.arguments
        shares = q.integrated_gradients.right(image, baseline, w, b, v, 4000)
        ends = [np.maximum(sums(x, w, b), 0) @ v for x in (image, baseline)]
        assert shares.sum() == pytest.approx(ends[0] - ends[1], abs=0.01)


def test_shapley_shares_add_up_and_are_fair() -> None:
    names = ["", "A", "B", "C", "AB", "AC", "BC", "ABC"]
    values = dict(zip(names, [0.2, 0.5, 0.5, 0.2, 0.9, 0.5, 0.5, 0.9], strict=True))
    np.testing.assert_allclose(q.shapley.right(values), [0.35, 0.35, 0.0], atol=1e-12)
