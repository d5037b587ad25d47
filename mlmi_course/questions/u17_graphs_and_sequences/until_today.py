"""A table of visits without the future, padded and masked."""

import numpy as np

from mlmi_course.checks import Case, asks


def _table(
    patient,
    day,
    score,
    today,
    longest,
    *,
    future=False,
    mask="there",
    order="newest",
    keep="last",
    since="today",
    with_today=True,
    unit=365.25,
    pad="after",
):
    patient, day, score = np.asarray(patient), np.asarray(day, float), np.asarray(score, float)
    today = np.asarray(today, float)
    made = {name: np.zeros((len(today), longest)) for name in ("scores", "ages", "mask")}
    for k, now in enumerate(today):
        which = patient == k
        if not future:
            which &= (day <= now) if with_today else (day < now)
        rows = np.flatnonzero(which)
        rows = rows[np.argsort(day[rows], kind="stable")]
        rows = rows[-longest:] if keep == "last" else rows[:longest]
        if order == "newest":
            rows = rows[::-1]
        n = len(rows)
        if not n:
            continue
        begin = {"today": now, "first": day[rows].min(), "newest": day[rows].max()}[since]
        ages = (day[rows] - begin) if since == "first" else (begin - day[rows])
        place = slice(0, n) if pad == "after" else slice(longest - n, longest)
        made["scores"][k, place] = score[rows]
        made["ages"][k, place] = ages / unit
        made["mask"][k, place] = 1 if mask == "there" else score[rows] != 0
    if mask == "all":
        made["mask"][:] = 1
    return made


@asks(
    points=4,
    see="Empty places",
    hints=(
        "Who knew what, and when? A prediction that is made today may use visits up to today, the "
        "one of today included.",
        "For each patient: choose the rows, sort them by day, take the last `longest` of "
        "them, turn "
        "them round. Then fill in the first places of the row.",
        "The mask says where a visit is, and not where a score differs from 0: a score of 0 is a "
        "score. Ages are (today − day) / 365.25.",
    ),
)
def until_today(patient, day, score, today, longest):
    """Mend a table of visits"""
    return _table(patient, day, score, today, longest)


@until_today.inputs
def cases(rng):
    def visits(people, most, zero=0.25):
        patient, day, score = [], [], []
        for k in range(people):
            n = rng.integers(3, most + 1)
            days = np.sort(rng.choice(3000, n, replace=False))
            patient += [k] * n
            day += days.tolist()
            score += np.where(rng.random(n) < zero, 0, rng.integers(1, 30, n)).tolist()
        order = rng.permutation(len(day))
        return [np.array(part)[order] for part in (patient, day, score)]

    def now(patient, day, people):
        """Today: the day of a visit in the middle, so that some lie after it."""
        middle = []
        for k in range(people):
            days = np.sort(day[patient == k])
            late = rng.integers(5, 60) if k % 2 else 0  # some days after the visit, or on its day
            middle.append(min(days[-2] + late, days[-1] - 1))
        return np.array(middle)

    patient, day, score = visits(4, 8)
    yield Case((patient, day, score, now(patient, day, 4), 5), "four patients, five places")
    patient, day, score = visits(5, 9)
    yield Case((patient, day, score, now(patient, day, 5), 3), "more visits than places")
    patient, day, score = visits(3, 5)
    late = now(patient, day, 3)
    late[1] = day[patient == 1].min() - 30  # before his first visit
    yield Case((patient, day, score, late, 4), "a patient who has not come yet")


until_today.variants(
    _table,
    future=(
        {"future": True},
        "Visits after today are in the table. A model that is trained on it has seen what it is to "
        "predict.",
    ),
    unmended=(
        {"future": True, "mask": "nonzero", "order": "oldest", "keep": "first", "since": "first"},
        "That is the colleague's function, or close to it: the future is in, zeros are "
        "out, and the "
        "oldest visits stay.",
    ),
    zero_is_missing=(
        {"mask": "nonzero"},
        "A score of 0 is masked as if there had been no visit. The mask says where a visit *is*.",
    ),
    no_mask=(
        {"mask": "all"},
        "Your mask is 1 everywhere. Empty places are no visits.",
    ),
    oldest_first=(
        {"order": "oldest"},
        "The oldest visit comes first. Put the newest into the first place.",
    ),
    first_visits=(
        {"keep": "first"},
        "Where a patient has more visits than there are places, you keep the oldest. The newest "
        "know more about today.",
    ),
    since_first=(
        {"since": "first"},
        "Your ages count from the first visit of the patient. Count back from today.",
    ),
    since_newest=(
        {"since": "newest"},
        "Your ages count back from the newest visit, so that one has always the age 0. Count back "
        "from today.",
    ),
    empty_first=(
        {"pad": "before"},
        "The empty places come first. The newest visit stands in the first place, and what is "
        "empty comes after the oldest.",
    ),
    without_today=(
        {"with_today": False},
        "The visit of today is missing. It is known when the prediction is made.",
    ),
    in_days=(
        {"unit": 1.0},
        "Ages are in days. Divide by 365.25.",
    ),
    years_of_365=(
        {"unit": 365.0},
        "Your years have 365 days. Divide by 365.25.",
    ),
)
