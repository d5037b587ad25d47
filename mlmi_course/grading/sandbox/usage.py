"""What the processes of an attempt have used so far, read from outside (Linux)."""

from __future__ import annotations

import os
from dataclasses import dataclass


@dataclass(frozen=True)
class Used:
    """Seconds of computing, bytes held, the number of processes, and whether one could run."""

    cpu_s: float
    bytes: int
    processes: int
    ready: bool


def used_by(root: int) -> Used | None:
    """Sum over a process and all below it; None where the system does not tell.

    What ended processes computed counts too, once their parent has buried them.
    """
    if not os.path.isdir("/proc/self/task"):
        return None
    ticks, held, count, ready = 0, 0, 0, False
    waiting = [root]
    while waiting and count < 5_000:
        process = waiting.pop()
        try:
            with open(f"/proc/{process}/stat", "rb") as file:
                # The name stands in parentheses, and may hold anything.
                fields = file.read().rpartition(b")")[2].split()
            own = held_by(process)
            waiting += _children(process)
        except OSError:
            continue
        ticks += sum(int(value) for value in fields[11:15])
        # Running, runnable, or waiting for the disk: not idle of its own will.
        ready = ready or fields[0] in (b"R", b"D")
        held += own
        count += 1
    if not count:
        return None
    seconds = ticks / os.sysconf("SC_CLK_TCK")
    return Used(seconds, held, count, ready)


def held_by(process: int | str) -> int:
    """Bytes of its own that a process holds: private memory, and shared memory that it touched."""
    with open(f"/proc/{process}/status", "rb") as file:
        lines = file.read().splitlines()
    return sum(
        int(line.split()[1]) * 1024 for line in lines if line.startswith((b"RssAnon", b"RssShmem"))
    )


def _children(process: int) -> list[int]:
    found: list[int] = []
    for thread in os.listdir(f"/proc/{process}/task"):
        try:
            with open(f"/proc/{process}/task/{thread}/children", "rb") as file:
                found += [int(child) for child in file.read().split()]
        except OSError:
            continue
    return found
