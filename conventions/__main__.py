"""``python -m conventions [--write] [ADDRESS ...]``: compute rows, compare them, store them."""

from __future__ import annotations

import argparse
import sys
import time

from conventions import all_rows
from conventions.stored import installed, problems, read, write


def main() -> int:
    """Say what came out; 1 where something differs and is not written."""
    parser = argparse.ArgumentParser(prog="python -m conventions", description=__doc__)
    parser.add_argument("addresses", nargs="*", help="rows; all of them by default")
    parser.add_argument("--write", action="store_true", help="store what came out")
    arguments = parser.parse_args()
    rows, stored, wrong = all_rows(), read(), 0
    for address in arguments.addresses or rows:
        if address not in rows:
            parser.error(f"there is no row {address}")
        started = time.perf_counter()
        values = rows[address].values()
        print(f"{address}  ({time.perf_counter() - started:.2f} s)")
        for label, value in values.items():
            print(f"    {label}: {value}")
        found = problems(rows[address], stored.get(address), values)
        if found and arguments.write:
            stored[address] = {"versions": installed(rows[address]), "values": values}
        for line in found:
            print(f"  ! {line}")
        wrong += bool(found)
    if arguments.write:
        write({address: stored[address] for address in rows if address in stored})
        print("next: mlmi build")
        return 0
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
