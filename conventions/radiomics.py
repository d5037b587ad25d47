"""Texture and first-order features."""

from __future__ import annotations

import numpy as np

from conventions import refused, row

TEXTURE = np.random.default_rng(0).integers(0, 8, (24, 24)).astype(np.uint8)
"""Eight grey levels at random."""


@row(
    "Energy of a GLCM",
    libraries=("scikit-image",),
    units=("07",),
    ours="the IBSI's name, angular second moment, and its definition: the sum of squares.",
)
def glcm_energy():
    """Haralick's *angular second moment* is the sum of the squared entries. pyradiomics calls that
    *JointEnergy*; scikit-image's *energy* is its square root, and its ASM is the sum."""
    from skimage.feature import graycomatrix, graycoprops

    glcm = graycomatrix(TEXTURE, [1], [0], levels=8, symmetric=True, normed=True)
    return {
        "graycoprops(glcm, 'energy')": graycoprops(glcm, "energy")[0, 0],
        "graycoprops(glcm, 'ASM')": graycoprops(glcm, "ASM")[0, 0],
        "sum of squares": (glcm**2).sum(),
    }


@row(
    "Homogeneity of a GLCM",
    libraries=("scikit-image", "numpy"),
    units=("07",),
    ours="the IBSI's names: *inverse difference* with |i − j|, *inverse difference moment* "
    "with (i − j)².",
)
def glcm_homogeneity():
    """One word for two sums: p / (1 + (i − j)²), as scikit-image, or p / (1 + |i − j|), as
    MATLAB's `graycoprops`."""
    from skimage.feature import graycomatrix, graycoprops

    glcm = graycomatrix(TEXTURE, [1], [0], levels=8, symmetric=True, normed=True)
    i, j = np.indices((8, 8))
    p = glcm[:, :, 0, 0]
    return {
        "graycoprops(glcm, 'homogeneity')": graycoprops(glcm, "homogeneity")[0, 0],
        "Σ p / (1 + (i − j)²)": (p / (1 + (i - j) ** 2)).sum(),
        "Σ p / (1 + |i − j|)": (p / (1 + abs(i - j))).sum(),
    }


@row(
    "Distance 2 along a diagonal",
    libraries=("scikit-image",),
    units=("07",),
    ours="offsets are written out as (rows, columns).",
)
def glcm_diagonal():
    """The IBSI counts a diagonal neighbour as one step (Chebyshev distance). scikit-image rounds
    distance × sin and cos of the angle: distance 2 at 45° is (1.41, 1.41), and becomes one step,
    the same matrix as for distance 1."""
    from skimage.feature import graycomatrix

    def same(angle):
        glcm = graycomatrix(TEXTURE, [1, 2], [angle], levels=8)
        return bool((glcm[:, :, 0] == glcm[:, :, 1]).all())

    return {
        "45°: distances 1 and 2 give the same matrix": same(np.pi / 4),
        "0°: distances 1 and 2 give the same matrix": same(0),
    }


@row(
    "Pairs counted once or twice",
    libraries=("scikit-image",),
    units=("07",),
    ours="`symmetric=True, normed=True`, as Haralick and the IBSI.",
)
def glcm_symmetric():
    """scikit-image counts a pair in one direction and gives counts, unless told otherwise.
    `graycoprops` normalises first, but your own sums over counts grow with the size of the
    region."""
    from skimage.feature import graycomatrix, graycoprops

    rising = np.sort(TEXTURE, axis=1)
    said = {}
    for symmetric in (False, True):
        glcm = graycomatrix(rising, [1], [0], levels=8, symmetric=symmetric)
        said[f"sum of the matrix, symmetric={symmetric}"] = int(glcm.sum())
        said[f"correlation, symmetric={symmetric}"] = graycoprops(glcm, "correlation")[0, 0]
    return said


@row(
    "Entropy of a GLCM",
    libraries=("scikit-image", "numpy"),
    units=("07",),
    ours="bits, as the IBSI, pyradiomics and mirp.",
)
def glcm_entropy():
    """The IBSI and pyradiomics take the logarithm to base 2, scikit-image the natural one: a
    factor of 0.693. In space there are 13 directions, and [two orders of summing
    up](#mirp-adds-up-the-matrices-of-a-texture-where-pyradiomics-averages-the-features)."""
    from skimage.feature import graycomatrix, graycoprops

    glcm = graycomatrix(TEXTURE, [1], [0], levels=8, symmetric=True, normed=True)
    p = glcm[glcm > 0]
    return {
        "graycoprops(glcm, 'entropy')": graycoprops(glcm, "entropy")[0, 0],
        "−Σ p log₂ p": -(p * np.log2(p)).sum(),
    }


@row(
    "Kurtosis and skewness",
    libraries=("scipy", "pandas", "numpy"),
    units=("07",),
    ours="excess kurtosis (a normal distribution has 0), as the IBSI; pyradiomics leaves the 3 in.",
)
def kurtosis():
    """The fourth moment divided by the squared variance is 3 for a normal distribution. SciPy and
    the IBSI subtract the 3, pyradiomics does not
    ([shown](#pyradiomics-12-units-more-and-the-lesion-has-another-texture)), and pandas also
    corrects for the size of the sample."""
    import pandas as pd
    from scipy import stats

    values = np.array([1.0, 2, 2, 3, 3, 3, 4, 4, 9])
    return {
        "scipy.stats.kurtosis": stats.kurtosis(values),
        "scipy.stats.kurtosis(fisher=False)": stats.kurtosis(values, fisher=False),
        "pandas .kurt()": pd.Series(values).kurt(),
        "scipy.stats.skew": stats.skew(values),
        "pandas .skew()": pd.Series(values).skew(),
    }


@row(
    "Standard deviation: which divisor",
    libraries=("numpy", "pandas", "simpleitk", "scikit-learn", "scipy"),
    units=("02", "03", "05", "07", "12"),
    ours="`ddof=1` for a sample of patients, `ddof=0` for the pixels of a region that is all "
    "there is, and to standardise features.",
)
def standard_deviation():
    """NumPy, scikit-learn's scaler and `scipy.stats.zscore` divide by n; pandas, SimpleITK and R
    by n − 1. With ten patients that is five per cent, and a z-score of the one is not that of the
    other."""
    import pandas as pd
    import SimpleITK
    from sklearn.preprocessing import StandardScaler

    values = np.array([1.0, 2, 3, 4])
    image = SimpleITK.GetImageFromArray(values.reshape(2, 2))
    statistics = SimpleITK.StatisticsImageFilter()
    statistics.Execute(image)
    return {
        "numpy.std": values.std(),
        "sklearn StandardScaler().scale_": StandardScaler().fit(values[:, None]).scale_[0],
        "pandas .std()": pd.Series(values).std(),
        "SimpleITK StatisticsImageFilter": statistics.GetSigma(),
    }


@row(
    "Where a bin begins, and who belongs to it",
    libraries=("numpy", "pandas", "scikit-learn"),
    units=("07",),
    ours="edges are written out, and belong to the bin on their right, as in the IBSI.",
)
def binning():
    """Grey levels 0, 25, 50, 75 and 100, with edges at 0, 25, 50, 75, 100. NumPy's histogram gives
    an edge to the bin on its right (but the last edge to the last bin), `digitize` opens a bin of
    its own for it, and `pandas.cut` gives it to the bin on the *left*, so that 0 is in none.
    Edges at multiples of the width [make texture depend on an
    offset](#pyradiomics-12-units-more-and-the-lesion-has-another-texture)."""
    import pandas as pd
    from sklearn.preprocessing import KBinsDiscretizer

    values, edges = np.array([0.0, 25, 50, 75, 100]), [0, 25, 50, 75, 100]
    by_sklearn = KBinsDiscretizer(4, encode="ordinal", strategy="uniform", subsample=None)
    return {
        "numpy.histogram, counts": np.histogram(values, edges)[0],
        "numpy.digitize − 1": np.digitize(values, edges) - 1,
        "pandas.cut, codes (−1: in no bin)": pd.cut(values, edges).codes.astype(int),
        "KBinsDiscretizer, uniform": by_sklearn.fit_transform(values[:, None]).ravel(),
    }


@row(
    "Number of bins or width of a bin",
    libraries=("numpy",),
    units=("07",),
    ours="a fixed width for modalities with units (CT), a fixed number for those without (MR), "
    "as the IBSI recommends.",
)
def number_or_width():
    """*Thirty-two bins* stretch over the range of each region, so a lesion with one bright voxel
    is discretised more coarsely; *25 HU a bin* is the same for all patients. Shown: the entropy in
    bits of the same lesion, without and with one voxel of metal."""
    lesion = np.random.default_rng(0).normal(40, 20, 2000)
    metal = np.append(lesion, 3000)

    def bits(bins):
        share = np.unique(bins, return_counts=True)[1] / len(bins)
        return -(share * np.log2(share)).sum()

    def number(values, n=32):
        edges = np.linspace(values.min(), values.max(), n + 1)
        return np.clip(np.digitize(values, edges), 1, n)

    return {
        "32 bins: lesion, with metal": [bits(number(lesion)), bits(number(metal))],
        "25 HU a bin: lesion, with metal": [bits(lesion // 25), bits(metal // 25)],
    }


@row(
    "What a GLCM takes",
    libraries=("scikit-image",),
    units=("07",),
    ours="discretise first, to unsigned integers from 0 to levels − 1.",
)
def glcm_input():
    """Hounsfield units are signed and exceed 255. scikit-image refuses them, one reason at a time,
    rather than choosing bins for you. A flat region, where the correlation is 0/0, it calls
    perfectly correlated."""
    from skimage.feature import graycomatrix, graycoprops

    flat = graycomatrix(np.zeros((4, 4), np.uint8), [1], [0], levels=2)
    image = np.array([[-100, 0], [40, 300]])
    return {
        "signed, negative": refused(lambda: graycomatrix(image, [1], [0], levels=301)),
        "floats": refused(lambda: graycomatrix(image / 1.0, [1], [0], levels=301)),
        "above 255, no levels": refused(
            lambda: graycomatrix(abs(image).astype(np.uint16), [1], [0])
        ),
        "correlation of a flat region": graycoprops(flat, "correlation")[0, 0],
    }
