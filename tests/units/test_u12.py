"""Unit 12: what the general tests of questions cannot see."""

from __future__ import annotations

import json
from importlib import resources
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from sklearn.manifold import Isomap
from sklearn.manifold import trustworthiness as by_library

from mlmi_course.questions import u12_embeddings as q
from mlmi_course.questions.u12_embeddings.tsne_gradient import affinities, divergence


def _solution(name: str) -> Any:
    """The function that the lab's solution shows."""
    file = resources.files("mlmi_course.questions") / "solutions" / "u12_embeddings.json"
    scope: dict[str, Any] = {"np": np}
    exec(json.loads(file.read_text(encoding="utf-8"))[name], scope)
    return scope[name]


def test_principal_components_are_those_of_scikit_learn() -> None:
    images = load_digits().data[:300]
    components, places = _solution("pca")(images, 3)
    theirs = PCA(3, svd_solver="full").fit(images)
    signs = np.sign((components * theirs.components_).sum(axis=1))
    np.testing.assert_allclose(components, theirs.components_ * signs[:, None], atol=1e-8)
    np.testing.assert_allclose(places, theirs.transform(images) * signs, atol=1e-6)


def test_seven_components_hold_ninety_percent_and_the_mistakes_give_other_numbers() -> None:
    answers = {name: wrong.answer() for name, wrong in q.components_needed.misconceptions.items()}
    assert q.components_needed.right() == 7
    assert len({7, *answers.values()}) == len(answers) + 1


def test_both_steps_together_are_isomap() -> None:
    points, along = q.roll(800)
    places = _solution("classical_mds")(_solution("geodesics")(points, 8), 2)
    theirs = Isomap(n_neighbors=8).fit_transform(points)
    for axis in (0, 1):
        assert abs(np.corrcoef(places[:, axis], theirs[:, axis])[0, 1]) > 0.9999
    assert abs(np.corrcoef(places[:, 0], along)[0, 1]) > 0.99


def test_the_roll_knows_its_own_length() -> None:
    points, along = q.roll(2000)
    order = np.argsort(along)
    # On the sheet, neighbours in order are at least as far apart along it as through space.
    through = np.hypot(*np.diff(points[order][:, [0, 2]], axis=0).T)
    assert through.sum() == pytest.approx(np.ptp(along), rel=1e-3)
    assert (through <= np.diff(along[order]) + 1e-9).all()


def test_perplexity_of_equal_neighbours_is_their_number() -> None:
    squared = np.array([4.0, 4.0, 0.0, 4.0, 4.0, 4.0])
    for sigma in (0.01, 1.0, 100.0):
        assert _solution("perplexity")(squared, 2, sigma) == pytest.approx(5)


def test_the_affinities_have_the_perplexity_that_was_asked_for() -> None:
    points = np.random.default_rng(0).normal(size=(60, 5))
    P = affinities(points, neighbours=12)
    assert P.sum() == pytest.approx(1)
    np.testing.assert_array_equal(P, P.T)
    assert not P.diagonal().any()


@pytest.mark.parametrize("seed", range(3))
def test_the_gradient_agrees_with_central_differences(seed: int) -> None:
    rng = np.random.default_rng(seed)
    P = affinities(rng.normal(size=(12, 4)), neighbours=4)
    places = rng.normal(size=(12, 2))
    gradient = _solution("tsne_gradient")(P, places)
    for place in np.ndindex(places.shape):
        step = np.zeros_like(places)
        step[place] = 1e-5
        slope = (divergence(P, places + step) - divergence(P, places - step)) / 2e-5
        assert gradient[place] == pytest.approx(slope, abs=1e-8)


@pytest.mark.parametrize("k", [2, 10, 70])
def test_trustworthiness_is_that_of_scikit_learn_both_ways(k: int) -> None:
    images = load_digits().data[:150] + np.random.default_rng(0).normal(0, 1e-3, (150, 64))
    places = PCA(2).fit_transform(images)
    for one, other in ((images, places), (places, images)):
        theirs = by_library(one, other, n_neighbors=k)
        assert _solution("trustworthiness")(one, other, k) == pytest.approx(theirs, abs=1e-12)


def test_the_library_is_out_of_reach_where_the_question_asks_for_it() -> None:
    verdict = q.trustworthiness.check(lambda one, other, k: by_library(one, other, n_neighbors=k))
    assert verdict.status == "fail"
    assert "what this question asks you to write" in verdict.message.text


def test_a_new_patient_lands_where_she_would_have_been_had_she_been_seen() -> None:
    rng = np.random.default_rng(3)
    train = rng.normal(size=(30, 4)) * (5, 3, 2, 1)
    scaled = (train - train.mean(axis=0)) / train.std(axis=0)
    theirs = q.pca.right(scaled, 2)[1]
    np.testing.assert_allclose(_solution("embed_unseen")(train, train[7:8], 2), theirs[7:8])


def test_the_picture_of_the_gradient_shows_a_descent_that_works() -> None:
    picture = q.tsne_gradient.show(_solution("tsne_gradient"))
    losses = picture.axes[0].lines[0].get_ydata()
    assert losses[-1] < 0.25 * losses[0]
