"""The process of an attempt without walls; see :class:`.attempts.PlainAttempt`.

Its settings come as its argument, its end of the connection through its standard input.
"""

from __future__ import annotations

import json
import os
import socket
import sys


def main() -> None:
    """Serve the grader."""
    told = sys.stdin.buffer.read()
    windows = os.name != "posix"
    connection = socket.fromshare(told) if windows else socket.socket(fileno=int(told))  # type: ignore[attr-defined]
    from mlmi_course.grading.sandbox import agent
    from mlmi_course.grading.sandbox.limits import Limits, limit_this_process

    agent.quiet_streams()
    # What libraries map when they are imported later is not the student's.
    mapped = 4 * 2**30
    limit_this_process(Limits(**json.loads(sys.argv[1])), address_space=mapped, own_user=False)
    agent.serve(connection)


if __name__ == "__main__":
    main()
