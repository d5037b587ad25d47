"""Start the fork server inside bubblewrap, and ask it for forks."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from mlmi_course.grading.errors import GradingError

# Of the system: programs and libraries, and what tells them where fonts and libraries are.
_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
_ETC = ("ld.so.cache", "ld.so.conf", "ld.so.conf.d", "alternatives", "fonts", "localtime")
_DEVICES = ("null", "zero", "full", "random", "urandom")
_HOME = "/srv/mlmi"
# Of nobody, where an administrator grades: a user without files, and not the usual "nobody".
_SPARE_USER = 64_793
_START_S = 300.0
_MESSAGE = 65536


class NoIsolation(GradingError):
    """This machine cannot give the isolation that was asked for."""


def why_not() -> str | None:
    """Return why submissions cannot be isolated here, or None where they can.

    The walls are built for a moment, the inner ones too: what a kernel or a container allows is
    best found out by trying.
    """
    if not sys.platform.startswith("linux"):
        return "bubblewrap exists on Linux alone"
    if shutil.which("bwrap") is None:
        return "bubblewrap is not installed (apt install bubblewrap)"
    for place in (Path(__file__).resolve(), Path(sys.prefix).resolve()):
        if place.is_relative_to("/tmp"):
            return f"the sandbox covers /tmp, and {place} lies in it: move the course elsewhere"
    return _tried()


@functools.cache
def _tried() -> str | None:
    module = Path(__file__).with_name("namespaces.py")
    trial = f"become({_user_to_become()}); enter_namespaces(); mount_scratch('/tmp', 1)"
    script = f"exec(open({str(module)!r}).read()); {trial}"
    command = [*_walls(()), _python(), "-I", "-c", script]
    try:
        done = subprocess.run(command, capture_output=True, timeout=60, env=_environment())
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"bubblewrap does not start ({error})"
    if done.returncode == 0:
        return None
    said = done.stderr.decode(errors="replace").strip().splitlines() or ["it says nothing"]
    return f"this system does not let bubblewrap work ({said[-1]})"


class Sandbox:
    """The fork server in its sandbox, for all workers of this machine.

    Parameters
    ----------
    modules : sequence of str
        What to import before the first fork.
    hidden : iterable of path
        Files inside mounted folders that no submission may see.
    """

    def __init__(self, modules: Sequence[str], hidden: Iterable[Path] = ()) -> None:
        if reason := why_not():
            raise NoIsolation(reason)
        self._master, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        setup = {
            "control": theirs.fileno(),
            "modules": list(modules),
            "user": _user_to_become(),
        }
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the sandbox
        self._process = subprocess.Popen(
            [
                *_walls(hidden),
                _python(),
                "-m",
                "mlmi_course.grading.sandbox.forkserver",
                json.dumps(setup),
            ],
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=self._log,
            env=_environment(),
            start_new_session=True,  # Ctrl-C is for us; we stop the sandbox
            cwd="/",
        )
        theirs.close()

    @property
    def alive(self) -> bool:
        """Whether the fork server runs."""
        return self._process.poll() is None

    def new_control(self) -> socket.socket:
        """Return a socket for a worker, on which it asks for forks."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            socket.send_fds(self._master, [b"control"], [theirs.fileno()])
        except OSError:
            raise GradingError(f"the sandbox did not start: {self._last_words()}") from None
        finally:
            theirs.close()
        return ours

    def _last_words(self) -> str:
        self._log.seek(0)
        lines = self._log.read().decode(errors="replace").strip().splitlines()
        return lines[-1] if lines else "it says nothing"

    def close(self) -> None:
        """End the fork server and everything inside the sandbox."""
        self._master.close()
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        self._process.wait()
        self._log.close()


def wait_until_ready(control: socket.socket) -> dict[str, int]:
    """Wait for the fork server; return what it weighs.

    Raises
    ------
    GradingError
        If it never comes up.
    """
    control.settimeout(_START_S)
    try:
        message = control.recv(_MESSAGE)
    except OSError:
        message = b""
    if not message:
        raise GradingError("the sandbox did not start")
    control.settimeout(None)
    return json.loads(message)["ready"]


def ask_for_fork(
    control: socket.socket, request: dict[str, Any]
) -> tuple[socket.socket, socket.socket]:
    """Ask for an attempt; return its connection, and its life line: close that, and it ends."""
    connection, their_end = socket.socketpair()
    line, their_line = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    line.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
    descriptors = [their_end.fileno(), their_line.fileno()]
    try:
        socket.send_fds(control, [json.dumps(request).encode()], descriptors)
    finally:
        their_end.close()
        their_line.close()
    return connection, line


def _walls(hidden: Iterable[Path]) -> list[str]:
    """The command line of bubblewrap: what is visible inside, and nothing is writable."""
    command = ["bwrap", "--unshare-pid", "--unshare-ipc", "--unshare-net", "--unshare-uts"]
    if _user_to_become() is None:
        command += ["--unshare-user"]
    else:  # bubblewrap binds what only root may reach; the fork server then stops being root
        command += ["--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    command += ["--new-session", "--hostname", "sandbox", "--proc", "/proc"]
    package = str(_package())
    folders = [*_python_folders(), *map(str, _own_packages())]
    for path in _ways_to([*folders, "/etc/", "/dev/shm/", f"{_HOME}/"]):
        command += ["--perms", "0755", "--dir", path]
    for path in (*_SYSTEM, *(f"/etc/{name}" for name in _ETC)):
        command += ["--ro-bind-try", path, path]
    for name in _DEVICES:
        command += ["--dev-bind", f"/dev/{name}", f"/dev/{name}"]
    command += ["--perms", "1777", "--tmpfs", "/tmp"]  # of the fork server alone
    for path in folders:
        command += ["--ro-bind", path, path]
    command += ["--perms", "0555", "--tmpfs", f"{package}/questions"]
    command += ["--remount-ro", f"{package}/questions"]
    for file in hidden:
        command += ["--ro-bind-try", "/dev/null", str(file)]
    for name in ("cache", "data"):
        command += ["--ro-bind-try", str(_reader_home() / name), f"{_HOME}/{name}"]
    return [*command, "--remount-ro", "/", "--chdir", "/", "--"]


def seen_inside(path: Path) -> str | None:
    """Return the folder through which submissions would see a path, or None."""
    mounted = [*_SYSTEM, *_python_folders(), *map(str, _own_packages())]
    mounted += [str(_reader_home() / name) for name in ("cache", "data")]
    real = path.resolve()
    return next((m for m in mounted if real.is_relative_to(Path(m).resolve())), None)


def _ways_to(paths: Iterable[str]) -> list[str]:
    """Return the folders above some paths, which bubblewrap would close to other users."""
    above = {str(parent) for path in paths for parent in Path(f"{path}_").parents}
    return sorted(folder for folder in above if folder not in ("/", *_SYSTEM))


def _environment() -> dict[str, str]:
    """The environment inside: nothing of the instructor's."""
    return {
        "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
        "HOME": "/tmp/home",
        "TMPDIR": "/tmp",
        "LANG": "C.UTF-8",
        "MLMI_HOME": _HOME,
        "PYTHONPATH": str(_package().parent),
        **QUIET,
    }


#: Settings for every process that runs student code, isolated or not.
QUIET = {
    "CUDA_VISIBLE_DEVICES": "-1",
    "MLMI_STATIC": "1",
    "MPLBACKEND": "Agg",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONHASHSEED": "0",
    "TF_CPP_MIN_LOG_LEVEL": "3",
}


def _user_to_become() -> int | None:
    """Root becomes a user of its own, for whom limits on processes hold; others stay."""
    return _SPARE_USER if os.geteuid() == 0 else None


def _python() -> str:
    return sys.executable


def _package() -> Path:
    import mlmi_course

    return Path(str(mlmi_course.__file__)).resolve().parent


def _own_packages() -> list[Path]:
    """The course's package, and the one that its loaders read the list of real sets from."""
    return [_package(), _package().parent / "data_fetch"]


def _python_folders() -> list[str]:
    """Where this Python and its packages live, unless that is in the system's folders."""
    folders = [sys.base_prefix, sys.prefix, os.path.realpath(sys.base_prefix)]
    folders += [path for path in sys.path if Path(path).name in ("site-packages", "dist-packages")]
    found: list[str] = []
    for folder in folders:
        known = any(Path(folder).is_relative_to(path) for path in ("/usr", *found))
        if not known and Path(folder).is_dir():
            found.append(folder)
    return found


def _reader_home() -> Path:
    from mlmi_course._home import home

    return home()


def files_of(module: str) -> list[Path]:
    """Return the files that hold a unit's questions: not for submissions to see."""
    spec = find_spec(module)
    if spec is None or not spec.origin or spec.origin.startswith(str(_package())):
        return []
    file = Path(spec.origin)
    files = [file, *(file.parent / "__pycache__").glob(f"{file.stem}.*.pyc")]
    for folder in spec.submodule_search_locations or ():
        files += [path for path in Path(folder).rglob("*") if path.is_file()]
    visible = [*map(Path, _python_folders())]
    return [p for p in dict.fromkeys(files) if any(p.is_relative_to(v) for v in visible)]
