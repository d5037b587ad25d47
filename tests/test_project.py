"""The promises of the README: commands, files, an installation that is complete."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [
            sys.executable,
            "-m",
            "pip",
            "wheel",
            "--quiet",
            "--no-deps",
            "-w",
            str(folder),
            str(ROOT),
        ],
        check=True,
        timeout=300,
    )
    return next(folder.glob("*.whl"))


def test_the_wheel_holds_what_an_exercise_needs(wheel: Path, tmp_path: Path) -> None:
    """On Colab there is a wheel and a notebook, and no checkout."""
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "site")
        names = archive.namelist()
    assert "mlmi_course/data/tables/tcia_tcga.csv" in names
    assert "mlmi_course/questions/solutions/u01_medical_images.json" in names
    assert "data_fetch/registry.toml" in names
    assert not [name for name in names if name.startswith(("tests/", "course/", "lectures/"))]

    code = (
        "import mlmi_course; from mlmi_course import data\n"
        "from mlmi_course.questions import u01_medical_images as q\n"
        "print(mlmi_course.__file__); print(len(data.load_tcia_tcga()))\n"
        "print(q.to_hu.solution())\n"
        "import data_fetch; print(data_fetch.__file__, data_fetch.entry('breastmnist').size)"
    )
    run = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path / "site")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert str(tmp_path / "site") in run.stdout
    assert "\n21\n" in run.stdout
    assert f"{tmp_path / 'site' / 'data_fetch'}" in run.stdout
    assert "560 kB" in run.stdout
    assert "def to_hu" in run.stdout


@pytest.mark.skipif(shutil.which("make") is None, reason="NOT TESTED, make is missing")
class TestMakefile:
    def _make(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["make", "-C", str(ROOT), *arguments],
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            check=False,
            timeout=600,
        )

    def test_no_fitting_python_is_one_clear_message(self, tmp_path: Path) -> None:
        old = tmp_path / "python3"
        old.write_text('#!/bin/sh\n[ "$1" = --version ] && echo "Python 3.9.9" && exit 0\nexit 1\n')
        old.chmod(0o755)
        run = self._make(
            "venv", f"VENV={tmp_path / 'venv'}", PATH=f"{tmp_path}:/usr/sbin:/usr/bin:/bin",
            PYTHON=str(old),
        )  # fmt: skip
        assert run.returncode != 0
        assert "needs Python 3.11, 3.12 or 3.13" in run.stdout
        assert not (tmp_path / "venv").exists()

    def test_lab_passes_its_arguments_on(self) -> None:
        run = self._make("-n", "lab", "LAB_ARGS=--no-browser --port=9999", "STAMP=Makefile")
        assert "default_url=/lab/tree/exercises/01_medical_images.ipynb" in run.stdout
        assert "--no-browser --port=9999" in run.stdout

    @pytest.mark.parametrize(("ci", "called"), [("true", True), ("", False)])
    def test_packages_of_the_system_are_installed_under_ci_only(
        self, ci: str, called: bool
    ) -> None:
        run = self._make("-n", "test", "STAMP=Makefile", CI=ci)
        assert ("apt-get install" in run.stdout) is called

    def test_ci_calls_the_readmes_test_command(self) -> None:
        script = (ROOT / ".ci" / "run").read_text()
        assert script.rstrip().endswith("exec make test")
        assert "make test" in (ROOT / "README.md").read_text()


def test_floors_are_met_by_the_proven_set() -> None:
    """constraints.txt must hold a fitting version of everything that is asked for."""
    from packaging.requirements import Requirement

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    asked = list(project["dependencies"])
    for extra in project["optional-dependencies"].values():
        asked += extra
    pinned: dict[str, list[Requirement]] = {}
    for line in (ROOT / "constraints.txt").read_text().splitlines():
        if line.strip() and not line.startswith("#"):
            requirement = Requirement(line)
            pinned.setdefault(_normal(requirement.name), []).append(requirement)
    for text in asked:
        requirement = Requirement(text)
        if _normal(requirement.name) == "mlmi-course":
            continue
        pins = pinned[_normal(requirement.name)]
        for minor in (11, 12, 13):
            fitting = [
                pin for pin in pins if pin.marker is None or pin.marker.evaluate(_python(minor))
            ]
            assert len(fitting) == 1, f"{text} on Python 3.{minor}: {fitting}"
            version = next(iter(fitting[0].specifier)).version
            assert requirement.specifier.contains(version), f"{text}, but {fitting[0]} is pinned"


def _python(minor: int) -> dict[str, str]:
    return {"python_version": f"3.{minor}", "python_full_version": f"3.{minor}.9"}


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_what_is_under_version_control_fits() -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("NOT TESTED, this is no clone: the files under version control are unknown")
    listed = subprocess.run(
        ["git", "-C", str(ROOT), "ls-files"], capture_output=True, text=True, check=True
    ).stdout.split("\n")
    files = [ROOT / name for name in listed if name and (ROOT / name).is_file()]
    large = [f"{path.relative_to(ROOT)}" for path in files if path.stat().st_size > 1_500_000]
    assert large == []
    pictures = [
        str(path.relative_to(ROOT))
        for path in files
        if path.suffix == ".ipynb" and re.search(r'"image/(png|svg\+xml)"', path.read_text())
    ]
    assert pictures == []
