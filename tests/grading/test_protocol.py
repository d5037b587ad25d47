"""What travels between grader and sandbox, and what is refused."""

from __future__ import annotations

import io
import json
import pickle
import struct
from collections import Counter, OrderedDict
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlmi_course.checks.comparing import difference
from mlmi_course.checks.messages import as_text, kind_of
from mlmi_course.grading.sandbox import protocol


def _through(value: Any, **options: Any) -> Any:
    stream = io.BytesIO()
    protocol.send(stream, {"turn": 1}, value, **options)
    stream.seek(0)
    head, got = protocol.receive(stream)
    assert head == {"turn": 1}
    return got


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        -3,
        10**14,
        2.5,
        float("inf"),
        1 + 2j,
        "text \N{SNOWMAN} \ud800",
        [1, [2.0, "x"], {}],
        (1, (2,)),
        {"a": [1], 2: None, (3, 4): "key"},
        np.arange(6, dtype=np.int16).reshape(2, 3),
        np.asfortranarray(np.arange(6.0).reshape(2, 3)),
        np.zeros((0, 3)),
        np.array(7.5),
        np.array(["a", "bc"]),
        np.float32(1.5),
        np.bool_(True),
        [np.arange(2), {"x": np.arange(3)}],
        np.array([1, "a", None], dtype=object),
    ],
)
def test_plain_values_arrive_as_they_were(value: Any) -> None:
    got = _through(value)
    assert type(got) is type(value)
    if isinstance(value, np.ndarray):
        assert got.dtype == value.dtype
        assert got.shape == value.shape
    assert as_text(got) == as_text(value)
    assert repr(got) == repr(value)


def test_the_blank_stays_blank() -> None:
    assert _through(...) is ...


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Counter("aab"), {"a": 2, "b": 1}),
        (OrderedDict(x=1), {"x": 1}),
        (pd.Series([1.0, 2.0]), np.array([1.0, 2.0])),
        (np.ma.masked_array([1, 2]), np.array([1, 2])),
    ],
    ids=["counter", "ordered", "series", "masked"],
)
def test_what_a_notebook_accepts_is_accepted(value: Any, expected: Any) -> None:
    assert difference(expected, _through(value)) is None
    assert difference(expected, value) is None


def test_other_objects_are_shown_and_equal_nothing() -> None:
    got = _through({1, 2})
    assert (kind_of(got), as_text(got)) == (kind_of({1, 2}), as_text({1, 2}))
    assert got != {1, 2}
    assert kind_of(_through(print)) == "a function"
    with pytest.raises(TypeError):
        _through(print)()


def test_the_grader_sends_nothing_strange() -> None:
    with pytest.raises(TypeError, match="cannot send"):
        _through([object()], strict=True)


def _frame(tree: Any, *arrays: bytes, head: Any = None) -> io.BytesIO:
    text = json.dumps([head if head is not None else {"turn": 1}, tree]).encode()
    parts = [struct.pack("!II", len(text), len(arrays)), text]
    for array in arrays:
        parts += [struct.pack("!Q", len(array)), array]
    return io.BytesIO(b"".join(parts))


def _npy(header: str, data: bytes = b"") -> bytes:
    text = header.encode()
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text + data


_BOMB = pickle.dumps(np.array([print], dtype=object))
_GOOD = _npy("{'descr': '<f8', 'fortran_order': False, 'shape': (1,), }", b"\0" * 8)


@pytest.mark.parametrize(
    "stream",
    [
        _frame({"array": 0}),
        _frame([{"array": 0}, {"array": 0}], _GOOD),
        _frame(None, _GOOD),
        _frame(
            {"array": 0}, _npy("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }", _BOMB)
        ),
        _frame({"array": 0}, _npy("{'descr': '<f8', 'fortran_order': False, 'shape': (9**9,), }")),
        _frame({"array": 0}, _npy("{'descr': '<f8', 'fortran_order': False, 'shape': (-1, -1), }")),
        _frame({"array": 0}, _npy("{'descr': '<f8', 'shape': (10**12, 10**12), }")),
        _frame({"array": 0}, _npy("__import__('os').system('touch pwned')")),
        _frame({"array": 0}, b"not an array"),
        _frame({"array": 0, "tuple": []}),
        _frame({"finish": 0}),
        _frame({"dict": [[[], 1]]}),
        _frame({"dict": [[i * (2**61 - 1), 0] for i in range(6_000)]}),
        _frame({"tuple": 3}),
        _frame([0] * 500_000),
        _frame({"unknown": ["x"]}),
        _frame({"objects": [[2**62, 4], [1]]}),
        _frame(1, head=[]),
        io.BytesIO(struct.pack("!II", 5, 0) + b"[[[[["),
        io.BytesIO(struct.pack("!II", 200_000, 0) + b"[" * 200_000),
        io.BytesIO(struct.pack("!II", 2**31, 0)),
        io.BytesIO(struct.pack("!II", 2, 2**31) + b"[]"),
        io.BytesIO(struct.pack("!II", 10_010, 0) + b"[{}, " + b"9" * 10_004 + b"]"),
    ],
)
def test_nonsense_is_refused(stream: io.BytesIO) -> None:
    with pytest.raises(protocol.ProtocolError):
        protocol.receive(stream)


def test_a_cut_reply_is_an_end() -> None:
    whole = _frame([1, 2]).getvalue()
    for length in range(len(whole)):
        with pytest.raises(EOFError):
            protocol.receive(io.BytesIO(whole[:length]))
