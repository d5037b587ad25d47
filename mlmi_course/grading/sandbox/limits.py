"""How much a submission may use, of time and of everything else."""

from __future__ import annotations

import contextlib
from dataclasses import asdict, dataclass
from typing import Any

_MB = 2**20


@dataclass(frozen=True)
class Limits:
    """What one attempt at running a submission may use.

    Times are seconds of computing, so that a busy machine does not change a verdict; waiting
    is bounded too, but loosely.

    Attributes
    ----------
    cell_s, call_s : float
        For one cell, and for one question's calls of the answer together.
    total_s : float
        For everything that a submission computes, repeated attempts included.
    memory_mb, disk_mb : int
        What its processes may hold together, and what it may write.
    processes : int
        Processes and threads.
    restarts : int
        How often the cells may be run again after one of them killed the process.
    patience_s : float
        Seconds that may pass without computing, beyond as many as may be computed.
    total_wait_s : float
        Seconds without computing of a whole submission, over all its cells and calls.
    """

    cell_s: float = 150.0
    call_s: float = 10.0
    total_s: float = 900.0
    memory_mb: int = 2048
    disk_mb: int = 256
    processes: int = 100
    restarts: int = 4
    patience_s: float = 30.0
    total_wait_s: float = 300.0

    def to_json(self) -> dict[str, Any]:
        """For another process."""
        return asdict(self)

    def wait_for(self, cpu_s: float) -> float:
        """Seconds of idling that are granted beside so much computing."""
        return cpu_s + self.patience_s


def hard(cpu_s: float) -> float:
    """Seconds of computing after which a process that ignored the first warning is killed."""
    return cpu_s * 1.25 + 1


def limit_this_process(limits: Limits, *, address_space: int, own_user: bool) -> None:
    """Set what the operating system enforces by itself; silently less where it has less.

    Parameters
    ----------
    limits : Limits
    address_space : int
        Bytes that the process has mapped already, code and reserves included.
    own_user : bool
        Whether processes are counted apart from those of the person at the keyboard.
    """
    try:
        import resource
    except ImportError:  # Windows
        return
    # Threads reserve far more address space than they use: memory proper is watched from outside.
    most = address_space + (limits.memory_mb + 1024) * _MB
    wanted = {
        "RLIMIT_CORE": 0,
        "RLIMIT_CPU": int(hard(limits.total_s)) + 1,
        "RLIMIT_AS": most,
        "RLIMIT_FSIZE": limits.disk_mb * _MB,
        "RLIMIT_NOFILE": 512,
    }
    if own_user:
        wanted["RLIMIT_NPROC"] = limits.processes
    for name, value in wanted.items():
        with contextlib.suppress(AttributeError, OSError, ValueError):
            resource.setrlimit(getattr(resource, name), (value, value))
