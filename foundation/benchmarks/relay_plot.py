"""The relay's comparison as bars."""
# mypy: disable-error-code="import-untyped,import-not-found"

from collections.abc import Mapping
from pathlib import Path

import matplotlib as mpl

mpl.use("svg")  # no window

from matplotlib import pyplot as plt

_NAMES = {
    "limit": "bare pipelined publishing, the limit",
    "relay": "Carafe's relay: load, publish, confirm, remove",
    "one_by_one": "one confirm and one update at a time",
}
_COLOURS = {"limit": "#9aa5b1", "relay": "#c2410c", "one_by_one": "#475f7b"}


def draw(rates: Mapping[str, float], file: Path) -> None:
    """Write the plot, the same bytes for the same figures.

    Args:
        rates: events a second, by way.
        file: to be written.
    """
    mpl.rcParams["svg.hashsalt"] = "carafe"
    mpl.rcParams["font.family"] = "DejaVu Sans"
    figure, axes = plt.subplots(figsize=(9, 2.6), layout="constrained")
    for position, (way, name) in enumerate(_NAMES.items()):
        axes.barh(position, rates[way], height=0.7, color=_COLOURS[way])
        weight = "bold" if way == "relay" else "normal"
        text = f" {rates[way]:,.0f}  {name}"
        axes.text(rates[way], position, text, va="center", fontsize=9, weight=weight)
    axes.invert_yaxis()
    axes.set_yticks([])
    axes.set_xlim(0, max(rates.values()) * 1.6)
    axes.set_xlabel("events a second; longer is better")
    axes.set_title("From pending to confirmed and removed", loc="left")
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    figure.savefig(file, metadata={"Date": None})
    plt.close(figure)
