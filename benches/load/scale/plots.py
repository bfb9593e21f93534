"""Figures in, SVG out: one file for each curve, docs/scale-NAME.svg. Readable on light and on dark pages."""

import os

import matplotlib

matplotlib.use("svg")
from matplotlib import pyplot  # noqa: E402
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter  # noqa: E402

GREY, COLOURS = "#888888", ("#3b82c4", "#d9772b", "#3f9b57")

# For each curve: the horizontal axis, then panels: title, whether its axis is logarithmic, lines of figure and legend.
PLOTS = {
    "sites": ("sites", "sites", [
        ("checks/s, 16 connections", False, [("per_second", "checked only"), ("labelled_per_second", "one label a site")]),
        ("memory, MB", False, [("memory_mb", "checked only"), ("labelled_memory_mb", "one label a site")])]),
    "records": ("records", "stored records", [
        ("checks/s, 16 connections", False, [("per_second", "")]),
        ("memory, MB", False, [("memory_mb", "checks"), ("retrain_memory_mb", "at most in a retrain")]),
        ("folder, MB", True, [("disk_mb", "")]),
        ("ms", True, [("report_ms", "report without id"), ("queue_ms", "queue page"), ("site_queue_ms", "queue page of a site")])]),
    "ledger": ("labels", "labels in the ledger", [
        ("start until ready, s", True, [("killed_s", "after kill -9"), ("stopped_s", "after a stop")]),
        ("memory, MB", False, [("memory_mb", "after the labels came"), ("ready_memory_mb", "when ready")]),
        ("bytes on disk a label", False, [("bytes_each", "")])]),
    "length": ("bytes", "bytes of a comment", [
        ("ms a check, one connection", True, [("ms", "mean"), ("p99_ms", "p99")]),
        ("us a byte", True, [("us_per_byte", "")])]),
    "training": ("rows", "rows", [
        ("seconds", True, [("seconds", "")]),
        ("most memory, MB", False, [("memory_mb", "")])]),
    "undo": ("sites", "sites with labels", [
        ("seconds for an undo", False, [("seconds", "")]),
        ("memory, MB", False, [("memory_mb", "before"), ("most_memory_mb", "at most")])]),
}


def _plain(value, _=None):
    """10000000 as 10M: ticks must not run into each other."""
    for size, sign in ((1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            return f"{value / size:g}{sign}"
    return f"{value:g}"


def draw(name, rows, folder):
    """Draws a curve that has at least two points; where, or nothing."""
    if name not in PLOTS or len(rows) < 2:
        return None
    across, label, panels = PLOTS[name]
    # Text stays text, and the same figures give the same bytes.
    matplotlib.rcParams.update({
        "svg.fonttype": "none", "svg.hashsalt": name, "font.family": "sans-serif", "font.size": 11,
        "text.color": GREY, "axes.labelcolor": GREY, "axes.edgecolor": GREY, "xtick.color": GREY, "ytick.color": GREY,
    })
    figure, axes = pyplot.subplots(1, len(panels), figsize=(4.2 * len(panels), 3.4), squeeze=False, layout="constrained")
    for panel, (title, is_log, lines) in zip(axes[0], panels):
        for (of, legend), colour in zip(lines, COLOURS):
            panel.plot([row[across] for row in rows], [row.get(of, float("nan")) for row in rows], "o-", color=colour, label=legend, lw=1.8, ms=5)
        panel.set_xscale("log")
        if is_log:
            panel.set_yscale("log")
            panel.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5), numticks=10))
        else:
            panel.set_ylim(bottom=0)
        panel.xaxis.set_major_locator(LogLocator(numticks=7))
        for axis in (panel.xaxis, panel.yaxis):
            axis.set_major_formatter(FuncFormatter(_plain))
            axis.set_minor_formatter(NullFormatter())
        panel.set_title(title, fontsize=11)
        panel.set_xlabel(label)
        panel.grid(color=GREY, alpha=0.25)
        panel.spines[["top", "right"]].set_visible(False)
        if any(legend for _, legend in lines):
            panel.legend(frameon=False, fontsize=10)
    path = os.path.join(folder, f"scale-{name}.svg")
    figure.savefig(path, transparent=True, metadata={"Date": None, "Creator": None})
    pyplot.close(figure)
    # The writer leaves spaces at the ends of lines.
    with open(path, encoding="utf-8") as file:
        lines = [line.rstrip() for line in file]
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")
    return path
