"""What the explorers promise: they follow, they say what they show, and they never break."""

from __future__ import annotations

import html
import re
from types import SimpleNamespace

import numpy as np
import pytest

from mlmi_course import dicom, plots, widgets
from mlmi_course.plots import Picture
from mlmi_course.widgets import Choice, Slider, Switch, explore

ipywidgets = pytest.importorskip("ipywidgets")

HU = np.linspace(-1000, 1000, 80).reshape(8, 10)
SCAN = dicom.Volume(
    np.random.default_rng(0).normal(size=(6, 8, 10)).astype("float32"),
    (4.0, 2.0, 1.0),
    [[0, 0, 1, 0], [0, 2, 0, 0], [4, 0, 0, 0], [0, 0, 0, 1]],
)


@pytest.fixture(autouse=True)
def _live(monkeypatch):
    monkeypatch.delenv("MLMI_STATIC", raising=False)
    monkeypatch.setattr(
        "mlmi_course.widgets._explore.DPI", 40
    )  # coarse pictures will do: words are read


def controls(widget):
    """The controls of an explorer by their description."""
    return {child.description: child for child in widget.children if child.description}


def picture(widget):
    return widget.children[-2].value


def said(widget):
    return html.unescape(re.sub("<[^>]*>", "", widget.children[-1].value))


def alt(widget):
    (text,) = re.findall(r'<img alt="([^"]*)"', picture(widget))
    return html.unescape(text)


def level(ax, power):
    plots.lines({"x": np.linspace(0, 1, 5) ** power}, ax=ax)


POWER = {"power": Slider("Power", 1, 4)}
CALLS = {
    "browse": lambda **how: widgets.browse(SCAN, alt="Noise.", **how),
    "window_level": lambda **how: widgets.window_level(HU, alt="A ramp.", **how),
    "threshold": lambda **how: widgets.threshold(HU, alt="A ramp.", **how),
    "explore": lambda **how: explore(level, POWER, alt="A curve.", **how),
}
each_explorer = pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())


# -- every explorer ----------------------------------------------------------------------------


@each_explorer
def test_static_by_argument_or_environment(call, monkeypatch):
    assert isinstance(call(static=True), Picture)
    monkeypatch.setenv("MLMI_STATIC", "1")  # read at the time of the call
    assert isinstance(call(), Picture)
    assert isinstance(call(static=False), ipywidgets.VBox)


def test_the_switch_can_be_off(monkeypatch):
    assert not widgets.is_static()
    for off in ("", "0", "false", "No"):
        monkeypatch.setenv("MLMI_STATIC", off)
        assert not widgets.is_static()


@each_explorer
def test_moving_each_control_changes_picture_and_words(call):
    widget = call()
    for name, control in controls(widget).items():
        before, words = picture(widget), alt(widget)
        if hasattr(control, "options"):
            control.value = [v for _, v in control.options if v != control.value][-1]
        else:
            control.value = control.min if control.value != control.min else control.max
        assert picture(widget) != before, name
        assert alt(widget) != words, name
        assert picture(widget).startswith("<figure")


@each_explorer
def test_every_control_is_described_and_the_words_begin_with_the_authors(call):
    widget = call()
    named = [child for child in widget.children if not isinstance(child, ipywidgets.HTML)]
    assert named
    assert all(child.description.strip() for child in named)
    assert alt(widget).startswith(("Noise.", "A ramp.", "A curve."))
    assert call(static=True).alt.startswith(("Noise.", "A ramp.", "A curve."))


@pytest.mark.parametrize("wrong", ["", "  ", None])
def test_alternative_text_is_required(wrong):
    for static in (True, False):
        for explorer, data in [
            (widgets.browse, [SCAN]),
            (widgets.window_level, [HU]),
            (widgets.threshold, [HU]),
            (explore, [level, POWER]),
        ]:
            with pytest.raises(ValueError, match="one sentence for readers"):
                explorer(*data, alt=wrong, static=static)


# -- explore -----------------------------------------------------------------------------------


def test_draw_gets_the_values_and_the_words_say_them():
    seen = []

    def draw(ax, power, shade, grid):
        seen.append((power, shade, grid))

    widget = explore(
        draw,
        {
            "power": Slider("Power", 0.0, 1.0, 0.25, unit="W"),
            "shade": Choice("Shade", ["dark", "light"]),
            "grid": Switch("Show a grid"),
        },
        alt='Some "quoted" curve.',
    )
    assert set(seen) == {(0.25, "dark", False)}
    controls(widget)["Power (W)"].value = 0.5
    controls(widget)["Shade"].value = "light"
    controls(widget)["Show a grid"].value = True
    assert seen[-3:] == [(0.5, "dark", False), (0.5, "light", False), (0.5, "light", True)]
    assert alt(widget) == (
        'Some "quoted" curve. Setting: power 0.5 W, shade: light, show a grid: on.'
    )


def test_an_error_is_one_clear_line_and_the_widget_goes_on():
    def draw(ax, power):
        if power == 2:
            raise ValueError("no <squares>\nsecond line")

    widget = explore(draw, POWER, alt="A curve.")
    controls(widget)["Power"].value = 2
    assert "ValueError: no &lt;squares&gt;" in picture(widget)
    assert "second line" not in picture(widget)
    assert "Traceback" not in picture(widget)
    assert "<figure" not in picture(widget)
    controls(widget)["Power"].value = 3
    assert picture(widget).startswith("<figure")


def test_a_function_not_yet_written_is_no_failure():
    def draw(ax, power):
        raise NotImplementedError

    assert "not written" in picture(explore(draw, POWER, alt="A curve."))
    fixed = explore(draw, POWER, alt="A curve.", static=True)
    assert fixed.axes[0].texts[0].get_text() == "not written yet"


def test_the_fixed_picture_does_not_hide_an_error():
    def draw(ax, power):
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        explore(draw, POWER, alt="A curve.", static=True)


def test_slow_pictures_wait_until_the_slider_is_let_go(monkeypatch):
    now = [0.0]  # a clock of its own: that of the machine would tell of other jobs
    clock = SimpleNamespace(perf_counter=lambda: now[0])
    monkeypatch.setattr("mlmi_course.widgets._explore.time", clock)

    def taking(seconds):
        def draw(ax, power):
            now[0] += seconds

        return draw

    slow, quick = taking(0.11), taking(0.01)
    assert controls(explore(slow, POWER, alt="x"))["Power"].continuous_update is False
    assert controls(explore(slow, POWER, alt="x", live=True))["Power"].continuous_update is True
    assert controls(explore(quick, POWER, alt="x"))["Power"].continuous_update is True


def test_presets_set_several_controls_and_draw_once():
    drawn = []
    widget = explore(
        lambda ax, a, b: drawn.append((a, b)),
        {"a": Slider("A", 0, 9, 1), "b": Slider("B", 0, 9, 1)},
        presets={"ones": {"a": 1, "b": 1}, "nines": {"a": 9, "b": 9}},
        alt="x",
    )
    menu = controls(widget)["Preset"]
    assert menu.value == "ones"
    before = len(drawn)
    menu.value = "nines"
    assert drawn[before:] == [(9, 9)]
    controls(widget)["A"].value = 3
    assert menu.value == "own setting"
    assert drawn[-1] == (3, 9)


def test_several_panels_and_a_line_of_text():
    def draw(axes, power):
        assert len(axes) == 2

    widget = explore(
        draw, POWER, alt=lambda power: f"Power {power}!", say=lambda power: f"{power} < 5", panels=2
    )
    controls(widget)["Power"].value = 4
    assert said(widget) == "4 < 5"
    assert alt(widget) == "Power 4!"
    settings = [{"power": 1}, {"power": 4}]
    fixed = explore(
        draw, POWER, alt=lambda power: f"Power {power}!", panels=2, settings=settings, static=True
    )
    assert len(fixed.axes) == 4
    assert fixed.alt == "Power 1! Power 4!"


def test_the_setting_stands_above_the_name_of_a_panel_and_does_not_hide_it():
    def draw(axes, power):
        for ax, name in zip(axes, ("curve", "slope"), strict=True):
            ax.set_title(name)

    fixed = explore(draw, POWER, alt="Two curves.", panels=2, settings=[{"power": 4}], static=True)
    assert [ax.get_title() for ax in fixed.axes] == ["power 4\ncurve", "slope"]


def test_mistakes_of_authors_are_named():
    with pytest.raises(ValueError, match="at least one Slider"):
        explore(level, {}, alt="x")
    with pytest.raises(ValueError, match="at least one Slider"):
        explore(level, {"power": (1, 4)}, alt="x")
    with pytest.raises(ValueError, match=r"\['sigma'\].*\['power'\]"):
        explore(level, POWER, alt="x", settings=[{"sigma": 1}])
    with pytest.raises(ValueError, match="low ≤ high"):
        Slider("Power", 4, 1)
    with pytest.raises(ValueError, match="outside"):
        Slider("Power", 1, 4, 5)
    with pytest.raises(ValueError, match="needs a description"):
        Slider(" ", 1, 4)
    with pytest.raises(ValueError, match="not among"):
        Choice("Shade", ["dark"], "light")
    with pytest.raises(ValueError, match="no options"):
        Choice("Shade", [])


def test_sliders_are_whole_where_their_numbers_are():
    assert isinstance(Slider("A", 0, 10).widget(), ipywidgets.IntSlider)
    fraction = Slider("A", 0, 1, step=0.05).widget()
    assert isinstance(fraction, ipywidgets.FloatSlider)
    assert fraction.readout_format == ".2f"
    assert Slider("A", 0, 10).spread(3) == [0, 5, 10]
    assert Slider("A", 0, 1, step=0.5).spread(9) == [0, 0.5, 1]
    assert Slider("A", 3, 3).spread() == [3]


# -- browse ------------------------------------------------------------------------------------


def test_browsing_another_plane_refits_the_slider():
    widget = widgets.browse(SCAN, alt="Noise.", plane="axial")
    plane, index = controls(widget)["Plane"], controls(widget)["Slice"]
    assert (index.max, index.value) == (5, 3)
    index.value = 5
    plane.value = "sagittal"
    assert (index.max, index.value) == (9, 5)
    assert alt(widget) == "Noise. Sagittal slice 5 of 10."
    plane.value = "axial"
    assert (index.max, index.value) == (5, 3)
    assert picture(widget).startswith("<figure")


def test_a_volume_of_one_slice_can_be_browsed():
    thin = dicom.Volume(SCAN.array[:1], SCAN.spacing, SCAN.affine)
    widget = widgets.browse(thin, alt="One slice.")
    assert picture(widget).startswith("<figure")
    assert "One axial plane" in widgets.browse(thin, alt="One slice.", static=True).alt


def test_the_fixed_picture_skips_empty_planes():
    array = np.zeros((40, 5, 5))
    array[20:30] = np.arange(25).reshape(5, 5)
    scan = dicom.Volume(array, (1, 1, 1), np.eye(4)[[2, 1, 0, 3]])
    fixed = widgets.browse(scan, alt="A block.", static=True)
    shown = [int(text.get_text().split()[1]) for text in fixed.axes.texts[:6] if " " in
             text.get_text() and "mm" not in text.get_text()]  # fmt: skip
    assert all(20 <= index < 30 for index in shown)
    assert len(shown) >= 5


def test_browse_needs_a_volume():
    with pytest.raises(ValueError, match="volume_from_nifti"):
        widgets.browse(np.zeros((3, 3, 3)), alt="x")


# -- window and probe --------------------------------------------------------------------------


def test_the_probe_reads_the_pixel_under_the_cross():
    image = np.zeros((70, 60))
    image[60, 52] = 41
    image[10, 20] = -1000
    image[0, 0] = np.nan
    widget = widgets.window_level(image, alt="A spot.")
    move = controls(widget)
    move["Probe row"].value, move["Probe column"].value = 60, 52
    assert said(widget) == (
        "Row 60, column 52: 41 HU, in the typical range of soft organs and blood (20 to 65 HU)."
    )
    assert said(widget) in alt(widget)
    move["Probe row"].value, move["Probe column"].value = 10, 20
    assert said(widget) == "Row 10, column 20: −1000 HU, the value of air (−1000 HU)."
    move["Probe row"].value, move["Probe column"].value = 0, 0
    assert "no value" in said(widget)


def test_presets_move_the_window():
    widget = widgets.window_level(HU, alt="A ramp.")
    move = controls(widget)
    assert move["Preset"].value == "soft tissue"
    move["Preset"].value = "lung"
    assert move["Window centre (HU)"].value == -600
    assert move["Window width (HU)"].value == 1500
    assert "Window centre −600, width 1500 HU." in alt(widget)


def test_every_width_that_can_be_chosen_can_be_drawn():
    for image, unit in [(HU, "HU"), (np.full((4, 4), 0.7), "")]:
        widget = widgets.window_level(image, alt="A ramp.", unit=unit)
        (width,) = [c for name, c in controls(widget).items() if name.startswith("Window width")]
        for value in (width.min, width.max):
            width.value = value
            assert picture(widget).startswith("<figure")


def test_presets_fit_images_that_are_not_ct():
    fixed = widgets.window_level(HU / 2000, alt="A ramp.", unit="", static=True)
    assert "every value (centre 0, width 1)" in fixed.alt


def test_the_fixed_picture_names_its_windows():
    fixed = widgets.window_level(HU, alt="A ramp.", static=True)
    assert 3 <= len(fixed.axes) <= 6
    for name in dicom.WINDOWS:
        assert name in fixed.alt


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (-2000, "below air (−1000 HU)"),
        (-980, "between air (−1000 HU) and lung, breathed in (−910 to −850 HU)"),
        (-75, "in the typical range of fat (−100 to −50 HU)"),
        (0, "the value of water (0 HU)"),
        (300, "between soft organs and blood (20 to 65 HU) and bone (700 to 3000 HU)"),
        (4000, "above bone (700 to 3000 HU)"),
    ],
)
def test_typical_values_in_words(value, words):
    assert widgets.typical_hu(value) == words


# -- threshold ---------------------------------------------------------------------------------


def test_mask_numbers_equal_a_count_by_hand():
    # marked: 5, true: 4, common: 3
    mask = np.array([[1, 1, 1, 1, 1, 0, 0, 0]])
    truth = np.array([[0, 0, 1, 1, 1, 1, 0, 0]])
    assert widgets.mask_numbers(mask, truth) == pytest.approx(
        {"pixels": 5, "of": 8, "share": 5 / 8, "dice": 6 / 9, "missed": 1 / 4, "extra": 2 / 5}
    )


def test_mask_numbers_of_nothing_are_not_defined():
    empty = np.zeros((2, 2))
    numbers = widgets.mask_numbers(empty, empty)
    assert numbers["share"] == 0
    assert all(np.isnan(numbers[name]) for name in ("dice", "missed", "extra"))
    assert widgets.mask_numbers(empty, ~empty.astype(bool))["dice"] == 0
    with pytest.raises(ValueError, match="shape"):
        widgets.mask_numbers(empty, np.zeros(4))


def test_the_threshold_marks_pixels_at_or_above_it():
    ramp = np.arange(100.0).reshape(10, 10)
    ramp[0, 0] = np.nan
    widget = widgets.threshold(ramp, alt="A ramp.", truth=ramp >= 90, unit="HU")
    controls(widget)["Threshold (HU)"].value = 80
    # 20 marked, 10 true, all of them marked
    assert said(widget) == (
        "Threshold 80 HU: 20 of 100 pixels (20.0%) are marked; Dice 0.67, 0.0% of the true "
        "pixels are missed, 50.0% of the marked pixels are wrong."
    )
    assert alt(widget) == f"A ramp. {said(widget)}"


def test_the_fixed_picture_shows_the_best_threshold_in_the_middle():
    ramp = np.arange(100.0).reshape(10, 10)
    fixed = widgets.threshold(ramp, alt="A ramp.", truth=ramp >= 60, static=True)
    titles = [ax.get_title() for ax in fixed.axes]
    assert len(titles) == 3
    assert titles[1].endswith("Dice 1.00")


def test_a_threshold_needs_something_to_separate():
    with pytest.raises(ValueError, match="nothing to separate"):
        widgets.threshold(np.full((3, 3), 7), alt="x")
    with pytest.raises(ValueError, match="truth has shape"):
        widgets.threshold(HU, truth=HU.T, alt="x")
    with pytest.raises(ValueError, match="one grey image"):
        widgets.threshold(np.full((3, 3), np.nan), alt="x")


def test_fractions_get_fine_steps():
    widget = widgets.threshold(np.linspace(0, 1, 64).reshape(8, 8), alt="A ramp.")
    slider = controls(widget)["Threshold"]
    assert slider.step == pytest.approx(0.01)
    slider.value = 0.5
    assert "32 of 64 pixels (50.0%)" in said(widget)


def _volume() -> dicom.Volume:
    array = np.random.default_rng(0).normal(size=(9, 10, 11))
    return dicom.Volume(array, (1, 1, 1), np.eye(4)[[2, 1, 0, 3]])


class TestPlanes:
    def test_each_slider_moves_its_own_plane(self) -> None:
        box = widgets.planes(_volume(), alt="A cube.")
        sliders = [child for child in box.children if hasattr(child, "max")]
        assert [slider.max for slider in sliders] == [n - 1 for n in _volume().canonical().shape]
        picture = box.children[3]
        for slider in sliders:
            before = picture.value
            slider.value = 0
            assert picture.value != before
        assert "slice 0, row 0, column 0" in picture.value

    def test_it_wants_a_volume(self) -> None:
        with pytest.raises(ValueError, match="got ndarray"):
            widgets.planes(np.zeros((3, 3, 3)), alt="A cube.")


class TestMatch:
    @staticmethod
    def _box(**changes: object):
        def draw(ax: object, value: float) -> None:
            plots.image(np.array([[0.5, value]]), vmin=0, vmax=1, ax=ax)

        settings = {"truth": 0.5, "alt": "Two greys.", **changes}
        return widgets.match(draw, widgets.Slider("Grey", 0.0, 1.0), **settings)

    def test_guesses_are_measured_and_their_number_is_hidden(self) -> None:
        slider, _, button, told = self._box().children
        assert slider.readout is False
        for value in (0.6, 0.7):
            slider.value = value
            button.click()
        assert "Your last guess: 0.70; equal is 0.50" in told.value
        assert "over 2 you are 30 % too high (standard deviation 14 %)" in told.value

    def test_each_round_starts_elsewhere_and_the_same_way_for_the_same_seed(self) -> None:
        def starts(seed: int) -> list[float]:
            slider, _, button, _ = self._box(seed=seed).children
            values = []
            for _ in range(4):
                values.append(slider.value)
                button.click()
            return values

        assert len(set(starts(0))) > 2
        assert starts(0) == starts(0) != starts(1)

    def test_the_fixed_picture_shows_them_equal(self) -> None:
        picture = self._box(static=True)
        assert picture.alt == "Two greys. Here the two are really the same."

    @pytest.mark.parametrize("truth", [0, 1.5])
    def test_a_truth_that_makes_no_sense(self, truth: float) -> None:
        with pytest.raises(ValueError, match=str(truth)):
            self._box(truth=truth)


# ---- an adviser ---------------------------------------------------------------------------------


class TestAdvised:
    """Decide with and without advice; nothing is kept."""

    TRUTHS = (True, False, True, False)
    ADVICE = (True, True, None, False)  # right, wrong, silent, right

    def ask(self, **settings):
        settings = {"answers": ("healthy", "ill"), "alt": "Four patches."} | settings
        return widgets.advised(np.zeros((4, 5, 5)), self.TRUTHS, self.ADVICE, **settings)

    def test_rates_come_after_the_last_image_and_not_before(self):
        shown, line, row = (box := self.ask()).children
        healthy, ill, again = row.children
        for said, button in zip(
            ("advice: ill", "advice: ill", "no advice"), (ill, ill, healthy), strict=True
        ):
            assert said in line.value
            assert "right in" not in line.value
            button.click()
        assert "advice: healthy" in line.value
        healthy.click()
        assert "without advice: right in 0 of 1" in line.value
        assert "with right advice: right in 2 of 2" in line.value
        assert "with wrong advice: right in 0 of 1" in line.value
        assert shown.value == ""
        assert healthy.disabled
        again.click()
        assert "1 of 4" in line.value
        assert not healthy.disabled
        assert "Four patches. Image 1." in shown.value
        assert box.children

    def test_a_kind_of_advice_that_is_not_there_is_not_told(self):
        box = widgets.advised(np.zeros((1, 5, 5)), [True], [None], alt="A patch.")
        _, line, row = box.children
        row.children[1].click()
        assert "without advice: right in 1 of 1" in line.value
        assert "wrong" not in line.value

    def test_the_fixed_picture_shows_all_with_their_advice(self):
        still = self.ask(static=True)
        assert isinstance(still, Picture)
        assert still.alt == "Four patches. The advice: ill; ill; none; healthy."

    def test_what_does_not_fit_together_is_told(self):
        for images, truths in ((np.zeros((2, 5, 5)), [True]), (np.zeros((5, 5)), [True] * 5)):
            with pytest.raises(ValueError, match="n truths and n pieces of advice"):
                widgets.advised(images, truths, [None] * len(truths), alt="Patches.")
        with pytest.raises(ValueError, match="must have the shape"):
            widgets.advised(np.zeros((0, 5, 5)), [], [], alt="Nothing.")
        with pytest.raises(ValueError, match="one sentence for readers"):
            self.ask(alt=" ")
