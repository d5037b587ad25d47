"""What the unit looks at: the ganglia of simulated heads, and patches of simulated lungs."""

import numpy as np
import pandas as pd

from mlmi_course.data import ImageSet
from mlmi_course.phantoms import brain, lung

UPPER = np.array([0.0, 0.05, 0.25, 0.5, 0.75, 1.0])
"""The upper ends of the six grades: 0, 1–5, 6–25, 26–50, 51–75 and above 75 %."""


def grade_of(fraction):
    """The grade, 0 to 5, of shares of destroyed tissue."""
    return np.searchsorted(UPPER, np.asarray(fraction))


def lungs(n=300, seed=0):
    """Patches of lung on many scanners, each with a reader's grade of its emphysema.

    Parameters
    ----------
    n : int
        Patches, one a patient.
    seed : int
        Other seeds, other patients; a larger ``n`` goes on with the same ones.

    Returns
    -------
    ImageSet
        ``images`` in HU, shape (n, 64, 64); ``masks`` 1 where tissue is gone, which nobody
        outlined.  The table has the true ``fraction``, its ``grade`` (0 to 5: none, up to 5, 25,
        50, 75 and 100 %), ``reader``, the grade that one reader gave by eye, and the ``noise``
        in HU.

    Notes
    -----
    A quarter is healthy.  Breath (−905 to −820 HU) and noise (30 to 110 HU) differ from patient to
    patient, so no one threshold fits.  The reader sees the fraction times ``exp(N(0, 0.3))``, and
    calls traces (below 3 %) healthy in half of the cases.  All of these are chosen.

    Examples
    --------
    >>> found = lungs(4)
    >>> found
    ImageSet: weak-lungs, 4 images of 64×64 pixels, 4 patients
    """
    images, masks, rows = [], [], []
    for number in range(n):
        rng = np.random.default_rng([14, 1, seed, number])
        ill = rng.random() > 0.25
        share = float(np.clip(np.exp(rng.normal(np.log(0.15), 1.1)), 0.01, 0.85))
        scan = {"density_hu": rng.uniform(-905, -820), "noise": rng.uniform(30, 110)}
        scan |= {"fraction": share, "prevalence": 1.0} if ill else {"prevalence": 0.0}
        patch = lung.patches(1, seed=int(rng.integers(2**31)), **scan)
        truth = float(patch["masks"].mean())
        seen = np.clip(truth * np.exp(0.3 * rng.normal()), 0, 1)
        if truth < 0.03 and rng.random() < 0.5:
            seen = 0.0
        images.append(patch["images"][0])
        masks.append((patch["masks"][0] > 0).astype(np.uint8))
        row = {"fraction": truth, "grade": grade_of(truth), "reader": grade_of(seen)}
        rows.append(row | {"noise": scan["noise"]})
    return ImageSet(
        name="weak-lungs",
        images=np.stack(images),
        masks=np.stack(masks),
        groups=np.arange(n),
        table=pd.DataFrame(rows),
        spacing=(lung.SPACING_MM, lung.SPACING_MM),
        source="simulated here",
        licence="CC BY 4.0",
        datasheet="docs/datasheets/lung.md",
    )


def readings(counts, seed=0):
    """What two readers count where ``counts`` spaces are: (n, 2) whole numbers.

    Each is wrong by a normal error of variance 2 + 2 × count, and the second counts a tenth more.
    Chosen so that their ICC(A,1) is about 0.75 on :func:`ganglia`.

    Examples
    --------
    >>> readings([0, 10, 20]).shape
    (3, 2)
    """
    counts = np.asarray(counts, float)[:, None]
    rng = np.random.default_rng([14, 2, seed])
    error = np.sqrt(2 + 2 * counts) * rng.normal(size=(len(counts), 2))
    return np.rint(np.maximum(counts * (1.0, 1.1) + error, 0)).astype(int)


def ganglia(n=80, seed=0, follows_age=0.03, apart=0.7):
    """The basal ganglia of simulated heads in T2, with enlarged perivascular spaces.

    Parameters
    ----------
    n : int
        Slices, one a subject, 45 to 85 years old.
    seed : int
        Other seeds, other subjects; a larger ``n`` goes on with the same ones.
    follows_age : float
        The mean number of spaces grows by this share a year.
    apart : float
        How far people of one age differ: the coefficient of variation of their mean number.

    Returns
    -------
    ImageSet
        ``images``, shape (n, 64, 64), 1.2 mm a pixel; ``masks`` 1 inside a space.  The table has
        the true ``count`` in the slice, the ``age``, and what two readers counted: ``first`` and
        ``second``.  ``findings`` has the place of every space, in pixels.

    Notes
    -----
    Fluid spaces of the brain widen with age (``atrophy`` of the simulator), as the number of
    perivascular spaces does.  All figures are chosen.

    Examples
    --------
    >>> heads = ganglia(2)
    >>> heads
    ImageSet: weak-ganglia, 2 images of 64×64 pixels, 2 patients
    """
    images, masks, rows, found = [], [], [], []
    top, left = 50, 64  # of the 192 rows and columns of a head
    for number in range(n):
        rng = np.random.default_rng([14, seed, number])
        age = rng.uniform(45, 85)
        mean = 30 * np.exp(follows_age * (age - 65)) * rng.gamma(1 / apart**2, apart**2)
        head = brain.slices(
            1,
            seed=int(rng.integers(2**31)),
            slices=1,
            levels=(0.0, 4.0),
            size=192,
            contrasts=("t2",),
            epvs=float(min(mean, 120)),
            atrophy=float(np.clip((age - 45) / 50 + rng.normal(0, 0.1), 0, 1)),
        )
        place = np.stack([head["cluster_row"][0] - top, head["cluster_column"][0] - left], axis=1)
        place = place[((place > -0.5) & (place < 63.5)).all(axis=1)]
        part = np.s_[top : top + 64, left : left + 64]
        images.append(head["images"][0][part])
        masks.append((head["structure"][0][part] == 3).astype(np.uint8))
        found += [{"image": number, "row": row, "column": column} for row, column in place]
        rows.append({"age": age, "count": len(place)})
    table = pd.DataFrame(rows)
    table[["first", "second"]] = readings(table["count"], seed)
    return ImageSet(
        name="weak-ganglia",
        images=np.stack(images),
        masks=np.stack(masks),
        groups=np.arange(n),
        table=table,
        findings=pd.DataFrame(found, columns=["image", "row", "column"]),
        spacing=(1.2, 1.2),
        source="simulated here",
        licence="CC BY 4.0",
        datasheet="docs/datasheets/brain.md",
    )
