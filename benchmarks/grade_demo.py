"""A made-up class of 30 that hands in unit 01: ``python -m benchmarks.grade_demo FOLDER``.

The class has good students and weak ones, known misconceptions, notebooks that are half empty,
crash, loop or lost their check cells, and names that try to break a gradebook.  Nobody in it is
real.  The same folder comes out every time.
"""

from __future__ import annotations

import copy
import json
import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
UNIT = "01_medical_images"

NAMES = (
    "Ana Rossi",
    "Ána Rossi",  # the same letters once the accent is gone
    "Amina Diallo",
    "Ben Okafor",
    "Chiara Bianchi",
    "Daniel Kim",
    "Elif Yıldız",
    "Fatima Zahra",
    "Giovanni D'Angelo",
    "Hanna Lindqvist",
    "Ines Duarte",
    "Jonas Weber",
    "Kateřina Dvořáková",
    "Liam Ó Briain",
    'Łukasz "Luke" Nowak',
    "María José Núñez",
    "Nguyễn Thị Hương",
    "Oliver Schmidt",
    "Priya Raman",
    "Quentin Lefèvre",
    "Rosa  Klein",  # two spaces
    "Samuel Boateng",
    "Sofía Vega",
    "Tomás Silva",
    "Yuki Tanaka",
    "Zoë Müller",
    "李 小龍",
    "Ольга Петрова",
    "=HYPERLINK(1+1)",  # a spreadsheet would run it
    '<img src=x onerror="window.pwned=1"><script>window.pwned=1',
)

# How often a question goes wrong in a class that is neither strong nor weak.
_HARD = {
    "to_hu": 0.2,
    "window": 0.45,
    "slice_area": 0.15,
    "slice_order": 0.35,
    "slice_step": 0.35,
    "plane_aspect": 0.4,
    "mip": 0.2,
    "survey": 0.25,
    "find_leaks": 0.6,
    "new_uids": 0.4,
}

# What a wrong answer changes in the right one: texts and what stands in their place.
_SLIPS: dict[str, tuple[dict[str, str], ...]] = {
    "to_hu": (
        {"hu[stored == padding]": "hu[hu == padding]"},
        {"if padding is not None:": "if padding:"},
        {" * slope": ""},
        {"hu[stored == padding] = np.nan": "pass"},
    ),
    "window": (
        {"hu - (center - 0.5)) / (width - 1)": "hu - center) / width"},
        {"    if width == 1:\n        return (hu > center - 0.5).astype(float)\n": ""},
        {"return np.clip(line, 0, 1)": "return line"},
        {"(center - 0.5)) / (width - 1)": "(width - 0.5)) / (center - 1)"},
    ),
    "slice_area": (
        {
            "ct.Rows * ct.PixelSpacing[0]": "ct.ReconstructionDiameter",
            "ct.Columns * ct.PixelSpacing[1]": "ct.ReconstructionDiameter",
        },
        {"width / 100": "width / 10"},
        {"width / 100": "width"},
    ),
    "slice_order": (
        {"positions @ normal": "[header['InstanceNumber'] for header in headers]"},
        {"positions @ normal": "positions[:, 2]"},
        {"orientation[:3], orientation[3:]": "orientation[3:], orientation[:3]"},
    ),
    "slice_step": (
        {"np.median(np.diff(np.sort(positions @ normal)))": "headers[0]['SliceThickness']"},
        {"np.median(np.diff": "np.mean(np.diff"},
        {"np.diff(np.sort(positions @ normal))": "np.abs(np.diff(positions @ normal))"},
    ),
    "plane_aspect": (
        {"between_rows, between_columns =": "between_columns, between_rows ="},
        {"return slice_step / between_rows": "return slice_step / between_columns"},
        {"slice_step / between_": "between_rows / between_"},
    ),
    "mip": (
        {"np.nanmax": "np.max"},
        {'"coronal": 1, "sagittal": 2': '"coronal": 2, "sagittal": 1'},
        {"np.nanmax": "np.nanmean"},
    ),
    "survey": (
        {'len({header["PatientID"] for header in headers})': "len(headers)"},
        {"return counts": "return counts | {'patients': sum([*counts.values()][1:])}"},
        {'len({h["': 'len([h["', "== modality})": "== modality])"},
    ),
    "find_leaks": (
        {"secret.lower() in str(value).lower()": "secret in str(value)"},
        {"enumerate(value)": "enumerate([])"},
        {"any(secret.lower() in str": "isinstance(value, str) and any(secret.lower() in str"},
        {"return sorted(places)": "return places[::-1]"},
    ),
    "new_uids": (
        {
            'hmac.new(salt.encode(), uid.encode(), "sha256")': "hashlib.sha256(uid.encode())",
            "import hmac": "import hashlib",
        },
        {"salt.encode(), uid.encode()": "uid.encode(), salt.encode()"},
        {"    digests =": "    return uids\n    digests ="},
    ),
}

_THOUGHTS = (
    "The PNG holds greys and no Hounsfield units. In a lung window everything above 150 HU is "
    "white, so the density of the rib is gone for good. Without the PixelSpacing I can count "
    "pixels, not mm. Please send me the DICOM file, without the name.",
    "I would measure it with ImageJ. The rib is about 30 pixels wide and quite bright, so dense.",
    "You cannot. The window was clipped at its upper end and 8 bits leave 256 steps of about 6 HU "
    "each; the spacing is missing as well. Ask for the original series.",
    "PNG has lower quality than DICOM, so the values are not exact.",
    "Both questions need the header: slope and intercept for the density, the pixel spacing for "
    "the width.\n\nAnd even with slope and intercept the rib would stay clipped.",
    "It depends on the window.",
)
_MARKS = (2.0, 0.0, 2.0, 0.5, 1.5, 0.0)  # what an instructor gives for each of them
_MARKED = 14  # students whose text the instructor has marked so far
_ATTACK = (
    "</blockquote><script>window.pwned=1</script><img src=x onerror=window.pwned=1>"
    "<svg onload=window.pwned=1><a href=javascript:window.pwned=1>click</a> =1+1 {{ 7*7 }}"
)


def answers(solutions: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """What each student writes: by name, the source of each answer.

    Parameters
    ----------
    solutions : mapping of str to str
        A right answer to each question, as source.
    """
    rng = np.random.default_rng(20261)
    return {name: _answers(rng, solutions) for name in NAMES}


def submissions(
    exercise: Mapping[str, Any], written: Mapping[str, Mapping[str, str]]
) -> dict[str, str]:
    """The whole class: file name to text of the notebook.

    Parameters
    ----------
    exercise : mapping
        The exercise as students get it.
    written : mapping
        As `answers` gives it.
    """
    return {
        f"{name}.ipynb": _SPECIAL.get(name, _as_it_is)(_fill(exercise, sources))
        for name, sources in written.items()
    }


def marks(written: Mapping[str, Mapping[str, str]]) -> str:
    """A file of marks: the instructor is half through the texts."""
    points = {
        f"shared_picture = {thought!r}": mark
        for thought, mark in zip(_THOUGHTS, _MARKS, strict=True)
    }
    lines = ["student,question,points,comment"]
    for name in NAMES[:_MARKED]:
        mark = points.get(written[name].get("shared_picture", ""))
        if mark is not None:
            comment = "" if mark == 2 else "What does the PNG not say any more?"
            lines.append(f"{name},shared_picture,{mark:g},{comment}")
    return "\n".join(lines) + "\n"


def wrong_answers(solutions: Mapping[str, str]) -> dict[str, list[str]]:
    """Sources of wrong answers, by question."""
    return {
        question: [_slip(solutions[question], slip) for slip in slips]
        for question, slips in _SLIPS.items()
    }


def main(folder: Path) -> None:
    """Write the class into ``folder/submissions``, and marks into ``folder/marks.csv``."""
    exercise = json.loads((ROOT / f"exercises/{UNIT}.ipynb").read_text(encoding="utf-8"))
    texts = ROOT / f"mlmi_course/questions/solutions/u{UNIT}.json"
    written = answers(json.loads(texts.read_text(encoding="utf-8")))
    (folder / "submissions").mkdir(parents=True, exist_ok=True)
    for name, text in submissions(exercise, written).items():
        (folder / "submissions" / name).write_text(text, encoding="utf-8")
    (folder / "marks.csv").write_text(marks(written), encoding="utf-8")
    print(f"{len(NAMES)} submissions in {folder / 'submissions'}")


def _answers(rng: np.random.Generator, solutions: Mapping[str, str]) -> dict[str, str]:
    """What one student writes: skill decides how much of it is right."""
    skill = rng.normal(0.45, 1.0)
    wrong = wrong_answers(solutions)
    # Weak students run out of time: what comes last stays a blank.
    tried = len(_HARD) if skill > -0.2 else int(rng.integers(4, len(_HARD) + 1))
    sources = {}
    for question, hard in list(_HARD.items())[:tried]:
        fails = 1 / (1 + np.exp(1.5 * skill - np.log(hard / (1 - hard))))
        slip = int(rng.choice(len(wrong[question]), p=_falling(len(wrong[question]))))
        sources[question] = wrong[question][slip] if rng.random() < fails else solutions[question]
    if skill > -0.6:
        thought = _THOUGHTS[int(rng.integers(len(_THOUGHTS)))]
        sources["shared_picture"] = f"shared_picture = {thought!r}"
    return sources


def _falling(count: int) -> np.ndarray:
    """Chances of the first, second … of some mistakes: the first is the popular one."""
    weights = 1 / (1 + np.arange(count))
    return weights / weights.sum()


def _slip(solution: str, slip: Mapping[str, str]) -> str:
    for right, wrong in slip.items():
        if right not in solution:
            raise ValueError(f"the solution has no {right!r} any more; mend benchmarks.grade_demo")
        solution = solution.replace(right, wrong)
    return solution


def _fill(exercise: Mapping[str, Any], sources: Mapping[str, str]) -> dict[str, Any]:
    """The exercise with answers in place of its blanks."""
    notebook = copy.deepcopy(dict(exercise))
    for question, source in sources.items():
        _home(notebook, question)["source"] = source.splitlines(keepends=True)
    return notebook


def _home(notebook: Mapping[str, Any], question: str) -> dict[str, Any]:
    """The cell in which a question is answered."""
    pattern = re.compile(rf"^(def {question}\(|{question} = )", re.MULTILINE)
    return next(
        cell
        for cell in notebook["cells"]
        if cell["cell_type"] == "code" and pattern.search("".join(cell["source"]))
    )


def _as_it_is(notebook: dict[str, Any]) -> str:
    return json.dumps(notebook, ensure_ascii=False, indent=1) + "\n"


def _attacks(notebook: dict[str, Any]) -> str:
    _home(notebook, "shared_picture")["source"] = [f"shared_picture = {_ATTACK!r}"]
    _home(notebook, "survey")["source"] = [
        "def survey(headers):\n", f"    return {{'patients': {_ATTACK!r}}}"
    ]  # fmt: skip
    return _as_it_is(notebook)


def _loops(notebook: dict[str, Any]) -> str:
    _home(notebook, "mip")["source"] = [
        "def mip(hu, plane):\n",
        "    while True:\n",
        "        pass",
    ]
    return _as_it_is(notebook)


def _mistyped(notebook: dict[str, Any]) -> str:
    _home(notebook, "slice_step")["source"] = ["def slice_step(headers)\n", "    return 1.0"]
    return _as_it_is(notebook)


def _stops(notebook: dict[str, Any]) -> str:
    _home(notebook, "to_hu")["source"] = [
        "def to_hu(stored, slope, intercept, padding):\n", "    return stored.hounsfield()"
    ]  # fmt: skip
    return _as_it_is(notebook)


def _without_checks(notebook: dict[str, Any]) -> str:
    """As after Colab: no ids, no metadata; and the check cells were deleted."""
    notebook["metadata"] = {}
    notebook["nbformat_minor"] = 4
    notebook["cells"] = [
        {key: value for key, value in cell.items() if key != "id"} | {"metadata": {}}
        for cell in notebook["cells"]
        if not "".join(cell["source"]).startswith("q.")
    ]
    return _as_it_is(notebook)


def _untouched(exercise: dict[str, Any]) -> str:
    notebook = json.loads((ROOT / f"exercises/{UNIT}.ipynb").read_text(encoding="utf-8"))
    return _as_it_is(notebook)


_SPECIAL: dict[str, Callable[[dict[str, Any]], str]] = {
    NAMES[-1]: _attacks,
    "Daniel Kim": _loops,
    "Jonas Weber": _mistyped,
    "Samuel Boateng": _stops,
    "Priya Raman": _without_checks,
    "Tomás Silva": _untouched,
}


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m benchmarks.grade_demo FOLDER")
    main(Path(sys.argv[1]))
