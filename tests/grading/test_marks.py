"""Points that a person gives: what is refused, and that none is ever lost."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from mlmi_course.grading.gradebook import writing
from mlmi_course.grading.gradebook.marks import (
    Mark,
    Marks,
    MarksError,
    answer_digest,
    collect_marks,
    read_marks,
)
from tests.grading.made_up import ASSIGNMENT, graded, small_class

STUDENTS = [one.student for one in small_class()]
HEADER = "student,question,points,comment\n"


@pytest.fixture
def given(tmp_path: Path):
    """Write a file of marks and read it as the command does."""

    def read(text: str | bytes, students: list[str] = STUDENTS) -> Marks:
        path = tmp_path / "given.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_marks(path, ASSIGNMENT, students)

    return read


def rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline="")))


def test_marks_are_read(given):
    marks = given(HEADER + 'Ana Rossi,why,1.5,"good, but short"\nBo,why,,not yet\nÉlodie,area,1,\n')
    assert list(marks) == [
        Mark("Ana Rossi", "why", 1.5, "good, but short"),
        Mark("Élodie", "area", 1.0),  # whatever a check said, a person may say otherwise
    ]


@pytest.mark.parametrize(
    "text",
    [
        "student;question;points;comment\nBo;why;1,5;so\n",  # a German or Italian spreadsheet
        "student\tquestion\tpoints\tcomment\nBo\twhy\t1.5\tso\n",
        "\ufeffStudent,Question,Points,Comment\r\nBo,why,1.5,so\r\n",
        "points,comment,seen by,student,question\n1.5,so,me,Bo,why\n",
        HEADER + "Bo,why,1.5,so\nBo,why,1.5,so\n",
        HEADER + " Bo ,why , 1.5 ,so\n",
    ],
)
def test_spreadsheets_of_all_countries(given, text: str):
    assert list(given(text)) == [Mark("Bo", "why", 1.5, "so")]


def test_an_accent_may_be_a_sign_of_its_own(given):
    assert [mark.student for mark in given(HEADER + "E\u0301lodie,why,1,\n")] == ["Élodie"]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("Ana Rosi,why,1,", "no submission of 'Ana Rosi'; did you mean 'Ana Rossi'?"),
        ("Bo,whi,1,", "no question 'whi'; did you mean 'why'?"),
        ("Bo,why,2.5,", "2.5 points for why; it gives 0 to 2"),
        ("Bo,why,-1,", "-1 points for why; it gives 0 to 2"),
        ("Bo,why,nan,", "nan points for why"),
        ("Bo,why,two,", "'two' is no number"),
        ("Bo,why,1,\nBo,why,2,", "a second, different mark of Bo for why"),
    ],
)
def test_what_is_refused_gets_one_clear_line(given, line: str, says: str):
    with pytest.raises(MarksError) as error:
        given(HEADER + "Ana Rossi,why,1,\n" + line + "\n")
    (told,) = str(error.value).splitlines()
    assert says in told
    assert told.startswith(f"given.csv, line {3 + line.count(chr(10))}: ")


def test_all_that_is_wrong_is_told_at_once(given):
    with pytest.raises(MarksError) as error:
        given(HEADER + "Nobody,why,1,\nBo,why,9,\n")
    assert len(str(error.value).splitlines()) == 2


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "lacks the column 'student'"),
        ("student,points\nBo,1\n", "lacks the column 'question'"),
        (HEADER.encode() + "Élodie,why,1,\n".encode("cp1252"), "CSV UTF-8"),
        (HEADER + 'Bo,why,1,"never closed\n', "no CSV file"),
    ],
)
def test_files_that_are_no_marks(given, text: str | bytes, says: str):
    with pytest.raises(MarksError, match=says):
        given(text)


def test_a_missing_file(tmp_path: Path):
    with pytest.raises(MarksError, match="No such file"):
        read_marks(tmp_path / "none.csv", ASSIGNMENT, STUDENTS)


def test_a_filled_in_template_comes_back(tmp_path: Path):
    """What a spreadsheet would run, break or trim survives the way there and back."""
    names = [
        "=1+1",
        "'=1+1",
        " two  spaces ",
        'says "hi", twice',
        "new\nline",
        "'t Hart",
        "+49",
        "\ttab",
        "cr\rname",
    ]
    answers = {name: f"={name}" for name in names}
    group = [graded(name, 0, 0, 0, answer=answers[name]) for name in names]
    writing.write(ASSIGNMENT, group, tmp_path)
    todo = tmp_path / "marks-todo.csv"
    assert [row["out_of"] for row in rows(todo)] == ["2"] * len(names)
    filled = [row | {"points": f"{n / 8}", "comment": "-so"} for n, row in enumerate(rows(todo))]
    with (tmp_path / "mine.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, filled[0])
        writer.writeheader()
        writer.writerows(filled)
    marks = read_marks(tmp_path / "mine.csv", ASSIGNMENT, names)
    assert {mark.student: mark.points for mark in marks} == {
        name: n / 8 for n, name in enumerate(sorted(names))
    }
    assert {mark.comment for mark in marks} == {"-so"}
    assert all(mark.answer == answer_digest(answers[mark.student]) for mark in marks)
    writing.write(ASSIGNMENT, group, tmp_path, marks=marks)
    assert collect_marks(ASSIGNMENT, group, tmp_path).by_key == marks.by_key
    assert rows(todo) == []


def test_regrading_never_loses_a_mark(tmp_path: Path):
    group = small_class()
    first = Marks.of([Mark("Ana Rossi", "why", 2.0, "fine"), Mark("Bo", "why", 0.5, "why?")])
    writing.write(ASSIGNMENT, group, tmp_path, marks=first)
    writing.write(ASSIGNMENT, group, tmp_path)
    writing.write(ASSIGNMENT, group, tmp_path, marks=Marks.of([Mark("Bo", "why", 1.0)]))
    kept = collect_marks(ASSIGNMENT, group, tmp_path)
    assert [(m.student, m.points, m.comment) for m in kept] == [
        ("Ana Rossi", 2.0, "fine"),
        ("Bo", 1.0, ""),
    ]
    totals = {row["student"]: row["total"] for row in rows(tmp_path / "gradebook.csv")}
    assert (totals["Ana Rossi"], totals["Bo"]) == ("8", "4.5")


def test_marks_of_students_and_questions_that_are_gone_are_kept(tmp_path: Path):
    group = small_class()
    marks = Marks.of([Mark("Bo", "why", 1.0), Mark("Ana Rossi", "why", 2.0)])
    writing.write(ASSIGNMENT, group, tmp_path, marks=marks)
    without_bo = [one for one in group if one.student != "Bo"]
    writing.write(ASSIGNMENT, without_bo, tmp_path)
    assert "belong to no submission here: Bo (why)" in (tmp_path / "gradebook.html").read_text()
    writing.write(ASSIGNMENT, group, tmp_path)
    assert collect_marks(ASSIGNMENT, group, tmp_path).get("Bo", "why").points == 1.0
    assert "belong to no" not in (tmp_path / "gradebook.html").read_text()


def test_points_typed_into_the_template_itself_are_not_lost(tmp_path: Path):
    writing.write(ASSIGNMENT, small_class(), tmp_path)
    todo = tmp_path / "marks-todo.csv"
    todo.write_text(todo.read_text().replace("Bo,why,,2,,", "Bo,why,1.5,2,ok,"))
    writing.write(ASSIGNMENT, small_class(), tmp_path)
    assert [row["student"] for row in rows(todo)] == ["Ana Rossi"]
    assert rows(tmp_path / "marks.csv")[0]["points"] == "1.5"


def test_a_damaged_file_of_marks_stops_before_anything_is_written(tmp_path: Path):
    writing.write(ASSIGNMENT, small_class(), tmp_path)
    (tmp_path / "marks.csv").write_text(HEADER + "Bo,why,17,\n")
    before = {path: path.read_bytes() for path in tmp_path.rglob("*.*")}
    with pytest.raises(MarksError, match="17 points"):
        writing.write(ASSIGNMENT, small_class()[:2], tmp_path)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*.*")} == before


def test_an_answer_that_changed_after_its_mark_is_shown_again(tmp_path: Path):
    writing.write(ASSIGNMENT, small_class(), tmp_path, marks=Marks.of([Mark("Bo", "why", 1.0)]))
    later = [
        graded("Bo", 2.0, 0.0, 1.5, answer="Another text.") if one.student == "Bo" else one
        for one in small_class()
    ]
    writing.write(ASSIGNMENT, later, tmp_path)
    page = (tmp_path / "gradebook.html").read_text()
    assert "the answer to why changed after it was marked" in page
    todo = rows(tmp_path / "marks-todo.csv")
    assert [row["student"] for row in todo] == ["Ana Rossi", "Bo"]
    bo = next(row for row in rows(tmp_path / "gradebook.csv") if row["student"] == "Bo")
    assert bo["why"] == "1"  # it counts until the next mark
    writing.write(
        ASSIGNMENT,
        later,
        tmp_path,
        marks=Marks.of([Mark("Bo", "why", 2.0, answer=todo[1]["answer_digest"])]),
    )
    assert "changed after" not in (tmp_path / "gradebook.html").read_text()
