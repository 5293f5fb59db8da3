"""The real Mermaid, in a real browser: is a diagram right, and how large is its picture?"""

import base64
import hashlib
import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from carafe.development.servers.errors import MissingPart

from .chromium import Chromium
from .http_server import serving
from .nodejs import NPM

VERSION = "12.3.0"
SHA512 = (  # as the npm registry gives it, base64
    "4113TdXeLAsMruJ79OpFL5O8+LTFXhQqZ260rF3tgUmiNAtRm4Uume04I+65PRN6yZ69J4f8rVYWW8zRk65UYw=="
)
SCRIPT = "package/dist/mermaid.min.js"
CACHE = Path(sys.prefix) / "npm"

RENDER_SECONDS = 90

# The picture is asked for last, and served when the results are there: the page has loaded when
# all is drawn, and not before.
PAGE = """<!doctype html><meta charset="utf-8"><body style="margin:0;background:#fff">
<script src="/mermaid.js"></script>
<script>
(async () => {
  const diagrams = %s, results = {};
  mermaid.initialize({startOnLoad: false});
  for (const [position, [name, source]] of Object.entries(diagrams).entries()) {
    try {
      const {svg} = await mermaid.render(`d${position}`, source);
      const place = document.createElement('div');
      place.style.width = 'max-content';
      document.body.append(place);
      place.innerHTML = svg;
      const box = place.querySelector('svg').viewBox.baseVal;
      const text = place.textContent;
      results[name] = {svg, text, width: box.width, height: box.height, error: ''};
    } catch (error) {
      results[name] = {svg: '', text: '', width: 0, height: 0, error: String(error)};
    }
  }
  await fetch('/results', {method: 'POST', body: JSON.stringify(results)});
})();
</script>
<img src="/loaded">
"""


@dataclass(frozen=True)
class Picture:
    """What Mermaid makes of a diagram.

    Attributes:
        svg: the picture; empty if it is wrong.
        text: all that is written in it.
        width: in pixels, unscaled.
        height: in pixels, unscaled.
        error: what Mermaid says is wrong; empty if nothing is.
    """

    svg: str
    text: str
    width: float
    height: float
    error: str


def mermaid_script() -> Path:
    """Return Mermaid's script; fetched by npm once, and held to what was pinned.

    Raises:
        MissingPart: npm failed, or it brought something else.
    """
    script = CACHE / f"mermaid-{VERSION}.min.js"
    if not script.exists():
        with tempfile.TemporaryDirectory() as folder:
            archive = _packed(Path(folder))
            with tarfile.open(archive) as files:
                files.extract(SCRIPT, folder, filter="data")
            CACHE.mkdir(exist_ok=True)
            # Last, and in one step: an interrupted run leaves no half of it.
            shutil.move(f"{folder}/{SCRIPT}", CACHE / "incoming")
            (CACHE / "incoming").replace(script)
    return script


def render(browser: Chromium, script: Path, sources: Mapping[str, str]) -> dict[str, Picture]:
    """Draw diagrams.

    Args:
        browser: in which they are drawn.
        script: Mermaid's.
        sources: the source of each, by name.
    """
    with _served(PAGE % json.dumps(sources).replace("<", "\\u003c"), script) as (url, results):
        browser.open(url, "--window-size=1280,1100")
    return {name: Picture(**values) for name, values in results.items()}


def _packed(folder: Path) -> Path:
    command = [*NPM, "pack", f"mermaid@{VERSION}", "--silent", "--ignore-scripts"]
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    archive = folder / f"mermaid-{VERSION}.tgz"
    if result.returncode != 0 or not archive.exists():
        raise MissingPart(f"npm could not fetch mermaid {VERSION}: is the npm registry reachable?")
    digest = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    if digest != SHA512:
        raise MissingPart(f"npm brought another mermaid {VERSION} than the one that was pinned.")
    return archive


@contextmanager
def _served(page: str, script: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Serve the page on this machine, and take its results."""
    results: dict[str, Any] = {}
    drawn = threading.Event()
    bodies = {"/": ("text/html", page.encode()), "/mermaid.js": ("text/javascript", b"")}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/loaded":
                drawn.wait(RENDER_SECONDS)
            kind, body = bodies.get(self.path, ("text/plain", b""))
            self._answer(kind, script.read_bytes() if self.path == "/mermaid.js" else body)

        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            results.update(json.loads(self.rfile.read(length)))
            drawn.set()
            self._answer("text/plain", b"")

        def _answer(self, kind: str, body: bytes) -> None:
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    with serving(server):
        yield f"http://127.0.0.1:{server.server_address[1]}/", results
