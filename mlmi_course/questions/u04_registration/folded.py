"""The share of a 2-D field that folds."""

import numpy as np

from mlmi_course.checks import Case, asks


def _folded(
    field, spacing, *, identity=True, unit="both", limit="at most", kind="full", what="both"
):
    dy, dx = (
        (1.0, 1.0) if unit == "none" else (spacing[1], spacing[0]) if unit == "swapped" else spacing
    )
    rows, columns = np.asarray(field, float)
    (rr, rc), (cr, cc) = np.gradient(rows, dy, dx), np.gradient(columns, dy, dx)
    one = 1.0 if identity else 0.0
    jacobian = {
        "full": (one + rr) * (one + cc) - rc * cr,
        "diagonal": (one + rr) * (one + cc),
        "sum": (one + rr) * (one + cc) + rc * cr,
        "trace": one + rr + cc,
    }[kind]
    bad = (
        jacobian <= 0
        if limit == "at most"
        else jacobian < 1
        if limit == "shrinks"
        else jacobian > 0
    )
    return {"share": float(bad.mean()), "smallest": float(jacobian.min())}


@asks(
    points=3,
    see="Deformable registration",
    hints=(
        "The transform is the point *plus* its displacement, so the matrix of derivatives is the "
        "identity plus those of the field.",
        "`np.gradient(field[0], *spacing)` gives the derivatives of the displacement along the "
        "rows: by row, and by column, per mm.",
        "With a, b = gradient of field[0] and c, d = gradient of field[1]: "
        "(1 + a)(1 + d) − b c. It folds where this is 0 or less.",
    ),
)
def folded(field, spacing):
    """What folds?"""
    return _folded(field, spacing)


def _wave(rng, shape, spacing, size, length):
    rows, columns = (i * s for i, s in zip(np.indices(shape), spacing, strict=True))
    phase = rng.uniform(0, 2 * np.pi, 4)
    return size * np.stack(
        [
            np.sin(2 * np.pi * rows / length + phase[0])
            + 0.6 * np.sin(2 * np.pi * columns / length + phase[1]),
            np.sin(2 * np.pi * columns / length + phase[2])
            + 0.6 * np.sin(2 * np.pi * rows / length + phase[3]),
        ]
    )


@folded.inputs
def cases(rng):
    spacing = (round(rng.uniform(0.8, 1.2), 2), round(rng.uniform(2.0, 3.0), 2))
    yield Case((_wave(rng, (40, 24), spacing, 5.0, 30.0).round(4), spacing), "waves that fold")
    yield Case((_wave(rng, (40, 24), spacing, 1.0, 40.0).round(4), spacing), "waves that do not")
    rows, columns = np.indices((12, 12)) * 1.0
    mirror = np.stack([-2 * (rows - 5.5), 0 * columns])
    yield Case((mirror, (1.0, 1.0)), "a mirror: everything is inside out")


folded.variants(
    _folded,
    no_identity=(
        {"identity": False},
        "Those are the derivatives of the displacement alone. The transform sends x to x + "
        "u(x): add "
        "1 on the diagonal.",
    ),
    no_spacing=(
        {"unit": "none"},
        "The displacements are in mm, but the derivatives are by pixel. Hand the spacing to "
        "`np.gradient`.",
    ),
    spacing_swapped=(
        {"unit": "swapped"},
        "The spacing is swapped: the first number belongs to the rows.",
    ),
    diagonal_only=(
        {"kind": "diagonal"},
        "That is the product of the diagonal. A determinant of 2 × 2 has a second product, "
        "which is "
        "subtracted.",
    ),
    plus=({"kind": "sum"}, "The second product of a determinant is subtracted, not added."),
    trace=(
        {"kind": "trace"},
        "That is 1 plus the divergence, which is near the determinant only for small derivatives. "
        "Take the determinant itself.",
    ),
    shrinking=(
        {"limit": "shrinks"},
        "Where the Jacobian is below 1, the volume shrinks, which tissue may do. It folds "
        "where the "
        "Jacobian is 0 or less.",
    ),
    turned_round=(
        {"limit": "above"},
        "That is the share that does *not* fold.",
    ),
)


@folded.mistake
def in_percent(field, spacing):
    """That is a percentage. The question asks for a share, from 0 to 1."""
    reply = _folded(field, spacing)
    return reply | {"share": 100 * reply["share"]}
