"""From which starts does a walk arrive?"""

import numpy as np

from mlmi_course.checks import Case, asks


def _share(landscape, *, up=True, diagonal=True, steps=None, goal="best", borders="stay"):
    values = np.asarray(landscape, float) * (1 if up else -1)
    rows, columns = values.shape
    around = [
        (r, c) for r in (-1, 0, 1) for c in (-1, 0, 1) if (r or c) and (diagonal or not (r and c))
    ]
    best = np.unravel_index(values.argmax(), values.shape)
    arrived = 0
    for start in np.ndindex(*values.shape):
        now, taken = start, 0
        while steps is None or taken < steps:
            near = []
            for r, c in around:
                at = (now[0] + r, now[1] + c)
                if borders == "wrap":
                    at = (at[0] % rows, at[1] % columns)
                if borders == "negative" and at[0] < rows and at[1] < columns:
                    at = (at[0] % rows, at[1] % columns)
                edge = 1 if borders == "last left out" else 0
                first = 1 if borders == "left out" else 0
                if first <= at[0] < rows - max(edge, first) and first <= at[1] < columns - max(
                    edge, first
                ):
                    near.append(at)
            towards = max(near, key=lambda at: values[at], default=now)
            if values[towards] <= values[now]:
                break
            now, taken = towards, taken + 1
        near_best = max(abs(now[0] - best[0]), abs(now[1] - best[1])) <= 1
        arrived += now == best or (goal == "near" and near_best) or goal == "any"
    return arrived / values.size


@asks(
    points=3,
    see="Capture range and pyramid",
    hints=(
        "Start in each cell in turn. As long as one of the up to eight neighbours is higher "
        "than where "
        "you stand, go to the highest of them.",
        "At the border there are fewer neighbours. You have arrived if the cell where you "
        "stop is the "
        "highest of the whole landscape.",
        "`best = np.unravel_index(landscape.argmax(), landscape.shape)`; the share is the "
        "number of starts that end there, "
        "divided by `landscape.size`.",
    ),
)
def capture(landscape):
    """From which starts does a walk arrive?"""
    return float(_share(landscape))


@capture.inputs
def cases(rng):
    from scipy import ndimage

    def hills(size, blur):
        field = ndimage.gaussian_filter(rng.normal(size=size), blur)
        return (field / field.std()).round(4)

    first = hills((9, 11), 1.3)
    first[0, 4] = first.max() + 0.1
    yield Case((first,), "several hills, the highest in the first row")
    last = hills((8, 8), 1.0)
    last[5, 7] = last.max() + 0.1
    yield Case((last,), "many small hills, the highest in the last column")
    ridge = np.linspace(0, 3, 16) + np.array([[0.0], [0.011], [0.007]])
    yield Case((ridge.round(4),), "a long ridge: all arrive")
    rows, columns = np.indices((5, 5)) - 2
    yield Case((-(rows**2 + columns**2 + 0.3 * rows + 0.2 * columns),), "one hill: all arrive")


capture.variants(
    _share,
    downhill=(
        {"up": False},
        "You walk downhill. In this landscape higher is better.",
    ),
    four_neighbours=(
        {"diagonal": False},
        "You look at four neighbours. The diagonal ones count too: eight.",
    ),
    one_step=(
        {"steps": 1},
        "You take one step only. Go on until no neighbour is higher.",
    ),
    no_step=(
        {"steps": 0},
        "That is the share of starts that stand on the top already. Walk.",
    ),
    ten_steps=(
        {"steps": 10},
        "Your walk ends after a fixed number of steps. Go on until no neighbour is higher, however "
        "long it takes.",
    ),
    five_steps=(
        {"steps": 5},
        "Your walk ends after a fixed number of steps, and a small one. Go on until no "
        "neighbour is "
        "higher.",
    ),
    first_row_wraps=(
        {"borders": "negative"},
        "Beyond the first row or column your walk comes in at the last: an index of −1 is the last "
        "row. At the border there are fewer neighbours.",
    ),
    last_left_out=(
        {"borders": "last left out"},
        "Your walk never enters the last row or column. They are cells like all others.",
    ),
    borders_left_out=(
        {"borders": "left out"},
        "Your walk never enters the border of the landscape. Its cells are cells like all others.",
    ),
    any_top=(
        {"goal": "any"},
        "Every walk ends on *some* top. Arrived is who ends on the highest one.",
    ),
    wraps_around=(
        {"borders": "wrap"},
        "Your walk leaves at one border and comes in at the other (an index of −1 is the last "
        "row). "
        "At the border there are fewer neighbours.",
    ),
)
