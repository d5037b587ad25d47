"""Messages for students, as plain text and as HTML, with the values they speak of.

A message is built from sentences and :class:`Shown` values.  Both forms are made at once, so
a message is two strings: it can be logged, sent between processes and shown later.
"""

from __future__ import annotations

import io
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby, islice
from typing import Any

import numpy as np

from mlmi_course._figures import figure_html

_SMALL = 64  # values of an array that are still printed one by one
_LONG = 400  # characters of anything else that are still printed
_PICTURE_SIDE = 12  # a two-dimensional array at least this wide and high is shown as a picture
_PICTURE_PIXELS = 144  # its smaller side on the screen


@dataclass(frozen=True)
class Shown:
    """A value to be shown in a message under a label, as numbers or as a picture.

    Parameters
    ----------
    label : str
        What the value is: ``"expected"``, ``"yours"``, ``"image"``.
    value : object
        A number, string, array, list or dictionary.  A two-dimensional array of at least
        12×12 becomes a grey picture in HTML.
    limits : tuple of float, optional
        The values shown as black and white; the array's own range by default.
    digits : int, default 6
        Significant digits of a number.
    """

    label: str
    value: Any
    limits: tuple[float, float] | None = None
    digits: int = 6


class Verbatim(str):
    """A sentence that repeats what a student wrote: an asterisk in it is an asterisk."""


@dataclass(frozen=True)
class Pointer:
    """A sentence whose ``words`` lead to an ``address``, where there is one."""

    before: str
    words: str
    after: str = ""
    address: str = ""

    def __str__(self) -> str:
        return f"{self.before}{self.words}{self.after}"


@dataclass(frozen=True)
class Message:
    """What is said to a student, in two forms of the same content.

    Examples
    --------
    >>> Message.of("Your function forgot the slope.", Shown("expected", 40.0)).text
    'Your function forgot the slope.\\n  expected: 40'
    """

    text: str
    html: str

    @classmethod
    def of(cls, *parts: str | Pointer | Shown) -> Message:
        """Build a message of sentences and shown values, in their order."""
        text = "\n".join(
            f"  {part.label}: {_indented(part)}" if isinstance(part, Shown) else plain(part)
            for part in parts
            if part != ""
        )
        return cls(text=text, html="".join(_html_blocks(parts)))


def number(value: float, digits: int = 6) -> str:
    """Write a number with at most six significant digits, whole numbers in full.

    >>> number(2.0), number(0.1 + 0.2), number(float("nan")), number(12345678)
    ('2', '0.3', 'nan', '12345678')
    """
    if isinstance(value, complex):
        return str(value)
    if abs(value) < 1e15 and value == int(value):
        return str(int(value))
    if isinstance(value, int):  # too large for a float, perhaps
        return f"a whole number of {value.bit_length()} bits"
    return f"{value:.{digits}g}"


def as_text(value: Any, digits: int = 6) -> str:
    """Describe a value briefly, whatever it is; see :func:`_as_text` for what is shown how.

    >>> as_text([1.0, "a"])
    "[1, 'a']"
    """
    try:
        return _as_text(value, digits)
    except Exception:  # a list that holds itself, an object whose repr raises
        return f"an object of type {type(value).__name__} that cannot be shown"


def _as_text(value: Any, digits: int = 6) -> str:
    """Describe a value briefly: small ones in full, large arrays by shape, type and range.

    >>> _as_text(np.arange(3.0))
    'array([0., 1., 2.])'
    >>> _as_text(np.zeros((200, 300)))
    'an array of shape (200, 300), float64, from 0 to 0'
    """
    if isinstance(value, np.ndarray):
        return _array_text(value, digits)
    if isinstance(value, bool | np.bool_):
        return str(bool(value))
    if isinstance(value, int | float | np.integer | np.floating):
        return number(value.item() if isinstance(value, np.generic) else value, digits)
    if isinstance(value, Mapping):
        some = islice(value.items(), _LONG)
        inside = ", ".join(f"{as_text(key)}: {_as_text(item, digits)}" for key, item in some)
        text = f"{{{inside}}}"
    elif isinstance(value, list | tuple):
        inside = ", ".join(_as_text(item, digits) for item in value[:_LONG])
        text = f"[{inside}]" if isinstance(value, list) else f"({inside})"
    else:
        text = repr(value)
    return text if len(text) <= _LONG else f"{text[:_LONG]} …"


def kind_of(value: Any) -> str:
    """Name what a value is, in words that a beginner knows.

    >>> kind_of(3), kind_of([1, 2]), kind_of(np.zeros((2, 2))), kind_of(len)
    ('a whole number', 'a list', 'an array', 'a function')
    """
    kinds: Sequence[tuple[Any, str]] = (
        (type(None), "None (is a return missing?)"),
        (bool | np.bool_, "a truth value"),
        (int | np.integer, "a whole number"),
        (float | np.floating, "a number"),
        (str, "a text"),
        (np.ndarray, "an array"),
        (list, "a list"),
        (tuple, "a tuple"),
        (Mapping, "a dictionary"),
    )
    for type_, words in kinds:
        if isinstance(value, type_):
            return words
    if callable(value):
        return "a function"
    return f"an object of type {type(value).__name__}"


def is_picture(value: Any) -> bool:
    """Whether a value is shown as a picture: a numeric array of two dimensions, not tiny."""
    return (
        isinstance(value, np.ndarray)
        and value.ndim == 2
        and min(value.shape) >= _PICTURE_SIDE
        and value.dtype.kind in "biuf"
    )


def _array_text(array: np.ndarray, digits: int = 6) -> str:
    if array.size <= _SMALL and array.ndim <= 3:
        exact = {"precision": digits - 2, "suppress": True}
        with np.printoptions(**exact if digits < 17 else {"floatmode": "unique"}):
            return repr(array)
    text = f"an array of shape {array.shape}, {array.dtype}"
    if array.dtype.kind not in "biuf":
        return text
    finite = array[np.isfinite(array)]
    if finite.size:
        low, high = (number(end.item(), digits) for end in (finite.min(), finite.max()))
        text += f", from {low} to {high}"
    missing = array.size - finite.size
    return f"{text}, {missing} of them not finite" if missing else text


def _indented(part: Shown) -> str:
    return as_text(part.value, part.digits).replace("\n", "\n" + " " * (len(part.label) + 4))


def _html_blocks(parts: Sequence[str | Pointer | Shown]) -> list[str]:
    """A paragraph for every sentence, pictures side by side, values in two columns."""
    blocks: list[str] = []
    for layout, group in groupby(parts, _layout):
        shown = [layout(part) for part in group if part]
        if layout is _picture_html:
            blocks.append(f'<div style="display:flex;flex-wrap:wrap">{"".join(shown)}</div>')
        elif layout is _value_html:
            blocks.append(
                '<div style="display:grid;grid-template-columns:max-content minmax(0,1fr);'
                f'gap:4px 12px;justify-items:start;margin:4px 0">{"".join(shown)}</div>'
            )
        else:
            blocks += shown
    return blocks


def _layout(part: str | Pointer | Shown) -> Callable[[Any], str]:
    if isinstance(part, str | Pointer):
        return _sentence_html
    return _picture_html if is_picture(part.value) else _value_html


def _sentence_html(part: str | Pointer) -> str:
    if isinstance(part, Pointer):
        inside = _pointer_html(part)
    elif isinstance(part, Verbatim):
        inside = _CODE.sub(r"<code>\1</code>", escape(part))
    else:
        inside = prose_html(part)
    return f'<p style="margin:4px 0">{inside}</p>'


def _pointer_html(part: Pointer) -> str:
    words = escape(part.words)
    if part.address:
        words = f'<a href="{escape(part.address, quote=True)}">{words}</a>'
    return escape(part.before) + words + escape(part.after)


def _value_html(part: Shown) -> str:
    return (
        f'<span>{escape(part.label)}</span><code style="white-space:pre;max-width:100%;'
        f'overflow-x:auto;box-sizing:border-box">{escape(as_text(part.value, part.digits))}</code>'
    )


_CODE = re.compile("`([^`]+)`")
# An asterisk sets words off where it clings to them; one of `2 * 3` or `2*3` multiplies.
_BOLD = re.compile(r"(?<![\w*])\*\*(?=[^\s*])(.+?)(?<=[^\s*])\*\*(?![\w*])", re.DOTALL)
_EMPHASIS = re.compile(r"(?<![\w*])\*(?=[^\s*])(.+?)(?<=[^\s*])\*(?![\w*])", re.DOTALL)


def prose_html(text: str) -> str:
    """Escape a text, and set its ``*emphasis*``, ``**bold**`` and code between backticks.

    >>> prose_html("Is `a * b < c*d` *really* **true**, or 2 * 3 < 4 * 5?")
    'Is <code>a * b &lt; c*d</code> <em>really</em> <strong>true</strong>, or 2 * 3 &lt; 4 * 5?'
    """
    return _set_off(escape(text), "<code>{}</code>", "<strong>{}</strong>", "<em>{}</em>")


def plain(text: str | Pointer) -> str:
    """Leave out the asterisks that set words off; backticks stay, for they say what is code.

    >>> plain("Only *once*: `a * b * c`, **never** 2 * 3 * 4.")
    'Only once: `a * b * c`, never 2 * 3 * 4.'
    """
    if isinstance(text, Verbatim | Pointer):
        return str(text)
    return _set_off(text, "`{}`", "{}", "{}")


def _set_off(text: str, code: str, bold: str, emphasis: str) -> str:
    # Every second piece stood between backticks.  Each becomes one private character while the
    # prose around it is read, so that emphasis may hold code and nothing in code is emphasis.
    codes = _CODE.findall(text)
    prose = _CODE.sub("\ue000", text.replace("\ue000", ""))
    prose = _BOLD.sub(lambda found: bold.format(found[1]), prose)
    prose = _EMPHASIS.sub(lambda found: emphasis.format(found[1]), prose)
    pieces = iter(codes)
    return re.sub("\ue000", lambda _: code.format(next(pieces)), prose)


def _picture_html(part: Shown) -> str:
    return figure_html(
        _png(part.value, part.limits),
        f"{part.label}: {as_text(part.value)}",
        margin="4px 12px 4px 0",
        caption=part.label,
    )


def _png(array: np.ndarray, limits: tuple[float, float] | None) -> bytes:
    """Encode an array as a grey PNG, enlarged without smoothing so that pixels stay visible."""
    from PIL import Image

    values = np.asarray(array, dtype=float)
    finite = values[np.isfinite(values)]
    if limits is None:
        limits = (finite.min(), finite.max()) if finite.size else (0.0, 1.0)
    low, high = limits
    scaled = (values - low) / (high - low) if high > low else np.zeros_like(values)
    grey = (np.nan_to_num(scaled).clip(0, 1) * 255).round().astype(np.uint8)
    longest = 4 * _PICTURE_PIXELS  # never embed a huge picture, nor enlarge one to be huge
    zoom = max(1, min(round(_PICTURE_PIXELS / min(grey.shape)), longest // max(grey.shape)))
    if max(grey.shape) > longest:
        step = math.ceil(max(grey.shape) / (2 * _PICTURE_PIXELS))
        grey = grey[::step, ::step]
    picture = Image.fromarray(grey.repeat(zoom, axis=0).repeat(zoom, axis=1))
    buffer = io.BytesIO()
    picture.save(buffer, format="PNG")
    return buffer.getvalue()
