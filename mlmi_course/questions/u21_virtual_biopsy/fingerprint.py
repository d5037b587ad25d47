"""A seal that breaks when one word of the protocol changes, and only then."""

import hashlib
import json

from mlmi_course.checks import Case, asks


def _print(protocol, *, keys=True, separators=(",", ":"), ascii_only=False, how="sha256", end=64):
    text = json.dumps(protocol, sort_keys=keys, separators=separators, ensure_ascii=ascii_only)
    return hashlib.new(how, text.encode()).hexdigest()[:end]


@asks(
    points=2,
    see="A protocol, and its seal",
    hints=(
        "What does `sorted(protocol)` give for a dictionary? Print it for a small one.",
        "`json.dumps(protocol, sort_keys=True, …)` writes keys *and* values, and sorts the keys of "
        "inner dictionaries too. `separators` and `ensure_ascii` are its arguments.",
        'Encode the text, `text.encode("utf-8")`, hand it to `hashlib.sha256`, and return '
        "the whole `.hexdigest()`.",
    ),
)
def fingerprint(protocol):
    """A seal for the protocol"""
    return _print(protocol)


@fingerprint.inputs
def cases(rng):
    threshold = round(float(rng.uniform(0.1, 0.4)), 3)
    plain = {"outcome": "death within 365 days", "threshold": threshold, "metric": "C"}
    yield Case((plain,), "a short protocol")
    yield Case((dict(reversed(plain.items())),), "the same protocol, its keys in another order")
    yield Case(({**plain, "threshold": threshold + 0.05},), "another threshold")
    costs = {"missed": int(rng.integers(2, 9)), "needless": 1}
    features = [f"feature {i}" for i in rng.permutation(5)]
    yield Case(({**plain, "costs": costs, "features": features},), "a dictionary and a list in it")
    turned = {**plain, "costs": dict(reversed(costs.items())), "features": features}
    yield Case((turned,), "the inner dictionary turned round")
    yield Case(({"centre": "Málaga", "sealed": True, "age": None},), "an accent, True and None")
    words = {**plain, "metric": "gain in C: all locked patients, 95 % interval"}
    yield Case((words,), "a text with a comma and a colon in it")


@fingerprint.mistake
def unmended(protocol):
    """That is the colleague's function as it was. Change the threshold and look whether the seal
    changes. And how long does it take to find another text with the same eight digits?
    """
    return hashlib.sha256(json.dumps(sorted(protocol)).encode()).hexdigest()[:8]


@fingerprint.mistake
def keys_alone(protocol):
    """`sorted(protocol)` gives the keys alone, so a seal that is made from it does not notice
    another threshold.
    """
    return hashlib.sha256(json.dumps(sorted(protocol)).encode()).hexdigest()


@fingerprint.mistake
def text_of_python(protocol):
    """`str` writes the dictionary in the order in which it was filled, and in Python's way. The
    seal is that of the JSON text, with sorted keys.
    """
    return hashlib.sha256(str(protocol).encode()).hexdigest()


@fingerprint.mistake
def pairs_sorted(protocol):
    """You sort the pairs of the outer dictionary, and JSON then writes a list of pairs. Let
    `json.dumps` sort the keys: it does so in inner dictionaries too.
    """
    text = json.dumps(
        sorted(protocol.items(), key=lambda pair: pair[0]),
        separators=(",", ":"),
        ensure_ascii=False,
    )
    return hashlib.sha256(text.encode()).hexdigest()


fingerprint.variants(
    _print,
    cut_short=(
        {"end": 8},
        "Eight hexadecimal digits are 32 bits: a computer finds another text with the same ones in "
        "minutes. Return all 64.",
    ),
    unsorted=(
        {"keys": False},
        "The keys come in the order in which they were typed, so the same protocol has two seals.",
    ),
    with_spaces=(
        {"separators": (", ", ": ")},
        "Your text has spaces after commas and colons. The agreed text has none: "
        '`separators=(",", ":")`.',
    ),
    accents_escaped=(
        {"ascii_only": True},
        "Your text writes é as \\u00e9. The agreed text is UTF-8 as it stands: "
        "`ensure_ascii=False`.",
    ),
    md5=({"how": "md5"}, "That is MD5, for which forgeries are easy to make. SHA-256 was agreed."),
    sha1=(
        {"how": "sha1"},
        "That is SHA-1, for which forgeries are known. SHA-256 was agreed.",
    ),
)


@fingerprint.mistake
def spaces_cut_out(protocol):
    """You cut spaces out of the finished text, and with them those inside the protocol's own words.
    Let `json.dumps` write it without: `separators=(",", ":")`.
    """
    text = json.dumps(protocol, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.replace(", ", ",").replace(": ", ":").encode()).hexdigest()
