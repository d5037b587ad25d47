"""Unit 06, tissue segmentation: what its questions and its comparison rest on."""

from __future__ import annotations

import itertools
import sys

import numpy as np
import pytest

from mlmi_course.questions import u06_tissue_segmentation as q


def module(name: str):
    """A question's module: its name in the package is the question's."""
    return sys.modules[f"mlmi_course.questions.u06_tissue_segmentation.{name}"]


def overlaps(p: np.ndarray, r: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """SI and RO of cases, from their P and R."""
    si = 2 * p * r / (p + r)
    return si, si / (2 - si)


# ---- prediction ------------------------------------------------------------------------------


def test_no_change_of_dice_lies_near_the_limit() -> None:
    dice = module("what_moves")._dice
    changes = {case: dice(case) - dice() for case in "ABCDE"}
    assert max(abs(changes["A"]), abs(changes["D"])) < 0.005
    assert max(changes["B"], changes["C"], changes["E"]) < -0.1


# ---- the audit -------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(20))
def test_honest_means_break_no_rule(seed: int) -> None:
    rng = np.random.default_rng(seed)
    p, r = rng.uniform(0.01, 1, (2, 30)) ** rng.uniform(0.1, 2)
    si, ro = overlaps(p, r)
    means = [round(float(x.mean()), 3) for x in (p, r, ro, si)]
    assert q.contradictions.right(*means) == ""


def test_the_published_rows_break_one_rule_each() -> None:
    rows = module("what_holds").ROWS
    assert [q.contradictions.right(*row) for row in rows] == ["A", "A"]


def test_pooled_voxels_beside_a_mean_give_such_a_row() -> None:
    """Statement E: a large case that went badly, and small ones that went well."""
    size = np.array([4.0] + [1.0] * 9)
    p = r = np.array([0.62] + [0.91] * 9)
    si, ro = overlaps(p, r)
    pooled = float((p * size).sum() / size.sum())
    letters = q.contradictions.right(pooled, pooled, float(ro.mean()), float(si.mean()))
    assert letters == "A"


def test_cases_exist_with_the_other_three_means() -> None:
    """Statement H: perfect cases and bad ones, in the right shares."""
    goal_p, goal_r, goal_ro, _ = module("what_holds").ROWS[0]
    shares = np.linspace(0.3, 0.8, 2001)
    bad_p, bad_r = (goal_p - shares) / (1 - shares), (goal_r - shares) / (1 - shares)
    fine = (bad_p > 0.05) & (bad_r > 0.05)
    ro = shares + (1 - shares) * overlaps(bad_p, bad_r)[1]
    assert np.abs(ro[fine] - goal_ro).min() < 2e-4


# ---- design ----------------------------------------------------------------------------------


@pytest.mark.parametrize("answer", ["best_dice", "cheapest", "fewest_failures", "mean_above"])
def test_a_rule_that_forgets_half_of_the_cost_earns_nothing(answer: str) -> None:
    wrong = q.whom_to_label.misconceptions[answer].answer
    points = [q.whom_to_label.verdict(wrong, np.random.default_rng(s)).points for s in range(5)]
    assert max(points) == 0


def test_one_option_for_everybody_earns_nothing() -> None:
    for option in range(6):
        verdict = q.whom_to_label.verdict(
            lambda dice, option=option: np.full(len(dice), option), np.random.default_rng(1)
        )
        assert verdict.points == 0


def test_the_bar_lies_four_deviations_below_the_solution() -> None:
    design = module("whom_to_label")
    scores = []
    for seed in range(20):
        dice, hours = design._draw(np.random.default_rng(seed))
        scores.append(design._score(hours, design._by_normal(dice)))
    assert np.mean(scores) - 4 * np.std(scores) > q.whom_to_label.threshold


# ---- contours --------------------------------------------------------------------------------


def test_closed_contour_is_that_of_trying_everything() -> None:
    rng = np.random.default_rng(0)
    for _ in range(5):
        cost = rng.normal(size=(5, 4))
        best = min(
            cost[np.arange(5), path].sum()
            for path in itertools.product(range(4), repeat=5)
            if all(abs(a - b) <= 1 for a, b in zip(path, (*path[1:], path[0]), strict=True))
        )
        assert q.closed_contour.right(cost) == pytest.approx(best)


def test_two_cuts_agree_with_scikit_image() -> None:
    from skimage.filters import threshold_multiotsu

    rng = np.random.default_rng(3)
    values = np.concatenate([rng.normal(m, 15, n) for m, n in ((80, 300), (200, 900), (290, 700))])
    counts, edges = np.histogram(values, 64)
    ours = q.two_cuts.right(counts, (edges[1:] + edges[:-1]) / 2)
    theirs = threshold_multiotsu(values, classes=3, nbins=64)
    assert np.allclose(ours, theirs)


def test_settled_energy_never_rises() -> None:
    """Each half round of the right answer goes downhill; all at once may not."""
    settle = module("settle")
    rng = np.random.default_rng(1)
    cost, beta = rng.normal(size=(4, 5, 6, 3)), 0.9

    def energy(labels: np.ndarray) -> float:
        own = np.take_along_axis(cost, labels[..., None], -1).sum()
        unlike = sum((np.diff(labels, axis=axis) != 0).sum() for axis in range(3))
        return float(own + beta * unlike)

    values = [energy(settle._settle(cost, beta, (1, 1, 1), rounds=rounds)) for rounds in range(4)]
    assert all(b <= a + 1e-9 for a, b in itertools.pairwise(values))
