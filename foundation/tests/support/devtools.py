"""A browser in a person's hands: pages are looked at, typed into and clicked on.

Chromium is spoken to through a pair of pipes, in the Chrome DevTools Protocol, so that no other
package is needed: https://chromedevtools.github.io/devtools-protocol/
"""

import base64
import json
import os
import selectors
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO, Any

from carafe.testing.processes import wait_until

from .chromium import OPTIONS, Chromium

ANSWER_SECONDS = 60

# Keys, with the numbers by which browsers know them, and what they write.
KEYS = {"Tab": (9, ""), "Enter": (13, "\r"), " ": (32, " ")}

# With --remote-debugging-pipe, Chromium reads from 3 and writes to 4.
_ON_ITS_PIPES = 'exec "$0" "$@" 3<&"$READ" 4>&"$WRITE"'


@dataclass
class Tab:
    """One page of the browser.

    Attributes:
        complaints: what the page wrote to its console, and what its policy forbade.
    """

    commands: IO[bytes]
    answers: IO[bytes]
    session: str = ""
    complaints: list[str] = field(default_factory=list)
    _number: int = 0
    _unread: bytes = b""

    def ask(self, method: str, **parameters: Any) -> Any:  # noqa: ANN401 - the protocol's
        """Send a command and return its result.

        Raises:
            RuntimeError: the browser refuses it.
            TimeoutError: there is no answer.
        """
        self._number += 1
        session = {"sessionId": self.session} if self.session else {}
        message = {"id": self._number, "method": method, "params": parameters, **session}
        self.commands.write(json.dumps(message).encode() + b"\0")
        self.commands.flush()
        while True:
            said = self._next()
            if said.get("id") == self._number:
                if "error" in said:
                    raise RuntimeError(f"{method}: {said['error']['message']}")
                return said["result"]
            self._note(said)

    def _next(self) -> dict[str, Any]:
        end = time.monotonic() + ANSWER_SECONDS
        with selectors.DefaultSelector() as selector:
            selector.register(self.answers, selectors.EVENT_READ)
            while b"\0" not in self._unread:
                if not selector.select(end - time.monotonic()):
                    raise TimeoutError("the browser does not answer")
                got = os.read(self.answers.fileno(), 1 << 16)
                if not got:
                    raise RuntimeError("the browser has ended")
                self._unread += got
        message, _, self._unread = self._unread.partition(b"\0")
        said: dict[str, Any] = json.loads(message)
        return said

    def _note(self, said: dict[str, Any]) -> None:
        if said["method"] == "Runtime.exceptionThrown":
            self.complaints.append(str(said["params"]["exceptionDetails"]))
        if said["method"] == "Runtime.consoleAPICalled":
            self.complaints.append(str(said["params"]["args"]))
        if said["method"] == "Log.entryAdded":
            self.complaints.append(said["params"]["entry"]["text"])

    def renew(self) -> None:
        """Be another tab of the browser, with an empty page and without complaints."""
        self.ask("Page.close")
        self.session = ""
        self.session = _attached(self)
        self.complaints.clear()

    def open(self, url: str) -> None:
        """Go to a page."""
        for domain in ("Page", "Runtime", "Log"):
            self.ask(f"{domain}.enable")
        self.ask("Page.navigate", url=url)
        self.wait_for("document.readyState === 'complete'")

    def value(self, expression: str) -> Any:  # noqa: ANN401 - any JSON
        """Return what JavaScript makes of an expression on the page."""
        result = self.ask("Runtime.evaluate", expression=expression, returnByValue=True)
        if "exceptionDetails" in result:
            raise RuntimeError(str(result["exceptionDetails"]["exception"]["description"]))
        return result["result"].get("value")

    def wait_for(self, expression: str) -> None:
        """Wait until an expression is true on the page."""
        wait_until(lambda: bool(self.value(f"Boolean({expression})")))

    def press(self, key: str) -> None:
        """Press a key and let it go."""
        number, text = KEYS[key]
        press = {"key": key, "windowsVirtualKeyCode": number}
        self.ask("Input.dispatchKeyEvent", type="keyDown", **press, text=text)
        self.ask("Input.dispatchKeyEvent", type="keyUp", **press)

    def write(self, text: str) -> None:
        """Write into what has the focus."""
        self.ask("Input.insertText", text=text)

    def click(self, selector: str) -> None:
        """Click on the middle of an element."""
        quoted = json.dumps(selector)
        self.value(f"document.querySelector({quoted}).scrollIntoView({{block: 'center'}})")
        x, y = self.value(
            f"(() => {{const {{x, y, width, height}} = document.querySelector({quoted})"
            ".getBoundingClientRect(); return [x + width / 2, y + height / 2]})()"
        )
        for kind in ("mousePressed", "mouseReleased"):
            self.ask("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def show(self, width: int, *, dark: bool = False) -> None:
        """Be so many pixels wide, and light or dark."""
        size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
        self.ask("Emulation.setDeviceMetricsOverride", **size)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.ask("Emulation.setEmulatedMedia", features=[scheme])

    def picture(self) -> bytes:
        """Return the whole page as PNG."""
        taken = self.ask("Page.captureScreenshot", format="png", captureBeyondViewport=True)
        return base64.b64decode(taken["data"])


@contextmanager
def tab(browser: Chromium) -> Iterator[Tab]:
    """Start the browser with an empty page, and end it after the block."""
    read_commands, write_commands = os.pipe()
    read_answers, write_answers = os.pipe()
    with tempfile.TemporaryDirectory(prefix="chromium-") as profile:
        options = [*OPTIONS, f"--user-data-dir={profile}", "--remote-debugging-pipe"]
        child = subprocess.Popen(
            ["/bin/bash", "-c", _ON_ITS_PIPES, str(browser.program), *options, "about:blank"],
            env={
                **os.environ,
                **browser.environment,
                "READ": str(read_commands),
                "WRITE": str(write_answers),
            },
            pass_fds=(read_commands, write_answers),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(read_commands)
        os.close(write_answers)
        with os.fdopen(write_commands, "wb") as commands, os.fdopen(read_answers, "rb") as answers:
            page = Tab(commands, answers)
            try:
                page.session = _attached(page)
                yield page
            finally:
                page.session = ""
                page.ask("Browser.close")
                child.wait(timeout=ANSWER_SECONDS)


def _attached(page: Tab) -> str:
    made = page.ask("Target.createTarget", url="about:blank")
    session: str = page.ask("Target.attachToTarget", targetId=made["targetId"], flatten=True)[
        "sessionId"
    ]
    return session
