"""Unit 12: what the general tests of questions cannot see."""

from __future__ import annotations

import json
import sys
from importlib import resources
from typing import Any

import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment
from scipy.sparse.csgraph import shortest_path
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from sklearn.manifold import Isomap, trustworthiness
from sklearn.neighbors import kneighbors_graph
from sklearn.preprocessing import StandardScaler

from mlmi_course.questions import u12_embeddings as q
from mlmi_course.questions.u12_embeddings._points import roll


def module(name: str) -> Any:
    """A question's module: its name in the package is the question's."""
    return sys.modules[f"mlmi_course.questions.u12_embeddings.{name}"]


def _solution(name: str) -> Any:
    """The function that the lab's solution shows."""
    file = resources.files("mlmi_course.questions") / "solutions" / "u12_embeddings.json"
    known, real = q.studies(300)
    scope: dict[str, Any] = {"np": np, "known": known, "real": real}
    scope["linear_sum_assignment"] = linear_sum_assignment
    exec(json.loads(file.read_text(encoding="utf-8"))[name], scope)
    return scope[name]


def test_every_change_is_clear() -> None:
    """Each number either stays to the last digit, or moves by far more than the limit of 0.01."""
    moved = {
        change: after - before
        for change, (before, after) in module("what_happens")._numbers().items()
    }
    assert max(abs(moved["A"]), abs(moved["D"])) < 1e-6
    assert moved["B"] > 0.05
    assert moved["C"] > 0.05
    assert moved["E"] < -0.5


def test_the_ways_are_those_of_isomap_where_the_graph_holds_together() -> None:
    points, along = roll(800)
    found = _solution("ways_along")(points, 8)
    theirs = Isomap(n_neighbors=8).fit(points).dist_matrix_
    np.testing.assert_array_equal(found["kept"], np.arange(800))
    np.testing.assert_allclose(found["ways"], theirs, atol=1e-9)
    assert abs(np.corrcoef(found["ways"][along.argmin()], along)[0, 1]) > 0.99


def test_the_ways_of_a_library_that_needs_care() -> None:
    """Without twins and pieces, scikit-learn's graph of *others* gives the same."""
    points = np.random.default_rng(0).normal(size=(60, 3))
    graph = kneighbors_graph(points, 9, mode="distance", include_self=False)
    found = _solution("ways_along")(points, 9)["ways"]
    np.testing.assert_allclose(found, shortest_path(graph, directed=False), atol=1e-9)


def test_the_roll_knows_its_own_length() -> None:
    points, along = roll(2000)
    order = np.argsort(along)
    # On the sheet, neighbours in order are at least as far apart along it as through space.
    through = np.hypot(*np.diff(points[order][:, [0, 2]], axis=0).T)
    assert through.sum() == pytest.approx(np.ptp(along), rel=1e-3)
    assert (through <= np.diff(along[order]) + 1e-9).all()


@pytest.mark.parametrize("k", [2, 10, 30])
def test_the_judgement_is_that_of_scikit_learn(k: int) -> None:
    images = load_digits().data[:, 20:44] + np.random.default_rng(0).normal(0, 1e-3, (1797, 24))
    train, test = images[:50], images[50:130]
    scaler = StandardScaler().fit(train)
    scaled = scaler.transform(test)
    places = PCA(2, svd_solver="full").fit(scaler.transform(train)).transform(scaled)
    found = q.judge_map.right(train, test, k)
    assert found["trustworthiness"] == pytest.approx(trustworthiness(scaled, places, n_neighbors=k))
    assert found["continuity"] == pytest.approx(trustworthiness(places, scaled, n_neighbors=k))


def test_a_map_of_persons_has_no_true_neighbours_but_persons() -> None:
    """The lab's ring looks splendid to who leaves only the image itself out, and is chance."""
    picture = q.kept_neighbours.show(_solution("kept_neighbours"))
    alone, whole = (bar.get_width() for bar in picture.axes.patches[:2])
    assert alone > 0.9
    assert whole < 0.35


def test_principal_components_are_those_of_scikit_learn() -> None:
    images = load_digits().data[:300]
    components, places = _solution("pca")(images, 3)
    theirs = PCA(3, svd_solver="full").fit(images)
    signs = np.sign((components * theirs.components_).sum(axis=1))
    np.testing.assert_allclose(components, theirs.components_ * signs[:, None], atol=1e-8)
    np.testing.assert_allclose(places, theirs.transform(images) * signs, atol=1e-6)


def test_a_whitened_map_has_a_spread_of_one() -> None:
    train = np.random.default_rng(3).normal(size=(30, 4)) * (5, 3, 2, 1)
    places = _solution("embed_unseen")(train, train, 2)
    np.testing.assert_allclose(places.std(axis=0), 1)
    np.testing.assert_allclose(_solution("embed_unseen")(train, train[7:8], 2), places[7:8])


# ---- believe it? -------------------------------------------------------------------------------


def test_a_third_of_the_studies_have_groups_and_the_scanner_is_in_all() -> None:
    found, real = q.studies(300)
    assert real.sum() == 100
    for study in found[:30]:
        pairs = np.unique(np.stack([study["patient"], study["scanner"]]), axis=1)
        assert len(pairs.T) == len(np.unique(study["patient"])), "a patient has one scanner"
        assert len(study["features"]) == len(study["patient"])


@pytest.mark.parametrize(
    ("answer", "most"),
    [
        ("images_for_patients", 1.0),
        ("scanner_left_in", 0.0),
        ("neither", 0.0),
        ("long_is_not_two", 0.0),
        ("generous", 1.0),
        ("never", 0.0),
        ("k_means_always_finds_two", 0.0),
    ],
)
def test_half_a_test_earns_little(answer: str, most: float) -> None:
    wrong = q.believe.misconceptions[answer].answer
    score, chance = module("believe")._saved, q.believe.chance
    share = []
    for seed in range(5):
        found, real = module("believe")._draw(np.random.default_rng(seed))
        share.append((score(real, wrong(found)) - chance) / (q.believe.threshold - chance))
    assert q.believe.points * np.mean(np.clip(share, 0, 1)) <= most


def test_silhouettes_do_not_tell_groups_from_a_gradual_disease() -> None:
    """The usual number of k-means, at the cut that suits it best, earns nothing."""
    from sklearn.cluster import KMeans
    from sklearn.metrics import silhouette_score

    found, real = module("believe")._draw(np.random.default_rng(1))
    values = []
    for study in found[:150]:
        rows = module("believe")._points(study)
        values.append(silhouette_score(rows, KMeans(2, n_init=2, random_state=0).fit_predict(rows)))
    values, real = np.array(values), real[:150]
    best = max(module("believe")._saved(real, values > cut) for cut in values)
    assert best < q.believe.chance + 0.06
