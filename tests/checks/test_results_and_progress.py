"""Stable result lines, and where a student stands."""

from __future__ import annotations

import contextlib
import io
import json
import sys
import types
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlmi_course.checks import (
    Message,
    ThoughtQuestion,
    Unit,
    ValueQuestion,
    Verdict,
    progress,
    result,
)
from mlmi_course.checks.results import numbers, statements

IMPORT = "from mlmi_course.questions import u99_test as q"


class TestResult:
    @pytest.mark.parametrize(
        ("value", "bounds", "line"),
        [
            (0.95, {"at_least": 0.95}, "AUC 0.95 (≥ 0.95: yes)"),
            (0.9499, {"at_least": 0.95}, "AUC 0.9499 (≥ 0.95: no)"),
            (0.94996, {"at_least": 0.95}, "AUC 0.94996 (≥ 0.95: no)"),
            (0.95004, {"at_most": 0.95}, "AUC 0.95004 (≤ 0.95: no)"),
            (0.95004, {"at_least": 0.95002}, "AUC 0.95004 (≥ 0.95002: yes)"),
            (np.True_, {}, "AUC: True"),
            (0.90, {"at_least": 0.95}, "AUC 0.9 (≥ 0.95: no)"),
            (0.05, {"at_most": 0.1}, "AUC 0.05 (≤ 0.1: yes)"),
            (0.2, {"at_most": 0.1}, "AUC 0.2 (≤ 0.1: no)"),
            (0.5, {"within": (0.4, 0.6)}, "AUC 0.5 (within 0.4 … 0.6: yes)"),
            (-0.012, {"within": (-0.03, 0.02)}, "AUC -0.012 (within -0.03 … 0.02: yes)"),
            (np.float32(1e-7), {"at_most": 1e-6}, "AUC 1e-07 (≤ 1e-06: yes)"),
            (7, {"at_least": 5}, "AUC 7 (≥ 5: yes)"),
            (float("nan"), {"at_least": 0.5}, "AUC nan (≥ 0.5: no)"),
            (float("nan"), {"within": (0, 1)}, "AUC nan (within 0 … 1: no)"),
            (float("-inf"), {"at_most": 0}, "AUC -inf (≤ 0: yes)"),
            (12345.678, {}, "AUC: 12300"),
            (3, {}, "AUC: 3"),
            (True, {}, "AUC: True"),
            ("high", {}, "AUC: high"),
        ],
    )
    def test_line(self, value, bounds, line, capsys) -> None:
        result("AUC", value, **bounds)
        assert capsys.readouterr().out == line + "\n"

    def test_a_name_that_ends_in_a_number_is_set_off(self, capsys) -> None:
        result("AUC, σ = 2", 0.96, at_least=0.9)
        assert capsys.readouterr().out == "AUC, σ = 2: 0.96 (≥ 0.9: yes)\n"

    @pytest.mark.parametrize("bounds", [{"at_least": 0.5}, {"within": (-1, 2)}, {"at_most": -1e-7}])
    @pytest.mark.parametrize("name", ["AUC", "σ = 2", "time (s)", "a: b (c 3 (≥ 2: yes)", "100 %"])
    @given(values=st.tuples(st.floats(), st.floats()))
    def test_the_statement_is_what_is_compared(self, name, bounds, values) -> None:
        lines = []
        for value in values:
            with contextlib.redirect_stdout(io.StringIO()) as out:
                result(name, value, **bounds)
            lines.append(out.getvalue())
        answers = [line.endswith("yes)\n") for line in lines]
        same = answers[0] == answers[1]
        assert (statements(lines[0]) == statements(lines[1])) is same
        for line, holds in zip(lines, answers, strict=True):
            assert " … (" in statements(line)
            assert ("(" not in numbers(line).removeprefix(name)) is holds

    @pytest.mark.parametrize(
        "line", ["slices: 189", "spacing (mm): 0.661", "size: (3, 4)", "ok: True", "1 (of 3: yes)"]
    )
    def test_what_is_exact_stays_whole(self, line) -> None:
        assert statements(line) == numbers(line) == line

    @pytest.mark.parametrize("value", ["high", True])
    def test_only_numbers_have_a_bound(self, value) -> None:
        with pytest.raises(ValueError, match=repr(value)):
            result("AUC", value, at_least=0.5)

    def test_two_bounds_are_refused(self) -> None:
        with pytest.raises(ValueError, match="one of"):
            result("AUC", 1.0, at_least=0, at_most=1)


@pytest.fixture
def unit(monkeypatch: pytest.MonkeyPatch) -> Unit:
    module = types.ModuleType("some.where.u99_test")
    module.width = ValueQuestion(title="Width", points=2, reference=lambda: 1.0)
    module.depth = ValueQuestion(title="Depth", points=1, reference=lambda: 2.0)
    module.why = ThoughtQuestion(title="Why?", points=3, rubric="…")
    module._hidden = ValueQuestion(title="Hidden", reference=lambda: 2.0)
    monkeypatch.setitem(sys.modules, module.__name__, module)
    return Unit(module.__name__)


class TestProgress:
    def test_questions_learn_their_names(self, unit: Unit) -> None:
        assert list(unit.questions) == ["width", "depth", "why"]
        assert unit.questions["width"].name == "width"
        assert unit.questions["width"].unit == "u99_test"

    def test_at_first_nothing_is_attempted(self, unit: Unit) -> None:
        table = unit.progress()
        assert table.not_attempted == ("width", "depth", "why")
        assert (table.points, table.out_of) == (0, 3)

    def test_points_without_those_that_a_person_gives(self, unit: Unit) -> None:
        unit.questions["width"].check(1.0)
        unit.questions["depth"].check(7.0)
        unit.questions["why"].check("Because it is so.")
        table = unit.progress()
        assert [row.status for row in table.rows] == ["pass", "fail", "needs a person"]
        assert (table.points, table.out_of) == (2, 3)
        assert table.not_attempted == ()
        assert "2 of 3 points. Every question was tried." in str(table)
        assert "<table" in table._repr_html_()

    def test_a_pass_of_an_earlier_session_is_remembered(self, unit: Unit) -> None:
        unit.questions["width"].check(1.0)
        unit.questions["width"].check(5.0)  # a later mistake does not take it back
        again = Unit("some.where.u99_test")
        again.questions["width"]._last = None  # as after a restart of the kernel
        row = again.progress().rows[0]
        assert row.status == "not attempted"
        assert row.earlier
        assert "solved earlier" in str(again.progress())

    @pytest.mark.parametrize("content", ["", "{", "[]", '{"points": null, "status": "pass"}'])
    def test_a_damaged_file_is_no_obstacle(self, unit: Unit, content: str) -> None:
        file = progress.home() / "progress" / "u99_test" / "width.json"
        file.parent.mkdir(parents=True)
        file.write_text(content)
        assert unit.questions["width"].check(1.0).status == "pass"
        assert json.loads(file.read_text())["status"] == "pass"

    def test_nowhere_to_write_is_no_obstacle(
        self, unit: Unit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        blocked = tmp_path / "a_file"
        blocked.write_text("")
        monkeypatch.setenv("MLMI_HOME", str(blocked / "home"))
        assert unit.questions["width"].check(1.0).status == "pass"
        assert unit.progress().points == 2


class TestWhoseAnswer:
    """An answer of one's own, one after looking at the solution, and the solution itself."""

    @pytest.fixture
    def solution(self, monkeypatch: pytest.MonkeyPatch) -> None:
        from mlmi_course.checks import question

        monkeypatch.setattr(question, "_solutions", lambda unit: {"width": "1.0", "why": "So."})

    @staticmethod
    def kept(name: str = "width") -> dict:
        file = progress.home() / "progress" / "u99_test" / f"{name}.json"
        return json.loads(file.read_text()) if file.exists() else {}

    def test_an_own_answer(self, unit: Unit, solution: None) -> None:
        width = unit.questions["width"]
        width.check(1.0)
        assert width.how == "own"
        assert "2/2\n" in str(unit.progress())
        width.solution()
        width.check(1.0)  # looking afterwards takes nothing away
        assert width.how == "own"
        assert self.kept()["how"] == "own"

    def test_after_looking_at_the_solution(self, unit: Unit, solution: None) -> None:
        width = unit.questions["width"]
        width.solution()
        width._last = None
        assert unit.progress().rows[0].status == "not attempted"
        width.check(1.0)
        table = unit.progress()
        assert width.how == "looked"
        assert "2/2 (after the solution)" in str(table)
        assert "After looking at our solution: width." in str(table)
        assert "after the solution" in table._repr_html_()
        width._last = None  # as after a restart of the kernel
        assert "(solved earlier, after the solution)" in str(unit.progress())

    def test_looking_is_remembered_over_sessions(self, unit: Unit, solution: None) -> None:
        unit.questions["width"].solution()
        again = Unit("some.where.u99_test")
        again.questions["width"].check(1.0)
        assert again.questions["width"].how == "looked"

    def test_half_an_answer_of_ones_own_stays_so(self, unit: Unit, solution: None) -> None:
        width = unit.questions["width"]
        progress.record("u99_test", "width", Verdict("fail", 1.0, 2.0, Message("", "")))
        width.solution()
        assert self.kept()["how"] == "own"
        width.check(1.0)
        assert (self.kept()["how"], self.kept()["points"]) == ("looked", 2)

    def test_free_text_is_compared_with_ours_as_it_should_be(
        self, unit: Unit, solution: None
    ) -> None:
        unit.questions["why"].solution()
        unit.questions["why"].check("Because.")
        assert unit.questions["why"].how == "own"

    def test_files_of_an_older_version_are_own_answers(self, unit: Unit) -> None:
        file = progress.home() / "progress" / "u99_test" / "width.json"
        file.parent.mkdir(parents=True)
        file.write_text('{"status": "pass", "points": 2.0}')
        row = unit.progress().rows[0]
        assert (row.earlier, row.how) == (True, "own")

    @pytest.mark.parametrize(
        ("cells", "ours"),
        [
            (["", f"import numpy\n{IMPORT}  {progress.SOLUTIONS_MARK}", "1 + 1"], True),
            (["", IMPORT], False),
            (["", f"print('{progress.SOLUTIONS_MARK}')"], False),
            (["", f"{IMPORT.replace('99', '98')}  {progress.SOLUTIONS_MARK}"], False),
        ],
    )
    def test_a_notebook_of_solutions_leaves_no_progress(
        self, unit: Unit, cells: list[str], ours: bool, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        import IPython

        shell = types.SimpleNamespace(user_ns={"In": cells})
        monkeypatch.setattr(IPython, "get_ipython", lambda: shell)
        assert unit.questions["width"].check(1.0).status == "pass"
        assert bool(self.kept()) is not ours
        table = str(unit.progress())
        assert ("2/2 (our answer)" in table) is ours
        assert ("they are not kept as yours" in table) is ours
        assert unit.progress().points == 2
