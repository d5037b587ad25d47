"""Series of slices: headers of files in no order, and where the slices lie."""

import numpy as np

ROWS_AND_COLUMNS = {
    "axial": (1.0, 0.0, 0.0, 0.0, 1.0, 0.0),
    "coronal": (1.0, 0.0, 0.0, 0.0, 0.0, -1.0),
    "sagittal": (0.0, 1.0, 0.0, 0.0, 0.0, -1.0),
}


def normal_of(orientation):
    orientation = np.asarray(orientation, dtype=float)
    return np.cross(orientation[:3], orientation[3:])


def along_normal(headers):
    """How far each slice lies along the slice normal, in mm."""
    positions = np.array([header["ImagePositionPatient"] for header in headers], dtype=float)
    return positions @ normal_of(headers[0]["ImageOrientationPatient"])


def by_z(headers):
    return sorted(range(len(headers)), key=lambda i: headers[i]["ImagePositionPatient"][2])


def series(rng, plane, steps, step, tilt=0, shear=0.0):
    """Headers of a series, listed by file name, with names and numbers that mean nothing.

    An axial series may be tilted, in degrees.
    """
    orientation = ROWS_AND_COLUMNS[plane]
    if tilt:
        angle = np.deg2rad(tilt)
        orientation = (*orientation[:4], float(np.cos(angle)), float(np.sin(angle)))
    normal = normal_of(orientation)
    # The patient's origin lies inside the stack, so distances from it are no order.
    origin = rng.uniform(-100, 100, size=3)
    origin -= normal * (origin @ normal + 0.45 * step * max(steps))
    sideways = shear * np.asarray(orientation[3:])
    numbers = _shuffled(rng, len(steps))
    files = _shuffled(rng, len(steps), unlike=numbers)
    return [
        {
            "FileName": f"IM{number:04d}",
            "InstanceNumber": int(numbers[number]) + 1,
            "ImagePositionPatient": (
                (origin + steps[place] * (step * normal + sideways)).round(6).tolist()
            ),
            "ImageOrientationPatient": list(orientation),
            "SliceThickness": round(step * 1.5, 6),
        }
        for number, place in enumerate(files)
    ]


def _shuffled(rng, n, unlike=()):
    """A permutation that is no order: a series in order would hide every mistake."""
    while True:
        order = rng.permutation(n)
        rises = np.diff(order) > 0
        if rises.any() and not rises.all() and not np.array_equal(order, unlike):
            return order
