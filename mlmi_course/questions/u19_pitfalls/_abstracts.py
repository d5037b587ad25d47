"""An abstract whose sentences are drawn, each in one of two forms.

Which of the two forms is faulty does not stand here: it is the question's own secret.
"""

import numpy as np

# For each of ten subjects two sentences; {n} are numbers that are drawn.
SENTENCES = (
    (
        "Radiographs with a pneumothorax came from the intensive-care unit (bedside machine), "
        "those "
        "without from the check-up clinic (wall stand).",
        "Radiographs with and without a pneumothorax came from one emergency department, in the "
        "order in which the patients came; the bedside machine was used in {a} % of both.",
    ),
    (
        "Folds were drawn by patient; inside each training part, images of the ill were drawn "
        "{b} times as often to balance the classes.",
        "To balance the classes, images of the ill were copied {b} times; then the folds were "
        "drawn at "
        "random.",
    ),
    (
        "{c} radiographs on which the two readers did not agree were left out as doubtful.",
        "On {c} radiographs the two readers did not agree; a third one, who did not know the "
        "program's answer, decided, and all were kept.",
    ),
    (
        "Sensitivity was {d} % and specificity 90 %. In our emergency room, where 3 % have a "
        "pneumothorax, we therefore expect one right alert in about five.",
        "Sensitivity was {d} % and specificity 90 % in a test set of which half was ill. There 90"
        " % of the "
        "alerts were right, so nine of ten alerts will be right in our emergency room (3 % ill).",
    ),
    (
        "Specificity was 90 % over all patients; as it does not depend on who is ill, it is 90 % "
        "for the {e} patients at the bedside, too.",
        "Specificity was 91 % at the wall stand and 83 % for the {e} patients at the bedside; we "
        "give "
        "both, with their intervals.",
    ),
    (
        "Of {f} subgroups that we looked at, none was left after Holm's correction; all are in the "
        "supplement.",
        "Of {f} subgroups that we looked at, smokers above 60 gained most (p = 0.03, not "
        "corrected); this is our main finding.",
    ),
    (
        "When each pixel was moved by 2 % along the sign of the gradient, the AUC fell to 0.4{g}."
        " So "
        "2 % of noise from a detector would make the program useless.",
        "When each pixel was moved by 2 % along the sign of the gradient, the AUC fell to 0.4{g};"
        " with "
        "2 % of random sign it stayed above 0.9.",
    ),
    (
        "Flagged patients were read first and waited 6 minutes instead of {h}. As nobody's scan "
        "takes "
        "longer, all patients wait less.",
        "Flagged patients were read first and waited 6 minutes instead of {h}; those with a "
        "pneumothorax "
        "whom the program missed waited longer than before.",
    ),
    (
        "The level of the drift alarm was simulated from 900 reference patients, with the error of "
        "their mean: one false alarm in about 1,{i}00 patients.",
        "The level of the drift alarm was taken from a table for normal values with known mean; "
        "ours was "
        "taken from 2{i} patients. So there is one false alarm in 1,000 patients.",
    ),
    (
        "Readers saw the program's answer beside the image and agreed with it in 9{j} % of the "
        "cases, which "
        "shows how often it is right.",
        "Readers decided first, then saw the program's answer; where we had planted a wrong one, "
        "{k} % "
        "changed a right decision, and we report this.",
    ),
)

_TURNED = (0, 1, 0, 1, 0, 1, 0, 0, 1, 0)
LETTERS = "ABCDEFGHIJ"


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
    lines = ["A program that finds a pneumothorax on chest radiographs: 2,400 patients.", ""]
    for letter, (subject, form) in zip(LETTERS, sentences, strict=True):
        lines.append(f"{letter}. {SENTENCES[subject][form].format(**numbers)}")
    return "\n".join(lines)
