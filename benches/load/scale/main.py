#!/usr/bin/env python3
"""The scale curves: which ones in, tables and plots out. `run` beside this file starts it."""

import argparse
import json
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import curves  # noqa: E402
import plots  # noqa: E402
import tables  # noqa: E402
from bench import Bench, say  # noqa: E402
from loadlib.server import ROOT, TARGET, tested_phin  # noqa: E402

FIGURES = os.path.join(TARGET, "scale", "figures.json")


def known():
    """What was measured before, by curve."""
    try:
        with open(FIGURES, encoding="utf-8") as file:
            return json.load(file)
    except FileNotFoundError:
        return {}


def keep(name, rows):
    """A curve is kept as soon as it is measured."""
    os.makedirs(os.path.dirname(FIGURES), exist_ok=True)
    figures = {**known(), name: rows}
    with open(FIGURES, "w", encoding="utf-8") as file:
        json.dump(figures, file, indent=1)


def measure(name, args):
    """Rows of a curve. What was measured before an error counts."""
    say(f"{name}: {curves.ALL[name].__doc__}")
    bench = Bench(os.path.abspath(tested_phin("release")), args.points, args.seconds, args.limit)
    rows, began, error = [], time.monotonic(), None
    try:
        for row in curves.ALL[name](bench):
            say("    " + ", ".join(f"{figure} {value:,.5g}" for figure, value in row.items()))
            rows.append(row)
    except (RuntimeError, OSError) as failure:
        error = failure
        say(f"  {name} broke off: {failure}")
    say(f"  {time.monotonic() - began:.0f} s")
    return rows, error


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("curves", nargs="*", default=["all"], metavar="CURVE", choices=["all", *curves.ALL])
    parser.add_argument("--quick", dest="points", action="store_const", const="quick", default="ordinary",
                        help="small points only, to see that it works")
    parser.add_argument("--large", dest="points", action="store_const", const="large",
                        help="ten million records, labels and rows too")
    parser.add_argument("--seconds", type=int, default=6, help="of each measurement")
    parser.add_argument("--limit", type=int, default=900, help="seconds that a curve may take")
    parser.add_argument("--again", action="store_true", help="the figures of the last run, without measuring")
    parser.add_argument("--write", metavar="FILE", help="a document whose tables are written anew")
    parser.add_argument("--plots", metavar="DIR", help="where plots go: docs/, but with --quick target/scale")
    args = parser.parse_args()
    names = list(curves.ALL) if "all" in args.curves else args.curves
    folder = args.plots or (os.path.dirname(FIGURES) if args.points == "quick" else os.path.join(ROOT, "docs"))
    failed = False
    for name in names:
        if args.again:
            rows = known().get(name, [])
        else:
            rows, error = measure(name, args)
            failed = failed or error is not None
            if rows and args.points != "quick":
                keep(name, rows)
        if not rows:
            continue
        text = tables.table(name, rows)
        drawn = plots.draw(name, rows, folder)
        if drawn:
            text += f"\n\n![{name}]({os.path.basename(drawn)})"
        print(f"\n{text}", flush=True)
        if args.write:
            with open(args.write, encoding="utf-8") as file:
                document = tables.written(file.read(), name, text)
            with open(args.write, "w", encoding="utf-8") as file:
                file.write(document)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
