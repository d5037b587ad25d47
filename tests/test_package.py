"""The package as a whole: light to import, silent, complete when installed."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

import mlmi_course

IMPORT_LIMIT_S = 0.3  # a test fails only at five times a limit: machines are noisy


def _python(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {key: value for key, value in os.environ.items() if not key.startswith("TF_")}
    return subprocess.run(
        [sys.executable, "-c", code],
        env={**clean, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )


def _work_of_children() -> float:
    """Seconds that processes of ours computed: other jobs on the machine do not count."""
    used = os.times()
    return used.children_user + used.children_system


def test_import_is_quick_and_loads_nothing_heavy() -> None:
    start = _work_of_children()
    run = _python(
        "import sys, mlmi_course\n"
        "heavy = {'tensorflow', 'keras', 'umap', 'numpy', 'pandas', 'matplotlib', 'pydicom'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    assert run.stdout.strip() == "[]", run.stderr
    assert _work_of_children() - start < 5 * IMPORT_LIMIT_S


def test_submodules_come_when_they_are_asked_for() -> None:
    for name in mlmi_course.__all__:
        assert getattr(mlmi_course, name) is not None
    assert set(mlmi_course.__all__) <= set(dir(mlmi_course))
    with pytest.raises(AttributeError, match="nothing_here"):
        mlmi_course.nothing_here  # noqa: B018


def test_the_version_is_the_installed_one() -> None:
    from importlib.metadata import version

    assert mlmi_course.__version__ == version("mlmi-course")


def test_tensorflow_trains_in_silence() -> None:
    run = _python(
        "import mlmi_course, keras, numpy as np\n"
        "keras.utils.set_random_seed(0)\n"
        "model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])\n"
        "model.compile('adam', 'mse')\n"
        "model.fit(np.zeros((8, 4)), np.zeros(8), verbose=0)\n"
        "print('trained on', keras.backend.backend())"
    )
    assert run.stdout.strip() == "trained on tensorflow", run.stderr
    assert run.stderr == ""


def test_tensorflow_would_speak_without_us() -> None:
    """The test above can fail: left alone, the same import writes to standard error."""
    assert _python("import tensorflow").stderr != ""


def test_many_networks_are_no_reason_to_warn() -> None:
    """TensorFlow warns of "retracing" once a notebook has used its fifth network."""
    code = (
        "import mlmi_course, keras, numpy as np\n"
        "for _ in range(7):\n"
        "    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])\n"
        "    model.predict_on_batch(np.zeros((2, 4)))\n"
    )
    assert _python(code).stderr == ""
    assert "retracing" in _python(code, TF_CPP_MIN_LOG_LEVEL="0").stderr


def test_a_failing_import_of_tensorflow_still_raises(tmp_path: Path) -> None:
    (tmp_path / "tensorflow").mkdir()
    (tmp_path / "tensorflow" / "__init__.py").write_text("raise ImportError('broken build')\n")
    run = _python("import mlmi_course, tensorflow", PYTHONPATH=str(tmp_path))
    assert run.returncode == 1
    assert "ImportError: broken build" in run.stderr


def test_standard_error_works_again_after_the_import() -> None:
    run = _python("import mlmi_course, os, tensorflow\nos.write(2, b'still here')")
    assert run.stderr == "still here"


def test_the_readers_own_log_level_is_kept() -> None:
    run = _python(
        "import mlmi_course, os; print(os.environ['TF_CPP_MIN_LOG_LEVEL'])",
        TF_CPP_MIN_LOG_LEVEL="0",
    )
    assert run.stdout.strip() == "0"


# -- what is private stays private ---------------------------------------------------------------

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = "mlmi_course"


def _own_files() -> list[Path]:
    folders = (PACKAGE, "data_fetch", "benchmarks", "course", "site")
    files = [file for folder in folders for file in sorted((ROOT / folder).rglob("*.py"))]
    return [file for file in files if "_build" not in file.parts]


def _private_imports(tree: ast.AST, home: str) -> list[str]:
    """Private names of a package that the module ``home`` imports although it lies outside."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = [f"{node.module}.{one.name}" for one in node.names]
        elif isinstance(node, ast.Import):
            names = [one.name for one in node.names]
        else:
            continue
        for name in names:
            parts = name.split(".")
            # The first private part says whose it is: the package in which it lies.
            private = next((i for i, part in enumerate(parts) if _is_private(part)), None)
            if private and parts[0] == PACKAGE:
                owner = ".".join(parts[:private])
                if not (ROOT / owner.replace(".", "/")).is_dir():
                    owner = ".".join(parts[: private - 1])  # a module's: its package may use it
                if home != owner and not home.startswith(f"{owner}."):
                    found.append(name)
    return found


def _is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


def test_private_names_are_imported_by_nobody_outside_their_package():
    found = {}
    for file in _own_files():
        home = ".".join(file.relative_to(ROOT).with_suffix("").parts)
        names = _private_imports(ast.parse(file.read_text(encoding="utf-8")), home)
        if names:
            found[home] = names
    assert found == {}


def test_the_search_for_private_imports_finds_them():
    code = "from mlmi_course.plots._parts import tidy\nimport mlmi_course.data._fields"
    assert len(_private_imports(ast.parse(code), "benchmarks.speed")) == 2
    assert _private_imports(ast.parse(code), "mlmi_course.plots._grid") == [
        "mlmi_course.data._fields"
    ]
    code = "from mlmi_course.dicom.reading import _scan\nfrom mlmi_course._files import write_whole"
    assert _private_imports(ast.parse(code), "mlmi_course.cli") == [
        "mlmi_course.dicom.reading._scan"
    ]
