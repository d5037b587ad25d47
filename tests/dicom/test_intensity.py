"""From stored values to the screen: modality, then values of interest, then presentation."""

from __future__ import annotations

import numpy as np
import pytest
from pydicom import Dataset, Sequence, examples
from pydicom.pixels import apply_voi as pydicoms_apply_voi

from mlmi_course.dicom import apply_voi, window

STORED = np.array([[0, 512, 1024], [1064, 1264, 4095]], dtype=np.uint16)


def header(**elements) -> Dataset:
    dataset = Dataset()
    dataset.PhotometricInterpretation = "MONOCHROME2"
    dataset.BitsAllocated, dataset.BitsStored, dataset.PixelRepresentation = 16, 12, 0
    dataset.update(elements)
    return dataset


def table(data: list[int], first: int, bits: int) -> Sequence:
    item = Dataset()
    item.add_new("LUTDescriptor", "US", [len(data), first, bits])
    item.add_new("LUTData", "US", data)
    return Sequence([item])


@pytest.mark.parametrize("function", [None, "LINEAR", "LINEAR_EXACT", "SIGMOID"])
def test_the_window_comes_after_the_rescale(function):
    film = header(RescaleSlope="2", RescaleIntercept="-1024", WindowCenter="40", WindowWidth="400")
    if function:
        film.VOILUTFunction = function
    expected = window(STORED * 2.0 - 1024, 40, 400, function or "LINEAR")
    np.testing.assert_array_equal(apply_voi(film, STORED), expected)


def test_a_view_is_chosen_by_its_index():
    film = header(WindowCenter=["100", "1000"], WindowWidth=["200", "50"])
    np.testing.assert_array_equal(apply_voi(film, STORED, index=1), window(STORED, 1000, 50))
    with pytest.raises(ValueError, match="no view 2"):
        apply_voi(film, STORED, index=2)
    with pytest.raises(ValueError, match="no view 1"):
        apply_voi(header(), STORED, index=1)


def test_tables_agree_with_pydicom():
    film = header()
    film.VOILUTSequence = table([0, 10, 20, 4095, 4000], 1022, 12)
    stored = np.arange(1015, 1035).reshape(4, 5)
    theirs = pydicoms_apply_voi(stored, film) / 4095
    np.testing.assert_allclose(apply_voi(film, stored), theirs)


def test_a_table_goes_before_a_window_unless_told_otherwise():
    film = header(WindowCenter="100", WindowWidth="200")
    film.VOILUTSequence = table([0, 128, 255], 0, 8)
    assert apply_voi(film, [0, 1, 2, 9]).tolist() == [0, 128 / 255, 1, 1]
    np.testing.assert_array_equal(
        apply_voi(film, STORED, prefer_lut=False), window(STORED, 100, 200)
    )


def test_a_table_whose_first_value_is_negative():
    film = header(PixelRepresentation=1)
    film.VOILUTSequence = table([0, 100, 200, 255], 65536 - 2, 8)
    assert apply_voi(film, [-5, -2, -1, 0, 1, 7]).tolist() == [
        value / 255 for value in (0, 0, 100, 200, 255, 255)
    ]


def test_monochrome1_is_turned_round_once():
    film = header(WindowCenter="2048", WindowWidth="4096")
    upright = apply_voi(film, STORED)
    film.PhotometricInterpretation = "MONOCHROME1"
    np.testing.assert_allclose(apply_voi(film, STORED), 1 - upright)
    film.PresentationLUTShape = "INVERSE"  # says the same thing again
    np.testing.assert_allclose(apply_voi(film, STORED), 1 - upright)


@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
def test_padding_is_black_either_way(photometric):
    film = header(PhotometricInterpretation=photometric, PixelPaddingValue=4095)
    assert apply_voi(film, STORED)[1, 2] == 0
    assert apply_voi(film, STORED)[0, 0] == (photometric == "MONOCHROME1")


def test_without_a_window_the_whole_range_is_shown():
    assert apply_voi(header(), [5, 10, 15]).tolist() == [0, 0.5, 1]
    assert apply_voi(header(), [5, 5]).tolist() == [0, 0]


def test_real_files():
    for dataset in (examples.ct, examples.mr, examples.overlay):
        shown = apply_voi(dataset)
        assert shown.shape == (dataset.Rows, dataset.Columns)
        assert 0 <= shown.min() < shown.max() <= 1


@pytest.mark.parametrize(
    ("elements", "words"),
    [
        ({"PhotometricInterpretation": "RGB"}, "this one is RGB"),
        ({"WindowCenter": ["1", "2"], "WindowWidth": "3"}, "2 window centres but 1 width"),
        ({"WindowCenter": "1", "WindowWidth": "0"}, "at least 1"),
        ({"VOILUTSequence": table([1, 2], 0, 40)}, "look-up table"),
        ({"RescaleSlope": "0", "RescaleIntercept": "0"}, "slope 0"),
    ],
)
def test_what_cannot_be_shown(elements, words):
    with pytest.raises(ValueError, match=words):
        apply_voi(header(**elements), STORED)
