"""Fifty strong labels or five hundred weak ones?"""

import numpy as np

from mlmi_course.checks import Case, asks


def _buy(
    budget,
    prices,
    pilots,
    *,
    fit="squares",
    floor="clipped",
    setup=True,
    choose="error",
    whole=np.floor,
    least=0,
    told="root",
    order="ba",
):
    plans = {}
    for kind in ("strong", "weak"):
        start, each = prices[kind]
        n = max(int(whole((budget - (start if setup else 0)) / each)), least)
        table = np.asarray(pilots[kind], float)
        sizes, errors = table.T
        if fit == "squares":
            slope, base = np.polyfit(1 / sizes, errors**2, 1)
            if order == "ab":
                slope, base = base, slope
        elif fit == "errors":
            slope, base = np.polyfit(1 / sizes, errors, 1)
        elif fit == "no floor":
            slope, base = (errors**2 * sizes).mean(), 0.0
        else:  # the last pilot's error, as it is
            slope, base = 0.0, errors[sizes.argmax()] ** 2
        if floor == "clipped":
            base = max(base, 0.0)
        value = base + slope / n if n else np.inf
        error = value if fit == "errors" else np.sqrt(value) if value >= 0 else np.nan
        plans[kind] = (error, n)
    if choose == "error":
        kind = min(plans, key=lambda k: plans[k][0])
    elif choose == "number":
        kind = max(plans, key=lambda k: plans[k][1])
    else:
        kind = min(("strong", "weak"), key=lambda k: np.asarray(pilots[k], float)[:, 1].min())
    error, n = plans[kind]
    if told == "square":
        error = error**2
    return {"kind": kind, "patients": n, "error": float(error)}


@asks(
    points=4,
    see="One mean, two places for it",
    hints=(
        "For each kind: how many labels can be paid after the set-up? Then what "
        "would the error be with that "
        "many, by the a and b that the pilot gives?",
        "`np.polyfit(1 / n, error**2, 1)` gives the slope b first and then the "
        "intercept a. If it "
        "is negative, use 0.",
        "`error = np.sqrt(max(a, 0) + b / n)`, with `n = (budget − setup) // "
        "price`. Where no label can be paid, the "
        "error is infinite. Return the kind with the smaller error.",
    ),
)
def buy(budget, prices, pilots):
    """Strong or weak, for the same money?"""
    return _buy(budget, prices, pilots)


@buy.inputs
def cases(rng):
    def pilot(floor, spread, sizes, wobble=0.01):
        sizes = np.array(sizes)
        errors = np.sqrt(floor**2 + spread**2 / sizes) * np.exp(rng.normal(0, wobble, len(sizes)))
        return np.column_stack([sizes, errors.round(4)])

    def prices(strong, weak, training):
        return {"strong": (0.0, float(strong)), "weak": (float(training), float(weak))}

    small, large = (10, 20, 40), (20, 40, 80, 160)
    biased = {"strong": pilot(0.02, 0.75, small), "weak": pilot(0.115, 0.6, large)}
    yield Case(
        (int(rng.integers(900, 1100)), prices(20, 2, 200), biased),
        "weak labels with a habit in them",
    )
    honest = {"strong": pilot(0.02, 0.75, small), "weak": pilot(0.03, 0.9, large)}
    yield Case(
        (int(rng.integers(900, 1100)), prices(20, 2, 200), honest),
        "weak labels that are only vague",
    )
    yield Case(
        (int(rng.integers(215, 219)), prices(20, 2, 200), honest),
        "hardly anything is left after the readers were trained",
    )
    yield Case(
        (int(rng.integers(120, 160)), prices(20, 2, 200), honest),
        "less money than the training costs",
    )
    yield Case(
        (201, prices(20, 2, 200), honest), "after the training, too little for a single label"
    )
    yield Case(
        (int(rng.integers(90, 101)), prices(20, 2, 200), biased), "half of what the training costs"
    )
    yield Case(
        (19, {"strong": (0.0, 20.0), "weak": (0.0, 10.0)}, honest), "money for one weak label"
    )
    steep = {"strong": pilot(0.0, 0.7, small, 0), "weak": pilot(0.09, 0.5, large)}
    steep["strong"][:, 1] += np.array([0.02, 0.0, -0.012])
    yield Case(
        (int(rng.integers(1500, 1700)), prices(15, 2, 100), steep),
        "a pilot whose a comes out below 0",
    )


buy.variants(
    _buy,
    most_labels=(
        {"choose": "number"},
        "You take whichever kind gives more labels. Five hundred that share a "
        "habit may be worth less than fifty that do not.",
    ),
    best_pilot=(
        {"choose": "pilot"},
        "You take the kind whose pilot had the smallest error. The pilots had "
        "other sizes than what you can pay for: ask what the error would be "
        "*there*.",
    ),
    last_pilot=(
        {"fit": "last"},
        "You expect the error of the largest pilot. With more labels it falls, "
        "as a + b/n says: fit both.",
    ),
    no_floor=(
        {"fit": "no floor"},
        "You let the error fall to zero with more labels. What a habit of the "
        "labels costs does not go away: fit a, too.",
    ),
    errors_fitted=(
        {"fit": "errors"},
        "You fit the error itself to 1/n. It is its *square* that has the two parts, a and b/n.",
    ),
    one_for_nothing=(
        {"least": 1},
        "You buy a label for which there is no money. If none can be paid, that "
        "kind is out: its error is infinite.",
    ),
    negative_number=(
        {"least": -1_000_000},
        "Where the set-up costs more than there is, your number of labels is "
        "below 0. No label can be paid then: the error is infinite.",
    ),
    squared=({"told": "square"}, "That is the error squared. Take the root."),
    exchanged=(
        {"order": "ab"},
        "You exchange the two results of `np.polyfit`: the slope, b, comes first.",
    ),
    below_zero=(
        {"floor": "kept"},
        "The fitted a is below 0 in one pilot, by chance. No error is better than perfect: use 0.",
    ),
    setup_forgotten=(
        {"setup": False},
        "The set-up (readers must be trained) is paid first, from the same budget.",
    ),
    rounded_up=(
        {"whole": np.ceil},
        "You buy a label for which the money does not suffice: round down.",
    ),
)


@buy.picture
def draw_answer(answer):
    from mlmi_course import plots
    from mlmi_course.checks.calling import call

    prices = {"strong": (0.0, 20.0), "weak": (200.0, 2.0)}
    budgets = np.arange(250, 4001, 125)
    sizes = {"strong": np.array([10.0, 20, 40]), "weak": np.array([20.0, 40, 80, 160])}

    def pilots(habit):
        floors, spreads = {"strong": 0.02, "weak": habit}, {"strong": 0.75, "weak": 0.9}
        return {
            kind: np.column_stack([n, np.sqrt(floors[kind] ** 2 + spreads[kind] ** 2 / n)])
            for kind, n in sizes.items()
        }

    series = {
        name: [float(call(answer, (int(b), prices, pilots(habit)))["error"]) for b in budgets]
        for name, habit in (("vague readers", 0.03), ("readers with a habit", 0.115))
    }
    return plots.lines(
        series,
        x=budgets,
        xlabel="budget in euros",
        ylabel="expected error of your plan",
        alt="The expected error of your plan falls with the budget, for two kinds of reader.",
    )
