"""What a colour means, and how the series and the classes of a picture are told apart."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

# Both are explained where they are public, in the package's own file.
OKABE_ITO: Final[Mapping[str, str]] = MappingProxyType(
    {
        "black": "#000000",
        "orange": "#E69F00",
        "sky blue": "#56B4E9",
        "bluish green": "#009E73",
        "yellow": "#F0E442",
        "blue": "#0072B2",
        "vermillion": "#D55E00",
        "reddish purple": "#CC79A7",
    }
)

COLOURS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "truth": OKABE_ITO["sky blue"],
        "prediction": OKABE_ITO["orange"],
        "error": OKABE_ITO["vermillion"],
        "highlight": OKABE_ITO["reddish purple"],
        "neutral": "#767676",
    }
)

INK: Final = "#222222"

# Series differ in their dashes too, so that a picture survives a black-and-white printer.
SERIES: Final = tuple(
    zip(
        (OKABE_ITO[c] for c in ("blue", "vermillion", "bluish green", "reddish purple", "black")),
        ("-", (0, (5, 1.5)), (0, (1, 1.2)), (0, (5, 1.5, 1, 1.5)), (0, (8, 3))),
        strict=True,
    )
)

# Classes differ in colour and in shape, ten of each pair; yellow is too faint on white.
CLASSES: Final = tuple(
    zip(
        (
            *(OKABE_ITO[c] for c in ("blue", "vermillion", "bluish green", "orange")),
            *(OKABE_ITO[c] for c in ("reddish purple", "sky blue", "black")),
            COLOURS["neutral"],
            *(OKABE_ITO[c] for c in ("blue", "vermillion")),
        ),
        "o^sDvPX<>*",
        strict=True,
    )
)
