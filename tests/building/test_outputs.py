"""Stored outputs: carried over, noticed when stale, made by running, never lost."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from mlmi_course.building.execution import Execution, execute
from mlmi_course.building.findings import AuthorError
from mlmi_course.building.outputs import code_hashes, keep_digits
from mlmi_course.building.source import parse_source
from tests.building.conftest import Tree

LECTURE = "course/01_demo/lecture.py"
NOTEBOOK = "lectures/01_demo.ipynb"


@pytest.fixture
def executed(tree: Tree) -> Tree:
    """The small course, with outputs as if lecture and solution had been executed."""
    built = tree.build()
    for notebook in built.notebooks:
        hashes = code_hashes(notebook.body)
        outputs = {cell: {"text": "1\n", "code": code} for cell, code in hashes.items()}
        built.files[notebook.path] = notebook.text(outputs)
    for path, text in built.files.items():
        tree.write(path, text)
    return tree


def tagged(tree: Tree) -> dict:
    cells = json.loads(tree.read(NOTEBOOK))["cells"]
    return next(cell for cell in cells if cell["metadata"].get("tags"))


def test_a_fresh_course_passes(executed: Tree) -> None:
    before = executed.snapshot()
    outcome = executed.mlmi("build", "--check")
    assert outcome.exit_code == 0, outcome.stderr
    assert "up to date" in outcome.stdout
    assert executed.mlmi("build").exit_code == 0
    assert executed.snapshot() == before


def test_outputs_count_their_cells(executed: Tree) -> None:
    assert tagged(executed)["execution_count"] == 2
    executed.edit(LECTURE, "# %%\nfirst", "# %%\n0\n\n# %%\nfirst")
    executed.write_build()
    assert tagged(executed)["execution_count"] == 3
    assert tagged(executed)["outputs"][0]["text"] == ["1\n"]


def test_prose_and_comments_make_nothing_stale(executed: Tree) -> None:
    executed.edit(LECTURE, "Some words.", "Many words.")
    executed.edit(LECTURE, "# a comment", "# another comment\n\n# and one more")
    executed.edit(LECTURE, "print(first)", "# in the tagged cell itself\nprint(first)")
    assert executed.mlmi("build", "--check").exit_code == 1
    assert executed.mlmi("build").exit_code == 0
    assert executed.mlmi("build", "--check").exit_code == 0
    assert tagged(executed)["outputs"][0]["text"] == ["1\n"]


def test_code_before_the_cell_makes_it_stale(executed: Tree) -> None:
    executed.edit(LECTURE, "first = 1", "first = 2")
    built = executed.mlmi("build")
    assert built.exit_code == 0
    assert f"{LECTURE}:10: {NOTEBOOK}: stale outputs: 1" in built.stdout
    assert "mlmi build --execute 01" in built.stdout
    assert tagged(executed)["outputs"][0]["text"] == ["1\n"]
    checked = executed.mlmi("build", "--check")
    assert checked.exit_code == 1
    assert "stale outputs: 1" in checked.stderr


def test_code_after_the_cell_does_not(executed: Tree) -> None:
    executed.edit(LECTURE, "print(first)\n", "print(first)\n\n# %%\nfirst = 3\n")
    assert executed.mlmi("build").exit_code == 0
    assert executed.mlmi("build", "--check").exit_code == 0


def test_check_notices_missing_outputs(tree: Tree) -> None:
    tree.write_build()
    outcome = tree.mlmi("build", "--check")
    assert outcome.exit_code == 1
    assert f"{LECTURE}:10: {NOTEBOOK}: missing outputs: 1" in outcome.stderr


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        (NOTEBOOK, "Some words.", "Other words."),
        (NOTEBOOK, '"nbformat_minor": 5', '"nbformat_minor":  5'),
        ("exercises/01_demo.ipynb", "raise NotImplementedError", "return 4"),
        ("environment.yml", "jupyterlab", "notebook"),
        ("instructors/01_demo.md", "Ask", "Tell"),
        ("mlmi_course/questions/solutions/u01_demo.json", "number + number", "4"),
    ],
)
def test_check_notices_edits_by_hand(executed: Tree, path: str, old: str, new: str) -> None:
    executed.edit(path, old, new)
    before = executed.snapshot()
    outcome = executed.mlmi("build", "--check")
    assert outcome.exit_code == 1
    assert f"{path} is not what its source gives; refresh it: mlmi build" in outcome.stderr
    assert "\n+" in outcome.stderr
    assert executed.snapshot() == before
    assert executed.mlmi("build").exit_code == 0
    assert executed.mlmi("build", "--check").exit_code == 0


def test_check_notices_line_ends_and_absent_files(executed: Tree) -> None:
    file = executed.root / NOTEBOOK
    file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    (executed.root / "environment.yml").unlink()
    outcome = executed.mlmi("build", "--check")
    assert "only line ends differ" in outcome.stderr
    assert "the file is missing" in outcome.stderr


def test_leftovers_are_noticed_and_removed(executed: Tree) -> None:
    leftover, own = "lectures/09_gone.ipynb", "lectures/my own notes.ipynb"
    executed.write(leftover, "{}")
    executed.write(own, "{}")
    outcome = executed.mlmi("build", "--check")
    assert f"{leftover} belongs to no unit" in outcome.stderr
    assert own not in outcome.stderr
    assert executed.mlmi("build", "--check", "01").exit_code == 0
    assert f"removed {leftover}" in executed.mlmi("build").stdout
    assert executed.mlmi("build", "--check").exit_code == 0
    assert (executed.root / own).exists()


@pytest.mark.parametrize("text", ["not json", "[]", "{}", '{"cells": [1, {"id": 2}]}'])
def test_a_broken_notebook_on_disk_is_replaced(executed: Tree, text: str) -> None:
    executed.write(NOTEBOOK, text)
    assert executed.mlmi("build").exit_code == 0
    assert "missing outputs: 1" in executed.mlmi("build", "--check").stderr


def run(tree: Tree, source: str) -> dict[str, dict[str, str]]:
    """Execute a lecture with these cells, without header."""
    lecture = next(n for n in tree.build().notebooks if n.kind == "lecture")
    body = parse_source(LECTURE, source).cells
    return execute(tree.root, replace(lecture, body=body)).outputs


def test_execution_refuses_what_it_cannot_store(tree: Tree) -> None:
    with pytest.raises(AuthorError) as refused:
        run(
            tree,
            '# %%\n1 + 1\n\n# %%\nimport sys\nprint("careful", file=sys.stderr)\n\n'
            '# %% tags=["nbval-check-output"]\n2 + 2\n\n'
            '# %% tags=["nbval-check-output"]\nsilent = True\n',
        )
    told = [str(finding) for finding in refused.value.findings]
    assert told == [
        f"{LECTURE}:5: the cell writes to stderr: careful",
        f"{LECTURE}:9: a tagged cell only prints, but this one gives rich output (execute_result)",
        f"{LECTURE}:12: a tagged cell must print something, and this one prints nothing",
    ]


def test_execution_stores_text_and_runs_in_an_empty_folder(tree: Tree) -> None:
    outputs = run(
        tree,
        "# %%\nimport os\n\n"
        '# %% tags=["nbval-check-output"]\n'
        'print(os.listdir("."), flush=True)\nprint(os.environ["MLMI_STATIC"])\n',
    )
    assert [stored["text"] for stored in outputs.values()] == ["[]\n1\n"]


def test_an_execution_that_fails_leaves_the_files_alone(executed: Tree) -> None:
    executed.edit(LECTURE, "print(first)", "print(second)")
    before = executed.snapshot()
    outcome = executed.mlmi("build", "--execute", "01")
    assert outcome.exit_code == 1
    assert outcome.stderr.count("\n") == 1
    assert outcome.stderr.startswith(f"{LECTURE}:10: the cell stops: NameError")
    assert executed.snapshot() == before


def test_digits_are_kept_while_code_and_statement_are_the_same() -> None:
    old = {"a": {"text": "n: 3\nAUC 0.957 (≥ 0.9: yes)\n", "code": "1"}}
    for text, code, kept in [
        ("n: 3\nAUC 0.961 (≥ 0.9: yes)\n", "1", True),
        ("n: 3\nAUC 0.961 (≥ 0.9: yes)\n", "2", False),
        ("n: 4\nAUC 0.961 (≥ 0.9: yes)\n", "1", False),
        ("n: 3\nAUC 0.89 (≥ 0.9: no)\n", "1", False),
        ("n: 3\nAUC 0.961 (≥ 0.95: yes)\n", "1", False),
    ]:
        new = {"a": {"text": text, "code": code}}
        assert keep_digits(new, old) == (old if kept else new)
    new = {"b": {"text": "1\n", "code": "1"}}
    assert keep_digits(new, old) == new


@pytest.mark.parametrize(
    ("options", "text"), [((), "AUC 1 (≥ 0: yes)"), (("--fresh",), "AUC 2 (≥ 0: yes)")]
)
def test_an_execution_elsewhere_changes_no_file(
    executed: Tree, options, text, monkeypatch: pytest.MonkeyPatch
) -> None:
    def prints(text: str) -> None:
        def execute(root, notebook) -> Execution:
            hashes = code_hashes(notebook.body)
            return Execution({c: {"text": text, "code": h} for c, h in hashes.items()}, 1.0)

        monkeypatch.setattr("mlmi_course.building.execution.execute", execute)

    prints("AUC 1 (≥ 0: yes)\n")
    assert executed.mlmi("build", "--execute", "01").exit_code == 0
    before = executed.snapshot()
    prints("AUC 2 (≥ 0: yes)\n")
    assert executed.mlmi("build", "--execute", "01", *options).exit_code == 0
    assert tagged(executed)["outputs"][0]["text"] == [text + "\n"]
    assert (executed.snapshot() == before) is (not options)


def test_texts_of_an_older_form_are_stale(executed: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mlmi_course.building.outputs.FORM", "a newer form")
    checked = executed.mlmi("build", "--check")
    assert checked.exit_code == 1
    assert "stale outputs: 1" in checked.stderr
