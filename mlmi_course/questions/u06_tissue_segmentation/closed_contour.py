"""The cheapest contour that is closed."""

import numpy as np

from mlmi_course.checks import Case, asks


def _path(cost, start=None, jump=1):
    """Totals at the last ray of the cheapest paths that begin at `start`, or anywhere."""
    total = cost[0].astype(float).copy()
    if start is not None:
        keep = np.full(len(total), np.inf)
        keep[start] = total[start]
        total = keep
    for row in cost[1:]:
        padded = np.pad(total, jump, constant_values=np.inf)
        ways = [padded[k : k + len(total)] for k in range(2 * jump + 1)]
        total = np.min(ways, axis=0) + row
    return total


def _closed(cost, jump=1, gap=1, starts=None, careless=False):
    cost = np.asarray(cost, float)
    best = np.inf
    for start in np.argsort(cost[0], kind="stable")[:starts]:
        total = _path(cost, start, jump)
        first = start - gap if careless else max(0, start - gap)
        best = min(best, total[first : start + gap + 1].min(initial=np.inf))
    return float(best)


def _wrapped(cost):
    """The cheapest closed contour if the outermost radius lay beside the innermost."""
    cost = np.asarray(cost, float)
    best, columns = np.inf, cost.shape[1]
    for start in range(columns):
        total = np.full(columns, np.inf)
        total[start] = cost[0, start]
        for row in cost[1:]:
            total = np.min([np.roll(total, 1), total, np.roll(total, -1)], axis=0) + row
        best = min(best, min(total[(start + step) % columns] for step in (-1, 0, 1)))
    return float(best)


def _open(cost):
    return float(_path(np.asarray(cost, float)).min())


def _greedy(cost):
    cost = np.asarray(cost, float)
    at, total = int(cost[0].argmin()), cost[0].min()
    for row in cost[1:]:
        low = max(0, at - 1)
        at = low + int(row[low : at + 2].argmin())
        total += row[at]
    return float(total)


def _thrice(cost):
    """The cost of the middle of three rounds."""
    cost = np.asarray(cost, float)
    total, back = cost[0], []
    for row in np.concatenate([cost] * 3)[1:]:
        padded = np.pad(total, 1, constant_values=np.inf)
        ways = np.stack([padded[:-2], padded[1:-1], padded[2:]])
        back.append(ways.argmin(axis=0) - 1)
        total = ways.min(axis=0) + row
    path = [int(total.argmin())]
    for step in back[::-1]:
        path.append(path[-1] + step[path[-1]])
    middle = np.array(path[::-1])[len(cost) : 2 * len(cost)]
    return float(cost[np.arange(len(cost)), middle].sum())


@asks(
    points=3,
    see="Rays, and the cheapest path",
    hints=(
        "If you knew the radius on the first ray, you could start there, forbid all others "
        "(`np.inf`), and look at the end only at radii within one step.",
        "You do not know it, but there are only as many radii as columns: try each, and keep the "
        "cheapest.",
        "`np.pad(total, 1, constant_values=np.inf)` and three slices give the three "
        "ways to each node.",
    ),
)
def closed_contour(cost):
    """The cheapest closed contour"""
    return _closed(cost)


@closed_contour.inputs
def cases(rng):
    def drawn(rays, radii):
        cost = rng.normal(size=(rays, radii))
        wave = np.linspace(0.15, 0.85, rays) * (radii - 1)  # drifts: start and end differ
        cost[np.arange(rays), wave.round().astype(int)] -= 1.5
        return cost.round(3)

    def spiral(rays, turns):
        """A valley that climbs by three in each round: three rounds follow it and never close."""
        cost = rng.normal(0, 0.1, (rays, 3 * turns + 3))
        for turn in range(turns):
            at = (1 + 3 * turn + 3 * np.arange(rays) / rays).round().astype(int)
            cost[np.arange(rays), at] -= 2.0
        return cost.round(3)

    yield Case((drawn(24, 9),), "24 rays")
    yield Case((drawn(16, 12),), "16 rays")
    yield Case((spiral(6, 12),), "a long spiral")
    rim = rng.normal(0, 0.3, (10, 6)).round(3)
    rim[:, 0] -= 2.0
    yield Case((rim,), "a contour along the innermost radius")
    ends = rng.normal(0, 0.3, (8, 5)).round(3)
    ends[::2, 0] -= 2.0
    ends[1::2, 4] -= 2.0
    yield Case((ends,), "cheap at both rims in turn")
    late = rng.normal(0, 0.3, (9, 8)).round(3)
    late[0, 6] += 1.5  # dear where the best contour begins
    late[1:, 6] -= 2.0
    yield Case((late,), "a dear first node")
    yield Case((drawn(7, 5),), "seven rays")


@closed_contour.mistake
def left_open(cost):
    """Your path is the cheapest, but it does not close: its last radius may lie far from its
    first.
    """
    return _open(cost)


@closed_contour.mistake
def greedy(cost):
    """You take the cheapest step each time. A dear step now may save several later."""
    return _greedy(cost)


@closed_contour.mistake
def three_rounds(cost):
    """That is the middle of three rounds, which is *nearly* always closed and cheapest. Here it
    is not.
    """
    return _thrice(cost)


@closed_contour.mistake
def same_radius(cost):
    """You ask that first and last radius are equal. They are neighbours on the circle too, so they
    may differ by one step.
    """
    return _closed(cost, gap=0)


@closed_contour.mistake
def any_jump(cost):
    """From ray to ray the radius may change by one step at most. Yours jumps further."""
    return float(np.asarray(cost, float).min(axis=1).sum())


@closed_contour.mistake
def wraps(cost):
    """With you the innermost radius lies beside the outermost: `np.roll` goes round, and so does an
    index of −1.
    """
    return _wrapped(cost)


@closed_contour.mistake
def few_starts(cost):
    """You try only the radii that are cheapest on the first ray. The cheapest contour may begin at
    a dear one.
    """
    return _closed(cost, starts=max(1, np.shape(cost)[1] // 2))


@closed_contour.mistake
def rim(cost):
    """At the innermost radius your slice of the ends is empty: a start of −1 counts from the other
    end. Begin it at `max(0, start - 1)`.
    """
    return _closed(cost, careless=True)
