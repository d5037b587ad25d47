"""Blocks that are made by two threads: in order, and not all at once."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from mlmi_course.phantoms.threads import in_order


def test_results_come_in_the_order_of_the_tasks() -> None:
    def slow_first(number: int) -> int:
        time.sleep(0.05 if number == 0 else 0)
        return number

    assert list(in_order(slow_first, range(9))) == list(range(9))


def test_tasks_are_taken_as_they_are_needed() -> None:
    taken: list[int] = []

    def tasks() -> Iterator[int]:
        for number in range(100):
            taken.append(number)
            yield number

    results = in_order(lambda number: number, tasks())
    for done in range(10):
        assert next(results) == done
        assert len(taken) <= done + 3


def test_an_error_reaches_the_caller() -> None:
    with pytest.raises(ZeroDivisionError):
        list(in_order(lambda number: 1 / number, [2, 1, 0, 3]))
