"""Every exercise runs where there is no checkout, as on Colab: a wheel, an empty folder, no more.

A sandbox takes away what a checkout would give: its folder is hidden, every other folder is
read-only (the package's too), there is no network, and the home is new.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import sysconfig
import venv
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest

from mlmi_course.building.build import build
from mlmi_course.building.course import Repository, read_course
from tests.conftest import missing

ROOT = Path(__file__).resolve().parents[1]
COURSE = read_course(ROOT)
UNITS = [unit.questions for unit in COURSE.units]

# Runs in the sandbox: executes a notebook and says where the package came from.
RUNNER = """
import sys
import nbclient, nbformat
import mlmi_course
print(mlmi_course.__file__)
notebook = nbformat.read(sys.argv[1], as_version=4)
client = nbclient.NotebookClient(notebook, timeout=600, kernel_name="python3")
client.execute()
nbformat.write(notebook, sys.argv[1])
"""


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment that has the wheel, and of ``.venv`` the other packages alone."""
    folder = tmp_path_factory.mktemp("bare")
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "wheel", "--no-deps", "-w", folder, ROOT], check=True, timeout=900)
    (wheel,) = folder.glob("*.whl")
    venv.create(folder / "venv", with_pip=False, symlinks=True)
    place = folder / "venv" / "lib" / f"python{sys.version_info[0]}.{sys.version_info[1]}"
    place = place / "site-packages"
    subprocess.run([*pip, "install", "--no-deps", "--target", place, wheel], check=True)
    # A path in a .pth file does not bring the .pth files that lie there: the editable
    # installation, which points to the checkout, is not followed.
    others = Path(sysconfig.get_path("purelib")).resolve()
    (place / "others.pth").write_text(f"{others}\n")
    kernel = folder / "venv" / "share" / "jupyter" / "kernels" / "python3"
    kernel.mkdir(parents=True)
    python = folder / "venv" / "bin" / "python"
    command = [str(python), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    (kernel / "kernel.json").write_text(json.dumps({"argv": command, "display_name": "Python 3"}))
    return python


@pytest.fixture
def run(python: Path, tmp_path: Path):
    """Run a notebook in an empty folder of the sandbox; return it, and the package's file."""
    bubblewrap = shutil.which("bwrap")
    if bubblewrap is None:
        missing(
            "bubblewrap", "only a sandbox can hide the checkout; `make system-deps` installs it"
        )
    folder = tmp_path / "empty"
    for name in ("work", "home"):
        (folder / name).mkdir(parents=True)

    def run_(notebook: nbformat.NotebookNode) -> tuple[nbformat.NotebookNode, str]:
        file = folder / "work" / "notebook.ipynb"
        nbformat.write(notebook, file)
        others = Path(sysconfig.get_path("purelib")).resolve()
        command = [
            bubblewrap, "--unshare-net", "--unshare-pid", "--die-with-parent", "--new-session",
            "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc",
            "--tmpfs", "/tmp", "--tmpfs", str(ROOT),
            "--ro-bind", str(others), str(others),
            "--ro-bind", str(python.parents[2]), str(python.parents[2]),
            "--bind", str(folder), str(folder), "--chdir", str(folder / "work"),
            "--clearenv", "--setenv", "PATH", f"{python.parent}:/usr/bin:/bin",
            "--setenv", "HOME", str(folder / "home"), "--setenv", "LANG", "C.UTF-8",
            str(python), "-c", RUNNER, file.name,
        ]  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=1800)
        assert done.returncode == 0, done.stderr[-3000:]
        assert [path.name for path in (folder / "work").iterdir()] == [file.name]
        return nbformat.read(file, as_version=4), done.stdout.splitlines()[0]

    return run_


def _as_colab_saves(text: str) -> nbformat.NotebookNode:
    """A notebook without cell ids and without metadata of its cells."""
    plain = json.loads(text)
    plain["nbformat_minor"] = 0
    plain["metadata"] = {"colab": {"provenance": []}, "kernelspec": {"name": "python3"}}
    plain["metadata"]["kernelspec"]["display_name"] = "Python 3"
    for cell in plain["cells"]:
        cell.pop("id", None)
        cell["metadata"] = {}
    return nbformat.from_dict(plain)


@pytest.mark.parametrize("unit", UNITS)
def test_an_exercise_runs_in_an_empty_folder(run, python: Path, unit: str) -> None:
    published = replace(COURSE, repository=Repository("https://github.com/owner/name", "v1.0.0"))
    name = unit.removeprefix("u")
    built = build(published, published.select([name]))
    before = _as_colab_saves(built.files[f"exercises/{name}.ipynb"])
    notebook, package = run(before)
    assert package.startswith(str(python.parents[1]))

    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert "pip" in code[0].source, "with a repository, the first cell installs on Colab"
    assert code[0].outputs == [], "and elsewhere it does nothing"
    written = [o for cell in code for o in cell.outputs if o.get("name") == "stderr"]
    assert written == []
    table = "".join(output.data["text/plain"] for output in code[-1].outputs)
    assert "Not attempted yet: " in table
