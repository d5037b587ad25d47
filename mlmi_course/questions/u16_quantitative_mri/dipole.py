"""The dipole kernel of a tilted slab of voxels that are no cubes."""

import numpy as np

from mlmi_course.checks import Case, asks


def _dipole(shape, spacing, field, *, mm="divide", direction="given", middle=0.0, shifted=False,
            power=2):  # fmt: skip
    spacing, b = np.asarray(spacing, float), np.asarray(field, float)
    unit = {
        "given": b / np.linalg.norm(b),
        "unscaled": b,
        "first axis": np.array([1.0, 0, 0]),
        "reversed": (b / np.linalg.norm(b))[::-1],
    }[direction]
    step = {"divide": spacing, "ignore": np.ones(3), "multiply": 1 / spacing}[mm]
    k = np.meshgrid(
        *[np.fft.fftfreq(n, d) for n, d in zip(shape, step, strict=True)], indexing="ij"
    )
    along = sum(a * u for a, u in zip(k, unit, strict=True))
    square = sum(a**2 for a in k)
    origin = square == 0
    square = np.where(origin, 1, square)
    kernel = 1 / 3 - (along**2 / square if power == 2 else np.abs(along) / np.sqrt(square))
    kernel = np.where(origin, middle, kernel)
    return np.fft.fftshift(kernel) if shifted else kernel


@asks(
    points=4,
    see="Bleed or chalk: the dipole",
    hints=(
        "The second argument of `np.fft.fftfreq(n, d)` is the size of a voxel: then k is in cycles "
        "per mm, and a voxel of 1 × 1 × 3 mm is no cube any more.",
        "k_z is the part of k along the field: the inner product of k with the *unit* vector of "
        "the field.",
        "Set |k|² to 1 at k = 0 before you divide, and the kernel to 0 there afterwards. Leave "
        "the order of `np.fft.fftn`: no shift.",
    ),
)
def dipole(shape, spacing, field):
    """The kernel of a tilted slab"""
    return _dipole(shape, spacing, field)


@dipole.inputs
def cases(rng):
    def field():
        b = rng.normal(0, 0.5, 3)
        b[0] += np.sign(b[0]) + 0.3
        b[1] = -abs(b[1]) - 0.3
        b[2] = abs(b[2]) + 0.4
        return (b * rng.uniform(1.5, 3)).round(3)

    yield Case(((6, 7, 8), (3.0, 1.0, 1.2), field()), "thick slices, tilted")
    yield Case(((5, 8, 6), tuple(rng.uniform(0.6, 3, 3).round(2)), field()), "another slab")
    yield Case(((6, 6, 6), (1.0, 1.0, 1.0), np.array([0.0, 0.0, 3.0])), "cubes, field on axis 2")


dipole.variants(
    _dipole,
    as_in_the_lecture=(
        {"mm": "ignore", "direction": "first axis"},
        "That is the lecture's kernel: cubes, and the field along the first axis. Here neither "
        "holds.",
    ),
    cubes=(
        {"mm": "ignore"},
        "Your k is in cycles per *voxel*. A slab has thick slices, so a cycle per voxel is not "
        "the same along each axis: give `np.fft.fftfreq` the size of the voxel.",
    ),
    multiplied=(
        {"mm": "multiply"},
        "The spacing goes in the wrong way: a *thicker* slice has *lower* frequencies, in cycles "
        "per mm.",
    ),
    straight=(
        {"direction": "first axis"},
        "Your field lies along the first axis whatever was given. The cone must tilt with it.",
    ),
    strong_field=(
        {"direction": "unscaled"},
        "Your kernel depends on the *length* of the field's vector. Only its direction counts: "
        "divide by the length.",
    ),
    turned=(
        {"direction": "reversed"},
        "The field's components are in the order of the axes, as the shape is. You took them in "
        "reverse.",
    ),
    third=(
        {"middle": 1 / 3},
        "At k = 0 yours is 1/3. The mean of the field says nothing about χ: set it to 0.",
    ),
    shifted=(
        {"shifted": True},
        "k = 0 lies in the middle of your array. `np.fft.fftn` puts it first: leave out the shift.",
    ),
    no_square=(
        {"power": 1},
        "The part along the field is squared, and so is the length: k_z² / |k|².",
    ),
)


@dipole.picture
def draw_answer(answer):
    from mlmi_course import plots
    from mlmi_course.checks.calling import call

    made = [
        np.fft.fftshift(np.asarray(call(answer, ((64, 64, 64), s, np.array(b))), float))[:, :, 32]
        for s, b in (((1.0, 1.0, 1.0), (1.0, 0.0, 0.0)), ((1.0, 1.0, 1.0), (1.0, 0.5, 0.0)),
                     ((3.0, 1.0, 1.0), (1.0, 0.0, 0.0)))
    ]  # fmt: skip
    return plots.montage(
        made,
        titles=["cubes", "tilted field", "thick slices"],
        columns=3,
        alt="A cut through your kernel for cubes, for a tilted field and for thick slices.",
    )
