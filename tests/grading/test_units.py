"""A unit's questions may be a file or a package: the grader takes both, and shows neither."""

from __future__ import annotations

import sys
from importlib import import_module, invalidate_caches
from pathlib import Path
from types import ModuleType

import pytest

from mlmi_course.grading.errors import GradingError
from mlmi_course.grading.judge import stubs, units
from mlmi_course.grading.judge.helpers import helper_sources
from mlmi_course.grading.sandbox import launch

PACKAGE = "tests.grading.fixtures.u91_package"


@pytest.fixture
def stubbed(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The package as a notebook finds it in a sandbox."""
    for name in [n for n in sys.modules if n.startswith("mlmi_course.questions")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys.modules["mlmi_course"], "questions", None, raising=False)
    sources = {
        name: code.replace(PACKAGE, "mlmi_course.questions.u91_package")
        for name, code in helper_sources(import_module(PACKAGE)).items()
    }
    stubs.install("u91_package", {"sum_of": ("The sum", 3.0)}, sources)
    module = import_module("mlmi_course.questions.u91_package")
    yield module
    for name in [n for n in sys.modules if n.startswith("mlmi_course.questions")]:
        del sys.modules[name]


def test_the_order_is_that_of_the_lab() -> None:
    unit = units.load_unit(PACKAGE)
    assert list(unit.questions) == ["sum_of", "largest"]
    assert (unit.name, unit.module_name) == ("91_package", "u91_package")


def test_helpers_travel_without_what_judges() -> None:
    sources = helper_sources(import_module(PACKAGE))
    assert list(sources)[-1] == "", "the unit imports from its modules, so it comes last"
    assert set(sources) == {"", "_data", "_settings"}
    code = "\n".join(sources.values())
    assert "def numbers" in code
    assert "WRAP = 7" in code
    for secret in ("sum_of", "largest", "ANSWER", "POINTS", "asks"):
        assert secret not in code


def test_a_notebook_calls_helpers_and_finds_no_answer(stubbed: ModuleType) -> None:
    assert stubbed.numbers(9).tolist() == [0, 1, 2, 3, 4, 5, 6, 0, 1]
    assert stubbed.sum_of.check(lambda values: 0).status == "not attempted"
    assert not hasattr(stubbed.sum_of, "right")
    from mlmi_course.questions.u91_package import numbers

    assert numbers is stubbed.numbers


def test_every_file_of_a_package_is_hidden(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "u92_elsewhere"
    (folder / "__pycache__").mkdir(parents=True)
    for name in ("__init__.py", "one.py", "table.csv", "__pycache__/one.cpython-311.pyc"):
        (folder / name).write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    invalidate_caches()
    monkeypatch.setattr(launch, "_python_folders", lambda: [str(tmp_path)])
    hidden = {path.relative_to(folder).as_posix() for path in launch.files_of("u92_elsewhere")}
    assert hidden >= {"__init__.py", "one.py", "table.csv", "__pycache__/one.cpython-311.pyc"}


CHANGES = {
    "the right answer": ("sum_of.py", "total += float(value)", "total += int(value)", {"sum_of"}),
    "a mistake": ("sum_of.py", "right(values[:-1])", "right(values[:-2])", {"sum_of"}),
    "what it draws from": ("_data.py", "np.arange(n)", "np.arange(n) + 1", {"sum_of", "largest"}),
    "a setting": ("_settings.py", "WRAP = 7", "WRAP = 8", {"sum_of", "largest"}),
    "a message": ("sum_of.py", "That is the mean.", "The mean.", set()),
    "a hint": ("sum_of.py", "One by one.", "All of them.", set()),
    "a value that is wrong": ("largest.py", '"smallest", 0,', '"smallest", -1,', {"largest"}),
    "what nobody uses": ("_data.py", "ANSWER = 42", "ANSWER = 43", set()),
}


@pytest.mark.parametrize("change", CHANGES)
def test_the_digest_tells_what_decides(
    change: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = Path(__file__).parent / "fixtures" / "u91_package"
    name, old, new, expected = CHANGES[change]
    digests = []
    for number, (before, after) in enumerate([(old, old), (old, new)]):
        module = f"u9{number}_copy"
        folder = tmp_path / module
        folder.mkdir()
        for file in here.glob("*.py"):
            text = file.read_text(encoding="utf-8").replace(PACKAGE, module)
            if file.name == name:
                assert text.count(before) == 1
                text = text.replace(before, after)
            (folder / file.name).write_text(text, encoding="utf-8")
        monkeypatch.syspath_prepend(tmp_path)
        invalidate_caches()
        infos = units.assignment(units.load_unit(module), None).questions
        digests.append({info.name: info.digest for info in infos})
        for loaded in [n for n in sys.modules if n.startswith(module)]:
            del sys.modules[loaded]
    first, second = digests
    assert {name for name in first if first[name] != second[name]} == expected


def test_a_unit_that_is_nearly_right() -> None:
    with pytest.raises(GradingError, match="did you mean '05_perceptrons'"):
        units.find_unit("05_perceptron")
