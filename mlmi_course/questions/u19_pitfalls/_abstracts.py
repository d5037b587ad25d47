"""An abstract whose sentences are drawn, each in one of two forms.

Five of the ten are drawn to stand in their other form.  Which form is faulty stands in the
question itself.
"""

import textwrap

import numpy as np

# For each of ten subjects two sentences; names in braces are numbers that are drawn.
SENTENCES = (
    (
        "Radiographs with a pneumothorax came from the intensive-care unit (bedside machine), "
        "those without from the check-up clinic (wall stand).",
        "Radiographs with and without a pneumothorax came from one emergency department; the "
        "bedside machine was used in {a} % of both, so it tells nothing about the disease.",
    ),
    (
        "Folds were drawn by patient; inside each training part, images of the ill were drawn "
        "{b} times as often, so that the classes were of one size.",
        "Images of the ill were copied {b} times to balance the classes; the folds were drawn at "
        "random afterwards, and all images of a fold were tested together.",
    ),
    (
        "{c} radiographs on which the two readers did not agree were left out, and all others of "
        "these months were kept.",
        "On {c} radiographs the two readers did not agree; a third one, who did not know the "
        "program's answer, decided, and therefore all were kept.",
    ),
    (
        "Sensitivity was {d} % and specificity 90 %. In our emergency room, where 3 % are ill, we "
        "therefore expect that one alert in about five is right.",
        "Sensitivity was {d} % and specificity 90 %. Nine of ten alerts in the test sample were "
        "right, and we expect the same in our emergency room, where 3 % are ill.",
    ),
    (
        "A specificity of 90 % over all patients was also taken for the {e} patients at the "
        "bedside, because the program and its cut are the same for them.",
        "At the bedside ({e} patients) specificity was 7 points lower than at the wall stand, so "
        "we give both with their intervals, and not one for all.",
    ),
    (
        "Of {f} subgroups that we looked at, none was left after Holm's correction, which shows "
        "that we cannot say who gains more; all are in the supplement.",
        "Of {f} subgroups that we looked at, we find that smokers above 60 gain (p = 0.03, each "
        "subgroup tested by itself); the others are in the supplement.",
    ),
    (
        "When each pixel was moved by 2 % along the sign of the gradient, the AUC fell to 0.4{g}; "
        "detectors with 2 % of noise were excluded from use after this result.",
        "When each pixel was moved by 2 % along the sign of the gradient, the AUC fell to 0.4{g}; "
        "with random signs it stayed above 0.9, which shows that the direction matters.",
    ),
    (
        "Flagged patients were read first and waited 6 minutes instead of {h}. The number of "
        "readers and scans was the same, and the mean wait over all patients fell with it.",
        "Flagged patients were read first and waited 6 minutes instead of {h}. As the list is only "
        "sorted, others waited longer, the missed among them.",
    ),
    (
        "The level of the drift alarm was simulated from 900 reference patients, with the error "
        "of their mean, so we promise one false alarm in about 1,{i}00 patients.",
        "The level of the drift alarm came from a table for a known mean; the mean of 2{i} "
        "patients was put in its place. It gives one false alarm in 1,000 patients.",
    ),
    (
        "The program's answer stood beside the image when the readers decided. They agreed with "
        "it in 9{j} % of the cases, and we take this for its accuracy.",
        "Readers decided first and then saw the program's answer. Where we had planted a wrong "
        "one, {k} % gave up a right decision, which shows how far they lean on it.",
    ),
)

_TURNED = (0, 1, 0, 1, 0, 1, 0, 0, 1, 0)
LETTERS = "ABCDEFGHIJ"
EXAMPLE = 1234  # the number in the exercise, which is nobody's own


def drawn(seed):
    """Draw an abstract: for each sentence its subject, and which of the two forms it has.

    Parameters
    ----------
    seed : int
        From 0 to 9999.

    Returns
    -------
    list of (int, int)
        Subject and form, in the order of the letters.

    Raises
    ------
    ValueError
        For another number.
    """
    whole = isinstance(seed, int | np.integer) and not isinstance(seed, bool)
    if not whole or not 0 <= seed <= 9999:
        raise ValueError(f"the number of an abstract is a whole one from 0 to 9999, got {seed!r}")
    rng = np.random.default_rng([19, int(seed)])
    some = rng.permutation(10)
    five = set(some[:5].tolist())
    return [(int(s), int(s in five) ^ _TURNED[s]) for s in rng.permutation(10)]


def abstract(seed):
    """Return the text of the abstract with this number: ten lettered sentences.

    Parameters
    ----------
    seed : int
        From 0 to 9999; each number is another abstract.

    Returns
    -------
    str

    Examples
    --------
    >>> print(abstract(1)[:40])
    A program that finds a pneumothorax on c
    """
    sentences = drawn(seed)
    rng = np.random.default_rng([20, int(seed)])
    numbers = {
        "a": rng.integers(20, 45), "b": rng.integers(4, 9), "c": rng.integers(30, 90),
        "d": rng.integers(86, 95), "e": rng.integers(120, 400), "f": rng.integers(12, 30),
        "g": rng.integers(1, 9), "h": rng.integers(24, 40), "i": rng.integers(1, 9),
        "j": rng.integers(1, 9), "k": rng.integers(15, 45),
    }  # fmt: skip
    lines = [
        "A program that finds a pneumothorax on chest radiographs: 2,400 patients. For the test "
        "sample as many ill as healthy patients were drawn.",
        "",
    ]
    for letter, (subject, form) in zip(LETTERS, sentences, strict=True):
        lines.append(f"{letter}. {SENTENCES[subject][form].format(**numbers)}")
    return "\n".join(textwrap.fill(line, 96, subsequent_indent="   ") for line in lines)
