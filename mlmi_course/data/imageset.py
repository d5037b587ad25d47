"""One typed object for every set of images in the course."""

from __future__ import annotations

import base64
import html
import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final, Literal, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["ImageSet", "Item", "split_rows"]

_SHOWN: Final = 8  # images in a row of the little picture
_ROWS: Final = 3
_TILE: Final = 72  # its pixels
_GAP: Final = 2
_ORDERS: Final = 12  # random orders that a split tries
_UNITS: Final = 6000  # patients that it handles in all of them
_SHORT: Final = 60
_BRIGHTEST: Final = 99.5  # per cent of the pixels that are no brighter than white

Index = int | np.integer | slice | Sequence[int] | Sequence[bool] | NDArray[Any]


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class Item:
    """One image of a set, with what is known about it.

    Attributes
    ----------
    image : ndarray of uint8 or uint16, shape (rows, columns)
    label : int or None
    mask : ndarray, shape (rows, columns), or None
    group : int or str
        The patient.
    spacing : (float, float) or None
        Millimetres between rows and between columns.
    row : mapping
        The image's row of the set's table.
    findings : pandas.DataFrame or None
        The image's lesions.
    extra : mapping of str to value
        The image's share of the set's further arrays.
    """

    image: NDArray[np.uint8 | np.uint16]
    label: int | None
    mask: NDArray[Any] | None
    group: Any
    spacing: tuple[float, float] | None
    row: Mapping[str, Any]
    findings: pd.DataFrame | None
    extra: Mapping[str, Any]

    def __repr__(self) -> str:
        label = "" if self.label is None else f", label {self.label}"
        return f"Item: {_size(self.image.shape)} pixels{label}, patient {self.group}"

    def _repr_html_(self) -> str:
        """The image, and what is known about it in a line; for Jupyter."""
        sheet = _sheet([self.image[None]], side=2 * _TILE)
        facts = {"patient": self.group, "label": self.label, **self.row}
        line = ", ".join(
            f"{name} {value:.3g}" if isinstance(value, float) else f"{name} {value}"
            for name, value in facts.items()
            if value is not None and value != ""
        )
        return f"<div>{_picture(sheet, f'One image: {line}.')}<p>{html.escape(line)}</p></div>"


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class ImageSet:
    """Images of equal size, with labels, masks, patients and where they came from.

    All arrays are read-only, and those of a large set are memory-mapped: copy what you want to
    change (``images = data.images.astype("float32")`` is a copy).

    Parameters
    ----------
    images : ndarray of uint8 or uint16, shape (n, rows, columns)
        Grey values of 8 bits; of 16 bits where a scanner stores more, as in MRI.
    groups : ndarray of int or str, shape (n,)
        The patient of each image.
    labels : ndarray of int, shape (n,), optional
    masks : ndarray of uint8 or bool, shape (n, rows, columns), optional
        1 inside a lesion, 0 outside; or the number of a tissue, where the set's loader says so.
    spacing : (float, float), optional
        Millimetres between rows and between columns; None if nobody knows.
    name, source, licence, description : str
        What the set is, where it came from and what you may do with it.
    classes : mapping of int to str
        What the labels mean.
    table : pandas.DataFrame, optional
        One row an image with what else is known about it, such as its view.
    findings : pandas.DataFrame, optional
        One row a lesion; its column ``image`` is the index of the lesion's image.
    extra : mapping of str to ndarray, shape (n, …)
        Further arrays, such as a second reader's masks.
    datasheet : str, optional
        The page of the documentation that describes the set, from the project's folder.

    Raises
    ------
    ValueError
        If lengths, shapes or types do not fit together.

    Examples
    --------
    >>> data = ImageSet(name="dots", images=np.zeros((4, 8, 8), np.uint8), groups=[1, 1, 2, 3],
    ...                 labels=[0, 1, 1, 0], source="made up", licence="CC0")
    >>> data
    ImageSet: dots, 4 images of 8×8 pixels, 3 patients
    >>> len(data[data.labels == 1])
    2
    >>> data[3].group
    3
    """

    name: str
    images: NDArray[np.uint8 | np.uint16]
    groups: NDArray[Any]
    labels: NDArray[np.integer] | None = None
    masks: NDArray[Any] | None = None
    spacing: tuple[float, float] | None = None
    source: str
    licence: str
    description: str = ""
    classes: Mapping[int, str] = field(default_factory=dict)
    table: pd.DataFrame = None  # type: ignore[assignment]  # made in __post_init__
    findings: pd.DataFrame | None = None
    extra: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    datasheet: str | None = None

    def __post_init__(self) -> None:
        def put(name: str, value: Any) -> None:
            object.__setattr__(self, name, value)

        put("images", _images(self.images))
        put("groups", _column(self.groups, "groups", len(self), "iuU", "whole numbers or texts"))
        if self.labels is not None:
            put("labels", _column(self.labels, "labels", len(self), "iu", "whole numbers"))
        if self.masks is not None:
            put("masks", _masks(self.masks, self.images.shape))
        put("spacing", _spacing(self.spacing))
        put("table", _table(self.table, len(self)))
        put("findings", _findings(self.findings, len(self)))
        put("extra", {name: _extra(array, name, len(self)) for name, array in self.extra.items()})
        put("classes", dict(self.classes))

    def __len__(self) -> int:
        return len(self.images)

    @overload
    def __getitem__(self, index: int | np.integer) -> Item: ...

    @overload
    def __getitem__(
        self, index: slice | Sequence[int] | Sequence[bool] | NDArray[Any]
    ) -> ImageSet: ...

    def __getitem__(self, index: Index) -> Item | ImageSet:
        """One image for a whole number; a smaller set for a slice, indices or a boolean mask.

        Raises
        ------
        IndexError
            For an index beyond the last image, or a boolean mask of another length.
        TypeError
            For anything else, such as the name of a column.
        """
        if isinstance(index, int | np.integer) and not isinstance(index, bool | np.bool_):
            return self._item(int(index))
        chosen = _choice(index, len(self))
        rows = np.arange(len(self))[chosen]

        def part(array: NDArray[Any] | None) -> Any:
            return None if array is None else array[chosen]

        return replace(
            self,
            images=part(self.images),
            groups=part(self.groups),
            labels=part(self.labels),
            masks=part(self.masks),
            table=self.table.iloc[rows],
            findings=_findings_of(self.findings, rows),
            extra={name: part(array) for name, array in self.extra.items()},
        )

    def _item(self, index: int) -> Item:
        if not -len(self) <= index < len(self):
            raise IndexError(f"there is no image {index}: the set has {len(self)}, from 0")
        index %= len(self)
        return Item(
            image=self.images[index],
            label=None if self.labels is None else int(self.labels[index]),
            mask=None if self.masks is None else self.masks[index],
            group=self.groups[index].item(),
            spacing=self.spacing,
            # Column by column: a row taken at once would turn whole numbers into floats.
            row={name: _value(column.iloc[index]) for name, column in self.table.items()},
            findings=_findings_of(self.findings, np.array([index])),
            extra={name: array[index] for name, array in self.extra.items()},
        )

    def split(
        self,
        fractions: Sequence[float] = (0.6, 0.2, 0.2),
        seed: int = 0,
        *,
        by: Literal["patient", "image"] = "patient",
    ) -> tuple[ImageSet, ...]:
        """Divide the set at random, so that no patient is on two sides.

        Parameters
        ----------
        fractions : sequence of float
            The share of the images that each part should get; together 1.
        seed : int
            Another seed, another split.
        by : {"patient", "image"}
            What is drawn.  **With "image", images of one patient are on both sides**: what a
            model remembers of a patient then passes for skill, and every number that you
            measure is too good.  It is here because the course shows how much too good.

        Returns
        -------
        tuple of ImageSet
            One for each fraction, with the images in their order in this set.

        Raises
        ------
        ValueError
            If the fractions are not at least two positive numbers with the sum 1, or there are
            fewer patients (or images) than parts.

        Notes
        -----
        Patients differ in their number of images and in their classes, so fractions and
        classes can be met only as nearly as whole patients allow.  Patients come in random
        order, and each joins the part that lacks most of what the patient has, weighed by
        class; of a dozen such orders (fewer for thousands of patients) the one that misses its
        aims least is taken.
        scikit-learn's ``StratifiedGroupKFold`` is in the same spirit, for parts of equal size.

        Examples
        --------
        >>> data = ImageSet(name="dots", images=np.zeros((100, 8, 8), np.uint8),
        ...                 groups=np.arange(100) // 4, labels=np.arange(100) // 4 % 2,
        ...                 source="made up", licence="CC0")
        >>> train, test = data.split((0.8, 0.2))
        >>> len(train), len(test), set(train.groups) & set(test.groups)
        (80, 20, set())
        >>> np.bincount(test.labels).tolist()
        [12, 8]
        """
        parts = split_rows(self.groups, self.labels, fractions, seed, by=by)
        return tuple(self[rows] for rows in parts)

    @property
    def patients(self) -> int:
        """How many patients there are."""
        return len(np.unique(self.groups))

    def __repr__(self) -> str:
        size = _size(self.images.shape[1:])
        return (
            f"ImageSet: {self.name}, {len(self)} images of {size} pixels, {self.patients} patients"
        )

    def _repr_html_(self) -> str:
        """A few of the images and what a reader must know; for Jupyter."""
        facts = {
            "images": f"{len(self)} of {_size(self.images.shape[1:])} pixels",
            "patients": str(self.patients),
            "classes": self._class_counts(),
            "lesions": None if self.findings is None else str(len(self.findings)),
            "pixel spacing": _spacing_text(self.spacing),
            "source": self.source,
            "licence": self.licence,
        }
        rows = _fact_rows(facts, self.datasheet)
        about = f"<p>{html.escape(self.description)}</p>" if self.description else ""
        return (
            f'<div class="mlmi-imageset"><p><strong>{html.escape(self.name)}</strong></p>'
            f"{about}{self._picture()}<table>{rows}</table></div>"
        )

    def _class_counts(self) -> str | None:
        if self.labels is None:
            return None
        labels, counts = np.unique(self.labels, return_counts=True)
        return ", ".join(
            f"{count} {self._class_name(label)}"
            for label, count in zip(labels, counts, strict=True)
        )

    def _class_name(self, label: int) -> str:
        name = self.classes.get(int(label))
        return f"labelled {label}" if name is None else f"{name} ({label})"

    def _picture(self) -> str:
        rows = self._picture_rows()
        if not rows:
            return ""
        sheet = _sheet([self.images[chosen] for _, chosen in rows])
        alt = f"{self.name}: " + "; ".join(
            f"{len(chosen)} images" + (f" {name}" if name else "") for name, chosen in rows
        )
        if len(rows) > 1:
            alt += ", from the top row down"
        return _picture(sheet, f"{alt}.")

    def _picture_rows(self) -> list[tuple[str, NDArray[np.int64]]]:
        """Images to show: a row for each class, spread over the set."""
        everything = np.arange(len(self))
        if self.labels is None:
            rows = [("", everything)]
        else:
            labels = np.unique(self.labels)[:_ROWS]
            rows = [(self._class_name(k), np.flatnonzero(self.labels == k)) for k in labels]
        return [
            (name, some[np.linspace(0, len(some) - 1, min(_SHOWN, len(some))).astype(int)])
            for name, some in rows
            if len(some)
        ]


# -- what goes in ------------------------------------------------------------------------------


def _read_only(array: NDArray[Any]) -> NDArray[Any]:
    view = array.view()
    view.flags.writeable = False
    return view


def _images(given: ArrayLike) -> NDArray[np.uint8]:
    images = np.asarray(given)
    if images.ndim != 3 or images.dtype not in (np.uint8, np.uint16):
        raise ValueError(
            f"images needs uint8 or uint16 in the shape (n, rows, columns), got {images.shape} of "
            f"{images.dtype}"
        )
    return _read_only(images)


def _column(given: ArrayLike, name: str, n: int, kinds: str, words: str) -> NDArray[Any]:
    column = np.asarray(given)
    if column.shape != (n,):
        raise ValueError(f"{name} needs one value for each of {n} images, got shape {column.shape}")
    if column.dtype.kind not in kinds and n:
        raise ValueError(f"{name} needs {words}, got {column.dtype}")
    return _read_only(column)


def _masks(given: ArrayLike, shape: tuple[int, ...]) -> NDArray[Any]:
    masks = np.asarray(given)
    if masks.shape != shape:
        raise ValueError(f"masks needs the shape of the images, {shape}, got {masks.shape}")
    if masks.dtype not in (np.uint8, np.bool_):
        raise ValueError(f"masks needs uint8 or booleans, got {masks.dtype}")
    return _read_only(masks)


def _spacing(given: Sequence[float] | None) -> tuple[float, float] | None:
    if given is None:
        return None
    spacing = tuple(float(one) for one in np.atleast_1d(given))
    if len(spacing) != 2 or not all(math.isfinite(one) and one > 0 for one in spacing):
        raise ValueError(
            "spacing needs two positive numbers of millimetres, (between rows, between columns), "
            f"or None; got {given!r}"
        )
    return spacing  # type: ignore[return-value]


def _table(given: pd.DataFrame | None, n: int) -> pd.DataFrame:
    import pandas as pd

    if given is None:
        return pd.DataFrame(index=pd.RangeIndex(n))
    if len(given) != n:
        raise ValueError(f"table needs one row for each of {n} images, got {len(given)}")
    return given.reset_index(drop=True)


def _findings(given: pd.DataFrame | None, n: int) -> pd.DataFrame | None:
    if given is None:
        return None
    if "image" not in given:
        raise ValueError(f"findings needs a column 'image', got {list(given.columns)}")
    if len(given) and not given["image"].between(0, n - 1).all():
        raise ValueError(f"findings name images that are not among the {n} of the set")
    return given.reset_index(drop=True)


def _value(given: Any) -> Any:
    return given.item() if isinstance(given, np.generic) else given


def _extra(given: ArrayLike, name: str, n: int) -> NDArray[Any]:
    array = np.asarray(given)
    if array.ndim == 0 or len(array) != n:
        raise ValueError(
            f"extra {name!r} needs one entry for each of {n} images, got shape {array.shape}"
        )
    return _read_only(array)


# -- choosing ----------------------------------------------------------------------------------


def _choice(index: Any, n: int) -> slice | NDArray[Any]:
    if isinstance(index, slice):
        return index
    chosen = np.asarray(index)
    if chosen.size == 0 and chosen.ndim == 1:
        chosen = chosen.astype(np.int64) if chosen.dtype != np.bool_ else chosen
    if chosen.ndim != 1 or chosen.dtype.kind not in "biu":
        raise TypeError(
            "choose images by a whole number, a slice, a list of whole numbers or one boolean for "
            f"each image, not by {index!r:.{_SHORT}}; labels, masks and the rest are attributes, "
            "as in data.labels"
        )
    if chosen.dtype == np.bool_ and len(chosen) != n:
        raise IndexError(f"{n} images need as many booleans, got {len(chosen)}")
    if chosen.dtype != np.bool_ and chosen.size:
        outside = chosen[(chosen < -n) | (chosen >= n)]
        if outside.size:
            raise IndexError(f"there is no image {outside[0]}: the set has {n}, from 0")
    return chosen


def _findings_of(findings: pd.DataFrame | None, rows: NDArray[np.int64]) -> pd.DataFrame | None:
    """Lesions of the chosen images, with ``image`` counted among those."""
    if findings is None:
        return None
    images = findings["image"].to_numpy()
    order = np.argsort(images, kind="stable")
    first = np.searchsorted(images[order], rows, "left")
    many = np.searchsorted(images[order], rows, "right") - first
    # For each chosen image its run of lesions, in the order of choice.
    taken = np.repeat(first - np.cumsum(many) + many, many) + np.arange(many.sum())
    return findings.iloc[order[taken]].assign(image=np.repeat(np.arange(len(rows)), many))


# -- splitting ---------------------------------------------------------------------------------


def split_rows(
    groups: NDArray[Any],
    labels: NDArray[Any] | None,
    fractions: Sequence[float],
    seed: int,
    *,
    by: str = "patient",
) -> list[NDArray[np.int64]]:
    """The rows of each part of :meth:`ImageSet.split`, which describes it.

    Parameters
    ----------
    groups : ndarray, shape (n,)
    labels : ndarray, shape (n,), or None
    fractions : sequence of float
    seed : int
    by : {"patient", "image"}

    Returns
    -------
    list of ndarray of int

    Raises
    ------
    ValueError
        As there.
    """
    shares = _fractions(fractions)
    if by not in ("patient", "image"):
        raise ValueError(f'by must be "patient" or "image", got {by!r}')
    units = groups if by == "patient" else np.arange(len(groups))
    codes = np.unique(units, return_inverse=True)[1]
    count = int(codes.max()) + 1 if len(codes) else 0
    if count < len(shares):
        raise ValueError(f"{len(shares)} parts need as many {by}s, and the set has only {count}")
    classes = np.zeros(len(groups), int)
    if labels is not None:
        classes = np.unique(labels, return_inverse=True)[1]
    counts = np.zeros((count, classes.max() + 1))
    np.add.at(counts, (codes, classes), 1)
    part = _assign(counts, shares, np.random.default_rng(seed))[codes]
    return [np.flatnonzero(part == number) for number in range(len(shares))]


def _fractions(given: Sequence[float]) -> NDArray[np.float64]:
    try:
        shares = np.asarray(given, dtype=float)
    except (TypeError, ValueError):
        shares = np.zeros(0)
    fitting = shares.ndim == 1 and len(shares) > 1 and bool((shares > 0).all())
    if not fitting or not math.isclose(shares.sum(), 1, abs_tol=1e-6):
        raise ValueError(
            "fractions needs two or more positive numbers with the sum 1, such as (0.6, 0.2, 0.2); "
            f"got {given!r}"
        )
    return shares


def _assign(
    counts: NDArray[np.float64], shares: NDArray[np.float64], rng: np.random.Generator
) -> NDArray[np.int64]:
    """The part of each unit, given how many images of each class a unit has."""
    aims = shares[:, None] * counts.sum(axis=0)
    # A rare class counts as much as a common one.
    scale = 1 / np.maximum(counts.sum(axis=0), 1)
    scaled, aims = (counts * scale).tolist(), (aims * scale).tolist()
    # Thousands of units balance by themselves, and would take long.
    orders = max(min(_ORDERS, _UNITS // len(counts)), 1)
    best, least = np.zeros(len(counts), np.int64), math.inf
    for _ in range(orders):
        parts, miss = _fill(scaled, aims, rng.permutation(len(counts)).tolist())
        if miss < least:
            best, least = parts, miss
    return best


def _fill(
    units: list[list[float]], aims: list[list[float]], order: list[int]
) -> tuple[NDArray[np.int64], float]:
    """Put units into parts one after the other; also how far the parts are from their aims.

    Plain lists: for a handful of classes they are several times as quick as arrays.
    """
    lacking = [list(aim) for aim in aims]
    parts = np.zeros(len(units), np.int64)
    empty = set(range(len(aims)))
    for position, unit in enumerate(order):
        has = units[unit]
        # No part stays empty: the last units go where there is nothing yet.
        open_parts = empty if len(empty) >= len(order) - position else range(len(aims))
        chosen = max(open_parts, key=lambda part: _relief(lacking[part], has))
        parts[unit] = chosen
        empty.discard(chosen)
        lacking[chosen] = [need - h for need, h in zip(lacking[chosen], has, strict=True)]
    return parts, sum(need**2 for part in lacking for need in part)


def _relief(lacking: list[float], has: list[float]) -> float:
    """How much nearer to its aim a part comes by what a unit has."""
    return sum(h * (2 * need - h) for need, h in zip(lacking, has, strict=True))


# -- showing -----------------------------------------------------------------------------------


def _size(shape: Sequence[int]) -> str:
    return "×".join(str(length) for length in shape)


def _spacing_text(spacing: tuple[float, float] | None) -> str:
    if spacing is None:
        return "unknown"
    row, column = spacing
    return f"{row:g} mm" if row == column else f"{row:g} mm between rows, {column:g} mm in a row"


def _fact_rows(facts: Mapping[str, str | None], datasheet: str | None) -> str:
    # No colours of our own: the page's serve in the light and in the dark theme.
    cell = 'style="text-align:left"'
    rows = "".join(
        f'<tr><th scope="row" {cell}>{html.escape(name)}</th>'
        f"<td {cell}>{html.escape(text)}</td></tr>"
        for name, text in facts.items()
        if text is not None
    )
    if datasheet:
        # Every notebook of the course lies one folder below the project's.
        link = html.escape(f"../{datasheet}", quote=True)
        rows += (
            f'<tr><th scope="row" {cell}>datasheet</th>'
            f'<td {cell}><a href="{link}">{html.escape(datasheet)}</a></td></tr>'
        )
    return rows


def _picture(sheet: NDArray[np.uint8], alt: str) -> str:
    data = base64.b64encode(_png(sheet)).decode("ascii")
    return (
        f'<figure style="margin:0"><img alt="{html.escape(alt, quote=True)}" '
        f'width="{sheet.shape[1]}" style="max-width:100%;height:auto" '
        f'src="data:image/png;base64,{data}"></figure>'
    )


def _sheet(rows: Sequence[NDArray[np.uint8 | np.uint16]], side: int = _TILE) -> NDArray[np.uint8]:
    """Grey and opacity of rows of small images on a common grey scale, with clear gaps."""
    low = min(int(row.min()) for row in rows)
    # A few bright pixels of 16 bits would leave the rest of the picture dark.
    high = max(
        int(row.max() if row.dtype == np.uint8 else np.percentile(row, _BRIGHTEST)) for row in rows
    )
    many = max(len(row) for row in rows)
    step = side + _GAP
    sheet = np.zeros((len(rows) * step - _GAP, many * step - _GAP, 2), np.uint8)
    for i, row in enumerate(rows):
        for j, image in enumerate(row):
            grey = np.clip((image - float(low)) * (255 / max(high - low, 1)), 0, 255)
            tile = _tile(grey, side)
            place = sheet[i * step :, j * step :][: tile.shape[0], : tile.shape[1]]
            place[..., 0], place[..., 1] = tile, 255
    return sheet


def _tile(image: NDArray[np.float64], side: int) -> NDArray[np.uint8]:
    from PIL import Image

    scale = side / max(image.shape)
    size = (max(round(image.shape[1] * scale), 1), max(round(image.shape[0] * scale), 1))
    return np.asarray(
        Image.fromarray(image.astype(np.uint8)).resize(size, Image.Resampling.BILINEAR)
    )


def _png(sheet: NDArray[np.uint8]) -> bytes:
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(sheet).save(buffer, "png", compress_level=3)
    return buffer.getvalue()
