"""Fit on the training patients, apply to others."""

import numpy as np

from mlmi_course.checks import Case, asks


def _harmonise(
    train,
    train_site,
    train_covariates,
    test,
    test_site,
    test_covariates,
    *,
    together=False,
    by_position=False,
    constant="kept",
    lonely="one",
    unknown="nan",
    keep_covariates=True,
    divisor=1,
    weighted=True,
    own_test=False,
):
    names = list(train_covariates)
    c = np.column_stack([np.asarray(train_covariates[k], float) for k in names])
    order = list(test_covariates) if by_position else names
    d = np.column_stack([np.asarray(test_covariates[k], float) for k in order])
    train, test = np.asarray(train, float), np.asarray(test, float)
    train_site, test_site = np.asarray(train_site), np.asarray(test_site)
    x, site = train, train_site
    if together:
        x, site, c = np.vstack([x, test]), np.concatenate([site, test_site]), np.vstack([c, d])
    if not keep_covariates:
        c, d = c[:, :0], d[:, :0]
    sites = np.unique(site)
    columns = np.column_stack([site[:, None] == sites, c]).astype(float)
    b = np.linalg.lstsq(columns, x, rcond=None)[0]
    shares = np.array([(site == s).mean() for s in sites]) if weighted else 1 / len(sites)
    alpha = (np.ones(len(sites)) * shares) @ b[: len(sites)]
    beta = b[len(sites) :]
    sigma = np.sqrt(((x - columns @ b) ** 2).mean(axis=0))
    flat = np.ptp(x, axis=0) < 1e-9
    safe = np.where(flat, 1.0, sigma)
    z, w = (x - alpha - c @ beta) / safe, (test - alpha - d @ beta) / safe
    out = np.full(w.shape, np.nan) if unknown in ("nan", "row") else w.copy()
    for s in sites:
        rows = w[test_site == s] if own_test else z[site == s]
        if len(rows) == 0:
            continue
        alone = len(rows) == 1
        if alone and lonely == "nan":
            location, scale = rows.mean(axis=0), np.nan
        elif alone and lonely == "nothing":
            location, scale = 0.0, 1.0
        elif alone:
            location, scale = rows.mean(axis=0), 1.0
        else:
            location = rows.mean(axis=0)
            scale = np.where(flat, 1.0, rows.std(axis=0, ddof=divisor))
        out[test_site == s] = (w[test_site == s] - location) / scale
    made = alpha + d @ beta + safe * out
    if constant == "nan":
        made[:, flat] = np.nan
    elif constant == "kept":
        made[:, flat] = test[:, flat]
    if unknown == "row":
        made[~np.isin(test_site, sites)] = np.nan
    return made


@asks(
    points=4,
    see="A hospital that is new",
    hints=(
        "Two phases: everything is estimated from the training patients; the test patients are "
        "only "
        "put into the formula. What does the colleague's first line do?",
        "Take the covariates by *name*, in the order of the training's names, for both tables.",
        "A feature that is constant in training has a spread of 0: copy it from the test. A site "
        "with "
        "one training patient has a mean but no standard deviation: divide by 1.",
        "Begin with an array full of nan for the test, and fill the rows of each training site. A "
        "site that training has not seen is then left at nan.",
    ),
    tolerance=1e-6,
)
def harmonise(train, train_site, train_covariates, test, test_site, test_covariates):
    """Fit on the training, apply to others"""
    return _harmonise(train, train_site, train_covariates, test, test_site, test_covariates)


@harmonise.inputs
def cases(rng):
    def table(sizes, features, flat=(), further=()):
        site = np.concatenate([np.full(n, s) for s, n in sizes.items()])
        n = len(site)
        covariates = {"age": rng.normal(62, 9, n).round(1), "sex": rng.integers(0, 2, n)}
        covariates |= {name: rng.normal(0, 1, n).round(2) for name in further}
        x = rng.normal(size=(n, features)) + 0.04 * (covariates["age"][:, None] - 62)
        x = x + 0.5 * covariates["sex"][:, None]
        x = x * effects["scale"][site, :features] + effects["shift"][site, :features] + 5
        x[:, list(flat)] = 3.0  # of a test, somebody else's table changes it below
        order = rng.permutation(n)
        return (
            x.round(4)[order],
            site[order] + 1,
            {name: values[order] for name, values in covariates.items()},
        )

    effects = {"shift": rng.normal(0, 1, (5, 4)), "scale": rng.uniform(0.6, 1.6, (5, 4))}
    train, test = table({0: 14, 1: 12, 2: 9}, 4), table({0: 5, 1: 3, 2: 4}, 4)
    yield Case((*train, *test), "three sites")
    turned = {name: test[2][name] for name in reversed(test[2])}
    yield Case((*train, test[0], test[1], turned), "covariates of the test in another order")
    train, test = table({0: 10, 1: 10}, 3, flat=[1]), table({0: 3, 1: 4}, 3)
    yield Case((*train, *test), "a feature that is always 3 in training, and not in the test")
    train, test = table({0: 12, 1: 1, 2: 8}, 3), table({0: 3, 1: 3, 2: 2}, 3)
    yield Case((*train, *test), "a site with one training patient")
    train, test = table({0: 10, 1: 9}, 3), table({0: 3, 3: 2, 1: 1}, 3)
    yield Case((*train, *test), "test patients of a site that training has not seen")
    train, test = (
        table({0: 10, 1: 9, 2: 9}, 3, further=["dose"]),
        table({1: 1}, 3, further=["dose"]),
    )
    yield Case((*train, *test), "one test patient, and another covariate")
    train, test = table({0: 10, 1: 9}, 3, flat=[2]), table({0: 2, 3: 2}, 3)
    yield Case((*train, *test), "a site that is new, and a feature that is always 3 in training")


harmonise.variants(
    _harmonise,
    together=(
        {"together": True},
        "You fit on training and test patients together, as the colleague does. Then each test "
        "patient "
        "has helped to choose what is subtracted from her.",
    ),
    test_by_itself=(
        {"own_test": True},
        "You take location and scale of a site from its *test* patients. They come from training: "
        "one "
        "new patient must be possible.",
    ),
    by_position=(
        {"by_position": True},
        "You take the test's covariates by their position. Where the columns come in another "
        "order, "
        "age is multiplied by the slope of sex. Take them by name.",
    ),
    nan_for_constant=(
        {"constant": "nan"},
        "A feature that is constant in training gives 0 / 0. Nothing can be estimated for it: "
        "copy it.",
    ),
    nan_for_lonely=(
        {"lonely": "nan"},
        "A site with one training patient has no standard deviation: `ddof=1` divides by 0. Use "
        "her "
        "value as the location, and 1 as the scale.",
    ),
    nothing_for_lonely=(
        {"lonely": "nothing"},
        "For a site with one training patient you do nothing. She gives a location, if a rough "
        "one.",
    ),
    copies_nothing_there=(
        {"unknown": "row"},
        "For a site that training has not seen you answer nan in *all* features. A feature that is "
        "constant in training is copied for every patient.",
    ),
    unknown_passes=(
        {"unknown": "pass"},
        "Patients of a site that training has not seen get a number that looks harmonised. "
        "Nothing is "
        "known of their scanner: they get nan.",
    ),
    no_covariates=(
        {"keep_covariates": False},
        "Age and sex are not in your design, so part of them goes away with the sites.",
    ),
    divided_by_n=(
        {"divisor": 0},
        "The scale of a site is a standard deviation with `ddof=1` here, as in the lecture.",
    ),
    sites_alike=(
        {"weighted": False},
        "The mean of all counts each *patient* once, so the sites' means are weighted by their "
        "share "
        "of the training patients.",
    ),
)
