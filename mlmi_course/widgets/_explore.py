"""Any explorer: a function that draws, and controls above its picture."""

from __future__ import annotations

import html
import os
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from mlmi_course import plots
from mlmi_course.plots import Picture
from mlmi_course.widgets._ahead import prepared
from mlmi_course.widgets._controls import Choice, Slider, Switch

if TYPE_CHECKING:
    import ipywidgets

# A picture that follows the slider must be drawn before the hand has moved on.
_LIVE_SECONDS: Final = 0.1
DPI: Final = 100  # coarser than a picture that stands still: half the dots, half the time
# An image at the left and a chart without numbers on its upright axis at the right.
IMAGE_AND_CHART: Final = ((0.0, 0.1, 0.49, 0.88), (0.56, 0.17, 0.42, 0.8))
_OWN: Final = "own setting"


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
    >>> import numpy as np
    >>> def draw(ax, power):
    ...     plots.lines({"x to the power": np.linspace(0, 1, 50) ** power}, ax=ax)
    >>> picture = explore(draw, {"power": Slider("Power", 1, 4)}, alt="A curve.", static=True)
    >>> picture
    Picture: A curve. Shown side by side: power 1; power 2; power 3; power 4.
    """
    _check_controls(controls, alt, settings, presets)
    if is_static(static):
        still = _side_by_side(draw, controls, alt, settings, panels, size)
        show = drawer(draw, controls, alt, say=say, panels=panels, size=size)
        return prepared(still, show, controls)
    box, _ = build(
        draw, controls, alt=alt, presets=presets, say=say, panels=panels, size=size, live=live
    )
    return box


def _check_controls(
    controls: Mapping[str, Any],
    alt: Any,
    settings: Sequence[Mapping[str, Any]] | None = None,
    presets: Mapping[str, Mapping[str, Any]] | None = None,
) -> None:
    check_alt(alt)
    if not controls or not all(isinstance(c, (Slider, Choice, Switch)) for c in controls.values()):
        raise ValueError(
            "controls needs at least one Slider, Choice or Switch by name, such as "
            "{'sigma': Slider('Blur (pixels)', 0, 5)}"
        )
    for setting in [*(settings or ()), *(presets or {}).values()]:
        if unknown := set(setting) - set(controls):
            raise ValueError(f"no control is named {sorted(unknown)}; there are {sorted(controls)}")


def check_alt(alt: Any) -> None:
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


def drawer(
    draw: Callable[..., Any],
    controls: Mapping[str, Any],
    alt: str | Callable[..., str],
    *,
    say: Callable[..., str] | None = None,
    panels: int = 1,
    size: tuple[float, float] | None = None,
    places: Sequence[tuple[float, float, float, float]] | None = None,
) -> Callable[[dict[str, Any]], tuple[Picture, str]]:
    """A function that draws one setting of an explorer: its picture, and the line below it."""
    size = size or (4.2 * panels if panels == 1 else 3.8 * panels, 4.2 if panels == 1 else 3.4)

    def show(values: dict[str, Any]) -> tuple[Picture, str]:
        fig, axes = plots.figure(size, 1, panels, dpi=DPI)
        own = tuple(axes.ravel())
        if places:
            fig.set_layout_engine("none")
            for ax, place in zip(own, places, strict=True):
                ax.set_position(place)
        draw(own[0] if panels == 1 else own, **values)
        shown = Picture(fig, own, _alt_text(alt, controls, values), trim=True)
        return shown, say(**values) if say else ""

    return show


def build(
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
    show = drawer(draw, controls, alt, say=say, panels=panels, size=size, places=places)
    busy = False  # True while one control sets others, which must not draw each time

    def redraw() -> None:
        values = {name: handle.value for name, handle in handles.items()}
        try:
            shown, line = show(values)
            picture.value = shown._repr_html_()
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
