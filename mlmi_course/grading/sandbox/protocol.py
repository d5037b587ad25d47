"""What travels between the grader and a sandbox: JSON, and arrays as ``.npy``.

A frame is a JSON text and a row of arrays.  The reading side trusts nothing: sizes are capped
before anything is read, an array is used once and holds numbers or texts, and whatever is not
exactly as it should be is a :class:`ProtocolError`.  Nothing is ever unpickled.
"""

from __future__ import annotations

import io
import json
import struct
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np

_HEADER = struct.Struct("!II")  # bytes of JSON, number of arrays
_LENGTH = struct.Struct("!Q")
MOST_TEXT = 8 * 2**20
MOST_DATA = 64 * 2**20
_MOST_ARRAYS = 20_000
_MOST_VALUES = 400_000
_MOST_KEYS = 5_000  # keys can be chosen to collide; so many cost no more than seconds
_MOST_ROOM = 32 * 2**20  # letters
_MOST_STRANGERS = 5_000
_DEEPEST = 50
_KINDS = "biufcUSMm"

# Bound now: inside the sandbox a student's code may replace them later.
_as_array, _save, _dumps = np.asarray, np.lib.format.write_array, json.JSONEncoder().encode


class ProtocolError(ValueError):
    """What arrived is not what this side understands."""


class Unknown:
    """Stands for an object that does not travel; it equals only itself.

    Its class is named like the object's, and it shows itself as the object did.
    """

    def __init__(self, shown: str) -> None:
        self._shown = shown

    def __repr__(self) -> str:
        return self._shown


class UnknownFunction(Unknown):
    """A function that does not travel: it is one, and cannot be called."""

    def __call__(self, *_: Any, **__: Any) -> Any:
        """Refuse."""
        raise TypeError("a function inside an answer cannot be called")


class Stream(Protocol):
    """A binary file that can be read and written, such as a socket's."""

    def read(self, size: int, /) -> bytes | None: ...

    def write(self, data: bytes, /) -> int | None: ...

    def flush(self) -> None: ...


def send(stream: Stream, head: dict[str, Any], value: Any = None, *, strict: bool = False) -> None:
    """Write a frame: a flat head, and one value of any depth.

    Parameters
    ----------
    stream : binary file
    head : dict
        Texts, numbers and lists of them.
    value : object
        Numbers, texts, arrays, lists, tuples and dictionaries; anything else arrives as
        :class:`Unknown`.
    strict : bool, default False
        Raise ``TypeError`` instead: for what we send ourselves.
    """
    arrays: list[bytes] = []
    tree = _encode(value, arrays, strict, 0)
    text = _dumps([head, tree]).encode("ascii")
    parts = [_HEADER.pack(len(text), len(arrays)), text]
    for array in arrays:
        parts += [_LENGTH.pack(len(array)), array]
    stream.write(b"".join(parts))
    stream.flush()


def receive(stream: Stream) -> tuple[dict[str, Any], Any]:
    """Read a frame.

    Raises
    ------
    EOFError
        If the other side is gone.
    ProtocolError
        If what it sent makes no sense, or is too large.
    """
    size, count = _HEADER.unpack(_exactly(stream, _HEADER.size))
    if size > MOST_TEXT or count > _MOST_ARRAYS:
        raise ProtocolError("the reply is too large")
    text = _exactly(stream, size)
    arrays, left = [], MOST_DATA
    for _ in range(count):
        (length,) = _LENGTH.unpack(_exactly(stream, _LENGTH.size))
        left -= length
        if left < 0:
            raise ProtocolError("the reply is too large")
        arrays.append(_exactly(stream, length))
    if sum(text.count(mark) for mark in (b",", b"[", b"{")) > 4 * _MOST_VALUES:
        raise ProtocolError("the reply has too many parts")
    try:
        head, tree = json.loads(text)
        if not isinstance(head, dict):
            raise ProtocolError("the reply has no head")
        decoder = _Decoder(arrays)
        value = decoder.read(tree, 0)
        decoder.finish()
    except ProtocolError:
        raise
    except Exception as error:  # a hostile text can make a parser raise anything
        raise ProtocolError(f"the reply makes no sense ({type(error).__name__})") from None
    return head, value


def _exactly(stream: Stream, count: int) -> bytes:
    data = stream.read(count) if count else b""
    if data is None or len(data) != count:
        raise EOFError
    return data


# ---- values to JSON ------------------------------------------------------------------------


def _encode(value: Any, arrays: list[bytes], strict: bool, depth: int) -> Any:
    """Plain values as themselves; everything else as an object with one key, its kind."""
    if depth > _DEEPEST:
        return _unknown(value, strict)
    if value is None or value is True or value is False:
        return value
    if value is ...:
        return {"blank": 0}
    if isinstance(value, np.ndarray | np.generic) and not isinstance(value, str | bytes):
        return _encode_array(value, arrays, strict, depth)
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, int):
        number = int.__int__(value)
        return number if number.bit_length() < 10_000 else _unknown(value, strict)
    if isinstance(value, float):
        return float.__float__(value)
    if isinstance(value, complex):
        return {"complex": [value.real, value.imag]}
    if isinstance(value, Mapping):
        pairs = [(key, value[key]) for key in value]
        return {"dict": [[_encode(part, arrays, strict, depth + 1) for part in p] for p in pairs]}
    if isinstance(value, list | tuple):
        items = [_encode(item, arrays, strict, depth + 1) for item in value]
        return items if isinstance(value, list) else {"tuple": items}
    return _encode_other(value, arrays, strict)


def _encode_array(value: Any, arrays: list[bytes], strict: bool, depth: int) -> Any:
    array = _as_array(value)
    if array.dtype.kind in _KINDS and array.dtype.names is None:
        file = io.BytesIO()
        _save(file, array, allow_pickle=False)
        arrays.append(file.getvalue())
        return {"array" if isinstance(value, np.ndarray) else "number": 0}
    if array.dtype.kind == "O" and array.size <= _MOST_VALUES:
        items = [_encode(item, arrays, strict, depth + 1) for item in array.ravel().tolist()]
        return {"objects": [list(array.shape), items]}
    return _unknown(value, strict)


def _encode_other(value: Any, arrays: list[bytes], strict: bool) -> Any:
    """A tensor or a data frame of numbers is an array; the rest cannot travel."""
    if not strict and not callable(value):
        try:
            array = _as_array(value)
        except Exception:  # an object may raise whatever it likes
            return _unknown(value, strict)
        if array.dtype.kind in "biufc" and (array.ndim or array.size):
            return _encode_array(array, arrays, strict, 0)
    return _unknown(value, strict)


def _unknown(value: Any, strict: bool) -> Any:
    if strict:
        raise TypeError(f"a question cannot send {type(value)} to an answer")
    try:
        shown = str(repr(value))[:500]
    except BaseException:  # a repr may even call sys.exit
        shown = "an object that cannot be shown"
    return {"function" if callable(value) else "unknown": [str(type(value).__name__)[:60], shown]}


# ---- and back ------------------------------------------------------------------------------


class _Decoder:
    """Reads a tree; arrays are taken in their order, each once."""

    def __init__(self, arrays: Sequence[bytes]) -> None:
        self._arrays = iter(arrays)
        self._values = 0
        self._texts = self._longest = self._strangers = 0

    def read(self, tree: Any, depth: int) -> Any:
        self._values += 1
        if self._values > _MOST_VALUES or depth > 2 * _DEEPEST:
            raise ProtocolError("the reply has too many parts")
        if isinstance(tree, list):
            return self._all(tree, depth)
        if not isinstance(tree, dict):
            if isinstance(tree, str):
                self._count(tree)
            return tree
        ((kind, inside),) = tree.items()
        return getattr(self, f"_read_{kind}", self._refuse)(inside, depth)

    def _count(self, text: str) -> None:
        """NumPy gives every text of a list the room that the longest one takes."""
        self._texts += 1
        self._longest = max(self._longest, len(text))
        if self._texts * self._longest > _MOST_ROOM:
            raise ProtocolError("the reply would grow too large")

    def finish(self) -> None:
        if next(self._arrays, None) is not None:
            raise ProtocolError("the reply has arrays that nothing names")

    def _all(self, items: Any, depth: int) -> list[Any]:
        if not isinstance(items, list):
            raise ProtocolError("a list was expected")
        return [self.read(item, depth + 1) for item in items]

    def _refuse(self, inside: Any, depth: int) -> Any:
        raise ProtocolError("the reply has a part of an unknown kind")

    def _read_blank(self, inside: Any, depth: int) -> Any:
        return ...

    def _read_tuple(self, inside: Any, depth: int) -> Any:
        return tuple(self._all(inside, depth))

    def _read_complex(self, inside: Any, depth: int) -> complex:
        real, imaginary = inside
        return complex(float(real), float(imaginary))

    def _read_dict(self, inside: Any, depth: int) -> dict[Any, Any]:
        if not isinstance(inside, list) or len(inside) > _MOST_KEYS:
            raise ProtocolError("a dictionary is too large")
        return dict(self._all(pair, depth) for pair in inside)

    def _read_array(self, inside: Any, depth: int) -> np.ndarray:
        return _load(next(self._arrays))

    def _read_number(self, inside: Any, depth: int) -> Any:
        array = _load(next(self._arrays))
        if array.ndim:
            raise ProtocolError("a number was expected")
        return array[()]

    def _read_objects(self, inside: Any, depth: int) -> np.ndarray:
        shape, items = inside
        items = self._all(items, depth)
        array = np.empty(len(items), dtype=object)
        for place, item in enumerate(items):
            array[place] = item
        return array.reshape([int(side) for side in shape])

    def _read_unknown(self, inside: Any, depth: int) -> Unknown:
        return self._stand_in(inside, Unknown)

    def _read_function(self, inside: Any, depth: int) -> Unknown:
        return self._stand_in(inside, UnknownFunction)

    def _stand_in(self, inside: Any, kind: type[Unknown]) -> Unknown:
        self._strangers += 1
        if self._strangers > _MOST_STRANGERS:  # each is a class of its own
            raise ProtocolError("the reply has too many objects that do not travel")
        return _stand_in(inside, kind)


def _stand_in(inside: Any, kind: type[Unknown]) -> Unknown:
    name, shown = (str(part)[:500] for part in inside)
    return type(name if name.isidentifier() else "object", (kind,), {})(shown)


def _load(data: bytes) -> np.ndarray:
    """Read ``.npy``; the size is checked against the data before anything is made of it."""
    file = io.BytesIO(data)
    version = np.lib.format.read_magic(file)
    read = {
        (1, 0): np.lib.format.read_array_header_1_0,
        (2, 0): np.lib.format.read_array_header_2_0,
    }
    if version not in read:
        raise ProtocolError("an array of an unknown version")
    shape, fortran, dtype = read[version](file)
    if dtype.kind not in _KINDS or dtype.names or dtype.subdtype or dtype.hasobject:
        raise ProtocolError("an array of an unknown kind")
    count = 1
    for side in shape:
        count *= side
    rest = data[file.tell() :]
    if count < 0 or len(shape) > 32 or count * dtype.itemsize != len(rest):
        raise ProtocolError("an array of the wrong size")
    array = np.frombuffer(rest, dtype) if count else np.empty(0, dtype)
    return array.reshape(shape, order="F" if fortran else "C").copy()
