"""Unit 17, graphs and sequences: what its questions and its data rest on."""

from __future__ import annotations

import sys

import networkx as nx
import numpy as np
import pytest

from mlmi_course.questions import u17_graphs_and_sequences as q


def module(name: str):
    """A question's module: its name in the package is the question's."""
    return sys.modules[f"mlmi_course.questions.u17_graphs_and_sequences.{name}"]


def test_each_change_is_clear() -> None:
    """What changes, changes by far more than rounding."""
    score = module("what_changes")._of_the_point
    apart = {case: abs(score(case) - score()) for case in "ABCDE"}
    assert max(apart["A"], apart["D"], apart["E"]) < 1e-9
    assert min(apart["B"], apart["C"]) > 0.05


def test_a_round_of_the_all_alike_is_steady() -> None:
    """The root of the degree is left as it is: the eigenvector of eigenvalue 1."""
    rng = np.random.default_rng(0)
    s = rng.uniform(0, 1, (7, 7))
    a = np.maximum(s, s.T)
    np.fill_diagonal(a, 1.0)
    root = np.sqrt(a.sum(axis=1))[:, None]
    assert np.allclose(q.one_round.right(s, root), root)


@pytest.mark.parametrize("seed", range(4))
def test_the_likeliest_path_is_that_of_networkx(seed: int) -> None:
    for case in q.likeliest.draw(np.random.default_rng(seed)):
        chance, start, end = case.arguments
        graph = nx.Graph()
        graph.add_nodes_from(range(len(chance)))
        for i, j in zip(*np.nonzero(np.triu(chance, 1)), strict=True):
            graph.add_edge(int(i), int(j), length=-np.log(chance[i, j]))
        right = q.likeliest.right(chance, start, end)
        if not nx.has_path(graph, start, end):
            assert right == {"path": [], "probability": 0.0}
            continue
        assert right["path"] == nx.shortest_path(graph, start, end, weight="length")


def test_swaps_keep_the_degrees() -> None:
    for case in q.swapped.draw(np.random.default_rng(1)):
        edges, tries = case.arguments
        after = np.array(q.swapped.right(edges, tries))
        assert (np.bincount(after.ravel()) == np.bincount(np.ravel(edges))).all()
        assert len({tuple(e) for e in after.tolist()}) == len(edges)
        assert (after[:, 0] < after[:, 1]).all()


def test_folds_keep_patients_together() -> None:
    for case in q.fold_of.draw(np.random.default_rng(2)):
        patient, _, folds = case.arguments
        fold = np.array(q.fold_of.right(*case.arguments))
        assert all(len(set(fold[patient == p])) == 1 for p in set(patient.tolist()))
        assert set(fold.tolist()) == set(range(folds))


def test_no_table_knows_the_future() -> None:
    for case in q.until_today.draw(np.random.default_rng(3)):
        made = q.until_today.right(*case.arguments)
        assert (made["ages"] >= 0).all()
        assert (made["scores"][made["mask"] == 0] == 0).all()


@pytest.mark.parametrize(
    ("answer", "most"),
    [("newest", 0.0), ("mean_of_all", 0.0), ("by_age_alone", 0.5), ("by_noise_alone", 0.5)],
)
def test_half_a_weight_earns_little(answer: str, most: float) -> None:
    wrong = q.forecast.misconceptions[answer].answer
    points = [q.forecast.verdict(wrong, np.random.default_rng(seed)).points for seed in range(6)]
    assert np.mean(points) <= most


def test_the_best_forecast_is_the_best() -> None:
    """What is called the best possible is not beaten but by luck of the draw."""
    for seed in range(4):
        visits, truth = module("forecast")._draw(np.random.default_rng(seed))
        for tau in (0.4, 0.6, 1.0):
            assert (
                module("forecast")._share(truth, module("forecast")._weighted(visits, tau=tau))
                < 1.003
            )
