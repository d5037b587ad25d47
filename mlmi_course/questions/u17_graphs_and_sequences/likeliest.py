"""The most probable path, where a certain edge is an edge."""

import heapq
from itertools import pairwise

import numpy as np

from mlmi_course.checks import Case, asks


def _path(chance, start, end, *, length="log", lost=False, reply="probability", far="empty"):
    p = np.asarray(chance, float)
    n = len(p)
    best, before, final = {start: 0.0}, {}, set()
    waiting = [(0.0, start)]
    while waiting:
        so_far, here = heapq.heappop(waiting)
        if here in final:
            continue
        final.add(here)
        for there in range(n):
            value = p[here, there]
            if there == here or value <= 0 or (lost and value >= 1):
                continue
            cost = {
                "odds": (1 - value) / value,
                "widest": 0.0,
                "log": -np.log(value) if value < 1 else 0.0,
                "one minus": 1 - value,
                "inverse": 1 / value,
                "hops": 1.0,
                "itself": value,
            }[length]
            total = max(so_far, 1 - value) if length == "widest" else so_far + cost
            if total < best.get(there, np.inf) - 1e-15:
                best[there], before[there] = total, here
                heapq.heappush(waiting, (total, there))
    if end not in best:
        return {"path": [], "probability": 0.0 if far == "empty" else float("inf")}
    path = [end]
    while path[-1] != start:
        path.append(before[path[-1]])
    path = [int(node) for node in path[::-1]]
    if reply == "cost":
        return {"path": path, "probability": float(best[end])}
    steps = [p[a, b] for a, b in pairwise(path)]
    if reply == "smallest":
        return {"path": path, "probability": float(min(steps, default=1.0))}
    if reply == "mean":
        return {"path": path, "probability": float(np.mean(steps)) if steps else 1.0}
    return {"path": path, "probability": float(np.prod(steps))}


@asks(
    points=4,
    see="The cheapest way",
    hints=(
        "A product of chances becomes a sum of lengths by −log. Which length has a chance of 1, "
        "and what does a library make of it in a dense matrix?",
        "Either write the search yourself (the lecture's needs few changes), or store the lengths "
        "in a sparse matrix, where a stored 0 is an edge, or let `csgraph_from_dense(…, "
        "null_value=np.inf)` build it.",
        "Walk back from the end by the predecessors; the probability is the product of the "
        "chances along the path. Treat start == end, and an end that cannot be reached, first.",
    ),
)
def likeliest(chance, start, end):
    """The most probable way"""
    return _path(chance, start, end)


def _graph(rng, n, certain=1, apart=False):
    """A graph whose best way is long and uses certain edges, and whose short way is worse."""
    p = np.zeros((n, n))

    def edge(a, b, value):
        p[a, b] = p[b, a] = round(float(value), 3)

    order = rng.permutation(n)
    chain = order[: n - 2]
    for a, b in pairwise(chain):
        edge(a, b, rng.uniform(0.9, 0.98))
    for at in rng.choice(len(chain) - 1, certain, replace=False):
        edge(chain[at], chain[at + 1], 1.0)
    edge(chain[0], chain[-1], rng.uniform(0.15, 0.3))
    edge(chain[0], order[-1], rng.uniform(0.55, 0.7))
    edge(order[-1], chain[-1], rng.uniform(0.55, 0.7))
    if not apart:
        edge(order[-2], chain[1], rng.uniform(0.3, 0.9))
    return p, int(chain[0]), int(chain[-1]), int(order[-2])


@likeliest.inputs
def cases(rng):
    p, start, end, _ = _graph(rng, 7, certain=1)
    yield Case((p, start, end), "seven nodes, one certain edge")
    p, start, end, _ = _graph(rng, 8, certain=2)
    yield Case((p, start, end), "eight nodes, two certain edges")
    p, start, end, _ = _graph(rng, 7, certain=0)
    yield Case((p, start, end), "seven nodes, no certain edge")
    # One doubtful step, two very doubtful ones, or five good ones.
    q = np.zeros((7, 7))
    good = ((0, 2, 0.8), (2, 3, 0.8), (3, 4, 0.8), (4, 5, 0.8), (5, 6, 0.8))
    for a, b, value in ((0, 6, 0.15), (0, 1, 0.05), (1, 6, 0.05), *good):
        q[a, b] = q[b, a] = value + round(float(rng.uniform(0, 0.01)), 4)
    yield Case((q, 0, 6), "one doubtful step, or five good ones")
    # One step, or many that are a little better each.
    m = np.zeros((6, 6))
    for a, b, value in (*((k, k + 1, 0.65) for k in range(5)), (0, 5, 0.6)):
        m[a, b] = m[b, a] = value + round(float(rng.uniform(0, 0.01)), 4)
    yield Case((m, 0, 5), "one step, or five that are a little better each")
    # A good first step that leads away.
    g = np.zeros((5, 5))
    for a, b, value in ((0, 1, 0.9), (1, 4, 0.2), (0, 4, 0.6), (2, 3, 0.7), (1, 2, 0.1)):
        g[a, b] = g[b, a] = value + round(float(rng.uniform(0, 0.01)), 4)
    yield Case((g, 0, 4), "a good first step that leads away")
    # One doubtful step against two that are a little less doubtful.
    w = np.zeros((5, 5))
    for a, b, value in ((0, 4, 0.3), (0, 1, 0.5), (1, 4, 0.5), (1, 2, 0.4), (2, 3, 0.9)):
        w[a, b] = w[b, a] = value + round(float(rng.uniform(0, 0.01)), 4)
    yield Case((w, 0, 4), "one step of 0.3, or two of 0.5")
    p, start, end, alone = _graph(rng, 7, certain=1, apart=True)
    yield Case((p, start, alone), "an end that cannot be reached")
    yield Case((p, start, start), "start and end are one node")


@likeliest.mistake
def greedy(chance, start, end):
    """You always take the best edge from where you are. The best first step may lead away from the
    best way: a search must be able to go back.
    """
    p = np.asarray(chance, float)
    path, probability = [start], 1.0
    while path[-1] != end:
        row = p[path[-1]].copy()
        row[path] = 0.0
        if not row.any():
            return {"path": [], "probability": 0.0}
        path.append(int(row.argmax()))
        probability *= row.max()
    return {"path": path, "probability": float(probability)}


likeliest.variants(
    _path,
    odds=(
        {"length": "odds"},
        "Your lengths are near −log p for large chances alone. Only −log turns a product into a "
        "sum.",
    ),
    widest=(
        {"length": "widest"},
        "You take the way whose weakest edge is strongest. All edges must exist at once, so their "
        "product counts.",
    ),
    certain_is_lost=(
        {"lost": True},
        "An edge with a chance of 1 has the length −log 1 = 0, and a 0 (or nearly 0) in a dense "
        "matrix means *no edge* to SciPy. So the surest edges are gone.",
    ),
    one_minus=(
        {"length": "one minus"},
        "You add up 1 − p, or something like it. That is close to −log p for large "
        "chances alone; for a product take "
        "−log p.",
    ),
    inverse=(
        {"length": "inverse"},
        "You add up 1 / p, so each step costs at least 1 and short ways win. For a product take "
        "−log p.",
    ),
    fewest_steps=(
        {"length": "hops"},
        "That is the way with the fewest edges. Five steps of 0.8 (0.33) are more probable than "
        "one of 0.15.",
    ),
    chance_as_length=(
        {"length": "itself"},
        "You took the chance as a *length*: the least probable edges are then the shortest. Turn "
        "it round, by −log p.",
    ),
    cost_returned=(
        {"reply": "cost"},
        "The path is right, but the number is its length, the sum of −log p. Return the "
        "probability, the product of the chances.",
    ),
    weakest_edge=(
        {"reply": "smallest"},
        "The path is right. You return the smallest chance on it; all of its edges must exist, so "
        "take their product.",
    ),
    mean_chance=(
        {"reply": "mean"},
        "The path is right. You return the mean chance of its edges; all of them must exist, so "
        "take their product.",
    ),
    far_is_infinite=(
        {"far": "inf"},
        "Where no way leads to the end, the probability is 0.0 and the path is empty.",
    ),
)
