"""One typed object for every set of images in the course."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final, Literal, overload

import numpy as np
from numpy.typing import NDArray

from mlmi_course._numbers import is_whole
from mlmi_course.data._fields import (
    as_column,
    as_extra,
    as_findings,
    as_images,
    as_masks,
    as_spacing,
    as_table,
    choice,
    findings_of,
    plain_value,
)  # fmt: skip
from mlmi_course.data._showing import TILE, fact_rows, figure, sheet_of, size_text, spacing_text
from mlmi_course.data.splitting import split_rows

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["ImageSet", "Item"]

_SHOWN: Final = 8  # images in a row of the little picture
_ROWS: Final = 3

Index = int | np.integer | slice | Sequence[int] | Sequence[bool] | NDArray[Any]


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class Item:
    """One image of a set, with what is known about it.

    Attributes
    ----------
    image : ndarray of uint8, uint16 or int16, shape (rows, columns)
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

    image: NDArray[np.uint8 | np.uint16 | np.int16]
    label: int | None
    mask: NDArray[Any] | None
    group: Any
    spacing: tuple[float, float] | None
    row: Mapping[str, Any]
    findings: pd.DataFrame | None
    extra: Mapping[str, Any]

    def __repr__(self) -> str:
        label = "" if self.label is None else f", label {self.label}"
        return f"Item: {size_text(self.image.shape)} pixels{label}, patient {self.group}"

    def _repr_html_(self) -> str:
        """The image, and what is known about it in a line; for Jupyter."""
        sheet = sheet_of([self.image[None]], side=2 * TILE)
        facts = {"patient": self.group, "label": self.label, **self.row}
        line = ", ".join(
            f"{name} {value:.3g}" if isinstance(value, float) else f"{name} {value}"
            for name, value in facts.items()
            if value is not None and value != ""
        )
        return f"<div>{figure(sheet, f'One image: {line}.')}<p>{html.escape(line)}</p></div>"


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class ImageSet:
    """Images of equal size, with labels, masks, patients and where they came from.

    All arrays are read-only, and those of a large set are memory-mapped: copy what you want to
    change (``images = data.images.astype("float32")`` is a copy).

    Parameters
    ----------
    images : ndarray of uint8, uint16 or int16, shape (n, rows, columns)
        Grey values of 8 bits; of 16 bits where a scanner stores more, as in MRI; with a sign
        where they are Hounsfield units.
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
    images: NDArray[np.uint8 | np.uint16 | np.int16]
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

        put("images", as_images(self.images))
        put("groups", as_column(self.groups, "groups", len(self), "iuU", "whole numbers or texts"))
        if self.labels is not None:
            put("labels", as_column(self.labels, "labels", len(self), "iu", "whole numbers"))
        if self.masks is not None:
            put("masks", as_masks(self.masks, self.images.shape))
        put("spacing", as_spacing(self.spacing))
        put("table", as_table(self.table, len(self)))
        put("findings", as_findings(self.findings, len(self)))
        put("extra", {name: as_extra(array, name, len(self)) for name, array in self.extra.items()})
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
        if is_whole(index):
            return self._item(int(index))
        chosen = choice(index, len(self))
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
            findings=findings_of(self.findings, rows),
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
            row={name: plain_value(column.iloc[index]) for name, column in self.table.items()},
            findings=findings_of(self.findings, np.array([index])),
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
        size = size_text(self.images.shape[1:])
        return (
            f"ImageSet: {self.name}, {len(self)} images of {size} pixels, {self.patients} patients"
        )

    def _repr_html_(self) -> str:
        """A few of the images and what a reader must know; for Jupyter."""
        facts = {
            "images": f"{len(self)} of {size_text(self.images.shape[1:])} pixels",
            "patients": str(self.patients),
            "classes": self._class_counts(),
            "lesions": None if self.findings is None else str(len(self.findings)),
            "pixel spacing": spacing_text(self.spacing),
            "source": self.source,
            "licence": self.licence,
        }
        rows = fact_rows(facts, self.datasheet)
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
        sheet = sheet_of([self.images[chosen] for _, chosen in rows])
        alt = f"{self.name}: " + "; ".join(
            f"{len(chosen)} images" + (f" {name}" if name else "") for name, chosen in rows
        )
        if len(rows) > 1:
            alt += ", from the top row down"
        return figure(sheet, f"{alt}.")

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
