"""What several questions of the unit share."""

from __future__ import annotations

import numpy as np


def _ct():
    """Read the CT slice that ships with pydicom."""
    import pydicom
    from pydicom import examples

    return pydicom.dcmread(examples.get_path("ct"))


AXIAL = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)


CORONAL = (1.0, 0.0, 0.0, 0.0, 0.0, -1.0)


def oblique(degrees):
    angle = np.deg2rad(degrees)
    return (1.0, 0.0, 0.0, 0.0, float(np.cos(angle)), float(np.sin(angle)))


def _normal(header):
    orientation = np.asarray(header["ImageOrientationPatient"], dtype=float)
    return np.cross(orientation[:3], orientation[3:])


def along_normal(headers):
    """Return how far each slice lies along the slice normal, in mm."""
    positions = np.array([header["ImagePositionPatient"] for header in headers], dtype=float)
    return positions @ _normal(headers[0])


def _headers(rng, orientation, steps, step, shear=0.0):
    """Return the headers of a series, listed by file name, with names that mean nothing."""
    normal = _normal({"ImageOrientationPatient": orientation})
    # The patient's origin lies inside the stack, so distances from it are no order.
    origin = rng.uniform(-100, 100, size=3)
    origin -= normal * (origin @ normal + 0.45 * step * max(steps))
    sideways = shear * np.asarray(orientation[3:])
    numbers = rng.permutation(len(steps))
    while trivial(numbers):  # a series in order would hide every mistake
        numbers = rng.permutation(len(steps))
    shuffled = rng.permutation(len(steps))
    while trivial(shuffled) or np.array_equal(shuffled, numbers):
        shuffled = rng.permutation(len(steps))
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
        for number, place in enumerate(shuffled)
    ]


def trivial(order):
    return bool((np.diff(order) > 0).all() or (np.diff(order) < 0).all())


def by_z(headers):
    return sorted(range(len(headers)), key=lambda i: headers[i]["ImagePositionPatient"][2])
