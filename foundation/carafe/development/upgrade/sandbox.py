"""Runs a function of a foundation's wheel, without a network.

A program of its own, given to the Python that runs the wheel: it imports nothing of Carafe. It
refuses sockets and further programs, so that an upgrade depends on nothing but the wheel and the
service's tree. It is no jail for hostile code.

    python -I sandbox.py FOLDER MODULE FUNCTION <values.json >result.json
"""

import importlib
import json
import sys

REFUSED = ("socket.", "subprocess.", "os.system", "os.exec", "os.posix_spawn", "os.fork", "pty.")


def refuse(event: str, _arguments: object) -> None:
    """Raise PermissionError where a socket or a program would be used."""
    if event.startswith(REFUSED):
        raise PermissionError(f"an upgrade's code uses no network and no program ({event})")


def run(folder: str, module: str, function: str) -> None:
    """Call a function with the values on standard input, and print its result."""
    values = json.load(sys.stdin)
    output, sys.stdout = sys.stdout, sys.stderr
    sys.dont_write_bytecode = True
    sys.path.insert(0, folder)
    sys.addaudithook(refuse)
    result = getattr(importlib.import_module(module), function)(values)
    json.dump(result, output)


if __name__ == "__main__":
    run(*sys.argv[1:])
