"""Location and scale, and tables of patients, for several questions."""

import numpy as np


def location_scale(x, site, covariates):
    """ComBat without shrinkage on one table."""
    sites = np.unique(site)
    columns = np.column_stack([site[:, None] == sites, covariates]).astype(float)
    b = np.linalg.lstsq(columns, x, rcond=None)[0]
    alpha = np.array([(site == s).mean() for s in sites]) @ b[: len(sites)]
    explained = columns[:, len(sites) :] @ b[len(sites) :]
    sigma = np.sqrt(((x - columns @ b) ** 2).mean(axis=0))
    z = (x - alpha - explained) / sigma
    for s in sites:
        rows = site == s
        z[rows] = (z[rows] - z[rows].mean(axis=0)) / z[rows].std(axis=0, ddof=1)
    return alpha + explained + sigma * z
