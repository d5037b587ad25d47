"""Swaps that keep every degree."""

import numpy as np

from mlmi_course.checks import Case, asks


def _swapped(edges, tries, *, double=False, loops=False, keep="degree", update=True):
    edge = [tuple(sorted(map(int, pair))) for pair in np.reshape(edges, (-1, 2))]
    there = set(edge)
    for one, two in np.reshape(tries, (-1, 2)).tolist():
        (a, b), (c, d) = edge[one], edge[two]
        if keep == "degree":
            new = [(a, d), (c, b)]
        elif keep == "sources":
            new = [(a, c), (b, d)]
        else:
            new = [(a, d), (a, b)]
        if not loops and any(x == y for x, y in new):
            continue
        new = [tuple(sorted(pair)) for pair in new]
        if not double and (set(new) & there or new[0] == new[1]):
            continue
        if one == two:
            continue
        if update:
            there -= {edge[one], edge[two]}
            there |= set(new)
        edge[one], edge[two] = new
    return sorted(edge)


@asks(
    points=3,
    see="Proteins that meet",
    hints=(
        "Go through the tries in their order, and keep both the list of edges and the set of edges "
        "that exist *now*.",
        "A swap is refused if a new edge joins a node to itself, if it exists already, or if both "
        "new edges are the same one.",
        "Write each edge with the smaller node first before you look whether it exists; return "
        "`sorted(edges)`.",
    ),
)
def swapped(edges, tries):
    """A network with the same degrees"""
    return _swapped(edges, tries)


@swapped.inputs
def cases(rng):
    def graph(n, m, tries):
        pairs = [(i, j) for i in range(n) for j in range(i + 1, n)]
        chosen = rng.choice(len(pairs), m, replace=False)
        edges = np.array([pairs[k] for k in chosen])
        return edges, rng.integers(0, m, (tries, 2))

    yield Case(graph(9, 10, 14), "nine nodes, ten edges")
    yield Case(graph(7, 12, 25), "a dense graph: many swaps are refused")
    yield Case(graph(12, 9, 12), "twelve nodes, nine edges")
    yield Case((np.array([[0, 1], [2, 3]]), np.empty((0, 2), int)), "no tries")


swapped.variants(
    _swapped,
    doubles=(
        {"double": True},
        "An edge can exist twice in your network. Refuse a swap whose new edge is there already.",
    ),
    loops=(
        {"loops": True},
        "Some node has an edge to itself now. Refuse a swap that joins a node to itself.",
    ),
    other_ends=(
        {"keep": "sources"},
        "You join a with c and b with d. That keeps the degrees, too, but it is the other of the "
        "two possible swaps: here a gets d, and c gets b.",
    ),
    stale=(
        {"update": False},
        "You compare with the edges of the beginning. After each swap others exist: keep the set "
        "up to date.",
    ),
)
