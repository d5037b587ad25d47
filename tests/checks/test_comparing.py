"""Comparison of values: what counts as equal, and how a difference is told."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from mlmi_course.checks.comparing import difference

ARRAYS = hnp.arrays(
    st.sampled_from([np.float64, np.float32, np.int16, np.uint16]),
    hnp.array_shapes(max_dims=3, max_side=5),
    elements=st.integers(0, 1000),
)


@given(ARRAYS)
def test_an_array_equals_its_copy_and_its_list(array: np.ndarray) -> None:
    assert difference(array, array.copy()) is None
    assert difference(array, array.tolist()) is None


@given(ARRAYS, st.data())
def test_one_changed_value_is_found_and_located(array: np.ndarray, data: st.DataObject) -> None:
    place = tuple(data.draw(st.integers(0, side - 1)) for side in array.shape)
    changed = array.astype(float)
    changed[place] += 5000
    told = difference(array, changed)
    assert told is not None
    assert f"1 of {array.size} values differ" in told
    assert str(list(place)) in told


@pytest.mark.parametrize(
    ("expected", "got"),
    [
        (1.0, 1),
        (1, 1.0),
        (1.0, np.float32(1)),
        (1.0, np.array(1.0)),
        (1.0, np.array([[1.0]])),
        (True, np.True_),
        ("CT", "CT"),
        (None, None),
        ([1, 2], (1, 2)),
        ([1, 2], np.array([1, 2])),
        ({"CT": 1, "MR": 2}, {"MR": 2, "CT": 1}),
        (np.array([np.nan, np.inf]), np.array([np.nan, np.inf])),
        (np.array([True, False]), np.array([1, 0])),
        (1e9, 1e9 * (1 + 1e-8)),
    ],
)
def test_equal(expected: object, got: object) -> None:
    assert difference(expected, got) is None


@pytest.mark.parametrize(
    ("expected", "got", "told"),
    [
        (1.0, 2.0, "expected 1, got 2"),
        (1.0, "1.0", "expected one number, 1, and got '1.0'"),
        (1.0, None, "None"),
        (1.0, np.zeros(3), "array([0., 0., 0.])"),
        ("CT", 3, "expected 'CT', got 3"),
        (np.zeros(3), np.zeros(4), "the shape should be (3,), and yours is (4,)"),
        (np.zeros(3), None, "got None"),
        (np.zeros(3), "abc", "got a text"),
        (np.zeros(3), [[1], [1, 2]], "got a list"),
        (np.zeros(2), np.array([0.0, np.nan]), "1 of yours are nan"),
        (np.array([np.nan]), np.array([0.0]), "should be nan"),
        (np.array([np.inf]), np.array([-np.inf]), "should be inf"),
        ({"CT": 1}, {"CT": 1, "MR": 2}, "the key 'MR' should not be there"),
        ({"CT": 1}, {}, "the key 'CT' is missing"),
        ({"CT": 1}, [1], "expected a dictionary, and got a list"),
        ([1, 2], [1], "there should be 2 items, and yours has 1"),
        ([1, [2]], [1, [3]], "at item 1: at item 0: expected 2, got 3"),
    ],
)
def test_different(expected: object, got: object, told: str) -> None:
    found = difference(expected, got)
    assert found is not None
    assert told in found


def test_unsigned_numbers_do_not_wrap_around_in_the_comparison() -> None:
    assert difference(np.array([5], np.uint8), np.array([6], np.uint8)) is not None


def test_tolerance_is_relative_for_large_and_absolute_for_small_numbers() -> None:
    assert difference(1000.0, 1000.9, tolerance=1e-3) is None
    assert difference(1000.0, 1001.1, tolerance=1e-3) is not None
    assert difference(0.0, 0.0009, tolerance=1e-3) is None
    assert difference(0.0, 0.0011, tolerance=1e-3) is not None


def test_a_reference_of_a_strange_kind_is_the_authors_mistake() -> None:
    with pytest.raises(TypeError, match="reference"):
        difference(object(), 1)
