"""Results in; a Markdown table, the same within a document, and plots out."""

from pathlib import Path

from server import Failed

BEGIN, END = "<!-- peers: begin, benches/load/peers/run --write -->", "<!-- peers: end -->"
HEAD = "| filter | checks/s | p50, ms | p99, ms | CPU for a check, us | memory, MB | learns/s | AUC | spam caught at 1 % of ham |"


def number(value: float | None, digits: int = 0) -> str:
    return "–" if value is None else f"{value:.{digits}f}"


def table(results: dict) -> str:
    lines = [HEAD, "|" + "---|" * HEAD.count(" | ") + "---|"]
    for peer in results["peers"]:
        get = peer.get
        cells = [peer["name"], number(get("per_second")), number(get("p50"), 1), number(get("p99"), 1), number(get("cpu_us"))]
        cells += [number(get("memory")), number(get("learns")), number(get("auc"), 4), number(get("recall"), 2)]
        lines.append("| " + " | ".join(cells) + " |")
    lines += [f"\nSkipped: {peer['name']}, for {peer['why']}" for peer in results["skipped"]]
    return "\n".join(lines)


def section(results: dict) -> str:
    r = results
    known = " (the shipped model: it has read other comments of these blogs)" if r["shipped"] else ""
    lines = [
        f"Measured on {r['date']} on {r['cores']} shared cores, {r['connections']} connections, medians of {r['rounds']} rounds of {r['seconds']} seconds, "
        f"in turn. {r['learnt']:,} comments learnt ({r['learnt_spam']:,} of them spam), {r['judged']:,} of {r['judged_blogs']} other blogs judged "
        f"({r['judged_spam']:,} spam){known}. The load is {r['load']:,} comments of the judged blogs: {r['form_bytes']:,} bytes as a form, {r['mail_bytes']:,} as a mail. "
        f"{r['workers']} workers each of rspamd, spamd and uvicorn. {r['versions']}.",
        "",
        table(r),
        "",
        "An even score counts half in AUC. Where more than 1 % of the honest comments have the highest score there is, no spam is above them, and nothing is caught.",
        "",
        "What is not fair, peer by peer:",
        "",
        *(f"- **{peer['name']}**: {peer['unfair']}" for peer in r["peers"]),
        "",
        "![Checks in a second and 99th percentile of each filter](peers-speed.svg)",
        "",
        "![AUC of each filter on blogs that it did not learn](peers-quality.svg)",
    ]
    return "\n".join(lines)


def write(results: dict, document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    if text.count(BEGIN) != 1 or text.count(END) != 1 or text.index(BEGIN) > text.index(END):
        raise Failed(f"{document} needs these two lines, in this order: {BEGIN} and {END}")
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    document.write_text(f"{before}{BEGIN}\n{section(results)}\n{END}{after}", encoding="utf-8")
    plots(results, document.parent)


def plots(results: dict, folder: Path) -> None:
    try:
        import matplotlib

        matplotlib.use("svg")
        from matplotlib import pyplot
    except ImportError as error:
        raise Failed("the table is written; the plots need matplotlib, which could not be installed from PyPI") from error
    # Text stays text: small files, and letters that can be searched. No date, so that the same figures give the same file.
    pyplot.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "phin", "font.family": "sans-serif", "font.size": 11})
    loaded = [peer for peer in results["peers"] if peer.get("per_second")]
    if loaded:
        figure, (left, right) = pyplot.subplots(1, 2, figsize=(11, 0.5 * len(loaded) + 1.2), sharey=True)
        bars(left, loaded, "per_second", "checks in a second (more is better)", 0)
        bars(right, loaded, "p99", "99th percentile, ms (less is better)", 1)
        save(pyplot, figure, folder / "peers-speed.svg")
    judged = results["peers"]
    if judged:
        figure, (left, right) = pyplot.subplots(1, 2, figsize=(11, 0.5 * len(judged) + 1.2), sharey=True)
        bars(left, judged, "auc", "AUC on blogs not learnt (more is better)", 3, log=False)
        bars(right, judged, "recall", "spam caught at 1 % of ham (more is better)", 2, log=False)
        left.set_xlim(0.5, 1.08)
        right.set_xlim(0, 1.1)
        save(pyplot, figure, folder / "peers-quality.svg")


def bars(axes, peers: list[dict], key: str, title: str, digits: int, log: bool = True) -> None:
    names = [peer["name"] for peer in peers]
    values = [peer.get(key) for peer in peers]
    # phin stands out; a peer without a value keeps its line.
    colours = ["#1f5fa8" if name.startswith("phin") else "#9aa5b1" for name in names]
    axes.barh(names, [value or 0 for value in values], color=colours, height=0.65)
    for at, value in enumerate(values):
        text = "none" if value is None else f"{value:,.{digits}f}"
        start = value if value else (1 if log else 0)
        axes.annotate(text, (start, at), xytext=(4, 0), textcoords="offset points", va="center", fontsize=10)
    if log:
        axes.set_xscale("log")
        known = [value for value in values if value]
        if known:
            axes.set_xlim(min(1, min(known)), max(known) * 6)
        title += ", logarithmic"
    axes.set_title(title, fontsize=11, loc="left")
    axes.spines[["top", "right"]].set_visible(False)
    if not axes.yaxis_inverted():
        axes.invert_yaxis()


def save(pyplot, figure, path: Path) -> None:
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None, "Creator": None}, facecolor="white")
    pyplot.close(figure)
    # matplotlib leaves blanks at the ends of lines.
    path.write_text("\n".join(line.rstrip() for line in path.read_text().splitlines()) + "\n")
