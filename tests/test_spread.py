"""The measuring of what statements depend on: what is recorded, and what is called close."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import spread

ROOT = Path(__file__).resolve().parents[1]
NAMES = list(spread.SETTINGS)


def statement(values: list, kind: str = "result", **bound) -> spread.Statement:
    named = dict(zip(NAMES, values, strict=False))
    return spread.Statement("lecture", kind, "AUC", bound, named)


@pytest.mark.parametrize(
    ("values", "bound", "verdict"),
    [
        ([0.95, 0.96, 0.95, 0.96], {"at_least": 0.9}, "holds"),
        ([0.95, 0.96, 0.95, 0.96], {"at_least": 0.94}, "close"),
        ([0.95, 0.96, 0.95, 0.96], {"at_most": 0.957}, "changes"),
        ([0.95, 0.96, 0.95, 0.96], {"within": (0.9, 0.97)}, "close"),
        ([0.95, 0.95], {"at_least": 0.95}, "holds"),  # the same everywhere
        ([float("nan"), 0.95], {"at_least": 0.9}, "changes"),
        ([float("nan"), float("nan")], {}, "holds"),  # undefined everywhere, as it has to be
        ([189, 189], {}, "holds"),
        ([189, 190], {}, "changes"),
        ([0.661468, 0.661468], {}, "holds"),
        ([0.6612, 0.6613], {}, "close"),  # printed as 0.661, but 0.6615 is near
        ([0.6612, 0.6617], {}, "changes"),
        (["True", "True"], {}, "holds"),
        (["True", "False"], {}, "changes"),
    ],
)
def test_verdicts(values, bound, verdict) -> None:
    assert statement(values, **bound).verdict == verdict


@pytest.mark.parametrize(
    ("kind", "values", "verdict"),
    [
        ("allclose", [0.01, 0.2], "holds"),
        ("allclose", [0.01, 0.5], "close"),
        ("allclose", [0.9, 1.3], "changes"),
        ("allclose", [2e5, 1e5], "holds"),  # shown to differ
        ("prediction", ["LoG", "LoG"], "holds"),
        ("prediction", ["LoG", "mean"], "changes"),
        ("prediction", [0.30, 0.31], "holds"),
        ("prediction", [0.30, 0.36], "close"),
        ("verdict", ["fail", "fail"], "changes"),
        ("stopped", ["NameError", "NameError"], "changes"),
    ],
)
def test_verdicts_of_what_is_no_result(kind, values, verdict) -> None:
    assert (
        statement(values, kind, **({"at_most": 1} if kind == "allclose" else {})).verdict == verdict
    )


def test_every_level_of_every_factor_occurs() -> None:
    environments = [environment for environment, _ in spread.SETTINGS.values()]
    assert {e["OMP_NUM_THREADS"] for e in environments} == {"1", "2", "4"}
    isas = {e.get("ONEDNN_MAX_CPU_ISA") for e in environments}
    assert isas == {"AVX2", "AVX512_CORE", "SSE41", None}
    assert any(e.get("TF_ENABLE_ONEDNN_OPTS") == "0" for e in environments)
    assert len({shift for _, shift in spread.SETTINGS.values()}) == 4


def test_what_was_restated_since_is_listed(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(spread, "MEASURED", tmp_path / "measured")
    (tmp_path / "measured").mkdir()
    lines = [
        {"notebook": "lecture", "kind": "result", "name": name, "value": 0.957, **bound}
        for name, bound in (("AUC", {"at_least": 0.9}), ("σ = 2", {"within": (0.5, 1)}))
    ]
    kept = spread._merged({}, NAMES[0], {"seconds": 1, "lines": lines})
    (tmp_path / "measured" / "01.json").write_text(spread._json(kept))

    def store(text: str) -> None:
        for folder in ("lectures", "solutions"):
            cells = [{"outputs": [{"text": [text]}]}, {}] if folder == "lectures" else []
            (tmp_path / folder).mkdir(exist_ok=True)
            (tmp_path / folder / "01_x.ipynb").write_text(json.dumps({"cells": cells}))

    store("n: 3\nAUC 0.95 (≥ 0.9: yes)\nσ = 2: 0.7 (within 0.5 … 1: yes)\n")
    assert spread.not_measured("01_x", tmp_path) == []
    store("AUC 0.95 (≥ 0.8: yes)\nσ = 3: 0.7 (within 0.5 … 1: yes)\n")
    assert spread.not_measured("01_x", tmp_path) == [
        "lecture: AUC … (≥ 0.8: yes)",
        "lecture: σ = 3: … (within 0.5 … 1: yes)",
    ]
    now = spread.stored("01_x", tmp_path)
    assert not any(map(now.still_states, spread.read("01_x")))
    assert now.still_states(statement([0.95], at_least=0.8))


def test_a_setting_measured_again_replaces_itself() -> None:
    def found(value: float) -> dict:
        line = {"notebook": "lecture", "kind": "result", "name": "AUC", "value": value}
        score = {"notebook": "solution", "kind": "score", "name": "q.x", "value": value}
        lines = [{**line, "at_least": 0.9}, {**line, "at_least": 0.9}]
        return {"seconds": 1, "lines": [*lines, {**score, "at_least": value - 0.1}]}

    kept = spread._merged({}, NAMES[0], found(0.95))
    kept = spread._merged(kept, NAMES[1], found(0.96))
    kept = spread._merged(json.loads(spread._json(kept)), NAMES[0], found(0.97))
    assert [s["values"] for s in kept["statements"]] == 3 * [{NAMES[1]: 0.96, NAMES[0]: 0.97}]
    assert kept["statements"][2]["bars"] == pytest.approx({NAMES[1]: 0.86, NAMES[0]: 0.87})


def test_what_a_notebook_states_is_recorded(tmp_path: Path) -> None:
    code = (
        "from benchmarks.recording import record\n"
        f"record({str(tmp_path / 'record')!r}, draw=3)\n"
        "import numpy as np\n"
        "from mlmi_course.checks import ModelQuestion, ValueQuestion, result\n"
        "result('AUC', 0.957, at_least=0.9)\n"
        "result('ok', np.allclose([1.0], [1.0 + 5e-6]))\n"
        "draw = lambda rng: (rng.random(4), np.ones(4))\n"
        "score = lambda labels, given: float(given.mean())\n"
        "q = ModelQuestion(title='t', draw=draw, metric=score, threshold=0.9, chance=0.5)\n"
        "q.name = 'model'\n"
        "q.check(np.zeros_like)\n"
        "v = ValueQuestion(title='v', reference=lambda: 1.0)\n"
        "v.check(1.0)\n"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True)
    lines = [json.loads(line) for line in (tmp_path / "record").read_text().splitlines()]
    assert [(line["kind"], line["name"]) for line in lines] == [
        ("result", "AUC"),
        ("allclose", "np.allclose"),
        ("result", "ok"),
        ("score", "q.model, public draw"),
        ("score", "q.model, another draw"),
        ("verdict", "q.model"),
    ]
    assert lines[0] == {
        "kind": "result", "name": "AUC", "value": 0.957, "digits": 3, "at_least": 0.9
    }  # fmt: skip
    assert lines[1]["value"] == pytest.approx(0.5, rel=0.01)
    assert (lines[3]["value"], lines[3]["at_least"]) == (0, 0.9)
