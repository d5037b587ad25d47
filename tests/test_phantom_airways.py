"""The simulated airways: physics, structure, traps, and what a caller may rely on."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage
from scipy.spatial import cKDTree

from mlmi_course.phantoms import airways


@pytest.fixture(scope="module")
def patients() -> list[airways.Airways]:
    return [airways.simulate(number) for number in range(6)]


def divisions(tree: airways.AirwayTree):
    """Yield the end of a branch and the first points of its daughters."""
    new = np.flatnonzero((tree.parent >= 0) & (tree.branch != tree.branch[tree.parent]))
    for end in np.unique(tree.parent[new]):
        yield int(end), new[tree.parent[new] == end]


# ---- physics ---------------------------------------------------------------------------------


@pytest.mark.parametrize("exponent", [2.6, 3.0])
def test_murrays_law_holds_at_each_division(exponent: float) -> None:
    tree = airways.simulate(2, exponent=exponent).tree
    both = [(end, two) for end, two in divisions(tree) if len(two) == 2]
    assert len(both) > 5
    for end, two in both:
        assert (tree.radius[two] ** exponent).sum() == pytest.approx(tree.radius[end] ** exponent)


def test_angles_balance_the_forces() -> None:
    """r0² = r1² cos θ1 + r2² cos θ2, and nothing pulls sideways."""
    first, second = airways.daughters(3.0, 0.35)
    one, other = airways.branching_angles(3.0, first, second)
    assert first**2 * np.cos(one) + second**2 * np.cos(other) == pytest.approx(9.0)
    assert first**2 * np.sin(one) == pytest.approx(second**2 * np.sin(other))
    assert one < other  # the thicker one goes on more straight


def test_branches_taper_and_are_about_three_diameters_long(patients) -> None:
    ratios = []
    for patient in patients:
        tree = patient.tree
        for number in range(int(tree.branch.max()) + 1):
            here = np.flatnonzero(tree.branch == number)
            assert (np.diff(tree.radius[here]) < 0).all()
            ends = {end for end, _ in divisions(tree)}
            if here[-1] in ends:  # whole: not cut by the border
                length = tree.steps[here].sum()
                ratios.append(length / (2 * tree.radius[here[0]]))
    assert np.median(ratios) == pytest.approx(3.0, abs=0.3)


def test_without_bend_centrelines_are_straight() -> None:
    def turned(bend: float) -> float:
        tree = airways.simulate(3, bend=bend).tree
        worst = 0.0
        for number in range(int(tree.branch.max()) + 1):
            line = tree.points[tree.branch == number]
            steps = np.diff(line, axis=0)
            steps /= np.linalg.norm(steps, axis=1, keepdims=True)
            worst = max(worst, float(np.arccos(np.clip(steps[0] @ steps[-1], -1, 1))))
        return worst

    assert turned(0.0) < 1e-6
    assert turned(25.0) > 0.2


def test_large_lumina_hold_air_and_small_ones_are_lost_in_the_blur() -> None:
    patient = airways.simulate(0, noise=0.0, leaks=0.0, decoys=0.0)
    tree = patient.tree
    values = patient.volume[tuple(np.rint(tree.points).astype(int).T)]
    assert np.median(values[tree.radius > 2.0]) < -980
    assert np.median(values[tree.radius < 1.0]) > -900


def test_noise_has_the_asked_size() -> None:
    noisy, clean = (airways.simulate(1, noise=n).volume.astype(float) for n in (60.0, 0.0))
    assert (noisy - clean).std() == pytest.approx(60.0, rel=0.03)


# ---- structure -------------------------------------------------------------------------------


def test_a_tree_is_one_tree(patients) -> None:
    for patient in patients:
        tree = patient.tree
        assert (tree.parent < 0).sum() == 1
        assert (tree.parent[1:] < np.arange(1, len(tree.parent))).all()
        assert tree.generation[0] == 0
        step = tree.generation[1:] - tree.generation[tree.parent[1:]]
        assert set(step.tolist()) <= {0, 1}
        assert tree.steps.sum() == pytest.approx(tree.length)


def test_the_lumen_is_where_the_tree_is(patients) -> None:
    for patient in patients:
        voxels = np.argwhere(patient.lumen)
        far, nearest = cKDTree(patient.tree.points).query(voxels)
        assert (far <= patient.tree.radius[nearest] + 1.0).all()
        assert ndimage.label(patient.lumen, np.ones((3, 3, 3)))[1] <= 3
        assert not (patient.lumen & patient.false).any()


def test_branches_that_are_not_kin_do_not_touch() -> None:
    tree = airways.simulate(4).tree
    relatives = {
        (int(tree.branch[e]), int(b)) for e, two in divisions(tree) for b in tree.branch[two]
    }
    for _, two in divisions(tree):
        relatives |= {(int(a), int(b)) for a in tree.branch[two] for b in tree.branch[two]}
    apart = np.linalg.norm(tree.points[:, None] - tree.points, axis=2)
    apart -= tree.radius[:, None] + tree.radius
    for a in range(int(tree.branch.max()) + 1):
        for b in range(a):
            if (a, b) not in relatives and (b, a) not in relatives:
                assert apart[np.ix_(tree.branch == a, tree.branch == b)].min() > 0


# ---- traps -----------------------------------------------------------------------------------


def test_a_leak_opens_the_wall() -> None:
    """With leaks a threshold flows out of the airways."""

    def flooded(leaks: float) -> int:
        total = 0
        for number in range(3):
            one = airways.simulate(number, noise=0.0, leaks=leaks, decoys=0.0)
            air = ndimage.label(one.volume < -930, np.ones((3, 3, 3)))[0]
            start = one.tree.points[4].round().astype(int)
            total += int((air == air[tuple(start)])[one.false > 0].sum())
        return total

    assert flooded(0.0) == 0
    assert flooded(6.0) > 100


def test_decoys_look_like_small_airways_and_lie_apart() -> None:
    one = airways.simulate(0, noise=0.0, leaks=0.0, decoys=30.0)
    far = cKDTree(one.tree.points).query(np.argwhere(one.false))[0]
    assert one.false.sum() > 200
    assert np.median(far) > 5


# ---- the caller ------------------------------------------------------------------------------


def test_patients_do_not_depend_on_each_other() -> None:
    alone = airways.simulate(5, size=40)
    again = [airways.simulate(number, size=40) for number in range(6)][5]
    assert (alone.volume == again.volume).all()
    other = airways.simulate(5, seed=1, size=40)
    assert alone.tree.length != other.tree.length


def test_the_tree_does_not_depend_on_the_scanner() -> None:
    one, other = (airways.simulate(0, noise=n, decoys=d, size=40) for n, d in ((0, 0), (90, 30)))
    assert (one.tree.points == other.tree.points).all()


@pytest.mark.parametrize(
    ("parameters", "says"),
    [
        ({"exponent": 9}, "exponent must be from 2 to 4, got 9"),
        ({"size": 8}, "size must be from 32 to 128 voxels, got 8"),
        ({"radius_mm": 1.6, "smallest_mm": 1.9}, "smallest_mm must be below radius_mm"),
    ],
)
def test_bad_numbers_are_one_clear_error(parameters, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        airways.simulate(0, **parameters)


def test_an_unknown_parameter_is_named() -> None:
    with pytest.raises(TypeError, match="colour"):
        airways.simulate(0, colour=1)
