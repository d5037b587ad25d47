"""Pairs of voxels, and the numbers that come from them."""

import itertools

import numpy as np


def directions(ndim):
    """Half of the steps to a voxel's neighbours: the other half are the same pairs."""
    return [step for step in itertools.product((-1, 0, 1), repeat=ndim) if step > (0,) * ndim]


def beside(levels, step):
    """Views of all voxels that have a neighbour at this step, and of these neighbours."""
    here = tuple(slice(max(0, -s), n - max(0, s)) for s, n in zip(step, levels.shape, strict=True))
    there = tuple(slice(max(0, s), n - max(0, -s)) for s, n in zip(step, levels.shape, strict=True))
    return levels[here], levels[there]


def counts(levels, step, size, *, outside=False, symmetric=True):
    """Co-occurrences; level 0 is outside the region."""
    first, second = beside(levels, step)
    both = np.ones(first.shape, bool) if outside else (first > 0) & (second > 0)
    table = np.zeros((size + 1, size + 1))
    np.add.at(table, (first[both], second[both]), 1)
    return table + table.T if symmetric else table


def contrast_and_entropy(table, *, log=np.log):
    """Contrast, and joint entropy, of counts; nan of none."""
    if not table.sum():
        return np.array([np.nan, np.nan])
    p = table / table.sum()
    i, j = np.indices(p.shape)
    some = p[p > 0]
    return np.array([((i - j) ** 2 * p).sum(), -(some * log(some)).sum()])
