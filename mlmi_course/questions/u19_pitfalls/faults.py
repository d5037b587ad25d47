"""Which five sentences of your abstract would you not let pass?"""

from mlmi_course.checks import ValueQuestion
from mlmi_course.checks.calling import is_blank
from mlmi_course.checks.messages import Shown
from mlmi_course.questions.u19_pitfalls._abstracts import LETTERS, drawn

_FAULTY = (0, 1, 0, 1, 0, 1, 0, 0, 1, 0)  # the form of each subject that is faulty

# For each subject: what it is called, what is told where its fault was missed, and where its
# harmless form was accused.
_SUBJECTS = (
    (
        "confounder",
        "Where the ill and the healthy come from different rooms and machines, a program may learn "
        "the machine.",
        "One department, in the order in which patients came, with the machines alike in both "
        "groups: that is what one asks for.",
    ),
    (
        "leak",
        "A copy of a test image in the training part is looked up and not recognised.",
        "Drawing some images more often *inside* a training part leaves the test patients alone.",
    ),
    (
        "spectrum",
        "Without the doubtful cases the task is easier than in any clinic.",
        "The doubtful cases stayed, and who decided about them did not know the program's answer.",
    ),
    (
        "prevalence",
        "A predictive value belongs to the mixture in which it was measured.",
        "Compute it: with 3 of 100 ill, and one of ten healthy people called, the right alerts are "
        "about one in five.",
    ),
    (
        "subgroup",
        "A rate over all says nothing about a part, whose images are of another kind.",
        "Both groups are given, with intervals. A gap that is told is no fault of an abstract.",
    ),
    (
        "multiplicity",
        "The best of many is found by luck if nothing is corrected.",
        "Nothing was left after a correction for all of them, and all are shown.",
    ),
    (
        "no_control",
        "What the gradient does is not what noise does: a control with random signs is needed.",
        "The attack stands beside a control of the same size. Both are told, and nothing more is "
        "claimed.",
    ),
    (
        "triage",
        "Sorting a list makes no minutes: what the flagged gain, others lose.",
        "Who pays is told: those whom the program missed.",
    ),
    (
        "assumed_alarm",
        "A table that takes the mean for known promises more than so few patients can keep.",
        "The rate was simulated with the reference that they have, its own error included.",
    ),
    (
        "automation_bias",
        "Readers who see the answer lean on it, so their agreement does not show that it is right.",
        "They decided first, planted errors, and report what these did.",
    ),
)


def _right(seed):
    """The letters of the faulty sentences of an abstract."""
    return "".join(
        letter
        for letter, (subject, form) in zip(LETTERS, drawn(seed), strict=True)
        if form == _FAULTY[subject]
    )


class _OfOneAbstract(ValueQuestion):
    """The answer names its abstract, and is judged by that one."""

    def verdict(self, answer, rng):
        if is_blank(answer):
            return self._untouched("Put the number of your abstract and five letters into it.")
        if not isinstance(answer, dict) or {"number", "letters"} - set(answer):
            return self._failed(
                'Write it as `{"number": 19, "letters": "ABCDE"}`: the number of your abstract and '
                "the letters of its faulty sentences.",
                Shown("yours", answer),
            )
        number, given = answer["number"], answer["letters"]
        if given is ... or number is ...:
            return self._untouched("Put the number of your abstract and five letters into it.")
        try:
            sentences, right = drawn(number), set(_right(number))
        except ValueError as error:
            return self._failed(f"There is no such abstract: {error}.")
        said = "".join(map(str, given)) if isinstance(given, list | tuple | set) else str(given)
        letters = {one for one in said.upper() if one.isalpha()}
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
            other = sentences[LETTERS.index(accused[0])][0]
            return self._failed(
                self.misconceptions[name].says,
                f"And of {accused[0]}: {_SUBJECTS[other][2]}",
                Shown("yours", given),
                misconception=name,
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
    reference=lambda: _answer(19),
    see="What to remember",
    hints=(
        "Five of the ten sentences are faulty. Go through the zoo of the lecture, and for each "
        "sentence ask which of its animals it could be.",
        "A sentence that *tells* a gap, a loss or a doubt is not faulty for that. A sentence that "
        "draws a conclusion from it may be.",
        "Look for a *so*, *therefore*, *as* or *which shows*: is what follows measured? And look "
        "for where patients came from, who was left out, and what was done before the split.",
    ),
)

for _subject, (_name, _missed, _accused) in enumerate(_SUBJECTS):
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
