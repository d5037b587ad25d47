"""Plain numbers in, affines out, all worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlmi_course.dicom import (
    oblique_affine,
    slice_normal,
    slice_order,
    stack_affine,
    tilted_affine,
    uneven_gap,
)

AXIAL = [1, 0, 0, 0, 1, 0]
SAGITTAL = [0, 1, 0, 0, 0, -1]
CORONAL = [1, 0, 0, 0, 0, -1]


@pytest.mark.parametrize(
    ("orientation", "normal"),
    [(AXIAL, [0, 0, 1]), (SAGITTAL, [-1, 0, 0]), (CORONAL, [0, 1, 0])],
)
def test_normals(orientation, normal):
    assert slice_normal(orientation).tolist() == normal


@pytest.mark.parametrize(
    "orientation", [[1, 0, 0, 1, 0, 0], [2, 0, 0, 0, 1, 0], [0] * 6, [np.nan] * 6]
)
def test_impossible_orientations(orientation):
    with pytest.raises(ValueError, match="right angle"):
        slice_normal(orientation)


@given(st.permutations(range(7)), st.floats(-80, 80))
def test_order_does_not_depend_on_the_order_of_the_files(order, degrees):
    turned = oblique_affine(np.eye(4)[[2, 1, 0, 3]], degrees)
    orientation = [*turned[:3, 2], *turned[:3, 1]]
    positions = np.array([3.0 * i * turned[:3, 0] for i in range(7)])
    np.testing.assert_array_equal(
        positions[order][slice_order(positions[order], orientation)], positions
    )


def test_sagittal_slices_cannot_be_sorted_by_their_height():
    positions = [[x, -100, 50] for x in (3, -3, 0)]
    assert slice_order(positions, SAGITTAL).tolist() == [0, 2, 1]


def test_affine_of_a_coronal_stack():
    affine = stack_affine([[5, 0, 9], [5, 4, 9]], CORONAL, (2, 1))
    # Down a row is 2 mm towards the feet, along a row 1 mm to the Left, a slice 4 mm back.
    assert affine.tolist() == [[0, 0, 1, 5], [4, 0, 0, 0], [0, -2, 0, 9], [0, 0, 0, 1]]


def test_one_slice_needs_a_thickness():
    assert stack_affine([[0, 0, 0]], AXIAL, (1, 1), thickness=7)[2, 0] == 7
    with pytest.raises(ValueError, match="thickness"):
        stack_affine([[0, 0, 0]], AXIAL, (1, 1))
    with pytest.raises(ValueError, match="do not span"):
        stack_affine([[0, 0, 0], [0, 5, 0]], AXIAL, (1, 1))
    with pytest.raises(ValueError, match="slices 1 and 2 are 6 mm apart, others 3"):
        stack_affine([[0, 0, z] for z in (0, 3, 9, 12)], AXIAL, (1, 1))


@given(st.integers(4, 60), st.data())
def test_a_missing_slice_is_always_found(count, data):
    lost = data.draw(st.integers(1, count - 2))
    heights = np.delete(np.arange(count), lost) * 1.7 - 40
    positions = np.column_stack([0 * heights, 0 * heights, heights])
    place, length, usual = uneven_gap(positions)
    if count > 4:
        assert place == lost - 1
    assert (length, usual) == (pytest.approx(3.4), pytest.approx(1.7))


@given(st.integers(1, 100), st.floats(0.5, 10))
def test_rounding_to_a_twentieth_of_a_step_is_no_gap(count, step):
    rng = np.random.default_rng(count)
    heights = np.arange(count) * step + rng.uniform(-0.05, 0.05, count) * step
    assert uneven_gap(np.column_stack([np.zeros((count, 2)), heights])) is None


def test_tilting_there_and_back():
    affine = np.array([[0, 0, 1, 5], [0, 2, 0, 6], [3, 0, 0, 7], [0, 0, 0, 1.0]])
    np.testing.assert_allclose(tilted_affine(tilted_affine(affine, 17), -17), affine, atol=1e-12)
    middle = [10, 20, 30]
    turned = oblique_affine(oblique_affine(affine, 17, middle), -17, middle)
    np.testing.assert_allclose(turned, affine, atol=1e-12)
    assert np.linalg.det(tilted_affine(affine, 17)) == pytest.approx(
        np.linalg.det(affine) * np.cos(np.deg2rad(17))
    )
