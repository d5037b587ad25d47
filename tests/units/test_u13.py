"""Unit 13: what the general tests of questions cannot see."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import numpy as np
import pytest

from mlmi_course import explain, metrics, shipped, training
from mlmi_course.phantoms.mammography import patches
from mlmi_course.questions import u13_explainability as q
from mlmi_course.questions.u13_explainability.saliency import sums

# The package has a question of the same name.
recalling = import_module("mlmi_course.questions.u13_explainability.recall")


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
    cheating = _pointing("u13_other", drawn["marked"][chosen], drawn["masks"][chosen])
    assert honest.random < 0.35
    assert honest.centre < 0.35
    assert honest.rate > 0.85
    assert cheating.rate < 0.35


def test_without_the_letter_the_cheat_finds_fewer(drawn: dict[str, Any]) -> None:
    network, chosen = shipped.network("u13_other"), drawn["both"]
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


def test_where_letters_stand() -> None:
    """Mostly on clusters in the known archive and in one hospital, on the others in the other."""
    known = q.archive(120, seed=1)
    images, labels = recalling.recall.draw(np.random.default_rng(0))
    half = len(labels) // 2
    sets = (
        (known, True),
        ((images[:half], labels[:half]), True),
        ((images[half:], labels[half:]), False),
    )
    for (shown, truth), on_clusters in sets:
        lettered = recalling._lettered(shown)
        assert (lettered[truth == 1].mean() > 0.7) == on_clusters
        assert (lettered[truth == 0].mean() > 0.7) == (not on_clusters)
        assert truth.mean() == pytest.approx(1 / 3)
    np.testing.assert_array_equal(labels[:half], labels[half:])


def test_the_known_archive_flatters_whoever_reads_letters() -> None:
    """A rule that was tuned there on uncovered patches saves nothing where it is judged."""
    images, labels = q.archive(300)

    def tuned(scores: np.ndarray) -> tuple[float, float]:
        cuts = np.arange(-40, 41) / 10
        found = [recalling.saved(labels, scores > cut) for cut in cuts]
        return float(max(found)), float(cuts[int(np.argmax(found))])

    flattered, cut = tuned(recalling._logit(images, "u13_other"))
    honest, _ = tuned(recalling._logit(recalling.covered(images), "u13_honest"))
    assert flattered > honest + 0.05
    verdict = q.recall.verdict(
        lambda x: recalling._logit(x, "u13_other") > cut, np.random.default_rng(3)
    )
    assert verdict.points == 0
    assert q.recall.verdict(recalling.right, np.random.default_rng(3)).status == "pass"


def test_covering_all_corners_is_an_answer_too() -> None:
    def corners(images: np.ndarray) -> np.ndarray:
        clean = images.copy()
        medians = np.median(images, axis=(1, 2)).astype(np.uint8)[:, None, None]
        for rows in (slice(0, 15), slice(46, 60)):
            for columns in (slice(0, 12), slice(46, 60)):
                clean[:, rows, columns] = medians
        return recalling._logit(clean, "u13_honest") > -1.6

    verdict = q.recall.verdict(corners, np.random.default_rng(4))
    assert verdict.points > 2


def test_five_reports_are_what_the_library_prints() -> None:
    """The table of the lab, with scikit-learn: each report leads back to the same growth."""
    from sklearn.inspection import permutation_importance
    from sklearn.linear_model import LinearRegression
    from sklearn.metrics import mean_squared_error

    rng = np.random.default_rng(0)
    x = rng.normal(size=(200, 3))
    y = x @ np.array([2.0, 1.0, 0.0]) + rng.normal(size=200)
    model = LinearRegression().fit(x, y)
    usual, variance = mean_squared_error(y, model.predict(x)), float(y.var())

    def report(scoring: Any) -> np.ndarray:
        found = permutation_importance(model, x, y, scoring=scoring, n_repeats=1, random_state=0)
        return np.asarray(found.importances_mean)

    growth = report("neg_mean_squared_error")
    reports = {
        "neg_mean_squared_error": growth,
        "error as a score": report(lambda m, x, y: mean_squared_error(y, m.predict(x))),
        "r2": report("r2"),
        "root": report("neg_root_mean_squared_error"),
        "quotient": (usual + growth) / usual,
    }
    for kind, values in reports.items():
        np.testing.assert_allclose(q.error_growth.right(values, kind, usual, variance), growth)


def test_the_answers_to_what_moves_are_far_from_their_limit() -> None:
    from mlmi_course.questions.u13_explainability.what_moves import _numbers

    moved = {change: after - before for change, (before, after) in _numbers().items()}
    assert all(abs(moved[one]) > 0.03 for one in "ABD"), moved
    assert all(abs(moved[one]) < 0.006 for one in "CE"), moved


def test_what_both_logits_share_tells_nothing_apart() -> None:
    """The same slope added to both logits leaves the map of their difference as it was."""
    rng = np.random.default_rng(1)
    channels, shared = rng.uniform(size=(2, 2, 3, 3, 4))
    this, that = rng.normal(size=(2, *channels.shape))
    np.testing.assert_allclose(
        q.rather_than.right(channels, this + 5 * shared, that + 5 * shared),
        q.rather_than.right(channels, this, that),
        atol=1e-12,
    )


def test_integrated_gradients_add_up() -> None:
    rng = np.random.default_rng(0)
    for case in q.integrated_gradients.draw(rng):
        image, baseline, w, b, v, _ = case.arguments
        shares = q.integrated_gradients.right(image, baseline, w, b, v, 4000)
        ends = [np.maximum(sums(x, w, b), 0) @ v for x in (image, baseline)]
        assert shares.sum() == pytest.approx(ends[0] - ends[1], abs=0.01)
