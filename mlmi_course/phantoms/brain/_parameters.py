"""What may be asked of simulated heads, in one place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from mlmi_course._numbers import require_range
from mlmi_course.phantoms.brain import _signal

__all__ = ["FIELD_MM", "HeadParameters", "check_request"]

FIELD_MM: Final = 230.4
"""Width and height of the field of view, mm, whatever the number of pixels."""

_SIZES: Final = (64, 128, 192, 256)
_RANGES: Final = {
    "noise": (0.0, 1.0, ""),
    "bias": (0.0, 1.0, ""),
    "atrophy": (0.0, 1.0, ""),
    "lesions": (0.0, 40.0, " a subject"),
    "epvs": (0.0, 150.0, " a subject"),
    "tumour": (0.0, 1.0, ""),
    "thickness": (0.5, 10.0, " mm"),
    "step": (0.9, 10.0, " mm"),
}


@dataclass(frozen=True, kw_only=True)
class HeadParameters:
    """What is asked of all subjects, whoever asks: a scan, slices or volumes.

    Attributes
    ----------
    field : {1.5, 3.0}
        Tesla: chooses relaxation times.
    vendor : {"A", "B", "both"}
        Chooses sequences, gain and sharpness; both: each subject is scanned by one of them.
    noise : float
        Standard deviation of the noise in either channel, as a share of the mean signal of
        grey and white matter in that contrast.
    bias : float
        Range of the bias field in the head: 0.4 is from 0.8 to 1.2.
    skull : bool
        With skull and scalp; without, there is air around the fluid.
    atrophy : float, optional
        0 (young) to 1 (old), for every subject; drawn if left out.
    lesions, epvs : float
        Mean number of white-matter lesions and of enlarged perivascular spaces in a subject.
    tumour : float
        Chance that a subject has a tumour.
    hippocampus : bool
        Puts a grey body of 35 × 15 × 7 mm with a thin white coat into either temporal lobe.
    """

    field: float = 1.5
    vendor: str = "A"
    noise: float = 0.03
    bias: float = 0.2
    skull: bool = True
    atrophy: float | None = None
    lesions: float = 0.0
    epvs: float = 0.0
    tumour: float = 0.0
    hippocampus: bool = False


def check_request(
    parameters: HeadParameters, size: int, contrasts: Sequence[str], lengths: Mapping[str, float]
) -> None:
    if size not in _SIZES:
        raise ValueError(
            f"size must be one of {_SIZES}, for a field of {FIELD_MM} mm; got {size!r}"
        )
    wrong = isinstance(contrasts, str) or not contrasts or not set(contrasts) <= set(
        _signal.CONTRASTS
    )  # fmt: skip
    if wrong or len(set(contrasts)) != len(contrasts):
        raise ValueError(
            f"contrasts must be a list of some of {_signal.CONTRASTS}, each once; got {contrasts!r}"
        )
    if parameters.vendor not in (*_signal.VENDORS, "both"):
        raise ValueError(f'vendor must be "A", "B" or "both", got {parameters.vendor!r}')
    _signal.relaxation(parameters.field)
    for name, (low, high, unit) in _RANGES.items():
        value = lengths.get(name) if name in ("thickness", "step") else getattr(parameters, name)
        if value is not None:
            require_range(name, value, low, high, unit)
