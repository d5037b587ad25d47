"""A class of 30, from a download to what goes back, by the commands of INSTRUCTORS.md."""

from __future__ import annotations

import csv
import json
import re
import subprocess
import zipfile
from pathlib import Path

import pytest

from benchmarks import grade_demo
from mlmi_course.grading.sandbox.launch import why_not
from tests.conftest import missing

ROOT = Path(__file__).resolve().parents[2]
# What a person does once, or with the eyes.
_NOT_HERE = ("make ", "xdg-open ")


def commands() -> list[str]:
    """The lines of the first block, as they are printed."""
    text = (ROOT / "INSTRUCTORS.md").read_text(encoding="utf-8")
    block = text.partition("```sh\n")[2].partition("```")[0]
    lines = [line.partition("  #")[0].strip() for line in block.splitlines()]
    return [line for line in lines if line and not line.startswith(_NOT_HERE)]


def _entry(platform: str, name: str, number: int) -> str:
    if platform == "moodle":
        return f"{name}_{4000 + number}_assignsubmission_file/lab.ipynb"
    late = "LATE_" if number % 3 == 0 else ""
    plain = re.sub(r"[\W_]", "", name).lower()
    return f"{plain}_{late}{100 + number}_{900 + number}_lab.ipynb"


@pytest.mark.parametrize("platform", ["moodle", "canvas"])
def test_from_download_to_upload(platform: str, tmp_path: Path) -> None:
    if reason := why_not():
        missing("bubblewrap", reason)
    exercise = json.loads((ROOT / f"exercises/{grade_demo.UNIT}.ipynb").read_text("utf-8"))
    solved = ROOT / f"mlmi_course/questions/solutions/u{grade_demo.UNIT}.json"
    written = grade_demo.answers(json.loads(solved.read_text("utf-8")))
    texts = list(grade_demo.submissions(exercise, written).items())
    assert len(texts) == 30
    entries = []
    for number, (name, text) in enumerate(texts):
        path = tmp_path / "submissions" / _entry(platform, Path(name).stem, number)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        entries.append(path.relative_to(tmp_path / "submissions").parts[0])
    (tmp_path / ".venv").symlink_to(ROOT / ".venv")
    typed = commands()
    assert [line.split()[1] for line in typed if "mlmi" in line] == ["grade", "hand-out"]
    for line in typed:
        done = subprocess.run(
            ["bash", "-c", line], cwd=tmp_path, capture_output=True, text=True, timeout=1800
        )
        assert done.returncode == 0, (line, done.stdout, done.stderr)
    assert (tmp_path / "secret.txt").stat().st_mode & 0o077 == 0
    with zipfile.ZipFile(tmp_path / f"hand-out/{platform}-feedback.zip") as archive:
        names = archive.namelist()
        pages = {name: archive.read(name).decode() for name in names}
    with open(tmp_path / "grades/gradebook.csv", encoding="utf-8-sig", newline="") as file:
        students = [row["student"] for row in csv.DictReader(file)]
    assert len(students) == 30
    if platform == "moodle":
        assert sorted(names) == sorted(f"{entry}/feedback.html" for entry in entries)
        with open(tmp_path / "grades/moodle-worksheet.csv", encoding="utf-8-sig") as file:
            sheet = {row["Identifier"]: row for row in csv.DictReader(file)}
        assert set(sheet) == {f"Participant {4000 + n}" for n in range(30)}
        for name, page in pages.items():
            student, number = name.split("_")[:2]
            assert sheet[f"Participant {number}"]["Full name"].lstrip("'") == student
            assert "<html" in page
    else:
        assert sorted(names) == sorted(entries)
        with open(tmp_path / "grades/gradebook-canvas.csv", encoding="utf-8-sig") as file:
            ids = {row["ID"] for row in csv.DictReader(file)} - {""}
        assert ids == {str(100 + n) for n in range(30)}
        for page in pages.values():
            (cell,) = json.loads(page)["cells"]
            assert "points" in cell["source"]
            assert "<script" not in cell["source"]
    assert len(list((tmp_path / "hand-out/students").glob("*.zip"))) == 30
