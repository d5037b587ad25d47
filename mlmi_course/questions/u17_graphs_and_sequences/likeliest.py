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
                "log": -np.log(value) if value < 1 else 0.0,
                "one minus": 1 - value,
                "inverse": 1 / value,
                "hops": 1.0,
                "itself": value,
            }[length]
            if so_far + cost < best.get(there, np.inf) - 1e-15:
                best[there], before[there] = so_far + cost, here
                heapq.heappush(waiting, (best[there], there))
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
    p, start, end, alone = _graph(rng, 7, certain=1, apart=True)
    yield Case((p, start, alone), "an end that cannot be reached")
    yield Case((p, start, start), "start and end are one node")


likeliest.variants(
    _path,
    certain_is_lost=(
        {"lost": True},
        "An edge with a chance of 1 has the length −log 1 = 0, and a 0 in a dense matrix means *no "
        "edge* to SciPy. So the surest edges are gone.",
    ),
    one_minus=(
        {"length": "one minus"},
        "You add up 1 − p. That is close to −log p for large chances alone; for a product take "
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
