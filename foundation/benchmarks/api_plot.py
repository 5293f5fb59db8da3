"""The API's comparison as bars."""
# mypy: disable-error-code="import-untyped,import-not-found"

from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("svg")  # no window

from matplotlib import pyplot as plt

from .api_report import BARE, COLD, NAMES, WHAT
from .measuring import Results

_COLOURS = {
    "bare": "#9aa5b1",
    "Carafe": "#c2410c",
    "api": "#c2410c",
    "bridge": "#c2410c",
    "Powertools": "#475f7b",
}
_PITCH = len(NAMES) + 1.2


def draw(warm: Results, cold: Results, file: Path) -> None:
    """Write the plot, the same bytes for the same figures."""
    mpl.rcParams["svg.hashsalt"] = "carafe"
    mpl.rcParams["font.family"] = "DejaVu Sans"
    figure, axes = plt.subplots(figsize=(9, 5), layout="constrained")
    groups: list[tuple[str, Results, str, tuple[str, ...]]] = [
        (f"{each}\n{WHAT[each]}", warm, each, NAMES) for each in WHAT
    ]
    groups.append(("cold\nimport and first answer", cold, "cold", tuple(COLD)))
    longest = 0.0
    for group, (_label, results, operation, names) in enumerate(groups):
        for position, name in enumerate(names):
            ratio = results.ratio(operation, name, BARE)
            longest = max(longest, ratio)
            _bar(axes, group * _PITCH + position, name, ratio)
    _describe(axes, [label for label, *_ in groups], longest)
    figure.savefig(file, metadata={"Date": None})
    plt.close(figure)


def _bar(axes: Any, at: float, name: str, ratio: float) -> None:  # noqa: ANN401 - untyped library
    axes.barh(at, ratio, height=0.86, color=_COLOURS[name])
    weight = "bold" if name == "Carafe" else "normal"
    text = f"{COLD.get(name, name) if at >= 2 * _PITCH else name}  {ratio:.2f}"
    axes.text(ratio + 0.03, at, text, va="center", fontsize=9, weight=weight)


def _describe(axes: Any, labels: list[str], longest: float) -> None:  # noqa: ANN401 - the same
    middle = (len(NAMES) - 1) / 2
    axes.set_yticks([group * _PITCH + middle for group in range(len(labels))])
    axes.set_yticklabels(labels, fontsize=9)
    axes.invert_yaxis()
    axes.axvline(1, color="#9aa5b1", linewidth=1, linestyle=":", zorder=0)
    axes.set_xlim(0, longest * 1.5)
    axes.tick_params(length=0)
    axes.set_xlabel("processor time, the bare function = 1; shorter is better")
    axes.set_title("The API: Carafe, a bare function, and Powertools", loc="left")
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
