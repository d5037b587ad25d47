"""One patient: a tree, and what a scanner makes of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlmi_course._numbers import require_whole
from mlmi_course.phantoms.airways._parameters import AirwayParameters
from mlmi_course.phantoms.airways._tree import AirwayTree, grow
from mlmi_course.phantoms.airways._volume import render

__all__ = ["Airways", "simulate"]


@dataclass(frozen=True)
class Airways:
    """The airways of one simulated patient.

    Attributes
    ----------
    volume : ndarray of int16, shape (size, size, size)
        Hounsfield units, in the order (z, y, x), 1 mm apart.
    lumen : ndarray of uint8, the same shape
        1 where air is in an airway.
    false : ndarray of uint8, the same shape
        1 where a decoy or a hole lies that is no airway.
    tree : AirwayTree
        The true graph.
    """

    volume: NDArray[np.int16]
    lumen: NDArray[np.uint8]
    false: NDArray[np.uint8]
    tree: AirwayTree


def simulate(subject: int = 0, *, seed: int = 0, **parameters: Any) -> Airways:
    """Simulate the airways of one patient in a piece of lung, in CT.

    Parameters
    ----------
    subject : int
        Number of the patient.  Each is drawn by itself, so patients 0 to 9 are the same whether ten
        or a hundred are made.
    seed : int
        Other seeds, other patients.
    **parameters
        Those of :class:`AirwayParameters`:

        size
            Voxels along one side, 32 to 128, of 1 mm each.
        radius_mm, smallest_mm
            Inner radius of the first branch, and where the tree ends.
        exponent
            Of the law of division; 3 is Murray's.
        taper
            Part of its radius that a branch loses from its begin to its end.
        bend
            Standard deviation of the angle by which a branch turns, in degrees.
        noise
            Standard deviation in HU.
        leaks, decoys
            Mean number of holes that touch an airway, and of short spaces with air and a wall.

    Returns
    -------
    Airways
        Volume, true masks and true graph.

    Raises
    ------
    ValueError
        If a number makes no sense.
    TypeError
        If there is no such parameter.

    Notes
    -----
    *Division.*  Flow goes with the cube of the radius, so :math:`r_0^3 = r_1^3 + r_2^3` [1]_; the
    smaller daughter takes 0.3 to 0.5 of it (chosen).  Angles make the junction's volume smallest
    [2]_: :math:`\\cos\\theta_1 = (r_0^4 + r_1^4 - r_2^4) / (2 r_0^2 r_1^2)`.  Planes of
    successive divisions stand about at right angles, and a branch is about three diameters long,
    as in the three-dimensional model of Kitaoka et al. [3]_.  CT of healthy people shows other
    lengths and a lower exponent [4]_: the law is a model.
    *Sizes.*  The first branch has a radius of 3.1 mm, as a lobar or segmental bronchus: chosen.
    Taper, bend, thickness of walls, vessels, decoys, holes, blur and noise are chosen.
    *Lumen.*  Air of -1000 HU in tissue of -860 HU.  In the smallest branches, blur mixes lumen and
    wall, so that they are hardly darker than what surrounds them.

    References
    ----------
    .. [1] C. D. Murray, The physiological principle of minimum work: I. The vascular system and
       the cost of blood volume, Proceedings of the National Academy of Sciences 12 (1926) 207-214.
    .. [2] C. D. Murray, The physiological principle of minimum work applied to the angle of
       branching of arteries, Journal of General Physiology 9 (1926) 835-841.
    .. [3] H. Kitaoka, R. Takaki, B. Suki, A three-dimensional model of the human airway tree,
       Journal of Applied Physiology 87 (1999) 2207-2217.
    .. [4] T. Van de Moortele et al., Morphological and functional properties of the conducting
       human airways, Journal of Applied Physiology 124 (2018), doi:10.1152/japplphysiol.00490.2017.

    Examples
    --------
    Murray's law holds at each division:

    >>> import numpy as np
    >>> tree = simulate(1, size=48).tree
    >>> new = np.flatnonzero((tree.parent >= 0) & (tree.branch != tree.branch[tree.parent]))
    >>> at = tree.parent[new]
    >>> both = [p for p in set(at.tolist()) if (at == p).sum() == 2]
    >>> cubes = [(tree.radius[new[at == p]] ** 3).sum() / tree.radius[p] ** 3 for p in both]
    >>> bool(np.allclose(cubes, 1))
    True
    """
    require_whole("subject", subject, 0)
    require_whole("seed", seed, 0)
    asked = AirwayParameters(**parameters)
    tree = grow(np.random.default_rng([17, seed, subject, 0]), asked)
    volume, lumen, false = render(np.random.default_rng([17, seed, subject, 1]), tree, asked)
    return Airways(volume, lumen, false, tree)
