"""Odd but honest notebooks: what students do, and Jupyter allows.

Each is written for the fixture unit.  `test_honest.py` runs all of them in a real kernel and
compares; the last column of the table that it makes says what a second pass brought.
"""

from __future__ import annotations

from tests.grading.submitting import IMPORTS, PREDICT, PROGRESS, STRETCH, THOUGHT, TOTAL

_REST = [TOTAL, PREDICT, THOUGHT]
# Needs what a first cell imports.
_SUM = "total = int(np.arange(101).sum())"
_NEEDY = [_SUM, PREDICT, THOUGHT]
_BARE = STRETCH.partition("q.")[0]

HONEST_BUT_ODD: dict[str, list[str]] = {
    "as-it-should-be": [IMPORTS, STRETCH, *_REST, PROGRESS],
    "corrected-later": [
        IMPORTS,
        STRETCH,
        "total = later + 1",
        "later = 1",
        "total = 5050",
        PREDICT,
    ],
    "counted-in-steps": [IMPORTS, "total = 5000", "total += 25; unknown_name", "total += 25"],
    "list-grows": [
        IMPORTS,
        "parts = []",
        "parts.append(2525); parts.append(helper)",
        "helper = 2525",
        "parts.append(helper)\ntotal = sum(parts)",
    ],
    "function-before-its-helper": [IMPORTS, "total = add(5000, 50)", "def add(a, b): return a + b"],
    "drive-mount": [
        "from google.colab import drive\ndrive.mount('/content/drive')\n" + IMPORTS,
        STRETCH,
        *_NEEDY,
    ],
    "chdir": ["import os\nos.chdir('/content/drive/MyDrive/course')\n" + IMPORTS, STRETCH, *_NEEDY],
    "get-ipython-imported": [
        "from IPython import get_ipython\nget_ipython().run_line_magic('matplotlib', 'inline')\n"
        + IMPORTS,
        STRETCH,
        *_NEEDY,
    ],
    "tk-backend": ["import matplotlib\nmatplotlib.use('TkAgg')\n" + IMPORTS, STRETCH, *_NEEDY],
    "missing-package-first": ["import a_package_that_is_not_here\n" + IMPORTS, STRETCH, *_NEEDY],
    "imports-last": [STRETCH, *_NEEDY, IMPORTS],
    "reversed": [PROGRESS, THOUGHT, PREDICT, _SUM, STRETCH, IMPORTS],
    "indented-cells": [
        IMPORTS,
        "    total = 5050",
        "  def predict(images):\n      return (images.mean(axis=(1, 2)) > 0.5) * 1.0",
        STRETCH,
    ],
    "pasted-prompts": [IMPORTS, ">>> a = 5000\n>>> total = a + 50", STRETCH],
    "pasted-ipython-prompts": [IMPORTS, "In [3]: total = 5050", STRETCH],
    "top-level-await": [
        IMPORTS,
        "import asyncio\nawait asyncio.sleep(0)\ntotal = 5050",
        "async def f():\n    return 5050\ntotal = await f()",
    ],
    "task-awaited-later": [
        IMPORTS,
        "import asyncio\nasync def f():\n    return 5050\ntask = asyncio.create_task(f())",
        "total = await task",
    ],
    "async-for": [
        IMPORTS,
        "async def g():\n    for n in range(101):\n        yield n",
        "total = 0\nasync for n in g():\n    total += n",
    ],
    "timeit-n": [IMPORTS, "%timeit -n 2 -r 1 sum(range(10))\ntotal = 5050", STRETCH],
    "timeit-cell": [IMPORTS, "%%timeit -n 1 -r 1\ntotal = 5050", "total = 5050"],
    "time-cell": [IMPORTS, "%%time\ntotal = 5050", "%%time\n" + STRETCH],
    "time-line": [IMPORTS, "%time total = 5050", STRETCH],
    "capture": [IMPORTS, "%%capture said\nprint(5050)", "total = int(said.stdout)"],
    "future-annotations": [
        "from __future__ import annotations\n" + IMPORTS,
        "def helper(x: Undefined) -> Undefined:\n    return x",
        _BARE.replace("(image, greys)", "(image: Array, greys: list[Nope])"),
        "total = helper(5050)",
    ],
    "writefile-then-import": [
        IMPORTS,
        "%%writefile my_helpers.py\nTOTAL = 5050",
        "from my_helpers import TOTAL\ntotal = TOTAL",
    ],
    "shell-makes-a-folder": [
        IMPORTS,
        "!mkdir -p results\n!echo 5050 > results/total.txt",
        "total = int(open('results/total.txt').read())",
    ],
    "shell-output": [IMPORTS, "said = !echo 5050\ntotal = int(said[0])"],
    "bash-cell": [
        IMPORTS,
        "%%bash\necho 5050 > total.txt",
        "total = int(open('total.txt').read())",
    ],
    "environment": [IMPORTS, "%env ANSWER=5050\nimport os\ntotal = int(os.environ['ANSWER'])"],
    "last-output": [IMPORTS, "5050", "total = _"],
    "outputs-by-number": [IMPORTS, "2 * 2525", "total = Out[2]"],
    "star-import": ["from numpy import *\n" + IMPORTS, "total = int(arange(101).sum())", STRETCH],
    "syntax-error-beside": [IMPORTS, "def broken(:\n    pass", STRETCH, TOTAL],
    "unbalanced-parenthesis-in-the-answer": [IMPORTS, "total = sum(range(101)", STRETCH],
    "cell-magic-nobody-knows": [IMPORTS, "%%javascript\nalert(1)", "%%html\n<b>x</b>", TOTAL],
    "unknown-magic": [IMPORTS, "%no_such_magic\nignored = 1", TOTAL],
    "question-mark": [IMPORTS, "sum?", "np.sum??", TOTAL],
    "autoreload": ["%load_ext autoreload\n%autoreload 2\n" + IMPORTS, TOTAL, STRETCH],
    "config-retina": [
        "%matplotlib inline\n%config InlineBackend.figure_format = 'retina'\n" + IMPORTS,
        TOTAL,
    ],
    "figures-closed-after-a-cell": [
        IMPORTS,
        "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()",
        "total = 5050 + len(plt.get_fignums())",
    ],
    "reset": [IMPORTS, "total = 1", "%reset -f", IMPORTS, "total = 5050"],
    "deleted-name": [IMPORTS, "total = 5050", "del total"],
    "class-and-pickle": [
        IMPORTS,
        "import pickle\nclass Sum:\n    def __init__(self): self.value = 5050",
        "total = pickle.loads(pickle.dumps(Sum())).value",
    ],
    "dataclass": [
        IMPORTS,
        "from dataclasses import dataclass\n@dataclass\nclass Sum:\n    value: int = 5050",
        "total = Sum().value",
    ],
    "assertion-fails": [IMPORTS, "total = 5050\nassert total == 1, 'no'", STRETCH],
    "stops-in-the-middle": [IMPORTS, "total = 1\n1 / 0\ntotal = 5050"],
    "system-exit": [IMPORTS, "import sys\nsys.exit()", TOTAL],
    "warnings-as-errors": [
        IMPORTS,
        "import warnings\nwarnings.simplefilter('error')",
        STRETCH,
        TOTAL,
    ],
    "notebook-class-name": [
        IMPORTS,
        "kind = get_ipython().__class__.__name__",
        "total = 5050 if kind == 'ZMQInteractiveShell' else 0",
    ],
    "file-name-of-nothing": [IMPORTS, "total = 5050 if '__file__' not in globals() else 0"],
    "name-is-main": [IMPORTS, "if __name__ == '__main__':\n    total = 5050"],
    "walrus-and-semicolons": [IMPORTS, "(total := 5050); None;", STRETCH],
    "function-redefined-after-the-check": [
        IMPORTS,
        STRETCH,
        "def stretch(image, greys):\n    return image",
    ],
    "global-statement": [IMPORTS, "def find():\n    global total\n    total = 5050\nfind()"],
    "unwritten-helper": [
        IMPORTS,
        "def helper(n):\n    raise NotImplementedError",
        "total = helper(1)",
    ],
    "tabs": [IMPORTS, "def find():\n\treturn 5050\ntotal = find()"],
    "empty-cells": ["", IMPORTS, "   ", "# a comment", TOTAL, ""],
}
