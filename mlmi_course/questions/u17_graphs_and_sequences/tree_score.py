"""Two numbers for a tree: length found, false branches."""

import numpy as np

from mlmi_course.checks import Case, asks


def _far(point, a, b):
    """The exact distance of a point from an edge."""
    along = b - a
    t = np.clip((point - a) @ along / max(along @ along, 1e-12), 0, 1)
    return np.linalg.norm(point - a - t * along)


def _score(
    true,
    parent,
    found,
    spacing,
    tolerance,
    *,
    mm=True,
    weigh=True,
    false="mm",
    nearest="points",
    match=True,
):
    scale = np.asarray(spacing, float) if mm else np.ones(3)
    points = np.asarray(true, float) * scale
    parent = np.asarray(parent, int)
    steps = np.linalg.norm(points - points[np.maximum(parent, 0)], axis=1)
    steps = np.where(parent < 0, 0.0, steps)
    lines = [
        (np.asarray(a, float) * scale, np.asarray(b, float) * scale)
        for a, b in np.reshape(found, (-1, 2, 3))
    ]
    pieces, size = [], []
    for a, b in lines:
        t = (np.arange(20) + 0.5)[:, None] / 20
        pieces.append(a + t * (b - a))
        size.append(np.full(20, np.linalg.norm(b - a) / 20))
    if not lines:
        return {"found": 0.0, "false": 0.0}
    pieces, size = np.concatenate(pieces), np.concatenate(size)
    if nearest == "ends":
        ends = np.array([end for line in lines for end in line])
        apart = np.linalg.norm(points[:, None] - ends, axis=2)
    else:
        apart = np.linalg.norm(points[:, None] - pieces, axis=2)
    near = apart.min(axis=1) <= tolerance
    if nearest == "exact":
        near = np.array([min(_far(p, *line) for line in lines) for p in points]) <= tolerance
    back = np.linalg.norm(pieces[:, None] - points, axis=2).min(axis=1) > tolerance
    share = steps[near].sum() / steps.sum() if weigh else near.mean()
    wrong = {
        "mm": size[back].sum(),
        "share": size[back].sum() / size.sum(),
        "pieces": back.sum() / 20,
    }[false]
    if not match:
        share = min(1.0, size.sum() / steps.sum())
    return {"found": float(share), "false": float(wrong)}


@asks(
    points=3,
    see="How many branches, at what price?",
    tolerance=1e-6,
    hints=(
        "Multiply all places by the spacing first: everything else is in millimetres.",
        "Each true point stands for the piece of centreline that ends in it: its distance from its "
        "parent. Add up the pieces of the points that are near, and divide by all pieces.",
        "Cut each found edge into 20 equal pieces and take the middle of each: `t = (np.arange(20) "
        "+ 0.5) / 20`. A twentieth of the edge's length is false for each middle that is farther "
        "than the tolerance from every true point.",
    ),
)
def tree_score(true, parent, found, spacing, tolerance):
    """Two numbers for a tree"""
    return _score(true, parent, found, spacing, tolerance)


@tree_score.inputs
def cases(rng):
    def tree(n):
        at, parent = [np.array([2.0, 20.0, 20.0])], [-1]
        way = np.array([1.0, 0.2, 0.1])
        for k in range(1, n):
            come = k - 1 if k != n // 2 else n // 4
            if k == n // 2:
                way = rng.normal(size=3)
                way /= np.linalg.norm(way)
            step = way * rng.uniform(0.8, 3.0) + rng.normal(0, 0.1, 3)
            at.append(at[come] + step)
            parent.append(come)
        return np.array(at).round(2), np.array(parent)

    def edges(points, parent, keep, extra):
        chosen = [(points[parent[k]], points[k]) for k in range(1, len(points)) if keep[k]]
        for _ in range(extra):
            start = points[rng.integers(len(points))]
            away = rng.normal(size=3)
            away *= rng.uniform(8, 14) / np.linalg.norm(away)
            chosen.append((start, start + away))
        return np.array(chosen).round(2)

    spacing = (2.0, 0.7, 0.7)
    points, parent = tree(16)
    keep = rng.random(16) < 0.6
    yield Case((points, parent, edges(points, parent, keep, 2), spacing, 2.0), "16 points")
    points, parent = tree(24)
    keep = np.arange(24) < 12
    yield Case(
        (points, parent, edges(points, parent, keep, 3), spacing, 1.5), "one branch is missing"
    )
    # A very long edge: its 20 pieces are 4 mm, so some points lie between two middles.
    line = np.array([[4.0, 20.0 + 2.0 * step, 20.0] for step in range(40)])
    ends = np.array([[[4.8, 20.0, 20.0], [4.8, 134.3, 20.0]]])
    yield Case((line, np.arange(40) - 1, ends, spacing, 1.9), "one very long edge")
    yield Case((points, parent, np.empty((0, 2, 3)), spacing, 2.0), "nothing was found")


tree_score.variants(
    _score,
    in_voxels=(
        {"mm": False},
        "You measure in voxels. A step from slice to slice is 2 mm here, one inside a slice 0.7 "
        "mm: multiply by the spacing first.",
    ),
    points_counted=(
        {"weigh": False},
        "You count points. Where they lie close together the tree counts more: weigh each by the "
        "length of the piece that ends in it.",
    ),
    false_share=(
        {"false": "share"},
        "The false branches are given as a share of what was found. Return millimetres: "
        "a bronchoscope goes "
        "wrong by millimetres, and not by per cent.",
    ),
    false_edges=(
        {"false": "pieces"},
        "You count edges, or parts of them. Return millimetres.",
    ),
    ends_only=(
        {"nearest": "ends"},
        "You compare with the ends of the found edges only, so that the middle of a long "
        "edge finds "
        "nothing. Cut each edge into pieces.",
    ),
    exact_distance=(
        {"nearest": "exact"},
        "You take the exact distance from each edge. That is finer than what is asked for: compare "
        "with the middles of its 20 pieces, so that all get the same number.",
    ),
    all_that_was_found=(
        {"match": False},
        "You divide the length of what was found by the true length. A false branch then counts as "
        "found, so whoever adds branches gets a better number.",
    ),
)
