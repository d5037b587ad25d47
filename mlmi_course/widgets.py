"""Pictures that answer when the reader moves something.

:func:`browse`, :func:`planes`, :func:`window_level` and :func:`threshold` are ready to use;
:func:`match` measures an illusion on the reader; :func:`explore` builds any other one from a
function that draws and a few controls::

    def draw(ax, sigma):
        plots.image(gaussian(ct, sigma), ax=ax)

    explore(draw, {"sigma": Slider("Blur (pixels)", 0, 5, step=0.5)}, alt="A blurred CT slice.")

The picture is HTML with alternative text, also while it changes.  Where no one can move a
slider (a notebook run without a browser, a web site), set the environment variable
``MLMI_STATIC=1`` or pass ``static=True``: each function then returns a
:class:`~mlmi_course.plots.Picture` of a few telling settings side by side.
"""

from __future__ import annotations

import html
import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mlmi_course import metrics, plots
from mlmi_course.dicom import PLANES, WINDOWS, Volume, window_ends
from mlmi_course.plots import Picture

if TYPE_CHECKING:
    import ipywidgets

__all__ = [
    "TYPICAL_HU",
    "Choice",
    "Slider",
    "Switch",
    "browse",
    "explore",
    "is_static",
    "mask_numbers",
    "match",
    "planes",
    "threshold",
    "typical_hu",
    "window_level",
]

# A picture that follows the slider must be drawn before the hand has moved on.
_LIVE_SECONDS = 0.1
_DPI = 100  # coarser than a picture that stands still: half the dots, half the time
# An image at the left and a chart without numbers on its upright axis at the right.
_IMAGE_AND_CHART = [(0.0, 0.1, 0.49, 0.88), (0.56, 0.17, 0.42, 0.8)]
_OWN = "own setting"

TYPICAL_HU: Final[tuple[tuple[str, float, float], ...]] = (
    ("air", -1000.0, -1000.0),
    ("lung, breathed in", -910.0, -850.0),
    ("fat", -100.0, -50.0),
    ("water", 0.0, 0.0),
    ("soft organs and blood", 20.0, 65.0),
    ("bone", 700.0, 3000.0),
)
"""Typical CT values: (what, lowest, highest) in HU, from low to high.

As compiled at http://radclass.mudr.org/content/hounsfield-units-scale-hu-ct-numbers from
Buzug, *Computed Tomography* (Springer 2008), Heymsfield, *Human Body Composition* (2005) and
Prokop, *Spiral and Multislice Computed Tomography of the Body* (Thieme 2003); white and grey
matter, kidney, spleen, blood and liver are taken together.  Contrast agent, noise and pixels
that hold two tissues move a value out of its range.
"""


# -- controls ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Slider:
    """A number to choose between two ends.

    Parameters
    ----------
    description : str
        What it changes, as written beside it and in the alternative text.
    low, high : int or float
        The ends; whole numbers where low, high, start and step are all whole.
    start : int or float, optional
        The first value; the middle if left out.
    step : int or float, optional
        1 for whole numbers, a hundredth of the range otherwise.
    unit : str

    Raises
    ------
    ValueError
        If ``low`` is above ``high``, the step is not positive, the start lies outside or
        the description is empty.

    Examples
    --------
    >>> Slider("Threshold", 0, 200, unit="HU").words(50)
    'threshold 50 HU'
    """

    description: str
    low: float
    high: float
    start: float | None = None
    step: float | None = None
    unit: str = ""

    def __post_init__(self) -> None:
        _described(self)
        if not self.low <= self.high:
            raise ValueError(
                f"the slider {self.description!r} needs low ≤ high, got {self.low} and {self.high}"
            )
        whole = isinstance(self.low, (int, np.integer)) and isinstance(self.high, (int, np.integer))
        if self.step is None:
            object.__setattr__(self, "step", 1 if whole else (self.high - self.low) / 100 or 1.0)
        if not self.step > 0:
            raise ValueError(f"the slider {self.description!r} needs a step above 0")
        if self.start is None:
            middle = (self.low + self.high) / 2
            start = self.low + self.step * round((middle - self.low) / self.step)
            object.__setattr__(self, "start", start)
        if not self.low <= self.start <= self.high:
            raise ValueError(
                f"the slider {self.description!r} starts at {self.start}, outside "
                f"{self.low} … {self.high}"
            )

    @property
    def first(self) -> float:
        return self.start

    def words(self, value: float) -> str:
        """The setting as a reader would say it."""
        return f"{_lower(self.description)} {_with_unit(value, self.unit)}"

    def spread(self, count: int = 4) -> list[Any]:
        """A few values from one end to the other, for the static picture."""
        steps = np.linspace(0, round((self.high - self.low) / self.step), count).round()
        return [type(self.first)(self.low + self.step * step) for step in np.unique(steps)]

    def widget(self) -> ipywidgets.Widget:
        import ipywidgets

        whole = all(
            isinstance(n, (int, np.integer)) for n in (self.low, self.high, self.first, self.step)
        )
        kind = ipywidgets.IntSlider if whole else ipywidgets.FloatSlider
        decimals = 0 if whole else max(0, int(np.ceil(-np.log10(self.step) - 1e-9)))
        return kind(
            value=self.first,
            min=self.low,
            max=self.high,
            step=self.step,
            readout_format="d" if whole else f".{decimals}f",
            description=self.description + (f" ({self.unit})" if self.unit else ""),
            style={"description_width": "11em"},
            layout={"width": "100%", "max_width": "34em"},
        )


@dataclass(frozen=True)
class Choice:
    """One of a few named options.

    Parameters
    ----------
    description : str
    options : sequence
        What can be chosen; shown as text.
    start : optional
        The first choice; the first option if left out.

    Examples
    --------
    >>> Choice("Plane", ["axial", "coronal"]).words("axial")
    'plane: axial'
    """

    description: str
    options: Sequence[Any]
    start: Any = None

    def __post_init__(self) -> None:
        _described(self)
        object.__setattr__(self, "options", tuple(self.options))
        if not self.options:
            raise ValueError(f"the choice {self.description!r} has no options")
        if self.start is not None and self.start not in self.options:
            raise ValueError(
                f"the choice {self.description!r} starts at {self.start!r}, which is not among "
                f"{list(self.options)}"
            )

    @property
    def first(self) -> Any:
        return self.options[0] if self.start is None else self.start

    def words(self, value: Any) -> str:
        """The setting as a reader would say it."""
        return f"{_lower(self.description)}: {value}"

    def spread(self, count: int = 6) -> list[Any]:
        """The options, for the static picture."""
        return list(self.options[:count])

    def widget(self) -> ipywidgets.Widget:
        import ipywidgets

        return ipywidgets.Dropdown(
            options=[(str(option), option) for option in self.options],
            value=self.first,
            description=self.description,
            style={"description_width": "11em"},
            layout={"width": "100%", "max_width": "27em"},
        )


@dataclass(frozen=True)
class Switch:
    """Something that is on or off.

    Examples
    --------
    >>> Switch("Show the outline").words(True)
    'show the outline: on'
    """

    description: str
    start: bool = False

    def __post_init__(self) -> None:
        _described(self)

    @property
    def first(self) -> bool:
        return self.start

    def words(self, value: bool) -> str:
        """The setting as a reader would say it."""
        return f"{_lower(self.description)}: {'on' if value else 'off'}"

    def spread(self, count: int = 2) -> list[bool]:
        """Off and on, for the static picture."""
        return [False, True]

    def widget(self) -> ipywidgets.Widget:
        import ipywidgets

        return ipywidgets.Checkbox(value=self.start, description=self.description, indent=False)


def _described(control: Slider | Choice | Switch) -> None:
    if not isinstance(control.description, str) or not control.description.strip():
        raise ValueError(
            f"every {type(control).__name__} needs a description: what does it change?"
        )


def is_static(static: bool | None = None) -> bool:
    """Whether to draw a fixed picture instead of a widget.

    Parameters
    ----------
    static : bool, optional
        The caller's wish; without one the environment variable ``MLMI_STATIC`` decides, read
        at the time of the call.

    Examples
    --------
    >>> is_static(True)
    True
    """
    if static is not None:
        return bool(static)
    return os.environ.get("MLMI_STATIC", "").strip().lower() not in ("", "0", "false", "no")


# -- the general explorer ----------------------------------------------------------------------


def explore(
    draw: Callable[..., Any],
    controls: Mapping[str, Slider | Choice | Switch],
    *,
    alt: str | Callable[..., str],
    static: bool | None = None,
    settings: Sequence[Mapping[str, Any]] | None = None,
    presets: Mapping[str, Mapping[str, Any]] | None = None,
    say: Callable[..., str] | None = None,
    panels: int = 1,
    size: tuple[float, float] | None = None,
    live: bool | None = None,
) -> ipywidgets.VBox | Picture:
    """Controls above a picture that follows them.

    Parameters
    ----------
    draw : function
        Called as ``draw(ax, **values)`` with a fresh Axes (a tuple of Axes where ``panels`` is
        more than 1) and the value of every control by name.
    controls : mapping of name to Slider, Choice or Switch
        The names are the arguments of ``draw``.
    alt : str or function
        The alternative text.  To a sentence the current setting is added; a function is called
        with the values and returns the whole text.
    static : bool, optional
        True: return a fixed Picture; see :func:`is_static`.
    settings : sequence of dict, optional
        The settings of the fixed picture, three to six; a control left out keeps its start.
        Without them the first control runs through its values.
    presets : mapping of name to dict, optional
        Named settings; adds a menu that sets several controls at once.
    say : function, optional
        ``say(**values)`` returns one line of text to stand below the picture.
    panels : int
        Axes side by side.
    size : (float, float), optional
        Inches of the picture.
    live : bool, optional
        Redraw while a slider moves, not only when it is let go.  By default so if a redraw
        takes less than a tenth of a second, which is measured.

    Returns
    -------
    ipywidgets.VBox or Picture

    Raises
    ------
    ValueError
        If ``alt`` or the controls are missing, or a setting names an unknown control.

    Notes
    -----
    If ``draw`` fails, the widget says so in one line and goes on working.  The fixed picture
    lets the error through, so that a notebook run without a browser cannot hide it, except for
    ``NotImplementedError``: that is an exercise not yet solved.

    Examples
    --------
    >>> def draw(ax, power):
    ...     plots.lines({"x to the power": np.linspace(0, 1, 50) ** power}, ax=ax)
    >>> picture = explore(draw, {"power": Slider("Power", 1, 4)}, alt="A curve.", static=True)
    >>> picture
    Picture: A curve. Shown side by side: power 1; power 2; power 3; power 4.
    """
    _check_controls(controls, alt, settings, presets)
    if is_static(static):
        return _side_by_side(draw, controls, alt, settings, panels, size)
    box, _ = _build(
        draw, controls, alt=alt, presets=presets, say=say, panels=panels, size=size, live=live
    )
    return box


def _check_controls(
    controls: Mapping[str, Any],
    alt: Any,
    settings: Sequence[Mapping[str, Any]] | None = None,
    presets: Mapping[str, Mapping[str, Any]] | None = None,
) -> None:
    _check_alt(alt)
    if not controls or not all(isinstance(c, (Slider, Choice, Switch)) for c in controls.values()):
        raise ValueError(
            "controls needs at least one Slider, Choice or Switch by name, such as "
            "{'sigma': Slider('Blur (pixels)', 0, 5)}"
        )
    for setting in [*(settings or ()), *(presets or {}).values()]:
        if unknown := set(setting) - set(controls):
            raise ValueError(f"no control is named {sorted(unknown)}; there are {sorted(controls)}")


def _check_alt(alt: Any) -> None:
    if not (callable(alt) or (isinstance(alt, str) and alt.strip())):
        raise ValueError("give alt='…': one sentence for readers who cannot see the picture")


def _alt_text(
    alt: str | Callable[..., str], controls: Mapping[str, Any], values: Mapping[str, Any]
) -> str:
    if callable(alt):
        return alt(**values)
    now = ", ".join(control.words(values[name]) for name, control in controls.items())
    return f"{alt.strip()} Setting: {now}."


def _side_by_side(
    draw: Callable[..., Any],
    controls: Mapping[str, Any],
    alt: str | Callable[..., str],
    settings: Sequence[Mapping[str, Any]] | None,
    panels: int,
    size: tuple[float, float] | None,
) -> Picture:
    """The fixed picture: one column (or, with several panels, one row) for each setting."""
    start = {name: control.first for name, control in controls.items()}
    if settings is None:
        name, control = next(iter(controls.items()))
        settings = [{name: value} for value in control.spread()]
    titles = [
        ", ".join(controls[name].words(value) for name, value in setting.items())
        for setting in settings
    ]
    columns = panels if panels > 1 else min(len(settings), 3 if len(settings) in (3, 5, 6) else 4)
    rows = -(-len(settings) * panels // columns)
    if size is not None:
        wide, high = size[0] / panels, size[1]
        shrink = min(1.0, 9.0 / (wide * columns))
        size = (wide * columns * shrink, (high * shrink + 0.3) * rows)
    else:
        size = (min(9.0, 3.2 * columns), rows * (min(9.0, 3.2 * columns) / columns + 0.2))
    figure, axes = plots.figure(size, rows, columns)
    flat = axes.ravel()
    for number, (setting, title) in enumerate(zip(settings, titles, strict=True)):
        own = tuple(flat[number * panels : (number + 1) * panels])
        try:
            draw(own[0] if panels == 1 else own, **{**start, **setting})
        except NotImplementedError:
            own[0].text(0.5, 0.5, "not written yet", ha="center", transform=own[0].transAxes)
            own[0].set_axis_off()
        named = panels > 1 and own[0].get_title()  # the setting must not hide a panel's own name
        own[0].set_title(f"{title}\n{named}" if named else title, fontsize=10)
    for empty in flat[len(settings) * panels :]:
        empty.set_axis_off()
    if callable(alt):
        words = " ".join(alt(**{**start, **setting}) for setting in settings)
    else:
        words = f"{alt.strip()} Shown side by side: {'; '.join(titles)}."
    return Picture(figure, tuple(flat), words, trim=True)


def _build(
    draw: Callable[..., Any],
    controls: Mapping[str, Any],
    *,
    alt: str | Callable[..., str],
    presets: Mapping[str, Mapping[str, Any]] | None = None,
    say: Callable[..., str] | None = None,
    panels: int = 1,
    size: tuple[float, float] | None = None,
    live: bool | None = None,
    links: Mapping[str, Callable[[Any, Mapping[str, Any]], None]] | None = None,
    places: Sequence[tuple[float, float, float, float]] | None = None,
) -> tuple[ipywidgets.VBox, dict[str, Any]]:
    """Build the widget; return it with its controls by name.

    ``links`` maps a control's name to ``f(value, widgets)``, which may set other controls
    before the picture is drawn: the slider of a slice learns how many slices a plane has.
    ``places`` are fixed places of the axes (left, bottom, width, height as shares of the
    figure), for a picture whose labels never grow: finding them anew takes a third of the time.
    """
    import ipywidgets

    handles = {name: control.widget() for name, control in controls.items()}
    picture, text = ipywidgets.HTML(), ipywidgets.HTML()
    menu = None
    if presets:
        names = (_OWN, *presets)
        menu = Choice("Preset", names, _matching(presets, controls)).widget()
    size = size or (4.2 * panels if panels == 1 else 3.8 * panels, 4.2 if panels == 1 else 3.4)
    busy = False  # True while one control sets others, which must not draw each time

    def redraw() -> None:
        values = {name: handle.value for name, handle in handles.items()}
        try:
            fig, axes = plots.figure(size, 1, panels, dpi=_DPI)
            own = tuple(axes.ravel())
            if places:
                fig.set_layout_engine("none")
                for ax, place in zip(own, places, strict=True):
                    ax.set_position(place)
            draw(own[0] if panels == 1 else own, **values)
            shown = Picture(fig, own, _alt_text(alt, controls, values), trim=True)
            picture.value = shown._repr_html_()
            line = say(**values) if say else ""
            text.value = f"<p style='margin:0.3em 0'>{html.escape(line)}</p>" if line else ""
        except Exception as error:  # whatever a student's function may raise
            picture.value = _apology(error)
            text.value = ""

    def changed(name: str) -> Callable[[Mapping[str, Any]], None]:
        def react(change: Mapping[str, Any]) -> None:
            nonlocal busy
            if busy:
                return
            busy = True
            try:
                if name == "" and change["new"] != _OWN:
                    for key, value in presets[change["new"]].items():
                        handles[key].value = value
                elif links and name in links:
                    links[name](change["new"], handles)
                if menu is not None and any(name in preset for preset in presets.values()):
                    menu.value = _OWN
            finally:
                busy = False
            redraw()

        return react

    redraw()
    if live is None:
        # The first draw also loads fonts, and another program may get in the way of the
        # second: the better of two is what the machine can do.
        seconds = []
        for _ in range(2):
            began = time.perf_counter()
            redraw()
            seconds.append(time.perf_counter() - began)
        live = min(seconds) < _LIVE_SECONDS
    for name, handle in handles.items():
        if hasattr(handle, "continuous_update"):
            handle.continuous_update = live
        handle.observe(changed(name), names="value")
    shown = list(handles.values())
    if menu is not None:
        menu.observe(changed(""), names="value")
        shown.insert(0, menu)
    return ipywidgets.VBox([*shown, picture, text]), handles


def _matching(presets: Mapping[str, Mapping[str, Any]], controls: Mapping[str, Any]) -> str:
    """The preset that the controls start at, if there is one."""
    for name, preset in presets.items():
        if all(controls[key].first == value for key, value in preset.items()):
            return name
    return _OWN


def _apology(error: Exception) -> str:
    if isinstance(error, NotImplementedError):
        words = "Nothing to draw yet: the function is not written."
    else:
        first = next(iter(str(error).splitlines()), "")
        words = f"This setting cannot be drawn. {type(error).__name__}: {first}"
    return f"<p role='alert' style='color:#A40000;margin:0.5em 0'>{html.escape(words)}</p>"


# -- ready-made explorers ----------------------------------------------------------------------


def browse(
    volume: Volume,
    *,
    alt: str,
    plane: str = "axial",
    window: tuple[float, float] | None = None,
    static: bool | None = None,
) -> ipywidgets.VBox | Picture:
    """Leaf through a volume, plane by plane.

    Parameters
    ----------
    volume : Volume
    alt : str
        One sentence that says what the volume shows; the current plane is added.
    plane : {"axial", "coronal", "sagittal"}
        The plane to begin with.
    window : (centre, width), optional
        A DICOM window; the darkest to the brightest voxel if left out.
    static : bool, optional
        See :func:`is_static`.

    Returns
    -------
    ipywidgets.VBox or Picture
        The fixed picture holds six planes from one side to the other.

    Examples
    --------
    >>> scan = Volume(np.zeros((8, 6, 6)), (1, 1, 1), np.eye(4)[[2, 1, 0, 3]])
    >>> browse(scan, alt="Nothing.", static=True)
    Picture: Nothing. Six axial planes from inferior to superior: 1, 2, 3, 4, 5 and 6 of 0 to 7.
    """
    _check_alt(alt)
    if not isinstance(volume, Volume):
        raise ValueError(
            f"browse needs a Volume, got {type(volume).__name__}; "
            "mlmi_course.dicom.volume_from_nifti makes one from a NIfTI image"
        )
    volume = volume.canonical()
    count = volume.plane_count(plane)
    vmin, vmax = (None, None) if window else _limits(volume.array)

    def draw(ax: Any, plane: str, index: int) -> None:
        picture = volume.plane(plane, index)
        plots.image(
            picture,
            ax=ax,
            window=window,
            vmin=vmin,
            vmax=vmax,
            spacing=volume.plane_spacing(plane),
        )
        plots.edge_letters(ax, volume.plane_edges(plane))

    if is_static(static):
        return _browse_static(volume, plane, alt, window, vmin, vmax)

    controls = {
        "plane": Choice("Plane", PLANES, plane),
        "index": Slider("Slice", 0, count - 1, count // 2),
    }

    def refit(name: str, handles: Mapping[str, Any]) -> None:
        slider, planes = handles["index"], volume.plane_count(name)
        # ipywidgets clips the value to a smaller range by itself; go to the middle instead.
        slider.max = planes - 1
        slider.value = planes // 2

    def words(plane: str, index: int) -> str:
        return f"{alt.strip()} {_title(plane)} slice {index} of {volume.plane_count(plane)}."

    box, _ = _build(
        draw, controls, alt=words, size=(4.4, 4.4), links={"plane": refit}, places=[(0, 0, 1, 1)]
    )
    return box


def _browse_static(
    volume: Volume,
    plane: str,
    alt: str,
    window: tuple[float, float] | None,
    vmin: float | None,
    vmax: float | None,
) -> Picture:
    count = volume.plane_count(plane)
    first, last = _worth_seeing(volume, plane)
    chosen = sorted({round(index) for index in np.linspace(first, last, 8)[1:-1]})
    way = {
        "axial": "inferior to superior",
        "coronal": "anterior to posterior",
        "sagittal": "right to left",
    }[plane]
    *others, last_one = map(str, chosen)
    if others:
        number = ("Two", "Three", "Four", "Five", "Six")[len(chosen) - 2]
        listed = f"{number} {plane} planes from {way}: {', '.join(others)} and {last_one}"
    else:
        listed = f"One {plane} plane: {last_one}"
    return plots.montage(
        [volume.plane(plane, index) for index in chosen],
        titles=[f"{plane} {index}" for index in chosen],
        columns=3,
        window=window,
        vmin=vmin,
        vmax=vmax,
        spacing=volume.plane_spacing(plane),
        size=6.6,
        alt=f"{alt.strip()} {listed} of 0 to {count - 1}.",
    )


def _worth_seeing(volume: Volume, plane: str) -> tuple[int, int]:
    """First and last plane with some contrast: the outermost ones are often air."""
    planes = range(volume.plane_count(plane))
    contrast = np.nan_to_num([np.nanstd(volume.plane(plane, index)) for index in planes])
    (seen,) = np.nonzero(contrast > 0.1 * contrast.max())
    return (int(seen[0]), int(seen[-1])) if seen.size else (0, len(planes) - 1)


def planes(
    volume: Volume,
    *,
    alt: str,
    window: tuple[float, float] | None = None,
    static: bool | None = None,
) -> ipywidgets.VBox | Picture:
    """Three linked planes through one point of a volume, and three sliders that move it.

    Parameters
    ----------
    volume : Volume
    alt : str
        One sentence that says what the volume shows; the current point is added.
    window : (centre, width), optional
        A DICOM window; the darkest to the brightest voxel if left out.
    static : bool, optional
        See :func:`is_static`.

    Returns
    -------
    ipywidgets.VBox or Picture
        The fixed picture shows the planes through the middle.

    Examples
    --------
    >>> scan = Volume(np.zeros((8, 6, 6)), (1, 1, 1), np.eye(4)[[2, 1, 0, 3]])
    >>> planes(scan, alt="Nothing.", static=True)
    Picture: Nothing. Planes through slice 4, row 3, column 3.
    """
    _check_alt(alt)
    if not isinstance(volume, Volume):
        raise ValueError(f"planes needs a Volume, got {type(volume).__name__}")
    volume = volume.canonical()
    vmin, vmax = (None, None) if window else _limits(volume.array)

    def draw(ax: Any, z: int, y: int, x: int) -> None:
        plots.planes(volume, index=(z, y, x), window=window, vmin=vmin, vmax=vmax, ax=ax)

    def words(z: int, y: int, x: int) -> str:
        return f"{alt.strip()} Planes through slice {z}, row {y}, column {x}."

    names = ("Slice (I → S)", "Row (A → P)", "Column (R → L)")
    controls = {
        axis: Slider(name, 0, count - 1, count // 2)
        for axis, name, count in zip("zyx", names, volume.shape, strict=True)
    }
    if is_static(static):
        middle = {axis: control.first for axis, control in controls.items()}
        index = (middle["z"], middle["y"], middle["x"])
        return plots.planes(
            volume, index=index, window=window, vmin=vmin, vmax=vmax, alt=words(**middle)
        )
    box, _ = _build(draw, controls, alt=words, size=(8.0, 3.4))
    return box


def match(
    draw: Callable[..., Any],
    control: Slider,
    *,
    truth: float,
    alt: str,
    size: tuple[float, float] = (6.0, 3.0),
    seed: int = 0,
    static: bool | None = None,
) -> ipywidgets.VBox | Picture:
    """Measure an illusion on the reader: set a slider until two things look the same.

    Psychologists call it the method of adjustment.  Each round starts from another random
    value and hides the number; after each, the reader sees by how much all guesses are off, on
    average.  The guesses live in the widget and are gone with it: nothing is stored or sent.

    Parameters
    ----------
    draw : function
        Called as ``draw(ax, value)``: draws the fixed thing and the one that follows the slider.
    control : Slider
        The quantity to be set.
    truth : float
        The value at which the two really are the same; not zero.
    alt : str
        One sentence that says what is to be compared with what.
    size : (float, float)
        Inches of the picture.
    seed : int
        Decides the values from which the rounds start.
    static : bool, optional
        See :func:`is_static`.

    Returns
    -------
    ipywidgets.VBox or Picture
        The fixed picture shows the two things when they really are the same.

    Raises
    ------
    ValueError
        If ``truth`` is zero or outside the slider's range.

    Examples
    --------
    >>> def draw(ax, value):
    ...     plots.image(np.array([[0.5, value]]), vmin=0, vmax=1, ax=ax)
    >>> match(draw, Slider("Grey", 0.0, 1.0), truth=0.5, alt="Two greys.", static=True)
    Picture: Two greys. Here the two are really the same.
    """
    _check_alt(alt)
    if truth == 0 or not control.low <= truth <= control.high:
        raise ValueError(
            f"truth must lie between {control.low} and {control.high} and not be 0, got {truth}"
        )

    def picture(value: float, words: str, dpi: float) -> Picture:
        figure, axes = plots.figure(size, dpi=dpi)
        draw(axes[0, 0], value)
        return Picture(figure, axes[0, 0], f"{alt.strip()} {words}", trim=True)

    if is_static(static):
        return picture(truth, "Here the two are really the same.", 2 * _DPI)

    import ipywidgets

    rng = np.random.default_rng(seed)
    guesses: list[float] = []
    slider = control.widget()
    slider.readout = False
    shown, told = ipywidgets.HTML(), ipywidgets.HTML()
    button = ipywidgets.Button(
        description="They look the same", button_style="primary", layout={"width": "auto"}
    )

    def redraw(_: Any = None) -> None:
        shown.value = picture(slider.value, "Move the slider to compare.", _DPI)._repr_html_()

    def begin() -> None:
        steps = round((control.high - control.low) / control.step)
        slider.value = type(control.first)(control.low + control.step * rng.integers(steps + 1))

    def guess(_: Any) -> None:
        guesses.append(float(slider.value))
        told.value = f"<p>{html.escape(_bias_words(guesses, truth, control))}</p>"
        begin()

    slider.observe(redraw, names="value")
    button.on_click(guess)
    begin()
    redraw()
    return ipywidgets.VBox([slider, shown, button, told])


def _bias_words(guesses: Sequence[float], truth: float, control: Slider) -> str:
    """Say how far guesses are from the truth: the bias, and the spread once there are two."""
    off = 100 * (np.asarray(guesses) - truth) / truth
    way = "too high" if off.mean() > 0 else "too low"
    told = f"Your last guess: {guesses[-1]:.2f}; equal is {truth:.2f}. "
    told += f"On average over {len(off)} you are {abs(off.mean()):.0f} % {way}"
    if len(off) > 1:
        told += f" (standard deviation {off.std(ddof=1):.0f} %)"
    return f"{told}. {'Try again.' if len(off) < 5 else 'That is your bias.'}"


def window_level(
    image: ArrayLike,
    *,
    alt: str,
    unit: str = "HU",
    spacing: tuple[float, float] | None = None,
    presets: Mapping[str, tuple[float, float]] | None = None,
    static: bool | None = None,
) -> ipywidgets.VBox | Picture:
    """Choose a window, see which values it spends the greys on, and read single pixels.

    Parameters
    ----------
    image : array_like, shape (rows, columns)
        Values in ``unit``; NaN is padding.
    alt : str
        One sentence that says what the image shows; the current window is added.
    unit : str
        ``"HU"`` for CT; the value under the cross hair is then compared with
        :data:`TYPICAL_HU`.
    spacing : (float, float), optional
        Millimetres between rows and between columns.
    presets : mapping of name to (centre, width), optional
        :data:`mlmi_course.dicom.WINDOWS` for HU, otherwise two made from the values.
    static : bool, optional
        See :func:`is_static`.

    Returns
    -------
    ipywidgets.VBox or Picture
        The fixed picture shows the image in up to four presets.

    Examples
    --------
    >>> ct = np.linspace(-1000, 1000, 64).reshape(8, 8)
    >>> window_level(ct, alt="A ramp.", presets={"lung": (-600, 1500)}, static=True)
    Picture: A ramp. The same image in the window lung (centre −600, width 1500 HU).
    """
    _check_alt(alt)
    pixels = _grey(image)
    low, high = _limits(pixels)
    if presets is None:
        presets = WINDOWS if unit == "HU" else _made_presets(pixels)
    if not presets:
        raise ValueError("presets needs at least one name with its (centre, width)")
    presets = {
        name: {"center": round(center), "width": max(1, round(width))}
        if _whole_numbers(low, high)
        else {"center": float(center), "width": float(width)}
        for name, (center, width) in presets.items()
    }
    # LINEAR counts whole values; values with a fraction need a window that may be narrower than 1.
    function = "LINEAR" if _whole_numbers(low, high) else "LINEAR_EXACT"
    if is_static(static):
        return _windows_static(pixels, presets, function, alt, unit, spacing)

    rows, columns = pixels.shape
    centers = [preset["center"] for preset in presets.values()]
    widths = [preset["width"] for preset in presets.values()]
    whole = _whole_numbers(low, high)
    kind = int if whole else float
    bottom = kind(np.floor(min(low, *centers))) if whole else min(low, *centers)
    top = kind(np.ceil(max(high, *centers))) if whole else max(high, *centers)
    widest = kind(np.ceil(max(high - low, *widths))) if whole else max(high - low, *widths)
    first = presets.get("soft tissue") or next(iter(presets.values()))
    narrowest = 1 if whole else min(min(widths), (high - low) / 100 or 1.0)
    controls: dict[str, Any] = {
        "center": Slider("Window centre", bottom, top, first["center"], unit=unit),
        "width": Slider("Window width", narrowest, max(widest, narrowest + 1), first["width"],
                        unit=unit),
        "row": Slider("Probe row", 0, rows - 1, rows // 2),
        "column": Slider("Probe column", 0, columns - 1, columns // 2),
    }  # fmt: skip
    counts = np.histogram(pixels[np.isfinite(pixels)], bins=80)

    def draw(axes: tuple[Any, Any], center: float, width: float, row: int, column: int) -> None:
        left, right = axes
        plots.image(
            pixels,
            ax=left,
            window=(center, width, function),
            spacing=spacing,
        )
        plots.cross_hair(left, row, column)
        plots.histogram(
            counts, ax=right, span=window_ends(center, width, function), label=unit or "value"
        )
        right.set_xlim(
            bottom, max(top, bottom + narrowest)
        )  # the chart stands still while the window moves over it
        right.set_yticks([])
        right.set_ylabel("how often")

    def words(center: float, width: float, row: int, column: int) -> str:
        return (
            f"{alt.strip()} Window centre {_number(center)}, width {_with_unit(width, unit)}. "
            f"{probe(pixels, row, column, unit)}"
        )

    box, _ = _build(
        draw,
        controls,
        alt=words,
        presets=presets,
        say=lambda center, width, row, column: probe(pixels, row, column, unit),
        panels=2,
        size=(7.4, 3.7),
        places=_IMAGE_AND_CHART,
    )
    return box


def _windows_static(
    pixels: NDArray[np.float64],
    presets: Mapping[str, Mapping[str, float]],
    function: str,
    alt: str,
    unit: str,
    spacing: tuple[float, float] | None,
) -> Picture:
    chosen = list(presets.items())[:6]
    labels = [
        f"{name} (centre {_number(p['center'])}, width {_with_unit(p['width'], unit)})"
        for name, p in chosen
    ]
    many = "windows" if len(chosen) > 1 else "window"
    return plots.grid(
        [
            (
                label.replace(" (", "\n").rstrip(")"),
                lambda ax, p=p: plots.image(
                    pixels, ax=ax, window=(p["center"], p["width"], function), spacing=spacing
                ),
            )
            for label, (_, p) in zip(labels, chosen, strict=True)
        ],
        columns=min(3, len(chosen)),
        alt=f"{alt.strip()} The same image in the {many} {'; '.join(labels)}.",
    )


def threshold(
    image: ArrayLike,
    *,
    alt: str,
    truth: ArrayLike | None = None,
    unit: str = "",
    spacing: tuple[float, float] | None = None,
    window: plots.Window | None = None,
    start: float | None = None,
    static: bool | None = None,
) -> ipywidgets.VBox | Picture:
    """Mark every pixel at or above a value, and see what that finds.

    Parameters
    ----------
    image : array_like, shape (rows, columns)
        NaN is never marked.
    alt : str
        One sentence that says what the image shows; the threshold and its result are added.
    truth : array_like of bool, shape (rows, columns), optional
        The reference mask; adds its outline and the numbers of :func:`mask_numbers`.
    unit : str
    spacing : (float, float), optional
        Millimetres between rows and between columns.
    window : (centre, width), optional
        A DICOM window for the image under the mask; every value from black to white if left
        out.
    start : float, optional
        The first threshold; the middle of the range if left out.
    static : bool, optional
        See :func:`is_static`.

    Returns
    -------
    ipywidgets.VBox or Picture
        The fixed picture shows a low, a middle and a high threshold; with ``truth`` the middle
        one is that of the highest Dice coefficient.

    Examples
    --------
    >>> ramp = np.arange(16).reshape(4, 4)
    >>> threshold(ramp, alt="A ramp.", static=True).alt.split(".")[0]
    'A ramp'
    """
    _check_alt(alt)
    pixels = _grey(image)
    reference = None
    if truth is not None:
        reference = np.asarray(truth) > 0
        if reference.shape != pixels.shape:
            raise ValueError(
                f"truth has shape {reference.shape}, but the image has shape {pixels.shape}"
            )
    low, high = _limits(pixels)
    whole = _whole_numbers(low, high)
    ends = (int(np.floor(low)), int(np.ceil(high))) if whole else (low, high)
    if ends[0] == ends[1]:
        raise ValueError(f"every pixel is {_number(low)}: there is nothing to separate")
    if start is not None and whole:
        start = round(start)
    control = Slider("Threshold", *ends, start=start, unit=unit)
    counts = np.histogram(pixels[np.isfinite(pixels)], bins=80)

    def say(level: float) -> str:
        return _mask_words(mask_numbers(pixels >= level, reference), control.words(level))

    def paint(ax: Any, level: float) -> None:
        masks = {"marked": pixels >= level}
        if reference is None:
            masks = masks["marked"]  # one mask without a name needs no legend
        else:
            masks["truth"] = reference
        colours = {"": plots.COLOURS["prediction"], "marked": plots.COLOURS["prediction"]}
        plots.overlay(pixels, masks, ax=ax, colours=colours, window=window, spacing=spacing)

    def draw(axes: tuple[Any, Any], level: float) -> None:
        paint(axes[0], level)
        plots.histogram(
            counts,
            ax=axes[1],
            marks={"threshold": level},
            span=(level, high),
            label=unit or "value",
        )
        axes[1].set_xlim(low, high)
        axes[1].set_yticks([])
        axes[1].set_ylabel("how often")

    if is_static(static):
        levels = _telling_levels(pixels, reference, whole)
        if start is not None:  # the author's own choice is the one that the text speaks of
            levels = sorted({*levels, start})
        return plots.grid(
            [
                (
                    f"{control.words(level)}" + _dice_words(pixels >= level, reference),
                    lambda ax, level=level: paint(ax, level),
                )
                for level in levels
            ],
            columns=len(levels),
            size=(3.0 * len(levels), 3.6),
            alt=" ".join([alt.strip(), *map(say, levels)]),
        )

    box, _ = _build(
        draw,
        {"level": control},
        alt=lambda level: f"{alt.strip()} {say(level)}",
        say=say,
        panels=2,
        size=(7.4, 3.7),
        places=_IMAGE_AND_CHART,
    )
    return box


# -- numbers and words -------------------------------------------------------------------------


def mask_numbers(mask: ArrayLike, truth: ArrayLike | None = None) -> dict[str, float]:
    """How much a mask covers and, with a reference, how well it agrees.

    Parameters
    ----------
    mask, truth : array_like of bool, same shape

    Returns
    -------
    dict
        ``pixels``, ``of`` (all pixels) and ``share``; with ``truth`` also ``dice``
        (2 × common / sum of both), ``missed`` (share of the true pixels not marked) and
        ``extra`` (share of the marked pixels that are not true).  A share of nothing is NaN.

    Examples
    --------
    >>> mask_numbers([1, 1, 0, 0], [0, 1, 1, 1])
    {'pixels': 2, 'of': 4, 'share': 0.5, 'dice': 0.4, 'missed': 0.6666666666666666, 'extra': 0.5}
    """
    marked = np.asarray(mask) > 0
    numbers = {
        "pixels": int(marked.sum()),
        "of": int(marked.size),
        "share": _ratio(marked.sum(), marked.size),
    }
    if truth is None:
        return numbers
    true = np.asarray(truth) > 0
    return numbers | {
        "dice": metrics.dice(true, marked),
        "missed": metrics.false_negative_rate(true, marked),
        "extra": 1 - metrics.precision(true, marked),
    }


def typical_hu(value: float) -> str:
    """Where a CT value lies among :data:`TYPICAL_HU`, in words.

    Examples
    --------
    >>> typical_hu(41)
    'in the typical range of soft organs and blood (20 to 65 HU)'
    >>> typical_hu(-30)
    'between fat (−100 to −50 HU) and water (0 HU)'
    """
    below = above = None
    for name, low, high in TYPICAL_HU:
        if low == high:
            entry = f"{name} ({_number(low)} HU)"
        else:
            entry = f"{name} ({_number(low)} to {_number(high)} HU)"
        if low <= value <= high:
            return f"the value of {entry}" if low == high else f"in the typical range of {entry}"
        if high < value:
            below = entry
        elif above is None:
            above = entry
    if below is None:
        return f"below {above}"
    return f"between {below} and {above}" if above else f"above {below}"


def probe(image: NDArray[np.floating], row: int, column: int, unit: str = "") -> str:
    """The value of one pixel in a sentence.

    Examples
    --------
    >>> probe(np.array([[0.0, 41.0]]), 0, 1, "HU")
    'Row 0, column 1: 41 HU, in the typical range of soft organs and blood (20 to 65 HU).'
    """
    value = float(image[row, column])
    place = f"Row {row}, column {column}"
    if not np.isfinite(value):
        return f"{place}: no value, nothing was measured here (padding)."
    words = f"{place}: {_with_unit(value, unit)}"
    return f"{words}, {typical_hu(value)}." if unit == "HU" else f"{words}."


def _mask_words(numbers: Mapping[str, float], setting: str) -> str:
    words = (
        f"{setting[:1].upper()}{setting[1:]}: {numbers['pixels']} of {numbers['of']} pixels "
        f"({numbers['share']:.1%}) are marked"
    )
    if "dice" not in numbers:
        return words + "."
    if np.isnan(numbers["dice"]):
        return words + ", and the truth is empty too: Dice is not defined."
    words += f"; Dice {numbers['dice']:.2f}"
    if not np.isnan(numbers["missed"]):
        words += f", {numbers['missed']:.1%} of the true pixels are missed"
    if not np.isnan(numbers["extra"]):
        words += f", {numbers['extra']:.1%} of the marked pixels are wrong"
    return words + "."


def _dice_words(mask: NDArray[np.bool_], truth: NDArray[np.bool_] | None) -> str:
    if truth is None:
        return f"\n{mask.mean():.1%} of the pixels"
    return f"\nDice {mask_numbers(mask, truth)['dice']:.2f}"


def _telling_levels(
    pixels: NDArray[np.floating], truth: NDArray[np.bool_] | None, whole: bool
) -> list[float]:
    """A low, a middle and a high threshold; with a truth the middle one is the best."""
    values = pixels[np.isfinite(pixels)]
    low, middle, high = np.quantile(values, [0.3, 0.7, 0.97])
    if truth is not None and truth.any():
        steps = np.linspace(values.min(), values.max(), 101)
        if whole:
            steps = np.unique(steps.round())  # those that the slider can take
        middle = max(steps, key=lambda step: mask_numbers(pixels >= step, truth)["dice"])
        low, high = (values.min() + middle) / 2, (values.max() + middle) / 2
    return sorted({round(level) if whole else float(level) for level in (low, middle, high)})


def _made_presets(pixels: NDArray[np.floating]) -> dict[str, tuple[float, float]]:
    values = pixels[np.isfinite(pixels)]
    presets = {}
    for name, part in {"every value": 0.0, "middle nine tenths": 0.05}.items():
        low, high = np.quantile(values, [part, 1 - part])
        presets[name] = ((low + high) / 2, max(high - low, np.spacing(high) * 8))
    return presets


def _grey(image: ArrayLike) -> NDArray[np.float64]:
    pixels = np.asarray(image)
    if pixels.ndim != 2 or pixels.dtype.kind not in "biuf" or not np.isfinite(pixels).any():
        raise ValueError(
            "this needs one grey image of shape (rows, columns) with numbers in it, got shape "
            f"{pixels.shape} of {pixels.dtype}"
        )
    return pixels.astype(float)


def _limits(values: NDArray[Any]) -> tuple[float, float]:
    if values.dtype.kind == "f":
        values = values[np.isfinite(values)]
    return float(values.min()), float(values.max())


def _whole_numbers(low: float, high: float) -> bool:
    """Whether sliders in steps of one are fine enough for this range."""
    return high - low >= 50


def _ratio(part: float, whole: float) -> float:
    return float(part / whole) if whole else float("nan")


def _number(value: float) -> str:
    """A short number with a real minus sign, which screen readers say as "minus"."""
    return f"{float(value):.4g}".replace("-", "−") if abs(value) < 1e4 else f"{value:.0f}"


def _with_unit(value: float, unit: str) -> str:
    return f"{_number(value)} {unit}" if unit else _number(value)


def _lower(description: str) -> str:
    """The description as it stands inside a sentence."""
    return description[:1].lower() + description[1:] if description[1:2].islower() else description


def _title(word: str) -> str:
    return word[:1].upper() + word[1:]
