"""A comparison as bars."""
# mypy: disable-error-code="import-untyped,import-not-found"

from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("svg")  # no window

from matplotlib import pyplot as plt

from .measuring import OPERATIONS, Results
from .report import BY_HAND, LIMIT, NAMES, OURS, WHAT

_COLOURS = {
    LIMIT: "#9aa5b1",
    OURS: "#c2410c",
    BY_HAND: "#c9b8a8",
    "mongoengine": "#475f7b",
    "bunnet": "#7b9cc0",
}
_PITCH = len(NAMES) + 1.4
# Where a bar is cut, so that the others can be told apart.
_LONGEST = 6.0


def draw(results: Results, file: Path) -> None:
    """Write the plot, the same bytes for the same figures."""
    mpl.rcParams["svg.hashsalt"] = "carafe"
    mpl.rcParams["font.family"] = "DejaVu Sans"
    figure, axes = plt.subplots(figsize=(9, 8.6), layout="constrained")
    for group, operation in enumerate(OPERATIONS):
        for position, name in enumerate(NAMES):
            ratio = results.ratio(operation, name, LIMIT)
            _bar(axes, group * _PITCH + position, name, ratio)
    _describe(axes)
    figure.savefig(file, metadata={"Date": None})
    plt.close(figure)


def _bar(axes: Any, at: float, name: str, ratio: float) -> None:  # noqa: ANN401 - untyped library
    cut = ratio > _LONGEST
    shown = min(ratio, _LONGEST)
    axes.barh(at, shown, height=0.86, color=_COLOURS[name])
    label = f"{ratio:.2f}" if not cut else f"{ratio:.1f} (bar is cut)"
    weight = "bold" if name == OURS else "normal"
    axes.text(shown + 0.05, at, f"{name}  {label}", va="center", fontsize=9, weight=weight)


def _describe(axes: Any) -> None:  # noqa: ANN401 - untyped library
    middle = (len(NAMES) - 1) / 2
    axes.set_yticks([group * _PITCH + middle for group in range(len(OPERATIONS))])
    axes.set_yticklabels([f"{each}\n{_folded(WHAT[each])}" for each in OPERATIONS], fontsize=9)
    axes.invert_yaxis()
    axes.axvline(1, color="#9aa5b1", linewidth=1, linestyle=":", zorder=0)
    axes.set_xlim(0, _LONGEST + 1.9)
    axes.set_xticks(range(int(_LONGEST) + 1))
    axes.tick_params(length=0)
    axes.set_xlabel("processor time for one operation, bare pymongo = 1; shorter is better")
    axes.set_title("An order with five lines: Carafe's repository and its peers", loc="left")
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)


def _folded(text: str) -> str:
    return text.replace(", ", ",\n")
