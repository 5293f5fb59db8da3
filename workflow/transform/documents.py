"""What is not code: README, changelog, memory bank, settings, make targets."""

import re
from pathlib import Path

import jinja2

from .identity import FOUNDATION, Identity

TEMPLATES = Path(__file__).parent / "documents"

REPLACED = {
    "README.md": "README.md.j2",
    "CHANGELOG.md": "CHANGELOG.md.j2",
    "memory-bank/projectbrief.md": "projectbrief.md.j2",
    "memory-bank/productContext.md": "productContext.md.j2",
    "memory-bank/activeContext.md": "activeContext.md.j2",
}

EXAMPLE = "docs/workflow/lending.yaml"
"""A model of its own words, which becomes one of the new service's by its first line."""

# What is measured and rehearsed with the sample is so in its own tree alone.
TOLD_OF_SAMPLE = {
    "docs/operations.md": {
        r"\s\(`make rehearse`\)": "",
        r",\s`make rehearse`\s+against a broker of that version": "",
        r"\n## Cost of a million orders\n(?:(?!## ).*\n)*": "",
    },
    "memory-bank/systemPatterns.md": {r"; `workflow/rehearse/` runs the very package": ""},
    "workflow/deployment/commands.py": {r" and `workflow rehearse`": ""},
}

STEP = re.compile(r"^- \[x\] (?=\d\d - )", re.MULTILINE)
TARGET = re.compile(r"^(?P<name>[a-z][a-z-]*):[^=\n]*\n(?:\t[^\n]*\n)*\n?", re.MULTILINE)


def introduced_readme(files: dict[str, str], new: Identity) -> None:
    """Let the README say whose service this is, and on what it is built."""
    built = f"# {new.name}\n\nA service built on {FOUNDATION}. What {FOUNDATION} is:\n"
    files["README.md"] = re.sub(rf"\A# {FOUNDATION}\n", built, files["README.md"])


def introduced(files: dict[str, str], new: Identity) -> None:
    """Let the package say whose service this is; nothing of it is done yet."""
    package = re.sub(
        r'^name = "[^"]*"$',
        f'name = "{new.context}"',
        files["pyproject.toml"],
        count=1,
        flags=re.MULTILINE,
    )
    package = re.sub(r"\n\[tool\.workflow\]\nname = [^\n]*\n", "", package)
    files["pyproject.toml"] = f'{package.rstrip()}\n\n[tool.workflow]\nname = "{new.name}"\n'
    files["compose.yaml"] = re.sub(
        r"^name: .*$", f"name: {new.context}", files["compose.yaml"], flags=re.MULTILINE
    )
    if EXAMPLE in files:
        files[EXAMPLE] = re.sub(
            r"^context: .*$", f"context: {new.context}", files[EXAMPLE], flags=re.MULTILINE
        )
    progress = files["memory-bank/progress.md"]
    files["memory-bank/progress.md"] = STEP.sub("- [ ] ", progress)


def about_no_sample(files: dict[str, str], new: Identity) -> None:
    """Replace the documents that are about the sample, and drop the settings and targets."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - Markdown; the name is letters, digits and blanks
    )
    for path, template in REPLACED.items():
        files[path] = environment.get_template(template).render(new=new, foundation=FOUNDATION)
    example = files[".env.example"]
    files[".env.example"] = re.sub(
        r"(?:^#[^\n]*\n)*^(# )?PAYMENTS_URL=.*\n\n?", "", example, flags=re.MULTILINE
    )
    settings = "chalicelib/infrastructure/settings.py"
    files[settings] = re.sub(r"^ +payments_url: where.*\n", "", files[settings], flags=re.MULTILINE)
    files["pyproject.toml"] = files["pyproject.toml"].replace(', "benchmarks"]', "]")
    files["Makefile"] = _makefile(files)
    for path, pieces in TOLD_OF_SAMPLE.items():
        for piece, instead in pieces.items():
            files[path] = re.sub(piece, instead, files[path])
    for path in ("workflow/cli.py", "workflow/servers/stack.py", "workflow/servers/__init__.py"):
        files[path] = _without_payments(files[path])


def _makefile(files: dict[str, str]) -> str:
    """Leave out the targets whose folders are gone."""
    text = re.sub(r"^BENCH := .*\n(\t.*\n)*", "", files["Makefile"], flags=re.MULTILINE)
    text = text.replace("and a first order", "and a first event")
    text = text.replace("place a first order", "cause a first event")
    text = text.replace("ONCE=1 ends after the order", "ONCE=1 ends after the event")
    dropped = []

    def kept(target: re.Match[str]) -> str:
        told = re.sub(r"(?<=workflow) (?=rehearse)|(?<=tests)\.|(?<=reliability)\.", "/", target[0])
        folders = re.findall(r"\btests/[a-z_/]+|\bbenchmarks\b|\bworkflow/rehearse\b", told)
        missing = [each for each in folders if not any(path.startswith(each) for path in files)]
        if "$(BENCH)" not in target[0] and (not folders or len(missing) < len(folders)):
            return target[0]
        dropped.append(target["name"])
        return ""

    text = TARGET.sub(kept, text)
    head, phony, rest = text.partition(".PHONY:")
    for name in dropped:
        rest = re.sub(rf"(?<=[ \t]){name}\s?(?=[^:])", "", rest, count=1)
        head = head.replace(f"; make {name} runs it here", "")
    return head + phony + rest


def _without_payments(text: str) -> str:
    text = text.replace("PAYMENTS_URL, TOKEN_ISSUER", "TOKEN_ISSUER")
    text = text.replace("SQS, payment service and", "SQS and")
    return text.replace(", `payments.PaymentService`", "").replace("`aws`, `payments`, ", "`aws`, ")
