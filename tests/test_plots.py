"""What the pictures promise: alternative text, true geometry, true greys, the same colours."""

from __future__ import annotations

import base64
import io
import itertools
import subprocess
import sys
from html.parser import HTMLParser

import numpy as np
import pytest
from matplotlib.axes import Axes
from PIL import Image

from mlmi_course import dicom, plots
from mlmi_course.plots import Picture

RNG = np.random.default_rng(0)
GREY = RNG.normal(size=(20, 30))
SCAN = dicom.Volume(
    RNG.normal(size=(5, 8, 10)).astype("float32"),
    (4.0, 2.0, 1.0),
    [[0, 0, 1, 0], [0, 2, 0, 0], [4, 0, 0, 0], [0, 0, 0, 1]],
)
DISC = np.hypot(*np.mgrid[-10:10, -15:15]) < 6

# Every function of one picture, with the least it needs.
SINGLE = {
    "image": lambda **how: plots.image(GREY, **how),
    "planes": lambda **how: plots.planes(SCAN, **how),
    "montage": lambda **how: plots.montage([GREY, GREY], **how),
    "overlay": lambda **how: plots.overlay(GREY, {"truth": DISC}, **how),
    "histogram": lambda **how: plots.histogram(GREY, **how),
    "lines": lambda **how: plots.lines({"loss": [3, 2, 1]}, **how),
    "bars": lambda **how: plots.bars(["a", "b"], [1, 2], **how),
    "decision": lambda **how: plots.decision([[0, 0], [1, 1]], [0, 1], **how),
    "embedding": lambda **how: plots.embedding([[0, 0], [1, 1]], [0, 1], **how),
}
each_function = pytest.mark.parametrize("draw", SINGLE.values(), ids=SINGLE.keys())


class Figure(HTMLParser):
    """The attributes of the image inside a figure element."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.img = [], {}
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        if tag == "img":
            self.img = dict(attrs)


def drawn(picture):
    """The pixels of the PNG, as an array of (rows, columns, 3)."""
    return np.asarray(Image.open(io.BytesIO(picture.png())))


def axes():
    return plots.figure()[1][0, 0]


# -- pictures and their alternative text -------------------------------------------------------


@each_function
def test_alternative_text_is_required(draw):
    for nothing in (None, "", "  \n", 3):
        with pytest.raises(ValueError, match="one sentence for readers who cannot see"):
            draw(alt=nothing)


@each_function
def test_the_figure_carries_its_alternative_text(draw):
    nasty = "A \"quoted\" <b>bold</b> & 'sharp' tissue > fat"
    shown = Figure(draw(alt=nasty)._repr_html_())
    assert shown.tags == ["figure", "img"]
    assert shown.img["alt"] == nasty
    header, data = shown.img["src"].split(",")
    assert header == "data:image/png;base64"
    assert Image.open(io.BytesIO(base64.b64decode(data))).format == "PNG"
    assert "max-width:100%" in shown.img["style"]


@each_function
def test_drawing_on_axes_returns_these_axes(draw):
    ax = axes()
    assert draw(ax=ax) is ax
    assert isinstance(ax, Axes)


@each_function
def test_titles_are_drawn(draw):
    assert draw(alt="x", title="A title").axes.get_title() == "A title"


@each_function
def test_pictures_are_white_whatever_style_the_reader_chose(draw):
    import matplotlib

    with matplotlib.rc_context({"figure.facecolor": "black", "axes.facecolor": "black"}):
        picture = draw(alt="x", title="A title")
    assert drawn(picture)[0, 0].tolist() == [255, 255, 255]


def test_repr_is_the_alternative_text_on_one_line():
    assert repr(plots.image(GREY, alt="First\n   second.")) == "Picture: First second."


def test_save_writes_png_and_vector_formats(tmp_path):
    picture = plots.image(GREY, alt="x")
    assert picture.save(tmp_path / "a.png").read_bytes() == picture.png()
    assert b"<svg" in picture.save(tmp_path / "a.svg").read_bytes()


def test_pictures_are_sharp_but_not_larger_on_the_page():
    picture = plots.image(np.zeros((50, 100)), alt="x", size=4)
    assert Figure(picture._repr_html_()).img["width"] == "400"
    assert drawn(picture).shape == (288, 576, 3)


def test_pyplot_stays_out():
    code = (
        "import sys, numpy as np\nfrom mlmi_course import plots\n"
        "print('matplotlib' in sys.modules)\n"
        "plots.image(np.eye(4), alt='x')._repr_html_()\n"
        "print('matplotlib.pyplot' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]


# -- images ------------------------------------------------------------------------------------


def test_a_window_gives_the_greys_of_the_standard():
    hu = np.array([[-1000.0, -160.0], [40.0, 3000.0]])
    greys = drawn(plots.image(hu, alt="x", window=(40, 400)))[..., 0]
    rows, columns = greys.shape
    seen = greys[rows // 4 :: rows // 2, columns // 4 :: columns // 2][:2, :2]
    np.testing.assert_allclose(seen / 255, dicom.window(hu, 40, 400), atol=1 / 255)


def test_without_a_window_the_extremes_are_black_and_white():
    greys = drawn(plots.image([[-3, 7], [np.nan, 7]], alt="x"))[..., 0]
    half = greys.shape[0] // 2
    assert (greys[:half, : half - 1] == 0).all()
    assert (greys[:half, half + 1 :] == 255).all()
    assert (greys[half + 1 :, : half - 1] == 0).all()  # NaN is black, as padding


def test_pixels_get_their_physical_shape():
    # 10 rows of 5 mm beside 100 columns of 1 mm: half as tall as wide.
    picture = plots.image(np.zeros((10, 100)), alt="x", spacing=(5, 1))
    width, height = picture.figure.get_size_inches()
    assert width / height == pytest.approx(2)
    assert picture.axes.get_aspect() == 5


def test_the_scale_bar_is_as_long_as_it_says():
    for spacing in [(0.66, 0.66), (5, 1), (0.05, 0.05), (1, 30)]:
        ax = plots.image(np.zeros((100, 100)), ax=axes(), spacing=spacing)
        (bar,) = ax.lines
        (text,) = ax.texts
        said = float(text.get_text().removesuffix(" mm"))
        assert np.ptp(bar.get_xdata()) * spacing[1] == pytest.approx(said)
        assert 0.1 <= np.ptp(bar.get_xdata()) / 100 <= 0.3


def test_the_colour_bar_shows_the_values_of_the_window():
    picture = plots.image(GREY, alt="x", window=(40, 400), colour_bar=True, unit="HU")
    bar = picture.figure.axes[1]
    assert bar.get_ylim() == dicom.window_ends(40, 400)
    assert bar.get_ylabel() == "HU"


def test_colours_and_masks_can_be_shown():
    red = np.zeros((4, 4, 3), "uint8")
    red[..., 0] = 255
    assert drawn(plots.image(red, alt="x"))[10, 10].tolist() == [255, 0, 0]
    assert drawn(plots.image(np.eye(2, dtype=bool), alt="x"))[5, 5].tolist() == [255] * 3


@pytest.mark.parametrize("data", [np.zeros(5), np.zeros((2, 3, 4, 5)), [["a"]], np.zeros((0, 3))])
def test_what_is_not_an_image_is_refused(data):
    with pytest.raises(ValueError, match=r"\(rows, columns\)"):
        plots.image(data, alt="x")


def test_window_and_limits_exclude_each_other():
    for draw in (plots.image, plots.montage):
        with pytest.raises(ValueError, match="not both"):
            draw([[[0.0]]] if draw is plots.montage else [[0.0]], alt="x", window=(0, 1), vmin=0)


@pytest.mark.clock
def test_a_small_picture_is_drawn_fast():
    import time

    ct = RNG.normal(size=(128, 128))
    seconds = []
    for _ in range(5):
        began = time.process_time()
        plots.image(ct, alt="x", window=(0, 4), spacing=(1, 1))._repr_html_()
        seconds.append(time.process_time() - began)
    assert min(seconds) < 0.3  # about 0.04 on an idle machine; the rest is patience


# -- planes ------------------------------------------------------------------------------------


def test_planes_have_the_letters_of_a_radiologist():
    ax = plots.planes(SCAN, ax=axes())
    letters = [text for text in ax.texts if len(text.get_text()) == 1]
    found = [text.get_text() for text in letters]
    assert found == ["A", "P", "R", "L", "S", "I", "R", "L", "S", "I", "A", "P"]
    for first in range(0, 12, 4):
        top, bottom, left, right = letters[first : first + 4]
        assert top.xy[1] < bottom.xy[1]  # counted from the top
        assert left.xy[0] < right.xy[0]


def test_planes_are_drawn_in_true_proportion():
    ax = plots.planes(SCAN, ax=axes())
    sizes = [
        (right - left, bottom - top)
        for left, right, bottom, top in (image.get_extent() for image in ax.images)
    ]
    np.testing.assert_allclose(sizes, [(10, 16), (10, 20), (16, 20)])  # millimetres


def test_planes_cut_each_other_where_the_lines_say():
    """A single bright voxel must lie under the cross of all three planes."""
    array = np.zeros((5, 8, 10), "float32")
    array[1, 6, 7] = 1
    scan = dicom.Volume(array, SCAN.spacing, SCAN.affine)
    ax = plots.planes(scan, index=(1, 6, 7), ax=axes())
    lines = [line for line in ax.lines if line.get_alpha()]
    crosses = [(v.get_xdata()[0], h.get_ydata()[0]) for v, h in zip(lines[::2], lines[1::2],
                                                                   strict=True)]  # fmt: skip
    for image, (x, y) in zip(ax.images, crosses, strict=True):
        left, right, bottom, top = image.get_extent()
        rows, columns = image.get_array().shape
        row = int((y - top) / (bottom - top) * rows)
        column = int((x - left) / (right - left) * columns)
        assert image.get_array()[row, column] == 1
        assert image.get_array().sum() == 1


def test_planes_of_a_scan_stored_otherwise_are_the_same():
    flipped = dicom.Volume(
        SCAN.array[::-1].transpose(2, 1, 0),
        SCAN.spacing[::-1],
        (SCAN.affine @ [[-1, 0, 0, 4], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]])[:, [2, 1, 0, 3]],
    )
    assert plots.planes(flipped, alt="x").png() == plots.planes(SCAN, alt="x").png()


def test_planes_share_one_grey_scale():
    ax = plots.planes(SCAN, ax=axes())
    assert len({image.get_clim() for image in ax.images}) == 1


def test_planes_need_a_volume():
    with pytest.raises(ValueError, match="volume_from_nifti"):
        plots.planes(np.zeros((3, 3, 3)), alt="x")


# -- montage -----------------------------------------------------------------------------------


def test_montage_places_images_in_reading_order():
    ax = plots.montage(np.zeros((5, 4, 4)), columns=2, titles=list("abcde"), ax=axes())
    corners = [(image.get_extent()[0], image.get_extent()[3]) for image in ax.images]
    assert corners == sorted(corners, key=lambda corner: (corner[1], corner[0]))
    assert [text.get_text() for text in ax.texts] == list("abcde")
    boxes = [image.get_extent() for image in ax.images]
    for one, other in itertools.combinations(boxes, 2):
        assert one[1] <= other[0] or other[1] <= one[0] or one[2] <= other[3] or other[2] <= one[3]


def test_montage_scales_together_or_apart():
    images = [np.array([[0.0, 1.0]]), np.array([[0.0, 100.0]])]
    together = plots.montage(images, ax=axes()).images
    assert [image.get_clim() for image in together] == [(0, 100), (0, 100)]
    apart = plots.montage(images, ax=axes(), same_scale=False).images
    assert [image.get_clim() for image in apart] == [(0, 1), (0, 100)]


def test_montage_refuses_nothing_and_wrong_titles():
    with pytest.raises(ValueError, match="at least one image"):
        plots.montage([], alt="x")
    with pytest.raises(ValueError, match="2 images but 1 titles"):
        plots.montage([GREY, GREY], titles=["a"], alt="x")
    with pytest.raises(ValueError, match="whole number"):
        plots.montage([GREY], columns=-1, alt="x")


# -- overlay -----------------------------------------------------------------------------------


def test_the_outline_follows_the_edges_of_the_pixels():
    mask = np.zeros((6, 6), bool)
    mask[2, 3] = True
    ax = plots.overlay(np.zeros((6, 6)), mask, ax=axes())
    x, y = ax.lines[-1].get_xdata(), ax.lines[-1].get_ydata()
    assert {(a, b) for a, b in zip(x, y, strict=True) if a == a} == {
        (2.5, 1.5), (3.5, 1.5), (2.5, 2.5), (3.5, 2.5)
    }  # fmt: skip


def test_a_mask_that_touches_the_border_is_closed():
    ax = plots.overlay(np.zeros((3, 4)), np.ones((3, 4)), ax=axes())
    x = ax.lines[-1].get_xdata()
    assert np.isnan(x).sum() == 2 * (3 + 4)  # one gap after each edge of the outline
    assert (np.nanmin(x), np.nanmax(x)) == (-0.5, 3.5)


def test_names_keep_their_colours_and_others_get_free_ones():
    masks = {"prediction": DISC, "tumour": ~DISC, "truth": DISC}
    ax = plots.overlay(GREY, masks, ax=axes())
    legend = ax.get_legend()
    assert [text.get_text() for text in legend.get_texts()] == list(masks)
    from matplotlib.colors import to_hex

    colours = [to_hex(patch.get_facecolor()).upper() for patch in legend.get_patches()]
    assert colours[0] == plots.COLOURS["prediction"]
    assert colours[2] == plots.COLOURS["truth"]
    assert len(set(colours)) == 3


def test_one_mask_without_a_name_has_no_legend():
    assert plots.overlay(GREY, DISC, ax=axes()).get_legend() is None


def test_a_mask_as_ragged_as_noise_is_only_filled():
    noise = RNG.random((200, 200)) > 0.5
    ax = plots.overlay(np.zeros((200, 200)), noise, ax=axes())
    assert len(ax.images) == 2
    assert not ax.lines


def test_masks_of_another_shape_are_refused():
    with pytest.raises(ValueError, match=r"'truth' has shape \(30, 20\)"):
        plots.overlay(GREY, {"truth": DISC.T}, alt="x")


# -- charts ------------------------------------------------------------------------------------


def test_histogram_counts_every_finite_value_and_marks_values():
    values = [0, 1, 1, 2, np.nan, np.inf]
    ax = plots.histogram(values, bins=[0, 1, 2, 3], marks={"mean": 1.0}, span=(0, 2), ax=axes())
    (steps,) = [patch for patch in ax.patches if hasattr(patch, "get_data")]
    assert steps.get_data().values.tolist() == [1, 2, 1]
    assert ax.lines[0].get_xdata()[0] == 1.0
    assert [text.get_text() for text in ax.texts] == ["mean"]


def test_histogram_takes_counts_made_before():
    once = plots.histogram(GREY, bins=20, alt="x").png()
    assert plots.histogram(np.histogram(GREY, bins=20), alt="x").png() == once
    with pytest.raises(ValueError, match="one edge more"):
        plots.histogram((np.arange(3), np.arange(3)), alt="x")
    with pytest.raises(ValueError, match="finite"):
        plots.histogram([np.nan], alt="x")


def test_lines_take_y_or_pairs_and_differ_in_dashes():
    series = {"a": [1, 2, 3], "b": ([0, 10], [5, 6])}
    ax = plots.lines(series, x=[1, 2, 4], ax=axes())
    assert [line.get_xdata().tolist() for line in ax.lines] == [[1, 2, 4], [0, 10]]
    assert len({line.get_linestyle() for line in ax.lines}) == 2
    with pytest.raises(ValueError, match="as many x as y"):
        plots.lines({"a": [1, 2]}, x=[1, 2, 3], alt="x")
    with pytest.raises(ValueError, match="mapping"):
        plots.lines([1, 2, 3], alt="x")


def test_kaplan_meier_agrees_with_lifelines():
    lifelines = pytest.importorskip("lifelines")
    rng = np.random.default_rng(3)
    time, event = rng.integers(1, 40, 60), rng.integers(0, 2, 60)
    event[time == 1] = 0  # a patient lost before the first death
    ax = plots.kaplan_meier((time, event), ax=plots.figure()[1][0, 0])
    fitted = lifelines.KaplanMeierFitter().fit(time, event)
    line = ax.lines[0]
    np.testing.assert_allclose(line.get_ydata(), fitted.survival_function_.iloc[:, 0], atol=1e-12)
    drawn = ax.collections[0].get_paths()[0].vertices
    for _, of_curve in fitted.confidence_interval_.dropna().iterrows():
        assert all(np.isclose(drawn[:, 1], end, atol=1e-12).any() for end in of_curve)


def test_kaplan_meier_begins_with_everybody_also_where_somebody_dies_at_once():
    ax = plots.kaplan_meier(([0, 0, 3, 4], [1, 0, 1, 0]), ax=plots.figure()[1][0, 0])
    curve, lost = ax.lines
    seen = [[0, 1], [0, 0.75], [3, 0.375], [4, 0.375]]
    np.testing.assert_allclose(curve.get_xydata(), seen, atol=1e-12)
    assert lost.get_xdata().tolist() == [0, 4]


def test_kaplan_meier_marks_the_censored_and_counts_who_is_at_risk():
    groups = {"high": ([5, 8, 8, 12], [1, 1, 0, 0]), "low": ([6, 20], [0, 1])}
    ax = plots.kaplan_meier(groups, ax=plots.figure()[1][0, 0])
    marks = [line for line in ax.lines if line.get_marker() == "|"]
    assert [list(line.get_xdata()) for line in marks] == [[8, 12], [6]]
    np.testing.assert_allclose(marks[0].get_ydata(), [0.5, 0.5])  # 8: at risk of the death at 8
    words = [text.get_text() for text in ax.texts]
    assert words[: len(words) // 2] == ["4", "4", "3", "1", "0", "0", "high, at risk"]
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["high", "low"]
    plain = plots.kaplan_meier(
        groups["low"], band=False, ticks=False, at_risk=False, ax=plots.figure()[1][0, 0]
    )
    assert (len(plain.lines), len(plain.collections), len(plain.texts)) == (1, 0, 0)


@pytest.mark.parametrize(
    ("groups", "says"),
    [
        ({}, "at least one group"),
        (([5, 8], [1]), "shapes"),
        (([], []), "shapes"),
        (([5, -8], [1, 0]), "not negative"),
        (([5, 8], [1, 2]), r"\[2.0\]"),
        ({"low": [5, 8, 9]}, "pair .* of 'low'"),
    ],
)
def test_kaplan_meier_refuses_what_is_no_follow_up(groups, says):
    with pytest.raises(ValueError, match=says):
        plots.kaplan_meier(groups, alt="Nothing.")


def test_bars_print_their_values_from_the_top_down():
    ax = plots.bars(["a", "b", "c"], [0.5, np.nan, -1], highlight="c", ax=axes())
    assert [text.get_text() for text in ax.texts] == ["0.50", "not defined", "-1.00"]
    assert [text.get_text() for text in ax.get_yticklabels()] == ["a", "b", "c"]
    assert ax.get_ylim()[0] > ax.get_ylim()[1]
    assert ax.get_xlim()[0] <= 0 <= ax.get_xlim()[1]
    with pytest.raises(ValueError, match="names no bar"):
        plots.bars(["a"], [1], highlight="b", alt="x")
    with pytest.raises(ValueError, match="one value for each of 2 labels"):
        plots.bars(["a", "b"], [1], alt="x")


def test_decision_rings_what_is_on_the_wrong_side_and_on_the_border():
    corners, labels = [[0, 0], [0, 1], [1, 0], [1, 1]], [-1, 1, 1, -1]
    ax = plots.decision(corners, labels, lambda points: points[:, 0], highlight=2, ax=axes())
    shown = {line.get_label(): line.get_xydata().tolist() for line in ax.lines}
    assert shown["on the wrong side"] == [[0, 0], [0, 1], [1, 1]]  # a score of 0 decides nothing
    assert shown["class 1"] == [[0, 1], [1, 0]]
    assert shown["this sample"] == [[1, 0]]
    (shaded,) = [part for part in ax.collections if part.get_alpha()]
    assert min(path.vertices[:, 0].min() for path in shaded.get_paths()) == pytest.approx(0)


def test_decision_shades_nothing_where_no_score_is_above_the_level():
    for value, filled in ((-1.0, 0), (1.0, 1)):
        ax = plots.decision(
            [[0, 0], [1, 1]], [0, 1], lambda points, value=value: np.full(len(points), value),
            ax=axes(), errors=False,
        )  # fmt: skip
        assert len([part for part in ax.collections if part.get_alpha()]) == filled
        assert {line.get_label() for line in ax.lines} == {"class 0", "class 1"}


def test_decision_refuses_what_it_cannot_draw():
    with pytest.raises(ValueError, match=r"shape \(n, 2\)"):
        plots.decision([[0, 0, 0]], [1], alt="x")
    with pytest.raises(ValueError, match="two classes"):
        plots.decision([[0, 0], [1, 1]], [1, 1], alt="x")
    with pytest.raises(ValueError, match="one number each"):
        plots.decision([[0, 0], [1, 1]], [0, 1], lambda points: points, alt="x")


def test_classes_of_a_map_differ_in_colour_and_in_shape():
    places = RNG.normal(size=(20, 2))
    ax = plots.embedding(places, np.repeat(np.arange(10), 2), highlight=3, ax=axes())
    marks = [(line.get_color(), line.get_marker()) for line in ax.lines[:10]]
    assert len({marker for _, marker in marks}) == 10
    assert len(set(marks)) == 10
    np.testing.assert_array_equal(ax.lines[4].get_xydata(), places[8:10])
    assert ax.lines[10].get_xydata().tolist() == [places[3].tolist()]
    named = [text.get_text() for text in ax.get_legend().get_texts()]
    assert named == [*map(str, range(10)), "this sample"]


def test_a_map_has_one_scale_and_no_numbers():
    ax = plots.embedding([[0, 0], [9, 1]], ax=axes())
    assert ax.get_aspect() == 1
    assert list(ax.get_xticks()) == list(ax.get_yticks()) == []
    assert ax.get_legend() is None


def test_a_map_names_its_classes_on_the_spot_or_shows_numbers():
    places = [[0, 0], [2, 4], [4, 2], [9, 9]]
    ax = plots.embedding(places, ["a", "a", "a", "b"], legend="on", ax=axes())
    assert {text.get_text(): tuple(text.xy) for text in ax.texts} == {"a": (2, 2), "b": (9, 9)}
    assert ax.get_legend() is None
    ax = plots.embedding(places, values=[0, 1, 2, 3], unit="age (years)", ax=axes())
    np.testing.assert_array_equal(ax.collections[0].get_array(), [0, 1, 2, 3])
    assert ax.figure.axes[-1].get_ylabel() == "age (years)"


def test_a_map_refuses_what_it_cannot_draw():
    with pytest.raises(ValueError, match=r"shape \(n, 2\)"):
        plots.embedding([[0, 0, 0]], alt="x")
    with pytest.raises(ValueError, match="nan or infinite"):
        plots.embedding([[0, np.nan]], alt="x")
    with pytest.raises(ValueError, match="one entry for each of 2"):
        plots.embedding([[0, 0], [1, 1]], [0], alt="x")
    with pytest.raises(ValueError, match="not both"):
        plots.embedding([[0, 0]], [0], values=[1], alt="x")
    with pytest.raises(ValueError, match="10 classes apart, got 11"):
        plots.embedding(np.zeros((11, 2)), range(11), alt="x")
    with pytest.raises(ValueError, match="'below', 'on' or 'none'"):
        plots.embedding([[0, 0]], legend="left", alt="x")


# -- grid --------------------------------------------------------------------------------------


def test_grid_lays_functions_side_by_side():
    calls = []
    picture = plots.grid(
        [("one", calls.append), calls.append, ("three", calls.append)], columns=2, alt="Three."
    )
    assert calls == list(picture.axes)
    assert [ax.get_title() for ax in picture.axes] == ["one", "", "three"]
    assert len(picture.figure.axes) == 4
    assert not picture.figure.axes[3].axison  # the empty place is empty
    assert picture.alt == "Three."


def test_grid_accepts_every_function_of_this_module():
    draws = [(name, lambda ax, draw=draw: draw(ax=ax)) for name, draw in SINGLE.items()]
    picture = plots.grid(draws, alt="All of them.")
    assert isinstance(picture, Picture)
    assert len(picture.png()) > 10_000


def test_grid_says_what_it_needs():
    for wrong in ([], [1], [("title", 1)], [("a", "b", "c")]):
        with pytest.raises(ValueError, match="list of functions"):
            plots.grid(wrong, alt="x")
    with pytest.raises(ValueError, match="alt="):
        plots.grid([lambda ax: None])


def test_cross_hair_leaves_the_pixel_and_the_view_alone():
    ax = plots.image(np.zeros((50, 60)), ax=axes())
    view = ax.get_xlim(), ax.get_ylim()
    plots.cross_hair(ax, 20, 30)
    assert (ax.get_xlim(), ax.get_ylim()) == view
    for collection in ax.collections:
        for (x0, y0), (x1, y1) in collection.get_segments():
            touches = (
                min(x0, x1) - 1 < 30 < max(x0, x1) + 1 and min(y0, y1) - 1 < 20 < max(y0, y1) + 1
            )
            assert not touches


# -- colours -----------------------------------------------------------------------------------

# Machado, Oliveira, Fernandes: A physiologically-based model for simulation of color vision
# deficiency, IEEE TVCG 15 (2009) 1291, doi:10.1109/TVCG.2009.113; severity 1.0, linear RGB.
VISION = {
    "all cones": np.eye(3),
    "no red cones": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
                     [-0.003882, -0.048116, 1.051998]],
    "no green cones": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
                       [-0.011820, 0.042940, 0.968881]],
    "no blue cones": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602],
                      [0.004733, 0.691367, 0.303900]],
}  # fmt: skip


@pytest.mark.parametrize("vision", VISION.values(), ids=VISION.keys())
def test_meanings_can_be_told_apart_with_any_colour_vision(vision):
    from matplotlib.colors import to_rgb
    from skimage.color import deltaE_ciede2000, rgb2lab

    def seen(colour):
        s = np.array(to_rgb(colour))
        light = np.where(s <= 0.04045, s / 12.92, ((s + 0.055) / 1.055) ** 2.4)
        light = np.clip(np.asarray(vision) @ light, 0, 1)
        s = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
        return rgb2lab(s[None, None])[0, 0]

    for (one, a), (other, b) in itertools.combinations(plots.COLOURS.items(), 2):
        # 2 is just noticeable side by side; 10 is plain at a glance.
        assert deltaE_ciede2000(seen(a), seen(b)) > 10, (one, other)


def test_colours_cannot_be_changed_by_accident():
    with pytest.raises(TypeError):
        plots.COLOURS["truth"] = "red"
