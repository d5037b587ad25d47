"""Is the patient still in there?"""

import re

from mlmi_course.checks import Case, asks


def elements(header, path=""):
    """Every value of a header that is no sequence, behind its place."""
    for key, value in header.items():
        if isinstance(value, list):
            for number, item in enumerate(value):
                yield from elements(item, f"{path}{key}/{number}/")
        else:
            yield path + key, value


def holds(text, secret):
    return secret.lower() in text.lower()


def leaks(header, secrets, tells=holds, looked_at=lambda place, value: True):
    return sorted(
        place
        for place, value in elements(header)
        if looked_at(place, value) and any(tells(str(value), secret) for secret in secrets)
    )


@asks(
    points=3,
    see="Taking the patient out",
    hints=(
        "Go through `header.items()`. A value that is a list is a sequence: each of its items is "
        "a header again.",
        "Let the function call itself for each item, and put `key/number/` in front of what "
        "comes back.",
        "Compare in lower case, and look whether the secret is *part* of the value: "
        "`secret.lower() in str(value).lower()`.",
    ),
)
def find_leaks(header, secrets):
    """Is the patient still in there?"""
    return leaks(header, secrets)


@find_leaks.inputs
def cases(rng):
    family = str(rng.choice(["Rossi", "Jensen", "Garcia"]))
    number = int(rng.integers(100000, 999999))
    secrets = [family, str(number)]
    flat = {
        "PatientName": f"Anna^{family}",
        "PatientID": number,
        f"{family}Protocol": "standard",
        "AccessionNumber": f"A{number}X",
        "Modality": "CT",
        "StudyDescription": f"{family.upper()} THORAX CONTROL",
        "0009,1010": f"ward 3 / {number} {family.swapcase()}9",
    }
    yield Case((flat, secrets), "a header without sequences")
    nested = {
        "PatientName": "ANONYMOUS",
        "Modality": "CT",
        "RequestAttributesSequence": [
            {"RequestedProcedureID": "77", "0011,1001": f"req. {family.lower()}"},
            {"ScheduledProtocolCodeSequence": [{"CodeMeaning": f"for {number}"}]},
        ],
    }
    yield Case((nested, secrets), "sequences, and a private element inside one")
    yield Case(({"Modality": "CT", "Rows": 128}, secrets), "a header with nothing to hide")
    yield Case(({}, secrets), "an empty header")


find_leaks.variants(
    leaks,
    only_patient_elements=(
        {"looked_at": lambda place, value: place in ("PatientName", "PatientID")},
        "You look at PatientName and PatientID only. People type names into descriptions, and "
        "machines copy them into private elements.",
    ),
    sequences_skipped=(
        {"looked_at": lambda place, value: "/" not in place},
        "Sequences are skipped. An item of a sequence is a whole header of its own, and a "
        "favourite hiding place.",
    ),
    private_skipped=(
        {"looked_at": lambda place, value: "," not in place.rpartition("/")[-1]},
        "Private elements (those with a number for a name) are skipped. Nobody documents "
        "what a maker writes there; some write the patient.",
    ),
    texts_only=(
        {"looked_at": lambda place, value: isinstance(value, str)},
        "You look at texts only. A value may be a number, and a patient's number is one: "
        "`str(value)` reads both.",
    ),
)


@find_leaks.mistake
def sequence_as_text(header, secrets):
    """You search a sequence as if it were one text, so you name the sequence and not the place
    inside it. Go into its items.
    """
    return leaks({key: str(value) for key, value in header.items()}, secrets)


def _only_unsorted(expected, got):
    return isinstance(got, list) and got != expected and sorted(map(str, got)) == expected


@find_leaks.mistake(matches=_only_unsorted)
def not_sorted(header, secrets):
    """The places are right, but they are not sorted."""
    return leaks(header, secrets)[::-1]


find_leaks.variants(
    leaks,
    exact_match=(
        {"tells": lambda text, secret: secret.lower() == text.lower()},
        "You ask whether a value *is* the secret. “Rossi^Anna” is not “Rossi”, and yet it "
        "tells: look for a part.",
    ),
    whole_words=(
        {"tells": lambda text, secret: re.search(rf"\b{secret}\b", text, re.IGNORECASE)},
        "You look for whole words. A secret may be a part of one, as a patient's number is within "
        "that of a request.",
    ),
    case_matters=(
        {"tells": lambda text, secret: secret in text},
        "ROSSI and Rossi are the same person. Compare without regard to case.",
    ),
    only_secret_lowered=(
        {"tells": lambda text, secret: secret.lower() in text},
        "The secret is in lower case now, and the value is not. Both must be.",
    ),
    only_value_lowered=(
        {"tells": lambda text, secret: secret in text.lower()},
        "The value is in lower case now, and the secret is not. Both must be.",
    ),
)


@find_leaks.mistake
def first_secret_only(header, secrets):
    """Only the first secret is looked for. Does a `return` stand inside the loop over the
    secrets?
    """
    return leaks(header, secrets[:1])


@find_leaks.mistake
def listed_twice(header, secrets):
    """A place that holds two secrets is listed twice. Once is enough: `any`, or a set."""
    return sorted(place for secret in secrets for place in leaks(header, [secret]))
