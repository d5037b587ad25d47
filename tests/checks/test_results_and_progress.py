"""Stable result lines, and where a student stands."""

from __future__ import annotations

import json
import sys
import types
from pathlib import Path

import numpy as np
import pytest

from mlmi_course.checks import ThoughtQuestion, Unit, ValueQuestion, progress, result


class TestResult:
    @pytest.mark.parametrize(
        ("value", "bounds", "line"),
        [
            (0.95, {"at_least": 0.95}, "AUC ≥ 0.95: yes"),
            (0.9499, {"at_least": 0.95}, "AUC ≥ 0.95: no, it is 0.9499"),
            (np.True_, {}, "AUC: True"),
            (0.90, {"at_least": 0.95}, "AUC ≥ 0.95: no, it is 0.9"),
            (0.05, {"at_most": 0.1}, "AUC ≤ 0.1: yes"),
            (0.2, {"at_most": 0.1}, "AUC ≤ 0.1: no, it is 0.2"),
            (0.5, {"within": (0.4, 0.6)}, "AUC within 0.4 … 0.6: yes"),
            (float("nan"), {"at_least": 0.5}, "AUC ≥ 0.5: no, it is nan"),
            (float("nan"), {"within": (0, 1)}, "AUC within 0 … 1: no, it is nan"),
            (12345.678, {}, "AUC: 12300"),
            (3, {}, "AUC: 3"),
            (True, {}, "AUC: True"),
            ("high", {}, "AUC: high"),
        ],
    )
    def test_line(self, value, bounds, line, capsys) -> None:
        result("AUC", value, **bounds)
        assert capsys.readouterr().out == line + "\n"

    def test_two_bounds_are_refused(self) -> None:
        with pytest.raises(ValueError, match="one of"):
            result("AUC", 1.0, at_least=0, at_most=1)

    def test_a_text_has_no_bound(self) -> None:
        with pytest.raises(ValueError, match="'high'"):
            result("AUC", "high", at_least=0.5)


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
