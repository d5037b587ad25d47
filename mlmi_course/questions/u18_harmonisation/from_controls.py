"""Estimate the scanner from healthy people."""

import numpy as np

from mlmi_course.checks import Case, asks


def _controls(
    x, site, ill, *, whom="healthy", least=3, divisor=1, scale="own", lost="nan", centre="own"
):
    x, site, ill = np.asarray(x, float), np.asarray(site), np.asarray(ill).astype(bool)
    out = np.full(x.shape, np.nan)
    every = x[~ill]
    for s in np.unique(site):
        at = site == s
        chosen = at & {"healthy": ~ill, "all": np.ones_like(ill), "ill": ill}[whom]
        if chosen.sum() < least:
            if lost == "all":
                chosen = at
            elif lost == "pooled":
                chosen = ~ill
            else:
                continue
        rows = x[chosen]
        spread = (rows if scale == "own" else every).std(axis=0, ddof=divisor)
        middle = rows.mean(axis=0) if centre == "own" else np.median(rows, axis=0)
        out[at] = (x[at] - middle) / (1 if scale == "none" else spread)
    return out


@asks(
    points=3,
    see="Is it the scanner or the age?",
    hints=(
        "Which patients may say what a scanner does? Those who should be alike at both sites.",
        "Loop over the sites. Mean and standard deviation (`ddof=1`) come from the site's healthy "
        "people, and are applied to *all* of its patients.",
        "Count the healthy of the site first. With two or fewer, its rows stay at nan.",
    ),
)
def from_controls(x, site, ill):
    """Keep the disease"""
    return _controls(x, site, ill)


@from_controls.inputs
def cases(rng):
    def table(healthy, diseased, features=3):
        site = np.concatenate(
            [np.full(h + d, k) for k, (h, d) in enumerate(zip(healthy, diseased, strict=True))]
        )
        ill = np.concatenate(
            [np.repeat([0, 1], (h, d)) for h, d in zip(healthy, diseased, strict=True)]
        )
        x = rng.normal(size=(len(site), features)) + 1.5 * ill[:, None]
        x = x * rng.uniform(0.6, 1.7, (len(healthy), features))[site]
        x = x + rng.normal(0, 2, (len(healthy), features))[site]
        order = rng.permutation(len(site))
        return x[order].round(4), site[order] + 1, ill[order]

    yield Case(table((12, 5), (3, 14)), "two sites with other shares of the ill")
    yield Case(table((9, 8, 3), (6, 2, 7)), "three sites")
    yield Case(table((10, 2, 7), (4, 9, 3)), "a site with two healthy people")
    yield Case(table((10, 0), (5, 12)), "a site where everybody is ill")


from_controls.variants(
    _controls,
    everybody=(
        {"whom": "all", "least": 0},
        "You take all patients of a site, as the colleague does. Where most are ill, their mean "
        "*is* "
        "the disease, and you subtract it.",
    ),
    the_ill=(
        {"whom": "ill"},
        "You take the ill of each site. The disease differs from patient to patient; health "
        "should not "
        "differ from site to site.",
    ),
    pooled_spread=(
        {"scale": "all"},
        "You divide by the spread of *all* healthy people. Each scanner stretches by its own "
        "factor, so "
        "take the site's own.",
    ),
    no_scale=(
        {"scale": "none"},
        "You subtract and do not divide: the scanners also stretch.",
    ),
    divided_by_n=(
        {"divisor": 0},
        "The standard deviation is that of a sample of people: `ddof=1`.",
    ),
    two_are_enough=(
        {"least": 2},
        "With two healthy people a standard deviation is a guess. The statement asks for three.",
    ),
    falls_back=(
        {"lost": "all"},
        "Where too few are healthy you take everybody. That is the fault that was to be mended: "
        "there the "
        "site *is* the disease. Leave nan.",
    ),
    borrows=(
        {"lost": "pooled"},
        "Where too few are healthy you borrow the healthy of other sites. They were never in this "
        "scanner: leave nan.",
    ),
    medians=(
        {"centre": "median"},
        "That is a median. The statement asks for the mean.",
    ),
)
