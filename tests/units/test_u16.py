"""Unit 16, quantitative MRI: physics that its questions rest on."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from mlmi_course.questions import u16_quantitative_mri as q


def module(name: str):
    """A question's module: its name in the package is the question's."""
    return sys.modules[f"mlmi_course.questions.u16_quantitative_mri.{name}"]


def test_each_change_moves_the_number_clearly() -> None:
    """No change lies near the limit of 3 %."""
    change = {case: module("what_happens")._change(case) - 1 for case in "ABCDE"}
    assert abs(change["B"]) < 1e-9
    assert change["A"] < -0.2
    assert change["C"] > 0.15
    assert change["D"] > 0.05
    assert change["E"] == pytest.approx(1.0)


def test_rf_spoiling_comes_near_to_perfect_spoiling() -> None:
    """With 117° the steady state is Ernst's within a tenth; without an increment it is not."""
    flip, t1, t2, tr = 25.0, 800.0, 300.0, 10.0
    e = np.exp(-tr / t1)
    ernst = np.sin(np.deg2rad(flip)) * (1 - e) / (1 - e * np.cos(np.deg2rad(flip)))
    right = q.spoiled.right
    spoilt = np.abs(right(flip, 117.0, t1, t2, tr, 400))[-50:].mean()
    plain = np.abs(right(flip, 0.0, t1, t2, tr, 400))[-50:].mean()
    assert abs(spoilt / ernst - 1) < 0.1
    assert plain / ernst > 1.3


def test_a_uniform_ball_has_no_field_inside() -> None:
    """As physics knows: 0 in a ball, χ (a/r)³ (3 cos² − 1) / 3 around it."""
    n, radius = 64, 6
    z, y, x = np.indices((n, n, n)) - n // 2
    ball = (z**2 + y**2 + x**2 <= radius**2).astype(float)
    kernel = q.dipole.right((n, n, n), (1.0, 1.0, 1.0), np.array([1.0, 0, 0]))
    field = np.fft.ifftn(kernel * np.fft.fftn(ball)).real
    middle = n // 2
    volume = ball.sum() * 3 / (4 * np.pi)
    assert abs(field[middle, middle, middle] - field[ball > 0].mean()) < 0.02
    assert abs(field[ball > 0].mean()) < 0.02
    assert field[middle + 12, middle, middle] == pytest.approx(2 / 3 * volume / 12**3, rel=0.1)
    assert field[middle, middle + 12, middle] == pytest.approx(-1 / 3 * volume / 12**3, rel=0.1)


def test_tofts_keeps_the_analytic_answer() -> None:
    """A constant AIF from the beginning fills the tissue as ve (1 − e^(−kep t))."""
    times = np.arange(0, 300, 0.5)
    got = q.tofts.right(times, np.ones(len(times)), 0.2, 0.4, 0.0)
    assert np.allclose(got, 0.4 * (1 - np.exp(-0.5 * times / 60)), atol=1e-4)


@pytest.mark.parametrize(
    ("how", "most"),
    [("equal_steps", 0.0), ("late", 0.0), ("rule_of_thumb", 0.5), ("textbook", 1.0)],
)
def test_a_rule_of_thumb_earns_little(how: str, most: float) -> None:
    wrong = q.echo_times.misconceptions[how].answer
    points = [q.echo_times.verdict(wrong, np.random.default_rng(seed)).points for seed in range(8)]
    assert np.mean(points) <= most


def test_the_best_plan_reaches_its_bound() -> None:
    times = module("echo_times")
    for seed in range(4):
        rows, truth = times._protocols(np.random.default_rng(seed))
        assert times._score(truth, [times._plan(row, "best") for row in rows]) > 0.98
    te = np.array([10.0] * 7 + [80.0] * 11)
    assert times._best(80.0, 10.0, 30.0, 1500.0)[0] == pytest.approx(
        times._bound(te, 80.0), rel=0.01
    )
