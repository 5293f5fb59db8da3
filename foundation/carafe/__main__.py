"""Entry of `python -m carafe`."""

from carafe.development.__main__ import run

if __name__ == "__main__":
    run()
