"""A picture in HTML that keeps its alternative text."""

from __future__ import annotations

import base64
import html

__all__ = ["figure_html"]


def figure_html(
    png: bytes,
    alt: str,
    width: int | None = None,
    *,
    background: str = "",
    margin: str = "0",
    caption: str = "",
) -> str:
    """Return a ``<figure>`` that holds a PNG, never wider than the page where a width is given.

    Jupyter drops the alternative text of ordinary images; in an element of our own it stays.

    Parameters
    ----------
    png : bytes
    alt : str
        One sentence for readers who cannot see it.
    width : int, optional
        CSS pixels; as many as the picture has if left out.
    background : str, optional
        A colour, for a picture that must not show the page's.
    margin : str
        In CSS, around the figure.
    caption : str, optional
        A few words below the picture.

    Examples
    --------
    >>> 'alt="A &quot;quoted&quot; word."' in figure_html(b"", 'A "quoted" word.', 40)
    True
    """
    data = base64.b64encode(png).decode("ascii")
    size = ""
    if width is not None:
        style = "max-width:100%;height:auto" + (f";background:{background}" if background else "")
        size = f'width="{width}" style="{style}" '
    below = (
        f'<figcaption style="font-size:smaller">{html.escape(caption)}</figcaption>'
        if caption
        else ""
    )
    return (
        f'<figure style="margin:{margin}"><img alt="{html.escape(alt, quote=True)}" {size}'
        f'src="data:image/png;base64,{data}">{below}</figure>'
    )
