"""Which five sentences of your abstract would you not let pass?"""

import re
from collections.abc import Iterable

import numpy as np

from mlmi_course.checks import ValueQuestion
from mlmi_course.checks.calling import is_blank
from mlmi_course.checks.messages import Shown
from mlmi_course.questions.u19_pitfalls._abstracts import EXAMPLE, LETTERS, drawn

_FAULTY = (0, 1, 0, 1, 0, 1, 0, 0, 1, 0)  # the form of each subject that is faulty

# For each subject: what it is called, and what is told where its fault was missed.
_SUBJECTS = (
    (
        "confounder",
        "Where the ill and the healthy come from different rooms and machines, a program may learn "
        "the machine.",
    ),
    (
        "leak",
        "A copy of a test image in the training part is looked up and not recognised.",
    ),
    (
        "spectrum",
        "Without the doubtful cases the task is easier than in any clinic.",
    ),
    (
        "prevalence",
        "A predictive value belongs to the mixture in which it was measured.",
    ),
    (
        "subgroup",
        "A rate over all says nothing about a part, whose images are of another kind.",
    ),
    (
        "multiplicity",
        "The best of many is found by luck if nothing is corrected.",
    ),
    (
        "no_control",
        "What the gradient does is not what noise does: a control with random signs is needed.",
    ),
    (
        "triage",
        "Sorting a list makes no minutes: what the flagged gain, others lose.",
    ),
    (
        "assumed_alarm",
        "A table that takes the mean for known promises more than so few patients can keep.",
    ),
    (
        "automation_bias",
        "Readers who see the answer lean on it, so their agreement does not show that it is right.",
    ),
)


def _right(seed):
    """The letters of the faulty sentences of an abstract."""
    return "".join(
        letter
        for letter, (subject, form) in zip(LETTERS, drawn(seed), strict=True)
        if form == _FAULTY[subject]
    )


def _is_open(part):
    return part is ... or part is None or (isinstance(part, str) and not part.strip(" .…"))


def _whole(number):
    """A number of an abstract: 42, 42.0, "42" or "0042"."""
    if isinstance(number, str) and number.strip().isdecimal():
        return int(number)
    if isinstance(number, float | np.floating) and float(number).is_integer():
        return int(number)
    return number


def _letters(given):
    """The letters of a text such as "A, B and C", or of a list, a set or a column."""
    if not isinstance(given, str):
        parts = given.tolist() if hasattr(given, "tolist") else given
        given = " ".join(map(str, parts)) if isinstance(parts, Iterable) else str(parts)
    words = [word for word in re.findall(r"[^\W_]+", given.upper()) if word != "AND"]
    return set("".join(words))


class _OfOneAbstract(ValueQuestion):
    """The answer names its abstract, and is judged by that one."""

    def verdict(self, answer, rng):
        asked = "Put the number of your abstract and five letters into it."
        if is_blank(answer):
            return self._untouched(asked)
        if hasattr(answer, "to_dict"):  # a Series of pandas
            answer = answer.to_dict()
        if not isinstance(answer, dict) or {"number", "letters"} - set(answer):
            return self._failed(
                'Write it as `{"number": 19, "letters": "ABCDE"}`: the number of your abstract and '
                "the letters of its faulty sentences.",
                Shown("yours", answer),
            )
        number, given = answer["number"], answer["letters"]
        if any(_is_open(part) for part in (number, given)):
            return self._untouched(asked)
        try:
            number = _whole(number)
            sentences, right = drawn(number), set(_right(number))
        except ValueError as error:
            return self._failed(f"There is no such abstract: {error}.")
        if number == EXAMPLE:
            return self._failed(f"{EXAMPLE} is the example's number. Take one of your own.")
        letters = _letters(given)
        if letters - set(LETTERS):
            return self._failed("The sentences have the letters A to J.", Shown("yours", given))
        missed, accused = sorted(right - letters), sorted(letters - right)
        if not missed and not accused:
            return self._passed("Right: these five.")
        if len(letters) != 5:
            return self._failed(
                f"Five of the ten sentences are faulty; you name {len(letters)}.",
                Shown("yours", given),
            )
        if len(missed) == 1:  # and so one is accused, and five are named
            subject = sentences[LETTERS.index(missed[0])][0]
            name = f"missed_{_SUBJECTS[subject][0]}"
            return self._failed(
                self.misconceptions[name].says, Shown("yours", given), misconception=name
            )
        return self._failed(
            "More than one of your five can be defended. For each ask: is it claimed more than was "
            "measured, or was the measurement spoilt?",
            Shown("yours", given),
        )


def _answer(seed, without=None):
    """The answer to an abstract; without one fault, the first harmless sentence is in its place."""
    letters = _right(seed)
    if without is not None:
        subject_of = {letter: s for letter, (s, _) in zip(LETTERS, drawn(seed), strict=True)}
        gone = next(letter for letter in letters if subject_of[letter] == without)
        instead = next(letter for letter in LETTERS if letter not in letters)
        letters = "".join(sorted(letters.replace(gone, instead)))
    return {"number": seed, "letters": letters}


faults = _OfOneAbstract(
    title="Which five sentences are faulty?",
    points=4,
    reference=lambda: _answer(4242),
    see="What to remember",
    hints=(
        "Five of the ten sentences are faulty. Go through the zoo of the lecture, and for each "
        "sentence ask which of its animals it could be.",
        "A sentence that *tells* a gap, a loss or a doubt is not faulty for that. A sentence that "
        "draws a conclusion from it may be.",
        "Ask of each conclusion whether it was measured, and of each number on whom. Then look at "
        "where patients came from, who was left out, and what was done before the split.",
    ),
)

for _subject, (_name, _missed) in enumerate(_SUBJECTS):
    _seed = next(
        seed
        for seed in range(100)
        if any(s == _subject and form == _FAULTY[s] for s, form in drawn(seed))
    )
    faults.knows(
        f"missed_{_name}",
        _answer(_seed, without=_subject),
        f"One fault is missing, and another sentence is accused in its place. {_missed}",
    )
