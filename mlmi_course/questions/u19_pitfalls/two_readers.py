"""A worklist for several readers."""

import numpy as np

from mlmi_course.checks import Case, asks


def _waits(
    arrive,
    minutes,
    level,
    readers,
    *,
    future=False,
    order="level",
    told="wait",
    share=False,
    count="all",
    last=False,
):
    arrive, minutes = np.asarray(arrive, float), np.asarray(minutes, float)
    level = np.asarray(level, int)
    free = np.zeros({"all": readers, "one": 1, "two": 2}["one" if share else count])
    left = list(range(len(arrive)))
    wait = np.empty(len(arrive))
    while left:
        r = int(free.argmin())
        now = max(free[r], arrive[left].min())
        there = left if future else [i for i in left if arrive[i] <= now]

        def key(i):
            first = {
                "level": level[i],
                "reverse": -level[i],
                "none": 0,
                "binary": level[i] > 0,
                "late": level[i] > 1,
            }[order]
            return (first, -arrive[i] if last else arrive[i])

        one = min(there, key=key)
        begin = max(now, arrive[one])
        wait[one] = begin - arrive[one]
        if told == "finish":
            wait[one] += minutes[one]
        free[r] = begin + minutes[one] / (readers if share else 1)
        left.remove(one)
    return wait


@asks(
    points=4,
    tolerance=1e-4,
    see="Who waits?",
    hints=(
        "Keep the time at which each reader is free. The next scan is begun by whoever is free "
        "first.",
        "That reader looks at the list at the moment `now`: when she is free, or, if nobody "
        "waits, when the next patient arrives. Only patients who have arrived by then are on it.",
        "Of these, `min(there, key=lambda i: (level[i], arrive[i]))` goes next.",
    ),
)
def two_readers(arrive, minutes, level, readers):
    """A worklist for several readers"""
    return _waits(arrive, minutes, level, readers)


@two_readers.inputs
def cases(rng):
    def list_of(n, every, readers):
        arrive = np.cumsum(rng.exponential(every, n).round(2) + 0.01).round(2)  # no two at once
        minutes = rng.gamma(4, 2, n).round(2)
        return arrive, minutes, rng.choice([0, 1, 2], n, p=[0.2, 0.3, 0.5]), readers

    yield Case(list_of(24, 3.0, 2), "two readers, three levels")
    yield Case(list_of(30, 2.0, 3), "three readers")
    yield Case(list_of(16, 6.0, 1), "one reader")
    yield Case(list_of(8, 40.0, 2), "hardly anybody waits")


two_readers.variants(
    _waits,
    unmended=(
        {"future": True},
        "That is the colleague's list: it takes level 0 first although some of these patients have "
        "not arrived yet. A reader can only choose among those who are there.",
    ),
    in_turn=(
        {"order": "none"},
        "You take everybody in turn. A smaller level goes first.",
    ),
    turned_round=(
        {"order": "reverse"},
        "Level 0 is the most urgent: the *smaller* level goes first.",
    ),
    two_levels=(
        {"order": "binary"},
        "You tell level 0 from all others, but not level 1 from level 2.",
    ),
    first_two_alike=(
        {"order": "late"},
        "You do not tell level 0 from level 1: the smaller level goes first.",
    ),
    one_reader=(
        {"count": "one"},
        "You have one reader, whatever `readers` says.",
    ),
    always_two=(
        {"count": "two"},
        "You always have two readers: take as many as `readers` says.",
    ),
    last_come=(
        {"last": True},
        "Within a level you take the last who came. Who came first, goes first.",
    ),
    finish=(
        {"told": "finish"},
        "You count until the scan is *read*. The wait ends when it is begun.",
    ),
    one_fast_reader=(
        {"share": True},
        "Two readers are not one reader who is twice as fast: when one patient is there, only one "
        "of them can read.",
    ),
)
