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
                if 0 <= at[0] < rows and 0 <= at[1] < columns:
                    near.append(at)
            towards = max(near, key=lambda at: values[at])
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

    yield Case((hills((12, 15), 1.6),), "several hills")
    yield Case((hills((9, 9), 1.0),), "many small hills")
    rows, columns = np.indices((7, 7)) - 3
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
