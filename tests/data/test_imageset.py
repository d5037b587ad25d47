"""The one object for sets of images: what goes in, what is chosen, split and shown."""

from __future__ import annotations

import base64
import copy
import dataclasses
import io
import pickle
import re
import time
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from mlmi_course.data import ImageSet

HTML_LIMIT_S = 0.15  # a test fails only at five times a limit: machines are noisy


def make(n: int = 12, **changes: Any) -> ImageSet:
    fields: dict[str, Any] = {
        "name": "dots",
        "images": np.arange(n * 64, dtype=np.uint8).reshape(n, 8, 8),
        "groups": np.arange(n) // 3,
        "labels": np.arange(n) // 3 % 2,
        "masks": np.zeros((n, 8, 8), np.uint8),
        "spacing": (0.5, 0.25),
        "source": "made up",
        "licence": "CC0",
        "classes": {0: "dark", 1: "bright"},
        "table": pd.DataFrame({"view": np.arange(n) % 3, "side": ["left"] * n}),
        "findings": pd.DataFrame({"image": [0, 0, n - 1], "row": [1.0, 2.0, 3.0]}),
        "extra": {"second_reader": np.ones((n, 8, 8), np.uint8)},
    }
    return ImageSet(**{**fields, **changes})


def bare(groups: Any, labels: Any = None) -> ImageSet:
    n = len(groups)
    images = np.broadcast_to(np.arange(n, dtype=np.uint8)[:, None, None], (n, 2, 2))
    table = pd.DataFrame({"index": np.arange(n)})
    return ImageSet(
        name="x", images=images, groups=groups, labels=labels, source="", licence="", table=table
    )


# -- what goes in ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"images": np.zeros((12, 8, 8))}, "uint8"),
        ({"images": np.zeros((12, 64), np.uint8)}, "rows, columns"),
        ({"groups": np.arange(11)}, "groups needs one value for each of 12"),
        ({"groups": np.arange(12.0)}, "whole numbers or texts, got float64"),
        ({"labels": np.arange(13)}, "labels needs one value for each of 12"),
        ({"labels": np.full(12, np.nan)}, "whole numbers"),
        ({"labels": np.array(["a"] * 12)}, "whole numbers"),
        ({"masks": np.zeros((12, 8, 9), np.uint8)}, "shape of the images"),
        ({"masks": np.zeros((12, 8, 8))}, "uint8 or booleans"),
        ({"spacing": 0.085}, "two positive"),
        ({"spacing": (0.085, 0)}, "two positive"),
        ({"spacing": (0.085, np.nan)}, "two positive"),
        ({"table": pd.DataFrame({"view": [1]})}, "one row for each of 12"),
        ({"findings": pd.DataFrame({"image": [12]})}, "not among the 12"),
        ({"findings": pd.DataFrame({"row": [1]})}, "column 'image'"),
        ({"extra": {"other": np.zeros(3)}}, "'other' needs one entry for each of 12"),
    ],
)
def test_what_does_not_fit_is_refused(changes: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=re.escape(says)):
        make(**changes)


def test_nothing_can_be_changed_by_accident() -> None:
    data = make()
    with pytest.raises(dataclasses.FrozenInstanceError):
        data.labels = None  # type: ignore[misc]
    for array in (data.images, data.labels, data.groups, data.masks, data.extra["second_reader"]):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1


def test_it_can_be_copied_and_sent_to_another_process() -> None:
    data = make()
    for other in (pickle.loads(pickle.dumps(data)), copy.deepcopy(data)):
        np.testing.assert_array_equal(other.images, data.images)
        pd.testing.assert_frame_equal(other.table, data.table)
        assert other.spacing == (0.5, 0.25)


# -- choosing ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("index", "rows"),
    [
        (slice(2, 5), [2, 3, 4]),
        (slice(None, None, -5), [11, 6, 1]),
        ([3, -1, 3], [3, 11, 3]),
        (np.array([4], np.uint8), [4]),
        (np.arange(12) > 9, [10, 11]),
        ([], []),
        (np.zeros(12, bool), []),
    ],
)
def test_everything_follows_the_choice(index: Any, rows: list[int]) -> None:
    data = make()
    chosen = data[index]
    assert len(chosen) == len(rows)
    for name in ("images", "groups", "labels", "masks"):
        np.testing.assert_array_equal(getattr(chosen, name), getattr(data, name)[rows])
    np.testing.assert_array_equal(chosen.extra["second_reader"], data.extra["second_reader"][rows])
    assert chosen.table["view"].tolist() == [row % 3 for row in rows]
    assert chosen.table.index.tolist() == list(range(len(rows)))
    assert chosen.licence == "CC0"
    assert isinstance(repr(chosen), str)
    assert isinstance(chosen._repr_html_(), str)


@given(
    st.lists(st.integers(0, 7), max_size=12),
    st.lists(st.integers(0, 7), max_size=10),
)
def test_lesions_follow_their_images(lesions: list[int], rows: list[int]) -> None:
    frame = pd.DataFrame({"image": lesions, "name": np.arange(len(lesions))})
    chosen = make(8, findings=frame)[np.array(rows, int)].findings
    expected = [
        (new, name)
        for new, row in enumerate(rows)
        for name, image in enumerate(lesions)
        if image == row
    ]
    assert list(zip(chosen["image"], chosen["name"], strict=True)) == expected


def test_a_single_image() -> None:
    item = make()[-1]
    assert item.image.shape == item.mask.shape == (8, 8)
    assert (item.label, item.group, item.spacing) == (1, 3, (0.5, 0.25))
    assert item.row == {"view": 2, "side": "left"}
    assert item.findings["row"].tolist() == [3.0]
    assert item.extra["second_reader"].shape == (8, 8)
    assert repr(item) == "Item: 8×8 pixels, label 1, patient 3"
    assert 'alt="One image: patient 3, label 1, view 2, side left."' in item._repr_html_()
    assert make()[np.int64(2)].group == 0
    assert len(list(make())) == 12  # a loop ends


@pytest.mark.parametrize(
    ("index", "error", "says"),
    [
        (12, IndexError, "no image 12"),
        (-13, IndexError, "no image -13"),
        ([0, 99], IndexError, "no image 99"),
        (np.ones(5, bool), IndexError, "12 images need as many booleans, got 5"),
        ("labels", TypeError, "data.labels"),
        ([0.5], TypeError, "whole number"),
        (True, TypeError, "whole number"),
        (np.zeros((12, 2), bool), TypeError, "one boolean for each image"),
        (None, TypeError, "whole number"),
    ],
)
def test_a_choice_that_cannot_be(index: Any, error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=re.escape(says)):
        make()[index]


# -- splitting ---------------------------------------------------------------------------------

groupings = st.lists(st.integers(0, 15), min_size=6, max_size=80).filter(
    lambda groups: len(set(groups)) >= 4
)
shares = st.lists(st.integers(1, 9), min_size=2, max_size=4).map(
    lambda parts: tuple(part / sum(parts) for part in parts)
)


@settings(deadline=None)
@given(groupings, shares, st.integers(0, 5), st.data())
def test_no_patient_is_on_two_sides_and_no_image_is_lost(
    groups: list[int], fractions: tuple[float, ...], seed: int, more: st.DataObject
) -> None:
    n = len(groups)
    labels = more.draw(st.none() | st.lists(st.integers(0, 2), min_size=n, max_size=n))
    data = bare(groups, labels)
    parts = data.split(fractions, seed)
    assert len(parts) == len(fractions)
    assert all(len(part) for part in parts)
    seen = [set(part.groups.tolist()) for part in parts]
    assert sum(len(one) for one in seen) == len(set(groups))  # no patient twice
    index = np.concatenate([part.table["index"] for part in parts])
    assert sorted(index.tolist()) == list(range(n))
    for part in parts:
        rows = part.table["index"].to_numpy()
        assert (np.diff(rows) > 0).all()  # in their order
        np.testing.assert_array_equal(part.groups, np.array(groups)[rows])
    again = data.split(fractions, seed)
    assert [p.table["index"].tolist() for p in parts] == [p.table["index"].tolist() for p in again]


@settings(deadline=None)
@given(st.lists(st.integers(1, 9), min_size=20, max_size=60), shares)
def test_parts_are_as_large_as_whole_patients_allow(
    sizes: list[int], fractions: tuple[float, ...]
) -> None:
    groups = np.repeat(np.arange(len(sizes)), sizes)
    for part, fraction in zip(bare(groups).split(fractions), fractions, strict=True):
        assert abs(len(part) - fraction * len(groups)) <= max(sizes)


def test_classes_are_shared_out_evenly() -> None:
    rng = np.random.default_rng(0)
    sizes = rng.integers(1, 12, 300)
    groups = np.repeat(np.arange(300), sizes)
    ill = rng.random(300) < 0.15
    labels = (ill[groups] & (rng.random(len(groups)) < 0.9)).astype(int)  # some hold both
    for seed in range(5):
        for part, share in zip(bare(groups, labels).split(seed=seed), (0.6, 0.2, 0.2), strict=True):
            assert len(part) / len(groups) == pytest.approx(share, abs=0.01)
            assert part.labels.mean() == pytest.approx(labels.mean(), abs=0.01)


def test_a_rare_class_counts_as_much_as_a_common_one() -> None:
    sizes = np.random.default_rng(2).integers(1, 12, 300)
    groups = np.repeat(np.arange(300), sizes)
    labels = np.zeros(len(groups), int)
    labels[(np.cumsum(sizes) - sizes)[::20]] = 1  # one image of each of fifteen patients
    for seed in range(5):
        assert [part.labels.sum() for part in bare(groups, labels).split(seed=seed)] == [9, 3, 3]


def test_another_seed_is_another_split_and_nobody_is_always_trained_on() -> None:
    groups = np.repeat(np.arange(20), np.arange(1, 21))
    tested = [set(bare(groups).split((0.7, 0.3), seed)[1].groups.tolist()) for seed in range(60)]
    assert len({frozenset(one) for one in tested}) > 30
    assert set.union(*tested) == set(range(20))  # the largest patients too


def test_a_split_by_image_leaks_and_has_to_be_asked_for() -> None:
    data = bare(np.arange(200) // 10)
    train, test = data.split((0.5, 0.5), by="image")
    assert len(train) == len(test) == 100
    assert set(train.groups) & set(test.groups)


@pytest.mark.parametrize(
    "fractions", [(0.5, 0.4), (1.0,), (1.2, -0.2), (0.5, 0.5, 0.0), "half", 0.5, (), (np.nan, 1)]
)
def test_fractions_that_are_none(fractions: Any) -> None:
    with pytest.raises(ValueError, match="sum 1"):
        make().split(fractions)


def test_more_parts_than_patients() -> None:
    with pytest.raises(ValueError, match="3 parts need as many patients, and the set has only 2"):
        bare([1, 1, 1, 2]).split()
    with pytest.raises(ValueError, match='"patient" or "image"'):
        bare([1, 2, 3]).split(by="patch")  # type: ignore[arg-type]


@pytest.mark.clock
def test_a_split_of_thousands_takes_a_moment() -> None:
    data = bare(np.arange(20_000), np.arange(20_000) % 2)
    start = time.process_time()
    data.split()
    assert time.process_time() - start < 5


# -- showing -----------------------------------------------------------------------------------


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data + "\n"


def read(text: str) -> _Tags:
    parser = _Tags()
    parser.feed(text)
    return parser


def test_the_page_says_what_a_reader_must_know() -> None:
    page = read(make(datasheet="docs/datasheets/dots.md")._repr_html_())
    for words in (
        "12 of 8×8 pixels", "4", "6 dark (0), 6 bright (1)", "made up", "CC0",
        "0.5 mm between rows, 0.25 mm in a row",
    ):  # fmt: skip
        assert f"{words}\n" in page.text
    (link,) = [given for tag, given in page.tags if tag == "a"]
    assert link["href"] == "../docs/datasheets/dots.md"
    assert "unknown" in read(make(spacing=None)._repr_html_()).text


def test_the_little_picture_has_a_row_for_each_class_and_clear_gaps() -> None:
    page = read(make(60, findings=None)._repr_html_())
    (image,) = [given for tag, given in page.tags if tag == "img"]
    assert image["alt"] == "dots: 8 images dark (0); 8 images bright (1), from the top row down."
    data = base64.b64decode(image["src"].removeprefix("data:image/png;base64,"))
    picture = np.asarray(Image.open(io.BytesIO(data)))
    assert picture.shape == (2 * 74 - 2, 8 * 74 - 2, 2)
    assert picture[..., 1].min() == 0  # a gap shows the page, light or dark
    assert picture[:72, :72, 1].min() == 255


def test_the_page_brings_no_colours_no_network_and_no_markup_of_others() -> None:
    nasty = "<script>alert('x')</script>\"&"
    text = make(
        name=nasty, source=nasty, licence=nasty, description=nasty, datasheet=nasty,
        classes={0: nasty},
    )._repr_html_()  # fmt: skip
    page = read(text)
    assert {tag for tag, _ in page.tags} <= {
        "div", "p", "strong", "figure", "img", "table", "tr", "th", "td", "a",
    }  # fmt: skip
    assert page.text.count("alert('x')") >= 6
    assert "http" not in text
    assert not re.search(r"(?<!-)(color|background)\s*:", text)
    item = make(table=pd.DataFrame({nasty: [nasty] * 12}))[0]._repr_html_()
    assert "<script" not in item


@pytest.mark.clock
def test_the_page_of_large_images_is_quick() -> None:
    images = np.random.default_rng(0).integers(0, 255, (100, 512, 512), np.uint8)
    data = bare(np.arange(100))
    data = dataclasses.replace(data, images=images)
    data._repr_html_()
    start = time.process_time()
    data._repr_html_()
    assert time.process_time() - start < 5 * HTML_LIMIT_S


def test_the_plain_text_is_one_short_line() -> None:
    assert repr(make()) == "ImageSet: dots, 12 images of 8×8 pixels, 4 patients"
