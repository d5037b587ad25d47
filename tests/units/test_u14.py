"""Unit 14, weak labels: its data, its table, and what its questions rest on."""

from __future__ import annotations

import runpy
import sys
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
from scipy.special import expit

from mlmi_course import metrics, shipped
from mlmi_course.questions import u14_weak_labels as q

FOLDER = Path(__file__).resolve().parents[2] / "course" / "14_weak_labels"


@pytest.fixture(scope="module")
def table() -> dict:
    """The script of the shipped table, not run."""
    return runpy.run_path(str(FOLDER / "make_table.py"), run_name="table")


def module(name: str):
    """A question's module: its name in the package is the question's."""
    return sys.modules[f"mlmi_course.questions.u14_weak_labels.{name}"]


# ---- data --------------------------------------------------------------------------------------


def test_a_larger_set_goes_on_with_the_same_patients() -> None:
    few, more = q.lungs(3), q.lungs(5)
    assert np.array_equal(few.images, more.images[:3])
    assert few.table.equals(more.table[:3])


def test_counts_places_and_masks_of_the_ganglia_belong_together() -> None:
    heads = q.ganglia(3, seed=3)
    met = []
    for number, row in heads.table.iterrows():
        mine = heads.findings[heads.findings["image"] == number]
        assert len(mine) == row["count"]
        for place in mine[["row", "column"]].round().astype(int).clip(2, 61).to_numpy():
            around = heads.masks[number][place[0] - 2 : place[0] + 3, place[1] - 2 : place[1] + 3]
            met.append(around.any())
    assert np.mean(met) > 0.85, "thin ones that hardly reach into the slice are in no pixel's mask"


def test_the_readers_agree_as_promised() -> None:
    """Over many people: about 0.75, and the second counts a tenth more."""
    rng = np.random.default_rng(0)
    counts = np.minimum(rng.poisson(14 * rng.gamma(2, 0.5, 4000)), 60)
    read = q.readings(counts)
    assert abs(metrics.icc(read) - 0.75) < 0.05
    assert abs(read[:, 1].mean() / read[:, 0].mean() - 1.1) < 0.03


def test_grades_have_the_named_ends() -> None:
    grade = module("_data").grade_of
    ends = [0, 0.01, 0.05, 0.06, 0.25, 0.26, 0.5, 0.75, 0.76, 1]
    assert [int(grade(f)) for f in ends] == [0, 1, 1, 2, 2, 3, 3, 4, 5, 5]


# ---- the lecture's network and its table -------------------------------------------------------


@pytest.mark.parametrize(("pool", "total"), [("last", 1.0), ("first", 1.0), ("last", None)])
def test_the_gradient_is_the_derivative(table: dict, pool: str, total: float | None) -> None:
    room = table["from_lecture"]("PixelNet")
    net = room["PixelNet"](6, pool=pool, start=-1.0, total=total, seed=0)
    net.w = [w.astype(float) for w in net.w]
    rng = np.random.default_rng(1)
    seen, push = rng.normal(size=(3, 7, 6)), rng.normal(size=3)
    net.forward(seen)
    gradients = net.gradient(seen, push)
    for w, g in zip(net.w, gradients, strict=True):
        place = tuple(rng.integers(n) for n in w.shape)
        before, ends = w[place], []
        for step in (1e-6, -1e-6):
            w[place] = before + step
            ends.append((push * net.forward(seen)).sum())
        w[place] = before
        assert abs((ends[0] - ends[1]) / 2e-6 - g[place]) < 1e-5 * max(1, abs(g[place]))


def test_a_small_part_of_the_table_comes_out_again(table: dict) -> None:
    """A short training of both kinds is possible with the lecture's cells, and learns."""
    told, unseen = table["grid"](sizes=(40,), seeds=1, test=30, steps=250)
    truth = unseen.table["fraction"].to_numpy()
    for where in ("last", "first"):
        assert np.corrcoef(told[40, 0, where][0], truth)[0, 1] > 0.6
    assert told[40, 0, "last"][1].shape == (30, 32 * 32)


def test_the_shipped_table_is_whole_and_says_what_the_text_says() -> None:
    grid, gain = shipped.table("u14_grid"), shipped.table("u14_gain")
    assert len(grid) == 3 * 5 * 2
    icc = gain[gain["measure"] == "icc"].set_index("size")
    assert icc.loc[50, "low"] > 0.03
    assert icc.loc[100, "low"] < 0 < icc.loc[100, "high"]
    assert icc.loc[300, "low"] < 0 < icc.loc[300, "high"]
    assert grid["map_auc"].dropna().groupby(grid["size"]).mean().min() > 0.85


# ---- questions ---------------------------------------------------------------------------------


def test_no_change_lies_near_the_limit() -> None:
    of = module("what_changes")._before_and_after
    shares = {case: abs(of(case)[1] / of(case)[0] - 1) for case in "ABCDEF"}
    assert max(shares[case] for case in "BDF") < 0.02
    assert min(shares[case] for case in "ACE") > 0.2


def test_no_counter_lies_near_a_limit() -> None:
    measured = module("verdicts")._measured
    for name in "ABCDE":
        count, place = measured(name)
        assert abs(count - 0.75) > 0.05
        assert abs(place - 0.7) > 0.1
    assert measured("A", agreement="r")[0] > 0.95
    assert measured("D", pooled=True)[1] > 0.72


def test_right_answers_written_differently_pass() -> None:
    def bags_by_list(logits, bags, heard, how):
        found = []
        for number in range(int(max(bags)) + 1):
            mine = [i for i, b in enumerate(bags) if b == number]
            p = [float(expit(logits[i])) for i in mine]
            if not mine:
                found.append(0)
            elif how == "mean":
                found.append(sum(p) / len(p))
            elif how == "max":
                found.append(max(p))
            elif how == "noisy-or":
                with np.errstate(divide="ignore"):
                    found.append(1 - np.exp(np.sum(np.log1p(-np.array(p)))))
            else:
                top = max(heard[i] for i in mine)
                a = [np.exp(heard[i] - top) for i in mine]
                found.append(
                    expit(sum(x * logits[i] for x, i in zip(a, mine, strict=True)) / sum(a))
                )
        return found

    def by_solving(observed, noise):
        table = np.linalg.solve(noise.T, observed.T).T.clip(0)
        return {
            "sensitivity": list(table.diagonal() / table.sum(0)),
            "accuracy": table.trace() / table.sum(),
            "table": table.tolist(),
        }

    rng = np.random.default_rng
    assert q.bag_probability.verdict(bags_by_list, rng(0)).status == "pass"
    assert q.corrected.verdict(by_solving, rng(0)).status == "pass"
    data = import_module("mlmi_course.questions.u14_weak_labels._data")
    assert data.ganglia is q.ganglia
