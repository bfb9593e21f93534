"""What the clients' tests left, as a table in Markdown.

Usage: table.py FOLDER [GUIDE]. FOLDER holds a row for each test, see counts.py. With a guide its table is written anew, between its two
markers, and only if every test has left a row; without one the table is printed, with the rows there are.
"""

import pathlib
import re
import sys

HERE = pathlib.Path(__file__).parent
BEGIN, END = "<!-- clients: written by tests/run --table -->\n", "<!-- end of clients -->\n"


def main():
    folder = pathlib.Path(sys.argv[1])
    tests = sorted(script.stem for script in HERE.glob("*.sh") if script.stat().st_mode & 0o100)
    # What most people come for, first.
    tests.sort(key=lambda test: not test.startswith("wordpress"))
    lines, missing = ["| client | version | from | calls it made | checks |", "|---|---|---|---|---|"], []
    for test in tests:
        row = folder / f"{test}.tsv"
        if not row.exists():
            missing.append(test)
            continue
        client, version, registry, calls, passed, failed, skipped = row.read_text(encoding="utf-8").rstrip("\n").split("\t")
        checks = [f"{passed} passed"] + [f"**{failed} failed**"] * (failed != "0") + [f"{skipped} skipped"] * (skipped != "0")
        lines.append(f"| {client} | {version} | {registry} | {calls} | {', '.join(checks)} |")
    table = "\n".join(lines) + "\n"
    if len(sys.argv) < 3:
        print(table, end="")
        return
    if missing:
        sys.exit(f"these have left no row, run them first: {' '.join(missing)}")
    guide = pathlib.Path(sys.argv[2])
    text = guide.read_text(encoding="utf-8")
    written, count = re.subn(f"{re.escape(BEGIN)}.*?{re.escape(END)}", lambda _: f"{BEGIN}\n{table}\n{END}", text, flags=re.DOTALL)
    if count != 1:
        sys.exit(f"{guide} must hold the two markers once")
    guide.write_text(written, encoding="utf-8")


main()
