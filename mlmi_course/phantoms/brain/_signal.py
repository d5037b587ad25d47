"""From tissue to signal: relaxation times, signal equations, two vendors' sequences, noise.

Times are in milliseconds, proton densities relative to water.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = [
    "CONTRASTS", "FIELDS", "FULL_SCALE", "GAIN", "HOUNSFIELD", "RELAXATION", "VENDORS",
    "Relaxation", "Sequence", "relaxation", "rician", "sequences",
]  # fmt: skip


class Relaxation(NamedTuple):
    """What a tissue is to a scanner: T1 and T2 in ms, proton density (water is 1)."""

    t1: float
    t2: float
    pd: float


FIELDS: Final = (1.5, 3.0)
"""Field strengths that are known, tesla."""

_NO_SIGNAL: Final = Relaxation(300.0, 0.5, 0.1)  # cortical bone: gone before any echo; chosen

RELAXATION: Final[Mapping[float, Mapping[str, Relaxation]]] = MappingProxyType({
    1.5: MappingProxyType({
        # BrainWeb's table of tissue parameters (Collins et al. 1998).
        "CSF": Relaxation(2569, 329, 1.0),
        "grey matter": Relaxation(833, 83, 0.86),
        "white matter": Relaxation(500, 70, 0.77),
        "fat": Relaxation(350, 70, 1.0),
        "muscle": Relaxation(900, 47, 1.0),
        "lesion": Relaxation(752, 237, 0.76),
        # Chosen: spongy bone is half fat; tumour and oedema lie between brain and fluid.
        "marrow": Relaxation(350, 70, 0.5),
        "dura": Relaxation(900, 45, 0.6),
        "tumour core": Relaxation(1800, 260, 0.95),
        "enhancing rim": Relaxation(1050, 105, 0.88),
        "oedema": Relaxation(1050, 150, 0.86),
    }),
    3.0: MappingProxyType({
        # Grey and white matter: Wansapura et al. 1999.  CSF: T1 of Lu et al. 2005, T2 of
        # Piechnik et al. 2009.  Proton densities do not depend on the field: as above.
        "CSF": Relaxation(3817, 503, 1.0),
        "grey matter": Relaxation(1331, 110, 0.86),
        "white matter": Relaxation(832, 79.2, 0.77),
        # Chosen: T1 longer than at 1.5 T by about as much as that of brain and of fat.
        "fat": Relaxation(380, 68, 1.0),
        "muscle": Relaxation(1400, 45, 1.0),
        "lesion": Relaxation(1200, 237, 0.76),
        "marrow": Relaxation(380, 68, 0.5),
        "dura": Relaxation(1400, 43, 0.6),
        "tumour core": Relaxation(2600, 300, 0.95),
        "enhancing rim": Relaxation(1600, 120, 0.88),
        "oedema": Relaxation(1600, 165, 0.86),
    }),
})  # fmt: skip
"""Relaxation times and proton densities by field strength (tesla) and tissue.

The two fields come from different laboratories and methods.  T1 grows with the field, as it
must; that T2 grows too is a difference of methods, not physics.

References
----------
D. L. Collins et al., Design and construction of a realistic digital brain phantom, IEEE Trans
Med Imaging 17 (1998) 463, doi:10.1109/42.712135, with BrainWeb's table of tissue parameters.
J. P. Wansapura et al., NMR relaxation times in the human brain at 3.0 tesla, J Magn Reson Imaging
9 (1999) 531.  H. Lu et al., J Magn Reson Imaging 22 (2005) 13.  S. K. Piechnik et al., Magn Reson
Med 61 (2009) 579.
"""

ENHANCED_T1: Final = 330.0
"""T1 of the enhancing rim after a contrast agent, ms, at either field: chosen."""

HOUNSFIELD: Final[Mapping[str, float]] = MappingProxyType({
    "air": -1000.0, "CSF": 8.0, "grey matter": 38.0, "white matter": 29.0,
    "cortical bone": 1100.0, "marrow": 450.0, "fat": -90.0, "muscle": 50.0, "dura": 50.0,
    "lesion": 22.0, "tumour core": 18.0, "enhancing rim": 40.0, "oedema": 20.0,
})  # fmt: skip
"""CT numbers, HU: chosen within the ranges of textbooks."""

CONTRASTS: Final = ("t1", "t2", "pd", "flair", "t1ce")
"""What can be asked for; ``t1ce`` is T1 after a contrast agent."""

VENDORS: Final = ("A", "B")

FULL_SCALE: Final = 4000.0
"""Stored value of a signal of 1, which fully relaxed water gives, at vendor A."""

GAIN: Final[Mapping[str, float]] = MappingProxyType({"A": 1.0, "B": 0.6})
"""Factor of a vendor's stored values: nothing in MRI fixes their unit.  Chosen."""

_SE, _GRE, _IR = "spin echo", "spoiled gradient echo", "inversion recovery"


@dataclass(frozen=True)
class Sequence:
    """A pulse sequence, and the signal that it gives.

    Parameters
    ----------
    kind : {"spin echo", "spoiled gradient echo", "inversion recovery"}
    tr, te : float
        Repetition and echo time, ms.
    flip : float
        Flip angle in degrees; of a gradient echo only.
    ti : float
        Inversion time, ms; of inversion recovery only.

    Raises
    ------
    ValueError
        For an unknown kind, or times and angles that make no sense.

    Examples
    --------
    A spin echo that waits for five T1 and reads at once measures the proton density:

    >>> round(float(Sequence("spin echo", tr=5000, te=0).signal(1000, 100, 0.8)), 3)
    0.795
    """

    kind: Literal["spin echo", "spoiled gradient echo", "inversion recovery"]
    tr: float
    te: float
    flip: float = 90.0
    ti: float = 0.0

    def __post_init__(self) -> None:
        if self.kind not in (_SE, _GRE, _IR):
            raise ValueError(f"kind must be {_SE!r}, {_GRE!r} or {_IR!r}, got {self.kind!r}")
        if not (self.tr > 0 and self.te >= 0 and self.ti >= 0 and 0 < self.flip <= 180):
            raise ValueError(
                "a sequence needs tr > 0, te ≥ 0 and ti ≥ 0 in ms and a flip angle between 0 and "
                f"180 degrees, got tr={self.tr}, te={self.te}, ti={self.ti}, flip={self.flip}"
            )

    def signal(self, t1: ArrayLike, t2: ArrayLike, pd: ArrayLike) -> NDArray[np.floating]:
        """Signal of a tissue in the steady state.

        Parameters
        ----------
        t1, t2 : array_like
            Relaxation times in ms, positive.
        pd : array_like
            Proton density.

        Returns
        -------
        ndarray
            Of the shape that the arguments have together, between −pd and pd.  Inversion
            recovery may give a negative signal; an image shows its magnitude.

        Notes
        -----
        Spin echo, with TE much shorter than TR: pd (1 − e^(−TR/T1)) e^(−TE/T2).
        Spoiled gradient echo: pd sin α (1 − E) / (1 − E cos α) e^(−TE/T2), E = e^(−TR/T1); T2
        stands for T2*, which is not simulated.
        Inversion recovery: pd (1 − 2 e^(−TI/T1) + e^(−TR/T1)) e^(−TE/T2).
        """
        t1, t2, pd = (np.asarray(a) for a in (t1, t2, pd))
        relaxed = np.exp(-self.tr / t1)
        if self.kind == _SE:
            along = 1 - relaxed
        elif self.kind == _IR:
            along = 1 - 2 * np.exp(-self.ti / t1) + relaxed
        else:
            angle = math.radians(self.flip)
            along = math.sin(angle) * (1 - relaxed) / (1 - math.cos(angle) * relaxed)
        return pd * along * np.exp(-self.te / t2)


def relaxation(field: float, *, agent: bool = False) -> dict[str, Relaxation]:
    """T1, T2 and proton density of every material at a field strength.

    Parameters
    ----------
    field : {1.5, 3.0}
        Tesla.
    agent : bool
        After a contrast agent, which shortens T1 of the tumour's rim.

    Raises
    ------
    ValueError
        For another field.

    Examples
    --------
    >>> relaxation(1.5)["white matter"]
    Relaxation(t1=500, t2=70, pd=0.77)
    """
    if field not in RELAXATION:
        raise ValueError(f"field must be 1.5 or 3.0 tesla, got {field!r}")
    table = {"air": Relaxation(300.0, 0.5, 0.0), "cortical bone": _NO_SIGNAL, **RELAXATION[field]}
    if agent:
        table["enhancing rim"] = table["enhancing rim"]._replace(t1=ENHANCED_T1)
    return table


def sequences(vendor: str = "A", field: float = 1.5) -> dict[str, Sequence]:
    """The sequences of a vendor, by contrast.

    Parameters
    ----------
    vendor : {"A", "B"}
        A makes its T1 image by a spoiled gradient echo, B by inversion recovery.
    field : {1.5, 3.0}
        Tesla.  FLAIR's inversion time is the one that nulls CSF there.

    Raises
    ------
    ValueError
        For an unknown vendor or field.

    Notes
    -----
    A's T1, T2 and PD are BrainWeb's (TR 18 ms, TE 10 ms, 30°; TR 3300 ms, TE 120 and 35 ms).
    The others are chosen, as they are usual.

    Examples
    --------
    >>> sequences("A")["t1"]
    Sequence(kind='spoiled gradient echo', tr=18, te=10, flip=30, ti=0.0)
    """
    if vendor not in VENDORS:
        raise ValueError(f'vendor must be "A" or "B", got {vendor!r}')
    fluid = relaxation(field)["CSF"].t1
    if vendor == "A":
        t1 = Sequence(_GRE, tr=18, te=10, flip=30)
        t2, pd = Sequence(_SE, tr=3300, te=120), Sequence(_SE, tr=3300, te=35)
        flair = Sequence(_IR, tr=9000, te=120, ti=_null(fluid, 9000))
    else:
        t1 = Sequence(_IR, tr=2000, te=4, ti=800 if field < 2 else 900)
        t2, pd = Sequence(_SE, tr=5000, te=90), Sequence(_SE, tr=2500, te=15)
        flair = Sequence(_IR, tr=8000, te=95, ti=_null(fluid, 8000))
    return {"t1": t1, "t2": t2, "pd": pd, "flair": flair, "t1ce": t1}


def _null(t1: float, tr: float) -> float:
    """Inversion time at which a tissue gives no signal, ms."""
    return round(t1 * math.log(2 / (1 + math.exp(-tr / t1))), 1)


def rician(signal: ArrayLike, sigma: float, rng: np.random.Generator) -> NDArray[np.float32]:
    """Magnitude of a signal with independent normal noise in its two channels.

    Parameters
    ----------
    signal : array_like
        Noise-free, real; its sign is lost.
    sigma : float
        Standard deviation of the noise in each channel, in the signal's unit.
    rng : numpy.random.Generator

    Returns
    -------
    ndarray of float32

    Notes
    -----
    Where there is no signal the values have a Rayleigh distribution, with mean σ √(π/2) and
    standard deviation σ √(2 − π/2).  Everywhere E[M²] = A² + 2 σ² (Gudbjartsson and Patz, The
    Rician distribution of noisy MRI data, Magn Reson Med 34 (1995) 910).

    Examples
    --------
    >>> air = rician(np.zeros(100_000), 10, np.random.default_rng(0))
    >>> round(float(air.mean()), 1), round(10 * np.sqrt(np.pi / 2), 1)
    (12.5, np.float64(12.5))
    """
    signal = np.asarray(signal, np.float32)
    real, imaginary = rng.standard_normal((2, *signal.shape), dtype=np.float32) * np.float32(sigma)
    return np.hypot(signal + real, imaginary)
