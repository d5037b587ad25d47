"""Is the patient still in there?."""

from typing import Any

from mlmi_course.checks import (
    Case,
    asks,
)


def _leaks(
    header,
    secrets,
    path,
    *,
    sequences=True,
    private=True,
    found=lambda secret, text: secret.lower() in text.lower(),
):
    options = {"sequences": sequences, "private": private, "found": found}
    for key, value in header.items():
        if isinstance(value, list):
            for number, item in enumerate(value if sequences else ()):
                yield from _leaks(item, secrets, f"{path}{key}/{number}/", **options)
        elif (private or "," not in key) and any(found(s, str(value)) for s in secrets):
            yield path + key


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
    return sorted(_leaks(header, secrets, ""))


@find_leaks.inputs
def cases(rng):
    family = str(rng.choice(["Rossi", "Jensen", "Garcia"]))
    number = int(rng.integers(100000, 999999))
    secrets = [family, str(number)]
    flat: dict[str, Any] = {
        "PatientName": f"Anna^{family}",
        "PatientID": number,
        f"{family}Protocol": "standard",
        "AccessionNumber": f"A-{number}",
        "Modality": "CT",
        "StudyDescription": f"THORAX {family.upper()} CONTROL",
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


def _leaks_with(**options):
    return lambda header, secrets: sorted(_leaks(header, secrets, "", **options))


def _leaks_in_texts(header, secrets, path):
    for key, value in header.items():
        if isinstance(value, list):
            for number, item in enumerate(value):
                yield from _leaks_in_texts(item, secrets, f"{path}{key}/{number}/")
        elif isinstance(value, str) and any(s.lower() in value.lower() for s in secrets):
            yield path + key


def _only_unsorted(expected, got):
    return isinstance(got, list) and got != expected and sorted(map(str, got)) == expected


@find_leaks.mistake
def only_patient_elements(header, secrets):
    """You look at PatientName and PatientID only. People type names into descriptions, and
    machines copy them into private elements.
    """
    return sorted(
        key
        for key, value in header.items()
        if key in ("PatientName", "PatientID")
        and any(secret.lower() in str(value).lower() for secret in secrets)
    )


find_leaks.knows(
    "sequences_skipped",
    _leaks_with(sequences=False),
    "Sequences are skipped. An item of a sequence is a whole header of its own, and a "
    "favourite hiding place.",
)


find_leaks.knows(
    "private_skipped",
    _leaks_with(private=False),
    "Private elements (those with a number for a name) are skipped. Nobody documents "
    "what a maker writes there; some write the patient.",
)


@find_leaks.mistake
def texts_only(header, secrets):
    """You look at texts only. A value may be a number, and a patient's number is one: `str(value)`
    reads both.
    """
    return sorted(_leaks_in_texts(header, secrets, ""))


@find_leaks.mistake
def sequence_as_text(header, secrets):
    """You search a sequence as if it were one text, so you name the sequence and not the place
    inside it. Go into its items.
    """
    texts = {key: str(value).lower() for key, value in header.items()}
    return sorted(key for key, text in texts.items() if any(s.lower() in text for s in secrets))


@find_leaks.mistake(matches=_only_unsorted)
def not_sorted(header, secrets):
    """The places are right, but they are not sorted."""
    return find_leaks.right(header, secrets)[::-1]


find_leaks.knows(
    "exact_match",
    _leaks_with(found=lambda secret, text: secret.lower() == text.lower()),
    "You ask whether a value *is* the secret. “Rossi^Anna” is not “Rossi”, and yet it "
    "tells: look for a part.",
)


find_leaks.knows(
    "case_matters",
    _leaks_with(found=lambda secret, text: secret in text),
    "ROSSI and Rossi are the same person. Compare without regard to case.",
)


find_leaks.knows(
    "only_secret_lowered",
    _leaks_with(found=lambda secret, text: secret.lower() in text),
    "The secret is in lower case now, and the value is not. Both must be.",
)


find_leaks.knows(
    "only_value_lowered",
    _leaks_with(found=lambda secret, text: secret in text.lower()),
    "The value is in lower case now, and the secret is not. Both must be.",
)


@find_leaks.mistake
def first_secret_only(header, secrets):
    """Only the first secret is looked for. Does a `return` stand inside the loop over the
    secrets?
    """
    return find_leaks.right(header, secrets[:1])


@find_leaks.mistake
def listed_twice(header, secrets):
    """A place that holds two secrets is listed twice. Once is enough: `any`, or a set."""
    return sorted(place for secret in secrets for place in find_leaks.right(header, [secret]))
