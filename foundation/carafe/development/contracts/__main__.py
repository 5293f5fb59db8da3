"""Prints the present contracts of the service in whose folder it runs, as JSON.

`python -m carafe.development.contracts` is how one process asks for those of another tree.
"""

import json

from .commands import present_contracts

if __name__ == "__main__":
    print(json.dumps(present_contracts()))
