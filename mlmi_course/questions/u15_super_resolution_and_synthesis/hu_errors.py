"""The error of a synthetic CT, by tissue and by patient."""

import numpy as np

from mlmi_course.checks import Case, asks


def _errors(
    synthetic,
    ct,
    tissue,
    patient,
    *,
    absolute=True,
    pooled=False,
    by_slice=False,
    split="tissue",
    root=False,
):
    error = np.asarray(synthetic, float) - np.asarray(ct, float)
    if absolute:
        error = np.abs(error)
    if root:
        error = error**2
    tissue, patient = np.asarray(tissue), np.asarray(patient)
    labels = np.asarray(ct) if split == "ct" else tissue
    classes = {
        "soft": (labels >= 1) & (labels <= 3), "bone": labels == 4, "air": labels == 0,
    }  # fmt: skip
    if split == "ct":
        classes = {
            "soft": (labels > -200) & (labels < 250),
            "bone": labels >= 250,
            "air": labels <= -200,
        }
    found = {}
    for name, where in classes.items():
        if pooled:
            groups = [np.ones(len(error), bool)]
        elif by_slice:
            groups = [np.arange(len(error)) == i for i in range(len(error))]
        else:
            groups = [patient == p for p in np.unique(patient)]
        means = [error[g][where[g]].mean() for g in groups if where[g].any()]
        value = float(np.mean(means)) if means else float("nan")
        found[name] = value**0.5 if root else value
    return found


@asks(
    points=2,
    see="An image of another kind",
    hints=(
        "One mean for each patient and tissue first; then the mean of these. A patient with more "
        "bone "
        "must not count more.",
        "Select a patient's slices by `patient == p`, and inside them the pixels by "
        "`np.isin(tissue, …)`.",
        "A patient without a pixel of a tissue is left out there; if nobody has one, the answer "
        "is nan.",
    ),
)
def hu_errors(synthetic, ct, tissue, patient):
    """HU errors by tissue"""
    return _errors(synthetic, ct, tissue, patient)


@hu_errors.inputs
def cases(rng):
    values = np.array([-1000.0, 10.0, 37.0, 29.0, 700.0])

    def heads(shares, patient, extra=None):
        tissue = np.array([rng.choice(5, (6, 6), p=s) for s in shares])
        ct = values[tissue] + rng.normal(0, 320, tissue.shape) * (tissue == 4)
        bias = np.array([40.0, -30.0, 120.0, -80.0, 60.0])[np.asarray(patient) % 5][:, None, None]
        made = ct + bias + rng.normal(0, 1, ct.shape) * np.array([60, 9, 12, 14, 250])[tissue]
        return made.round(1), ct.round(1), tissue, np.asarray(patient)

    flat = [0.3, 0.1, 0.2, 0.2, 0.2]
    bony = [0.1, 0.1, 0.1, 0.1, 0.6]
    yield Case(
        heads([bony, flat, bony, flat, bony], [3, 7, 3, 8, 3]), "three patients, five slices"
    )
    yield Case(heads([[0.5, 0.2, 0.2, 0.1, 0.0], flat], [1, 2]), "one patient without bone")
    yield Case(heads([[0.7, 0.1, 0.1, 0.1, 0.0]], [4]), "nobody has bone")


hu_errors.variants(
    _errors,
    signed=(
        {"absolute": False},
        "You average errors with their signs, so that too bright and too dark cancel. That is a "
        "bias, and "
        "not an error: take the absolute value.",
    ),
    pooled=(
        {"pooled": True},
        "You put all patients' pixels into one mean, so who has more bone counts more. A mean "
        "per patient, "
        "then the mean of these.",
    ),
    by_slice=(
        {"by_slice": True},
        "You average over slices. A patient with three slices counts three times then.",
    ),
    squares=(
        {"root": True},
        "That is the root of the mean square. Asked for is the mean absolute error.",
    ),
    from_ct=(
        {"split": "ct"},
        "You decide by HU what is bone. Then a thin bone with low HU is soft tissue, and drops "
        "out of the "
        "error of bone. Use `tissue`.",
    ),
)
