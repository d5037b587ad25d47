"""``python -m conventions.findings [NAME ...]``: run the scripts of ``findings/``.

A script that ends well shows what its header describes.  Date and verdict go into
``findings/verdicts.json``, and from there `mlmi build` writes them into docs/conventions.md.
"""

from __future__ import annotations

import argparse
import datetime
import json
import subprocess
import sys
import time
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[1] / "findings"
AS_DESCRIBED = "as described"


def run(script: Path) -> dict[str, str]:
    """Date and verdict of a script: as described, or the last line that it wrote."""
    done = subprocess.run(["bash", str(script)], capture_output=True, text=True, check=False)
    said = _lines(done.stdout)
    if done.returncode == 0 and said[-1:] == [AS_DESCRIBED]:
        verdict = AS_DESCRIBED
    else:
        verdict = "otherwise: " + ([*said, *_lines(done.stderr)] or ["no word"])[-1]
    return {"date": datetime.date.today().isoformat(), "verdict": verdict}


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def main(folder: Path = FOLDER) -> int:
    """Run them one after the other; 1 where one shows something else."""
    parser = argparse.ArgumentParser(prog="python -m conventions.findings", description=__doc__)
    parser.add_argument("names", nargs="*", help="scripts without .sh; all of them by default")
    wanted = parser.parse_args().names
    file = folder / "verdicts.json"
    scripts = {script.stem: script for script in sorted(folder.glob("*.sh"))}
    if unknown := set(wanted) - scripts.keys():
        parser.error(f"there is no script {', '.join(sorted(unknown))}")
    wrong = 0
    for name in wanted or scripts:
        started = time.perf_counter()
        said = run(scripts[name])
        seconds = time.perf_counter() - started
        print(f"{name}: {said['verdict']} ({seconds:.0f} s)", flush=True)
        wrong += said["verdict"] != AS_DESCRIBED
        # Read anew: another run may have written meanwhile.
        verdicts = json.loads(file.read_text("utf-8")) if file.is_file() else {}
        verdicts[name] = said
        kept = {name: verdicts[name] for name in sorted(verdicts) if name in scripts}
        file.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", "utf-8")
    print("next: mlmi build")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
