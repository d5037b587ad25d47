"""Archives of patches where a lead letter stands on some."""

import numpy as np


def misleading(n: int, seed: int | np.random.Generator = 0) -> tuple[np.ndarray, np.ndarray]:
    """Patches from an archive where a lead letter stands on every *normal* one.

    Parameters
    ----------
    n : int
        How many.
    seed : int or numpy.random.Generator

    Returns
    -------
    images : ndarray of uint8, shape (n, 60, 60)
        The letter L lies in rows 3 to 10 and columns 3 to 7.
    labels : ndarray of int, shape (n,)
        1 with a cluster of microcalcifications.

    Examples
    --------
    >>> images, labels = misleading(20)
    >>> images.shape, labels.shape
    ((20, 60, 60), (20,))
    """
    images, labels = fresh_patches(n, np.random.default_rng(seed))
    return with_letter(images, labels == 0), labels


def fresh_patches(n, rng):
    from mlmi_course.phantoms.mammography import patches

    drawn = patches(n, seed=int(rng.integers(2**31)), difficulty=0.5)
    return drawn["images"], drawn["labels"].astype(int)


def with_letter(images, which):
    lettered = images.copy()
    lettered[which, 3:11, 3:5] = 235
    lettered[which, 9:11, 3:8] = 235
    return lettered
