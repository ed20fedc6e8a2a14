"""The report's figures as SVG for the inside of a page: its own text, ink that follows the page."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # imported where they are used: it takes its time
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK = "#123456"  # stands for the page's own text colour
BAR = "#4477aa"  # reads in grey, and on white and black paper


def score_distribution(totals: Sequence[float], max_score: float, name: str = "scores") -> str:
    """A histogram of points in ten equal steps, with how many are in each written on it."""
    import numpy as np
    from matplotlib.ticker import MaxNLocator

    counts, edges = np.histogram(np.clip(totals, 0, max_score), bins=10, range=(0, max_score or 1))
    steps = [f"{low:g} to {high:g}: {n}" for n, (low, high) in zip(counts, pairwise(edges), strict=True) if n]
    figure, axes = _axes(5.2, 2.1)
    bars = axes.bar(edges[:-1], counts, width=np.diff(edges), align="edge", color=BAR, edgecolor=INK)
    axes.bar_label(bars, [str(n) if n else "" for n in counts], color=INK, padding=2)
    axes.set(xlabel="points so far", ylabel="students", xlim=(0, max_score or 1))
    axes.set_ylim(0, max(1, *counts) * 1.18)
    locator = axes.yaxis.get_major_locator()
    assert isinstance(locator, MaxNLocator)  # as every axis has that nobody gave another one
    locator.set_params(integer=True)
    return _svg(figure, name, "Students by points. " + ("; ".join(steps) or "Nobody yet") + ".")


def points_by_question(labels: Sequence[str], shares: Sequence[float], name: str = "questions") -> str:
    """A bar a question: the share of its automatic points that the class earned."""
    figure, axes = _axes(5.2, 0.6 + 0.21 * len(labels))
    percent = [100 * share for share in shares]
    bars = axes.barh(range(len(labels)), percent, height=0.7, color=BAR, edgecolor=INK)
    axes.bar_label(bars, [f"{share:.0f}" for share in percent], color=INK, padding=3)
    axes.set(xlim=(0, 112), xlabel="points earned, in percent", xticks=range(0, 101, 25))
    axes.set_yticks(range(len(labels)), labels)
    axes.set_ylim(len(labels) - 0.4, -0.6)
    said = "; ".join(f"{label} {share:.0f}" for label, share in zip(labels, percent, strict=True))
    return _svg(figure, name, f"Percent of the automatic points earned by question. {said}.")


def _axes(width: float, height: float) -> tuple[Figure, Axes]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    axes = figure.add_subplot()
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for part in axes.spines.values():
        part.set_color(INK)
    axes.tick_params(colors=INK)
    axes.xaxis.label.set_color(INK)
    axes.yaxis.label.set_color(INK)
    return figure, axes


def _svg(figure: Figure, name: str, alternative: str) -> str:
    """The figure as one <svg> element; `name` keeps its ids apart from another figure's."""
    import matplotlib

    file = io.StringIO()
    with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": name}):
        figure.savefig(file, format="svg", transparent=True, metadata={"Date": None})
    text = file.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"(?s)<metadata>.*?</metadata>", "", text)
    text = re.sub(r'(\bid="|href="#|url\(#)', rf"\g<1>{name}-", text).replace(INK, "currentColor")
    text = re.sub(r' (width|height)="[\d.]+pt"', "", text, count=2)
    return text.replace("<svg", f'<svg role="img" aria-label="{html.escape(alternative)}"', 1).strip()
