"""The tree itself: branches that divide by Murray's law, taper and bend."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mlmi_course.phantoms.airways._parameters import SPACING_MM, AirwayParameters

__all__ = ["AirwayTree", "branching_angles", "daughters", "grow"]

Floats = NDArray[np.float64]

_STEP_MM: Final = 0.8  # between points of a centreline
_LENGTH: Final = 6.0  # in radii: three diameters
_MARGIN_MM: Final = 3.0  # to the border of the volume
_APART_MM: Final = 1.5  # between the walls of branches that are not kin
_TRIES: Final = 8


@dataclass(frozen=True)
class AirwayTree:
    """A tree of airways as points on its centrelines.

    Attributes
    ----------
    points : ndarray, shape (n, 3)
        Places (z, y, x) in mm, the parent always before its child.
    radius : ndarray, shape (n,)
        Inner radius in mm.
    parent : ndarray of int, shape (n,)
        The point before; -1 for the first point of the root.
    branch, generation : ndarray of int, shape (n,)
        Number of the branch, and how often the tree has divided before it: 0 for the root.

    Examples
    --------
    >>> from mlmi_course.phantoms import airways
    >>> tree = airways.simulate(0, size=48).tree
    >>> tree.length > 100, int(tree.parent[0])
    (True, -1)
    """

    points: Floats
    radius: Floats
    parent: NDArray[np.int64]
    branch: NDArray[np.int64]
    generation: NDArray[np.int64]

    @property
    def steps(self) -> Floats:
        """Length of the piece that ends at each point, in mm; 0 for the first."""
        before = np.where(self.parent < 0, 0, self.parent)
        return np.linalg.norm(self.points - self.points[before], axis=1)

    @property
    def length(self) -> float:
        """Length of all centrelines together, in mm."""
        return float(self.steps.sum())


def daughters(radius: float, share: float, exponent: float = 3.0) -> tuple[float, float]:
    """Return the radii of the two daughters of a branch.

    Parameters
    ----------
    radius : float
        Of the parent, where it ends.
    share : float
        Part of the flow that the second daughter takes, above 0 and below 1.
    exponent : float
        3 is Murray's law: the flow goes with the cube of the radius.

    Returns
    -------
    tuple of float
        Radii of the daughters, in the unit of `radius`.

    Examples
    --------
    >>> [round(r, 3) for r in daughters(2.0, 0.5)]
    [1.587, 1.587]
    """
    return radius * (1 - share) ** (1 / exponent), radius * share ** (1 / exponent)


def branching_angles(radius: float, first: float, second: float) -> tuple[float, float]:
    """Return the angles between the parent's direction and its daughters', in radians.

    They make the volume of a junction with fixed ends smallest [1]_.  Forces of the size
    :math:`r^2` along the three branches are in balance.

    Parameters
    ----------
    radius, first, second : float
        Radii of the parent and its daughters, in one unit.

    Returns
    -------
    tuple of float
        Angles of the first and the second daughter.

    References
    ----------
    .. [1] C. D. Murray, The physiological principle of minimum work applied to the angle of
       branching of arteries, Journal of General Physiology 9 (1926) 835-841.

    Examples
    --------
    Equal daughters of a symmetric division lie 75 degrees apart:

    >>> one, other = branching_angles(1.0, *daughters(1.0, 0.5))
    >>> round(float(np.degrees(one + other)))
    75
    """
    a, b, c = radius**4, first**4, second**4
    cosines = (
        (a + b - c) / (2 * radius**2 * first**2),
        (a + c - b) / (2 * radius**2 * second**2),
    )
    one, other = np.arccos(np.clip(cosines, -1.0, 1.0))
    return float(one), float(other)


def grow(rng: np.random.Generator, parameters: AirwayParameters) -> AirwayTree:
    """A tree that fits into the volume."""
    side = (parameters.size - 1) * SPACING_MM
    root = np.array([0.0, *(side / 2 + rng.uniform(-3, 3, 2))])
    down = _unit(np.array([1.0, *rng.normal(0, 0.12, 2)]))
    radius = parameters.radius_mm * np.exp(rng.normal(0, 0.05))
    made: dict[str, list[Any]] = {k: [] for k in ("points", "radius", "parent", "branch", "gen")}
    across = _unit(np.cross(down, _unit(rng.normal(size=3))))
    waiting = [(root, down, radius, -1, 0, across)]
    number = 0
    while waiting:
        start, direction, radius, parent, generation, normal = waiting.pop(0)
        line, radii, end = _centreline(rng, start, direction, radius, parameters)
        line, radii, whole = _inside(line, radii, side, first=parent < 0)
        if len(line) < 4 or (parent >= 0 and _collides(line, radii, made, parent)):
            continue
        first = len(made["points"])
        kin = [parent, *range(first, first + len(line) - 1)]
        made["points"] += list(line)
        made["radius"] += list(radii)
        made["parent"] += kin
        made["branch"] += [number] * len(line)
        made["gen"] += [generation] * len(line)
        number += 1
        last = first + len(line) - 1
        if not whole:
            continue
        share = rng.uniform(0.3, 0.5)
        two = daughters(radii[-1], share, parameters.exponent)
        angles = branching_angles(radii[-1], *two)
        # The plane of a division stands about at a right angle on the one before.
        turn = np.cross(end, normal)
        normal = _unit(_unit(turn) + rng.normal(0, 0.3, 3))
        normal = _unit(normal - (normal @ end) * end)
        sideways = np.cross(end, normal)
        for r, angle, sign in zip(two, angles, (1, -1), strict=True):
            if r < parameters.smallest_mm:
                continue
            way = _unit(np.cos(angle) * end + sign * np.sin(angle) * sideways)
            waiting.append((line[-1], way, r, last, generation + 1, normal))
    return AirwayTree(
        np.array(made["points"]),
        np.array(made["radius"]),
        np.array(made["parent"], int),
        np.array(made["branch"], int),
        np.array(made["gen"], int),
    )


def _unit(vector: Floats) -> Floats:
    return np.asarray(vector / np.linalg.norm(vector))


def _centreline(
    rng: np.random.Generator,
    start: Floats,
    direction: Floats,
    radius: float,
    parameters: AirwayParameters,
) -> tuple[Floats, Floats, Floats]:
    """Points of a branch that bends into one direction, its radii, and where it heads."""
    length = _LENGTH * radius * np.exp(rng.normal(0, 0.2))
    side = _unit(np.cross(direction, _unit(rng.normal(size=3))))
    bend = np.radians(parameters.bend) * rng.normal()
    t = np.linspace(0, 1, max(4, round(length / _STEP_MM)))[:, None]
    # An arc: its direction turns by `bend` between start and end.
    angle = bend * t
    steps = np.cos(angle) * direction + np.sin(angle) * side
    line = start + length * np.cumsum(steps, axis=0) / len(t)
    radii = radius * (1 - parameters.taper * t[:, 0])
    return line, radii, _unit(steps[-1])


def _inside(
    line: Floats, radii: Floats, side: float, *, first: bool
) -> tuple[Floats, Floats, bool]:
    """The part before the branch leaves the volume, and whether that is all of it."""
    low = np.array([-1.0 if first else _MARGIN_MM, _MARGIN_MM, _MARGIN_MM])
    out = ((line < low) | (line > side - _MARGIN_MM)).any(axis=1)
    stop = int(out.argmax()) if out.any() else len(line)
    return line[:stop], radii[:stop], stop == len(line)


def _collides(line: Floats, radii: Floats, made: dict[str, list[Any]], parent: int) -> bool:
    """Whether a branch runs into one that is neither its parent nor its sister."""
    branch = np.array(made["branch"])
    before = np.array(made["parent"])
    sisters = branch[np.flatnonzero(before == parent)]
    other = (branch != branch[parent]) & ~np.isin(branch, sisters)
    if not other.any():
        return False
    places, others = np.array(made["points"])[other], np.array(made["radius"])[other]
    apart = np.linalg.norm(line[:, None] - places, axis=2) - radii[:, None] - others
    return bool(apart.min() < _APART_MM)
